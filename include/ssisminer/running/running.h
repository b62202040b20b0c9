/*
 * What runs, waits or hangs now, and what succeeded of late though it said errors: the question
 * behind `running`.
 *
 * At most seven statements, however long the log is: what is live with its signs of life; the
 * tasks and the phases of components that began and have not ended; what was said last; the errors;
 * how long the same packages usually take; and the workers, where the build has some. Only messages
 * of what is live, and errors of what succeeded in the window, are read.
 *
 * Usual: from the first executable to the end, of the successes of the look-back of the same
 * package and environment. Signs of life are messages and the statistics of executables; an
 * execution that logs at level None gives neither, so that its silence says nothing.
 *
 * Ownership: a Running owns everything reachable from it, but borrows the catalog.
 * Limits:    of an operation the first RUNNING_ERRORS_KEPT errors decide what its cause is, each
 * cut at RUNNING_TEXT_MAX bytes; the latest RUNNING_USUAL_RUNS successes of a package are its
 *            usual; of an operation RUNNING_TASKS_KEPT tasks beside each other are told; and
 *            RUNNING_NOISY_MAX executions that succeeded with errors (`has_more_noisy`).
 */
#ifndef SSISMINER_RUNNING_RUNNING_H
#define SSISMINER_RUNNING_RUNNING_H

#include "ssisminer/diagnose/diagnose.h"
#include "ssisminer/report/news.h"
#include "ssisminer/report/report.h"
#include "ssisminer/signature/signature.h"
#include "ssisminer/ssisdb/missing.h"
#include "ssisminer/ssisdb/ssisdb.h"
#include "ssisminer/ssisdb/workers.h"

enum {
    RUNNING_ERRORS_KEPT = 8,
    RUNNING_TEXT_MAX = 4096,
    RUNNING_USUAL_RUNS = 2000,
    RUNNING_NOISY_MAX = 2000,
    RUNNING_TASKS_KEPT = 16
};

typedef struct RunningQuestion {
    Instant since,
        until;         // of what succeeded with errors, and of what was created and never started
    int64_t look_back; // ticks before now that the usual is taken from
    size_t least_runs; // fewer successes are no usual
    int64_t slower_percent; // above the median, and above the p95: longer than usual
    int64_t silent_for;     // ticks without a sign of life that are too many
    ExecutionFilter filter; // operations have neither folder, project nor package: a filter on
                            // those leaves them out
} RunningQuestion;

typedef enum RunningState { // what needs somebody first comes first
    RUNNING_HANGS,          // silent, and longer than usual (or no usual is known)
    RUNNING_LATE,           // longer than usual
    RUNNING_SILENT,         // no sign of life, but no longer than usual
    RUNNING_STOPPING,
    RUNNING_QUEUED, // pending: waits for a worker
    RUNNING_FINE,
    RUNNING_NOT_STARTED, // created; nobody has called start_execution
    RUNNING_STATES
} RunningState;

const char *running_state_name(RunningState state); // "hangs"

typedef struct RunningUsual { // ticks
    int64_t median, p95;
    size_t count; // 0: no usual
} RunningUsual;

typedef struct RunningErrors { // what somebody reads of them
    int64_t count;
    Instant first, last;
    const Signature *signature; // root cause; NULL: none that is known
    const char *cause_id;       // its id, else the fingerprint; NULL without errors
    const char *text;           // of the decisive error; NULL: it has none
    const char *at;             // path of the task that said it; NULL if unknown
} RunningErrors;

typedef struct RunningTask {
    const char *path; // of the executable, with the rounds of loops
    Instant since;
} RunningTask;

typedef struct RunningOperation { // texts are NULL where unknown
    int64_t id;
    int type, status;
    const char *folder, *project, *package, *environment_folder, *environment; // of an execution
    const char *object_name, *caller, *machine;
    Instant created, start;
    int logging_level;             // -1 if unknown
    Instant first_sign, last_sign; // unset: none
    const RunningTask *tasks;      // that began and have not ended; no containers of one another
    size_t task_count;
    const char *last_path; // of the last message that has one
    const char *component; // "ProcessInput of Orders": a phase that has not ended
    const char *last_message;
    int64_t warnings;
    RunningErrors errors;
    RunningUsual usual;
    int64_t age;           // ticks: since the first sign of work, the start or the creation
    int64_t silence;       // ticks since the last sign of life; -1: it logs nothing
    size_t queue_position; // from 1 among all that are pending; 0: not pending
    RunningState state;
} RunningOperation;

typedef struct RunningNoisy { // succeeded, and said errors
    int64_t id;
    const char *folder, *project, *package, *caller;
    int status;
    Instant start, end;
    RunningErrors errors;
} RunningNoisy;

typedef struct Running {
    const RunningOperation *list; // by state, then the oldest first
    size_t count;
    size_t of_state[RUNNING_STATES];
    size_t running, pending;   // on the whole server: the filter does not count here
    const RunningNoisy *noisy; // latest first
    size_t noisy_count;
    bool has_more_noisy; // than RUNNING_NOISY_MAX
    Workers workers;
    size_t workers_online;
    Missing missing;
    struct RunningStore *store; // private
} Running;

Rc running_read(const Ssisdb *db, const SigSet *signatures, const RunningQuestion *question,
                Running **ret_running, Err *err) MUST_CHECK;

/* One of each of the list, then one of each that succeeded with errors. The same is the same
 * operation in the same state, where that needs a look (hangs, late, silent; others are no
 * finding); and the same cause in the same package. */
const Finding *running_findings(const Running *running, Arena *arena, size_t *ret_count);
/* Leaves out those whose `wanted` (of the same index) is false. */
void running_keep(Running *running, const bool *wanted);

typedef struct RunningView {
    const Ssisdb *db;
    const RunningQuestion *question;
    size_t limit; // of each list; 0: none
    Instant now;
    const ReportNews *news; // NULL: no state
} RunningView;

Report *running_report(const Running *running, const RunningView *view, Arena *arena);

void running_free(Running *running); // accepts NULL
void running_free_at(Running **running);

#endif
