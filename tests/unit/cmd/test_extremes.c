/*
 * Every question that is put to a server, and every format of its answer, on rows that no server
 * should send (support/wild_server.h): each run ends with an answer or an ordinary error. Under
 * UBSan and ASan no sum leaves its range, no size comes from a row unchecked, no record trips an
 * assert. A run that once crashed has its seed below.
 */
#include "test.h"

#include "wild_server.h"

#include "ssisminer/capacity/capacity.h"
#include "ssisminer/cleanup/cleanup.h"
#include "ssisminer/doctor/doctor.h"
#include "ssisminer/duplicates/duplicates.h"
#include "ssisminer/failures/changes.h"
#include "ssisminer/failures/failures.h"
#include "ssisminer/failures/history.h"
#include "ssisminer/mine/mine.h"
#include "ssisminer/running/running.h"
#include "ssisminer/slow/slow.h"

#include <stdio.h>

/* A sum that leaves its range is what UBSan is there to see. */
enum { SEEDS = ROUNDS(20, 60) };

static Arena arena;
static Tds *tds;
static Ssisdb *db;
static SigSet *signatures;
static size_t answers;

/* ---- before and after ------------------------------------------------------------------------ */

static int load(void **state)
{
    Err err = {0};

    (void)state;
    return sigset_load(NULL, 0, &signatures, &err) == RC_OK ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    sigset_free_at(&signatures);
    return 0;
}

/* False when the server does not even pass for a catalog. */
static bool open_wild(uint64_t seed)
{
    static const TdsTarget target = {
        .server = "db", .database = "SSISDB", .user = "u", .password = "p", .query_timeout_s = 5};
    Err err = {0};

    wild_begin(seed);
    assert_int_equal(tds_open_with(&wild_server, &target, &tds, &err), RC_OK);
    Rc rc = ssisdb_probe(tds, &arena, &db, &err);
    assert_true(rc == RC_OK || err.text[0] != '\0');
    return rc == RC_OK;
}

static void close_wild(void)
{
    tds_close(tds);
    tds = NULL;
    arena_reset(&arena);
}

/* ---- windows: as a user may ask for them ----------------------------------------------------- */

typedef struct Window {
    Instant since, until;
} Window;

static Window window_of(uint64_t seed)
{
    Instant first = time_instant(0, 0), last = time_instant(TICKS_MAX, 0), now = time_now();
    const Window windows[] = {
        {{0}, {0}},
        {first, {0}},
        {last, {0}},
        {{0}, last},
        {first, last},
        {now, last},
        {time_add(now, -TICKS_PER_DAY), {0}},
    };

    return windows[seed % ARRAY_LEN(windows)];
}

static int64_t length_of(uint64_t seed)
{
    static const int64_t lengths[] = {TICKS_PER_DAY, 1, INT64_MAX, 0, TICKS_MAX};

    return lengths[seed % ARRAY_LEN(lengths)];
}

/* ---- every format ---------------------------------------------------------------------------- */

static const char *const formats[] = {"text", "json",     "ndjson",    "csv",
                                      "html", "markdown", "prometheus"};

static void write_first(const Report *report, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const ReportStyle style = {.columns = 80};
        char *page = NULL;
        size_t size = 0;
        Err err = {0};
        FILE *out = open_memstream(&page, &size);
        assert_non_null(out);
        assert_int_equal(report_writer(formats[i])->write(report, &style, out, &err), RC_OK);
        (void)fclose(out);
        assert_int_equal(strlen(page), size); // U+0000 cuts nothing
        free(page);
    }
    answers++;
}

static void write_all(const Report *report)
{
    write_first(report, ARRAY_LEN(formats));
}

static void must_say(Rc rc, const Err *err)
{
    assert_true(rc == RC_OK || (err->rc == rc && err->text[0] != '\0'));
}

/* ---- the questions --------------------------------------------------------------------------- */

typedef void Ask(uint64_t seed);

static void ask_each(Ask *ask)
{
    answers = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        if (open_wild(seed))
            ask(seed);
        close_wild();
    }
    arena_done(&arena);
}

static void ask_all(Ask *ask)
{
    ask_each(ask);
    assert_true(answers > SEEDS / 2); // most get an answer, else little was tried
}

