/*
 * What the binder asks of whoever runs the statement: the catalogue, rights, and the names that
 * belong to a session or a batch alone. The interpreter answers (run/world.c).
 */
#ifndef ENGINE_WORLD_H
#define ENGINE_WORLD_H

#include "catalog.h"

typedef struct World {
    Catalog *catalog;
    const char *database;
    const char *identity_insert; // store name of the table, NULL: none
    bool is_definer;             // inside a procedure: reads and writes with its owner's rights
    void *who;
    bool (*may)(void *who, const char *permission, const Object *object);
    const Object *(*temp)(void *who, Str name); // a temporary table; NULL: none
    /* Is who asks a member of this role of the database, or of the server? */
    bool (*has_role)(void *who, Str role, bool of_server, bool *ret_exists);
    bool (*may_state)(void *who, Fault *fault); // sees the server's own figures; false: a fault
    /* A variable of the batch, -1: none; a table variable has a table. */
    ptrdiff_t (*variable)(void *who, Str name, SbType *ret_type, const Object **ret_table);
} World;

#endif
