/* The generated history against the real engine: right by its own truth, the same each time. */
#include "../../../src/sandbox/data/generate.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/base/mem.h"

#include "../../../src/sandbox/data/chain.h"

#include "test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static const Flavor flavors[] = {FLAVOR_AZURE, FLAVOR_SQL2019, FLAVOR_SQL2012};

static GenerateOptions usual(uint64_t seed, int64_t executions)
{
    GenerateOptions options = {.seed = seed, .days = 30, .executions = executions, .failures = -1};
    Err err = {0};

    assert_int_equal(time_parse("2026-11-22T03:04:05Z", (Instant){0}, &options.now, &err), RC_OK);
    return options;
}

typedef struct Made {
    Engine *engine;
    char *truth;
    size_t truth_len;
} Made;

static void made_done(Made *made)
{
    engine_close(made->engine);
    free(made->truth);
}

static Made make(Flavor flavor, const GenerateOptions *options)
{
    Made made = {0};
    Err err = {0};
    EngineOptions engine = {.flavor = flavor, .now = options->now};
    FILE *truth = open_memstream(&made.truth, &made.truth_len);

    assert_non_null(truth);
    if (engine_open(&engine, &made.engine, &err) != RC_OK ||
        generate(made.engine, options, truth, &err) != RC_OK)
        fail_msg("%s", err.text);
    fclose(truth);
    return made;
}

/* ---- asking SQLite --------------------------------------------------------------------------- */

static int64_t ask(sqlite3 *store, const char *sql, const char *argument)
{
    sqlite3_stmt *query;
    int64_t answer;

    if (sqlite3_prepare_v2(store, sql, -1, &query, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sqlite3_errmsg(store), sql);
    if (argument)
        sqlite3_bind_text(query, 1, argument, -1, SQLITE_STATIC);
    answer = sqlite3_step(query) == SQLITE_ROW ? sqlite3_column_int64(query, 0) : -1;
    sqlite3_finalize(query);
    return answer;
}

static int64_t broken_keys(sqlite3 *store)
{
    return ask(store, "SELECT COUNT(*) FROM pragma_foreign_key_check", NULL);
}

static void hash_table(sqlite3 *store, const char *table, uint64_t *hash)
{
    AUTO(buf_done) Buf sql = BUF(300);
    sqlite3_stmt *query;

    buf_printf(&sql, "SELECT * FROM \"%s\" ORDER BY rowid", table);
    assert_int_equal(sqlite3_prepare_v2(store, buf_text(&sql), -1, &query, NULL), SQLITE_OK);
    while (sqlite3_step(query) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(query); i++) {
            const void *bytes = sqlite3_column_blob(query, i);
            *hash = str_hash(*hash, bytes ? bytes : "-",
                             bytes ? (size_t)sqlite3_column_bytes(query, i) : 1);
        }
    sqlite3_finalize(query);
}

static uint64_t hash_all(sqlite3 *store)
{
    uint64_t hash = STR_HASH_SEED;
    sqlite3_stmt *tables;

    assert_int_equal(sqlite3_prepare_v2(store,
                                        "SELECT name FROM sqlite_master WHERE type = 'table' AND "
                                        "name LIKE 'internal.%' ORDER BY name",
                                        -1, &tables, NULL),
                     SQLITE_OK);
    while (sqlite3_step(tables) == SQLITE_ROW)
        hash_table(store, (const char *)sqlite3_column_text(tables, 0), &hash);
    sqlite3_finalize(tables);
    return hash;
}

/* ---- the same each time ---------------------------------------------------------------------- */

static void test_generate__same_options_same_rows(void **state)
{
    GenerateOptions options = usual(11, 300), other = usual(12, 300);
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(flavors); i++) {
        AUTO(made_done)
        Made first = make(flavors[i], &options), second = make(flavors[i], &options),
             third = make(flavors[i], &other);
        assert_string_equal(first.truth, second.truth);
        assert_true(hash_all(engine_store(first.engine)) == hash_all(engine_store(second.engine)));
        assert_true(hash_all(engine_store(first.engine)) != hash_all(engine_store(third.engine)));
    }
}

/* ---- whole ----------------------------------------------------------------------------------- */

static void check_times(sqlite3 *store)
{
    assert_int_equal(ask(store,
                         "SELECT COUNT(*) FROM \"internal.operations\" WHERE end_time >> 7 < "
                         "start_time >> 7 OR start_time >> 7 < created_time >> 7",
                         NULL),
                     0);
    assert_int_equal(ask(store,
                         "SELECT COUNT(*) FROM \"internal.operation_messages\" AS m JOIN "
                         "\"internal.operations\" AS o USING (operation_id) "
                         "WHERE m.message_time >> 7 < o.created_time >> 7 OR m.message_time >> 7 > "
                         "(o.end_time >> 7) + 10000",
                         NULL),
                     0);
}

