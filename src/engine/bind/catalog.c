#include "catalog.h"

#include <string.h>

enum { FIRST_OBJECT_ID = 1000001, FIRST_PRINCIPAL_ID = 5, DEPTH_MAX = 16 };

void catalog_init(Catalog *catalog)
{
    static const struct {
        const char *name;
        int id;
    } schemas[] = {{"dbo", 1}, {"sys", 4}};
    static const Principal principals[] = {
        {"public", PRINCIPAL_ROLE, 0, true, 0},
        {"dbo", PRINCIPAL_USER, 1, false, 0},
        {"guest", PRINCIPAL_USER, 2, false, 0},
        {"db_owner", PRINCIPAL_ROLE, 16384, true, 0},
        {"db_datareader", PRINCIPAL_ROLE, 16390, true, 0},
        {"db_datawriter", PRINCIPAL_ROLE, 16391, true, 0},
        {"db_ddladmin", PRINCIPAL_ROLE, 16387, true, 0},
        {"db_denydatareader", PRINCIPAL_ROLE, 16392, true, 0},
    };

    *catalog = (Catalog){.next_id = FIRST_OBJECT_ID, .next_principal = FIRST_PRINCIPAL_ID};
    pthread_rwlock_init(&catalog->lock, NULL);
    for (size_t i = 0; i < ARRAY_LEN(schemas); i++) {
        catalog->schemas = arena_grow(&catalog->arena, catalog->schemas, i, i + 1,
                                      &catalog->schema_capacity, sizeof *catalog->schemas);
        catalog->schemas[catalog->schema_count++] = (SchemaRow){schemas[i].name, schemas[i].id};
    }
    for (size_t i = 0; i < ARRAY_LEN(principals); i++) {
        catalog->principals = arena_grow(&catalog->arena, catalog->principals, i, i + 1,
                                         &catalog->principal_capacity, sizeof *catalog->principals);
        catalog->principals[catalog->principal_count++] = principals[i];
    }
    catalog_member(catalog, 16384, 1, false);
}

void catalog_done(Catalog *catalog)
{
    arena_done(&catalog->arena);
    pthread_rwlock_destroy(&catalog->lock);
}

static void lock_read(Catalog *catalog)
{
    pthread_rwlock_rdlock(&catalog->lock);
}

static void lock_write(Catalog *catalog)
{
    pthread_rwlock_wrlock(&catalog->lock);
}

static void unlock(Catalog *catalog)
{
    pthread_rwlock_unlock(&catalog->lock);
}

static bool is_named(const char *name, Str wanted)
{
    return str_equal_fold(str_of(name), wanted);
}

/* ---- objects ----------------------------------------------------------------------------- */

static ptrdiff_t place_of(const Catalog *catalog, Str schema, Str name)
{
    for (size_t i = 0; i < catalog->object_count; i++)
        if (is_named(catalog->objects[i]->name, name) &&
            is_named(catalog->objects[i]->schema, schema))
            return (ptrdiff_t)i;
    return -1;
}

Object *catalog_put(Catalog *catalog, const Object *object)
{
    lock_write(catalog);
    Object *copy = arena_alloc(&catalog->arena, sizeof *copy);
    *copy = *object;
    if (!copy->id)
        copy->id = catalog->next_id++;
    ptrdiff_t at = place_of(catalog, str_of(object->schema), str_of(object->name));
    if (at < 0) {
        catalog->objects =
            arena_grow(&catalog->arena, catalog->objects, catalog->object_count,
                       catalog->object_count + 1, &catalog->object_capacity, sizeof(Object *));
        at = (ptrdiff_t)catalog->object_count++;
    }
    catalog->objects[at] = copy;
    unlock(catalog);
    return copy;
}

void catalog_drop(Catalog *catalog, const Object *object)
{
    lock_write(catalog);
    ptrdiff_t at = place_of(catalog, str_of(object->schema), str_of(object->name));
    if (at >= 0)
        catalog->objects[at] = catalog->objects[--catalog->object_count];
    unlock(catalog);
}

const Object *catalog_find(Catalog *catalog, Str schema, Str name)
{
    lock_read(catalog);
    ptrdiff_t at = place_of(catalog, schema, name);
    const Object *object = at < 0 ? NULL : catalog->objects[at];
    unlock(catalog);
    return object;
}

