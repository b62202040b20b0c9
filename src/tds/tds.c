/* The only door to a server: opens, runs named statements, tries again what passes by itself. */
#include "parts.h"

#include "ssisminer/base/log.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/stop.h"

#include <assert.h>
#include <stdlib.h>

/* ---- trying again ---------------------------------------------------------------------------- */

enum { WAIT_MOST_MS = 60 * 1000 };

/* One thing to do on an open connection. */
typedef struct Work {
    const SqlAsset *asset;
    const TdsArg *args;
    size_t arg_count;
    TdsRows **ret_rows;    // of a query, else NULL
    int64_t *ret_affected; // of an exec, may be NULL
    bool is_part;          // of an answer that goes around a lock
} Work;

static bool met_lock(const Tds *tds)
{
    return tds->fault.number == TDS_LOCK_TIME_OUT;
}

/* Whether it may go around a lock. */
static bool may_part(const Work *work)
{
    return work && work->ret_rows && !work->is_part && tds_parts_may(work->asset);
}

static bool is_passing(const Tds *tds, const Work *work)
{
    switch (tds->fault.transience) {
    case TDS_PERMANENT:
    case TDS_FULL:
        return false;
    case TDS_PASSING:
    case TDS_GOVERNED:
        return true;
    case TDS_REOPENING:
        return tds->was_open;
    case TDS_CONTENDED: // who writes adapts instead
    case TDS_OVERSIZED:
        return work && work->ret_rows && !(work->is_part && met_lock(tds));
    case TDS_TRANSPORT: // a server that was never reached is more likely a wrong name
        return tds->was_open || tds->fault.is_lost;
    }
    return false;
}

/* The first wait is retry_wait_ms, each further one twice that plus up to a quarter, so that
 * many clients do not come back at once. */
static long wait_ms(const Tds *tds, int attempt)
{
    long ms = tds->target.retry_wait_ms;

    for (int i = 0; i < attempt && ms < WAIT_MOST_MS; i++)
        ms *= 2;
    if (attempt > 0)
        ms += (long)(time_now().ticks / 10 % 1000) * ms / 4000;
    return ms < WAIT_MOST_MS ? ms : WAIT_MOST_MS;
}

static Rc wait_to_retry(Tds *tds, const Work *work, int attempt, Err *err)
{
    const TdsTransient *known = tds_transient(tds->fault.number);
    long ms = wait_ms(tds, attempt);

    if (met_lock(tds) && tds->blocker[0] != '\0' && !may_part(work))
        log_note("a read waits for a lock: %s", tds->blocker);
    log_note("%s (%s); trying again in %ld s (%d of %d)",
             tds_fault_tells(&tds->fault) ? tds->fault.words : "no answer",
             known ? known->name : "connection lost", (ms + 999) / 1000, attempt + 1,
             tds->target.retry_attempts);
    return stop_sleep_ms(ms, err);
}

Rc tds_wait_for_lock(Tds *tds, int attempt, Err *err)
{
    long ms = wait_ms(tds, attempt);

    log_note("what is locked is read again in %ld s (%d of %d)", (ms + 999) / 1000, attempt + 1,
             tds->target.retry_attempts);
    return stop_sleep_ms(ms, err);
}

static void explain(Tds *tds, Err *err)
{
    if (tds->failed_to_connect && err->rc == RC_CONNECT && !tds->is_explained && !stop_wanted())
        (void)tds_explain(tds, err);
}

/* The error of the last attempt, with all that can be said about it. */
static Rc give_up(Tds *tds, int attempts, Err *err)
{
    if (err->rc == RC_STOPPED)
        return RC_STOPPED;
    explain(tds, err);
    if (stop_wanted())
        return stop_sleep_ms(0, err);
    return attempts > 0 ? err_note(err, "after %d attempts", attempts + 1) : err->rc;
}

static Rc exec_once(Tds *tds, const Work *work, Err *err);

