/*
 * Text between UTF-8 and the wire's UTF-16LE.
 *
 * Unlike base/utf.h nothing is lost either way: an unpaired surrogate, which SQL Server stores
 * without complaint, is kept as the three bytes ED A0..BF 80..BF and goes out as the unit it was.
 */
#ifndef SSISMINER_PACKET_TEXT_H
#define SSISMINER_PACKET_TEXT_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/base/str.h"

#include <stddef.h>
#include <stdint.h>

Str text_from_utf16le(Arena *arena, const uint8_t *bytes, size_t units); // NUL-terminated too

/* Appends; returns the number of units. Bytes that are no UTF-8 become U+FFFD, one each. */
size_t text_put_utf16le(Buf *buf, Str text);
size_t text_units(Str text); // what text_put_utf16le would write

Str text_cut(Str text, size_t units); // the longest start of whole characters that fits

/* A code point as UTF-8, surrogates as well: 1 to 4 bytes, whose number is returned. */
size_t text_put_code(char *to, uint32_t code);
/* The code point at *at, which moves behind it. */
uint32_t text_next(Str text, size_t *at);

#endif
