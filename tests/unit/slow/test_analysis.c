/* Baselines and slow runs over runs that are written down by hand. */
#include "test.h"

#include "ssisminer/slow/analysis.h"

#include "ssisminer/base/time.h"

#include <stdlib.h>

#define SECOND TICKS_PER_SECOND
#define MINUTE (60 * TICKS_PER_SECOND)
#define HOUR   (60 * MINUTE)
#define BASE   (INT64_C(700000) * TICKS_PER_DAY)

enum { RUNS_MAX = 400 };

static Run runs[RUNS_MAX];
static size_t run_count;
static SlowRules rules;
static Arena arena;

static int setup(void **state)
{
    (void)state;
    run_count = 0;
    rules = (SlowRules){.since = BASE + 100 * HOUR,
                        .until = BASE + 200 * HOUR,
                        .now = BASE + 200 * HOUR,
                        .slower_percent = 50,
                        .least_runs = 5};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static Run *run(int64_t begin, int64_t length)
{
    Run *r = &runs[run_count++];

    *r = (Run){.id = (int64_t)run_count,
               .start = BASE + begin - 3 * MINUTE, // it waited, which is nobody's fault here
               .work = BASE + begin,
               .end = BASE + begin + length,
               .key = 1,
               .status = STATUS_SUCCEEDED};
    return r;
}

static void usual(int count, int64_t length) // hourly, up to the window
{
    for (int i = 0; i < count; i++)
        (void)run((100 - count + i) * HOUR, length + (i % 3 - 1) * SECOND);
}

static SlowFigures figures(void)
{
    return slow_figures(runs, run_count, &rules, &arena);
}

/* ---- what is slow ---------------------------------------------------------------------------- */

static void test_slow__longer_than_usual(void **state)
{
    (void)state;
    usual(9, 10 * MINUTE);
    (void)run(110 * HOUR, 16 * MINUTE);
    (void)run(120 * HOUR, 14 * MINUTE); // not by half
    SlowFigures f = figures();
    assert_int_equal(f.count, 1);
    assert_int_equal(f.judged, 2);
    assert_int_equal(f.list[0].run->id, 10);
    assert_int_equal(f.list[0].length, 16 * MINUTE);
    assert_int_equal(f.list[0].baseline.median, 10 * MINUTE);
    assert_int_equal(f.list[0].baseline.count, 9);
    assert_int_equal(f.lost, 6 * MINUTE);
}

static void test_slow__needs_enough_runs_before(void **state)
{
    (void)state;
    usual(4, 10 * MINUTE);
    (void)run(110 * HOUR, HOUR);
    SlowFigures f = figures();
    assert_int_equal(f.count, 0);
    assert_int_equal(f.judged, 0);
    assert_int_equal(f.unjudged, 1);
    rules.least_runs = 4;
    assert_int_equal(figures().count, 1);
}

static void test_slow__scatter_and_seconds_are_not(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) // anything from 2 to 20 minutes
        (void)run((80 + i) * HOUR, (2 + 2 * i) * MINUTE);
    (void)run(110 * HOUR, 25 * MINUTE);
    assert_int_equal(figures().count, 0);

    (void)setup(state);
    usual(9, 4 * SECOND);
    (void)run(110 * HOUR, 13 * SECOND);
    assert_int_equal(figures().count, 0);
    (void)run(111 * HOUR, 20 * SECOND);
    assert_int_equal(figures().count, 1);
}

static void test_slow__a_baseline_is_of_successes_that_were_over(void **state)
{
    (void)state;
    usual(5, 10 * MINUTE);
    for (int i = 0; i < 5; i++)
        run((90 + i) * HOUR, HOUR)->status = STATUS_FAILED;
    run(96 * HOUR, 30 * HOUR)->status = STATUS_SUCCEEDED; // not over when the next begins
    (void)run(110 * HOUR, 20 * MINUTE);
    SlowFigures f = figures();
    assert_int_equal(f.count, 1);
    assert_int_equal(f.list[0].run->id, 12);
    assert_int_equal(f.list[0].baseline.count, 5);
}

