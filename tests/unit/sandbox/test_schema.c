/* The procedures of sql/schema do what the shipped ones do, on a generated history. */
#include "../../../src/sandbox/data/generate.h"
#include "ssisminer/base/buf.h"

#include "test.h"

#include <sqlite3.h>
#include <stdio.h>

typedef struct Answer { // of one batch
    int32_t error;      // first error number, 0 none
    char error_text[400];
    int64_t value; // first column of the last row
    bool is_null;
    size_t rows;
} Answer;

typedef struct Sandbox {
    Engine *engine;
    Session *session;
} Sandbox;

static void sandbox_done(Sandbox *sandbox)
{
    session_close(sandbox->session);
    engine_close(sandbox->engine);
}

static Sandbox sandbox_of(Flavor flavor, const char *login, uint32_t omit)
{
    GenerateOptions options = {
        .seed = 31, .days = 30, .executions = 300, .failures = -1, .omit_plants = omit};
    EngineOptions wanted = {.flavor = flavor};
    Sandbox sandbox = {0};
    Err err = {0};

    assert_int_equal(time_parse("2026-11-22T03:04:05Z", (Instant){0}, &options.now, &err), RC_OK);
    wanted.now = options.now;
    if (engine_open(&wanted, &sandbox.engine, &err) != RC_OK ||
        generate(sandbox.engine, &options, NULL, &err) != RC_OK)
        fail_msg("%s", err.text);
    sandbox.session = session_open(sandbox.engine, login, "test_schema");
    assert_non_null(sandbox.session);
    return sandbox;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static bool on_columns(void *context, const SbColumn *columns, size_t count)
{
    (void)context, (void)columns, (void)count;
    return true;
}

static bool on_row(void *context, const SbValue *values, size_t count)
{
    Answer *answer = context;

    (void)count;
    answer->rows++;
    answer->is_null = values[0].is_null;
    answer->value = values[0].i64;
    return true;
}

static bool on_done(void *context, bool is_select, bool has_count, int64_t count)
{
    (void)context, (void)is_select, (void)has_count, (void)count;
    return true;
}

static bool on_error(void *context, int32_t number, int state, int severity, const char *text,
                     const char *procedure, int line)
{
    Answer *answer = context;

    (void)state, (void)severity;
    if (answer->error == 0) {
        answer->error = number;
        snprintf(answer->error_text, sizeof answer->error_text, "%s (%s, line %d)", text, procedure,
                 line);
    }
    return true;
}

static bool on_info(void *context, int32_t number, int state, int severity, const char *text,
                    int line, bool is_now)
{
    (void)context, (void)number, (void)state, (void)severity, (void)text, (void)line, (void)is_now;
    return true;
}

static bool on_database(void *context, const char *name)
{
    (void)context, (void)name;
    return true;
}

static bool on_transaction(void *context, int kind, uint64_t id)
{
    (void)context, (void)kind, (void)id;
    return true;
}

static Answer ask(Sandbox *sandbox, const char *batch)
{
    Answer answer = {0};
    SbSink sink = {&answer,  on_columns, on_row,      on_done,
                   on_error, on_info,    on_database, on_transaction};

    assert_true(session_run(sandbox->session, str_of(batch), NULL, 0, &sink));
    return answer;
}

static int64_t number(Sandbox *sandbox, const char *batch)
{
    Answer answer = ask(sandbox, batch);

    if (answer.error != 0)
        fail_msg("%d %s in %s", answer.error, answer.error_text, batch);
    return answer.value;
}

static void run(Sandbox *sandbox, const char *batch)
{
    (void)number(sandbox, batch);
}

static int64_t stored(Sandbox *sandbox, const char *sql) // past the front end, without its rights
{
    sqlite3_stmt *query;
    int64_t value;

    if (sqlite3_prepare_v2(engine_store(sandbox->engine), sql, -1, &query, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(engine_store(sandbox->engine)));
    value = sqlite3_step(query) == SQLITE_ROW ? sqlite3_column_int64(query, 0) : -1;
    sqlite3_finalize(query);
    return value;
}

/* ---- views ----------------------------------------------------------------------------------- */

static void test_schema__views_show_all_to_who_may_see_all(void **state)
{
    static const Flavor flavors[] = {FLAVOR_AZURE, FLAVOR_SQL2019, FLAVOR_SQL2012};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(flavors); i++) {
        AUTO(sandbox_done) Sandbox admin = sandbox_of(flavors[i], "admin", 0);
        assert_int_equal(number(&admin, "SELECT COUNT(*) FROM catalog.executions"), 300);
        assert_int_equal(number(&admin, "SELECT COUNT(*) FROM catalog.operations"),
                         stored(&admin, "SELECT COUNT(*) FROM \"internal.operations\""));
        int64_t heap =
            flavors[i] == FLAVOR_SQL2012
                ? 0
                : stored(&admin, "SELECT COUNT(*) FROM \"internal.operation_messages_scaleout\"");
        assert_int_equal(number(&admin, "SELECT COUNT(*) FROM catalog.event_messages"),
                         stored(&admin, "SELECT COUNT(*) FROM \"internal.operation_messages\"") +
                             heap);
        assert_true(number(&admin, "SELECT COUNT(*) FROM catalog.executables") > 300);
        assert_true(number(&admin, "SELECT COUNT(*) FROM catalog.packages") > 8);
        assert_int_equal(number(&admin, "SELECT COUNT(*) FROM catalog.folders"), 8);
    }
}

static void test_schema__without_rights_no_rows_and_no_error(void **state)
{
    AUTO(sandbox_done) Sandbox nobody = sandbox_of(FLAVOR_AZURE, "nobody", 0);
    (void)state;

    assert_int_equal(number(&nobody, "SELECT COUNT(*) FROM catalog.executions"), 0);
    assert_int_equal(number(&nobody, "SELECT COUNT(*) FROM catalog.event_messages"), 0);
    assert_int_equal(number(&nobody, "SELECT COUNT(*) FROM catalog.projects"), 0);
    assert_true(number(&nobody, "SELECT COUNT(*) FROM catalog.catalog_properties") > 5);
}

static void test_schema__logreader_sees_the_log_but_no_folders(void **state)
{
    AUTO(sandbox_done) Sandbox reader = sandbox_of(FLAVOR_SQL2019, "reader", 0);
    (void)state;

    assert_int_equal(number(&reader, "SELECT COUNT(*) FROM catalog.executions"), 300);
    assert_int_equal(number(&reader, "SELECT COUNT(*) FROM catalog.folders"), 0);
    assert_int_equal(number(&reader, "SELECT COUNT(*) FROM catalog.environment_references"), 0);
}

static void test_schema__secrets_are_not_shown(void **state)
{
    AUTO(sandbox_done) Sandbox admin = sandbox_of(FLAVOR_AZURE, "admin", 0);
    (void)state;

    assert_true(
        number(&admin,
               "SELECT COUNT(*) FROM catalog.execution_parameter_values WHERE sensitive = 1") > 0);
    assert_int_equal(
        number(&admin, "SELECT COUNT(*) FROM catalog.execution_parameter_values WHERE sensitive "
                       "= 1 AND parameter_value IS NOT NULL"),
        0);
}

/* Up to 2019 a member of ssis_logreader sees the end of a phase as a phase. */
static void test_schema__phases_show_the_logreader_quirk(void **state)
{
    AUTO(sandbox_done) Sandbox admin = sandbox_of(FLAVOR_SQL2019, "admin", 0);
    AUTO(sandbox_done) Sandbox reader = sandbox_of(FLAVOR_SQL2019, "reader", 0);
    int64_t phases = number(&admin, "SELECT COUNT(*) FROM catalog.execution_component_phases");
    (void)state;

    assert_true(phases > 0);
    assert_true(number(&reader, "SELECT COUNT(*) FROM catalog.execution_component_phases") >
                phases);
    assert_int_equal(
        number(
            &admin,
            "SELECT COUNT(*) FROM catalog.execution_component_phases WHERE end_time < start_time"),
        0);
}

/* ---- starting and stopping ------------------------------------------------------------------- */

static const char create[] =
    "DECLARE @id bigint; EXECUTE catalog.create_execution @folder_name = N'Sales', @project_name = "
    "N'Orders', "
    "@package_name = N'Load Regional Orders.dtsx', @execution_id = @id OUTPUT; ";

static int64_t with_execution(Sandbox *sandbox, const char *rest)
{
    AUTO(buf_done) Buf batch = BUF(4000);

    buf_puts(&batch, create);
    buf_puts(&batch, rest);
    return number(sandbox, buf_text(&batch));
}

static void test_schema__an_execution_is_created_set_and_started(void **state)
{
    AUTO(sandbox_done) Sandbox admin = sandbox_of(FLAVOR_AZURE, "sa", PLANT_WAITS | PLANT_SLOW);
    (void)state;

    assert_int_equal(
        with_execution(&admin, "SELECT status FROM catalog.executions WHERE execution_id = @id;"),
        1);
    assert_int_equal(
        with_execution(&admin,
                       "EXECUTE catalog.set_execution_parameter_value @id, 30, N'Region', N'East'; "
                       "EXECUTE catalog.start_execution @id; "
                       "SELECT status FROM catalog.executions WHERE execution_id = @id;"),
        5);
    assert_int_equal(with_execution(&admin,
                                    "SELECT COUNT(*) FROM catalog.execution_parameter_values WHERE "
                                    "execution_id = @id AND object_type = 50;"),
                     6);
}

static int32_t error_of(Sandbox *sandbox, const char *batch)
{
    return ask(sandbox, batch).error;
}

static void test_schema__wrong_calls_get_the_shipped_numbers(void **state)
{
    AUTO(sandbox_done) Sandbox sa = sandbox_of(FLAVOR_AZURE, "sa", PLANT_WAITS | PLANT_SLOW);
    AUTO(sandbox_done)
    Sandbox nobody = sandbox_of(FLAVOR_AZURE, "nobody", PLANT_WAITS | PLANT_SLOW);
    AUTO(buf_done) Buf batch = BUF(4000);
    (void)state;

    buf_printf(&batch, "%s EXECUTE catalog.start_execution @id;", create);
    assert_int_equal(error_of(&sa, buf_text(&batch)), 27184); // Region is required
    assert_int_equal(error_of(&nobody, create), 27178);
    assert_int_equal(error_of(&sa, "EXECUTE catalog.start_execution @execution_id = 1"), 27103);
    assert_int_equal(error_of(&sa, "EXECUTE catalog.stop_operation @operation_id = 1"), 27124);
    assert_int_equal(error_of(&sa, "DECLARE @id bigint; EXECUTE catalog.create_execution N'Sales', "
                                   "N'Orders', N'None.dtsx', "
                                   "@execution_id = @id OUTPUT;"),
                     27146);
    assert_int_equal(
        error_of(&nobody, "EXECUTE catalog.configure_catalog N'RETENTION_WINDOW', N'30'"), 27140);
    assert_int_equal(error_of(&sa, "EXECUTE catalog.configure_catalog N'RETENTION_WINDOW', N'0'"),
                     27101);
    assert_int_equal(error_of(&sa, "EXECUTE catalog.configure_catalog N'RETENTION_WINDOW', N'30'"),
                     0);
    assert_int_equal(
        number(&sa, "SELECT CAST(property_value AS int) FROM catalog.catalog_properties WHERE "
                    "property_name = N'RETENTION_WINDOW'"),
        30);
}

static void test_schema__a_running_operation_is_stopped_once(void **state)
{
    AUTO(sandbox_done) Sandbox sa = sandbox_of(FLAVOR_SQL2019, "sa", 0);
    static const char stop[] =
        "DECLARE @id bigint; SELECT @id = MIN(operation_id) FROM catalog.operations WHERE status = "
        "2; "
        "EXECUTE catalog.stop_operation @id; EXECUTE catalog.stop_operation @id;";
    (void)state;

    assert_int_equal(error_of(&sa, stop), 27126);
}

/* ---- clean-up -------------------------------------------------------------------------------- */

static const char doomed[] =
    "SELECT COUNT(*) FROM internal.operations WHERE end_time <= DATEADD(day, -14, "
    "SYSDATETIMEOFFSET()) OR "
    "(end_time IS NULL AND status = 1 AND created_time <= DATEADD(day, -14, SYSDATETIMEOFFSET()))";

static void purge_in(Flavor flavor)
{
    AUTO(sandbox_done) Sandbox sa = sandbox_of(flavor, "sa", PLANT_RETENTION | PLANT_PURGE_FAILED);
    int64_t all = number(&sa, "SELECT COUNT(*) FROM internal.operations"),
            gone = number(&sa, doomed);
    int64_t live =
        number(&sa, "SELECT COUNT(*) FROM internal.operations WHERE status IN (2, 5, 8)");

    assert_true(gone > 50 && gone < all);
    run(&sa, "EXECUTE internal.cleanup_server_retention_window");
    assert_int_equal(number(&sa, doomed), 0);
    assert_int_equal(number(&sa, "SELECT COUNT(*) FROM internal.operations"), all - gone + 1);
    assert_int_equal(
        number(&sa, "SELECT COUNT(*) FROM internal.operations WHERE status IN (2, 5, 8)"), live);
    assert_int_equal(
        number(&sa, "SELECT TOP (1) status FROM internal.operations ORDER BY operation_id DESC"),
        7);
    assert_int_equal(stored(&sa, "SELECT COUNT(*) FROM pragma_foreign_key_check"), 0);
    if (flavor != FLAVOR_SQL2012)
        assert_int_equal(
            number(&sa,
                   "SELECT COUNT(*) FROM internal.operation_messages_scaleout WHERE operation_id "
                   "NOT IN (SELECT operation_id FROM internal.operations)"),
            0);
}

static void test_schema__purge_removes_what_is_old_and_over(void **state)
{
    (void)state;
    purge_in(FLAVOR_AZURE);
    purge_in(FLAVOR_SQL2019);
    purge_in(FLAVOR_SQL2012);
}

static void test_schema__purge_does_nothing_when_disabled(void **state)
{
    AUTO(sandbox_done) Sandbox sa = sandbox_of(FLAVOR_AZURE, "sa", PLANT_RETENTION);
    int64_t all = number(&sa, "SELECT COUNT(*) FROM internal.operations");
    (void)state;

    run(&sa, "UPDATE internal.catalog_properties SET property_value = N'FALSE' WHERE property_name "
             "= N'OPERATION_CLEANUP_ENABLED'");
    run(&sa, "EXECUTE internal.cleanup_server_retention_window_exclusive");
    assert_int_equal(number(&sa, "SELECT COUNT(*) FROM internal.operations"), all);
}

static void test_schema__purge_drops_keys_of_executions(void **state)
{
    static const char orphans[] =
        "SELECT COUNT(*) FROM sys.symmetric_keys WHERE name LIKE N'MS[_]Enckey[_]Exec[_]%' AND "
        "CAST(SUBSTRING(name, 16, 20) AS bigint) NOT IN (SELECT execution_id FROM "
        "internal.executions)";
    AUTO(sandbox_done)
    Sandbox sa = sandbox_of(FLAVOR_SQL2012, "sa", PLANT_RETENTION | PLANT_ORPHAN_KEYS);
    int64_t keys = number(&sa, "SELECT COUNT(*) FROM sys.symmetric_keys");
    (void)state;

    assert_int_equal(number(&sa, orphans), 0);
    run(&sa, "EXECUTE internal.cleanup_server_retention_window");
    assert_int_equal(number(&sa, orphans), 0);
    assert_true(number(&sa, "SELECT COUNT(*) FROM sys.symmetric_keys") < keys);
    assert_int_equal(
        number(&sa,
               "SELECT COUNT(*) FROM sys.symmetric_keys WHERE name LIKE N'MS[_]Enckey[_]Proj[_]%'"),
        12);
}

static void test_schema__orphaned_keys_are_planted_and_cleaned(void **state)
{
    AUTO(sandbox_done) Sandbox sa = sandbox_of(FLAVOR_AZURE, "sa", 0);
    static const char execs[] =
        "SELECT COUNT(*) FROM sys.symmetric_keys WHERE name LIKE N'MS[_]Enckey[_]Exec[_]%'";
    (void)state;

    assert_int_equal(number(&sa, execs), 5);
    run(&sa, "EXECUTE internal.cleanup_server_execution_keys @cleanup_flag = 1");
    assert_int_equal(number(&sa, execs), 0);
    assert_int_equal(
        number(&sa,
               "SELECT COUNT(*) FROM sys.certificates WHERE name LIKE N'MS[_]Cert[_]Exec[_]%'"),
        0);
}

static void test_schema__versions_above_the_limit_go(void **state)
{
    AUTO(sandbox_done) Sandbox sa = sandbox_of(FLAVOR_SQL2019, "sa", 0);
    static const char most[] = "SELECT TOP (1) COUNT(*) AS versions FROM internal.object_versions "
                               "GROUP BY object_id ORDER BY COUNT(*) DESC";
    (void)state;

    assert_int_equal(number(&sa, most), 14);
    run(&sa, "EXECUTE internal.cleanup_server_project_version");
    assert_int_equal(number(&sa, most), 10);
    assert_int_equal(
        number(&sa,
               "SELECT COUNT(*) FROM internal.projects WHERE object_version_lsn NOT IN (SELECT "
               "object_version_lsn FROM internal.object_versions)"),
        0);
}

static void test_schema__finished_jobs_and_lost_workers_go(void **state)
{
    AUTO(sandbox_done) Sandbox sa = sandbox_of(FLAVOR_AZURE, "sa", 0);
    int64_t jobs = number(&sa, "SELECT COUNT(*) FROM internal.jobs");
    (void)state;

    assert_true(jobs > 0);
    run(&sa, "EXECUTE internal.cleanup_completed_jobs_exclusive @minutesToKeep = 0");
    assert_int_equal(number(&sa, "SELECT COUNT(*) FROM internal.jobs"),
                     number(&sa, "SELECT COUNT(*) FROM internal.tasks WHERE Status <= 3"));
    assert_int_equal(number(&sa, "SELECT COUNT(*) FROM internal.jobs_history") +
                         number(&sa, "SELECT COUNT(*) FROM internal.jobs"),
                     jobs);
    assert_int_equal(number(&sa, "SELECT COUNT(*) FROM catalog.worker_agents"), 3);
    run(&sa, "EXECUTE internal.cleanup_expired_worker @hoursToKeep = 24");
    assert_int_equal(number(&sa, "SELECT COUNT(*) FROM catalog.worker_agents"), 2);
}

static void test_schema__purger_may_call_the_purge_and_nothing_else(void **state)
{
    AUTO(sandbox_done) Sandbox purger = sandbox_of(FLAVOR_AZURE, "purger", PLANT_RETENTION);
    (void)state;

    assert_int_equal(error_of(&purger, "DELETE FROM internal.operations"), 229);
    assert_int_equal(
        error_of(&purger, "EXECUTE internal.cleanup_server_retention_window_exclusive"), 0);
    assert_int_equal(stored(&purger, "SELECT COUNT(*) FROM pragma_foreign_key_check"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schema__views_show_all_to_who_may_see_all),
        cmocka_unit_test(test_schema__without_rights_no_rows_and_no_error),
        cmocka_unit_test(test_schema__logreader_sees_the_log_but_no_folders),
        cmocka_unit_test(test_schema__secrets_are_not_shown),
        cmocka_unit_test(test_schema__phases_show_the_logreader_quirk),
        cmocka_unit_test(test_schema__an_execution_is_created_set_and_started),
        cmocka_unit_test(test_schema__wrong_calls_get_the_shipped_numbers),
        cmocka_unit_test(test_schema__a_running_operation_is_stopped_once),
        cmocka_unit_test(test_schema__purge_removes_what_is_old_and_over),
        cmocka_unit_test(test_schema__purge_does_nothing_when_disabled),
        cmocka_unit_test(test_schema__purge_drops_keys_of_executions),
        cmocka_unit_test(test_schema__orphaned_keys_are_planted_and_cleaned),
        cmocka_unit_test(test_schema__versions_above_the_limit_go),
        cmocka_unit_test(test_schema__finished_jobs_and_lost_workers_go),
        cmocka_unit_test(test_schema__purger_may_call_the_purge_and_nothing_else),
    };

    return cmocka_run_group_tests_name("sandbox/schema", tests, NULL, NULL);
}
