/* Verdicts over runs that are written down by hand. */
#include "test.h"

#include "ssisminer/duplicates/analysis.h"

#include "ssisminer/base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE (60 * TICKS_PER_SECOND)
#define HOUR   (60 * MINUTE)
#define BASE   (INT64_C(700000) * TICKS_PER_DAY)

enum { RUNS_MAX = 400, SUCCEEDED = 7, FAILED = 4, RUNNING = 2, CREATED = 1 };

static DuplicateRun runs[RUNS_MAX];
static size_t run_count;
static DuplicateChild children[64];
static size_t child_count;
static DuplicateSign signs[RUNS_MAX];
static size_t sign_count;
static const DuplicateContext contexts[] = {{0},
                                            {.caller = 1},
                                            {.caller = 2},
                                            {.caller = 1, .is_32bit = true},
                                            {.caller = 1, .project_lsn = 2}};
static DuplicateRules rules;
static Arena arena;

static int setup(void **state)
{
    (void)state;
    run_count = child_count = sign_count = 0;
    rules = (DuplicateRules){
        .within = 10 * MINUTE, .now = BASE + 30 * TICKS_PER_DAY, .contexts = contexts};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* Ids rise from 1; a length of 0 never started, one below 0 still runs. */
static DuplicateRun *run(int64_t created, int64_t length, int status)
{
    DuplicateRun *r = &runs[run_count++];

    *r = (DuplicateRun){.id = (int64_t)run_count,
                        .created = BASE + created,
                        .key = 1,
                        .parameters = PARAMETERS_NONE,
                        .context = 1,
                        .status = (int8_t)status};
    if (length != 0)
        r->start = r->created;
    if (length > 0)
        r->end = r->start + length;
    return r;
}

static const DuplicateGroup *find(size_t *ret_count)
{
    run_count = duplicates_suspect(runs, run_count, &rules);
    duplicates_set_lifetimes(runs, run_count, signs, sign_count, &rules);
    return duplicates_group(runs, run_count, children, child_count, &rules, &arena, ret_count);
}

static const DuplicateGroup *only(DuplicateVerdict verdict, DuplicateConfidence confidence,
                                  unsigned reasons, size_t members)
{
    size_t count;
    const DuplicateGroup *group = find(&count);

    assert_int_equal(count, 1);
    assert_string_equal(duplicates_verdict_name(group->verdict), duplicates_verdict_name(verdict));
    assert_int_equal(group->reasons, reasons);
    assert_string_equal(duplicates_confidence_name(group->confidence),
                        duplicates_confidence_name(confidence));
    assert_int_equal(group->count, members);
    return group;
}

static void heard_of(const DuplicateRun *r, int64_t first, int64_t last)
{
    signs[sign_count++] = (DuplicateSign){r->id, first ? BASE + first : 0, BASE + last};
}

static void nothing(void)
{
    size_t count;

    (void)find(&count);
    assert_int_equal(count, 0);
}

/* ---- verdicts -------------------------------------------------------------------------------- */

static void test_analysis__second_while_first_runs(void **state)
{
    (void)state;
    run(0, 8 * MINUTE, SUCCEEDED);
    run(MINUTE, 5 * MINUTE, SUCCEEDED);
    const DuplicateGroup *group = only(DUPLICATE_DOUBLE_TRIGGER, DUPLICATE_HIGH, 0, 2);
    assert_int_equal(group->gap, MINUTE);
    assert_int_equal(group->overlap, 5 * MINUTE);
    assert_int_equal(group->wasted, 5 * MINUTE);
}

static void test_analysis__second_after_first_succeeded(void **state)
{
    (void)state;
    run(0, 20 * TICKS_PER_SECOND, SUCCEEDED);
    run(4 * MINUTE, 20 * TICKS_PER_SECOND, SUCCEEDED);
    const DuplicateGroup *group = only(DUPLICATE_DOUBLE_TRIGGER, DUPLICATE_HIGH, 0, 2);
    assert_int_equal(group->overlap, 0);
}

static void test_analysis__three_at_once_are_one_group(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        run(i * 40 * TICKS_PER_SECOND, HOUR, SUCCEEDED);
    const DuplicateGroup *group = only(DUPLICATE_DOUBLE_TRIGGER, DUPLICATE_HIGH, 0, 3);
    assert_int_equal(group->wasted, 2 * HOUR);
}

static void test_analysis__never_started_is_its_own(void **state)
{
    (void)state;
    run(0, 0, CREATED);
    run(MINUTE, 5 * MINUTE, SUCCEEDED);
    const DuplicateGroup *group = only(DUPLICATE_NEVER_STARTED, DUPLICATE_MEDIUM, 0, 2);
    assert_int_equal(group->wasted, 0);
}

static void test_analysis__overlap_beyond_the_window(void **state)
{
    (void)state;
    run(0, 3 * HOUR, SUCCEEDED);
    run(HOUR, HOUR, SUCCEEDED);
    (void)only(DUPLICATE_OVERLAP, DUPLICATE_HIGH, 0, 2);
}

static void test_analysis__open_run_overlaps_until_now(void **state)
{
    (void)state;
    rules.now = BASE + 3 * HOUR;
    run(0, -1, RUNNING);
    run(2 * HOUR, 10 * MINUTE, SUCCEEDED);
    (void)only(DUPLICATE_OVERLAP, DUPLICATE_HIGH, 0, 2);
}

static void test_analysis__field_U4_silent_for_a_day_is_over(void **state)
{
    (void)state;
    run(0, -1, RUNNING); // its last sign is its start
    run(2 * HOUR, 10 * MINUTE, SUCCEEDED);
    nothing();
}

static void test_analysis__field_U4_ends_with_its_last_sign(void **state)
{
    (void)state;
    heard_of(run(0, -1, RUNNING), 0, 3 * HOUR);
    run(2 * HOUR, 10 * MINUTE, SUCCEEDED);
    (void)only(DUPLICATE_OVERLAP, DUPLICATE_MEDIUM, BECAUSE_DEAD, 2);
}

static void test_analysis__field_U4_repair_is_no_end(void **state)
{
    (void)state;
    heard_of(run(0, 3 * TICKS_PER_DAY, 6), 0, HOUR);
    run(TICKS_PER_DAY, 10 * MINUTE, SUCCEEDED);
    nothing();
}

static void test_analysis__field_U4_pending_is_not_running(void **state)
{
    (void)state;
    run(0, -1, 5);
    run(2 * HOUR, -1, 5);
    nothing();
}

static void test_analysis__what_waits_does_not_run(void **state)
{
    (void)state;
    run(0, 2 * HOUR, SUCCEEDED);
    heard_of(run(HOUR, 2 * HOUR, SUCCEEDED), 2 * HOUR + MINUTE, 0);
    nothing();
}

static void test_analysis__field_R2_end_that_cannot_be(void **state)
{
    (void)state;
    run(0, 40 * TICKS_PER_DAY, FAILED); // ten days from now
    run(2 * HOUR, 10 * MINUTE, SUCCEEDED);
    nothing();
}

static void test_analysis__field_R4_counted_once(void **state)
{
    (void)state;
    run(0, HOUR, SUCCEEDED);
    run(0, HOUR, SUCCEEDED)->id = 1;
    nothing();
    assert_int_equal(run_count, 1);
}

static void test_analysis__field_U1_other_version_or_runtime(void **state)
{
    (void)state;
    run(0, HOUR, SUCCEEDED);
    run(MINUTE, HOUR, SUCCEEDED)->context = 3;
    run(2 * MINUTE, HOUR, SUCCEEDED)->context = 4;
    nothing();
}

static void test_analysis__field_U3_no_chain_over_hours(void **state)
{
    size_t count;

    (void)state;
    for (int i = 0; i < 10; i++) // uneven, and too few for a habit
        run(i * (4 + i % 3) * MINUTE, 3 * HOUR, SUCCEEDED);
    const DuplicateGroup *groups = find(&count);
    for (size_t i = 0; i < count; i++)
        if (groups[i].verdict == DUPLICATE_DOUBLE_TRIGGER)
            assert_true(runs[groups[i].members[groups[i].count - 1]].created -
                            runs[groups[i].members[0]].created <=
                        rules.within);
}

static void test_analysis__tells_the_extra_one(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++)
        run(i * TICKS_PER_DAY, HOUR, SUCCEEDED);
    run(6 * TICKS_PER_DAY - 3 * MINUTE, HOUR, SUCCEEDED);
    const DuplicateGroup *group = only(DUPLICATE_DOUBLE_TRIGGER, DUPLICATE_HIGH, 0, 2);
    assert_int_equal(group->scheduled, 1);
}

