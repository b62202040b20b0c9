/* What the login may do decides the method; what it lacks is said as GRANT statements. */
#include "plan.h"

#include "ssisminer/ssisdb/advice.h"
#include "ssisminer/ssisdb/rights.h"

static bool may_batched(const Rights *rights)
{
    return rights->may_select && rights->may_delete;
}

static bool may_procedure(const Rights *rights)
{
    return rights->may_retention_exclusive || rights->may_retention;
}

static void take_rights(CleanupPlan *plan, const Rights *rights)
{
    plan->may_select = rights->may_select;
    plan->may_batched = may_batched(rights);
    plan->may_view_definition = rights->may_view_definition;
    plan->may_view_state = rights->may_view_state;
    plan->sees_sessions = rights->sees_sessions;
    plan->may_versions = rights->may_versions;
    plan->may_jobs = rights->may_jobs;
    plan->may_workers = rights->may_workers;
    plan->has_exclusive = rights->may_retention_exclusive;
}

/* ---- method ---------------------------------------------------------------------------------- */

static void choose(CleanupPlan *plan, CleanupMethod method, const char *reason)
{
    plan->method = method;
    plan->method_reason = reason;
}

static void choose_method(CleanupPlan *plan, const Rights *rights)
{
    CleanupMethod wanted = plan->wish->method;

    if (wanted == CLEANUP_BATCHED)
        choose(plan, may_batched(rights) ? CLEANUP_BATCHED : CLEANUP_NONE,
               may_batched(rights) ? "as asked for"
                                   : "the login may not read and delete in schema internal");
    else if (wanted == CLEANUP_PROCEDURE)
        choose(plan, may_procedure(rights) ? CLEANUP_PROCEDURE : CLEANUP_NONE,
               may_procedure(rights) ? "as asked for"
                                     : "the login may not execute the shipped procedure");
    else if (may_batched(rights))
        choose(plan, CLEANUP_BATCHED, "the login may read and delete in schema internal");
    else if (may_procedure(rights))
        choose(plan, CLEANUP_PROCEDURE,
               "the login may execute the shipped procedure, and not delete in schema internal");
    else
        choose(plan, CLEANUP_NONE,
               "the login may neither delete in schema internal nor execute the shipped procedure");
}

/* ---- grants ---------------------------------------------------------------------------------- */

static void grant(CleanupPlan *plan, Arena *arena, const char *what)
{
    plan->grants[plan->grant_count++] = advice_grant(plan->db, what, arena);
}

static const char *procedure_of(const CleanupPlan *plan)
{
    /* A login without rights sees no procedure: only the engine tells which one there is. */
    bool is_azure = plan->db->engine_edition == ENGINE_AZURE_SQL_DATABASE ||
                    plan->db->engine_edition == ENGINE_MANAGED_INSTANCE;

    return is_azure ? "EXECUTE ON internal.cleanup_server_retention_window_exclusive"
                    : "EXECUTE ON internal.cleanup_server_retention_window";
}

/* One statement may give both. */
static void list_state_grants(CleanupPlan *plan, const Rights *rights)
{
    if (rights->state_grant)
        plan->grants[plan->grant_count++] = rights->state_grant;
    if (rights->sessions_grant &&
        !(rights->state_grant && str_same(rights->state_grant, rights->sessions_grant)))
        plan->grants[plan->grant_count++] = rights->sessions_grant;
}

static void list_grants(CleanupPlan *plan, const Rights *rights, Arena *arena)
{
    CleanupMethod wanted = plan->wish->method;

    if (plan->method == CLEANUP_NONE && wanted != CLEANUP_PROCEDURE)
        grant(plan, arena, "SELECT, DELETE ON SCHEMA::internal");
    if (plan->method == CLEANUP_NONE && wanted != CLEANUP_BATCHED)
        grant(plan, arena, procedure_of(plan));
    if (plan->method != CLEANUP_PROCEDURE && !plan->may_view_definition)
        grant(plan, arena, "VIEW DEFINITION");
    if (plan->method != CLEANUP_PROCEDURE)
        list_state_grants(plan, rights);
    if (plan->wish->project_versions && !plan->may_versions)
        grant(plan, arena, "EXECUTE ON internal.cleanup_server_project_version");
}

Rc plan_rights(CleanupPlan *plan, Arena *arena, Err *err)
{
    Rights rights;

    TRY(rights_read(plan->db, arena, &rights, err));
    take_rights(plan, &rights);
    choose_method(plan, &rights);
    list_grants(plan, &rights, arena);
    return RC_OK;
}
