/* Field patterns, each on twenty seeds, through everything that reads and judges. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/duplicates/duplicates.h"
#include "ssisminer/ssisdb/ends.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND TICKS_PER_SECOND
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    TICKS_PER_DAY
#define NOW    (time_days_from_civil(2026, 4, 15) * DAY + 12 * HOUR) /* a Wednesday */
#define NIGHT  (NOW - 10 * HOUR)                                     /* 02:00 of that day */

enum {
    CREATED = 1,
    RUNNING = 2,
    FAILED = 4,
    PENDING = 5,
    DIED = 6,
    SUCCEEDED = 7,
    EXECS_MAX = 600,
    GIVEN_MAX = 3,
    SEEDS = ROUNDS(20, 3)
};

typedef struct Parameter {
    const char *name, *type, *value;
    int object_type;
    bool is_secret;
} Parameter;

typedef struct Exec {
    int64_t created, start, work, end, sign;
    const char *folder, *package, *environment, *caller, *caller_info, *child;
    int status, executed_count;
    int64_t lsn;
    bool is_32bit, is_noncatalog, is_again;
    Parameter given[GIVEN_MAX];
    size_t given_count;
} Exec;

static Exec execs[EXECS_MAX];
static size_t exec_count;
static uint64_t seed;
static Arena arena;

static int64_t below(int64_t limit)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((seed >> 33) % (uint64_t)limit);
}

/* A little later, by up to so many ticks. */
static int64_t jitter(int64_t most)
{
    return below(most / SECOND * 10 + 1) * (SECOND / 10);
}

/* Of this length, give or take a tenth. */
static Exec *run(int64_t created, int64_t length, int status)
{
    assert_true(exec_count < EXECS_MAX);
    Exec *e = &execs[exec_count++];

    *e = (Exec){.created = created,
                .folder = "Sales",
                .package = "Load.dtsx",
                .caller = "etl_login",
                .status = status,
                .executed_count = 1,
                .lsn = 1};
    if (status == CREATED)
        return e;
    e->start = created + SECOND;
    if (status == PENDING)
        return e;
    e->work = e->start + 2 * SECOND;
    if (status != RUNNING)
        e->end = e->work + length + jitter(length / 10);
    return e;
}

static Exec *ok(int64_t created, int64_t length)
{
    return run(created, length, SUCCEEDED);
}

static Exec *give(Exec *e, const char *name, const char *type, const char *value)
{
    e->given[e->given_count++] =
        (Parameter){.name = name, .type = type, .value = value, .object_type = 30};
    return e;
}

static const char *text(const char *format, int64_t number)
{
    char line[64];

    (void)snprintf(line, sizeof(line), "%" PRId64, number);
    return arena_printf(&arena, "%s%s", format, line);
}

static const char *guid(void)
{
    return arena_printf(&arena, "%08x-%04x-4%03x-a%03x-%012" PRIx64, (unsigned)below(INT32_MAX),
                        (unsigned)below(65536), (unsigned)below(4096), (unsigned)below(4096),
                        (uint64_t)below(INT32_MAX) * 4096);
}

static void nights(int count, int64_t length)
{
    for (int i = count - 1; i >= 0; i--)
        ok(NIGHT - i * DAY + jitter(3 * SECOND), length);
}

/* ---- schedules ------------------------------------------------------------------------------- */

static void five_minutes(void)
{
    for (int i = 0; i < 288; i++)
        ok(NOW - DAY + i * 5 * MINUTE + jitter(3 * SECOND), 40 * SECOND);
}

static void hourly(void)
{
    for (int i = 0; i < 240; i++)
        ok(NOW - 10 * DAY + i * HOUR + jitter(3 * SECOND), 12 * MINUTE);
}

static void daily_through_clock_change(void)
{
    for (int i = 0; i < 30; i++)
        ok(NIGHT - (29 - i) * DAY + (i < 13 ? HOUR : 0) + jitter(3 * SECOND), 40 * MINUTE);
}

static void workdays(void)
{
    for (int i = 27; i >= 0; i--)
        if ((i + 4) % 7 > 1) // today is a Wednesday: 3 and 4 days ago it was the weekend
            ok(NIGHT - i * DAY + jitter(3 * SECOND), 40 * MINUTE);
}

static void business_hours(void)
{
    for (int day = 9; day >= 0; day--)
        for (int i = 0; i < (day ? 41 : 16); i++)
            ok(NIGHT - day * DAY + 6 * HOUR + i * 15 * MINUTE + jitter(3 * SECOND), 2 * MINUTE);
}

static void weekly(void)
{
    for (int i = 7; i >= 0; i--)
        ok(NIGHT - i * 7 * DAY + jitter(3 * SECOND), 3 * HOUR);
}

static int64_t month_start(int months_ago)
{
    int month = 4 - months_ago, year = 2026;

    for (; month < 1; month += 12)
        year--;
    return time_days_from_civil(year, month, 1) * DAY;
}

