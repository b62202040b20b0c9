/* The words of a clause, and phrases among them. */
#ifndef SSISMINER_DIAGNOSE_WORDS_H
#define SSISMINER_DIAGNOSE_WORDS_H

#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORDS_MAX = 96 };

/* Folded by comparison. CamelCase is words, too: MaximumErrorCount. Marks are words of their own.
 */
typedef struct Clause {
    Str words[WORDS_MAX];                     // "" is the word null
    const char *places[WORDS_MAX];            // of each in the text
    char first[WORDS_MAX], second[WORDS_MAX]; // letters of each, folded; '\0' for none
    uint32_t letters;                         // a bit for each first letter that is there
    uint64_t pairs; // the same of first and second, of which some share one
    size_t count;
} Clause;

/* The next clause; false when there is none. The clause need not be initialised. */
bool clause_next(Str *rest, Clause *ret_clause);

/* How many words from `at` on a pattern covers, 0 when it does not stand there. "error*" is any
 * word that begins so, "#" a number, "?" any word, "%" words of trouble. */
size_t clause_match(const Clause *clause, size_t at, const char *pattern);
/* The same of the first, and of the longest, of several that stands there. */
size_t clause_match_any(const Clause *clause, size_t at, const char *const *patterns, size_t count);
size_t clause_match_longest(const Clause *clause, size_t at, const char *const *patterns,
                            size_t count);
/* Does one of them begin before word `reach`? */
bool clause_has(const Clause *clause, const char *const *patterns, size_t count, size_t reach);
/* Where the first of them begins; SIZE_MAX: none does. */
size_t clause_find(const Clause *clause, const char *const *patterns, size_t count);
#define CLAUSE_HAS(clause, patterns)                                                               \
    clause_has((clause), (patterns), ARRAY_LEN(patterns), WORDS_MAX)
#define CLAUSE_OPENS(clause, patterns) clause_has((clause), (patterns), ARRAY_LEN(patterns), 1)

/* How many words of trouble stand at `at`. */
size_t clause_trouble(const Clause *clause, size_t at);
/* Cannot tell of trouble, sooner than by clauses. */
bool text_may_tell_trouble(Str text);

/* Characters, beyond the end a blank. */
char text_char(Str text, size_t at);
bool text_is_letter(char c); // or a byte beyond ASCII
bool text_is_digit(char c);
bool text_is_ascii(Str text);
bool text_holds(Str text, const char *piece);

#endif
