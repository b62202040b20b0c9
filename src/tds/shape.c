/* The buffers of a result, fitted to the columns that its statement declares. */
#include "rows.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/utf.h"

#include <string.h>

/* Where a bound long text starts; longer ones make it grow. Columns declared up to this
 * long get what they need. */
enum { LONG_UNITS = 4096, DECLARED_MOST = 4000, SHORT_LEAST = 64 };
/* On the wire: a value of a declared length, and the lengths between the pieces of a long one. */
enum { SHORT_BYTES_MAX = 8002, LONG_OVERHEAD = 1024 * 1024 };

#define SQL_TYPE_OFFSET                                                                            \
    (-155) // SQL_SS_TIMESTAMPOFFSET of both drivers; unixODBC has no name for it

/* What the driver says of a column. */
typedef struct Described {
    char name[200];
    SQLSMALLINT sql_type;
    SQLULEN size;
} Described;

static SQLRETURN describe(TdsRows *rows, SQLUSMALLINT number, Described *ret)
{
    SQLWCHAR name[130] = {0};
    SQLSMALLINT len = 0, digits = 0, nullable = 0;

    *ret = (Described){.sql_type = 0};
    SQLRETURN rc = rows->tds->driver->describe_col(rows->stmt, number, name, 130, &len,
                                                   &ret->sql_type, &ret->size, &digits, &nullable);
    if (!SQL_SUCCEEDED(rc))
        return rc;
    size_t count = len < 0 ? 0 : (size_t)len;
    char utf8[UTF_FROM_UTF16_MAX(130)];
    size_t bytes = utf_from_utf16(name, count < 129 ? count : 129, utf8);
    bytes = str_utf8_floor(utf8, bytes < sizeof(ret->name) ? bytes : sizeof(ret->name) - 1);
    memcpy(ret->name, utf8, bytes);
    return rc;
}

static Form form_of_time(SQLSMALLINT sql_type)
{
    if (sql_type == SQL_TYPE_OFFSET)
        return FORM_OFFSET;
    return sql_type == SQL_TYPE_TIMESTAMP || sql_type == SQL_TYPE_DATE ? FORM_STAMP
                                                                       : FORM_TIME_TEXT;
}

static Form form_of(SqlType type, SQLSMALLINT sql_type)
{
    switch (type) {
    case SQL_TYPE_BIT:
    case SQL_TYPE_INT:
    case SQL_TYPE_BIGINT:
        return FORM_I64;
    case SQL_TYPE_FLOAT:
        return FORM_F64;
    case SQL_TYPE_DATETIMEOFFSET:
        return form_of_time(sql_type);
    case SQL_TYPE_UNIQUEIDENTIFIER:
        return sql_type == SQL_GUID ? FORM_GUID : FORM_WCHAR;
    case SQL_TYPE_DECIMAL:
        return FORM_CHAR;
    case SQL_TYPE_NVARCHAR:
        return FORM_WCHAR;
    case SQL_TYPE_VARBINARY:
        return FORM_BYTES;
    }
    return FORM_WCHAR;
}

static bool is_long(const Described *described)
{
    return described->size == 0 || described->size > DECLARED_MOST;
}

static void make_place(Column *column, const Described *described)
{
    size_t count = is_long(described) ? LONG_UNITS : described->size;

    if (!tds_column_is_text(column))
        return;
    if (count < SHORT_LEAST)
        count = SHORT_LEAST; // a number or a time that is read as text has no declared length
    size_t unit = column->form == FORM_WCHAR ? sizeof(uint16_t) : 1;
    column->size = count * unit + tds_column_terminator(column);
    column->place = mem_alloc(column->size);
}

static Column *column_named(TdsRows *rows, const char *name)
{
    for (size_t i = 0; i < rows->count; i++)
        if (str_same_fold(rows->columns[i].head->name, name))
            return &rows->columns[i];
    return NULL;
}

