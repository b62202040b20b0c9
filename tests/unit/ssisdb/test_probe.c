/* What a server is and has, asked once, on builds that lack something. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/ssisdb/ssisdb.h"

#include <stdlib.h>

static Arena arena;

static const ScriptServer on_premises = {
    "3", "15.0.4123.1", "2026-03-02 07:00:00.1234567 +01:00", "0", "0", "0", "0", "0",
};

static Ssisdb *probed(Tds *tds)
{
    Ssisdb *db = NULL;
    Err err = {0};

    if (ssisdb_probe(tds, &arena, &db, &err) != RC_OK)
        fail_msg("%s", err.text);
    return db;
}

static int setup(void **state)
{
    (void)state;
    script_reset();
    return setenv("SSISMINER_NOW", "2026-03-02T05:59:00Z", 1);
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void test_probe__reads_what_the_server_is(void **state)
{
    (void)state;
    script_probe();
    Tds *tds = script_open();
    Ssisdb *db = probed(tds);

    assert_string_equal(db->server_name, "SQL1");
    assert_string_equal(db->database_name, "SSISDB");
    assert_string_equal(db->login_name, "etl");
    assert_string_equal(ssisdb_flavor(db), "Azure SQL Database");
    assert_string_equal(db->schema_build, "14.0.900.1");
    assert_null(db->schema_version);
    assert_int_equal(db->retention_days, 90);
    assert_true(db->cleanup_enabled);
    assert_int_equal(db->logging_level, 1);
    assert_int_equal(db->encryption_level, 0);
    assert_int_equal(db->clock_skew_ticks, 60 * TICKS_PER_SECOND);
    assert_true(db->is_ssis_admin);
    assert_false(db->is_sysadmin); // NULL on Azure
    assert_true(db->sees_all);
    assert_int_equal(tds_statement_count(tds), 3);
    script_close(tds);
}

static void test_probe__knows_objects_and_columns_in_any_case(void **state)
{
    (void)state;
    script_probe();
    Tds *tds = script_open();
    const Ssisdb *db = probed(tds);

    assert_true(ssisdb_has(db, "catalog.executions"));
    assert_true(ssisdb_has(db, "Catalog.Executions.Executed_Count"));
    assert_true(ssisdb_has(db, "internal.cleanup_server_retention_window"));
    assert_false(ssisdb_has(db, "catalog.executions.job_id"));
    assert_false(ssisdb_has(db, "catalog.execution"));
    assert_false(ssisdb_has(db, "internal"));
    script_close(tds);
}

static void test_probe__who_sees_everything(void **state)
{
    static const struct {
        const char *edition, *sysadmin, *db_owner, *ssis_admin, *logreader;
        bool sees_all;
    } cases[] = {
        {"3", "1", "1", "0", "0", true},    {"3", "0", "0", "1", "0", true},
        {"3", "0", "0", "0", "1", true},    {"3", "0", "1", "0", "0", false},
        {"5", NULL, "1", "0", "0", false},  {"8", "0", "1", "0", "0", false},
        {"5", NULL, "0", "0", NULL, false}, {"3", NULL, NULL, NULL, NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        ScriptServer server = on_premises;
        server.edition = cases[i].edition;
        server.sysadmin = cases[i].sysadmin;
        server.db_owner = cases[i].db_owner;
        server.ssis_admin = cases[i].ssis_admin;
        server.logreader = cases[i].logreader;
        script_reset();
        script_server(&server);
        script_begin(SQL_SSISDB_OBJECTS);
        SCRIPT_ROW("catalog", "executions", NULL);
        script_end();
        Tds *tds = script_open();
        const Ssisdb *db = probed(tds);
        if (db->sees_all != cases[i].sees_all)
            fail_msg("case %zu", i);
        assert_string_equal(ssisdb_reading_role(db),
                            cases[i].logreader ? "ssis_logreader" : "ssis_admin");
        script_close(tds);
    }
}

/* A right to the tables is no right to every row: the views' filter would be passed by. */
static void test_probe__reads_tables_where_no_row_is_hidden(void **state)
{
    static const struct {
        const char *sysadmin, *db_owner, *logreader, *tables;
        bool reads_tables;
    } cases[] = {
        {"1", "1", "0", "1", true},  {"0", "0", "1", "1", true},   {"0", "1", "0", "1", false},
        {"0", "0", "1", "0", false}, {"0", "0", "1", NULL, false}, {NULL, "1", NULL, "1", false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        ScriptServer server = on_premises;
        server.sysadmin = cases[i].sysadmin;
        server.db_owner = cases[i].db_owner;
        server.logreader = cases[i].logreader;
        server.tables = cases[i].tables;
        script_reset();
        script_server(&server);
        script_begin(SQL_SSISDB_OBJECTS);
        SCRIPT_ROW("catalog", "executions", NULL);
        script_end();
        Tds *tds = script_open();
        if (probed(tds)->reads_tables != cases[i].reads_tables)
            fail_msg("case %zu", i);
        script_close(tds);
    }
}

static void test_probe__names_the_release(void **state)
{
    static const struct {
        int edition;
        const char *version, *name;
    } cases[] = {
        {3, "11.0.5058.0", "SQL Server 2012"}, {3, "13.0.1.1", "SQL Server 2016"},
        {2, "16.0.1000.6", "SQL Server 2022"}, {8, "12.0.2000.8", "Azure SQL Managed Instance"},
        {3, "99.0.1.1", "SQL Server"},         {3, NULL, "SQL Server"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Ssisdb db = {.engine_edition = cases[i].edition, .product_version = cases[i].version};
        assert_string_equal(ssisdb_flavor(&db), cases[i].name);
    }
}

static void test_probe__refuses_what_is_no_catalog(void **state)
{
    Ssisdb *db = NULL;
    Err err = {0};

    (void)state;
    script_server(&on_premises);
    script_begin(SQL_SSISDB_OBJECTS);
    script_end();
    Tds *tds = script_open();
    assert_fails(ssisdb_probe(tds, &arena, &db, &err), RC_USAGE, &err,
                 "database 'SSISDB' is not an SSISDB: it has no view catalog.executions");
    assert_contains(err.hint, "--database");
    assert_null(db);
    script_close(tds);
}

static void test_probe__does_without_the_settings(void **state)
{
    (void)state;
    script_server(&on_premises);
    script_begin(SQL_SSISDB_OBJECTS);
    SCRIPT_ROW("catalog", "executions", NULL);
    SCRIPT_ROW("catalog", "catalog_properties", "property_name");
    script_end();
    script_refuse(SQL_SSISDB_PROPERTIES, 229, "The SELECT permission was denied");
    Tds *tds = script_open();
    const Ssisdb *db = probed(tds);

    assert_null(db->schema_build);
    assert_int_equal(db->property_count, 0);
    assert_int_equal(db->retention_days, 0);
    assert_int_equal(db->logging_level, -1);
    assert_false(db->cleanup_enabled);
    script_close(tds);
}

static void test_probe__every_text_may_be_null(void **state)
{
    (void)state;
    script_begin(SQL_SSISDB_SERVER);
    SCRIPT_ROW(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    script_end();
    script_begin(SQL_SSISDB_OBJECTS);
    SCRIPT_ROW("catalog", "executions", NULL);
    SCRIPT_ROW("catalog", "catalog_properties", NULL);
    script_end();
    script_begin(SQL_SSISDB_PROPERTIES);
    SCRIPT_ROW("RETENTION_WINDOW", NULL);
    SCRIPT_ROW(NULL, "x");
    script_end();
    Tds *tds = script_open();
    const Ssisdb *db = probed(tds);

    assert_null(db->server_name);
    assert_false(db->server_now.is_set);
    assert_int_equal(db->clock_skew_ticks, 0);
    assert_int_equal(db->retention_days, 0);
    assert_false(db->sees_all);
    script_close(tds);
}

/* Whatever call of the conversation fails, the answer is an error that says where, and nothing
 * leaks. */
static void test_probe__torture(void **state)
{
    size_t call = 0;

    (void)state;
    for (;; call++) {
        Ssisdb *db = NULL;
        Err err = {0};
        Tds *tds = NULL;
        script_reset();
        script_probe();
        tds = script_open();
        fake_driver_fail_at(call);
        Rc rc = ssisdb_probe(tds, &arena, &db, &err);
        bool did_fail = fake_driver_did_fail();
        tds_close(tds);
        fake_driver_assert_no_leak();
        if (!did_fail && call > 40)
            break; // beyond the conversation
        if (did_fail) {
            assert_int_not_equal(rc, RC_OK);
            assert_null(db);
            assert_contains(err.text, "injected failure");
        }
    }
    assert_true(call > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_probe__reads_what_the_server_is, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probe__knows_objects_and_columns_in_any_case, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_probe__who_sees_everything, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probe__reads_tables_where_no_row_is_hidden, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_probe__names_the_release, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probe__refuses_what_is_no_catalog, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probe__does_without_the_settings, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probe__every_text_may_be_null, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probe__torture, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
