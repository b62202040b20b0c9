/*
 * Many literals in a folded text, by four bytes of each: for the few messages in which there may be
 * something to find.
 *
 * Of each literal the four bytes are kept that the fewest others hold. A bit map that stays in the
 * nearest cache says where in the text any of them may stand; only there a table is asked, and the
 * literal compared. An automaton of as many literals has megabytes of rows, and a message that
 * comes to it once in a hundred finds them cold.
 *
 * Cost: a look-up a byte; a comparison for each literal whose four bytes are there.
 * Ownership: the texts of the literals are borrowed. Threads: immutable once built.
 */
#ifndef SSISMINER_SIGNATURE_GRAMS_INTERNAL_H
#define SSISMINER_SIGNATURE_GRAMS_INTERNAL_H

#include "ssisminer/base/str.h"

#include <stddef.h>
#include <stdint.h>

typedef struct Grams Grams;

typedef struct GramLiteral {
    Str text;       // folded, not empty
    uint32_t value; // told when it is seen
} GramLiteral;

Grams *grams_build(const GramLiteral *literals, size_t count);
void grams_free(Grams *grams);
size_t grams_bytes(const Grams *grams); // memory of the tables

/* Calls `seen` for each place of each literal. */
typedef void (*GramsSeen)(void *context, uint32_t value);
void grams_scan(const Grams *grams, Str folded, GramsSeen seen, void *context);

#endif
