/* Tests of src/asset/sql.awk: heads that it takes, and file:line of those that it refuses. */
#include "test.h"

#include "capture.h"
#include "ssisminer/base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static Arena arena;
static char *directory;

static int set_up(void **state)
{
    Err err = {0};
    (void)state;

    if (file_temp_dir("ssisminer-sql", &arena, &directory, &err) != RC_OK)
        return -1;
    return mkdir(arena_printf(&arena, "%s/room", directory), 0700);
}

static int tear_down(void **state)
{
    (void)state;
    file_remove_tree(directory);
    arena_done(&arena);
    return 0;
}

static const char *put(const char *name, const char *text)
{
    const char *path = arena_printf(&arena, "%s/room/%s", directory, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
    return path;
}

static int run(const char *want, const char *path, char **ret_text)
{
    const char *const argv[] = {
        "awk", "-v", arena_printf(&arena, "want=%s", want), "-f", "src/asset/sql.awk", path, NULL};

    return capture_program(argv, ret_text);
}

/* The statement after a good head. */
static char *assets_of(const char *text)
{
    char *made;

    if (run("assets", put("name.sql", text), &made) != 0)
        fail_msg("%s", made);
    return made;
}

static void test_sql_awk__without_files(void **state)
{
    char *text;
    (void)state;

    assert_int_equal(run("ids", NULL, &text), 0);
    assert_contains(text, "SQL_ID_COUNT");
    free(text);
    assert_int_equal(run("assets", NULL, &text), 0);
    assert_contains(text, "sql_asset_table_count = 0;");
    free(text);
}

static void test_sql_awk__ids_and_columns(void **state)
{
    const char *path = put("list_all.sql", "-- Lists.\n-- column: id bigint\n"
                                           "-- column: note nvarchar optional\nselect id, note\n");
    char *text;
    (void)state;

    assert_int_equal(run("ids", path, &text), 0);
    assert_contains(text, "    SQL_ROOM_LIST_ALL,\n    SQL_ID_COUNT\n");
    assert_contains(text, "    SQL_ROOM_LIST_ALL__ID,\n    SQL_ROOM_LIST_ALL__NOTE,\n");
    free(text);
}

static void test_sql_awk__typed_head(void **state)
{
    char *text = assets_of("-- What?\n--\n-- More.\n-- param: name nvarchar(128)\n"
                           "-- param: at datetimeoffset\n-- column: id bigint\n"
                           "-- column: agent uniqueidentifier optional\n"
                           "-- column: who nvarchar optional as login\n\nselect @name, @at\n");
    (void)state;

    assert_contains(text, "{\"name\", SQL_TYPE_NVARCHAR, \"nvarchar(128)\", false},");
    assert_contains(text, "{\"at\", SQL_TYPE_DATETIMEOFFSET, \"datetimeoffset\", false},");
    assert_contains(text, "{\"id\", SQL_TYPE_BIGINT, false, SQL_HOLDS_PLAIN},");
    assert_contains(text, "{\"agent\", SQL_TYPE_UNIQUEIDENTIFIER, true, SQL_HOLDS_PLAIN},");
    assert_contains(text, "{\"who\", SQL_TYPE_NVARCHAR, true, SQL_HOLDS_LOGIN},");
    assert_contains(text, "{\"room/name\", params_1, 2, columns_1, 3, lines_1, 1, NULL, NULL},");
    assert_lacks(text, "What");
    free(text);
}

/* What carries a statement is for who reads it: it is in no asset, but its form is kept. */
static void test_sql_awk__carried_by(void **state)
{
    static const struct {
        const char *line;
        int exit;
    } cases[] = {
        {"-- carried by: internal.operations (operation_id)", 0},
        {"-- carried by: internal.event_message_context (operation_id, event_message_id)", 0},
        {"-- carried by: scan of internal.operations", 0},
        {"-- carried by: nothing", 0},
        {"-- carried by: catalog.operations (operation_id)", 1},
        {"-- carried by: internal.operations", 1},
        {"-- carried by: internal.operations (operation_id,)", 1},
        {"--carried by: nothing", 1},
        {"-- carried by:", 1},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *text = arena_printf(&arena, "-- A.\n%s\nselect 1\n", cases[i].line);
        char *made;
        assert_int_equal(run("assets", put("name.sql", text), &made), cases[i].exit);
        assert_true((strstr(made, "2: write '-- carried by: internal.") != NULL) == cases[i].exit);
        free(made);
    }
}

static void test_sql_awk__parts(void **state)
{
    static const char head[] = "-- A.\n-- param: a bigint\n-- param: b bigint\n-- parts: a b\n";
    char *text = assets_of(arena_printf(&arena, "%s-- column: id bigint\nselect @a, @b\n", head));
    (void)state;

    assert_contains(text, ", lines_1, 1, \"a\", \"b\"},");
    free(text);
}

static void test_sql_awk__literal_parameter(void **state)
{
    char *text = assets_of("-- A.\n-- param: wait int literal\nset lock_timeout @wait\n");
    (void)state;

    assert_contains(text, "{\"wait\", SQL_TYPE_INT, \"int\", true},");
    free(text);
}

static void test_sql_awk__set_is_the_first_line(void **state)
{
    char *text = assets_of("-- A.\n-- set: LOCK_TIMEOUT @wait\n-- param: wait int literal\n"
                           "select 1\n");
    (void)state;

    assert_contains(text, "{\"SET LOCK_TIMEOUT @wait;\", NULL},\n    {\"select 1\", NULL},");
    free(text);
}

static void test_sql_awk__lines_and_needs(void **state)
{
    char *text = assets_of("-- A.\nselect a -- needs: catalog.x.a\n"
                           "     , b   -- a remark\n"
                           "-- a line of remark\n\n"
                           "from t -- needs: !internal.jobs, internal.y.z\n"
                           "where s = 'it''s -- no remark' and [odd -- name] = 1 -- remark\n"
                           "/* block -- still\n   there */ go\n");
    (void)state;

    assert_contains(text, "{\"select a\", \"catalog.x.a\"},");
    assert_contains(text, "{\"     , b\", NULL},\n    {\"from t\"");
    assert_contains(text, "{\"from t\", \"!internal.jobs, internal.y.z\"},");
    assert_contains(text, "{\"where s = 'it''s -- no remark' and [odd -- name] = 1\", NULL},");
    assert_contains(text, "{\"/* block -- still\", NULL},\n    {\"   there */ go\", NULL},");
    free(text);
}

static void test_sql_awk__c_escapes(void **state)
{
    char *text = assets_of("-- A.\nselect '\\', \"q\", '?"
                           "?/', '\xC3\xA9'\twhere 1 = 1\r\n");
    (void)state;

    assert_contains(text,
                    "{\"select '\\\\', \\\"q\\\", '\\?\\?/', '\xC3\xA9'\\twhere 1 = 1\", NULL},");
    free(text);
}

static void test_sql_awk__a_string_over_lines(void **state)
{
    char *text = assets_of("-- A.\nselect 'one -- two\n-- three'  \n");
    (void)state;

    assert_contains(text, "{\"select 'one -- two\", NULL},\n    {\"-- three'\", NULL},");
    free(text);
}

static void test_sql_awk__variables_of_the_statement(void **state)
{
    char *text = assets_of("-- A.\n-- param: n int\ndeclare @a int = @n,\n    @b int;\n"
                           "set @A = @@rowcount; exec p @other = @b, @last = 1;\n");
    (void)state;
    free(text);
}

static void test_sql_awk__says_where_and_why(void **state)
{
    static const struct {
        const char *text;
        int line;
        const char *reason;
    } cases[] = {
        {"select 1\n", 1, "does not say what the statement answers"},
        {"-- A.\n", 1, "no statement after the head"},
        {"-- A.\n-- set: DEADLOCK_PRIORITY LOW\n", 2, "no statement after the head"},
        {"-- A.\n-- set: deadlock_priority low\nselect 1\n", 2, "'-- set: <OPTION> <value>'"},
        {"-- A.\n-- set: LOCK_TIMEOUT @wait\nselect 1\n", 2, "'@wait' is neither"},
        {"-- A.\nselect 1\n-- set: DEADLOCK_PRIORITY LOW\n", 3, "belong in the head"},
        {"-- A.\n-- only remarks\n\n", 2, "no statement after the head"},
        {"-- A.\n-- param: x\nselect @x\n", 2, "write '-- param: <name> <type>"},
        {"-- A.\n-- param: x int maybe\nselect @x\n", 2, "[literal]"},
        {"-- A.\n-- param: x nvarchar literal\nselect @x\n", 2, "only an int or a bigint"},
        {"-- A.\n-- param: x integer\nselect @x\n", 2, "unknown type 'integer'"},
        {"-- A.\n-- param: X int\nselect @X\n", 2, "the parameter name 'X'"},
        {"-- A.\n-- param: x int\n-- param: x int\nselect @x\n", 3, "declared twice"},
        {"-- A.\n-- column: x int\n-- column: x int\nselect 1 x\n", 3, "declared twice"},
        {"-- A.\n-- column: x nvarchar(12)\nselect 1 x\n", 2, "unknown type 'nvarchar(12)'"},
        {"-- A.\n-- column: x int maybe\nselect 1 x\n", 2, "[optional]"},
        {"-- A.\n-- column: x nvarchar as secret\nselect 1 x\n", 2, "not 'secret'"},
        {"-- A.\n--param: x int\nselect @x\n", 2, "write '-- param:"},
        {"-- A.\n-- params: x int\nselect @x\n", 2, "unknown key in the head"},
        {"-- A.\n-- needs: a.b\nselect 1\n", 2, "not in the head"},
        {"-- A.\n-- param: x int\nselect 1\n", 2, "parameter 'x' is not used"},
        {"-- A.\nselect 1,\n  @y\n", 3, "'@y' is neither"},
        {"-- A.\n-- param: x int\nselect '@x'\n", 2, "parameter 'x' is not used"},
        {"-- A.\nselect 1\n-- param: x int\n", 3, "belong in the head"},
        {"-- A.\nselect 1\n-- needs: a.b\n", 3, "stands alone"},
        {"-- A.\nselect 1 -- needs: jobs\n", 2, "not 'jobs'"},
        {"-- A.\nselect 1 -- needs: a.b, 'c'\n", 2, "not ''c''"},
        {"-- A.\nselect 1 -- needs:\n", 2, "names no object"},
        {"-- A.\nselect 'open\n", 2, "not closed"},
        {"-- A.\nselect 1 /* open\n", 2, "not closed"},
        {"-- A.\n-- param: a bigint\n-- param: b bigint\n-- parts: a b\nselect @a, @b\n", 1,
         "wants two bigint"},
        {"-- A.\n-- param: a int\n-- param: b bigint\n-- parts: a b\n-- column: c int\n"
         "select @a, @b\n",
         1, "wants two bigint"},
        {"-- A.\n-- parts: a\nselect 1\n", 2, "'-- parts: <first> <last>'"},
        {"-- A.\nselect 1\n-- parts: a b\n", 3, "belong in the head"},
        {"-- A.\n  -- indented\nselect 1\n", 2, "in the first column"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *path = put("name.sql", cases[i].text);
        char *text;
        if (run("ids", path, &text) != 1)
            fail_msg("taken: %s", cases[i].text);
        assert_contains(text, arena_printf(&arena, "%s:%d: ", path, cases[i].line));
        assert_contains(text, cases[i].reason);
        assert_lacks(text, "enum");
        free(text);
    }
}

static void test_sql_awk__bad_file_names(void **state)
{
    char *text;
    (void)state;

    assert_int_equal(run("ids", put("Upper.sql", "-- A.\nselect 1\n"), &text), 1);
    assert_contains(text, "Upper.sql:1: the path must end in <room>/<name>.sql");
    free(text);
}

static void test_sql_awk__the_good_file_before_a_bad_one_prints_nothing(void **state)
{
    const char *good = put("good.sql", "-- A.\nselect 1\n");
    const char *bad = put("bad.sql", "select 1\n");
    const char *const argv[] = {"awk", "-v", "want=ids", "-f", "src/asset/sql.awk",
                                bad,   good, NULL};
    char *text;
    (void)state;

    assert_int_equal(capture_program(argv, &text), 1);
    assert_contains(text, "bad.sql:1: ");
    assert_lacks(text, "good");
    assert_lacks(text, "enum");
    free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_sql_awk__##name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(without_files),
        TEST(ids_and_columns),
        TEST(typed_head),
        TEST(carried_by),
        TEST(parts),
        TEST(literal_parameter),
        TEST(set_is_the_first_line),
        TEST(lines_and_needs),
        TEST(c_escapes),
        TEST(a_string_over_lines),
        TEST(variables_of_the_statement),
        TEST(says_where_and_why),
        TEST(bad_file_names),
        TEST(the_good_file_before_a_bad_one_prints_nothing),
    };

    return cmocka_run_group_tests_name("asset/sql_awk", tests, NULL, NULL);
}
