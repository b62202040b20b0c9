/* The door: opened, refused, asked, tried again, closed, failing at each call. */
#include "test.h"

#include "capture.h"
#include "fake_driver.h"
#include "listener.h"

#include "../../../src/tds/rows.h"

#include "ssisminer/base/log.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/stop.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const SqlParam params[] = {{"since", SQL_TYPE_DATETIMEOFFSET, "datetimeoffset", false},
                                  {"limit", SQL_TYPE_BIGINT, "bigint", false},
                                  {"folder", SQL_TYPE_NVARCHAR, "nvarchar(128)", false},
                                  {"text", SQL_TYPE_NVARCHAR, "nvarchar(max)", false}};
static const SqlColumn columns[] = {{.name = "id", .type = SQL_TYPE_BIGINT}};
static const SqlLine lines[] = {{"SELECT TOP (@limit) id", NULL},
                                {"     , x", "catalog.executions.x"}};
static const SqlAsset query = {"t/query", NULL, 0, columns, 1, lines, 2, NULL, NULL};
static const SqlAsset with_params = {"t/params", params, 4, columns, 1, lines, 2, NULL, NULL};
static const SqlAsset purge = {"t/purge", NULL, 0, NULL, 0, lines, 1, NULL, NULL};

static const FakeColumn shape[] = {{"id", SQL_BIGINT, 19}};
static const char *const row_41[] = {"41"};
static const char *const row_42[] = {"42"};

#define SAID(words) "[FreeTDS][SQL Server]" words
#define ROWS_41     FAKE_COLUMNS(shape), FAKE_ROW(row_41), FAKE_END

static TdsTarget target_of(int attempts)
{
    return (TdsTarget){.server = "127.0.0.1",
                       .database = "SSISDB",
                       .user = "miner",
                       .password = "s3cret",
                       .login_timeout_s = 2,
                       .query_timeout_s = 60,
                       .retry_attempts = attempts,
                       .application = "ssisminer/1.0 test"};
}

static Tds *open_with(int attempts)
{
    TdsTarget target = target_of(attempts);
    Tds *tds = NULL;
    Err err = {0};

    if (tds_open_with(&fake_driver, &target, &tds, &err) != RC_OK)
        fail_msg("%s", err.text);
    return tds;
}

/* Runs the query and reads it; the sum of the ids, -1 for an error. */
static int64_t sum(Tds *tds, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    int64_t total = 0;

    if (tds_query_asset(tds, &query, NULL, 0, &rows, err) != RC_OK)
        return -1;
    for (bool has_row = true; has_row;) {
        if (tds_next(rows, &has_row, err) != RC_OK)
            return -1;
        total += has_row ? tds_i64(rows, 0) : 0;
    }
    return total;
}

static int quiet(void **state)
{
    (void)state;
    log_set_level(LOG_QUIET);
    stop_reset();
    return 0;
}

/* ---- opening --------------------------------------------------------------------------------- */

static void test_tds__opens_without_a_relay(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN("PWD=s3cret;"), FAKE_CLOSE};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    Tds *tds = open_with(0);
    assert_string_equal(
        fake_driver_connstr(),
        "Driver={FreeTDS};Servername=127.0.0.1;Database=SSISDB;UID=miner;PWD=s3cret;"
        "APP=ssisminer/1.0 test;");
    assert_contains(fake_driver_conf(), "[127.0.0.1]\n");
    assert_contains(fake_driver_conf(), "ca file = system\n");
    assert_false(tds_is_verified(tds)); // by FreeTDS, which does not tell how far
    assert_string_equal(tds_describe(tds),
                        "FreeTDS 1.3.17, TDS 7.4, server 16.00.1000, encrypted by FreeTDS, perhaps "
                        "the login only: that cannot be told, certificate verified");
    assert_int_equal(tds_session_count(tds), 1);
    assert_int_equal(tds_statement_count(tds), 0);
    assert_int_equal(file_size_of(getenv("FREETDSCONF")), 0); // it had a secret
    tds_close(tds);
    fake_driver_assert_finished();
}

static void test_tds__says_when_it_is_not_verified(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN(NULL), FAKE_CLOSE};
    const struct {
        TdsTarget target;
        const char *driver, *description;
    } cases[] = {
        {{.server = "h", .user = "u", .trust_certificate = true},
         "libtdsodbc.so",
         "that cannot be told, certificate not verified"},
        {{.server = "h", .user = "u", .encrypt = TDS_ENCRYPT_OFF},
         "libtdsodbc.so",
         "encryption off"},
        {{.dsn = "prod"}, "libmsodbcsql-18.so", "encryption as its data source says"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Tds *tds = NULL;
        Err err = {0};
        fake_driver_script(steps, ARRAY_LEN(steps));
        fake_driver_set_name(cases[i].driver);
        assert_int_equal(tds_open_with(&fake_driver, &cases[i].target, &tds, &err), RC_OK);
        assert_false(tds_is_verified(tds));
        assert_contains(tds_describe(tds), cases[i].description);
        tds_close(tds);
        fake_driver_assert_finished();
    }
}

