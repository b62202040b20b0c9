/* What the last run of a question found, kept in a SQLite file for the next. */
#include "ssisminer/store/state.h"

#include "sqlite.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/str.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    APPLICATION_ID = 0x5353494D, // "SSIM"
    LAYOUT = 1,                  // user_version
    BUSY_MS = 10000
};
_Static_assert(BUSY_MS == 10000, "the hint to one that is held says 10 s");

struct State {
    StoreFile file;
};

/* ---- statements ------------------------------------------------------------------------------ */

static void bind_text(sqlite3_stmt *statement, int place, const char *text)
{
    (void)sqlite3_bind_text(statement, place, text ? text : "", -1, SQLITE_TRANSIENT);
}

/* ---- the file -------------------------------------------------------------------------------- */

static const char layout[] =
    "CREATE TABLE scope (id INTEGER PRIMARY KEY, server TEXT NOT NULL, database TEXT NOT NULL, "
    "command TEXT NOT NULL, question TEXT NOT NULL, last_run INTEGER NOT NULL, "
    "run INTEGER NOT NULL, "
    "UNIQUE (server, database, command, question));"
    "CREATE TABLE finding (scope INTEGER NOT NULL REFERENCES scope ON DELETE CASCADE, "
    "key TEXT NOT NULL, title TEXT NOT NULL, since INTEGER NOT NULL, last INTEGER NOT NULL, "
    "run INTEGER NOT NULL, is_open INTEGER NOT NULL, PRIMARY KEY (scope, key)) WITHOUT ROWID;"
    "PRAGMA application_id = 1397967181;"
    "PRAGMA user_version = 1;";

/* Within a transaction: two runs may make the same file. */
static Rc resolve_layout(State *state, Err *err)
{
    bool is_new = false;

    TRY(store_know(&state->file, APPLICATION_ID, LAYOUT, &is_new, err));
    return is_new ? store_run(&state->file, layout, err) : RC_OK;
}

static void roll_back(State **state)
{
    if (*state && !sqlite3_get_autocommit((*state)->file.db))
        (void)sqlite3_exec((*state)->file.db, "ROLLBACK", NULL, NULL, NULL);
}

static Rc prepare_file(State *given, Err *err)
{
    AUTO(roll_back) State *state = given;

    (void)sqlite3_busy_timeout(state->file.db, BUSY_MS);
    TRY(store_run(&state->file,
                  "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; BEGIN IMMEDIATE", err));
    TRY(resolve_layout(state, err));
    return store_run(&state->file, "COMMIT", err);
}

Rc state_open(const char *path, State **ret_state, Err *err)
{
    AUTO(state_close_at) State *state = mem_alloc(sizeof(*state));

    state->file = (StoreFile){.path = mem_text(path),
                              .kind = "state",
                              .full = "is the disk full? Nothing was changed: free some space",
                              .busy = "another run has held it for 10 s: try again"};
    TRY(store_make(&state->file, err));
    if (sqlite3_open_v2(path, &state->file.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW,
                        NULL) != SQLITE_OK)
        return store_fail(&state->file, "open", err);
    TRY(prepare_file(state, err));
    *ret_state = state;
    state = NULL;
    return RC_OK;
}

void state_close(State *state)
{
    if (!state)
        return;
    store_close(&state->file);
    free(state);
}

void state_close_at(State **state)
{
    state_close(*state);
}

/* ---- where it is ----------------------------------------------------------------------------- */

static Rc make_folders(char *path, Err *err)
{
    for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        bool is_there = mkdir(path, S_IRWXU) == 0 || errno == EEXIST;
        if (!is_there)
            return FAIL(err, RC_USAGE, "cannot make the folder '%s' of the state: %s", path,
                        strerror(errno));
        *at = '/';
    }
    return RC_OK;
}

Rc state_auto_path(Arena *arena, const char **ret_path, Err *err)
{
    const char *state_home = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char *path;

    *ret_path = NULL;
    if (state_home && state_home[0] == '/')
        path = arena_printf(arena, "%s/ssisminer/state.sqlite", state_home);
    else if (home && home[0] == '/')
        path = arena_printf(arena, "%s/.local/state/ssisminer/state.sqlite", home);
    else
        return RC_OK;
    TRY(make_folders(path, err));
    *ret_path = path;
    return RC_OK;
}

/* ---- comparing ------------------------------------------------------------------------------- */

