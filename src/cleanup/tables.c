/* The tables of the operation log, and in which order they may be emptied. */
#include "internal.h"

#include "ssisminer/ssisdb/foreign_keys.h"

#include <string.h>

#define ROW(table, key, id, starts)                                                                \
    {                                                                                              \
        table, "internal." table "." key, SQL_CLEANUP_DELETE_##id, starts                          \
    }

/* In an order that is right where the foreign keys leave a choice (ssisdb-facts §3.2). */
static const LogTable log_tables[] = {
    ROW("event_message_context", "operation_id", EVENT_MESSAGE_CONTEXT, false),
    ROW("event_messages", "operation_id", EVENT_MESSAGES, false),
    ROW("operation_messages", "operation_id", OPERATION_MESSAGES, false),
    ROW("event_message_context_scaleout", "operation_id", EVENT_MESSAGE_CONTEXT_SCALEOUT, false),
    ROW("event_messages_scaleout", "operation_id", EVENT_MESSAGES_SCALEOUT, false),
    ROW("operation_messages_scaleout", "operation_id", OPERATION_MESSAGES_SCALEOUT, false),
    ROW("executable_statistics", "execution_id", EXECUTABLE_STATISTICS, false),
    ROW("execution_component_phases", "execution_id", EXECUTION_COMPONENT_PHASES, false),
    ROW("execution_data_statistics", "execution_id", EXECUTION_DATA_STATISTICS, false),
    ROW("execution_data_taps", "execution_id", EXECUTION_DATA_TAPS, true),
    ROW("execution_parameter_values", "execution_id", EXECUTION_PARAMETER_VALUES, true),
    ROW("execution_property_override_values", "execution_id", EXECUTION_PROPERTY_OVERRIDE_VALUES,
        true),
    ROW("execution_parameter_values_noncatalog", "execution_id",
        EXECUTION_PARAMETER_VALUES_NONCATALOG, true),
    ROW("execution_property_override_values_noncatalog", "execution_id",
        EXECUTION_PROPERTY_OVERRIDE_VALUES_NONCATALOG, true),
    ROW("executions_noncatalog", "execution_id", EXECUTIONS_NONCATALOG, true),
    ROW("extended_operation_info", "operation_id", EXTENDED_OPERATION_INFO, true),
    ROW("operation_os_sys_info", "operation_id", OPERATION_OS_SYS_INFO, true),
    ROW("operation_permissions", "object_id", OPERATION_PERMISSIONS, true),
    ROW("validations", "validation_id", VALIDATIONS, true),
    ROW("executions", "execution_id", EXECUTIONS, true),
    ROW("operations", "operation_id", OPERATIONS, false),
};

enum { LOG_TABLES = ARRAY_LEN(log_tables) };
_Static_assert(ARRAY_LEN(log_tables) <= (size_t)CLEANUP_TABLES_MAX,
               "a plan has room for every table of the log");

static int index_of(const char *name)
{
    for (size_t i = 0; i < LOG_TABLES; i++)
        if (str_same_fold(log_tables[i].name, name))
            return (int)i;
    return -1;
}

const LogTable *log_table(const char *name)
{
    int at = index_of(name);

    return at < 0 ? NULL : &log_tables[at];
}

/* ---- the foreign keys -------------------------------------------------------------------------
 */

typedef struct Keys {
    CleanupPlan *plan;
    Arena *arena;
    bool waits[LOG_TABLES][LOG_TABLES]; // [parent][child]: the child has to go first
    bool cascades[LOG_TABLES];          // goes with its parent
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
    int parent = index_of(key->parent);
    int child = str_same_fold(key->schema, "internal") ? index_of(key->table) : -1;

    if (key->index)
        note_gap(keys, key);
    if (parent < 0)
        return; // projects, folders, environments: none of ours
    if (child < 0) {
        note_unknown(keys, key);
        return;
    }
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

/* ---- the order --------------------------------------------------------------------------------
 */

/* A table that this build has not, or not as we know it, waits for nobody and is left out. */
static bool is_here(const CleanupPlan *plan, size_t table)
{
    return ssisdb_has(plan->db, log_tables[table].needs);
}

static bool is_free(const Keys *keys, const bool *is_done, size_t table)
{
    for (size_t child = 0; child < LOG_TABLES; child++)
        if (keys->waits[table][child] && !is_done[child])
            return false;
    return true;
}

static void place(CleanupPlan *plan, const Keys *keys, size_t table)
{
    struct CleanupOrder *order = plan->order;
    size_t at = order->count++;

    order->at[at] = &log_tables[table];
    order->with_created[at] = !(log_tables[table].starts_with && keys->cascades[table]);
    plan->tables[at] = (CleanupTable){.name = log_tables[table].name,
                                      .rows = -1,
                                      .used_kb = -1,
                                      .doomed_rows = -1,
                                      .doomed_kb = -1};
    plan->table_count = order->count;
}

/* Always the first table whose children are all done, so that the order is the same every time. */
static Rc sort(CleanupPlan *plan, const Keys *keys, Err *err)
{
    bool is_done[LOG_TABLES] = {false};

    for (size_t done = 0; done < LOG_TABLES; done++) {
        size_t next = 0;
        while (next < LOG_TABLES && (is_done[next] || !is_free(keys, is_done, next)))
            next++;
        if (next == LOG_TABLES)
            return FAIL(err, RC_QUERY, "the foreign keys of the operation log go in a circle");
        is_done[next] = true;
        if (is_here(plan, next))
            place(plan, keys, next);
    }
    return RC_OK;
}

Rc tables_order(CleanupPlan *plan, Arena *arena, Err *err)
{
    Keys keys = {.plan = plan, .arena = arena};

    plan->order = arena_alloc(arena, sizeof(*plan->order));
    if (read_keys(&keys, err) != RC_OK)
        return err_note(err, "reading the foreign keys of the operation log");
    return sort(plan, &keys, err);
}
