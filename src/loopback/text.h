/* Text as the sandbox alone needs it: code page 1252 from clients, JSON for its record. */
#ifndef LOOPBACK_TEXT_H
#define LOOPBACK_TEXT_H

#include "ssisminer/packet/text.h"

Str text_from_cp1252(Arena *arena, const uint8_t *bytes, size_t len);
size_t text_put_cp1252(Buf *buf, Str text); // bytes; what the page has not got is ?

/* Appends a JSON string with its quotes; unpaired surrogates as \uD800 escapes. */
void text_put_json(Buf *buf, Str text);

#endif
