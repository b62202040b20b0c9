/*
 * A stream of bytes as lines of UTF-8: byte order marks, UTF-16, Windows' pages and CR LF are seen
 * through. What is no UTF-8 is read in the page that its first such bytes are taken for, unless an
 * encoding is named; a character that is none becomes U+FFFD.
 *
 * Ownership: a line lives until the next call. Limits: lines over `line_max` bytes are cut.
 */
#ifndef SSISMINER_SCAN_SOURCE_H
#define SSISMINER_SCAN_SOURCE_H

#include "ssisminer/base/err.h"
#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <stdio.h>

typedef enum Encoding {
    ENCODING_UNKNOWN,
    ENCODING_UTF8,
    ENCODING_UTF16LE,
    ENCODING_UTF16BE,
    ENCODING_OTHER // through iconv
} Encoding;

/* Bytes, at most `len`; ret_got is 0 at the end. */
typedef Rc SourceRead(void *context, void *into, size_t len, size_t *ret_got, Err *err);

enum { SOURCE_HEAD = 512 };

typedef struct Source { // made by source_start
    SourceRead *read;
    void *context;
    unsigned char head[SOURCE_HEAD]; // bytes that were looked at before anything was decoded
    size_t head_len, head_at;
    size_t line_max;
    Encoding encoding;
    char *text; // decoded and not yet given out: text[start … end)
    size_t start, end, size;
    void *converter;       // an iconv_t, of ENCODING_OTHER
    size_t wide_count;     // characters of UTF-8 outside ASCII so far
    unsigned char held[8]; // bytes of a character that is not whole yet
    size_t held_count;
    size_t line; // number of the line last given out, from 1
    bool is_cut; // that line was longer than line_max
    bool is_at_end;
    bool is_skipping; // the rest of a line that was cut
} Source;

void source_start(Source *source, FILE *stream, size_t line_max);
void source_start_from(Source *source, SourceRead *read, void *context, size_t line_max);
void source_done(Source *source);

/* The first bytes as they are; before anything else is read. */
Rc source_look(Source *source, const unsigned char **ret_bytes, size_t *ret_len,
               Err *err) MUST_CHECK;
/* Bytes as they are, what was looked at first: a SourceRead whose context is a Source. */
Rc source_raw(void *source, void *into, size_t len, size_t *ret_got, Err *err) MUST_CHECK;

/* The encoding by a name that iconv knows; RC_USAGE if it does not. */
Rc source_set_encoding(Source *source, const char *name, Err *err) MUST_CHECK;

/* What comes next, without taking it: at least the first `want` bytes, if there are so many. */
Rc source_peek(Source *source, size_t want, Str *ret_text, Err *err) MUST_CHECK;

/* Gives up what was peeked at: bytes that end with a line, and how many lines they are. */
void source_take(Source *source, size_t bytes, size_t lines);

/* The next line without its end, writable; ret_has false after the last. */
Rc source_line(Source *source, char **ret_text, size_t *ret_len, bool *ret_has,
               Err *err) MUST_CHECK;

/* All that is left, writable. ret_fits is false when it is more than `max` bytes. */
Rc source_rest(Source *source, size_t max, char **ret_text, size_t *ret_len, bool *ret_fits,
               Err *err) MUST_CHECK;

#endif
