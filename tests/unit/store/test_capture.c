/* The file of a capture: made, taken up again, refused when it is something else. */
#include "test.h"

#include "ssisminer/base/file.h"
#include "ssisminer/store/capture.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static Arena arena;
static char *folder;

static const char *path_of(const char *name)
{
    return arena_printf(&arena, "%s/%s", folder, name);
}

/* What the engine makes, in small. */
static const char layout[] =
    "CREATE TABLE \"internal.operations\" (\"operation_id\" INTEGER PRIMARY KEY AUTOINCREMENT, "
    "\"status\" INTEGER NOT NULL, \"caller_sid\" BLOB NOT NULL, \"caller_name\" TEXT NOT NULL, "
    "\"created_time\" INTEGER);"
    "CREATE TABLE \"internal.operation_permissions\" (sid, object_id, permission_type, is_role, "
    "is_deny, grantor_sid);"
    "CREATE TABLE \"internal.worker_agents\" (\"WorkerAgentId\" TEXT NOT NULL, \"Load\" REAL);"
    "CREATE TABLE \"capture.runs\" (id INTEGER PRIMARY KEY, server_name TEXT, database_name TEXT, "
    "flavor TEXT, began INTEGER, since INTEGER, holds_all_messages INTEGER, program TEXT, key_id TEXT);"
    "CREATE TABLE \"capture.answers\" (question TEXT PRIMARY KEY, answer);"
    "CREATE TABLE \"sandbox.limits\" (a INTEGER); INSERT INTO \"sandbox.limits\" VALUES (7);";

