/* Logins, users, roles, and what is granted to them. Numbers and texts are SQL Server's: what may
 * not be touched does not exist, as far as its answers go. */
#include "exec.h"

typedef struct Right {
    const char *name;
    bool is_of_server;
} Right;

static const Right rights[] = {
    {"SELECT", false},
    {"INSERT", false},
    {"UPDATE", false},
    {"DELETE", false},
    {"EXECUTE", false},
    {"CONTROL", false},
    {"ALTER", false},
    {"CONNECT", false},
    {"CREATE TABLE", false},
    {"VIEW DEFINITION", false},
    {"VIEW DATABASE STATE", false},
    {"VIEW DATABASE PERFORMANCE STATE", false},
    {"ALTER ANY SYMMETRIC KEY", false},
    {"ALTER ANY CERTIFICATE", false},
    {"VIEW SERVER STATE", true},
    {"VIEW SERVER PERFORMANCE STATE", true},
    {"CONTROL SERVER", true},
};

/* NULL: no permission of this server, or none that is known here. */
static const Right *find_right(const Engine *engine, Str text)
{
    bool is_new = text.len > 18 &&
                  str_equal_fold((Str){text.at + text.len - 18, 18}, str_of(" PERFORMANCE STATE"));

    for (size_t i = 0; i < ARRAY_LEN(rights); i++)
        if (str_equal_fold(text, str_of(rights[i].name)))
            return is_new && !engine_knows_performance_state(engine) ? NULL : &rights[i];
    return NULL;
}

static bool fail_find(Run *run, const Stmt *stmt, const char *verb, const char *what, Str name)
{
    return run_fault(run, stmt, MSG(15151), verb, what, STR_FMT(name));
}

static bool fail_right(Run *run, const Stmt *stmt)
{
    return run_fault(run, stmt, MSG(15247));
}

/* On Azure the server's administrator is dbo. */
static bool is_server_admin(const Run *run)
{
    return run->session->is_sysadmin || str_same_fold(run->session->login, "sa") ||
           run->frame.is_definer;
}

/* ---- logins and users ------------------------------------------------------------------------ */

bool principal_create_login(Run *run, const Stmt *stmt)
{
    Session *session = run->session;

    if (engine_is_azure_database(session->engine) && !session->in_master)
        return run_fault(run, stmt, MSG(5001));
    if (!is_server_admin(run))
        return fail_right(run, stmt);
    return catalog_add(CATALOG(session), NAME_LOGIN, stmt->name.parts[0], stmt->value) ||
           run_fault(run, stmt, MSG(15025), STR_FMT(stmt->name.parts[0]));
}

static bool add_principal(Run *run, const Stmt *stmt, NameKind kind, int *ret_id)
{
    *ret_id = catalog_add(CATALOG(run->session), kind, stmt->name.parts[0], (Str){0});
    return *ret_id || run_fault(run, stmt, MSG(15023), STR_FMT(stmt->name.parts[0]));
}

/* Whom a token names; with a password nobody comes as him: no UTF-16 makes that text. */
static int login_of_identity(Catalog *catalog, Str name)
{
    int login = catalog_add(catalog, NAME_LOGIN, name, str_of("\xFF"));

    return login ? login : catalog_id(catalog, NAME_LOGIN, name);
}

static bool create_user(Run *run, const Stmt *stmt)
{
    Catalog *catalog = CATALOG(run->session);
    Str name = stmt->target.count ? stmt->target.parts[0] : stmt->name.parts[0];
    bool has_login = !stmt->flag && !stmt->is_external;
    int login = has_login ? catalog_id(catalog, NAME_LOGIN, name) : 0, user;

    if (stmt->is_external && run->session->engine->flavor != FLAVOR_AZURE)
        return run_fault(run, stmt, 102,
                         "Incorrect syntax near 'EXTERNAL': users of Microsoft Entra are Azure's.");
    if (has_login && !login)
        return run_fault(run, stmt, MSG(15007), STR_FMT(name));
    if (catalog_id(catalog, NAME_PRINCIPAL, stmt->name.parts[0]))
        return add_principal(run, stmt, NAME_USER, &user);
    if (has_login && catalog_user_of(catalog, login))
        return run_fault(run, stmt, MSG(15063));
    if (!add_principal(run, stmt, NAME_USER, &user))
        return false;
    if (stmt->is_external)
        login = login_of_identity(catalog, stmt->name.parts[0]);
    catalog_map_user(catalog, user, login);
    return true;
}

bool principal_create(Run *run, const Stmt *stmt)
{
    int role;

    if (!ddl_is_owner(run))
        return fail_right(run, stmt);
    if (str_equal_fold(stmt->text, str_of("ROLE")))
        return add_principal(run, stmt, NAME_ROLE, &role);
    return create_user(run, stmt);
}

/* ---- roles ----------------------------------------------------------------------------------- */

/* Of the server's roles, the one that lets a member see its state. */
static bool server_role_member(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    Catalog *catalog = CATALOG(session);
    Permission permission = {.kind = SECURABLE_SERVER, .name = "VIEW SERVER STATE"};
    bool exists = engine_knows_performance_state(session->engine) &&
                  str_equal_fold(stmt->name.parts[0], str_of("##MS_ServerStateReader##"));

    if (engine_is_azure_database(session->engine) && !session->in_master)
        return run_fault(run, stmt, MSG(5001));
    if (!exists || !is_server_admin(run))
        return fail_find(run, stmt, "alter", "server role", stmt->name.parts[0]);
    permission.principal = catalog_id(catalog, NAME_LOGIN, stmt->target.parts[0]);
    if (!permission.principal)
        return fail_find(run, stmt, stmt->flag ? "drop" : "add", "principal",
                         stmt->target.parts[0]);
    catalog_permit(catalog, &permission, stmt->flag);
    return true;
}

