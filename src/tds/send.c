#include "internal.h"

#include "statement.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/utf.h"

#include <stdlib.h>

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
    size_t value_count = 0;
    SQLHSTMT stmt = SQL_NULL_HSTMT;

    tds->fault = (TdsFault){.transience = TDS_PERMANENT};
    tds->failed_to_connect = false;
    TRY(tds_check_stop(err));
    TRY(tds_statement_values(asset, args, arg_count, &arena, &values, &value_count, err));
    tds_statement_text(asset, args, arg_count, tds->has, tds->has_context, &text);
    TRY(buf_check(&text, "the statement", err));

    if (!SQL_SUCCEEDED(tds->driver->alloc_handle(SQL_HANDLE_STMT, tds->dbc, &stmt)))
        return fail_on_connection(tds, err);
    tds_canceller_arm(tds->canceller, stmt);
    SQLRETURN rc = prepare(tds, stmt, values, value_count);
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

void tds_put_script(const Tds *tds, SqlId id, const TdsArg *args, size_t arg_count, Buf *out)
{
    tds_statement_script(sql_asset(id), args, arg_count, tds->has, tds->has_context, out);
}
