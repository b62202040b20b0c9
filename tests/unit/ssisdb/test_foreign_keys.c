/* Foreign keys into the log, and the indexes that they deserve. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/ssisdb/advice.h"
#include "ssisminer/ssisdb/foreign_keys.h"

#include <string.h>

static Arena arena;

static int setup(void **state)
{
    (void)state;
    script_reset();
    script_probe();
    script_begin(SQL_SSISDB_FOREIGN_KEYS);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static ForeignKeys read_keys(void)
{
    Tds *tds = script_open();
    ForeignKeys keys = {0};
    Ssisdb *db = NULL;
    Err err = {0};

    if (ssisdb_probe(tds, &arena, &db, &err) != RC_OK ||
        foreign_keys_read(db, &arena, &keys, &err) != RC_OK)
        fail_msg("%s", err.text);
    script_close(tds);
    return keys;
}

static void test_foreign_keys__index_where_a_purge_needs_one(void **state)
{
    (void)state;
    SCRIPT_ROW("internal", "validations", "operations", "FK_V", "validation_id", "1", "0");
    SCRIPT_ROW("internal", "event_messages", "operations", "FK_E", "operation_id", "0", "1");
    SCRIPT_ROW("internal", "executables", "projects", "FK_P", "project_id", "1", "0");
    script_end();
    ForeignKeys keys = read_keys();
    assert_int_equal(keys.count, 3);
    assert_string_equal(keys.list[0].index, "CREATE INDEX [IX_validations_validation_id] ON "
                                            "[internal].[validations] ([validation_id]);");
    assert_string_equal(keys.list[0].child, "validations");
    assert_null(keys.list[1].index); // there is one
    assert_null(keys.list[2].index); // no purge deletes projects
    assert_true(keys.list[2].cascades);
}

static void test_foreign_keys__field_D4_the_child_has_its_own_schema(void **state)
{
    (void)state;
    SCRIPT_ROW("dbo", "MyRunLog", "operations", "FK_R", "execution_id", "1", "0");
    script_end();
    ForeignKeys keys = read_keys();
    assert_string_equal(keys.list[0].index, "CREATE INDEX [IX_MyRunLog_execution_id] ON "
                                            "[dbo].[MyRunLog] ([execution_id]);");
    assert_string_equal(keys.list[0].child, "dbo.MyRunLog");
}

static void test_foreign_keys__field_D6_names_are_quoted(void **state)
{
    (void)state;
    SCRIPT_ROW("my audit", "run]log", "executions", "FK_R", "execution id", "1", "0");
    script_end();
    ForeignKeys keys = read_keys();
    assert_string_equal(keys.list[0].index, "CREATE INDEX [IX_run]]log_execution id] ON "
                                            "[my audit].[run]]log] ([execution id]);");
    assert_string_equal(advice_identifier("a]]b", &arena), "[a]]]]b]");
    assert_string_equal(advice_identifier("", &arena), "[]");
}

static void test_foreign_keys__a_long_name_is_cut_between_characters(void **state)
{
    char table[127];

    (void)state;
    for (size_t i = 0; i < 126; i += 2)
        memcpy(table + i, "\xC3\xA4", 2); // two bytes each: the cut is at an odd one
    table[126] = '\0';
    SCRIPT_ROW("dbo", table, "executions", "FK_R", "id", "1", "0");
    script_end();
    ForeignKeys keys = read_keys();
    const char *whole = arena_printf(&arena, "CREATE INDEX [IX_%.124s] ON ", table);
    assert_contains(keys.list[0].index, whole);
}

static void test_foreign_keys__one_index_for_two_keys_of_a_column(void **state)
{
    (void)state;
    SCRIPT_ROW("dbo", "Log", "executions", "FK_A", "id", "1", "0");
    SCRIPT_ROW("dbo", "Log", "operations", "FK_B", "id", "1", "0");
    SCRIPT_ROW("dbo", "Log", "operations", "FK_C", "other", "1", "0");
    script_end();
    ForeignKeys keys = read_keys();
    assert_non_null(keys.list[0].index);
    assert_null(keys.list[1].index);
    assert_non_null(keys.list[2].index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_foreign_keys__index_where_a_purge_needs_one, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_foreign_keys__field_D4_the_child_has_its_own_schema,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_foreign_keys__field_D6_names_are_quoted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_foreign_keys__a_long_name_is_cut_between_characters,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_foreign_keys__one_index_for_two_keys_of_a_column,
                                        setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
