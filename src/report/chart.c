/* Filling a chart, and steps of time for its points. */
#include "ssisminer/report/chart.h"

#include "model.h"

#include "ssisminer/base/sat.h"
#include "ssisminer/base/zone.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

static Chart *new_chart(Arena *arena, ChartList *list, const ChartSpec *spec)
{
    Chart *chart = arena_alloc(arena, sizeof(*chart));

    *chart = (Chart){.arena = arena, .spec = *spec};
    if (list->last)
        list->last->next = chart;
    else
        list->first = chart;
    list->last = chart;
    return chart;
}

Chart *report_chart(Report *report, const ChartSpec *spec)
{
    return new_chart(report->arena, &report->charts, spec);
}

Chart *section_chart(Section *section, const ChartSpec *spec)
{
    return new_chart(section->arena, &section->charts, spec);
}

size_t chart_point(Chart *chart, const char *label)
{
    ChartPoint *point = ARENA_PUSH(chart->arena, chart->points, chart->point_count);

    point->label = label;
    point->figures =
        arena_alloc_array(chart->arena, chart->spec.series_count + 1, sizeof(*point->figures));
    return chart->point_count - 1;
}

size_t chart_point_of(Chart *chart, const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return chart_point(chart, arena_text(chart->arena, text));
}

void chart_add(Chart *chart, size_t point, size_t series, double figure)
{
    assert(point < chart->point_count && series < chart->spec.series_count);
    chart->points[point].figures[series] += figure;
}

void chart_span(Chart *chart, size_t point, size_t series, int64_t from, int64_t to)
{
    assert(point < chart->point_count && series < chart->spec.series_count);
    ChartPoint *of = &chart->points[point];
    ChartSpan *span = ARENA_PUSH(chart->arena, of->spans, of->span_count);

    *span = (ChartSpan){series, from, to > from ? to : from};
}

void chart_link(Chart *chart, size_t point, const char *what, const char *name)
{
    assert(point < chart->point_count);
    chart->points[point].link = arena_printf(chart->arena, "%s-%s", what, name);
}

void chart_limit(Chart *chart, const char *name, double figure)
{
    ChartLimit *limit = ARENA_PUSH(chart->arena, chart->limits, chart->limit_count);

    *limit = (ChartLimit){name, figure};
}

/* ---- steps of time --------------------------------------------------------------------------- */

static const struct {
    int64_t ticks;
    const char *name;
} steps[] = {
    {TICKS_PER_DAY / 24, "hour"},        {TICKS_PER_DAY, "day"},
    {7 * TICKS_PER_DAY, "week"},         {28 * TICKS_PER_DAY, "4 weeks"},
    {364 * TICKS_PER_DAY, "year"}, // of whole weeks
    {3640 * TICKS_PER_DAY, "ten years"}, {36400 * TICKS_PER_DAY, "century"},
};

/* More than three days are not told by the hour. */
static bool is_few(int64_t wall_from, int64_t wall_to, int64_t step)
{
    enum { HOURS_MOST = 73 };
    int64_t most = step < TICKS_PER_DAY ? HOURS_MOST : CHART_BARS_MOST;

    return wall_to / step - wall_from / step < most;
}

ChartClock chart_clock(int64_t from, int64_t to)
{
    int64_t wall_from = zone_wall_ticks(from > 0 ? from : 0), wall_to = zone_wall_ticks(to);
    size_t i = 0;

    if (wall_to < wall_from)
        wall_to = wall_from;
    while (i + 1 < ARRAY_LEN(steps) && !is_few(wall_from, wall_to, steps[i].ticks))
        i++;
    int64_t step = steps[i].ticks, first = wall_from / step;
    return (ChartClock){first * step, step, (size_t)(wall_to / step - first) + 1};
}

const char *chart_clock_step(const ChartClock *clock)
{
    size_t i = 0;

    while (i + 1 < ARRAY_LEN(steps) && steps[i].ticks != clock->step)
        i++;
    return steps[i].name;
}

size_t chart_clock_place(const ChartClock *clock, int64_t ticks)
{
    int64_t place = sat_sub(zone_wall_ticks(ticks), clock->first) / clock->step;

    if (place < 0)
        return 0;
    return (size_t)place < clock->count ? (size_t)place : clock->count - 1;
}

/* "2026-03-01", by the hour "03-01 14:00". */
static const char *step_label(const ChartClock *clock, size_t place, Arena *arena)
{
    enum { DAY_BYTES = 10, AFTER_YEAR = 5, CLOCK_AT = 11, CLOCK_BYTES = 5 };
    Instant at = time_instant(sat_add(clock->first, sat_mul((int64_t)place, clock->step)), 0);
    char text[TIME_TEXT_MAX];

    time_local(at, text);
    if (clock->step >= TICKS_PER_DAY)
        return arena_copy(arena, text, DAY_BYTES);
    return arena_printf(arena, "%.*s %.*s", DAY_BYTES - AFTER_YEAR, text + AFTER_YEAR, CLOCK_BYTES,
                        text + CLOCK_AT);
}

void chart_clock_points(const ChartClock *clock, Chart *chart)
{
    for (size_t i = 0; i < clock->count; i++)
        (void)chart_point(chart, step_label(clock, i, chart->arena));
}
