/* The steps of a run, each by itself: a runner made here, a server that says what a test wrote. */
#include "test.h"

#include "catalog_script.h"

#include "../../../src/cleanup/runner.h"

#include "ssisminer/base/file.h"
#include "ssisminer/base/stop.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MESSAGES, LOOSE, PARENTS, TABLES };

static Arena arena;
static Tds *tds;
static Ssisdb db;
static CleanupWish wish;
static CleanupPlan plan;
static CleanupRun run;
static Runner runner;
static CleanupWatch watch;

/* Told what is being done: keeps it and, so that no test waits, has the time limit be over. */
static const char *told;
static bool ends_waits;

static void on_progress(void *context, const CleanupPlan *made, const CleanupRun *done,
                        const char *doing)
{
    (void)context;
    (void)made;
    (void)done;
    told = doing ? doing : told;
    if (doing && ends_waits) {
        wish.time_limit_ms = 1;
        runner.start_ms = time_monotonic_ms() - 1000;
    }
}

static int setup(void **state)
{
    (void)state;
    script_reset();
    told = NULL;
    ends_waits = true;
    db = (Ssisdb){.engine_edition = 2,
                  .encryption_level = 1,
                  .server_name = "SQL1",
                  .database_name = "SSISDB"};
    wish = (CleanupWish){.batch_rows = 1000,
                         .batch_time_ms = 60000,
                         .lock_timeout_ms = 2000,
                         .max_load_percent = 70};
    plan = (CleanupPlan){.db = &db,
                         .wish = &wish,
                         .method = CLEANUP_BATCHED,
                         .may_select = true,
                         .cutoff = {.ticks = INT64_C(639079416000000000), .is_set = true},
                         .table_count = TABLES};
    plan.failed_cutoff = plan.cutoff;
    plan.tables[MESSAGES] = (CleanupTable){
        .name = "operation_messages", .id = LOG_TABLE_OPERATION_MESSAGES, .with_created = true};
    plan.tables[LOOSE] = (CleanupTable){.name = "event_messages_scaleout",
                                        .id = LOG_TABLE_EVENT_MESSAGES_SCALEOUT,
                                        .with_created = true};
    plan.tables[PARENTS] =
        (CleanupTable){.name = "operations", .id = LOG_TABLE_OPERATIONS, .with_created = true};
    run = (CleanupRun){0};
    watch = (CleanupWatch){.progress = on_progress};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void begin(void)
{
    tds = db.tds = script_open();
    runner = (Runner){.plan = &plan,
                      .run = &run,
                      .arena = &arena,
                      .watch = &watch,
                      .start_ms = time_monotonic_ms()};
    runner.looked_ms = runner.recorded_ms = runner.start_ms;
    batched_set_paces(&runner);
}

static void script_statement(const char *in, const char *params, SQLLEN affected)
{
    script_add((FakeStep)FAKE_SQL_WITH(in, params));
    script_add((FakeStep)FAKE_COUNT(affected));
}

static void script_error(const char *in, int32_t number)
{
    script_add((FakeStep)FAKE_SQL_FAILS(in, "42000", number, "No."));
}

/* ---- batches --------------------------------------------------------------------------------- */

static int64_t asked[16];
static size_t asked_count;
static int32_t answers[16]; // an error's number, or 0
static int64_t takes;       // of what was asked, at most

static Rc send_scripted(Runner *of, const Batch *batch, int64_t rows, int64_t *ret_affected,
                        Err *err)
{
    (void)of;
    (void)batch;
    asked[asked_count] = rows;
    *ret_affected = rows < takes ? rows : takes;
    takes -= *ret_affected;
    err->number = answers[asked_count++];
    return err->number == 0 ? RC_OK : (err->rc = RC_QUERY);
}

static Rc batches(size_t table, int64_t there, Err *err)
{
    const Batch batch = {.table = table, .send = send_scripted};

    asked_count = 0;
    takes = there;
    return batch_all(&runner, &batch, err);
}

static void test_batch__goes_on_until_one_is_not_full(void **state)
{
    Err err = {0};

    (void)state;
    memset(answers, 0, sizeof(answers));
    begin();
    runner.paces[MESSAGES].rows = runner.paces[MESSAGES].most = 40;
    assert_int_equal(batches(MESSAGES, 80, &err), RC_OK);
    assert_int_equal(asked_count, 3); // two full ones, and one that shows that no more is left
    assert_int_equal(batches(MESSAGES, 79, &err), RC_OK);
    assert_int_equal(asked_count, 2);
    assert_int_equal(run.rows, 159);
    assert_int_equal(run.operations, 0);
    assert_int_equal(run.tables[MESSAGES].statements, 5);
    assert_int_equal(run.uncertain, 0);
    script_close(tds);
}

static void test_batch__is_small_for_a_busy_server(void **state)
{
    static const struct {
        size_t table;
        int64_t pace, sent;
    } cases[] = {{MESSAGES, 500, 100}, {MESSAGES, 101, 100}, {MESSAGES, 99, 99}, {MESSAGES, 7, 7},
                 {PARENTS, 500, 6},    {PARENTS, 6, 6},      {PARENTS, 5, 5}};
    Err err = {0};

    (void)state;
    memset(answers, 0, sizeof(answers));
    begin();
    runner.is_sparing = true;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        runner.paces[cases[i].table].rows = cases[i].pace;
        assert_int_equal(batches(cases[i].table, 0, &err), RC_OK);
        assert_int_equal(asked[0], cases[i].sent);
        assert_int_equal(run.small_batches, i + 1);
    }
    script_close(tds);
}