/* A driver that is not FreeTDS reads long columns, and all behind the first one, late. */
static SQLRETURN attach(TdsRows *rows, Column *column, SQLUSMALLINT number,
                        const Described *described)
{
    column->number = number;
    column->form = form_of(column->head->type, described->sql_type);
    make_place(column, described);
    rows->long_count += tds_column_is_text(column) && is_long(described);
    bool is_late = !rows->tds->binds_long &&
                   (rows->late_count > 0 || (tds_column_is_text(column) && is_long(described)));
    if (is_late) {
        rows->late[rows->late_count++] = column;
        return SQL_SUCCESS;
    }
    if (tds_column_is_text(column))
        rows->bound_texts[rows->bound_text_count++] = column;
    return rows->tds->driver->bind_col(rows->stmt, number, tds_column_c_type(column),
                                       tds_column_place(column), tds_column_size(column),
                                       &column->indicator);
}

static Rc attach_all(TdsRows *rows, SQLSMALLINT found, Err *err)
{
    for (SQLSMALLINT i = 1; i <= found; i++) {
        Described described;
        SQLRETURN rc = describe(rows, (SQLUSMALLINT)i, &described);
        Column *column = SQL_SUCCEEDED(rc) ? column_named(rows, described.name) : NULL;
        if (column && column->form == FORM_ABSENT)
            rc = attach(rows, column, (SQLUSMALLINT)i, &described);
        if (!SQL_SUCCEEDED(rc))
            return tds_statement_failed(rows->tds, rows->stmt, err);
    }
    for (size_t i = 0; i < rows->count; i++)
        if (rows->columns[i].form == FORM_ABSENT && !rows->columns[i].head->is_optional)
            return FAIL(err, RC_QUERY, "the result has no column '%s'",
                        rows->columns[i].head->name);
    return RC_OK;
}

/* Past what a batch says before its rows: row counts of SET, DECLARE, DELETE. */
static Rc find_result(TdsRows *rows, SQLSMALLINT *ret_count, Err *err)
{
    const TdsDriver *driver = rows->tds->driver;

    for (;;) {
        *ret_count = 0;
        if (!SQL_SUCCEEDED(driver->num_result_cols(rows->stmt, ret_count)))
            return tds_statement_failed(rows->tds, rows->stmt, err);
        if (*ret_count > 0)
            return RC_OK;
        SQLRETURN rc = driver->more_results(rows->stmt);
        if (rc == SQL_NO_DATA)
            return FAIL(err, RC_QUERY, "the statement gave no result");
        if (!SQL_SUCCEEDED(rc))
            return tds_statement_failed(rows->tds, rows->stmt, err);
    }
}

uint64_t tds_rows_bytes_max(const TdsRows *rows)
{
    if (!rows->tds->binds_long) // a driver that hands values over as they come keeps none
        return UINT64_MAX / 2;
    return TDS_ANSWER_BYTES_MAX + rows->count * SHORT_BYTES_MAX +
           rows->long_count * (TDS_LONG_BYTES_MAX + LONG_OVERHEAD);
}

static void make_columns(TdsRows *rows)
{
    rows->count = rows->asset->column_count;
    rows->columns = arena_alloc_array(&rows->arena, rows->count, sizeof(*rows->columns));
    rows->bound_texts = arena_alloc_array(&rows->arena, rows->count, sizeof(Column *));
    rows->late = arena_alloc_array(&rows->arena, rows->count, sizeof(Column *));
    for (size_t i = 0; i < rows->count; i++) {
        rows->columns[i].head = &rows->asset->columns[i];
        rows->columns[i].indicator = SQL_NULL_DATA;
    }
}

Rc tds_rows_attach(TdsRows *rows, Err *err)
{
    SQLSMALLINT found = 0;

    TRY(find_result(rows, &found, err));
    make_columns(rows);
    return attach_all(rows, found, err);
}
