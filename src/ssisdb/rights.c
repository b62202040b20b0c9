#include "ssisminer/ssisdb/rights.h"

static bool may(const TdsRows *rows, int column)
{
    return tds_i64(rows, column) == 1;
}

static void take_rights(const TdsRows *rows, Rights *ret_rights)
{
    *ret_rights = (Rights){
        .may_select = may(rows, SQL_SSISDB_RIGHTS__MAY_SELECT),
        .may_delete = may(rows, SQL_SSISDB_RIGHTS__MAY_DELETE),
        .may_retention_exclusive = may(rows, SQL_SSISDB_RIGHTS__MAY_RETENTION_EXCLUSIVE),
        .may_retention = may(rows, SQL_SSISDB_RIGHTS__MAY_RETENTION),
        .may_jobs = may(rows, SQL_SSISDB_RIGHTS__MAY_JOBS),
        .may_workers = may(rows, SQL_SSISDB_RIGHTS__MAY_WORKERS),
        .may_versions = may(rows, SQL_SSISDB_RIGHTS__MAY_VERSIONS),
        .may_view_definition = may(rows, SQL_SSISDB_RIGHTS__MAY_VIEW_DEFINITION),
        .may_view_state = may(rows, SQL_SSISDB_RIGHTS__MAY_VIEW_STATE),
    };
}

Rc rights_read(const Ssisdb *db, Rights *ret_rights, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;

    TRY(tds_query(db->tds, SQL_SSISDB_RIGHTS, NULL, 0, &rows, err));
    TRY(tds_next(rows, &has_row, err));
    if (!has_row)
        return FAIL(err, RC_QUERY, "the server does not say what the login may do");
    take_rights(rows, ret_rights);
    return tds_next(rows, &has_row, err); // to the end: what is left open costs a cancel
}
