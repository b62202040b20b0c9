/* Rows of every type, with NULL, with long text, with the wrong shape. */
#include "test.h"

#include "fake_driver.h"

#include "../../../src/tds/rows.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>

/* ---- one statement, as sql.awk would have made it -------------------------------------------- */

static const SqlColumn columns[] = {
    {.name = "id", .type = SQL_TYPE_BIGINT},
    {.name = "at", .type = SQL_TYPE_DATETIMEOFFSET},
    {.name = "name", .type = SQL_TYPE_NVARCHAR},
    {.name = "share", .type = SQL_TYPE_FLOAT, .is_optional = true},
    {.name = "amount", .type = SQL_TYPE_DECIMAL, .is_optional = true},
    {.name = "guid", .type = SQL_TYPE_UNIQUEIDENTIFIER, .is_optional = true},
    {.name = "bytes", .type = SQL_TYPE_VARBINARY, .is_optional = true},
    {.name = "message", .type = SQL_TYPE_NVARCHAR},
};
enum { ID, AT, NAME, SHARE, AMOUNT, GUID, BYTES, MESSAGE };
static const SqlLine lines[] = {{"SELECT things", NULL}};
static const SqlAsset asset = {"t/rows", NULL, 0,    columns, ARRAY_LEN(columns),
                               lines,    1,    NULL, NULL};

static const FakeColumn shape[] = {
    {"id", SQL_BIGINT, 19},      {"at", FAKE_OFFSET, 34},      {"name", SQL_WVARCHAR, 20},
    {"share", SQL_DOUBLE, 53},   {"amount", SQL_DECIMAL, 18},  {"guid", SQL_GUID, 36},
    {"bytes", SQL_VARBINARY, 8}, {"message", SQL_WVARCHAR, 0},
};
static const FakeColumn short_shape[] = {
    {"MESSAGE", SQL_WVARCHAR, 0}, {"extra", SQL_INTEGER, 10}, {"At", FAKE_OFFSET, 34},
    {"ID", SQL_BIGINT, 19},       {"name", SQL_WVARCHAR, 20},
};

static const char *const full_row[] = {"41",
                                       "2026-11-22 04:04:05.1234567 +01:00",
                                       ("Gr\xC3\xB6\xC3\x9F"
                                        "e"),
                                       "0.5",
                                       "12.50",
                                       "x",
                                       "ab",
                                       "deadlock victim"};
static const char *const null_row[] = {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL};

static Tds *tds;

static void open_on(const FakeStep *steps, size_t count)
{
    static const TdsTarget target = {.server = "127.0.0.1",
                                     .user = "u",
                                     .password = "p",
                                     .login_timeout_s = 1,
                                     .query_timeout_s = 30};
    Err err = {0};

    fake_driver_script(steps, count);
    assert_int_equal(tds_open_with(&fake_driver, &target, &tds, &err), RC_OK);
}

#define OPEN_ON(steps) open_on((steps), ARRAY_LEN(steps))

static void close_and_check(void)
{
    tds_close(tds);
    fake_driver_assert_finished();
}

static TdsRows *start(void)
{
    TdsRows *rows = NULL;
    Err err = {0};

    if (tds_query_asset(tds, &asset, NULL, 0, &rows, &err) != RC_OK)
        fail_msg("%s", err.text);
    return rows;
}

static bool next(TdsRows *rows)
{
    bool has_row = false;
    Err err = {0};

    if (tds_next(rows, &has_row, &err) != RC_OK)
        fail_msg("%s", err.text);
    return has_row;
}

static void assert_text(const TdsRows *rows, int column, const char *expected)
{
    Str text = tds_text(rows, column);

    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.at, expected, text.len);
}

/* ---- values ---------------------------------------------------------------------------------- */