/* Twice as long each time, a minute at most, and ten minutes in all. */
static void test_batch__waits_for_room_longer_each_time(void **state)
{
    static const struct {
        int64_t waited, wait;
    } cases[] = {{0, 2000},      {2000, 4000},   {6000, 8000},   {30000, 32000},
                 {57999, 59999}, {62000, 60000}, {599999, 60000}};
    Err err = {0};

    (void)state;
    memset(answers, 0, sizeof(answers));
    answers[0] = 9002;
    begin();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        runner.is_stopping = false;
        wish.time_limit_ms = 0;
        runner.room_waited_ms = cases[i].waited;
        runner.paces[MESSAGES].rows = 50;
        assert_int_equal(batches(MESSAGES, 0, &err), RC_OK);
        assert_int_equal(runner.room_waited_ms, cases[i].waited + cases[i].wait);
        assert_int_equal(runner.paces[MESSAGES].rows, 25);
        assert_int_equal(run.halved, i + 1);
        assert_int_equal(run.end, CLEANUP_TIME_LIMIT);
    }
    assert_string_equal(run.waits[0].reason, "the log or the database is full");
    runner.is_stopping = false;
    wish.time_limit_ms = 0;
    runner.room_waited_ms = 600000;
    assert_int_equal(batches(MESSAGES, 0, &err), RC_OK);
    assert_int_equal(run.end, CLEANUP_FULL);
    assert_true(runner.is_stopping);
    script_close(tds);
}

static void test_batch__room_that_was_made_ends_the_count(void **state)
{
    Err err = {0};

    (void)state;
    memset(answers, 0, sizeof(answers));
    begin();
    runner.room_waited_ms = 1000;
    assert_int_equal(batches(MESSAGES, 0, &err), RC_OK);
    assert_int_equal(runner.room_waited_ms, 0);
    script_close(tds);
}

/* What smaller batches may avoid is tried twelve times in a row, behind others' locks three times.
 */
static void test_batch__has_patience(void **state)
{
    static const struct {
        int32_t number;
        bool was_blocked;
        int troubles;
        Rc rc;
    } cases[] = {{1222, false, 0, RC_OK},     {1205, false, 11, RC_OK}, {1222, false, 12, RC_QUERY},
                 {701, false, 11, RC_OK},     {1222, true, 2, RC_OK},   {1222, true, 3, RC_QUERY},
                 {40197, false, 0, RC_QUERY}, {824, false, 0, RC_QUERY}};

    (void)state;
    begin();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Err err = {0};
        memset(answers, 0, sizeof(answers));
        answers[0] = cases[i].number;
        runner.is_stopping = false;
        wish.time_limit_ms = 0;
        runner.was_blocked = cases[i].was_blocked;
        runner.paces[MESSAGES].troubles = cases[i].troubles;
        assert_int_equal(batches(MESSAGES, 0, &err), cases[i].rc);
        assert_int_equal(asked_count, 1);
        if (cases[i].rc != RC_OK)
            assert_contains(err.text, "deleting from internal.operation_messages");
    }
    assert_string_equal(told, "a smaller batch");
    script_close(tds);
}

/* ---- waits ----------------------------------------------------------------------------------- */

static void test_wait__lasts_as_long_as_asked_for(void **state)
{
    bool stop = true;
    Err err = {0};

    (void)state;
    begin();
    wish.sleep_ms = 510; // longer than a piece of it
    assert_int_equal(throttle_between(&runner, &stop, &err), RC_OK);
    assert_false(stop);
    assert_int_equal(run.wait_count, 1);
    assert_true(run.waits[0].ms >= 505);
    script_close(tds);
}

static void test_wait__reasons_are_counted(void **state)
{
    static const char *const reasons[] = {"a", "b", "a", "c", "d", "e", "f", "g", "h", "f"};
    bool stop = false;
    Err err = {0};

    (void)state;
    begin();
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        assert_int_equal(throttle_wait(&runner, reasons[i], 0, &stop, &err), RC_OK);
    assert_int_equal(run.wait_count, CLEANUP_WAITS_MAX); // what is beyond is not told apart
    assert_int_equal(run.waits[0].count, 2);
    assert_string_equal(run.waits[5].reason, "f");
    assert_int_equal(run.waits[5].count, 2);
    script_close(tds);
}

