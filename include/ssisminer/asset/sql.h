/*
 * Every T-SQL statement the program can send, embedded from sql/ at build time.
 *
 * sql/<room>/<name>.sql becomes SQL_<ROOM>_<NAME>, its columns, in the order of its
 * head, SQL_<ROOM>_<NAME>__<COLUMN>. The head of a file:
 *
 *     -- What it answers, in a sentence or two.
 *     -- carried by: internal.operations (operation_id)
 *     -- param: since datetimeoffset
 *     -- param: lock_timeout int literal
 *     -- column: execution_id bigint
 *     -- column: worker_agent_id uniqueidentifier optional
 *     -- column: folder_name nvarchar as name
 *     -- set: LOCK_TIMEOUT @lock_timeout
 *     -- parts: first_id last_id
 *
 * A line of the body that ends in `-- needs: catalog.executions.worker_agent_id` (or
 * `-- needs: internal.jobs`; several with `, `; `!` before a name for "has not") is left
 * out where the server has no such object; a column marked `optional` that is then
 * missing from the result reads as NULL. `internal.select` is no object: it is there for a
 * login that sees every row and may read the tables behind the views (Ssisdb.reads_tables).
 * Types: bit int bigint float decimal nvarchar datetimeoffset uniqueidentifier varbinary;
 * parameters may say nvarchar(n).
 *
 * What a column `as` holds decides what becomes of it in a capture that is made anonymous; every
 * text of sql/capture says it: name login host path property value text object, or plain.
 *
 * Parameters are bound. One marked `literal` (a whole number) is written into the text instead,
 * for the places where T-SQL takes no variable: SET LOCK_TIMEOUT. A `set` becomes the statement's
 * first line; it holds for this statement only, since sp_executesql ends what was set within.
 *
 * `carried by` says which index of the catalog finds the rows, by the columns that it begins
 * with, a line a table; `scan of internal.operations` where the catalog has none that could,
 * `nothing` where no table of the catalog is read. tests/lint/sql wants it, and looks for the
 * index.
 *
 * `parts` names two bigint parameters, the ends of a range of operation ids: what the statement
 * answers for a range is, in any order, what it answers for the parts of it, so that tds may go
 * around a lock. A count is such an answer when its reader adds up.
 */
#ifndef SSISMINER_ASSET_SQL_H
#define SSISMINER_ASSET_SQL_H

#include <stdbool.h>
#include <stddef.h>

typedef enum SqlType {
    SQL_TYPE_BIT,
    SQL_TYPE_INT,
    SQL_TYPE_BIGINT,
    SQL_TYPE_FLOAT,
    SQL_TYPE_DECIMAL, // read as text
    SQL_TYPE_NVARCHAR,
    SQL_TYPE_DATETIMEOFFSET,
    SQL_TYPE_UNIQUEIDENTIFIER, // read as text, upper case, without braces
    SQL_TYPE_VARBINARY
} SqlType;

typedef struct SqlParam {
    const char *name; // without @
    SqlType type;
    const char *declared; // as in T-SQL: "nvarchar(128)"
    bool is_literal;      // a number in the text, not bound
} SqlParam;

typedef enum SqlHolds {
    SQL_HOLDS_PLAIN, // the product's own words
    SQL_HOLDS_NAME,  // somebody named it so: a folder, a package, a task
    SQL_HOLDS_LOGIN,
    SQL_HOLDS_HOST,     // a server, a machine, a database
    SQL_HOLDS_PATH,     // of names
    SQL_HOLDS_PROPERTY, // a path of what the product calls things, with names in it
    SQL_HOLDS_VALUE,
    SQL_HOLDS_TEXT,  // a message: the product's words with all of these in it
    SQL_HOLDS_OBJECT // an index, a key, a file of the database
} SqlHolds;

typedef struct SqlColumn {
    const char *name;
    SqlType type;
    bool is_optional;
    SqlHolds holds;
} SqlColumn;

typedef struct SqlLine { // the body, line by line
    const char *text;
    const char *needs; // comma-separated objects, or NULL
} SqlLine;

typedef struct SqlAsset {
    const char *name; // "failures/executions"
    const SqlParam *params;
    size_t param_count;
    const SqlColumn *columns;
    size_t column_count;
    const SqlLine *lines;
    size_t line_count;
    const char *part_first, *part_last; // parameters, or NULL
} SqlAsset;

#include "gen/sql_ids.h" // enum SqlId { SQL_…, SQL_ID_COUNT } and the column enums

const SqlAsset *sql_asset(SqlId id);

#endif
