/* What dump_tsql prints loads into the engine again, and comes out the same. */
#include "../../../src/sandbox/data/generate.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/str.h"

#include "test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- engines and dumps ----------------------------------------------------------------------- */

static GenerateOptions usual(int64_t executions)
{
    GenerateOptions options = {.seed = 21, .days = 10, .executions = executions, .failures = -1};
    Err err = {0};

    assert_int_equal(time_parse("2026-11-22T03:04:05Z", (Instant){0}, &options.now, &err), RC_OK);
    return options;
}

static Engine *empty_engine(Flavor flavor)
{
    GenerateOptions options = usual(0);
    EngineOptions wanted = {.flavor = flavor, .now = options.now};
    Engine *engine = NULL;
    Err err = {0};

    if (engine_open(&wanted, &engine, &err) != RC_OK)
        fail_msg("%s", err.text);
    return engine;
}

static Engine *filled_engine(Flavor flavor, int64_t executions)
{
    Engine *engine = empty_engine(flavor);
    GenerateOptions options = usual(executions);
    Err err = {0};

    if (generate(engine, &options, NULL, &err) != RC_OK)
        fail_msg("%s", err.text);
    return engine;
}

static void engine_close_at(Engine **engine)
{
    engine_close(*engine);
}

static char *dumped(Engine *engine)
{
    char *text = NULL;
    size_t len = 0;
    Err err = {0};
    FILE *out = open_memstream(&text, &len);

    assert_non_null(out);
    if (dump_tsql(engine, false, out, &err) != RC_OK)
        fail_msg("%s", err.text);
    fclose(out);
    return text;
}

/* ---- running batches ------------------------------------------------------------------------- */

static bool ignore_columns(void *context, const SbColumn *columns, size_t count)
{
    (void)context, (void)columns, (void)count;
    return true;
}

static bool ignore_row(void *context, const SbValue *values, size_t count)
{
    (void)context, (void)values, (void)count;
    return true;
}

static bool ignore_done(void *context, bool is_select, bool has_count, int64_t count)
{
    (void)context, (void)is_select, (void)has_count, (void)count;
    return true;
}

static bool fail_on_error(void *context, int32_t number, int state, int severity, const char *text,
                          const char *procedure, int line)
{
    const Str *batch = context;

    (void)state, (void)severity, (void)procedure;
    fail_msg("error %d, line %d: %s in: %.*s", number, line, text,
             (int)(batch->len < 300 ? batch->len : 300), batch->at);
    return false;
}

static bool ignore_info(void *context, int32_t number, int state, int severity, const char *text,
                        int line, bool is_now)
{
    (void)context, (void)number, (void)state, (void)severity, (void)text, (void)line, (void)is_now;
    return true;
}

static bool ignore_database(void *context, const char *name)
{
    (void)context, (void)name;
    return true;
}

static bool ignore_transaction(void *context, int kind, uint64_t id)
{
    (void)context, (void)kind, (void)id;
    return true;
}

static void run(Session *session, Str batch)
{
    SbSink sink = {.context = &batch,
                   .columns = ignore_columns,
                   .row = ignore_row,
                   .done = ignore_done,
                   .error = fail_on_error,
                   .info = ignore_info,
                   .database = ignore_database,
                   .transaction = ignore_transaction};

    assert_true(session_run(session, batch, NULL, 0, &sink));
}

/* Calls back for each batch between lines that say GO. */
static size_t each_batch(const char *dump, void (*call)(size_t index, Str batch, void *context),
                         void *context)
{
    Str rest = str_of(dump), line;
    const char *start = dump;
    size_t count = 0;

    while (rest.len > 0 && str_split(&rest, '\n', &line)) {
        if (!str_equal(line, str_of("GO")))
            continue;
        call(count++, (Str){start, (size_t)(line.at - start)}, context);
        start = line.at + 3;
    }
    return count;
}

typedef struct Load {
    Session *session;
    size_t skip; // batches of the schema, which every engine has already
} Load;

static void load_batch(size_t index, Str batch, void *context)
{
    Load *load = context;

    if (index >= load->skip)
        run(load->session, batch);
}