static Rc run_once(Tds *tds, const Work *work, Err *err)
{
    tds->failed_to_connect = false;
    tds->fault = (TdsFault){.transience = TDS_PERMANENT};
    TRY(tds_session_open(tds, err));
    if (!work)
        return RC_OK;
    if (!work->ret_rows)
        return exec_once(tds, work, err);
    if (tds->starts_in_parts && may_part(work))
        return tds_parts_start(tds, work->asset, work->args, work->arg_count, work->ret_rows, err);
    return tds_rows_start(tds, work->asset, work->args, work->arg_count, work->ret_rows, err);
}

/* It is about to be sent again, and may have been done. */
static void note_loss(Tds *tds, const Work *work)
{
    if (work && !work->ret_rows && tds->fault.is_lost && !tds->failed_to_connect)
        tds->lost_count++;
}

/* Of a read that met a lock: who holds it. */
static void look_for_blocker(Tds *tds, const Work *work)
{
    if (work && work->is_part)
        return; // it is known
    if (work && work->ret_rows && met_lock(tds) && !stop_wanted())
        tds_find_blocker(tds, tds->blocker, sizeof(tds->blocker));
}

/* A lock on some operations keeps nobody from reading the others. */
static Rc go_around(Tds *tds, const Work *work, Err *why)
{
    if (why->rc == RC_STOPPED || !met_lock(tds) || tds->starts_in_parts || !may_part(work))
        return why->rc;
    log_note("a read waits for a lock: %s; going on in smaller pieces", tds->blocker);
    *why = (Err){0};
    return tds_parts_start(tds, work->asset, work->args, work->arg_count, work->ret_rows, why);
}

static void hint_blocker(const Tds *tds, const Work *work, Err *why)
{
    if (!work || work->is_part || !met_lock(tds) || tds->blocker[0] == '\0')
        return;
    why->hint[0] = '\0';
    (void)err_hint(why, "%s; run it again when that is over", tds->blocker);
}

/* What was lost against others, or for its size, has nothing to do with the connection. */
static bool needs_fresh_connection(const Tds *tds)
{
    return tds->fault.transience != TDS_CONTENDED && tds->fault.transience != TDS_OVERSIZED;
}

/* Runs it, on fresh connections after failures that pass. work NULL: only connects. */
static Rc run(Tds *tds, const Work *work, Err *err)
{
    int most = tds->is_starting_session ? 0 : tds->target.retry_attempts;

    assert(!tds->rows); // a connection carries one result at a time
    for (int attempt = 0;; attempt++) {
        Err why = {0}; // the caller's stays untouched when a later attempt succeeds
        if (run_once(tds, work, &why) == RC_OK)
            return RC_OK;
        if (attempt < most && !tds->was_open) // whether it passes is known then
            explain(tds, &why);
        look_for_blocker(tds, work);
        if (go_around(tds, work, &why) == RC_OK)
            return RC_OK;
        hint_blocker(tds, work, &why);
        if (why.rc == RC_STOPPED || attempt >= most || !is_passing(tds, work)) {
            *err = why;
            return give_up(tds, attempt, err);
        }
        note_loss(tds, work);
        TRY(wait_to_retry(tds, work, attempt, err));
        if (needs_fresh_connection(tds))
            tds_session_close(tds);
    }
}

/* ---- opening --------------------------------------------------------------------------------- */

static Rc take_target(Tds *tds, const TdsTarget *target, Err *err)
{
    tds->target = *target;
    tds->dialect = tds_dialect_of(target);
    if (tds->dialect != TDS_DIALECT_DSN)
        TRY(tds_server_parse(target->server ? target->server : "", &tds->server, err));
    if (tds->dialect == TDS_DIALECT_FREETDS)
        tds->freetds_version = tds->driver->freetds_version(target->driver);
    TRY(tds_check_target(target, tds_has_relay(tds) ? 0 : tds->freetds_version, err));
    tds->driver_names = tds_driver_names(target, &tds->arena, &tds->driver_count);
    return RC_OK;
}

