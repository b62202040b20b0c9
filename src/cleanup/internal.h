/* Between the files of this room: order, rights, counting, pace, manners, keys. */
#ifndef SSISMINER_CLEANUP_INTERNAL_H
#define SSISMINER_CLEANUP_INTERNAL_H

#include "ssisminer/cleanup/cleanup.h"

/* ---- tables.c: what the operation log consists of ----------------------------------------------
 */

typedef struct LogTable {
    const char *name;
    const char *needs; // ssisdb_has of it says that this build has the table as we know it
    SqlId id;          // deletes from it
    bool starts_with;  // a never started operation needs it to start
} LogTable;

/* The known tables that this build has, children before parents. */
struct CleanupOrder {
    const LogTable *at[CLEANUP_TABLES_MAX];
    bool with_created[CLEANUP_TABLES_MAX]; // rows of never started operations go here too
    size_t count;
};

const LogTable *log_table(const char *name); // NULL if it is none
/* Fills the plan's tables, unknown_child and gaps. RC_QUERY when the keys go in a circle. */
Rc tables_order(CleanupPlan *plan, Arena *arena, Err *err) MUST_CHECK;

/* ---- rights.c ----------------------------------------------------------------------------------
 */

Rc plan_rights(CleanupPlan *plan, Arena *arena, Err *err) MUST_CHECK;

/* ---- count.c: the stream of operations
 * ----------------------------------------------------------- */

typedef struct Judged { // texts live until the next one
    int64_t id;
    int type, status;
    bool is_execution;
    bool is_doomed;   // by status, age and filter
    bool is_filtered; // would be doomed but for the filter
    Instant last_time;
} Judged;

typedef void JudgedFn(void *context, const Judged *judged);

/* At most `limit` operations behind after_id, in the order of their ids; tells how many came. */
Rc judge_operations(const CleanupPlan *plan, int64_t after_id, int64_t limit, JudgedFn *each,
                    void *context, int64_t *ret_count, Err *err) MUST_CHECK;

typedef struct IdRange {
    int64_t first, last, count;
} IdRange;

Rc plan_count(CleanupPlan *plan, Arena *arena, Err *err) MUST_CHECK;
Rc plan_sizes(CleanupPlan *plan, Err *err) MUST_CHECK;
Rc plan_zombies(CleanupPlan *plan, Arena *arena, Err *err) MUST_CHECK;

/* ---- pace.c: how many rows a statement takes
 * ------------------------------------------------------ */

typedef struct Pace {
    int64_t rows, most;
    int64_t target_ms;
    int troubles; // in a row
    int calm;     // statements to go before it grows again
} Pace;

Pace pace_of(int64_t first, int64_t most, int64_t target_ms);
void pace_took(Pace *pace, int64_t affected, int64_t ms);
/* Halves; false when that has not helped often enough. */
bool pace_trouble(Pace *pace);
bool pace_is_trouble(int32_t number); // errors that smaller batches may avoid

/* A shipped procedure does all its work in one call: only a stop ends it before. */
enum { CALL_TIMEOUT_S = 7 * 24 * 3600 };

/* ---- run.c
 * ---------------------------------------------------------------------------------------- */

typedef struct Runner {
    CleanupPlan *plan;
    CleanupRun *run;
    Arena *arena;
    CleanupProgress *progress;
    void *context;
    Pace paces[CLEANUP_TABLES_MAX];
    int64_t start_ms, looked_ms; // looked: at the server's load
    bool is_stopping;            // run->end says why
} Runner;

void runner_say(Runner *runner, const char *doing);

/* manners.c: true when the run has to end here (run->end is set). Waits if the server is busy. */
Rc manners_between(Runner *runner, bool *ret_stop, Err *err) MUST_CHECK;
Rc manners_wait(Runner *runner, const char *reason, int64_t ms, bool *ret_stop,
                Err *err) MUST_CHECK;

Rc batched_run(Runner *runner, Err *err) MUST_CHECK;
Rc procedure_run(Runner *runner, Err *err) MUST_CHECK;
/* keys.c: what was made for executions that are gone. */
Rc keys_drop(Runner *runner, Err *err) MUST_CHECK;

#endif
