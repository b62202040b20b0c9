/*
 * An engine with canned answers, in place of src/engine: the words of a batch choose the
 * answer, so that the wire can be tested alone.
 */
#ifndef FAKE_ENGINE_H
#define FAKE_ENGINE_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/engine/engine.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct Engine {
    int nothing;
};

struct Session {
    int id;
    atomic_bool is_canceled;
    Arena arena; // what output parameters point to
};

static atomic_int fake_open_sessions, fake_last_id;
static atomic_int fake_statements;

static SbValue fake_text(const char *text)
{
    return (SbValue){.bytes = str_of(text), .held = {.id = SB_NVARCHAR, .max_chars = 4000}};
}

static SbValue fake_int(int64_t value)
{
    return (SbValue){.i64 = value, .held = {.id = SB_BIGINT}};
}

/* 2025-09-07 08:15:59.1234567 -05:30 */
static SbValue fake_time(void)
{
    int64_t days = time_days_from_civil(2025, 9, 7);
    int64_t ticks = ((13 * 60 + 45) * INT64_C(60) + 59) * TICKS_PER_SECOND + 1234567;

    return (SbValue){.time = {days * TICKS_PER_DAY + ticks, -330, true},
                     .held = {.id = SB_DATETIMEOFFSET, .scale = 7}};
}

static const SbColumn fake_columns[] = {
    {"a_bit", {.id = SB_BIT}, true},
    {"a_tinyint", {.id = SB_TINYINT}, true},
    {"a_smallint", {.id = SB_SMALLINT}, true},
    {"an_int", {.id = SB_INT}, true},
    {"a_bigint", {.id = SB_BIGINT}, true},
    {"a_float", {.id = SB_FLOAT}, true},
    {"a_decimal", {.id = SB_DECIMAL, .precision = 20, .scale = 4}, true},
    {"a_short_text", {.id = SB_NVARCHAR, .max_chars = 20}, true},
    {"a_date", {.id = SB_DATE}, true},
    {"a_datetime", {.id = SB_DATETIME}, true},
    {"a_datetime2", {.id = SB_DATETIME2, .scale = 3}, true},
    {"a_datetimeoffset", {.id = SB_DATETIMEOFFSET, .scale = 7}, true},
    {"a_guid", {.id = SB_UNIQUEIDENTIFIER}, true},
    {"some_bytes", {.id = SB_VARBINARY, .max_chars = 8}, true},
    {"a_variant", {.id = SB_SQL_VARIANT}, true},
    {"a_long_text", {.id = SB_NVARCHAR, .max_chars = -1}, true},
};
enum { FAKE_COLUMNS = ARRAY_LEN(fake_columns) };

static void fake_values(SbValue values[FAKE_COLUMNS])
{
    SbValue row[FAKE_COLUMNS] = {
        fake_int(1),
        fake_int(255),
        fake_int(-32768),
        fake_int(-2147483647),
        fake_int(INT64_MIN),
        {.f64 = -1.5},
        fake_text("-12345678901234.5678"),
        fake_text("Gr\xC3\xB6\xC3\x9F\x65 \xE6\x97\xA5 \xF0\x9F\x98\x80"),
        fake_time(),
        fake_time(),
        fake_time(),
        fake_time(),
        fake_text("00112233-4455-6677-8899-AABBCCDDEEFF"),
        {.bytes = {"\x00\x01\xFE\xFF", 4}},
        fake_text("held"),
        fake_text(""),
    };

    memcpy(values, row, sizeof(row));
}

static bool fake_all_types(const SbSink *sink)
{
    SbValue values[FAKE_COLUMNS], nulls[FAKE_COLUMNS];

    fake_values(values);
    for (size_t i = 0; i < FAKE_COLUMNS; i++)
        nulls[i] = (SbValue){.is_null = true};
    return sink->columns(sink->context, fake_columns, FAKE_COLUMNS) &&
           sink->row(sink->context, values, FAKE_COLUMNS) &&
           sink->row(sink->context, nulls, FAKE_COLUMNS) &&
           sink->done(sink->context, true, true, 2);
}

static bool fake_rows(int64_t count, const SbSink *sink)
{
    static const SbColumn columns[] = {{"event_message_id", {.id = SB_BIGINT}, false},
                                       {"message", {.id = SB_NVARCHAR, .max_chars = -1}, true}};
    char text[180];

    memset(text, 'm', sizeof(text));
    if (!sink->columns(sink->context, columns, 2))
        return false;
    if (count == 0)
        return sink->done(sink->context, true, false, 0);
    for (int64_t i = 1; i <= count; i++) {
        SbValue values[] = {fake_int(i), {.bytes = {text, sizeof(text)}}};
        if (!sink->row(sink->context, values, 2))
            return false;
    }
    return sink->done(sink->context, true, true, count);
}

/* One row: the parameters as they came. */
static bool fake_echo(const SbParam *params, size_t count, const SbSink *sink)
{
    SbColumn columns[32];
    SbValue values[32];

    for (size_t i = 0; i < count && i < 32; i++) {
        columns[i] = (SbColumn){params[i].name, params[i].type, true};
        values[i] = params[i].value;
    }
    return sink->columns(sink->context, columns, count) &&
           sink->row(sink->context, values, count) && sink->done(sink->context, true, true, 1);
}