bool principal_role_member(Run *run, const Stmt *stmt)
{
    Catalog *catalog = CATALOG(run->session);

    if (stmt->text.len)
        return server_role_member(run, stmt);
    int role = catalog_id(catalog, NAME_ROLE, stmt->name.parts[0]);
    if (!role || !ddl_is_owner(run))
        return fail_find(run, stmt, "alter", "role", stmt->name.parts[0]);
    int member = catalog_id(catalog, NAME_PRINCIPAL, stmt->target.parts[0]);
    if (member <= 0)
        return fail_find(run, stmt, stmt->flag ? "drop" : "add", "principal",
                         stmt->target.parts[0]);
    if (member == 1)
        return run_fault(run, stmt, MSG(15405), STR_FMT(stmt->target.parts[0]));
    catalog_member(catalog, role, member, stmt->flag);
    return true;
}

/* ---- grants ---------------------------------------------------------------------------------- */

static bool find_object(Run *run, const Stmt *stmt, Permission *permission)
{
    Str name = name_last(&stmt->name);
    const Object *object = catalog_find(CATALOG(run->session), name_schema(&stmt->name), name);

    if (!object || !ddl_is_owner(run))
        return fail_find(run, stmt, "find", "object", name);
    permission->kind = SECURABLE_OBJECT;
    permission->id = object->id;
    for (size_t i = 0; i < stmt->word_count; i++) {
        const Right *right = find_right(run->session->engine, stmt->words[i]);
        bool is_call = str_same(right->name, "EXECUTE"), is_data = right - rights < 4;
        if (object->kind == OBJECT_PROCEDURE ? is_data : is_call)
            return run_fault(run, stmt, MSG(4606), right->name);
    }
    return true;
}

static bool find_securable(Run *run, const Stmt *stmt, Permission *permission)
{
    Session *session = run->session;

    if (!stmt->name.count) {
        permission->kind = SECURABLE_DATABASE;
        return ddl_is_owner(run) || run_fault(run, stmt, MSG(4613));
    }
    if (str_equal_fold(stmt->text, str_of("SCHEMA"))) {
        permission->kind = SECURABLE_SCHEMA;
        permission->id = catalog_id(CATALOG(session), NAME_SCHEMA, stmt->name.parts[0]);
        return (permission->id && ddl_is_owner(run)) ||
               fail_find(run, stmt, "find", "schema", stmt->name.parts[0]);
    }
    return find_object(run, stmt, permission);
}

static bool find_user(Run *run, const Stmt *stmt, Str name, Permission *permission)
{
    int id = catalog_id(CATALOG(run->session), NAME_PRINCIPAL, name);

    if (!id)
        return fail_find(run, stmt, "find", "user", name);
    if (id == 1)
        return run_fault(run, stmt, MSG(4624));
    permission->principal = id < 0 ? 0 : id; // public
    return true;
}

static bool find_login(Run *run, const Stmt *stmt, Str name, Permission *permission)
{
    permission->principal = catalog_id(CATALOG(run->session), NAME_LOGIN, name);
    return permission->principal || fail_find(run, stmt, "find", "login", name);
}

static bool may_grant_on_server(Run *run, const Stmt *stmt)
{
    Session *session = run->session;

    if (engine_is_azure_database(session->engine))
        return run_fault(run, stmt, MSG(40520));
    if (!session->in_master)
        return run_fault(run, stmt, MSG(4621));
    return is_server_admin(run) || run_fault(run, stmt, MSG(4613));
}

/* A statement grants on one securable: all its rights are of one kind. */
static bool check_rights(Run *run, const Stmt *stmt, bool *ret_of_server)
{
    for (size_t i = 0; i < stmt->word_count; i++) {
        const Right *right = find_right(run->session->engine, stmt->words[i]);
        if (!right)
            return fault_refuse(&run->session->fault, stmt->line, stmt->words[i].at,
                                stmt->words[i].len, "no permission of that name is known here");
        if (i && right->is_of_server != *ret_of_server)
            return fault_refuse(&run->session->fault, stmt->line, stmt->words[i].at,
                                stmt->words[i].len, NULL);
        *ret_of_server = right->is_of_server;
    }
    return true;
}

static bool grant_to(Run *run, const Stmt *stmt, Str name, bool of_server, Permission *permission)
{
    bool found = of_server ? find_login(run, stmt, name, permission)
                           : find_user(run, stmt, name, permission);

    for (size_t w = 0; w < stmt->word_count && found; w++) {
        permission->name = find_right(run->session->engine, stmt->words[w])->name;
        catalog_permit(CATALOG(run->session), permission, false);
    }
    return found;
}

bool principal_grant(Run *run, const Stmt *stmt)
{
    Permission permission = {0};
    bool of_server = false;

    if (!check_rights(run, stmt, &of_server))
        return false;
    if (of_server) {
        permission.kind = SECURABLE_SERVER;
        if (!may_grant_on_server(run, stmt))
            return false;
    } else if (!find_securable(run, stmt, &permission)) {
        return false;
    }
    for (size_t n = 0; n < stmt->name_count; n++)
        if (!grant_to(run, stmt, stmt->names[n], of_server, &permission))
            return false;
    return true;
}

bool principal_is_of_server(const Stmt *stmt)
{
    return stmt->kind == STMT_NOTHING || stmt->kind == STMT_USE ||
           stmt->kind == STMT_CREATE_LOGIN || stmt->kind == STMT_GRANT ||
           stmt->kind == STMT_SET_OPTION || (stmt->kind == STMT_ROLE_MEMBER && stmt->text.len > 0);
}