static void test_analysis__back_to_back_is_no_overlap(void **state)
{
    (void)state;
    rules.within = MINUTE;
    run(0, 3 * HOUR, FAILED);
    run(3 * HOUR, HOUR, SUCCEEDED);
    (void)only(DUPLICATE_RETRY, DUPLICATE_HIGH, 0, 2);
}

static void test_analysis__repeat_after_success(void **state)
{
    (void)state;
    run(0, 90 * TICKS_PER_SECOND, SUCCEEDED);
    run(31 * MINUTE, 90 * TICKS_PER_SECOND, SUCCEEDED);
    (void)only(DUPLICATE_REPEAT, DUPLICATE_MEDIUM, 0, 2);
}

static void test_analysis__long_after_success_is_new_work(void **state)
{
    (void)state;
    run(0, MINUTE, SUCCEEDED);
    run(2 * HOUR, MINUTE, SUCCEEDED);
    nothing();
}

static void test_analysis__retry_after_failure(void **state)
{
    (void)state;
    run(0, MINUTE, FAILED);
    run(6 * MINUTE, 5 * MINUTE, SUCCEEDED);
    (void)only(DUPLICATE_RETRY, DUPLICATE_HIGH, 0, 2);
}

static void test_analysis__second_before_first_failed_is_no_retry(void **state)
{
    (void)state;
    run(0, 5 * MINUTE, FAILED);
    run(2 * MINUTE, 5 * MINUTE, SUCCEEDED);
    (void)only(DUPLICATE_DOUBLE_TRIGGER, DUPLICATE_HIGH, 0, 2);
}

static void test_analysis__scale_out_ran_it_again(void **state)
{
    (void)state;
    run(0, HOUR, SUCCEEDED)->executed_count = 3;
    run(9 * HOUR, HOUR, SUCCEEDED)->executed_count = 1;
    (void)only(DUPLICATE_SCALE_OUT, DUPLICATE_HIGH, 0, 1);
}

