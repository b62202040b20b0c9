/* Whose parameters and signs of life are worth reading, and when those really lived. */
#include "rhythm.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/time.h"
#include "ssisminer/ssisdb/silent.h"
#include "ssisminer/ssisdb/ssisdb.h"

#include <stdlib.h>

#define SILENT (SILENT_HOURS * (TICKS_PER_DAY / 24))
#define CLOCKS (60 * TICKS_PER_SECOND) // by which two clocks may differ

/* ---- in order, each once --------------------------------------------------------------------- */

/* Where the first run of each key is to stand. */
static uint32_t *first_places(const DuplicateRun *runs, size_t count)
{
    uint32_t keys = 0, sum = 0;

    for (size_t i = 0; i < count; i++)
        keys = runs[i].key >= keys ? runs[i].key + 1 : keys;
    uint32_t *places = mem_alloc(((size_t)keys + 1) * sizeof(*places));
    for (size_t i = 0; i < count; i++)
        places[runs[i].key]++;
    for (uint32_t key = 0; key < keys; key++) {
        uint32_t of_key = places[key];
        places[key] = sum;
        sum += of_key;
    }
    return places;
}

/* In place, since with a million runs there is no room for them twice, and without changing the
 * order within a key. */
static void sort_by_key(DuplicateRun *runs, size_t count)
{
    uint32_t *next = first_places(runs, count);
    uint32_t *place = mem_alloc((count + 1) * sizeof(*place));

    for (size_t i = 0; i < count; i++)
        place[i] = next[runs[i].key]++;
    for (size_t i = 0; i < count; i++) {
        if (place[i] == i)
            continue;
        DuplicateRun held = runs[i]; // around the cycle, back to where it began
        for (size_t to = place[i]; to != i;) {
            DuplicateRun moved = runs[to];
            size_t then = place[to];
            runs[to] = held;
            place[to] = (uint32_t)to;
            held = moved;
            to = then;
        }
        runs[i] = held;
        place[i] = (uint32_t)i;
    }
    free(place);
    free(next);
}

