/* `capacity` against a scripted server: what it asks, and what it makes of the rows. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/capacity/capacity.h"

#define MINUTE (60 * TICKS_PER_SECOND)

static Arena arena;
static Tds *tds;
static Ssisdb *db;
static CapacityQuestion question;

static int setup(void **state)
{
    (void)state;
    question = (CapacityQuestion){.target_wait = 5 * MINUTE};
    script_reset();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* ---- what the server answers ----------------------------------------------------------------- */

static void script_begin_server(const char *edition, const char *scale_out)
{
    const ScriptServer server = {
        edition, "12.0.2000.8", "2026-03-02 06:00:00.0000000 +00:00", "0", "0", "1", "0", "0"};

    script_server(&server);
    script_begin(SQL_SSISDB_OBJECTS);
    SCRIPT_ROW("catalog", "executions", "execution_id");
    SCRIPT_ROW("catalog", "catalog_properties", "property_name");
    SCRIPT_ROW("catalog", "worker_agents", "WorkerAgentId");
    script_end();
    script_begin(SQL_SSISDB_PROPERTIES);
    if (scale_out)
        SCRIPT_ROW("IS_SCALEOUT_ENABLED", scale_out);
    script_end();
}

static const char *at(int hour, int minute)
{
    return arena_printf(&arena, "2026-03-02 %02d:%02d:00.0000000 +00:00", hour, minute);
}

/* Started, began to work and ended at these minutes of the hour; work below 0: no sign. */
static void script_run(int id, const char *status, int hour, int start, int work, int end)
{
    SCRIPT_ROW(arena_printf(&arena, "%d", id), "Sales", "Nightly",
               id % 2 ? "Load.dtsx" : "Copy.dtsx", NULL, NULL, id % 2 ? "etl" : "anna",
               id % 3 ? "wn0" : "wn1", status, at(hour, start), at(hour, start),
               end < 0 ? NULL : at(hour, end), work < 0 ? NULL : at(hour, work), NULL);
}

/* One slot: each waits for the one before it. */
static void script_runs(void)
{
    script_begin(SQL_SSISDB_RUNS);
    script_run(1, "7", 4, 0, 0, 10);
    script_run(2, "7", 4, 0, 10, 20);
    script_run(3, "7", 4, 0, 20, 30);
    script_run(4, "5", 4, 40, -1, -1);
    script_end();
}

static void script_workers(void)
{
    script_begin(SQL_SSISDB_WORKERS);
    SCRIPT_ROW("6F9619FF-8B86-D011-B42D-00C04FC964FF", "1", "wn0", "wn0", at(5, 59));
    SCRIPT_ROW("7F9619FF-8B86-D011-B42D-00C04FC964FF", "1", "wn9", "wn9", at(1, 0));
    script_end();
}

static Capacity *read_capacity(void)
{
    Capacity *capacity = NULL;
    Err err = {0};

    tds = script_open();
    if (ssisdb_probe(tds, &arena, &db, &err) != RC_OK ||
        capacity_read(db, &question, &capacity, &err) != RC_OK)
        fail_msg("%s", err.text);
    return capacity;
}

static void end(Capacity *capacity)
{
    capacity_free(capacity);
    script_close(tds);
}

/* ---- cases ----------------------------------------------------------------------------------- */

