/* What Scale Out keeps in heaps: rows that outlived their operation, and pages that nobody gives
 * back. A DELETE without a table lock leaves a heap's emptied pages allocated; a rebuild returns
 * them. */
#include "runner.h"
#include "selection.h"

#include "ssisminer/base/sat.h"

#include <string.h>

enum {
    WORTH_KB = 64,      // a rebuild that gives back less is not worth its lock
    WORTH_PERCENT = 25, // of the heap
    ROW_MOST_KB =
        2 // more than a message and its details take: what is beyond was left by earlier runs
};

typedef struct LooseStatements {
    LogTableId table;
    SqlId orphans, rebuild;
} LooseStatements;

static const LooseStatements loose[] = {
    {LOG_TABLE_EVENT_MESSAGE_CONTEXT_SCALEOUT, SQL_CLEANUP_ORPHANS_EVENT_MESSAGE_CONTEXT_SCALEOUT,
     SQL_CLEANUP_REBUILD_EVENT_MESSAGE_CONTEXT_SCALEOUT},
    {LOG_TABLE_EVENT_MESSAGES_SCALEOUT, SQL_CLEANUP_ORPHANS_EVENT_MESSAGES_SCALEOUT,
     SQL_CLEANUP_REBUILD_EVENT_MESSAGES_SCALEOUT},
    {LOG_TABLE_OPERATION_MESSAGES_SCALEOUT, SQL_CLEANUP_ORPHANS_OPERATION_MESSAGES_SCALEOUT,
     SQL_CLEANUP_REBUILD_OPERATION_MESSAGES_SCALEOUT},
};

static const LooseStatements *statements_of(LogTableId table)
{
    for (size_t i = 0; i < ARRAY_LEN(loose); i++)
        if (loose[i].table == table)
            return &loose[i];
    return NULL;
}

/* ---- orphans --------------------------------------------------------------------------------- */

static Rc send(Runner *runner, const Batch *batch, int64_t rows, int64_t *ret_affected, Err *err)
{
    const CleanupPlan *plan = runner->plan;
    const TdsArg args[] = {
        {.name = "rows", .i64 = rows},
        {.name = "last_id", .i64 = batch->range.last},
        {.name = "lock_timeout", .i64 = plan->wish->lock_timeout_ms},
    };

    return tds_exec(plan->db->tds, statements_of(plan->tables[batch->table].id)->orphans, args,
                    ARRAY_LEN(args), ret_affected, err);
}

/* Those behind others' locks wait for the next night: they have waited long. */
static Rc clear_orphans(Runner *runner, size_t table, Err *err)
{
    const Batch batch = {
        .table = table, .range = {.last = runner->plan->orphans_up_to}, .send = send};
    int64_t before = runner->run->rows;
    Err why = {0};

    Rc rc = batch_all(runner, &batch, &why);
    runner->run->orphan_rows += runner->run->rows - before;
    if (rc == RC_OK || batch_met_lock(&why))
        return RC_OK;
    *err = why;
    return rc;
}

Rc heaps_clear_orphans(Runner *runner, Err *err)
{
    const CleanupPlan *plan = runner->plan;

    if (plan->orphans_up_to <= 0)
        return RC_OK;
    for (size_t i = 0; i < plan->table_count && !runner->is_stopping; i++)
        if (log_table(plan->tables[i].id)->is_loose)
            TRY(clear_orphans(runner, i, err));
    return runner_record(runner, err);
}

/* ---- pages ----------------------------------------------------------------------------------- */

static CleanupHeap *heap_of(CleanupRun *run, const char *name)
{
    for (size_t i = 0; i < run->heap_count; i++)
        if (strcmp(run->heaps[i].name, name) == 0)
            return &run->heaps[i];
    run->heaps[run->heap_count] = (CleanupHeap){.name = name, .rebuilt_kb = -1};
    return &run->heaps[run->heap_count++];
}

/* Of the size before what the rows that are left had of it. */
static int64_t to_give_back(const CleanupTable *before, const CleanupHeap *heap)
{
    double needed =
        before->rows > 0 ? (double)before->heap_kb * (double)heap->rows / (double)before->rows : 0;
    double gain = (double)heap->after_kb - needed;
    double beyond = (double)heap->after_kb - (double)heap->rows * ROW_MOST_KB;

    gain = gain > beyond ? gain : beyond;
    return gain > 0 ? sat_of(gain) : 0;
}

