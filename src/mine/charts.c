/* What a page draws of mine. */
#include "charts.h"

#include "ssisminer/report/chart.h"

static void draw_hours(const Mine *mine, Report *report)
{
    static const ChartSeries series[] = {
        {"errors", HUE_ALERT}, {"failed tasks", HUE_9}, {"warnings", HUE_7}};
    size_t count = mine->hour_count;

    if (count < 2)
        return;
    ChartClock clock = chart_clock(mine->hours[0].start.ticks, mine->hours[count - 1].start.ticks);
    Chart *chart = report_chart(report, &(ChartSpec){
                                            .kind = CHART_BARS,
                                            .unit = VALUE_COUNT,
                                            .title = "Errors, failed tasks and warnings",
                                            .points = chart_clock_step(&clock),
                                            .series = series,
                                            .series_count = ARRAY_LEN(series),
                                        });
    chart_clock_points(&clock, chart);
    for (size_t i = 0; i < count; i++) {
        size_t place = chart_clock_place(&clock, mine->hours[i].start.ticks);
        const MineCount *of = &mine->hours[i].count;
        chart_add(chart, place, 0, (double)of->errors);
        chart_add(chart, place, 1, (double)of->tasks_failed);
        chart_add(chart, place, 2, (double)of->warnings);
    }
}

/* What is no cause repeats others' words: it has no place in a rank of causes. */
static void draw_signatures(const Mine *mine, Report *report)
{
    enum { RANKED = 10 };
    static const ChartSeries series[] = {{"not critical", HUE_1}, {"critical", HUE_ALERT}};
    Chart *chart = report_chart(report, &(ChartSpec){
                                            .kind = CHART_RANK,
                                            .unit = VALUE_COUNT,
                                            .title = "The most frequent causes, by messages",
                                            .points = "signature",
                                            .series = series,
                                            .series_count = ARRAY_LEN(series),
                                        });

    for (size_t i = 0, ranked = 0; i < mine->signature_count && ranked < RANKED; i++) {
        const Signature *signature = mine->signatures[i].signature;
        if (signature->role != SIG_CAUSE)
            continue;
        size_t point = chart_point(chart, signature->title);
        chart_add(chart, point, signature->severity == SIG_CRITICAL,
                  (double)mine->signatures[i].count.messages);
        chart_link(chart, point, "cause", signature->id);
        ranked++;
    }
}

void mine_charts(const Mine *mine, Report *report)
{
    draw_hours(mine, report);
    if (mine->signature_count > 1)
        draw_signatures(mine, report);
}
