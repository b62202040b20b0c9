/* The shipped procedures, one after the other: the way for a login that may do nothing else. */
#include "runner.h"

typedef struct Step {
    SqlId id;
    const char *doing;
    bool is_wanted;
} Step;

/* Purges of Scale Out come along where the login may call them. */
Rc procedure_run(Runner *runner, Err *err)
{
    const CleanupPlan *plan = runner->plan;
    const Step steps[] = {
        {SQL_CLEANUP_RETENTION_EXCLUSIVE, "internal.cleanup_server_retention_window_exclusive",
         plan->has_exclusive},
        {SQL_CLEANUP_RETENTION, "internal.cleanup_server_retention_window", !plan->has_exclusive},
        {SQL_CLEANUP_COMPLETED_JOBS, "internal.cleanup_completed_jobs_exclusive", plan->may_jobs},
        {SQL_CLEANUP_EXPIRED_WORKERS, "internal.cleanup_expired_worker", plan->may_workers},
    };

    tds_set_query_timeout(plan->db->tds, CALL_TIMEOUT_S);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        bool stop = false;
        if (!steps[i].is_wanted)
            continue;
        TRY(throttle_between(runner, &stop, err));
        if (stop)
            return RC_OK;
        runner_say(runner, steps[i].doing);
        int64_t start_ms = time_monotonic_ms();
        TRY(tds_exec(plan->db->tds, steps[i].id, NULL, 0, NULL, err));
        runner->run->statements++;
        int64_t ms = time_monotonic_ms() - start_ms;
        if (ms > runner->run->longest_ms) {
            runner->run->longest_ms = ms;
            runner->run->longest_table = steps[i].doing;
        }
    }
    return RC_OK;
}