static void bind_scope(sqlite3_stmt *statement, const StateScope *scope)
{
    bind_text(statement, 1, scope->server);
    bind_text(statement, 2, scope->database);
    bind_text(statement, 3, scope->command);
    bind_text(statement, 4, scope->question);
}

static Instant instant(int64_t ticks)
{
    return (Instant){.ticks = ticks, .is_set = true};
}

/* 0: this scope had no run yet. */
static Rc find_scope(State *state, const StateScope *scope, int64_t *ret_id, Instant *ret_last,
                     Err *err)
{
    AUTO(store_statement_done) sqlite3_stmt *statement = NULL;

    TRY(store_prepare(
        &state->file,
        "SELECT id, last_run FROM scope WHERE server = ? AND database = ? AND command = ? "
        "AND question = ?",
        &statement, err));
    bind_scope(statement, scope);
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_ROW)
        return rc == SQLITE_DONE ? RC_OK : store_fail(&state->file, "read", err);
    *ret_id = sqlite3_column_int64(statement, 0);
    *ret_last = instant(sqlite3_column_int64(statement, 1));
    return RC_OK;
}

static int by_key(const void *a, const void *b)
{
    return strcmp((*(StateFinding *const *)a)->key, (*(StateFinding *const *)b)->key);
}

static StateFinding *find(StateFinding **sorted, size_t count, const char *key)
{
    StateFinding like = {.key = key}, *place = &like;
    StateFinding **found =
        count ? bsearch(&place, sorted, count, sizeof(StateFinding *), by_key) : NULL;

    return found ? *found : NULL;
}

static const char *column_text(sqlite3_stmt *statement, int column, Arena *arena)
{
    return arena_text(arena, (const char *)sqlite3_column_text(statement, column));
}

static Rc read_open(State *state, int64_t scope, StateFinding **sorted, size_t count, Arena *arena,
                    StateBefore *before, Err *err)
{
    AUTO(store_statement_done) sqlite3_stmt *statement = NULL;
    StateGone *gone = NULL;
    int rc;

    TRY(store_prepare(&state->file,
                      "SELECT key, title, since, last FROM finding WHERE scope = ? AND is_open = 1 "
                      "ORDER BY last DESC, key",
                      &statement, err));
    (void)sqlite3_bind_int64(statement, 1, scope);
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *key = column_text(statement, 0, arena);
        StateFinding *finding = find(sorted, count, key);
        Instant since = instant(sqlite3_column_int64(statement, 2));
        if (finding) {
            finding->is_new = false;
            finding->since = since;
            continue;
        }
        *ARENA_PUSH(arena, gone, before->gone_count) =
            (StateGone){key, column_text(statement, 1, arena), since,
                        instant(sqlite3_column_int64(statement, 3))};
    }
    before->gone = gone;
    return rc == SQLITE_DONE ? RC_OK : store_fail(&state->file, "read", err);
}

Rc state_compare(State *state, const StateScope *scope, Instant now, StateFinding *findings,
                 size_t count, Arena *arena, StateBefore *ret_before, Err *err)
{
    AUTO(mem_free_at) StateFinding **sorted = mem_alloc((count + 1) * sizeof(StateFinding *));
    StateBefore before = {0};
    int64_t id = 0;

    TRY(find_scope(state, scope, &id, &before.last_run, err));
    for (size_t i = 0; i < count; i++) {
        findings[i].is_new = id != 0 && !findings[i].is_unseen; // of a first run nothing is
        findings[i].since = now;
        sorted[i] = &findings[i];
    }
    if (count > 0)
        qsort(sorted, count, sizeof(StateFinding *), by_key);
    if (id != 0)
        TRY(read_open(state, id, sorted, count, arena, &before, err));
    *ret_before = before;
    return RC_OK;
}

/* ---- saving ---------------------------------------------------------------------------------- */

/* The number of this run, by which those are told apart: two may come at one time, and clocks go
 * back. */
static Rc save_scope(State *state, const StateScope *scope, Instant now, int64_t *ret_id,
                     int64_t *ret_run, Err *err)
{
    AUTO(store_statement_done) sqlite3_stmt *statement = NULL;

    TRY(store_prepare(
        &state->file,
        "INSERT INTO scope (server, database, command, question, last_run, run) VALUES (?, "
        "?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET last_run = excluded.last_run, run = run "
        "+ 1 RETURNING id, run",
        &statement, err));
    bind_scope(statement, scope);
    (void)sqlite3_bind_int64(statement, 5, now.ticks);
    if (sqlite3_step(statement) != SQLITE_ROW)
        return store_fail(&state->file, "write", err);
    *ret_id = sqlite3_column_int64(statement, 0);
    *ret_run = sqlite3_column_int64(statement, 1);
    return sqlite3_step(statement) == SQLITE_DONE ? RC_OK : store_fail(&state->file, "write", err);
}