static void test_wait__for_a_busy_server_is_longer_each_time(void **state)
{
    static const int64_t waits[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(waits); i++)
        assert_int_equal(throttle_busy_wait_ms((int)i), waits[i]);
    assert_int_equal(throttle_busy_wait_ms(INT_MAX), 30000);
}

static void test_between__ends_a_run(void **state)
{
    char path[] = "/tmp/ssisminer-stop-XXXXXX";
    bool stop = true;
    Err err = {0};

    (void)state;
    begin();
    wish.stop_file = "/nowhere/at/all";
    wish.time_limit_ms = 3600000;
    assert_int_equal(throttle_between(&runner, &stop, &err), RC_OK);
    assert_false(stop);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    wish.stop_file = path;
    assert_int_equal(throttle_between(&runner, &stop, &err), RC_OK);
    assert_true(stop);
    assert_int_equal(run.end, CLEANUP_STOP_FILE);
    (void)unlink(path);
    runner.is_stopping = false;
    runner.start_ms -= 3600000;
    assert_int_equal(throttle_between(&runner, &stop, &err), RC_OK);
    assert_true(stop);
    assert_int_equal(run.end, CLEANUP_TIME_LIMIT);
    runner.is_stopping = false; // a signal comes before both
    stop_request(SIGTERM);
    Rc rc = throttle_between(&runner, &stop, &err);
    stop_reset();
    assert_int_equal(rc, RC_OK);
    assert_true(stop && runner.is_stopping);
    assert_int_equal(run.end, CLEANUP_SIGNAL);
    script_close(tds);
}

/* What the server tells of its load and of who waits; the reason, or NULL. */
typedef struct Load {
    int edition;
    const char *cpu, *io, *log, *sessions;
    const char *reason;
} Load;

static void look(const Load *load)
{
    bool stop = false;
    Err err = {0};

    (void)setup(NULL);
    db.engine_edition = load->edition;
    plan.may_view_state = plan.sees_sessions = true;
    if (load->edition == ENGINE_AZURE_SQL_DATABASE) {
        script_begin(SQL_CLEANUP_LOAD);
        if (load->cpu)
            SCRIPT_ROW(load->cpu, load->io, load->log);
        script_end();
    }
    script_begin(SQL_CLEANUP_WAITING);
    SCRIPT_ROW(load->sessions);
    script_end();
    begin();
    runner.looked_ms -= 5000;
    runner.busy_waits = 3;
    assert_int_equal(throttle_between(&runner, &stop, &err), RC_OK);
    assert_int_equal(runner.is_sparing, load->reason != NULL);
    assert_int_equal(runner.busy_waits, load->reason ? 4 : 0);
    assert_int_equal(stop, load->reason != NULL); // by the time limit, see on_progress
    if (load->reason)
        assert_string_equal(told, load->reason);
    assert_int_equal(run.wait_count, load->reason != NULL);
    script_close(tds);
}