Rc tds_open_with(const TdsDriver *driver, const TdsTarget *target, Tds **ret_tds, Err *err)
{
    AUTO(tds_close_at) Tds *tds = mem_alloc(sizeof(*tds));

    tds->driver = driver;
    tds->part_count = TDS_PARTS_FIRST;
    tds->watch = tds_watch_new(driver);
    TRY(take_target(tds, target, err));
    TRY(run(tds, NULL, err));
    *ret_tds = tds;
    tds = NULL;
    return RC_OK;
}

Rc tds_check(const TdsTarget *target, Err *err)
{
    return tds_check_target(target, tds_driver_odbc()->freetds_version(target->driver), err);
}

Rc tds_open(const TdsTarget *target, Tds **ret_tds, Err *err)
{
    return tds_open_with(tds_driver_odbc(), target, ret_tds, err);
}

void tds_close(Tds *tds)
{
    if (!tds)
        return;
    tds_rows_close(tds->rows);
    tds_session_close(tds);
    tds_watch_free(tds->watch);
    arena_done(&tds->arena);
    free(tds);
}

void tds_close_at(Tds **tds)
{
    tds_close(*tds);
    *tds = NULL;
}

void tds_set_has(Tds *tds, TdsHas *has, void *context)
{
    tds->has = has;
    tds->has_context = context;
}

void tds_set_session_start(Tds *tds, TdsSessionStart *start, void *context)
{
    tds->session_start = start;
    tds->session_start_context = context;
}

void tds_set_query_timeout(Tds *tds, int seconds)
{
    tds->target.query_timeout_s = seconds;
}

/* ---- statements ------------------------------------------------------------------------------ */

/* Adds up what each statement of the batch touched; reads to the end, where errors may wait. */
static Rc read_counts(Tds *tds, SQLHSTMT stmt, int64_t *ret_affected, Err *err)
{
    SQLRETURN rc = SQL_SUCCESS;
    int64_t affected = 0;

    while (rc != SQL_NO_DATA) {
        SQLLEN count = 0;
        if (SQL_SUCCEEDED(tds->driver->row_count(stmt, &count)) && count > 0)
            affected += count;
        rc = tds->driver->more_results(stmt);
        if (!SQL_SUCCEEDED(rc) && rc != SQL_NO_DATA)
            return tds_statement_failed(tds, stmt, err);
    }
    *ret_affected = affected;
    return RC_OK;
}

static Rc exec_once(Tds *tds, const Work *work, Err *err)
{
    SQLHSTMT stmt = SQL_NULL_HSTMT;
    int64_t affected = 0;

    TRY(tds_statement_send(tds, work->asset, work->args, work->arg_count, &stmt, err));
    Rc rc = read_counts(tds, stmt, &affected, err);
    tds_watch_leave(tds->watch);
    tds_statement_end(tds, stmt, rc == RC_OK);
    if (rc == RC_OK && work->ret_affected)
        *work->ret_affected = affected;
    return rc;
}

static Rc run_named(Tds *tds, const Work *work, Err *err)
{
    Rc rc = run(tds, work, err);

    if (rc == RC_OK || rc == RC_CONNECT || rc == RC_STOPPED)
        return rc;
    return err_note(err, "statement '%s'", work->asset->name);
}

Rc tds_query_asset(Tds *tds, const SqlAsset *asset, const TdsArg *args, size_t arg_count,
                   TdsRows **ret_rows, Err *err)
{
    Work work = {.asset = asset, .args = args, .arg_count = arg_count, .ret_rows = ret_rows};

    return run_named(tds, &work, err);
}

