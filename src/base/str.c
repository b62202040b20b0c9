/* Text compared, searched and folded by ASCII's rules, whatever the locale. */
#include "ssisminer/base/str.h"

#include "ssisminer/base/utf.h"

#include <string.h>

enum { UTF8_MAX = 4 };
#define BEYOND_UNICODE UINT32_C(0x110000)

Str str_of(const char *text)
{
    return text ? (Str){text, strlen(text)} : (Str){"", 0};
}

char str_fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

int str_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = str_fold(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool str_equal(Str a, Str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool str_equal_fold(Str a, Str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (str_fold(a.at[i]) != str_fold(b.at[i]))
            return false;
    return true;
}

bool str_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool str_same_fold(const char *a, const char *b)
{
    return a == b || (a && b && str_equal_fold(str_of(a), str_of(b)));
}

int str_compare_fold(const char *a, const char *b)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    for (; *a && str_fold(*a) == str_fold(*b); a++, b++)
        ;
    return (unsigned char)str_fold(*a) - (unsigned char)str_fold(*b);
}

bool str_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_begins(Str text, const char *prefix)
{
    if (*prefix == '\0')
        return true;
    if (text.len == 0 || text.at[0] != *prefix)
        return false; // as mostly
    size_t len = strlen(prefix);
    return text.len >= len && memcmp(text.at, prefix, len) == 0;
}

bool str_begins_at(Str text, size_t at, const char *prefix)
{
    return at <= text.len && str_begins((Str){text.at + at, text.len - at}, prefix);
}

bool str_begins_any(Str text, const char *const *prefixes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_begins(text, prefixes[i]))
            return true;
    return false;
}

bool str_ends(const char *text, const char *suffix)
{
    return str_ends_in(str_of(text), suffix);
}

bool str_ends_in(Str text, const char *suffix)
{
    size_t len = strlen(suffix);

    return text.len >= len && memcmp(text.at + text.len - len, suffix, len) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

Str str_trim(Str text)
{
    while (text.len > 0 && is_blank(text.at[0])) {
        text.at++;
        text.len--;
    }
    while (text.len > 0 && is_blank(text.at[text.len - 1]))
        text.len--;
    return text;
}

bool str_is_blank(const char *text)
{
    return str_trim(str_of(text)).len == 0;
}

bool str_split(Str *rest, char at, Str *ret_piece)
{
    if (!rest->at)
        return false;
    const char *cut = rest->len ? memchr(rest->at, at, rest->len) : NULL;
    if (!cut) {
        *ret_piece = *rest;
        *rest = (Str){NULL, 0};
        return true;
    }
    size_t len = (size_t)(cut - rest->at);
    *ret_piece = (Str){rest->at, len};
    *rest = (Str){cut + 1, rest->len - len - 1};
    return true;
}

bool str_to_i64(Str text, int64_t *ret_value)
{
    bool is_negative = text.len > 0 && text.at[0] == '-';
    size_t i = is_negative || (text.len > 0 && text.at[0] == '+') ? 1 : 0;
    int64_t value = 0;

    if (i == text.len)
        return false;
    for (; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        int digit = text.at[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, is_negative ? -digit : digit, &value))
            return false;
    }
    *ret_value = value;
    return true;
}

/* The character at `text`, which is not the end, with its case folded; bytes that are no UTF-8
 * stand for themselves, beyond all characters. */
static uint32_t folded_at(const char *text, size_t *ret_bytes)
{
    unsigned char first = (unsigned char)*text;

    *ret_bytes = 1;
    if (first < 0x80)
        return (unsigned char)str_fold(*text);
    uint32_t point = utf_next(text, strnlen(text, UTF8_MAX), ret_bytes);
    return *ret_bytes == 1 ? BEYOND_UNICODE + (uint32_t)first : utf_fold(point);
}

bool str_glob_is_escape(const char *pattern)
{
    return pattern[0] == '[' && pattern[1] != '\0' && strchr("*?![", pattern[1]) &&
           pattern[2] == ']';
}

/* Whether the pattern's next element is one character, and that of the text. */
static bool element_fits(const char *pattern, const char *text, size_t *ret_pattern_bytes,
                         size_t *ret_text_bytes)
{
    uint32_t point = folded_at(text, ret_text_bytes), wanted;

    *ret_pattern_bytes = 1;
    if (*pattern == '\0' || *pattern == '?')
        return *pattern == '?';
    if (!str_glob_is_escape(pattern)) {
        wanted = folded_at(pattern, ret_pattern_bytes);
    } else {
        wanted = (unsigned char)pattern[1];
        *ret_pattern_bytes = 3;
    }
    return wanted == point;
}

bool str_glob(const char *pattern, const char *text)
{
    const char *star = NULL, *resume = NULL;
    size_t pattern_bytes, text_bytes;

    if (*pattern == '!')
        return !str_glob(pattern + 1, text);
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            resume = text;
        } else if (element_fits(pattern, text, &pattern_bytes, &text_bytes)) {
            pattern += pattern_bytes;
            text += text_bytes;
        } else if (star) {
            pattern = star;
            (void)folded_at(resume, &text_bytes);
            text = resume += text_bytes;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

size_t str_utf8_floor(const char *text, size_t len)
{
    size_t start = len;

    for (int back = 0; back < 4 && start > 0; back++) {
        unsigned char c = (unsigned char)text[--start];
        if (c < 0x80)
            return len;
        if (c >= 0xC0) {
            size_t need = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
            return start + need <= len ? len : start;
        }
    }
    return len;
}

unsigned str_distance(const char *a, const char *b)
{
    enum { MOST = 64 };
    unsigned row[MOST + 1];
    size_t a_len = strlen(a), b_len = strlen(b);

    if (a_len > MOST || b_len > MOST)
        return MOST;
    for (unsigned j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned above = row[j];
            unsigned best = diagonal + (str_fold(a[i - 1]) != str_fold(b[j - 1]));
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[b_len];
}

uint64_t str_hash(uint64_t seed, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < len; i++)
        seed = (seed ^ at[i]) * UINT64_C(1099511628211);
    return seed;
}
