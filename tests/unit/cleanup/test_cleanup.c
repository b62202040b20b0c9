/* The plan and the run against a scripted server, statement by statement. */
#include "test.h"

#include "catalogue_script.h"

#include "../../../src/cleanup/judge.h"
#include "../../../src/cleanup/runner.h"

#include "ssisminer/base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static Arena arena;
static Ssisdb *db;
static Tds *tds;

static const CleanupWish usual = {.keep_ticks = 30 * TICKS_PER_DAY,
                                  .batch_rows = 100,
                                  .batch_time_ms = 60000,
                                  .lock_timeout_ms = 2000,
                                  .max_load_percent = 70};

static int setup(void **state)
{
    (void)state;
    (void)setenv("SSISMINER_NOW", "2026-03-02T06:00:00Z", 1);
    script_reset();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* ---- what the server answers ----------------------------------------------------------------- */

typedef struct Settings {
    const char *cleanup_enabled, *retention;
} Settings;

/* A server of its own with three of the log's tables. */
static void script_small_probe(const Settings *settings)
{
    static const ScriptServer server = {
        "3", "15.0.4123.1", "2026-03-02 06:00:00.0000000 +00:00", "1", "0", "0", "0", "0",
    };

    script_server(&server);
    script_begin(SQL_SSISDB_OBJECTS);
    SCRIPT_ROW("catalog", "executions", "execution_id");
    SCRIPT_ROW("catalog", "catalog_properties", "property_name");
    SCRIPT_ROW("internal", "operations", "operation_id");
    SCRIPT_ROW("internal", "operation_messages", "operation_id");
    SCRIPT_ROW("internal", "execution_parameter_values", "execution_id");
    SCRIPT_ROW("internal", "executions", "execution_id");
    script_end();
    script_begin(SQL_SSISDB_PROPERTIES);
    SCRIPT_ROW("RETENTION_WINDOW", settings->retention);
    SCRIPT_ROW("OPERATION_CLEANUP_ENABLED", settings->cleanup_enabled);
    SCRIPT_ROW("SERVER_OPERATION_ENCRYPTION_LEVEL", "2");
    script_end();
}

static void script_rights(const char *may_delete, const char *may_procedure)
{
    script_begin(SQL_SSISDB_RIGHTS);
    SCRIPT_ROW(may_delete, may_delete, NULL, may_procedure, NULL, NULL, NULL, "1", "0", NULL, "0",
               NULL, NULL);
    script_end();
}

static void script_keys(const char *unknown)
{
    script_begin(SQL_SSISDB_FOREIGN_KEYS);
    SCRIPT_ROW("internal", "executions", "operations", "FK_E", "execution_id", "1", "1");
    SCRIPT_ROW("internal", "execution_parameter_values", "executions", "FK_V", "execution_id", "1",
               "0");
    SCRIPT_ROW("internal", "operation_messages", "operations", "FK_M", "operation_id", "1", "1");
    SCRIPT_ROW("internal", "projects", "folders", "FK_P", "folder_id", "0", "1");
    if (unknown)
        SCRIPT_ROW("audit", unknown, "operations", "FK_A", "operation_id", "1", "1");
    script_end();
}

static void script_operation(const char *id, const char *status, const char *doomed,
                             const char *time)
{
    SCRIPT_ROW(id, "200", status, doomed, time, "1", NULL, NULL, NULL);
}

#define OLD   "2001-01-01 00:00:00.0000000 +00:00"
#define YOUNG "2026-03-01 00:00:00.0000000 +00:00"

/* Two ranges of doomed ones: 1-2 and 5. */
static void script_operations(void)
{
    script_begin(SQL_CLEANUP_OPERATIONS);
    script_operation("1", "7", "1", OLD);
    script_operation("2", "4", "1", "2002-01-01 00:00:00.0000000 +00:00");
    script_operation("3", "2", "0", OLD);
    script_operation("4", "7", "0", YOUNG);
    script_operation("5", "1", "1", OLD);
    script_operation("6", "42", "0", OLD);
    script_operation("7", "7", "0", NULL);
    script_end();
}

static void script_zombies(void)
{
    script_begin(SQL_SSISDB_SILENT);
    SCRIPT_ROW("3", "200", "2", "Nightly", "etl", "1", OLD, NULL, NULL, NULL);
    SCRIPT_ROW("8", "200", "2", "Awake", "etl", "1", OLD, NULL, YOUNG,
               "2026-03-02 05:59:00.0000000 +00:00");
    script_end();
}

static void script_plan(const char *unknown)
{
    static const Settings settings = {"TRUE", "90"};

    script_small_probe(&settings);
    script_rights("1", "0");
    script_keys(unknown);
    script_operations();
    script_zombies();
}

static void script_lock(const char *outcome)
{
    script.asset = sql_asset(SQL_CLEANUP_LOCK);
    script_add((FakeStep)FAKE_SQL_WITH("sp_getapplock", "BIGINT 0"));
    script_columns();
    SCRIPT_ROW(outcome);
    script_end();
}

static void script_delete(const char *from, const char *params, SQLLEN affected)
{
    script_add((FakeStep)FAKE_SQL_WITH(from, params));
    script_add((FakeStep)FAKE_COUNT(affected));
}

/* Rows that would go with never started operations. */
static void script_created(const char *executions)
{
    script_begin(SQL_CLEANUP_EXACT);
    SCRIPT_ROW("operations", "1");
    SCRIPT_ROW("operation_messages", "0");
    SCRIPT_ROW("executions", executions);
    script_end();
}

/* The deletes of a range that holds one, and what they find. */
static void script_created_range(SQLLEN affected)
{
    for (int i = 0; i < 3; i++)
        script_delete("DELETE TOP", NULL, affected);
    script_created("1");
    script_delete("FROM internal.operations AS o", NULL, affected);
    script_created("0");
}

static void probe(void)
{
    Err err = {0};

    tds = script_open();
    if (ssisdb_probe(tds, &arena, &db, &err) != RC_OK)
        fail_msg("%s", err.text);
}

static CleanupPlan *plan(const CleanupWish *wish)
{
    CleanupPlan *made = NULL;
    Err err = {0};

    probe();
    if (cleanup_plan(db, wish, &arena, &made, &err) != RC_OK)
        fail_msg("%s", err.text);
    return made;
}

/* ---- plan ------------------------------------------------------------------------------------ */

static void test_cleanup__counts_what_goes_and_what_stays(void **state)
{
    (void)state;
    script_plan(NULL);
    const CleanupPlan *made = plan(&usual);
    assert_true(made->is_counted);
    assert_int_equal(made->operations, 7);
    assert_int_equal(made->doomed, 3);
    assert_int_equal(made->doomed_failures, 1);
    assert_int_equal(made->live, 1);
    assert_int_equal(made->young, 1);
    assert_int_equal(made->unknown_status, 1);
    assert_int_equal(made->undated, 1);
    assert_int_equal(made->first_id, 1);
    assert_int_equal(made->last_id, 5);
    assert_int_equal(made->method, CLEANUP_BATCHED);
    assert_int_equal(made->cutoff.ticks, db->server_now.ticks - 30 * TICKS_PER_DAY);
    assert_int_equal(made->zombies.count, 1);
    assert_int_equal(made->zombies.list[0].id, 3);
    script_close(tds);
}

static void test_cleanup__children_come_before_parents(void **state)
{
    (void)state;
    script_plan(NULL);
    const CleanupPlan *made = plan(&usual);
    assert_int_equal(made->table_count, 4);
    assert_string_equal(made->tables[0].name, "operation_messages");
    assert_string_equal(made->tables[1].name, "execution_parameter_values");
    assert_string_equal(made->tables[2].name, "executions");
    assert_string_equal(made->tables[3].name, "operations");
    assert_null(made->unknown_child);
    assert_int_equal(made->gap_count, 1);
    assert_string_equal(made->gaps[0].statement,
                        "CREATE INDEX [IX_execution_parameter_values_execution_id] ON "
                        "[internal].[execution_parameter_values] ([execution_id]);");
    script_close(tds);
}

/* Whoever is never started must still be able to start until it is gone: what starting needs goes
 * with the operation, by cascade. */
static void test_cleanup__what_may_still_start_stays_whole(void **state)
{
    (void)state;
    script_plan(NULL);
    const CleanupPlan *made = plan(&usual);
    assert_true(made->tables[0].with_created);
    assert_false(made->tables[1].with_created);
    assert_false(made->tables[2].with_created);
    assert_true(made->tables[3].with_created);
    script_close(tds);
}

static void refuse(const CleanupWish *wish, const Settings *settings, const char *words)
{
    CleanupPlan *made = NULL;
    Err err = {0};

    script_reset();
    script_small_probe(settings);
    probe();
    assert_int_equal(cleanup_plan(db, wish, &arena, &made, &err), RC_USAGE);
    assert_contains(err.text, words);
    script_close(tds);
}

static void test_cleanup__settings_that_forbid_it(void **state)
{
    static const Settings off = {"FALSE", "90"}, unlimited = {"TRUE", "-1"}, fine = {"TRUE", "90"};
    CleanupWish wish = usual;

    (void)state;
    wish.keep_ticks = 0;
    refuse(&wish, &off, "switched off");
    refuse(&wish, &unlimited, "RETENTION_WINDOW is -1");
    wish.keep_failed_ticks = TICKS_PER_DAY;
    refuse(&wish, &fine, "--keep-failed is shorter");
}

/* field-C5: a window that no catalogue accepts is none, however large. */
static void test_cleanup__field_C5_windows_beyond_all_bounds(void **state)
{
    static const char *const windows[] = {
        "0",
        "-1",
        "abc",
        "",
        "3651",
        "99999999999",
        "106751991167",
        "9223372036854775807",
        "-9223372036854775808",
        "1e3",
        "30.5",
    };
    CleanupWish wish = usual;

    (void)state;
    wish.keep_ticks = 0;
    for (size_t i = 0; i < ARRAY_LEN(windows); i++) {
        const Settings settings = {"TRUE", windows[i]};
        refuse(&wish, &settings,
               arena_printf(&arena, "RETENTION_WINDOW is %s, not 1 to 3650 days", windows[i]));
    }
}

static void test_cleanup__keeps_that_are_no_keeps(void **state)
{
    static const Settings fine = {"TRUE", "90"};
    CleanupWish wish = usual;

    (void)state;
    wish.keep_origin = wish.keep_failed_origin = "somewhere";
    wish.keep_ticks = 30 * TICKS_PER_SECOND;
    refuse(&wish, &fine, "--keep is shorter than a day (somewhere)");
    wish.keep_ticks = TICKS_PER_DAY - 1;
    refuse(&wish, &fine, "--keep is shorter than a day");
    wish.keep_ticks = -1;
    refuse(&wish, &fine, "--keep is shorter than a day");
    wish.keep_ticks = 3650 * TICKS_PER_DAY + 1;
    refuse(&wish, &fine, "--keep is longer than 3650 days");
    wish.keep_ticks = INT64_MAX;
    refuse(&wish, &fine, "--keep is longer than 3650 days");
    wish.keep_ticks = 30 * TICKS_PER_DAY;
    wish.keep_failed_ticks = INT64_MAX;
    refuse(&wish, &fine, "--keep-failed is longer than 3650 days");
    wish.keep_failed_ticks = 3600 * TICKS_PER_SECOND;
    refuse(&wish, &fine, "--keep-failed is shorter than a day");
}

/* Without a terminal: less than half of what the last run kept, or of RETENTION_WINDOW. */
static void test_cleanup__a_keep_that_shrank_is_a_slip(void **state)
{
    static const SsisdbProperty window = {"RETENTION_WINDOW", "100"};
    Ssisdb server = {.retention_days = 100, .properties = &window, .property_count = 1};
    CleanupPlan made = {
        .db = &server, .keep_origin = "--keep, here", .keep_failed_origin = "there"};
    LedgerRecord last = {0};
    Err err = {0};

    (void)state;
    made.keep_ticks = made.keep_failed_ticks = 50 * TICKS_PER_DAY;
    assert_int_equal(cleanup_check_keep(&made, &last, &err), RC_OK);
    made.keep_ticks -= TICKS_PER_DAY;
    assert_int_equal(cleanup_check_keep(&made, &last, &err), RC_USAGE);
    assert_contains(err.text, "keeping 49 d 0 h (--keep, here) is less than half of "
                              "RETENTION_WINDOW, which is 100");
    assert_contains(err.hint, "--yes");
    last = (LedgerRecord){.is_found = true, .keep_ticks = 60 * TICKS_PER_DAY};
    assert_int_equal(cleanup_check_keep(&made, &last, &err), RC_OK);
    last.keep_failed_ticks = 180 * TICKS_PER_DAY;
    assert_int_equal(cleanup_check_keep(&made, &last, &err), RC_USAGE);
    assert_contains(err.text, "kept of failures, by the ledger");
    server.retention_days = -1;
    last.is_found = false;
    made.keep_ticks = 3650 * TICKS_PER_DAY;
    assert_int_equal(cleanup_check_keep(&made, &last, &err), RC_USAGE);
}

static void test_cleanup__the_procedure_goes_by_the_settings(void **state)
{
    static const Settings settings = {"TRUE", "90"};
    CleanupPlan *made = NULL;
    Err err = {0};

    (void)state;
    script_small_probe(&settings);
    script_rights("0", "1");
    probe();
    assert_int_equal(cleanup_plan(db, &usual, &arena, &made, &err), RC_USAGE);
    assert_contains(err.text, "does not honor --keep");
    script_close(tds);
}

static void test_cleanup__the_procedure_rebuilds_nothing(void **state)
{
    static const Settings settings = {"TRUE", "90"};
    const CleanupWish wish = {.rebuild_heaps = true};
    CleanupPlan *made = NULL;
    Err err = {0};

    (void)state;
    script_small_probe(&settings);
    script_rights("0", "1");
    probe();
    assert_int_equal(cleanup_plan(db, &wish, &arena, &made, &err), RC_USAGE);
    assert_contains(err.text, "does not honor --rebuild-heaps");
    script_close(tds);
}

/* ---- run ------------------------------------------------------------------------------------- */

static Rc run(const CleanupPlan *made, CleanupRun *ret_run, Err *err)
{
    static const CleanupWatch nobody = {0};

    return cleanup_execute(made, &nobody, &arena, ret_run, err);
}

#define BOUND(rows, first, last, created)                                                          \
    "BIGINT " rows "|BIGINT " first "|BIGINT " last                                                \
    "|NVARCHAR(40) 2026-01-31T06:00:00.0000000+00:00|NVARCHAR(40) "                                \
    "2026-01-31T06:00:00.0000000+00:00|BIGINT " created

static void test_cleanup__deletes_range_by_range(void **state)
{
    CleanupRun done;
    Err err = {0};

    (void)state;
    script_plan(NULL);
    script_lock("0");
    script_operations();
    script_delete("FROM internal.operation_messages", BOUND("100", "1", "2", "1"),
                  100); // full: again
    script_delete("FROM internal.operation_messages", BOUND("100", "1", "2", "1"), 7);
    script_delete("FROM internal.execution_parameter_values", BOUND("100", "1", "2", "0"), 9);
    script_delete("FROM internal.executions", BOUND("100", "1", "2", "0"), 2);
    script_delete("FROM internal.operations AS o", BOUND("7", "1", "2", "1"), 2);
    script_delete("FROM internal.operation_messages", BOUND("100", "5", "5", "1"), 0);
    script_delete("FROM internal.execution_parameter_values", BOUND("100", "5", "5", "0"), 0);
    script_delete("FROM internal.executions", BOUND("100", "5", "5", "0"), 0);
    script_created("2");
    script_delete("FROM internal.operations AS o", BOUND("7", "5", "5", "1"), 1);
    script_created("0");
    CleanupPlan *made = plan(&usual);
    assert_int_equal(run(made, &done, &err), RC_OK);
    assert_int_equal(done.end, CLEANUP_DONE);
    assert_int_equal(done.operations, 3);
    assert_int_equal(done.rows, 123); // field-C13: with two that went by cascade
    assert_int_equal(done.cascaded_rows, 2);
    assert_int_equal(done.tables[2].rows, 4);
    assert_int_equal(done.statements, 9);
    assert_int_equal(done.tables[0].rows, 107);
    script_close(tds);
}

/* What a statement has gone over the next one does not look at again, and each is sent for as many
 * operations as bring about as many rows as it may take. */
static void test_cleanup__goes_over_a_range_part_by_part(void **state)
{
    CleanupRun done;
    Err err = {0};

    (void)state;
    script_plan(NULL);
    script_lock("0");
    script_begin(SQL_CLEANUP_OPERATIONS);
    for (int id = 1; id <= 60; id++) // 1, 3, 5, …: one range
        script_operation(arena_printf(&arena, "%d", 2 * id - 1), "7", "1", OLD);
    script_end();
    script_delete("FROM internal.operation_messages", BOUND("100", "1", "19", "1"), 90);   // of 10
    script_delete("FROM internal.operation_messages", BOUND("100", "21", "37", "1"), 100); // of 9
    script_delete("FROM internal.operation_messages", BOUND("100", "21", "37", "1"), 71);
    script_delete("FROM internal.operation_messages", BOUND("100", "39", "45", "1"), 0); // of 4
    script_delete("FROM internal.operation_messages", BOUND("100", "47", "81", "1"), 0); // of 18
    script_delete("FROM internal.operation_messages", BOUND("100", "83", "119", "1"), 0);
    script_delete("FROM internal.execution_parameter_values", BOUND("100", "1", "19", "0"), 0);
    script_delete("FROM internal.execution_parameter_values", BOUND("100", "21", "105", "0"), 0);
    script_delete("FROM internal.execution_parameter_values", BOUND("100", "107", "119", "0"), 0);
    script_delete("FROM internal.executions", BOUND("100", "1", "19", "0"), 10);
    script_delete("FROM internal.executions", BOUND("100", "21", "81", "0"), 31);
    script_delete("FROM internal.executions", BOUND("100", "83", "119", "0"), 19);
    for (int id = 1; id <= 109; id += 12)
        script_delete("FROM internal.operations AS o",
                      arena_printf(&arena, BOUND("7", "%d", "%d", "1"), id, id + 10), 6);
    CleanupPlan *made = plan(&usual);
    assert_int_equal(run(made, &done, &err), RC_OK);
    assert_int_equal(done.operations, 60);
    assert_int_equal(done.tables[0].rows, 261);
    script_close(tds);
}

static void test_cleanup__lock_time_out_halves_the_batch(void **state)
{
    CleanupRun done;
    Err err = {0};

    (void)state;
    script_plan(NULL);
    script_lock("1");
    script_operations();
    script_add((FakeStep)FAKE_SQL_FAILS("FROM internal.operation_messages", "HYT00", 1222,
                                        "Lock request time out period exceeded."));
    script_delete("FROM internal.operation_messages", BOUND("50", "1", "2", "1"), 0);
    for (int i = 0; i < 3; i++)
        script_delete("DELETE TOP", NULL, 0);
    script_created_range(0);
    CleanupPlan *made = plan(&usual);
    assert_int_equal(run(made, &done, &err), RC_OK);
    assert_int_equal(done.halved, 1);
    assert_int_equal(done.wait_count, 1);
    script_close(tds);
}

static void test_cleanup__other_errors_end_it(void **state)
{
    CleanupRun done;
    Err err = {0};

    (void)state;
    script_plan(NULL);
    script_lock("0");
    script_operations();
    script_add((FakeStep)FAKE_SQL_FAILS("FROM internal.operation_messages", "42000", 824,
                                        "A logical consistency-based I/O error."));
    CleanupPlan *made = plan(&usual);
    assert_int_equal(run(made, &done, &err), RC_QUERY);
    assert_contains(err.text, "deleting from internal.operation_messages");
    assert_contains(err.text, "A logical consistency-based");
    assert_int_equal(done.end, CLEANUP_FAILED);
    script_close(tds);
}

static void test_cleanup__a_late_child_starts_the_range_again(void **state)
{
    CleanupRun done;
    Err err = {0};

    (void)state;
    script_plan(NULL);
    script_lock("0");
    script_operations();
    for (int i = 0; i < 3; i++)
        script_delete("DELETE TOP", NULL, 0);
    script_add((FakeStep)FAKE_SQL_FAILS("FROM internal.operations AS o", "23000", 547,
                                        "The DELETE statement conflicted with the REFERENCE "
                                        "constraint."));
    script_delete("FROM internal.operation_messages", BOUND("100", "1", "2", "1"), 1);
    for (int i = 0; i < 3; i++)
        script_delete("DELETE TOP", NULL, 0);
    script_created_range(0);
    CleanupPlan *made = plan(&usual);
    assert_int_equal(run(made, &done, &err), RC_OK);
    assert_int_equal(done.tables[0].rows, 1);
    script_close(tds);
}

static void test_cleanup__two_never_run_together(void **state)
{
    CleanupRun done;
    Err err = {0};

    (void)state;
    script_plan(NULL);
    script_lock("-1");
    script_begin(SQL_CLEANUP_LOCK_HOLDER);
    SCRIPT_ROW("52", "etl01", "ssisminer/1 cleanup", "cleaner", "7260");
    script_end();
    CleanupPlan *made = plan(&usual);
    assert_int_equal(run(made, &done, &err), RC_LOCKED);
    assert_contains(err.text, "session 52 of login 'cleaner' on host 'etl01'");
    assert_contains(err.text, "logged in 2 h 01 min ago");
    assert_int_equal(done.statements, 0);
    script_close(tds);
}

static void test_cleanup__an_unknown_child_stops_it(void **state)
{
    CleanupRun done;
    Err err = {0};

    (void)state;
    script_plan("trail");
    CleanupPlan *made = plan(&usual);
    assert_string_equal(made->unknown_child, "audit.trail (FK_A)");
    assert_int_equal(run(made, &done, &err), RC_QUERY);
    assert_contains(err.text, "audit.trail");
    script_close(tds);
}

static void test_cleanup__torture(void **state)
{
    size_t failed = 0, broken = 0;

    (void)state;
    for (size_t call = 0;; call++) {
        CleanupPlan *made = NULL;
        CleanupRun done = {.end = CLEANUP_DONE};
        Err err = {0};
        script_reset();
        script_plan(NULL);
        script_lock("0");
        script_operations();
        for (int i = 0; i < 4; i++)
            script_delete("DELETE TOP", NULL, 1);
        script_created_range(1);
        probe();
        fake_driver_fail_at(call);
        Rc rc = cleanup_plan(db, &usual, &arena, &made, &err);
        if (rc == RC_OK)
            rc = run(made, &done, &err);
        bool did_fail = fake_driver_did_fail();
        assert_true(did_fail || rc == RC_OK); // a count that cannot be had is no error
        broken += rc != RC_OK || done.uncertain > 0;
        tds_close(tds);
        fake_driver_assert_no_leak();
        failed += did_fail;
        if (failed > 0 && !did_fail)
            break;
    }
    assert_true(broken > 50 && broken + 10 > failed);
}

/* ---- pace ------------------------------------------------------------------------------------ */

static void test_cleanup__pace_follows_time(void **state)
{
    (void)state;
    Pace pace = pace_of(1000, 4000, 1000);
    pace_took(&pace, 1000, 4000); // four times too long
    assert_int_equal(pace.rows, 250);
    pace_took(&pace, 250, 200);
    assert_int_equal(pace.rows, 282);
    pace_took(&pace, 10, 1); // too few to say anything
    assert_int_equal(pace.rows, 282);
    pace_took(&pace, 282, 900); // in time, and no room to grow
    assert_int_equal(pace.rows, 282);
    pace_took(&pace, 141, 450); // half of it, in half of that
    assert_int_equal(pace.rows, 282);
    pace_took(&pace, 200, 100); // a full one would take more than an eighth of the time
    assert_int_equal(pace.rows, 318);
    pace_took(&pace, 200, 50); // less
    assert_int_equal(pace.rows, 636);
    for (int i = 0; i < 100; i++)
        pace_took(&pace, pace.rows, 1);
    assert_int_equal(pace.rows, 4000);
    pace_took(&pace, 1, 90000);
    assert_int_equal(pace.rows, 1);
}

static void test_cleanup__pace_halves_and_waits_to_grow(void **state)
{
    (void)state;
    Pace pace = pace_of(1000, 4000, 1000);
    assert_true(pace_trouble(&pace, 12));
    assert_int_equal(pace.rows, 500);
    for (int i = 0; i < 10; i++)
        pace_took(&pace, 500, 1);
    assert_int_equal(pace.rows, 500);
    pace_took(&pace, 500, 1);
    assert_int_equal(pace.rows, 563); // no faster, after a trouble
    for (int i = 0; i < 12; i++)
        assert_true(pace_trouble(&pace, 12));
    assert_false(pace_trouble(&pace, 12));
    assert_int_equal(pace.rows, 1);
}

static void test_cleanup__pace_fits_operations_to_rows(void **state)
{
    (void)state;
    Pace pace = pace_of(500, 4000, 1000);
    assert_int_equal(pace_operations(&pace), 54); // eight rows each, as long as nothing is known
    pace_found(&pace, 540, 54);
    assert_int_equal(pace_operations(&pace), 43);
    pace_found(&pace, 0, 43); // not to be trusted at once: the next may have theirs
    assert_int_equal(pace_operations(&pace), 174);
    for (int i = 0; i < 60; i++)
        pace_found(&pace, 0, 174);
    assert_true(pace_operations(&pace) > CLEANUP_CHUNK); // a table that has none is asked once
    pace_found(&pace, 1000000, 1);
    assert_int_equal(pace_operations(&pace), 1);
    pace_knows(&pace, 3000, 1000);
    assert_int_equal(pace_operations(&pace), 145);
    pace_knows(&pace, 0, 1000);
    assert_true(pace_operations(&pace) > CLEANUP_CHUNK);
}

/* ---- how long it will take ------------------------------------------------------------------- */

static void test_cleanup__nights_until_done(void **state)
{
    CleanupPlan made = {
        .doomed = 10000, .young = 3000, .keep_ticks = 30 * TICKS_PER_DAY}; // 100 a day
    CleanupRun done = {.operations = 1100, .elapsed_ms = 60000};

    (void)state;
    assert_int_equal(cleanup_nights(&made, &done), 9); // 8,900 left, 1,000 a night
    assert_int_equal(cleanup_next_night_ms(&made, &done), 5454);
    done.operations = 100;
    assert_int_equal(cleanup_nights(&made, &done), -1); // as many as come due
    done.operations = 10000;
    assert_int_equal(cleanup_nights(&made, &done), 0);
    done.operations = 0;
    assert_int_equal(cleanup_next_night_ms(&made, &done), 0);
    made.doomed_rows = 400000;
    done.rows = 44000; // children alone: as much work as 1,100 operations
    assert_int_equal(cleanup_nights(&made, &done), 9);
    done.rows = 40;
    assert_int_equal(cleanup_nights(&made, &done), -1);
    made.young = made.doomed = INT64_MAX;
    made.keep_ticks = TICKS_PER_DAY;
    done.operations = 1;
    assert_int_equal(cleanup_nights(&made, &done), -1);
}

static void test_cleanup__rows_are_measured_as_it_goes(void **state)
{
    CleanupPlan made = {.doomed = 1000, .doomed_rows = 77};
    CleanupRun done = {.rows = 50};

    (void)state;
    assert_int_equal(cleanup_expected_rows(&made, &done), 77);
    made.doomed_rows = -1;
    assert_int_equal(cleanup_expected_rows(&made, &done), -1);
    done.settled_operations = 100;
    done.settled_rows = 4000;
    assert_int_equal(cleanup_expected_rows(&made, &done), 40000);
    done.settled_operations = 2000; // more than were counted
    assert_int_equal(cleanup_expected_rows(&made, &done), 4000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cleanup__counts_what_goes_and_what_stays, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__children_come_before_parents, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__what_may_still_start_stays_whole, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__settings_that_forbid_it, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__field_C5_windows_beyond_all_bounds, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__keeps_that_are_no_keeps, setup, teardown),
        cmocka_unit_test(test_cleanup__nights_until_done),
        cmocka_unit_test(test_cleanup__rows_are_measured_as_it_goes),
        cmocka_unit_test_setup_teardown(test_cleanup__a_keep_that_shrank_is_a_slip, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__the_procedure_goes_by_the_settings, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__the_procedure_rebuilds_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__deletes_range_by_range, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__goes_over_a_range_part_by_part, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__lock_time_out_halves_the_batch, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__other_errors_end_it, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__a_late_child_starts_the_range_again, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__two_never_run_together, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__an_unknown_child_stops_it, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__torture, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__pace_follows_time, setup, teardown),
        cmocka_unit_test(test_cleanup__pace_fits_operations_to_rows),
        cmocka_unit_test_setup_teardown(test_cleanup__pace_halves_and_waits_to_grow, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
