/*
 * Executions as compact records, with the first sign of work of each: what the questions about
 * waiting and about speed need of them, and nothing else, since there may be a million.
 *
 * First sign of work: the earliest executable that the server has statistics of, else the earliest
 * message of a package or what is in it (docs/facts.md#times). At logging level None there is
 * neither. Before it an execution waits in a queue, from its start_time on (status pending).
 *
 * Ownership: runs_done frees what runs_read made; names live as long.
 * Times:     UTC ticks, 0 where unknown.
 */
#ifndef SSISMINER_SSISDB_RUNS_H
#define SSISMINER_SSISDB_RUNS_H

#include "ssisminer/ssisdb/package_names.h"
#include "ssisminer/ssisdb/ssisdb.h"

typedef struct Run {
    int64_t id;
    int64_t created, start, work, end;
    uint32_t key;             // number of a NameKey: folder, project, package, environment
    uint32_t caller, machine; // numbers of texts, 0 if none
    int8_t status;
} Run;

typedef struct Runs { // {0} is empty
    Names names;
    Run *list; // in no order
    size_t count, capacity;
    size_t
        doubted_count; // of those that came with an end that cannot be (ends.h): it counts as none
} Runs;

/* Those that lived between the two, live ones included; `until` unset: until now. One statement. */
Rc runs_read(const Ssisdb *db, Instant since, Instant until, Runs *ret_runs, Err *err) MUST_CHECK;
/* The same, one by one as they come; `runs` numbers the names and keeps no run. An execution may
 * come more than once: the view joins what the machine was like. */
typedef void RunFn(void *context, Runs *runs, const Run *run);
Rc runs_each(const Ssisdb *db, Instant since, Instant until, Runs *runs, RunFn *on_run,
             void *context, Err *err) MUST_CHECK;
void runs_done(Runs *runs);                                    // accepts an empty one
int64_t runs_first_start(const Runs *runs, int64_t otherwise); // if none before that started

const char *runs_text(const Runs *runs, uint32_t number); // of a caller or machine; NULL for 0
/* What a filter sees of a run. */
bool run_passes(const ExecutionFilter *filter, const Runs *runs, const Run *run);
/* The texts of a key, by KEY_FOLDER and so on; NULL for none. */
const char *run_key_text(const Runs *runs, uint32_t key, int part);
/* "Sales/Orders/Load.dtsx"; unknown parts are "?". */
const char *run_path(const Runs *runs, uint32_t key, Arena *arena);

/* How long it waited for a worker; -1 if nobody knows. */
int64_t run_wait(const Run *run);
/* From the first sign of work (where unknown: the start) to the end, or to `now` for one that is
 * live; false if it never started, or is neither live nor has an end. */
bool run_worked(const Run *run, int64_t now, int64_t *ret_from, int64_t *ret_to);

#endif