static void monthly(void)
{
    for (int i = 7; i >= 0; i--)
        ok(month_start(i) + 3 * HOUR + jitter(3 * SECOND), 3 * HOUR);
}

static void month_end(void)
{
    for (int i = 7; i >= 0; i--)
        ok(month_start(i) - 2 * HOUR + jitter(3 * SECOND), HOUR);
}

static void times_of_day(void)
{
    static const int minutes[] = {360, 405, 720, 1080};

    for (int day = 14; day >= 1; day--)
        for (size_t i = 0; i < ARRAY_LEN(minutes); i++)
            ok(NOW - 12 * HOUR - day * DAY + minutes[i] * MINUTE + jitter(3 * SECOND), 10 * MINUTE);
}

static void overtakes_itself(void)
{
    for (int i = 0; i < 60; i++)
        ok(NOW - 6 * HOUR + i * 5 * MINUTE + jitter(2 * SECOND), i == 40 ? 7 * MINUTE : MINUTE);
}

static void two_schedules_overlap(void)
{
    for (int i = 13; i >= 0; i--) {
        ok(NIGHT - i * DAY + jitter(3 * SECOND), 3 * HOUR);
        ok(NIGHT - i * DAY + 70 * MINUTE + jitter(3 * SECOND), 20 * MINUTE);
    }
}

/* Every so many minutes of each hour, as cron has it: the last gap of an hour is a shorter one. */
static void minutes_of_the_hour(int every, int hours)
{
    for (int hour = hours; hour >= 1; hour--)
        for (int minute = 0; minute < 60; minute += every)
            ok(NOW - hour * HOUR + minute * MINUTE + jitter(3 * SECOND), 40 * SECOND);
}

static void cron_every_seven_minutes(void)
{
    minutes_of_the_hour(7, 48);
}

static void cron_every_eleven_minutes(void)
{
    minutes_of_the_hour(11, 72);
    ok(NOW + jitter(3 * SECOND) - 5 * SECOND, 40 * SECOND); // nobody knows yet what follows
}

static void cron_every_twenty_five_minutes(void)
{
    minutes_of_the_hour(25, 96);
}

/* SQL Agent counts from midnight: the last gap of a day is five minutes. */
static void agent_every_seven_minutes(void)
{
    for (int day = 2; day >= 0; day--)
        for (int i = 0; i < (day ? 206 : 102); i++)
            ok(NOW - 12 * HOUR - day * DAY + i * 7 * MINUTE + jitter(3 * SECOND), MINUTE);
}

static void schedule_moved_by_five_minutes(void)
{
    for (int i = 0; i < 200; i++)
        ok(NOW - 2 * DAY + i * 15 * MINUTE - (i >= 120 ? 10 * MINUTE : 0) + jitter(3 * SECOND),
           MINUTE);
}

static int64_t day_of_month(int months_ago, int day)
{
    return month_start(months_ago) + (day - 1) * DAY;
}

static int weekday_of(int64_t ticks)
{
    return (int)((ticks / DAY + 3) % 7); // 1970-01-01 was a Thursday; 0 is Monday
}

static void first_business_day(void)
{
    for (int i = 11; i >= 0; i--) {
        int64_t at = day_of_month(i, 1);
        while (weekday_of(at) > 4)
            at += DAY;
        ok(at + 4 * HOUR + jitter(3 * SECOND), 2 * HOUR);
    }
}

static void last_business_day(void)
{
    for (int i = 11; i >= 0; i--) {
        int64_t at = day_of_month(i, 1) - DAY;
        while (weekday_of(at) > 4)
            at -= DAY;
        ok(at + 19 * HOUR + jitter(3 * SECOND), 2 * HOUR);
    }
}

static void first_five_business_days(void)
{
    for (int i = 8; i >= 0; i--)
        for (int day = 0, done = 0; done < 5; day++)
            if (weekday_of(day_of_month(i, 1) + day * DAY) <= 4) {
                ok(day_of_month(i, 1) + day * DAY + 5 * HOUR + jitter(3 * SECOND), HOUR);
                done++;
            }
}

static void second_tuesday(void)
{
    for (int i = 11; i >= 0; i--) {
        int64_t at = day_of_month(i, 8);
        while (weekday_of(at) != 1)
            at += DAY;
        ok(at + 3 * HOUR + jitter(3 * SECOND), HOUR);
    }
}

static void closing_in_two_steps(void)
{
    for (int i = 9; i >= 0; i--) {
        ok(month_start(i) - 2 * HOUR + jitter(3 * SECOND), HOUR);
        ok(month_start(i) + 3 * HOUR + jitter(3 * SECOND), HOUR);
    }
}

static void quarterly_again(void)
{
    for (int i = 12; i >= 0; i -= 3)
        ok(month_start(i) + 3 * HOUR + jitter(3 * SECOND), 3 * HOUR);
    ok(month_start(0) + 3 * HOUR + 90 * SECOND, 3 * HOUR);
}

