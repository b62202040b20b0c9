/* The most frequent of the messages that nothing knows, in bounded memory. */
#include "ssisminer/diagnose/unknowns.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"
#include "ssisminer/diagnose/diagnose.h"

#include <stdlib.h>
#include <string.h>

/* A heap by count with the rarest on top, and a hash table from fingerprint to member. */
struct Unknowns {
    Unknown **heap;
    size_t count, limit;
    Unknown **table; // open addressing, linear probing
    size_t table_size;
    Arena arena; // of the fingerprint at hand
    bool is_inexact;
};

Unknowns *unknowns_new(size_t limit)
{
    Unknowns *unknowns = mem_alloc(sizeof(*unknowns));

    unknowns->limit = limit;
    unknowns->heap = mem_alloc(limit * sizeof(*unknowns->heap));
    for (unknowns->table_size = 16; unknowns->table_size < 2 * limit;)
        unknowns->table_size *= 2;
    unknowns->table = mem_alloc(unknowns->table_size * sizeof(*unknowns->table));
    return unknowns;
}

static void texts_done(Unknown *unknown)
{
    free(unknown->mask);
    free(unknown->example);
    free(unknown->place);
}

static void forget_all(Unknowns *unknowns)
{
    for (size_t i = 0; i < unknowns->count; i++) {
        texts_done(unknowns->heap[i]);
        free(unknowns->heap[i]);
    }
    unknowns->count = 0;
    unknowns->is_inexact = false;
    memset(unknowns->table, 0, unknowns->table_size * sizeof(*unknowns->table));
}

void unknowns_free_at(Unknowns **unknowns)
{
    Unknowns *old = *unknowns;

    if (!old)
        return;
    forget_all(old);
    free(old->heap);
    free(old->table);
    arena_done(&old->arena);
    free(old);
    *unknowns = NULL;
}

/* ---- the table ------------------------------------------------------------------------------- */

static size_t home_of(const Unknowns *unknowns, const char *id)
{
    return str_hash(STR_HASH_SEED, id, strlen(id)) & (unknowns->table_size - 1);
}

static size_t find(const Unknowns *unknowns, const char *id)
{
    size_t at = home_of(unknowns, id);

    while (unknowns->table[at] && strcmp(unknowns->table[at]->id, id) != 0)
        at = (at + 1) & (unknowns->table_size - 1);
    return at;
}

/* Those that were pushed on by what is taken out move back. */
static void take_out(Unknowns *unknowns, const char *id)
{
    size_t mask = unknowns->table_size - 1, hole = find(unknowns, id);

    for (size_t at = (hole + 1) & mask; unknowns->table[at]; at = (at + 1) & mask) {
        size_t home = home_of(unknowns, unknowns->table[at]->id);
        if (((at - home) & mask) < ((at - hole) & mask))
            continue; // it may stay: the hole is before its home
        unknowns->table[hole] = unknowns->table[at];
        hole = at;
    }
    unknowns->table[hole] = NULL;
}

/* ---- the heap -------------------------------------------------------------------------------- */

static void place(Unknowns *unknowns, size_t slot, Unknown *unknown)
{
    unknowns->heap[slot] = unknown;
    unknown->slot = (uint32_t)slot;
}

static void sift_down(Unknowns *unknowns, size_t slot)
{
    Unknown *moved = unknowns->heap[slot];

    for (;;) {
        size_t child = 2 * slot + 1;
        if (child >= unknowns->count)
            break;
        if (child + 1 < unknowns->count &&
            unknowns->heap[child + 1]->count < unknowns->heap[child]->count)
            child++;
        if (unknowns->heap[child]->count >= moved->count)
            break;
        place(unknowns, slot, unknowns->heap[child]);
        slot = child;
    }
    place(unknowns, slot, moved);
}

static void sift_up(Unknowns *unknowns, size_t slot)
{
    Unknown *moved = unknowns->heap[slot];

    while (slot > 0 && unknowns->heap[(slot - 1) / 2]->count > moved->count) {
        place(unknowns, slot, unknowns->heap[(slot - 1) / 2]);
        slot = (slot - 1) / 2;
    }
    place(unknowns, slot, moved);
}

/* ---- counting -------------------------------------------------------------------------------- */

static char *keep_text(size_t max, Str text)
{
    size_t len = text.len <= max ? text.len : str_utf8_floor(text.at, max);
    char *copy = mem_alloc(len + 1);

    if (len > 0)
        memcpy(copy, text.at, len);
    return copy;
}

static void describe(Unknown *unknown, const Fingerprint *fingerprint, Str text, const char *where)
{
    texts_done(unknown);
    memcpy(unknown->id, fingerprint->id, sizeof(unknown->id));
    unknown->mask = keep_text(UNKNOWN_MASK_MAX, str_of(fingerprint->mask));
    unknown->example = keep_text(UNKNOWN_EXAMPLE_MAX, str_trim(text));
    unknown->place = keep_text(UNKNOWN_PLACE_MAX, str_of(where));
    unknown->first_seen = unknown->last_seen = (Instant){0};
}

