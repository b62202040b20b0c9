/* The foreign keys into schema internal, and which of them deserve an index. */
#include "ssisminer/ssisdb/foreign_keys.h"

#include "ssisminer/ssisdb/advice.h"
#include "ssisminer/ssisdb/log_tables.h"

#include <string.h>

static const char *copy(Arena *arena, const TdsRows *rows, int column)
{
    Str text = tds_text(rows, column);

    return arena_copy(arena, text.at ? text.at : "", text.len);
}

/* The tables whose rows a purge deletes, as far as anything refers to them. */
static bool is_purged(const char *table)
{
    static const char *const tables[] = {
        "operations",         "executions",     "executions_noncatalog",
        "operation_messages", "event_messages", "jobs"};

    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        if (str_same_fold(table, tables[i]))
            return true;
    return false;
}

/* An identifier has at most 128 characters: one that is made of two is cut, between characters. */
static const char *index_name(const ForeignKey *key, Arena *arena)
{
    enum { MOST_BYTES = 128 }; // of UTF-8, which is never fewer than its characters
    char *name = arena_printf(arena, "IX_%s_%s", key->table, key->column);

    if (strlen(name) > MOST_BYTES) {
        size_t end = MOST_BYTES;
        while (end > 0 && ((unsigned char)name[end] & 0xC0) == 0x80)
            end--;
        name[end] = '\0';
    }
    return name;
}

static const char *index_for(const ForeignKey *key, Arena *arena)
{
    return arena_printf(arena, "CREATE INDEX %s ON %s.%s (%s);",
                        advice_identifier(index_name(key, arena), arena),
                        advice_identifier(key->schema, arena), advice_identifier(key->table, arena),
                        advice_identifier(key->column, arena));
}

/* Two keys of one column need one index. */
static bool is_advised(const ForeignKey *list, size_t count, const ForeignKey *key)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].index && str_same(list[i].schema, key->schema) &&
            str_same(list[i].table, key->table) && str_same(list[i].column, key->column))
            return true;
    return false;
}

static ForeignKey read_key(const TdsRows *rows, Arena *arena)
{
    ForeignKey key = {
        .schema = copy(arena, rows, SQL_SSISDB_FOREIGN_KEYS__CHILD_SCHEMA),
        .table = copy(arena, rows, SQL_SSISDB_FOREIGN_KEYS__CHILD_TABLE),
        .column = copy(arena, rows, SQL_SSISDB_FOREIGN_KEYS__COLUMN_NAME),
        .parent = copy(arena, rows, SQL_SSISDB_FOREIGN_KEYS__PARENT_TABLE),
        .name = copy(arena, rows, SQL_SSISDB_FOREIGN_KEYS__KEY_NAME),
        .cascades = tds_i64(rows, SQL_SSISDB_FOREIGN_KEYS__CASCADES) != 0,
    };

    key.child = str_same_fold(key.schema, "internal")
                    ? key.table
                    : arena_printf(arena, "%s.%s", key.schema, key.table);
    bool is_log =
        str_same_fold(key.schema, "internal") && log_table_find(key.table) != LOG_TABLE_COUNT;
    key.is_foreign = !is_log && log_table_find(key.parent) != LOG_TABLE_COUNT;
    return key;
}

Rc foreign_keys_read(const Ssisdb *db, Arena *arena, ForeignKeys *ret_keys, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    ForeignKey *list = NULL;
    size_t count = 0, capacity = 0;
    bool has_row = false;

    TRY(tds_query(db->tds, SQL_SSISDB_FOREIGN_KEYS, NULL, 0, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            break;
        list = arena_grow(arena, list, count, count + 1, &capacity, sizeof(*list));
        list[count] = read_key(rows, arena);
        if (tds_i64(rows, SQL_SSISDB_FOREIGN_KEYS__HAS_INDEX) == 0 &&
            is_purged(list[count].parent) && !is_advised(list, count, &list[count]))
            list[count].index = index_for(&list[count], arena);
        count++;
    }
    *ret_keys = (ForeignKeys){list, count};
    return RC_OK;
}
