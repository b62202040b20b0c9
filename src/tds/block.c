/* Who holds the lock that a statement waited for. */
#include "rows.h"

#include <inttypes.h>
#include <stdio.h>

static void put_blocker(const TdsRows *rows, char *ret_text, size_t size)
{
    if (!rows) {
        (void)snprintf(ret_text, size, "no session holds such a lock any more");
        return;
    }
    Str login = tds_text(rows, SQL_TDS_BLOCKERS__LOGIN_NAME);
    Str host = tds_text(rows, SQL_TDS_BLOCKERS__HOST_NAME);
    Str program = tds_text(rows, SQL_TDS_BLOCKERS__PROGRAM_NAME);

    (void)snprintf(ret_text, size,
                   "session %" PRId64 " (login '%.*s', host '%.*s', program '%.*s') holds locks; "
                   "its last statement began %" PRId64 " s ago",
                   tds_i64(rows, SQL_TDS_BLOCKERS__SESSION_ID), STR_FMT(login), STR_FMT(host),
                   STR_FMT(program), tds_i64(rows, SQL_TDS_BLOCKERS__SECONDS));
}

/* Once, and on this connection: it is a word more about an error, never an error itself. */
void tds_find_blocker(Tds *tds, char *ret_text, size_t size)
{
    TdsFault fault = tds->fault;
    TdsRows *rows = NULL;
    bool has_row = false;
    Err err = {0};

    (void)snprintf(ret_text, size,
                   "who holds the lock cannot be seen here (VIEW SERVER STATE, on Azure SQL "
                   "Database VIEW DATABASE STATE, shows it)");
    if (fault.number == TDS_LOCK_TIME_OUT && tds->is_open &&
        tds_rows_start(tds, sql_asset(SQL_TDS_BLOCKERS), NULL, 0, &rows, &err) == RC_OK) {
        if (tds_next(rows, &has_row, &err) == RC_OK)
            put_blocker(has_row ? rows : NULL, ret_text, size);
        tds_rows_close(rows);
    }
    tds->fault = fault;
    tds->failed_to_connect = false;
}
