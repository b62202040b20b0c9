/* A capture as a SQLite file: made, taken up again, filled in one transaction. */
#include "ssisminer/store/capture.h"

#include "capture_file.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/utf.h"

#include <ctype.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    APPLICATION_ID = 0x53534943, // "SSIC"
    LAYOUT = 1,                  // user_version
    BUSY_MS = 5000,
    SQL_MAX = 64 * 1024
};

struct CaptureTable {
    CaptureTable *next;
    CaptureFile *file;
    sqlite3_stmt *insert;
    int64_t rows;
};

/* ---- opening --------------------------------------------------------------------------------- */

/* The collation of the engine's texts, for the indexes on them. */
static int collate(void *unused, int a_len, const void *a, int b_len, const void *b)
{
    (void)unused;
    return utf_compare((Str){a, (size_t)a_len}, (Str){b, (size_t)b_len});
}

/* Nothing in the file is run, and none of it is believed. EXTRA: the folder is synced too, so that
 * no journal comes back to undo what was committed. */
static Rc resolve_connection(CaptureFile *file, Err *err)
{
    static const char pragmas[] =
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; "
        "PRAGMA foreign_keys = OFF; PRAGMA temp_store = FILE; PRAGMA synchronous = EXTRA;";

    (void)sqlite3_busy_timeout(file->base.db, BUSY_MS);
    (void)sqlite3_db_config(file->base.db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(file->base.db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    (void)sqlite3_db_config(file->base.db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    if (sqlite3_create_collation_v2(file->base.db, "TSQL", SQLITE_UTF8, NULL, collate, NULL) !=
        SQLITE_OK)
        return store_fail(&file->base, "open", err);
    TRY(store_run(&file->base, pragmas, err));
    if (sqlite3_exec(file->base.db, "PRAGMA cache_size = -4096", NULL, NULL, NULL) != SQLITE_OK)
        return store_fail(&file->base, "open", err);
    return RC_OK;
}

static CaptureFile *new_file(const char *path, bool is_archive)
{
    static const StoreFile
        capture =
            {.kind = "capture",
             .full = "is the disk full? The file is as it was before: free some space and capture "
                     "again",
             .busy =
                 "another capture is writing it, or somebody is reading it: try again when that is "
                 "over"},
        archive = {.kind = "archive",
                   .full = "is the disk full? Nothing went that is not in the archive: free some "
                           "space and run again",
                   .busy = "another run is writing it, or somebody is reading it: try again when "
                           "that is over"};
    CaptureFile *file = mem_alloc(sizeof(*file));

    file->base = is_archive ? archive : capture;
    file->base.path = mem_text(path);
    file->is_archive = is_archive;
    return file;
}

/* From before the transaction on: SQLite attaches nothing within one. */
static Rc attach(CaptureFile *file, const char *template_path, Err *err)
{
    AUTO(store_statement_done) sqlite3_stmt *statement = NULL;

    TRY(store_prepare(&file->base, "ATTACH ?1 AS template", &statement, err));
    (void)sqlite3_bind_text(statement, 1, template_path, -1, SQLITE_TRANSIENT);
    return store_step(&file->base, statement, err);
}

static Rc open_file(CaptureFile *given, const char *template_path, CaptureFile **ret_file, Err *err)
{
    AUTO(capture_file_close_at) CaptureFile *file = given;

    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); // nobody asks; and counting takes a lock
    TRY(store_make(&file->base, err));
    if (sqlite3_open_v2(file->base.path, &file->base.db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
                        NULL) != SQLITE_OK)
        return store_fail(&file->base, "open", err);
    TRY(resolve_connection(file, err));
    TRY(attach(file, template_path, err));
    TRY(store_run(&file->base,
                  "PRAGMA main.page_size = 16384; " // of a new file: a fourth of the calls
                  "PRAGMA main.journal_mode = DELETE; "
                  "BEGIN IMMEDIATE",
                  err));
    TRY(store_know(&file->base, APPLICATION_ID, LAYOUT, &file->is_new, err));
    *ret_file = file;
    file = NULL;
    return RC_OK;
}

Rc capture_file_open(const char *path, const char *template_path, CaptureFile **ret_file, Err *err)
{
    return open_file(new_file(path, false), template_path, ret_file, err);
}

Rc capture_file_open_archive(const char *path, const char *template_path, CaptureFile **ret_file,
                             Err *err)
{
    return open_file(new_file(path, true), template_path, ret_file, err);
}

void capture_file_drop_tables(CaptureFile *file)
{
    while (file->tables) {
        CaptureTable *table = file->tables;
        file->tables = table->next;
        (void)sqlite3_finalize(table->insert);
        free(table);
    }
}

void capture_file_close(CaptureFile *file)
{
    if (!file)
        return;
    capture_file_drop_tables(file);
    (void)sqlite3_finalize(file->reread);
    (void)sqlite3_finalize(file->known);
    (void)sqlite3_finalize(file->told);
    (void)sqlite3_finalize(file->archived);
    store_close(&file->base);
    free(file->program);
    free(file);
}

void capture_file_close_at(CaptureFile **file)
{
    capture_file_close(*file);
}

/* ---- whose it is ----------------------------------------------------------------------------- */

static const char *column_text(sqlite3_stmt *statement, int column, Arena *arena)
{
    const unsigned char *text = sqlite3_column_text(statement, column);

    return arena_copy(arena, text ? (const char *)text : "",
                      (size_t)sqlite3_column_bytes(statement, column));
}

/* What it asks for may not have been there in a version before, nor may it be in a later one. */
static Rc prepare_head(CaptureFile *file, const char *sql, sqlite3_stmt **ret_statement, Err *err)
{
    if (sqlite3_prepare_v2(file->base.db, sql, -1, ret_statement, NULL) == SQLITE_OK)
        return RC_OK;
    if ((sqlite3_errcode(file->base.db) & 0xff) != SQLITE_ERROR)
        return store_fail(&file->base, "read", err);
    (void)FAIL(err, RC_USAGE, "the %s '%s' is of another version of ssisminer: %s", file->base.kind,
               file->base.path, sqlite3_errmsg(file->base.db));
    return err_hint(err,
                    "nothing in it was changed: the version that made it reads it; %s into a new "
                    "file",
                    file->is_archive ? "archive" : "capture");
}

Rc capture_file_head(CaptureFile *file, Arena *arena, CaptureHead *ret_head, Err *err)
{
    AUTO(store_statement_done) sqlite3_stmt *statement = NULL;

    *ret_head = (CaptureHead){0};
    if (file->is_new)
        return RC_OK;
    TRY(prepare_head(
        file,
        "SELECT id, server_name, database_name, flavor, began, since, holds_all_messages, "
        "program, key_id, "
        "(SELECT answer FROM \"capture.answers\" WHERE question = "
        "'HAS_PERMS_BY_NAME(internal,SCHEMA,SELECT)'), "
        "(SELECT answer FROM \"capture.answers\" WHERE question = '" ARCHIVE_OF "') "
        "FROM \"capture.runs\" ORDER BY id DESC LIMIT 1",
        &statement, err));
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_ROW)
        return rc == SQLITE_DONE ? RC_OK : store_fail(&file->base, "read", err);
    *ret_head = (CaptureHead){.run = sqlite3_column_int64(statement, 0),
                              .server = column_text(statement, 1, arena),
                              .database = column_text(statement, 2, arena),
                              .flavor = column_text(statement, 3, arena),
                              .now = column_time(statement, 4),
                              .since = column_time(statement, 5),
                              .has_all_messages = sqlite3_column_int(statement, 6) != 0,
                              .program = column_text(statement, 7, arena),
                              .key_id = column_text(statement, 8, arena),
                              .reads_tables = sqlite3_column_int(statement, 9) != 0,
                              .is_archive = sqlite3_column_type(statement, 10) != SQLITE_NULL,
                              .has_all_operations = sqlite3_column_int(statement, 10) != 0};
    free(file->program);
    file->program = mem_text(ret_head->program);
    return RC_OK;
}

/* ---- its tables ------------------------------------------------------------------------------ */

/* SQLite's own tables come by themselves. */
#define DECLARED " WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"

/* What the template declares of that type, and the rows that its tables have. */
static Rc take_over(CaptureFile *file, const char *type, Err *err)
{
    AUTO(store_statement_done) sqlite3_stmt *all = NULL;
    int rc;

    TRY(store_prepare(&file->base,
                      "SELECT sql, name FROM template.sqlite_schema" DECLARED " AND type = ?1 "
                      "ORDER BY rowid",
                      &all, err));
    (void)sqlite3_bind_text(all, 1, type, -1, SQLITE_STATIC);
    while ((rc = sqlite3_step(all)) == SQLITE_ROW) {
        TRY(store_run(&file->base, (const char *)sqlite3_column_text(all, 0), err));
        if (strcmp(type, "table") != 0)
            continue;
        char *copy = sqlite3_mprintf("INSERT INTO main.\"%w\" SELECT * FROM template.\"%w\"",
                                     sqlite3_column_text(all, 1), sqlite3_column_text(all, 1));
        Rc copied = copy ? store_run(&file->base, copy, err) : FAIL(err, RC_USAGE, "out of memory");
        sqlite3_free(copy);
        TRY(copied);
    }
    return rc == SQLITE_DONE ? RC_OK : store_fail(&file->base, "read", err);
}

/* Its indexes come when the rows are there, which costs less than to keep them up to date. */
static Rc begin_new(CaptureFile *file, Err *err)
{
    TRY(take_over(file, "table", err));
    return store_run(&file->base, "PRAGMA application_id = 1397967171; PRAGMA user_version = 1",
                     err);
}

static Rc compare(CaptureFile *file, Err *err)
{
    int64_t others = 0;

    TRY(store_number(&file->base,
                     "SELECT (SELECT count(*) FROM (SELECT sql FROM main.sqlite_schema" DECLARED
                     " EXCEPT SELECT sql FROM template.sqlite_schema))"
                     " + (SELECT count(*) FROM (SELECT sql FROM template.sqlite_schema" DECLARED
                     " EXCEPT SELECT sql FROM main.sqlite_schema))",
                     &others, err));
    if (others == 0)
        return RC_OK;
    (void)FAIL(err, RC_USAGE,
               "the %s '%s' has the tables of another kind of server, or of another version: "
               "it was made by %s",
               file->base.kind, file->base.path, file->program ? file->program : "another program");
    return err_hint(err,
                    "nothing in it was changed: %s into a new file; whichever version made the old "
                    "one reads it with --from",
                    file->is_archive ? "archive" : "capture");
}

Rc capture_file_shape(CaptureFile *file, Err *err)
{
    TRY(file->is_new ? begin_new(file, err) : compare(file, err));
    TRY(store_run(&file->base,
                  "CREATE TEMP TABLE reread (id INTEGER PRIMARY KEY); "
                  "CREATE TEMP TABLE archived (id INTEGER PRIMARY KEY)",
                  err));
    return store_prepare(&file->base, "INSERT OR IGNORE INTO temp.reread (id) VALUES (?)",
                         &file->reread, err);
}

/* ---- a run ----------------------------------------------------------------------------------- */

Rc capture_file_begin(CaptureFile *file, const CaptureHead *head, Err *err)
{
    AUTO(store_statement_done) sqlite3_stmt *insert = NULL;

    TRY(store_prepare(
        &file->base,
        "INSERT INTO \"capture.runs\" (id, server_name, database_name, flavor, began, since, "
        "holds_all_messages, program, key_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        &insert, err));
    (void)sqlite3_bind_int64(insert, 1, head->run);
    (void)sqlite3_bind_text(insert, 2, head->server, -1, SQLITE_TRANSIENT);
    (void)sqlite3_bind_text(insert, 3, head->database, -1, SQLITE_TRANSIENT);
    (void)sqlite3_bind_text(insert, 4, head->flavor, -1, SQLITE_TRANSIENT);
    bind_time(insert, 5, head->now);
    bind_time(insert, 6, head->since);
    (void)sqlite3_bind_int(insert, 7, head->has_all_messages);
    (void)sqlite3_bind_text(insert, 8, head->program, -1, SQLITE_TRANSIENT);
    (void)sqlite3_bind_text(insert, 9, head->key_id ? head->key_id : "", -1, SQLITE_TRANSIENT);
    return store_step(&file->base, insert, err);
}

Rc capture_file_commit(CaptureFile *file, Err *err)
{
    if (file->is_new)
        TRY(take_over(file, "index", err));
    TRY(store_run(&file->base, "COMMIT", err));
    file->is_new = false;
    return RC_OK;
}

Rc capture_file_reread(CaptureFile *file, int64_t operation, Err *err)
{
    (void)sqlite3_bind_int64(file->reread, 1, operation);
    return store_step(&file->base, file->reread, err);
}

Rc capture_file_try(CaptureFile *file, Err *err)
{
    return store_run(&file->base, "SAVEPOINT part", err);
}

Rc capture_file_keep(CaptureFile *file, Err *err)
{
    return store_run(&file->base, "RELEASE part", err);
}

Rc capture_file_undo(CaptureFile *file, Err *err)
{
    return store_run(&file->base, "ROLLBACK TO part; RELEASE part", err);
}

Rc capture_file_left_out(CaptureFile *file, const char *what, bool *ret_is, Err *err)
{
    AUTO(store_statement_done) sqlite3_stmt *statement = NULL;

    TRY(store_prepare(&file->base, "SELECT 1 FROM main.\"capture.left_out\" WHERE what = ?",
                      &statement, err));
    (void)sqlite3_bind_text(statement, 1, what, -1, SQLITE_TRANSIENT);
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return store_fail(&file->base, "read", err);
    *ret_is = rc == SQLITE_ROW;
    return RC_OK;
}

Rc capture_file_clear(CaptureFile *file, const char *table, const char *key, Err *err)
{
    char *sql = key ? sqlite3_mprintf("DELETE FROM main.\"%w\" WHERE \"%w\" IN (SELECT id FROM "
                                      "temp.reread)",
                                      table, key)
                    : sqlite3_mprintf("DELETE FROM main.\"%w\"", table);
    Rc rc = sql ? store_run(&file->base, sql, err) : FAIL(err, RC_USAGE, "out of memory");

    sqlite3_free(sql);
    return rc;
}

Rc capture_file_clear_orphans(CaptureFile *file, Err *err)
{
    return store_run(
        &file->base,
        "DELETE FROM main.\"internal.operation_messages_scaleout\" WHERE operation_id NOT IN "
        "(SELECT operation_id FROM main.\"internal.operations\")",
        err);
}

Rc capture_file_lost(CaptureFile *file, int64_t *ret_count, Err *err)
{
    return store_number(
        &file->base,
        "SELECT count(*) FROM main.\"internal.operations\" WHERE status IN (2, 5, 8) "
        "AND operation_id NOT IN (SELECT id FROM temp.reread)",
        ret_count, err);
}

Rc capture_file_permit(CaptureFile *file, Err *err)
{
    return store_run(
        &file->base,
        "DELETE FROM main.\"internal.operation_permissions\"; "
        "INSERT INTO main.\"internal.operation_permissions\" (sid, object_id, "
        "permission_type, is_role, is_deny, grantor_sid) SELECT x'01', operation_id, 1, 0, "
        "0, x'01' FROM main.\"internal.operations\"; "
        "INSERT OR REPLACE INTO main.\"capture.answers\" (question, answer) VALUES "
        "('SUSER_SID()', x'01')",
        err);
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* "worker_agent_id" and "WorkerAgentId" are one name. */
static bool is_same_name(const char *a, const char *b)
{
    for (; *a || *b; a++, b++) {
        a += *a == '_';
        b += *b == '_';
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (!*a)
            return true;
    }
    return true;
}

static const char *filler(const char *type)
{
    return strncmp(type, "TEXT", 4) == 0 ? "''" : strcmp(type, "BLOB") == 0 ? "x''" : "0";
}

/* The columns of the table in the order given, and those that it wants besides. What another server
 * leaves empty, and this kind never does, is filled. */
static Rc put_insert(CaptureFile *file, const char *table, const char *const *columns, size_t count,
                     size_t must, Buf *sql, Err *err)
{
    AUTO(store_statement_done) sqlite3_stmt *all = NULL;
    AUTO(buf_done) Buf values = BUF(SQL_MAX);
    size_t found = 0; // of those that have to be there

    TRY(store_prepare(&file->base, "SELECT name, type, \"notnull\" FROM pragma_table_info(?1)",
                      &all, err));
    (void)sqlite3_bind_text(all, 1, table, -1, SQLITE_TRANSIENT);
    buf_printf(sql, "INSERT OR REPLACE INTO main.\"%s\" (", table);
    while (sqlite3_step(all) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(all, 0);
        size_t at = 0;
        while (at < count && !is_same_name(name, columns[at]))
            at++;
        found += at < must;
        bool is_wanted = sqlite3_column_int(all, 2) != 0;
        const char *fill = filler((const char *)sqlite3_column_text(all, 1));
        if (at == count && !is_wanted)
            continue;
        buf_printf(sql, "%s\"%s\"", values.len ? ", " : "", name);
        buf_puts(&values, values.len ? ", " : "");
        if (at == count)
            buf_puts(&values, fill);
        else
            buf_printf(&values, is_wanted ? "coalesce(?%zu, %s)" : "?%zu", at + 1, fill);
    }
    buf_printf(sql, ") VALUES (%s)", buf_text(&values));
    if (found != must)
        return FAIL(err, RC_QUERY, "the table '%s' of the capture lacks a column", table);
    return RC_OK;
}

Rc capture_table_open(CaptureFile *file, const char *table, const char *const *columns,
                      size_t count, size_t must, CaptureTable **ret_table, Err *err)
{
    AUTO(buf_done) Buf sql = BUF(SQL_MAX);
    sqlite3_stmt *insert = NULL;

    TRY(put_insert(file, table, columns, count, must, &sql, err));
    TRY(store_prepare(&file->base, buf_text(&sql), &insert, err));
    CaptureTable *made = mem_alloc(sizeof(*made));
    *made = (CaptureTable){.next = file->tables, .file = file, .insert = insert};
    file->tables = made;
    *ret_table = made;
    return RC_OK;
}

void capture_table_i64(CaptureTable *table, size_t column, int64_t value)
{
    (void)sqlite3_bind_int64(table->insert, (int)column + 1, value);
}

void capture_table_f64(CaptureTable *table, size_t column, double value)
{
    (void)sqlite3_bind_double(table->insert, (int)column + 1, value);
}

void capture_table_text(CaptureTable *table, size_t column, Str text)
{
    if (text.at)
        (void)sqlite3_bind_text64(table->insert, (int)column + 1, text.at, text.len, SQLITE_STATIC,
                                  SQLITE_UTF8);
}

void capture_table_time(CaptureTable *table, size_t column, Instant time)
{
    bind_time(table->insert, (int)column + 1, time);
}

Rc capture_table_put(CaptureTable *table, Err *err)
{
    TRY(store_step(&table->file->base, table->insert, err));
    (void)sqlite3_clear_bindings(table->insert);
    table->rows++;
    return RC_OK;
}

int64_t capture_table_rows(const CaptureTable *table)
{
    return table->rows;
}

/* ---- a file that is to be read --------------------------------------------------------------- */

static Rc check_readable(CaptureFile *file, Arena *arena, CaptureHead *head, Err *err)
{
    int64_t others = 0;

    TRY(resolve_connection(file, err));
    TRY(store_know(&file->base, APPLICATION_ID, LAYOUT, &file->is_new, err));
    if (file->is_new)
        return store_refuse(&file->base, "is empty", "'ssisminer capture -o' makes one", err);
    TRY(store_number(&file->base,
                     "SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table', 'index')",
                     &others, err));
    if (others > 0)
        return store_refuse(&file->base, "holds views or triggers, which no capture does",
                            "take it from somebody you trust", err);
    TRY(capture_file_head(file, arena, head, err));
    if (head->run == 0)
        return store_refuse(&file->base, "holds nothing yet", "'ssisminer capture -o' fills it",
                            err);
    return RC_OK;
}

/* Such a file begins with what stream writes first. */
static bool is_stream(const char *path)
{
    static const char first[] = "{\"table\":\"capture_begin\"";
    char begin[sizeof(first) - 1];
    FILE *in = fopen(path, "re");

    if (!in)
        return false;
    bool is = fread(begin, sizeof(begin), 1, in) == 1 && memcmp(begin, first, sizeof(begin)) == 0;
    (void)fclose(in);
    return is;
}

/* To write, where that is allowed: a capture that was killed left a journal, by which the file is
 * made whole again. */
static Rc open_to_read(CaptureFile *given, Arena *arena, CaptureHead *ret_head,
                       CaptureFile **ret_file, Err *err)
{
    AUTO(capture_file_close_at) CaptureFile *file = given;
    struct stat status;

    bool is_there = stat(file->base.path, &status) == 0;
    if (!is_there || !S_ISREG(status.st_mode)) {
        (void)FAIL(err, RC_USAGE, "cannot read the %s '%s': %s", file->base.kind, file->base.path,
                   is_there ? "it is no file" : strerror(errno));
        return err_hint(err, "%s",
                        file->is_archive
                            ? "name another file: nothing is deleted without its archive"
                            : "'ssisminer capture -o' makes one");
    }
    if (is_stream(file->base.path))
        return store_refuse(
            &file->base, "is a stream of 'capture --format ndjson', for what loads JSON",
            "'ssisminer capture -o catalog.db' makes a file that is read again", err);
    if (sqlite3_open_v2(file->base.path, &file->base.db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
                        NULL) != SQLITE_OK)
        return store_fail(&file->base, "open", err);
    TRY(check_readable(file, arena, ret_head, err));
    *ret_file = file;
    file = NULL;
    return RC_OK;
}

Rc capture_head_read(const char *path, Arena *arena, CaptureHead *ret_head, Err *err)
{
    AUTO(capture_file_close_at) CaptureFile *file = NULL;

    return open_to_read(new_file(path, false), arena, ret_head, &file, err);
}

Rc archive_read(const char *path, Instant before, Arena *arena, CaptureHead *ret_head,
                ArchiveHeld *ret_held, Err *err)
{
    AUTO(capture_file_close_at) CaptureFile *file = NULL;

    TRY(open_to_read(new_file(path, true), arena, ret_head, &file, err));
    return capture_file_held(file, before, ret_held, err);
}