static void test_tds__bad_targets_reach_no_driver(void **state)
{
    const TdsTarget cases[] = {
        {.server = "h:1433", .user = "u"},
        {.server = NULL, .user = "u"},
        {.server = "h"},
        {.server = "h", .user = "u", .ca_file = "/no/such"},
        {.server = "h", .user = "u", .encrypt = TDS_ENCRYPT_STRICT},
        {.server = "h", .authentication = "ActiveDirectoryMsi"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Tds *tds = NULL;
        Err err = {0};
        fake_driver_script(NULL, 0); // any connecting would fail the test
        assert_int_equal(tds_open_with(&fake_driver, &cases[i], &tds, &err), RC_USAGE);
        assert_null(tds);
        fake_driver_assert_finished();
    }
}

static void test_tds__falls_back_to_the_library(void **state)
{
    static const FakeStep steps[] = {
        FAKE_OPEN_FAILS("01000", 0,
                        "[unixODBC][Driver Manager]Can't open lib 'FreeTDS' : file not found"),
        FAKE_OPEN("libtdsodbc.so};Servername="), FAKE_CLOSE};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    tds_close(open_with(0));
    fake_driver_assert_finished();
}

static void test_tds__a_named_driver_has_no_fallback(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN_FAILS(
        "01000", 0, "[unixODBC][Driver Manager]Can't open lib 'x' : file not found")};
    TdsTarget target = target_of(0);
    Tds *tds = NULL;
    Err err = {0};

    (void)state;
    target.driver = "My FreeTDS";
    fake_driver_script(steps, ARRAY_LEN(steps));
    assert_fails(tds_open_with(&fake_driver, &target, &tds, &err), RC_CONNECT, &err,
                 "no ODBC driver 'My FreeTDS': Can't open lib 'x' : file not found");
    assert_contains(err.hint, "odbcinst -q -d");
    fake_driver_assert_finished();
}

static void test_tds__login_failure_tells_number_not_password(void **state)
{
    static const FakeStep steps[] = {
        FAKE_OPEN_FAILS("42000", 18456, SAID("Login failed for user 'miner'."))};
    TdsTarget target = target_of(3);
    Tds *tds = NULL;
    Err err = {0};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    assert_fails(tds_open_with(&fake_driver, &target, &tds, &err), RC_CONNECT, &err,
                 "cannot log in to '127.0.0.1,1433': Login failed for user 'miner' (error 18456)");
    assert_int_equal(err.number, 18456);
    assert_contains(err.hint, "SQLCMDPASSWORD");
    assert_lacks(err.text, "s3cret");
    fake_driver_assert_finished(); // once: it does not pass by itself
}

/* ---- statements ------------------------------------------------------------------------------ */

static bool has_none(void *context, const char *object)
{
    *(size_t *)context += 1;
    assert_string_equal(object, "catalog.executions.x");
    return false;
}

static void test_tds__binds_and_leaves_out(void **state)
{
    static const FakeStep steps[] = {
        FAKE_OPEN(NULL),
        FAKE_SQL_WITH("SELECT TOP (@limit) id\n', N'@since",
                      "NVARCHAR(40) 1970-01-01T00:00:00.0000000+00:00|BIGINT 7|"
                      "NVARCHAR(128) O'Brien|NVARCHAR(MAX) NULL"),
        ROWS_41, FAKE_CLOSE};
    const TdsArg args[] = {{.name = "limit", .i64 = 7},
                           {.name = "folder", .text = "O'Brien"},
                           {.name = "text", .is_null = true},
                           {.name = "since", .time = {TICKS_UNIX_EPOCH, 0, true}}};
    TdsRows *rows = NULL;
    size_t asked = 0;
    Err err = {0};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    Tds *tds = open_with(0);
    tds_set_has(tds, has_none, &asked);
    assert_int_equal(tds_query_asset(tds, &with_params, args, 4, &rows, &err), RC_OK);
    assert_int_equal(asked, 1);
    for (bool has_row = true; has_row;)
        assert_int_equal(tds_next(rows, &has_row, &err), RC_OK);
    tds_close(tds);
    fake_driver_assert_finished();
}

static void count_row(void *context, const TdsRows *rows)
{
    assert_true(str_equal(tds_text(rows, 0), str_of("Sales")));
    *(size_t *)context += 1;
}

/* Rows that came are told, and so is what came in place of the next. */
static void test_tds__each_row_until_an_error(void **state)
{
    static const FakeColumn names[] = {{"folder_name", SQL_WVARCHAR, 128},
                                       {"project_name", SQL_WVARCHAR, 128},
                                       {"package_name", SQL_WVARCHAR, 260}};
    static const char *const row[] = {"Sales", "Load", "Load.dtsx"};
    static const FakeStep whole[] = {FAKE_OPEN(NULL),     FAKE_SQL("catalog.folders"),
                                     FAKE_COLUMNS(names), FAKE_ROW(row),
                                     FAKE_ROW(row),       FAKE_END,
                                     FAKE_CLOSE};
    static const FakeStep fails[] = {
        FAKE_OPEN(NULL), FAKE_SQL("catalog.folders"), FAKE_COLUMNS(names),
        FAKE_ROW_FAILS("42000", 229, "permission was denied"), FAKE_CLOSE};
    size_t count = 0;
    Err err = {0};

    (void)state;
    fake_driver_script(whole, ARRAY_LEN(whole));
    Tds *tds = open_with(0);
    assert_int_equal(tds_each(tds, SQL_SSISDB_DEPLOYED, NULL, 0, count_row, &count, &err), RC_OK);
    assert_int_equal(count, 2);
    tds_close(tds);
    fake_driver_script(fails, ARRAY_LEN(fails));
    tds = open_with(0);
    assert_int_equal(tds_each(tds, SQL_SSISDB_DEPLOYED, NULL, 0, count_row, &count, &err),
                     RC_RIGHTS);
    assert_int_equal(count, 2);
    tds_close(tds);
    fake_driver_assert_finished();
}

static void test_tds__exec_adds_up_and_reads_on(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN(NULL), FAKE_SQL("SELECT TOP"), FAKE_COUNT(1000),
                                     FAKE_COUNT(-1),  FAKE_COUNT(24),         FAKE_CLOSE};
    int64_t affected = -1;
    Err err = {0};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    Tds *tds = open_with(0);
    assert_int_equal(tds_exec_asset(tds, &purge, NULL, 0, &affected, &err), RC_OK);
    assert_int_equal(affected, 1024);
    tds_close(tds);
    fake_driver_assert_finished();
}