static void test_between__waits_for_a_busy_server(void **state)
{
    static const Load loads[] = {
        {5, "70", "70", "70", "0", NULL},
        {5, "70.1", "0", "0", "0", "the server's CPU is busy"},
        {5, "0", "71", "0", "0", "the server's data IO is busy"},
        {5, "0", "0", "100", "0", "the server's log is busy"},
        {5, "0", "0", "0", "1", "other sessions wait for locks"},
        {5, "99", "0", "0", "1", "other sessions wait for locks"},
        {5, NULL, NULL, NULL, "0", NULL},
        {3, NULL, NULL, NULL, "0", NULL},
        {3, NULL, NULL, NULL, "1", "other sessions wait for locks"},
        {3, NULL, NULL, NULL, "7", "other sessions wait for locks"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(loads); i++)
        look(&loads[i]);
}

/* Every five seconds; while it spares the server, after each batch that deleted something. */
static void test_between__looks_when_it_is_due(void **state)
{
    bool stop = false;
    Err err = {0};

    (void)state;
    plan.sees_sessions = true;
    script_begin(SQL_CLEANUP_WAITING);
    SCRIPT_ROW("0");
    script_end();
    begin();
    runner.looked_ms -= 4000;
    assert_int_equal(throttle_between(&runner, &stop, &err), RC_OK); // not yet
    runner.is_sparing = true;
    runner.looked_ms -= 60000;
    run.rows = runner.rows_then = 5;
    assert_int_equal(throttle_between(&runner, &stop, &err), RC_OK); // nothing went
    assert_true(runner.is_sparing);
    run.rows = 6;
    assert_int_equal(throttle_between(&runner, &stop, &err), RC_OK);
    assert_false(runner.is_sparing);
    assert_int_equal(runner.rows_then, 6);
    assert_true(time_monotonic_ms() - runner.looked_ms < 4000);
    script_close(tds);
}

/* What is refused is asked for once, and said; other errors end the run. */
static void test_between__lives_without_figures(void **state)
{
    bool stop = false;
    Err err = {0};

    (void)state;
    plan.may_view_state = plan.sees_sessions = true;
    db.engine_edition = ENGINE_AZURE_SQL_DATABASE;
    script_refuse(SQL_CLEANUP_LOAD, 297,
                  "The user does not have permission to perform this action.");
    script_refuse(SQL_CLEANUP_WAITING, 208, "Invalid object name.");
    begin();
    for (int i = 0; i < 2; i++) {
        runner.looked_ms -= 5000;
        assert_int_equal(throttle_between(&runner, &stop, &err), RC_OK);
    }
    assert_contains(run.no_load, "does not have permission");
    assert_contains(run.no_sessions, "Invalid object name");
    assert_int_equal(run.wait_count, 0);
    script_close(tds);
    (void)setup(NULL);
    plan.sees_sessions = true;
    script_refuse(SQL_CLEANUP_WAITING, 824, "Broken.");
    begin();
    runner.looked_ms -= 5000;
    assert_int_equal(throttle_between(&runner, &stop, &err), RC_QUERY);
    assert_null(run.no_sessions);
    script_close(tds);
}

/* Without the right to look nothing is asked. */
static void test_between__asks_for_nothing_it_may_not_see(void **state)
{
    bool stop = false;
    Err err = {0};

    (void)state;
    db.engine_edition = ENGINE_AZURE_SQL_DATABASE;
    begin();
    runner.looked_ms -= 60000;
    assert_int_equal(throttle_between(&runner, &stop, &err), RC_OK);
    script_close(tds);
}

/* ---- heaps ----------------------------------------------------------------------------------- */

static void test_heaps__orphans_go_from_loose_tables_alone(void **state)
{
    Err err = {0};

    (void)state;
    plan.orphans_up_to = 77;
    script_statement("DELETE TOP (@rows) FROM internal.event_messages_scaleout",
                     "BIGINT 500|BIGINT 77", 3);
    begin();
    assert_int_equal(heaps_clear_orphans(&runner, &err), RC_OK);
    assert_int_equal(run.orphan_rows, 3);
    script_close(tds);
    (void)setup(NULL);
    plan.orphans_up_to = 0; // none can be told
    begin();
    assert_int_equal(heaps_clear_orphans(&runner, &err), RC_OK);
    script_close(tds);
}

static void test_heaps__orphans_behind_locks_wait_and_other_errors_end(void **state)
{
    Err err = {0};

    (void)state;
    plan.orphans_up_to = 77;
    script_error("event_messages_scaleout", 1222);
    begin();
    runner.paces[LOOSE].troubles = 12;
    assert_int_equal(heaps_clear_orphans(&runner, &err), RC_OK);
    script_close(tds);
    (void)setup(NULL);
    plan.orphans_up_to = 77;
    script_error("event_messages_scaleout", 824);
    begin();
    assert_int_equal(heaps_clear_orphans(&runner, &err), RC_QUERY);
    assert_contains(err.text, "deleting from internal.event_messages_scaleout");
    script_close(tds);
}

/* Of which sizes, before and after, how much of it is emptied pages. */
static void test_heaps__say_what_a_rebuild_would_give_back(void **state)
{
    static const struct {
        int64_t before_rows, before_kb;
        const char *rows, *kb;
        int64_t spare_kb;
    } cases[] = {
        {1000, 4000, "500", "4000", 3000}, // more than two KB a row is beyond what it takes
        {1000, 1000, "250", "1000", 750},  {1000, 1000, "1000", "1000", 0},
        {1000, 1000, "0", "0", 0},         {0, 800, "0", "800", 800},
        {100, 100, "200", "150", 0}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)setup(NULL);
        plan.may_view_state = true;
        plan.tables[LOOSE].rows = cases[i].before_rows;
        plan.tables[LOOSE].heap_kb = cases[i].before_kb;
        script_begin(SQL_SSISDB_SIZES);
        SCRIPT_ROW("operation_messages", "9", "9", "9"); // no heap of ours
        SCRIPT_ROW("event_messages_scaleout", cases[i].rows, "9", cases[i].kb);
        SCRIPT_ROW("elsewhere", "9", "9", "9");
        script_end();
        begin();
        heaps_measure(&runner);
        assert_int_equal(run.heap_count, 1);
        assert_string_equal(run.heaps[0].name, "event_messages_scaleout");
        assert_int_equal(run.heaps[0].before_kb, cases[i].before_kb);
        assert_int_equal(run.heaps[0].spare_kb, cases[i].spare_kb);
        assert_int_equal(run.heaps[0].rebuilt_kb, -1);
        script_close(tds);
    }
}

