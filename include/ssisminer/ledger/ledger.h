/*
 * The ledger: what cleanups took away, and by which rule. NDJSON, appended to, never rewritten.
 *
 *   {"ledger":"begin",…}   before the first delete: who, where, the rule, how many operations are
 * doomed
 *   {"ledger":"table",…}   as it goes: rows that went from one table since its line before
 *   {"ledger":"run",…}     at the end: how it ended, and the sums
 *
 * Every line can be read alone: each begins with the same head. A begin without a run of the same
 * "run" is a run that was killed; its table lines say what had gone by then.
 *
 * Ownership: an open Ledger owns its file; heads and texts are borrowed for the call.
 * Errors:    RC_USAGE with the system's reason. A line is there, on the disk, or the call failed.
 * Threads:   lines of two programs do not mix (one write a line, O_APPEND).
 */
#ifndef SSISMINER_LEDGER_LEDGER_H
#define SSISMINER_LEDGER_LEDGER_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/time.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct LedgerHead { // of every line of a run
    Instant started;
    const char *server, *database, *login;
    const char *method;
    Instant cutoff, failed_cutoff;
    int64_t keep_ticks, keep_failed_ticks;
    const char *keep_from, *keep_failed_from; // "--keep 30d, command line"
    const char *filter;                       // NULL: none
} LedgerHead;

typedef struct LedgerTable {
    const char *name;
    int64_t rows, statements, total_ms, longest_ms; // since the line before, longest: of the run
} LedgerTable;

typedef struct LedgerRun {
    Instant ended;
    int64_t elapsed_ms;
    const char *end; // "done", "time limit", …
    int64_t operations, rows, cascaded_rows, statements, longest_ms, keys_dropped, sessions;
    int64_t uncertain;   // statements whose reply was lost: their rows may have gone uncounted
    const char *archive; // NULL: none, and nothing is said of it
    int64_t archived_operations, archived_executions, archived_messages, trimmed_operations,
        archive_bytes;
} LedgerRun;

typedef struct Ledger Ledger;

/* path NULL gives NULL, which every call below accepts and does nothing with. A last line that was
 * cut short is ended first. */
Rc ledger_open(const char *path, Ledger **ret_ledger, Err *err) MUST_CHECK;
void ledger_close(Ledger *ledger);
void ledger_close_at(Ledger **ledger);

Rc ledger_begin(Ledger *ledger, const LedgerHead *head, int64_t doomed, Err *err) MUST_CHECK;
Rc ledger_tables(Ledger *ledger, const LedgerHead *head, const LedgerTable *tables, size_t count,
                 Err *err) MUST_CHECK;
Rc ledger_end(Ledger *ledger, const LedgerHead *head, const LedgerRun *run, Err *err) MUST_CHECK;

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct LedgerRecord { // of the last run on one database
    bool is_found;
    bool is_ended; // false: a begin that no run line follows
    Instant started, ended, cutoff;
    const char *method, *end, *keep_from, *filter; // NULL where the line lacks it
    int64_t keep_ticks, keep_failed_ticks;         // 0 where unknown
    int64_t doomed, operations, rows;              // -1 where unknown
} LedgerRecord;

typedef struct LedgerWanted { // whose last run
    const char *server, *database;
    const char *filter; // as in LedgerHead: NULL is of runs that took all operations, and no others
} LedgerWanted;

/* Lines of other servers, databases and filters, and what is no line of a ledger, are passed over.
 * A path that is NULL, or names nothing, or a pipe or device, has no record; a directory is
 * RC_USAGE. The record's texts live in the arena. */
Rc ledger_last(const char *path, const LedgerWanted *wanted, Arena *arena, LedgerRecord *ret_record,
               Err *err) MUST_CHECK;

#endif
