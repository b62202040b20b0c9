/* Statements on their way out: batches, parameters, literals, lines that a server lacks. */
#include "test.h"

#include "../../../src/tds/statement.h"

static const SqlLine plain_lines[] = {
    {"SELECT property_name -- what's this?", NULL},
    {"FROM catalog.catalog_properties;", NULL},
};
static const SqlAsset plain = {.name = "t/plain", .lines = plain_lines, .line_count = 2};

static const SqlParam params[] = {
    {"since", SQL_TYPE_DATETIMEOFFSET, "datetimeoffset", false},
    {"id", SQL_TYPE_BIGINT, "bigint", false},
    {"name", SQL_TYPE_NVARCHAR, "nvarchar(5)", false},
    {"list", SQL_TYPE_NVARCHAR, "nvarchar", false},
    {"ratio", SQL_TYPE_FLOAT, "float", false},
    {"amount", SQL_TYPE_DECIMAL, "decimal", false},
    {"guid", SQL_TYPE_UNIQUEIDENTIFIER, "uniqueidentifier", false},
    {"flag", SQL_TYPE_BIT, "bit", false},
};
static const SqlLine full_lines[] = {
    {"SELECT e.execution_id", NULL},
    {"     , e.worker_agent_id", "catalog.executions.worker_agent_id"},
    {"     , N'on-prem' AS kind", "!internal.jobs"},
    {"     , j.x", "internal.jobs, !internal.tasks"},
    {"     , N'old' AS age", "!internal.jobs, !internal.tasks"},
    {"FROM catalog.executions AS e WHERE e.status = 4 AND 'it''s' <> ''", NULL},
};
static const SqlAsset full = {
    "t/full", params, ARRAY_LEN(params), NULL, 0, full_lines, ARRAY_LEN(full_lines), NULL, NULL};

static void assert_text_of(const SqlAsset *asset, const TdsArg *args, size_t arg_count, TdsHas *has,
                           const char *expected)
{
    Buf text = BUF(TDS_STATEMENT_MAX);

    tds_statement_text(asset, args, arg_count, has, NULL, -1, &text);
    assert_string_equal(buf_text(&text), expected);
    buf_done(&text);
}

static void assert_text(const SqlAsset *asset, TdsHas *has, const char *expected)
{
    assert_text_of(asset, NULL, 0, has, expected);
}

static bool has_nothing(void *context, const char *object)
{
    (void)context;
    (void)object;
    return false;
}

static bool has_jobs(void *context, const char *object)
{
    (void)context;
    return strcmp(object, "internal.jobs") == 0;
}

static void test_statement__field_R7_a_read_has_a_lock_time_out_of_its_own(void **state)
{
    static const SqlLine lines[] = {{"SET LOCK_TIMEOUT 500;", NULL}, {"SELECT 'a'", NULL}};
    static const SqlAsset own = {.name = "t/own", .lines = lines, .line_count = 2};
    Buf text = BUF(TDS_STATEMENT_MAX);

    (void)state;
    tds_statement_text(&plain, NULL, 0, NULL, NULL, 10000, &text);
    assert_string_equal(buf_text(&text), "exec sp_executesql N'SET LOCK_TIMEOUT 10000;\n"
                                         "SELECT property_name -- what''s this?\nFROM "
                                         "catalog.catalog_properties;\n'");
    buf_reset(&text);
    tds_statement_text(&own, NULL, 0, NULL, NULL, 10000, &text); // its own stands
    assert_string_equal(buf_text(&text), "SET LOCK_TIMEOUT 500;\nSELECT 'a'\n");
    buf_done(&text);
}

static void test_statement__without_parameters_is_a_batch(void **state)
{
    (void)state;
    assert_text(&plain, NULL,
                "SELECT property_name -- what's this?\nFROM catalog.catalog_properties;\n");
}

