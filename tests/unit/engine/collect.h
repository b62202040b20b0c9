/* A sink that writes what the engine says as text: one line a row, a count, an error. */
#ifndef TESTS_UNIT_ENGINE_COLLECT_H
#define TESTS_UNIT_ENGINE_COLLECT_H

#include "ssisminer/base/buf.h"
#include "ssisminer/engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct Collect {
    Buf text;
    const SbColumn *columns;
    bool with_types, with_counts, with_texts;
    int64_t rows, stop_after; // 0: never
} Collect;

static const char *const collect_type_names[] = {
    "bit",       "tinyint",        "smallint",         "int",       "bigint",
    "float",     "decimal",        "nvarchar",         "date",      "datetime",
    "datetime2", "datetimeoffset", "uniqueidentifier", "varbinary", "sql_variant"};

static void collect_line(Collect *collect)
{
    if (collect->text.len)
        buf_putc(&collect->text, '\n');
}

static void collect_type(Collect *collect, const SbColumn *column)
{
    SbType type = column->type;
    buf_printf(&collect->text, "%s:%s", column->name, collect_type_names[type.id]);
    if (type.id == SB_NVARCHAR || type.id == SB_VARBINARY)
        buf_printf(&collect->text, "(%d)", type.max_chars);
    if (type.id == SB_DECIMAL)
        buf_printf(&collect->text, "(%d,%d)", type.precision, type.scale);
    if (type.id == SB_DATETIME2 || type.id == SB_DATETIMEOFFSET)
        buf_printf(&collect->text, "(%d)", type.scale);
    if (!column->is_nullable)
        buf_putc(&collect->text, '!');
}

static bool collect_columns(void *context, const SbColumn *columns, size_t count)
{
    Collect *collect = context;
    collect->columns = columns;
    if (!collect->with_types)
        return true;
    collect_line(collect);
    for (size_t i = 0; i < count; i++) {
        buf_puts(&collect->text, i ? " " : "");
        collect_type(collect, &columns[i]);
    }
    return true;
}

static void collect_value(Collect *collect, const SbValue *value, SbType type)
{
    char text[TIME_TEXT_MAX];
    SbTypeId id = type.id == SB_SQL_VARIANT ? value->held.id : type.id;
    if (value->is_null) {
        buf_puts(&collect->text, "NULL");
        return;
    }
    switch (id) {
    case SB_BIT:
    case SB_TINYINT:
    case SB_SMALLINT:
    case SB_INT:
    case SB_BIGINT:
        buf_printf(&collect->text, "%lld", (long long)value->i64);
        return;
    case SB_FLOAT:
        buf_printf(&collect->text, "%g", value->f64);
        return;
    case SB_DATE:
    case SB_DATETIME:
    case SB_DATETIME2:
    case SB_DATETIMEOFFSET:
        time_local(value->time, text);
        buf_put(&collect->text, text,
                id == SB_DATE             ? 10
                : id == SB_DATETIMEOFFSET ? strlen(text)
                                          : 19);
        return;
    case SB_VARBINARY:
        for (size_t i = 0; i < value->bytes.len; i++)
            buf_printf(&collect->text, "%02X", (unsigned char)value->bytes.at[i]);
        return;
    case SB_DECIMAL:
    case SB_NVARCHAR:
    case SB_UNIQUEIDENTIFIER:
    case SB_SQL_VARIANT:
        buf_put(&collect->text, value->bytes.at, value->bytes.len);
        return;
    }
}

static bool collect_row(void *context, const SbValue *values, size_t count)
{
    Collect *collect = context;
    collect_line(collect);
    for (size_t i = 0; i < count; i++) {
        buf_puts(&collect->text, i ? "|" : "");
        collect_value(collect, &values[i], collect->columns[i].type);
    }
    collect->rows++;
    return !collect->stop_after || collect->rows < collect->stop_after;
}

