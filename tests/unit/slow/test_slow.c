/* `slow` against a scripted server: what it asks, and what it makes of the rows. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/slow/slow.h"

#include "../../../src/slow/own_time.h"

#include <stdio.h>
#include <stdlib.h>

#define HOUR (TICKS_PER_DAY / 24)

static Arena arena;

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
    arena_done(&arena);
    return 0;
}

/* ---- own time -------------------------------------------------------------------------------- */

static Timed timed(const char *path, int64_t start, int64_t end)
{
    return (Timed){.path = str_of(path), .start = start, .end = end};
}

static int64_t own_of(const Timed *list, size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal_fold(list[i].path, str_of(path)))
            return list[i].own;
    return -1;
}

static void test_own_time__is_what_no_child_covers(void **state)
{
    Timed list[] = {
        timed("\\P", 0, 100),          timed("\\P\\A", 10, 40),
        timed("\\P\\B", 30, 60),                                   // beside A
        timed("\\P\\C", 60, 90),       timed("\\P\\C\\D", 55, 80), // times may stick out
        timed("\\P\\C\\D\\E", 60, 61), timed("\\PX", 0, 100),      // no child of P
        timed("\\P\\F", 95, 130),                                  // outlives P
    };
    const size_t n = ARRAY_LEN(list);

    (void)state;
    own_time(list, n);
    assert_int_equal(own_of(list, n, "\\P"), 15);
    assert_int_equal(own_of(list, n, "\\P\\F"), 35);
    assert_int_equal(own_of(list, n, "\\P\\A"), 30);
    assert_int_equal(own_of(list, n, "\\P\\B"), 30);
    assert_int_equal(own_of(list, n, "\\P\\C"), 10);
    assert_int_equal(own_of(list, n, "\\P\\C\\D"), 24);
    assert_int_equal(own_of(list, n, "\\P\\C\\D\\E"), 1);
    assert_int_equal(own_of(list, n, "\\PX"), 100);
}

static void test_own_time__rounds_of_a_loop_are_below_it(void **state)
{
    Timed list[] = {
        timed("\\P", 0, 100),
        timed("\\P\\Loop", 10, 90),
        timed("\\P\\Loop[1]\\Inner", 10, 40),
        timed("\\P\\Loop[1]\\Inner[1]\\T", 15, 20),
        timed("\\P\\Loop[1]\\Inner[2]\\T", 20, 30),
        timed("\\P\\Loop[2]\\Inner", 40, 80),
        timed("\\P\\Loop[2]\\Inner[1]\\T", 40, 80),
    };
    const size_t n = ARRAY_LEN(list);

    (void)state;
    own_time(list, n);
    assert_int_equal(own_of(list, n, "\\P"), 20);
    assert_int_equal(own_of(list, n, "\\P\\Loop"), 10);
    assert_int_equal(own_of(list, n, "\\P\\Loop[1]\\Inner"), 15);
    assert_int_equal(own_of(list, n, "\\P\\Loop[2]\\Inner"), 0);
}

static void assert_path(const char *path, const char *without)
{
    Str found = own_time_path(str_of(path), &arena);

    assert_string_equal(found.at, without);
    assert_int_equal(found.len, strlen(without));
}

static void test_own_time__paths_without_rounds(void **state)
{
    (void)state;
    assert_path("\\P\\Loop[12]\\Inner[3]\\T", "\\P\\Loop\\Inner\\T");
    assert_path("\\P\\Loop[1]", "\\P\\Loop");
    assert_path("\\P\\Load [old]\\x[]", "\\P\\Load [old]\\x[]"); // a name, no round
    assert_path("P", "P");
    assert_path("[1]", "");
    assert_path("", "");
}

/* ---- reading --------------------------------------------------------------------------------- */

static const char *hour(int h, int minute)
{
    return arena_printf(&arena, "2026-03-01 %02d:%02d:00.0000000 +00:00", h, minute);
}

static void script_run(int id, int h, int minutes)
{
    const char *start = hour(h, 0), *end = hour(h, minutes);

    SCRIPT_ROW(arena_printf(&arena, "%d", id), "Sales", "Nightly", "Load.dtsx", NULL, NULL, "etl",
               "W1", "7", start, start, end, start, NULL);
}

/* Ten minutes each hour, and once forty. */
static void script_runs(void)
{
    script_begin(SQL_SSISDB_RUNS);
    for (int i = 0; i < 6; i++)
        script_run(11 + i, i, 10);
    script_run(17, 12, 40);
    script_end();
}

static void script_executable(int id, int h, const char *name, const char *path, int from, int to)
{
    SCRIPT_ROW(arena_printf(&arena, "%d", id), "Load.dtsx", name, hour(h, from), hour(h, to), path);
}