const Object *catalog_object(Catalog *catalog, int id)
{
    const Object *found = NULL;
    lock_read(catalog);
    for (size_t i = 0; i < catalog->object_count && !found; i++)
        if (catalog->objects[i]->id == id)
            found = catalog->objects[i];
    unlock(catalog);
    return found;
}

const Object **catalog_all(Catalog *catalog, Arena *arena, size_t *ret_count)
{
    lock_read(catalog);
    const Object **all = arena_alloc_array(arena, catalog->object_count + 1, sizeof(Object *));
    for (size_t i = 0; i < catalog->object_count; i++)
        all[i] = catalog->objects[i];
    *ret_count = catalog->object_count;
    unlock(catalog);
    return all;
}

int catalog_new_id(Catalog *catalog)
{
    lock_write(catalog);
    int id = catalog->next_id++;
    unlock(catalog);
    return id;
}

ptrdiff_t object_column(const Object *object, Str name)
{
    for (size_t i = 0; i < object->column_count; i++)
        if (is_named(object->columns[i].name, name))
            return (ptrdiff_t)i;
    return -1;
}

/* ---- schemas ----------------------------------------------------------------------------- */

static int schema_id(const Catalog *catalog, Str name)
{
    for (size_t i = 0; i < catalog->schema_count; i++)
        if (is_named(catalog->schemas[i].name, name))
            return catalog->schemas[i].id;
    return 0;
}

int catalog_schema(Catalog *catalog, Str name)
{
    lock_read(catalog);
    int id = schema_id(catalog, name);
    unlock(catalog);
    return id;
}

const char *catalog_schema_name(Catalog *catalog, int id)
{
    const char *name = NULL;
    lock_read(catalog);
    for (size_t i = 0; i < catalog->schema_count; i++)
        if (catalog->schemas[i].id == id)
            name = catalog->schemas[i].name;
    unlock(catalog);
    return name;
}

int catalog_add_schema(Catalog *catalog, Str name)
{
    int id = 0;
    lock_write(catalog);
    if (!schema_id(catalog, name)) {
        catalog->schemas = arena_grow(&catalog->arena, catalog->schemas, catalog->schema_count,
                                      catalog->schema_count + 1, &catalog->schema_capacity,
                                      sizeof *catalog->schemas);
        id = (int)catalog->schema_count + 3; // dbo 1, sys 4, then 5, 6, …
        catalog->schemas[catalog->schema_count++] =
            (SchemaRow){arena_copy(&catalog->arena, name.at, name.len), id};
    }
    unlock(catalog);
    return id;
}

bool catalog_drop_schema(Catalog *catalog, Str name)
{
    bool found = false;
    lock_write(catalog);
    for (size_t i = 0; i < catalog->schema_count && !found; i++)
        if (is_named(catalog->schemas[i].name, name)) {
            catalog->schemas[i] = catalog->schemas[--catalog->schema_count];
            found = true;
        }
    unlock(catalog);
    return found;
}

/* ---- principals -------------------------------------------------------------------------- */

static const Principal *find_principal(const Catalog *catalog, Str name)
{
    for (size_t i = 0; i < catalog->principal_count; i++)
        if (is_named(catalog->principals[i].name, name))
            return &catalog->principals[i];
    return NULL;
}

int catalog_principal(Catalog *catalog, Str name, PrincipalKind *ret_kind)
{
    lock_read(catalog);
    const Principal *principal = find_principal(catalog, name);
    int id = principal ? principal->id : 0;
    bool is_public = principal && principal->id == 0;
    if (principal && ret_kind)
        *ret_kind = principal->kind;
    unlock(catalog);
    return is_public ? -1 : id;
}

const char *catalog_principal_name(Catalog *catalog, int id)
{
    const char *name = NULL;
    lock_read(catalog);
    for (size_t i = 0; i < catalog->principal_count; i++)
        if (catalog->principals[i].id == id)
            name = catalog->principals[i].name;
    unlock(catalog);
    return name;
}

int catalog_add_principal(Catalog *catalog, Str name, PrincipalKind kind)
{
    int id = 0;
    lock_write(catalog);
    if (!find_principal(catalog, name)) {
        id = catalog->next_principal++;
        catalog->principals = arena_grow(&catalog->arena, catalog->principals,
                                         catalog->principal_count, catalog->principal_count + 1,
                                         &catalog->principal_capacity, sizeof *catalog->principals);
        catalog->principals[catalog->principal_count++] =
            (Principal){arena_copy(&catalog->arena, name.at, name.len), kind, id, false, 0};
    }
    unlock(catalog);
    return id;
}

