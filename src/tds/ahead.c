/* Rows that were fetched before anybody asked for them, in the order in which they came. */
#include "rows.h"

#include "ssisminer/base/mem.h"

#include <string.h>

struct HeldValue { // what a column was
    SQLLEN indicator;
    char as[sizeof(((Column *)NULL)->as)];
    size_t bytes;
    const char *text; // where that many are, or NULL
    bool is_cut;
};

static HeldValue value_of(TdsRows *rows, const Column *column)
{
    HeldValue value = {
        .indicator = column->indicator, .bytes = column->bytes, .is_cut = column->is_cut};

    memcpy(value.as, &column->as, sizeof(value.as));
    if (tds_column_is_text(column) && column->indicator != SQL_NULL_DATA) {
        value.text = arena_copy(&rows->held_arena, column->place, column->bytes);
        rows->held_bytes += column->bytes;
    }
    return value;
}

bool tds_ahead_keep(TdsRows *rows)
{
    HeldValue *row = arena_alloc_array(&rows->held_arena, rows->count, sizeof(*row));

    for (size_t i = 0; i < rows->count; i++)
        row[i] = value_of(rows, &rows->columns[i]);
    rows->held_bytes += rows->count * sizeof(*row);
    rows->held = arena_grow(&rows->held_arena, rows->held, rows->held_count, rows->held_count + 1,
                            &rows->held_capacity, sizeof(*rows->held));
    rows->held[rows->held_count++] = row;
    return rows->held_bytes < TDS_AHEAD_BYTES_MAX;
}

/* The driver has put a later row over this one. */
static void put_back(Column *column, const HeldValue *value)
{
    column->indicator = value->indicator;
    memcpy(&column->as, value->as, sizeof(value->as));
    column->bytes = value->bytes;
    column->is_cut = value->is_cut;
    if (value->text)
        memcpy(column->place, value->text, value->bytes); // places only grow
}

/* Many rows may follow, and their reader needs the room. */
static void forget(TdsRows *rows)
{
    bool was_much = rows->held_bytes >= TDS_AHEAD_BYTES_MAX;

    if (rows->held_count == 0)
        return;
    arena_done(&rows->held_arena);
    rows->held = NULL;
    rows->held_at = rows->held_count = rows->held_capacity = rows->held_bytes = 0;
    if (was_much)
        mem_give_back();
}

bool tds_ahead_give(TdsRows *rows)
{
    if (rows->held_at == rows->held_count) {
        forget(rows);
        return false;
    }
    const HeldValue *row = rows->held[rows->held_at++];
    for (size_t i = 0; i < rows->count; i++)
        put_back(&rows->columns[i], &row[i]);
    rows->row++;
    return true;
}