static void make_database(const char *name, const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(path_of(name), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static int64_t number_of(const char *name, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;

    assert_int_equal(sqlite3_open(path_of(name), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return number;
}

static int setup(void **state)
{
    Err err = {0};

    (void)state;
    if (file_temp_dir("ssisminer-capture-", &arena, &folder, &err) != RC_OK)
        return -1;
    make_database("template", layout);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    file_remove_tree(folder);
    arena_done(&arena);
    return 0;
}

static CaptureFile *begin(const char *name, int64_t run)
{
    const CaptureHead head = {.run = run,
                              .server = "db1",
                              .program = "test",
                              .database = "SSISDB",
                              .flavor = "azure",
                              .now = time_instant(TICKS_UNIX_EPOCH, 60),
                              .has_all_messages = true};
    CaptureFile *file = NULL;
    Err err = {0};

    if (capture_file_open(path_of(name), path_of("template"), &file, &err) != RC_OK ||
        capture_file_shape(file, &err) != RC_OK || capture_file_begin(file, &head, &err) != RC_OK)
        fail_msg("%s", err.text);
    return file;
}

static void put_operations(CaptureFile *file, int64_t first, int64_t last, int64_t status)
{
    static const char *const columns[] = {"operation_id", "status", "not_there"};
    CaptureTable *table = NULL;
    Err err = {0};

    assert_int_equal(capture_table_open(file, "internal.operations", columns, 3, 2, &table, &err),
                     RC_OK);
    for (int64_t id = first; id <= last; id++) {
        assert_int_equal(capture_file_reread(file, id, &err), RC_OK);
        capture_table_i64(table, 0, id);
        capture_table_i64(table, 1, status);
        assert_int_equal(capture_table_put(table, &err), RC_OK);
    }
    assert_int_equal(capture_table_rows(table), last - first + 1);
}

static void fill(const char *name, int64_t run, int64_t last)
{
    CaptureFile *file = begin(name, run);
    Err err = {0};

    put_operations(file, 1, last, 2);
    assert_int_equal(capture_file_commit(file, &err), RC_OK);
    capture_file_close(file);
}

static void test_capture__takes_over_the_tables_and_fills_what_they_want(void **state)
{
    static const char *const columns[] = {"worker_agent_id", "load"};
    CaptureTable *table = NULL;
    CaptureHead head;
    struct stat status;
    Err err = {0};

    (void)state;
    CaptureFile *file = begin("new", 1);
    put_operations(file, 1, 3, 4);
    assert_int_equal(
        capture_table_open(file, "internal.worker_agents", columns, 2, 2, &table, &err), RC_OK);
    capture_table_text(table, 0, str_of("W1"));
    capture_table_f64(table, 1, 0.5);
    assert_int_equal(capture_table_put(table, &err), RC_OK);
    assert_int_equal(capture_table_put(table, &err), RC_OK); // the values are gone
    assert_int_equal(capture_file_commit(file, &err), RC_OK);
    capture_file_close(file);
    assert_int_equal(number_of("new",
                               "SELECT count(*) FROM \"internal.operations\" WHERE status = 4 "
                               "AND caller_name = '' AND caller_sid = x''"),
                     3);
    assert_int_equal(number_of("new", "SELECT count(*) FROM \"internal.worker_agents\""), 2);
    assert_int_equal(number_of("new", "SELECT a FROM \"sandbox.limits\""), 7);
    assert_int_equal(capture_head_read(path_of("new"), &arena, &head, &err), RC_OK);
    assert_string_equal(head.server, "db1");
    assert_int_equal(head.now.offset_minutes, 60);
    assert_false(head.since.is_set);
    assert_true(head.has_all_messages);
    assert_int_equal(stat(path_of("new"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void test_capture__rows_that_are_read_anew_go(void **state)
{
    int64_t lost = 0;
    Err err = {0};

    (void)state;
    fill("again", 1, 10);
    CaptureFile *file = begin("again", 2);
    put_operations(file, 4, 6, 7);
    assert_int_equal(capture_file_lost(file, &lost, &err), RC_OK);
    assert_int_equal(lost, 7); // live, and not among what the server still has
    assert_int_equal(capture_file_clear(file, "internal.operations", "operation_id", &err), RC_OK);
    put_operations(file, 4, 5, 7);
    assert_int_equal(capture_file_permit(file, &err), RC_OK);
    assert_int_equal(capture_file_commit(file, &err), RC_OK);
    capture_file_close(file);
    assert_int_equal(number_of("again", "SELECT count(*) FROM \"internal.operations\""), 9);
    assert_int_equal(number_of("again", "SELECT count(*) FROM \"internal.operation_permissions\""),
                     9);
}

static void test_capture__a_part_that_comes_to_nothing_is_undone(void **state)
{
    Err err = {0};

    (void)state;
    fill("parts", 1, 10);
    CaptureFile *file = begin("parts", 2);
    assert_int_equal(capture_file_try(file, &err), RC_OK);
    assert_int_equal(capture_file_clear(file, "internal.operations", NULL, &err), RC_OK);
    put_operations(file, 11, 4000, 7);
    assert_int_equal(capture_file_undo(file, &err), RC_OK);
    assert_int_equal(capture_file_try(file, &err), RC_OK);
    put_operations(file, 11, 13, 7);
    assert_int_equal(capture_file_keep(file, &err), RC_OK);
    assert_int_equal(capture_file_commit(file, &err), RC_OK);
    capture_file_close(file);
    assert_int_equal(number_of("parts", "SELECT count(*) FROM \"internal.operations\""), 13);
    assert_int_equal(number_of("parts", "SELECT count(*) FROM \"capture.runs\""), 2);
}

/* The first value, where a server of this kind never has NULL. */
static void test_capture__what_is_wanted_and_empty_is_filled(void **state)
{
    static const char *const columns[] = {"operation_id", "status", "caller_name"};
    CaptureTable *table = NULL;
    Err err = {0};

    (void)state;
    CaptureFile *file = begin("filled", 1);
    assert_int_equal(capture_table_open(file, "internal.operations", columns, 3, 3, &table, &err),
                     RC_OK);
    capture_table_i64(table, 0, 1);
    assert_int_equal(capture_table_put(table, &err), RC_OK);
    assert_int_equal(capture_file_commit(file, &err), RC_OK);
    capture_file_close(file);
    assert_int_equal(number_of("filled", "SELECT count(*) FROM \"internal.operations\" WHERE "
                                         "status = 0 AND caller_name = ''"),
                     1);
}

static void test_capture__without_a_commit_nothing_was(void **state)
{
    CaptureFile *other = NULL;
    Err err = {0};

    (void)state;
    fill("left", 1, 10);
    CaptureFile *file = begin("left", 2);
    put_operations(file, 11, 5000, 2);
    assert_int_equal(capture_file_open(path_of("left"), path_of("template"), &other, &err),
                     RC_USAGE);
    assert_non_null(strstr(err.hint, "another capture is writing it"));
    capture_file_close(file);
    assert_int_equal(number_of("left", "SELECT count(*) FROM \"internal.operations\""), 10);
    assert_int_equal(number_of("left", "SELECT count(*) FROM \"capture.runs\""), 1);
}

/* Killed while much is written: more than SQLite keeps in memory, so that the file itself is
 * changed. */
static void test_capture__a_kill_at_any_instant_leaves_it_whole(void **state)
{
    (void)state;
    fill("killed", 1, 10);
    for (int turn = 0; turn < 12; turn++) {
        pid_t child = fork();
        if (child == 0) {
            CaptureFile *file = begin("killed", 2);
            put_operations(file, 1, 3000000, 9);
            _exit(1);
        }
        (void)usleep((useconds_t)turn * 40000);
        (void)kill(child, SIGKILL);
        (void)waitpid(child, NULL, 0);
        assert_int_equal(
            number_of("killed", "SELECT count(*) FROM \"internal.operations\" WHERE status = 2"),
            10);
        assert_int_equal(number_of("killed", "SELECT max(id) FROM \"capture.runs\""), 1);
    }
    fill("killed", 2, 20);
}

static void expect_refused(const char *name, const char *why)
{
    CaptureFile *file = NULL;
    CaptureHead head;
    Err err = {0};

    Rc rc = capture_file_open(path_of(name), path_of("template"), &file, &err);
    if (rc == RC_OK)
        rc = capture_file_shape(file, &err);
    capture_file_close(file);
    if (rc != RC_USAGE || !strstr(err.text, why) || !err.hint[0])
        fail_msg("%s: %d %s / %s", name, rc, err.text, err.hint);
    (void)!capture_head_read(path_of(name), &arena, &head, &err); // whatever it says, it survives
}

static void test_capture__other_files_are_refused_and_left(void **state)
{
    (void)state;
    make_database("foreign", "CREATE TABLE a (b); PRAGMA application_id = 7");
    expect_refused("foreign", "another program");
    make_database(
        "newer", "CREATE TABLE a (b); PRAGMA application_id = 1397967171; PRAGMA user_version = 2");
    expect_refused("newer", "newer ssisminer");
    fill("more", 1, 1);
    make_database("more", "CREATE TABLE more (a)");
    expect_refused("more", "another kind of server");
    fill("less", 1, 1);
    make_database("less", "DROP TABLE \"internal.worker_agents\"");
    expect_refused("less", "another kind of server");
    expect_refused("no/such", "no/such");
}

static void test_capture__a_file_to_be_read_is_looked_at_first(void **state)
{
    CaptureHead head;
    Err err = {0};

    (void)state;
    assert_int_equal(capture_head_read(path_of("none"), &arena, &head, &err), RC_USAGE);
    assert_int_equal(capture_head_read(folder, &arena, &head, &err), RC_USAGE);
    make_database("empty", "");
    assert_int_equal(capture_head_read(path_of("empty"), &arena, &head, &err), RC_USAGE);
    fill("view", 1, 1);
    make_database("view", "CREATE VIEW v AS SELECT 1");
    assert_int_equal(capture_head_read(path_of("view"), &arena, &head, &err), RC_USAGE);
    assert_non_null(strstr(err.text, "views or triggers"));
    fill("nothing", 1, 1);
    make_database("nothing", "DELETE FROM \"capture.runs\"");
    assert_int_equal(capture_head_read(path_of("nothing"), &arena, &head, &err), RC_USAGE);
    assert_non_null(strstr(err.text, "holds nothing yet"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(capture__takes_over_the_tables_and_fills_what_they_want),
        CASE(capture__rows_that_are_read_anew_go),
        CASE(capture__a_part_that_comes_to_nothing_is_undone),
        CASE(capture__what_is_wanted_and_empty_is_filled),
        CASE(capture__without_a_commit_nothing_was),
        CASE(capture__a_kill_at_any_instant_leaves_it_whole),
        CASE(capture__other_files_are_refused_and_left),
        CASE(capture__a_file_to_be_read_is_looked_at_first),
    };

    return cmocka_run_group_tests_name("store/capture", tests, NULL, NULL);
}
