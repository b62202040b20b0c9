/* The words of a clause, and phrases among them. */
#include "words.h"

#include "foreign.h"

#include "ssisminer/base/err.h"

#include <pthread.h>
#include <string.h>

/* ---- words ----------------------------------------------------------------------------------- */

bool text_is_letter(char c)
{
    char folded = str_fold(c);

    return (folded >= 'a' && folded <= 'z') || (unsigned char)c >= 0x80;
}

bool text_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

char text_char(Str text, size_t at)
{
    return at < text.len ? text.at[at] : ' ';
}

/* Apostrophes belong to their word: couldn't. A version is one word: the last 0 of 14.0.0.0 counts
 * nothing. */
static size_t word_end(Str text, size_t at)
{
    size_t end = at + 1;

    if (text_is_digit(text.at[at])) {
        while (end < text.len && (text_is_digit(text.at[end]) || text_is_letter(text.at[end]) ||
                                  (text.at[end] == '.' && text_is_digit(text_char(text, end + 1)))))
            end++;
        return end;
    }
    while (end < text.len && (text_is_letter(text.at[end]) || text.at[end] == '\'')) {
        if (is_upper(text.at[end]) && !is_upper(text.at[end - 1]))
            break;
        end++;
    }
    return end;
}

/* What stands between what belongs together and what does not: "error: 0 - No such host". */
static bool is_mark_at(Str text, size_t at)
{
    char c = text.at[at];

    return c == '=' || c == ':' || c == ',' || (c == '-' && text_char(text, at + 1) == ' ');
}

/* "", '', [] and {} of JSON and settings: no value, and not the beginning of a quoted one. */
static bool is_empty_value(Str text, size_t at)
{
    static const char *const pairs[] = {"\"\"", "''", "[]", "{}"};
    char before = at > 0 ? text.at[at - 1] : ' ', after = text_char(text, at + 2);

    if (before != ' ' && before != ':' && before != '=')
        return false;
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        if (text_char(text, at) == pairs[i][0] && text_char(text, at + 1) == pairs[i][1])
            return strchr(" ,;\r\n\t}])", after) != NULL;
    return false;
}

/* "&#8217;", "&quot;" */
static bool ends_entity(Str text, size_t at)
{
    enum { LONGEST = 7 };
    size_t start = at;

    while (start > 0 && at - start < LONGEST &&
           (text_is_letter(text.at[start - 1]) || text_is_digit(text.at[start - 1]) ||
            text.at[start - 1] == '#'))
        start--;
    return start > 0 && start < at && text.at[start - 1] == '&';
}

/* A full stop, a semicolon or a line break; not the dot of 1.5 or of a file's name. */
static bool ends_clause(Str text, size_t at)
{
    char c = text.at[at], next = text_char(text, at + 1);

    return c == '\n' || (c == ';' && !ends_entity(text, at)) || c == '!' || c == '?' ||
           (c == '.' && (next == ' ' || next == '\t' || next == '\r' || next == '\n'));
}

bool text_holds(Str text, const char *piece)
{
    return text.len > 0 && memmem(text.at, text.len, piece, strlen(piece)) != NULL;
}

static bool is_small_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static uint32_t bit_of(char letter)
{
    return UINT32_C(1) << (letter - 'a');
}

static uint64_t bit_of_pair(char first, char second)
{
    enum { SPREAD = 7, BITS = 64 };

    return UINT64_C(1) << ((unsigned char)first * SPREAD + (unsigned char)second) % BITS;
}

static void add_word(Clause *clause, Str word, const char *place)
{
    if (clause->count == WORDS_MAX)
        return;
    char first = str_fold(word.at[0]);
    clause->words[clause->count] = word;
    clause->places[clause->count] = place;
    clause->first[clause->count] = first;
    clause->second[clause->count] = word.len > 1 ? str_fold(word.at[1]) : '\0';
    clause->letters |= is_small_letter(first) ? bit_of(first) : 0;
    clause->pairs |= bit_of_pair(first, clause->second[clause->count]);
    clause->count++;
}

