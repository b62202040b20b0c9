/* Rows turned into records, with old builds and NULL everywhere. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/ssisdb/ssisdb.h"

#include <stdio.h>

static Arena arena;

#define AT(minute) "2026-03-02 05:" minute ":00.0000000 +00:00"

static int setup(void **state)
{
    (void)state;
    script_reset();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static const TdsArg args[] = {
    {.name = "since", .time = {.is_set = true}},
    {.name = "until", .time = {.is_set = true}},
    {.name = "latest"},
    {.name = "first_id"},
    {.name = "last_id"},
    {.name = "failed"},
    {.name = "unexpected"},
    {.name = "canceled"},
    {.name = "all_types"},
};

/* Reads one row of the scripted statement. */
static TdsRows *one_row(Tds *tds, SqlId id, size_t arg_count)
{
    TdsRows *rows = NULL;
    bool has_row = false;
    Err err = {0};

    if (tds_query(tds, id, args, arg_count, &rows, &err) != RC_OK ||
        tds_next(rows, &has_row, &err) != RC_OK)
        fail_msg("%s", err.text);
    assert_true(has_row);
    return rows;
}

static void end_rows(TdsRows *rows)
{
    bool has_row = true;
    Err err = {0};

    assert_int_equal(tds_next(rows, &has_row, &err), RC_OK);
    assert_false(has_row);
    tds_rows_close(rows);
}

/* ---- executions ------------------------------------------------------------------------------ */

static void script_execution(void)
{
    script_begin(SQL_FAILURES_EXECUTIONS);
    SCRIPT_ROW("42", "Sales", "Nightly", "Load.dtsx", "Env", "Prod", "7", "etl", "etl_proxy", "ops",
               "4", AT("01"), AT("02"), AT("05"), "SQL1", "WORKER", "1234", "1", "guid", "2");
    script_end();
}

static void test_records__execution(void **state)
{
    Execution e;

    (void)state;
    script_execution();
    Tds *tds = script_open();
    TdsRows *rows = one_row(tds, SQL_FAILURES_EXECUTIONS, 8);
    execution_read(rows, &arena, &e);
    end_rows(rows);
    script_close(tds);

    assert_int_equal(e.id, 42);
    assert_string_equal(e.folder, "Sales");
    assert_string_equal(e.project, "Nightly");
    assert_string_equal(e.package, "Load.dtsx");
    assert_string_equal(e.environment_folder, "Env");
    assert_string_equal(e.environment, "Prod");
    assert_int_equal(e.reference_id, 7);
    assert_string_equal(e.caller, "etl");
    assert_string_equal(e.executed_as, "etl_proxy");
    assert_string_equal(e.stopped_by, "ops");
    assert_int_equal(e.status, STATUS_FAILED);
    assert_int_equal(execution_time(&e).ticks, e.end.ticks);
    assert_int_equal(execution_duration(&e, (Instant){0}), 3 * 60 * TICKS_PER_SECOND);
    assert_string_equal(e.server_name, "SQL1");
    assert_string_equal(e.machine_name, "WORKER");
    assert_int_equal(e.process_id, 1234);
    assert_true(e.use_32bit);
    assert_non_null(e.worker_agent_id);
    assert_int_equal(e.executed_count, 2);
    assert_int_equal(e.logging_level, -1);
}

static void test_records__execution_of_an_old_build(void **state)
{
    Execution e;

    (void)state;
    script_set_old_build(true);
    script_execution();
    Tds *tds = script_open();
    TdsRows *rows = one_row(tds, SQL_FAILURES_EXECUTIONS, 8);
    execution_read(rows, &arena, &e);
    end_rows(rows);
    script_close(tds);

    assert_int_equal(e.id, 42);
    assert_null(e.worker_agent_id);
    assert_int_equal(e.executed_count, 0);
}

static void test_records__execution_of_nulls(void **state)
{
    Execution e;

    (void)state;
    script_begin(SQL_FAILURES_EXECUTIONS);
    SCRIPT_ROW("1", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "1", NULL, NULL, NULL,
               NULL, NULL, NULL, NULL, NULL, NULL);
    script_end();
    Tds *tds = script_open();
    TdsRows *rows = one_row(tds, SQL_FAILURES_EXECUTIONS, 8);
    execution_read(rows, &arena, &e);
    end_rows(rows);
    script_close(tds);

    assert_null(e.folder);
    assert_null(e.package);
    assert_null(e.environment);
    assert_null(e.caller);
    assert_int_equal(e.reference_id, 0);
    assert_false(e.use_32bit);
    assert_false(execution_time(&e).is_set);
    assert_int_equal(execution_duration(&e, (Instant){.ticks = 99, .is_set = true}), -1);
}

