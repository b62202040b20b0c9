/*
 * A set of phrases, found in a text where they stand as whole words, in any case, the longest
 * first. (Within the room.)
 */
#ifndef SSISMINER_ANONYMISE_PHRASES_INTERNAL_H
#define SSISMINER_ANONYMISE_PHRASES_INTERNAL_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct Phrase Phrase;

typedef struct Phrases { // {0} is an empty set
    Arena arena;
    Phrase **slots; // by the first word
    size_t slot_count, count;
} Phrases;

void phrases_add(Phrases *phrases, Str phrase); // begins and ends in a word; again: nothing
void phrases_done(Phrases *phrases);

/* Where the longest one ends that begins at `at`, the beginning of a word; `at` when there is none.
 */
size_t phrases_at(const Phrases *phrases, Str text, size_t at);

/* The same, for several sets: the word that stands there is read once. */
typedef struct FirstWord {
    size_t end; // `at`: there is none
    uint64_t hash;
} FirstWord;

FirstWord first_word(Str text, size_t at);
size_t phrases_behind(const Phrases *phrases, Str text, size_t at, FirstWord word);

/* Where the word ends that begins at `at`; `at` when none does. */
size_t word_end(Str text, size_t at);
bool is_word_begin(Str text,
                   size_t at); // nothing of a word stands before, or what is one by itself
/* From the first word to the last: without what stands around them. */
Str words_core(Str text);

#endif
