/*
 * Any pattern on any text gives the answer of a plain matcher over code points, which tries every
 * length that a star may have; and names are the same in whatever case they are given.
 *
 * Input: pattern NUL text.
 */
#include "fuzz.h"

#include "ssisminer/base/utf.h"

enum { MOST = 60, STAR = 0x7FFFFFFE, ANY = 0x7FFFFFFF };

/* Folded; bytes that are no UTF-8 are themselves, beyond Unicode. */
static size_t points_of(const char *text, bool is_pattern, uint32_t *ret_points)
{
    size_t count = 0, used;

    for (; *text && count < MOST; text += used) {
        uint32_t point = utf_next(text, strlen(text), &used);
        bool is_escape =
            is_pattern && text[0] == '[' && text[1] && strchr("*?![", text[1]) && text[2] == ']';
        if (is_escape) {
            ret_points[count++] = (uint32_t)text[1];
            used = 3;
        } else if (is_pattern && (*text == '*' || *text == '?')) {
            ret_points[count++] = *text == '*' ? STAR : ANY;
        } else {
            bool is_byte = used == 1 && (unsigned char)*text >= 0x80;
            ret_points[count++] =
                is_byte ? UINT32_C(0x110000) + (unsigned char)*text : utf_fold(point);
        }
    }
    return count;
}

/* fits[p][t]: the pattern from p on is the text from t on. */
static bool plain_match(const uint32_t *pattern, size_t pattern_count, const uint32_t *text,
                        size_t text_count)
{
    static bool fits[MOST + 2][MOST + 2];

    for (size_t p = pattern_count + 1; p-- > 0;)
        for (size_t t = text_count + 1; t-- > 0;) {
            if (p == pattern_count)
                fits[p][t] = t == text_count;
            else if (pattern[p] == STAR)
                fits[p][t] = fits[p + 1][t] || (t < text_count && fits[p][t + 1]);
            else
                fits[p][t] = t < text_count && (pattern[p] == ANY || pattern[p] == text[t]) &&
                             fits[p + 1][t + 1];
        }
    return fits[0][0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    Input input = {data, size};
    const char *pattern = take_text(&input, &arena), *text = take_text(&input, &arena);
    uint32_t points[MOST + 1], text_points[MOST + 1];
    size_t negations = strspn(pattern, "!");

    if (strlen(pattern) > MOST || strlen(text) > MOST)
        return 0;
    size_t count = points_of(pattern + negations, true, points);
    size_t text_count = points_of(text, false, text_points);
    bool expected = plain_match(points, count, text_points, text_count);
    must(str_glob(pattern, text) == (negations % 2 ? !expected : expected));
    return 0;
}