static void test_rows__every_type(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN(NULL),
                                     FAKE_SQL("SELECT things"),
                                     FAKE_COLUMNS(shape),
                                     FAKE_ROW(full_row),
                                     FAKE_END,
                                     FAKE_CLOSE};
    char iso[TIME_TEXT_MAX];

    (void)state;
    OPEN_ON(steps);
    TdsRows *rows = start();
    assert_true(next(rows));
    assert_int_equal(tds_i64(rows, ID), 41);
    time_iso_utc(tds_time(rows, AT), 7, iso);
    assert_string_equal(iso, "2026-11-22T03:04:05.1234567Z");
    assert_int_equal(tds_time(rows, AT).offset_minutes, 60);
    assert_text(rows, NAME,
                "Gr\xC3\xB6\xC3\x9F"
                "e");
    assert_text(rows, NAME,
                "Gr\xC3\xB6\xC3\x9F"
                "e"); // again
    assert_true(tds_f64(rows, SHARE) > 0.49 && tds_f64(rows, SHARE) < 0.51);
    assert_text(rows, AMOUNT, "12.50");
    assert_text(rows, GUID, "6F9619FF-8B86-D011-B42D-00C04FC964FF");
    assert_text(rows, BYTES, "ab");
    assert_text(rows, MESSAGE, "deadlock victim");
    for (int i = 0; i < (int)ARRAY_LEN(columns); i++)
        assert_false(tds_is_null(rows, i));
    assert_false(next(rows));
    assert_false(next(rows)); // stays at the end
    tds_rows_close(rows);
    assert_int_equal(fake_driver_cancels(), 0);
    assert_int_equal(fake_driver_query_timeout(), 30);
    assert_int_equal(tds_statement_count(tds), 1);
    close_and_check();
}

static void test_rows__every_null(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN(NULL),    FAKE_SQL(NULL),     FAKE_COLUMNS(shape),
                                     FAKE_ROW(full_row), FAKE_ROW(null_row), FAKE_ROW(full_row),
                                     FAKE_END,           FAKE_CLOSE};

    (void)state;
    OPEN_ON(steps);
    TdsRows *rows = start();
    assert_true(next(rows));
    assert_text(rows, MESSAGE, "deadlock victim");
    assert_true(next(rows));
    for (int i = 0; i < (int)ARRAY_LEN(columns); i++)
        assert_true(tds_is_null(rows, i));
    assert_int_equal(tds_i64(rows, ID), 0);
    assert_true(tds_f64(rows, SHARE) == 0.0);
    assert_false(tds_time(rows, AT).is_set);
    assert_null(tds_text(rows, NAME).at);
    assert_null(tds_text(rows, GUID).at);
    assert_null(tds_text(rows, MESSAGE).at);
    assert_int_equal(tds_text(rows, MESSAGE).len, 0);
    assert_true(next(rows)); // and back
    assert_text(rows, MESSAGE, "deadlock victim");
    assert_false(next(rows));
    tds_rows_close(rows);
    close_and_check();
}

static void test_rows__columns_by_name_in_any_order(void **state)
{
    static const char *const row[] = {"hello", "7", "2026-01-01 00:00:00.0000000 +00:00", "5", "n"};
    static const FakeStep steps[] = {FAKE_OPEN(NULL), FAKE_SQL(NULL), FAKE_COLUMNS(short_shape),
                                     FAKE_ROW(row),   FAKE_END,       FAKE_CLOSE};

    (void)state;
    OPEN_ON(steps);
    TdsRows *rows = start();
    assert_true(next(rows));
    assert_int_equal(tds_i64(rows, ID), 5);
    assert_text(rows, NAME, "n");
    assert_text(rows, MESSAGE, "hello");
    assert_true(tds_is_null(rows, SHARE)); // optional, and not there
    assert_true(tds_f64(rows, SHARE) == 0.0);
    assert_null(tds_text(rows, GUID).at);
    assert_false(next(rows));
    tds_rows_close(rows);
    close_and_check();
}