static void weekends_at_another_hour(void)
{
    for (int i = 27; i >= 0; i--) {
        int64_t at = NIGHT - i * DAY;
        ok(at + (weekday_of(at) > 4 ? 4 * HOUR : 0) + jitter(3 * SECOND), 40 * MINUTE);
    }
}

static void mondays_twice(void)
{
    for (int i = 27; i >= 0; i--) {
        int64_t at = NIGHT - i * DAY;
        ok(at + jitter(3 * SECOND), 40 * MINUTE);
        if (weekday_of(at) == 0)
            ok(at + 2 * HOUR + jitter(3 * SECOND), 90 * MINUTE);
    }
}

static void business_hours_and_nights(void)
{
    for (int day = 13; day >= 0; day--) {
        ok(NIGHT - day * DAY + jitter(3 * SECOND), 40 * MINUTE);
        for (int i = 0; i < (day ? 41 : 16) && exec_count < EXECS_MAX - 1; i++)
            ok(NIGHT - day * DAY + 6 * HOUR + i * 15 * MINUTE + jitter(3 * SECOND), 2 * MINUTE);
    }
}

/* 02:30 comes twice in the night when clocks go back: some schedulers run it twice. */
static void clock_goes_back(void)
{
    for (int i = 20; i >= 0; i--) {
        if (i == 8)
            ok(NIGHT - i * DAY - HOUR + jitter(3 * SECOND), 20 * MINUTE);
        ok(NIGHT - i * DAY - (i > 8 ? HOUR : 0) + jitter(3 * SECOND), 20 * MINUTE);
    }
}

static void schedule_moved_to_the_afternoon(void)
{
    for (int i = 20; i >= 0; i--)
        ok(NIGHT - i * DAY + (i < 7 ? 9 * HOUR : 0) + jitter(3 * SECOND), 20 * MINUTE);
    ok(NIGHT - 7 * DAY + 9 * HOUR + jitter(3 * SECOND), 20 * MINUTE);
}

/* ---- twice, in other ways -------------------------------------------------------------------- */

static void every_hour_twice(void)
{
    for (int i = 120; i >= 1; i--) {
        ok(NOW - i * HOUR + jitter(2 * SECOND), 10 * MINUTE);
        ok(NOW - i * HOUR + 2 * MINUTE + jitter(2 * SECOND), 10 * MINUTE);
    }
}

static void second_trigger_in_five_minutes(void)
{
    for (int i = 0; i < 288; i++) {
        ok(NOW - DAY + i * 5 * MINUTE + jitter(2 * SECOND), 40 * SECOND);
        if (i % 12 == 0)
            ok(NOW - DAY + i * 5 * MINUTE + 20 * SECOND + jitter(2 * SECOND), 40 * SECOND);
    }
}

static void rerun_by_person_next_morning(void)
{
    nights(14, 40 * MINUTE);
    ok(execs[12].created + 7 * HOUR + jitter(HOUR), 40 * MINUTE)->caller = "CORP\\anna.keller";
}

/* The caller got no answer in time and sent the start again, from the same pipeline run. */
static void activity_sent_again(void)
{
    nights(14, 40 * MINUTE);
    ok(execs[13].created + 45 * SECOND, 40 * MINUTE);
    for (size_t i = 0; i < exec_count; i++) {
        give(&execs[i], "ActivityRunId", "String", guid());
        give(&execs[i], "PipelineRunId", "String", i == 14 ? execs[13].given[1].value : guid());
    }
}

static void retried_by_new_activity(void)
{
    nights(14, 40 * MINUTE);
    execs[12].status = FAILED;
    ok(execs[12].end + 30 * SECOND, 40 * MINUTE);
    for (size_t i = 0; i < exec_count; i++)
        give(give(&execs[i], "Region", "String", "North"), "ActivityRunId", "String", guid());
}

static void failed_three_times(void)
{
    int64_t at = NOW - 9 * HOUR;

    for (int i = 0; i < 3; i++)
        at = run(at, 4 * MINUTE, FAILED)->end + 5 * MINUTE + jitter(5 * SECOND);
    ok(at, 10 * MINUTE);
}

static void window_run_again(void)
{
    for (int i = 40; i >= 1; i--)
        give(ok(NOW - i * HOUR + jitter(3 * SECOND), 10 * MINUTE), "WindowStart", "DateTime",
             text("2026-04-14T00:00:00.", i));
    give(ok(execs[30].created + 20 * MINUTE, 10 * MINUTE), "WindowStart", "DateTime",
         execs[30].given[0].value);
}

/* ---- bursts ---------------------------------------------------------------------------------- */

static void burst_after_outage(void)
{
    int64_t back = NOW - 10 * HOUR;

    for (int i = 200; i > 24; i--)
        ok(back - i * 15 * MINUTE + jitter(3 * SECOND), 2 * MINUTE);
    for (int i = 0; i < 23; i++) // all that were missed, at once
        ok(back - MINUTE + i * SECOND + jitter(SECOND), 2 * MINUTE);
    for (int i = 0; i < 39; i++)
        ok(back + i * 15 * MINUTE + jitter(3 * SECOND), 2 * MINUTE);
}