static void test_analysis__child_beside_its_own_run(void **state)
{
    (void)state;
    run(0, 2 * HOUR, SUCCEEDED)->key = 2;
    run(40 * MINUTE, 20 * MINUTE, SUCCEEDED);
    children[child_count++] = (DuplicateChild){
        .execution_id = 1, .key = 1, .start = BASE + 30 * MINUTE, .end = BASE + 50 * MINUTE};
    const DuplicateGroup *group = only(DUPLICATE_CHILD_OVERLAP, DUPLICATE_HIGH, 0, 2);
    assert_int_equal(runs[group->members[0]].id, 1);
}

static void test_analysis__child_of_two_parents_at_once(void **state)
{
    (void)state;
    run(0, 2 * HOUR, SUCCEEDED)->key = 2;
    run(40 * MINUTE, 2 * HOUR, SUCCEEDED)->key = 3;
    for (int i = 1; i <= 2; i++)
        children[child_count++] = (DuplicateChild){.execution_id = i,
                                                   .key = 1,
                                                   .start = BASE + i * HOUR / 2,
                                                   .end = BASE + HOUR + i * MINUTE};
    (void)only(DUPLICATE_CHILD_OVERLAP, DUPLICATE_HIGH, 0, 2);
}

static void test_analysis__child_after_its_own_run(void **state)
{
    (void)state;
    run(0, 2 * HOUR, SUCCEEDED)->key = 2;
    run(0, 20 * MINUTE, SUCCEEDED);
    children[child_count++] = (DuplicateChild){
        .execution_id = 1, .key = 1, .start = BASE + 20 * MINUTE, .end = BASE + 50 * MINUTE};
    nothing();
}

/* ---- what is none ---------------------------------------------------------------------------- */

static void test_analysis__five_minute_schedule(void **state)
{
    (void)state;
    for (int i = 0; i < 36; i++)
        run(i * 5 * MINUTE + (i % 3) * TICKS_PER_SECOND, 40 * TICKS_PER_SECOND, SUCCEEDED);
    nothing();
}

static void test_analysis__second_within_a_five_minute_schedule(void **state)
{
    (void)state;
    for (int i = 0; i < 36; i++)
        run(i * 5 * MINUTE, 40 * TICKS_PER_SECOND, SUCCEEDED);
    run(30 * MINUTE + 20 * TICKS_PER_SECOND, 40 * TICKS_PER_SECOND, SUCCEEDED);
    const DuplicateGroup *group = only(DUPLICATE_DOUBLE_TRIGGER, DUPLICATE_HIGH, 0, 2);
    assert_int_equal(group->cadence, 5 * MINUTE);
}

static void test_analysis__schedule_that_overtakes_itself(void **state)
{
    (void)state;
    for (int i = 0; i < 36; i++)
        run(i * 5 * MINUTE, i == 20 ? 7 * MINUTE : MINUTE, SUCCEEDED);
    (void)only(DUPLICATE_OVERLAP, DUPLICATE_LOW, BECAUSE_OWN_SCHEDULE, 2);
}

static void test_analysis__burst_is_no_cadence(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++)
        run(i * 40 * TICKS_PER_SECOND, HOUR, SUCCEEDED);
    (void)only(DUPLICATE_DOUBLE_TRIGGER, DUPLICATE_HIGH, 0, 8);
}

static void test_analysis__every_night_twice_is_no_cadence(void **state)
{
    (void)state;
    for (int i = 0; i < 14; i++) {
        run(i * TICKS_PER_DAY, HOUR, SUCCEEDED);
        run(i * TICKS_PER_DAY + 3 * MINUTE, HOUR, SUCCEEDED);
    }
    size_t count;
    const DuplicateGroup *group = find(&count);
    assert_int_equal(count, 14);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(group[i].confidence, DUPLICATE_HIGH);
}

static void test_analysis__other_parameters_are_other_work(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 12; i++)
        run(i * 7 * TICKS_PER_SECOND, 10 * MINUTE, SUCCEEDED)->parameters = 10 + i;
    nothing();
}

static void test_analysis__other_parameters_ignored_on_request(void **state)
{
    (void)state;
    rules.ignore_parameters = true;
    for (uint32_t i = 0; i < 3; i++)
        run(i * 7 * TICKS_PER_SECOND, 10 * MINUTE, SUCCEEDED)->parameters = 10 + i;
    (void)only(DUPLICATE_DOUBLE_TRIGGER, DUPLICATE_MEDIUM, BECAUSE_OTHER_PARAMETERS, 3);
}

static void test_analysis__same_parameters_among_others(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 12; i++)
        run(i * 7 * TICKS_PER_SECOND, 10 * MINUTE, SUCCEEDED)->parameters = 10 + i;
    run(30 * TICKS_PER_SECOND, 10 * MINUTE, SUCCEEDED)->parameters = 13;
    const DuplicateGroup *group = only(DUPLICATE_DOUBLE_TRIGGER, DUPLICATE_HIGH, 0, 2);
    assert_int_equal(runs[group->members[0]].id, 4);
    assert_int_equal(runs[group->members[1]].id, 13);
}

static void test_analysis__other_package_or_environment(void **state)
{
    (void)state;
    run(0, HOUR, SUCCEEDED);
    run(MINUTE, HOUR, SUCCEEDED)->key = 2;
    nothing();
}

