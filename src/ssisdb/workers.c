/* The machines that run packages for Scale Out or an Azure-SSIS integration runtime. */
#include "ssisminer/ssisdb/workers.h"

static const char *copy(Arena *arena, Str text)
{
    return text.at ? arena_copy(arena, text.at, text.len) : NULL;
}

static void read_worker(const TdsRows *rows, Arena *arena, Worker *ret_worker)
{
    *ret_worker = (Worker){
        .id = copy(arena, tds_text(rows, SQL_SSISDB_WORKERS__WORKER_ID)),
        .name = copy(arena, tds_text(rows, SQL_SSISDB_WORKERS__DISPLAY_NAME)),
        .machine = copy(arena, tds_text(rows, SQL_SSISDB_WORKERS__MACHINE_NAME)),
        .is_enabled = tds_i64(rows, SQL_SSISDB_WORKERS__IS_ENABLED) != 0,
        .last_online = tds_time(rows, SQL_SSISDB_WORKERS__LAST_ONLINE_TIME),
    };
}

static Rc read_all(const Ssisdb *db, Arena *arena, Workers *workers, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    Worker *list = NULL;
    size_t capacity = 0;
    bool has_row = true;

    TRY(tds_query(db->tds, SQL_SSISDB_WORKERS, NULL, 0, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            break;
        list =
            arena_grow(arena, list, workers->count, workers->count + 1, &capacity, sizeof(*list));
        read_worker(rows, arena, &list[workers->count++]);
    }
    workers->list = list;
    return RC_OK;
}

Rc workers_read(const Ssisdb *db, Arena *arena, Workers *ret_workers, Err *err)
{
    Err refused = {0};
    Rc rc;

    *ret_workers = (Workers){0};
    if (!ssisdb_has(db, "catalog.worker_agents"))
        return RC_OK;
    rc = read_all(db, arena, ret_workers, &refused);
    if (rc == RC_RIGHTS) // the same as an empty view: nothing is known
        return RC_OK;
    if (rc != RC_OK)
        *err = refused;
    ret_workers->is_known = db->is_sysadmin || db->is_ssis_admin || ret_workers->count > 0;
    return rc;
}

bool worker_is_online(const Worker *worker, Instant now)
{
    enum { SILENT_MINUTES = 10 };

    return worker->is_enabled && worker->last_online.is_set &&
           now.ticks - worker->last_online.ticks <= SILENT_MINUTES * 60 * TICKS_PER_SECOND;
}
