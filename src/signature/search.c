/* Finding entries by words, by code, by a code's name. */
#include "catalog.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>
#include <string.h>

bool sig_beats(const SigSet *set, const Signature *a, const Signature *b)
{
    size_t first = catalog_index(set, a->id), second = catalog_index(set, b->id);

    return first != SIZE_MAX && second != SIZE_MAX && entry_beats(&set->entries[first], second);
}

/* ---- codes ----------------------------------------------------------------------------------- */

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

/* ---- words ----------------------------------------------------------------------------------- */

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

/* The heaviest first, at most `max` of them. */
static size_t take_best(const SigSet *set, Found *found, size_t count, const Signature **ret_found,
                        size_t max)
{
    qsort(found, count, sizeof(*found), compare_found);
    count = count < max ? count : max;
    for (size_t i = 0; i < count; i++)
        ret_found[i] = &set->entries[found[i].index].public;
    return count;
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
    count = take_best(set, found, count, ret_found, max);
    fold_done(&searcher.words);
    fold_done(&searcher.text);
    return count;
}

/* ---- the nearest ----------------------------------------------------------------------------- */

enum { NEAR_WORDS = 24, SHORTEST = 4, LIKE_ENOUGH = 3, TENTHS = 10 };

/* Words of a text that nobody knows, without a last letter that may be an ending or a slip. */
typedef struct Words {
    char text[NEAR_WORDS][32];
    size_t count;
    size_t holders[NEAR_WORDS]; // entries that have the word
} Words;

static bool is_letters(Str word)
{
    for (size_t i = 0; i < word.len; i++)
        if (word.at[i] >= '0' && word.at[i] <= '9')
            return false;
    return true;
}

static bool has_word(const Words *words, Str word)
{
    for (size_t i = 0; i < words->count; i++)
        if (str_equal(str_of(words->text[i]), word))
            return true;
    return false;
}

static void note_word(Words *words, Str word)
{
    while (word.len > 0 && !fold_is_word(word.at[word.len - 1]))
        word.len--;
    while (word.len > 0 && !fold_is_word(word.at[0]))
        word = (Str){word.at + 1, word.len - 1};
    if (word.len < SHORTEST || word.len >= sizeof(words->text[0]) || !is_letters(word))
        return;
    word.len -= word.len > SHORTEST;
    if (has_word(words, word))
        return;
    memcpy(words->text[words->count], word.at, word.len);
    words->text[words->count++][word.len] = '\0';
}

typedef struct Likeness {
    uint32_t all;    // a bit for each of the words that the entry has
    size_t together; // of the text that has most: how many, and tenths of it that they are
} Likeness;

static size_t bit_count(uint32_t bits)
{
    size_t count = 0;

    for (; bits; bits &= bits - 1)
        count++;
    return count;
}

static size_t word_count_of(Str text)
{
    size_t count = 1;

    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == ' ';
    return count;
}

static void note_folded(Likeness *likeness, Str text, const Words *words)
{
    uint32_t bits = 0;

    for (size_t i = 0; i < words->count; i++)
        if (holds_word(text, str_of(words->text[i])))
            bits |= UINT32_C(1) << i;
    size_t count = bit_count(bits);
    size_t together = TENTHS * count + (TENTHS - 1) * count / word_count_of(text);
    likeness->all |= bits;
    likeness->together = together > likeness->together ? together : likeness->together;
}

static void note_text(Searcher *searcher, Likeness *likeness, const char *text, const Words *words)
{
    if (!text)
        return;
    fold_text(&searcher->text, str_of(text));
    note_folded(likeness, (Str){searcher->text.text, searcher->text.len}, words);
}

static void note_rule(Searcher *searcher, Likeness *likeness, const Rule *rule, const Words *words)
{
    note_text(searcher, likeness, rule->fragment, words);
    note_text(searcher, likeness, rule->second, words);
    for (size_t i = 0; rule->text && !rule->fragment && i < rule->text->item_count; i++)
        note_folded(likeness, rule->text->items[i].literal, words);
}

/* By the entry's id, title, words and texts. */
static Likeness likeness_of(Searcher *searcher, const Entry *entry, const Words *words)
{
    const Signature *signature = &entry->public;
    Likeness likeness = {.all = 0};

    note_text(searcher, &likeness, signature->id, words);
    note_text(searcher, &likeness, signature->title, words);
    for (size_t i = 0; i < signature->word_count; i++)
        note_text(searcher, &likeness, signature->words[i], words);
    for (size_t i = 0; i < entry->any_count + entry->all_count; i++)
        note_rule(searcher, &likeness, &entry->rules[i], words);
    return likeness;
}

/* A word that few have tells most, and words of one text more than as many of several; an entry
 * needs two, and a third of all. */
static size_t weight_of(const Words *words, const Likeness *likeness)
{
    enum { SCALE = 1000 };
    size_t sum = 0, count = bit_count(likeness->all);

    for (size_t i = 0; i < words->count; i++)
        if (likeness->all >> i & 1)
            sum += SCALE / (words->holders[i] + 4);
    return count >= 2 && count * LIKE_ENOUGH >= words->count ? sum * likeness->together : 0;
}

size_t sig_nearest(const SigSet *set, Str text, const Signature **ret_found, size_t max)
{
    Searcher searcher = {0};
    Words words = {.count = 0};
    AUTO(mem_free_at) Likeness *like = mem_alloc((set->count + 1) * sizeof(*like));
    AUTO(mem_free_at) Found *found = mem_alloc((set->count + 1) * sizeof(*found));
    size_t count = 0, at = 0;
    Str word;

    fold_text(&searcher.words, text);
    while (words.count < NEAR_WORDS && next_word(&searcher.words, &at, &word))
        note_word(&words, word);
    for (size_t i = 0; i < set->count && words.count >= 2; i++) {
        like[i] = likeness_of(&searcher, &set->entries[i], &words);
        for (size_t k = 0; k < words.count; k++)
            words.holders[k] += like[i].all >> k & 1;
    }
    for (size_t i = 0; i < set->count; i++) {
        size_t weight = weight_of(&words, &like[i]);
        if (weight > 0)
            found[count++] = (Found){weight, i};
    }
    count = take_best(set, found, count, ret_found, max);
    fold_done(&searcher.words);
    fold_done(&searcher.text);
    return count;
}
