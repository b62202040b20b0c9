/* The plan of a purge, from what the server has and what the user asked for. */
#include "plan.h"

#include "ssisminer/base/sat.h"
#include "ssisminer/report/words.h"
#include "ssisminer/ssisdb/advice.h"

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

/* ---- what the procedure cannot --------------------------------------------------------------- */

/* It goes by the catalog's settings and by nothing else. */
static Rc check_procedure(const CleanupPlan *plan, Arena *arena, Err *err)
{
    const CleanupWish *wish = plan->wish;
    const char *what = NULL;

    if (plan->method != CLEANUP_PROCEDURE)
        return RC_OK;
    if (wish->keep_ticks > 0 &&
        wish->keep_ticks != sat_mul(plan->db->retention_days, TICKS_PER_DAY))
        what = "--keep other than RETENTION_WINDOW";
    else if (wish->keep_failed_ticks > 0)
        what = "--keep-failed";
    else if (!execution_filter_is_open(&wish->filter))
        what = "a filter";
    else if (wish->rebuild_heaps)
        what = "--rebuild-heaps";
    else if (wish->archive)
        what = "--archive: it does not say what it deletes before it does";
    else if (!plan->db->cleanup_enabled && ssisdb_property(plan->db, "OPERATION_CLEANUP_ENABLED"))
        what = "a catalog whose clean-up is switched off";
    if (!what)
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "the shipped procedure does not honor %s", what);
    if (plan->may_batched)
        return err_hint(err, "the batched method does: leave out --method procedure");
    return err_hint(err, "the batched method does; a database owner can grant what it needs: %s",
                    advice_grant(plan->db, "SELECT, DELETE ON SCHEMA::internal", arena));
}

/* ---- what goes is to be kept ----------------------------------------------------------------- */

/* What is archived tonight was over long ago: an archive that keeps less would lose it tomorrow. */
static Rc check_archive_keep(const CleanupPlan *plan, Err *err)
{
    const ArchiveWish *archive = plan->wish->archive;
    int64_t kept = plan->keep_failed_ticks; // the longer one
    char own[TIME_TEXT_MAX], server[TIME_TEXT_MAX];

    if (archive->keep_ticks == 0 || archive->keep_ticks > kept)
        return RC_OK;
    time_duration_text(archive->keep_ticks, own);
    time_duration_text(kept, server);
    (void)FAIL(err, RC_USAGE,
               "the archive would keep %s (%s), no longer than the server does (%s, %s)", own,
               words_or_unknown(plan->wish->archive_keep_origin), server, plan->keep_failed_origin);
    return err_hint(err, "what goes tonight would be gone from the archive tomorrow: a longer "
                         "--archive-keep, or none, which keeps all");
}

static Rc look_at_archive(CleanupPlan *plan, Arena *arena, Err *err)
{
    if (!plan->wish->archive)
        return RC_OK;
    TRY(check_archive_keep(plan, err));
    return archive_look(plan->db, plan->wish->archive, arena, &plan->archive, err);
}

/* ---- all of it ------------------------------------------------------------------------------- */

Rc cleanup_rule(const Ssisdb *db, const CleanupWish *wish, Arena *arena, CleanupPlan **ret_plan,
                Err *err)
{
    CleanupPlan *plan = arena_alloc(arena, sizeof(*plan));

    plan->db = db;
    plan->wish = wish;
    TRY(plan_retention(plan, arena, err));
    if (plan_rights(plan, arena, err) != RC_OK)
        return err_note(err, "asking what the login may do");
    TRY(check_procedure(plan, arena, err));
    TRY(plan_names(plan, arena, err));
    if (plan_orphan_bound(plan, err) != RC_OK)
        return err_note(err, "asking up to where operations are old");
    *ret_plan = plan;
    return RC_OK;
}

Rc cleanup_plan(const Ssisdb *db, const CleanupWish *wish, Arena *arena, CleanupPlan **ret_plan,
                Err *err)
{
    CleanupPlan *plan = NULL;

    TRY(cleanup_rule(db, wish, arena, &plan, err));
    TRY(look_at_archive(plan, arena, err));
    TRY(plan_tables(plan, arena, err));
    TRY(plan_count(plan, arena, err));
    TRY(plan_sizes(plan, arena, err));
    TRY(plan_zombies(plan, arena, err));
    *ret_plan = plan;
    return RC_OK;
}