static bool collect_done(void *context, bool is_select, bool has_count, int64_t count)
{
    Collect *collect = context;
    if (!collect->with_counts)
        return true;
    collect_line(collect);
    buf_printf(&collect->text, "%s %lld", is_select ? "selected" : "changed",
               has_count ? (long long)count : -1);
    return true;
}

static bool collect_error(void *context, int32_t number, int state, int severity, const char *text,
                          const char *procedure, int line)
{
    Collect *collect = context;
    (void)state;
    (void)severity;
    collect_line(collect);
    buf_printf(&collect->text, "error %d", number);
    if (collect->with_texts)
        buf_printf(&collect->text, " line %d%s%s: %s", line, *procedure ? " in " : "", procedure,
                   text);
    return true;
}

static bool collect_info(void *context, int32_t number, int state, int severity, const char *text,
                         int line, bool is_now)
{
    Collect *collect = context;
    (void)state;
    (void)severity;
    (void)line;
    if (strncmp(text, "sandbox: ", 9) == 0) // the reason of a refusal
        return true;
    collect_line(collect);
    buf_printf(&collect->text, "info %d%s: %s", number, is_now ? ", now" : "", text);
    return true;
}

static bool collect_database(void *context, const char *name)
{
    Collect *collect = context;
    collect_line(collect);
    buf_printf(&collect->text, "database %s", name);
    return true;
}

static bool collect_transaction(void *context, int kind, uint64_t id)
{
    Collect *collect = context;
    (void)id;
    if (!collect->with_counts)
        return true;
    collect_line(collect);
    buf_printf(&collect->text, "transaction %d", kind);
    return true;
}

static SbSink collect_sink(Collect *collect)
{
    return (SbSink){collect,       collect_columns, collect_row,      collect_done,
                    collect_error, collect_info,    collect_database, collect_transaction};
}

/* What the batch says; the text lives in collect. */
static const char *collect_run(Session *session, Collect *collect, const char *batch)
{
    SbSink sink = collect_sink(collect);
    collect->text.cap = 1 << 20;
    buf_reset(&collect->text);
    collect->rows = 0;
    (void)session_run(session, str_of(batch), NULL, 0, &sink);
    return buf_text(&collect->text);
}

/* One of each flavor, opened when first asked for, closed by close_engines. */
static Engine *collect_engines[3];

static Engine *engine_of(Flavor flavor)
{
    Err err = {0};
    const Instant now = {.ticks = TICKS_UNIX_EPOCH + INT64_C(1780000000) * TICKS_PER_SECOND,
                         .is_set = true};
    const EngineOptions options = {.flavor = flavor, .now = now};
    if (!collect_engines[flavor] && engine_open(&options, &collect_engines[flavor], &err) != RC_OK)
        fail_msg("%s", err.text);
    return collect_engines[flavor];
}

__attribute__((unused)) static int close_engines(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        engine_close(collect_engines[i]);
        collect_engines[i] = NULL;
    }
    return 0;
}

typedef struct Case {
    const char *batch, *said;
} Case;

static void check_cases(Session *session, const Case *cases, size_t count)
{
    Collect collect = {0};
    int wrong = 0;
    for (size_t i = 0; i < count; i++) {
        const char *said = collect_run(session, &collect, cases[i].batch);
        if (strcmp(said, cases[i].said) == 0)
            continue;
        wrong++;
        print_error("batch:    %s\nexpected: %s\nsaid:     %s\n", cases[i].batch, cases[i].said,
                    said);
    }
    buf_done(&collect.text);
    assert_int_equal(wrong, 0);
}

/* Runs the cases in a session of its own. */
__attribute__((unused)) static void check(Flavor flavor, const char *login, const Case *cases,
                                          size_t count)
{
    Session *session = session_open(engine_of(flavor), login, "test");
    assert_non_null(session);
    check_cases(session, cases, count);
    session_close(session);
}

#define CHECK(cases) check(FLAVOR_AZURE, "sa", (cases), ARRAY_LEN(cases))

#endif