static void test_heaps__are_not_measured_unseen(void **state)
{
    (void)state;
    begin();
    heaps_measure(&runner); // without the right: not asked for
    assert_int_equal(run.heap_count, 0);
    script_close(tds);
    (void)setup(NULL);
    plan.may_view_state = true;
    script_refuse(SQL_SSISDB_SIZES, 297, "No.");
    begin();
    heaps_measure(&runner);
    assert_int_equal(run.heap_count, 0);
    script_close(tds);
}

static void rebuild(int64_t spare_kb, int64_t after_kb, bool is_worth_it)
{
    Err err = {0};

    (void)setup(NULL);
    wish.rebuild_heaps = true;
    run.heaps[run.heap_count++] = (CleanupHeap){.name = "event_messages_scaleout",
                                                .spare_kb = spare_kb,
                                                .after_kb = after_kb,
                                                .rebuilt_kb = -1};
    if (is_worth_it)
        script_statement("event_messages_scaleout REBUILD", "BIGINT 0", 0);
    begin();
    assert_int_equal(heaps_rebuild(&runner, &err), RC_OK);
    assert_int_equal(run.statements, is_worth_it);
    assert_int_equal(run.heaps[0].rebuilt_kb, is_worth_it ? after_kb : -1);
    script_close(tds);
}

static void test_heaps__are_rebuilt_where_it_gives_back_much(void **state)
{
    (void)state;
    rebuild(63, 64, false); // not worth a lock
    rebuild(64, 64, true);
    rebuild(250, 1000, false); // a quarter of it has to be
    rebuild(251, 1000, true);
    rebuild(64, 100000, false);
}

static void test_heaps__are_rebuilt_online_where_the_edition_can(void **state)
{
    static const struct {
        int edition;
        const char *params;
    } cases[] = {{2, "BIGINT 0"},
                 {4, "BIGINT 0"},
                 {ENGINE_ENTERPRISE, "BIGINT 1"},
                 {ENGINE_AZURE_SQL_DATABASE, "BIGINT 1"},
                 {ENGINE_MANAGED_INSTANCE, "BIGINT 1"},
                 {9, "BIGINT 0"}};
    Err err = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)setup(NULL);
        db.engine_edition = cases[i].edition;
        wish.rebuild_heaps = true;
        run.heaps[run.heap_count++] =
            (CleanupHeap){.name = "event_messages_scaleout", .spare_kb = 900, .after_kb = 1000};
        script_statement("REBUILD", cases[i].params, 0);
        begin();
        assert_int_equal(heaps_rebuild(&runner, &err), RC_OK);
        script_close(tds);
    }
}

/* A rebuild takes as long as the run may, not as a statement may. */
static void test_heaps__a_rebuild_may_take_the_rest_of_the_time(void **state)
{
    static const struct {
        int64_t limit_ms, gone_ms;
        long least_s, most_s;
    } cases[] = {{0, 0, 7 * 24 * 3600, 7 * 24 * 3600},
                 {600000, 0, 500, 600},
                 {600000, 300000, 200, 300},
                 {600000, 599500, 1, 1}};
    Err err = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)setup(NULL);
        ends_waits = false;
        wish.rebuild_heaps = true;
        wish.time_limit_ms = cases[i].limit_ms;
        run.heaps[run.heap_count++] =
            (CleanupHeap){.name = "event_messages_scaleout", .spare_kb = 900, .after_kb = 1000};
        script_statement("REBUILD", NULL, 0);
        begin();
        runner.start_ms -= cases[i].gone_ms;
        assert_int_equal(heaps_rebuild(&runner, &err), RC_OK);
        assert_in_range(fake_driver_query_timeout(), cases[i].least_s, cases[i].most_s);
        assert_int_equal(tds_query_timeout(tds), 5); // as before
        script_close(tds);
    }
}

static void test_heaps__a_refused_rebuild_is_said_and_left(void **state)
{
    static const int32_t refusals[] = {1222, 229, 1105};
    Err err = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        (void)setup(NULL);
        wish.rebuild_heaps = plan.may_view_state = true;
        plan.tables[LOOSE].heap_kb = 1000;
        run.heaps[run.heap_count++] = (CleanupHeap){
            .name = "event_messages_scaleout", .spare_kb = 900, .after_kb = 1000, .rebuilt_kb = -1};
        script_error("REBUILD", refusals[i]);
        script_begin(SQL_SSISDB_SIZES);
        SCRIPT_ROW("event_messages_scaleout", "5", "9", "1000");
        script_end();
        begin();
        assert_int_equal(heaps_rebuild(&runner, &err), RC_OK);
        assert_contains(run.heaps[0].error, "No (error");
        assert_int_equal(run.heaps[0].rebuilt_kb, -1);
        script_close(tds);
    }
}