static void poll_every_ten_seconds(void)
{
    for (int i = 0; i < 590; i++)
        ok(NOW - 2 * HOUR + i * 10 * SECOND + jitter(SECOND), SECOND);
}

static void backfill_by_date(void)
{
    int64_t at = NOW - 9 * HOUR;

    nights(14, 30 * MINUTE);
    for (size_t i = 0; i < 14; i++)
        give(&execs[i], "Day", "DateTime", text("2026-04-", 10 + (int64_t)i));
    for (int i = 0; i < 20; i++) {
        Exec *e = give(ok(at, 5 * MINUTE), "Day", "DateTime", text("2025-11-", 10 + i));
        e->caller = "CORP\\anna.keller";
        at = e->end + 10 * SECOND;
    }
}

static void longer_than_a_day(void)
{
    nights(14, 40 * MINUTE);
    execs[7].end = execs[7].created + 26 * HOUR;
}

/* ---- the same name --------------------------------------------------------------------------- */

static void two_folders(void)
{
    nights(14, HOUR);
    for (int i = 0; i < 14; i++)
        ok(execs[i].created + jitter(5 * SECOND), HOUR)->folder = "Test";
}

static void two_environments_nightly(void)
{
    nights(14, HOUR);
    for (int i = 0; i < 14; i++) {
        execs[i].environment = "Germany";
        ok(execs[i].created + 5 * MINUTE + jitter(5 * SECOND), HOUR)->environment = "France";
    }
}

/* One parent runs a child again and again, and nobody else does. */
static void parent_with_loop(void)
{
    nights(14, 3 * HOUR);
    for (int i = 0; i < 14; i++) {
        execs[i].package = "Master.dtsx";
        execs[i].child = "Load.dtsx";
        ok(execs[i].end + 2 * HOUR, 10 * MINUTE);
    }
}

/* ---- one start too many ---------------------------------------------------------------------- */

static void extra_in_five_minutes(void)
{
    five_minutes();
    ok(execs[100].created + 20 * SECOND, 40 * SECOND);
}

static void extra_before_its_turn(void)
{
    five_minutes();
    ok(execs[100].created - 2 * MINUTE, 40 * SECOND);
}

static void extra_in_daily(void)
{
    nights(14, 40 * MINUTE);
    ok(execs[9].created + 41 * SECOND, 40 * MINUTE);
}

static void every_night_twice(void)
{
    nights(14, HOUR);
    for (int i = 13; i >= 0; i--)
        ok(NIGHT - i * DAY + 3 * MINUTE + jitter(3 * SECOND), HOUR);
}

static void every_night_at_once(void)
{
    nights(14, HOUR);
    for (int i = 13; i >= 0; i--)
        ok(NIGHT - i * DAY + SECOND + jitter(3 * SECOND), HOUR);
}

static void weekly_again_days_later(void)
{
    weekly();
    ok(execs[6].created + 2 * DAY + 5 * HOUR + jitter(HOUR), 3 * HOUR);
}

static void monthly_again_next_morning(void)
{
    monthly();
    ok(execs[7].created + 20 * HOUR + jitter(HOUR), 3 * HOUR);
}

static void daily_again_at_noon(void)
{
    nights(14, 40 * MINUTE);
    ok(execs[11].created + 8 * HOUR + jitter(HOUR), 40 * MINUTE);
}

/* ---- after an outage ------------------------------------------------------------------------- */

static void catch_up(void)
{
    int64_t back = NOW - 30 * HOUR;

    for (int i = 60; i > 5; i--)
        ok(back - i * HOUR + jitter(3 * SECOND), 2 * MINUTE);
    for (int i = 0; i < 5; i++)
        ok(back - (5 - i) * 30 * SECOND - MINUTE + jitter(3 * SECOND), 2 * MINUTE);
    for (int i = 0; i < 29; i++)
        ok(back + i * HOUR + jitter(3 * SECOND), 2 * MINUTE);
}

static void tumbling_windows(void)
{
    catch_up();
    for (size_t i = 0; i < exec_count; i++)
        give(&execs[i], "WindowStart", "DateTime", text("2026-01-01T00:00:00.", (int64_t)i));
}

/* ---- events and loops ------------------------------------------------------------------------ */

static void event_driven(void)
{
    int64_t at = NOW - DAY;

    for (int i = 0; i < 280; i++) {
        at += 24 * SECOND + jitter(876 * SECOND) / (i % 5 ? 3 : 1);
        ok(at, 18 * SECOND);
    }
}

static void event_driven_evenly(void)
{
    int64_t at = NOW - 72 * HOUR;

    for (int i = 0; i < 280; i++) {
        at += 24 * SECOND + jitter(876 * SECOND);
        ok(at, 18 * SECOND);
    }
}

