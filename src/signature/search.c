/* Finding entries by words, by code, by a code's name. */
#include "catalogue.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>
#include <string.h>

bool sig_beats(const SigSet *set, const Signature *a, const Signature *b)
{
    size_t first = catalogue_index(set, a->id), second = catalogue_index(set, b->id);

    return first != SIZE_MAX && second != SIZE_MAX && entry_beats(&set->entries[first], second);
}

/* ---- codes --------------------------------------------------------------------------------- */

static bool has_code(const Signature *signature, uint32_t code)
{
    for (size_t i = 0; i < signature->code_count; i++)
        if (signature->codes[i] == code)
            return true;
    for (size_t i = 0; i < signature->symbol_count; i++)
        if (signature->symbols[i].code == code)
            return true;
    return false;
}

/* What takes a number for want of anything better is left out beside what knows it. */
size_t sig_explain_code(const SigSet *set, int64_t code, const Signature **ret_found, size_t max)
{
    uint32_t wanted = code_of(code);
    size_t count = 0;

    for (int yields = 0; yields < 2 && count == 0 && wanted != CODE_NONE; yields++)
        for (size_t i = 0; i < set->count && count < max; i++)
            if (set->entries[i].public.yields == (yields != 0) &&
                has_code(&set->entries[i].public, wanted))
                ret_found[count++] = &set->entries[i].public;
    return count;
}

bool sig_find_symbol(const SigSet *set, const char *name, uint32_t *ret_code)
{
    for (size_t i = 0; i < set->count; i++) {
        const Signature *signature = &set->entries[i].public;
        for (size_t j = 0; j < signature->symbol_count; j++)
            if (str_same_fold(signature->symbols[j].name, name)) {
                *ret_code = signature->symbols[j].code;
                return true;
            }
    }
    return false;
}

const char *sig_symbol_of(const SigSet *set, int64_t code)
{
    uint32_t wanted = code_of(code);

    for (size_t i = 0; i < set->count; i++) {
        const Signature *signature = &set->entries[i].public;
        for (size_t j = 0; j < signature->symbol_count; j++)
            if (signature->symbols[j].code == wanted)
                return signature->symbols[j].name;
    }
    return NULL;
}

/* ---- words --------------------------------------------------------------------------------- */

/* A word counts where it begins a word of the text. */
static bool holds_word(Str text, Str word)
{
    for (size_t at = 0; at + word.len <= text.len; at++) {
        const char *found = memmem(text.at + at, text.len - at, word.at, word.len);
        if (!found)
            return false;
        at = (size_t)(found - text.at);
        if (at == 0 || !fold_is_word(text.at[at - 1]))
            return true;
    }
    return false;
}

typedef struct Searcher {
    Folded words;
    Folded text;
} Searcher;

/* The folded text, cut at blanks and the marks that join words in an id. */
static bool next_word(const Folded *words, size_t *at, Str *ret_word)
{
    while (*at < words->len && strchr(" '", words->text[*at]))
        ++*at;
    size_t start = *at;
    while (*at < words->len && !strchr(" '", words->text[*at]))
        ++*at;
    *ret_word = (Str){words->text + start, *at - start};
    return ret_word->len > 0;
}

static size_t weigh_text(Searcher *searcher, const char *text, Str word, size_t weight)
{
    if (!text)
        return 0;
    fold_text(&searcher->text, str_of(text));
    return holds_word((Str){searcher->text.text, searcher->text.len}, word) ? weight : 0;
}

static size_t weigh_word(Searcher *searcher, const Signature *signature, Str word)
{
    size_t sum = weigh_text(searcher, signature->id, word, 8) +
                 weigh_text(searcher, signature->title, word, 6) +
                 weigh_text(searcher, signature->cause, word, 2);

    for (size_t i = 0; i < signature->word_count; i++)
        sum += weigh_text(searcher, signature->words[i], word, 4);
    for (size_t i = 0; i < signature->symbol_count; i++)
        sum += weigh_text(searcher, signature->symbols[i].name, word, 4);
    for (size_t i = 0; i < signature->action_count; i++)
        sum += weigh_text(searcher, signature->actions[i], word, 1);
    for (size_t i = 0; i < signature->example_count; i++)
        sum += weigh_text(searcher, signature->examples[i].text, word, 1);
    return sum;
}

/* 0 unless every word is there somewhere. */
static size_t weigh(Searcher *searcher, const Signature *signature)
{
    size_t sum = 0, at = 0;
    Str word = {0};

    while (next_word(&searcher->words, &at, &word)) {
        size_t weight = weigh_word(searcher, signature, word);
        if (weight == 0)
            return 0;
        sum += weight;
    }
    return sum;
}

typedef struct Found {
    size_t weight, index;
} Found;

static int compare_found(const void *a, const void *b)
{
    const Found *left = a, *right = b;

    if (left->weight != right->weight)
        return left->weight > right->weight ? -1 : 1;
    return left->index < right->index ? -1 : 1;
}

static size_t weigh_entries(Searcher *searcher, const SigSet *set, size_t from, size_t end,
                            Found *ret_found)
{
    size_t count = 0;

    for (size_t i = from; i < end; i++) {
        size_t weight = weigh(searcher, &set->entries[i].public);
        if (weight > 0)
            ret_found[count++] = (Found){weight, i};
    }
    return count;
}

size_t sig_search(const SigSet *set, const char *words, const Signature **ret_found, size_t max)
{
    Searcher searcher = {0};
    AUTO(mem_free_at) Found *found = mem_alloc((set->count + 1) * sizeof(*found));
    size_t count = 0;

    fold_text(&searcher.words, str_of(words));
    count = weigh_entries(&searcher, set, 0, set->written, found);
    if (count == 0) // the rows of config/codes, which are many, only for want of something better
        count = weigh_entries(&searcher, set, set->written, set->count, found);
    qsort(found, count, sizeof(*found), compare_found);
    count = count < max ? count : max;
    for (size_t i = 0; i < count; i++)
        ret_found[i] = &set->entries[found[i].index].public;
    fold_done(&searcher.words);
    fold_done(&searcher.text);
    return count;
}
