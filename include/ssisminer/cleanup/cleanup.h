/*
 * Which operations of the log are past their retention, and taking them away without hurting
 * the server: the question behind `cleanup`.
 *
 * The rule that says so stands once, in sql/cleanup/doomed.rule, in words in docs/cleanup.md: an
 * operation is doomed when its state is final or it was never started, and nothing that is known of
 * its times lies after the cutoff. The server judges again, by the same text, in every single
 * delete.
 *
 * Batched: range by range of consecutive doomed operations, oldest first; in each range children
 * before parents in the order of the foreign keys, each table part by part of the range, so that
 * nothing is gone over twice; each statement a transaction of its own. Every
 * statement may be repeated, so whatever breaks a run, the next one goes on.
 *
 * Ownership: a plan lives in the arena it was made in and borrows db and wish.
 * Errors:    as tds; besides RC_USAGE (what was asked for contradicts the catalog's settings),
 *            RC_RIGHTS (may neither delete nor call the procedure), RC_LOCKED, RC_QUERY (a table
 *            unknown to this program refers to the operation log).
 * Limits:    operations are streamed, and deleted in chunks of CLEANUP_CHUNK: memory does not
 *            grow with the log.
 */
#ifndef SSISMINER_CLEANUP_CLEANUP_H
#define SSISMINER_CLEANUP_CLEANUP_H

#include "ssisminer/base/buf.h"
#include "ssisminer/capture/archive.h"
#include "ssisminer/ledger/ledger.h"
#include "ssisminer/report/report.h"
#include "ssisminer/ssisdb/log_tables.h"
#include "ssisminer/ssisdb/silent.h"
#include "ssisminer/ssisdb/ssisdb.h"

enum { CLEANUP_CHUNK = 5000, CLEANUP_TABLES_MAX = 32 };

typedef enum CleanupMethod {
    CLEANUP_AUTO,
    CLEANUP_BATCHED,
    CLEANUP_PROCEDURE,
    CLEANUP_NONE // the login may do neither
} CleanupMethod;

const char *cleanup_method_name(CleanupMethod method);

typedef struct CleanupWish {
    CleanupMethod method;
    int64_t keep_ticks;        // 0: the catalog's RETENTION_WINDOW
    int64_t keep_failed_ticks; // of failed and unexpectedly ended ones; 0: as the others
    const char *keep_origin, *keep_failed_origin; // who says so: "--keep 30d, command line"
    bool may_keep_under_a_day;                    // the word without which that is a slip
    ExecutionFilter filter; // folders, projects, packages; then only executions are doomed
    bool is_exact;          // the plan counts rows instead of estimating them
    bool project_versions;
    bool rebuild_heaps;    // after the deletes, where it gives back much
    int64_t batch_rows;    // most rows of one statement
    int64_t batch_time_ms; // what a statement should take
    int64_t sleep_ms;      // after each statement
    int64_t lock_timeout_ms;
    int64_t max_load_percent; // of log write, IO and CPU, on Azure SQL Database
    int64_t time_limit_ms;    // 0: none
    const char *stop_file;    // or NULL
    const ArchiveWish
        *archive; // of what goes, before it goes; NULL: none. Its cutoffs are the plan's
    const char *archive_keep_origin; // "--archive-keep 3y, command line"
} CleanupWish;

typedef struct CleanupTable {
    const char *name;      // of schema internal
    int64_t rows, used_kb; // all of it; -1 unknown
    int64_t doomed_rows;   // -1 unknown
    int64_t doomed_kb;     // an estimate; -1 unknown
    int64_t heap_kb;       // of rows that lie in no order; 0: the table is no heap
    LogTableId id;
    bool with_created; // rows of never started operations go here too, not by cascade
} CleanupTable;

typedef struct CleanupStatus {
    int status;
    int64_t operations, doomed;
} CleanupStatus;

typedef struct CleanupGap {           // a foreign key that no index supports
    const char *table, *column, *key; // the table outside schema internal with its schema
    const char *statement;            // CREATE INDEX …
} CleanupGap;

enum { CLEANUP_STATUSES_MAX = 16, CLEANUP_GRANTS_MAX = 8, CLEANUP_ZOMBIES_MAX = 20 };

