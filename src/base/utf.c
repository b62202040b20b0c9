/* UTF-16 of the wire to UTF-8 and back, with what is broken made valid. */
#include "ssisminer/base/utf.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { REPLACEMENT = 0xFFFD };

/* Copies the ASCII units at the start, eight at a time; returns how many. The rest, up to
 * seven more, is left to the caller's loop. */
static size_t copy_ascii(const uint16_t *units, size_t count, char *to)
{
    size_t done = 0;

#ifdef __SSE2__
    const __m128i above_ascii = _mm_set1_epi16((short)0xFF80);
    for (; count - done >= 8; done += 8) {
        __m128i eight = _mm_loadu_si128((const void *)(units + done));
        __m128i high = _mm_and_si128(eight, above_ascii);
        if (_mm_movemask_epi8(_mm_cmpeq_epi16(high, _mm_setzero_si128())) != 0xFFFF)
            break;
        _mm_storel_epi64((void *)(to + done), _mm_packus_epi16(eight, eight));
    }
#endif
    while (done < count && units[done] < 0x80) {
        to[done] = (char)units[done];
        done++;
    }
    return done;
}

static size_t encode(uint32_t point, char *to)
{
    if (point < 0x80) {
        to[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        to[0] = (char)(0xC0 | point >> 6);
        to[1] = (char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        to[0] = (char)(0xE0 | point >> 12);
        to[1] = (char)(0x80 | (point >> 6 & 0x3F));
        to[2] = (char)(0x80 | (point & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | point >> 18);
    to[1] = (char)(0x80 | (point >> 12 & 0x3F));
    to[2] = (char)(0x80 | (point >> 6 & 0x3F));
    to[3] = (char)(0x80 | (point & 0x3F));
    return 4;
}

/* One code point of UTF-16; count > 0. */
static uint32_t next_utf16(const uint16_t *units, size_t count, size_t *ret_units)
{
    uint32_t first = units[0];

    *ret_units = 1;
    if (first < 0xD800 || first > 0xDFFF)
        return first;
    if (first > 0xDBFF || count < 2 || units[1] < 0xDC00 || units[1] > 0xDFFF)
        return REPLACEMENT;
    *ret_units = 2;
    return 0x10000 + ((first - 0xD800) << 10) + (units[1] - UINT32_C(0xDC00));
}

size_t utf_from_utf16(const uint16_t *units, size_t count, char *ret_text)
{
    size_t at = 0, put = 0;

    while (at < count) {
        size_t used = copy_ascii(units + at, count - at, ret_text + put);
        at += used;
        put += used;
        // stay here while the text is not ASCII: copy_ascii costs a load each time
        while (at < count && units[at] >= 0x80) {
            put += encode(next_utf16(units + at, count - at, &used), ret_text + put);
            at += used;
        }
    }
    return put;
}

/* Two bytes a unit, the high one first or last. */
static size_t from_pairs(const unsigned char *bytes, size_t len, bool is_high_first, char *ret_text)
{
    size_t put = 0, used = 0;

    for (size_t at = 0; at + 1 < len; at += 2 * used) {
        uint16_t units[2] = {0};
        size_t count = len - at < 4 ? 1 : 2;
        for (size_t i = 0; i < count; i++) {
            unsigned first = bytes[at + 2 * i], second = bytes[at + 2 * i + 1];
            units[i] = (uint16_t)(is_high_first ? first << 8 | second : second << 8 | first);
        }
        put += encode(next_utf16(units, count, &used), ret_text + put);
    }
    return put;
}

size_t utf_from_file(const char *bytes, size_t len, char *ret_text)
{
    const unsigned char *at = (const unsigned char *)bytes;
    size_t mark = len >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;

    if (len >= 2 && (memcmp(at, "\xFF\xFE", 2) == 0 || memcmp(at, "\xFE\xFF", 2) == 0))
        return from_pairs(at + 2, len - 2, at[0] == 0xFE, ret_text);
    if (len > mark)
        (void)memcpy(ret_text, bytes + mark, len - mark);
    return len - mark;
}

/* Length and smallest code point of a sequence by its first byte; 0 when it starts none. */
static size_t sequence_length(unsigned char first, uint32_t *ret_smallest)
{
    if (first >= 0xC2 && first <= 0xDF) {
        *ret_smallest = 0x80;
        return 2;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        *ret_smallest = 0x800;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        *ret_smallest = 0x10000;
        return 4;
    }
    return 0;
}

uint32_t utf_next(const char *text, size_t len, size_t *ret_bytes)
{
    unsigned char first = (unsigned char)text[0];
    uint32_t smallest = 0;

    *ret_bytes = 1;
    if (first < 0x80)
        return first;
    size_t need = sequence_length(first, &smallest);
    if (need == 0 || need > len)
        return REPLACEMENT;

    uint32_t point = first & (0x7Fu >> need);
    for (size_t i = 1; i < need; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c & 0xC0) != 0x80)
            return REPLACEMENT;
        point = point << 6 | (c & 0x3Fu);
    }
    if (point < smallest || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
        return REPLACEMENT;
    *ret_bytes = need;
    return point;
}

size_t utf_show_nuls(char *text, size_t len)
{
    static const char picture[] = "\xE2\x90\x80";
    size_t nuls = 0;

    for (const char *at = text; (at = memchr(at, '\0', len - (size_t)(at - text))) != NULL; at++)
        nuls++;
    size_t whole = len + 2 * nuls;
    for (size_t from = len, to = whole; from < to;) {
        if (text[--from] != '\0') {
            text[--to] = text[from];
            continue;
        }
        to -= 3;
        memcpy(text + to, picture, 3);
    }
    return whole;
}

size_t utf_to_utf16(const char *text, size_t len, uint16_t *ret_units)
{
    size_t put = 0;

    for (size_t at = 0, used; at < len; at += used) {
        uint32_t point = utf_next(text + at, len - at, &used);
        if (point < 0x10000) {
            ret_units[put++] = (uint16_t)point;
        } else {
            ret_units[put++] = (uint16_t)(0xD800 + ((point - 0x10000) >> 10));
            ret_units[put++] = (uint16_t)(0xDC00 + ((point - 0x10000) & 0x3FF));
        }
    }
    return put;
}

void utf_put_valid(Buf *buf, const char *text, size_t len)
{
    char bytes[4];
    size_t used, start = 0, at = 0;

    for (; at < len; at += used) {
        uint32_t point = utf_next(text + at, len - at, &used);
        if (point != REPLACEMENT || used == 3)
            continue; // U+FFFD itself has three bytes
        buf_put(buf, text + start, at - start);
        buf_put(buf, bytes, encode(REPLACEMENT, bytes));
        start = at + 1;
    }
    buf_put(buf, text + start, at - start);
}

void utf_put_point(Buf *buf, uint32_t point)
{
    if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000) || point == 0)
        point = 0xFFFD;
    if (point < 0x80) {
        buf_putc(buf, (char)point);
        return;
    }
    if (point >= 0x10000) {
        buf_putc(buf, (char)(0xF0 | point >> 18));
        buf_putc(buf, (char)(0x80 | (point >> 12 & 0x3F)));
    } else if (point >= 0x800) {
        buf_putc(buf, (char)(0xE0 | point >> 12));
    }
    buf_putc(buf, (char)(point >= 0x800 ? 0x80 | (point >> 6 & 0x3F) : 0xC0 | point >> 6));
    buf_putc(buf, (char)(0x80 | (point & 0x3F)));
}
