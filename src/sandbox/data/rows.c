/* Rows into the sandbox's tables, through one prepared INSERT a table. */
#include "rows.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/engine/stored.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *const tables[] = {
#define TABLE(id, name) name,
#include "rows.def"
#undef TABLE
};

struct Rows {
    sqlite3 *store;
    const World *world;
    sqlite3_stmt *statements[ROW_TABLE_COUNT];
    Arena arena;
    char **indexes; // CREATE INDEX texts, to build again
    size_t index_count;
    bool is_open;  // the transaction
    bool had_keys; // foreign keys were enforced
    Err failed;
};

static Rc run(sqlite3 *store, const char *sql, Err *err)
{
    if (sqlite3_exec(store, sql, NULL, NULL, NULL) != SQLITE_OK)
        return FAIL(err, RC_QUERY, "sandbox data: %s, in %s", sqlite3_errmsg(store), sql);
    return RC_OK;
}

/* ---- indexes: dropped before the rows come, built again after them --------------------------- */

static Rc list_indexes(Rows *rows, Err *err)
{
    sqlite3_stmt *list;

    if (sqlite3_prepare_v2(rows->store,
                           "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS "
                           "NOT NULL AND tbl_name LIKE 'internal.%'",
                           -1, &list, NULL) != SQLITE_OK)
        return FAIL(err, RC_QUERY, "sandbox data: %s", sqlite3_errmsg(rows->store));
    while (sqlite3_step(list) == SQLITE_ROW) {
        *ARENA_PUSH(&rows->arena, rows->indexes, rows->index_count) = arena_printf(
            &rows->arena, "DROP INDEX \"%s\"", (const char *)sqlite3_column_text(list, 0));
        *ARENA_PUSH(&rows->arena, rows->indexes, rows->index_count) =
            arena_text(&rows->arena, (const char *)sqlite3_column_text(list, 1));
    }
    sqlite3_finalize(list);
    return RC_OK;
}

static Rc run_each(Rows *rows, size_t first, Err *err)
{
    for (size_t i = first; i < rows->index_count; i += 2)
        TRY(run(rows->store, rows->indexes[i], err));
    return RC_OK;
}

static bool keys_enforced(sqlite3 *store)
{
    int enabled = 0;

    sqlite3_db_config(store, SQLITE_DBCONFIG_ENABLE_FKEY, -1, &enabled);
    return enabled != 0;
}

/* ---- rows ------------------------------------------------------------------------------------ */

Rc rows_begin(sqlite3 *store, const World *world, Rows **ret_rows, Err *err)
{
    AUTO(rows_drop_at) Rows *rows = mem_alloc(sizeof *rows);

    rows->store = store;
    rows->world = world;
    rows->had_keys = keys_enforced(store);
    TRY(run(store, "PRAGMA foreign_keys = OFF", err)); // a test checks them all afterwards
    TRY(run(store, "BEGIN IMMEDIATE", err));
    rows->is_open = true;
    TRY(list_indexes(rows, err));
    TRY(run_each(rows, 0, err));
    *ret_rows = rows;
    rows = NULL;
    return RC_OK;
}

static size_t count_columns(sqlite3 *store, const char *table)
{
    AUTO(buf_done) Buf sql = BUF(400);
    sqlite3_stmt *all = NULL;

    buf_printf(&sql, "SELECT * FROM \"%s\"", table);
    (void)sqlite3_prepare_v2(store, buf_text(&sql), -1, &all, NULL);
    int count = sqlite3_column_count(all);
    sqlite3_finalize(all);
    return (size_t)count;
}

/* NULL: this flavor has no such table, or a failure. */
static sqlite3_stmt *statement(Rows *rows, RowTable table)
{
    AUTO(buf_done) Buf sql = BUF(4096);

    if (rows->statements[table])
        return rows->statements[table];
    size_t columns = count_columns(rows->store, tables[table]);
    if (!columns)
        return NULL;
    buf_printf(&sql, "INSERT INTO \"%s\" VALUES (?", tables[table]);
    while (--columns > 0)
        buf_puts(&sql, ",?");
    buf_putc(&sql, ')');
    if (sqlite3_prepare_v3(rows->store, buf_text(&sql), -1, SQLITE_PREPARE_PERSISTENT,
                           &rows->statements[table], NULL) != SQLITE_OK)
        (void)err_set(&rows->failed, RC_QUERY, "sandbox data: %s, in %s",
                      sqlite3_errmsg(rows->store), buf_text(&sql));
    return rows->statements[table];
}