static void test_records__time_and_duration_of_the_unfinished(void **state)
{
    Instant one = {.ticks = 100, .is_set = true}, two = {.ticks = 250, .is_set = true};
    Execution e = {.status = STATUS_RUNNING, .created = one};

    (void)state;
    assert_int_equal(execution_time(&e).ticks, 100);
    e.start = two;
    assert_int_equal(execution_time(&e).ticks, 250);
    assert_int_equal(execution_duration(&e, (Instant){.ticks = 1000, .is_set = true}), 750);
    e.status = STATUS_FAILED; // it is over, but nobody wrote when
    assert_int_equal(execution_duration(&e, (Instant){.ticks = 1000, .is_set = true}), -1);
}

/* ---- operations and messages ----------------------------------------------------------------- */

static void test_records__operation(void **state)
{
    Operation o, nulls;
    bool has_row = false;
    Err err = {0};

    (void)state;
    script_begin(SQL_FAILURES_OPERATIONS);
    SCRIPT_ROW("9", "101", "20", "Nightly", "4", "deployer", AT("01"), NULL, NULL);
    SCRIPT_ROW("10", "106", NULL, NULL, "6", NULL, NULL, NULL, NULL);
    script_end();
    Tds *tds = script_open();
    TdsRows *rows = one_row(tds, SQL_FAILURES_OPERATIONS, 8);
    operation_read(rows, &arena, &o);
    assert_int_equal(tds_next(rows, &has_row, &err), RC_OK);
    operation_read(rows, &arena, &nulls);
    end_rows(rows);
    script_close(tds);

    assert_int_equal(o.id, 9);
    assert_string_equal(operation_type_name(o.type), "deploy_project");
    assert_int_equal(o.object_type, 20);
    assert_string_equal(o.object_name, "Nightly");
    assert_string_equal(o.caller, "deployer");
    assert_int_equal(operation_time(&o).ticks, o.created.ticks);
    assert_null(nulls.object_name);
    assert_null(nulls.caller);
    assert_false(operation_time(&nulls).is_set);
}

