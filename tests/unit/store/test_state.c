/* The state of a question: kept, compared, bounded, whole after a kill. */
#include "test.h"

#include "ssisminer/base/file.h"
#include "ssisminer/store/state.h"

#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static Arena arena;
static char *folder;
static const StateScope here = {"db1", "SSISDB", "report", "all"};

static int setup(void **state)
{
    Err err = {0};

    (void)state;
    return file_temp_dir("ssisminer-state-", &arena, &folder, &err) == RC_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    file_remove_tree(folder);
    arena_done(&arena);
    return 0;
}

static const char *path_of(const char *name)
{
    return arena_printf(&arena, "%s/%s", folder, name);
}

static Instant at(int64_t minute)
{
    return (Instant){.ticks = TICKS_UNIX_EPOCH + minute * 60 * TICKS_PER_SECOND, .is_set = true};
}

/* One run: what is new comes back as a text of its keys, and what is gone behind a bar. */
static const char *run_of(const StateScope *scope, int64_t minute, const char *keys, bool is_whole)
{
    StateFinding findings[64];
    size_t count = strlen(keys);
    char text[200];
    size_t len = 0;
    StateBefore before = {0};
    State *state = NULL;
    Err err = {0};

    for (size_t i = 0; i < count; i++)
        findings[i] = (StateFinding){.key = arena_copy(&arena, &keys[i], 1), .title = "t"};
    if (state_open(path_of("state"), &state, &err) != RC_OK ||
        state_compare(state, scope, at(minute), findings, count, &arena, &before, &err) != RC_OK ||
        state_save(state, scope, at(minute), findings, count, is_whole, &err) != RC_OK)
        fail_msg("%s", err.text);
    state_close(state);
    for (size_t i = 0; i < count; i++)
        if (findings[i].is_new)
            text[len++] = findings[i].key[0];
    text[len++] = '|';
    for (size_t i = 0; i < before.gone_count; i++)
        text[len++] = before.gone[i].key[0];
    return arena_copy(&arena, text, len);
}

static void test_state__new_recurring_and_gone(void **state)
{
    (void)state;
    assert_string_equal(run_of(&here, 0, "ab", true), "|"); // a first run knows nothing
    assert_string_equal(run_of(&here, 1, "abc", true), "c|");
    assert_string_equal(run_of(&here, 2, "ac", true), "|b");
    assert_string_equal(run_of(&here, 3, "ac", true), "|");   // gone is told once
    assert_string_equal(run_of(&here, 4, "abc", true), "b|"); // and back is new
    assert_string_equal(run_of(&here, 5, "b", false), "|ac"); // an answer with holes
    assert_string_equal(run_of(&here, 6, "abc", true), "|");  // takes nothing away
}

/* What nobody could look at: "a" is unseen, "b" is seen. */
static void test_state__what_is_unseen_stays_as_it_was(void **state)
{
    StateFinding findings[] = {{.key = "a", .title = "t", .is_unseen = true},
                               {.key = "b", .title = "t"},
                               {.key = "c", .title = "t", .is_unseen = true}};
    StateBefore before = {0};
    State *file = NULL;
    Err err = {0};

    (void)state;
    (void)run_of(&here, 0, "ab", true);
    assert_int_equal(state_open(path_of("state"), &file, &err), RC_OK);
    assert_int_equal(state_compare(file, &here, at(1), findings, 3, &arena, &before, &err), RC_OK);
    assert_int_equal(before.gone_count, 0);
    assert_false(findings[0].is_new);
    assert_false(findings[2].is_new);
    assert_int_equal(state_save(file, &here, at(1), findings, 3, true, &err), RC_OK);
    state_close(file);
    assert_string_equal(run_of(&here, 2, "abc", true), "c|"); // "c" was never seen
}

static void test_state__scopes_are_apart(void **state)
{
    const StateScope other = {"db1", "SSISDB", "report", "folder=Sales"};
    const StateScope server = {"db2", "SSISDB", "report", "all"};

    (void)state;
    (void)run_of(&here, 0, "a", true);
    assert_string_equal(run_of(&other, 1, "b", true), "|");
    assert_string_equal(run_of(&server, 2, "c", true), "|");
    assert_string_equal(run_of(&here, 3, "ab", true), "b|");
}