/* ---- confidence ------------------------------------------------------------------------------ */

static void test_analysis__another_caller(void **state)
{
    (void)state;
    run(0, HOUR, SUCCEEDED);
    run(MINUTE, HOUR, SUCCEEDED)->context = 2;
    (void)only(DUPLICATE_DOUBLE_TRIGGER, DUPLICATE_MEDIUM, BECAUSE_OTHER_CALLER, 2);
}

static void test_analysis__secret_parameters(void **state)
{
    (void)state;
    run(0, HOUR, SUCCEEDED)->has_secret = true;
    run(MINUTE, HOUR, SUCCEEDED)->has_secret = true;
    (void)only(DUPLICATE_DOUBLE_TRIGGER, DUPLICATE_LOW, BECAUSE_SECRET, 2);
}

static void test_analysis__unread_parameters_hide_nothing(void **state)
{
    (void)state;
    run(0, HOUR, SUCCEEDED)->parameters = 17;
    run(MINUTE, HOUR, SUCCEEDED)->parameters = PARAMETERS_UNREAD;
    (void)only(DUPLICATE_DOUBLE_TRIGGER, DUPLICATE_MEDIUM, BECAUSE_UNREAD, 2);
}

/* What came after a short run may be near to a long one before that. */
static void test_analysis__the_longest_before_counts(void **state)
{
    (void)state;
    run(0, 2 * HOUR, SUCCEEDED);
    run(MINUTE, MINUTE, SUCCEEDED);
    run(2 * HOUR + 5 * MINUTE, HOUR, SUCCEEDED); // five minutes after the first, two hours after
    run_count = duplicates_suspect(runs, run_count, &rules);
    assert_true(runs[0].is_suspect);
    assert_true(runs[1].is_suspect);
    assert_true(runs[2].is_suspect);
}

/* Who is pending waits in a queue: he took no time of anybody's. */
static void test_analysis__pending_runs_do_not_run(void **state)
{
    int64_t start = 7, end = 8;

    (void)state;
    DuplicateRun *r = run(0, -1, 5); // pending
    assert_false(duplicates_ran(r, BASE + HOUR, &start, &end));
    assert_int_equal(start, 7);
    r->status = RUNNING;
    assert_true(duplicates_ran(r, BASE + HOUR, &start, &end));
    assert_int_equal(start, BASE);
    assert_int_equal(end, BASE + HOUR);
}

/* Whether the one whose parameters are known is in a group with any of so many unread ones; those
 * are far from each other. */
static bool joins_unread(size_t unread)
{
    size_t count;

    (void)setup(NULL);
    run(0, MINUTE, SUCCEEDED)->parameters = 17;
    run(30 * TICKS_PER_SECOND, MINUTE, SUCCEEDED)->parameters = PARAMETERS_UNREAD;
    run(2 * TICKS_PER_DAY, MINUTE, SUCCEEDED)->parameters = 18;
    for (size_t i = 1; i < unread; i++)
        run(3 * TICKS_PER_DAY + (int64_t)i * 17 * MINUTE + (int64_t)(i * i % 7) * MINUTE, MINUTE,
            SUCCEEDED)
            ->parameters = PARAMETERS_UNREAD;
    for (size_t i = 0; i < run_count; i++)
        runs[i].is_suspect = true;
    duplicates_set_lifetimes(runs, run_count, signs, sign_count, &rules);
    const DuplicateGroup *groups =
        duplicates_group(runs, run_count, children, child_count, &rules, &arena, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < groups[i].count; k++)
            if (groups[i].members[k] == 0)
                return true;
    return false;
}

/* Unread parameters may be any: few of them stand beside everybody, many only beside each other. */
static void test_analysis__many_unread_parameters_stand_alone(void **state)
{
    (void)state;
    assert_true(joins_unread(1));
    assert_true(joins_unread(256));
    assert_false(joins_unread(257));
}

static void test_analysis__window_needs_one_member(void **state)
{
    (void)state;
    run(0, 3 * HOUR, SUCCEEDED);
    run(2 * HOUR, 3 * HOUR, SUCCEEDED);
    rules.since = BASE + HOUR;
    (void)only(DUPLICATE_OVERLAP, DUPLICATE_HIGH, 0, 2);
    rules.since = BASE + 3 * HOUR;
    nothing();
}

static void test_analysis__cadence(void **state)
{
    int64_t nights[20], burst[20], weeks[6];

    (void)state;
    for (int i = 0; i < 20; i++) {
        nights[i] = i * TICKS_PER_DAY + (i >= 10 ? HOUR : 0); // the clock changed
        burst[i] = i * 7 * TICKS_PER_SECOND;
    }
    for (int i = 0; i < 6; i++)
        weeks[i] = i * 7 * TICKS_PER_DAY;
    assert_int_equal(duplicates_rhythm(nights, 20, 20, 10 * MINUTE).cadence, TICKS_PER_DAY);
    assert_int_equal(duplicates_rhythm(nights, 4, 4, 10 * MINUTE).cadence, 0);
    assert_int_equal(duplicates_rhythm(burst, 20, 20, 10 * MINUTE).cadence, 0);
    assert_int_equal(duplicates_rhythm(weeks, 4, 4, 10 * MINUTE).cadence, 7 * TICKS_PER_DAY);
    assert_int_equal(duplicates_rhythm(NULL, 0, 0, 10 * MINUTE).cadence, 0);
    assert_true(duplicates_is_due(nights, 20, nights[10]));
    assert_false(duplicates_is_due(nights, 20, nights[10] + 3 * HOUR));
}

