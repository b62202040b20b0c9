/* What a page draws of it: when things failed, by the class of their causes, and the causes by how
 * often. Of rows that are at hand. */
#include "present.h"

#include "ssisminer/base/zone.h"
#include "ssisminer/report/chart.h"

#include <stdlib.h>

enum { CLASSES = SIG_DEFECT + 1, OF_NO_CLASS = CLASSES, SERIES_MOST };

/* ---- classes as series ----------------------------------------------------------------------- */

static size_t class_of(const Failure *failure)
{
    const Signature *signature = failure->cause->signature;

    return signature ? (size_t)signature->class_ : OF_NO_CLASS;
}

typedef struct Classes { // those that occur
    ChartSeries *series;
    size_t count;
    size_t place[SERIES_MOST]; // of each class among them
} Classes;

static Classes classes_of(const Builder *builder)
{
    Classes classes = {arena_alloc_array(builder->arena, SERIES_MOST, sizeof(ChartSeries)), 0, {0}};
    bool occurs[SERIES_MOST] = {false};

    for (size_t i = 0; i < builder->failures->count; i++)
        occurs[class_of(&builder->failures->list[i])] = true;
    for (size_t i = 0; i < SERIES_MOST; i++) {
        if (!occurs[i])
            continue;
        classes.place[i] = classes.count;
        classes.series[classes.count++] =
            i == OF_NO_CLASS
                ? (ChartSeries){"unknown", HUE_QUIET}
                : (ChartSeries){sig_class_name((SigClass)i), (ChartHue)(HUE_1 + (int)i)};
    }
    return classes;
}

/* ---- by time --------------------------------------------------------------------------------- */

static Instant begin_of(const Builder *builder)
{
    const Failures *failures = builder->failures;
    Instant first = builder->view->question->since;

    for (size_t i = 0; i < failures->count && !builder->view->question->since.is_set; i++)
        if (!first.is_set || failures->list[i].time.ticks < first.ticks)
            first = failures->list[i].time;
    return first;
}

static Instant end_of(const Builder *builder)
{
    Instant until = builder->view->question->until;

    return until.is_set && until.ticks < builder->view->now.ticks ? time_add(until, -1)
                                                                  : builder->view->now;
}

static void add_by_time(const Builder *builder, const Classes *classes, const ChartClock *clock)
{
    const Failures *failures = builder->failures;
    Chart *chart = report_chart(
        builder->report,
        &(ChartSpec){
            .kind = CHART_BARS,
            .unit = VALUE_COUNT,
            .title = arena_printf(builder->arena, "Failures per %s, by class of their cause",
                                  chart_clock_step(clock)),
            .about = arena_printf(builder->arena, "%zu failure%s in all.", failures->count,
                                  words_plural((int64_t)failures->count)),
            .points = chart_clock_step(clock),
            .series = classes->series,
            .series_count = classes->count,
        });

    chart_clock_points(clock, chart);
    for (size_t i = 0; i < failures->count; i++)
        chart_add(chart, chart_clock_place(clock, failures->list[i].time.ticks),
                  classes->place[class_of(&failures->list[i])], 1);
}

/* Which hour of the day it is that fails, once there are several days. */
static void add_by_hour_of_day(const Builder *builder, const Classes *classes)
{
    enum { HOURS = 24 };
    const Failures *failures = builder->failures;
    Chart *chart = report_chart(builder->report, &(ChartSpec){
                                                     .kind = CHART_BARS,
                                                     .unit = VALUE_COUNT,
                                                     .title = "Failures by hour of the day",
                                                     .points = "hour",
                                                     .series = classes->series,
                                                     .series_count = classes->count,
                                                 });

    for (int hour = 0; hour < HOURS; hour++)
        (void)chart_point(chart, arena_printf(builder->arena, "%02d:00", hour));
    for (size_t i = 0; i < failures->count; i++)
        chart_add(chart, (size_t)zone_hour_of_day(failures->list[i].time.ticks),
                  classes->place[class_of(&failures->list[i])], 1);
}

/* ---- causes ---------------------------------------------------------------------------------- */

static const ChartSeries rank_series[] = {{"not critical", HUE_1}, {"critical", HUE_ALERT}};

static int64_t times_of(const FailureCause *cause)
{
    return cause->executions + cause->operations;
}

/* Of those that came as often the critical ones first. */
static int most_frequent_first(const void *a, const void *b)
{
    const FailureCause *x = *(const FailureCause *const *)a, *y = *(const FailureCause *const *)b;
    int64_t tx = times_of(x), ty = times_of(y);

    if (tx != ty)
        return tx > ty ? -1 : 1;
    if ((x->severity == SIG_CRITICAL) != (y->severity == SIG_CRITICAL))
        return x->severity == SIG_CRITICAL ? -1 : 1;
    return (x > y) - (x < y); // as they are
}

static const FailureCause **by_times(const Failures *failures, Arena *arena)
{
    const FailureCause **causes =
        arena_alloc_array(arena, failures->cause_count + 1, sizeof(*causes));

    for (size_t i = 0; i < failures->cause_count; i++)
        causes[i] = &failures->causes[i];
    qsort(causes, failures->cause_count, sizeof(*causes), most_frequent_first);
    return causes;
}

static void add_rank(const Builder *builder)
{
    enum { RANKED = 10 };
    const Failures *failures = builder->failures;
    size_t shown = failures->cause_count < RANKED ? failures->cause_count : RANKED;

    if (failures->cause_count < 2)
        return;
    const FailureCause **causes = by_times(failures, builder->arena);
    Chart *chart = report_chart(
        builder->report,
        &(ChartSpec){
            .kind = CHART_RANK,
            .unit = VALUE_COUNT,
            .title = shown < failures->cause_count
                         ? arena_printf(builder->arena, "The %zu most frequent of %zu root causes",
                                        shown, failures->cause_count)
                         : "Root causes by how often",
            .points = "cause",
            .series = rank_series,
            .series_count = ARRAY_LEN(rank_series),
        });
    for (size_t i = 0; i < shown; i++) {
        const FailureCause *cause = causes[i];
        size_t point = chart_point(chart, present_cause_title(cause, builder->arena));
        chart_add(chart, point, cause->severity == SIG_CRITICAL, (double)times_of(cause));
        chart_link(chart, point, "cause", cause->id);
    }
}

void present_charts(Builder *builder)
{
    Instant from = begin_of(builder), to = end_of(builder);

    if (builder->failures->count < 2 || !from.is_set)
        return;
    Classes classes = classes_of(builder);
    ChartClock clock = chart_clock(from.ticks, to.ticks);
    add_by_time(builder, &classes, &clock);
    if (clock.step > TICKS_PER_DAY / 24)
        add_by_hour_of_day(builder, &classes);
    add_rank(builder);
}