static void now_and_then(void)
{
    int64_t at = NOW - 10 * DAY;

    for (int i = 0; i < 400; i++) { // nearly as a Poisson process has it: by halves
        int64_t gap = 10 * MINUTE;
        for (int k = 0; k < 8 && below(2); k++)
            gap *= 2;
        at += jitter(gap) + SECOND;
        ok(at, 90 * SECOND);
    }
}

static void event_bursts(void)
{
    int64_t at = NOW - 5 * DAY;

    while (at < NOW - 3 * HOUR) {
        int64_t files = 3 + below(4);
        for (int64_t i = 0; i < files; i++)
            ok(at + i * 2 * SECOND + jitter(8 * SECOND), 3 * MINUTE);
        at += HOUR + jitter(3 * HOUR);
    }
}

static void loop(void)
{
    int64_t at = NOW - 5 * HOUR;

    for (int i = 0; i < 30; i++)
        at = ok(at, 20 * SECOND + jitter(200 * SECOND))->end + 5 * SECOND + jitter(2 * SECOND);
}

static void loop_over_files(void)
{
    loop();
    for (size_t i = 0; i < exec_count; i++)
        give(&execs[i], "FileName", "String", text("orders_", (int64_t)i));
}

static void files_at_once(void)
{
    for (int i = 0; i < 12; i++)
        give(ok(NOW - 5 * HOUR + i * SECOND + jitter(SECOND), 10 * MINUTE), "FileName", "String",
             text("orders_", i));
}

static void four_every_night(void)
{
    for (int day = 9; day >= 0; day--)
        for (int i = 0; i < 4; i++)
            ok(NIGHT - day * DAY + i * SECOND + jitter(SECOND), 20 * MINUTE);
}

/* ---- queues, and those that died ------------------------------------------------------------- */

static void queued_daily(void)
{
    nights(14, 20 * MINUTE);
    for (size_t i = 11; i < 14; i++) {
        execs[i].status = PENDING;
        execs[i].work = execs[i].end = 0;
    }
}

static void queued_twice(void)
{
    run(NOW - 20 * MINUTE, 0, PENDING);
    run(NOW - 19 * MINUTE + jitter(20 * SECOND), 0, PENDING);
}

static void waited_for_a_slot(void)
{
    Exec *first = ok(NOW - 5 * HOUR, 100 * MINUTE);
    Exec *second = ok(NOW - 4 * HOUR, 10 * MINUTE);

    second->work = first->end + 5 * SECOND;
    second->end = second->work + 10 * MINUTE;
}

static void zombie(void)
{
    run(NIGHT - 10 * DAY - 5 * HOUR, 0, RUNNING)->sign = NIGHT - 10 * DAY - 4 * HOUR;
    nights(10, 20 * MINUTE);
}

static void repaired_days_later(void)
{
    Exec *dead = run(NIGHT - 10 * DAY - 5 * HOUR, 0, DIED);

    dead->sign = dead->created + 10 * MINUTE;
    dead->end = NOW - 2 * DAY;
    nights(10, 20 * MINUTE);
}

static void zombie_run_again(void)
{
    Exec *dead = run(NOW - 3 * DAY, 0, RUNNING);

    dead->sign = dead->created + 20 * MINUTE;
    ok(dead->sign + 25 * MINUTE + jitter(10 * MINUTE), 30 * MINUTE);
}

static void alive_and_again(void)
{
    run(NOW - 3 * HOUR, 0, RUNNING)->sign = NOW - jitter(3 * MINUTE);
    run(NOW - HOUR, 20 * MINUTE, SUCCEEDED);
}

static void node_loss(void)
{
    static const char *const packages[] = {"Load.dtsx", "Orders.dtsx", "Stock.dtsx"};

    for (size_t i = 0; i < ARRAY_LEN(packages); i++) {
        Exec *lost = run(NOW - 5 * HOUR - (int64_t)i * 3 * MINUTE, 0, DIED);
        lost->sign = NOW - 5 * HOUR + 10 * MINUTE;
        lost->end = lost->sign + 5 * MINUTE;
        lost->package = packages[i];
        ok(lost->end + MINUTE + jitter(MINUTE), 20 * MINUTE)->package = packages[i];
    }
}

static void scale_out_retry(void)
{
    nights(10, 20 * MINUTE);
    execs[4].executed_count = 3;
}

static void never_started(void)
{
    run(NOW - 5 * HOUR, 0, CREATED);
    ok(NOW - 5 * HOUR + 20 * SECOND + jitter(20 * SECOND), 10 * MINUTE);
}

static void just_created(void)
{
    run(NOW - 40 * SECOND, 0, RUNNING)->sign = NOW - 5 * SECOND;
    run(NOW - 2 * SECOND, 0, CREATED);
}

/* ---- callers --------------------------------------------------------------------------------- */

static void activity_retry(void)
{
    Exec *failed = run(NOW - 5 * HOUR, 4 * MINUTE, FAILED);

    ok(failed->end + 30 * SECOND + jitter(5 * SECOND), 10 * MINUTE);
}

