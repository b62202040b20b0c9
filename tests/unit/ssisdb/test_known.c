/* Names and ids that a filter asks for, ends that cannot be, and numbers for names; and every
 * reading of this room with each of its calls failing once. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/ssisdb/ends.h"
#include "ssisminer/ssisdb/foreign_keys.h"
#include "ssisminer/ssisdb/known.h"
#include "ssisminer/ssisdb/log_tables.h"
#include "ssisminer/ssisdb/package_names.h"
#include "ssisminer/ssisdb/rights.h"
#include "ssisminer/ssisdb/runs.h"
#include "ssisminer/ssisdb/silent.h"
#include "ssisminer/ssisdb/workers.h"

#include <stdio.h>
#include <string.h>

#define AT(hour) "2026-03-02 " hour ":00:00.0000000 +00:00"

static Arena arena;
static Ssisdb *db;
static Tds *tds;

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

static void probe(void)
{
    Err err = {0};

    tds = script_open();
    if (ssisdb_probe(tds, &arena, &db, &err) != RC_OK)
        fail_msg("%s", err.text);
}

/* ---- ends ------------------------------------------------------------------------------------ */

static void test_ends__that_cannot_be(void **state)
{
    static const struct {
        int64_t created, start, end, latest;
        bool cannot_be;
    } cases[] = {
        {5, 6, 7, 9, false},  {5, 6, 6, 9, false}, {6, 6, 6, 6, false}, {5, 6, 5, 9, true},
        {5, 0, 4, 9, true},   {0, 6, 5, 9, true},  {5, 6, 10, 9, true}, {5, 6, 9, 9, false},
        {5, 6, 10, 0, false}, {0, 0, 1, 9, false}, {5, 6, 0, 9, false}, {7, 6, 6, 9, true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Instant end = {.ticks = cases[i].end, .is_set = cases[i].end != 0};
        Instant created = {.ticks = cases[i].created, .is_set = cases[i].created != 0};
        Instant start = {.ticks = cases[i].start, .is_set = cases[i].start != 0};
        Instant latest = {.ticks = cases[i].latest, .is_set = cases[i].latest != 0};
        assert_int_equal(
            ends_cannot_be(cases[i].created, cases[i].start, cases[i].end, cases[i].latest),
            cases[i].cannot_be);
        assert_int_equal(ends_clear(created, start, &end, latest), cases[i].cannot_be);
        assert_int_equal(end.is_set, cases[i].end != 0 && !cases[i].cannot_be);
    }
}

static void test_ends__are_warned_of(void **state)
{
    const Ssisdb server = {.server_now = {.ticks = 10 * TICKS_PER_DAY, .is_set = true}};

    (void)state;
    assert_null(ends_warning(0, &arena));
    assert_contains(
        ends_warning(1, &arena),
        "1 end cannot be (before the start, or later than the server's now) and is not believed");
    assert_contains(
        ends_warning(2, &arena),
        "2 ends cannot be (before the start, or later than the server's now) and are not believed");
    assert_int_equal(ends_latest(&server).ticks, 10 * TICKS_PER_DAY + 600 * TICKS_PER_SECOND);
}

/* ---- numbers --------------------------------------------------------------------------------- */

enum { MANY = 3000 };

static uint32_t number_of(Names *names, int i)
{
    char text[32];

    (void)snprintf(text, sizeof(text), i % 2 ? "Name %d" : "NAME %d", i);
    return names_text(names, str_of(text));
}

/* However many there are, each keeps its number. */
static void test_numbers__stay_the_same(void **state)
{
    Names names = {0};

    (void)state;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < MANY; i++) {
            const NameKey key = {.texts = {(uint32_t)i, 7, (uint32_t)(i / 2)}};
            assert_int_equal(number_of(&names, i), i + 1);
            assert_int_equal(names_key(&names, &key), i + 1);
        }
    assert_int_equal(names_text(&names, str_of("name 7")), 8); // case does not matter
    assert_int_equal(names_text(&names, (Str){0}), 0);
    assert_int_equal(names.count, MANY);
    assert_int_equal(names.key_count, MANY);
    assert_true(names.text_slots.size >= 2 * names.text_slots.used); // a search is short
    assert_true(names.key_slots.size >= 2 * names.key_slots.used);
    names_done(&names);
}