static void test_heaps__are_measured_again_after_a_rebuild(void **state)
{
    Err err = {0};

    (void)state;
    wish.rebuild_heaps = plan.may_view_state = true;
    plan.tables[LOOSE].heap_kb = 1000;
    run.heaps[run.heap_count++] = (CleanupHeap){
        .name = "event_messages_scaleout", .spare_kb = 900, .after_kb = 1000, .rebuilt_kb = -1};
    script_statement("REBUILD", NULL, 0);
    script_begin(SQL_SSISDB_SIZES);
    SCRIPT_ROW("event_messages_scaleout", "5", "9", "100");
    script_end();
    begin();
    assert_int_equal(heaps_rebuild(&runner, &err), RC_OK);
    assert_int_equal(run.heaps[0].rebuilt_kb, 100);
    assert_int_equal(run.heaps[0].after_kb, 1000);
    script_close(tds);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void script_keys(const char *bound, const char *params)
{
    script_begin(SQL_CLEANUP_KEY_BOUND);
    if (bound)
        SCRIPT_ROW(bound);
    script_end();
    script_begin_with(SQL_CLEANUP_KEYS, params);
}

static void script_drop(const char *params, const char *dropped)
{
    script.asset = sql_asset(SQL_CLEANUP_DROP_KEY);
    script_add((FakeStep)FAKE_SQL_WITH("MS_Enckey_Exec_", params));
    script_columns();
    SCRIPT_ROW(dropped);
    script_end();
}

/* Up to the newest old operation, or the last that went, whichever is the later. */
static void test_keys__go_up_to_the_later_bound(void **state)
{
    static const struct {
        int64_t last_id;
        const char *bound, *params;
    } cases[] = {{50, "40", "BIGINT -9223372036854775808|BIGINT 50|BIGINT 500"},
                 {40, "50", "BIGINT -9223372036854775808|BIGINT 50|BIGINT 500"},
                 {30, NULL, "BIGINT -9223372036854775808|BIGINT 30|BIGINT 500"}};
    Err err = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)setup(NULL);
        plan.last_id = cases[i].last_id;
        script_keys(cases[i].bound, cases[i].params);
        SCRIPT_ROW("7");
        script_end();
        script_drop("BIGINT 7", "2");
        begin();
        assert_int_equal(keys_drop(&runner, &err), RC_OK);
        assert_int_equal(run.keys_dropped, 2);
        script_close(tds);
    }
}

static void test_keys__there_are_none_per_project(void **state)
{
    Err err = {0};

    (void)state;
    db.encryption_level = 2;
    begin();
    assert_int_equal(keys_drop(&runner, &err), RC_OK);
    script_close(tds);
}

static void test_keys__come_five_hundred_at_a_time(void **state)
{
    Err err = {0};

    (void)state;
    plan.last_id = 900;
    script_keys("900", "BIGINT -9223372036854775808|BIGINT 900|BIGINT 500");
    for (int id = 1; id <= 500; id++)
        SCRIPT_ROW(arena_printf(&arena, "%d", id));
    script_end();
    for (int id = 1; id <= 500; id++)
        script_drop(arena_printf(&arena, "BIGINT %d", id), "1");
    script_begin_with(SQL_CLEANUP_KEYS, "BIGINT 500|BIGINT 900|BIGINT 500");
    SCRIPT_ROW("501");
    script_end();
    script_drop("BIGINT 501", "1");
    begin();
    assert_int_equal(keys_drop(&runner, &err), RC_OK);
    assert_int_equal(run.keys_dropped, 501);
    script_close(tds);
}

/* The first refusal is kept, the others are tried all the same. */
static void test_keys__refusals_are_said_and_other_errors_end(void **state)
{
    Err err = {0};

    (void)state;
    script_keys("9", NULL);
    SCRIPT_ROW("1");
    SCRIPT_ROW("2");
    SCRIPT_ROW("3");
    script_end();
    script_add(
        (FakeStep)FAKE_SQL_FAILS("MS_Enckey_Exec_", "42000", 15151, "Cannot drop the first."));
    script_add((FakeStep)FAKE_SQL_FAILS("MS_Enckey_Exec_", "42000", 229, "Nor the second."));
    script_drop("BIGINT 3", "1");
    begin();
    assert_int_equal(keys_drop(&runner, &err), RC_OK);
    assert_contains(run.keys_error, "Cannot drop the first (error 15151)");
    assert_int_equal(run.keys_dropped, 1);
    script_close(tds);
}

/* ---- the shipped procedures ------------------------------------------------------------------ */