typedef struct CleanupPlan {
    const Ssisdb *db;
    const CleanupWish *wish;
    int64_t keep_ticks, keep_failed_ticks; // what is in force
    const char *keep_origin, *keep_failed_origin;
    Instant cutoff, failed_cutoff;
    CleanupMethod method;
    const char *method_reason;
    const char *grants[CLEANUP_GRANTS_MAX]; // what the method wished for, or any, would need
    size_t grant_count;
    bool may_select, may_view_definition, may_view_state, may_versions, may_jobs, may_workers;
    bool may_batched;     // read and delete in schema internal
    bool sees_sessions;   // others than its own: whom a run blocks
    const char *no_sizes; // why the server does not tell them, though the login may see them
    bool has_exclusive;   // the procedure with its own guard may be called
    /* what there is; is_counted false when the login may not read the log */
    bool is_counted, is_exact;
    CleanupStatus statuses[CLEANUP_STATUSES_MAX];
    size_t status_count;
    int64_t operations, doomed, doomed_executions, doomed_failures;
    int64_t live, young, undated, filtered_out, unknown_status;
    int64_t first_id, last_id; // of the doomed
    Instant oldest, newest;    // of the doomed
    Instant newest_failure;
    CleanupTable tables[CLEANUP_TABLES_MAX]; // in the order of deletion
    size_t table_count;
    int64_t doomed_rows;   // of all tables, -1 unknown
    int64_t orphans_up_to; // rows of loose tables whose operation is gone go up to this id; 0: none
    int64_t orphan_rows;   // of these, counted by is_exact; part of doomed_rows
    const char *unknown_child; // "dbo.audit (FK_Audit)": no run while there is one
    const CleanupGap *gaps;
    size_t gap_count;
    SilentOperations zombies; // the first CLEANUP_ZOMBIES_MAX
    ArchiveLook archive;      // of wish->archive, as it is
} CleanupPlan;

/* Reads only. */
Rc cleanup_plan(const Ssisdb *db, const CleanupWish *wish, Arena *arena, CleanupPlan **ret_plan,
                Err *err) MUST_CHECK;

typedef enum CleanupEnd {
    CLEANUP_DONE,
    CLEANUP_TIME_LIMIT,
    CLEANUP_STOP_FILE,
    CLEANUP_BLOCKED, // others' locks were in the way of what remains
    CLEANUP_FULL,    // the log or the database is full, and nobody made room for minutes
    CLEANUP_SIGNAL,
    CLEANUP_FAILED // see the error that came with it
} CleanupEnd;

const char *cleanup_end_text(CleanupEnd end);

enum { CLEANUP_WAITS_MAX = 6 };
typedef struct CleanupWait {
    const char *reason; // "log writes above 70 %"
    int64_t count, ms;
} CleanupWait;

typedef struct CleanupTableRun { // of the plan's table at the same place
    int64_t rows, statements, longest_ms, total_ms;
} CleanupTableRun;

typedef struct CleanupHeap {
    const char *name;
    int64_t before_kb, after_kb; // of the heap itself, without its indexes
    int64_t rows;                // that are left
    int64_t spare_kb;            // of emptied pages that it keeps, an estimate
    int64_t rebuilt_kb;          // after a rebuild; -1: none was done
    const char *error;           // why it could not be rebuilt, or NULL
} CleanupHeap;

enum { CLEANUP_HEAPS_MAX = 8 };

/* Rows that went, by time: slices of the run that grow twofold whenever they would be too many. */
enum { CLEANUP_SLICES = 60, CLEANUP_SLICE_MS = 100 };
typedef struct CleanupSlices {
    int64_t width_ms; // 0: none yet
    int64_t rows[CLEANUP_SLICES];
} CleanupSlices;

void cleanup_slices_add(CleanupSlices *slices, int64_t elapsed_ms, int64_t rows);

typedef struct CleanupRun {
    CleanupEnd end;
    Instant started, ended;
    int64_t elapsed_ms;
    int64_t operations, rows, statements; // deleted, deleted with children, sent to delete
    int64_t cascaded_rows;                // of rows: of never started operations, by cascade
    int64_t orphan_rows;                  // of rows: their operation was gone before
    CleanupHeap heaps[CLEANUP_HEAPS_MAX];
    size_t heap_count;
    int64_t longest_ms;
    const char *longest_table;
    int64_t halved;             // times that a batch was made smaller by an error
    int64_t small_batches;      // sent to a busy server, between waits: the least there is
    int64_t blocked_operations; // doomed, and left since others held locks
    int64_t uncertain;          // statements whose reply was lost: their rows may be uncounted
    int64_t sessions;           // connections made
    int64_t keys_dropped;
    const char *keys_error; // why keys are left, or NULL
    bool versions_done;
    ArchiveTold archived;
    int64_t unarchived;                // operations left since they could not be archived
    const char *no_load, *no_sessions; // why the server does not tell who suffers, or NULL
    CleanupWait waits[CLEANUP_WAITS_MAX];
    size_t wait_count;
    CleanupTableRun tables[CLEANUP_TABLES_MAX];
    CleanupSlices slices;
    int64_t settled_operations, settled_rows; // of the chunks that are done: the rest goes by them
} CleanupRun;