static void test_tds__exec_tells_a_late_error(void **state)
{
    static const FakeStep steps[] = {
        FAKE_OPEN(NULL), FAKE_SQL(NULL), FAKE_COUNT(5),
        FAKE_MORE_FAILS("42000", 547, SAID("The DELETE statement conflicted.")), FAKE_CLOSE};
    int64_t affected = -1;
    Err err = {0};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    Tds *tds = open_with(0);
    assert_fails(tds_exec_asset(tds, &purge, NULL, 0, &affected, &err), RC_QUERY, &err,
                 "statement 't/purge': The DELETE statement conflicted (error 547)");
    assert_int_equal(affected, -1); // untouched
    tds_close(tds);
    fake_driver_assert_finished();
}

static void test_tds__query_time_out_is_not_repeated(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN(NULL),
                                     FAKE_SQL_FAILS(NULL, "HYT00", 0, SAID("Timeout expired")),
                                     FAKE_SQL(NULL), ROWS_41, FAKE_CLOSE};
    Err err = {0};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    Tds *tds = open_with(5);
    assert_int_equal(sum(tds, &err), -1);
    assert_string_equal(err.text, "statement 't/query': the server sent nothing for 60 s");
    assert_int_equal(err.number, -2);
    assert_int_equal(sum(tds, &err), 41); // the connection is still good
    assert_int_equal(tds_session_count(tds), 1);
    tds_close(tds);
    fake_driver_assert_finished();
}

/* ---- retry ----------------------------------------------------------------------------------- */

static void test_tds__transient_query_goes_again_on_a_fresh_connection(void **state)
{
    static const FakeStep steps[] = {
        FAKE_OPEN(NULL), FAKE_SQL_FAILS(NULL, "42000", 40197, SAID("The service has an error.")),
        FAKE_CLOSE,      FAKE_OPEN(NULL),
        FAKE_SQL(NULL),  ROWS_41,
        FAKE_CLOSE};
    Err err = {0};

    (void)state;
    log_set_level(LOG_NORMAL);
    fake_driver_script(steps, ARRAY_LEN(steps));
    Tds *tds = open_with(2);
    Capture capture = capture_begin(STDERR_FILENO);
    int64_t total = sum(tds, &err);
    char *said = capture_end(&capture);
    assert_int_equal(total, 41);
    assert_contains(said, "The service has an error (service error while processing); trying again "
                          "in 0 s (1 of 2)");
    free(said);
    assert_int_equal(tds_statement_count(tds), 2);
    assert_int_equal(tds_session_count(tds), 2);
    tds_close(tds);
    fake_driver_assert_finished();
}

/* FreeTDS has no better words for a connection that was reset: what is true of it counts. */
static void test_tds__field_C11_a_dead_connection_is_lost_whatever_the_words(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN(NULL),
                                     FAKE_SQL_BREAKS(NULL),
                                     FAKE_CLOSE,
                                     FAKE_OPEN(NULL),
                                     FAKE_SQL(NULL),
                                     FAKE_COLUMNS(shape),
                                     FAKE_ROW(row_42),
                                     FAKE_ROW_BREAKS,
                                     FAKE_CLOSE,
                                     FAKE_OPEN(NULL),
                                     FAKE_SQL(NULL),
                                     ROWS_41,
                                     FAKE_SQL_BREAKS(NULL),
                                     FAKE_CLOSE,
                                     FAKE_OPEN(NULL),
                                     FAKE_SQL(NULL),
                                     FAKE_COUNT(3),
                                     FAKE_CLOSE};
    int64_t affected = 0;
    Err err = {0};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    Tds *tds = open_with(2);
    assert_int_equal(sum(tds, &err), 41); // not 42 as well: the answer came whole
    assert_int_equal(tds_lost_count(tds), 0);
    assert_int_equal(tds_exec_asset(tds, &purge, NULL, 0, &affected, &err), RC_OK);
    assert_int_equal(affected, 3);
    assert_int_equal(tds_lost_count(tds), 1); // it may have been done before
    tds_close(tds);
    fake_driver_assert_finished();
}

static void test_tds__small_answers_come_whole_or_not_at_all(void **state)
{
    static const FakeStep steps[] = {
        FAKE_OPEN(NULL), FAKE_SQL(NULL), FAKE_COLUMNS(shape),
        FAKE_ROW_FAILS("08S01", 20004, SAID("Read from the server failed")), FAKE_CLOSE,
        FAKE_OPEN(NULL), FAKE_SQL(NULL), FAKE_COLUMNS(shape), FAKE_ROW(row_42),
        FAKE_ROW_FAILS("08S01", 20004, SAID("Read from the server failed")),
        // the next statement finds the connection gone and opens one at once
        FAKE_CLOSE, FAKE_OPEN(NULL), FAKE_SQL(NULL), ROWS_41, FAKE_CLOSE};
    Err err = {0};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    Tds *tds = open_with(1);
    assert_int_equal(sum(tds, &err), -1);
    assert_string_equal(
        err.text, "statement 't/query': after 2 attempts: the connection was lost: Read from the "
                  "server failed");
    assert_int_equal(err.rc, RC_QUERY);
    assert_int_equal(sum(tds, &err), 41);
    tds_close(tds);
    fake_driver_assert_finished();
}

