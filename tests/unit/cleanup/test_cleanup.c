/* The plan and the run against a scripted server, statement by statement. */
#include "test.h"

#include "catalog_script.h"

#include "../../../src/cleanup/plan.h"
#include "../../../src/cleanup/runner.h"
#include "../../../src/cleanup/selection.h"

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

/* field-C5: a window that no catalog accepts is none, however large. */
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

/* Far more statuses than any server has: counted, the last of them together. */
static void test_cleanup__counts_more_statuses_than_there_are(void **state)
{
    static const Settings settings = {"TRUE", "90"};
    int64_t sum = 0;

    (void)state;
    script_small_probe(&settings);
    script_rights("1", "0");
    script_keys(NULL);
    script_begin(SQL_CLEANUP_OPERATIONS);
    for (int i = 0; i < 20; i++)
        script_operation("1", arena_printf(&arena, "%d", 20 + i), "0", OLD);
    script_end();
    const CleanupPlan *made = plan(&usual);
    assert_int_equal(made->status_count, CLEANUP_STATUSES_MAX);
    for (size_t i = 0; i < made->status_count; i++)
        sum += made->statuses[i].operations;
    assert_int_equal(sum, 20);
    assert_int_equal(made->statuses[CLEANUP_STATUSES_MAX - 1].operations, 5);
    assert_int_equal(made->statuses[0].operations, 1);
    assert_int_equal(made->unknown_status, 20);
    script_close(tds);
}

static void script_state_rights(const char *may_view_state)
{
    static const Settings settings = {"TRUE", "90"};

    script_small_probe(&settings);
    script_begin(SQL_SSISDB_RIGHTS);
    SCRIPT_ROW("1", "1", NULL, "0", NULL, NULL, NULL, "1", may_view_state, NULL, "0", NULL, NULL);
    script_end();
    script_keys(NULL);
    script_operations();
}

/* Three of seven operations go, and with them three sevenths of the rows; of a table that the
 * server does not tell of nothing is known, and so not of all of them together. */
static void test_cleanup__estimates_by_the_sizes(void **state)
{
    (void)state;
    script_state_rights("1");
    script_begin(SQL_SSISDB_SIZES);
    SCRIPT_ROW("operation_messages", "700", "7000", "0");
    SCRIPT_ROW("EXECUTIONS", "0", "16", "0"); // as the server spells it
    SCRIPT_ROW("of_others", "1", "1", "0");
    SCRIPT_ROW("operations", "70", "70", "0");
    script_end();
    script_zombies();
    const CleanupPlan *made = plan(&usual);
    assert_int_equal(made->tables[0].doomed_rows, 300);
    assert_int_equal(made->tables[0].doomed_kb, 3000);
    assert_int_equal(made->tables[1].doomed_rows, -1); // execution_parameter_values
    assert_int_equal(made->tables[1].doomed_kb, -1);
    assert_int_equal(made->tables[2].doomed_rows, 0);
    assert_int_equal(made->tables[2].doomed_kb, 0);
    assert_int_equal(made->tables[3].doomed_rows, 3); // known, not estimated
    assert_int_equal(made->tables[3].doomed_kb, 3);
    assert_int_equal(made->doomed_rows, -1);
    assert_null(made->no_sizes);
    script_close(tds);
}

static void test_cleanup__estimates_all_that_is_known(void **state)
{
    (void)state;
    script_state_rights("1");
    script_begin(SQL_SSISDB_SIZES);
    SCRIPT_ROW("operation_messages", "700", "7000", "0");
    SCRIPT_ROW("execution_parameter_values", "0", "0", "0");
    SCRIPT_ROW("executions", "7", "16", "0");
    SCRIPT_ROW("operations", "1", "70", "0"); // out of date: less than go
    script_end();
    script_zombies();
    const CleanupPlan *made = plan(&usual);
    assert_int_equal(made->doomed_rows, 306);
    assert_int_equal(made->tables[3].doomed_kb, 70); // no more than there is
    script_close(tds);
}

/* Without VIEW DATABASE STATE the sizes are not even asked for; where the server does not show them
 * all the same that is said; what else goes wrong ends the plan. */
