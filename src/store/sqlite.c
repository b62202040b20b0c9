/* Files of SQLite that are this user's alone. */
#include "sqlite.h"

#include "ssisminer/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void store_close(StoreFile *file)
{
    if (file->db && !sqlite3_get_autocommit(file->db))
        (void)sqlite3_exec(file->db, "ROLLBACK", NULL, NULL, NULL);
    (void)sqlite3_close(file->db);
    free(file->path);
    *file = (StoreFile){0};
}

/* ---- errors ---------------------------------------------------------------------------------- */

Rc store_fail(const StoreFile *file, const char *doing, Err *err)
{
    int code = sqlite3_errcode(file->db) & 0xff;
    bool is_foreign = code == SQLITE_NOTADB || code == SQLITE_CORRUPT; // whatever was to be done

    (void)FAIL(err, RC_USAGE, "cannot %s the %s '%s': %s", is_foreign ? "read" : doing, file->kind,
               file->path, sqlite3_errmsg(file->db));
    switch (code) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
        return err_hint(err, "%s", file->full);
    case SQLITE_BUSY:
        return err_hint(err, "%s", file->busy);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
        return err_hint(err, "the file and its folder must be writable by this user");
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return err_hint(err, "it is no %s of ssisminer, or a damaged one: name another file",
                        file->kind);
    default:
        return err->rc;
    }
}

Rc store_refuse(const StoreFile *file, const char *why, const char *hint, Err *err)
{
    (void)FAIL(err, RC_USAGE, "the %s '%s' %s", file->kind, file->path, why);
    return err_hint(err, "%s", hint);
}

/* ---- the file -------------------------------------------------------------------------------- */

Rc store_make(const StoreFile *file, Err *err)
{
    int fd =
        open(file->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    struct stat status;

    if (fd < 0) {
        (void)FAIL(err, RC_USAGE, "cannot open the %s '%s': %s", file->kind, file->path,
                   strerror(errno));
        return err_hint(err, "the file and its folder must be there and writable by this user");
    }
    bool is_file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    (void)close(fd);
    return is_file ? RC_OK : FAIL(err, RC_USAGE, "the %s '%s' is no file", file->kind, file->path);
}

Rc store_know(StoreFile *file, int64_t application, int64_t layout, bool *ret_is_new, Err *err)
{
    int64_t is_of = 0, version = 0, tables = 0;

    TRY(store_number(file, "PRAGMA application_id", &is_of, err));
    TRY(store_number(file, "PRAGMA user_version", &version, err));
    TRY(store_number(file, "SELECT count(*) FROM sqlite_schema", &tables, err));
    *ret_is_new = tables == 0 && is_of == 0 && version == 0;
    if (*ret_is_new)
        return RC_OK;
    if (is_of != application)
        return store_refuse(file, "is a database of another program",
                            "nothing in it was changed: name another file", err);
    if (version > layout)
        return store_refuse(file, "was made by a newer ssisminer",
                            "nothing in it was changed: use that one, or name another file", err);
    return RC_OK;
}

/* ---- statements ------------------------------------------------------------------------------ */

void store_statement_done(sqlite3_stmt **statement)
{
    (void)sqlite3_finalize(*statement);
}

Rc store_run(StoreFile *file, const char *sql, Err *err)
{
    if (sqlite3_exec(file->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return store_fail(file, "write", err);
    return RC_OK;
}

Rc store_prepare(StoreFile *file, const char *sql, sqlite3_stmt **ret_statement, Err *err)
{
    if (sqlite3_prepare_v2(file->db, sql, -1, ret_statement, NULL) != SQLITE_OK)
        return store_fail(file, "read", err);
    return RC_OK;
}

Rc store_step(StoreFile *file, sqlite3_stmt *statement, Err *err)
{
    int rc = sqlite3_step(statement);

    (void)sqlite3_reset(statement);
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? RC_OK : store_fail(file, "write", err);
}

Rc store_number(StoreFile *file, const char *sql, int64_t *ret_number, Err *err)
{
    AUTO(store_statement_done) sqlite3_stmt *statement = NULL;

    TRY(store_prepare(file, sql, &statement, err));
    if (sqlite3_step(statement) != SQLITE_ROW)
        return store_fail(file, "read", err);
    *ret_number = sqlite3_column_int64(statement, 0);
    return RC_OK;
}
