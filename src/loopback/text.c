/* Code page 1252, for clients and columns that are not Unicode. */
#include "types.h"

#include <stdbool.h>

/* 0x80 to 0x9F; the five holes keep their own number, as Windows does. */
static const uint16_t high[32] = {0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                  0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
                                  0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                  0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

Str text_from_cp1252(Arena *arena, const uint8_t *bytes, size_t len)
{
    char *text = arena_alloc(arena, len * 3 + 1);
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        bool is_special = bytes[i] >= 0x80 && bytes[i] <= 0x9F;
        used += text_put_code(text + used, is_special ? high[bytes[i] - 0x80] : bytes[i]);
    }
    text[used] = '\0';
    return (Str){text, used};
}

static char cp1252_of(uint32_t code)
{
    if (code < 0x80 || (code >= 0xA0 && code <= 0xFF))
        return (char)code;
    for (size_t i = 0; i < sizeof(high) / sizeof(high[0]); i++)
        if (high[i] == code)
            return (char)(0x80 + i);
    return '?';
}

size_t text_put_cp1252(Buf *buf, Str text)
{
    size_t count = 0;

    for (size_t at = 0; at < text.len; count++)
        buf_putc(buf, cp1252_of(text_next(text, &at)));
    return count;
}