static void test_tds__attempts_are_bounded(void **state)
{
    static const FakeStep steps[] = {
        FAKE_OPEN_FAILS("42000", 40613, SAID("Database is not currently available.")),
        FAKE_OPEN_FAILS("42000", 40613, SAID("Database is not currently available.")),
        FAKE_OPEN_FAILS("42000", 40613, SAID("Database is not currently available."))};
    TdsTarget target = target_of(2);
    Tds *tds = NULL;
    Err err = {0};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    assert_fails(tds_open_with(&fake_driver, &target, &tds, &err), RC_CONNECT, &err,
                 "after 3 attempts: cannot log in to '127.0.0.1,1433': Database is not currently "
                 "available (error 40613)");
    fake_driver_assert_finished();
}

static void test_tds__unknown_database_is_final_until_it_was_open(void **state)
{
    static const FakeStep first[] = {
        FAKE_OPEN_FAILS("42000", 4060, SAID("Cannot open database \"X\"."))};
    static const FakeStep later[] = {
        FAKE_OPEN(NULL),
        FAKE_SQL_FAILS(NULL, "08S01", 20006, SAID("Write to the server failed")),
        FAKE_CLOSE,
        FAKE_OPEN_FAILS("42000", 4060, SAID("Cannot open database \"X\".")),
        FAKE_OPEN_FAILS("08S01", 20009, SAID("Unable to connect")), // the server is not back yet
        FAKE_OPEN(NULL),
        FAKE_SQL(NULL),
        ROWS_41,
        FAKE_CLOSE};
    TdsTarget target = target_of(5);
    Tds *tds = NULL;
    Err err = {0};

    (void)state;
    fake_driver_script(first, ARRAY_LEN(first));
    assert_int_equal(tds_open_with(&fake_driver, &target, &tds, &err), RC_CONNECT);
    assert_int_equal(err.number, 4060);
    fake_driver_assert_finished();

    fake_driver_script(later, ARRAY_LEN(later));
    tds = open_with(5);
    assert_int_equal(sum(tds, &err), 41);
    tds_close(tds);
    fake_driver_assert_finished();
}

static void test_tds__deadlock_is_for_reads_only(void **state)
{
    static const FakeStep read[] = {
        FAKE_OPEN(NULL), FAKE_SQL_FAILS(NULL, "40001", 1205, SAID("deadlock victim")),
        FAKE_SQL(NULL), ROWS_41, // on the same connection: nothing is wrong with that
        FAKE_CLOSE};
    static const FakeStep write[] = {
        FAKE_OPEN(NULL), FAKE_SQL_FAILS(NULL, "40001", 1205, SAID("deadlock victim")), FAKE_CLOSE};
    Err err = {0};

    (void)state;
    fake_driver_script(read, ARRAY_LEN(read));
    Tds *tds = open_with(3);
    assert_int_equal(sum(tds, &err), 41);
    tds_close(tds);
    fake_driver_assert_finished();

    fake_driver_script(write, ARRAY_LEN(write));
    tds = open_with(3);
    assert_int_equal(tds_exec_asset(tds, &purge, NULL, 0, NULL, &err), RC_QUERY);
    assert_int_equal(err.number, 1205);
    tds_close(tds);
    fake_driver_assert_finished();
}

static const FakeColumn blocker_shape[] = {{"session_id", SQL_INTEGER, 10},
                                           {"host_name", SQL_WVARCHAR, 128},
                                           {"program_name", SQL_WVARCHAR, 128},
                                           {"login_name", SQL_WVARCHAR, 128},
                                           {"seconds", SQL_BIGINT, 19}};
static const char *const blocker_row[] = {"57", "APP01", "purge job", "etl", "41"};

static void test_tds__field_R7_a_lock_time_out_says_who_has_the_lock(void **state)
{
    static const FakeStep steps[] = {
        FAKE_OPEN(NULL),
        FAKE_SQL_FAILS("SET LOCK_TIMEOUT 10000;", "HYT00", 1222, SAID("Lock request time out")),
        FAKE_SQL("sys.dm_tran_locks"),
        FAKE_COLUMNS(blocker_shape),
        FAKE_ROW(blocker_row),
        FAKE_END,
        FAKE_SQL_FAILS(NULL, "HYT00", 1222, SAID("Lock request time out")),
        FAKE_SQL_FAILS("sys.dm_tran_locks", "42000", 300, SAID("VIEW SERVER STATE permission")),
        FAKE_CLOSE};
    Err err = {0};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    Tds *tds = open_with(1);
    Capture capture = capture_begin(STDERR_FILENO);
    log_set_level(LOG_NORMAL);
    assert_int_equal(sum(tds, &err), -1);
    log_set_level(LOG_QUIET);
    char *said = capture_end(&capture);
    assert_contains(said,
                    "session 57 (login 'etl', host 'APP01', program 'purge job') holds locks; "
                    "its last statement began 41 s ago");
    free(said);
    assert_int_equal(err.number, 1222);
    assert_contains(err.hint, "cannot be seen here (VIEW SERVER STATE");
    tds_close(tds);
    fake_driver_assert_finished();
}

/* ---- around a lock --------------------------------------------------------------------------- */

static const SqlParam range[] = {{"first_id", SQL_TYPE_BIGINT, "bigint", false},
                                 {"last_id", SQL_TYPE_BIGINT, "bigint", false}};
static const SqlAsset ranged = {"t/ranged", range, 2, columns, 1, lines, 1, "first_id", "last_id"};

#define LOCKED     FAKE_SQL_FAILS(NULL, "HYT00", 1222, SAID("Lock request time out"))
#define NO_BLOCKER FAKE_SQL_FAILS("sys.dm_tran_locks", "42000", 300, SAID("VIEW SERVER STATE"))
#define NEWEST_16                                                                                  \
    FAKE_SQL("MAX(o.operation_id)"), FAKE_COLUMNS(newest_shape), FAKE_ROW(row_16), FAKE_END