static void test_state__since_is_kept_while_it_goes_on(void **state)
{
    StateFinding finding = {.key = "a", .title = "t"};
    StateBefore before;
    State *file = NULL;
    Err err = {0};

    (void)state;
    (void)run_of(&here, 0, "a", true);
    (void)run_of(&here, 1, "a", true);
    assert_int_equal(state_open(path_of("state"), &file, &err), RC_OK);
    assert_int_equal(state_compare(file, &here, at(9), &finding, 1, &arena, &before, &err), RC_OK);
    assert_int_equal(finding.since.ticks, at(0).ticks);
    assert_int_equal(before.last_run.ticks, at(1).ticks);
    state_close(file);
}

static int64_t count_of(const char *name, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;

    assert_int_equal(sqlite3_open(path_of(name), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t count = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
    return count;
}

static void test_state__is_bounded(void **state)
{
    enum { COUNT = STATE_FINDINGS + 100 };
    StateFinding *findings = calloc(COUNT, sizeof(*findings));
    State *file = NULL;
    Err err = {0};

    (void)state;
    for (int i = 0; i < COUNT; i++)
        findings[i] = (StateFinding){.key = arena_printf(&arena, "%d", i), .title = "t"};
    assert_int_equal(state_open(path_of("state"), &file, &err), RC_OK);
    assert_int_equal(state_save(file, &here, at(0), findings, COUNT, true, &err), RC_OK);
    assert_int_equal(count_of("state", "SELECT count(*) FROM finding"), STATE_FINDINGS);
    const StateScope later = {"db2", "SSISDB", "report", "all"};
    Instant then = time_add(at(0), (STATE_DAYS + 1) * TICKS_PER_DAY);
    assert_int_equal(state_save(file, &later, then, findings, 1, true, &err), RC_OK);
    assert_int_equal(count_of("state", "SELECT count(*) FROM finding"), 1); // old scopes go
    state_close(file);
    free(findings);
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");

    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

static void assert_refused(const char *name, const char *words)
{
    State *file = NULL;
    Err err = {0};

    assert_int_equal(state_open(path_of(name), &file, &err), RC_USAGE);
    if (!strstr(err.text, words))
        fail_msg("'%s' does not say '%s'", err.text, words);
    assert_null(file);
}

static void make_database(const char *name, const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(path_of(name), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(db);
}

static void test_state__other_files_are_refused_and_left(void **state)
{
    Str text;
    Err err = {0};

    (void)state;
    write_file("text", "these are my notes, and no database at all, however long they may get\n");
    assert_refused("text", "cannot");
    assert_int_equal(file_read(path_of("text"), 1000, &arena, &text, &err), RC_OK);
    assert_true(str_begins(text, "these are my notes"));
    make_database("foreign", "CREATE TABLE mine (x); PRAGMA application_id = 7");
    assert_refused("foreign", "another program");
    make_database("plain", "CREATE TABLE mine (x)");
    assert_refused("plain", "another program");
    make_database("newer", "CREATE TABLE scope (x); PRAGMA application_id = 1397967181; PRAGMA "
                           "user_version = 2");
    assert_refused("newer", "newer");
    assert_int_equal(count_of("newer", "SELECT count(*) FROM sqlite_schema"), 1);
    assert_refused("no/such/folder", "cannot open");
    assert_refused(".", "cannot open");
}

static void test_state__nobody_else_may_read_it(void **state)
{
    struct stat status;

    (void)state;
    (void)run_of(&here, 0, "a", true);
    assert_int_equal(stat(path_of("state"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

/* A full disk: SQLite is told that the file may not grow. Nothing is lost. */
static void test_state__a_full_disk_changes_nothing(void **state)
{
    enum { COUNT = 2000 };
    StateFinding findings[COUNT];
    struct State {
        sqlite3 *db;
    } * inside;
    State *file = NULL;
    Err err = {0};

    (void)state;
    (void)run_of(&here, 0, "ab", true);
    for (int i = 0; i < COUNT; i++)
        findings[i] = (StateFinding){.key = arena_printf(&arena, "key %d", i), .title = "t"};
    assert_int_equal(state_open(path_of("state"), &file, &err), RC_OK);
    memcpy(&inside, &file, sizeof(inside));
    (void)sqlite3_exec(inside->db, "PRAGMA max_page_count = 8", NULL, NULL, NULL);
    assert_int_equal(state_save(file, &here, at(1), findings, COUNT, true, &err), RC_USAGE);
    assert_non_null(strstr(err.hint, "full"));
    state_close(file);
    assert_string_equal(run_of(&here, 2, "abc", true), "c|");
}

/* ---- several at once, and kills -------------------------------------------------------------- */

static void write_on(int seed, int first, int rounds)
{
    for (int i = first; i < first + rounds; i++) {
        StateFinding findings[40];
        StateBefore before;
        State *file = NULL;
        Err err = {0};
        for (int k = 0; k < 40; k++)
            findings[k] = (StateFinding){.key = arena_printf(&arena, "%d", (i + k + seed) % 60),
                                         .title = "some words that fill a page by and by"};
        const StateScope scope = {"db", "SSISDB", "report", seed % 2 ? "odd" : "even"};
        if (state_open(path_of("state"), &file, &err) != RC_OK ||
            state_compare(file, &scope, at(i), findings, 40, &arena, &before, &err) != RC_OK ||
            state_save(file, &scope, at(i), findings, 40, true, &err) != RC_OK)
            _exit(9);
        state_close(file);
        arena_reset(&arena);
        folder = getenv("STATE_FOLDER");
    }
    _exit(0);
}

static pid_t fork_writer(int seed, int first, int rounds)
{
    pid_t pid;

    (void)setenv("STATE_FOLDER", folder, 1);
    (void)fflush(NULL);
    pid = fork();
    if (pid == 0) {
        arena = (Arena){0};
        folder = getenv("STATE_FOLDER");
        write_on(seed, first, rounds);
    }
    return pid;
}

static int64_t count_whole(void)
{
    return count_of("state", "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = "
                             "'ok'");
}

static void test_state__several_runs_at_once_wait_for_each_other(void **state)
{
    pid_t writers[6];

    (void)state;
    for (int i = 0; i < 6; i++)
        writers[i] = fork_writer(i, 0, 8);
    for (int i = 0; i < 6; i++) {
        int status = 0;
        assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    assert_int_equal(count_whole(), 1);
    /* Of a scope the run that ended last is there, and no other. */
    assert_int_equal(count_of("state", "SELECT count(*) FROM (SELECT scope, sum(is_open) AS n FROM "
                                       "finding GROUP BY scope) WHERE n <> 40"),
                     0);
}

static void test_state__a_kill_at_any_instant_leaves_it_whole(void **state)
{
    unsigned random = 12345;
    int killed = 0;

    (void)state;
    (void)run_of(&here, 0, "a", true);
    for (int i = 0; i < 60; i++) {
        int status = 0;
        pid_t writer = fork_writer(0, 1000 * i + 1, 900);
        random = random * 1103515245 + 12345;
        const struct timespec wait = {.tv_nsec = (long)(random >> 8) % 25000000};
        (void)nanosleep(&wait, NULL);
        assert_int_equal(kill(writer, SIGKILL), 0);
        assert_int_equal(waitpid(writer, &status, 0), writer);
        killed += WIFSIGNALED(status);
        assert_int_equal(count_whole(), 1);
        assert_int_equal(
            count_of("state", "SELECT count(*) FROM (SELECT scope, sum(is_open) AS n FROM finding "
                              "GROUP BY scope) WHERE n <> 40 AND n <> 1"),
            0);
    }
    assert_int_equal(killed, 60);
    assert_string_equal(run_of(&here, 2, "ab", true), "b|"); // and what was there is there
}

static void test_state__auto_needs_a_home(void **state)
{
    const char *path = "x";
    Err err = {0};

    (void)state;
    (void)unsetenv("XDG_STATE_HOME");
    (void)unsetenv("HOME");
    assert_int_equal(state_auto_path(&arena, &path, &err), RC_OK);
    assert_null(path);
    (void)setenv("XDG_STATE_HOME", "relative", 1);
    assert_int_equal(state_auto_path(&arena, &path, &err), RC_OK);
    assert_null(path);
    (void)setenv("HOME", folder, 1);
    assert_int_equal(state_auto_path(&arena, &path, &err), RC_OK);
    assert_string_equal(path, path_of(".local/state/ssisminer/state.sqlite"));
    (void)setenv("XDG_STATE_HOME", path_of("xdg"), 1);
    assert_int_equal(state_auto_path(&arena, &path, &err), RC_OK);
    assert_string_equal(path, path_of("xdg/ssisminer/state.sqlite"));
    assert_int_equal(access(path_of("xdg/ssisminer"), W_OK), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(state__new_recurring_and_gone),
        CASE(state__what_is_unseen_stays_as_it_was),
        CASE(state__scopes_are_apart),
        CASE(state__since_is_kept_while_it_goes_on),
        CASE(state__is_bounded),
        CASE(state__other_files_are_refused_and_left),
        CASE(state__nobody_else_may_read_it),
        CASE(state__a_full_disk_changes_nothing),
        CASE(state__several_runs_at_once_wait_for_each_other),
        CASE(state__a_kill_at_any_instant_leaves_it_whole),
        CASE(state__auto_needs_a_home),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
