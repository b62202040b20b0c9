/* Sends a named statement, under its time-out, and says what came of it. */
#include "internal.h"

#include "statement.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/utf.h"

#include <stdlib.h>

static Rc fail(Tds *tds, SQLSMALLINT type, SQLHANDLE handle, Err *err)
{
    tds_fault_read(tds->driver, type, handle, &tds->fault);
    tds_session_complete_fault(tds);
    tds->failed_to_connect = false;
    if (stop_wanted()) {
        tds->fault.transience = TDS_PERMANENT;
        return stop_sleep_ms(0, err);
    }
    return tds_fault_of_statement(&tds->fault, tds->target.query_timeout_s, err);
}

Rc tds_statement_failed(Tds *tds, SQLHSTMT stmt, Err *err)
{
    return fail(tds, SQL_HANDLE_STMT, stmt, err);
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

static long query_timeout_s(const Tds *tds)
{
    return tds->target.query_timeout_s > 0 ? tds->target.query_timeout_s : 1;
}

static SQLRETURN prepare(Tds *tds, SQLHSTMT stmt, TdsValue *values, size_t count)
{
    SQLRETURN rc = tds->driver->set_stmt_attr(stmt, SQL_ATTR_QUERY_TIMEOUT,
                                              (SQLPOINTER)(intptr_t)query_timeout_s(tds), 0);
    return SQL_SUCCEEDED(rc) ? tds_statement_bind(tds->driver, stmt, values, count) : rc;
}

/* A read that meets the locks of a long transaction says so rather than to wait in silence, and
 * early enough that it is the server's word and not a time-out. Who writes says himself. */
static long lock_timeout_ms(const Tds *tds, const SqlAsset *asset)
{
    long half_ms = query_timeout_s(tds) * 1000 / 2;

    if (asset->column_count == 0)
        return -1;
    if (tds->is_in_parts)
        return half_ms < TDS_PART_LOCK_MS ? half_ms : TDS_PART_LOCK_MS;
    return half_ms < TDS_READ_LOCK_MS ? half_ms : TDS_READ_LOCK_MS;
}

Rc tds_statement_send(Tds *tds, const SqlAsset *asset, const TdsArg *args, size_t arg_count,
                      SQLHSTMT *ret_stmt, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(buf_done) Buf text = BUF(TDS_STATEMENT_MAX);
    TdsValue *values = NULL;
    size_t value_count = 0;
    SQLHSTMT stmt = SQL_NULL_HSTMT;

    tds->fault = (TdsFault){.transience = TDS_PERMANENT};
    tds->failed_to_connect = false;
    TRY(tds_check_stop(err));
    TRY(tds_statement_values(asset, args, arg_count, &arena, &values, &value_count, err));
    tds_statement_text(asset, args, arg_count, tds->has, tds->has_context,
                       lock_timeout_ms(tds, asset), &text);
    TRY(buf_check(&text, "the statement", err));

    if (!SQL_SUCCEEDED(tds->driver->alloc_handle(SQL_HANDLE_STMT, tds->dbc, &stmt)))
        return fail(tds, SQL_HANDLE_DBC, tds->dbc, err);
    tds_watch_arm(tds->watch, stmt, query_timeout_s(tds) * 1000, TDS_ANSWER_BYTES_MAX);
    tds_watch_enter(tds->watch);
    SQLRETURN rc = prepare(tds, stmt, values, value_count);
    if (SQL_SUCCEEDED(rc))
        rc = execute(tds, stmt, &text);
    if (rc == SQL_SUCCESS_WITH_INFO)
        tds_fault_log_infos(tds->driver, stmt);
    if (!SQL_SUCCEEDED(rc) && rc != SQL_NO_DATA) { // SQL_NO_DATA: a delete that found nothing
        tds_watch_leave(tds->watch);
        (void)tds_statement_failed(tds, stmt, err);
        tds_statement_end(tds, stmt, true);
        return err->rc;
    }
    *ret_stmt = stmt;
    return RC_OK;
}

void tds_statement_end(Tds *tds, SQLHSTMT stmt, bool is_read)
{
    tds_watch_close(tds->watch);
    if (!is_read)
        (void)tds->driver->cancel(stmt);
    (void)tds->driver->free_handle(SQL_HANDLE_STMT, stmt);
    tds_watch_closed(tds->watch);
}

void tds_put_script(const Tds *tds, SqlId id, const TdsArg *args, size_t arg_count, Buf *out)
{
    tds_statement_script(sql_asset(id), args, arg_count, tds->has, tds->has_context, out);
}
