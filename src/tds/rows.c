#include "internal.h"

#include "statement.h"
#include "value.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/utf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Where a bound long text starts; longer ones make it grow. Columns declared up to this
 * long get what they need. */
enum { LONG_UNITS = 4096, DECLARED_MOST = 4000, SHORT_LEAST = 64 };

/* Most bytes that are kept of one value as it comes from the driver. */
#define LONG_BYTES_MAX (2 * (size_t)TDS_TEXT_MAX)

#define SQL_TYPE_OFFSET (-155) // SQL_SS_TIMESTAMPOFFSET of both drivers; unixODBC has no name for it

typedef enum Form { // how a column comes
    FORM_ABSENT,    // optional, and not in this result
    FORM_I64,
    FORM_F64,
    FORM_OFFSET,    // TdsTimeOffset
    FORM_STAMP,     // SQL_TIMESTAMP_STRUCT
    FORM_TIME_TEXT, // a time the server keeps as text
    FORM_GUID,
    FORM_CHAR, // ASCII
    FORM_WCHAR,
    FORM_BYTES
} Form;

typedef struct Column {
    const SqlColumn *head;
    SQLUSMALLINT number; // in the result, from 1
    Form form;
    SQLLEN indicator;
    union {
        SQLBIGINT i64;
        double f64;
        TdsTimeOffset offset;
        SQL_TIMESTAMP_STRUCT stamp;
        SQLGUID guid;
    } as;
    char *place; // of text and bytes
    size_t size;
    size_t bytes; // of this row's value in place
    bool is_cut;  // there is more of it than LONG_BYTES_MAX
    char *text;   // this row's value in UTF-8, made when it is asked for
    size_t text_size, text_len;
    uint64_t text_row;
} Column;

struct TdsRows {
    Tds *tds;
    const SqlAsset *asset;
    SQLHSTMT stmt;
    Arena arena;
    Column *columns; // in the order of the head
    size_t count;
    Column **bound_texts; // to be looked at after each fetch
    size_t bound_text_count;
    Column **late; // read by SQLGetData, in the order of the result
    size_t late_count;
    uint64_t row; // number of the current one, from 1
    bool has_pending; // fetched, not yet given out
    bool is_at_end;
};

/* ---- sending ----------------------------------------------------------------------------------- */

Rc tds_statement_failed(Tds *tds, SQLHSTMT stmt, Err *err)
{
    tds_fault_read(tds->driver, SQL_HANDLE_STMT, stmt, &tds->fault);
    tds->failed_to_connect = false;
    if (tds->fault.is_lost)
        tds->is_open = false;
    if (stop_wanted()) {
        tds->fault.transience = TDS_PERMANENT;
        return stop_sleep_ms(0, err);
    }
    return tds_fault_of_statement(&tds->fault, tds->target.query_timeout_s, err);
}

static Rc fail_on_connection(Tds *tds, Err *err)
{
    tds_fault_read(tds->driver, SQL_HANDLE_DBC, tds->dbc, &tds->fault);
    tds->failed_to_connect = false;
    tds->is_open = tds->is_open && !tds->fault.is_lost;
    return tds_fault_of_statement(&tds->fault, tds->target.query_timeout_s, err);
}

static SQLRETURN execute(Tds *tds, SQLHSTMT stmt, const Buf *text)
{
    uint16_t *wide = mem_alloc((text->len + 1) * sizeof(*wide));
    size_t len = utf_to_utf16(buf_text(text), text->len, wide);

    tds->statement_count++;
    SQLRETURN rc = tds->driver->exec_direct(stmt, wide, (SQLINTEGER)len);
    free(wide);
    return rc;
}

static SQLRETURN prepare(Tds *tds, SQLHSTMT stmt, TdsValue *values, size_t count)
{
    long timeout_s = tds->target.query_timeout_s > 0 ? tds->target.query_timeout_s : 1;

    SQLRETURN rc = tds->driver->set_stmt_attr(stmt, SQL_ATTR_QUERY_TIMEOUT,
                                              (SQLPOINTER)(intptr_t)timeout_s, 0);
    return SQL_SUCCEEDED(rc) ? tds_statement_bind(tds->driver, stmt, values, count) : rc;
}

