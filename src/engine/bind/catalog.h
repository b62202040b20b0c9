/*
 * The type catalog: what CREATE TABLE, VIEW, INDEX, PROCEDURE, ROLE and GRANT said.
 *
 * Objects never change once published: a change replaces the whole object, and the old one stays
 * until the engine closes, so whoever looked one up may keep it. Readers and writers hold the lock
 * inside these functions; the small lists are copied out.
 */
#ifndef ENGINE_CATALOG_H
#define ENGINE_CATALOG_H

#include "../front/ast.h"

#include <pthread.h>

typedef struct Object Object;

typedef struct Column {
    const char *name;
    SbType type;
    bool is_nullable, is_identity, is_rowid; // is_rowid: SQLite's INTEGER PRIMARY KEY
    int64_t seed, increment;
    const char *default_text; // T-SQL; NULL: none
} Column;

typedef enum IndexKind { INDEX_PLAIN, INDEX_PRIMARY, INDEX_UNIQUE_CONSTRAINT } IndexKind;

typedef struct Index {
    const char *name;
    IndexKind kind;
    bool is_unique;
    int id; // 1: the clustered one
    size_t *columns;
    bool *descending;
    size_t column_count;
    size_t *included;
    size_t included_count;
} Index;

typedef struct ForeignKey {
    const char *name;
    int id;
    size_t *columns;
    size_t column_count;
    const Object *target;
    size_t *target_columns;
    bool on_delete_cascade;
} ForeignKey;

typedef enum ObjectKind { OBJECT_TABLE, OBJECT_VIEW, OBJECT_PROCEDURE, OBJECT_SYSTEM } ObjectKind;

struct Object {
    ObjectKind kind;
    int id;
    const char *schema, *name;
    const char *store; // its name in SQLite
    bool is_temp;      // in the session's temp schema
    Column *columns;
    size_t column_count;
    Index *indexes;
    size_t index_count;
    ForeignKey *foreign_keys;
    size_t foreign_key_count;
    const char *definition; // the batch that made a view or procedure
    Instant created;
    int system;    // number of a view of the system, from 1; 0: none
    bool is_state; // its rows need the right to see the state of the database
};

typedef enum NameKind { NAME_SCHEMA, NAME_USER, NAME_ROLE, NAME_LOGIN, NAME_PRINCIPAL } NameKind;

typedef struct NameRow { // what has a name and a number, and little else
    NameKind kind;       // never NAME_PRINCIPAL: a user or a role, whose names are of one space
    const char *name;
    int id;
    bool is_fixed;        // came with the server
    int login;            // of a user: who it is mapped to, 0 for nobody
    const char *password; // of a login; NULL: the sandbox's own
} NameRow;

typedef struct Membership {
    int role, member;
} Membership;

typedef enum SecurableKind {
    SECURABLE_DATABASE,
    SECURABLE_SCHEMA,
    SECURABLE_OBJECT,
    SECURABLE_SERVER
} SecurableKind;

typedef struct Permission {
    SecurableKind kind;
    int id;           // of the schema or object
    int principal;    // of the server: a login
    const char *name; // upper case: "SELECT"
} Permission;

typedef struct Catalog {
    pthread_rwlock_t lock;
    Arena arena; // guarded by the lock
    Object **objects;
    size_t object_count;
    NameRow *names;
    size_t name_count;
    Membership *members;
    size_t member_count;
    Permission *permissions;
    size_t permission_count;
    int next_id, next_name[NAME_PRINCIPAL + 1]; // of objects; of schemas, logins, principals
} Catalog;

void catalog_init(Catalog *catalog);
void catalog_done(Catalog *catalog);

/* Copies the object (all of its arrays are already in memory that lasts) and publishes it,
 * in place of one of the same name if there is one. Returns the published copy. */
Object *catalog_put(Catalog *catalog, const Object *object);
void catalog_drop(Catalog *catalog, const Object *object);
const Object *catalog_find(Catalog *catalog, Str schema, Str name);
/* Every object at this moment, in an array of the arena. */
const Object **catalog_all(Catalog *catalog, Arena *arena, size_t *ret_count);
int catalog_new_id(Catalog *catalog);

int catalog_id(Catalog *catalog, NameKind kind, Str name);         // 0: none; -1: the role public
const char *catalog_name(Catalog *catalog, NameKind kind, int id); // NULL: none
/* password.at NULL: none of its own. The id; 0 if it exists. */
int catalog_add(Catalog *catalog, NameKind kind, Str name, Str password);
bool catalog_forget(Catalog *catalog, NameKind kind, Str name);  // false: none, or fixed
const char *catalog_login_password(Catalog *catalog, int login); // NULL: the sandbox's
void catalog_map_user(Catalog *catalog, int user, int login);
int catalog_user_of(Catalog *catalog, int login); // 0: none
void catalog_member(Catalog *catalog, int role, int member, bool is_drop);
bool catalog_is_member(Catalog *catalog, int member,
                       int role); // directly or through roles; or the same
void catalog_permit(Catalog *catalog, const Permission *permission, bool is_revoke);
/* Does the principal hold this permission on an object (or schema, or the database) by grant? */
bool catalog_may(Catalog *catalog, int principal, const char *permission, int schema, int object);
/* On the server, also by a permission that implies it. */
bool catalog_may_server(Catalog *catalog, int login, const char *permission);
/* Anything at all on it (for what metadata it sees)? */
bool catalog_may_see(Catalog *catalog, int principal, int schema, int object);

ptrdiff_t object_column(const Object *object, Str name); // -1: none

#endif