static int64_t encoded(const Rows *rows, int64_t ticks)
{
    return time_pack((Instant){.ticks = ticks,
                               .offset_minutes = (int16_t)world_offset(rows->world, ticks),
                               .is_set = true});
}

static void bind_text(sqlite3_stmt *insert, int at, const char *text)
{
    if (text)
        sqlite3_bind_text(insert, at, text, -1, SQLITE_STATIC);
    else
        sqlite3_bind_null(insert, at);
}

static void bind_variant(sqlite3_stmt *insert, int at, const SbValue *value)
{
    AUTO(buf_done) Buf room = BUF(9000);
    Stored stored = stored_of(value, (SbType){.id = SB_SQL_VARIANT}, &room);

    sqlite3_bind_blob64(insert, at, stored.bytes.at, stored.bytes.len, SQLITE_TRANSIENT);
}

static void bind_next(Rows *rows, sqlite3_stmt *insert, int at, char kind, va_list *values)
{
    if (kind == 's') {
        bind_text(insert, at, va_arg(*values, const char *));
    } else if (kind == 'd') {
        sqlite3_bind_int(insert, at, va_arg(*values, int));
    } else if (kind == 'n') {
        sqlite3_bind_null(insert, at);
    } else if (kind == 'S') {
        Str text = va_arg(*values, Str);
        sqlite3_bind_text(insert, at, text.at ? text.at : "", (int)text.len, SQLITE_STATIC);
    } else if (kind == 'b') {
        const Person *person = va_arg(*values, const Person *);
        if (person)
            sqlite3_bind_blob(insert, at, person->sid, sizeof person->sid, SQLITE_STATIC);
        else
            sqlite3_bind_null(insert, at);
    } else if (kind == 'v') {
        bind_variant(insert, at, va_arg(*values, const SbValue *));
    } else if (kind == 'x') {
        const char *bytes = va_arg(*values, const char *);
        sqlite3_bind_blob(insert, at, bytes, (int)strlen(bytes), SQLITE_STATIC);
    } else {
        int64_t value = va_arg(*values, int64_t);
        if ((kind == 't' && value == 0) || (kind == 'L' && value < 0))
            sqlite3_bind_null(insert, at);
        else
            sqlite3_bind_int64(insert, at, kind == 't' ? encoded(rows, value) : value);
    }
}

void rows_put(Rows *rows, RowTable table, const char *kinds, ...)
{
    va_list values;
    sqlite3_stmt *insert;

    if (rows->failed.rc != RC_OK || !(insert = statement(rows, table)))
        return;
    va_start(values, kinds);
    for (int at = 1, last = sqlite3_bind_parameter_count(insert); at <= last && *kinds; at++)
        bind_next(rows, insert, at, *kinds++, &values);
    va_end(values);
    if (sqlite3_step(insert) != SQLITE_DONE)
        (void)err_set(&rows->failed, RC_QUERY, "sandbox data: %s, in \"%s\"",
                      sqlite3_errmsg(rows->store), tables[table]);
    sqlite3_reset(insert);
    sqlite3_clear_bindings(insert);
}

Rc rows_done(Rows *rows, Err *err)
{
    if (rows->failed.rc != RC_OK) {
        *err = rows->failed;
        return err->rc;
    }
    TRY(run_each(rows, 1, err));
    TRY(run(rows->store, "COMMIT", err));
    rows->is_open = false;
    return RC_OK;
}

void rows_drop_at(Rows **place)
{
    Rows *rows = *place;

    if (!rows)
        return;
    for (size_t i = 0; i < ROW_TABLE_COUNT; i++)
        sqlite3_finalize(rows->statements[i]);
    if (rows->is_open)
        sqlite3_exec(rows->store, "ROLLBACK", NULL, NULL, NULL);
    if (rows->had_keys)
        sqlite3_exec(rows->store, "PRAGMA foreign_keys = ON", NULL, NULL, NULL);
    arena_done(&rows->arena);
    free(rows);
    *place = NULL;
}
