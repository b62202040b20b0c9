/* What the login may do decides the method; what it lacks is said as GRANT statements. */
#include "internal.h"

#include "ssisminer/base/buf.h"

typedef struct Rights {
    bool may_delete, may_procedure;
} Rights;

static bool may(const TdsRows *rows, int column)
{
    return tds_i64(rows, column) == 1;
}

static void take_rights(CleanupPlan *plan, Rights *rights, const TdsRows *rows)
{
    plan->may_select = may(rows, SQL_CLEANUP_RIGHTS__MAY_SELECT);
    plan->may_view_definition = may(rows, SQL_CLEANUP_RIGHTS__MAY_VIEW_DEFINITION);
    plan->may_view_state = may(rows, SQL_CLEANUP_RIGHTS__MAY_VIEW_STATE);
    plan->may_versions = may(rows, SQL_CLEANUP_RIGHTS__MAY_VERSIONS);
    plan->may_jobs = may(rows, SQL_CLEANUP_RIGHTS__MAY_JOBS);
    plan->may_workers = may(rows, SQL_CLEANUP_RIGHTS__MAY_WORKERS);
    plan->has_exclusive = may(rows, SQL_CLEANUP_RIGHTS__MAY_RETENTION_EXCLUSIVE);
    rights->may_delete = plan->may_select && may(rows, SQL_CLEANUP_RIGHTS__MAY_DELETE);
    rights->may_procedure = plan->has_exclusive || may(rows, SQL_CLEANUP_RIGHTS__MAY_RETENTION);
}

/* ---- method -----------------------------------------------------------------------------------
 */

static void choose(CleanupPlan *plan, CleanupMethod method, const char *reason)
{
    plan->method = method;
    plan->method_reason = reason;
}

static void choose_method(CleanupPlan *plan, const Rights *rights)
{
    CleanupMethod wanted = plan->wish->method;

    if (wanted == CLEANUP_BATCHED)
        choose(plan, rights->may_delete ? CLEANUP_BATCHED : CLEANUP_NONE,
               rights->may_delete ? "as asked for"
                                  : "the login may not read and delete in schema internal");
    else if (wanted == CLEANUP_PROCEDURE)
        choose(plan, rights->may_procedure ? CLEANUP_PROCEDURE : CLEANUP_NONE,
               rights->may_procedure ? "as asked for"
                                     : "the login may not execute the shipped procedure");
    else if (rights->may_delete)
        choose(plan, CLEANUP_BATCHED, "the login may read and delete in schema internal");
    else if (rights->may_procedure)
        choose(plan, CLEANUP_PROCEDURE,
               "the login may execute the shipped procedure, and not delete in schema internal");
    else
        choose(plan, CLEANUP_NONE,
               "the login may neither delete in schema internal nor execute the shipped procedure");
}

/* ---- grants -----------------------------------------------------------------------------------
 */

enum { NAME_MAX_BYTES = 2048 };

static void put_quoted(Buf *out, const char *name)
{
    buf_putc(out, '[');
    for (; *name; name++) {
        buf_putc(out, *name);
        if (*name == ']')
            buf_putc(out, ']');
    }
    buf_putc(out, ']');
}

static void grant(CleanupPlan *plan, Arena *arena, const char *what)
{
    AUTO(buf_done) Buf login = BUF(NAME_MAX_BYTES);

    put_quoted(&login, plan->db->login_name ? plan->db->login_name : "?");
    plan->grants[plan->grant_count++] =
        arena_printf(arena, "GRANT %s TO %s;", what, buf_text(&login));
}

static const char *procedure_of(const CleanupPlan *plan)
{
    /* A login without rights sees no procedure: only the engine tells which one there is. */
    bool is_azure = plan->db->engine_edition == ENGINE_AZURE_SQL_DATABASE ||
                    plan->db->engine_edition == ENGINE_MANAGED_INSTANCE;

    return is_azure ? "EXECUTE ON internal.cleanup_server_retention_window_exclusive"
                    : "EXECUTE ON internal.cleanup_server_retention_window";
}

static void list_grants(CleanupPlan *plan, Arena *arena)
{
    CleanupMethod wanted = plan->wish->method;

    if (plan->method == CLEANUP_NONE && wanted != CLEANUP_PROCEDURE)
        grant(plan, arena, "SELECT, DELETE ON SCHEMA::internal");
    if (plan->method == CLEANUP_NONE && wanted != CLEANUP_BATCHED)
        grant(plan, arena, procedure_of(plan));
    if (plan->method != CLEANUP_PROCEDURE && !plan->may_view_definition)
        grant(plan, arena, "VIEW DEFINITION");
    if (plan->method != CLEANUP_PROCEDURE && !plan->may_view_state)
        grant(plan, arena, "VIEW DATABASE STATE");
    if (plan->wish->project_versions && !plan->may_versions)
        grant(plan, arena, "EXECUTE ON internal.cleanup_server_project_version");
}

Rc rights_read(CleanupPlan *plan, Arena *arena, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;
    Rights rights = {0};

    TRY(tds_query(plan->db->tds, SQL_CLEANUP_RIGHTS, NULL, 0, &rows, err));
    TRY(tds_next(rows, &has_row, err));
    if (!has_row)
        return FAIL(err, RC_QUERY, "the server does not say what the login may do");
    take_rights(plan, &rights, rows);
    TRY(tds_next(rows, &has_row, err)); // to the end: what is left open costs a cancel
    choose_method(plan, &rights);
    list_grants(plan, arena);
    return RC_OK;
}
