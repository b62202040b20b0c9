/* What changed before a package failed, of every kind, and what did not. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/failures/changes.h"

#include <stdlib.h>
#include <string.h>

static Arena arena;

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

#define AT(hour) "2026-03-01 " hour ":00:00.0000000 +00:00"

static Failure failure_of(int64_t id, const char *package, const char *environment)
{
    return (Failure){.is_execution = true,
                     .id = id,
                     .status = STATUS_FAILED,
                     .execution = {.id = id,
                                   .folder = "Sales",
                                   .project = "Nightly",
                                   .package = package,
                                   .environment = environment}};
}

static Ssisdb *probe(Tds *tds)
{
    Ssisdb *db = NULL;
    Err err = {0};

    if (ssisdb_probe(tds, &arena, &db, &err) != RC_OK)
        fail_msg("%s", err.text);
    return db;
}

static void history(const char *newest, const char *id, const char *status)
{
    SCRIPT_ROW(newest, id, status);
}

/* 10 ok, 11 failed, 12 ok, 13 canceled, 14 failed, 15 unexpected, 16 ok; another
 * environment: 20. */
static void script_history(void)
{
    script_begin(SQL_FAILURES_HISTORY);
    history("15", "10", "7");
    history("15", "11", "4");
    history("15", "12", "9");
    history("15", "12", "9"); // the view may join two rows
    history("15", "13", "3");
    history("15", "14", "4");
    history("15", "15", "6");
    history("15", "16", "7");
    history("15", "17", "7");
    history("20", "20", "4");
    history("99", "20", "4"); // of nobody
    script_end();
}

static void script_marks(const char *version)
{
    script_begin(SQL_FAILURES_MARKS);
    SCRIPT_ROW("12", AT("01"), AT("01"), AT("02"), "3", "40", "anna", AT("00"), NULL, NULL);
    SCRIPT_ROW("14", AT("04"), AT("04"), AT("05"), "3", version, NULL, NULL, NULL, NULL);
    SCRIPT_ROW("15", AT("06"), AT("06"), AT("07"), "3", version, NULL, NULL, NULL, NULL);
    SCRIPT_ROW("16", AT("08"), AT("08"), AT("09"), "3", version, NULL, NULL, NULL, NULL);
    script_end();
}

static void given(const char *id, const char *name, const char *sensitive, const char *value)
{
    SCRIPT_ROW(id, "30", name, "String", sensitive, "1", value);
}

static void readable(const char *id)
{
    SCRIPT_ROW(id, "50", "LOGGING_LEVEL", "Int32", "0", "0", "1");
}

static void script_values(void)
{
    script_begin(SQL_SSISDB_GIVEN);
    readable("10");
    readable("12");
    readable("15");
    given("10", "Run", "0", "1");
    given("12", "Run", "0", "2");
    given("15", "Run", "0", "3");
    given("10", "Region", "0", "North");
    given("12", "region", "0", "North");
    given("15", "Region", "0", "South");
    given("10", "Token", "1", NULL);
    given("12", "Token", "1", NULL);
    given("15", "Token", "1", NULL);
    given("12", "Same", "0", NULL);
    given("15", "Same", "0", NULL);
    given("10", "Same", "0", NULL);
    script_end();
}

static void script_deployments(void)
{
    script_begin(SQL_FAILURES_DEPLOYMENTS);
    SCRIPT_ROW("11", "101", "3", "Nightly", "early", AT("01"), AT("01")); // before the success
    SCRIPT_ROW("13", "101", "3", "Nightly", "ben", AT("03"), AT("03"));
    SCRIPT_ROW("14", "106", "4", "Nightly", "other", AT("04"), AT("04")); // of another project
    script_end();
}

static Failures two_packages(Failure *list)
{
    list[0] = failure_of(20, "load.dtsx", "Prod");
    list[1] = failure_of(15, "Load.dtsx", NULL);
    list[2] = failure_of(14, "Load.dtsx", NULL);
    return (Failures){.list = list, .count = 3, .execution_count = 3};
}

