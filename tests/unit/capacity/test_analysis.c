/* Slots and waits over runs that are written down by hand. */
#include "test.h"

#include "ssisminer/capacity/analysis.h"

#include "ssisminer/base/time.h"

#include <stdio.h>
#include <stdlib.h>

#define SECOND TICKS_PER_SECOND
#define MINUTE (60 * TICKS_PER_SECOND)
#define HOUR   (60 * MINUTE)
#define BASE   (INT64_C(700000) * TICKS_PER_DAY)

enum { RUNS_MAX = 300 };

static Run runs[RUNS_MAX];
static size_t run_count;
static CapacityRules rules;
static Arena arena;

static int setup(void **state)
{
    (void)state;
    run_count = 0;
    rules = (CapacityRules){.since = BASE,
                            .until = BASE + 4 * HOUR,
                            .now = BASE + 4 * HOUR,
                            .slots = 2,
                            .target_wait = MINUTE};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* Started at, waited, then worked; work below 0: nobody knows when it began. */
static Run *run(int64_t start, int64_t wait, int64_t length)
{
    Run *r = &runs[run_count++];

    *r = (Run){.id = (int64_t)run_count,
               .created = BASE + start,
               .start = BASE + start,
               .work = wait < 0 ? 0 : BASE + start + wait,
               .end = BASE + start + (wait < 0 ? 0 : wait) + length,
               .key = 1,
               .status = STATUS_SUCCEEDED};
    return r;
}

static CapacityRun few_bytes[RUNS_MAX];

static CapacityFigures figures(void)
{
    for (size_t i = 0; i < run_count; i++)
        few_bytes[i] = capacity_pack(&runs[i], rules.now, true);
    return capacity_figures(few_bytes, run_count, &rules, &arena);
}

static size_t silent(void)
{
    size_t count = 0;

    for (size_t i = 0; i < run_count; i++)
        count += capacity_is_silent(&runs[i], rules.now);
    return count;
}

/* ---- waits ----------------------------------------------------------------------------------- */

static void test_waits__are_those_that_somebody_had(void **state)
{
    int64_t waits[100];

    (void)state;
    for (int i = 0; i < 100; i++)
        waits[i] = 100 - i;
    Waits all = capacity_waits(waits, 100);
    assert_int_equal(all.known, 100);
    assert_int_equal(all.median, 50);
    assert_int_equal(all.p95, 95);
    assert_int_equal(all.longest, 100);
    Waits one = capacity_waits(waits, 1);
    assert_int_equal(one.median, 1);
    assert_int_equal(one.p95, 1);
    Waits none = capacity_waits(waits, 0);
    assert_int_equal(none.known, 0);
    assert_int_equal(none.p95, -1);
}

/* So many are sorted in place. */
static void test_waits__of_a_million(void **state)
{
    enum { COUNT = 1000003 };
    int64_t *waits = malloc(COUNT * sizeof(*waits));

    (void)state;
    assert_non_null(waits);
    for (int64_t i = 0; i < COUNT; i++)
        waits[i] = i * 7919 % COUNT; // each number once
    Waits all = capacity_waits(waits, COUNT);
    assert_int_equal(all.median, (COUNT + 1) / 2 - 1);
    assert_int_equal(all.p95, (COUNT * INT64_C(95) + 99) / 100 - 1);
    assert_int_equal(all.longest, COUNT - 1);
    for (int64_t i = 0; i < COUNT; i++)
        assert_true(waits[i] == i);
    free(waits);
}

/* Who is pending still waits: until now he holds no slot, and how long he will nobody knows. */
static void test_figures__pending_runs_wait_on(void **state)
{
    (void)state;
    Run *r = run(10 * MINUTE, -1, 0);
    r->end = 0;
    r->status = STATUS_PENDING;
    CapacityRun pending = capacity_pack(r, BASE + 40 * MINUTE, true);
    assert_int_equal(pending.wait, 30 * MINUTE);
    assert_int_equal(capacity_wait(&pending), -1);
    r->status = STATUS_SUCCEEDED;
    CapacityRun unknown = capacity_pack(r, BASE + 40 * MINUTE, true);
    assert_true(unknown.wait != pending.wait);
    assert_int_equal(capacity_wait(&unknown), -1);
}

static void test_figures__waits_by_hour_of_the_start(void **state)
{
    (void)state;
    (void)run(10 * MINUTE, 5 * MINUTE, MINUTE);
    (void)run(59 * MINUTE, 10 * MINUTE, MINUTE); // began in the next hour, started in this one
    (void)run(2 * HOUR, 0, MINUTE);
    (void)run(2 * HOUR, -1, MINUTE);  // no sign of work
    (void)run(-HOUR, MINUTE, MINUTE); // before the window
    CapacityFigures f = figures();
    assert_int_equal(f.started, 4);
    assert_int_equal(f.waits.known, 3);
    assert_int_equal(f.waits.longest, 10 * MINUTE);
    assert_int_equal(f.hour_count, 4);
    assert_int_equal(f.hours[0].started, 2);
    assert_int_equal(f.hours[0].waits.p95, 10 * MINUTE);
    assert_int_equal(f.hours[1].waits.known, 0);
    assert_int_equal(f.hours[2].started, 2);
    assert_int_equal(f.hours[2].waits.known, 1);
    assert_int_equal(f.day[2].waits.longest, 0);
}

static void test_figures__a_sign_before_the_start_is_no_wait(void **state)
{
    (void)state;
    run(HOUR, 0, MINUTE)->work -= 3 * SECOND;
    assert_int_equal(figures().waits.longest, 0);
}

/* ---- slots ----------------------------------------------------------------------------------- */

static void test_figures__saturated_while_every_slot_is_taken(void **state)
{
    (void)state;
    (void)run(50 * MINUTE, 0, 20 * MINUTE);
    (void)run(55 * MINUTE, 0, 20 * MINUTE);           // full from 55 to 70
    (void)run(60 * MINUTE, 10 * MINUTE, 10 * MINUTE); // takes the slot that is given back: 70 to 80
    (void)run(62 * MINUTE, 13 * MINUTE, MINUTE);
    CapacityFigures f = figures();
    assert_int_equal(f.peak, 2);
    assert_int_equal(f.peak_at, BASE + 55 * MINUTE);
    assert_int_equal(f.saturated, 21 * MINUTE);
    assert_int_equal(f.hours[0].saturated, 5 * MINUTE);
    assert_int_equal(f.hours[1].saturated, 16 * MINUTE);
    assert_int_equal(f.running, 51 * MINUTE);
    assert_int_equal(f.hours[0].running, 15 * MINUTE);
    assert_int_equal(f.span_count, 1);
    assert_int_equal(f.spans[0].from, BASE + 55 * MINUTE);
    assert_int_equal(f.spans[0].to, BASE + 76 * MINUTE);
    assert_int_equal(f.spans[0].waiting, 2);
    rules.slots = 0; // not known
    f = figures();
    assert_int_equal(f.saturated, 0);
    assert_int_equal(f.span_count, 0);
}

static void test_figures__a_break_of_more_than_a_minute_parts_spans(void **state)
{
    (void)state;
    rules.slots = 1;
    (void)run(0, 0, 10 * MINUTE);
    (void)run(10 * MINUTE + 50 * SECOND, 0, 10 * MINUTE);
    (void)run(30 * MINUTE, 0, 10 * MINUTE);
    CapacityFigures f = figures();
    assert_int_equal(f.span_count, 2);
    assert_int_equal(f.spans[0].to, BASE + 20 * MINUTE + 50 * SECOND);
    assert_int_equal(f.saturated, 30 * MINUTE);
}

static void test_figures__what_ran_into_the_window_holds_its_slot(void **state)
{
    (void)state;
    rules.slots = 1;
    (void)run(-HOUR, 0, HOUR + 10 * MINUTE);
    run(HOUR, 0, 0)->end = 0;
    runs[1].status = STATUS_RUNNING; // still: until now
    CapacityFigures f = figures();
    assert_int_equal(f.started, 1);
    assert_int_equal(f.saturated, 10 * MINUTE + 3 * HOUR);
}

static void test_figures__what_is_dead_holds_none(void **state)
{
    (void)state;
    run(-30 * HOUR, 0, 0)->end = 0;
    runs[0].status = STATUS_RUNNING;
    run(-60 * HOUR, 0, 61 * HOUR)->status = STATUS_ENDED_UNEXPECTEDLY; // its end is the repair
    run(-60 * HOUR, 0, 0)->end = 0;
    runs[2].status = STATUS_PENDING;
    runs[2].work = 0;
    (void)run(-60 * HOUR, 0, 61 * HOUR); // took that long, and said so
    CapacityFigures f = figures();
    assert_int_equal(silent(), 2);
    assert_int_equal(f.peak, 1);
    assert_int_equal(f.running, HOUR);
}

/* Two run while others wait, whatever number of slots is given; a third one comes in between. */
static void test_figures__what_runs_while_others_wait_is_measured(void **state)
{
    (void)state;
    for (int slots = 0; slots <= 8; slots += 4) {
        run_count = 0;
        rules.slots = slots;
        (void)run(0, 0, 30 * MINUTE);
        (void)run(0, 0, 30 * MINUTE);
        for (int i = 0; i < 5; i++)
            (void)run(MINUTE, 30 * MINUTE + i / 2 * 20 * MINUTE, 20 * MINUTE);
        (void)run(5 * MINUTE, 0, 2 * MINUTE); // beside the queue
        for (int i = 0; i < 10; i++)
            (void)run(3 * HOUR + i * MINUTE, 5 * SECOND, SECOND);
        CapacityFigures f = figures();
        assert_int_equal(f.full_at, 2);
        assert_int_equal(f.tedious, 5);
        assert_int_equal(f.over, 0);
        arena_reset(&arena);
    }
    rules.slots = 1;
    assert_int_equal(figures().over, 82 * MINUTE - 12 * MINUTE - 0);
}

static void test_figures__nothing_at_all(void **state)
{
    (void)state;
    CapacityFigures f = figures();
    assert_int_equal(f.started, 0);
    assert_int_equal(f.peak, 0);
    assert_int_equal(f.waits.p95, -1);
    assert_int_equal(capacity_slots_needed(few_bytes, 0, &rules), 0);
}

/* ---- against plain counting ------------------------------------------------------------------ */

static uint64_t seed;

static int64_t random_below(int64_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((seed >> 33) % (uint64_t)n);
}

/* Whole minutes, so that minutes can be counted one by one. */
static void make_history(void)
{
    size_t count = 1 + (size_t)random_below(120);

    run_count = 0;
    rules.slots = 1 + (int)random_below(6);
    while (run_count < count) {
        Run *r = run((random_below(360) - 60) * MINUTE, (random_below(40) - 5) * MINUTE,
                     random_below(50) * MINUTE);
        if (random_below(12) == 0) {
            r->end = 0;
            r->status = STATUS_RUNNING;
        }
    }
}

static int running_in(int64_t minute) // the minute that begins then
{
    int count = 0;
    int64_t from, to;

    for (size_t i = 0; i < run_count; i++)
        if (run_worked(&runs[i], rules.now, &from, &to))
            count += from <= minute && to > minute;
    return count;
}

static void test_figures__agree_with_counting_minute_by_minute(void **state)
{
    (void)state;
    for (int round = 1; round <= 200; round++) {
        seed = (uint64_t)round * 15485863;
        make_history();
        CapacityFigures f = figures();
        int64_t saturated[4] = {0}, running = 0;
        int peak = 0;
        for (int64_t minute = 0; minute < 240; minute++) {
            int count = running_in(BASE + minute * MINUTE);
            peak = count > peak ? count : peak;
            running += count * MINUTE;
            saturated[minute / 60] += count >= rules.slots ? MINUTE : 0;
        }
        assert_int_equal(f.peak, peak);
        assert_int_equal(f.running, running);
        for (int hour = 0; hour < 4; hour++)
            assert_int_equal(f.hours[hour].saturated, saturated[hour]);
        assert_int_equal(f.saturated, saturated[0] + saturated[1] + saturated[2] + saturated[3]);
        arena_reset(&arena);
    }
}

/* First come first served, by trying every slot for each run. */
static int64_t slow_replay(int slots, int64_t *ret_longest)
{
    int64_t free_at[16] = {0}, waits[RUNS_MAX], from, to;
    size_t n = 0;

    for (size_t i = 0; i < run_count; i++) {
        if (!run_worked(&runs[i], rules.now, &from, &to))
            continue;
        int best = 0;
        for (int s = 1; s < slots; s++)
            best = free_at[s] < free_at[best] ? s : best;
        int64_t begin = free_at[best] > runs[i].start ? free_at[best] : runs[i].start;
        free_at[best] = begin + (to > from ? to - from : 0);
        if (runs[i].start >= rules.since && runs[i].start < rules.until)
            waits[n++] = begin - runs[i].start;
    }
    Waits all = capacity_waits(waits, n);
    *ret_longest = all.longest;
    return all.p95;
}

static int by_start(const void *a, const void *b)
{
    const Run *x = a, *y = b;

    return (x->start > y->start) - (x->start < y->start);
}

static void test_replay__agrees_with_trying_every_slot(void **state)
{
    int64_t longest;

    (void)state;
    for (int round = 1; round <= 60; round++) {
        seed = (uint64_t)round * 7919;
        make_history();
        qsort(runs, run_count, sizeof(*runs), by_start);
        (void)figures();
        for (int slots = 1; slots <= 12; slots++) {
            CapacityReplay replay = capacity_replay(few_bytes, run_count, &rules, slots);
            assert_int_equal(replay.p95, slow_replay(slots, &longest));
            assert_int_equal(replay.longest, longest);
        }
    }
}

static void test_slots_needed__are_the_fewest_that_hold_the_target(void **state)
{
    (void)state;
    for (int round = 1; round <= 60; round++) {
        seed = (uint64_t)round * 104729;
        make_history();
        CapacityFigures f = figures();
        int needed = capacity_slots_needed(few_bytes, run_count, &rules);
        if (f.started == 0)
            continue;
        assert_true(needed >= 1);
        assert_true(capacity_replay(few_bytes, run_count, &rules, needed).worst_p95 <=
                    rules.target_wait);
        if (needed > 1)
            assert_true(capacity_replay(few_bytes, run_count, &rules, needed - 1).worst_p95 >
                        rules.target_wait);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(waits__are_those_that_somebody_had),
        CASE(waits__of_a_million),
        CASE(figures__pending_runs_wait_on),
        CASE(figures__waits_by_hour_of_the_start),
        CASE(figures__a_sign_before_the_start_is_no_wait),
        CASE(figures__saturated_while_every_slot_is_taken),
        CASE(figures__a_break_of_more_than_a_minute_parts_spans),
        CASE(figures__what_ran_into_the_window_holds_its_slot),
        CASE(figures__what_is_dead_holds_none),
        CASE(figures__what_runs_while_others_wait_is_measured),
        CASE(figures__nothing_at_all),
        CASE(figures__agree_with_counting_minute_by_minute),
        CASE(replay__agrees_with_trying_every_slot),
        CASE(slots_needed__are_the_fewest_that_hold_the_target),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