static void test_procedure__calls_what_there_is(void **state)
{
    Err err = {0};

    (void)state;
    ends_waits = false;
    plan.has_exclusive = plan.may_jobs = plan.may_workers = true;
    script_statement("EXECUTE internal.cleanup_server_retention_window_exclusive;", NULL, 0);
    script_statement("EXECUTE internal.cleanup_completed_jobs_exclusive", NULL, 0);
    script_statement("EXECUTE internal.cleanup_expired_worker", NULL, 0);
    begin();
    assert_int_equal(procedure_run(&runner, &err), RC_OK);
    assert_int_equal(run.statements, 3);
    assert_int_equal(fake_driver_query_timeout(), 7 * 24 * 3600);
    script_close(tds);
    (void)setup(NULL);
    ends_waits = false;
    script_statement("EXECUTE internal.cleanup_server_retention_window;", NULL, 0);
    begin();
    assert_int_equal(procedure_run(&runner, &err), RC_OK);
    assert_string_equal(told, "internal.cleanup_server_retention_window");
    script_close(tds);
}

static void test_procedure__stops_between_two_and_ends_with_an_error(void **state)
{
    Err err = {0};

    (void)state;
    plan.has_exclusive = plan.may_jobs = true; // the first is told of: then the time is over
    script_statement("EXECUTE internal.cleanup_server_retention_window_exclusive;", NULL, 0);
    begin();
    assert_int_equal(procedure_run(&runner, &err), RC_OK);
    assert_int_equal(run.statements, 1);
    assert_int_equal(run.end, CLEANUP_TIME_LIMIT);
    script_close(tds);
    (void)setup(NULL);
    ends_waits = false;
    plan.may_jobs = true;
    script_error("EXECUTE internal.cleanup_server_retention_window;", 50000);
    begin();
    assert_int_equal(procedure_run(&runner, &err), RC_QUERY);
    assert_int_equal(run.statements, 0);
    script_close(tds);
}

/* ---- what is kept of it ---------------------------------------------------------------------- */

static void test_note__keeps_the_longest_and_where_it_was(void **state)
{
    (void)state;
    begin();
    runner_note(&runner, MESSAGES, 10, 30);
    runner_note(&runner, LOOSE, 5, 30); // no longer than that: the first is named
    runner_note(&runner, MESSAGES, 7, 20);
    runner_note(&runner, PARENTS, 2, 25);
    assert_string_equal(run.longest_table, "operation_messages");
    assert_int_equal(run.longest_ms, 30);
    assert_int_equal(run.tables[MESSAGES].longest_ms, 30);
    assert_int_equal(run.tables[MESSAGES].total_ms, 50);
    assert_int_equal(run.tables[PARENTS].longest_ms, 25);
    assert_int_equal(run.rows, 24);
    assert_int_equal(run.operations, 2);
    assert_int_equal(run.statements, 4);
    script_close(tds);
}

static char *path_of_ledger(void)
{
    static char path[64];

    (void)snprintf(path, sizeof(path), "/tmp/ssisminer-ledger-%d", (int)getpid());
    (void)unlink(path);
    return path;
}

static const char *content_of(const char *path)
{
    Str text = {0};
    Err err = {0};

    if (file_read(path, 1 << 20, &arena, &text, &err) != RC_OK)
        fail_msg("%s", err.text);
    return arena_copy(&arena, text.at, text.len);
}