static void test_generate__every_size_is_whole(void **state)
{
    static const int64_t sizes[] = {0, 1, 7, 50, 300, 2000};
    (void)state;

    for (size_t f = 0; f < ARRAY_LEN(flavors); f++) {
        for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
            GenerateOptions options = usual(i + 1, sizes[i]);
            AUTO(made_done) Made made = make(flavors[f], &options);
            sqlite3 *store = engine_store(made.engine);
            assert_int_equal(broken_keys(store), 0);
            assert_int_equal(ask(store, "SELECT COUNT(*) FROM \"internal.executions\"", NULL),
                             sizes[i]);
            assert_int_equal(ask(store, "SELECT json_valid(?)", made.truth), 1);
            assert_int_equal(ask(store, "SELECT json_extract(?, '$.execution_count')", made.truth),
                             sizes[i]);
            check_times(store);
        }
    }
}

static void test_generate__a_day_is_enough(void **state)
{
    (void)state;

    for (size_t f = 0; f < ARRAY_LEN(flavors); f++) {
        GenerateOptions options = usual(3, 1000);
        options.days = 1;
        AUTO(made_done) Made made = make(flavors[f], &options);
        assert_int_equal(broken_keys(engine_store(made.engine)), 0);
        check_times(engine_store(made.engine));
        assert_int_equal(ask(engine_store(made.engine),
                             "SELECT COUNT(*) FROM \"internal.operations\" WHERE created_time >> 7 "
                             "> (SELECT MAX(end_time >> 7) FROM "
                             "\"internal.operations\") + 600000000",
                             NULL),
                         0);
    }
}

static void test_generate__impossible_options_are_refused(void **state)
{
    GenerateOptions options = usual(1, 10);
    AUTO(made_done) Made made = make(FLAVOR_AZURE, &options);
    Err err = {0};
    (void)state;

    options.days = 0;
    assert_fails(generate(made.engine, &options, NULL, &err), RC_USAGE, &err,
                 "a history of '0' days cannot be made: 1 to 3650");
    options = usual(1, -1);
    assert_fails(generate(made.engine, &options, NULL, &err), RC_USAGE, &err,
                 "'-1' executions cannot be made: 0 to 10000000");
}

/* ---- what is in it --------------------------------------------------------------------------- */

static int64_t per_execution(sqlite3 *store, const char *table, int64_t executions)
{
    AUTO(buf_done) Buf sql = BUF(300);

    buf_printf(&sql, "SELECT COUNT(*) FROM \"%s\"", table);
    return ask(store, buf_text(&sql), NULL) * 10 / executions; // tenths
}

static void test_generate__ratios_are_those_of_a_server(void **state)
{
    GenerateOptions options = usual(2, 2000);
    AUTO(made_done)
    Made azure = make(FLAVOR_AZURE, &options), local = make(FLAVOR_SQL2012, &options);
    sqlite3 *store = engine_store(local.engine);
    (void)state;

    assert_in_range(per_execution(store, "internal.operation_messages", 2000), 80, 140);
    assert_in_range(per_execution(store, "internal.event_messages", 2000), 80, 140);
    assert_in_range(per_execution(store, "internal.operation_permissions", 2000), 30, 32);
    assert_in_range(per_execution(store, "internal.execution_parameter_values", 2000), 60, 90);
    assert_in_range(per_execution(store, "internal.executable_statistics", 2000), 30, 60);
    assert_in_range(
        per_execution(engine_store(azure.engine), "internal.operation_messages_scaleout", 2000), 80,
        140);
    assert_in_range(
        ask(engine_store(azure.engine), "SELECT COUNT(*) FROM \"internal.event_messages\"", NULL),
        0, 5);
}

static void test_generate__messages_as_asked(void **state)
{
    GenerateOptions options = usual(4, 200);
    (void)state;

    options.messages_per_execution = 100;
    AUTO(made_done) Made made = make(FLAVOR_SQL2019, &options);
    int64_t messages = per_execution(engine_store(made.engine), "internal.operation_messages", 200);
    assert_in_range(messages, 850, 1060);
}

