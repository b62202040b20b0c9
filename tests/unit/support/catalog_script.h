/*
 * Scripted conversations of the statements in sql/: the columns come from each statement's head,
 * so that a test writes rows and nothing else. A header alone: rooms below tds link without it.
 */
#ifndef SSISMINER_TESTS_CATALOG_SCRIPT_H
#define SSISMINER_TESTS_CATALOG_SCRIPT_H

#include "fake_driver.h"

#include "ssisminer/asset/sql.h"
#include "ssisminer/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SCRIPT_STEPS = 20000, SCRIPT_COLUMNS = 64 };

static struct {
    FakeStep steps[SCRIPT_STEPS];
    size_t count;
    Arena arena;
    bool is_old;
    const SqlAsset *asset; // of the statement being answered
} script;

static inline void script_add(FakeStep step)
{
    assert_true(script.count < SCRIPT_STEPS);
    script.steps[script.count++] = step;
}

/* Begins a new conversation; what the last one held is given back. */
static inline void script_reset(void)
{
    script.count = 0;
    script.is_old = false;
    arena_reset(&script.arena);
    script_add((FakeStep)FAKE_OPEN("Database=SSISDB"));
}

/* The build has none of the columns that a head calls optional. */
static inline void script_set_old_build(bool is_old)
{
    script.is_old = is_old;
}

static inline bool script_has(const SqlColumn *column)
{
    return !(script.is_old && column->is_optional);
}

static inline SQLSMALLINT script_type(SqlType type)
{
    switch (type) {
    case SQL_TYPE_BIT:
        return SQL_BIT;
    case SQL_TYPE_INT:
        return SQL_INTEGER;
    case SQL_TYPE_BIGINT:
        return SQL_BIGINT;
    case SQL_TYPE_FLOAT:
        return SQL_DOUBLE;
    case SQL_TYPE_DECIMAL:
        return SQL_DECIMAL;
    case SQL_TYPE_NVARCHAR:
        return SQL_WVARCHAR;
    case SQL_TYPE_DATETIMEOFFSET:
        return FAKE_OFFSET;
    case SQL_TYPE_UNIQUEIDENTIFIER:
        return SQL_GUID;
    case SQL_TYPE_VARBINARY:
        return SQL_VARBINARY;
    }
    return SQL_WVARCHAR;
}

static inline void script_columns(void)
{
    FakeColumn *columns = arena_alloc_array(&script.arena, SCRIPT_COLUMNS, sizeof(*columns));
    size_t count = 0;

    assert_true(script.asset->column_count <= SCRIPT_COLUMNS);
    for (size_t i = 0; i < script.asset->column_count; i++) {
        const SqlColumn *column = &script.asset->columns[i];
        bool is_long = i + 1 == script.asset->column_count;
        if (script_has(column))
            columns[count++] =
                (FakeColumn){column->name, script_type(column->type), is_long ? 0 : 4000};
    }
    script_add((FakeStep){.kind = FAKE_KIND_COLUMNS, .columns = columns, .column_count = count});
}

/* One statement, with the values it must bind (as in FakeStep), and its answer up to script_end. */
static inline void script_begin_with(SqlId id, const char *params)
{
    script.asset = sql_asset(id);
    script_add((FakeStep){.kind = FAKE_KIND_SQL, .text = "SELECT", .params = params});
    script_columns();
}

static inline void script_begin(SqlId id)
{
    script_begin_with(id, NULL);
}

/* Values in the order of the head, one for each column of it; NULL for NULL. */
static inline void script_row(const char *const *values, size_t value_count)
{
    const char **row = arena_alloc_array(&script.arena, SCRIPT_COLUMNS, sizeof(*row));
    size_t count = 0;

    if (value_count != script.asset->column_count)
        fail_msg("%s has %zu columns, the script %zu", script.asset->name,
                 script.asset->column_count, value_count);
    for (size_t i = 0; i < script.asset->column_count; i++)
        if (script_has(&script.asset->columns[i]))
            row[count++] = arena_text(&script.arena, values[i]);
    script_add((FakeStep){.kind = FAKE_KIND_ROW, .values = row});
}

#define SCRIPT_ROW(...)                                                                            \
    script_row((const char *const[]){__VA_ARGS__}, ARRAY_LEN(((const char *const[]){__VA_ARGS__})))

static inline void script_end(void)
{
    script_add((FakeStep)FAKE_END);
}

static inline void script_refuse(SqlId id, int32_t number, const char *words)
{
    (void)id;
    script_add((FakeStep){.kind = FAKE_KIND_SQL,
                          .text = "SELECT",
                          .state = "42000",
                          .native = number,
                          .words = words});
}

/* ---- the probe ------------------------------------------------------------------------------- */

/* The first of them: roles and tables (may it read those behind the views) are 1, 0 or NULL. */
typedef struct ScriptServer {
    const char *edition, *version, *now, *sysadmin, *db_owner, *ssis_admin, *logreader, *tables;
} ScriptServer;

static inline void script_server(const ScriptServer *server)
{
    script_begin(SQL_SSISDB_SERVER);
    SCRIPT_ROW("SQL1", "SSISDB", server->version, server->edition, "etl", "etl", server->now,
               server->sysadmin, server->db_owner, server->ssis_admin, server->logreader,
               "READ_WRITE", server->tables);
    script_end();
}

static inline void script_objects(void)
{
    script_begin(SQL_SSISDB_OBJECTS);
    SCRIPT_ROW("catalog", "executions", "execution_id");
    if (!script.is_old) {
        SCRIPT_ROW("catalog", "executions", "worker_agent_id");
        SCRIPT_ROW("catalog", "executions", "executed_count");
    }
    SCRIPT_ROW("catalog", "catalog_properties", "property_name");
    SCRIPT_ROW("internal", "cleanup_server_retention_window", NULL);
    script_end();
}

/* The three statements of ssisdb_probe, for a login that sees everything. */
static inline void script_probe(void)
{
    static const ScriptServer server = {
        "5", "12.0.2000.8", "2026-03-02 06:00:00.0000000 +00:00", NULL, "0", "1", "0", "0",
    };

    script_server(&server);
    script_objects();
    script_begin(SQL_SSISDB_PROPERTIES);
    SCRIPT_ROW("SCHEMA_BUILD", "14.0.900.1");
    SCRIPT_ROW("RETENTION_WINDOW", "90");
    SCRIPT_ROW("OPERATION_CLEANUP_ENABLED", "TRUE");
    SCRIPT_ROW("SERVER_LOGGING_LEVEL", "1");
    script_end();
}

/* ---- playing it ------------------------------------------------------------------------------ */

/* Plays it: opens, and leaves the conversation to the test. */
static inline Tds *script_open(void)
{
    static const TdsTarget target = {
        .server = "db",
        .database = "SSISDB",
        .user = "u",
        .password = "p",
        .query_timeout_s = 5,
        .login_timeout_s = 5,
    };
    Tds *tds = NULL;
    Err err = {0};

    script_add((FakeStep)FAKE_CLOSE);
    fake_driver_script(script.steps, script.count);
    if (tds_open_with(&fake_driver, &target, &tds, &err) != RC_OK)
        fail_msg("cannot open: %s", err.text);
    return tds;
}

static inline size_t script_length(void)
{
    return script.count;
}

/* Checks that nothing is left of it. */
static inline void script_close(Tds *tds)
{
    tds_close(tds);
    fake_driver_assert_finished();
    script.count = 0;
    arena_done(&script.arena);
}

#endif
