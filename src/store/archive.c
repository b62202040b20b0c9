/* What an archive needs beside what a capture does: one transaction after another into the same
 * file, and nothing that is in it ever lost by writing. */
#include "capture_file.h"

#include <inttypes.h>

/* ---- one transaction after another ----------------------------------------------------------- */

/* SQLite would go on writing into what nobody finds any more. */
static Rc check_there(CaptureFile *file, Err *err)
{
    int has_moved = 0;

    (void)sqlite3_file_control(file->base.db, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
    if (!has_moved)
        return RC_OK;
    return store_refuse(&file->base, "is gone: it was removed, renamed or replaced during the run",
                        "nothing went that was not in it; put it back, or name another file", err);
}

Rc capture_file_again(CaptureFile *file, Err *err)
{
    TRY(check_there(file, err));
    TRY(store_run(&file->base, "BEGIN IMMEDIATE", err));
    return store_run(&file->base, "DELETE FROM temp.reread", err);
}

Rc capture_file_sync(CaptureFile *file, Err *err)
{
    capture_file_drop_tables(file);
    TRY(capture_file_commit(file, err));
    return check_there(file, err);
}

void capture_file_abandon(CaptureFile *file)
{
    capture_file_drop_tables(file);
    if (!sqlite3_get_autocommit(file->base.db))
        (void)sqlite3_exec(file->base.db, "ROLLBACK", NULL, NULL, NULL);
}

/* ---- an archive ------------------------------------------------------------------------------ */

Rc capture_file_answer(CaptureFile *file, const char *question, int64_t answer, Err *err)
{
    AUTO(store_statement_done) sqlite3_stmt *insert = NULL;

    TRY(store_prepare(&file->base,
                      "INSERT OR REPLACE INTO main.\"capture.answers\" (question, answer) VALUES "
                      "(?1, ?2)",
                      &insert, err));
    (void)sqlite3_bind_text(insert, 1, question, -1, SQLITE_TRANSIENT);
    (void)sqlite3_bind_int64(insert, 2, answer);
    return store_step(&file->base, insert, err);
}

Rc capture_file_mark(CaptureFile *file, bool has_all_operations, Err *err)
{
    return capture_file_answer(file, ARCHIVE_OF, has_all_operations, err);
}

static Rc find(CaptureFile *file, sqlite3_stmt **statement, const char *sql, Err *err)
{
    if (*statement)
        return RC_OK;
    return store_prepare(&file->base, sql, statement, err);
}

Rc capture_file_knows(CaptureFile *file, int64_t operation, Instant created, bool *ret_knows,
                      Err *err)
{
    TRY(find(file, &file->known,
             "SELECT created_time FROM main.\"internal.operations\" WHERE operation_id = ?1", err));
    (void)sqlite3_bind_int64(file->known, 1, operation);
    int rc = sqlite3_step(file->known);
    *ret_knows = rc == SQLITE_ROW;
    bool is_same = !*ret_knows || column_time(file->known, 0).ticks == created.ticks;
    (void)sqlite3_reset(file->known);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return store_fail(&file->base, "read", err);
    if (is_same)
        return RC_OK;
    (void)FAIL(err, RC_USAGE,
               "the archive '%s' holds another operation %" PRId64 " than the server",
               file->base.path, operation);
    return err_hint(err,
                    "was the catalog restored, or made anew, under the same name? Name another "
                    "file: nothing went that is not in an archive");
}

Rc capture_file_has_message(CaptureFile *file, Str guid, bool *ret_has, Err *err)
{
    TRY(find(file, &file->told,
             "SELECT 1 FROM main.\"internal.operation_messages_scaleout\" WHERE "
             "event_message_guid = ?1",
             err));
    (void)sqlite3_bind_text64(file->told, 1, guid.at, guid.len, SQLITE_STATIC, SQLITE_UTF8);
    int rc = sqlite3_step(file->told);
    *ret_has = rc == SQLITE_ROW;
    (void)sqlite3_reset(file->told);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? RC_OK : store_fail(&file->base, "read", err);
}

bool capture_file_has_table(CaptureFile *file, const char *table)
{
    return sqlite3_table_column_metadata(file->base.db, "main", table, NULL, NULL, NULL, NULL, NULL,
                                         NULL) == SQLITE_OK;
}

/* When it was over, as cleanup's rule has it. */
#define LAST_TIME "COALESCE(end_time, start_time, created_time)"

Rc capture_file_stale(CaptureFile *file, Instant before, int64_t *ret_count, Err *err)
{
    AUTO(store_statement_done) sqlite3_stmt *stale = NULL;

    TRY(store_run(&file->base, "DELETE FROM temp.reread", err));
    TRY(store_prepare(&file->base,
                      "INSERT INTO temp.reread (id) SELECT operation_id FROM "
                      "main.\"internal.operations\" WHERE " LAST_TIME " < ?1 AND operation_id NOT "
                      "IN (SELECT id FROM temp.archived)",
                      &stale, err));
    bind_time(stale, 1, before);
    TRY(store_step(&file->base, stale, err));
    *ret_count = sqlite3_changes(file->base.db);
    return RC_OK;
}

Rc capture_file_clear_idle_executables(CaptureFile *file, Err *err)
{
    return store_run(&file->base,
                     "DELETE FROM main.\"internal.executables\" WHERE executable_id NOT IN (SELECT "
                     "executable_id FROM main.\"internal.executable_statistics\")",
                     err);
}

Rc capture_file_archived(CaptureFile *file, int64_t operation, Err *err)
{
    TRY(find(file, &file->archived, "INSERT OR IGNORE INTO temp.archived (id) VALUES (?1)", err));
    (void)sqlite3_bind_int64(file->archived, 1, operation);
    return store_step(&file->base, file->archived, err);
}

/* ---- what it holds --------------------------------------------------------------------------- */

/* Those of Scale Out stand in a table that not every server has. */
static Rc count_messages(CaptureFile *file, int64_t *ret_messages, Err *err)
{
    int64_t own = 0, others = 0;

    TRY(store_number(&file->base, "SELECT count(*) FROM main.\"internal.operation_messages\"", &own,
                     err));
    if (capture_file_has_table(file, "internal.operation_messages_scaleout"))
        TRY(store_number(&file->base,
                         "SELECT count(*) FROM main.\"internal.operation_messages_scaleout\"",
                         &others, err));
    *ret_messages = own + others;
    return RC_OK;
}

Rc capture_file_held(CaptureFile *file, Instant before, ArchiveHeld *ret_held, Err *err)
{
    AUTO(store_statement_done) sqlite3_stmt *held = NULL;
    int64_t messages = 0;

    TRY(count_messages(file, &messages, err));
    TRY(store_prepare(
        &file->base,
        "SELECT count(*), (SELECT count(*) FROM main.\"internal.executions\"), "
        "min(" LAST_TIME "), max(" LAST_TIME "), count(CASE WHEN " LAST_TIME " < ?1 THEN 1 END), "
        "(SELECT page_count * page_size FROM pragma_page_count('main'), pragma_page_size('main')) "
        "FROM main.\"internal.operations\"",
        &held, err));
    bind_time(held, 1, before);
    if (sqlite3_step(held) != SQLITE_ROW)
        return store_fail(&file->base, "read", err);
    *ret_held = (ArchiveHeld){.operations = sqlite3_column_int64(held, 0),
                              .executions = sqlite3_column_int64(held, 1),
                              .messages = messages,
                              .oldest = column_time(held, 2),
                              .newest = column_time(held, 3),
                              .stale = sqlite3_column_int64(held, 4),
                              .bytes = sqlite3_column_int64(held, 5)};
    return RC_OK;
}