static Unknown *newcomer(Unknowns *unknowns)
{
    if (unknowns->count < unknowns->limit) {
        Unknown *unknown = mem_alloc(sizeof(*unknown));
        place(unknowns, unknowns->count, unknown);
        sift_up(unknowns, unknowns->count++);
        return unknown;
    }
    Unknown *rarest = unknowns->heap[0];
    take_out(unknowns, rarest->id);
    rarest->overcount = rarest->count;
    unknowns->is_inexact = true;
    return rarest;
}

static void widen(Unknown *unknown, Instant time)
{
    if (!time.is_set)
        return;
    if (!unknown->first_seen.is_set || time.ticks < unknown->first_seen.ticks)
        unknown->first_seen = time;
    if (!unknown->last_seen.is_set || time.ticks > unknown->last_seen.ticks)
        unknown->last_seen = time;
}

static Unknown *find_or_make(Unknowns *unknowns, const Fingerprint *fingerprint, Str text,
                             const char *where)
{
    Unknown *unknown = unknowns->table[find(unknowns, fingerprint->id)];

    if (unknown)
        return unknown;
    unknown = newcomer(unknowns);
    describe(unknown, fingerprint, text, where);
    unknowns->table[find(unknowns, unknown->id)] = unknown;
    return unknown;
}

void unknowns_add_known(Unknowns *unknowns, const Fingerprint *fingerprint, Str text, Instant time,
                        const char *where)
{
    Unknown *unknown = find_or_make(unknowns, fingerprint, text, where);

    unknown->count++;
    widen(unknown, time);
    sift_down(unknowns, unknown->slot);
}

void unknowns_add(Unknowns *unknowns, Str text, Instant time, const char *where)
{
    arena_reset(&unknowns->arena);
    Fingerprint fingerprint = fingerprint_of(text, &unknowns->arena);
    unknowns_add_known(unknowns, &fingerprint, text, time, where);
}

static void move_one(Unknowns *unknowns, const Unknown *from)
{
    Fingerprint fingerprint = {.mask = from->mask};

    memcpy(fingerprint.id, from->id, sizeof(fingerprint.id));
    Unknown *unknown = find_or_make(unknowns, &fingerprint, str_of(from->example), from->place);
    unknown->count += from->count;
    unknown->overcount += from->overcount;
    widen(unknown, from->first_seen);
    widen(unknown, from->last_seen);
    sift_down(unknowns, unknown->slot);
}

void unknowns_move(Unknowns *unknowns, Unknowns *from)
{
    AUTO(mem_free_at) const Unknown **all = mem_alloc((from->count + 1) * sizeof(*all));
    size_t count = unknowns_top(from, all, from->count);

    for (size_t i = 0; i < count; i++)
        move_one(unknowns, all[i]);
    unknowns->is_inexact = unknowns->is_inexact || from->is_inexact;
    forget_all(from);
}

/* ---- less of it ------------------------------------------------------------------------------ */

static void forget(Unknowns *unknowns, Unknown *unknown)
{
    Unknown *last = unknowns->heap[--unknowns->count];

    take_out(unknowns, unknown->id);
    if (last != unknown) {
        place(unknowns, unknown->slot, last);
        sift_down(unknowns, last->slot);
        sift_up(unknowns, last->slot);
    }
    texts_done(unknown);
    free(unknown);
}

int64_t unknowns_keep(Unknowns *unknowns, const bool *wanted)
{
    size_t count = unknowns->count;
    AUTO(mem_free_at) const Unknown **all = mem_alloc((count + 1) * sizeof(*all));
    int64_t messages = 0;

    (void)unknowns_top(unknowns, all, count);
    for (size_t i = 0; i < count; i++)
        if (wanted[i])
            messages = sat_add(messages, all[i]->count);
        else
            forget(unknowns, unknowns->table[find(unknowns, all[i]->id)]);
    return messages;
}

/* ---- the answer ------------------------------------------------------------------------------ */

bool unknowns_has(const Unknowns *unknowns, const char *id)
{
    return id && unknowns->table[find(unknowns, id)];
}

size_t unknowns_count(const Unknowns *unknowns)
{
    return unknowns->count;
}

bool unknowns_is_exact(const Unknowns *unknowns)
{
    return !unknowns->is_inexact;
}

static int most_frequent_first(const void *a, const void *b)
{
    const Unknown *x = *(const Unknown *const *)a, *y = *(const Unknown *const *)b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return strcmp(x->id, y->id);
}

size_t unknowns_top(const Unknowns *unknowns, const Unknown **ret_top, size_t max)
{
    AUTO(mem_free_at)
    const Unknown **sorted = mem_alloc((unknowns->count + 1) * sizeof(*sorted));
    size_t count = unknowns->count < max ? unknowns->count : max;

    for (size_t i = 0; i < unknowns->count; i++)
        sorted[i] = unknowns->heap[i];
    qsort(sorted, unknowns->count, sizeof(*sorted), most_frequent_first);
    for (size_t i = 0; i < count; i++)
        ret_top[i] = sorted[i];
    return count;
}