#define PART(bound) FAKE_SQL_WITH("SET LOCK_TIMEOUT 500;", bound)
#define PART_LOCKED(bound)                                                                         \
    {                                                                                              \
        .kind = FAKE_KIND_SQL, .params = (bound), .state = "HYT00", .native = 1222,                \
        .words = SAID("Lock request time out")                                                     \
    }
#define NO_ROWS FAKE_COLUMNS(shape), FAKE_END

static const FakeColumn newest_shape[] = {{"newest", SQL_BIGINT, 19}};
static const char *const row_16[] = {"16"};
static const TdsArg whole[] = {{.name = "first_id", .i64 = 0},
                               {.name = "last_id", .i64 = INT64_MAX}};

/* The sum of the ids; -1 for an error. */
static int64_t sum_ranged(Tds *tds, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    int64_t total = 0;

    if (tds_query_asset(tds, &ranged, whole, 2, &rows, err) != RC_OK)
        return -1;
    for (bool has_row = true; has_row;) {
        if (tds_next(rows, &has_row, err) != RC_OK)
            return -1;
        total += has_row ? tds_i64(rows, 0) : 0;
    }
    return total;
}

static void test_tds__field_R7_a_read_goes_around_a_lock(void **state)
{
    static const FakeStep steps[] = {
        FAKE_OPEN(NULL), LOCKED, NO_BLOCKER, NEWEST_16,
        // in eight, the newest first
        PART("BIGINT 15|BIGINT 16"), ROWS_41, PART("BIGINT 13|BIGINT 14"), NO_ROWS,
        PART_LOCKED("BIGINT 11|BIGINT 12"), PART("BIGINT 9|BIGINT 10"), ROWS_41,
        PART("BIGINT 7|BIGINT 8"), NO_ROWS, PART("BIGINT 5|BIGINT 6"), NO_ROWS,
        PART_LOCKED("BIGINT 3|BIGINT 4"), PART("BIGINT 1|BIGINT 2"), NO_ROWS,
        // what is locked is cut again
        PART("BIGINT 12|BIGINT 12"), ROWS_41, PART_LOCKED("BIGINT 11|BIGINT 11"),
        PART("BIGINT 4|BIGINT 4"), ROWS_41, PART("BIGINT 3|BIGINT 3"), NO_ROWS,
        // and tried again after a while
        PART_LOCKED("BIGINT 11|BIGINT 11"), FAKE_CLOSE};
    const TdsSpan *spans = NULL;
    Err err = {0};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    Tds *tds = open_with(1);
    assert_int_equal(sum_ranged(tds, &err), 4 * 41);
    assert_int_equal(tds_skipped(tds, &spans), 1);
    assert_int_equal(spans[0].first, 11);
    assert_int_equal(spans[0].last, 11);
    tds_close(tds);
    fake_driver_assert_finished();
}

static void test_tds__field_R7_what_is_locked_whole_is_an_error(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN(NULL), LOCKED, NO_BLOCKER, NEWEST_16, LOCKED,
                                     LOCKED,          LOCKED, LOCKED,     LOCKED,    LOCKED,
                                     LOCKED,          LOCKED, FAKE_CLOSE};
    const TdsSpan *spans = NULL;
    Err err = {0};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    Tds *tds = open_with(0);
    assert_int_equal(sum_ranged(tds, &err), -1);
    assert_int_equal(err.number, 1222);
    assert_contains(err.hint, "cannot be seen here");
    assert_int_equal(tds_skipped(tds, &spans), 0);
    tds_close(tds);
    fake_driver_assert_finished();
}

/* What was given out cannot be taken back: the reader begins anew, and then in parts, of which each
 * is small enough to come whole. What stays locked then, later statements leave out as well. */
static void test_tds__field_R7_a_lock_in_the_midst_of_a_large_answer(void **state)
{
    enum { LETTERS = TDS_AHEAD_BYTES_MAX / 2 };
    static const SqlColumn text_columns[] = {{.name = "note", .type = SQL_TYPE_NVARCHAR}};
    static const SqlAsset large = {"t/large", range, 2,          text_columns, 1,
                                   lines,     1,     "first_id", "last_id"};
    static const FakeColumn text_shape[] = {{"note", SQL_WVARCHAR, 0}};
    char *letters = mem_alloc(LETTERS + 1);
    const char *const long_row[] = {letters};
    static const char *const row_2[] = {"2"};
    const FakeStep steps[] = {
        FAKE_OPEN(NULL), FAKE_SQL("SET LOCK_TIMEOUT 10000;"), FAKE_COLUMNS(text_shape),
        FAKE_ROW(long_row), FAKE_ROW_FAILS("HYT00", 1222, SAID("Lock request time out")),
        // anew, in 8 times as many parts as at first
        FAKE_SQL("MAX(o.operation_id)"), FAKE_COLUMNS(newest_shape), FAKE_ROW(row_2), FAKE_END,
        PART("BIGINT 2|BIGINT 2"), FAKE_COLUMNS(text_shape), FAKE_ROW(long_row), FAKE_END,
        PART_LOCKED("BIGINT 1|BIGINT 1"),
        // the next statement leaves it out as well
        FAKE_SQL("MAX(o.operation_id)"), FAKE_COLUMNS(newest_shape), FAKE_ROW(row_2), FAKE_END,
        PART("BIGINT 2|BIGINT 2"), ROWS_41, FAKE_CLOSE};
    TdsRows *rows = NULL;
    bool has_row = false;
    Err err = {0};

    (void)state;
    memset(letters, 'x', LETTERS);
    fake_driver_script(steps, ARRAY_LEN(steps));
    Tds *tds = open_with(0);
    assert_int_equal(tds_query_asset(tds, &large, whole, 2, &rows, &err), RC_OK);
    assert_int_equal(tds_next(rows, &has_row, &err), RC_OK);
    assert_int_equal(tds_next(rows, &has_row, &err), RC_QUERY);
    assert_true(tds_may_reread(tds));
    tds_rows_close(rows);
    tds_begin_again(tds);

    err = (Err){0};
    assert_int_equal(tds_query_asset(tds, &large, whole, 2, &rows, &err), RC_OK);
    assert_int_equal(tds_next(rows, &has_row, &err), RC_OK);
    assert_true(has_row);
    assert_int_equal(tds_text(rows, 0).len, LETTERS);
    assert_int_equal(tds_next(rows, &has_row, &err), RC_OK);
    assert_false(has_row);
    tds_rows_close(rows);
    assert_int_equal(sum_ranged(tds, &err), 41);
    tds_close(tds);
    fake_driver_assert_finished();
    free(letters);
}