/* ---- the plain way: every pair --------------------------------------------------------------- */

static uint64_t seed;

static int64_t below(int64_t limit)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((seed >> 33) % (uint64_t)limit);
}

static DuplicateRun *random_run(int64_t at)
{
    static const int statuses[] = {SUCCEEDED, SUCCEEDED, FAILED, RUNNING, CREATED, 3, 6, 9, 5};
    int status = statuses[below(9)];
    int64_t length = status == CREATED                  ? 0
                     : status == RUNNING || status == 5 ? -1
                                                        : 1 + below(20 * MINUTE);
    DuplicateRun *r = run(at, length, status);

    r->key = (uint32_t)below(3);
    r->parameters = (uint32_t)below(4); // 0: unread; a set with an override is one more number
    r->context = (uint32_t)(1 + below(8) / 6 * below(4)); // mostly the first
    if (below(3) == 0)
        heard_of(r, at + below(MINUTE), at + below(10 * MINUTE));
    return r;
}

static void random_history(bool all_known)
{
    int64_t count = 2 + below(60), span = (1 + below(6)) * HOUR;
    int kind = (int)below(4);
    int64_t at = 0;

    run_count = child_count = sign_count = 0;
    rules.now = BASE + span + (1 + below(40)) * HOUR;
    rules.within = (1 + below(15)) * MINUTE;
    rules.ignore_parameters = below(5) == 0;
    for (int64_t i = 0; i < count; i++) {
        at = kind == 0 && below(8)   ? i * 6 * MINUTE
             : kind == 1 && below(5) ? at + MINUTE
                                     : below(span);
        DuplicateRun *r = random_run(at);
        if (kind == 1 && r->end != 0)
            at = r->end - BASE; // a loop
        if (all_known && r->parameters == PARAMETERS_UNREAD)
            r->parameters = PARAMETERS_NONE;
        if (below(8) == 0 && child_count < 60)
            children[child_count++] =
                (DuplicateChild){r->id, (uint32_t)below(3), BASE + at, BASE + at + below(HOUR)};
    }
}

typedef struct Plain { // groups of one verdict: runs have the number of their first one
    size_t group[RUNS_MAX];
} Plain;

static Plain plain[DUPLICATE_VERDICTS];

static void plain_clear(void)
{
    for (int v = 0; v < DUPLICATE_VERDICTS; v++)
        for (size_t i = 0; i < run_count; i++)
            plain[v].group[i] = i;
}

static void plain_join(int verdict, size_t a, size_t b)
{
    size_t *group = plain[verdict].group, x = group[a], y = group[b];

    for (size_t i = 0; i < run_count; i++)
        if (group[i] == x || group[i] == y)
            group[i] = x < y ? x : y;
}

static bool is_version_of(size_t a, size_t b)
{
    const DuplicateContext *x = &contexts[runs[a].context], *y = &contexts[runs[b].context];

    return x->project_lsn == y->project_lsn && x->is_32bit == y->is_32bit;
}

typedef struct View { // what one set of parameters sees
    size_t at[RUNS_MAX];
    size_t count;
    size_t times; // starts that the rhythm is of
    DuplicateRhythm rhythm;
    int64_t starts[RUNS_MAX];
} View;

/* Suspects of the key and version of `of` with these parameters, or with unread ones. */
static View view_of(size_t of, uint32_t parameters)
{
    View view = {.count = 0};

    for (size_t i = 0; i < run_count; i++)
        if (runs[i].key == runs[of].key && runs[i].is_suspect && is_version_of(i, of) &&
            (rules.ignore_parameters || runs[i].parameters == parameters ||
             runs[i].parameters == PARAMETERS_UNREAD))
            view.at[view.count++] = i;
    return view;
}

static DuplicateRhythm plain_rhythm(View *view)
{
    int64_t list[RUNS_MAX] = {0}, all[RUNS_MAX] = {0};
    size_t count = 0, suspects = 0;

    for (size_t i = 0; i < run_count; i++) {
        if (runs[i].key != runs[view->at[0]].key)
            continue;
        all[count++] = runs[i].created;
        suspects += runs[i].is_suspect;
    }
    DuplicateRhythm whole = duplicates_rhythm(all, count, count, rules.within);
    view->times = suspects == view->count ? count : view->count;
    memcpy(view->starts, all, sizeof(all));
    if (suspects == view->count)
        return whole;
    for (size_t i = 0; i < view->count; i++)
        list[i] = runs[view->at[i]].created;
    memcpy(view->starts, list, sizeof(list));
    DuplicateRhythm own = duplicates_rhythm(list, view->count, view->count, rules.within);
    own.cadence = own.cadence ? own.cadence : whole.cadence;
    return own;
}

static bool is_idle(size_t i)
{
    return runs[i].status == CREATED && rules.now - runs[i].created > rules.within;
}

static bool has_start(const View *view, int64_t at, int64_t slack)
{
    for (size_t i = 0; i < view->times; i++)
        if (llabs(view->starts[i] - at) <= slack)
            return true;
    return false;
}

/* Nothing came when the pace of `a` had it, something when that of `b` does; of the last start
 * three hours or days before speak for it. */
