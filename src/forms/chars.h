/* Looking at characters of a piece of text, '\0' beyond its end; ASCII. */
#ifndef SSISMINER_FORMS_CHARS_INTERNAL_H
#define SSISMINER_FORMS_CHARS_INTERNAL_H

#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <string.h>

static inline char char_at(Str text, size_t at)
{
    return at < text.len ? text.at[at] : '\0';
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Is `c` one of the marks? Not so the end. */
static inline bool is_one_of(char c, const char *marks)
{
    return c != '\0' && strchr(marks, c) != NULL;
}

static inline size_t digits_from(Str text, size_t at)
{
    size_t end = at;

    while (is_digit(char_at(text, end)))
        end++;
    return end - at;
}

static inline Str str_from(Str text, size_t at)
{
    return at < text.len ? (Str){text.at + at, text.len - at} : (Str){text.at + text.len, 0};
}

static inline Str str_to(Str text, size_t len)
{
    return (Str){text.at, len < text.len ? len : text.len};
}

/* `what` is a literal. */
#define STARTS(text, what)                                                                         \
    ((text).len >= sizeof(what) - 1 && memcmp((text).at, (what), sizeof(what) - 1) == 0)
#define STARTS_FOLD(text, what)                                                                    \
    ((text).len >= sizeof(what) - 1 &&                                                             \
     str_equal_fold((Str){(text).at, sizeof(what) - 1}, (Str){(what), sizeof(what) - 1}))

static inline bool holds(Str text, const char *what)
{
    return text.len > 0 && memmem(text.at, text.len, what, strlen(what)) != NULL;
}

#endif