static void test_rows__a_missing_column_is_named(void **state)
{
    static const FakeColumn without[] = {
        {"id", SQL_BIGINT, 19}, {"at", FAKE_OFFSET, 34}, {"message", SQL_WVARCHAR, 0}};
    static const FakeStep steps[] = {FAKE_OPEN(NULL), FAKE_SQL(NULL), FAKE_COLUMNS(without),
                                     FAKE_CLOSE};
    TdsRows *rows = NULL;
    Err err = {0};

    (void)state;
    OPEN_ON(steps);
    assert_fails(tds_query_asset(tds, &asset, NULL, 0, &rows, &err), RC_QUERY, &err,
                 "statement 't/rows': the result has no column 'name'");
    assert_null(rows);
    close_and_check();
}

static void test_rows__times_of_older_types(void **state)
{
    static const FakeColumn old[] = {{"id", SQL_BIGINT, 19},
                                     {"at", SQL_TYPE_TIMESTAMP, 23},
                                     {"name", SQL_WVARCHAR, 20},
                                     {"message", SQL_WVARCHAR, 0}};
    static const FakeColumn text[] = {{"id", SQL_BIGINT, 19},
                                      {"at", SQL_VARCHAR, 40},
                                      {"name", SQL_WVARCHAR, 20},
                                      {"message", SQL_WVARCHAR, 0}};
    static const char *const old_row[] = {"1", "2026-02-03 04:05:06", "n", "m"};
    static const char *const text_row[] = {"1", "2026-02-03 04:05:06.5 +01:00", "n", "m"};
    static const FakeStep steps[] = {
        FAKE_OPEN(NULL), FAKE_SQL(NULL),     FAKE_COLUMNS(old),  FAKE_ROW(old_row), FAKE_END,
        FAKE_SQL(NULL),  FAKE_COLUMNS(text), FAKE_ROW(text_row), FAKE_END,          FAKE_CLOSE};
    static const char *const expected[] = {"2026-02-03T04:05:06.5Z", "2026-02-03T03:05:06.5Z"};
    char iso[TIME_TEXT_MAX];

    (void)state;
    OPEN_ON(steps);
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        TdsRows *rows = start();
        assert_true(next(rows));
        time_iso_utc(tds_time(rows, AT), 1, iso);
        assert_string_equal(iso, expected[i]);
        assert_false(next(rows));
        tds_rows_close(rows);
    }
    close_and_check();
}

/* ---- text ------------------------------------------------------------------------------------ */

static const SqlColumn message_only[] = {{.name = "message", .type = SQL_TYPE_NVARCHAR}};
static const SqlAsset messages = {"t/messages", NULL, 0, message_only, 1, lines, 1, NULL, NULL};
static const FakeColumn message_shape[] = {{"message", SQL_WVARCHAR, 0}};

/* Reads the messages of these rows through either driver and compares. */
static void assert_messages(const char *const *sent, const char *const *expected, size_t count,
                            const char *driver_name, bool no_total)
{
    FakeStep steps[16] = {FAKE_OPEN(NULL), FAKE_SQL(NULL), FAKE_COLUMNS(message_shape)};
    TdsRows *rows = NULL;
    Err err = {0};

    assert_true(count <= 11);
    for (size_t i = 0; i < count; i++)
        steps[3 + i] = (FakeStep)FAKE_ROW(&sent[i]);
    steps[3 + count] = (FakeStep)FAKE_END;
    steps[4 + count] = (FakeStep)FAKE_CLOSE;

    static const TdsTarget target = {.server = "127.0.0.1", .user = "u", .login_timeout_s = 1};
    fake_driver_script(steps, 5 + count);
    fake_driver_set_name(driver_name);
    fake_driver_set_no_total(no_total);
    assert_int_equal(tds_open_with(&fake_driver, &target, &tds, &err), RC_OK);
    assert_int_equal(tds_query_asset(tds, &messages, NULL, 0, &rows, &err), RC_OK);
    for (size_t i = 0; i < count; i++) {
        assert_true(next(rows));
        assert_text(rows, 0, expected[i]);
    }
    assert_false(next(rows));
    tds_rows_close(rows);
    close_and_check();
}

static const char *const drivers[] = {"libtdsodbc.so", "libmsodbcsql-18.3.so.2.1"};

