/* What a page draws of duplicates. */
#include "charts.h"

#include "ssisminer/report/chart.h"

#include <inttypes.h>

/* ---- one group ------------------------------------------------------------------------------- */

enum { WAITED, SUCCEEDED, FAILED, RUNS };
static const ChartSeries member_series[] = {
    [WAITED] = {"created, not begun", HUE_QUIET},
    [SUCCEEDED] = {"ran", HUE_1},
    [FAILED] = {"ran and failed", HUE_ALERT},
    [RUNS] = {"still runs", HUE_7},
};

static size_t series_of(const DuplicateRun *run)
{
    if (status_is_live(run->status))
        return RUNS;
    return run->status == STATUS_SUCCEEDED || run->status == STATUS_COMPLETED ? SUCCEEDED : FAILED;
}

static void draw_member(const DuplicateRun *run, int64_t now, Chart *chart)
{
    size_t point = chart_point_of(chart, "%" PRId64, run->id);
    int64_t start, end;

    if (!duplicates_ran(run, now, &start, &end)) {
        chart_span(chart, point, WAITED, run->created, run->created);
        return;
    }
    chart_span(chart, point, WAITED, run->created, start);
    chart_span(chart, point, series_of(run), start, end);
}

void duplicates_draw_members(const DuplicateRun *runs, const DuplicateGroup *group, int64_t now,
                             size_t most, Section *members)
{
    Chart *chart = section_chart(members, &(ChartSpec){
                                              .kind = CHART_SPANS,
                                              .unit = VALUE_COUNT,
                                              .title = "When they waited and ran",
                                              .about = "A line for each execution; the table below "
                                                       "has the times.",
                                              .points = "execution",
                                              .series = member_series,
                                              .series_count = ARRAY_LEN(member_series),
                                          });

    for (size_t i = 0; i < group->count && i < most; i++)
        draw_member(&runs[group->members[i]], now, chart);
}

/* ---- all of them ----------------------------------------------------------------------------- */

void duplicates_charts(const Duplicates *d, const DuplicatesView *view, Report *report)
{
    enum { LEAST = 2 };
    static ChartSeries series[DUPLICATE_VERDICTS];
    const DuplicatesQuestion *q = view->question;
    int64_t since = q->since.ticks;

    if (d->count < LEAST)
        return;
    for (int i = 0; i < DUPLICATE_VERDICTS; i++)
        series[i] = (ChartSeries){duplicates_verdict_name((DuplicateVerdict)i), (ChartHue)i};
    for (size_t i = 0; i < d->count && since <= 0; i++) {
        int64_t created = d->runs[d->list[i].group.members[0]].created;
        since = i == 0 || created < since ? created : since;
    }
    ChartClock clock = chart_clock(since, q->until.is_set ? q->until.ticks - 1 : view->now.ticks);
    Chart *chart =
        report_chart(report, &(ChartSpec){
                                 .kind = CHART_BARS,
                                 .unit = VALUE_COUNT,
                                 .title = "Packages triggered more than once, by verdict",
                                 .points = chart_clock_step(&clock),
                                 .series = series,
                                 .series_count = ARRAY_LEN(series),
                             });
    chart_clock_points(&clock, chart);
    for (size_t i = 0; i < d->count; i++) {
        const DuplicateGroup *group = &d->list[i].group;
        chart_add(chart, chart_clock_place(&clock, d->runs[group->members[0]].created),
                  (size_t)group->verdict, 1);
    }
}

void duplicates_draw_totals(const DuplicatesTotal *totals, size_t count, size_t most,
                            Section *section)
{
    static const ChartSeries series[] = {{"wasted", HUE_2}};

    if (count < 2)
        return;
    Chart *chart = section_chart(section, &(ChartSpec){
                                              .kind = CHART_RANK,
                                              .unit = VALUE_DURATION,
                                              .title = "Run time wasted",
                                              .points = "name",
                                              .series = series,
                                              .series_count = ARRAY_LEN(series),
                                          });
    for (size_t i = 0; i < count && i < most; i++)
        chart_add(chart, chart_point(chart, totals[i].name), 0, (double)totals[i].wasted);
}