/* Another failure than a lock is what it always is. */
static void test_tds__a_part_may_lose_its_connection(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN(NULL),
                                     LOCKED,
                                     NO_BLOCKER,
                                     NEWEST_16,
                                     PART("BIGINT 15|BIGINT 16"),
                                     ROWS_41,
                                     FAKE_SQL_BREAKS(NULL),
                                     FAKE_CLOSE,
                                     FAKE_OPEN(NULL),
                                     PART("BIGINT 13|BIGINT 14"),
                                     NO_ROWS,
                                     FAKE_SQL_FAILS(NULL, "42000", 208, SAID("Invalid object")),
                                     FAKE_CLOSE};
    Err err = {0};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    Tds *tds = open_with(1);
    assert_int_equal(sum_ranged(tds, &err), -1);
    assert_int_equal(err.number, 208);
    tds_close(tds);
    fake_driver_assert_finished();
}

static Rc take_lock(void *context, Tds *tds, Err *err)
{
    *(int *)context += 1;
    return tds_exec_asset(tds, &purge, NULL, 0, NULL, err);
}

static void test_tds__session_start_runs_on_later_connections(void **state)
{
    static const FakeStep steps[] = {
        FAKE_OPEN(NULL), FAKE_SQL_FAILS(NULL, "42000", 40501, SAID("busy")),
        FAKE_CLOSE,      FAKE_OPEN(NULL),
        FAKE_SQL(NULL),  FAKE_COUNT(0),
        FAKE_SQL(NULL),  ROWS_41,
        FAKE_CLOSE};
    int started = 0;
    Err err = {0};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    Tds *tds = open_with(1);
    tds_set_session_start(tds, take_lock, &started);
    assert_int_equal(sum(tds, &err), 41);
    assert_int_equal(started, 1);
    tds_close(tds);
    fake_driver_assert_finished();
}

static void test_tds__session_start_failing_ends_the_statement(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN(NULL),
                                     FAKE_SQL_FAILS(NULL, "42000", 40501, SAID("busy")),
                                     FAKE_CLOSE,
                                     FAKE_OPEN(NULL),
                                     FAKE_SQL_FAILS(NULL, "42000", 50000, SAID("held by another")),
                                     FAKE_CLOSE};
    int started = 0;
    Err err = {0};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    Tds *tds = open_with(1);
    tds_set_session_start(tds, take_lock, &started);
    assert_int_equal(sum(tds, &err), -1);
    assert_contains(err.text, "held by another (error 50000)");
    tds_close(tds);
    fake_driver_assert_finished();
}

/* ---- stopping -------------------------------------------------------------------------------- */

/* With a context once a statement is under way. */
static void *stop_soon(void *context)
{
    const struct timespec moment = {.tv_nsec = 50 * 1000 * 1000};

    do
        (void)nanosleep(&moment, NULL);
    while (context && !fake_driver_is_blocked());
    stop_request(SIGINT);
    return NULL;
}

static void test_tds__stop_cancels_a_running_statement(void **state)
{
    static const FakeStep steps[] = {
        FAKE_OPEN(NULL), {.kind = FAKE_KIND_SQL, .blocks = true}, FAKE_CLOSE};
    bool is_later = true;
    pthread_t stopper;
    Err err = {0};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    Tds *tds = open_with(5);
    int64_t start_ms = time_monotonic_ms();
    assert_int_equal(pthread_create(&stopper, NULL, stop_soon, &is_later), 0);
    assert_int_equal(sum(tds, &err), -1);
    (void)pthread_join(stopper, NULL);
    assert_int_equal(err.rc, RC_STOPPED);
    assert_true(time_monotonic_ms() - start_ms < 25000);
    assert_true(fake_driver_cancels() >= 1);
    tds_close(tds);
    stop_reset();
    fake_driver_assert_finished();
}

static void test_tds__stop_between_rows_and_before_statements(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN(NULL),  FAKE_SQL(NULL), FAKE_COLUMNS(shape),
                                     FAKE_ROW(row_41), FAKE_END,       FAKE_CLOSE};
    TdsRows *rows = NULL;
    bool has_row = false;
    Err err = {0};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    Tds *tds = open_with(5);
    assert_int_equal(tds_query_asset(tds, &query, NULL, 0, &rows, &err), RC_OK);
    stop_request(SIGTERM);
    assert_int_equal(tds_next(rows, &has_row, &err), RC_STOPPED);
    tds_rows_close(rows);
    assert_int_equal(tds_query_asset(tds, &query, NULL, 0, &rows, &err), RC_STOPPED);
    tds_close(tds);
    stop_reset();
    fake_driver_assert_finished();
}

