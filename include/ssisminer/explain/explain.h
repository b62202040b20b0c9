/*
 * What a number or a name may mean: the readings that need no log and no server.
 *
 * A number says different things in different places (4: an operation failed; dtexec did not find
 * the package; Windows error 4), so the answer is a list, the likeliest first. Words before the
 * number narrow it: "status 4", "exit code 4", "message type 120", "HRESULT 0x80004005".
 *
 * Ownership: everything lives in the arena, or is constant.
 */
#ifndef SSISMINER_EXPLAIN_EXPLAIN_H
#define SSISMINER_EXPLAIN_EXPLAIN_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/str.h"
#include "ssisminer/signature/signature.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Reading {
    const char *kind; // "operation status"
    const char *name; // "failed", "E_FAIL"; NULL if it has none
    const char *text; // one sentence, no full stop
} Reading;

typedef struct Explanation {
    bool is_number; // else it is a name, or nothing that is known here
    int64_t number; // signed 32 bits where it is a code
    const Reading *readings;
    size_t reading_count;
    const Signature *const *entries; // of the catalog: by code, symbol or id
    size_t entry_count;
    bool is_vague;       // no hit: the readings tell of a range, or where else to look
    const char *nearest; // without a hit: what may be meant, as it would be asked for; or NULL
} Explanation;

/* Nothing known gives no reading and no entry. */
Explanation explain(const SigSet *set, const char *what, Arena *arena);
bool explanation_is_hit(const Explanation *known);

/* A number or a name within a text, and what it may mean. */
typedef struct Mention {
    const char *what; // as it could be asked for: "exit code 5", "0x80131904"
    Explanation known;
} Mention;

/* Codes of 32 bits, numbers behind a word that says of what they are, and names: "failed with
 * HRESULT 0x80131904". Each once, at most `max`. */
size_t explain_mentions(const SigSet *set, Str text, Arena *arena, Mention *ret_mentions,
                        size_t max);

/* A whole decimal number, signed or not; 0x… of at most 32 bits; or eight hex digits, of which
 * one is a letter. */
bool explain_parse_number(Str text, int64_t *ret_number, bool *ret_is_hex);

#endif