static size_t times(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

/* A table whose statements found nothing has its line, too; one that nothing was sent to has none.
 */
static void test_record__tells_what_went_since(void **state)
{
    AUTO(ledger_close_at) Ledger *ledger = NULL;
    char *path = path_of_ledger();
    Err err = {0};

    (void)state;
    assert_int_equal(ledger_open(path, &ledger, &err), RC_OK);
    watch.ledger = ledger;
    begin();
    runner_note(&runner, MESSAGES, 10, 3);
    runner_note(&runner, PARENTS, 0, 1);
    assert_int_equal(runner_record(&runner, &err), RC_OK);
    runner_note(&runner, MESSAGES, 4, 2);
    runner.recorded_ms = time_monotonic_ms();
    assert_int_equal(runner_record_if_due(&runner, &err), RC_OK); // not yet
    const char *content = content_of(path);
    assert_int_equal(times(content, "\"ledger\":\"table\""), 2);
    assert_contains(content, "\"rows\":10");
    assert_int_equal(times(content, "scaleout"), 0);
    runner.recorded_ms -= 5000;
    assert_int_equal(runner_record_if_due(&runner, &err), RC_OK);
    assert_int_equal(runner_record(&runner, &err), RC_OK); // nothing since
    run.tables[LOOSE].rows = 8; // by cascade, without a statement of its own
    assert_int_equal(runner_record(&runner, &err), RC_OK);
    content = content_of(path);
    assert_int_equal(times(content, "\"ledger\":\"table\""), 4);
    assert_contains(content, "\"rows\":4");
    assert_contains(content, "\"rows\":8");
    (void)unlink(path);
    script_close(tds);
}

/* ---- chunks ---------------------------------------------------------------------------------- */

static void script_operation(int64_t id, bool is_doomed)
{
    SCRIPT_ROW(arena_printf(&arena, "%lld", (long long)id), "200", "7", is_doomed ? "1" : "0",
               "2001-01-01 00:00:00.0000000 +00:00", "1", NULL, NULL, NULL);
}

#define ASKS                                                                                       \
    "|NVARCHAR(40) 2026-03-01T06:00:00.0000000+00:00|NVARCHAR(40) 2026-03-01T06:00:00.0000000+00:00|BIGINT 1|BIGINT 0"

/* Of 5,000 operations the second and the last go. */
static void script_first_chunk(void)
{
    script_begin_with(SQL_CLEANUP_OPERATIONS, "BIGINT 1|BIGINT 5000" ASKS);
    for (int64_t id = 2; id <= 5001; id++)
        script_operation(id, id == 2 || id == 5001);
    script_end();
    for (int i = 0; i < 2; i++) {
        script_statement("FROM internal.operation_messages", NULL, 4);
        script_statement("FROM internal.event_messages_scaleout", NULL, 0);
        script_statement("FROM internal.operations AS o", NULL, 1);
    }
}

static void two_chunks(void)
{
    plan.doomed = 3;
    plan.operations = 5002;
    plan.first_id = 2;
    plan.last_id = 5010;
    script_first_chunk();
}

static void test_chunks__go_on_behind_the_last_operation(void **state)
{
    Err err = {0};

    (void)state;
    two_chunks();
    script_begin_with(SQL_CLEANUP_OPERATIONS, "BIGINT 5001|BIGINT 5000" ASKS);
    script_operation(5010, true);
    script_end();
    script_statement("FROM internal.operation_messages", NULL, 2);
    script_statement("FROM internal.event_messages_scaleout", NULL, 0);
    script_statement("FROM internal.operations AS o", NULL, 1);
    begin();
    assert_int_equal(batched_run(&runner, &err), RC_OK);
    assert_int_equal(run.operations, 3);
    assert_int_equal(run.settled_operations, 3);
    assert_int_equal(run.settled_rows, 13);
    script_close(tds);
}

/* A ledger that cannot be written any more ends the run before its next delete. */
static void test_chunks__end_when_the_ledger_is_full(void **state)
{
    AUTO(ledger_close_at) Ledger *ledger = NULL;
    char *path = path_of_ledger();
    struct rlimit before, none;
    Err err = {0};

    (void)state;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(ledger_open(path, &ledger, &err), RC_OK);
    watch.ledger = ledger;
    two_chunks();
    begin();
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    Rc rc = batched_run(&runner, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)unlink(path);
    assert_int_equal(rc, RC_USAGE);
    assert_int_equal(run.operations, 2);
    script_close(tds);
}

static void test_chunks__nothing_doomed_asks_for_nothing(void **state)
{
    Err err = {0};

    (void)state;
    plan.doomed = 0;
    plan.first_id = 1;
    plan.last_id = 9;
    begin();
    assert_int_equal(batched_run(&runner, &err), RC_OK);
    script_close(tds);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_batch__goes_on_until_one_is_not_full),
        TEST(test_batch__is_small_for_a_busy_server),
        TEST(test_batch__waits_for_room_longer_each_time),
        TEST(test_batch__room_that_was_made_ends_the_count),
        TEST(test_batch__has_patience),
        TEST(test_wait__lasts_as_long_as_asked_for),
        TEST(test_wait__reasons_are_counted),
        TEST(test_wait__for_a_busy_server_is_longer_each_time),
        TEST(test_between__ends_a_run),
        TEST(test_between__waits_for_a_busy_server),
        TEST(test_between__looks_when_it_is_due),
        TEST(test_between__lives_without_figures),
        TEST(test_between__asks_for_nothing_it_may_not_see),
        TEST(test_heaps__orphans_go_from_loose_tables_alone),
        TEST(test_heaps__orphans_behind_locks_wait_and_other_errors_end),
        TEST(test_heaps__say_what_a_rebuild_would_give_back),
        TEST(test_heaps__are_not_measured_unseen),
        TEST(test_heaps__are_rebuilt_where_it_gives_back_much),
        TEST(test_heaps__are_rebuilt_online_where_the_edition_can),
        TEST(test_heaps__a_rebuild_may_take_the_rest_of_the_time),
        TEST(test_heaps__a_refused_rebuild_is_said_and_left),
        TEST(test_heaps__are_measured_again_after_a_rebuild),
        TEST(test_keys__go_up_to_the_later_bound),
        TEST(test_keys__there_are_none_per_project),
        TEST(test_keys__come_five_hundred_at_a_time),
        TEST(test_keys__refusals_are_said_and_other_errors_end),
        TEST(test_procedure__calls_what_there_is),
        TEST(test_procedure__stops_between_two_and_ends_with_an_error),
        TEST(test_note__keeps_the_longest_and_where_it_was),
        TEST(test_record__tells_what_went_since),
        TEST(test_chunks__go_on_behind_the_last_operation),
        TEST(test_chunks__end_when_the_ledger_is_full),
        TEST(test_chunks__nothing_doomed_asks_for_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