static void fake_set_outputs(SbParam *params, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!params[i].is_output)
            continue;
        bool is_text = params[i].type.id == SB_NVARCHAR;
        params[i].value = is_text ? fake_text("output") : fake_int(42);
    }
}

static bool fake_wait(Session *session)
{
    for (int i = 0; i < 30000 && !atomic_load(&session->is_canceled); i++)
        usleep(10000);
    return !atomic_load(&session->is_canceled);
}

static bool fake_one(const SbSink *sink)
{
    const SbColumn column = {"", {.id = SB_INT}, false};
    SbValue value = fake_int(1);

    return sink->columns(sink->context, &column, 1) && sink->row(sink->context, &value, 1) &&
           sink->done(sink->context, true, true, 1);
}

/* A value that its column's type cannot hold: a bug of the engine. */
static bool fake_too_wide(const SbSink *sink)
{
    const SbColumn column = {"c", {.id = SB_NVARCHAR, .max_chars = 3}, false};
    SbValue value = fake_text("four");

    return sink->columns(sink->context, &column, 1) && sink->row(sink->context, &value, 1);
}

static bool fake_has(Str batch, const char *word)
{
    return memmem(batch.at, batch.len, word, strlen(word)) != NULL;
}

bool session_run(Session *session, Str batch, SbParam *params, size_t param_count,
                 const SbSink *sink)
{
    atomic_fetch_add(&fake_statements, 1);
    atomic_store(&session->is_canceled, false);
    fake_set_outputs(params, param_count);
    if (fake_has(batch, "USE [nowhere]"))
        return sink->error(sink->context, 911, 1, 16, "Database 'nowhere' does not exist.", "", 1);
    if (fake_has(batch, "USE ["))
        return (!sink->database || sink->database(sink->context, "elsewhere")) &&
               (!sink->done || sink->done(sink->context, false, false, 0));
    if (fake_has(batch, "FMTONLY ON"))
        return fake_rows(0, sink);
    if (fake_has(batch, "types"))
        return fake_all_types(sink);
    if (fake_has(batch, "event_messages"))
        return fake_rows(3, sink);
    if (fake_has(batch, "rows "))
        return fake_rows(atoll(strstr(batch.at, "rows ") + 5), sink);
    if (fake_has(batch, "echo"))
        return fake_echo(params, param_count, sink);
    if (fake_has(batch, "wait"))
        return fake_wait(session) && sink->done(sink->context, false, false, 0);
    if (fake_has(batch, "begin"))
        return sink->transaction(sink->context, 8, 77) &&
               sink->done(sink->context, false, false, 0);
    if (fake_has(batch, "fail"))
        return sink->error(sink->context, 50000, 3, 16, "it failed", "a_procedure", 7) &&
               sink->done(sink->context, false, false, 0);
    if (fake_has(batch, "wide"))
        return fake_too_wide(sink);
    if (fake_has(batch, "two"))
        return fake_one(sink) && sink->info(sink->context, 0, 1, 0, "between", 1, false) &&
               fake_one(sink);
    if (fake_has(batch, "update"))
        return sink->done(sink->context, false, true, 5);
    if (fake_has(batch, "set ") || fake_has(batch, "EXEC"))
        return sink->done(sink->context, false, false, 0);
    return fake_one(sink);
}

bool session_execute(Session *session, Str statement, Str declarations, SbParam *params,
                     size_t count, const SbSink *sink)
{
    (void)declarations;
    return session_run(session, statement, params, count, sink);
}

bool session_describe(Session *session, Str statement, Str declarations, const SbSink *sink)
{
    (void)session, (void)declarations;
    if (fake_has(statement, "fail"))
        return sink->error(sink->context, 207, 1, 16, "Invalid column name 'x'.", "", 1);
    return fake_rows(0, sink);
}

void session_set_host(Session *session, const char *host)
{
    (void)session, (void)host;
}

bool session_transaction(Session *session, int request, const char *name, const SbSink *sink)
{
    (void)session, (void)name;
    int kind = request == 5 ? 8 : request == 7 ? 9 : 10;

    return sink->transaction(sink->context, kind, 77) && sink->done(sink->context, false, false, 0);
}

Session *session_open(Engine *engine, const char *login, const char *application)
{
    (void)engine, (void)application;
    if (strcmp(login, "sa") != 0)
        return NULL;
    Session *session = mem_alloc(sizeof(*session));
    session->id = 50 + atomic_fetch_add(&fake_last_id, 1);
    atomic_fetch_add(&fake_open_sessions, 1);
    return session;
}

void session_start(Session *session)
{
    (void)session;
}

const char *engine_login_password(Engine *engine, const char *login)
{
    (void)engine, (void)login;
    return NULL;
}

void session_close(Session *session)
{
    atomic_fetch_sub(&fake_open_sessions, 1);
    arena_done(&session->arena);
    free(session);
}

int session_id(const Session *session)
{
    return session->id;
}

void session_cancel(Session *session)
{
    atomic_store(&session->is_canceled, true);
}

#endif