static void test_tables__are_found_by_name(void **state)
{
    (void)state;
    for (LogTableId id = 0; id < LOG_TABLE_COUNT; id++)
        assert_int_equal(log_table_find(log_table(id)->name), id);
    assert_int_equal(log_table_find("OPERATIONS"), LOG_TABLE_OPERATIONS);
    assert_int_equal(log_table_find("projects"), LOG_TABLE_COUNT);
    assert_int_equal(log_table_find(""), LOG_TABLE_COUNT);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void script_names(void)
{
    script_begin(SQL_SSISDB_DEPLOYED);
    SCRIPT_ROW("Sales", "Nightly", "Load.dtsx");
    SCRIPT_ROW("Stock", "Hourly", "Count.dtsx");
    script_end();
}

static void script_log(void)
{
    script_begin(SQL_SSISDB_LOGGED);
    SCRIPT_ROW("Sales", "Nightly", "Load.dtsx", "etl", "4", AT("03"));
    SCRIPT_ROW("Sales", "Old", "Gone.dtsx", "agent", "4", AT("05"));
    SCRIPT_ROW("Stock", "Hourly", "Count.dtsx", "etl", "4", NULL);
    script_end();
}

static const char *const sales[] = {"Sales"}, *const load[] = {"Load"}, *const gone[] = {"Gone*"},
                         *const etl[] = {"etl"}, *const agent[] = {"agent"},
                         *const hourly[] = {"Hourly"};

/* What is deployed has no caller: a filter by one has to be met in the log. */
static void test_names__callers_are_in_the_log_alone(void **state)
{
    const ExecutionFilter by_name = {
        .folders = sales, .folder_count = 1, .packages = load, .package_count = 1};
    const ExecutionFilter by_caller = {
        .folders = sales, .folder_count = 1, .callers = etl, .caller_count = 1};
    const ExecutionFilter by_wrong = {
        .packages = load, .package_count = 1, .callers = agent, .caller_count = 1};
    const ExecutionFilter apart = {
        .folders = sales, .folder_count = 1, .projects = hourly, .project_count = 1};
    const ExecutionFilter old = {.packages = gone, .package_count = 1};
    static const struct {
        bool reads_log;
        Rc rc;
    } expected[] = {
        {false, RC_OK}, {true, RC_OK}, {true, RC_USAGE}, {true, RC_USAGE}, {true, RC_OK}};
    const ExecutionFilter *filters[] = {&by_name, &by_caller, &by_wrong, &apart, &old};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
        Notes notes = {0};
        Err err = {0};
        (void)setup(NULL);
        script_names();
        if (expected[i].reads_log)
            script_log();
        probe();
        assert_int_equal(known_names(db, filters[i], &arena, &notes, &err), expected[i].rc);
        if (expected[i].rc == RC_USAGE)
            assert_contains(err.text, "no package has all of them");
        assert_int_equal(notes.count, 0);
        script_close(tds);
    }
}

/* The latest of those that pass; a time that nobody knows is none. */
static void test_names__when_executions_were_last(void **state)
{
    static const char *const hours[] = {"03", "05", NULL, NULL};
    const ExecutionFilter filters[] = {{.callers = etl, .caller_count = 1},
                                       {.folders = sales, .folder_count = 1},
                                       {.projects = hourly, .project_count = 1},
                                       {.callers = load, .caller_count = 1}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
        Instant last = {0};
        char text[TIME_TEXT_MAX];
        Err err = {0};
        (void)setup(NULL);
        script_log();
        probe();
        assert_int_equal(known_last(db, &filters[i], &last, &err), RC_OK);
        assert_int_equal(last.is_set, hours[i] != NULL);
        if (hours[i]) {
            time_iso_utc(last, 7, text);
            assert_contains(text, arena_printf(&arena, "2026-03-02T%s:00", hours[i]));
        }
        script_close(tds);
    }
}

/* ---- ids ------------------------------------------------------------------------------------- */

static void test_ids__that_are_missing_are_listed(void **state)
{
    static const int64_t ids[] = {1, 2, 3, 4, 5, 6, 7};
    static const struct {
        size_t count; // asked for; the first is there
        const char *listed;
    } cases[] = {{2, "2"}, {3, "2, 3"}, {6, "2, 3, 4, 5, 6"}, {7, "2, 3, 4, 5, 6 and more"}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const ExecutionFilter filter = {.ids = ids, .id_count = cases[i].count};
        Notes notes = {0};
        Err err = {0};
        (void)setup(NULL);
        script_begin(SQL_SSISDB_KNOWN_IDS);
        SCRIPT_ROW("1", "90", AT("01"), "1", "200", "7");
        script_end();
        probe();
        assert_int_equal(known_ids(db, &filter, &arena, &notes, &err), RC_OK);
        assert_int_equal(notes.count, 1);
        assert_contains(notes.at[0], cases[i].listed);
        assert_int_equal(strstr(notes.at[0], "and more") != NULL, cases[i].count == 7);
        script_close(tds);
    }
}

