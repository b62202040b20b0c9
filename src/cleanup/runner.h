/*
 * Between the files that do a run. They go one way: run.c calls batched.c, heaps.c, procedure.c and
 * keys.c, the first two batch.c, all of them throttle.c, that calls runner.c. The plan is const for
 * all of them; what a run counts is in its CleanupRun.
 */
#ifndef SSISMINER_SRC_CLEANUP_RUNNER_H
#define SSISMINER_SRC_CLEANUP_RUNNER_H

#include "selection.h"

#include "ssisminer/cleanup/cleanup.h"

/* ---- pace.c: how many rows a statement takes ------------------------------------------------- */

typedef struct Pace {
    int64_t rows, most;
    int64_t target_ms;
    int troubles;     // in a row
    int calm;         // statements to go before it grows again
    bool is_wary;     // there was trouble: then it grows by little
    double rows_each; // of an operation in this table, by what was found
} Pace;

Pace pace_of(int64_t first, int64_t most, int64_t target_ms);
void pace_took(Pace *pace, int64_t affected, int64_t ms);
/* How many operations in a row bring about as many rows as a statement may take; 1 at least. */
int64_t pace_operations(const Pace *pace);
void pace_knows(Pace *pace, int64_t rows, int64_t operations); // before anything is found
void pace_found(Pace *pace, int64_t rows, int64_t operations);
/* Halves; false when that has not helped for `patience` times in a row. */
bool pace_trouble(Pace *pace, int patience);

/* A shipped procedure does all its work in one call: only a stop ends it before. */
enum { CALL_TIMEOUT_S = 7 * 24 * 3600 };

/* ---- runner.c -------------------------------------------------------------------------------- */

typedef struct Runner {
    const CleanupPlan *plan;
    CleanupRun *run;
    Arena *arena;
    const CleanupWatch *watch;
    ArchiveWish archive_wish;
    Archive *archive;                             // NULL: none is wanted
    LedgerHead head;                              // of this run's lines
    CleanupTableRun recorded[CLEANUP_TABLES_MAX]; // what the ledger has of run->tables
    Pace paces[CLEANUP_TABLES_MAX];
    int64_t start_ms, looked_ms; // looked: at the server's load
    int64_t recorded_ms;         // when the ledger was told last
    int busy_waits;              // in a row
    int64_t rows_then;      // deleted when it waited last: an empty table is not worth another wait
    bool is_sparing;        // the server is busy: a small batch, then the next wait
    int64_t room_waited_ms; // for somebody to make room in the log or the database, in a row
    bool was_blocked;       // the range before was given up: less patience with this one
    bool is_stopping;       // run->end says why
    bool has_begun;         // the ledger has a line of this run
} Runner;

void runner_say(Runner *runner, const char *doing);
/* Counts a delete that went through; of the last table, operations. */
void runner_note(Runner *runner, size_t table, int64_t affected, int64_t ms);
void runner_end(Runner *runner, CleanupEnd end);
/* To the ledger: what went from the tables since it was told last. */
Rc runner_record(Runner *runner, Err *err) MUST_CHECK;
/* Every few seconds: that much a run that is killed may have deleted and not written down. */
Rc runner_record_if_due(Runner *runner, Err *err) MUST_CHECK;

/* ---- throttle.c: between two statements -------------------------------------------------------
 */

/* True when the run has to end here (run->end is set). Waits if the server is busy. */
Rc throttle_between(Runner *runner, bool *ret_stop, Err *err) MUST_CHECK;
Rc throttle_wait(Runner *runner, const char *reason, int64_t ms, bool *ret_stop,
                 Err *err) MUST_CHECK;
int64_t throttle_busy_wait_ms(int waits); // how long, after so many in a row

/* ---- batch.c: one table's rows, batch by batch ----------------------------------------------- */

typedef struct Batch Batch;
struct Batch {
    size_t table; // in the plan
    IdRange range;
    /* Deletes at most so many rows. */
    Rc (*send)(Runner *runner, const Batch *batch, int64_t rows, int64_t *ret_affected, Err *err);
};

enum { BATCH_OPERATIONS_SHARE = 16 }; // an operation takes children with it: fewer at a time

/* Until a batch is not full, or the run is to end. Errors: what smaller batches and waits did not
 * avoid; batch_met_lock says whether others are in the way. */
Rc batch_all(Runner *runner, const Batch *batch, Err *err) MUST_CHECK;
bool batch_met_lock(const Err *err);

/* ---- heaps.c --------------------------------------------------------------------------------- */

Rc heaps_clear_orphans(Runner *runner, Err *err) MUST_CHECK;
void heaps_measure(Runner *runner); // into run->heaps
Rc heaps_rebuild(Runner *runner, Err *err) MUST_CHECK;

/* ---- the work -------------------------------------------------------------------------------- */

void batched_set_paces(Runner *runner); // at first
Rc batched_run(Runner *runner, Err *err) MUST_CHECK;
Rc procedure_run(Runner *runner, Err *err) MUST_CHECK;
/* keys.c: what was made for executions that are gone. */
Rc keys_drop(Runner *runner, Err *err) MUST_CHECK;

#endif
