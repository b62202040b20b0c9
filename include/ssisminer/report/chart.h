/*
 * The pictures of a report: what is to be seen, which html draws as SVG. The other writers leave
 * them out, since what a picture shows stands in the rows too, or does without.
 *
 * A chart is of points, each with a figure for every series, or with spans of time. Figures begin
 * at 0 and are added to; one that is negative or no number is not drawn.
 *
 * Ownership: as in report.h: everything lives in the report's arena; texts, and what a spec points
 *            to, are borrowed.
 */
#ifndef SSISMINER_REPORT_CHART_H
#define SSISMINER_REPORT_CHART_H

#include "ssisminer/report/report.h"

typedef enum ChartKind {
    CHART_BARS,  // a bar a point, from left to right; its series on top of one another
    CHART_LINES, // a line a series, through the points from left to right
    CHART_RANK,  // a bar a point, one below the other; its series end to end
    CHART_SPANS  // a line a point, with spans of time on it
} ChartKind;

/* Nine that can be told apart, and four that say something. */
typedef enum ChartHue {
    HUE_1,
    HUE_2,
    HUE_3,
    HUE_4,
    HUE_5,
    HUE_6,
    HUE_7,
    HUE_8,
    HUE_9,
    HUE_ALERT,
    HUE_WARNING,
    HUE_FINE,
    HUE_QUIET
} ChartHue;

typedef struct ChartSeries {
    const char *name;
    ChartHue hue;
} ChartSeries;

typedef struct ChartSpec {
    ChartKind kind;
    ValueType unit; // of the figures: COUNT, NUMBER, PERCENT, BYTES or DURATION (ticks)
    const char *title;
    const char *about;  // a sentence on what it shows, for who cannot see it; NULL: none
    const char *points; // what a point is: "hour", "package"
    const ChartSeries *series;
    size_t series_count;
} ChartSpec;

typedef struct Chart Chart;

Chart *report_chart(Report *report, const ChartSpec *spec);    // above the sections
Chart *section_chart(Section *section, const ChartSpec *spec); // above its rows

size_t chart_point(Chart *chart, const char *label); // its number, from 0
size_t chart_point_of(Chart *chart, const char *format, ...) PRINTF_LIKE(2, 3); // likewise
void chart_add(Chart *chart, size_t point, size_t series, double figure);
void chart_span(Chart *chart, size_t point, size_t series, int64_t from, int64_t to); // ticks
/* The point leads to the row with that anchor (row_set_anchor). */
void chart_link(Chart *chart, size_t point, const char *what, const char *name);
/* A line across bars or lines: "slots". */
void chart_limit(Chart *chart, const char *name, double figure);

/* Hours, days, weeks or longer steps of the zone in use (base/zone.h), at most CHART_BARS_MOST of
 * them, from the one that `from` lies in to that of `to`. */
enum { CHART_BARS_MOST = 96 };
typedef struct ChartClock {
    int64_t first, step; // on the wall, in ticks
    size_t count;
} ChartClock;

ChartClock chart_clock(int64_t from, int64_t to);
const char *chart_clock_step(const ChartClock *clock); // "hour", "day", "week", "4 weeks", "year"
/* Where an instant lies; before the first or after the last it is those. */
size_t chart_clock_place(const ChartClock *clock, int64_t ticks);
void chart_clock_points(const ChartClock *clock, Chart *chart); // one a step

#endif
