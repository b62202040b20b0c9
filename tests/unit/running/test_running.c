/* `running` against a scripted server: which operation is late, silent, hung or queued. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/running/running.h"

#include "../../../src/running/internal.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE (60 * TICKS_PER_SECOND)
#define HOUR   (60 * MINUTE)

static Arena arena;
static SigSet *signatures;

static int setup(void **state)
{
    (void)state;
    script_reset();
    script_probe();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* ---- what is usual --------------------------------------------------------------------------- */

static void test_usual__median_and_p95_of_the_nearest_rank(void **state)
{
    Usuals *usuals = usuals_new();

    (void)state;
    for (int64_t i = 20; i >= 1; i--)
        usuals_add(usuals, i % 2 ? "A\x1fLoad" : "a\x1fload", i);
    RunningUsual usual = usuals_of(usuals, "A\x1fLOAD", 20);
    assert_int_equal(usual.count, 20);
    assert_int_equal(usual.median, 10);
    assert_int_equal(usual.p95, 19);
    assert_int_equal(usuals_of(usuals, "A\x1fLoad", 21).count, 0);
    assert_int_equal(usuals_of(usuals, "B", 0).count, 0);
    usuals_add(usuals, "one", 7);
    usual = usuals_of(usuals, "one", 1);
    assert_int_equal(usual.median, 7);
    assert_int_equal(usual.p95, 7);
    usuals_free(usuals);
}

static void test_usual__the_last_ones_are_kept(void **state)
{
    Usuals *usuals = usuals_new();

    (void)state;
    for (int i = 0; i < 100; i++)
        usuals_add(usuals, "x", 1000000);
    for (int i = 0; i < RUNNING_USUAL_RUNS; i++)
        usuals_add(usuals, "x", 5);
    RunningUsual usual = usuals_of(usuals, "x", 2);
    assert_int_equal(usual.count, RUNNING_USUAL_RUNS);
    assert_int_equal(usual.p95, 5);
    usuals_free(usuals);
}

/* ---- errors ---------------------------------------------------------------------------------- */

static void test_heard__the_earliest_are_kept_in_order_of_time(void **state)
{
    Hearing hearing = {0};
    Heard *heard = hearing_of(&hearing, 7, false);

    (void)state;
    for (int i = 0; i < 3 * RUNNING_ERRORS_KEPT; i++) {
        int64_t at = (i * 7) % (3 * RUNNING_ERRORS_KEPT) + 1;
        const Message message = {
            .time = {.ticks = at, .is_set = true}, .type = MESSAGE_ERROR, .text = str_of("bad")};
        heard_add(heard, &message, &arena);
    }
    assert_int_equal(heard->count, 3 * RUNNING_ERRORS_KEPT);
    assert_int_equal(heard->kept_count, RUNNING_ERRORS_KEPT);
    for (int i = 0; i < RUNNING_ERRORS_KEPT; i++)
        assert_int_equal(heard->kept[i].ticks, i + 1);
    assert_int_equal(heard->first.ticks, 1);
    assert_int_equal(heard->last.ticks, 3 * RUNNING_ERRORS_KEPT);
    hearing_done(&hearing);
}

static void test_heard__found_by_id_in_any_order_and_bounded(void **state)
{
    Hearing hearing = {0};

    (void)state;
    for (int64_t i = 0; i < RUNNING_NOISY_MAX; i++)
        assert_non_null(hearing_of(&hearing, i * 7919 % RUNNING_NOISY_MAX, true));
    assert_false(hearing.has_more);
    assert_null(hearing_of(&hearing, RUNNING_NOISY_MAX, true));
    assert_true(hearing.has_more);
    assert_non_null(hearing_of(&hearing, RUNNING_NOISY_MAX + 1, false)); // live ones always
    for (int64_t i = 0; i < RUNNING_NOISY_MAX; i++)
        assert_int_equal(hearing_find(&hearing, i)->id, i);
    assert_null(hearing_find(&hearing, RUNNING_NOISY_MAX));
    hearing_done(&hearing);
}

/* ---- the verdict ----------------------------------------------------------------------------- */

static const Instant now = {.ticks = 1000 * HOUR, .is_set = true};

static Instant ago(int64_t ticks)
{
    return (Instant){.ticks = now.ticks - ticks, .is_set = true};
}