static void test_rows__utf16_becomes_valid_utf8(void **state)
{
    static const char *const sent[] = {
        "\xF0\x9F\x98\x80 \xE6\x97\xA5", // emoji, kanji
        "\x01"
        "D83DDE00", // the same emoji as units
        "\x01"
        "0041D83D", // a high surrogate at the end
        "\x01"
        "DE000041", // a low one alone
        "\x01"
        "D83D0041DE00", // torn apart
        "\x01"
        "0000004100000042",  // U+0000 is shown, and ends nothing
        "a\tb\r\nc\x1B[31m", // controls stay: the writer's business
    };
    static const char *const expected[] = {
        "\xF0\x9F\x98\x80 \xE6\x97\xA5",
        "\xF0\x9F\x98\x80",
        "A\xEF\xBF\xBD",
        "\xEF\xBF\xBD"
        "A",
        "\xEF\xBF\xBD"
        "A\xEF\xBF\xBD",
        "\xE2\x90\x80"
        "A\xE2\x90\x80"
        "B",
        "a\tb\r\nc\x1B[31m",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
        assert_messages(sent, expected, ARRAY_LEN(expected), drivers[i], false);
}

static char *text_of(size_t len)
{
    char *text = mem_alloc(len + 1);

    for (size_t i = 0; i < len; i++)
        text[i] = (char)('a' + i % 23);
    return text;
}

static void test_rows__long_text_comes_whole(void **state)
{
    // around the first buffer's 4096 units, 2 MB, then short again
    static const size_t lengths[] = {4095, 4096, 4097, 10, 8193, 2 * 1024 * 1024, 5, 0};
    char *texts[ARRAY_LEN(lengths)];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
        texts[i] = text_of(lengths[i]);
    for (size_t i = 0; i < 2 * ARRAY_LEN(drivers); i++)
        assert_messages((const char *const *)texts, (const char *const *)texts, ARRAY_LEN(texts),
                        drivers[i / 2], i % 2 == 1);
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
        free(texts[i]);
}

static void test_rows__a_pair_across_the_first_buffer(void **state)
{
    char *text = text_of(4095 + 4);
    const char *sent[1] = {text};

    (void)state;
    memcpy(text + 4095, "\xF0\x9F\x98\x80", 4);
    for (size_t i = 0; i < ARRAY_LEN(drivers); i++)
        assert_messages(sent, sent, 1, drivers[i], false);
    free(text);
}

static void test_rows__text_over_the_cap_is_cut_visibly(void **state)
{
    static const size_t lengths[] = {TDS_TEXT_MAX, TDS_TEXT_MAX + 1, TDS_TEXT_MAX + 100000};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        char *text = text_of(lengths[i]);
        const char *sent[1] = {text};
        char *cut = text_of(lengths[i]);
        const char *expected[1] = {cut};
        if (lengths[i] > TDS_TEXT_MAX) {
            memcpy(cut + TDS_TEXT_MAX - 3, "\xE2\x80\xA6", 3);
            cut[TDS_TEXT_MAX] = '\0';
        }
        assert_messages(sent, expected, 1, drivers[0], false);
        free(text);
        free(cut);
    }
}

/* A number that is read as text has its digits declared, not its sign; a long text has a page. */
static void test_rows__room_for_what_is_declared(void **state)
{
    static const FakeColumn odd_shape[] = {{"id", SQL_BIGINT, 19},
                                           {"at", FAKE_OFFSET, 34},
                                           {"name", SQL_INTEGER, 10},
                                           {"message", SQL_WVARCHAR, 0}};
    static const char *const row[] = {"1", "2026-11-22 04:04:05.1234567 +01:00", "-2147483648",
                                      "long"};
    static const FakeStep steps[] = {FAKE_OPEN(NULL),
                                     FAKE_SQL("SELECT things"),
                                     FAKE_COLUMNS(odd_shape),
                                     FAKE_ROW(row),
                                     FAKE_END,
                                     FAKE_CLOSE};

    (void)state;
    OPEN_ON(steps);
    TdsRows *rows = start();
    assert_true(next(rows));
    assert_text(rows, NAME, "-2147483648");
    assert_true(rows->columns[NAME].size > strlen("-2147483648") * sizeof(uint16_t));
    assert_true(rows->columns[MESSAGE].size >= 4096 * sizeof(uint16_t));
    assert_false(next(rows));
    close_and_check();
}