static int by_creation(const void *a, const void *b)
{
    const DuplicateRun *x = a, *y = b;

    if (x->created != y->created)
        return x->created < y->created ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static size_t end_of_key(const DuplicateRun *runs, size_t count, size_t first)
{
    size_t end = first;

    while (end < count && runs[end].key == runs[first].key)
        end++;
    return end;
}

/* The server mostly gives them in the order of their creation. */
static void sort_by_creation(DuplicateRun *runs, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (by_creation(&runs[i - 1], &runs[i]) > 0) {
            qsort(runs, count, sizeof(*runs), by_creation);
            return;
        }
}

/* A join may give an execution twice. */
static size_t keep_once(DuplicateRun *runs, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        if (kept == 0 || runs[i].id != runs[kept - 1].id || runs[i].key != runs[kept - 1].key)
            runs[kept++] = runs[i];
    return kept;
}

/* ---- suspects -------------------------------------------------------------------------------- */

static int64_t last_sign(const DuplicateRun *run)
{
    return run->end > run->created ? run->end : run->created;
}

/* What comes in its turn is near to nobody. */
static bool is_near_to(const DuplicateRun *runs, size_t at, int64_t since,
                       const DuplicateRhythm *rhythm, int64_t horizon)
{
    return !rhythm_is_in_turn(rhythm, runs[at].created - runs[at - 1].created) &&
           runs[at].created - since <= horizon;
}

/* Near one another, whatever their parameters. */
static void suspect_by_gap(DuplicateRun *runs, size_t count, const DuplicateRhythm *rhythm,
                           int64_t within)
{
    int64_t last = 0, horizon = rhythm_horizon(rhythm, within);

    for (size_t i = 0; i < count; i++) {
        int64_t sign = last_sign(&runs[i]);
        if (i > 0 && is_near_to(runs, i, last, rhythm, horizon))
            runs[i].is_suspect = true;
        if (i + 1 < count && is_near_to(runs, i + 1, sign, rhythm, horizon))
            runs[i].is_suspect = true;
        last = sign > last ? sign : last;
    }
}

/* A run overlaps somebody when one created before it still runs, or it does when the next one is
 * created. By creation, since nobody starts before that: a wider net, and no sorting. */
static void suspect_by_overlap(DuplicateRun *runs, size_t count, int64_t now)
{
    int64_t start = 0, end = 0, last_end = 0;
    DuplicateRun *last = NULL;

    for (size_t i = 0; i < count; i++) {
        if (!duplicates_ran(&runs[i], now, &start, &end))
            continue;
        if (start < last_end || (last && runs[i].created < last_end))
            runs[i].is_suspect = last->is_suspect = true;
        if (end > last_end) {
            last_end = end;
            last = &runs[i];
        }
    }
}

static void suspect_key(DuplicateRun *runs, size_t count, int64_t *created,
                        const DuplicateRules *rules)
{
    if (count < 2)
        return;
    for (size_t i = 0; i < count; i++)
        created[i] = runs[i].created;
    DuplicateRhythm rhythm = duplicates_rhythm(created, count, count, rules->within);
    suspect_by_gap(runs, count, &rhythm, rules->within);
    suspect_by_overlap(runs, count, rules->now);
}

/* Creations of the key with most runs fit into one buffer. */
static size_t most_of_a_key(const DuplicateRun *runs, size_t count)
{
    size_t most = 0;

    for (size_t first = 0, end; first < count; first = end) {
        end = end_of_key(runs, count, first);
        most = end - first > most ? end - first : most;
    }
    return most;
}

size_t duplicates_suspect(DuplicateRun *runs, size_t count, const DuplicateRules *rules)
{
    sort_by_key(runs, count);
    for (size_t first = 0, end; first < count; first = end) {
        end = end_of_key(runs, count, first);
        sort_by_creation(runs + first, end - first);
    }
    count = keep_once(runs, count);
    int64_t *created = mem_alloc((most_of_a_key(runs, count) + 1) * sizeof(*created));
    for (size_t i = 0; i < count; i++)
        runs[i].is_suspect = runs[i].executed_count > 1; // for what is shown of it
    for (size_t first = 0, end; first < count; first = end) {
        end = end_of_key(runs, count, first);
        suspect_key(runs + first, end - first, created, rules);
    }
    free(created);
    return count;
}

/* ---- when they lived ------------------------------------------------------------------------- */

static void end_at_last_sign(DuplicateRun *run, int64_t last)
{
    run->is_dead = true;
    run->end = last ? last : run->start ? run->start : run->created;
}

static bool is_believed(const DuplicateRun *run, int64_t now)
{
    return run->end >= run->created && run->end <= now + CLOCKS;
}

static void settle(DuplicateRun *run, const DuplicateSign *sign, int64_t now)
{
    int64_t last = sign ? sign->last : 0, heard = last ? last : run->start;
    bool runs = run->status == STATUS_RUNNING || run->status == STATUS_STOPPING;

    run->has_lifetime = true;
    if (sign && sign->first > run->start && run->start != 0 &&
        (run->end == 0 || sign->first < run->end))
        run->start = sign->first;
    if (runs && heard != 0 && now - heard > SILENT)
        end_at_last_sign(run, last);
    if (run->status == STATUS_ENDED_UNEXPECTEDLY && (run->end == 0 || last < run->end))
        end_at_last_sign(run, last);
    if (status_is_terminal(run->status) && run->end != 0 && !is_believed(run, now))
        end_at_last_sign(run, last);
}

static int by_execution(const void *a, const void *b)
{
    const DuplicateSign *x = a, *y = b;

    return (x->execution_id > y->execution_id) - (x->execution_id < y->execution_id);
}

void duplicates_set_lifetimes(DuplicateRun *runs, size_t count, const DuplicateSign *signs,
                              size_t sign_count, const DuplicateRules *rules)
{
    for (size_t i = 0; i < count; i++) {
        DuplicateSign wanted = {.execution_id = runs[i].id};
        const DuplicateSign *sign = NULL;
        if (!runs[i].is_suspect)
            continue;
        if (sign_count > 0)
            sign = bsearch(&wanted, signs, sign_count, sizeof(*signs), by_execution);
        settle(&runs[i], sign, rules->now);
    }
}