#define DECLARED                                                                                   \
    "', N'@since datetimeoffset, @id bigint, @name nvarchar(5), @list nvarchar(max), "             \
    "@ratio float, @amount decimal(38, 10), @guid uniqueidentifier, @flag bit', "                  \
    "?, ?, ?, ?, ?, ?, ?, ?"

static void test_statement__parameters_go_through_sp_executesql(void **state)
{
    (void)state;
    assert_text(
        &full, NULL,
        "exec sp_executesql N'SELECT e.execution_id\n     , e.worker_agent_id\n"
        "     , N''on-prem'' AS kind\n     , j.x\n     , N''old'' AS age\n"
        "FROM catalog.executions AS e WHERE e.status = 4 AND ''it''''s'' <> ''''\n" DECLARED);
}

static void test_statement__needs_leave_lines_out(void **state)
{
    (void)state;
    assert_text(
        &full, has_nothing,
        "exec sp_executesql N'SELECT e.execution_id\n     , N''on-prem'' AS kind\n     , "
        "N''old'' AS age\n"
        "FROM catalog.executions AS e WHERE e.status = 4 AND ''it''''s'' <> ''''\n" DECLARED);
    assert_text(
        &full, has_jobs,
        "exec sp_executesql N'SELECT e.execution_id\n     , j.x\n"
        "FROM catalog.executions AS e WHERE e.status = 4 AND ''it''''s'' <> ''''\n" DECLARED);
}

/* ---- values ---------------------------------------------------------------------------------- */

static void assert_units(const TdsValue *value, const char *ascii)
{
    assert_int_equal(value->indicator, 2 * strlen(ascii));
    for (size_t i = 0; ascii[i]; i++)
        assert_int_equal(value->as.units[i], ascii[i]);
}

static void test_statement__values_have_their_types(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    TdsValue *v = NULL;
    size_t count = 0;
    Err err = {0};
    const TdsArg args[] = {
        // any order: they are matched by name
        {.name = "guid", .text = "6F9619FF-8B86-D011-B42D-00C04FC964FF"},
        {.name = "flag", .i64 = 1},
        {.name = "name", .text = "O'Br\xF0\x9F\x98\x80"}, // a pair: six units would be too many
        {.name = "list", .text = ""},
        {.name = "ratio", .f64 = 0.25},
        {.name = "amount", .text = "12.50"},
        {.name = "since",
         .time = {.ticks = TICKS_UNIX_EPOCH + 1, .offset_minutes = 120, .is_set = true}},
        {.name = "id", .i64 = -9000000000},
    };

    (void)state;
    Rc rc = tds_statement_values(&full, args, ARRAY_LEN(args), &arena, &v, &count, &err);
    assert_int_equal(rc, RC_QUERY); // 4 + 2 units in nvarchar(5)
    assert_string_equal(err.text, "the value of @name is longer than its nvarchar(5)");

    TdsArg fitting[ARRAY_LEN(args)];
    memcpy(fitting, args, sizeof(args));
    fitting[2].text = "Br\xF0\x9F\x98\x80";
    assert_int_equal(
        tds_statement_values(&full, fitting, ARRAY_LEN(args), &arena, &v, &count, &err), RC_OK);

    assert_units(&v[0], "1970-01-01T00:00:00.0000001+00:00");
    assert_int_equal(v[0].sql_type, SQL_WVARCHAR);
    assert_int_equal(v[0].column_size, 40);
    assert_int_equal(v[1].sql_type, SQL_BIGINT);
    assert_int_equal(v[1].as.i64, -9000000000);
    assert_int_equal(v[2].indicator, 8);
    assert_int_equal(v[2].column_size, 5);
    assert_int_equal(v[2].as.units[2], 0xD83D);
    assert_int_equal(v[3].sql_type, SQL_WLONGVARCHAR); // never cut, '' stays ''
    assert_int_equal(v[3].indicator, 0);
    assert_true(v[4].as.f64 > 0.2499 && v[4].as.f64 < 0.2501);
    assert_units(&v[5], "12.50");
    assert_units(&v[6], "6F9619FF-8B86-D011-B42D-00C04FC964FF");
    assert_int_equal(v[7].as.i64, 1);
    assert_int_equal(count, 8);
}