static bool begins_anew(const View *view, int64_t a, int64_t b)
{
    int64_t cadence = view->rhythm.cadence, slack = cadence / 8, gap = b - a;
    int hours = 0, days = 0;

    slack = slack < 2 * MINUTE ? slack : 2 * MINUTE;
    if (cadence >= TICKS_PER_DAY || gap <= slack || has_start(view, a + cadence, slack) ||
        has_start(view, b - cadence, slack) || !has_start(view, a - cadence, slack))
        return false;
    for (int i = 1; i <= 3; i++) {
        hours += has_start(view, b - i * HOUR, gap / 4 < MINUTE ? gap / 4 : MINUTE);
        days += has_start(view, b - i * TICKS_PER_DAY, gap / 4 < MINUTE ? gap / 4 : MINUTE);
    }
    return has_start(view, b + cadence, slack) ||
           (view->starts[view->times - 1] <= b && (hours == 3 || days == 3));
}

static bool is_in_turn(const View *view, size_t a, size_t b)
{
    int64_t gap = runs[b].created - runs[a].created, cadence = view->rhythm.cadence;

    return cadence > 0 &&
           (gap >= cadence - cadence / 2 || begins_anew(view, runs[a].created, runs[b].created));
}

/* Habits are taken from what was found, where other tests look at them. */
static bool is_habit(size_t a, size_t b)
{
    return plain[DUPLICATE_LOOP].group[a] == plain[DUPLICATE_LOOP].group[b] ||
           plain[DUPLICATE_CATCH_UP].group[a] == plain[DUPLICATE_CATCH_UP].group[b];
}

static void plain_triggers(const View *view, size_t at)
{
    size_t b = view->at[at];
    bool is_hidden = false;

    for (size_t i = at; i-- > 0 && !is_hidden;) {
        size_t a = view->at[i];
        if (runs[b].created - runs[a].created > view->rhythm.soon || is_in_turn(view, a, b) ||
            is_habit(view->at[at - 1], b) || duplicates_had_failed(&runs[a], runs[b].created))
            continue;
        is_hidden = !is_idle(a);
        if (is_idle(a) || is_idle(b))
            plain_join(DUPLICATE_NEVER_STARTED, a, b);
        else if (runs[b].created - runs[plain[DUPLICATE_DOUBLE_TRIGGER].group[a]].created <=
                 rules.within)
            plain_join(DUPLICATE_DOUBLE_TRIGGER, a, b);
    }
}

static bool is_sudden(const View *view, size_t b, int64_t gap)
{
    int64_t all[RUNS_MAX] = {0}, ordinary = view->rhythm.ordinary;
    size_t count = 0;

    for (size_t i = 0; i < run_count; i++)
        if (runs[i].key == runs[b].key)
            all[count++] = runs[i].created;
    if (ordinary == 0)
        ordinary = duplicates_rhythm(all, count, count, rules.within).ordinary;
    if (view->rhythm.is_irregular || duplicates_is_due(all, count, runs[b].created))
        return false;
    return view->rhythm.cadence > 0 || ordinary == 0 || 4 * gap <= ordinary;
}

static void plain_previous(const View *view, size_t at)
{
    size_t b = view->at[at], a = b;
    int64_t cadence = view->rhythm.cadence;
    int64_t horizon = cadence == 0                  ? 6 * rules.within
                      : cadence / 2 > TICKS_PER_DAY ? cadence / 2
                                                    : TICKS_PER_DAY;

    for (size_t i = at; i-- > 0 && a == b;)
        a = is_idle(view->at[i]) ? b : view->at[i];
    int64_t gap = runs[b].created - runs[a].created;
    if (a == b || is_idle(b) || is_in_turn(view, a, b) || runs[a].end == 0 ||
        runs[a].end > runs[b].created || runs[b].created - runs[a].end > horizon)
        return;
    if (duplicates_had_failed(&runs[a], runs[b].created))
        plain_join(DUPLICATE_RETRY, a, b);
    else if ((runs[a].status == SUCCEEDED || runs[a].status == 9) && gap > rules.within &&
             !is_habit(view->at[at - 1], b) && is_sudden(view, b, gap))
        plain_join(DUPLICATE_REPEAT, a, b);
}

/* The one that ends last of those that started before. */
static void plain_overlap(const View *view, size_t b)
{
    int64_t start, end, b_start, b_end, most = 0;
    size_t longest = b;

    if (!duplicates_ran(&runs[b], rules.now, &b_start, &b_end))
        return;
    for (size_t i = 0; i < view->count; i++) {
        size_t a = view->at[i];
        if (a == b || !duplicates_ran(&runs[a], rules.now, &start, &end) || start > b_start ||
            (start == b_start && runs[a].id > runs[b].id))
            continue;
        bool is_first =
            end == most && (start < runs[longest].start ||
                            (start == runs[longest].start && runs[a].id < runs[longest].id));
        if (end > most || is_first) {
            longest = a;
            most = end;
        }
    }
    if (longest != b && most > b_start &&
        plain[DUPLICATE_DOUBLE_TRIGGER].group[longest] !=
            plain[DUPLICATE_DOUBLE_TRIGGER].group[b] &&
        plain[DUPLICATE_CATCH_UP].group[longest] != plain[DUPLICATE_CATCH_UP].group[b])
        plain_join(DUPLICATE_OVERLAP, longest, b);
}