static void take_size(Runner *runner, const TdsRows *rows, bool is_rebuilt)
{
    const CleanupPlan *plan = runner->plan;
    size_t at = selection_table(plan, tds_text(rows, SQL_SSISDB_SIZES__TABLE_NAME));
    int64_t kb = tds_i64(rows, SQL_SSISDB_SIZES__HEAP_KB);

    if (at == plan->table_count || !statements_of(plan->tables[at].id) ||
        plan->tables[at].heap_kb <= 0)
        return;
    CleanupHeap *heap = heap_of(runner->run, plan->tables[at].name);
    if (is_rebuilt && heap->rebuilt_kb != -1) {
        heap->rebuilt_kb = kb;
        return;
    }
    if (is_rebuilt)
        return;
    heap->before_kb = plan->tables[at].heap_kb;
    heap->after_kb = kb;
    heap->rows = tds_i64(rows, SQL_SSISDB_SIZES__ROW_COUNT);
    heap->spare_kb = to_give_back(&plan->tables[at], heap);
}

/* An estimate for people, never worth the run's end. */
static void measure(Runner *runner, bool is_rebuilt)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;
    Err unseen;

    if (!runner->plan->may_view_state ||
        tds_query(runner->plan->db->tds, SQL_SSISDB_SIZES, NULL, 0, &rows, &unseen) != RC_OK)
        return;
    while (tds_next(rows, &has_row, &unseen) == RC_OK && has_row)
        take_size(runner, rows, is_rebuilt);
}

void heaps_measure(Runner *runner)
{
    measure(runner, false);
}

/* ---- rebuilding ------------------------------------------------------------------------------ */

static bool is_worth_it(const CleanupHeap *heap)
{
    return heap->spare_kb >= WORTH_KB && heap->spare_kb > heap->after_kb / 100 * WORTH_PERCENT;
}

/* Editions that rebuild a table while others use it: Enterprise and its like, and Azure. */
static bool is_online(const Ssisdb *db)
{
    return db->engine_edition == ENGINE_ENTERPRISE ||
           db->engine_edition == ENGINE_AZURE_SQL_DATABASE ||
           db->engine_edition == ENGINE_MANAGED_INSTANCE;
}

static int seconds_left(const Runner *runner)
{
    int64_t limit_ms = runner->plan->wish->time_limit_ms;
    int64_t left_ms = limit_ms - (time_monotonic_ms() - runner->start_ms);

    if (limit_ms == 0)
        return CALL_TIMEOUT_S;
    return left_ms > 1000 ? (int)(left_ms / 1000) : 1;
}

/* What the server refuses is said and left: the log itself is clean. */
static Rc rebuild(Runner *runner, CleanupHeap *heap, Err *err)
{
    Tds *tds = runner->plan->db->tds;
    int timeout_s = tds_query_timeout(tds);
    Err why = {0};
    const TdsArg args[] = {
        {.name = "is_online", .i64 = is_online(runner->plan->db)},
        {.name = "lock_timeout", .i64 = runner->plan->wish->lock_timeout_ms},
    };

    runner_say(runner, "rebuilding a heap");
    tds_set_query_timeout(tds, seconds_left(runner));
    Rc rc = tds_exec(tds, statements_of(log_table_find(heap->name))->rebuild, args, ARRAY_LEN(args),
                     NULL, &why);
    tds_set_query_timeout(tds, timeout_s);
    runner->run->statements++;
    if (rc == RC_OK) {
        heap->rebuilt_kb = heap->after_kb;
        return RC_OK;
    }
    if (rc == RC_QUERY || rc == RC_RIGHTS) {
        heap->error = arena_text(runner->arena, why.text);
        return RC_OK;
    }
    *err = why;
    return rc;
}

Rc heaps_rebuild(Runner *runner, Err *err)
{
    bool stop = false;

    if (!runner->plan->wish->rebuild_heaps)
        return RC_OK;
    for (size_t i = 0; i < runner->run->heap_count; i++) {
        if (!is_worth_it(&runner->run->heaps[i]))
            continue;
        TRY(throttle_between(runner, &stop, err));
        if (stop)
            return RC_OK;
        TRY(rebuild(runner, &runner->run->heaps[i], err));
    }
    measure(runner, true);
    return RC_OK;
}