Rc tds_query_part(Tds *tds, const SqlAsset *asset, const TdsArg *args, size_t arg_count,
                  TdsRows **ret_rows, Err *err)
{
    Work work = {.asset = asset,
                 .args = args,
                 .arg_count = arg_count,
                 .ret_rows = ret_rows,
                 .is_part = true};

    tds->is_in_parts = true;
    Rc rc = run_named(tds, &work, err);
    tds->is_in_parts = false;
    return rc;
}

Rc tds_exec_asset(Tds *tds, const SqlAsset *asset, const TdsArg *args, size_t arg_count,
                  int64_t *ret_affected, Err *err)
{
    Work work = {
        .asset = asset, .args = args, .arg_count = arg_count, .ret_affected = ret_affected};

    return run_named(tds, &work, err);
}

Rc tds_query(Tds *tds, SqlId id, const TdsArg *args, size_t arg_count, TdsRows **ret_rows, Err *err)
{
    return tds_query_asset(tds, sql_asset(id), args, arg_count, ret_rows, err);
}

Rc tds_each(Tds *tds, SqlId id, const TdsArg *args, size_t arg_count, TdsRowFn *on_row,
            void *context, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;

    TRY(tds_query(tds, id, args, arg_count, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        on_row(context, rows);
    }
}

Rc tds_exec(Tds *tds, SqlId id, const TdsArg *args, size_t arg_count, int64_t *ret_affected,
            Err *err)
{
    return tds_exec_asset(tds, sql_asset(id), args, arg_count, ret_affected, err);
}

/* ---- what there is to know ------------------------------------------------------------------- */

size_t tds_statement_count(const Tds *tds)
{
    return tds->statement_count;
}

int tds_query_timeout(const Tds *tds)
{
    return tds->target.query_timeout_s;
}

bool tds_may_reread(const Tds *tds)
{
    return (tds->fault.transience == TDS_TRANSPORT && tds->fault.is_lost) ||
           (met_lock(tds) && tds->is_cut_short);
}

/* Beside its neighbor, when it touches that one. */
void tds_note_skipped(Tds *tds, TdsSpan span)
{
    for (size_t i = 0; i < tds->skipped_count; i++) {
        TdsSpan *known = &tds->skipped[i];
        if (span.first > known->last + 1 || span.last < known->first - 1)
            continue;
        known->first = span.first < known->first ? span.first : known->first;
        known->last = span.last > known->last ? span.last : known->last;
        return;
    }
    tds->skipped = arena_grow(&tds->arena, tds->skipped, tds->skipped_count, tds->skipped_count + 1,
                              &tds->skipped_capacity, sizeof(span));
    tds->skipped[tds->skipped_count++] = span;
}

size_t tds_skipped(const Tds *tds, const TdsSpan **ret_spans)
{
    *ret_spans = tds->skipped;
    return tds->skipped_count;
}

void tds_skipped_back_to(Tds *tds, size_t count)
{
    if (count < tds->skipped_count)
        tds->skipped_count = count;
}

const char *tds_blocker(const Tds *tds)
{
    return tds->blocker;
}

void tds_begin_again(Tds *tds)
{
    tds->skipped_count = 0;
    tds->starts_in_parts = tds->is_cut_short;
    tds->is_cut_short = false;
    tds->blocker[0] = '\0';
}

size_t tds_lost_count(const Tds *tds)
{
    return tds->lost_count;
}

size_t tds_session_count(const Tds *tds)
{
    return tds->session_count;
}

const char *tds_describe(const Tds *tds)
{
    return tds->description;
}

int tds_freetds_version(const Tds *tds)
{
    return tds->freetds_version;
}

bool tds_can_relay(void)
{
    return relay_is_possible();
}

bool tds_follows_redirect(const Tds *tds)
{
    return tds_has_relay(tds) || tds->freetds_version == 0 ||
           tds->freetds_version >= FREETDS_FOLLOWS_REDIRECT;
}

bool tds_is_verified(const Tds *tds)
{
    return tds->is_verified;
}
