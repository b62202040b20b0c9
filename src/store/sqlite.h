/*
 * What the files of this room have in common: how they are made, known again and told of when they
 * fail. (Within the room.)
 */
#ifndef SSISMINER_STORE_SQLITE_H
#define SSISMINER_STORE_SQLITE_H

#include "ssisminer/base/err.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct StoreFile {
    sqlite3 *db;
    char *path;
    const char *kind;        // "state": what errors call it
    const char *full, *busy; // hints: there is no room, somebody else has it
} StoreFile;

void store_close(StoreFile *file); // what is not committed is undone; {0} is a closed one

/* Of the last call that failed; `doing` is "read". */
Rc store_fail(const StoreFile *file, const char *doing, Err *err);
Rc store_refuse(const StoreFile *file, const char *why, const char *hint, Err *err);

/* So that SQLite finds one, which nobody else may read. */
Rc store_make(const StoreFile *file, Err *err) MUST_CHECK;
/* Whether there is nothing in it yet; RC_USAGE for a file of another program or a newer layout. */
Rc store_know(StoreFile *file, int64_t application, int64_t layout, bool *ret_is_new,
              Err *err) MUST_CHECK;

Rc store_run(StoreFile *file, const char *sql, Err *err) MUST_CHECK;
Rc store_prepare(StoreFile *file, const char *sql, sqlite3_stmt **ret_statement,
                 Err *err) MUST_CHECK;
Rc store_step(StoreFile *file, sqlite3_stmt *statement, Err *err) MUST_CHECK; // and resets it
Rc store_number(StoreFile *file, const char *sql, int64_t *ret_number, Err *err) MUST_CHECK;
void store_statement_done(sqlite3_stmt **statement);

#endif