Rc tds_statement_send(Tds *tds, const SqlAsset *asset, const TdsArg *args, size_t arg_count,
                      SQLHSTMT *ret_stmt, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(buf_done) Buf text = BUF(TDS_STATEMENT_MAX);
    TdsValue *values = NULL;
    SQLHSTMT stmt = SQL_NULL_HSTMT;

    tds->fault = (TdsFault){.transience = TDS_PERMANENT};
    tds->failed_to_connect = false;
    TRY(tds_check_stop(err));
    TRY(tds_statement_values(asset, args, arg_count, &arena, &values, err));
    tds_statement_text(asset, tds->has, tds->has_context, &text);
    TRY(buf_check(&text, "the statement", err));

    if (!SQL_SUCCEEDED(tds->driver->alloc_handle(SQL_HANDLE_STMT, tds->dbc, &stmt)))
        return fail_on_connection(tds, err);
    tds_canceller_arm(tds->canceller, stmt);
    SQLRETURN rc = prepare(tds, stmt, values, asset->param_count);
    if (SQL_SUCCEEDED(rc))
        rc = execute(tds, stmt, &text);
    if (rc == SQL_SUCCESS_WITH_INFO)
        tds_fault_log_infos(tds->driver, stmt);
    if (!SQL_SUCCEEDED(rc) && rc != SQL_NO_DATA) { // SQL_NO_DATA: a delete that found nothing
        (void)tds_statement_failed(tds, stmt, err);
        tds_statement_end(tds, stmt);
        return err->rc;
    }
    *ret_stmt = stmt;
    return RC_OK;
}

void tds_statement_end(Tds *tds, SQLHSTMT stmt)
{
    tds_canceller_disarm(tds->canceller);
    (void)tds->driver->free_handle(SQL_HANDLE_STMT, stmt);
}

/* ---- the shape of the result -------------------------------------------------------------------- */

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
    return sql_type == SQL_TYPE_TIMESTAMP || sql_type == SQL_TYPE_DATE ? FORM_STAMP : FORM_TIME_TEXT;
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

static SQLSMALLINT c_type_of(Form form)
{
    static const SQLSMALLINT types[] = {
        [FORM_I64] = SQL_C_SBIGINT,
        [FORM_F64] = SQL_C_DOUBLE,
        [FORM_OFFSET] = SQL_C_BINARY,
        [FORM_STAMP] = SQL_C_TYPE_TIMESTAMP,
        [FORM_TIME_TEXT] = SQL_C_CHAR,
        [FORM_GUID] = SQL_C_GUID,
        [FORM_CHAR] = SQL_C_CHAR,
        [FORM_WCHAR] = SQL_C_WCHAR,
        [FORM_BYTES] = SQL_C_BINARY,
    };
    return types[form];
}

static bool is_text(const Column *column)
{
    return column->form >= FORM_CHAR || column->form == FORM_TIME_TEXT;
}

static size_t terminator(const Column *column)
{
    return column->form == FORM_WCHAR ? sizeof(uint16_t) : column->form == FORM_BYTES ? 0 : 1;
}

static void *place_of(Column *column)
{
    return is_text(column) ? (void *)column->place : (void *)&column->as;
}

static SQLLEN size_of(const Column *column)
{
    if (is_text(column))
        return (SQLLEN)column->size;
    return column->form == FORM_OFFSET ? (SQLLEN)sizeof(TdsTimeOffset) : 0;
}

static bool is_long(const Described *described)
{
    return described->size == 0 || described->size > DECLARED_MOST;
}