/* Of events that often run at once each is a run of its own. */
static bool is_play_of_events(const View *view)
{
    int64_t start, end, b_start, b_end;
    size_t overlapping = 0;

    for (size_t b = 0; b < view->count; b++) {
        bool overlaps = false;
        const DuplicateRun *y = &runs[view->at[b]];
        for (size_t a = 0; a < view->count && !overlaps; a++) {
            const DuplicateRun *x = &runs[view->at[a]];
            overlaps = duplicates_ran(x, rules.now, &start, &end) &&
                       duplicates_ran(y, rules.now, &b_start, &b_end) && end > b_start &&
                       (start < b_start || (start == b_start && x->id < y->id));
        }
        overlapping += overlaps;
    }
    return view->rhythm.is_irregular && view->times >= 12 && overlapping * 100 > view->times * 2;
}

static void plain_children(void)
{
    for (size_t i = 0; i < child_count; i++) {
        size_t parent = run_count;
        for (size_t k = 0; k < run_count; k++)
            parent = runs[k].id == children[i].execution_id ? k : parent;
        for (size_t k = 0; k < run_count; k++) {
            int64_t start, end;
            if (runs[k].key == children[i].key && runs[k].key != runs[parent].key &&
                duplicates_ran(&runs[k], rules.now, &start, &end) && start < children[i].end &&
                children[i].start < end)
                plain_join(DUPLICATE_CHILD_OVERLAP, parent, k);
        }
        for (size_t k = 0; k < i; k++) {
            size_t other = run_count;
            for (size_t m = 0; m < run_count; m++)
                other = runs[m].id == children[k].execution_id ? m : other;
            if (children[k].key == children[i].key && runs[other].key != runs[parent].key &&
                children[k].start < children[i].end && children[i].start < children[k].end)
                plain_join(DUPLICATE_CHILD_OVERLAP, parent, other);
        }
    }
}

static void plain_habits(const DuplicateGroup *found, size_t count)
{
    for (size_t g = 0; g < count; g++)
        if (found[g].verdict == DUPLICATE_LOOP || found[g].verdict == DUPLICATE_CATCH_UP)
            for (size_t m = 1; m < found[g].count; m++)
                plain_join((int)found[g].verdict, found[g].members[0], found[g].members[m]);
}

/* Each set of parameters that a key and version has, once: by the first run that has it. */
static bool is_first_of_view(size_t at)
{
    bool has_known = runs[at].parameters != PARAMETERS_UNREAD;

    for (size_t i = 0; i < run_count; i++) {
        bool is_alike = runs[i].key == runs[at].key && runs[i].is_suspect && is_version_of(i, at);
        if (is_alike && !has_known && !rules.ignore_parameters &&
            runs[i].parameters != PARAMETERS_UNREAD)
            return false;
        if (i < at && is_alike &&
            (rules.ignore_parameters || runs[i].parameters == runs[at].parameters))
            return false;
    }
    return runs[at].is_suspect;
}

static void plain_view(size_t of)
{
    View view = view_of(of, runs[of].parameters);

    view.rhythm = plain_rhythm(&view);
    for (size_t i = 1; i < view.count; i++) {
        plain_triggers(&view, i);
        plain_previous(&view, i);
    }
    for (size_t i = 0; i < view.count && !is_play_of_events(&view); i++)
        plain_overlap(&view, view.at[i]);
}

/* Unread parameters stand in several views, so that the order of these counts: 64 bit first, older
 * versions first, parameters by number. */
static void plain_groups(void)
{
    static const uint32_t versions[] = {1, 3, 4};

    for (size_t version = 0; version < ARRAY_LEN(versions); version++)
        for (uint32_t parameters = 0; parameters < 4; parameters++)
            for (size_t of = 0; of < run_count; of++)
                if (runs[of].parameters == parameters && is_first_of_view(of) &&
                    (runs[of].context == versions[version] ||
                     (version == 0 && runs[of].context == 2)))
                    plain_view(of);
    plain_children();
}

static size_t plain_size(int verdict, size_t group)
{
    size_t size = 0;

    for (size_t i = 0; i < run_count; i++)
        size += plain[verdict].group[i] == group;
    return size;
}

static bool has_habit(const DuplicateGroup *found, size_t count)
{
    for (size_t g = 0; g < count; g++)
        if (found[g].verdict == DUPLICATE_LOOP || found[g].verdict == DUPLICATE_CATCH_UP)
            return true;
    return false;
}

static void check_groups(int verdict, const DuplicateGroup *found, size_t count)
{
    size_t expected = 0, seen = 0;

    for (size_t i = 0; i < run_count; i++)
        expected += plain[verdict].group[i] == i && plain_size(verdict, i) > 1;
    for (size_t g = 0; g < count; g++) {
        if ((int)found[g].verdict != verdict)
            continue;
        size_t group = plain[verdict].group[found[g].members[0]];
        seen++;
        if (found[g].count != plain_size(verdict, group))
            fail_msg("%s from %d: %zu members, %zu expected",
                     duplicates_verdict_name((DuplicateVerdict)verdict),
                     (int)runs[found[g].members[0]].id, found[g].count, plain_size(verdict, group));
        for (size_t m = 0; m < found[g].count; m++)
            assert_int_equal(plain[verdict].group[found[g].members[m]], group);
    }
    if (seen != expected)
        fail_msg("%s: %zu groups, %zu expected", duplicates_verdict_name((DuplicateVerdict)verdict),
                 seen, expected);
}

