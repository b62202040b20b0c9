/* Words, and a hash table of phrases by their first one. */
#include "phrases.h"

#include "letters.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/utf.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_LEAST = 1024 };

struct Phrase {
    Phrase *next;
    uint64_t hash; // of its first word
    Str text;      // folded
};

/* ---- words ----------------------------------------------------------------------------------- */

static bool is_plain_of_word(unsigned char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

size_t word_end(Str text, size_t at)
{
    size_t used, end = at;

    for (;;) {
        while (end < text.len && is_plain_of_word((unsigned char)text.at[end]))
            end++;
        if (end >= text.len || (unsigned char)text.at[end] < 0x80)
            return end;
        uint32_t point = utf_next(text.at + end, text.len - end, &used);
        if (!letter_is_of_word(point))
            return end;
        if (letter_is_word(point))
            return end > at ? end : end + used;
        end += used;
    }
}

static size_t point_before(Str text, size_t at)
{
    do
        at--;
    while (at > 0 && ((unsigned char)text.at[at] & 0xC0) == 0x80);
    return at;
}

bool is_word_begin(Str text, size_t at)
{
    size_t used;

    if (at == 0)
        return true;
    unsigned char before = (unsigned char)text.at[at - 1];
    if (before < 0x80 && !is_plain_of_word(before))
        return true;
    if (before < 0x80 && (unsigned char)text.at[at] < 0x80)
        return false;
    size_t from = point_before(text, at);
    uint32_t point = utf_next(text.at + from, at - from, &used);
    return !letter_is_of_word(point) || letter_is_word(point) ||
           ((unsigned char)text.at[at] >= 0x80 &&
            letter_is_word(utf_next(text.at + at, text.len - at, &used)));
}

Str words_core(Str text)
{
    size_t first = text.len, last = 0, used;

    for (size_t at = 0; at < text.len; at += used) {
        if (!letter_is_of_word(utf_next(text.at + at, text.len - at, &used)))
            continue;
        first = first == text.len ? at : first;
        last = at + used;
    }
    return first == text.len ? (Str){text.at, 0} : (Str){text.at + first, last - first};
}

/* ---- folding as it is read ------------------------------------------------------------------- */

static uint32_t folded_at(Str text, size_t at, size_t *ret_used)
{
    unsigned char c = (unsigned char)text.at[at];

    *ret_used = 1;
    if (c < 0x80)
        return (unsigned char)str_fold((char)c);
    return utf_fold(utf_next(text.at + at, text.len - at, ret_used));
}

static uint64_t hash_word(Str text, size_t from, size_t end)
{
    uint64_t hash = STR_HASH_SEED;

    for (size_t at = from, used; at < end; at += used)
        hash = (hash ^ folded_at(text, at, &used)) * 0x100000001B3u;
    return hash ^ hash >> 29;
}

/* Where the phrase ends in the text; `at` when it does not stand there. */
static size_t fits_at(Str phrase, Str text, size_t at)
{
    size_t end = at, used, own;

    for (size_t i = 0; i < phrase.len; i += own, end += used)
        if (end >= text.len ||
            folded_at(text, end, &used) != utf_next(phrase.at + i, phrase.len - i, &own))
            return at;
    return end;
}

static bool ends_word(Str text, size_t end)
{
    return end >= text.len || word_end(text, end) == end || is_word_begin(text, end);
}

/* ---- the set --------------------------------------------------------------------------------- */

static void grow(Phrases *phrases)
{
    size_t count = phrases->slot_count ? phrases->slot_count * 4 : SLOTS_LEAST;
    Phrase **slots = mem_alloc(count * sizeof(Phrase *));

    for (size_t i = 0; i < phrases->slot_count; i++)
        while (phrases->slots[i]) {
            Phrase *moved = phrases->slots[i];
            phrases->slots[i] = moved->next;
            moved->next = slots[moved->hash % count];
            slots[moved->hash % count] = moved;
        }
    free(phrases->slots);
    phrases->slots = slots;
    phrases->slot_count = count;
}

static Str fold_text(Arena *arena, Str text)
{
    Buf folded = BUF(text.len * 4 + 4);

    for (size_t at = 0, used; at < text.len; at += used)
        utf_put_point(&folded, folded_at(text, at, &used));
    Str copy = {arena_copy(arena, buf_text(&folded), folded.len), folded.len};
    buf_done(&folded);
    return copy;
}

void phrases_add(Phrases *phrases, Str phrase)
{
    size_t end = word_end(phrase, 0);

    if (end == 0 || phrases_at(phrases, phrase, 0) == phrase.len)
        return;
    if (phrases->count >= phrases->slot_count)
        grow(phrases);
    Phrase *made = arena_alloc(&phrases->arena, sizeof(*made));
    made->hash = hash_word(phrase, 0, end);
    made->text = fold_text(&phrases->arena, phrase);
    made->next = phrases->slots[made->hash % phrases->slot_count];
    phrases->slots[made->hash % phrases->slot_count] = made;
    phrases->count++;
}

void phrases_done(Phrases *phrases)
{
    free(phrases->slots);
    arena_done(&phrases->arena);
}

FirstWord first_word(Str text, size_t at)
{
    size_t end = word_end(text, at);

    return (FirstWord){.end = end, .hash = end > at ? hash_word(text, at, end) : 0};
}

size_t phrases_at(const Phrases *phrases, Str text, size_t at)
{
    return phrases_behind(phrases, text, at, first_word(text, at));
}

size_t phrases_behind(const Phrases *phrases, Str text, size_t at, FirstWord word)
{
    size_t longest = at;
    uint64_t hash = word.hash;

    if (word.end == at || phrases->count == 0)
        return at;
    for (const Phrase *phrase = phrases->slots[hash % phrases->slot_count]; phrase;
         phrase = phrase->next) {
        if (phrase->hash != hash)
            continue;
        size_t found = fits_at(phrase->text, text, at);
        if (found > longest && ends_word(text, found))
            longest = found;
    }
    return longest;
}
