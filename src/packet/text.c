/* UTF-8 from and to the wire's UTF-16LE, with nothing lost either way. */
#include "ssisminer/packet/text.h"

#include <stdbool.h>
#include <string.h>

enum { REPLACEMENT = 0xFFFD };

static bool is_high(uint32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(uint32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* ---- to UTF-8 -------------------------------------------------------------------------------- */

size_t text_put_code(char *to, uint32_t code)
{
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xC0 | code >> 6);
        to[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        to[0] = (char)(0xE0 | code >> 12);
        to[1] = (char)(0x80 | (code >> 6 & 0x3F));
        to[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | code >> 18);
    to[1] = (char)(0x80 | (code >> 12 & 0x3F));
    to[2] = (char)(0x80 | (code >> 6 & 0x3F));
    to[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

static uint32_t unit_at(const uint8_t *bytes, size_t index)
{
    return (uint32_t)bytes[2 * index] | (uint32_t)bytes[2 * index + 1] << 8;
}

Str text_from_utf16le(Arena *arena, const uint8_t *bytes, size_t units)
{
    char *text = arena_alloc(arena, units * 3 + 1);
    size_t len = 0;

    for (size_t i = 0; i < units; i++) {
        uint32_t code = unit_at(bytes, i);
        if (is_high(code) && i + 1 < units && is_low(unit_at(bytes, i + 1))) {
            code = 0x10000 + ((code - 0xD800) << 10) + (unit_at(bytes, i + 1) - 0xDC00);
            i++;
        }
        len += text_put_code(text + len, code);
    }
    text[len] = '\0';
    return (Str){text, len};
}

/* ---- from UTF-8 ------------------------------------------------------------------------------ */

static bool continues(Str text, size_t at, size_t count)
{
    if (at + count >= text.len)
        return false;
    for (size_t i = 1; i <= count; i++)
        if (((uint8_t)text.at[at + i] & 0xC0) != 0x80)
            return false;
    return true;
}

uint32_t text_next(Str text, size_t *at)
{
    static const struct {
        uint8_t mask, lead, more;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 0, 0},
                 {0xE0, 0xC0, 1, 0x80},
                 {0xF0, 0xE0, 2, 0x800},
                 {0xF8, 0xF0, 3, 0x10000}};
    uint8_t first = (uint8_t)text.at[*at];

    for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
        if ((first & forms[f].mask) != forms[f].lead || !continues(text, *at, forms[f].more))
            continue;
        uint32_t code = first & (uint8_t)~forms[f].mask;
        for (size_t i = 1; i <= forms[f].more; i++)
            code = code << 6 | ((uint8_t)text.at[*at + i] & 0x3F);
        if (code < forms[f].least || code > 0x10FFFF)
            break;
        *at += (size_t)forms[f].more + 1;
        return code;
    }
    *at += 1;
    return REPLACEMENT;
}

static size_t put_units(uint8_t *to, uint32_t code)
{
    uint32_t low = code;
    size_t count = 0;

    if (code >= 0x10000) {
        uint32_t high = 0xD800 + ((code - 0x10000) >> 10);
        low = 0xDC00 + ((code - 0x10000) & 0x3FF);
        to[0] = (uint8_t)high;
        to[1] = (uint8_t)(high >> 8);
        count = 1;
    }
    to[2 * count] = (uint8_t)low;
    to[2 * count + 1] = (uint8_t)(low >> 8);
    return count + 1;
}

size_t text_put_utf16le(Buf *buf, Str text)
{
    /* No UTF-8 text has more units than bytes. */
    uint8_t *to = (uint8_t *)buf_room(buf, text.len * 2);
    size_t units = 0;

    if (!to)
        return 0;
    for (size_t at = 0; at < text.len;) {
        if ((uint8_t)text.at[at] < 0x80) {
            to[2 * units] = (uint8_t)text.at[at++];
            to[2 * units++ + 1] = 0;
        } else {
            units += put_units(to + 2 * units, text_next(text, &at));
        }
    }
    buf_added(buf, units * 2);
    return units;
}

size_t text_units(Str text)
{
    size_t units = 0;

    for (size_t at = 0; at < text.len;)
        units += text_next(text, &at) >= 0x10000 ? 2 : 1;
    return units;
}

Str text_cut(Str text, size_t units)
{
    size_t at = 0, used = 0;

    while (at < text.len) {
        size_t next = at;
        used += text_next(text, &next) >= 0x10000 ? 2 : 1;
        if (used > units)
            break;
        at = next;
    }
    return (Str){text.at, at};
}
