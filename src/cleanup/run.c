/* A run: the lock, the method, the keys, and what came of it. */
#include "runner.h"

#include <inttypes.h>

/* For the server to notice that our last session is gone, and to undo what that had begun. */
enum { RELOCK_WAIT_MS = 60 * 1000 };

const char *cleanup_end_text(CleanupEnd end)
{
    switch (end) {
    case CLEANUP_DONE:
        return "done";
    case CLEANUP_TIME_LIMIT:
        return "time limit";
    case CLEANUP_STOP_FILE:
        return "stop file";
    case CLEANUP_BLOCKED:
        return "locked by other sessions";
    case CLEANUP_FULL:
        return "log or database full";
    case CLEANUP_SIGNAL:
        return "signal";
    case CLEANUP_FAILED:
        return "error";
    }
    return "";
}

/* ---- the lock -------------------------------------------------------------------------------- */

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
    return FAIL(err, RC_LOCKED, "another cleanup of this database is running");
}

/* Who holds it, as far as this login may see; that it may not is no error of its own. */
static Rc name_holder(Tds *tds, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    char since[TIME_TEXT_MAX];
    bool has_row = false;
    Err unseen;

    if (tds_query(tds, SQL_CLEANUP_LOCK_HOLDER, NULL, 0, &rows, &unseen) != RC_OK ||
        tds_next(rows, &has_row, &unseen) != RC_OK || !has_row)
        return err_hint(err, "wait for its end; to see who it is takes VIEW SERVER STATE, on Azure "
                             "SQL Database VIEW DATABASE STATE");
    int64_t seconds = tds_i64(rows, SQL_CLEANUP_LOCK_HOLDER__SECONDS);
    Str host = tds_text(rows, SQL_CLEANUP_LOCK_HOLDER__HOST_NAME);
    Str program = tds_text(rows, SQL_CLEANUP_LOCK_HOLDER__PROGRAM_NAME);
    Str login = tds_text(rows, SQL_CLEANUP_LOCK_HOLDER__LOGIN_NAME);
    time_duration_text((seconds > 0 && seconds < INT32_MAX ? seconds : 0) * TICKS_PER_SECOND,
                       since);
    (void)FAIL(err, RC_LOCKED,
               "another cleanup of this database is running: session %" PRId64
               " of login '%.*s' on host '%.*s' (%.*s), logged in %s ago",
               tds_i64(rows, SQL_CLEANUP_LOCK_HOLDER__SESSION_ID), STR_FMT(login), STR_FMT(host),
               STR_FMT(program), since);
    return err_hint(err, "it holds the application lock 'ssisminer cleanup'; wait for its end");
}

/* The server's wait has to be over before the statement's own time-out. */
static Rc on_session(void *context, Tds *tds, Err *err)
{
    int64_t piece_ms = tds_query_timeout(tds) * INT64_C(1000) / 2;
    int64_t left_ms = RELOCK_WAIT_MS;
    Err why = {0};

    (void)context;
    for (;; left_ms -= piece_ms) {
        if (take_lock(tds, left_ms < piece_ms ? left_ms : piece_ms, &why) == RC_OK)
            return RC_OK;
        if (why.rc != RC_LOCKED || left_ms <= piece_ms) {
            *err = why;
            return err->rc;
        }
    }
}

/* A session that was lost while it asked may still have the lock. */
static Rc take_first_lock(Tds *tds, Err *err)
{
    size_t sessions = tds_session_count(tds);
    Err why = {0};

    if (take_lock(tds, 0, &why) == RC_OK)
        return RC_OK;
    if (why.rc == RC_LOCKED && tds_session_count(tds) != sessions)
        return on_session(NULL, tds, err);
    *err = why;
    return err->rc == RC_LOCKED ? name_holder(tds, err) : err->rc;
}

/* ---- before the first delete ----------------------------------------------------------------- */

static Rc refuse_rights(const CleanupPlan *plan, Err *err)
{
    const char *login = plan->db->login_name ? plan->db->login_name : "?";

    (void)FAIL(err, RC_RIGHTS, "login '%s' may not clean up: %s", login, plan->method_reason);
    if (plan->grant_count > 1 && plan->wish->method == CLEANUP_AUTO)
        return err_hint(err, "a database owner can grant it: %s, or to call the shipped purge: %s",
                        plan->grants[0], plan->grants[1]);
    return err_hint(err, "a database owner can grant it: %s", plan->grants[0]);
}

static Rc refuse_read_only(const CleanupPlan *plan, Err *err)
{
    (void)FAIL(err, RC_NOTHING, "database '%s' is read-only: nothing can be deleted",
               plan->db->database_name ? plan->db->database_name : "?");
    return err_hint(err, "this is a secondary, or the database was set so: connect to the primary, "
                         "without --read-only");
}

