/*
 * A capture: what was read of a catalog, in a SQLite file that the engine of ssisminer-sandbox
 * serves as it stands.
 *
 * Its tables are made by that engine, of sql/schema and sql/engine/capture.sql: a new file takes
 * over those of an empty one that it made (the template), one that exists must have the same. All
 * that is written between opening and commit is one transaction: a kill, a full disk or an error
 * leaves the file as it was.
 *
 * Ownership: a CaptureFile is closed by capture_file_close, and its tables with it. Texts of a
 *            CaptureHead live in the arena given.
 * Errors:    RC_USAGE with what to do: no such folder, no right, no space, another kind of file,
 *            one of a newer program, one that another capture is writing. A file that is refused is
 *            left as it is.
 * Files of others: a file is opened so that nothing in it is run (no trusted schema, SQLite's
 *            defensive mode); what it holds is checked by the engine before it serves it.
 */
#ifndef SSISMINER_STORE_CAPTURE_H
#define SSISMINER_STORE_CAPTURE_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct CaptureFile CaptureFile;
typedef struct CaptureTable CaptureTable;

typedef struct CaptureHead { // the last run that went into it
    int64_t run;             // from 1; 0: none yet
    const char *server, *database;
    const char *program;     // that wrote it: "ssisminer 1.0"
    const char *flavor;      // of the schema, as ssisminer-sandbox names it
    Instant now;             // of the server, when it began
    Instant since;           // from when on it holds all; unset: from the first operation on
    bool has_all_messages;   // else those of what did not end well
    const char *key_id;      // of the key that its pseudonyms come of; "": names are as they were
    bool reads_tables;       // its login could select from schema internal; not for begin
    bool is_archive;         // of cleanup --archive; not for begin
    bool has_all_operations; // of an archive: also of what ended well; not for begin
} CaptureHead;

/* To write: makes it (0600) where there is none, and begins the transaction. The template is an
 * empty capture of the engine's, of this server's kind. */
Rc capture_file_open(const char *path, const char *template_path, CaptureFile **ret_file,
                     Err *err) MUST_CHECK;
Rc capture_file_open_archive(const char *path, const char *template_path, CaptureFile **ret_file,
                             Err *err) MUST_CHECK;
void capture_file_close(
    CaptureFile *file); // what was not committed is as if it had never been; accepts NULL
void capture_file_close_at(CaptureFile **file);
/* Whose it is; run is 0 for a new one. */
Rc capture_file_head(CaptureFile *file, Arena *arena, CaptureHead *ret_head, Err *err) MUST_CHECK;
/* A new file takes over the template's tables and their rows; of another one they are compared. */
Rc capture_file_shape(CaptureFile *file, Err *err) MUST_CHECK;
Rc capture_file_begin(CaptureFile *file, const CaptureHead *head, Err *err) MUST_CHECK;
Rc capture_file_commit(CaptureFile *file, Err *err) MUST_CHECK; // synced

/* An operation that is read anew: its rows in the tables of the log are to go. */
Rc capture_file_reread(CaptureFile *file, int64_t operation, Err *err) MUST_CHECK;
/* A part that may come to nothing: what was written since try is kept, or undone. */
Rc capture_file_try(CaptureFile *file, Err *err) MUST_CHECK;
Rc capture_file_keep(CaptureFile *file, Err *err) MUST_CHECK;
Rc capture_file_undo(CaptureFile *file, Err *err) MUST_CHECK;
/* Rows of a table whose key is one of these; with a NULL key all of them. */
Rc capture_file_clear(CaptureFile *file, const char *table, const char *key, Err *err) MUST_CHECK;
/* Whether the run before left this out, by its name in words. */
Rc capture_file_left_out(CaptureFile *file, const char *what, bool *ret_is, Err *err) MUST_CHECK;
/* Messages of Scale Out without an operation. */
Rc capture_file_clear_orphans(CaptureFile *file, Err *err) MUST_CHECK;
/* Operations that were live in the file and that the server has no more: they stay,
 * as they were. */