/* ---- the shape of a conversation ------------------------------------------------------------- */

static void test_rows__counts_before_the_rows_are_passed_over(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN(NULL), FAKE_SQL(NULL),      FAKE_COUNT(3),
                                     FAKE_COUNT(-1),  FAKE_COLUMNS(shape), FAKE_ROW(full_row),
                                     FAKE_END,        FAKE_COUNT(1),       FAKE_CLOSE};

    (void)state;
    OPEN_ON(steps);
    TdsRows *rows = start();
    assert_true(next(rows));
    assert_false(next(rows));
    tds_rows_close(rows);
    close_and_check();
}

static void test_rows__no_result_is_an_error(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN(NULL), FAKE_SQL(NULL), FAKE_COUNT(3), FAKE_CLOSE};
    TdsRows *rows = NULL;
    Err err = {0};

    (void)state;
    OPEN_ON(steps);
    assert_fails(tds_query_asset(tds, &asset, NULL, 0, &rows, &err), RC_QUERY, &err,
                 "statement 't/rows': the statement gave no result");
    close_and_check();
}

static void test_rows__an_error_behind_the_rows_is_told(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN(NULL),
                                     FAKE_SQL(NULL),
                                     FAKE_COLUMNS(shape),
                                     FAKE_ROW(full_row),
                                     FAKE_END,
                                     FAKE_MORE_FAILS("42000", 50001, "[FreeTDS][SQL Server]late."),
                                     FAKE_CLOSE};
    TdsRows *rows = NULL;
    Err err = {0};

    (void)state;
    OPEN_ON(steps);
    assert_fails(tds_query_asset(tds, &asset, NULL, 0, &rows, &err), RC_QUERY, &err,
                 "statement 't/rows': late (error 50001)");
    assert_null(rows);
    close_and_check();
}

/* One of two messages that are together more than is read ahead. */
static char *half_of_what_is_read_ahead(void)
{
    return text_of(TDS_AHEAD_BYTES_MAX / 2 / sizeof(uint16_t));
}

static TdsRows *start_messages(void)
{
    TdsRows *rows = NULL;
    Err err = {0};

    assert_int_equal(tds_query_asset(tds, &messages, NULL, 0, &rows, &err), RC_OK);
    return rows;
}

static void test_rows__behind_what_is_read_ahead_an_error_is_told(void **state)
{
    char *half = half_of_what_is_read_ahead();
    const char *row[] = {half};
    const FakeStep steps[] = {FAKE_OPEN(NULL), FAKE_SQL(NULL), FAKE_COLUMNS(message_shape),
                              FAKE_ROW(row),   FAKE_ROW(row),  FAKE_ROW_BREAKS,
                              FAKE_CLOSE};
    bool has_row = false;
    Err err = {0};

    (void)state;
    OPEN_ON(steps);
    TdsRows *rows = start_messages();
    assert_true(next(rows));
    assert_true(next(rows));
    assert_text(rows, 0, half);
    assert_fails(tds_next(rows, &has_row, &err), RC_QUERY, &err,
                 "statement 't/messages': the connection was lost");
    tds_rows_close(rows);
    close_and_check();
    free(half);
}

static void test_rows__left_early_they_are_canceled(void **state)
{
    char *half = half_of_what_is_read_ahead();
    const char *row[] = {half};
    const FakeStep steps[] = {FAKE_OPEN(NULL), FAKE_SQL(NULL), FAKE_COLUMNS(message_shape),
                              FAKE_ROW(row),   FAKE_ROW(row),  FAKE_CLOSE};

    (void)state;
    OPEN_ON(steps);
    TdsRows *rows = start_messages();
    assert_true(next(rows));
    tds_rows_close(rows);
    assert_int_equal(fake_driver_cancels(), 1);
    close_and_check();
    free(half);
}

