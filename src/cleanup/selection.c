/* The stream of operations, each judged by the rule (sql/cleanup/doomed.rule) and by the filter. */
#include "selection.h"

#include "ssisminer/base/sat.h"

#include <string.h>

bool selection_has_filter(const CleanupPlan *plan)
{
    return !execution_filter_is_open(&plan->wish->filter);
}

bool selection_sees_tables(const CleanupPlan *plan)
{
    return plan->may_select;
}

enum { FOLDER_BYTES = 520, PACKAGE_BYTES = 1040 }; // of nvarchar(128) and (260), as UTF-8

static const char *put_name(Str name, char *place, size_t size)
{
    size_t len = name.len < size ? name.len : size - 1;

    if (!name.at)
        return NULL;
    memcpy(place, name.at, len);
    place[len] = '\0';
    return place;
}

bool selection_passes(const CleanupPlan *plan, Str folder, Str project, Str package)
{
    char folder_place[FOLDER_BYTES], project_place[FOLDER_BYTES], package_place[PACKAGE_BYTES];
    Execution like = {
        .folder = put_name(folder, folder_place, sizeof(folder_place)),
        .project = put_name(project, project_place, sizeof(project_place)),
        .package = put_name(package, package_place, sizeof(package_place)),
    };

    return !selection_has_filter(plan) ||
           (like.folder && execution_passes(&plan->wish->filter, &like));
}

static Candidate candidate_of(const CleanupPlan *plan, const TdsRows *rows)
{
    Candidate candidate = {
        .id = tds_i64(rows, SQL_CLEANUP_OPERATIONS__OPERATION_ID),
        .type = sat_int(tds_i64(rows, SQL_CLEANUP_OPERATIONS__OPERATION_TYPE)),
        .status = sat_int(tds_i64(rows, SQL_CLEANUP_OPERATIONS__STATUS)),
        .is_execution = tds_i64(rows, SQL_CLEANUP_OPERATIONS__IS_EXECUTION) != 0,
        .is_doomed = tds_i64(rows, SQL_CLEANUP_OPERATIONS__IS_DOOMED) != 0,
        .last_time = tds_time(rows, SQL_CLEANUP_OPERATIONS__LAST_TIME),
    };

    if (candidate.is_doomed &&
        !selection_passes(plan, tds_text(rows, SQL_CLEANUP_OPERATIONS__FOLDER_NAME),
                          tds_text(rows, SQL_CLEANUP_OPERATIONS__PROJECT_NAME),
                          tds_text(rows, SQL_CLEANUP_OPERATIONS__PACKAGE_NAME))) {
        candidate.is_doomed = false;
        candidate.is_filtered = true;
    }
    return candidate;
}

Rc selection_operations(const CleanupPlan *plan, int64_t after_id, int64_t limit, CandidateFn *each,
                        void *context, int64_t *ret_count, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    SqlId id = selection_sees_tables(plan) ? SQL_CLEANUP_OPERATIONS : SQL_CLEANUP_OPERATIONS_VIEW;
    bool has_row = false;
    int64_t count = 0;
    const TdsArg args[] = {
        {.name = "after_id", .i64 = after_id},
        {.name = "row_limit", .i64 = limit},
        {.name = "cutoff", .time = plan->cutoff},
        {.name = "failed_cutoff", .time = plan->failed_cutoff},
        {.name = "with_created", .i64 = true},
        {.name = "with_names", .i64 = selection_has_filter(plan)},
    };

    TRY(tds_query(plan->db->tds, id, args, ARRAY_LEN(args), &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            break;
        Candidate candidate = candidate_of(plan, rows);
        each(context, &candidate);
        count++;
    }
    *ret_count = count;
    return RC_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

size_t selection_table(const CleanupPlan *plan, Str name)
{
    size_t at = 0;

    while (at < plan->table_count && !str_equal_fold(str_of(plan->tables[at].name), name))
        at++;
    return at;
}

Rc selection_count_rows(const CleanupPlan *plan, IdRange range, bool only_created,
                        int64_t ret_rows[CLEANUP_TABLES_MAX], Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;
    const TdsArg args[] = {
        {.name = "first_id", .i64 = range.first},
        {.name = "last_id", .i64 = range.last},
        {.name = "cutoff", .time = plan->cutoff},
        {.name = "failed_cutoff", .time = plan->failed_cutoff},
        {.name = "with_created", .i64 = true},
        {.name = "only_created", .i64 = only_created},
    };

    TRY(tds_query(plan->db->tds, SQL_CLEANUP_EXACT, args, ARRAY_LEN(args), &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        size_t at = selection_table(plan, tds_text(rows, SQL_CLEANUP_EXACT__TABLE_NAME));
        if (at < plan->table_count)
            ret_rows[at] = sat_add(ret_rows[at], tds_i64(rows, SQL_CLEANUP_EXACT__ROW_COUNT));
    }
}
