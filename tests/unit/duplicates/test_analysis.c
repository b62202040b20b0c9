#include "test.h"

#include "ssisminer/duplicates/analysis.h"

#include "ssisminer/base/time.h"

#include <stdio.h>
#include <stdlib.h>

#define MINUTE (60 * TICKS_PER_SECOND)
#define HOUR   (60 * MINUTE)
#define BASE   (INT64_C(700000) * TICKS_PER_DAY)

enum { RUNS_MAX = 400, SUCCEEDED = 7, FAILED = 4, RUNNING = 2, CREATED = 1 };

static DuplicateRun runs[RUNS_MAX];
static size_t run_count;
static DuplicateChild children[16];
static size_t child_count;
static DuplicateRules rules;
static Arena arena;

static int setup(void **state)
{
    (void)state;
    run_count = child_count = 0;
    rules = (DuplicateRules){.within = 10 * MINUTE, .now = BASE + 30 * TICKS_PER_DAY};
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
                        .caller = 1,
                        .status = (int8_t)status};
    if (length != 0)
        r->start = r->created;
    if (length > 0)
        r->end = r->start + length;
    return r;
}

static const DuplicateGroup *find(size_t *ret_count)
{
    (void)duplicates_suspect(runs, run_count, &rules);
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

static void nothing(void)
{
    size_t count;

    (void)find(&count);
    assert_int_equal(count, 0);
}

/* ---- verdicts ------------------------------------------------------------------------------- */

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

static void test_analysis__never_started_counts_as_trigger(void **state)
{
    (void)state;
    run(0, 0, CREATED);
    run(MINUTE, 5 * MINUTE, SUCCEEDED);
    const DuplicateGroup *group =
        only(DUPLICATE_DOUBLE_TRIGGER, DUPLICATE_MEDIUM, BECAUSE_NEVER_STARTED, 2);
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

static void test_analysis__open_for_days_may_be_dead(void **state)
{
    (void)state;
    run(0, -1, RUNNING);
    run(2 * HOUR, 10 * MINUTE, SUCCEEDED);
    (void)only(DUPLICATE_OVERLAP, DUPLICATE_MEDIUM, BECAUSE_MAYBE_DEAD, 2);
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

/* ---- what is none --------------------------------------------------------------------------- */

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
    (void)only(DUPLICATE_OVERLAP, DUPLICATE_MEDIUM, BECAUSE_OWN_SCHEDULE, 2);
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

/* ---- confidence ----------------------------------------------------------------------------- */

static void test_analysis__another_caller(void **state)
{
    (void)state;
    run(0, HOUR, SUCCEEDED);
    run(MINUTE, HOUR, SUCCEEDED)->caller = 2;
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
    int64_t nights[20], burst[20];

    (void)state;
    for (int i = 0; i < 20; i++) {
        nights[i] = i * TICKS_PER_DAY + (i >= 10 ? HOUR : 0); // the clock changed
        burst[i] = i * 7 * TICKS_PER_SECOND;
    }
    assert_int_equal(duplicates_cadence(nights, 20, 10 * MINUTE), TICKS_PER_DAY);
    assert_int_equal(duplicates_cadence(nights, 4, 10 * MINUTE), 0);
    assert_int_equal(duplicates_cadence(burst, 20, 10 * MINUTE), 0);
    assert_int_equal(duplicates_cadence(NULL, 0, 10 * MINUTE), 0);
}

/* ---- the plain way: every pair ------------------------------------------------------------------
 */

static uint64_t seed;

static int64_t below(int64_t limit)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((seed >> 33) % (uint64_t)limit);
}

static void random_history(void)
{
    static const int statuses[] = {SUCCEEDED, SUCCEEDED, FAILED, RUNNING, CREATED, 3, 6, 9};
    int64_t count = 2 + below(60), span = (1 + below(6)) * HOUR;
    bool is_steady = below(3) == 0;

    run_count = 0;
    rules.now = BASE + span + HOUR;
    rules.within = (1 + below(15)) * MINUTE;
    rules.ignore_parameters = below(5) == 0;
    for (int64_t i = 0; i < count; i++) {
        int status = statuses[below(8)];
        int64_t length = status == CREATED ? 0 : status == RUNNING ? -1 : 1 + below(20 * MINUTE);
        int64_t at = is_steady && below(8) ? i * 6 * MINUTE : below(span);
        DuplicateRun *r = run(at, length, status);
        r->key = (uint32_t)below(3);
        r->parameters = (uint32_t)below(4); // 0: unread
    }
}

static bool same_work(const DuplicateRun *a, const DuplicateRun *b)
{
    return rules.ignore_parameters || a->parameters == b->parameters ||
           a->parameters == PARAMETERS_UNREAD || b->parameters == PARAMETERS_UNREAD;
}

static bool shares(const DuplicateRun *run_, uint32_t parameters)
{
    return rules.ignore_parameters || run_->parameters == parameters ||
           run_->parameters == PARAMETERS_UNREAD;
}

/* The pace of all runs of the key that may be the same work as these parameters; else the key's. */
static int64_t plain_cadence(const DuplicateRun *of, uint32_t parameters)
{
    int64_t list[RUNS_MAX], all[RUNS_MAX];
    size_t listed = 0, count = 0;

    for (size_t i = 0; i < run_count; i++) {
        if (runs[i].key != of->key)
            continue;
        all[count++] = runs[i].created;
        if (runs[i].is_suspect && shares(&runs[i], parameters))
            list[listed++] = runs[i].created;
    }
    int64_t cadence = duplicates_cadence(list, listed, rules.within);
    return cadence ? cadence : duplicates_cadence(all, count, rules.within);
}

static bool is_previous(size_t a, size_t b, uint32_t parameters)
{
    for (size_t i = a + 1; i < b; i++)
        if (runs[i].key == runs[b].key && runs[i].is_suspect && shares(&runs[i], parameters))
            return false;
    return true;
}

/* The verdict of one pair seen from one set of parameters, a before b; -1 if they are strangers. */
static int plain_pair(size_t a, size_t b, uint32_t parameters)
{
    const DuplicateRun *x = &runs[a], *y = &runs[b];
    int64_t cadence = plain_cadence(x, parameters), gap = y->created - x->created;
    int64_t x_start, x_end, y_start, y_end;
    bool is_due = cadence > 0 && 2 * gap >= cadence, failed = duplicates_had_failed(x, y->created);
    int64_t horizon = cadence ? TICKS_PER_DAY : 6 * rules.within;

    if (gap <= rules.within && !is_due && !failed)
        return DUPLICATE_DOUBLE_TRIGGER;
    if (duplicates_ran(x, rules.now, &x_start, &x_end) &&
        duplicates_ran(y, rules.now, &y_start, &y_end) && x_start < y_end && y_start < x_end)
        return DUPLICATE_OVERLAP;
    if (x->end == 0 || x->end > y->created || is_due || y->created - x->end > horizon ||
        !is_previous(a, b, parameters))
        return -1;
    return failed ? DUPLICATE_RETRY : gap > rules.within ? DUPLICATE_REPEAT : -1;
}

typedef struct Plain {
    size_t group[RUNS_MAX];
    int verdict[RUNS_MAX];
} Plain;

static void plain_join(Plain *plain, size_t a, size_t b, int verdict)
{
    size_t from = plain->group[b], to = plain->group[a];

    if (plain->verdict[from] < plain->verdict[to])
        plain->verdict[to] = plain->verdict[from];
    if (verdict < plain->verdict[to])
        plain->verdict[to] = verdict;
    for (size_t i = 0; i < run_count; i++)
        if (plain->group[i] == from)
            plain->group[i] = to;
}

/* Suspects with these very parameters, or with any known ones for 0. */
static bool key_has(uint32_t key, uint32_t parameters)
{
    for (size_t i = 0; i < run_count; i++)
        if (runs[i].key == key && runs[i].is_suspect && runs[i].parameters != PARAMETERS_UNREAD &&
            (parameters == 0 || runs[i].parameters == parameters))
            return true;
    return false;
}

static void plain_pairs(Plain *plain, bool retries, uint32_t parameters)
{
    for (size_t b = 0; b < run_count; b++)
        for (size_t a = 0; a < b; a++) {
            if (runs[a].key != runs[b].key || !runs[a].is_suspect || !runs[b].is_suspect ||
                !same_work(&runs[a], &runs[b]) || !shares(&runs[a], parameters) ||
                !shares(&runs[b], parameters) ||
                !(rules.ignore_parameters || key_has(runs[a].key, parameters)))
                continue;
            int verdict = plain_pair(a, b, parameters);
            if (verdict >= 0 && (verdict == DUPLICATE_RETRY) == retries)
                plain_join(plain, a, b, verdict);
        }
}

static void plain_groups(Plain *plain, bool retries)
{
    for (size_t i = 0; i < run_count; i++) {
        plain->group[i] = i;
        plain->verdict[i] = DUPLICATE_VERDICTS;
    }
    for (uint32_t parameters = 1; parameters < (rules.ignore_parameters ? 2 : 4); parameters++)
        plain_pairs(plain, retries, parameters);
}

static size_t plain_size(const Plain *plain, size_t group)
{
    size_t size = 0;

    for (size_t i = 0; i < run_count; i++)
        size += plain->group[i] == group;
    return size;
}

static void check_groups(const Plain *plain, const DuplicateGroup *groups, size_t count,
                         bool retries)
{
    size_t expected = 0, found = 0;

    for (size_t i = 0; i < run_count; i++)
        expected += plain->group[i] == i && plain_size(plain, i) > 1;
    for (size_t g = 0; g < count; g++) {
        if ((groups[g].verdict == DUPLICATE_RETRY) != retries)
            continue;
        size_t group = plain->group[groups[g].members[0]];
        found++;
        assert_int_equal(groups[g].count, plain_size(plain, group));
        assert_int_equal(groups[g].verdict, plain->verdict[group]);
        for (size_t m = 0; m < groups[g].count; m++)
            assert_int_equal(plain->group[groups[g].members[m]], group);
    }
    assert_int_equal(found, expected);
}

/* With parameters unread, a list of them alone is one more view in the plain way; the histories
 * compared have known ones in every key. */
static bool is_comparable(void)
{
    for (size_t i = 0; i < run_count; i++)
        if (runs[i].is_suspect && !key_has(runs[i].key, 0))
            return false;
    return true;
}

static void test_analysis__agrees_with_every_pair(void **state)
{
    static Plain plain;
    size_t compared = 0, groups = 0;

    (void)state;
    for (uint64_t turn = 1; turn <= 3000; turn++) {
        size_t count;
        seed = turn;
        random_history();
        if (turn % 2) // all known
            for (size_t i = 0; i < run_count; i++)
                runs[i].parameters += runs[i].parameters == 0;
        const DuplicateGroup *found = find(&count);
        if (!is_comparable())
            continue;
        plain_groups(&plain, false);
        check_groups(&plain, found, count, false);
        plain_groups(&plain, true);
        check_groups(&plain, found, count, true);
        compared++;
        groups += count;
        arena_reset(&arena);
    }
    assert_true(compared > 2000);
    assert_true(groups > compared);
}

/* Nothing that the rules by themselves would link is left out as unsuspicious. */
static void test_analysis__suspects_leave_nobody_out(void **state)
{
    static Plain all, suspects;

    (void)state;
    for (uint64_t turn = 1; turn <= 500; turn++) {
        seed = turn;
        random_history();
        for (size_t i = 0; i < run_count; i++)
            runs[i].parameters = PARAMETERS_NONE;
        (void)duplicates_suspect(runs, run_count, &rules);
        plain_groups(&suspects, false);
        for (size_t i = 0; i < run_count; i++)
            runs[i].is_suspect = true;
        plain_groups(&all, false);
        for (size_t i = 0; i < run_count; i++)
            assert_int_equal(all.group[i], suspects.group[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(test_analysis__##name, setup, teardown)
        CASE(second_while_first_runs),
        CASE(second_after_first_succeeded),
        CASE(three_at_once_are_one_group),
        CASE(never_started_counts_as_trigger),
        CASE(overlap_beyond_the_window),
        CASE(open_run_overlaps_until_now),
        CASE(open_for_days_may_be_dead),
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
        CASE(window_needs_one_member),
        CASE(cadence),
        CASE(agrees_with_every_pair),
        CASE(suspects_leave_nobody_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
