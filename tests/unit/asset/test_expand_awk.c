/* Tests of src/asset/expand.awk: what templates become, and what it says of wrong ones. */
#include "test.h"

#include "capture.h"
#include "ssisminer/base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static Arena arena;
static char *directory;

static int set_up(void **state)
{
    Err err = {0};
    (void)state;

    if (file_temp_dir("ssisminer-expand", &arena, &directory, &err) != RC_OK)
        return -1;
    if (mkdir(arena_printf(&arena, "%s/room", directory), 0700) != 0)
        return -1;
    return mkdir(arena_printf(&arena, "%s/out", directory), 0700) != 0 ||
           mkdir(arena_printf(&arena, "%s/out/room", directory), 0700) != 0;
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

static const char tables[] =
    "/* about LOG_TABLE */\n"
    "LOG_TABLE(LOOSE_ONE, loose_one, operation_id, false, true, true, \"ends\")\n"
    "LOG_TABLE(TIED, tied,\n          object_id, true, false, false, \"ties\")\n"
    "LOG_TABLE(OPERATIONS, operations, operation_id, false, false, true, \"all\")\n";

static const char rule[] = "-- What goes.\n-- clause: is_final it is over\no.status = 7\n"
                           "-- clause: is_old it ended long ago\no.end_time\n<= @cutoff\n";

static const char shown[] =
    "-- What the view shows.\n"
    "SELECT\n    t.id AS message_id,\n    t.kind,\n    CASE t.kind\n"
    "        WHEN 1 THEN N'one'\n        ELSE t.name\n    END AS name,\n"
    "    CASE WHEN t.kind = 1 THEN NULL ELSE t.worth END AS worth,\n"
    "    t.age,\n    o.owner\n    , t.agent -- needs: internal.t.agent\nFROM internal.t AS t\n"
    "LEFT OUTER JOIN internal.o AS o ON o.id = t.id\n"
    "UNION ALL -- needs: internal.u\nSELECT -- needs: internal.u\n"
    "    NULL AS message_id, -- needs: internal.u\n"
    "    u.kind, -- needs: internal.u\n    u.name, -- needs: internal.u\n"
    "    u.worth, -- needs: internal.u\n    u.age, -- needs: internal.u\n    "
    "u.owner -- needs: internal.u\n"
    "FROM internal.u AS u -- needs: internal.u\n";

static int expand(const char *want, const char *template, const char *text, char **ret_said)
{
    const char *const argv[] = {"awk",
                                "-v",
                                arena_printf(&arena, "out=%s/out", directory),
                                "-v",
                                arena_printf(&arena, "want=%s", want),
                                "-f",
                                "src/asset/expand.awk",
                                put("log_tables.def", tables),
                                put("gone.rule", rule),
                                put("shown.rows", shown),
                                put(template, text),
                                NULL};

    return capture_program(argv, ret_said);
}

/* What became of a good template. */
static const char *made(const char *template, const char *text, const char *name)
{
    char *said;
    Err err = {0};
    Str content;

    if (expand("", template, text, &said) != 0)
        fail_msg("%s", said);
    free(said);
    const char *path = arena_printf(&arena, "%s/out/room/%s.sql", directory, name);
    if (file_read(path, 1 << 16, &arena, &content, &err) != RC_OK)
        return NULL;
    return arena_copy(&arena, content.at, content.len);
}

static void test_expand__a_rule_is_joined_where_it_is_named(void **state)
{
    (void)state;
    assert_string_equal(
        made("one.sql.in", "-- A.\nDELETE FROM o\nWHERE\n    a = 1\n    AND {{gone}};\n", "one"),
        "-- A.\nDELETE FROM o\nWHERE\n    a = 1\n    AND o.status = 7\n"
        "    AND o.end_time\n    <= @cutoff;\n");
    assert_string_equal(
        made("two.sql.in", "-- A.\n-- column: {{gone}} bit\nSELECT\n    {{gone.columns}}\n", "two"),
        "-- A.\n-- column: is_final bit\n-- column: is_old bit\nSELECT\n"
        "    CASE\n        WHEN\n            o.status = 7\n            THEN 1\n"
        "        ELSE 0\n    END AS is_final,\n"
        "    CASE\n        WHEN\n            o.end_time\n            <= @cutoff\n"
        "            THEN 1\n        ELSE 0\n    END AS is_old\n");
}

static void test_expand__tables_are_listed_and_named(void **state)
{
    static const char each[] = "-- A.\nSELECT 1\n{{each}}UNION SELECT N'{{table}}.{{key}}'\n"
                               "{{loose}}UNION ALL SELECT N'{{rows}}'\n;\n";
    (void)state;

    assert_string_equal(made("three.sql.in", each, "three"),
                        "-- A.\nSELECT 1\nUNION SELECT N'loose_one.operation_id'\n"
                        "UNION SELECT N'tied.object_id'\nUNION ALL SELECT N'ends'\n;\n");
    assert_string_equal(made("drop_TABLE.sql.in",
                             "-- Drops {{rows}}.\n-- {{carried}}\nDELETE {{table}}\n", "drop_tied"),
                        "-- Drops ties.\n-- scan of internal.tied\nDELETE tied\n");
    assert_string_equal(made("lose_LOOSE.sql.in", "-- {{carried}}\n", "lose_loose_one"),
                        "-- internal.loose_one (operation_id)\n");
    assert_null(made("drop_TABLE.sql.in", "-- A.\nDELETE {{table}}\n", "drop_operations"));
    assert_non_null(made("lose_LOOSE.sql.in", "-- A.\nDELETE {{table}}\n", "lose_loose_one"));
    assert_null(made("lose_LOOSE.sql.in", "-- A.\nDELETE {{table}}\n", "lose_tied"));
}

static void test_expand__variants(void **state)
{
    static const char text[] = "-- variant: all internal\n-- variant: seen catalog\n-- A.\n"
                               "SELECT 1 FROM {{schema}}.t\n, 2 -- in: all -- needs: a.b\n";
    (void)state;

    assert_string_equal(made("v.sql.in", text, "all"),
                        "-- A.\nSELECT 1 FROM internal.t\n, 2 -- needs: a.b\n");
    assert_string_equal(made("v.sql.in", text, "seen"), "-- A.\nSELECT 1 FROM catalog.t\n");
    assert_null(made("v.sql.in", text, "v"));
}

/* What of a view nobody reads is neither sent nor parsed. */
static void test_expand__of_a_view_the_columns_that_are_read(void **state)
{
    (void)state;
    assert_string_equal(
        made("w.sql.in",
             "-- A. s.age\nSELECT\n    s.kind,\n    ts.age\nFROM {{catalog.shown}} AS s\nWHERE "
             "s.name = 1;\n",
             "w"),
        "-- A. s.age\nSELECT\n    s.kind,\n    ts.age\n"
        "FROM catalog.shown AS s -- needs: !internal.select\n"
        "FROM ( -- needs: internal.select\n    SELECT -- needs: internal.select\n"
        "        t.kind, -- needs: internal.select\n        CASE t.kind -- needs: internal.select\n"
        "            WHEN 1 THEN N'one' -- needs: internal.select\n"
        "            ELSE t.name -- needs: internal.select\n"
        "        END AS name -- needs: internal.select\n"
        "    FROM internal.t AS t -- needs: internal.select\n"
        "    UNION ALL -- needs: internal.u, internal.select\n"
        "    SELECT -- needs: internal.u, internal.select\n"
        "        u.kind, -- needs: internal.u, internal.select\n"
        "        u.name -- needs: internal.u, internal.select\n"
        "    FROM internal.u AS u -- needs: internal.u, internal.select\n"
        ") AS s -- needs: internal.select\nWHERE s.name = 1;\n");
    const char *text =
        made("w.sql.in",
             "-- A.\nSELECT s.message_id, s.worth, s.agent FROM {{catalog.shown}} AS s;\n", "w");
    assert_contains(text, "        t.id AS message_id, -- needs: internal.select\n"
                          "        CASE WHEN t.kind = 1 THEN NULL ELSE t.worth END AS worth -- "
                          "needs: internal.select\n"
                          "        , t.agent -- needs: internal.t.agent, internal.select\n"
                          "    FROM internal.t AS t");
    assert_contains(text, "        NULL AS message_id, -- needs: internal.u, internal.select\n"
                          "        u.worth -- needs: internal.u, internal.select\n    FROM");
}

/* A view joins so by what is unique: where no column of the other table is read, no row depends on
 * it. The test above reads none. */
static void test_expand__a_join_of_what_is_read(void **state)
{
    (void)state;
    assert_contains(
        made("w.sql.in", "-- A.\nSELECT s.owner FROM {{catalog.shown}} AS s;\n", "w"),
        "        o.owner -- needs: internal.select\n    FROM internal.t AS t -- needs: "
        "internal.select\n"
        "    LEFT OUTER JOIN internal.o AS o ON o.id = t.id -- needs: internal.select\n");
}

static void test_expand__clauses_for_c(void **state)
{
    char *said;
    (void)state;

    assert_int_equal(expand("rule", "x.sql.in", "-- A.\nSELECT 1\n", &said), 0);
    assert_contains(said, "{\"is_old\", \"it ended long ago\", \"o.end_time <= @cutoff\"},");
    free(said);
}

static void test_expand__says_what_is_wrong_and_where(void **state)
{
    char *said;
    (void)state;

    assert_int_not_equal(expand("", "bad.sql.in", "-- A.\nWHERE {{gnoe}}\n", &said), 0);
    assert_contains(said, "room/bad.sql.in:2: nothing is called 'gnoe' here");
    free(said);
    assert_int_not_equal(expand("", "bad.sql.in", "-- variant: x\nSELECT 1\n", &said), 0);
    assert_contains(said, "room/bad.sql.in:1: write '-- variant: <name> <schema>'");
    free(said);
    assert_int_not_equal(
        expand("", "bad.sql.in", "-- A.\nSELECT 1 FROM {{catalog.shown}} AS s\n", &said), 0);
    assert_contains(said, "nothing is read of 'shown.rows' as s");
    free(said);
    assert_int_not_equal(
        expand("", "bad.sql.in", "-- A.\nSELECT s.age FROM {{catalog.shown}} s\n", &said), 0);
    assert_contains(said, "room/bad.sql.in:2: write '{{catalog.shown}} AS <alias>'");
    free(said);
    assert_int_not_equal(expand("", "bad.rule", "-- Only words.\n", &said), 0);
    assert_contains(said, "a rule without '-- clause: name words'");
    free(said);
    assert_int_not_equal(expand("", "bad.rule", "o.status = 7\n", &said), 0);
    assert_contains(said, "room/bad.rule:1: a condition before the first");
    free(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_expand__a_rule_is_joined_where_it_is_named, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_expand__tables_are_listed_and_named, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_expand__variants, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_expand__of_a_view_the_columns_that_are_read, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_expand__a_join_of_what_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_expand__clauses_for_c, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_expand__says_what_is_wrong_and_where, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests_name("expand", tests, NULL, NULL);
}
