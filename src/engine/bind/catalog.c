#include "catalog.h"

enum { FIRST_OBJECT_ID = 1000001, FIRST_PRINCIPAL_ID = 5, DEPTH_MAX = 16 };

/* One more row of a list of the catalogue. */
#define ADD(catalog, row) ARENA_PUSH(&(catalog)->arena, (catalog)->row##s, (catalog)->row##_count)

void catalog_init(Catalog *catalog)
{
    static const SchemaRow schemas[] = {{"dbo", 1}, {"sys", 4}};
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
    for (size_t i = 0; i < ARRAY_LEN(schemas); i++)
        *ADD(catalog, schema) = schemas[i];
    for (size_t i = 0; i < ARRAY_LEN(principals); i++)
        *ADD(catalog, principal) = principals[i];
    catalog_member(catalog, 16384, 1, false);
}

void catalog_done(Catalog *catalog)
{
    arena_done(&catalog->arena);
    pthread_rwlock_destroy(&catalog->lock);
}

static void unlock_at(Catalog **catalog)
{
    pthread_rwlock_unlock(&(*catalog)->lock);
}

static Catalog *lock_read(Catalog *catalog)
{
    pthread_rwlock_rdlock(&catalog->lock);
    return catalog;
}

static Catalog *lock_write(Catalog *catalog)
{
    pthread_rwlock_wrlock(&catalog->lock);
    return catalog;
}

/* Until the end of the scope. */
#define READ(catalog)  AUTO(unlock_at) Catalog *held __attribute__((unused)) = lock_read(catalog)
#define WRITE(catalog) AUTO(unlock_at) Catalog *held __attribute__((unused)) = lock_write(catalog)

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
    WRITE(catalog);
    Object *copy = arena_alloc(&catalog->arena, sizeof *copy);
    *copy = *object;
    if (!copy->id)
        copy->id = catalog->next_id++;
    ptrdiff_t at = place_of(catalog, str_of(object->schema), str_of(object->name));
    *(at < 0 ? ADD(catalog, object) : &catalog->objects[at]) = copy;
    return copy;
}

void catalog_drop(Catalog *catalog, const Object *object)
{
    WRITE(catalog);
    ptrdiff_t at = place_of(catalog, str_of(object->schema), str_of(object->name));
    if (at >= 0)
        catalog->objects[at] = catalog->objects[--catalog->object_count];
}

const Object *catalog_find(Catalog *catalog, Str schema, Str name)
{
    READ(catalog);
    ptrdiff_t at = place_of(catalog, schema, name);
    return at < 0 ? NULL : catalog->objects[at];
}

const Object **catalog_all(Catalog *catalog, Arena *arena, size_t *ret_count)
{
    READ(catalog);
    const Object **all = arena_alloc_array(arena, catalog->object_count + 1, sizeof(Object *));
    for (size_t i = 0; i < catalog->object_count; i++)
        all[i] = catalog->objects[i];
    *ret_count = catalog->object_count;
    return all;
}

int catalog_new_id(Catalog *catalog)
{
    WRITE(catalog);
    return catalog->next_id++;
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
    READ(catalog);
    return schema_id(catalog, name);
}

const char *catalog_schema_name(Catalog *catalog, int id)
{
    READ(catalog);
    for (size_t i = 0; i < catalog->schema_count; i++)
        if (catalog->schemas[i].id == id)
            return catalog->schemas[i].name;
    return NULL;
}

int catalog_add_schema(Catalog *catalog, Str name)
{
    WRITE(catalog);
    if (schema_id(catalog, name))
        return 0;
    int id = (int)catalog->schema_count + 3; // dbo 1, sys 4, then 5, 6, …
    *ADD(catalog, schema) = (SchemaRow){arena_copy(&catalog->arena, name.at, name.len), id};
    return id;
}

bool catalog_drop_schema(Catalog *catalog, Str name)
{
    WRITE(catalog);
    SchemaRow *row = catalog->schemas, *end = row + catalog->schema_count;
    while (row < end && !is_named(row->name, name))
        row++;
    if (row < end)
        *row = catalog->schemas[--catalog->schema_count];
    return row < end;
}

/* ---- principals -------------------------------------------------------------------------- */

static Principal *find_principal(const Catalog *catalog, Str name)
{
    for (size_t i = 0; i < catalog->principal_count; i++)
        if (is_named(catalog->principals[i].name, name))
            return &catalog->principals[i];
    return NULL;
}

int catalog_principal(Catalog *catalog, Str name, PrincipalKind *ret_kind)
{
    READ(catalog);
    const Principal *principal = find_principal(catalog, name);
    if (!principal)
        return 0;
    if (ret_kind)
        *ret_kind = principal->kind;
    return principal->id ? principal->id : -1; // public
}

const char *catalog_principal_name(Catalog *catalog, int id)
{
    READ(catalog);
    for (size_t i = 0; i < catalog->principal_count; i++)
        if (catalog->principals[i].id == id)
            return catalog->principals[i].name;
    return NULL;
}

