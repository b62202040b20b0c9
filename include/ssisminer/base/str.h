/*
 * Plain text: comparing, looking, folding. ASCII rules throughout, so that no
 * locale changes what the program finds; UTF-8 passes through unharmed.
 */
#ifndef SSISMINER_BASE_STR_H
#define SSISMINER_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A piece of somebody else's text; not NUL-terminated. */
typedef struct Str {
    const char *at;
    size_t len;
} Str;

#define STR_FMT(str) (int)(str).len, (str).at // for "%.*s"

Str str_of(const char *text); // NULL gives the empty piece
bool str_equal(Str a, Str b);
bool str_equal_fold(Str a, Str b);           // ASCII letters alike in either case
bool str_same(const char *a, const char *b); // NULL equals only NULL
bool str_same_fold(const char *a, const char *b);
int str_compare_fold(const char *a, const char *b); // for qsort; NULL first
bool str_starts(const char *text, const char *prefix);
bool str_begins(Str text, const char *prefix);
bool str_begins_at(Str text, size_t at, const char *prefix); // beyond the end: no
bool str_begins_any(Str text, const char *const *prefixes, size_t count);
bool str_ends(const char *text, const char *suffix);
bool str_ends_in(Str text, const char *suffix);
Str str_trim(Str text);                             // blanks, tabs, CR, LF off both ends
bool str_split(Str *rest, char at, Str *ret_piece); // next piece; false when none is left
bool str_is_blank(const char *text);                // NULL, empty or white space only

/* Whole text is a decimal number; false, output untouched, otherwise. */
bool str_to_i64(Str text, int64_t *ret_value);

char str_fold(char c);     // ASCII lower case
int str_hex_digit(char c); // 0 to 15; -1: no digit

/* A glob as the filters take it: * any run, ? one character, [*] [?] [!] [[] those characters
 * themselves (a backslash is one like any other: logins have it), case folded in Latin, Greek and
 * Cyrillic; a leading '!' negates. Linear in the product of the lengths. */
bool str_glob(const char *pattern, const char *text);
/* Whether a pattern begins with one of those three-byte escapes. */
bool str_glob_is_escape(const char *pattern);

/* Largest count <= len that does not cut a UTF-8 character. */
size_t str_utf8_floor(const char *text, size_t len);

/* Number of single-character edits between two short words (for "did you mean"); at most 64. */
unsigned str_distance(const char *a, const char *b);

/* FNV-1a, 64 bits: fingerprints, hash tables. Start with STR_HASH_SEED. */
#define STR_HASH_SEED UINT64_C(1469598103934665603)
uint64_t str_hash(uint64_t seed, const void *bytes, size_t len);

#endif
