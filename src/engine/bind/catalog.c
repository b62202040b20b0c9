/* The type catalog: what CREATE, GRANT and ALTER said, object by object. */
#include "catalog.h"

enum { FIRST_OBJECT_ID = 1000001, DEPTH_MAX = 16 };

/* One more row of a list of the catalog. */
#define ADD(catalog, row) ARENA_PUSH(&(catalog)->arena, (catalog)->row##s, (catalog)->row##_count)

void catalog_init(Catalog *catalog)
{
    static const NameRow fixed[] = {
        {NAME_SCHEMA, "dbo", 1, true, 0, NULL},
        {NAME_SCHEMA, "sys", 4, true, 0, NULL},
        {NAME_ROLE, "public", 0, true, 0, NULL},
        {NAME_USER, "dbo", 1, false, 0, NULL},
        {NAME_USER, "guest", 2, false, 0, NULL},
        {NAME_ROLE, "db_owner", 16384, true, 0, NULL},
        {NAME_ROLE, "db_datareader", 16390, true, 0, NULL},
        {NAME_ROLE, "db_datawriter", 16391, true, 0, NULL},
        {NAME_ROLE, "db_ddladmin", 16387, true, 0, NULL},
        {NAME_ROLE, "db_denydatareader", 16392, true, 0, NULL},
    };

    *catalog = (Catalog){.next_id = FIRST_OBJECT_ID,
                         .next_name = {[NAME_SCHEMA] = 5, [NAME_LOGIN] = 1, [NAME_PRINCIPAL] = 5}};
    pthread_rwlock_init(&catalog->lock, NULL);
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        *ADD(catalog, name) = fixed[i];
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

/* ---- objects --------------------------------------------------------------------------------- */

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

/* ---- schemas, principals, logins ------------------------------------------------------------- */

/* Of its names. */
static NameKind space_of(NameKind kind)
{
    return kind == NAME_USER || kind == NAME_ROLE ? NAME_PRINCIPAL : kind;
}

static bool is_of(const NameRow *row, NameKind kind)
{
    return row->kind == kind || space_of(row->kind) == kind;
}

static NameRow *find_name(const Catalog *catalog, NameKind kind, Str name)
{
    for (size_t i = 0; i < catalog->name_count; i++)
        if (is_of(&catalog->names[i], kind) && is_named(catalog->names[i].name, name))
            return &catalog->names[i];
    return NULL;
}

static NameRow *find_id(const Catalog *catalog, NameKind kind, int id)
{
    for (size_t i = 0; i < catalog->name_count; i++)
        if (is_of(&catalog->names[i], kind) && catalog->names[i].id == id)
            return &catalog->names[i];
    return NULL;
}

int catalog_id(Catalog *catalog, NameKind kind, Str name)
{
    READ(catalog);
    const NameRow *row = find_name(catalog, kind, name);
    if (!row)
        return 0;
    return row->id ? row->id : -1;
}

const char *catalog_name(Catalog *catalog, NameKind kind, int id)
{
    READ(catalog);
    const NameRow *row = find_id(catalog, kind, id);
    return row ? row->name : NULL;
}

int catalog_add(Catalog *catalog, NameKind kind, Str name, Str password)
{
    WRITE(catalog);
    if (find_name(catalog, space_of(kind), name))
        return 0;
    NameRow *row = ADD(catalog, name);
    *row = (NameRow){.kind = kind,
                     .name = arena_copy(&catalog->arena, name.at, name.len),
                     .id = catalog->next_name[space_of(kind)]++};
    if (password.at)
        row->password = arena_copy(&catalog->arena, password.at, password.len);
    return row->id;
}

bool catalog_forget(Catalog *catalog, NameKind kind, Str name)
{
    WRITE(catalog);
    NameRow *row = find_name(catalog, kind, name);
    if (!row || row->is_fixed)
        return false;
    *row = catalog->names[--catalog->name_count];
    return true;
}

const char *catalog_login_password(Catalog *catalog, int login)
{
    READ(catalog);
    const NameRow *row = find_id(catalog, NAME_LOGIN, login);
    return row ? row->password : NULL;
}

void catalog_map_user(Catalog *catalog, int user, int login)
{
    WRITE(catalog);
    find_id(catalog, NAME_USER, user)->login = login;
}

int catalog_user_of(Catalog *catalog, int login)
{
    READ(catalog);
    for (size_t i = 0; i < catalog->name_count && login; i++)
        if (catalog->names[i].login == login)
            return catalog->names[i].id;
    return 0;
}

/* ---- roles and their members ----------------------------------------------------------------- */

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

/* ---- permissions ----------------------------------------------------------------------------- */

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