int catalog_add_principal(Catalog *catalog, Str name, PrincipalKind kind)
{
    WRITE(catalog);
    if (find_principal(catalog, name))
        return 0;
    int id = catalog->next_principal++;
    *ADD(catalog, principal) =
        (Principal){arena_copy(&catalog->arena, name.at, name.len), kind, id, false, 0};
    return id;
}

bool catalog_drop_principal(Catalog *catalog, Str name)
{
    WRITE(catalog);
    Principal *row = find_principal(catalog, name);
    if (!row || row->is_fixed)
        return false;
    *row = catalog->principals[--catalog->principal_count];
    return true;
}

void catalog_member(Catalog *catalog, int role, int member, bool is_drop)
{
    WRITE(catalog);
    size_t at = 0;
    while (at < catalog->member_count &&
           (catalog->members[at].role != role || catalog->members[at].member != member))
        at++;
    bool exists = at < catalog->member_count;
    if (exists && is_drop)
        catalog->members[at] = catalog->members[--catalog->member_count];
    else if (!exists && !is_drop)
        *ADD(catalog, member) = (Membership){role, member};
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
    READ(catalog);
    return is_member(catalog, member, role, 0);
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
    WRITE(catalog);
    if (find_login(catalog, name))
        return 0;
    *ADD(catalog, login) =
        (LoginRow){arena_copy(&catalog->arena, name.at, name.len),
                   password.at ? arena_copy(&catalog->arena, password.at, password.len) : NULL};
    return (int)catalog->login_count;
}

int catalog_login(Catalog *catalog, Str name)
{
    READ(catalog);
    return find_login(catalog, name);
}

const char *catalog_login_password(Catalog *catalog, int login)
{
    READ(catalog);
    bool known = login > 0 && (size_t)login <= catalog->login_count;
    return known ? catalog->logins[login - 1].password : NULL;
}

void catalog_map_user(Catalog *catalog, int user, int login)
{
    WRITE(catalog);
    for (size_t i = 0; i < catalog->principal_count; i++)
        if (catalog->principals[i].id == user)
            catalog->principals[i].login = login;
}

int catalog_user_of(Catalog *catalog, int login)
{
    READ(catalog);
    for (size_t i = 0; i < catalog->principal_count && login; i++)
        if (catalog->principals[i].login == login)
            return catalog->principals[i].id;
    return 0;
}

/* ---- permissions ------------------------------------------------------------------------- */

void catalog_permit(Catalog *catalog, const Permission *permission, bool is_revoke)
{
    WRITE(catalog);
    for (size_t i = 0; i < catalog->permission_count;) {
        const Permission *row = &catalog->permissions[i];
        if (row->kind == permission->kind && row->id == permission->id &&
            row->principal == permission->principal && str_same(row->name, permission->name))
            catalog->permissions[i] = catalog->permissions[--catalog->permission_count];
        else
            i++;
    }
    if (is_revoke)
        return;
    Permission *added = ADD(catalog, permission);
    *added = *permission;
    added->name = arena_text(&catalog->arena, permission->name);
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
    for (size_t i = 0; i < catalog->permission_count; i++) {
        const Permission *row = &catalog->permissions[i];
        if (covers(row, permission, schema, object) &&
            is_member(catalog, principal, row->principal, 0))
            return true;
    }
    return false;
}

bool catalog_may(Catalog *catalog, int principal, const char *permission, int schema, int object)
{
    static const struct {
        const char *permission;
        int role;
    } fixed[] = {{"SELECT", 16390}, {"INSERT", 16391}, {"UPDATE", 16391}, {"DELETE", 16391}};
    READ(catalog);
    if (is_member(catalog, principal, 16384, 0) ||
        may(catalog, principal, permission, schema, object))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        if (str_same(permission, fixed[i].permission))
            return is_member(catalog, principal, fixed[i].role, 0);
    return false;
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
    READ(catalog);
    for (size_t i = 0; i < catalog->permission_count; i++) {
        const Permission *row = &catalog->permissions[i];
        if (row->kind == SECURABLE_SERVER && row->principal == login &&
            implies(row->name, permission))
            return true;
    }
    return false;
}

bool catalog_may_see(Catalog *catalog, int principal, int schema, int object)
{
    static const int all_seeing[] = {16384, 16390, 16391, 16387}; // roles
    READ(catalog);
    for (size_t i = 0; i < ARRAY_LEN(all_seeing); i++)
        if (is_member(catalog, principal, all_seeing[i], 0))
            return true;
    for (size_t i = 0; i < catalog->permission_count; i++) {
        const Permission *row = &catalog->permissions[i];
        bool is_of_objects = row->kind != SECURABLE_DATABASE || str_same(row->name, "SELECT") ||
                             str_same(row->name, "EXECUTE") || str_same(row->name, "CONTROL") ||
                             str_same(row->name, "VIEW DEFINITION");
        if (is_of_objects && covers(row, NULL, schema, object) &&
            is_member(catalog, principal, row->principal, 0))
            return true;
    }
    return false;
}