static void script_tasks(void)
{
    script_begin_with(SQL_SLOW_EXECUTABLES,
                      "NVARCHAR(MAX) 00000000000000000110000000000000000012000000000000000001300000"
                      "0000000000001400000000000000000150000000000000000016"
                      "0000000000000000017|BIGINT 7");
    for (int i = 0; i < 6; i++) {
        script_executable(11 + i, i, "Load", "\\Load", 0, 10);
        script_executable(11 + i, i, "Copy", "\\Load\\Copy", 1, 9);
    }
    script_executable(17, 12, "Load", "\\Load", 0, 40);
    script_executable(17, 12, "Copy", "\\Load\\Copy", 1, 10);
    script_executable(17, 12, "Wait", "\\Load\\Wait", 10, 39);
    SCRIPT_ROW("17", "Load.dtsx", "Late", hour(12, 39), NULL, "\\Load\\Late"); // not over
    script_end();
}

static Slow *read_slow(Tds *tds)
{
    static const SlowQuestion question = {
        .since = {.ticks = 0, .is_set = true}, .slower_percent = 50, .least_runs = 5};
    Slow *slow = NULL;
    Ssisdb *db = NULL;
    Err err = {0};

    if (ssisdb_probe(tds, &arena, &db, &err) != RC_OK ||
        slow_read(db, &question, &slow, &err) != RC_OK)
        fail_msg("%s", err.text);
    return slow;
}

static void test_slow__tasks_phases_and_paths_beside_the_usual(void **state)
{
    (void)state;
    script_runs();
    script_tasks();
    script_begin(SQL_SLOW_PHASES);
    SCRIPT_ROW("16", "Copy", "Source", "PrimeOutput", "1000");
    SCRIPT_ROW("17", "Copy", "Source", "PrimeOutput", "3000");
    SCRIPT_ROW("17", "Copy", "Source", "PrimeOutput", "500"); // of another round
    script_end();
    script_begin(SQL_SLOW_ROWS_SENT);
    SCRIPT_ROW("17", "Copy", "Source", "Target", "25000");
    script_end();
    Tds *tds = script_open();
    Slow *slow = read_slow(tds);

    assert_int_equal(slow->figures.count, 1);
    assert_int_equal(slow->detail_count, 1);
    const SlowDetail *detail = &slow->details[0];
    assert_int_equal(detail->tasks.count, 3);
    assert_string_equal(detail->tasks.list[0].names[2], "Wait");
    assert_int_equal(detail->tasks.list[0].value, 29 * HOUR / 60);
    assert_int_equal(detail->tasks.list[0].usual, 0); // the others went without it
    assert_string_equal(detail->tasks.list[1].names[1], "\\Load\\Copy");
    assert_int_equal(detail->tasks.list[1].usual, 8 * HOUR / 60);
    assert_int_equal(detail->tasks.list[2].value, 2 * HOUR / 60);
    assert_int_equal(detail->phases.count, 1);
    assert_int_equal(detail->phases.list[0].value, 3500 * TICKS_PER_MS);
    assert_int_equal(detail->phases.list[0].usual, 1000 * TICKS_PER_MS);
    assert_int_equal(detail->paths.list[0].value, 25000);
    assert_int_equal(detail->paths.list[0].usual, -1); // nobody logged rows before
    slow_free(slow);
    script_close(tds);
}

static void test_slow__nothing_slow_asks_no_more(void **state)
{
    (void)state;
    script_begin(SQL_SSISDB_RUNS);
    for (int i = 0; i < 7; i++)
        script_run(11 + i, i, 10);
    script_end();
    Tds *tds = script_open();
    Slow *slow = read_slow(tds);
    assert_int_equal(slow->figures.count, 0);
    slow_free(slow);
    script_close(tds);
}

/* Fails at every call of it in turn; the calls of opening and probing come first and pass. */
static void test_slow__torture(void **state)
{
    static const SlowQuestion question = {.slower_percent = 50, .least_runs = 5};
    size_t failed = 0;

    (void)state;
    for (size_t call = 0;; call++) {
        Slow *slow = NULL;
        Ssisdb *db = NULL;
        Err err = {0};
        script_reset();
        script_probe();
        script_runs();
        script_tasks();
        script_begin(SQL_SLOW_PHASES);
        SCRIPT_ROW("17", "Copy", "Source", "PrimeOutput", "3000");
        script_end();
        script_begin(SQL_SLOW_ROWS_SENT);
        SCRIPT_ROW("17", "Copy", "Source", "Target", "25000");
        script_end();
        Tds *tds = script_open();
        assert_int_equal(ssisdb_probe(tds, &arena, &db, &err), RC_OK);
        fake_driver_fail_at(call);
        Rc rc = slow_read(db, &question, &slow, &err);
        bool did_fail = fake_driver_did_fail();
        assert_true(did_fail ? rc != RC_OK && !slow : rc == RC_OK && slow);
        slow_free(slow);
        tds_close(tds);
        fake_driver_assert_no_leak();
        arena_reset(&arena);
        failed += did_fail;
        if (failed > 0 && !did_fail)
            break;
    }
    assert_true(failed > 50);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(own_time__is_what_no_child_covers),
        CASE(own_time__rounds_of_a_loop_are_below_it),
        CASE(own_time__paths_without_rounds),
        CASE(slow__tasks_phases_and_paths_beside_the_usual),
        CASE(slow__nothing_slow_asks_no_more),
        CASE(slow__torture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