static void test_cleanup__plans_without_the_sizes(void **state)
{
    CleanupPlan *made = NULL;
    Err err = {0};

    (void)state;
    script_state_rights("0");
    script_zombies();
    made = plan(&usual);
    assert_int_equal(made->doomed_rows, -1);
    assert_int_equal(made->tables[0].doomed_rows, -1);
    assert_int_equal(made->tables[3].doomed_rows, 3);
    assert_null(made->no_sizes);
    script_close(tds);
    script_reset();
    script_state_rights("1");
    script_refuse(SQL_SSISDB_SIZES, 297, "The user does not have permission.");
    script_zombies();
    made = plan(&usual);
    assert_contains(made->no_sizes, "The user does not have permission");
    assert_int_equal(made->doomed_rows, -1);
    script_close(tds);
    script_reset();
    script_state_rights("1");
    script_refuse(SQL_SSISDB_SIZES, 824, "Broken.");
    probe();
    assert_int_equal(cleanup_plan(db, &usual, &arena, &made, &err), RC_QUERY);
    assert_contains(err.text, "reading the sizes of the log's tables");
    script_close(tds);
}

/* Exact: by one statement, from the first to the last that goes. */
static void test_cleanup__counts_rows_where_asked_to(void **state)
{
    CleanupWish wish = usual;

    (void)state;
    wish.is_exact = true;
    script_state_rights("0");
    script_begin_with(
        SQL_CLEANUP_EXACT,
        "BIGINT 1|BIGINT 5|NVARCHAR(40) 2026-01-31T06:00:00.0000000+00:00|NVARCHAR(40) "
        "2026-01-31T06:00:00.0000000+00:00|BIGINT 1|BIGINT 0");
    SCRIPT_ROW("operation_messages", "12");
    SCRIPT_ROW("execution_parameter_values", "5");
    SCRIPT_ROW("executions", "2");
    SCRIPT_ROW("operations", "3");
    script_end();
    script_zombies();
    const CleanupPlan *made = plan(&wish);
    assert_true(made->is_exact);
    assert_int_equal(made->tables[0].doomed_rows, 12);
    assert_int_equal(made->doomed_rows, 22);
    assert_int_equal(made->orphan_rows, 0); // no loose table, and so none is asked for
    script_close(tds);
}

static void test_cleanup__keys_that_go_in_a_circle_end_it(void **state)
{
    static const Settings settings = {"TRUE", "90"};
    CleanupPlan *made = NULL;
    Err err = {0};

    (void)state;
    script_small_probe(&settings);
    script_rights("1", "0");
    script_begin(SQL_SSISDB_FOREIGN_KEYS);
    SCRIPT_ROW("internal", "executions", "operations", "FK_E", "execution_id", "1", "1");
    SCRIPT_ROW("internal", "operations", "executions", "FK_O", "operation_id", "1", "1");
    script_end();
    probe();
    assert_int_equal(cleanup_plan(db, &usual, &arena, &made, &err), RC_QUERY);
    assert_contains(err.text, "the foreign keys of the operation log go in a circle");
    script_close(tds);
}

/* A window that the login may not read is no window, and none of no days. */
static void test_cleanup__a_window_that_cannot_be_read(void **state)
{
    Ssisdb server = {.cleanup_enabled = true,
                     .server_now = {.ticks = 4000 * TICKS_PER_DAY, .is_set = true}};
    CleanupWish wish = usual;
    CleanupPlan made = {.db = &server, .wish = &wish};
    Err err = {0};

    (void)state;
    wish.keep_ticks = 0;
    assert_int_equal(plan_retention(&made, &arena, &err), RC_USAGE);
    assert_contains(err.text, "RETENTION_WINDOW is not readable, not 1 to 3650 days");
    server.retention_days = 1;
    assert_int_equal(plan_retention(&made, &arena, &err), RC_OK);
    assert_int_equal(made.cutoff.ticks, 3999 * TICKS_PER_DAY);
    server.retention_days = 3650;
    assert_int_equal(plan_retention(&made, &arena, &err), RC_OK);
    assert_int_equal(made.failed_cutoff.ticks, 350 * TICKS_PER_DAY);
    server.retention_days = 3651;
    assert_int_equal(plan_retention(&made, &arena, &err), RC_USAGE);
    server.retention_days = 3650;
    server.server_now.ticks = 3650 * TICKS_PER_DAY - 1; // never before the calendar
    assert_int_equal(plan_retention(&made, &arena, &err), RC_OK);
    assert_int_equal(made.cutoff.ticks, 0);
    server.server_now.is_set = false;
    assert_int_equal(plan_retention(&made, &arena, &err), RC_QUERY);
    assert_contains(err.text, "does not say what time it is");
}