Rc capture_file_lost(CaptureFile *file, int64_t *ret_count, Err *err) MUST_CHECK;
/* The login sees the operations that it was shown, and no others: for one without a role. */
Rc capture_file_permit(CaptureFile *file, Err *err) MUST_CHECK;

/* Rows into "internal.operations". Columns by name, whatever their case and with or without "_";
 * those behind the first `must` may be missing there. What the table wants and is not among them is
 * zero or empty. */
Rc capture_table_open(CaptureFile *file, const char *table, const char *const *columns,
                      size_t count, size_t must, CaptureTable **ret_table, Err *err) MUST_CHECK;
/* Values of the next row, by their place among the columns; unset ones are NULL. A text is valid
 * until the row is put. */
void capture_table_i64(CaptureTable *table, size_t column, int64_t value);
void capture_table_f64(CaptureTable *table, size_t column, double value);
void capture_table_text(CaptureTable *table, size_t column, Str text); // at NULL: NULL
void capture_table_time(CaptureTable *table, size_t column, Instant time);
Rc capture_table_put(CaptureTable *table, Err *err) MUST_CHECK;
int64_t capture_table_rows(const CaptureTable *table); // put so far

/* ---- archives (archive.c) -------------------------------------------------------------------- */

/* A run commits again and again, and rows of what it archived before stay whatever comes. */

/* The next transaction; RC_USAGE when the file is not where it was. */
Rc capture_file_again(CaptureFile *file, Err *err) MUST_CHECK;
/* On the disk, in a file that its path still leads to; else RC_USAGE. */
Rc capture_file_sync(CaptureFile *file, Err *err) MUST_CHECK;
void capture_file_abandon(CaptureFile *file); // what was put since capture_file_again
/* That it is an archive, and of what. */
Rc capture_file_mark(CaptureFile *file, bool has_all_operations, Err *err) MUST_CHECK;
/* Instead of what the server said to this question: "IS_MEMBER(ssis_admin)". */
Rc capture_file_answer(CaptureFile *file, const char *question, int64_t answer,
                       Err *err) MUST_CHECK;
/* Whether it has the operation; RC_USAGE when it has another one of that id. */
Rc capture_file_knows(CaptureFile *file, int64_t operation, Instant created, bool *ret_knows,
                      Err *err) MUST_CHECK;
Rc capture_file_has_message(CaptureFile *file, Str guid, bool *ret_has, Err *err) MUST_CHECK;
bool capture_file_has_table(CaptureFile *file, const char *table);
/* This run archived it: capture_file_stale passes it by. */
Rc capture_file_archived(CaptureFile *file, int64_t operation, Err *err) MUST_CHECK;
/* Operations that were over before then, and that no run since the file was opened archived: they
 * are what capture_file_clear clears now. */
Rc capture_file_stale(CaptureFile *file, Instant before, int64_t *ret_count, Err *err) MUST_CHECK;
Rc capture_file_clear_idle_executables(CaptureFile *file, Err *err) MUST_CHECK;

typedef struct ArchiveHeld { // what an archive holds
    int64_t operations, executions, messages, bytes;
    Instant oldest, newest; // the first and the last that was over; unset: nothing
    int64_t stale;          // operations that were over before the time given
} ArchiveHeld;
Rc capture_file_held(CaptureFile *file, Instant before, ArchiveHeld *ret_held, Err *err) MUST_CHECK;
/* Of a file that is to be read. */
Rc archive_read(const char *path, Instant before, Arena *arena, CaptureHead *ret_head,
                ArchiveHeld *ret_held, Err *err) MUST_CHECK;

/* Of a file that is to be read: what it is. RC_USAGE when it is none, or holds nothing yet. */
Rc capture_head_read(const char *path, Arena *arena, CaptureHead *ret_head, Err *err) MUST_CHECK;

#endif