/* What was gone and is back begins anew. */
static Rc save_findings(State *state, int64_t scope, int64_t number, Instant now,
                        const StateFinding *findings, size_t count, Err *err)
{
    AUTO(store_statement_done) sqlite3_stmt *statement = NULL;

    TRY(store_prepare(
        &state->file,
        "INSERT INTO finding (scope, key, title, since, last, run, is_open) VALUES (?1, "
        "?2, ?3, ?4, ?4, ?5, 1) ON CONFLICT DO UPDATE SET title = excluded.title, since = "
        "CASE WHEN is_open THEN since ELSE excluded.since END, last = excluded.last, run = "
        "excluded.run, is_open = 1",
        &statement, err));
    for (size_t i = 0; i < count; i++) {
        if (findings[i].is_unseen)
            continue;
        (void)sqlite3_bind_int64(statement, 1, scope);
        bind_text(statement, 2, findings[i].key);
        bind_text(statement, 3, findings[i].title);
        (void)sqlite3_bind_int64(statement, 4, now.ticks);
        (void)sqlite3_bind_int64(statement, 5, number);
        TRY(store_step(&state->file, statement, err));
    }
    return RC_OK;
}

/* It is of this run, so that it is not gone; when it was last seen stays. */
static Rc keep_unseen(State *state, int64_t scope, int64_t number, const StateFinding *findings,
                      size_t count, Err *err)
{
    AUTO(store_statement_done) sqlite3_stmt *statement = NULL;

    TRY(store_prepare(&state->file,
                      "UPDATE finding SET run = ?2 WHERE scope = ?1 AND key = ?3 AND is_open = 1",
                      &statement, err));
    for (size_t i = 0; i < count; i++) {
        if (!findings[i].is_unseen)
            continue;
        (void)sqlite3_bind_int64(statement, 1, scope);
        (void)sqlite3_bind_int64(statement, 2, number);
        bind_text(statement, 3, findings[i].key);
        TRY(store_step(&state->file, statement, err));
    }
    return RC_OK;
}

static Rc with_two(State *state, const char *sql, int64_t first, int64_t second, Err *err)
{
    AUTO(store_statement_done) sqlite3_stmt *statement = NULL;

    TRY(store_prepare(&state->file, sql, &statement, err));
    (void)sqlite3_bind_int64(statement, 1, first);
    (void)sqlite3_bind_int64(statement, 2, second);
    return store_step(&state->file, statement, err);
}

static Rc prune(State *state, int64_t scope, Instant now, Err *err)
{
    int64_t oldest = now.ticks - STATE_DAYS * TICKS_PER_DAY;

    TRY(with_two(state,
                 "DELETE FROM finding WHERE scope = ?1 AND key IN (SELECT key FROM finding WHERE "
                 "scope = ?1 ORDER BY last DESC, key LIMIT -1 OFFSET ?2)",
                 scope, STATE_FINDINGS, err));
    TRY(with_two(state, "DELETE FROM finding WHERE last < ?2 AND scope = ?1", scope, oldest, err));
    return with_two(state,
                    "DELETE FROM scope WHERE last_run < ?1 OR id IN (SELECT id FROM scope ORDER BY "
                    "last_run DESC, id LIMIT -1 OFFSET ?2)",
                    oldest, STATE_SCOPES, err);
}

Rc state_save(State *given, const StateScope *scope, Instant now, const StateFinding *findings,
              size_t count, bool is_whole, Err *err)
{
    AUTO(roll_back) State *state = given;
    int64_t id = 0, number = 0;

    TRY(store_run(&state->file, "BEGIN IMMEDIATE", err));
    TRY(save_scope(state, scope, now, &id, &number, err));
    TRY(save_findings(state, id, number, now, findings, count, err));
    TRY(keep_unseen(state, id, number, findings, count, err));
    if (is_whole)
        TRY(with_two(state, "UPDATE finding SET is_open = 0 WHERE scope = ?1 AND run <> ?2", id,
                     number, err));
    TRY(prune(state, id, now, err));
    return store_run(&state->file, "COMMIT", err);
}
