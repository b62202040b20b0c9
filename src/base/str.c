#include "ssisminer/base/str.h"

#include <string.h>

Str str_of(const char *text)
{
    return text ? (Str){text, strlen(text)} : (Str){"", 0};
}

char str_fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
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

bool str_ends(const char *text, const char *suffix)
{
    size_t have = strlen(text), want = strlen(suffix);

    return have >= want && strcmp(text + have - want, suffix) == 0;
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

/* Past the character at `text`, which is not the end. */
static const char *after_character(const char *text)
{
    do
        text++;
    while (((unsigned char)*text & 0xC0) == 0x80);
    return text;
}

bool str_glob(const char *pattern, const char *text)
{
    if (*pattern == '!')
        return !str_glob(pattern + 1, text);

    const char *star = NULL, *resume = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            resume = text;
        } else if (*pattern == '?') {
            pattern++;
            text = after_character(text);
        } else if (*pattern && str_fold(*pattern) == str_fold(*text)) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = resume = after_character(resume);
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
