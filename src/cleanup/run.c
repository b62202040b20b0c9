/* A run: the lock, the method, the keys, and what came of it. */
#include "internal.h"

#include <string.h>

enum { RELOCK_WAIT_MS = 30 * 1000 }; // for the server to notice that our last session is gone

const char *cleanup_end_text(CleanupEnd end)
{
    switch (end) {
    case CLEANUP_DONE:
        return "done";
    case CLEANUP_TIME_LIMIT:
        return "time limit";
    case CLEANUP_STOP_FILE:
        return "stop file";
    case CLEANUP_SIGNAL:
        return "signal";
    case CLEANUP_FAILED:
        return "error";
    }
    return "";
}

void runner_say(Runner *runner, const char *doing)
{
    runner->run->elapsed_ms = time_monotonic_ms() - runner->start_ms;
    if (runner->progress)
        runner->progress(runner->context, runner->plan, runner->run, doing);
}

/* ---- the lock -----------------------------------------------------------------------------------
 */

static Rc take_lock(Tds *tds, int64_t wait_ms, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;
    const TdsArg args[] = {{.name = "wait_ms", .i64 = wait_ms}};

    TRY(tds_query(tds, SQL_CLEANUP_LOCK, args, ARRAY_LEN(args), &rows, err));
    TRY(tds_next(rows, &has_row, err));
    bool is_taken = has_row && tds_i64(rows, SQL_CLEANUP_LOCK__OUTCOME) >= 0;
    if (has_row)
        TRY(tds_next(rows, &has_row, err));
    if (is_taken)
        return RC_OK;
    (void)FAIL(err, RC_LOCKED, "another cleanup of this database is running");
    return err_hint(err, "it holds the application lock 'ssisminer cleanup'; wait for its end");
}

static Rc on_session(void *context, Tds *tds, Err *err)
{
    (void)context;
    return take_lock(tds, RELOCK_WAIT_MS, err);
}

/* ---- before the first delete
 * ----------------------------------------------------------------------- */

static Rc refuse_rights(const CleanupPlan *plan, Err *err)
{
    const char *login = plan->db->login_name ? plan->db->login_name : "?";

    (void)FAIL(err, RC_RIGHTS, "login '%s' may not clean up: %s", login, plan->method_reason);
    if (plan->grant_count > 1 && plan->wish->method == CLEANUP_AUTO)
        return err_hint(err, "a database owner can grant it: %s, or to call the shipped purge: %s",
                        plan->grants[0], plan->grants[1]);
    return err_hint(err, "a database owner can grant it: %s", plan->grants[0]);
}

static Rc check(const CleanupPlan *plan, Err *err)
{
    if (plan->method == CLEANUP_NONE)
        return refuse_rights(plan, err);
    if (plan->method == CLEANUP_BATCHED && plan->unknown_child) {
        (void)FAIL(err, RC_QUERY, "table %s refers to the operation log and is unknown here",
                   plan->unknown_child);
        return err_hint(err, "nothing was deleted; drop its foreign key or clean up with "
                             "--method procedure, if its rows may go by cascade");
    }
    if (plan->wish->project_versions && !plan->may_versions) {
        (void)FAIL(err, RC_RIGHTS, "the login may not purge project versions");
        return err_hint(err, "a database owner can grant it: %s",
                        plan->grants[plan->grant_count - 1]);
    }
    return RC_OK;
}

/* ---- the run
 * --------------------------------------------------------------------------------------- */

static Rc purge_versions(Runner *runner, Err *err)
{
    if (!runner->plan->wish->project_versions || runner->is_stopping)
        return RC_OK;
    runner_say(runner, "internal.cleanup_server_project_version");
    tds_set_query_timeout(runner->plan->db->tds, CALL_TIMEOUT_S);
    TRY(tds_exec(runner->plan->db->tds, SQL_CLEANUP_PROJECT_VERSIONS, NULL, 0, NULL, err));
    runner->run->versions_done = true;
    return RC_OK;
}

static Rc work(Runner *runner, Err *err)
{
    TRY(check(runner->plan, err));
    TRY(take_lock(runner->plan->db->tds, 0, err));
    tds_set_session_start(runner->plan->db->tds, on_session, NULL);
    if (runner->plan->method == CLEANUP_PROCEDURE)
        TRY(procedure_run(runner, err));
    else
        TRY(batched_run(runner, err));
    if (runner->plan->method == CLEANUP_BATCHED && !runner->is_stopping)
        TRY(keys_drop(runner, err));
    return purge_versions(runner, err);
}

/* A stop that cancelled the running statement comes as an error of that statement. */
static Rc settle(Runner *runner, Rc rc, const Err *why, Err *err)
{
    CleanupRun *run = runner->run;

    run->ended = time_now();
    run->elapsed_ms = time_monotonic_ms() - runner->start_ms;
    run->sessions = (int64_t)tds_session_count(runner->plan->db->tds);
    if (rc == RC_STOPPED)
        run->end = CLEANUP_SIGNAL;
    else if (rc != RC_OK)
        run->end = CLEANUP_FAILED;
    if (rc == RC_OK || rc == RC_STOPPED)
        return RC_OK;
    *err = *why;
    return rc;
}

Rc cleanup_execute(CleanupPlan *plan, CleanupProgress *progress, void *context, Arena *arena,
                   CleanupRun *ret_run, Err *err)
{
    Err why = {0};
    Runner runner = {.plan = plan,
                     .run = ret_run,
                     .arena = arena,
                     .progress = progress,
                     .context = context,
                     .start_ms = time_monotonic_ms()};

    *ret_run = (CleanupRun){.end = CLEANUP_DONE, .started = time_now()};
    Rc rc = work(&runner, &why);
    tds_set_session_start(plan->db->tds, NULL, NULL);
    return settle(&runner, rc, &why, err);
}
