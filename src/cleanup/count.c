/* What there is and what of it goes: numbers, then sizes and zombies. */
#include "plan.h"
#include "selection.h"

#include "ssisminer/base/sat.h"

#include <string.h>

/* ---- the plan's numbers ---------------------------------------------------------------------- */

enum { RANGES_MAX = 100000 }; // of an exact count with a filter

typedef struct Counter {
    CleanupPlan *plan;
    Arena *arena;
    IdRange *ranges; // of consecutive doomed operations, for an exact count
    size_t range_count, range_capacity;
    bool is_open; // the last operation was doomed
} Counter;

static CleanupStatus *status_row(CleanupPlan *plan, int status)
{
    for (size_t i = 0; i < plan->status_count; i++)
        if (plan->statuses[i].status == status)
            return &plan->statuses[i];
    if (plan->status_count == CLEANUP_STATUSES_MAX)
        return &plan->statuses[CLEANUP_STATUSES_MAX - 1];
    plan->statuses[plan->status_count].status = status;
    return &plan->statuses[plan->status_count++];
}

static void count_doomed(CleanupPlan *plan, const Candidate *candidate)
{
    plan->doomed++;
    plan->doomed_executions += candidate->is_execution;
    if (plan->doomed == 1)
        plan->first_id = candidate->id;
    plan->last_id = candidate->id;
    if (!plan->oldest.is_set || candidate->last_time.ticks < plan->oldest.ticks)
        plan->oldest = candidate->last_time;
    if (!plan->newest.is_set || candidate->last_time.ticks > plan->newest.ticks)
        plan->newest = candidate->last_time;
    if (candidate->status != STATUS_FAILED && candidate->status != STATUS_ENDED_UNEXPECTEDLY)
        return;
    plan->doomed_failures++;
    if (!plan->newest_failure.is_set || candidate->last_time.ticks > plan->newest_failure.ticks)
        plan->newest_failure = candidate->last_time;
}

static void count_kept(CleanupPlan *plan, const Candidate *candidate)
{
    if (candidate->is_filtered)
        plan->filtered_out++;
    else if (status_is_live(candidate->status))
        plan->live++;
    else if (candidate->status != STATUS_CREATED && !status_is_terminal(candidate->status))
        plan->unknown_status++;
    else if (!candidate->last_time.is_set)
        plan->undated++;
    else
        plan->young++;
}

static void extend_ranges(Counter *counter, const Candidate *candidate)
{
    if (counter->is_open && candidate->is_doomed) {
        IdRange *last = &counter->ranges[counter->range_count - 1];
        last->last = candidate->id;
        last->count++;
    } else if (candidate->is_doomed && counter->range_count < RANGES_MAX) {
        counter->ranges =
            arena_grow(counter->arena, counter->ranges, counter->range_count,
                       counter->range_count + 1, &counter->range_capacity, sizeof(IdRange));
        counter->ranges[counter->range_count++] =
            (IdRange){.first = candidate->id, .last = candidate->id, .count = 1};
    }
    counter->is_open = candidate->is_doomed;
}

static void on_candidate(void *context, const Candidate *candidate)
{
    Counter *counter = context;
    CleanupPlan *plan = counter->plan;
    CleanupStatus *status = status_row(plan, candidate->status);

    plan->operations++;
    status->operations++;
    status->doomed += candidate->is_doomed;
    if (candidate->is_doomed)
        count_doomed(plan, candidate);
    else
        count_kept(plan, candidate);
    if (plan->wish->is_exact && selection_has_filter(plan))
        extend_ranges(counter, candidate);
}

/* ---- exact ----------------------------------------------------------------------------------- */

static Rc count_tables(Counter *counter, Err *err)
{
    CleanupPlan *plan = counter->plan;
    IdRange all = {.first = plan->first_id, .last = plan->last_id, .count = plan->doomed};
    const IdRange *ranges = selection_has_filter(plan) ? counter->ranges : &all;
    size_t count = selection_has_filter(plan) ? counter->range_count : plan->doomed > 0;

    if (counter->range_count == RANGES_MAX)
        return FAIL(err, RC_USAGE, "too many scattered executions for --exact");
    int64_t rows[CLEANUP_TABLES_MAX] = {0};
    for (size_t i = 0; i < count; i++)
        TRY(selection_count_rows(plan, ranges[i], false, rows, err));
    for (size_t i = 0; i < plan->table_count; i++)
        plan->tables[i].doomed_rows = rows[i];
    plan->is_exact = true;
    return RC_OK;
}

/* ---- orphans --------------------------------------------------------------------------------- */

