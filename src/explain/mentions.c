/* The numbers and names that a text holds. */
#include "internal.h"

#include "ssisminer/explain/explain.h"

#include <string.h>

enum { WIDE = 7, WORDS_BEFORE = 4 };

static bool is_of_word(char c)
{
    char folded = str_fold(c);

    return (folded >= 'a' && folded <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Where the token begins that has this character, and with its sign. */
static bool next_token(Str text, size_t *at, Str *ret_token)
{
    while (*at < text.len && !is_of_word(text.at[*at]))
        ++*at;
    size_t start = *at;
    while (*at < text.len && is_of_word(text.at[*at]))
        ++*at;
    if (start > 0 && text.at[start - 1] == '-' &&
        (start == 1 || strchr(" :=(\"'\t\r\n", text.at[start - 2])))
        start--;
    *ret_token = (Str){text.at + start, *at - start};
    return ret_token->len > 0;
}

/* Back over what stands between a word and its number: "code: ", "HRESULT = ". */
static size_t back_over_marks(const char *start, size_t at)
{
    while (at > 0 && strchr(" \t:=(\"'#", start[at - 1]))
        at--;
    return at;
}

static size_t back_over_word(const char *start, size_t at)
{
    while (at > 0 && is_of_word(start[at - 1]))
        at--;
    return at;
}

/* "The exit code was 5": the words before it that say of what it is; empty where none do. */
static Str words_before(Str text, Str number)
{
    static const char *const verbs[] = {"was", "is", "of", "value"};
    size_t end = back_over_marks(text.at, (size_t)(number.at - text.at));
    size_t verb = back_over_word(text.at, end);
    Str best = {text.at, 0};

    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (str_equal_fold((Str){text.at + verb, end - verb}, str_of(verbs[i])))
            end = back_over_marks(text.at, verb);
    size_t start = end;
    for (int i = 0; i < WORDS_BEFORE && start > 0; i++) {
        start = back_over_word(text.at, start);
        Str words = {text.at + start, end - start};
        if (words.len > 0 && is_word_of_number(words))
            best = words;
        while (start > 0 && text.at[start - 1] == ' ')
            start--;
    }
    return best;
}

/* How it would be asked for; NULL where it is no number of ours, and no name. */
static const char *question_of(Str text, Str token, Arena *arena)
{
    int64_t number;
    bool is_hex;

    if (explain_parse_number(token, &number, &is_hex)) {
        Str words = words_before(text, token);
        bool is_wide = is_hex ? token.len >= WIDE : number > 100000000 || number < -100000000;
        if (words.len > 0)
            return arena_printf(arena, "%.*s %.*s", STR_FMT(words), STR_FMT(token));
        return is_wide ? arena_copy(arena, token.at, token.len) : NULL;
    }
    bool is_name = token.len > 3 && memchr(token.at, '_', token.len);
    return is_name ? arena_copy(arena, token.at, token.len) : NULL;
}

static bool is_told(const Mention *mentions, size_t count, const char *what)
{
    for (size_t i = 0; i < count; i++)
        if (str_same_fold(mentions[i].what, what))
            return true;
    return false;
}

size_t explain_mentions(const SigSet *set, Str text, Arena *arena, Mention *ret_mentions,
                        size_t max)
{
    size_t count = 0, at = 0;
    Str token;

    while (count < max && next_token(text, &at, &token)) {
        const char *what = question_of(text, token, arena);
        if (!what || is_told(ret_mentions, count, what))
            continue;
        Explanation known = explain(set, what, arena);
        if (explanation_is_hit(&known) || (known.is_number && known.is_vague))
            ret_mentions[count++] = (Mention){what, known};
    }
    return count;
}
