/* What the login may do in the database, and what would let it see the rest. */
#include "ssisminer/ssisdb/rights.h"

#include "ssisminer/ssisdb/advice.h"

static bool may(const TdsRows *rows, int column)
{
    return tds_i64(rows, column) == 1;
}

static void take_rights(const TdsRows *rows, Rights *ret_rights)
{
    *ret_rights = (Rights){
        .may_select = may(rows, SQL_SSISDB_RIGHTS__MAY_SELECT),
        .may_delete = may(rows, SQL_SSISDB_RIGHTS__MAY_DELETE),
        .may_retention_exclusive = may(rows, SQL_SSISDB_RIGHTS__MAY_RETENTION_EXCLUSIVE),
        .may_retention = may(rows, SQL_SSISDB_RIGHTS__MAY_RETENTION),
        .may_jobs = may(rows, SQL_SSISDB_RIGHTS__MAY_JOBS),
        .may_workers = may(rows, SQL_SSISDB_RIGHTS__MAY_WORKERS),
        .may_versions = may(rows, SQL_SSISDB_RIGHTS__MAY_VERSIONS),
        .may_view_definition = may(rows, SQL_SSISDB_RIGHTS__MAY_VIEW_DEFINITION),
    };
}

/* ---- what the server shows of itself --------------------------------------------------------- */

typedef struct StateRights {
    bool of_database, of_server; // either form of each
    bool is_azure_database, is_small_tier, splits_state;
} StateRights;

static bool is_one_of(Str text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal_fold(text, str_of(list[i])))
            return true;
    return false;
}

/* SQL Server 2022 (16) split the right in two, and asks for the part that is about performance. On
 * Azure, which knows both, the whole works everywhere. */
static bool splits_state(const Ssisdb *db)
{
    enum { SPLIT_SINCE = 16 };
    Str version = str_of(db->product_version ? db->product_version : ""), major;
    int64_t number;

    return db->engine_edition != ENGINE_AZURE_SQL_DATABASE &&
           db->engine_edition != ENGINE_MANAGED_INSTANCE && str_split(&version, '.', &major) &&
           str_to_i64(major, &number) && number >= SPLIT_SINCE;
}

static StateRights read_state_rights(const Ssisdb *db, const TdsRows *rows)
{
    static const char *const small[] = {"Basic", "S0", "S1", "ElasticPool"};
    bool is_azure = db->engine_edition == ENGINE_AZURE_SQL_DATABASE;
    Str objective = tds_text(rows, SQL_SSISDB_RIGHTS__SERVICE_OBJECTIVE);

    return (StateRights){
        .of_database = may(rows, SQL_SSISDB_RIGHTS__MAY_VIEW_STATE) ||
                       may(rows, SQL_SSISDB_RIGHTS__MAY_VIEW_PERFORMANCE),
        .of_server = may(rows, SQL_SSISDB_RIGHTS__MAY_VIEW_SERVER_STATE) ||
                     may(rows, SQL_SSISDB_RIGHTS__MAY_VIEW_SERVER_PERFORMANCE),
        .is_azure_database = is_azure,
        .is_small_tier = is_azure && is_one_of(objective, small, ARRAY_LEN(small)),
        .splits_state = splits_state(db),
    };
}

static const char *state_grant(const Ssisdb *db, const StateRights *state, Arena *arena)
{
    if (state->is_small_tier)
        return arena_printf(arena,
                            "ALTER SERVER ROLE [##MS_ServerStateReader##] ADD MEMBER %s; -- in "
                            "database master, as the server's administrator",
                            advice_identifier(db->login_name ? db->login_name : "?", arena));
    return advice_grant(
        db, state->splits_state ? "VIEW DATABASE PERFORMANCE STATE" : "VIEW DATABASE STATE", arena);
}

static const char *sessions_grant(const Ssisdb *db, const StateRights *state, Arena *arena)
{
    if (state->is_azure_database)
        return state_grant(db, state, arena);
    return advice_server_grant(
        db, state->splits_state ? "VIEW SERVER PERFORMANCE STATE" : "VIEW SERVER STATE", arena);
}

static void resolve_state(const Ssisdb *db, const StateRights *state, Arena *arena, Rights *rights)
{
    bool is_dbo = db->user_name && str_same_fold(db->user_name, "dbo");

    rights->may_view_state =
        state->of_server || (state->of_database && (!state->is_small_tier || is_dbo));
    rights->sees_sessions = state->is_azure_database ? rights->may_view_state : state->of_server;
    if (!rights->may_view_state)
        rights->state_grant = state_grant(db, state, arena);
    if (!rights->sees_sessions)
        rights->sessions_grant = sessions_grant(db, state, arena);
}

Rc rights_read(const Ssisdb *db, Arena *arena, Rights *ret_rights, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;

    TRY(tds_query(db->tds, SQL_SSISDB_RIGHTS, NULL, 0, &rows, err));
    TRY(tds_next(rows, &has_row, err));
    if (!has_row)
        return FAIL(err, RC_QUERY, "the server does not say what the login may do");
    take_rights(rows, ret_rights);
    StateRights state = read_state_rights(db, rows);
    resolve_state(db, &state, arena, ret_rights);
    return tds_next(rows, &has_row, err); // to the end: what is left open costs a cancel
}