static void activity_timeout(void)
{
    ok(NOW - 9 * HOUR, 3 * HOUR);
    ok(NOW - 8 * HOUR + 30 * SECOND, 3 * HOUR);
}

static void script_sent_again(void)
{
    for (int i = 0; i < 3; i++)
        ok(NOW - 5 * HOUR + i * 40 * SECOND + jitter(10 * SECOND), HOUR);
}

static void agent_beside_data_factory(void)
{
    Exec *agent = ok(NIGHT, 30 * MINUTE), *factory = ok(NIGHT + 2 * MINUTE, 30 * MINUTE);

    agent->caller = "CORP\\svc_sql";
    agent->caller_info = "SQLAGENT";
    factory->caller = "adf-contoso-prod";
}

static void person_beside_schedule(void)
{
    nights(14, 30 * MINUTE);
    ok(execs[13].created + 4 * MINUTE, 30 * MINUTE)->caller = "CORP\\anna.keller";
}

static void person_again(void)
{
    ok(NOW - 5 * HOUR, MINUTE)->caller = "anna.keller@contoso.com";
    ok(NOW - 5 * HOUR + 4 * MINUTE + jitter(MINUTE), MINUTE)->caller = "anna.keller@contoso.com";
}

static void redeployed_and_run_again(void)
{
    ok(NOW - 5 * HOUR, MINUTE);
    ok(NOW - 5 * HOUR + 5 * MINUTE, MINUTE)->lsn = 2;
}

/* ---- parallel work --------------------------------------------------------------------------- */

static void by_parameter(void)
{
    static const char *const regions[] = {"North", "South", "West", "East"};

    for (int day = 9; day >= 0; day--)
        for (size_t i = 0; i < ARRAY_LEN(regions); i++)
            give(ok(NIGHT - day * DAY + (int64_t)i * SECOND + jitter(SECOND), 20 * MINUTE),
                 "Region", "String", regions[i]);
}

static void by_override(void)
{
    for (int i = 0; i < 4; i++)
        give(ok(NOW - 5 * HOUR + i * 4 * SECOND, 2 * MINUTE),
             "\\Package.Variables[User::Customer].Value", "String", text("C", i))
            ->given[0]
            .object_type = 0;
}

static void by_runtime(void)
{
    ok(NOW - 5 * HOUR, HOUR);
    ok(NOW - 5 * HOUR + 10 * SECOND, HOUR)->is_32bit = true;
}

static void by_environment(void)
{
    ok(NOW - 5 * HOUR, HOUR)->environment = "Germany";
    ok(NOW - 5 * HOUR + 10 * SECOND, HOUR)->environment = "France";
}

static void by_date(void)
{
    for (int i = 0; i < 8; i++)
        give(give(ok(NOW - 5 * HOUR + i * SECOND + jitter(SECOND), 20 * MINUTE), "BusinessDate",
                  "DateTime", text("2026-03-0", i + 1)),
             "Region", "String", "North");
}

/* ---- values ---------------------------------------------------------------------------------- */

static Exec *second_of_pair(Exec **ret_first)
{
    *ret_first = ok(NOW - 5 * HOUR, HOUR);
    return ok(NOW - 5 * HOUR + MINUTE + jitter(20 * SECOND), HOUR);
}

static void number_and_text(void)
{
    Exec *first, *second = second_of_pair(&first);

    give(first, "Region", "Int32", "1");
    give(second, "Region", "String", "1");
}

static void same_by_value(void)
{
    Exec *first, *second = second_of_pair(&first);

    give(give(first, "Rate", "Decimal", "1.50"), "Region", "String", "North");
    give(give(second, "Rate", "Decimal", "1.5"), "Region", "String", "NORTH ");
}

static void other_date(void)
{
    Exec *first, *second = second_of_pair(&first);

    give(first, "Day", "DateTime", "2026-03-01T00:00:00");
    give(second, "Day", "DateTime", "2026-03-02T00:00:00");
}

static void secret_value(void)
{
    Exec *first, *second = second_of_pair(&first);

    give(first, "Token", "String", NULL)->given[0].is_secret = true;
    give(second, "Token", "String", NULL)->given[0].is_secret = true;
}

static void pipeline_run_ids(void)
{
    Exec *first, *second = second_of_pair(&first);

    give(give(first, "Region", "String", "North"), "PipelineRunId", "String", guid());
    give(give(second, "Region", "String", "North"), "PipelineRunId", "String", guid());
}

static void one_pipeline_run(void)
{
    Exec *first, *second = second_of_pair(&first);
    const char *id = guid();

    give(give(first, "Region", "String", "North"), "PipelineRunId", "String", id);
    give(give(second, "Region", "String", "North"), "PipelineRunId", "String", id);
}

/* ---- other places ---------------------------------------------------------------------------- */