static void ask_capacity(uint64_t seed)
{
    Window window = window_of(seed);
    CapacityQuestion question = {.since = window.since,
                                 .until = window.until,
                                 .nodes = seed % 3 ? 0 : 10000,
                                 .per_node = seed % 5 ? 2 : 10000,
                                 .target_wait = length_of(seed)};
    CapacityView view = {db, &question, 0, time_now()};
    Capacity *capacity = NULL;
    Err err = {0};
    Rc rc = capacity_read(db, &question, &capacity, &err);

    must_say(rc, &err);
    if (rc != RC_OK)
        return;
    (void)capacity_is_short(capacity, &question);
    write_all(capacity_report(capacity, &view, &arena));
    capacity_free(capacity);
}

static void ask_slow(uint64_t seed)
{
    Window window = window_of(seed);
    SlowQuestion question = {.since = window.since,
                             .until = window.until,
                             .look_back = length_of(seed),
                             .slower_percent = seed % 4 ? 1 : INT64_MAX,
                             .least_runs = 2};
    SlowView view = {db, &question, 0, time_now(), NULL};
    Slow *slow = NULL;
    Err err = {0};
    Rc rc = slow_read(db, &question, &slow, &err);

    must_say(rc, &err);
    if (rc != RC_OK)
        return;
    write_all(slow_report(slow, &view, &arena));
    slow_free(slow);
}

static void ask_running(uint64_t seed)
{
    Window window = window_of(seed);
    RunningQuestion question = {.since = window.since,
                                .until = window.until,
                                .look_back = length_of(seed),
                                .slower_percent = seed % 4 ? 1 : INT64_MAX,
                                .silent_for = length_of(seed + 1),
                                .least_runs = 2};
    RunningView view = {db, &question, 0, time_now(), NULL};
    Running *running = NULL;
    Err err = {0};
    Rc rc = running_read(db, signatures, &question, &running, &err);

    must_say(rc, &err);
    if (rc != RC_OK)
        return;
    write_all(running_report(running, &view, &arena));
    running_free(running);
}

static void ask_duplicates(uint64_t seed)
{
    Window window = window_of(seed);
    DuplicatesQuestion question = {.since = window.since,
                                   .until = window.until,
                                   .within = length_of(seed),
                                   .look_back = length_of(seed / 5),
                                   .ignore_parameters = seed % 2,
                                   .include_retries = true};
    DuplicatesView view = {db, &question, 0, time_now(), NULL, REMEDIES_SHOWN};
    Duplicates *duplicates = NULL;
    Err err = {0};

    question.since.is_set = true;
    Rc rc = duplicates_read(db, &question, &duplicates, &err);
    must_say(rc, &err);
    if (rc != RC_OK)
        return;
    write_all(duplicates_report(duplicates, &view, &arena));
    duplicates_free(duplicates);
}

static void ask_mine(uint64_t seed)
{
    Window window = window_of(seed);
    MineQuestion question = {.since = window.since, .until = window.until, .types = MINE_ALL};
    MineView view = {.db = db, .question = &question, .now = time_now()};
    Mine *mine = NULL;
    Err err = {0};
    Rc rc = mine_read(db, signatures, &question, NULL, NULL, &mine, &err);

    must_say(rc, &err);
    if (rc != RC_OK)
        return;
    write_all(mine_report(mine, &view, &arena));
    mine_free(mine);
}

static void ask_failures(uint64_t seed)
{
    Window window = window_of(seed);
    FailuresQuestion question = {.since = window.since,
                                 .until = window.until,
                                 .with_failed = true,
                                 .with_unexpected = true,
                                 .with_canceled = true,
                                 .all_messages = seed % 2};
    FailuresView view = {.db = db, .question = &question, .now = time_now()};
    AUTO(failures_free_at) Failures *failures = NULL;
    AUTO(changes_free_at) Changes *changes = NULL;
    Err err = {0};
    Rc rc = failures_read(db, signatures, &question, &failures, &err);

    must_say(rc, &err);
    if (rc != RC_OK)
        return;
    rc = changes_read(db, failures, &changes, &err);
    must_say(rc, &err);
    view.changes = changes;
    write_all(failures_report(failures, &view, &arena));
}

