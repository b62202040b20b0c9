/* Which executions took longer than their package usually does. */
#include "ssisminer/slow/analysis.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"

#include <stdlib.h>

/* ---- medians --------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

int64_t slow_median(int64_t *values, size_t count)
{
    if (count == 0)
        return -1;
    qsort(values, count, sizeof(*values), by_value);
    if (count % 2)
        return values[count / 2];
    int64_t low = values[count / 2 - 1], high = values[count / 2]; // as far apart as can be
    return low + (int64_t)(((uint64_t)high - (uint64_t)low) / 2);
}

/* ---- lengths --------------------------------------------------------------------------------- */

static int64_t begin_of(const Run *run)
{
    return run->work ? run->work : run->start;
}

static int64_t length_of(const Run *run, int64_t now)
{
    int64_t from, to;

    return run_worked(run, now, &from, &to) && to > from ? to - from : 0;
}

static bool is_success(const Run *run)
{
    return (run->status == STATUS_SUCCEEDED || run->status == STATUS_COMPLETED) && run->end != 0 &&
           begin_of(run) != 0;
}

/* Lived in the window, has a length, and is asked for. */
static bool is_asked(const Run *run, const SlowRules *rules)
{
    int64_t from, to;

    if (rules->filter && !run_passes(rules->filter, rules->runs, run))
        return false;
    return run_worked(run, rules->now, &from, &to) && to >= rules->since && from < rules->until;
}

/* ---- baselines ------------------------------------------------------------------------------- */

typedef struct Successes { // of a key, sorted by their begin
    const Run **at;
    size_t count;
} Successes;

/* The latest of them that had ended by `by`. */
static void find_baseline(const Successes *successes, int64_t by, Baseline *ret_baseline)
{
    ret_baseline->count = 0;
    for (size_t i = successes->count; i > 0 && ret_baseline->count < SLOW_BASELINE_RUNS; i--)
        if (successes->at[i - 1]->end <= by)
            ret_baseline->runs[ret_baseline->count++] = successes->at[i - 1];
}

static void measure(Baseline *baseline)
{
    int64_t values[SLOW_BASELINE_RUNS];

    for (size_t i = 0; i < baseline->count; i++)
        values[i] = length_of(baseline->runs[i], 0);
    baseline->median = slow_median(values, baseline->count);
    for (size_t i = 0; i < baseline->count; i++) {
        int64_t distance = length_of(baseline->runs[i], 0) - baseline->median;
        values[i] = distance < 0 ? -distance : distance;
    }
    baseline->deviation = sat_of((double)slow_median(values, baseline->count) * 1.4826);
}

static bool is_slow(int64_t length, const Baseline *baseline, const SlowRules *rules)
{
    enum { DEVIATIONS = 5, SMALL_SAMPLE = 8, LEAST_SECONDS = 10 };
    int64_t excess = length - baseline->median, count = (int64_t)baseline->count;
    int64_t scatter =
        sat_mul(sat_mul(DEVIATIONS, baseline->deviation) / count, count + SMALL_SAMPLE);

    return excess > LEAST_SECONDS * TICKS_PER_SECOND && excess > scatter &&
           excess >= sat_mul(baseline->median / 100, rules->slower_percent);
}

/* ---- one package ----------------------------------------------------------------------------- */

typedef struct Judge {
    const SlowRules *rules;
    SlowFigures *out;
    Arena *arena;
    SlowRun *list;
    size_t list_capacity;
    const Run **unknown;
    size_t unknown_capacity, trend_capacity;
} Judge;

static void add_unknown(Judge *judge, const Run *run)
{
    SlowFigures *out = judge->out;

    judge->unknown =
        arena_grow(judge->arena, judge->unknown, out->unknown_count, out->unknown_count + 1,
                   &judge->unknown_capacity, sizeof(*judge->unknown));
    judge->unknown[out->unknown_count++] = run;
}

static void add_slow(Judge *judge, const SlowRun *slow)
{
    SlowFigures *out = judge->out;

    judge->list = arena_grow(judge->arena, judge->list, out->count, out->count + 1,
                             &judge->list_capacity, sizeof(*judge->list));
    judge->list[out->count++] = *slow;
    out->lost = sat_add(out->lost, slow->length - slow->baseline.median);
}

static void judge_run(Judge *judge, const Successes *before, const Run *run, SlowTrend *trend)
{
    const SlowRules *rules = judge->rules;
    SlowRun slow = {.run = run, .length = length_of(run, rules->now)};

    slow.is_live = status_is_live(run->status);
    slow.may_be_dead = slow.is_live && slow.length > TICKS_PER_DAY;
    trend->longest = slow.length > trend->longest ? slow.length : trend->longest;
    find_baseline(before, begin_of(run), &slow.baseline);
    if (slow.baseline.count < rules->least_runs) {
        judge->out->unjudged++;
        return;
    }
    judge->out->judged++;
    trend->judged++;
    measure(&slow.baseline);
    if (!is_slow(slow.length, &slow.baseline, rules))
        return;
    trend->slow++;
    add_slow(judge, &slow);
}