static void test_changes__history_values_and_deployment(void **state)
{
    Failure list[3];
    Failures failures = two_packages(list);
    Changes *changes = NULL;
    Err err = {0};

    (void)state;
    script_history();
    script_marks("41");
    script_values();
    script_deployments();
    Tds *tds = script_open();
    Ssisdb *db = probe(tds);
    assert_int_equal(changes_read(db, &failures, &changes, &err), RC_OK);

    assert_int_equal(changes->count, 2);
    assert_null(changes_of(changes, &list[2])); // told at its newest one
    assert_null(changes_of(NULL, &list[1]));
    const PackageChange *change = changes_of(changes, &list[1]);
    assert_int_equal(change->success_id, 12);
    assert_int_equal(change->since_id, 14);
    assert_int_equal(change->again_id, 16);
    assert_int_equal(change->streak, 2);
    assert_int_equal(change->failures, 3);
    assert_int_equal(change->runs, 6);
    assert_true(change->since.is_set && change->success.is_set && change->again.is_set);
    assert_true(change->is_deployed);
    assert_false(change->is_restored);
    assert_string_equal(change->deployed_by, "ben"); // from the operations: no version was shown
    assert_true(change->knows_values);
    assert_int_equal(change->value_count, 3);
    assert_string_equal(change->values[0].name, "Region");
    assert_string_equal(change->values[0].before, "North");
    assert_string_equal(change->values[0].after, "South");
    assert_true(change->values[1].is_secret);
    assert_string_equal(change->values[2].name, "Run");
    assert_true(change->values[2].varies); // as between the two successes
    change = changes_of(changes, &list[0]);
    assert_int_equal(change->success_id, 0);
    assert_int_equal(change->streak, 1);
    assert_false(change->is_deployed || change->knows_values);
    changes_free(changes);
    script_close(tds);
}

/* The same version before and after: whatever was deployed in between did not run. */
static void test_changes__a_deployment_that_did_not_run_is_none(void **state)
{
    Failure list[3];
    Failures failures = two_packages(list);
    Changes *changes = NULL;
    Err err = {0};

    (void)state;
    script_history();
    script_marks("40");
    script_values();
    script_deployments();
    Tds *tds = script_open();
    Ssisdb *db = probe(tds);
    assert_int_equal(changes_read(db, &failures, &changes, &err), RC_OK);
    assert_false(changes_of(changes, &list[1])->is_deployed);
    changes_free(changes);
    script_close(tds);
}

static void test_changes__only_executions_that_failed_are_asked_for(void **state)
{
    Failure list[3];
    Failures failures = {.list = list, .count = 3};
    Changes *changes = NULL;
    Err err = {0};

    (void)state;
    list[0] = failure_of(3, NULL, NULL);
    list[1] = (Failure){.id = 2, .status = STATUS_FAILED};
    list[2] = failure_of(1, "Load.dtsx", NULL);
    list[2].status = STATUS_CANCELED;
    Tds *tds = script_open();
    Ssisdb *db = probe(tds);
    assert_int_equal(changes_read(db, &failures, &changes, &err), RC_OK); // and asks nothing
    assert_int_equal(changes->count, 0);
    changes_free(changes);
    script_close(tds);
}

static void test_changes__the_packages_that_failed_last_are_kept(void **state)
{
    enum { COUNT = CHANGES_PACKAGES + 7 };
    Failure *list = calloc(COUNT, sizeof(*list));
    Failures failures = {.list = list, .count = COUNT};
    Changes *changes = NULL;
    Err err = {0};

    (void)state;
    for (int i = 0; i < COUNT; i++)
        list[i] = failure_of(i + 1, arena_printf(&arena, "P%d.dtsx", i * 7919 % COUNT), NULL);
    script_begin(SQL_FAILURES_HISTORY);
    script_end();
    script_begin(SQL_FAILURES_MARKS);
    script_end();
    Tds *tds = script_open();
    Ssisdb *db = probe(tds);
    assert_int_equal(changes_read(db, &failures, &changes, &err), RC_OK);
    assert_int_equal(changes->count, CHANGES_PACKAGES);
    assert_int_equal(changes->left_out, 7);
    assert_int_equal(changes->list[0].newest->id, COUNT);
    assert_null(changes_of(changes, &list[6]));
    assert_non_null(changes_of(changes, &list[7]));
    changes_free(changes);
    script_close(tds);
    free(list);
}

/* Fails at every call of it in turn; the calls of opening and probing come first and pass. */
static void test_changes__torture(void **state)
{
    Failure list[3];
    Failures failures = two_packages(list);
    size_t failed = 0;

    (void)state;
    for (size_t call = 0;; call++) {
        Changes *changes = NULL;
        Err err = {0};
        script_reset();
        script_probe();
        script_history();
        script_marks("41");
        script_values();
        script_deployments();
        Tds *tds = script_open();
        Ssisdb *db = probe(tds);
        fake_driver_fail_at(call);
        Rc rc = changes_read(db, &failures, &changes, &err);
        bool did_fail = fake_driver_did_fail();
        assert_true(did_fail ? rc != RC_OK && !changes : rc == RC_OK && changes);
        changes_free(changes);
        tds_close(tds);
        fake_driver_assert_no_leak();
        arena_reset(&arena);
        failed += did_fail;
        if (failed > 0 && !did_fail)
            break;
    }
    assert_true(failed > 40);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(changes__history_values_and_deployment),
        CASE(changes__a_deployment_that_did_not_run_is_none),
        CASE(changes__only_executions_that_failed_are_asked_for),
        CASE(changes__the_packages_that_failed_last_are_kept),
        CASE(changes__torture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
