/*
 * The most frequent messages that no signature knows, by fingerprint, in bounded memory.
 *
 * Counts are exact until more than `limit` different ones were seen; from then on a newcomer takes
 * the place, and the count, of the rarest (the Space-Saving scheme: what is frequent stays, and a
 * count is too high by at most `overcount`).
 *
 * Ownership: everything lives as long as the Unknowns. Threads: one each.
 */
#ifndef SSISMINER_DIAGNOSE_UNKNOWNS_H
#define SSISMINER_DIAGNOSE_UNKNOWNS_H

#include "ssisminer/diagnose/diagnose.h"

#include "ssisminer/base/str.h"
#include "ssisminer/base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNKNOWN_MASK_MAX = 400, UNKNOWN_EXAMPLE_MAX = 4096, UNKNOWN_PLACE_MAX = 256 };

typedef struct Unknown {
    char id[20];
    char *mask;    // at most UNKNOWN_MASK_MAX bytes, cut at a character
    char *example; // the first message that was seen, cut likewise
    char *place;   // where that was
    int64_t count, overcount;
    Instant first_seen, last_seen;
    uint32_t slot; // private: place in the order
} Unknown;

typedef struct Unknowns Unknowns;

Unknowns *unknowns_new(size_t limit);
void unknowns_free_at(Unknowns **unknowns);

/* The message at this time (may be unset) and place (for people, may be NULL). */
void unknowns_add(Unknowns *unknowns, Str text, Instant time, const char *place);

/* The same where the message's fingerprint, or that of the words it quotes, is known already. */
void unknowns_add_known(Unknowns *unknowns, const Fingerprint *fingerprint, Str text, Instant time,
                        const char *place);
/* As if all that `from` saw had come now; it is as it was made then. */
void unknowns_move(Unknowns *unknowns, Unknowns *from);

/* Forgets those whose `wanted` (of the index that unknowns_top gives it when asked for all) is
 * false; how many messages they were, of those that are left. */
int64_t unknowns_keep(Unknowns *unknowns, const bool *wanted);

bool unknowns_has(const Unknowns *unknowns, const char *id);
size_t unknowns_count(const Unknowns *unknowns); // that are kept
bool unknowns_is_exact(const Unknowns *unknowns);
/* The most frequent ones, at most max; returns how many. */
size_t unknowns_top(const Unknowns *unknowns, const Unknown **ret_top, size_t max);

#endif