/* Rows that go in all: measured by what has gone, before that the plan's estimate; -1 unknown. */
int64_t cleanup_expected_rows(const CleanupPlan *plan, const CleanupRun *run);
/* Operations that come due a day, by those within their retention. */
double cleanup_daily_operations(const CleanupPlan *plan);
/* Nights until what a run left is gone too, if each does as much, and as many come due each day;
 * -1: never. */
int64_t cleanup_nights(const CleanupPlan *plan, const CleanupRun *run);
/* How long what comes due in a day would take at this run's rate; 0 unknown. */
int64_t cleanup_next_night_ms(const CleanupPlan *plan, const CleanupRun *run);

/* What a run says while it goes on: after each statement, and when it begins to wait. */
typedef void CleanupProgress(void *context, const CleanupPlan *plan, const CleanupRun *run,
                             const char *doing);

/* Does what the plan says, writing it to the ledger (NULL: none) as it goes: a line before the
 * first delete, and none goes unrecorded, so a ledger that cannot be written ends the run. ret_run
 * is filled in any case, also with an error; RC_OK when it was done or stopped for a reason that is
 * no error (see run->end). */
typedef struct CleanupWatch { // who is told what is being done; any may be NULL
    CleanupProgress *progress;
    void *context;
    Ledger *ledger;
} CleanupWatch;

Rc cleanup_execute(const CleanupPlan *plan, const CleanupWatch *watch, Arena *arena,
                   CleanupRun *ret_run, Err *err) MUST_CHECK;

/* Whether what is kept looks like a slip: less than half of what the last run kept (all of it, or
 * of failures), without a record less than half of the catalog's RETENTION_WINDOW, which has to
 * be usable. RC_USAGE then, naming --yes. */
Rc cleanup_check_keep(const CleanupPlan *plan, const LedgerRecord *last, Err *err) MUST_CHECK;

/* ---- the rule, shown ------------------------------------------------------------------------- */

/* For one operation, what each clause of the rule says and whether it goes. RC_USAGE if there is
 * none of that id, or none that this login may see. */
Rc cleanup_explain(const CleanupPlan *plan, int64_t operation_id, Arena *arena, Report **ret_report,
                   Err *err) MUST_CHECK;

/* Two read-only statements, with their values, for a person to run: the operations about to go, and
 * how many rows of each table go with them. RC_USAGE where the shipped procedure decides. */
Rc cleanup_put_proof(const CleanupPlan *plan, Buf *out, Err *err) MUST_CHECK;

typedef enum CleanupScriptKind { CLEANUP_SCRIPT_JOB, CLEANUP_SCRIPT_PROCEDURE } CleanupScriptKind;

typedef struct CleanupScript {
    CleanupScriptKind kind;
    int64_t progress_ms; // between messages; 0: none
    bool is_meant;       // however short what is kept
} CleanupScript;

/* The purge as T-SQL, for who may run nothing but that: sql/cleanup/script.sql.in with the wish as
 * declarations, or as the parameters of a procedure. db NULL: for every server, which is asked by
 * the script itself; else for that one, whose settings are judged now too. RC_USAGE as
 * cleanup_check_keep and cleanup_plan. Of the wish method, is_exact, rebuild_heaps and stop_file
 * say nothing to it. */
Rc cleanup_put_script(const Ssisdb *db, const CleanupWish *wish, const CleanupScript *script,
                      Buf *out, Err *err) MUST_CHECK;

/* Retention and rights alone: what cleanup_explain and cleanup_put_proof need. */
Rc cleanup_rule(const Ssisdb *db, const CleanupWish *wish, Arena *arena, CleanupPlan **ret_plan,
                Err *err) MUST_CHECK;

/* The filter in words: "folder A, package B"; NULL without one. */
const char *cleanup_filter_text(const CleanupPlan *plan, Arena *arena);

/* run NULL: the plan alone. */
Report *cleanup_report(const CleanupPlan *plan, const CleanupRun *run, Arena *arena);

#endif