static void make_place(Column *column, const Described *described)
{
    size_t count = is_long(described) ? LONG_UNITS : described->size;

    if (!is_text(column))
        return;
    if (count < SHORT_LEAST)
        count = SHORT_LEAST; // a number or a time that is read as text has no declared length
    size_t unit = column->form == FORM_WCHAR ? sizeof(uint16_t) : 1;
    column->size = count * unit + terminator(column);
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
    bool is_late = !rows->tds->binds_long &&
                   (rows->late_count > 0 || (is_text(column) && is_long(described)));
    if (is_late) {
        rows->late[rows->late_count++] = column;
        return SQL_SUCCESS;
    }
    if (is_text(column))
        rows->bound_texts[rows->bound_text_count++] = column;
    return rows->tds->driver->bind_col(rows->stmt, number, c_type_of(column->form),
                                       place_of(column), size_of(column), &column->indicator);
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
            return FAIL(err, RC_QUERY, "the result has no column '%s'", rows->columns[i].head->name);
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

static void make_columns(TdsRows *rows)
{
    rows->count = rows->asset->column_count;
    rows->columns = arena_alloc_array(&rows->arena, rows->count + 1, sizeof(*rows->columns));
    rows->bound_texts = arena_alloc_array(&rows->arena, rows->count + 1, sizeof(Column *));
    rows->late = arena_alloc_array(&rows->arena, rows->count + 1, sizeof(Column *));
    for (size_t i = 0; i < rows->count; i++) {
        rows->columns[i].head = &rows->asset->columns[i];
        rows->columns[i].indicator = SQL_NULL_DATA;
    }
}

/* ---- one row ----------------------------------------------------------------------------------- */

/* Room for what is to come: all of it when that is known, else twice as much as now. */
static void make_room(Column *column, size_t have, SQLLEN left)
{
    size_t need = have + (left > 0 ? (size_t)left : 1);

    if (need + terminator(column) <= column->size)
        return;
    if (left == SQL_NO_TOTAL)
        need = 2 * column->size;
    if (need > LONG_BYTES_MAX)
        need = LONG_BYTES_MAX;
    column->size = need + terminator(column);
    column->place = mem_resize(column->place, column->size);
}

/* One SQLGetData behind what is there. Tells what came and what is still to come (SQL_NO_TOTAL
 * when the driver does not say); SQL_NO_DATA when there was nothing more. */
static SQLRETURN read_piece(TdsRows *rows, Column *column, size_t have, size_t *ret_got,
                            SQLLEN *ret_left)
{
    size_t most = column->size - have - terminator(column);
    SQLLEN total = 0;

    if (column->form == FORM_WCHAR)
        most -= most % sizeof(uint16_t);
    SQLRETURN rc = rows->tds->driver->get_data(rows->stmt, column->number, c_type_of(column->form),
                                               column->place + have,
                                               (SQLLEN)(most + terminator(column)), &total);
    if (!SQL_SUCCEEDED(rc))
        return rc;
    *ret_left = 0;
    *ret_got = 0;
    if (total == SQL_NULL_DATA) {
        column->indicator = SQL_NULL_DATA;
    } else if (total == SQL_NO_TOTAL || (size_t)total > most) {
        *ret_got = most;
        *ret_left = total == SQL_NO_TOTAL ? SQL_NO_TOTAL : total - (SQLLEN)most;
    } else {
        *ret_got = (size_t)total;
    }
    return rc;
}

/* Reads on until the value is whole, or the cap is reached. `have` bytes are there; `left` more
 * are known to come, or SQL_NO_TOTAL. */
static Rc read_long(TdsRows *rows, Column *column, size_t have, SQLLEN left, Err *err)
{
    while (left != 0 && have < LONG_BYTES_MAX) {
        size_t got = 0;
        SQLLEN expected = left;
        make_room(column, have, left);
        SQLRETURN rc = read_piece(rows, column, have, &got, &left);
        if (rc == SQL_NO_DATA && expected == SQL_NO_TOTAL)
            break;
        if (!SQL_SUCCEEDED(rc) && rc != SQL_NO_DATA)
            return tds_statement_failed(rows->tds, rows->stmt, err);
        if (rc == SQL_NO_DATA || (expected != SQL_NO_TOTAL && (SQLLEN)got + left != expected))
            return FAIL(err, RC_QUERY, "the driver lost its place in column '%s'",
                        column->head->name);
        have += got;
    }
    column->bytes = have;
    column->is_cut = left != 0 && have >= LONG_BYTES_MAX;
    return RC_OK;
}

/* FreeTDS says SQL_SUCCESS when a bound value did not fit; only its length tells. */
static Rc finish_bound(TdsRows *rows, Column *column, Err *err)
{
    size_t room = column->size - terminator(column);

    column->is_cut = false;
    if (column->indicator == SQL_NULL_DATA) {
        column->bytes = 0;
        return RC_OK;
    }
    if (column->indicator >= 0 && (size_t)column->indicator <= room) {
        column->bytes = (size_t)column->indicator;
        return RC_OK;
    }
    SQLLEN left = column->indicator < 0 ? SQL_NO_TOTAL : column->indicator - (SQLLEN)room;
    size_t old_size = column->size;
    TRY(read_long(rows, column, room, left, err));
    if (column->size == old_size)
        return RC_OK;
    // the place has moved: the next rows are to come there
    SQLRETURN rc = rows->tds->driver->bind_col(rows->stmt, column->number, c_type_of(column->form),
                                               column->place, (SQLLEN)column->size,
                                               &column->indicator);
    return SQL_SUCCEEDED(rc) ? RC_OK : tds_statement_failed(rows->tds, rows->stmt, err);
}

static Rc read_late(TdsRows *rows, Column *column, Err *err)
{
    if (is_text(column)) {
        column->indicator = 0;
        return read_long(rows, column, 0, SQL_NO_TOTAL, err);
    }
    SQLRETURN rc = rows->tds->driver->get_data(rows->stmt, column->number, c_type_of(column->form),
                                               place_of(column), size_of(column),
                                               &column->indicator);
    return SQL_SUCCEEDED(rc) ? RC_OK : tds_statement_failed(rows->tds, rows->stmt, err);
}

/* What follows the rows may still be an error. */
static Rc read_to_end(TdsRows *rows, Err *err)
{
    for (;;) {
        SQLRETURN rc = rows->tds->driver->more_results(rows->stmt);
        if (rc == SQL_NO_DATA)
            break;
        if (!SQL_SUCCEEDED(rc))
            return tds_statement_failed(rows->tds, rows->stmt, err);
    }
    rows->is_at_end = true;
    return RC_OK;
}

static Rc fetch(TdsRows *rows, Err *err)
{
    SQLRETURN rc = rows->tds->driver->fetch(rows->stmt);

    if (rc == SQL_NO_DATA)
        return read_to_end(rows, err);
    if (!SQL_SUCCEEDED(rc))
        return tds_statement_failed(rows->tds, rows->stmt, err);
    rows->row++;
    for (size_t i = 0; i < rows->bound_text_count; i++)
        TRY(finish_bound(rows, rows->bound_texts[i], err));
    for (size_t i = 0; i < rows->late_count; i++)
        TRY(read_late(rows, rows->late[i], err));
    rows->has_pending = true;
    return RC_OK;
}

/* ---- opening and closing ------------------------------------------------------------------------ */

static Rc open_result(TdsRows *rows, Err *err)
{
    SQLSMALLINT found = 0;

    TRY(find_result(rows, &found, err));
    make_columns(rows);
    TRY(attach_all(rows, found, err));
    return fetch(rows, err);
}

Rc tds_rows_start(Tds *tds, const SqlAsset *asset, const TdsArg *args, size_t arg_count,
                  TdsRows **ret_rows, Err *err)
{
    SQLHSTMT stmt = SQL_NULL_HSTMT;

    TRY(tds_statement_send(tds, asset, args, arg_count, &stmt, err));
    TdsRows *rows = mem_alloc(sizeof(*rows));
    *rows = (TdsRows){.tds = tds, .asset = asset, .stmt = stmt};
    tds->rows = rows;
    if (open_result(rows, err) != RC_OK) {
        tds_rows_close(rows);
        return err->rc;
    }
    *ret_rows = rows;
    return RC_OK;
}

Rc tds_next(TdsRows *rows, bool *ret_has_row, Err *err)
{
    TRY(tds_check_stop(err));
    if (!rows->has_pending && !rows->is_at_end && fetch(rows, err) != RC_OK)
        return err_note(err, "statement '%s'", rows->asset->name);
    *ret_has_row = rows->has_pending;
    rows->has_pending = false;
    return RC_OK;
}

void tds_rows_close(TdsRows *rows)
{
    if (!rows)
        return;
    if (!rows->is_at_end)
        (void)rows->tds->driver->cancel(rows->stmt);
    tds_statement_end(rows->tds, rows->stmt);
    rows->tds->rows = NULL;
    for (size_t i = 0; i < rows->count; i++) {
        free(rows->columns[i].place);
        free(rows->columns[i].text);
    }
    arena_done(&rows->arena);
    free(rows);
}

void tds_rows_close_at(TdsRows **rows)
{
    tds_rows_close(*rows);
    *rows = NULL;
}

/* ---- values ------------------------------------------------------------------------------------ */

static Column *column_at(const TdsRows *rows, int column)
{
    assert(column >= 0 && (size_t)column < rows->count);
    return &rows->columns[column];
}

bool tds_is_null(const TdsRows *rows, int column)
{
    return column_at(rows, column)->indicator == SQL_NULL_DATA;
}

int64_t tds_i64(const TdsRows *rows, int column)
{
    const Column *at = column_at(rows, column);

    assert(at->form == FORM_I64 || at->form == FORM_ABSENT);
    return at->indicator == SQL_NULL_DATA ? 0 : at->as.i64;
}

double tds_f64(const TdsRows *rows, int column)
{
    const Column *at = column_at(rows, column);

    assert(at->form == FORM_F64 || at->form == FORM_ABSENT);
    return at->indicator == SQL_NULL_DATA ? 0 : at->as.f64;
}

Instant tds_time(const TdsRows *rows, int column)
{
    const Column *at = column_at(rows, column);

    assert(at->head->type == SQL_TYPE_DATETIMEOFFSET);
    if (at->indicator == SQL_NULL_DATA)
        return (Instant){.is_set = false};
    if (at->form == FORM_OFFSET)
        return tds_instant_of_offset(&at->as.offset);
    if (at->form == FORM_STAMP)
        return tds_instant_of_timestamp(&at->as.stamp);
    return tds_instant_of_text((Str){at->place, at->bytes});
}

static void reserve_text(Column *column, size_t need)
{
    if (need <= column->text_size)
        return;
    free(column->text);
    column->text = mem_alloc(need);
    column->text_size = need;
}

static void shorten(Column *column)
{
    static const char ellipsis[] = "\xE2\x80\xA6";
    size_t len = (size_t)TDS_TEXT_MAX - 3;

    if (column->text_len < len)
        len = column->text_len;
    column->text_len = str_utf8_floor(column->text, len);
    memcpy(column->text + column->text_len, ellipsis, 3);
    column->text_len += 3;
}

static void convert(Column *column)
{
    size_t units = column->bytes / sizeof(uint16_t);
    const void *place = column->place; // aligned: it came from malloc

    reserve_text(column, UTF_FROM_UTF16_MAX(units) + 4);
    column->text_len = utf_from_utf16(place, units, column->text);
    if (column->is_cut || column->text_len > TDS_TEXT_MAX)
        shorten(column);
    if (column->head->type == SQL_TYPE_UNIQUEIDENTIFIER)
        for (size_t i = 0; i < column->text_len; i++)
            if (column->text[i] >= 'a' && column->text[i] <= 'f')
                column->text[i] = (char)(column->text[i] - 'a' + 'A');
}

static void make_text(Column *column)
{
    if (column->form == FORM_WCHAR) {
        convert(column);
        return;
    }
    reserve_text(column, TDS_GUID_LEN);
    tds_guid_text(&column->as.guid, column->text);
    column->text_len = TDS_GUID_LEN;
}

Str tds_text(const TdsRows *rows, int column)
{
    Column *at = column_at(rows, column);

    assert(at->form == FORM_ABSENT || at->form >= FORM_GUID);
    if (at->indicator == SQL_NULL_DATA)
        return (Str){NULL, 0};
    if (at->form == FORM_CHAR || at->form == FORM_BYTES)
        return (Str){at->place, at->bytes};
    if (at->text_row != rows->row) {
        make_text(at);
        at->text_row = rows->row;
    }
    return (Str){at->text, at->text_len};
}