/* The word that a keep under a day takes does not let through what is no time at all. */
static void test_cleanup__a_keep_under_a_day_that_is_meant(void **state)
{
    static const Settings fine = {"TRUE", "90"};
    CleanupWish wish = usual;
    Err err = {0};

    (void)state;
    wish.may_keep_under_a_day = true;
    wish.keep_origin = "somewhere";
    wish.keep_ticks = 1;
    assert_int_equal(plan_check_wish(&wish, &err), RC_OK);
    wish.keep_ticks = 3650 * TICKS_PER_DAY;
    assert_int_equal(plan_check_wish(&wish, &err), RC_OK);
    wish.keep_ticks = -1;
    refuse(&wish, &fine, "--keep is shorter than a day");
    wish.keep_ticks = -3650 * TICKS_PER_DAY;
    refuse(&wish, &fine, "--keep is shorter than a day");
}

/* ---- one operation --------------------------------------------------------------------------- */

typedef struct Asked {
    const char *created, *start, *end;
    const char *holds[4]; // final, ended, started, created
    const char *folder;
    const char *verdict;
} Asked;

static void explain(const Asked *asked, bool with_filter)
{
    static const char *const folders[] = {"Sales"};
    static const Settings settings = {"TRUE", "90"};
    CleanupWish wish = usual;
    CleanupPlan *made = NULL;
    Report *report = NULL;
    char *text = NULL;
    size_t size = 0;
    Err err = {0};

    script_reset();
    script_small_probe(&settings);
    script_rights("1", "0");
    script_begin(SQL_CLEANUP_ONE_OPERATION);
    SCRIPT_ROW("200", "7", "Nightly", "etl", asked->created, asked->start, asked->end, "1",
               asked->folder, asked->folder, asked->folder, asked->holds[0], asked->holds[1],
               asked->holds[2], asked->holds[3]);
    script_end();
    probe();
    made = arena_alloc(&arena, sizeof(*made));
    assert_int_equal(cleanup_rule(db, &wish, &arena, &made, &err), RC_OK);
    if (with_filter) {
        wish.filter.folders = folders;
        wish.filter.folder_count = 1;
    }
    if (cleanup_explain(made, 7, &arena, &report, &err) != RC_OK)
        fail_msg("%s", err.text);
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(report_writer("json")->write(report, &(ReportStyle){.columns = 80}, out, &err),
                     RC_OK);
    (void)fclose(out);
    assert_contains(text, asked->verdict);
    if (strstr(asked->verdict, "it goes"))
        assert_contains(text, "\"goes\": true");
    else
        assert_contains(text, "\"goes\": false");
    free(text);
    script_close(tds);
}