/* ---- trends ---------------------------------------------------------------------------------- */

static int64_t quarter_median(const Judge *judge, const Successes *successes, int quarter,
                              int64_t *room)
{
    const SlowRules *rules = judge->rules;
    int64_t length = (rules->until - rules->since) / SLOW_QUARTERS;
    int64_t from = rules->since + quarter * length;
    int64_t to = quarter == SLOW_QUARTERS - 1 ? rules->until : from + length;
    size_t n = 0;

    for (size_t i = 0; i < successes->count; i++) {
        const Run *run = successes->at[i];
        if (run->end >= from && run->end < to)
            room[n++] = length_of(run, 0);
    }
    return slow_median(room, n);
}

static int64_t usual_length(const Judge *judge, const Successes *successes, int64_t *room)
{
    Baseline before;
    size_t n = 0;

    find_baseline(successes, judge->rules->since, &before);
    if (before.count >= judge->rules->least_runs) {
        measure(&before);
        return before.median;
    }
    for (size_t i = 0; i < successes->count; i++)
        if (is_asked(successes->at[i], judge->rules))
            room[n++] = length_of(successes->at[i], 0);
    return slow_median(room, n);
}

static void draw_trend(const Judge *judge, const Successes *successes, SlowTrend *trend)
{
    int64_t *room = mem_alloc((successes->count + 1) * sizeof(*room));

    trend->usual = usual_length(judge, successes, room);
    for (int i = 0; i < SLOW_QUARTERS; i++) {
        trend->quarters[i] = quarter_median(judge, successes, i, room);
        if (trend->quarters[i] >= 0 && trend->usual > 0)
            trend->drift = (double)trend->quarters[i] / (double)trend->usual;
    }
    free(room);
}

static void add_trend(Judge *judge, const SlowTrend *trend)
{
    SlowFigures *out = judge->out;

    out->trends = arena_grow(judge->arena, out->trends, out->trend_count, out->trend_count + 1,
                             &judge->trend_capacity, sizeof(*out->trends));
    out->trends[out->trend_count++] = *trend;
}

static void judge_package(Judge *judge, const Run *first, const Run *end)
{
    SlowTrend trend = {.key = first->key};
    Successes successes = {mem_alloc((size_t)(end - first) * sizeof(*successes.at)), 0};
    bool is_seen = false;

    for (const Run *run = first; run < end; run++) {
        if (is_asked(run, judge->rules) && run->status == STATUS_ENDED_UNEXPECTEDLY) {
            add_unknown(judge, run);
        } else if (is_asked(run, judge->rules)) {
            is_seen = true;
            judge_run(judge, &successes, run, &trend);
        }
        if (is_success(run))
            successes.at[successes.count++] = run;
    }
    if (is_seen) {
        draw_trend(judge, &successes, &trend);
        add_trend(judge, &trend);
    }
    free(successes.at);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
    const Run *x = a, *y = b;
    int64_t xb = begin_of(x), yb = begin_of(y);

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (xb != yb)
        return xb < yb ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static int most_lost_first(const void *a, const void *b)
{
    const SlowRun *x = a, *y = b;
    int64_t xl = x->length - x->baseline.median, yl = y->length - y->baseline.median;

    if (xl != yl)
        return xl > yl ? -1 : 1;
    return (x->run->id < y->run->id) - (x->run->id > y->run->id);
}

static int worst_first(const void *a, const void *b)
{
    const SlowTrend *x = a, *y = b;

    if (x->slow != y->slow)
        return x->slow > y->slow ? -1 : 1;
    if (x->drift < y->drift || x->drift > y->drift)
        return x->drift > y->drift ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

SlowFigures slow_figures(Run *runs, size_t count, const SlowRules *rules, Arena *arena)
{
    SlowFigures out = {0};
    Judge judge = {.rules = rules, .out = &out, .arena = arena};

    if (count > 0)
        qsort(runs, count, sizeof(*runs), by_key);
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i + 1; next < count && runs[next].key == runs[i].key; next++)
            ;
        judge_package(&judge, &runs[i], runs + next);
    }
    if (out.count > 0)
        qsort(judge.list, out.count, sizeof(*judge.list), most_lost_first);
    if (out.trend_count > 0)
        qsort(out.trends, out.trend_count, sizeof(*out.trends), worst_first);
    out.list = judge.list;
    out.unknown = judge.unknown;
    return out;
}
