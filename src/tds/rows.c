/* The rows of an open result, fetched one by one. */
#include "parts.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>

/* ---- one row --------------------------------------------------------------------------------- */

/* Room for what is to come: all of it when that is known, else twice as much as now. */
static void make_room(Column *column, size_t have, SQLLEN left)
{
    size_t need = have + (left > 0 ? (size_t)left : 1);

    if (need + tds_column_terminator(column) <= column->size)
        return;
    if (left == SQL_NO_TOTAL)
        need = 2 * column->size;
    if (need > TDS_LONG_BYTES_MAX)
        need = TDS_LONG_BYTES_MAX;
    column->size = need + tds_column_terminator(column);
    column->place = mem_resize(column->place, column->size);
}

/* One SQLGetData behind what is there. Tells what came and what is still to come (SQL_NO_TOTAL
 * when the driver does not say); SQL_NO_DATA when there was nothing more. */
static SQLRETURN read_piece(TdsRows *rows, Column *column, size_t have, size_t *ret_got,
                            SQLLEN *ret_left)
{
    size_t most = column->size - have - tds_column_terminator(column);
    SQLLEN total = 0;

    if (column->form == FORM_WCHAR)
        most -= most % sizeof(uint16_t);
    SQLRETURN rc = rows->tds->driver->get_data(
        rows->stmt, column->number, tds_column_c_type(column), column->place + have,
        (SQLLEN)(most + tds_column_terminator(column)), &total);
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
    while (left != 0 && have < TDS_LONG_BYTES_MAX) {
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
    column->is_cut = left != 0 && have >= TDS_LONG_BYTES_MAX;
    return RC_OK;
}

/* FreeTDS says SQL_SUCCESS when a bound value did not fit; only its length tells. */
static Rc finish_bound(TdsRows *rows, Column *column, Err *err)
{
    size_t room = column->size - tds_column_terminator(column);

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
    SQLRETURN rc =
        rows->tds->driver->bind_col(rows->stmt, column->number, tds_column_c_type(column),
                                    column->place, (SQLLEN)column->size, &column->indicator);
    return SQL_SUCCEEDED(rc) ? RC_OK : tds_statement_failed(rows->tds, rows->stmt, err);
}

static Rc read_late(TdsRows *rows, Column *column, Err *err)
{
    if (tds_column_is_text(column)) {
        column->indicator = 0;
        return read_long(rows, column, 0, SQL_NO_TOTAL, err);
    }
    SQLRETURN rc = rows->tds->driver->get_data(rows->stmt, column->number,
                                               tds_column_c_type(column), tds_column_place(column),
                                               tds_column_size(column), &column->indicator);
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

/* ---- opening and closing --------------------------------------------------------------------- */

static Rc open_result(TdsRows *rows, Err *err)
{
    TRY(tds_rows_attach(rows, err));
    tds_watch_allow(rows->tds->watch, tds_rows_bytes_max(rows));
    return fetch(rows, err);
}

static Rc fetch_in_time(TdsRows *rows, Err *err)
{
    tds_watch_enter(rows->tds->watch);
    Rc rc = fetch(rows, err);
    tds_watch_leave(rows->tds->watch);
    return rc;
}

/* An answer is safe from a loss once all of it is here, and small ones are before the first row is
 * given out: until then the statement can be repeated as a whole. */
static Rc look_ahead(TdsRows *rows, Err *err)
{
    while (rows->has_pending) {
        rows->has_pending = false;
        if (!tds_ahead_keep(rows))
            return RC_OK;
        TRY(fetch_in_time(rows, err));
    }
    return RC_OK;
}

static Rc begin(TdsRows *rows, Err *err)
{
    Rc rc = open_result(rows, err);

    tds_watch_leave(rows->tds->watch);
    return rc == RC_OK ? look_ahead(rows, err) : rc;
}

Rc tds_rows_start(Tds *tds, const SqlAsset *asset, const TdsArg *args, size_t arg_count,
                  TdsRows **ret_rows, Err *err)
{
    SQLHSTMT stmt = SQL_NULL_HSTMT;

    TRY(tds_statement_send(tds, asset, args, arg_count, &stmt, err));
    TdsRows *rows = mem_alloc(sizeof(*rows));
    *rows = (TdsRows){.tds = tds, .asset = asset, .stmt = stmt};
    tds->rows = rows;
    if (begin(rows, err) != RC_OK) {
        tds_rows_close(rows);
        return err->rc;
    }
    *ret_rows = rows;
    return RC_OK;
}

/* A lock in the midst of what was given out: when it is all read again, then in parts that are
 * small enough to come whole or not at all. */
static void note_lock(const TdsRows *rows)
{
    Tds *tds = rows->tds;

    if (tds->fault.number != TDS_LOCK_TIME_OUT || !tds_parts_may(rows->asset))
        return;
    tds->is_cut_short = tds->part_count < TDS_PARTS_MAX;
    tds->part_count *= TDS_PARTS_FIRST;
}

static Rc next_row(TdsRows *rows, bool *ret_has_row, Err *err)
{
    *ret_has_row = true;
    if (tds_ahead_give(rows))
        return RC_OK;
    if (!rows->has_pending && !rows->is_at_end && fetch_in_time(rows, err) != RC_OK) {
        note_lock(rows);
        return err_note(err, "statement '%s'", rows->asset->name);
    }
    *ret_has_row = rows->has_pending;
    rows->has_pending = false;
    return RC_OK;
}

Rc tds_next(TdsRows *rows, bool *ret_has_row, Err *err)
{
    bool is_open = true;

    TRY(tds_check_stop(err));
    TRY(next_row(rows, ret_has_row, err));
    while (!*ret_has_row && rows->parts) {
        TRY(tds_parts_next(rows, &is_open, err));
        if (!is_open)
            return RC_OK;
        TRY(next_row(rows, ret_has_row, err));
    }
    return RC_OK;
}

void tds_rows_end(TdsRows *rows)
{
    if (!rows->stmt)
        return;
    tds_statement_end(rows->tds, rows->stmt, rows->is_at_end);
    rows->tds->rows = NULL;
    for (size_t i = 0; i < rows->count; i++) {
        free(rows->columns[i].place);
        free(rows->columns[i].text);
    }
    arena_done(&rows->held_arena);
    arena_done(&rows->arena);
    *rows =
        (TdsRows){.tds = rows->tds, .asset = rows->asset, .parts = rows->parts, .is_at_end = true};
}

void tds_rows_become(TdsRows *rows, TdsRows *next)
{
    TdsParts *parts = rows->parts;

    *rows = *next;
    rows->parts = parts;
    rows->tds->rows = rows;
    free(next);
}

void tds_rows_close(TdsRows *rows)
{
    if (!rows)
        return;
    tds_rows_end(rows);
    tds_parts_free(rows->parts);
    free(rows);
}

void tds_rows_close_at(TdsRows **rows)
{
    tds_rows_close(*rows);
    *rows = NULL;
}
