/* How much is kept, who says so, and what looks like a slip. */
#include "plan.h"

#include "ssisminer/base/sat.h"

#include <inttypes.h>
#include <stdio.h>

/* What the catalog itself accepts (1 to 3650 days, docs/facts.md#retention). */
enum { MOST_DAYS = 3650 };

/* ---- the catalog's own --------------------------------------------------------------------- */

static bool is_switched_off(const Ssisdb *db)
{
    return !db->cleanup_enabled && ssisdb_property(db, "OPERATION_CLEANUP_ENABLED");
}

static bool has_window(const Ssisdb *db)
{
    return db->retention_days >= 1 && db->retention_days <= MOST_DAYS;
}

static const char *window_text(const Ssisdb *db)
{
    const char *text = ssisdb_property(db, "RETENTION_WINDOW");

    return text ? text : "not readable";
}

static Rc refuse_disabled(Err *err)
{
    (void)FAIL(err, RC_USAGE, "the catalog's clean-up is switched off (OPERATION_CLEANUP_ENABLED)");
    return err_hint(err,
                    "say how much to keep with --keep, for example --keep 30d, if the log shall "
                    "be cleaned all the same");
}

static Rc refuse_window(const Ssisdb *db, Err *err)
{
    (void)FAIL(err, RC_USAGE,
               "the catalog has no retention window to go by (RETENTION_WINDOW is %s, not 1 to "
               "%d days)",
               window_text(db), MOST_DAYS);
    return err_hint(err, "say how much to keep with --keep, for example --keep 30d");
}

/* ---- what was asked for ---------------------------------------------------------------------- */

static Rc check_span(const CleanupWish *wish, const char *option, int64_t ticks, const char *origin,
                     Err *err)
{
    if (ticks > MOST_DAYS * TICKS_PER_DAY)
        return FAIL(err, RC_USAGE, "--%s is longer than %d days (%s)", option, MOST_DAYS, origin);
    if (ticks >= TICKS_PER_DAY || (ticks > 0 && wish->may_keep_under_a_day))
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "--%s is shorter than a day (%s)", option, origin);
    return err_hint(err,
                    "write the days to keep, for example --%s 30d; if it is meant, add "
                    "--keep-under-a-day",
                    option);
}

Rc plan_check_wish(const CleanupWish *wish, Err *err)
{
    if (wish->keep_ticks != 0)
        TRY(check_span(wish, "keep", wish->keep_ticks, wish->keep_origin, err));
    if (wish->keep_failed_ticks != 0)
        TRY(check_span(wish, "keep-failed", wish->keep_failed_ticks, wish->keep_failed_origin,
                       err));
    return RC_OK;
}

/* ---- in force -------------------------------------------------------------------------------- */

static Rc take_keep(CleanupPlan *plan, Arena *arena, Err *err)
{
    const Ssisdb *db = plan->db;

    if (plan->wish->keep_ticks > 0) {
        plan->keep_ticks = plan->wish->keep_ticks;
        plan->keep_origin = plan->wish->keep_origin;
        return RC_OK;
    }
    if (is_switched_off(db))
        return refuse_disabled(err);
    if (!has_window(db))
        return refuse_window(db, err);
    plan->keep_ticks = sat_mul(db->retention_days, TICKS_PER_DAY);
    plan->keep_origin =
        arena_printf(arena, "the catalog's RETENTION_WINDOW, %" PRId64, db->retention_days);
    return RC_OK;
}

static Rc take_keep_failed(CleanupPlan *plan, Err *err)
{
    const CleanupWish *wish = plan->wish;

    plan->keep_failed_ticks = plan->keep_ticks;
    plan->keep_failed_origin = plan->keep_origin;
    if (wish->keep_failed_ticks == 0)
        return RC_OK;
    if (wish->keep_failed_ticks < plan->keep_ticks)
        return FAIL(err, RC_USAGE, "--keep-failed is shorter than what is kept of all operations");
    plan->keep_failed_ticks = wish->keep_failed_ticks;
    plan->keep_failed_origin = wish->keep_failed_origin;
    return RC_OK;
}

/* Never before the calendar begins; the server's clock wrote the times, so its now counts. */
static Instant before(Instant now, int64_t ticks)
{
    now.ticks = now.ticks > ticks ? now.ticks - ticks : 0;
    return now;
}

Rc plan_retention(CleanupPlan *plan, Arena *arena, Err *err)
{
    TRY(plan_check_wish(plan->wish, err));
    TRY(take_keep(plan, arena, err));
    TRY(take_keep_failed(plan, err));
    if (!plan->db->server_now.is_set)
        return FAIL(err, RC_QUERY, "the server does not say what time it is");
    plan->cutoff = before(plan->db->server_now, plan->keep_ticks);
    plan->failed_cutoff = before(plan->db->server_now, plan->keep_failed_ticks);
    return RC_OK;
}

/* ---- a slip ---------------------------------------------------------------------------------- */

static Rc refuse_slip(int64_t ticks, const char *origin, const char *than, Err *err)
{
    char keep[TIME_TEXT_MAX];

    time_duration_text(ticks, keep);
    (void)FAIL(err, RC_USAGE, "keeping %s (%s) is less than half of %s", keep, origin, than);
    return err_hint(err, "nothing was deleted; if it is meant, add --yes, or run it once at a "
                         "terminal with --ledger");
}

static bool is_halved(int64_t ticks, int64_t before)
{
    return before > 0 && ticks < before / 2;
}

static Rc check_last(const CleanupPlan *plan, const LedgerRecord *last, Err *err)
{
    char text[TIME_TEXT_MAX], than[TIME_TEXT_MAX + 80];
    bool of_all = is_halved(plan->keep_ticks, last->keep_ticks);

    if (!of_all && !is_halved(plan->keep_failed_ticks, last->keep_failed_ticks))
        return RC_OK;
    time_duration_text(of_all ? last->keep_ticks : last->keep_failed_ticks, text);
    (void)snprintf(than, sizeof(than), "the %s that the last run kept%s, by the ledger", text,
                   of_all ? "" : " of failures");
    return of_all ? refuse_slip(plan->keep_ticks, plan->keep_origin, than, err)
                  : refuse_slip(plan->keep_failed_ticks, plan->keep_failed_origin, than, err);
}

Rc cleanup_check_keep(const CleanupPlan *plan, const LedgerRecord *last, Err *err)
{
    char than[128];

    if (last->is_found && last->keep_ticks > 0)
        return check_last(plan, last, err);
    if (has_window(plan->db) &&
        !is_halved(plan->keep_ticks, sat_mul(plan->db->retention_days, TICKS_PER_DAY)))
        return RC_OK;
    (void)snprintf(than, sizeof(than), "RETENTION_WINDOW, which is %.40s", window_text(plan->db));
    return refuse_slip(plan->keep_ticks, plan->keep_origin, than, err);
}