static void child_beside_own_run(void)
{
    Exec *parent = ok(NOW - 9 * HOUR, 3 * HOUR);

    parent->package = "Master.dtsx";
    parent->child = "Load.dtsx";
    ok(NOW - 8 * HOUR, 30 * MINUTE);
}

static void noncatalog_twice(void)
{
    Exec *first, *second = second_of_pair(&first);

    first->is_noncatalog = second->is_noncatalog = true;
}

static void joined_twice(void)
{
    Exec once = *ok(NOW - 5 * HOUR, HOUR);

    execs[exec_count] = once;
    execs[exec_count++].is_again = true;
}

static void end_in_the_future(void)
{
    Exec *odd = run(NOW - 3 * HOUR, 0, FAILED);

    odd->start = odd->work = 0;
    odd->end = NOW + 10 * HOUR;
    ok(NOW - HOUR - 30 * MINUTE, 10 * MINUTE);
}

/* ---- playing --------------------------------------------------------------------------------- */

static int64_t id_of(const Exec *e)
{
    return 1001 + (e - execs) - (e->is_again ? 1 : 0);
}

static const char *time_text(int64_t ticks)
{
    char iso[TIME_TEXT_MAX];

    if (ticks == 0)
        return NULL;
    time_iso_utc(time_instant(ticks, 0), 7, iso);
    iso[10] = ' ';
    return arena_printf(&arena, "%.27s +00:00", iso);
}

static const char *number(int64_t value)
{
    return arena_printf(&arena, "%" PRId64, value);
}

static const char *names_of(const Exec *e)
{
    return arena_printf(&arena,
                        "%s\x1f"
                        "ETL\x1f%s\x1f%s\x1f%s\x1f%s\x1f%" PRId64 "\x1f%d",
                        e->folder, e->package, e->environment ? "Env" : "",
                        e->environment ? e->environment : "", e->caller, e->lsn, e->is_32bit);
}

static void script_catalog(void)
{
    script_begin(SQL_DUPLICATES_TRIGGERS);
    for (size_t i = 0; i < exec_count; i++) {
        const Exec *e = &execs[i];
        if (e->is_noncatalog)
            continue;
        SCRIPT_ROW(number(id_of(e)), names_of(e), number(e->status), time_text(e->created),
                   time_text(e->start), time_text(e->end), number(e->executed_count));
    }
    script_end();
    script_begin(SQL_DUPLICATES_NONCATALOG);
    for (size_t i = 0; i < exec_count; i++) {
        const Exec *e = &execs[i];
        if (e->is_noncatalog)
            SCRIPT_ROW(number(id_of(e)), "share\\Load.dtsx", e->caller, number(e->status),
                       time_text(e->created), time_text(e->start), time_text(e->end));
    }
    script_end();
}

static void script_signs(void)
{
    script_begin(SQL_DUPLICATES_SIGNS);
    for (size_t i = 0; i < exec_count; i++) {
        const Exec *e = &execs[i];
        if (!e->is_noncatalog)
            SCRIPT_ROW(number(id_of(e)), e->caller, "W1", time_text(e->work), NULL, NULL,
                       time_text(e->sign));
    }
    script_end();
}

static void script_parameters(void)
{
    script_begin(SQL_SSISDB_GIVEN);
    for (size_t i = 0; i < exec_count; i++) {
        const Exec *e = &execs[i];
        if (e->is_noncatalog)
            continue;
        SCRIPT_ROW(number(id_of(e)), "50", "LOGGING_LEVEL", "Int32", "0", "0", "1");
        SCRIPT_ROW(number(id_of(e)), "50", "CALLER_INFO", "String", "0", "0", e->caller_info);
        SCRIPT_ROW(number(id_of(e)), "20", "Server", "String", "0", "0", "dwh");
        for (size_t k = 0; k < e->given_count; k++)
            SCRIPT_ROW(number(id_of(e)), number(e->given[k].object_type), e->given[k].name,
                       e->given[k].type, e->given[k].is_secret ? "1" : "0", "1", e->given[k].value);
    }
    script_end();
}

static void script_children(void)
{
    script_begin(SQL_DUPLICATES_CHILDREN);
    for (size_t i = 0; i < exec_count; i++)
        if (execs[i].child)
            SCRIPT_ROW(number(id_of(&execs[i])), execs[i].child,
                       time_text(execs[i].work + 10 * MINUTE),
                       time_text(execs[i].end - 10 * MINUTE));
    script_end();
}