static void test_records__message(void **state)
{
    Message m;
    bool has_row = false;
    Err err = {0};

    (void)state;
    script_begin(SQL_FAILURES_MESSAGES);
    SCRIPT_ROW("42", "77", AT("03"), "120", "60", "-1071636471", "Load.dtsx", "OnError",
               "Load Orders", "OLE DB [2]", "\\Package\\Load Orders", "\\Load Orders", "text");
    SCRIPT_ROW("42", NULL, NULL, "110", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    script_end();
    Tds *tds = script_open();
    TdsRows *rows = one_row(tds, SQL_FAILURES_MESSAGES, 9);
    message_read(rows, &m);
    assert_int_equal(m.operation_id, 42);
    assert_int_equal(m.id, 77);
    assert_int_equal(m.type, MESSAGE_ERROR);
    assert_int_equal(m.source_type, 60);
    assert_int_equal(m.code, -1071636471);
    assert_true(str_equal(m.package, str_of("Load.dtsx")));
    assert_true(str_equal(m.event_name, str_of("OnError")));
    assert_true(str_equal(m.source_name, str_of("Load Orders")));
    assert_true(str_equal(m.subcomponent, str_of("OLE DB [2]")));
    assert_true(str_equal(m.package_path, str_of("\\Package\\Load Orders")));
    assert_true(str_equal(m.execution_path, str_of("\\Load Orders")));
    assert_true(str_equal(m.text, str_of("text")));

    assert_int_equal(tds_next(rows, &has_row, &err), RC_OK);
    message_read(rows, &m); // a scale-out row: no id
    assert_int_equal(m.id, 0);
    assert_int_equal(m.code, 0);
    assert_false(m.time.is_set);
    assert_null(m.package.at);
    assert_null(m.text.at);
    end_rows(rows);
    script_close(tds);
}

/* ---- the heads that the readers rely on ------------------------------------------------------ */

static void test_records__every_list_of_executions_begins_alike(void **state)
{
    const SqlAsset *model = sql_asset(SQL_FAILURES_EXECUTIONS);
    size_t found = 0;

    (void)state;
    for (SqlId id = 0; id < SQL_ID_COUNT; id++) {
        const SqlAsset *asset = sql_asset(id);
        const char *slash = strchr(asset->name, '/');
        if (!slash || strcmp(slash, "/executions") != 0)
            continue;
        if (strncmp(asset->name, "capture/", 8) == 0) // a table as it is, not read as executions
            continue;
        found++;
        for (size_t i = 0; i < model->column_count; i++) {
            if (i >= asset->column_count ||
                strcmp(asset->columns[i].name, model->columns[i].name) != 0)
                fail_msg("sql/%s.sql: column %zu is not %s", asset->name, i,
                         model->columns[i].name);
            assert_int_equal(asset->columns[i].type, model->columns[i].type);
        }
    }
    assert_true(found >= 1);
}

/* ---- filters --------------------------------------------------------------------------------- */

static const Execution sample = {
    .id = 5, .folder = "Sales", .project = "Nightly", .package = "Load.DTSX", .caller = "etl"};

static bool package_passes(const char *const *globs, size_t count)
{
    ExecutionFilter filter = {.packages = globs, .package_count = count};

    return execution_passes(&filter, &sample);
}

#define PACKAGES(...)                                                                              \
    package_passes((const char *const[]){__VA_ARGS__},                                             \
                   ARRAY_LEN(((const char *const[]){__VA_ARGS__})))

static void test_records__package_filter(void **state)
{
    (void)state;
    assert_true(PACKAGES("Load.dtsx"));
    assert_true(PACKAGES("load"));
    assert_true(PACKAGES("lo*"));
    assert_true(PACKAGES("Other", "lo?d"));
    assert_false(PACKAGES("Other"));
    assert_false(PACKAGES("!load"));
    assert_false(PACKAGES("!load.dtsx"));
    assert_true(PACKAGES("!other"));
    assert_false(PACKAGES("l*", "!load"));
    assert_true(PACKAGES("l*", "!other"));
}

/* nvarchar(260) of the longest characters: what is left out by its name without
 * ending stays out. */
static void test_records__longest_package(void **state)
{
    char bare[255 * 3 + 1] = "", package[sizeof(bare) + 5], exclusion[sizeof(bare) + 1];
    const char *const globs[] = {exclusion};
    const ExecutionFilter filter = {.packages = globs, .package_count = 1};
    const Execution execution = {.id = 7, .folder = "F", .project = "P", .package = package};

    (void)state;
    for (size_t i = 0; i < 255; i++)
        memcpy(bare + 3 * i, "\xE6\xBC\xA2", 4);
    (void)snprintf(package, sizeof(package), "%s.dtsx", bare);
    (void)snprintf(exclusion, sizeof(exclusion), "!%s", bare);
    assert_false(execution_passes(&filter, &execution));
}

static void test_records__other_filters(void **state)
{
    static const char *const sales[] = {"sales"}, *const hr[] = {"HR"}, *const not_etl[] = {"!etl"};
    ExecutionFilter filter = {0};
    Execution nameless = {.id = 6};

    (void)state;
    assert_true(execution_filter_is_open(&filter));
    assert_true(execution_passes(&filter, &sample));
    filter = (ExecutionFilter){.folders = sales, .folder_count = 1};
    assert_false(execution_filter_is_open(&filter));
    assert_true(execution_passes(&filter, &sample));
    assert_false(execution_passes(&filter, &nameless));
    filter = (ExecutionFilter){.folders = hr, .folder_count = 1};
    assert_false(execution_passes(&filter, &sample));
    filter = (ExecutionFilter){.projects = hr, .project_count = 1};
    assert_false(execution_passes(&filter, &sample));
    filter = (ExecutionFilter){.callers = not_etl, .caller_count = 1};
    assert_false(execution_passes(&filter, &sample));
    assert_true(execution_passes(&filter, &nameless));
}

static void test_records__id_filter(void **state)
{
    static const int64_t ids[] = {9, 5, 7}, others[] = {4};
    ExecutionFilter filter = {.ids = ids, .id_count = 3};
    int64_t first, last;

    (void)state;
    assert_true(execution_passes(&filter, &sample));
    execution_filter_range(&filter, &first, &last);
    assert_int_equal(first, 5);
    assert_int_equal(last, 9);
    filter = (ExecutionFilter){.ids = others, .id_count = 1};
    assert_false(execution_passes(&filter, &sample));
    filter = (ExecutionFilter){0};
    execution_filter_range(&filter, &first, &last);
    assert_true(first == INT64_MIN && last == INT64_MAX);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void test_records__names(void **state)
{
    (void)state;
    assert_string_equal(status_name(STATUS_ENDED_UNEXPECTEDLY), "ended unexpectedly");
    assert_string_equal(status_name(42), "status 42");
    assert_string_equal(operation_type_name(700), "operation type 700");
    assert_string_equal(message_type_name(MESSAGE_TASK_FAILED), "task failed");
    assert_string_equal(message_source_name(60), "data flow task");
    assert_string_equal(logging_level_name(0), "None");
    assert_string_equal(logging_level_name(-1), "unknown");
    for (int status = 1; status <= 9; status++)
        assert_int_equal(status_is_live(status) + status_is_terminal(status),
                         status != STATUS_CREATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_records__execution, setup, teardown),
        cmocka_unit_test_setup_teardown(test_records__execution_of_an_old_build, setup, teardown),
        cmocka_unit_test_setup_teardown(test_records__execution_of_nulls, setup, teardown),
        cmocka_unit_test(test_records__time_and_duration_of_the_unfinished),
        cmocka_unit_test_setup_teardown(test_records__operation, setup, teardown),
        cmocka_unit_test_setup_teardown(test_records__message, setup, teardown),
        cmocka_unit_test(test_records__every_list_of_executions_begins_alike),
        cmocka_unit_test(test_records__package_filter),
        cmocka_unit_test(test_records__longest_package),
        cmocka_unit_test(test_records__other_filters),
        cmocka_unit_test(test_records__id_filter),
        cmocka_unit_test(test_records__names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