static Rc count_orphans(CleanupPlan *plan, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;
    const TdsArg args[] = {{.name = "last_id", .i64 = plan->orphans_up_to}};

    if (plan->orphans_up_to <= 0)
        return RC_OK;
    TRY(tds_query(plan->db->tds, SQL_CLEANUP_ORPHANS, args, ARRAY_LEN(args), &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        size_t at = selection_table(plan, tds_text(rows, SQL_CLEANUP_ORPHANS__TABLE_NAME));
        int64_t count = tds_i64(rows, SQL_CLEANUP_ORPHANS__ROW_COUNT);
        if (at == plan->table_count)
            continue;
        plan->tables[at].doomed_rows = sat_add(plan->tables[at].doomed_rows, count);
        plan->orphan_rows = sat_add(plan->orphan_rows, count);
    }
}

/* With a filter only executions go that pass it, and what has no operation passes none. */
Rc plan_orphan_bound(CleanupPlan *plan, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false, has_loose = false;
    const TdsArg args[] = {{.name = "cutoff", .time = plan->cutoff}};

    for (LogTableId id = 0; id < LOG_TABLE_COUNT; id++)
        has_loose |= log_table(id)->is_loose && ssisdb_has(plan->db, log_table(id)->needs);
    if (!has_loose || !plan->may_select || selection_has_filter(plan))
        return RC_OK;
    TRY(tds_query(plan->db->tds, SQL_CLEANUP_KEY_BOUND, args, ARRAY_LEN(args), &rows, err));
    TRY(tds_next(rows, &has_row, err));
    plan->orphans_up_to = has_row ? tds_i64(rows, SQL_CLEANUP_KEY_BOUND__LAST_ID) : 0;
    return has_row ? tds_next(rows, &has_row, err) : RC_OK;
}

Rc plan_count(CleanupPlan *plan, Arena *arena, Err *err)
{
    Counter counter = {.plan = plan, .arena = arena};
    int64_t count;

    if (!plan->may_select && !plan->db->sees_all)
        return RC_OK;
    if (selection_operations(plan, INT64_MIN, INT64_MAX, on_candidate, &counter, &count, err) !=
        RC_OK)
        return err_note(err, "reading which operations there are");
    plan->is_counted = true;
    if (!plan->wish->is_exact || !plan->may_select)
        return RC_OK;
    if (count_tables(&counter, err) != RC_OK || count_orphans(plan, err) != RC_OK)
        return err_note(err, "counting the rows that go");
    return RC_OK;
}

/* ---- sizes ----------------------------------------------------------------------------------- */

static Rc read_sizes(CleanupPlan *plan, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;

    TRY(tds_query(plan->db->tds, SQL_SSISDB_SIZES, NULL, 0, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        size_t at = selection_table(plan, tds_text(rows, SQL_SSISDB_SIZES__TABLE_NAME));
        if (at == plan->table_count)
            continue;
        CleanupTable *table = &plan->tables[at];
        table->rows = tds_i64(rows, SQL_SSISDB_SIZES__ROW_COUNT);
        table->used_kb = tds_i64(rows, SQL_SSISDB_SIZES__USED_KB);
        table->heap_kb = tds_i64(rows, SQL_SSISDB_SIZES__HEAP_KB);
    }
}

/* Of the parts of a table the share that the doomed have of all operations: an estimate. */
static void estimate(CleanupPlan *plan, CleanupTable *table)
{
    double share = plan->operations > 0 ? (double)plan->doomed / (double)plan->operations : 0;

    if (!plan->is_exact && str_same(table->name, "operations"))
        table->doomed_rows = plan->doomed;
    else if (!plan->is_exact && table->rows >= 0)
        table->doomed_rows = sat_of((double)table->rows * share + 0.5);
    if (table->doomed_rows < 0 || table->used_kb < 0)
        return;
    double rows = table->rows > 0 ? (double)table->rows : 1;
    double part = (double)table->doomed_rows / rows;
    table->doomed_kb = sat_of((double)table->used_kb * (part > 1 ? 1 : part) + 0.5);
}

/* They serve an estimate: where the server does not tell them they stay unknown. */
Rc plan_sizes(CleanupPlan *plan, Arena *arena, Err *err)
{
    Err refused = {0};
    Rc rc = plan->may_view_state ? read_sizes(plan, &refused) : RC_OK;

    if (ssisdb_is_unseen(rc, &refused)) {
        plan->no_sizes = arena_text(arena, refused.text);
    } else if (rc != RC_OK) {
        *err = refused;
        return err_note(err, "reading the sizes of the log's tables");
    }
    plan->doomed_rows = plan->is_counted ? 0 : -1;
    for (size_t i = 0; i < plan->table_count && plan->is_counted; i++) {
        int64_t rows = -1;
        estimate(plan, &plan->tables[i]);
        rows = plan->tables[i].doomed_rows;
        /* What is unknown of one table is unknown of all of them. */
        plan->doomed_rows =
            rows < 0 || plan->doomed_rows < 0 ? -1 : sat_add(plan->doomed_rows, rows);
    }
    return RC_OK;
}

/* ---- zombies --------------------------------------------------------------------------------- */

Rc plan_zombies(CleanupPlan *plan, Arena *arena, Err *err)
{
    if (!plan->may_select || plan->live == 0)
        return RC_OK;
    if (silent_read(plan->db, true, CLEANUP_ZOMBIES_MAX, arena, &plan->zombies, err) != RC_OK)
        return err_note(err, "looking for operations without a sign of life");
    return RC_OK;
}
