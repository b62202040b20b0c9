/* What a page draws of slow. */
#include "charts.h"

#include "ssisminer/report/chart.h"
#include "ssisminer/report/words.h"

enum { AS_USUAL, SLOWER, FAILED };
static const ChartSeries run_series[] = {
    [AS_USUAL] = {"as usual", HUE_1},
    [SLOWER] = {"slower", HUE_ALERT},
    [FAILED] = {"did not succeed", HUE_QUIET},
};

/* slow_figures left the runs sorted by key and begin: those of a key lie together. */
static size_t end_of_key(const Runs *runs, uint32_t key)
{
    size_t low = 0, high = runs->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (runs->list[middle].key <= key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_slow(const SlowFigures *figures, const Run *run)
{
    for (size_t i = 0; i < figures->count; i++)
        if (figures->list[i].run == run)
            return true;
    return false;
}

static void draw_run(const Slow *slow, const Run *run, int64_t now, Chart *chart, Arena *arena)
{
    int64_t from, to;

    if (!run_worked(run, now, &from, &to) || run->status == STATUS_ENDED_UNEXPECTEDLY)
        return; // nobody knows how long
    bool is_good = run->status == STATUS_SUCCEEDED || run->status == STATUS_COMPLETED ||
                   status_is_live(run->status);
    int series = is_slow(&slow->figures, run) ? SLOWER : is_good ? AS_USUAL : FAILED;
    const char *when = words_when((Instant){.ticks = from, .is_set = true}, arena);
    chart_add(chart, chart_point(chart, when), (size_t)series, (double)(to - from));
}

void slow_draw_trend(const Slow *slow, const SlowTrend *trend, int64_t now, Section *section,
                     Arena *arena)
{
    enum { DRAWN = 60 };
    const Runs *runs = &slow->runs;
    size_t end = end_of_key(runs, trend->key), first = end;

    while (first > 0 && end - first < DRAWN && runs->list[first - 1].key == trend->key)
        first--;
    Chart *chart = section_chart(section, &(ChartSpec){
                                              .kind = CHART_BARS,
                                              .unit = VALUE_DURATION,
                                              .title = run_path(runs, trend->key, arena),
                                              .about = "How long each of its latest runs took.",
                                              .points = "run",
                                              .series = run_series,
                                              .series_count = ARRAY_LEN(run_series),
                                          });
    for (size_t i = first; i < end; i++)
        draw_run(slow, &runs->list[i], now, chart, arena);
    if (trend->usual > 0)
        chart_limit(chart, "usually", (double)trend->usual);
}