static void test_analysis__agrees_with_every_pair(void **state)
{
    static const int verdicts[] = {DUPLICATE_DOUBLE_TRIGGER, DUPLICATE_NEVER_STARTED,
                                   DUPLICATE_OVERLAP,        DUPLICATE_REPEAT,
                                   DUPLICATE_RETRY,          DUPLICATE_CHILD_OVERLAP};
    size_t compared = 0, groups = 0, seen[DUPLICATE_VERDICTS] = {0};

    (void)state;
    for (uint64_t turn = 1; turn <= 4000; turn++) {
        size_t count;
        seed = turn;
        random_history(turn % 2);
        const DuplicateGroup *found = find(&count);
        plain_clear();
        plain_habits(found, count);
        plain_groups();
        for (size_t g = 0; g < count; g++)
            seen[found[g].verdict]++;
        /* A habit is one of a view; runs with unread parameters stand in several. */
        bool is_comparable = turn % 2 || !has_habit(found, count);
        for (size_t i = 0; i < ARRAY_LEN(verdicts) && is_comparable; i++)
            check_groups(verdicts[i], found, count);
        compared += is_comparable;
        groups += count;
        arena_reset(&arena);
    }
    assert_true(compared > 3000);
    assert_true(groups > compared);
    for (size_t i = 0; i < ARRAY_LEN(verdicts); i++)
        assert_true(seen[verdicts[i]] > 20);
    assert_true(seen[DUPLICATE_LOOP] > 20);
}

/* By verdict and run: the id of the first of its group, 0 for none. */
typedef struct Firsts {
    int64_t of[DUPLICATE_VERDICTS][RUNS_MAX];
} Firsts;

static void take_firsts(Firsts *firsts)
{
    size_t count = 0;

    memset(firsts, 0, sizeof(*firsts));
    duplicates_set_lifetimes(runs, run_count, signs, sign_count, &rules);
    const DuplicateGroup *found =
        duplicates_group(runs, run_count, NULL, 0, &rules, &arena, &count);
    for (size_t g = 0; g < count; g++)
        for (size_t m = 0; m < found[g].count; m++)
            firsts->of[found[g].verdict][found[g].members[m]] = runs[found[g].members[0]].id;
    arena_reset(&arena);
}

/* Nothing that the rules by themselves would link is left out as unsuspicious. */
static void test_analysis__suspects_leave_nobody_out(void **state)
{
    static DuplicateRun kept[RUNS_MAX];
    static Firsts few, all;

    (void)state;
    for (uint64_t turn = 1; turn <= 1000; turn++) {
        seed = turn;
        random_history(true);
        for (size_t i = 0; i < run_count; i++) {
            runs[i].parameters = PARAMETERS_NONE;
            runs[i].context = 1;
        }
        run_count = duplicates_suspect(runs, run_count, &rules);
        memcpy(kept, runs, sizeof(runs));
        take_firsts(&few);
        memcpy(runs, kept, sizeof(runs));
        for (size_t i = 0; i < run_count; i++)
            runs[i].is_suspect = true;
        take_firsts(&all);
        assert_memory_equal(&few, &all, sizeof(few));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(test_analysis__##name, setup, teardown)
        CASE(second_while_first_runs),
        CASE(second_after_first_succeeded),
        CASE(three_at_once_are_one_group),
        CASE(never_started_is_its_own),
        CASE(overlap_beyond_the_window),
        CASE(open_run_overlaps_until_now),
        CASE(field_U4_silent_for_a_day_is_over),
        CASE(field_U4_ends_with_its_last_sign),
        CASE(field_U4_repair_is_no_end),
        CASE(field_U4_pending_is_not_running),
        CASE(what_waits_does_not_run),
        CASE(field_R2_end_that_cannot_be),
        CASE(field_R4_counted_once),
        CASE(field_U1_other_version_or_runtime),
        CASE(field_U3_no_chain_over_hours),
        CASE(tells_the_extra_one),
        CASE(back_to_back_is_no_overlap),
        CASE(repeat_after_success),
        CASE(long_after_success_is_new_work),
        CASE(retry_after_failure),
        CASE(second_before_first_failed_is_no_retry),
        CASE(scale_out_ran_it_again),
        CASE(child_beside_its_own_run),
        CASE(child_of_two_parents_at_once),
        CASE(child_after_its_own_run),
        CASE(five_minute_schedule),
        CASE(second_within_a_five_minute_schedule),
        CASE(schedule_that_overtakes_itself),
        CASE(burst_is_no_cadence),
        CASE(every_night_twice_is_no_cadence),
        CASE(other_parameters_are_other_work),
        CASE(other_parameters_ignored_on_request),
        CASE(same_parameters_among_others),
        CASE(other_package_or_environment),
        CASE(another_caller),
        CASE(secret_parameters),
        CASE(unread_parameters_hide_nothing),
        CASE(the_longest_before_counts),
        CASE(pending_runs_do_not_run),
        CASE(many_unread_parameters_stand_alone),
        CASE(window_needs_one_member),
        CASE(cadence),
        CASE(agrees_with_every_pair),
        CASE(suspects_leave_nobody_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
