/*
 * Rows into the sandbox's tables, through one prepared INSERT a table.
 *
 * Errors: the first failure is kept, later rows are ignored; rows_done reports it.
 */
#ifndef SANDBOX_DATA_ROWS_H
#define SANDBOX_DATA_ROWS_H

#include "world.h"

#include "ssisminer/base/time.h"

typedef enum RowTable {
#define TABLE(id, name) ROW_##id,
#include "rows.def"
#undef TABLE
    ROW_TABLE_COUNT
} RowTable;

typedef struct Rows Rows;

/* Opens one transaction and takes the indexes away; rows_done builds them again and commits. */
Rc rows_begin(struct sqlite3 *store, const World *world, Rows **ret_rows, Err *err) MUST_CHECK;
Rc rows_done(Rows *rows, Err *err) MUST_CHECK;
void rows_drop_at(Rows **rows); // without rows_done: rolls back

/* One row, a letter a column, in the order of the schema; what is behind them is NULL. Columns that
 * a flavor has not got, and tables, are passed over. i int64_t (L for a NULL when it is negative)
 * · d int · s const char *, NULL allowed · t int64_t ticks, 0 for NULL · S Str · b sid of Person *
 * · n NULL, no argument · x const char * that becomes a blob · v const SbValue * for a sql_variant.
 */
void rows_put(Rows *rows, RowTable table, const char *kinds, ...);

#endif
