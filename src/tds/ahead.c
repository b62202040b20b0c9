/* Rows that were fetched before anybody asked for them, in the order in which they came. */
#include "rows.h"

#include <string.h>

struct HeldValue {
    Column column; // as it was, but for its place
    const char *bytes;
};

static const char *copy_bytes(TdsRows *rows, const Column *column)
{
    if (!tds_column_is_text(column) || column->indicator == SQL_NULL_DATA)
        return NULL;
    rows->held_bytes += column->bytes;
    return arena_copy(&rows->arena, column->place, column->bytes);
}

bool tds_ahead_keep(TdsRows *rows)
{
    HeldValue *row = arena_alloc_array(&rows->arena, rows->count + 1, sizeof(*row));
    for (size_t i = 0; i < rows->count; i++)
        row[i] = (HeldValue){rows->columns[i], copy_bytes(rows, &rows->columns[i])};
    rows->held_bytes += rows->count * sizeof(*row);
    rows->held = arena_grow(&rows->arena, rows->held, rows->held_count, rows->held_count + 1,
                            &rows->held_capacity, sizeof(*rows->held));
    rows->held[rows->held_count++] = row;
    return rows->held_bytes < TDS_AHEAD_BYTES_MAX;
}

/* The driver has put a later row over this one. */
static void put_back(Column *column, const HeldValue *value)
{
    column->indicator = value->column.indicator;
    column->as = value->column.as;
    column->bytes = value->column.bytes;
    column->is_cut = value->column.is_cut;
    if (value->bytes)
        memcpy(column->place, value->bytes, column->bytes); // places only grow
}

bool tds_ahead_give(TdsRows *rows)
{
    if (rows->held_at == rows->held_count)
        return false;
    const HeldValue *row = rows->held[rows->held_at++];
    for (size_t i = 0; i < rows->count; i++)
        put_back(&rows->columns[i], &row[i]);
    rows->row++;
    return true;
}
