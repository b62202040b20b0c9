/* Text as the sandbox alone needs it: code page 1252 from clients. */
#ifndef LOOPBACK_TEXT_H
#define LOOPBACK_TEXT_H

#include "ssisminer/packet/text.h"

Str text_from_cp1252(Arena *arena, const uint8_t *bytes, size_t len);
size_t text_put_cp1252(Buf *buf, Str text); // bytes; what the page has not got is ?

#endif