/* ---- the name of a run ----------------------------------------------------------------------- */

/* Each execution once, each place once, in the order in which they came. */
static void test_run__says_where_its_name_was_found(void **state)
{
    KnownRun run = {0};
    Err err = {0};

    (void)state;
    script_begin(SQL_SSISDB_NAMED_RUNS);
    SCRIPT_ROW("9", "0", "operation_guid");
    SCRIPT_ROW("4", "50", "CALLER_INFO");
    SCRIPT_ROW("9", "20", "RunId");
    SCRIPT_ROW("4", "1", "RunId");
    SCRIPT_ROW("4", "30", "RunId");
    script_end();
    probe();
    assert_int_equal(known_run(db, "nightly load", &arena, &run, &err), RC_OK);
    assert_int_equal(run.count, 2);
    assert_int_equal(run.ids[0], 4);
    assert_int_equal(run.ids[1], 9);
    assert_string_equal(run.found_in,
                        "operation_guid, CALLER_INFO, parameter RunId, override RunId");
    script_close(tds);
}

static void test_run__says_no_more_than_five_places(void **state)
{
    (void)state;
    for (int places = 5; places <= 6; places++) {
        KnownRun run = {0};
        Err err = {0};
        (void)setup(NULL);
        script_begin(SQL_SSISDB_NAMED_RUNS);
        for (int i = 1; i <= places; i++)
            SCRIPT_ROW("7", "50", arena_printf(&arena, "P%d", i));
        SCRIPT_ROW("7", "50", "P1");
        script_end();
        probe();
        assert_int_equal(known_run(db, "nightly load", &arena, &run, &err), RC_OK);
        assert_int_equal(run.count, 1);
        assert_string_equal(run.found_in,
                            places == 5 ? "P1, P2, P3, P4, P5" : "P1, P2, P3, P4, P5 and more");
        script_close(tds);
    }
}

/* ---- packages -------------------------------------------------------------------------------- */

/* A name longer than any catalog has is compared as it is, and overruns nothing. */
static void test_packages__of_any_length(void **state)
{
    static const char *const all[] = {"a*"};
    const ExecutionFilter filter = {.packages = all, .package_count = 1};
    static const size_t lengths[] = {1, 4, 5, 6, 1040, 1041, 1045, 1046, 1047, 5000};
    char package[5001];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        size_t len = lengths[i];
        memset(package, 'a', len);
        package[len] = '\0';
        if (len > 5)
            memcpy(package + len - 5, ".dtsx", 5);
        const Execution execution = {.folder = "f", .project = "p", .package = package};
        assert_true(execution_passes(&filter, &execution));
    }
}

/* ---- each call fails once -------------------------------------------------------------------- */

static void script_runs(void)
{
    script_begin(SQL_SSISDB_RUNS);
    for (int i = 0; i < 2; i++) {
        SCRIPT_ROW("7", "Sales", "Nightly", "Load.dtsx", NULL, NULL, "etl", "W1", "7", AT("01"),
                   AT("02"), AT("03"), NULL, NULL);
        SCRIPT_ROW("5", "Sales", "Nightly", "Load.dtsx", NULL, NULL, "etl", "W1", "7", AT("01"),
                   AT("02"), AT("03"), NULL, NULL);
    }
    script_end();
}

static Rc read_runs(Err *err)
{
    static const Instant from = {.is_set = true}, until = {0};
    Runs runs = {0};

    Rc rc = runs_read(db, from, until, &runs, err);
    if (rc == RC_OK) { // the view joins: two rows of one execution are one
        assert_int_equal(runs.count, 2);
        assert_int_equal(runs.list[0].id, 5);
        assert_int_equal(runs.list[1].id, 7);
    }
    runs_done(&runs);
    return rc;
}

static void script_silent(void)
{
    script_begin(SQL_SSISDB_SILENT);
    SCRIPT_ROW("1", "200", "2", "Nightly", "etl", "1", AT("01"), NULL, NULL, NULL);
    script_end();
}

static Rc read_silent(Err *err)
{
    SilentOperations silent;

    return silent_read(db, true, 5, &arena, &silent, err);
}