static void test_capacity__waits_slots_and_advice(void **state)
{
    (void)state;
    question.per_node = 1;
    script_begin_server("5", NULL);
    script_runs();
    script_workers();
    Capacity *c = read_capacity();

    assert_true(c->has_queue);
    assert_int_equal(c->nodes, 1); // one worker is online
    assert_int_equal(c->nodes_from, NODES_WORKERS);
    assert_int_equal(c->rules.slots, 1);
    assert_int_equal(c->figures.waits.longest, 20 * MINUTE);
    assert_int_equal(c->figures.saturated, 30 * MINUTE);
    assert_int_equal(c->longest_count, 3);
    assert_int_equal(c->longest[0].id, 3);
    assert_int_equal(c->idle_count, 1);
    assert_int_equal(c->idle[0].id, 4);
    assert_int_equal(c->slots_needed, 3); // a wait of ten minutes is too long, too
    assert_int_equal(c->replay_count, 3);
    assert_int_equal(c->replays[0].longest, 20 * MINUTE);
    assert_int_equal(c->replays[2].longest, 0);
    assert_int_equal(c->package_count, 2);
    assert_string_equal(run_path(&c->runs, c->packages[0].key, &arena), "Sales/Nightly/Load.dtsx");
    assert_int_equal(c->packages[0].waits.p95, 20 * MINUTE);
    assert_true(capacity_is_short(c, &question));
    end(c);
}

static void test_capacity__filters_lists_alone(void **state)
{
    static const char *const packages[] = {"Copy"};

    (void)state;
    question.filter = (ExecutionFilter){.packages = packages, .package_count = 1};
    question.nodes = 3;
    question.per_node = 2;
    script_begin_server("5", NULL);
    script_runs();
    script_workers();
    Capacity *c = read_capacity();
    assert_int_equal(c->nodes_from, NODES_GIVEN);
    assert_int_equal(c->rules.slots, 6);
    assert_int_equal(c->figures.started, 4);
    assert_int_equal(c->package_count, 1);
    assert_int_equal(c->packages[0].started, 2);
    assert_int_equal(c->longest_count, 1);
    assert_int_equal(c->longest[0].id, 2);
    end(c);
}

static void test_capacity__a_server_without_a_queue(void **state)
{
    (void)state;
    question.per_node = 4;
    script_begin_server("3", "False");
    script_runs();
    script_workers();
    Capacity *c = read_capacity();
    assert_false(c->has_queue);
    assert_int_equal(c->rules.slots, 0);
    assert_int_equal(c->longest_count, 0);
    assert_int_equal(c->replay_count, 0);
    assert_int_equal(c->figures.peak, 1);
    end(c);

    (void)setup(state);
    script_begin_server("3", "True"); // Scale Out has one
    script_runs();
    script_workers();
    c = read_capacity();
    assert_true(c->has_queue);
    end(c);
}

static void test_capacity__nothing_ran(void **state)
{
    (void)state;
    script_begin_server("5", NULL);
    script_begin(SQL_SSISDB_RUNS);
    script_end();
    script_begin(SQL_SSISDB_WORKERS);
    script_end();
    Capacity *c = read_capacity();
    assert_int_equal(c->figures.started, 0);
    assert_int_equal(c->nodes_from, NODES_UNKNOWN);
    assert_int_equal(c->slots_needed, 0);
    assert_false(capacity_is_short(c, &question));
    end(c);
}

/* Fails at every call of it in turn; the calls of opening and probing come first and pass. */
static void test_capacity__torture(void **state)
{
    size_t failed = 0;

    for (size_t call = 0;; call++) {
        Capacity *capacity = NULL;
        Err err = {0};
        (void)setup(state);
        script_begin_server("5", NULL);
        script_runs();
        script_workers();
        tds = script_open();
        assert_int_equal(ssisdb_probe(tds, &arena, &db, &err), RC_OK);
        fake_driver_fail_at(call);
        Rc rc = capacity_read(db, &question, &capacity, &err);
        bool did_fail = fake_driver_did_fail();
        assert_true(did_fail ? rc != RC_OK && !capacity : rc == RC_OK && capacity);
        capacity_free(capacity);
        tds_close(tds);
        fake_driver_assert_no_leak();
        arena_reset(&arena);
        failed += did_fail;
        if (failed > 0 && !did_fail)
            break;
    }
    assert_true(failed > 30);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(capacity__waits_slots_and_advice),
        CASE(capacity__filters_lists_alone),
        CASE(capacity__a_server_without_a_queue),
        CASE(capacity__nothing_ran),
        CASE(capacity__torture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
