/* The tables of the operation log, and in which order they may be emptied. */
#include "plan.h"

#include "ssisminer/ssisdb/foreign_keys.h"

_Static_assert((int)LOG_TABLE_COUNT <= (int)CLEANUP_TABLES_MAX,
               "a plan has room for every table of the log");

/* ---- the foreign keys ------------------------------------------------------------------------ */

typedef struct Keys {
    CleanupPlan *plan;
    Arena *arena;
    bool waits[LOG_TABLE_COUNT][LOG_TABLE_COUNT]; // [parent][child]: the child has to go first
    bool cascades[LOG_TABLE_COUNT];               // goes with its parent
    CleanupGap *gaps;
    size_t gap_count, gap_capacity;
} Keys;

static void note_unknown(Keys *keys, const ForeignKey *key)
{
    if (!keys->plan->unknown_child)
        keys->plan->unknown_child =
            arena_printf(keys->arena, "%s.%s (%s)", key->schema, key->table, key->name);
}

static void note_gap(Keys *keys, const ForeignKey *key)
{
    keys->gaps = arena_grow(keys->arena, keys->gaps, keys->gap_count, keys->gap_count + 1,
                            &keys->gap_capacity, sizeof(*keys->gaps));
    keys->gaps[keys->gap_count++] = (CleanupGap){key->child, key->column, key->name, key->index};
}

static void on_key(Keys *keys, const ForeignKey *key)
{
    LogTableId parent = log_table_find(key->parent), child = log_table_find(key->table);

    if (key->index)
        note_gap(keys, key);
    if (key->is_foreign)
        note_unknown(keys, key);
    if (parent == LOG_TABLE_COUNT || child == LOG_TABLE_COUNT || key->is_foreign)
        return; // projects, folders, environments: none of ours
    if (child != parent)
        keys->waits[parent][child] = true;
    if (key->cascades)
        keys->cascades[child] = true;
}

static Rc read_keys(Keys *keys, Err *err)
{
    ForeignKeys all;

    TRY(foreign_keys_read(keys->plan->db, keys->arena, &all, err));
    for (size_t i = 0; i < all.count; i++)
        on_key(keys, &all.list[i]);
    keys->plan->gaps = keys->gaps;
    keys->plan->gap_count = keys->gap_count;
    return RC_OK;
}

/* ---- the order ------------------------------------------------------------------------------- */

/* A table that this build has not, or not as we know it, waits for nobody and is left out. */
static bool is_here(const CleanupPlan *plan, LogTableId table)
{
    return ssisdb_has(plan->db, log_table(table)->needs);
}

static bool is_free(const Keys *keys, const bool *is_done, LogTableId table)
{
    for (LogTableId child = 0; child < LOG_TABLE_COUNT; child++)
        if (keys->waits[table][child] && !is_done[child])
            return false;
    return true;
}

static void place(CleanupPlan *plan, const Keys *keys, LogTableId table)
{
    plan->tables[plan->table_count++] =
        (CleanupTable){.name = log_table(table)->name,
                       .id = table,
                       .with_created = !(log_table(table)->starts_with && keys->cascades[table]),
                       .rows = -1,
                       .used_kb = -1,
                       .doomed_rows = -1,
                       .doomed_kb = -1};
}

/* Always the first table whose children are all done, so that the order is the same every time. */
static Rc sort(CleanupPlan *plan, const Keys *keys, Err *err)
{
    bool is_done[LOG_TABLE_COUNT] = {false};

    for (size_t done = 0; done < LOG_TABLE_COUNT; done++) {
        LogTableId next = 0;
        while (next < LOG_TABLE_COUNT && (is_done[next] || !is_free(keys, is_done, next)))
            next++;
        if (next == LOG_TABLE_COUNT)
            return FAIL(err, RC_QUERY, "the foreign keys of the operation log go in a circle");
        is_done[next] = true;
        if (is_here(plan, next))
            place(plan, keys, next);
    }
    return RC_OK;
}

Rc plan_tables(CleanupPlan *plan, Arena *arena, Err *err)
{
    Keys keys = {.plan = plan, .arena = arena};

    if (read_keys(&keys, err) != RC_OK)
        return err_note(err, "reading the foreign keys of the operation log");
    return sort(plan, &keys, err);
}