static void load(Engine *engine, const char *dump)
{
    Load state = {.session = session_open(engine, "sa", "test_dump")};

    (void)engine_schema(engine, &state.skip);
    assert_non_null(state.session);
    assert_true(each_batch(dump, load_batch, &state) > state.skip);
    session_close(state.session);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void round_trip(Flavor flavor)
{
    AUTO(engine_close_at) Engine *first = filled_engine(flavor, 300);
    AUTO(engine_close_at) Engine *second = empty_engine(flavor);
    AUTO(mem_free_at) char *dump = dumped(first);
    AUTO(mem_free_at) char *again = NULL;

    load(second, dump);
    again = dumped(second);
    for (size_t i = 0; dump[i] || again[i]; i++)
        if (dump[i] != again[i])
            fail_msg("differ at %zu:\n%.200s\n--- and\n%.200s", i, dump + i, again + i);
}

static void test_dump__azure_loads_and_dumps_the_same(void **state)
{
    (void)state;
    round_trip(FLAVOR_AZURE);
}

static void test_dump__sql2019_loads_and_dumps_the_same(void **state)
{
    (void)state;
    round_trip(FLAVOR_SQL2019);
}

static void test_dump__sql2012_loads_and_dumps_the_same(void **state)
{
    (void)state;
    round_trip(FLAVOR_SQL2012);
}

static void check_size(size_t index, Str batch, void *context)
{
    size_t rows = 0, *longest = context;

    (void)index;
    for (size_t i = 0; i + 2 < batch.len; i++)
        rows += batch.at[i] == '\n' && batch.at[i + 1] == '(';
    assert_in_range(rows, 0, 1000);
    *longest = batch.len > *longest ? batch.len : *longest;
}

static void test_dump__batches_stay_small(void **state)
{
    AUTO(engine_close_at) Engine *engine = filled_engine(FLAVOR_AZURE, 300);
    AUTO(mem_free_at) char *dump = dumped(engine);
    size_t longest = 0;
    (void)state;

    (void)each_batch(dump, check_size, &longest);
    assert_in_range(longest, 100 * 1024, 3 * 1024 * 1024); // one message has two megabytes
}

static void add_message(sqlite3 *store, const char *text, int len)
{
    sqlite3_stmt *insert;

    assert_int_equal(
        sqlite3_exec(store,
                     "INSERT INTO \"internal.operations\" (operation_id, operation_type, "
                     "status, caller_sid, caller_name) VALUES (5, 1, 7, x'01', 'me')",
                     NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(store,
                           "INSERT INTO \"internal.operation_messages\" (operation_message_id, "
                           "operation_id, message_time, message_type, message) "
                           "VALUES (1, 5, ?1, 120, ?2)",
                           -1, &insert, NULL),
        SQLITE_OK);
    Instant at = {
        .ticks = TICKS_UNIX_EPOCH + 15 * TICKS_PER_MS, .offset_minutes = -90, .is_set = true};
    sqlite3_bind_int64(insert, 1, time_pack(at));
    sqlite3_bind_text(insert, 2, text, len, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
    sqlite3_finalize(insert);
}

static void test_dump__odd_text_is_a_plain_literal(void **state)
{
    static const char text[] = "it's\r\nGO\n\x1b[0m \xf0\x9f\x94\xa5 \xed\xa0\xbd \xff end";
    AUTO(engine_close_at) Engine *engine = empty_engine(FLAVOR_SQL2012);
    AUTO(mem_free_at) char *dump = NULL;
    (void)state;

    add_message(engine_store(engine), text, (int)sizeof text - 1);
    dump = dumped(engine);
    assert_contains(
        dump, "(1, 5, '1969-12-31T22:30:00.0150000-01:30', 120, NULL, "
              "N'it''s' + NCHAR(13) + N'' + NCHAR(10) + N'GO' + NCHAR(10) + N'' + NCHAR(27) + "
              "N'[0m \xf0\x9f\x94\xa5 ' + NCHAR(55357) + N' \xef\xbf\xbd end', NULL)");
}

static void test_dump__many_lines_keep_their_breaks_but_no_line_says_go(void **state)
{
    AUTO(engine_close_at) Engine *engine = empty_engine(FLAVOR_SQL2012);
    AUTO(mem_free_at) char *dump = NULL;
    char text[2000];
    size_t len = 0;
    (void)state;

    for (int i = 0; i < 120; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, i == 60 ? "go\n" : "row %d\n", i);
    add_message(engine_store(engine), text, (int)len);
    dump = dumped(engine);
    assert_contains(dump, "row 58\nrow 59' + NCHAR(10) + N'go\nrow 61\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dump__azure_loads_and_dumps_the_same),
        cmocka_unit_test(test_dump__sql2019_loads_and_dumps_the_same),
        cmocka_unit_test(test_dump__sql2012_loads_and_dumps_the_same),
        cmocka_unit_test(test_dump__batches_stay_small),
        cmocka_unit_test(test_dump__odd_text_is_a_plain_literal),
        cmocka_unit_test(test_dump__many_lines_keep_their_breaks_but_no_line_says_go),
    };

    return cmocka_run_group_tests_name("sandbox/dump", tests, NULL, NULL);
}