static void check_planted(sqlite3 *store, const char *truth)
{
    AUTO(buf_done) Buf sql = BUF(1000);

    for (size_t i = 0; i < chains_failures.count; i++) {
        const Chain *chain = &chains_failures.chains[i];
        if (chain->class_ != CHAIN_CAUSE)
            continue;
        buf_reset(&sql);
        buf_printf(&sql,
                   "SELECT COUNT(*) FROM json_each(?, '$.executions') WHERE json_extract(value, "
                   "'$.cause') = '%s'",
                   chain->cause);
        if (ask(store, buf_text(&sql), truth) < 1)
            fail_msg("'%s' was not planted", chain->cause);
    }
}

static void test_generate__every_cause_is_planted(void **state)
{
    GenerateOptions options = usual(5, 2000);
    (void)state;

    for (size_t f = 0; f < ARRAY_LEN(flavors); f++) {
        AUTO(made_done) Made made = make(flavors[f], &options);
        sqlite3 *store = engine_store(made.engine);
        check_planted(store, made.truth);
        assert_in_range(ask(store,
                            "SELECT COUNT(*) FROM json_each(?, '$.executions') WHERE "
                            "json_extract(value, '$.kind') = 'unknown'",
                            made.truth),
                        8, 80);
        assert_in_range(ask(store,
                            "SELECT COUNT(*) FROM json_each(?, '$.executions') WHERE "
                            "json_extract(value, '$.kind') = 'wrappers'",
                            made.truth),
                        2, 40);
        assert_in_range(ask(store,
                            "SELECT COUNT(*) FROM json_each(?, '$.executions') WHERE "
                            "json_extract(value, '$.kind') = 'silent'",
                            made.truth),
                        2, 40);
        assert_in_range(ask(store,
                            "SELECT COUNT(*) FROM json_each(?, '$.executions') WHERE "
                            "json_extract(value, '$.kind') = 'cancelled'",
                            made.truth),
                        5, 60);
    }
}

/* The truth's decisive message is in the log, where its execution is. */
static void test_generate__decisive_messages_are_logged(void **state)
{
    static const char query[] =
        "SELECT COUNT(*) FROM json_each(?, '$.executions') AS t WHERE json_extract(t.value, "
        "'$.decisive_bytes') BETWEEN 1 AND 4000 "
        "AND json_extract(t.value, '$.decisive') NOT LIKE '%\xef\xbf\xbd%' AND NOT EXISTS (SELECT "
        "1 FROM \"internal.operation_messages\" AS m "
        "WHERE m.operation_id = json_extract(t.value, '$.id') AND m.message = "
        "json_extract(t.value, '$.decisive'))";
    GenerateOptions options = usual(6, 2000);
    AUTO(made_done) Made made = make(FLAVOR_SQL2012, &options);
    (void)state;

    assert_int_equal(ask(engine_store(made.engine), query, made.truth), 0);
}

static void test_generate__statuses_agree_with_the_truth(void **state)
{
    static const char query[] =
        "SELECT COUNT(*) FROM json_each(?, '$.executions') AS t JOIN \"internal.operations\" AS o "
        "ON o.operation_id = "
        "json_extract(t.value, '$.id') WHERE o.status = json_extract(t.value, '$.status')";
    GenerateOptions options = usual(6, 2000);
    AUTO(made_done) Made made = make(FLAVOR_AZURE, &options);
    sqlite3 *store = engine_store(made.engine);
    int64_t failed =
        ask(store,
            "SELECT COUNT(*) FROM \"internal.operations\" JOIN \"internal.executions\" ON "
            "operation_id = execution_id WHERE status IN (3, 4, 6)",
            NULL);
    (void)state;

    assert_int_equal(ask(store, query, made.truth), failed);
    assert_int_equal(ask(store, "SELECT json_array_length(?, '$.executions')", made.truth), failed);
    assert_in_range(failed, 180, 300);
}

static void test_generate__odd_text_is_there(void **state)
{
    GenerateOptions options = usual(7, 2000);
    AUTO(made_done) Made made = make(FLAVOR_SQL2012, &options);
    sqlite3 *store = engine_store(made.engine);
    (void)state;

    assert_true(
        ask(store, "SELECT MAX(length(CAST(message AS blob))) FROM \"internal.operation_messages\"",
            NULL) > 2000000);
    assert_true(ask(store,
                    "SELECT COUNT(*) FROM \"internal.operation_messages\" WHERE instr(CAST(message "
                    "AS blob), x'EDA0BD')",
                    NULL) > 0);
    assert_true(ask(store,
                    "SELECT COUNT(*) FROM \"internal.operation_messages\" WHERE instr(CAST(message "
                    "AS blob), x'F09F94A5')",
                    NULL) > 0);
    assert_true(ask(store,
                    "SELECT COUNT(*) FROM \"internal.operation_messages\" WHERE instr(CAST(message "
                    "AS blob), x'1B5B')",
                    NULL) > 0);
    assert_true(ask(store,
                    "SELECT COUNT(*) FROM \"internal.operation_messages\" WHERE message IS NULL",
                    NULL) > 0);
}