bool catalog_drop_principal(Catalog *catalog, Str name)
{
    bool found = false;
    lock_write(catalog);
    for (size_t i = 0; i < catalog->principal_count && !found; i++)
        if (is_named(catalog->principals[i].name, name) && !catalog->principals[i].is_fixed) {
            catalog->principals[i] = catalog->principals[--catalog->principal_count];
            found = true;
        }
    unlock(catalog);
    return found;
}

void catalog_member(Catalog *catalog, int role, int member, bool is_drop)
{
    lock_write(catalog);
    size_t at = 0;
    while (at < catalog->member_count &&
           (catalog->members[at].role != role || catalog->members[at].member != member))
        at++;
    bool exists = at < catalog->member_count;
    if (exists && is_drop) {
        catalog->members[at] = catalog->members[--catalog->member_count];
    } else if (!exists && !is_drop) {
        catalog->members = arena_grow(&catalog->arena, catalog->members, catalog->member_count,
                                      catalog->member_count + 1, &catalog->member_capacity,
                                      sizeof *catalog->members);
        catalog->members[catalog->member_count++] = (Membership){role, member};
    }
    unlock(catalog);
}

static bool is_member(const Catalog *catalog, int member, int role, int depth)
{
    if (member == role || role == 0) // everybody is in public
        return true;
    for (size_t i = 0; i < catalog->member_count && depth < DEPTH_MAX; i++)
        if (catalog->members[i].member == member &&
            is_member(catalog, catalog->members[i].role, role, depth + 1))
            return true;
    return false;
}

bool catalog_is_member(Catalog *catalog, int member, int role)
{
    lock_read(catalog);
    bool is = is_member(catalog, member, role, 0);
    unlock(catalog);
    return is;
}

/* ---- logins -------------------------------------------------------------------------------- */

static int find_login(const Catalog *catalog, Str name)
{
    for (size_t i = 0; i < catalog->login_count; i++)
        if (is_named(catalog->logins[i].name, name))
            return (int)i + 1;
    return 0;
}

int catalog_add_login(Catalog *catalog, Str name, Str password)
{
    int id = 0;
    lock_write(catalog);
    if (!find_login(catalog, name)) {
        catalog->logins =
            arena_grow(&catalog->arena, catalog->logins, catalog->login_count,
                       catalog->login_count + 1, &catalog->login_capacity, sizeof *catalog->logins);
        catalog->logins[catalog->login_count++] =
            (LoginRow){arena_copy(&catalog->arena, name.at, name.len),
                       password.at ? arena_copy(&catalog->arena, password.at, password.len) : NULL};
        id = (int)catalog->login_count;
    }
    unlock(catalog);
    return id;
}

int catalog_login(Catalog *catalog, Str name)
{
    lock_read(catalog);
    int id = find_login(catalog, name);
    unlock(catalog);
    return id;
}

const char *catalog_login_name(Catalog *catalog, int login)
{
    lock_read(catalog);
    bool known = login > 0 && (size_t)login <= catalog->login_count;
    const char *name = known ? catalog->logins[login - 1].name : NULL;
    unlock(catalog);
    return name;
}

const char *catalog_login_password(Catalog *catalog, int login)
{
    lock_read(catalog);
    bool known = login > 0 && (size_t)login <= catalog->login_count;
    const char *password = known ? catalog->logins[login - 1].password : NULL;
    unlock(catalog);
    return password;
}

void catalog_map_user(Catalog *catalog, int user, int login)
{
    lock_write(catalog);
    for (size_t i = 0; i < catalog->principal_count; i++)
        if (catalog->principals[i].id == user)
            catalog->principals[i].login = login;
    unlock(catalog);
}

int catalog_user_of(Catalog *catalog, int login)
{
    int user = 0;
    lock_read(catalog);
    for (size_t i = 0; i < catalog->principal_count && login; i++)
        if (catalog->principals[i].login == login)
            user = catalog->principals[i].id;
    unlock(catalog);
    return user;
}

/* ---- permissions ------------------------------------------------------------------------- */