/* Of a few months: each is asked for by itself. */
static void ask_history(uint64_t seed)
{
    Instant now = time_now();
    const HistoryQuestion question = {.since = seed % 3 ? time_add(now, -90 * TICKS_PER_DAY)
                                                        : window_of(seed).since,
                                      .until = seed % 4 ? now : window_of(seed / 7).until};
    const HistoryView view = {db, &question, now};
    AUTO(history_free_at) History *history = NULL;
    Err err = {0};
    Rc rc = history_read(db, signatures, &question, &history, &err);

    must_say(rc, &err);
    if (rc == RC_OK)
        write_first(history_report(history, &view, &arena), ARRAY_LEN(formats) - 1); // no metrics
}

static void ask_doctor(uint64_t seed)
{
    DoctorQuestion question = {0};
    DoctorView view = {db, time_now(), NULL, NULL, NULL, REMEDIES_SHOWN, 0};
    Doctor *doctor = NULL;
    Err err = {0};
    Rc rc = doctor_examine(db, &question, &doctor, &err);

    (void)seed;
    must_say(rc, &err);
    if (rc != RC_OK)
        return;
    write_all(doctor_report(doctor, &view, &arena));
    doctor_free(doctor);
}

/* The plan reads; a run of it has whatever numbers a run may have. */
static void ask_cleanup(uint64_t seed)
{
    const CleanupWish wish = {.keep_ticks = seed % 4 ? 30 * TICKS_PER_DAY : length_of(seed),
                              .keep_failed_ticks = seed % 5 ? 0 : length_of(seed / 5),
                              .keep_origin = "here",
                              .keep_failed_origin = "there",
                              .is_exact = seed % 2,
                              .batch_rows = 4000,
                              .time_limit_ms = seed % 4 ? INT64_MAX : 1};
    CleanupRun run = {.end = seed % 2 ? CLEANUP_DONE : CLEANUP_TIME_LIMIT,
                      .elapsed_ms = seed % 7 ? INT64_MAX : 0,
                      .operations = seed % 3 ? 1 : INT64_MAX,
                      .rows = seed % 5 ? INT64_MAX : 1,
                      .longest_ms = INT64_MAX,
                      .settled_operations = 1,
                      .settled_rows = INT64_MAX,
                      .heap_count = 1};
    CleanupPlan *plan = NULL;
    Report *report = NULL;
    AUTO(buf_done) Buf proof = BUF(1 << 20);
    Err err = {0};

    run.heaps[0] = (CleanupHeap){.name = "event_messages_scaleout",
                                 .before_kb = INT64_MAX,
                                 .after_kb = INT64_MIN,
                                 .spare_kb = INT64_MAX,
                                 .rebuilt_kb = INT64_MAX};
    Rc rc = cleanup_plan(db, &wish, &arena, &plan, &err);
    must_say(rc, &err);
    if (rc != RC_OK)
        return;
    write_all(cleanup_report(plan, NULL, &arena));
    write_all(cleanup_report(plan, &run, &arena));
    must_say(cleanup_put_proof(plan, &proof, &err), &err);
    rc = cleanup_explain(plan, 7, &arena, &report, &err);
    must_say(rc, &err);
    if (rc == RC_OK)
        write_all(report);
}

#define CASE(question)                                                                             \
    static void test_extremes__##question(void **state)                                            \
    {                                                                                              \
        (void)state;                                                                               \
        ask_all(ask_##question);                                                                   \
    }

CASE(capacity)
CASE(slow)
CASE(running)
CASE(duplicates)
CASE(mine)
CASE(failures)
CASE(history)
CASE(doctor)

/* Many keeps are refused: fewer get an answer. */
static void test_extremes__cleanup(void **state)
{
    (void)state;
    ask_each(ask_cleanup);
    assert_true(answers > SEEDS / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extremes__capacity), cmocka_unit_test(test_extremes__slow),
        cmocka_unit_test(test_extremes__running),  cmocka_unit_test(test_extremes__duplicates),
        cmocka_unit_test(test_extremes__mine),     cmocka_unit_test(test_extremes__failures),
        cmocka_unit_test(test_extremes__doctor),   cmocka_unit_test(test_extremes__cleanup),
        cmocka_unit_test(test_extremes__history),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