/* The next clause; false when there is none. */
bool clause_next(Str *rest, Clause *ret_clause)
{
    size_t at = 0;

    if (rest->len == 0)
        return false;
    ret_clause->count = 0;
    ret_clause->letters = 0;
    ret_clause->pairs = 0;
    while (at < rest->len && !ends_clause(*rest, at)) {
        char c = rest->at[at];
        bool is_mark = is_mark_at(*rest, at);
        size_t end = text_is_letter(c) || text_is_digit(c) ? word_end(*rest, at) : at + 1;
        if (is_empty_value(*rest, at) && ret_clause->count < WORDS_MAX) {
            add_word(ret_clause, str_of("null"), rest->at + at);
            at += 2;
            continue;
        }
        if (is_mark && ret_clause->count == 0) { // of a list, a rule
            at = end;
            continue;
        }
        if (end > at + 1 || text_is_letter(c) || text_is_digit(c) || is_mark)
            add_word(ret_clause, (Str){rest->at + at, end - at}, rest->at + at);
        at = end;
    }
    at += at < rest->len;
    *rest = (Str){rest->at + at, rest->len - at};
    return true;
}

/* ---- patterns -------------------------------------------------------------------------------- */

/* "error*" is any word that begins so; "#" a number, "?" any word. */
static bool is_like(Str word, Str pattern)
{
    size_t len = pattern.len;

    if (len == 1 && pattern.at[0] == '?')
        return true;
    if (len == 1 && pattern.at[0] == '#')
        return text_is_digit(word.at[0]);
    if (len > 1 && pattern.at[len - 1] == '*')
        return word.len >= len - 1 &&
               str_equal_fold((Str){word.at, len - 1}, (Str){pattern.at, len - 1});
    return str_equal_fold(word, pattern);
}

/* Most phrases are told by their first two letters. */
static inline bool may_begin(const Clause *clause, size_t at, const char *pattern)
{
    char first = pattern[0];

    if (first == '%' || first == '?' || first == '#')
        return true;
    return clause->first[at] == first &&
           (!is_small_letter(pattern[1]) || clause->second[at] == pattern[1]);
}

/* The words of the pattern stand at `at`, one behind the other; returns how many, 0 when not. */
size_t clause_match(const Clause *clause, size_t at, const char *pattern)
{
    Str rest, piece;
    size_t count = 0;

    if (!may_begin(clause, at, pattern))
        return 0;
    rest = str_of(pattern);
    while (str_split(&rest, ' ', &piece)) {
        size_t here = at + count, len = 1;
        if (here >= clause->count)
            return 0;
        if (piece.len == 1 && piece.at[0] == '%')
            len = clause_trouble(clause, here);
        else if (!is_like(clause->words[here], piece))
            return 0;
        if (len == 0)
            return 0;
        count += len;
    }
    return count;
}

/* Cannot begin anywhere in it. */
static inline bool is_absent(const Clause *clause, const char *pattern)
{
    if (!is_small_letter(pattern[0]))
        return false;
    return is_small_letter(pattern[1]) ? !(clause->pairs & bit_of_pair(pattern[0], pattern[1]))
                                       : !(clause->letters & bit_of(pattern[0]));
}

bool clause_has(const Clause *clause, const char *const *patterns, size_t count, size_t reach)
{
    size_t last = reach < clause->count ? reach : clause->count;

    for (size_t i = 0; i < count; i++) {
        if (is_absent(clause, patterns[i]))
            continue;
        for (size_t at = 0; at < last; at++)
            if (may_begin(clause, at, patterns[i]) && clause_match(clause, at, patterns[i]) > 0)
                return true;
    }
    return false;
}

size_t clause_find(const Clause *clause, const char *const *patterns, size_t count)
{
    size_t found = clause->count;

    for (size_t i = 0; i < count; i++)
        for (size_t at = 0; at < found && !is_absent(clause, patterns[i]); at++)
            if (may_begin(clause, at, patterns[i]) && clause_match(clause, at, patterns[i]) > 0)
                found = at;
    return found < clause->count ? found : SIZE_MAX;
}

size_t clause_match_any(const Clause *clause, size_t at, const char *const *patterns, size_t count)
{
    size_t len = 0;

    for (size_t i = 0; at < clause->count && len == 0 && i < count; i++)
        if (may_begin(clause, at, patterns[i]))
            len = clause_match(clause, at, patterns[i]);
    return len;
}

size_t clause_match_longest(const Clause *clause, size_t at, const char *const *patterns,
                            size_t count)
{
    size_t longest = 0;

    for (size_t i = 0; at < clause->count && i < count; i++) {
        size_t len = may_begin(clause, at, patterns[i]) ? clause_match(clause, at, patterns[i]) : 0;
        longest = len > longest ? len : longest;
    }
    return longest;
}

