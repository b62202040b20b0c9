/*
 * A named statement on its way out: its text for this server, and its values bound.
 *
 * With parameters the body travels inside `exec sp_executesql N'body', N'@a int, ...', ?, ...`,
 * which keeps the names of the .sql file and lets the server see values, not local variables. A
 * literal parameter is a number in the body.
 * Both forms take one round trip through SQLExecDirect (seen on the wire).
 */
#ifndef SSISMINER_SRC_TDS_STATEMENT_H
#define SSISMINER_SRC_TDS_STATEMENT_H

#include "driver.h"
#include "ssisminer/base/buf.h"

enum { TDS_STATEMENT_MAX = 1024 * 1024 };

/* Lines whose `needs` the server does not meet are left out; has may be NULL. Of the arguments the
 * literal ones are read. */
void tds_statement_text(const SqlAsset *asset, const TdsArg *args, size_t arg_count, TdsHas *has,
                        void *context, long lock_timeout_ms, Buf *ret_text);

/* The same for a person to read and run: each value is declared with a DECLARE of its own before
 * the body. For printing only; nothing of it is sent. */
void tds_statement_script(const SqlAsset *asset, const TdsArg *args, size_t arg_count, TdsHas *has,
                          void *context, Buf *out);

/* One value as the driver reads it. */
typedef struct TdsValue {
    SQLSMALLINT c_type;
    SQLSMALLINT sql_type;
    SQLULEN column_size;
    union {
        SQLBIGINT i64;
        double f64;
        uint16_t *units;
    } as;
    SQLLEN indicator; // bytes, or SQL_NULL_DATA
} TdsValue;

/* Values of the parameters to bind, in the order of the head. A name that is missing or too many is
 * a bug (assert); a text longer than its declared nvarchar(n) is RC_QUERY, since the server would
 * cut it silently. */
Rc tds_statement_values(const SqlAsset *asset, const TdsArg *args, size_t arg_count, Arena *arena,
                        TdsValue **ret_values, size_t *ret_count, Err *err) MUST_CHECK;

SQLRETURN tds_statement_bind(const TdsDriver *driver, SQLHSTMT stmt, TdsValue *values,
                             size_t count);

#endif