static void test_slow__other_package_is_another_baseline(void **state)
{
    (void)state;
    usual(9, 10 * MINUTE);
    run(110 * HOUR, HOUR)->key = 2;
    SlowFigures f = figures();
    assert_int_equal(f.count, 0);
    assert_int_equal(f.unjudged, 1);
}

static void test_slow__live_ones_until_now(void **state)
{
    (void)state;
    usual(9, 10 * MINUTE);
    run(199 * HOUR, 0)->end = 0;
    runs[9].status = STATUS_RUNNING;
    run(150 * HOUR, 0)->end = 0;
    runs[10].status = STATUS_RUNNING;
    run(199 * HOUR, 0)->end = 0;
    runs[11].status = STATUS_PENDING;
    runs[11].work = 0;
    SlowFigures f = figures();
    assert_int_equal(f.count, 2);
    assert_int_equal(f.list[0].run->id, 11);
    assert_true(f.list[0].may_be_dead);
    assert_int_equal(f.list[1].length, HOUR);
    assert_true(f.list[1].is_live);
    assert_false(f.list[1].may_be_dead);
}

static void test_slow__ended_unexpectedly_is_neither_judged_nor_a_baseline(void **state)
{
    (void)state;
    usual(5, 10 * MINUTE);
    for (int i = 0; i < 3; i++)
        run((95 + i) * HOUR, 50 * MINUTE)->status = STATUS_ENDED_UNEXPECTEDLY;
    run(110 * HOUR, 40 * HOUR)->status = STATUS_ENDED_UNEXPECTEDLY;
    (void)run(160 * HOUR, 20 * MINUTE);
    SlowFigures f = figures();
    assert_int_equal(f.unknown_count, 1);
    assert_int_equal(f.unknown[0]->id, 9);
    assert_int_equal(f.count, 1);
    assert_int_equal(f.list[0].baseline.median, 10 * MINUTE);
}

static void test_slow__what_began_before_and_ended_in_the_window(void **state)
{
    (void)state;
    usual(9, 10 * MINUTE);
    (void)run(99 * HOUR + 30 * MINUTE, 2 * HOUR);
    assert_int_equal(figures().count, 1);
}

static void test_slow__the_latest_fifty_make_the_baseline(void **state)
{
    (void)state;
    for (int i = 0; i < 60; i++)
        (void)run(i * HOUR, HOUR / 2);
    for (int i = 0; i < 50; i++)
        (void)run(70 * HOUR + i * 30 * MINUTE, 10 * MINUTE); // faster for some time
    (void)run(110 * HOUR, 30 * MINUTE);
    SlowFigures f = figures();
    assert_int_equal(f.count, 1);
    assert_int_equal(f.list[0].baseline.count, SLOW_BASELINE_RUNS);
    assert_int_equal(f.list[0].baseline.median, 10 * MINUTE);
    assert_int_equal(f.list[0].baseline.runs[0]->id, 110);
}

/* ---- trends ---------------------------------------------------------------------------------- */

static void test_trend__medians_of_the_quarters(void **state)
{
    (void)state;
    usual(9, 10 * MINUTE);
    (void)run(101 * HOUR, 10 * MINUTE);
    (void)run(126 * HOUR, 12 * MINUTE);
    (void)run(176 * HOUR, 13 * MINUTE);
    (void)run(180 * HOUR, 14 * MINUTE);
    SlowFigures f = figures();
    assert_int_equal(f.trend_count, 1);
    const SlowTrend *trend = &f.trends[0];
    assert_int_equal(trend->usual, 10 * MINUTE);
    assert_int_equal(trend->quarters[0], 10 * MINUTE);
    assert_int_equal(trend->quarters[1], 12 * MINUTE);
    assert_int_equal(trend->quarters[2], -1);
    assert_int_equal(trend->quarters[3], 13 * MINUTE + 30 * SECOND);
    assert_true(trend->drift > 1.34 && trend->drift < 1.36);
    assert_int_equal(trend->longest, 14 * MINUTE);
}

/* ---- against plain comparing ----------------------------------------------------------------- */

static uint64_t seed;

static int64_t random_below(int64_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((seed >> 33) % (uint64_t)n);
}

static int latest_begin_first(const void *a, const void *b)
{
    const Run *x = *(const Run *const *)a, *y = *(const Run *const *)b;

    if (x->work != y->work)
        return x->work > y->work ? -1 : 1;
    return (x->id < y->id) - (x->id > y->id);
}