static Rc check(const CleanupPlan *plan, Err *err)
{
    if (plan->db->is_read_only)
        return refuse_read_only(plan, err);
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

/* ---- the archive ----------------------------------------------------------------------------- */

/* Also where nothing goes: what is too old for it is to be trimmed. */
static Rc open_archive(Runner *runner, Err *err)
{
    const CleanupPlan *plan = runner->plan;

    if (!plan->wish->archive)
        return RC_OK;
    runner->archive_wish = *plan->wish->archive;
    runner->archive_wish.cutoff = plan->cutoff;
    runner->archive_wish.failed_cutoff = plan->failed_cutoff;
    if (plan->doomed == 0 && plan->archive.held.stale == 0)
        return RC_OK;
    runner_say(runner, "opening the archive");
    return archive_open(plan->db, &runner->archive_wish, &runner->archive, err);
}

/* Of a run that failed nothing is trimmed: whoever looks into it may want all there is. */
static Rc trim_archive(Runner *runner, Err *err)
{
    if (!runner->archive || runner->run->end == CLEANUP_SIGNAL)
        return RC_OK;
    runner_say(runner, "trimming the archive");
    return archive_trim(runner->archive, err);
}

/* ---- the run --------------------------------------------------------------------------------- */

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
    const CleanupPlan *plan = runner->plan;

    TRY(check(plan, err));
    TRY(take_first_lock(plan->db->tds, err));
    tds_set_session_start(plan->db->tds, on_session, NULL);
    TRY(open_archive(runner, err));
    TRY(ledger_begin(runner->watch->ledger, &runner->head, plan->is_counted ? plan->doomed : -1,
                     err));
    runner->has_begun = true;
    runner->recorded_ms = time_monotonic_ms();
    batched_set_paces(runner);
    if (plan->method == CLEANUP_PROCEDURE)
        TRY(procedure_run(runner, err));
    else
        TRY(batched_run(runner, err));
    if (plan->method == CLEANUP_BATCHED && !runner->is_stopping)
        TRY(heaps_clear_orphans(runner, err));
    if (plan->method == CLEANUP_BATCHED && !runner->is_stopping)
        TRY(keys_drop(runner, err));
    if (plan->method == CLEANUP_BATCHED)
        heaps_measure(runner);
    if (plan->method == CLEANUP_BATCHED && !runner->is_stopping)
        TRY(heaps_rebuild(runner, err));
    TRY(purge_versions(runner, err));
    return trim_archive(runner, err);
}

/* ---- its end --------------------------------------------------------------------------------- */

static LedgerHead head_of(const CleanupPlan *plan, Instant started, Arena *arena)
{
    return (LedgerHead){.started = started,
                        .server = plan->db->server_name,
                        .database = plan->db->database_name,
                        .login = plan->db->login_name,
                        .method = cleanup_method_name(plan->method),
                        .cutoff = plan->cutoff,
                        .failed_cutoff = plan->failed_cutoff,
                        .keep_ticks = plan->keep_ticks,
                        .keep_failed_ticks = plan->keep_failed_ticks,
                        .keep_from = plan->keep_origin,
                        .keep_failed_from = plan->keep_failed_origin,
                        .filter = cleanup_filter_text(plan, arena)};
}

static Rc record_end(Runner *runner, Err *err)
{
    const CleanupRun *run = runner->run;
    const LedgerRun line = {.ended = run->ended,
                            .elapsed_ms = run->elapsed_ms,
                            .end = cleanup_end_text(run->end),
                            .operations = run->operations,
                            .rows = run->rows,
                            .cascaded_rows = run->cascaded_rows,
                            .uncertain = run->uncertain,
                            .statements = run->statements,
                            .longest_ms = run->longest_ms,
                            .keys_dropped = run->keys_dropped,
                            .sessions = run->sessions,
                            .archive = runner->archive ? runner->archive_wish.path : NULL,
                            .archived_operations = run->archived.operations,
                            .archived_executions = run->archived.executions,
                            .archived_messages = run->archived.messages,
                            .trimmed_operations = run->archived.trimmed,
                            .archive_bytes = run->archived.bytes};

    TRY(runner_record(runner, err));
    return ledger_end(runner->watch->ledger, &runner->head, &line, err);
}

/* A stop that cancelled the running statement comes as an error of that statement. What went is
 * written down however it ended. */
static Rc settle(Runner *runner, Rc rc, const Err *why, Err *err)
{
    CleanupRun *run = runner->run;

    run->ended = time_now();
    run->elapsed_ms = time_monotonic_ms() - runner->start_ms;
    run->sessions = (int64_t)tds_session_count(runner->plan->db->tds);
    if (runner->archive)
        run->archived = archive_told(runner->archive);
    if (rc == RC_STOPPED)
        run->end = CLEANUP_SIGNAL;
    else if (rc != RC_OK)
        run->end = CLEANUP_FAILED;
    Rc recorded = runner->has_begun ? record_end(runner, err) : RC_OK;
    if (rc == RC_OK || rc == RC_STOPPED)
        return recorded;
    *err = *why;
    return rc;
}

Rc cleanup_execute(const CleanupPlan *plan, const CleanupWatch *watch, Arena *arena,
                   CleanupRun *ret_run, Err *err)
{
    Err why = {0};
    Runner runner = {.plan = plan,
                     .run = ret_run,
                     .arena = arena,
                     .watch = watch,
                     .start_ms = time_monotonic_ms()};

    *ret_run = (CleanupRun){.end = CLEANUP_DONE, .started = time_now()};
    runner.head = head_of(plan, ret_run->started, arena);
    Rc rc = work(&runner, &why);
    tds_set_session_start(plan->db->tds, NULL, NULL);
    rc = settle(&runner, rc, &why, err);
    archive_close(runner.archive);
    return rc;
}
