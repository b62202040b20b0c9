/* Who may do what, and see what. */
#include "state.h"

sqlite3_stmt *session_answer(const Session *session, const char *function, Str what)
{
    sqlite3_stmt *stmt = NULL;
    if (!session->engine->is_capture)
        return NULL;
    char *sql = sqlite3_mprintf("SELECT answer FROM \"capture.answers\" WHERE question = "
                                "'%q(%.*q)'",
                                function, (int)what.len, what.at ? what.at : "");
    sqlite3_prepare_v2(session->db, sql, -1, &stmt, NULL);
    sqlite3_free(sql);
    if (sqlite3_step(stmt) == SQLITE_ROW)
        return stmt;
    sqlite3_finalize(stmt);
    return NULL;
}

bool session_has_role(Session *session, Str role, bool of_server, bool *ret_exists)
{
    Catalog *catalog = CATALOG(session);
    sqlite3_stmt *answer =
        session_answer(session, of_server ? "IS_SRVROLEMEMBER" : "IS_MEMBER", role);
    if (answer) {
        bool is_member = sqlite3_column_int(answer, 0) != 0;
        *ret_exists = sqlite3_column_type(answer, 0) != SQLITE_NULL;
        sqlite3_finalize(answer);
        return is_member;
    }
    if (of_server) {
        bool is_public = str_equal_fold(role, str_of("public"));
        *ret_exists = !engine_is_azure_database(session->engine) &&
                      (is_public || str_equal_fold(role, str_of("sysadmin")));
        return session->is_sysadmin || is_public;
    }
    int id = catalog_id(catalog, NAME_ROLE, role);
    *ret_exists = id != 0;
    if (!*ret_exists)
        return false;
    if (id > 0 && session->is_sysadmin && str_equal_fold(role, str_of("db_owner")))
        return true;
    return catalog_is_member(catalog, session->principal, id < 0 ? 0 : id);
}

bool session_may(Session *session, const char *permission, const Object *object)
{
    Catalog *catalog = CATALOG(session);
    if (object->is_temp || object->kind == OBJECT_SYSTEM || session->is_sysadmin)
        return true;
    bool is_metadata = str_same(object->schema, "sys") && str_same(permission, "SELECT");
    return is_metadata ||
           catalog_may(catalog, session->principal, permission,
                       catalog_id(catalog, NAME_SCHEMA, str_of(object->schema)), object->id);
}

bool session_may_see(Session *session, const Object *object)
{
    Catalog *catalog = CATALOG(session);
    if (str_same(object->schema, "sys") || str_same(object->schema, "sandbox"))
        return object->is_temp;
    return session->is_sysadmin ||
           catalog_may_see(catalog, session->principal,
                           catalog_id(catalog, NAME_SCHEMA, str_of(object->schema)), object->id);
}

bool engine_is_azure_database(const Engine *engine)
{
    return engine->flavor == FLAVOR_AZURE && engine->kind != ENGINE_MANAGED;
}

bool engine_knows_performance_state(const Engine *engine)
{
    return engine->flavor == FLAVOR_AZURE || engine->kind == ENGINE_SQL2022;
}

const char *engine_state_right(const Engine *engine)
{
    return engine_knows_performance_state(engine) ? "VIEW DATABASE PERFORMANCE STATE"
                                                  : "VIEW DATABASE STATE";
}

const char *engine_login_password(Engine *engine, const char *login)
{
    return catalog_login_password(&engine->catalog,
                                  catalog_id(&engine->catalog, NAME_LOGIN, str_of(login)));
}

bool session_may_server(const Session *session, const char *permission)
{
    return session->is_sysadmin ||
           catalog_may_server(CATALOG(session), session->login_id, permission);
}

/* The small tiers of Azure SQL Database, and pools, show their state to members of a role alone. */
static bool is_small_tier(const Session *session)
{
    return engine_is_azure_database(session->engine) &&
           session_number(session, "SELECT is_small_tier FROM \"sandbox.limits\"");
}

/* The wider right first, in each of its two places. */
bool session_holds_state(const Session *session, const char *permission)
{
    static const char *const of_server[] = {"VIEW SERVER STATE", "VIEW SERVER PERFORMANCE STATE"};
    static const char *const rights[] = {"VIEW DATABASE STATE", "VIEW DATABASE PERFORMANCE STATE"};
    bool holds = false;

    for (size_t i = 0; i < ARRAY_LEN(rights); i++) {
        holds = holds || session_may_server(session, of_server[i]) ||
                catalog_may(CATALOG(session), session->principal, rights[i], 0, 0);
        if (str_same(permission, rights[i]))
            return holds;
    }
    return false;
}

bool session_may_state(const Session *session)
{
    if (session->engine->is_capture) // it has no rows that its server did not show
        return session_number(session, "SELECT MAX(answer) FROM \"capture.answers\" "
                                       "WHERE question LIKE 'HAS_PERMS_BY_NAME(%DATABASE STATE)' "
                                       "OR question LIKE '%DATABASE PERFORMANCE STATE)'") == 1;
    static const char *const rights[] = {"VIEW DATABASE STATE", "VIEW DATABASE PERFORMANCE STATE"};
    Catalog *catalog = CATALOG(session);
    size_t count = engine_knows_performance_state(session->engine) ? 2 : 1;

    if (session_may_server(session,
                           count == 2 ? "VIEW SERVER PERFORMANCE STATE" : "VIEW SERVER STATE"))
        return true;
    if (is_small_tier(session) && session->principal != 1)
        return false;
    for (size_t i = 0; i < count; i++)
        if (catalog_may(catalog, session->principal, rights[i], 0, 0))
            return true;
    return false;
}

/* An instance asks for a right of the server, and shows a session without it itself alone. */
bool session_sees_sessions(const Session *session)
{
    if (engine_is_azure_database(session->engine))
        return session_may_state(session);
    return session_may_server(session, engine_knows_performance_state(session->engine)
                                           ? "VIEW SERVER PERFORMANCE STATE"
                                           : "VIEW SERVER STATE");
}