void catalog_permit(Catalog *catalog, const Permission *permission, bool is_revoke)
{
    lock_write(catalog);
    for (size_t i = 0; i < catalog->permission_count;) {
        const Permission *row = &catalog->permissions[i];
        if (row->kind == permission->kind && row->id == permission->id &&
            row->principal == permission->principal && str_same(row->name, permission->name))
            catalog->permissions[i] = catalog->permissions[--catalog->permission_count];
        else
            i++;
    }
    if (!is_revoke) {
        catalog->permissions =
            arena_grow(&catalog->arena, catalog->permissions, catalog->permission_count,
                       catalog->permission_count + 1, &catalog->permission_capacity,
                       sizeof *catalog->permissions);
        Permission copy = *permission;
        copy.name = arena_text(&catalog->arena, permission->name);
        catalog->permissions[catalog->permission_count++] = copy;
    }
    unlock(catalog);
}

static bool covers(const Permission *row, const char *permission, int schema, int object)
{
    if (row->kind == SECURABLE_SERVER)
        return false;
    if (row->kind == SECURABLE_OBJECT ? row->id != object
                                      : row->kind == SECURABLE_SCHEMA && row->id != schema)
        return false;
    return !permission || str_same(row->name, permission) || str_same(row->name, "CONTROL");
}

static bool may(Catalog *catalog, int principal, const char *permission, int schema, int object)
{
    bool granted = false;
    for (size_t i = 0; i < catalog->permission_count; i++) {
        const Permission *row = &catalog->permissions[i];
        if (!covers(row, permission, schema, object) ||
            !is_member(catalog, principal, row->principal, 0))
            continue;
        if (row->is_deny && permission)
            return false;
        granted = granted || !row->is_deny;
    }
    return granted;
}

bool catalog_may(Catalog *catalog, int principal, const char *permission, int schema, int object)
{
    lock_read(catalog);
    bool granted = is_member(catalog, principal, 16384, 0) ||
                   may(catalog, principal, permission, schema, object) ||
                   (str_same(permission, "SELECT") && is_member(catalog, principal, 16390, 0)) ||
                   ((str_same(permission, "INSERT") || str_same(permission, "UPDATE") ||
                     str_same(permission, "DELETE")) &&
                    is_member(catalog, principal, 16391, 0));
    unlock(catalog);
    return granted;
}

/* A wide permission holds a narrow one. */
static bool implies(const char *held, const char *wanted)
{
    return str_same(held, wanted) || str_same(held, "CONTROL SERVER") ||
           (str_same(held, "VIEW SERVER STATE") &&
            str_same(wanted, "VIEW SERVER PERFORMANCE STATE"));
}

bool catalog_may_server(Catalog *catalog, int login, const char *permission)
{
    bool granted = false, denied = false;
    lock_read(catalog);
    for (size_t i = 0; i < catalog->permission_count; i++) {
        const Permission *row = &catalog->permissions[i];
        if (row->kind != SECURABLE_SERVER || row->principal != login)
            continue;
        denied = denied || (row->is_deny && str_same(row->name, permission));
        granted = granted || (!row->is_deny && implies(row->name, permission));
    }
    unlock(catalog);
    return granted && !denied;
}

static bool sees_all(const Permission *row)
{
    return row->kind == SECURABLE_DATABASE && !row->is_deny &&
           (str_same(row->name, "VIEW DEFINITION") || str_same(row->name, "SELECT") ||
            str_same(row->name, "EXECUTE") || str_same(row->name, "CONTROL"));
}

bool catalog_may_see(Catalog *catalog, int principal, int schema, int object)
{
    bool sees = false;
    lock_read(catalog);
    sees = is_member(catalog, principal, 16384, 0) || is_member(catalog, principal, 16390, 0) ||
           is_member(catalog, principal, 16391, 0) || is_member(catalog, principal, 16387, 0);
    for (size_t i = 0; i < catalog->permission_count && !sees; i++) {
        const Permission *row = &catalog->permissions[i];
        if (row->kind == SECURABLE_SERVER || !is_member(catalog, principal, row->principal, 0))
            continue;
        sees = row->kind == SECURABLE_DATABASE ? sees_all(row)
                                               : !row->is_deny && covers(row, NULL, schema, object);
    }
    unlock(catalog);
    return sees;
}