/* Looks at every other run for each, straight from the words of the header. */
static bool is_plainly_slow(const Run *one)
{
    const Run *before[RUNS_MAX];
    int64_t lengths[RUNS_MAX], from, to;
    size_t n = 0;

    for (size_t i = 0; i < run_count; i++)
        if (runs[i].key == one->key && runs[i].status == STATUS_SUCCEEDED &&
            (runs[i].work < one->work || (runs[i].work == one->work && runs[i].id < one->id)) &&
            runs[i].end <= one->work)
            before[n++] = &runs[i];
    if (n < rules.least_runs || !run_worked(one, rules.now, &from, &to))
        return false;
    qsort(before, n, sizeof(*before), latest_begin_first);
    n = n < SLOW_BASELINE_RUNS ? n : SLOW_BASELINE_RUNS;
    for (size_t i = 0; i < n; i++)
        lengths[i] = before[i]->end - before[i]->work;
    int64_t median = slow_median(lengths, n);
    for (size_t i = 0; i < n; i++)
        lengths[i] = llabs(before[i]->end - before[i]->work - median);
    int64_t deviation = (int64_t)((double)slow_median(lengths, n) * 1.4826), length = to - from;
    return length - median > 10 * SECOND &&
           length - median > 5 * deviation / (int64_t)n * (int64_t)(n + 8) &&
           length - median >= median / 100 * 50;
}

static void make_history(void)
{
    static const int8_t statuses[] = {STATUS_SUCCEEDED, STATUS_SUCCEEDED, STATUS_SUCCEEDED,
                                      STATUS_SUCCEEDED, STATUS_FAILED,    STATUS_ENDED_UNEXPECTEDLY,
                                      STATUS_RUNNING};
    size_t count = 1 + (size_t)random_below(RUNS_MAX - 1);

    run_count = 0;
    while (run_count < count) {
        int64_t length = (10 + random_below(4)) * MINUTE * (random_below(9) == 0 ? 3 : 1);
        Run *r = run(random_below(200 * 60) * MINUTE, length);
        r->key = 1 + (uint32_t)random_below(3);
        r->status = statuses[random_below((int64_t)ARRAY_LEN(statuses))];
        if (r->status == STATUS_RUNNING)
            r->end = 0;
    }
}

static void test_slow__agrees_with_comparing_every_pair(void **state)
{
    size_t found = 0;

    (void)state;
    for (int round = 1; round <= 80; round++) {
        seed = (uint64_t)round * 15485863;
        make_history();
        SlowFigures f = figures();
        size_t expected = 0;
        int64_t from, to;
        for (size_t i = 0; i < run_count; i++)
            expected += runs[i].status != STATUS_ENDED_UNEXPECTEDLY &&
                        run_worked(&runs[i], rules.now, &from, &to) && to >= rules.since &&
                        from < rules.until && is_plainly_slow(&runs[i]);
        assert_int_equal(f.count, expected);
        for (size_t i = 0; i < f.count; i++)
            assert_true(is_plainly_slow(f.list[i].run));
        found += f.count;
        arena_reset(&arena);
    }
    assert_true(found > 100);
}

static void test_slow__nothing_at_all(void **state)
{
    (void)state;
    SlowFigures f = figures();
    assert_int_equal(f.count, 0);
    assert_int_equal(f.trend_count, 0);
    assert_int_equal(slow_median(NULL, 0), -1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(slow__longer_than_usual),
        CASE(slow__needs_enough_runs_before),
        CASE(slow__scatter_and_seconds_are_not),
        CASE(slow__a_baseline_is_of_successes_that_were_over),
        CASE(slow__other_package_is_another_baseline),
        CASE(slow__live_ones_until_now),
        CASE(slow__ended_unexpectedly_is_neither_judged_nor_a_baseline),
        CASE(slow__what_began_before_and_ended_in_the_window),
        CASE(slow__the_latest_fifty_make_the_baseline),
        CASE(trend__medians_of_the_quarters),
        CASE(slow__agrees_with_comparing_every_pair),
        CASE(slow__nothing_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
