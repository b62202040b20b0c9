/* UTF-16 from the wire to UTF-8, and back for what is bound. */
#ifndef SSISMINER_BASE_UTF_H
#define SSISMINER_BASE_UTF_H

#include "ssisminer/base/buf.h"
#include "ssisminer/base/str.h"

#include <stddef.h>
#include <stdint.h>

/* Bytes that utf_from_utf16 writes at most. */
#define UTF_FROM_UTF16_MAX(units) ((units)*3)

/* Converts native-endian units; an unpaired surrogate becomes U+FFFD. ret_text is not
 * terminated. Returns the bytes written. Runs of ASCII go through SSE2 where there is one. */
size_t utf_from_utf16(const uint16_t *units, size_t count, char *ret_text);

/* Text of a file as programs of Windows write it too: UTF-8 with or without its mark, UTF-16 with
 * one. ret_text, of UTF_FROM_FILE_MAX bytes, is not terminated. Returns the bytes written. */
#define UTF_FROM_FILE_MAX(len) ((len) + (len) / 2)
size_t utf_from_file(const char *bytes, size_t len, char *ret_text);

/* U+0000 becomes U+2400, its picture, for texts that are to end at a NUL. What came of UTF-16 has
 * room for that where it lies. Returns the new length. */
size_t utf_show_nuls(char *text, size_t len);

/* Units written, at most `len`; invalid UTF-8 becomes U+FFFD. ret_units holds len units. */
size_t utf_to_utf16(const char *text, size_t len, uint16_t *ret_units);

/* Next code point of UTF-8 text; U+FFFD for what is not, one byte on. len > 0. */
uint32_t utf_next(const char *text, size_t len, size_t *ret_bytes);

/* The small letter of a Latin, Greek or Cyrillic capital, as those collations of SQL Server fold
 * case; any other character itself. */
uint32_t utf_fold(uint32_t point);
/* The one collation of the catalog's texts: folded case, then the code points, blanks at the end
 * ignored. <0, 0, >0. */
int utf_compare(Str a, Str b);

/* Appends the character; U+FFFD for what is none. */
void utf_put_point(Buf *buf, uint32_t point);

/* Appends the text with every invalid sequence replaced by U+FFFD. */
void utf_put_valid(Buf *buf, const char *text, size_t len);

#endif
