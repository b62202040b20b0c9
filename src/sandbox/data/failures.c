/* Which runs fail, and how. */
#include "plan.h"

#include <stdlib.h>

typedef struct Deck { // every chain once, in an order of the seed's own
    const Chain **chains;
    size_t count;
    uint64_t weight; // sum over all
} Deck;

static Deck make_deck(Plan *plan, Rng *rng)
{
    Deck deck = {0};

    deck.chains = arena_alloc_array(plan->arena, chains_failures.count, sizeof *deck.chains);
    for (size_t i = 0; i < chains_failures.count; i++) {
        size_t at = (size_t)rng_below(rng, deck.count + 1);
        deck.chains[deck.count++] = deck.chains[at];
        deck.chains[at] = &chains_failures.chains[i];
        deck.weight += (uint64_t)chains_failures.chains[i].weight + 1;
    }
    return deck;
}

static const Chain *draw(const Deck *deck, Rng *rng)
{
    uint64_t at = rng_below(rng, deck->weight);

    for (size_t i = 0; i < deck->count; i++) {
        uint64_t weight = (uint64_t)deck->chains[i]->weight + 1;
        if (at < weight)
            return deck->chains[i];
        at -= weight;
    }
    return deck->chains[0];
}

/* ---- candidates ------------------------------------------------------------------------------ */

typedef struct Candidate {
    uint64_t key;
    Run *run;
} Candidate;

static int compare_keys(const void *a, const void *b)
{
    const Candidate *left = a, *right = b;

    return left->key < right->key ? -1 : left->key > right->key;
}

/* Runs that may fail, in random order; those of the last day come up twice as often, so that a
 * report of the last 24 hours has something to show. */
static Candidate *candidates(Plan *plan, Rng *rng, size_t *ret_count)
{
    Candidate *list = arena_alloc_array(plan->arena, plan->run_count + 1, sizeof *list);
    size_t count = 0;

    for (size_t i = 0; i < plan->run_count; i++) {
        Run *run = plan->runs[i];
        if (run->is_planted || run->status != 7 || run->package < 0 || run->level == 0)
            continue;
        uint64_t key = rng_next(rng) >> 1;
        list[count++] = (Candidate){run->created > plan->now - TICKS_PER_DAY ? key / 2 : key, run};
    }
    qsort(list, count, sizeof *list, compare_keys);
    *ret_count = count;
    return list;
}

static void fail(Plan *plan, Run *run, const Chain *chain, Rng *rng)
{
    int64_t duration = run->end - run->work;

    run->chain = chain;
    run->status = chain->status ? chain->status : 4;
    run->end = run->work + duration * rng_between(rng, 12, 95) / 100;
    if (chain->class_ == CHAIN_SILENT && run->status == 4)
        run->level = 0;
    plan->failures++;
}

static void cancel(Run *run, Rng *rng)
{
    run->status = 3;
    run->stopped_by = rng_below(rng, 2) ? CALLER_ANNA : CALLER_BEN;
    run->end = run->work + (run->end - run->work) / 2;
}

/* Fates that are neither success nor failure: canceled, completed (9), created and never
 * started. One of each hundred runs. */
static void divert(Run *run, size_t index, Rng *rng)
{
    if (index % 8 == 6)
        run->status = 9;
    else if (index % 8 == 7)
        run_leave(run, 1, 0);
    else
        cancel(run, rng);
}

static int64_t wanted(const Plan *plan, const Deck *deck)
{
    int64_t executions = plan->options->executions;

    if (plan->options->failures >= 0)
        return plan->options->failures;
    int64_t each = (int64_t)deck->count < executions / 5 ? (int64_t)deck->count : executions / 5;
    return each > executions / 10 ? each : executions / 10;
}

/* ---- operations that are no executions ------------------------------------------------------- */

static void fail_operations(Plan *plan, Rng *rng)
{
    static const int types[] = {101, 301, 200};

    for (size_t kind = 0; kind < ARRAY_LEN(types); kind++) {
        for (size_t i = 0; i < chains_operation[kind].count; i++) {
            int64_t age = i == 0 ? rng_between(rng, 2, 20) * 3600
                                 : rng_between(rng, 2, 24 * plan->options->days - 1) * 3600;
            int64_t created = plan->now - age * TICKS_PER_SECOND + rng_between(rng, 0, 9999999);
            int project = (int)rng_below(rng, (uint64_t)plan->world->project_count);
            Run *run = plan_add_operation(plan, types[kind], project, created,
                                          rng_between(rng, 300, 12000));
            run->chain = &chains_operation[kind].chains[i];
            run->status = 4;
        }
    }
}

static Run *newest_good_purge(Plan *plan)
{
    Run *newest = NULL;

    for (size_t i = 0; i < plan->run_count; i++)
        if (plan->runs[i]->type == 2 && !plan->runs[i]->chain &&
            (!newest || plan->runs[i]->created > newest->created))
            newest = plan->runs[i];
    return newest;
}

static void fail_newest_purges(Plan *plan) // the last two, each for a reason of its own
{
    for (size_t i = 0; i < chains_operation[3].count; i++) {
        Run *purge = newest_good_purge(plan);
        if (!purge)
            return;
        purge->chain = &chains_operation[3].chains[i];
        purge->status = 4;
        purge->end = purge->start + 1800 * TICKS_PER_SECOND;
    }
}

void plan_failures(Plan *plan)
{
    Rng rng = rng_of(plan->options->seed, 41, 0);
    Deck deck = make_deck(plan, &rng);
    int64_t count = wanted(plan, &deck);
    size_t free_count, i = 0;
    Candidate *free_runs = candidates(plan, &rng, &free_count);

    for (; i < free_count && (int64_t)i < count; i++)
        fail(plan, free_runs[i].run, i < deck.count ? deck.chains[i] : draw(&deck, &rng), &rng);
    for (size_t n = 0; i < free_count && n < free_count / 100; i++, n++)
        divert(free_runs[i].run, n, &rng);

    if (plan->plants & PLANT_OPERATIONS)
        fail_operations(plan, &rng);
    if (plan->plants & PLANT_PURGE_FAILED)
        fail_newest_purges(plan);
}