static void script_rights(void)
{
    script_begin(SQL_SSISDB_RIGHTS);
    SCRIPT_ROW("1", "1", NULL, "1", NULL, NULL, NULL, "1", "0", NULL, "0", NULL, NULL);
    script_end();
}

static Rc read_rights(Err *err)
{
    Rights rights;

    return rights_read(db, &arena, &rights, err);
}

static void script_both(void)
{
    script_names();
    script_log();
}

static Rc read_names(Err *err)
{
    const ExecutionFilter filter = {.packages = gone, .package_count = 1};
    Notes notes = {0};

    return known_names(db, &filter, &arena, &notes, err);
}

static Rc read_last(Err *err)
{
    const ExecutionFilter filter = {.callers = etl, .caller_count = 1};
    Instant last;

    return known_last(db, &filter, &last, err);
}

static void script_ids(void)
{
    script_begin(SQL_SSISDB_KNOWN_IDS);
    SCRIPT_ROW("1", "90", AT("01"), "1", "200", "7");
    script_end();
}

static Rc read_ids(Err *err)
{
    static const int64_t ids[] = {1};
    const ExecutionFilter filter = {.ids = ids, .id_count = 1};
    Notes notes = {0};

    return known_ids(db, &filter, &arena, &notes, err);
}

static void script_named(void)
{
    script_begin(SQL_SSISDB_NAMED_RUNS);
    SCRIPT_ROW("9", "0", "operation_guid");
    script_end();
}

static Rc read_named(Err *err)
{
    KnownRun run;

    return known_run(db, "nightly load", &arena, &run, err);
}

static void script_keys(void)
{
    script_begin(SQL_SSISDB_FOREIGN_KEYS);
    SCRIPT_ROW("internal", "executions", "operations", "FK_E", "execution_id", "1", "1");
    script_end();
}

static Rc read_keys(Err *err)
{
    ForeignKeys keys;

    return foreign_keys_read(db, &arena, &keys, err);
}

static void test_failures__of_each_call_end_each_reading(void **state)
{
    static const struct {
        const char *what;
        void (*script)(void);
        Rc (*read)(Err *err);
    } readings[] = {
        {"runs", script_runs, read_runs},       {"silent", script_silent, read_silent},
        {"rights", script_rights, read_rights}, {"names", script_both, read_names},
        {"last", script_log, read_last},        {"ids", script_ids, read_ids},
        {"named", script_named, read_named},    {"keys", script_keys, read_keys},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(readings); i++)
        for (size_t call = 0;; call++) {
            Err err = {0};
            (void)setup(NULL);
            readings[i].script();
            probe();
            fake_driver_fail_at(call);
            Rc rc = readings[i].read(&err);
            bool did_fail = fake_driver_did_fail();
            if ((rc == RC_OK) == did_fail)
                fail_msg("%s: call %zu %s, and it says %d %s", readings[i].what, call,
                         did_fail ? "failed" : "did not fail", (int)rc, err.text);
            if (did_fail && strstr(err.text, "does not say"))
                fail_msg("%s: call %zu failed, and it says %s", readings[i].what, call, err.text);
            tds_close(tds);
            fake_driver_assert_no_leak();
            if (!did_fail)
                break;
        }
}

static void test_failures__of_each_call_end_the_probe(void **state)
{
    (void)state;
    for (size_t call = 0;; call++) {
        Err err = {0};
        (void)setup(NULL);
        tds = script_open();
        fake_driver_fail_at(call);
        Rc rc = ssisdb_probe(tds, &arena, &db, &err);
        bool did_fail = fake_driver_did_fail();
        if (rc == RC_OK && !did_fail) {
            tds_close(tds);
            break;
        }
        assert_lacks(err.text, "does not say");
        tds_close(tds);
        fake_driver_assert_no_leak();
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ends__that_cannot_be),
        TEST(test_ends__are_warned_of),
        TEST(test_numbers__stay_the_same),
        TEST(test_tables__are_found_by_name),
        TEST(test_names__callers_are_in_the_log_alone),
        TEST(test_names__when_executions_were_last),
        TEST(test_ids__that_are_missing_are_listed),
        TEST(test_run__says_where_its_name_was_found),
        TEST(test_run__says_no_more_than_five_places),
        TEST(test_packages__of_any_length),
        TEST(test_failures__of_each_call_end_each_reading),
        TEST(test_failures__of_each_call_end_the_probe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