static void test_tds__stop_ends_the_wait_for_a_retry(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN_FAILS("42000", 40613, SAID("not available"))};
    TdsTarget target = target_of(5);
    Tds *tds = NULL;
    pthread_t stopper;
    Err err = {0};

    (void)state;
    target.retry_wait_ms = 30000;
    fake_driver_script(steps, ARRAY_LEN(steps));
    int64_t start_ms = time_monotonic_ms();
    assert_int_equal(pthread_create(&stopper, NULL, stop_soon, NULL), 0);
    assert_int_equal(tds_open_with(&fake_driver, &target, &tds, &err), RC_STOPPED);
    (void)pthread_join(stopper, NULL);
    assert_true(time_monotonic_ms() - start_ms < 25000);
    stop_reset();
    fake_driver_assert_finished();
}

/* ---- why a connection failed ----------------------------------------------------------------- */

typedef struct Explained {
    const char *answer; // of the port: NULL silent, "" closes, else as it is
    int offer;          // or a PRELOGIN answer with this byte; -1 for none
    TdsEncrypt encrypt;
    const char *state, *tls_words, *text, *hint;
} Explained;

static void test_tds__failures_are_explained(void **state)
{
    static const Explained cases[] = {
        {NULL, -1, TDS_ENCRYPT_REQUIRE, "HYT00", NULL,
         "takes connections but stays silent (login time-out 2 s)", "-l"},
        {"", -1, TDS_ENCRYPT_REQUIRE, "08001", NULL, "closed the connection before the login",
         "that port"},
        {"\x15\x03\x01", -1, TDS_ENCRYPT_REQUIRE, "08001", NULL, "takes strict encryption only",
         "-N strict"},
        {"HTTP/1.1", -1, TDS_ENCRYPT_REQUIRE, "08001", NULL, "does not answer as a SQL Server does",
         "port"},
        {NULL, 2, TDS_ENCRYPT_REQUIRE, "08001", NULL, "offers no encryption", "-N off"},
        {NULL, 3, TDS_ENCRYPT_OFF, "08001", NULL, "closed the connection during the login",
         "error log"}, // FreeTDS follows
        {NULL, 1, TDS_ENCRYPT_REQUIRE, "HYT00", NULL, "did not finish within 2 s", "-l"},
        {NULL, 1, TDS_ENCRYPT_REQUIRE, "08001", "Certificate status: 66",
         "the certificate of '127.0.0.1' is not trusted: its signer is not known here",
         "--ca-file"},
        {NULL, 1, TDS_ENCRYPT_REQUIRE, "08001", "Certificate status: 1026",
         "the certificate of '127.0.0.1' is not trusted: it has expired", "-C"},
        {NULL, 1, TDS_ENCRYPT_REQUIRE, "08001", "Certificate hostname does not match",
         "the certificate of '127.0.0.1' is for another name", "-C"},
        {NULL, 1, TDS_ENCRYPT_REQUIRE, "08001", "loading CA file failed: Error while reading file.",
         "no CA certificate could be loaded from 'the system's trust store'", "ca-certificates"},
        {NULL, 1, TDS_ENCRYPT_REQUIRE, "08001",
         "handshake failed: A TLS fatal alert has been received.",
         "failed: handshake failed: A TLS fatal alert", "TLS 1.1"},
        {NULL, 1, TDS_ENCRYPT_REQUIRE, "08001", NULL, "nothing more", "--ca-file"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const Explained *at = &cases[i];
        char prelogin[32], server[32];
        size_t len = at->offer >= 0 ? listener_prelogin(at->offer, prelogin) : 0;
        Listener listener = at->offer >= 0 ? listener_start(prelogin, len)
                            : at->answer   ? listener_start(at->answer, strlen(at->answer))
                                           : listener_start(NULL, LISTENER_SILENT);
        const FakeStep steps[] = {FAKE_OPEN_FAILS(at->state, 0, SAID("nothing more"))};
        (void)snprintf(server, sizeof(server), "127.0.0.1,%d", listener.port);
        TdsTarget target = {
            .server = server, .user = "u", .login_timeout_s = 2, .encrypt = at->encrypt};
        Tds *tds = NULL;
        Err err = {0};

        fake_driver_script(steps, 1);
        fake_driver_set_tls_words(at->tls_words);
        int64_t start_ms = time_monotonic_ms();
        assert_int_equal(tds_open_with(&fake_driver, &target, &tds, &err), RC_CONNECT);
        assert_true(time_monotonic_ms() - start_ms < 60000);
        listener_stop(&listener);
        assert_contains(err.text, at->text);
        assert_contains(err.hint, at->hint);
        fake_driver_assert_finished();
    }
}

static void test_tds__refused_unknown_host_and_instance(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN_FAILS("08S01", 20009, SAID("Unable to connect"))};
    Listener listener = listener_start(NULL, 0);
    char refused[32];
    (void)snprintf(refused, sizeof(refused), "127.0.0.1,%d", listener.port);
    const char *const cases[][3] = {
        {refused, "refused the connection", "-S 127.0.0.1,1433"},
        {"no-such-host.invalid", "host 'no-such-host.invalid' is not known: ", "DNS"},
        {"127.0.0.1\\PROD", "cannot connect to '127.0.0.1\\PROD': Unable to connect", "UDP 1434"},
    };

    (void)state;
    listener_stop(&listener);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        TdsTarget target = {
            .server = cases[i][0], .user = "u", .login_timeout_s = 2, .retry_attempts = 3};
        Tds *tds = NULL;
        Err err = {0};
        fake_driver_script(steps, ARRAY_LEN(steps)); // never reached: not tried again
        assert_int_equal(tds_open_with(&fake_driver, &target, &tds, &err), RC_CONNECT);
        assert_contains(err.text, cases[i][1]);
        assert_contains(err.hint, cases[i][2]);
        fake_driver_assert_finished();
    }
}

