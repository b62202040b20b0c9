/*
 * Many literals, one pass: an Aho-Corasick automaton with a dense table over byte classes.
 *
 * It reads a message as it is, folding on the way: an ordinary byte is one look-up, what needs
 * fold_special takes the slow path. Runs of blanks and of quotes are loops in the table, so the
 * pass sees the folded text unit by unit (fold.h) without writing it down.
 *
 * Cost: one step a byte, whatever the number of literals.
 * Threads: immutable once built.
 */
#ifndef SSISMINER_SIGNATURE_AUTOMATON_INTERNAL_H
#define SSISMINER_SIGNATURE_AUTOMATON_INTERNAL_H

#include "ssisminer/base/str.h"

#include <stddef.h>
#include <stdint.h>

typedef struct Automaton Automaton;

typedef struct AutomatonLiteral {
    Str text;       // folded, not empty
    uint32_t value; // told when it is seen
} AutomatonLiteral;

Automaton *automaton_build(const AutomatonLiteral *literals, size_t count);
void automaton_free(Automaton *automaton);
size_t automaton_bytes(const Automaton *automaton); // memory of the table

/* Calls `seen` for each literal that ends in the message, with the place after its last byte. */
typedef void (*AutomatonSeen)(void *context, uint32_t value, size_t end);
void automaton_scan(const Automaton *automaton, Str raw, AutomatonSeen seen, void *context);

#endif
