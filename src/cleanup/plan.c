/* Cutoffs, and everything else that a plan says. */
#include "internal.h"

#include <string.h>

const char *cleanup_method_name(CleanupMethod method)
{
    switch (method) {
    case CLEANUP_AUTO:
        return "auto";
    case CLEANUP_BATCHED:
        return "batched";
    case CLEANUP_PROCEDURE:
        return "procedure";
    case CLEANUP_NONE:
        return "none";
    }
    return "";
}

/* ---- cutoffs ----------------------------------------------------------------------------------
 */

static Instant before(Instant now, int64_t ticks)
{
    now.ticks = now.ticks > ticks ? now.ticks - ticks : 0;
    return now;
}

static Rc refuse_disabled(Err *err)
{
    (void)FAIL(err, RC_USAGE,
               "the catalogue's clean-up is switched off (OPERATION_CLEANUP_ENABLED)");
    return err_hint(err,
                    "say how much to keep with --keep, for example --keep 30d, if the log shall "
                    "be cleaned all the same");
}

static Rc refuse_unlimited(const Ssisdb *db, Err *err)
{
    (void)FAIL(err, RC_USAGE,
               "the catalogue has no retention window to go by (RETENTION_WINDOW is %s)",
               ssisdb_property(db, "RETENTION_WINDOW") ? ssisdb_property(db, "RETENTION_WINDOW")
                                                       : "not readable");
    return err_hint(err, "say how much to keep with --keep, for example --keep 30d");
}

/* The server's clock wrote the times, so its now counts. */
static Rc set_cutoffs(CleanupPlan *plan, Err *err)
{
    const CleanupWish *wish = plan->wish;
    const Ssisdb *db = plan->db;
    int64_t keep = wish->keep_ticks;

    if (keep == 0 && !db->cleanup_enabled && ssisdb_property(db, "OPERATION_CLEANUP_ENABLED"))
        return refuse_disabled(err);
    if (keep == 0 && db->retention_days <= 0)
        return refuse_unlimited(db, err);
    if (keep == 0)
        keep = db->retention_days * TICKS_PER_DAY;
    if (wish->keep_failed_ticks > 0 && wish->keep_failed_ticks < keep)
        return FAIL(err, RC_USAGE, "--keep-failed is shorter than what is kept of all operations");
    plan->cutoff = before(db->server_now, keep);
    plan->failed_cutoff =
        before(db->server_now, wish->keep_failed_ticks > 0 ? wish->keep_failed_ticks : keep);
    return RC_OK;
}

/* ---- what the procedure cannot ------------------------------------------------------------------
 */

/* It goes by the catalogue's settings and by nothing else. */
static Rc check_procedure(const CleanupPlan *plan, Err *err)
{
    const CleanupWish *wish = plan->wish;
    const char *what = NULL;

    if (plan->method != CLEANUP_PROCEDURE)
        return RC_OK;
    if (wish->keep_ticks > 0 && wish->keep_ticks != plan->db->retention_days * TICKS_PER_DAY)
        what = "--keep other than RETENTION_WINDOW";
    else if (wish->keep_failed_ticks > 0)
        what = "--keep-failed";
    else if (!execution_filter_is_open(&wish->filter))
        what = "a filter";
    else if (!plan->db->cleanup_enabled && ssisdb_property(plan->db, "OPERATION_CLEANUP_ENABLED"))
        what = "a catalogue whose clean-up is switched off";
    if (!what)
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "the shipped procedure does not honour %s", what);
    return err_hint(err,
                    "the batched method does; it needs GRANT SELECT, DELETE ON SCHEMA::internal");
}

/* ---- all of it ----------------------------------------------------------------------------------
 */

Rc cleanup_plan(const Ssisdb *db, const CleanupWish *wish, Arena *arena, CleanupPlan **ret_plan,
                Err *err)
{
    CleanupPlan *plan = arena_alloc(arena, sizeof(*plan));

    plan->db = db;
    plan->wish = wish;
    TRY(set_cutoffs(plan, err));
    if (plan_rights(plan, arena, err) != RC_OK)
        return err_note(err, "asking what the login may do");
    TRY(check_procedure(plan, err));
    TRY(tables_order(plan, arena, err));
    TRY(plan_count(plan, arena, err));
    TRY(plan_sizes(plan, err));
    TRY(plan_zombies(plan, arena, err));
    *ret_plan = plan;
    return RC_OK;
}