static void test_tds__data_source_that_is_not_there(void **state)
{
    static const FakeStep steps[] = {
        FAKE_OPEN_FAILS("IM002", 0, "[unixODBC][Driver Manager]Data source name not found.")};
    TdsTarget target = {.dsn = "prod"};
    Tds *tds = NULL;
    Err err = {0};

    (void)state;
    fake_driver_script(steps, ARRAY_LEN(steps));
    assert_fails(tds_open_with(&fake_driver, &target, &tds, &err), RC_CONNECT, &err,
                 "cannot connect to data source 'prod': Data source name not found");
    assert_contains(err.hint, "odbcinst -q -s");
    fake_driver_assert_finished();
}

/* ---- torture --------------------------------------------------------------------------------- */

static Rc converse(Err *err)
{
    TdsTarget target = target_of(2);
    AUTO(tds_close_at) Tds *tds = NULL;
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    const TdsArg args[] = {{.name = "limit", .i64 = 7},
                           {.name = "folder", .text = "f"},
                           {.name = "text", .text = "t"},
                           {.name = "since", .time = {TICKS_UNIX_EPOCH, 0, true}}};
    bool has_row = true;

    TRY(tds_open_with(&fake_driver, &target, &tds, err));
    TRY(tds_exec_asset(tds, &purge, NULL, 0, NULL, err));
    TRY(tds_query_asset(tds, &with_params, args, 4, &rows, err));
    while (has_row)
        TRY(tds_next(rows, &has_row, err));
    return RC_OK;
}

static void test_tds__every_call_may_fail(void **state)
{
    static const FakeStep steps[] = {FAKE_OPEN(NULL),
                                     FAKE_SQL_FAILS(NULL, "42000", 40501, SAID("busy")),
                                     FAKE_CLOSE,
                                     FAKE_OPEN(NULL),
                                     FAKE_SQL(NULL),
                                     FAKE_COUNT(3),
                                     FAKE_SQL("sp_executesql"),
                                     ROWS_41,
                                     FAKE_CLOSE};
    bool did_fail = true;
    size_t calls = 0;

    (void)state;
    for (; did_fail; calls++) {
        Err err = {0};
        fake_driver_script(steps, ARRAY_LEN(steps));
        fake_driver_fail_at(calls);
        Rc rc = converse(&err);
        assert_int_equal(rc, err.rc);
        did_fail = fake_driver_did_fail();
        fake_driver_assert_no_leak();
    }
    assert_true(calls > 30);
    fake_driver_assert_finished();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_tds__opens_without_a_relay, quiet),
        cmocka_unit_test_setup(test_tds__says_when_it_is_not_verified, quiet),
        cmocka_unit_test_setup(test_tds__bad_targets_reach_no_driver, quiet),
        cmocka_unit_test_setup(test_tds__falls_back_to_the_library, quiet),
        cmocka_unit_test_setup(test_tds__a_named_driver_has_no_fallback, quiet),
        cmocka_unit_test_setup(test_tds__login_failure_tells_number_not_password, quiet),
        cmocka_unit_test_setup(test_tds__binds_and_leaves_out, quiet),
        cmocka_unit_test_setup(test_tds__each_row_until_an_error, quiet),
        cmocka_unit_test_setup(test_tds__exec_adds_up_and_reads_on, quiet),
        cmocka_unit_test_setup(test_tds__exec_tells_a_late_error, quiet),
        cmocka_unit_test_setup(test_tds__query_time_out_is_not_repeated, quiet),
        cmocka_unit_test_setup(test_tds__transient_query_goes_again_on_a_fresh_connection, quiet),
        cmocka_unit_test_setup(test_tds__field_C11_a_dead_connection_is_lost_whatever_the_words,
                               quiet),
        cmocka_unit_test_setup(test_tds__small_answers_come_whole_or_not_at_all, quiet),
        cmocka_unit_test_setup(test_tds__attempts_are_bounded, quiet),
        cmocka_unit_test_setup(test_tds__unknown_database_is_final_until_it_was_open, quiet),
        cmocka_unit_test_setup(test_tds__deadlock_is_for_reads_only, quiet),
        cmocka_unit_test_setup(test_tds__field_R7_a_lock_time_out_says_who_has_the_lock, quiet),
        cmocka_unit_test_setup(test_tds__field_R7_a_read_goes_around_a_lock, quiet),
        cmocka_unit_test_setup(test_tds__field_R7_what_is_locked_whole_is_an_error, quiet),
        cmocka_unit_test_setup(test_tds__field_R7_a_lock_in_the_midst_of_a_large_answer, quiet),
        cmocka_unit_test_setup(test_tds__a_part_may_lose_its_connection, quiet),
        cmocka_unit_test_setup(test_tds__session_start_runs_on_later_connections, quiet),
        cmocka_unit_test_setup(test_tds__session_start_failing_ends_the_statement, quiet),
        cmocka_unit_test_setup(test_tds__stop_cancels_a_running_statement, quiet),
        cmocka_unit_test_setup(test_tds__stop_between_rows_and_before_statements, quiet),
        cmocka_unit_test_setup(test_tds__stop_ends_the_wait_for_a_retry, quiet),
        cmocka_unit_test_setup(test_tds__failures_are_explained, quiet),
        cmocka_unit_test_setup(test_tds__refused_unknown_host_and_instance, quiet),
        cmocka_unit_test_setup(test_tds__data_source_that_is_not_there, quiet),
        cmocka_unit_test_setup(test_tds__every_call_may_fail, quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
