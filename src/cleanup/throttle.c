/* What a run looks at between two statements: may it go on, and should it wait. */
#include "runner.h"

#include "ssisminer/base/file.h"
#include "ssisminer/base/stop.h"

enum {
    LOOK_EVERY_MS = 5000, // the server measures every 15 s
    WAIT_MS = 1000,       // then a small batch, and a look again; twice as long each time in a row
    WAIT_MOST_MS = 30000,
    WAIT_PIECE_MS = 500, // how fast a stop file or time limit ends a wait
    LOADS = 3
};

static bool has_to_end(Runner *runner)
{
    const CleanupWish *wish = runner->plan->wish;

    if (stop_wanted())
        runner_end(runner, CLEANUP_SIGNAL);
    else if (wish->time_limit_ms > 0 &&
             time_monotonic_ms() - runner->start_ms >= wish->time_limit_ms)
        runner_end(runner, CLEANUP_TIME_LIMIT);
    else if (wish->stop_file && file_exists(wish->stop_file))
        runner_end(runner, CLEANUP_STOP_FILE);
    return runner->is_stopping;
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void note_wait(CleanupRun *run, const char *reason, int64_t ms)
{
    size_t at = 0;

    while (at < run->wait_count && !str_same(run->waits[at].reason, reason))
        at++;
    if (at == CLEANUP_WAITS_MAX)
        return;
    if (at == run->wait_count)
        run->waits[run->wait_count++] = (CleanupWait){.reason = reason};
    run->waits[at].count++;
    run->waits[at].ms += ms;
}

Rc throttle_wait(Runner *runner, const char *reason, int64_t ms, bool *ret_stop, Err *err)
{
    int64_t start_ms = time_monotonic_ms();

    for (int64_t left = ms; left > 0 && !has_to_end(runner); left -= WAIT_PIECE_MS) {
        Err woken; // a signal: has_to_end sees it
        (void)err;
        if (stop_sleep_ms((long)(left < WAIT_PIECE_MS ? left : WAIT_PIECE_MS), &woken) != RC_OK)
            break;
    }
    note_wait(runner->run, reason, time_monotonic_ms() - start_ms);
    *ret_stop = has_to_end(runner);
    return RC_OK;
}

/* ---- the server's figures -------------------------------------------------------------------- */

static Rc read_load(Runner *runner, double *ret_load, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;

    TRY(tds_query(runner->plan->db->tds, SQL_CLEANUP_LOAD, NULL, 0, &rows, err));
    TRY(tds_next(rows, &has_row, err));
    for (int i = 0; i < LOADS; i++)
        ret_load[i] = has_row ? tds_f64(rows, i) : 0;
    return has_row ? tds_next(rows, &has_row, err) : RC_OK;
}

static Rc read_waiting(Runner *runner, int64_t *ret_sessions, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;

    TRY(tds_query(runner->plan->db->tds, SQL_CLEANUP_WAITING, NULL, 0, &rows, err));
    TRY(tds_next(rows, &has_row, err));
    *ret_sessions = has_row ? tds_i64(rows, SQL_CLEANUP_WAITING__SESSIONS) : 0;
    return has_row ? tds_next(rows, &has_row, err) : RC_OK;
}

/* These figures serve throttling: where the server does not tell them the run goes on without, and
 * says so at its end. */
static Rc settle(const Runner *runner, Rc rc, const Err *refused, const char **why_not, Err *err)
{
    if (ssisdb_is_unseen(rc, refused)) {
        *why_not = arena_text(runner->arena, refused->text);
        return RC_OK;
    }
    if (rc != RC_OK)
        *err = *refused;
    return rc;
}

static Rc look_at_load(Runner *runner, double *ret_load, Err *err)
{
    const CleanupPlan *plan = runner->plan;
    Err refused = {0};

    if (plan->db->engine_edition != ENGINE_AZURE_SQL_DATABASE || !plan->may_view_state ||
        runner->run->no_load)
        return RC_OK;
    Rc rc = read_load(runner, ret_load, &refused);
    return settle(runner, rc, &refused, &runner->run->no_load, err);
}

static Rc look_at_sessions(Runner *runner, int64_t *ret_waiting, Err *err)
{
    Err refused = {0};

    if (!runner->plan->sees_sessions || runner->run->no_sessions)
        return RC_OK;
    Rc rc = read_waiting(runner, ret_waiting, &refused);
    return settle(runner, rc, &refused, &runner->run->no_sessions, err);
}

/* Why it is too busy for us now, or NULL. Of the columns of load.sql: CPU, data IO, log write. */
static Rc find_reason(Runner *runner, const char **ret_reason, Err *err)
{
    static const char *const busy[LOADS] = {
        "the server's CPU is busy", "the server's data IO is busy", "the server's log is busy"};
    const CleanupPlan *plan = runner->plan;
    double load[LOADS] = {0};
    int64_t sessions = 0;

    *ret_reason = NULL;
    TRY(look_at_load(runner, load, err));
    for (int i = 0; i < LOADS; i++)
        if (load[i] > (double)plan->wish->max_load_percent)
            *ret_reason = busy[i];
    TRY(look_at_sessions(runner, &sessions, err));
    if (sessions > 0)
        *ret_reason = "other sessions wait for locks";
    return RC_OK;
}

int64_t throttle_busy_wait_ms(int waits)
{
    int64_t ms = WAIT_MS;

    while (waits-- > 0 && ms < WAIT_MOST_MS)
        ms *= 2;
    return ms < WAIT_MOST_MS ? ms : WAIT_MOST_MS;
}

/* However busy the server is, and for however long: a small batch goes after each wait, so that a
 * run gets somewhere every night. Without the right to look, nothing is known and nothing is waited
 * for. */
static Rc wait_if_busy(Runner *runner, bool *ret_stop, Err *err)
{
    const char *reason = NULL;
    bool is_due = runner->is_sparing ? runner->run->rows > runner->rows_then
                                     : time_monotonic_ms() - runner->looked_ms >= LOOK_EVERY_MS;

    if (!(runner->plan->may_view_state || runner->plan->sees_sessions) || !is_due)
        return RC_OK;
    TRY(find_reason(runner, &reason, err));
    runner->looked_ms = time_monotonic_ms();
    runner->is_sparing = reason != NULL;
    runner->rows_then = runner->run->rows;
    if (!reason) {
        runner->busy_waits = 0;
        return RC_OK;
    }
    runner_say(runner, reason);
    return throttle_wait(runner, reason, throttle_busy_wait_ms(runner->busy_waits++), ret_stop,
                         err);
}

Rc throttle_between(Runner *runner, bool *ret_stop, Err *err)
{
    *ret_stop = has_to_end(runner);
    if (*ret_stop)
        return RC_OK;
    TRY(wait_if_busy(runner, ret_stop, err));
    if (!*ret_stop && runner->plan->wish->sleep_ms > 0)
        return throttle_wait(runner, "pauses asked for", runner->plan->wish->sleep_ms, ret_stop,
                             err);
    return RC_OK;
}