static void test_rows__closing_the_connection_closes_them(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN(NULL),    FAKE_SQL(NULL), FAKE_COLUMNS(shape),
                                     FAKE_ROW(full_row), FAKE_END,       FAKE_CLOSE};

    (void)state;
    OPEN_ON(steps);
    (void)start();
    close_and_check();
}

/* ---- torture --------------------------------------------------------------------------------- */

enum { LONG_TEXT = 9000 };

/* The whole conversation once; stops at the first error. What comes, comes whole. */
static Rc converse(const char *driver_name, Err *err)
{
    static const TdsTarget target = {.server = "127.0.0.1", .user = "u", .login_timeout_s = 1};
    AUTO(tds_close_at) Tds *mine = NULL;
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = true;

    fake_driver_set_name(driver_name);
    TRY(tds_open_with(&fake_driver, &target, &mine, err));
    TRY(tds_query_asset(mine, &asset, NULL, 0, &rows, err));
    while (has_row) {
        TRY(tds_next(rows, &has_row, err));
        if (has_row && !tds_is_null(rows, MESSAGE)) {
            Str text = tds_text(rows, MESSAGE);
            assert_int_equal(text.len,
                             tds_i64(rows, ID) == 1 ? LONG_TEXT : strlen(full_row[MESSAGE]));
        }
    }
    return RC_OK;
}

static void test_rows__every_call_may_fail(void **state)
{
    char *long_text = text_of(LONG_TEXT);
    const char *const long_row[] = {"1", full_row[AT], "n", "0", "0", "x", "b", long_text};
    const FakeStep steps[] = {FAKE_OPEN(NULL),     FAKE_SQL(NULL),     FAKE_COUNT(1),
                              FAKE_COLUMNS(shape), FAKE_ROW(full_row), FAKE_ROW(long_row),
                              FAKE_ROW(null_row),  FAKE_END,           FAKE_CLOSE};

    (void)state;
    for (size_t d = 0; d < ARRAY_LEN(drivers); d++) {
        bool did_fail = true;
        size_t calls = 0;
        for (; did_fail; calls++) {
            Err err = {0};
            fake_driver_script(steps, ARRAY_LEN(steps));
            fake_driver_fail_at(calls);
            Rc rc = converse(drivers[d], &err);
            assert_int_equal(rc, err.rc);
            did_fail = fake_driver_did_fail();
            if (err.rc != RC_OK && calls > 5)
                assert_contains(err.text, "injected failure");
            fake_driver_assert_no_leak(); // ASan sees the rest
        }
        assert_true(calls > 30);
        fake_driver_assert_finished(); // the last round met no failure
    }
    free(long_text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows__every_type),
        cmocka_unit_test(test_rows__every_null),
        cmocka_unit_test(test_rows__columns_by_name_in_any_order),
        cmocka_unit_test(test_rows__a_missing_column_is_named),
        cmocka_unit_test(test_rows__times_of_older_types),
        cmocka_unit_test(test_rows__utf16_becomes_valid_utf8),
        cmocka_unit_test(test_rows__long_text_comes_whole),
        cmocka_unit_test(test_rows__a_pair_across_the_first_buffer),
        cmocka_unit_test(test_rows__text_over_the_cap_is_cut_visibly),
        cmocka_unit_test(test_rows__room_for_what_is_declared),
        cmocka_unit_test(test_rows__counts_before_the_rows_are_passed_over),
        cmocka_unit_test(test_rows__no_result_is_an_error),
        cmocka_unit_test(test_rows__an_error_behind_the_rows_is_told),
        cmocka_unit_test(test_rows__behind_what_is_read_ahead_an_error_is_told),
        cmocka_unit_test(test_rows__left_early_they_are_canceled),
        cmocka_unit_test(test_rows__closing_the_connection_closes_them),
        cmocka_unit_test(test_rows__every_call_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