/* Whether anybody is worth asking about: those statements are not sent otherwise. */
static bool has_suspects(const DuplicatesQuestion *question)
{
    static DuplicateRun runs[EXECS_MAX];
    DuplicateRules rules = {.within = question->within, .now = NOW};
    size_t count = exec_count, suspects = 0;

    for (size_t i = 0; i < count; i++) {
        const Exec *e = &execs[i];
        uint32_t key = (uint32_t)e->package[0] +
                       (e->environment ? (uint32_t)e->environment[0] * 256 : 0) +
                       (uint32_t)e->folder[0] * 65536;
        runs[i] = (DuplicateRun){.id = id_of(e),
                                 .created = e->created,
                                 .start = e->start,
                                 .end = e->end,
                                 .key = key,
                                 .executed_count = (int16_t)e->executed_count,
                                 .status = (int8_t)e->status};
    }
    for (size_t i = 0; i < count; i++)
        if (ends_cannot_be(runs[i].created, runs[i].start, runs[i].end, NOW + 10 * MINUTE))
            runs[i].end = 0;
    count = duplicates_suspect(runs, count, &rules);
    for (size_t i = 0; i < count; i++)
        suspects += runs[i].is_suspect;
    return suspects > 0;
}

static void script_server_now(void)
{
    ScriptServer server = {"5", "12.0.2000.8", time_text(NOW), NULL, "0", "1", "0", "0"};

    script_server(&server);
    script_objects();
    script_begin(SQL_SSISDB_PROPERTIES);
    script_end();
}

static Duplicates *play(Tds **ret_tds, const DuplicatesQuestion *question)
{
    Duplicates *found = NULL;
    Ssisdb *db = NULL;
    Err err = {0};

    script_reset();
    script_server_now();
    script_catalog();
    if (has_suspects(question)) {
        script_signs();
        script_parameters();
    }
    script_children();
    *ret_tds = script_open();
    if (ssisdb_probe(*ret_tds, &arena, &db, &err) != RC_OK ||
        duplicates_read(db, question, &found, &err) != RC_OK)
        fail_msg("%s", err.text);
    return found;
}

/* ---- judging --------------------------------------------------------------------------------- */

#define DUPLICATE_NOTHING  DUPLICATE_VERDICTS
#define DUPLICATE_ORDINARY (DUPLICATE_VERDICTS + 1)

typedef struct Pattern {
    const char *name;
    void (*make)(void);
    int verdict;
    DuplicateConfidence confidence;
    size_t groups, members;
    DuplicateOrigin origin;
    const char *why;
} Pattern;

static const Pattern patterns[] = {
#define PATTERN(name, verdict, confidence, groups, members, origin, why)                           \
    {#name,  name,    (int)DUPLICATE_##verdict, DUPLICATE_##confidence,                            \
     groups, members, ORIGIN_##origin,          why},
#include "patterns.def"
#undef PATTERN
};

static bool is_expected(const Pattern *pattern, const DuplicateGroup *group)
{
    return (int)group->verdict == pattern->verdict && group->confidence == pattern->confidence &&
           group->count == pattern->members && group->origin == pattern->origin;
}

static void print_groups(const Duplicates *found)
{
    for (size_t i = 0; i < found->count; i++) {
        const DuplicateGroup *group = &found->list[i].group;
        print_message(
            "    %s %s, %zu members, %s, reasons %#x, from %" PRId64 ", cadence %" PRId64 " s\n",
            duplicates_verdict_name(group->verdict), duplicates_confidence_name(group->confidence),
            group->count, duplicates_origin_name(group->origin), group->reasons,
            found->runs[group->members[0]].id, group->cadence / SECOND);
    }
}

static bool is_right(const Pattern *pattern, const Duplicates *found)
{
    size_t expected = 0, loud = 0;

    for (size_t i = 0; i < found->count; i++) {
        const DuplicateGroup *group = &found->list[i].group;
        bool is_one = is_expected(pattern, group);
        expected += is_one;
        loud += !is_one && group->confidence > DUPLICATE_LOW;
    }
    if (pattern->verdict == (int)DUPLICATE_NOTHING)
        return found->count == 0;
    if (pattern->verdict == (int)DUPLICATE_ORDINARY)
        return loud == 0;
    return expected == pattern->groups && loud == 0;
}

static const DuplicatesQuestion usual = {
    .since = {.ticks = 1, .is_set = true},
    .within = 10 * MINUTE,
    .look_back = 400 * DAY,
    .include_retries = true,
};

static bool plays_right(const Pattern *pattern, int turn)
{
    Tds *tds = NULL;

    seed = (uint64_t)turn * 7919;
    exec_count = 0;
    pattern->make();
    Duplicates *found = play(&tds, &usual);
    bool right = is_right(pattern, found);
    if (!right) {
        print_message("%s, seed %d: %s; found\n", pattern->name, turn, pattern->why);
        print_groups(found);
    }
    duplicates_free(found);
    script_close(tds);
    arena_reset(&arena);
    return right;
}

static void test_patterns__field_U1_to_U5_hold_on_twenty_seeds(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
        int bad = 0;
        for (int turn = 1; turn <= SEEDS && bad < 2; turn++)
            bad += !plays_right(&patterns[i], turn);
        wrong += bad > 0;
    }
    print_message("%zu patterns, %zu wrong\n", ARRAY_LEN(patterns), wrong);
    assert_true(ARRAY_LEN(patterns) >= 90);
    assert_int_equal(wrong, 0);
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns__field_U1_to_U5_hold_on_twenty_seeds),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
