/* What a page draws of a capacity. */
#include "charts.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/zone.h"
#include "ssisminer/report/chart.h"

#include <math.h>

static const ChartSeries at_once_series[] = {{"most at once", HUE_1}, {"on average", HUE_5}};
static const ChartSeries wait_series[] = {{"p95 wait", HUE_2}, {"median wait", HUE_1}};
static const double hour_ticks = (double)(TICKS_PER_DAY / 24);

int64_t capacity_times_in_window(const CapacityFigures *figures, int64_t hour)
{
    int64_t count = 0;

    for (size_t i = 0; i < figures->hour_count; i++)
        count += zone_hour_of_day(figures->hours[i].from) == hour;
    return count > 0 ? count : 1;
}

static void limit_to_slots(Chart *chart, const Capacity *c)
{
    if (c->rules.slots > 0)
        chart_limit(chart, "slots", c->rules.slots);
}

/* ---- the window ------------------------------------------------------------------------------ */

typedef struct Step { // some hours as one
    int peak;
    double running, p95, median;
    size_t hours;
} Step;

/* Of waits the worst hour stands for all. */
static void add_hour(Step *step, const CapacityHour *hour)
{
    step->hours++;
    step->peak = hour->peak > step->peak ? hour->peak : step->peak;
    step->running += (double)hour->running;
    if (hour->waits.p95 >= 0)
        step->p95 = fmax(step->p95, (double)hour->waits.p95);
    if (hour->waits.median >= 0)
        step->median = fmax(step->median, (double)hour->waits.median);
}

static Step *steps_of(const CapacityFigures *f, const ChartClock *clock)
{
    Step *steps = mem_alloc(clock->count * sizeof(*steps));

    for (size_t i = 0; i < clock->count; i++)
        steps[i] = (Step){.p95 = NAN, .median = NAN}; // fmax takes the other
    for (size_t i = 0; i < f->hour_count; i++)
        add_hour(&steps[chart_clock_place(clock, f->hours[i].from)], &f->hours[i]);
    return steps;
}

static void draw_at_once(const Capacity *c, Report *report, const ChartClock *clock,
                         const Step *steps)
{
    Chart *chart = report_chart(report, &(ChartSpec){
                                            .kind = CHART_LINES,
                                            .unit = VALUE_NUMBER,
                                            .title = "Packages that ran at once",
                                            .points = chart_clock_step(clock),
                                            .series = at_once_series,
                                            .series_count = ARRAY_LEN(at_once_series),
                                        });

    chart_clock_points(clock, chart);
    for (size_t i = 0; i < clock->count; i++) {
        double hours = steps[i].hours > 0 ? (double)steps[i].hours : 1;
        chart_add(chart, i, 0, steps[i].peak);
        chart_add(chart, i, 1, steps[i].running / (hours * hour_ticks));
    }
    limit_to_slots(chart, c);
}

static void draw_waits(const Capacity *c, Report *report, const ChartClock *clock,
                       const Step *steps)
{
    bool is_hourly = clock->step <= TICKS_PER_DAY / 24;
    Chart *chart = report_chart(report, &(ChartSpec){
                                            .kind = CHART_LINES,
                                            .unit = VALUE_DURATION,
                                            .title = is_hourly ? "Waits for a free worker"
                                                               : "Waits for a free worker, of the "
                                                                 "worst hour",
                                            .points = chart_clock_step(clock),
                                            .series = wait_series,
                                            .series_count = ARRAY_LEN(wait_series),
                                        });

    chart_clock_points(clock, chart);
    for (size_t i = 0; i < clock->count; i++) {
        chart_add(chart, i, 0, steps[i].p95);
        chart_add(chart, i, 1, steps[i].median);
    }
    chart_limit(chart, "target", (double)c->rules.target_wait);
}

void capacity_charts(const Capacity *c, Report *report)
{
    const CapacityFigures *f = &c->figures;

    if (f->started == 0 || f->hour_count < 2)
        return;
    ChartClock clock = chart_clock(f->hours[0].from, f->hours[f->hour_count - 1].from);
    AUTO(mem_free_at) Step *steps = steps_of(f, &clock);
    draw_at_once(c, report, &clock, steps);
    if (c->has_queue && f->waits.known > 0)
        draw_waits(c, report, &clock, steps);
}

/* ---- the hours of the day -------------------------------------------------------------------- */

void capacity_draw_day(const Capacity *c, Section *day)
{
    const CapacityFigures *f = &c->figures;
    Chart *chart = section_chart(day, &(ChartSpec){
                                          .kind = CHART_LINES,
                                          .unit = VALUE_NUMBER,
                                          .title = "At once, by hour of the day",
                                          .points = "hour",
                                          .series = at_once_series,
                                          .series_count = ARRAY_LEN(at_once_series),
                                      });

    for (size_t hour = 0; hour < ARRAY_LEN(f->day); hour++) {
        double hours = (double)capacity_times_in_window(f, (int64_t)hour);
        size_t point = chart_point_of(chart, "%02zu:00", hour);
        chart_add(chart, point, 0, f->day[hour].peak);
        chart_add(chart, point, 1, (double)f->day[hour].running / (hours * hour_ticks));
    }
    limit_to_slots(chart, c);
}

/* ---- more slots ------------------------------------------------------------------------------ */

void capacity_draw_replays(const Capacity *c, Section *replays)
{
    static const ChartSeries series[] = {{"p95 wait of the worst hour", HUE_2}};

    if (c->replay_count < 2)
        return;
    Chart *chart = section_chart(replays, &(ChartSpec){
                                              .kind = CHART_BARS,
                                              .unit = VALUE_DURATION,
                                              .title = "The p95 wait of the worst hour, on so many "
                                                       "slots",
                                              .points = "slots",
                                              .series = series,
                                              .series_count = ARRAY_LEN(series),
                                          });
    for (size_t i = 0; i < c->replay_count; i++) {
        size_t point = chart_point_of(chart, "%d", c->replays[i].slots);
        chart_add(chart, point, 0, (double)c->replays[i].worst_p95);
    }
    chart_limit(chart, "target", (double)c->rules.target_wait);
}
