/*
 * The foreign keys into schema internal, and which of them deserve an index: each row that a purge
 * deletes makes the server look for its children, in the whole child table where no index helps.
 *
 * Ownership: everything lives in the arena given.
 */
#ifndef SSISMINER_SSISDB_FOREIGN_KEYS_H
#define SSISMINER_SSISDB_FOREIGN_KEYS_H

#include "ssisminer/ssisdb/ssisdb.h"

typedef struct ForeignKey {
    const char *schema, *table, *column; // the child and the first column of the key
    const char *child;  // the table as one says it: outside internal with its schema
    const char *parent; // a table of schema internal
    const char *name;
    bool cascades;
    bool is_foreign;   // into the operation log, from a table that is none of it: a batched cleanup
                       // knows nothing of its rows
    const char *index; // "CREATE INDEX …;" where one is missing and a purge needs it, else NULL
} ForeignKey;

typedef struct ForeignKeys {
    const ForeignKey *list;
    size_t count;
} ForeignKeys;

/* One statement. A login sees the keys of the tables that it may see: with VIEW DEFINITION all. */
Rc foreign_keys_read(const Ssisdb *db, Arena *arena, ForeignKeys *ret_keys, Err *err) MUST_CHECK;

#endif
