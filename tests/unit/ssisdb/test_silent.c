/* Operations without a sign of life. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/ssisdb/silent.h"

#include <string.h>

/* It is 2026-03-02 06:00 on the server. */
#define OLD    "2026-02-20 05:00:00.0000000 +00:00"
#define SILENT "2026-03-01 05:59:00.0000000 +00:00"
#define ALIVE  "2026-03-01 06:01:00.0000000 +00:00"

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

static SilentOperations read_silent(bool from_tables, size_t most)
{
    Tds *tds = script_open();
    SilentOperations silent = {0};
    Ssisdb *db = NULL;
    Err err = {0};

    if (ssisdb_probe(tds, &arena, &db, &err) != RC_OK ||
        silent_read(db, from_tables, most, &arena, &silent, &err) != RC_OK)
        fail_msg("%s", err.text);
    script_close(tds);
    return silent;
}

static void script_operation(const char *id, const char *level, const char *executable,
                             const char *message, const char *scaleout)
{
    SCRIPT_ROW(id, "200", "2", "Nightly", "etl", level, OLD, executable, message, scaleout);
}

static void test_silent__any_sign_of_the_last_day_is_life(void **state)
{
    (void)state;
    script_begin_with(SQL_SSISDB_SILENT,
                      "NVARCHAR(40) 2026-03-01T06:00:00.0000000+00:00|BIGINT 100");
    script_operation("1", "1", NULL, NULL, NULL);
    script_operation("2", "1", ALIVE, SILENT, SILENT);
    script_operation("3", "1", SILENT, ALIVE, NULL);
    script_operation("4", "1", SILENT, NULL, ALIVE);
    script_operation("5", "0", OLD, SILENT, OLD);
    script_end();
    SilentOperations silent = read_silent(true, 10);
    assert_int_equal(silent.count, 2);
    assert_false(silent.has_more);
    assert_int_equal(silent.list[0].id, 1);
    assert_false(silent.list[0].last_sign.is_set);
    assert_false(silent.list[0].logs_nothing);
    assert_string_equal(silent.list[0].caller, "etl");
    assert_int_equal(silent.list[1].id, 5);
    assert_true(silent.list[1].logs_nothing);
    assert_true(silent.list[1].last_sign.is_set);
}

static void test_silent__no_more_than_asked_for(void **state)
{
    (void)state;
    script_begin(SQL_SSISDB_SILENT_VIEW);
    for (int i = 0; i < 3; i++)
        script_operation("1", "1", NULL, NULL, NULL);
    script_end();
    SilentOperations silent = read_silent(false, 2);
    assert_int_equal(silent.count, 2);
    assert_true(silent.has_more);
}

/* silent_read knows the columns of one of the two by the numbers of the other. */
static void test_silent__both_statements_have_the_same_head(void **state)
{
    const SqlAsset *tables = sql_asset(SQL_SSISDB_SILENT),
                   *views = sql_asset(SQL_SSISDB_SILENT_VIEW);

    (void)state;
    assert_int_equal(tables->column_count, views->column_count);
    for (size_t i = 0; i < tables->column_count; i++)
        assert_string_equal(tables->columns[i].name, views->columns[i].name);
    for (size_t i = 0; i < views->line_count; i++)
        assert_null(strstr(views->lines[i].text, "internal."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_silent__any_sign_of_the_last_day_is_life, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_silent__no_more_than_asked_for, setup, teardown),
        cmocka_unit_test(test_silent__both_statements_have_the_same_head),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