static void test_statement__literals_stand_in_the_text(void **state)
{
    static const SqlParam both[] = {{"rows", SQL_TYPE_BIGINT, "bigint", false},
                                    {"wait", SQL_TYPE_INT, "int", true}};
    static const SqlLine lines[] = {
        {"SET LOCK_TIMEOUT @wait; SELECT @rows, @waits, '@wait', @@wait;", NULL}};
    static const SqlAsset asset = {"t/both", both, 2, NULL, 0, lines, 1, NULL, NULL};
    static const SqlAsset only = {"t/only", &both[1], 1, NULL, 0, lines, 1, NULL, NULL};
    const TdsArg args[] = {{.name = "wait", .i64 = -1}, {.name = "rows", .i64 = 7}};
    AUTO(arena_done) Arena arena = {0};
    TdsValue *v = NULL;
    size_t count = 0;
    Err err = {0};

    (void)state;
    assert_text_of(&asset, args, 2, NULL,
                   "exec sp_executesql N'SET LOCK_TIMEOUT -1; SELECT @rows, @waits, ''@wait'', "
                   "@@wait;\n', N'@rows bigint', ?");
    assert_int_equal(tds_statement_values(&asset, args, 2, &arena, &v, &count, &err), RC_OK);
    assert_int_equal(count, 1);
    assert_int_equal(v[0].as.i64, 7);
    assert_text_of(&only, args, 1, NULL,
                   "SET LOCK_TIMEOUT -1; SELECT @rows, @waits, '@wait', @@wait;\n");
}

static void test_statement__nulls(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    TdsValue *v = NULL;
    size_t count = 0;
    Err err = {0};
    const TdsArg args[] = {
        {.name = "since"}, // an instant that is not set
        {.name = "id", .is_null = true},
        {.name = "name", .is_null = true, .text = "x"},
        {.name = "list"}, // no text
        {.name = "ratio", .is_null = true},
        {.name = "amount"},
        {.name = "guid"},
        {.name = "flag", .is_null = true},
    };

    (void)state;
    assert_int_equal(tds_statement_values(&full, args, ARRAY_LEN(args), &arena, &v, &count, &err),
                     RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(args); i++) {
        assert_int_equal(v[i].indicator, SQL_NULL_DATA);
        assert_int_not_equal(v[i].sql_type, 0); // a NULL has its type all the same
    }
}

static void test_statement__long_text_is_not_cut(void **state)
{
    static const SqlParam one[] = {{"list", SQL_TYPE_NVARCHAR, "nvarchar(max)", false}};
    static const SqlAsset asset = {"t/one", one, 1, NULL, 0, plain_lines, 2, NULL, NULL};
    AUTO(arena_done) Arena arena = {0};
    char *text = arena_alloc(&arena, 100001);
    TdsValue *v = NULL;
    size_t count = 0;
    Err err = {0};

    (void)state;
    memset(text, 'x', 100000);
    const TdsArg args[] = {{.name = "list", .text = text}};
    assert_int_equal(tds_statement_values(&asset, args, 1, &arena, &v, &count, &err), RC_OK);
    assert_int_equal(v[0].indicator, 200000);
    assert_int_equal(v[0].sql_type, SQL_WLONGVARCHAR);
    assert_int_equal(v[0].column_size, 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statement__field_R7_a_read_has_a_lock_time_out_of_its_own),
        cmocka_unit_test(test_statement__without_parameters_is_a_batch),
        cmocka_unit_test(test_statement__parameters_go_through_sp_executesql),
        cmocka_unit_test(test_statement__needs_leave_lines_out),
        cmocka_unit_test(test_statement__values_have_their_types),
        cmocka_unit_test(test_statement__literals_stand_in_the_text),
        cmocka_unit_test(test_statement__nulls),
        cmocka_unit_test(test_statement__long_text_is_not_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