static RunningState state_of(RunningOperation operation)
{
    static const RunningQuestion question = {
        .least_runs = 10, .slower_percent = 50, .silent_for = HOUR};

    running_classify(&operation, &question, now);
    return operation.state;
}

static void test_judge__states(void **state)
{
    const RunningUsual quick = {.median = 10 * MINUTE, .p95 = 20 * MINUTE, .count = 10};
    const RunningUsual even = {.median = 20 * MINUTE, .p95 = 20 * MINUTE, .count = 10};
    const RunningUsual long_ = {.median = 5 * HOUR, .p95 = 6 * HOUR, .count = 10};
    const struct Case {
        int status, level;
        int64_t age, silence; // -1: no sign at all
        RunningUsual usual;
        RunningState expected;
    } cases[] = {
        {2, 1, 5 * MINUTE, 0, {0}, RUNNING_FINE},
        {2, 1, 50 * HOUR, 0, {0}, RUNNING_FINE}, // nobody knows what is usual
        {2, 1, 2 * HOUR, HOUR, {0}, RUNNING_HANGS},
        {2, 1, 2 * HOUR, HOUR - 1, {0}, RUNNING_FINE},
        {2, 1, 2 * HOUR, -1, {0}, RUNNING_HANGS},
        {2, 1, 2 * HOUR, HOUR, long_, RUNNING_SILENT}, // a data flow says nothing for hours
        {2, 1, 2 * HOUR, HOUR, quick, RUNNING_HANGS},
        {2, 1, 2 * HOUR, MINUTE, quick, RUNNING_LATE},
        {2, 1, 20 * MINUTE, MINUTE, quick, RUNNING_FINE}, // not above the p95
        {2, 1, 25 * MINUTE, MINUTE, even, RUNNING_FINE},  // not 50 % above the median
        {2, 1, 31 * MINUTE, MINUTE, even, RUNNING_LATE},
        {2, 0, 50 * HOUR, -1, {0}, RUNNING_FINE}, // logs nothing
        {2, 0, 50 * HOUR, -1, quick, RUNNING_LATE},
        {8, 1, 50 * HOUR, MINUTE, {0}, RUNNING_STOPPING},
        {8, 1, 50 * HOUR, 2 * HOUR, {0}, RUNNING_HANGS},
        {5, 1, 23 * HOUR, -1, quick, RUNNING_QUEUED},
        {5, 1, 24 * HOUR, -1, quick, RUNNING_HANGS},
        {1, 1, 50 * HOUR, -1, quick, RUNNING_NOT_STARTED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct Case *c = &cases[i];
        RunningOperation operation = {
            .status = c->status,
            .logging_level = c->level,
            .created = ago(c->age),
            .start = c->status == 1 ? (Instant){0} : ago(c->age),
            .last_sign = c->silence < 0 ? (Instant){0} : ago(c->silence),
            .usual = c->usual,
        };
        if (state_of(operation) != c->expected)
            fail_msg("case %zu: %s, not %s", i, running_state_name(state_of(operation)),
                     running_state_name(c->expected));
    }
}

static void test_judge__times_of_nowhere(void **state)
{
    RunningOperation operation = {.status = 2, .logging_level = 1};

    (void)state;
    assert_int_equal(state_of(operation), RUNNING_FINE);
    operation.start = operation.last_sign =
        (Instant){.ticks = now.ticks + HOUR, .is_set = true}; // another clock
    assert_int_equal(state_of(operation), RUNNING_FINE);
    operation.start.ticks = operation.last_sign.ticks = INT64_MIN;
    assert_int_equal(state_of(operation), RUNNING_HANGS);
}

/* ---- reading --------------------------------------------------------------------------------- */

#define AT(time) "2026-03-02 " time ":00.0000000 +00:00"

static void script_live(void)
{
    script_begin(SQL_RUNNING_LIVE);
    SCRIPT_ROW("10", "200", "2", "Nightly", "etl", "W1", AT("03:00"), AT("03:00"), "Sales",
               "Nightly", "Load.dtsx", NULL, NULL, "1", NULL, NULL, AT("03:01"), AT("04:30"), "2",
               "1");
    SCRIPT_ROW("12", "200", "5", "Nightly", "etl", NULL, AT("05:00"), AT("05:30"), "Sales",
               "Nightly", "Load.dtsx", NULL, NULL, "1", NULL, NULL, NULL, NULL, NULL, NULL);
    SCRIPT_ROW("11", "200", "5", "Nightly", "etl", NULL, AT("05:00"), AT("05:40"), "Other",
               "Nightly", "Load.dtsx", NULL, NULL, "1", NULL, NULL, NULL, NULL, NULL, NULL);
    SCRIPT_ROW("13", "101", "2", "Nightly", "ops", NULL, AT("05:55"), AT("05:55"), NULL, NULL, NULL,
               NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    script_end();
}

static void script_places(void)
{
    script_begin(SQL_RUNNING_TASKS);
    SCRIPT_ROW("10", "Load.dtsx", "\\Load\\Loop[2]\\Copy", AT("04:20"));
    SCRIPT_ROW("10", "Load.dtsx", "\\Load", AT("03:01"));
    SCRIPT_ROW("10", "Load.dtsx", "\\Load\\Loop", AT("03:02"));
    SCRIPT_ROW("10", "Load.dtsx", "\\Load\\Audit", AT("04:10"));
    script_end();
    script_begin(SQL_RUNNING_PHASES);
    SCRIPT_ROW("10", "Copy", "Target", "ProcessInput", AT("04:21"));
    script_end();
    script_begin(SQL_RUNNING_LAST_MESSAGES);
    SCRIPT_ROW("10", "900", AT("04:30"), "70", "60", "0", "Load.dtsx", "OnInformation", "Copy",
               NULL, "\\Package\\Copy", "\\Load\\Loop[2]\\Copy", "Copy:Information: rows");
    script_end();
}

static void script_usual(int runs)
{
    script_begin(SQL_RUNNING_USUAL);
    for (int i = 0; i < runs; i++)
        SCRIPT_ROW("1", "sales", "NIGHTLY", "Load.dtsx", NULL, NULL, AT("01:00"), AT("01:00"),
                   AT("01:30"), AT("01:10"));
    script_end();
}

static void script_error(const char *id, const char *status, const char *at, const char *text)
{
    SCRIPT_ROW(id, "900", at, "120", "60", "0", "Load.dtsx", "OnError", "Copy", NULL,
               "\\Package\\Copy", "\\Load\\Copy", text, status, AT("03:00"), AT("03:00"),
               strcmp(status, "7") == 0 ? AT("03:30") : NULL, "etl", "Sales", "Nightly",
               "Load.dtsx");
}

static void script_errors(void)
{
    script_begin(SQL_RUNNING_ERRORS);
    script_error("10", "2", AT("04:00"), "Copy:Error: a thing that nobody knows");
    script_error("10", "2", AT("03:50"),
                 "Copy:Error: Transaction (Process ID 61) was deadlocked on lock resources with "
                 "another process and has been chosen as the deadlock victim. Rerun the "
                 "transaction.");
    script_error("3", "7", AT("03:10"), "Copy:Error: a thing that nobody knows");
    script_end();
}

static void script_all(void)
{
    script_live();
    script_places();
    script_usual(12);
    script_errors();
}

static const char *const folders[] = {"Sales"};

static const RunningQuestion question = {
    .look_back = 30 * TICKS_PER_DAY,
    .least_runs = 10,
    .slower_percent = 50,
    .silent_for = HOUR,
};

static Running *read_running(Tds *tds, const RunningQuestion *asked, Ssisdb **ret_db)
{
    Running *running = NULL;
    Err err = {0};

    if (ssisdb_probe(tds, &arena, ret_db, &err) != RC_OK ||
        running_read(*ret_db, signatures, asked, &running, &err) != RC_OK)
        fail_msg("%s", err.text);
    return running;
}

static const RunningOperation *of(const Running *running, int64_t id)
{
    for (size_t i = 0; i < running->count; i++)
        if (running->list[i].id == id)
            return &running->list[i];
    fail_msg("no operation %d", (int)id);
    return NULL;
}

static void test_running__where_it_is_and_what_it_said(void **state)
{
    Ssisdb *db = NULL;

    (void)state;
    script_all();
    Tds *tds = script_open();
    Running *running = read_running(tds, &question, &db);

    assert_int_equal(running->count, 4);
    assert_int_equal(running->list[0].id, 10);
    const RunningOperation *o = of(running, 10);
    assert_int_equal(o->state, RUNNING_HANGS);
    assert_int_equal(o->age, 179 * MINUTE);
    assert_int_equal(o->silence, 90 * MINUTE);
    assert_int_equal(o->task_count, 2);
    assert_string_equal(o->tasks[0].path, "\\Load\\Loop[2]\\Copy");
    assert_string_equal(o->tasks[1].path, "\\Load\\Audit");
    assert_string_equal(o->component, "ProcessInput of Target in Copy");
    assert_int_equal(o->errors.count, 2);
    assert_string_equal(o->errors.cause_id, "sql-deadlock");
    assert_int_equal(o->usual.count, 12);
    assert_int_equal(o->usual.median, 20 * MINUTE); // from the first executable on
    assert_int_equal(running->running, 2);
    assert_int_equal(running->pending, 2);
    assert_int_equal(of(running, 12)->queue_position, 1); // it began to wait before 11
    assert_int_equal(of(running, 11)->queue_position, 2);
    assert_int_equal(of(running, 13)->usual.count, 0);
    assert_int_equal(running->noisy_count, 1);
    assert_int_equal(running->noisy[0].id, 3);
    assert_null(running->noisy[0].errors.signature);
    assert_int_equal(strncmp(running->noisy[0].errors.cause_id, "u-", 2), 0);
    running_free(running);
    script_close(tds);
}

static void test_running__a_filter_leaves_places_in_the_queue_alone(void **state)
{
    RunningQuestion asked = question;
    Ssisdb *db = NULL;

    (void)state;
    asked.filter = (ExecutionFilter){.folders = folders, .folder_count = 1};
    script_all();
    Tds *tds = script_open();
    Running *running = read_running(tds, &asked, &db);

    assert_int_equal(running->count, 2); // neither the other folder nor the deployment
    assert_int_equal(of(running, 12)->queue_position, 1);
    assert_int_equal(running->pending, 2);
    running_free(running);
    script_close(tds);
}

static void test_running__nothing_live_asks_for_errors_alone(void **state)
{
    Ssisdb *db = NULL;

    (void)state;
    script_begin(SQL_RUNNING_LIVE);
    script_end();
    script_begin(SQL_RUNNING_ERRORS);
    script_end();
    Tds *tds = script_open();
    Running *running = read_running(tds, &question, &db);
    RunningView view = {db, &question, 0, db->server_now, NULL};

    assert_int_equal(running->count, 0);
    assert_non_null(running_report(running, &view, &arena));
    running_free(running);
    script_close(tds);
}

/* Fails at every call of it in turn; the calls of opening and probing come first and pass. */
static void test_running__torture(void **state)
{
    size_t failed = 0;

    (void)state;
    for (size_t call = 0;; call++) {
        Running *running = NULL;
        Ssisdb *db = NULL;
        Err err = {0};
        script_reset();
        script_probe();
        script_all();
        Tds *tds = script_open();
        assert_int_equal(ssisdb_probe(tds, &arena, &db, &err), RC_OK);
        fake_driver_fail_at(call);
        Rc rc = running_read(db, signatures, &question, &running, &err);
        bool did_fail = fake_driver_did_fail();
        assert_true(did_fail ? rc != RC_OK && !running : rc == RC_OK && running);
        running_free(running);
        tds_close(tds);
        fake_driver_assert_no_leak();
        arena_reset(&arena);
        failed += did_fail;
        if (failed > 0 && !did_fail)
            break;
    }
    assert_true(failed > 50);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(usual__median_and_p95_of_the_nearest_rank),
        CASE(usual__the_last_ones_are_kept),
        CASE(heard__the_earliest_are_kept_in_order_of_time),
        CASE(heard__found_by_id_in_any_order_and_bounded),
        CASE(judge__states),
        CASE(judge__times_of_nowhere),
        CASE(running__where_it_is_and_what_it_said),
        CASE(running__a_filter_leaves_places_in_the_queue_alone),
        CASE(running__nothing_live_asks_for_errors_alone),
        CASE(running__torture),
    };
    Err err = {0};

    if (sigset_load(NULL, 0, &signatures, &err) != RC_OK)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    sigset_free_at(&signatures);
    return failed;
}
