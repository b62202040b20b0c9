/* Executions as compact records: signs of work, names, filters. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/ssisdb/runs.h"
#include "ssisminer/ssisdb/workers.h"

#define AT(minute) "2026-03-02 05:" minute ":00.0000000 +00:00"

static Arena arena;
static Runs runs;

static int setup(void **state)
{
    (void)state;
    script_reset();
    script_probe();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    runs_done(&runs);
    arena_done(&arena);
    return 0;
}

static Ssisdb *probe(Tds *tds)
{
    Ssisdb *db = NULL;
    Err err = {0};

    if (ssisdb_probe(tds, &arena, &db, &err) != RC_OK)
        fail_msg("%s", err.text);
    return db;
}

static void script_run(const char *id, const char *status, const char *start, const char *end,
                       const char *executable, const char *message)
{
    SCRIPT_ROW(id, "Sales", "Nightly", "Load.dtsx", NULL, NULL, "etl", "W1", status, AT("00"),
               start, end, executable, message);
}

static void read_runs(void)
{
    static const Instant from = {.is_set = true}, until = {0};
    Tds *tds = script_open();
    Err err = {0};

    if (runs_read(probe(tds), from, until, &runs, &err) != RC_OK)
        fail_msg("%s", err.text);
    script_close(tds);
}

static void test_runs__first_sign_is_the_earlier_of_two(void **state)
{
    (void)state;
    script_begin(SQL_SSISDB_RUNS);
    script_run("1", "7", AT("01"), AT("09"), AT("03"), NULL);
    script_run("2", "2", AT("01"), NULL, AT("05"), AT("04"));
    script_run("3", "2", AT("01"), NULL, NULL, AT("06"));
    script_run("4", "5", AT("01"), NULL, NULL, NULL);
    script_run("5", "1", NULL, NULL, NULL, NULL);
    script_end();
    read_runs();

    static const int64_t waits[] = {2, 3, 5, -1, -1};
    assert_int_equal(runs.count, 5);
    for (size_t i = 0; i < runs.count; i++) {
        int64_t wait = run_wait(&runs.list[i]);
        assert_int_equal(wait < 0 ? wait : wait / (60 * TICKS_PER_SECOND), waits[i]);
    }
    assert_string_equal(run_path(&runs, runs.list[0].key, &arena), "Sales/Nightly/Load.dtsx");
    assert_string_equal(runs_text(&runs, runs.list[0].machine), "W1");
}

static void test_runs__worked_from_the_first_sign_to_the_end(void **state)
{
    const Run done = {.start = 10, .work = 15, .end = 30, .status = STATUS_SUCCEEDED};
    const Run mute = {.start = 10, .end = 30, .status = STATUS_SUCCEEDED};
    const Run live = {.start = 10, .work = 15, .status = STATUS_RUNNING};
    const Run pending = {.start = 10, .status = STATUS_PENDING};
    const Run created = {.created = 10, .status = STATUS_CREATED};
    const Run endless = {.start = 10, .status = STATUS_FAILED};
    int64_t from, to;

    (void)state;
    assert_true(run_worked(&done, 99, &from, &to));
    assert_int_equal(from, 15);
    assert_int_equal(to, 30);
    assert_true(run_worked(&mute, 99, &from, &to));
    assert_int_equal(from, 10);
    assert_true(run_worked(&live, 99, &from, &to));
    assert_int_equal(to, 99);
    assert_false(run_worked(&pending, 99, &from, &to));
    assert_false(run_worked(&created, 99, &from, &to));
    assert_false(run_worked(&endless, 99, &from, &to));
}

static void test_runs__pass_a_filter_by_name_and_caller(void **state)
{
    static const char *const packages[] = {"Load"}, *const callers[] = {"nobody"};
    const ExecutionFilter by_package = {.packages = packages, .package_count = 1};
    const ExecutionFilter by_caller = {.callers = callers, .caller_count = 1};

    (void)state;
    script_begin(SQL_SSISDB_RUNS);
    script_run("1", "7", AT("01"), AT("09"), AT("03"), NULL);
    script_end();
    read_runs();
    assert_true(run_passes(&by_package, &runs, &runs.list[0]));
    assert_false(run_passes(&by_caller, &runs, &runs.list[0]));
}

/* ---- workers --------------------------------------------------------------------------------- */

/* A probe that knows of the view. */
static void script_workers_probe(const char *ssis_admin)
{
    const ScriptServer server = {
        "5", "12.0.2000.8", "2026-03-02 06:00:00.0000000 +00:00", NULL, "0", ssis_admin, "1", "0"};

    script_reset();
    script_server(&server);
    script_begin(SQL_SSISDB_OBJECTS);
    SCRIPT_ROW("catalog", "executions", "execution_id");
    SCRIPT_ROW("catalog", "worker_agents", "WorkerAgentId");
    script_end();
}

static Workers read_workers(void)
{
    Tds *tds = script_open();
    Workers workers;
    Err err = {0};

    if (workers_read(probe(tds), &arena, &workers, &err) != RC_OK)
        fail_msg("%s", err.text);
    script_close(tds);
    return workers;
}

static void test_workers__are_online_when_heard_of(void **state)
{
    const Instant now = {.ticks = TICKS_PER_DAY, .is_set = true};
    const Instant late = {.ticks = now.ticks - 11 * 60 * TICKS_PER_SECOND, .is_set = true};
    const Worker online = {.is_enabled = true, .last_online = now};
    const Worker off = {.last_online = now}, lost = {.is_enabled = true, .last_online = late};

    (void)state;
    assert_true(worker_is_online(&online, now));
    assert_false(worker_is_online(&off, now));
    assert_false(worker_is_online(&lost, now));

    script_workers_probe("1");
    script_begin(SQL_SSISDB_WORKERS);
    SCRIPT_ROW("6F9619FF-8B86-D011-B42D-00C04FC964FF", "1", "wn0", "wn0", AT("59"));
    script_end();
    Workers workers = read_workers();
    assert_true(workers.is_known);
    assert_int_equal(workers.count, 1);
    assert_string_equal(workers.list[0].name, "wn0");
}

static void test_workers__an_empty_view_says_nothing_to_others(void **state)
{
    (void)state;
    script_workers_probe("0");
    script_begin(SQL_SSISDB_WORKERS);
    script_end();
    assert_false(read_workers().is_known);

    script_workers_probe("1");
    script_begin(SQL_SSISDB_WORKERS);
    script_end();
    assert_true(read_workers().is_known);

    script_workers_probe("0");
    script_refuse(SQL_SSISDB_WORKERS, 229, "The SELECT permission was denied");
    assert_false(read_workers().is_known);

    (void)setup(state); // no such view: nothing is sent
    assert_false(read_workers().is_known);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(runs__first_sign_is_the_earlier_of_two),
        CASE(runs__worked_from_the_first_sign_to_the_end),
        CASE(runs__pass_a_filter_by_name_and_caller),
        CASE(workers__are_online_when_heard_of),
        CASE(workers__an_empty_view_says_nothing_to_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
