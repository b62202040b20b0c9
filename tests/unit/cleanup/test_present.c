/* What is told of a plan and of a run: made here, so that every line has its case. */
#include "test.h"

#include "ssisminer/base/arena.h"
#include "ssisminer/cleanup/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Arena arena;
static Ssisdb db;
static CleanupWish wish;
static CleanupPlan plan;
static CleanupRun run;

#define DAY(n)                                                                                     \
    {                                                                                              \
        .ticks = INT64_C(639079416000000000) - (n)*TICKS_PER_DAY, .is_set = true                   \
    }

static int setup(void **state)
{
    (void)state;
    db = (Ssisdb){.server_name = "SQL1",
                  .database_name = "SSISDB",
                  .login_name = "etl",
                  .product_version = "15.0.1",
                  .engine_edition = 2};
    wish = (CleanupWish){.batch_rows = 4000};
    plan = (CleanupPlan){.db = &db,
                         .wish = &wish,
                         .keep_ticks = 30 * TICKS_PER_DAY,
                         .keep_failed_ticks = 30 * TICKS_PER_DAY,
                         .keep_origin = "said",
                         .keep_failed_origin = "said",
                         .cutoff = DAY(30),
                         .failed_cutoff = DAY(30),
                         .method = CLEANUP_BATCHED,
                         .method_reason = "as asked for",
                         .may_view_definition = true,
                         .may_view_state = true,
                         .sees_sessions = true,
                         .is_counted = true,
                         .operations = 100,
                         .doomed = 40,
                         .doomed_executions = 1,
                         .doomed_rows = 8000,
                         .young = 60,
                         .oldest = DAY(90),
                         .newest = DAY(31),
                         .table_count = 12};
    for (size_t i = 0; i < plan.table_count; i++)
        plan.tables[i] = (CleanupTable){.name = arena_printf(&arena, "table_%c", (char)('a' + i)),
                                        .rows = 10,
                                        .used_kb = 8,
                                        .doomed_rows = 0,
                                        .doomed_kb = 0};
    run = (CleanupRun){.end = CLEANUP_DONE,
                       .elapsed_ms = 2000,
                       .operations = 40,
                       .rows = 8000,
                       .statements = 9,
                       .longest_ms = 1500,
                       .longest_table = "table_b"};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static const char *tell(const CleanupRun *done, const char *format, bool is_screen)
{
    const Report *report = cleanup_report(&plan, done, &arena);
    char *text = NULL;
    size_t size = 0;
    Err err = {0};
    FILE *out = open_memstream(&text, &size);

    assert_int_equal(report_writer(format)->write(
                         report, &(ReportStyle){.columns = 400, .is_screen = is_screen}, out, &err),
                     RC_OK);
    (void)fclose(out);
    const char *kept = arena_text(&arena, text);
    free(text);
    return kept;
}

static size_t times(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

/* ---- the plan -------------------------------------------------------------------------------- */

static void test_plan__says_how_long_it_takes(void **state)
{
    static const struct {
        int64_t rows, batch_rows;
        const char *line;
    } cases[] = {
        {8000, 4000, "\"estimated_seconds\": 3"}, {7999, 4000, "\"estimated_seconds\": 2"},
        {8000, 1000, "\"estimated_seconds\": 9"}, {8000, 100000, "\"estimated_seconds\": 3"},
        {0, 1, "\"estimated_seconds\": 1"},       {5, 1, "\"estimated_seconds\": 6"}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        plan.doomed_rows = cases[i].rows;
        wish.batch_rows = cases[i].batch_rows;
        assert_contains(tell(NULL, "json", false), cases[i].line);
        assert_lacks(tell(NULL, "text", false), "unknown: the login may not see how large");
        assert_contains(tell(NULL, "text", true), "takes about");
    }
    plan.doomed_rows = -1;
    assert_contains(tell(NULL, "text", false),
                    "unknown: the login may not see how large the tables are");
    assert_contains(tell(NULL, "text", true),
                    "unknown: the login may not see how large the tables are");
    assert_contains(tell(NULL, "json", false), "\"estimated_seconds\": null");
    assert_contains(tell(NULL, "json", false), "\"doomed_rows\": null");
}

static void test_plan__lines_of_what_goes_and_stays(void **state)
{
    (void)state;
    const char *text = tell(NULL, "text", false);
    assert_contains(text, "40 of 100 operations (1 execution) with about 8000 rows");
    assert_contains(text, "60 young enough, 0 live\n");
    assert_contains(text, "30 d 0 h (said): what ended before");
    assert_lacks(text, "failures are kept for");
    assert_lacks(text, "without an operation");
    plan.is_exact = true;
    plan.filtered_out = plan.undated = plan.unknown_status = 1;
    plan.orphan_rows = 5;
    plan.doomed_executions = 2;
    wish.keep_failed_ticks = plan.keep_failed_ticks = 60 * TICKS_PER_DAY;
    text = tell(NULL, "text", false);
    assert_contains(text, "(2 executions) with 8000 rows");
    assert_contains(
        text,
        "60 young enough, 0 live, 1 outside the filter, 1 without any time, 1 in an unknown state\n");
    assert_contains(text, "; failures are kept for 60 d 0 h (said)");
    assert_contains(text, "without an operation");
    assert_contains(tell(NULL, "text", true), "without an operation");
    plan.doomed = 0;
    assert_contains(tell(NULL, "text", false), "0 of 100 operations (2 executions)\n");
    assert_contains(tell(NULL, "text", true), "nothing is past its retention");
    plan.is_counted = false;
    assert_contains(tell(NULL, "text", false), "unknown: the login may not read the log");
    assert_contains(tell(NULL, "text", true), "this login may not count what would go");
    plan.method = CLEANUP_NONE;
    assert_contains(tell(NULL, "text", true), "this login may not clean up");
}

/* A table that nothing is known of is left out; a figure that is unknown is no 0. */
static void test_plan__tables_that_are_half_known(void **state)
{
    (void)state;
    plan.tables[0].rows = -1; // its doomed rows are known
    plan.tables[1].doomed_rows = plan.tables[1].doomed_kb = -1;
    plan.tables[2].rows = plan.tables[2].doomed_rows = -1;
    const char *csv = tell(NULL, "json", false);
    assert_contains(
        csv,
        "{\"table\":\"table_a\",\"rows\":null,\"bytes\":8192,\"doomed_rows\":0,\"doomed_bytes\":0,\"is_exact\":false}");
    assert_contains(
        csv,
        "{\"table\":\"table_b\",\"rows\":10,\"bytes\":8192,\"doomed_rows\":null,\"doomed_bytes\":null,\"is_exact\":false}");
    assert_lacks(csv, "table_c");
    assert_contains(csv, "table_d");
}

/* First those that lose most, where that is alike in the order of deletion; none that loses
 * nothing. */
static void test_plan__screen_lists_what_loses_most(void **state)
{
    (void)state;
    plan.tables[0].doomed_rows = 5;
    plan.tables[1].doomed_rows = 7;
    plan.tables[2].doomed_rows = 5;
    plan.tables[4].doomed_rows = 1;
    plan.tables[4].rows = -1;
    const char *screen = tell(NULL, "text", true);
    const char *a = strstr(screen, "table_a"), *b = strstr(screen, "table_b"),
               *c = strstr(screen, "table_c"), *e = strstr(screen, "table_e");
    assert_true(b && b < a && a < c && c < e);
    assert_lacks(screen, "table_d");
    for (size_t i = 0; i < plan.table_count; i++)
        plan.tables[i].doomed_rows = 3;
    screen = tell(NULL, "text", true);
    for (size_t i = 1; i < plan.table_count; i++) {
        const char *before = strstr(screen, plan.tables[i - 1].name),
                   *at = strstr(screen, plan.tables[i].name);
        assert_true(!at || (before && before < at));
    }
}

static void test_plan__draws_the_ten_largest(void **state)
{
    (void)state;
    for (size_t i = 0; i < plan.table_count; i++)
        plan.tables[i].used_kb = (int64_t)(100 + i);
    plan.tables[5].used_kb = 1;
    const char *page = tell(NULL, "html", false);
    const char *chart = strstr(page, "Bytes by table, the largest first");
    assert_non_null(chart);
    const char *end = strstr(chart, "</ol>");
    assert_non_null(end);
    const char *drawn = arena_copy(&arena, chart, (size_t)(end - chart));
    const char *l = strstr(drawn, "table_l"), *k = strstr(drawn, "table_k");
    assert_true(l && k && l < k);
    assert_non_null(strstr(drawn, "table_b"));
    assert_null(strstr(drawn, "table_a")); // the eleventh
    assert_null(strstr(drawn, "table_f"));
}

static void test_plan__warns_of_what_it_cannot_see(void **state)
{
    static const struct {
        bool definition, state, sessions;
        CleanupMethod method;
        int warned;
    } cases[] = {
        {true, true, true, CLEANUP_BATCHED, 0},     {false, true, true, CLEANUP_BATCHED, 1},
        {false, true, true, CLEANUP_PROCEDURE, 0},  {true, false, true, CLEANUP_BATCHED, 2},
        {true, false, true, CLEANUP_PROCEDURE, 0},  {true, true, false, CLEANUP_BATCHED, 4},
        {true, true, false, CLEANUP_PROCEDURE, 0},  {false, false, false, CLEANUP_BATCHED, 7},
        {false, false, false, CLEANUP_PROCEDURE, 0}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        plan.may_view_definition = cases[i].definition;
        plan.may_view_state = cases[i].state;
        plan.sees_sessions = cases[i].sessions;
        plan.method = cases[i].method;
        const char *text = tell(NULL, "text", false);
        assert_int_equal(times(text, "may not see every definition"), cases[i].warned & 1);
        assert_int_equal(times(text, "sizes are unknown, and a run will not wait"),
                         (cases[i].warned & 2) / 2);
        assert_int_equal(times(text, "sees no session but its own"), (cases[i].warned & 4) / 4);
    }
    plan.method = CLEANUP_BATCHED;
    assert_contains(tell(&run, "text", false), "sizes are unknown, and the run did not wait");
    plan.no_sizes = "because";
    run.no_load = "of this";
    run.no_sessions = "of that";
    const char *text = tell(&run, "text", false);
    assert_contains(text, "sizes are unknown: because");
    assert_contains(text, "did not wait for a busy server: of this");
    assert_contains(text, "did not see whom it blocked: of that");
    run.no_sessions = NULL;
    assert_lacks(tell(&run, "text", false), "did not see whom it blocked");
}

static void test_plan__warns_of_failures_that_go(void **state)
{
    (void)state;
    assert_lacks(tell(NULL, "text", false), "will lose their messages");
    plan.doomed_failures = 1;
    plan.newest_failure = (Instant)DAY(40);
    assert_contains(tell(NULL, "text", false), "1 failed operation will lose their messages");
    assert_lacks(tell(&run, "text", false), "will lose their messages"); // too late
    wish.keep_failed_ticks = plan.keep_failed_ticks = 60 * TICKS_PER_DAY;
    assert_lacks(tell(NULL, "text", false), "will lose their messages");
}

static void test_plan__statuses_in_order_the_unknown_last(void **state)
{
    static const int statuses[] = {42, 9, 7, 0, 10};

    (void)state;
    plan.status_count = ARRAY_LEN(statuses);
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        plan.statuses[i] =
            (CleanupStatus){.status = statuses[i], .operations = 3, .doomed = (int64_t)i % 2};
    const char *json = tell(NULL, "json", false);
    const char *zero = strstr(json, "\"status_code\":0"),
               *seven = strstr(json, "\"status_code\":7"),
               *nine = strstr(json, "\"status_code\":9"), *ten = strstr(json, "\"status_code\":10"),
               *last = strstr(json, "\"status_code\":42");
    assert_true(zero && seven && nine && ten && last);
    assert_true(zero < seven && seven < nine && seven < ten && seven < last);
    assert_int_equal(times(json, "\"status_code\":"), 5);
    assert_contains(tell(NULL, "text", true), "1 completed, 1 status 0\n");
}

/* ---- the run --------------------------------------------------------------------------------- */

static void test_run__headline_and_outcome(void **state)
{
    static const struct {
        CleanupEnd end;
        int64_t operations, rows;
        const char *headline, *outcome;
    } cases[] = {
        {CLEANUP_DONE, 40, 8000, "40 operations deleted with 8000 rows\n", "done\n"},
        {CLEANUP_DONE, 0, 0, "Nothing to delete\n", "done\n"},
        {CLEANUP_TIME_LIMIT, 1, 200,
         "Stopped early (time limit): 1 operation deleted with 200 rows, 39 remain\n",
         "stopped early (time limit): 39 operations remain; the next run goes on\n"},
        {CLEANUP_STOP_FILE, 39, 200,
         "Stopped early (stop file): 39 operations deleted with 200 rows, 1 remain\n",
         "stopped early (stop file): 1 operation remain; the next run goes on\n"},
        {CLEANUP_SIGNAL, 40, 200, "Stopped early (signal): 40 operations deleted with 200 rows\n",
         "stopped early (signal); the next run goes on\n"},
        {CLEANUP_BLOCKED, 0, 0,
         "Stopped early (locked by other sessions): nothing was deleted, 40 remain\n",
         "stopped early (locked by other sessions): 40"},
        {CLEANUP_FULL, 0, 0,
         "Stopped early (log or database full): nothing was deleted, 40 remain\n",
         "stopped early (log or database full): 40"},
        {CLEANUP_FAILED, 0, 0, "Failed (error): nothing was deleted, 40 remain\n",
         "stopped early (error): 40"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        run.end = cases[i].end;
        run.operations = cases[i].operations;
        run.rows = cases[i].rows;
        assert_contains(tell(&run, "text", true), cases[i].headline);
        assert_contains(tell(&run, "text", false), cases[i].outcome);
    }
    plan.method = CLEANUP_PROCEDURE; // it tells nobody how many
    assert_contains(tell(&run, "text", false), "stopped early (error); the next run goes on\n");
    plan.is_counted = false;
    assert_lacks(tell(&run, "text", true), "remain");
}

static void test_run__facts_that_people_see_when_there_are_any(void **state)
{
    (void)state;
    const char *text = tell(&run, "text", false);
    assert_contains(text, "  4,000\n"); // rows a second
    assert_contains(text, "1500 ms (table_b)");
    assert_lacks(text, "without an operation");
    assert_lacks(text, "small batches to a busy server");
    assert_lacks(text, "keys and certificates dropped");
    run.orphan_rows = run.small_batches = run.keys_dropped = 1;
    run.longest_table = NULL;
    run.elapsed_ms = 0;
    text = tell(&run, "text", false);
    assert_contains(text, "  8,000\n");
    assert_lacks(text, "1500 ms");
    assert_contains(text, "without an operation");
    assert_contains(text, "small batches to a busy server");
    assert_contains(text, "keys and certificates dropped");
}

static void test_run__warns_of_what_is_left(void **state)
{
    (void)state;
    const char *text = tell(&run, "text", false);
    assert_lacks(text, "left: other sessions hold locks");
    assert_lacks(text, "was lost with a connection");
    assert_lacks(text, "keys or certificates");
    run.blocked_operations = run.uncertain = 1;
    run.keys_error = "why";
    text = tell(&run, "text", false);
    assert_contains(text, "1 operation left: other sessions hold locks on their rows");
    assert_contains(text, "the reply to 1 statement was lost with a connection");
    assert_contains(text, "keys or certificates of deleted executions are left: why");
}

/* Two come due a day: a run of the night after takes a twentieth of this one. */
static void test_run__warns_of_a_time_limit_in_time(void **state)
{
    (void)state;
    run.elapsed_ms = 2000000; // the next night: 100 s
    wish.time_limit_ms = 100000;
    assert_lacks(tell(&run, "text", false), "will not suffice");
    wish.time_limit_ms = 99999;
    assert_contains(
        tell(&run, "text", false),
        "about 2 operations come due a day, which takes 1 min 40 s at this rate: the time limit of");
    wish.time_limit_ms = 0; // none
    assert_lacks(tell(&run, "text", false), "will not suffice");
    run.end = CLEANUP_TIME_LIMIT;
    assert_lacks(tell(&run, "text", false), "at this rate"); // nothing is left
    run.operations = 20;
    assert_contains(tell(&run, "text", false), "at this rate 2 more nights until done");
    run.operations = 30;
    assert_contains(tell(&run, "text", false), "at this rate 1 more night until done");
    run.operations = 2;
    assert_contains(
        tell(&run, "text", false),
        "at this rate never done: a night like this deletes 2 operations (8000 rows), and about 2");
    run.rows = 0;
    assert_lacks(tell(&run, "text", false), "at this rate");
    run.rows = 8000;
    plan.method = CLEANUP_PROCEDURE;
    assert_lacks(tell(&run, "text", false), "at this rate");
}

static void test_run__tells_of_heaps(void **state)
{
    (void)state;
    assert_lacks(tell(&run, "text", false), "Heaps");
    run.heap_count = 3;
    run.heaps[0] = (CleanupHeap){.name = "loose_a",
                                 .before_kb = 4096,
                                 .after_kb = 4096,
                                 .rows = 5,
                                 .spare_kb = 1024,
                                 .rebuilt_kb = -1};
    run.heaps[1] = (CleanupHeap){.name = "loose_b",
                                 .before_kb = 40960,
                                 .after_kb = 40960,
                                 .rows = 6,
                                 .spare_kb = 10240,
                                 .rebuilt_kb = 30720};
    run.heaps[2] = (CleanupHeap){.name = "loose_c",
                                 .before_kb = 1,
                                 .after_kb = 1,
                                 .rows = 7,
                                 .spare_kb = 1023,
                                 .rebuilt_kb = -1};
    const char *json = tell(&run, "json", false), *text = tell(&run, "text", false);
    assert_contains(
        json,
        "{\"table\":\"loose_a\",\"rows\":5,\"bytes_before\":4194304,\"bytes_after\":4194304,\"spare_bytes\":1048576,\"bytes_rebuilt\":null}");
    assert_contains(json, "\"bytes_rebuilt\":31457280}");
    assert_contains(text, "Heaps, whose pages a DELETE does not give back");
    assert_contains(text, "internal.loose_a keeps about 1024 KiB of emptied pages");
    assert_contains(text, "writes about 3072 KiB to the log");
    assert_lacks(text, "internal.loose_b keeps"); // it was rebuilt
    assert_lacks(text, "internal.loose_c keeps"); // too little
    run.heaps[0].spare_kb = 10239;
    run.heaps[2].spare_kb = 10240;
    run.heaps[1].error = "refused";
    text = tell(&run, "text", false);
    assert_contains(text, "internal.loose_a keeps about 10239 KiB");
    assert_contains(text, "internal.loose_c keeps about 10 MiB");
    assert_contains(text, "internal.loose_b was not rebuilt: refused");
}

static void test_run__tells_of_waits(void **state)
{
    (void)state;
    run.wait_count = 1;
    run.waits[0] = (CleanupWait){.reason = "somebody", .count = 3, .ms = 4500};
    assert_contains(tell(&run, "json", false),
                    "{\"reason\":\"somebody\",\"count\":3,\"seconds\":4.5}");
}

/* The ten with most rows, those with as many in the order of deletion; not for one alone. */
static void test_run__draws_tables_and_time(void **state)
{
    (void)state;
    run.tables[2] = (CleanupTableRun){.rows = 9};
    run.slices.width_ms = 100;
    run.slices.rows[0] = 9;
    const char *page = tell(&run, "html", false);
    assert_lacks(page, "Rows deleted by table");
    assert_lacks(page, "by the time of the run");
    for (size_t i = 0; i < plan.table_count; i++)
        run.tables[i].rows = 5;
    run.tables[11].rows = 6;
    run.tables[1].rows = 4;
    run.slices.rows[1] = 7;
    page = tell(&run, "html", false);
    assert_contains(page, "by the time of the run");
    const char *chart = strstr(page, "Rows deleted by table");
    assert_non_null(chart);
    const char *end = strstr(chart, "</ol>");
    const char *drawn = arena_copy(&arena, chart, (size_t)(end - chart));
    const char *l = strstr(drawn, "table_l"), *a = strstr(drawn, "table_a"),
               *c = strstr(drawn, "table_c"), *j = strstr(drawn, "table_j");
    assert_true(l && a && c && j && l < a && a < c && c < j);
    assert_null(strstr(drawn, "table_b"));
    assert_null(strstr(drawn, "table_k")); // the eleventh
}

static void test_run__tables_row_by_row(void **state)
{
    (void)state;
    run.tables[1] =
        (CleanupTableRun){.rows = 12, .statements = 3, .longest_ms = 1500, .total_ms = 2500};
    assert_contains(
        tell(&run, "json", false),
        "{\"table\":\"table_b\",\"deleted_rows\":12,\"statements\":3,\"total_seconds\":2.5,\"longest_seconds\":1.5}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_plan__says_how_long_it_takes),
        TEST(test_plan__lines_of_what_goes_and_stays),
        TEST(test_plan__tables_that_are_half_known),
        TEST(test_plan__screen_lists_what_loses_most),
        TEST(test_plan__draws_the_ten_largest),
        TEST(test_plan__warns_of_what_it_cannot_see),
        TEST(test_plan__warns_of_failures_that_go),
        TEST(test_plan__statuses_in_order_the_unknown_last),
        TEST(test_run__headline_and_outcome),
        TEST(test_run__facts_that_people_see_when_there_are_any),
        TEST(test_run__warns_of_what_is_left),
        TEST(test_run__warns_of_a_time_limit_in_time),
        TEST(test_run__tells_of_heaps),
        TEST(test_run__tells_of_waits),
        TEST(test_run__draws_tables_and_time),
        TEST(test_run__tables_row_by_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