/* ---- plants ---------------------------------------------------------------------------------- */

static int64_t truth_count(const Made *made, const char *path)
{
    AUTO(buf_done) Buf sql = BUF(200);

    buf_printf(&sql, "SELECT json_array_length(?, '%s')", path);
    return ask(engine_store(made->engine), buf_text(&sql), made->truth);
}

static void test_generate__verdicts_are_planted(void **state)
{
    static const char *const verdicts[] = {"double-trigger",       "overlap",
                                           "repeat-after-success", "retry-after-failure",
                                           "child-overlap",        "scale-out-retry"};
    (void)state;

    for (size_t f = 0; f < ARRAY_LEN(flavors); f++) {
        GenerateOptions options = usual(8, 2000);
        AUTO(made_done) Made made = make(flavors[f], &options);
        for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
            AUTO(buf_done) Buf sql = BUF(300);
            buf_printf(&sql,
                       "SELECT COUNT(*) FROM json_each(?, '$.duplicates') WHERE "
                       "json_extract(value, '$.verdict') = '%s'",
                       verdicts[i]);
            bool possible = i < 5 || flavors[f] != FLAVOR_SQL2012;
            assert_int_equal(ask(engine_store(made.engine), buf_text(&sql), made.truth) > 0,
                             possible);
        }
        assert_true(truth_count(&made, "$.not_duplicates") >= 3);
        assert_int_equal(truth_count(&made, "$.zombies"), 4);
        assert_int_equal(truth_count(&made, "$.slow"), 2);
        assert_int_equal(truth_count(&made, "$.waits.saturated"),
                         flavors[f] == FLAVOR_AZURE ? 2 : 0);
    }
}

static void test_generate__plants_may_be_left_out(void **state)
{
    GenerateOptions options = usual(9, 2000);
    (void)state;

    options.omit_plants = PLANT_DUPLICATES | PLANT_ZOMBIES | PLANT_SLOW | PLANT_WAITS |
                          generate_plant("operations") | generate_plant("purge-failed");
    options.extra_plants = generate_plant("cleanup-disabled");
    AUTO(made_done) Made made = make(FLAVOR_AZURE, &options);
    assert_int_equal(truth_count(&made, "$.duplicates"), 0);
    assert_int_equal(truth_count(&made, "$.zombies"), 0);
    assert_int_equal(truth_count(&made, "$.slow"), 0);
    assert_int_equal(truth_count(&made, "$.waits.saturated"), 0);
    assert_int_equal(truth_count(&made, "$.operations"), 0);
    assert_int_equal(ask(engine_store(made.engine),
                         "SELECT COUNT(*) FROM \"internal.catalog_properties\" WHERE property_name "
                         "= 'OPERATION_CLEANUP_ENABLED' AND property_value = 'FALSE'",
                         NULL),
                     1);
    assert_int_equal(generate_plant("nothing"), 0);
}

static void test_generate__exact_number_of_failures(void **state)
{
    GenerateOptions options = usual(10, 500);
    (void)state;

    options.failures = 10;
    options.omit_plants = PLANT_DUPLICATES | PLANT_BARE;
    AUTO(made_done) Made made = make(FLAVOR_AZURE, &options);
    assert_int_equal(ask(engine_store(made.engine),
                         "SELECT COUNT(*) FROM json_each(?, '$.executions') WHERE "
                         "json_extract(value, '$.status') IN (4, 6)",
                         made.truth),
                     10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_generate__same_options_same_rows),
        cmocka_unit_test(test_generate__every_size_is_whole),
        cmocka_unit_test(test_generate__a_day_is_enough),
        cmocka_unit_test(test_generate__impossible_options_are_refused),
        cmocka_unit_test(test_generate__ratios_are_those_of_a_server),
        cmocka_unit_test(test_generate__messages_as_asked),
        cmocka_unit_test(test_generate__every_cause_is_planted),
        cmocka_unit_test(test_generate__decisive_messages_are_logged),
        cmocka_unit_test(test_generate__statuses_agree_with_the_truth),
        cmocka_unit_test(test_generate__odd_text_is_there),
        cmocka_unit_test(test_generate__verdicts_are_planted),
        cmocka_unit_test(test_generate__plants_may_be_left_out),
        cmocka_unit_test(test_generate__exact_number_of_failures),
    };

    return cmocka_run_group_tests_name("sandbox/generate", tests, NULL, NULL);
}
