/*
 * Which operations of the log are past their retention, and taking them away without hurting
 * the server: the question behind `cleanup`.
 *
 * An operation is doomed when its state is final (canceled, failed, ended unexpectedly,
 * succeeded, completed) or it was never started, and nothing that is known of its times lies
 * after the cutoff. Never a live one (running, pending, stopping), never one whose state or age
 * is unknown. The server judges again in every single delete.
 *
 * Batched: range by range of consecutive doomed operations, oldest first; in each range children
 * before parents in the order of the foreign keys; each statement a transaction of its own. Every
 * statement may be repeated, so whatever breaks a run, the next one goes on.
 *
 * Ownership: a plan lives in the arena it was made in and borrows db and wish.
 * Errors:    as tds; besides RC_USAGE (what was asked for contradicts the catalogue's settings),
 *            RC_RIGHTS (may neither delete nor call the procedure), RC_LOCKED, RC_QUERY (a table
 *            unknown to this program refers to the operation log).
 * Limits:    operations are streamed, and deleted in chunks of CLEANUP_CHUNK: memory does not
 *            grow with the log.
 */
#ifndef SSISMINER_CLEANUP_CLEANUP_H
#define SSISMINER_CLEANUP_CLEANUP_H

#include "ssisminer/report/report.h"
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
    int64_t keep_ticks;        // 0: the catalogue's RETENTION_WINDOW
    int64_t keep_failed_ticks; // of failed and unexpectedly ended ones; 0: as the others
    ExecutionFilter filter;    // folders, projects, packages; then only executions are doomed
    bool is_exact;             // the plan counts rows instead of estimating them
    bool project_versions;
    int64_t batch_rows;    // most rows of one statement
    int64_t batch_time_ms; // what a statement should take
    int64_t sleep_ms;      // after each statement
    int64_t lock_timeout_ms;
    int64_t max_load_percent; // of log write, IO and CPU, on Azure SQL Database
    int64_t time_limit_ms;    // 0: none
    const char *stop_file;    // or NULL
} CleanupWish;

typedef struct CleanupTable {
    const char *name;      // of schema internal
    int64_t rows, used_kb; // all of it; -1 unknown
    int64_t doomed_rows;   // -1 unknown
    int64_t doomed_kb;     // an estimate; -1 unknown
    /* of a run */
    int64_t deleted_rows, statements, longest_ms, total_ms;
} CleanupTable;

typedef struct CleanupStatus {
    int status;
    int64_t operations, doomed;
} CleanupStatus;

typedef struct CleanupGap { // a foreign key that no index supports
    const char *table, *column, *key; // the table outside schema internal with its schema
    const char *statement;            // CREATE INDEX …
} CleanupGap;

enum { CLEANUP_STATUSES_MAX = 16, CLEANUP_GRANTS_MAX = 8, CLEANUP_ZOMBIES_MAX = 20 };

typedef struct CleanupPlan {
    const Ssisdb *db;
    const CleanupWish *wish;
    Instant cutoff, failed_cutoff;
    CleanupMethod method;
    const char *method_reason;
    const char *grants[CLEANUP_GRANTS_MAX]; // what the method wished for, or any, would need
    size_t grant_count;
    bool may_select, may_view_definition, may_view_state, may_versions, may_jobs, may_workers;
    bool has_exclusive; // the procedure with its own guard may be called
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
    int64_t doomed_rows;       // of all tables, -1 unknown
    const char *unknown_child; // "dbo.audit (FK_Audit)": no run while there is one
    const CleanupGap *gaps;
    size_t gap_count;
    SilentOperations zombies; // the first CLEANUP_ZOMBIES_MAX
    struct CleanupOrder *order; // private
} CleanupPlan;

/* Reads only. */
Rc cleanup_plan(const Ssisdb *db, const CleanupWish *wish, Arena *arena, CleanupPlan **ret_plan,
                Err *err) MUST_CHECK;

typedef enum CleanupEnd {
    CLEANUP_DONE,
    CLEANUP_TIME_LIMIT,
    CLEANUP_STOP_FILE,
    CLEANUP_SIGNAL,
    CLEANUP_FAILED // see the error that came with it
} CleanupEnd;

const char *cleanup_end_text(CleanupEnd end);

enum { CLEANUP_WAITS_MAX = 6 };
typedef struct CleanupWait {
    const char *reason; // "log writes above 70 %"
    int64_t count, ms;
} CleanupWait;

typedef struct CleanupRun {
    CleanupEnd end;
    Instant started, ended;
    int64_t elapsed_ms;
    int64_t operations, rows, statements; // deleted, deleted with children, sent to delete
    int64_t longest_ms;
    const char *longest_table;
    int64_t halved;   // times that a batch was made smaller by an error
    int64_t sessions; // connections made
    int64_t keys_dropped;
    const char *keys_error; // why keys are left, or NULL
    bool versions_done;
    CleanupWait waits[CLEANUP_WAITS_MAX];
    size_t wait_count;
    int64_t last_batch_rows;
} CleanupRun;

/* What a run says while it goes on: after each statement, and when it begins to wait. */
typedef void CleanupProgress(void *context, const CleanupPlan *plan, const CleanupRun *run,
                             const char *doing);

/* Does what the plan says. ret_run is filled in any case, also with an error; RC_OK when it was
 * done or stopped for a reason that is no error (see run->end). */
Rc cleanup_execute(CleanupPlan *plan, CleanupProgress *progress, void *context, Arena *arena,
                   CleanupRun *ret_run, Err *err) MUST_CHECK;

/* Before the work, so that a path that cannot be written costs none. */
Rc cleanup_ledger_check(const char *path, Err *err) MUST_CHECK;
/* Appends a line per table and one for the run, NDJSON. */
Rc cleanup_ledger(const char *path, const CleanupPlan *plan, const CleanupRun *run,
                  Err *err) MUST_CHECK;

/* run NULL: the plan alone. */
Report *cleanup_report(const CleanupPlan *plan, const CleanupRun *run, Arena *arena);

#endif