static void test_cleanup__says_what_keeps_an_operation(void **state)
{
    static const Asked asked[] = {
        {OLD, OLD, OLD, {"1", "1", "1", "1"}, "Sales", "it goes with the next cleanup --execute"},
        {OLD, NULL, NULL, {"1", "1", "1", "1"}, "Sales", "it goes with the next cleanup --execute"},
        {NULL, NULL, NULL, {"1", "0", "1", "1"}, "Sales", "it stays: none of its times is known"},
        {YOUNG,
         NULL,
         NULL,
         {"1", "0", "1", "0"},
         "Sales",
         "it stays: not true that it ended before the cutoff"},
        {NULL,
         YOUNG,
         NULL,
         {"1", "0", "0", "1"},
         "Sales",
         "it stays: not true that it ended before the cutoff"},
        {NULL,
         NULL,
         YOUNG,
         {"1", "0", "1", "1"},
         "Sales",
         "it stays: not true that it ended before the cutoff"},
        {OLD,
         OLD,
         OLD,
         {"0", "1", "1", "1"},
         "Sales",
         "it stays: not true that its status is final"},
        {OLD,
         YOUNG,
         OLD,
         {"1", "1", "0", "1"},
         "Sales",
         "it stays: not true that it did not start after the cutoff"},
        {YOUNG,
         OLD,
         OLD,
         {"1", "1", "1", "0"},
         "Sales",
         "it stays: not true that it was not created after the cutoff"},
    };
    static const Asked filtered[] = {
        {OLD, OLD, OLD, {"1", "1", "1", "1"}, "Sales", "it goes with the next cleanup --execute"},
        {OLD, OLD, OLD, {"1", "1", "1", "1"}, "Stock", "it stays: it does not pass the filter"},
        {OLD, OLD, OLD, {"1", "1", "1", "1"}, NULL, "it stays: it does not pass the filter"},
        {OLD,
         OLD,
         OLD,
         {"0", "1", "1", "1"},
         "Stock",
         "it stays: not true that its status is final"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(asked); i++)
        explain(&asked[i], false);
    for (size_t i = 0; i < ARRAY_LEN(filtered); i++)
        explain(&filtered[i], true);
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

/* ---- after the deletes ----------------------------------------------------------------------- */

/* What nothing was doomed of: the lock, and what comes behind the deletes. */
static void script_nothing_doomed(CleanupWish *wish, const char *may_versions)
{
    static const Settings settings = {"TRUE", "90"};

    script_small_probe(&settings);
    script_begin(SQL_SSISDB_RIGHTS);
    SCRIPT_ROW("1", "1", NULL, "0", NULL, NULL, may_versions, "1", "0", NULL, "0", NULL, NULL);
    script_end();
    script_keys(NULL);
    script_begin(SQL_CLEANUP_OPERATIONS);
    script_end();
    script_lock("0");
    *wish = usual;
    wish->project_versions = true;
}

static void test_cleanup__purges_project_versions_at_the_end(void **state)
{
    CleanupWish wish;
    CleanupRun done;
    Err err = {0};

    (void)state;
    script_nothing_doomed(&wish, "1");
    script_delete("EXECUTE internal.cleanup_server_project_version", NULL, 0);
    assert_int_equal(run(plan(&wish), &done, &err), RC_OK);
    assert_true(done.versions_done);
    assert_int_equal(done.end, CLEANUP_DONE);
    script_close(tds);
    script_reset();
    script_nothing_doomed(&wish, "1");
    script_add((FakeStep)FAKE_SQL_FAILS("EXECUTE internal.cleanup_server_project_version", "42000",
                                        27000, "No."));
    assert_int_equal(run(plan(&wish), &done, &err), RC_QUERY);
    assert_false(done.versions_done);
    assert_int_equal(done.end, CLEANUP_FAILED);
    script_close(tds);
    script_reset();
    script_nothing_doomed(&wish, "1");
    wish.project_versions = false;
    assert_int_equal(run(plan(&wish), &done, &err), RC_OK);
    assert_false(done.versions_done);
    script_close(tds);
}

static void test_cleanup__may_not_purge_project_versions(void **state)
{
    CleanupWish wish;
    CleanupRun done;
    Err err = {0};

    (void)state;
    script_nothing_doomed(&wish, "0");
    script.count -= 4; // it comes to no lock
    const CleanupPlan *made = plan(&wish);
    assert_int_equal(run(made, &done, &err), RC_RIGHTS);
    assert_contains(err.text, "may not purge project versions");
    assert_contains(err.hint, "EXECUTE ON internal.cleanup_server_project_version");
    script_close(tds);
}

/* A run that has to stop does nothing more: neither keys nor heaps nor versions. */
static void test_cleanup__a_stop_leaves_the_rest(void **state)
{
    char path[] = "/tmp/ssisminer-stop-XXXXXX";
    CleanupWish wish;
    CleanupRun done;
    Err err = {0};

    (void)state;
    script_plan(NULL);
    script_lock("0");
    script_operations();
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    wish = usual;
    wish.stop_file = path;
    wish.project_versions = wish.rebuild_heaps = true;
    CleanupPlan *made = plan(&wish);
    made->may_versions = true;
    db->encryption_level = 1;
    assert_int_equal(run(made, &done, &err), RC_OK);
    (void)unlink(path);
    assert_int_equal(done.end, CLEANUP_STOP_FILE);
    assert_int_equal(done.statements, 0);
    assert_false(done.versions_done);
    script_close(tds);
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
        cmocka_unit_test_setup_teardown(test_cleanup__counts_more_statuses_than_there_are, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__estimates_by_the_sizes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__estimates_all_that_is_known, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__plans_without_the_sizes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__counts_rows_where_asked_to, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__keys_that_go_in_a_circle_end_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__a_window_that_cannot_be_read, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__a_keep_under_a_day_that_is_meant, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__says_what_keeps_an_operation, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__purges_project_versions_at_the_end, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__may_not_purge_project_versions, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__a_stop_leaves_the_rest, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cleanup__pace_follows_time, setup, teardown),
        cmocka_unit_test(test_cleanup__pace_fits_operations_to_rows),
        cmocka_unit_test_setup_teardown(test_cleanup__pace_halves_and_waits_to_grow, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
