/* Characters of a line, for those that look at how it is written. */
#ifndef SSISMINER_DIAGNOSE_CHARS_H
#define SSISMINER_DIAGNOSE_CHARS_H

#include "words.h"

#include "ssisminer/base/err.h"
#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define STARTS_ANY(line, pieces) str_begins_any((line), (pieces), ARRAY_LEN(pieces))

static inline Str from(Str text, size_t at)
{
    return at < text.len ? (Str){text.at + at, text.len - at} : (Str){text.at + text.len, 0};
}

static inline bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c);
}

static inline bool is_of_name(char c)
{
    return text_is_letter(c) || text_is_digit(c) || c == '_';
}

static inline size_t digits_at(Str text, size_t at)
{
    size_t count = 0;

    while (text_is_digit(text_char(text, at + count)))
        count++;
    return count;
}

static inline size_t blanks_at(Str text, size_t at)
{
    size_t count = 0;

    while (at + count < text.len && (text.at[at + count] == ' ' || text.at[at + count] == '\t'))
        count++;
    return count;
}

/* Letters, digits and what stands between the parts of a name. */
static inline size_t name_at(Str text, size_t at)
{
    size_t count = 0;

    while (is_of_name(text_char(text, at + count)))
        count++;
    return count;
}

static inline size_t back_over(Str line, size_t at, const char *set)
{
    while (at > 0 && is_one_of(line.at[at - 1], set))
        at--;
    return at;
}

static inline bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

#endif