/* ---- trouble --------------------------------------------------------------------------------- */

/* clang-format off */
static const char *const troubles[] = {
    "error*", "fail*", "exception", "exceptions", "fatal*", "abort*", "crash*", "corrupt*", "cannot", "can't",
    "can not", "could not", "couldn't", "unable", "is not able", "denied", "refused", "rejected", "disallowed",
    "forbidden", "unauthorized", "prohibited", "not found", "not enough", "not exist*", "doesn't exist",
    "don't exist", "no such", "not match", "not a valid", "out of range", "is damaged", "is corrupt*",
    "not installed", "has not been set", "not been registered", "no match for argument", "is missing",
    "are missing", "not allowed", "not authorized", "not permitted", "not supported", "unsupported",
    "not valid", "not recognized", "not registered", "not available", "not enabled", "invalid", "invalide*",
    "illegal", "incorrect", "timeout*", "time out*", "timed out", "expired", "exceed*", "insufficient",
    "out of memory", "too many", "too large", "lost", "broken", "forcibly closed", "stopped responding",
    "unreachable", "unavailable", "inaccessible", "terminated", "killed", "violat*", "conflict*", "deadlock*",
    "unexpected*", "unresolved", "unrecognized", "msg #", "ora #", "aadsts #", "overflow*", "truncated",
    "truncation*", "mismatch*", "misconfigured*", "already exists", "already in use", "not have authorization",
    "not have permission*", "doesn't have permission*", "not have the required", "doesn't have the required",
    "not have sufficient", "not have enough", "non-yielding",
    // of other languages
    "fehler*", "fehlgeschlagen", "erreur*", "impossible", "impossibile", "errore", "erro", "falha", "falhou",
};
/* clang-format on */

/* Of each first letter the words of trouble, since most words of a log begin none. */
typedef struct ByLetter {
    const char *at[26][ARRAY_LEN(troubles) + 1];
} ByLetter;

static ByLetter by_letter;
static pthread_once_t is_sorted = PTHREAD_ONCE_INIT;

static void sort_by_letter(void)
{
    size_t counts[26] = {0};

    for (size_t i = 0; i < ARRAY_LEN(troubles); i++) {
        size_t letter = (size_t)(troubles[i][0] - 'a');
        by_letter.at[letter][counts[letter]++] = troubles[i];
    }
}

size_t clause_trouble(const Clause *clause, size_t at)
{
    char first = clause->first[at];

    if (!is_small_letter(first))
        return 0;
    (void)pthread_once(&is_sorted, sort_by_letter);
    for (const char *const *trouble = by_letter.at[first - 'a']; *trouble; trouble++) {
        size_t len = clause_match(clause, at, *trouble);
        if (len > 0)
            return len;
    }
    return 0;
}

bool text_is_ascii(Str text)
{
    unsigned char all = 0;

    for (size_t i = 0; i < text.len; i++)
        all |= (unsigned char)text.at[i];
    return all < 0x80;
}

/* Pairs of letters that words of trouble begin with, the foreign ones that are ASCII too. */
static bool is_pair[26][26];

static void note_pair(const char *word)
{
    if (is_small_letter(word[0]) && is_small_letter(word[1]))
        is_pair[word[0] - 'a'][word[1] - 'a'] = true;
}

static void note_pairs(void)
{
    for (size_t i = 0; i < ARRAY_LEN(troubles); i++)
        note_pair(troubles[i]);
    for (size_t i = 0; foreign_word(i); i++)
        note_pair(foreign_word(i));
}

/* Does a word begin as one of them does, or is a letter outside of ASCII there? */
bool text_may_tell_trouble(Str text)
{
    static pthread_once_t is_noted = PTHREAD_ONCE_INIT;

    (void)pthread_once(&is_noted, note_pairs);
    for (size_t i = 0; i + 1 < text.len; i++) {
        char c = str_fold(text.at[i]), next = str_fold(text.at[i + 1]);
        if ((unsigned char)c >= 0x80)
            return true;
        bool is_start = i == 0 || !text_is_letter(text.at[i - 1]) || is_upper(text.at[i]);
        if (is_start && is_small_letter(c) && is_small_letter(next) && is_pair[c - 'a'][next - 'a'])
            return true;
    }
    return text.len > 0 && (unsigned char)text.at[text.len - 1] >= 0x80;
}
