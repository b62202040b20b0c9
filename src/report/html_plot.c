/*
 * Bars, lines and spans as SVG that any width does: across in percent, upright in pixels, so that
 * texts keep their size. What stands left of the plot is an SVG of its own.
 */
#include "html.h"

#include "ssisminer/base/sat.h"

#include <math.h>
#include <string.h>

enum { PLOT_HEIGHT = 150, PLOT_TOP = 8, UNDER = 22, SPAN_HEIGHT = 22, CHARACTER_WIDTH = 8 };

/* ---- the scale ------------------------------------------------------------------------------- */

typedef struct Scale {
    double step; // between two lines of the grid
    int steps;
} Scale;

enum { STEPS_MOST = 5 };

/* The least of 1, 2 or 5 times a power of ten that is no less. */
static double round_up(double number)
{
    static const double mantissas[] = {1, 2, 5, 10};
    double power = pow(10, floor(log10(number)));

    for (size_t i = 0; i < ARRAY_LEN(mantissas); i++)
        if (mantissas[i] * power >= number * (1 - 1e-9))
            return mantissas[i] * power;
    return 10 * power;
}

static double round_up_length(double ticks)
{
    static const double seconds[] = {1,   2,   5,    10,   15,   30,    60,    120,   300,
                                     600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400};

    for (size_t i = 0; i < ARRAY_LEN(seconds); i++)
        if (seconds[i] * (double)TICKS_PER_SECOND >= ticks)
            return ticks < (double)TICKS_PER_SECOND ? round_up(ticks)
                                                    : seconds[i] * (double)TICKS_PER_SECOND;
    return round_up(ticks / (double)TICKS_PER_DAY) * (double)TICKS_PER_DAY;
}

static double round_up_bytes(double bytes)
{
    double unit = 1;

    while (bytes >= unit * 1024)
        unit *= 1024;
    return round_up(bytes / unit) * unit;
}

static Scale scale_of(ValueType unit, double top)
{
    double least = top / (STEPS_MOST - 1), step;

    if (top <= 0)
        return (Scale){1, 1};
    if (unit == VALUE_DURATION)
        step = round_up_length(least);
    else
        step = unit == VALUE_BYTES ? round_up_bytes(least) : round_up(least);
    if (unit == VALUE_COUNT && step < 1)
        step = 1;
    return (Scale){step, (int)ceil(top / step * (1 - 1e-9))};
}

static double up(const Scale *scale, double figure)
{
    return PLOT_TOP + PLOT_HEIGHT * (1 - html_figure(figure) / (scale->step * scale->steps));
}

static double top_of(const Chart *chart)
{
    double top = 0;

    for (size_t i = 0; i < chart->point_count; i++) {
        double sum = 0;
        for (size_t k = 0; k < chart->spec.series_count; k++) {
            double figure = html_figure(chart->points[i].figures[k]);
            sum = chart->spec.kind == CHART_BARS ? sum + figure : fmax(sum, figure);
        }
        top = fmax(top, sum);
    }
    for (size_t i = 0; i < chart->limit_count; i++)
        top = fmax(top, html_figure(chart->limits[i].figure));
    return top;
}

/* ---- what stands around the plot ------------------------------------------------------------- */

/* Numbers of an axis are round: they need no decimals. */
static void format_step(const Chart *chart, const Scale *scale, int i, Buf *text)
{
    Value value = {.type = chart->spec.unit, .as.count = sat_of(scale->step * i)};

    if (value.type == VALUE_NUMBER || value.type == VALUE_PERCENT)
        buf_printf(text, "%.4g%s", scale->step * i, value.type == VALUE_PERCENT ? " %" : "");
    else
        value_put_for_people(text, &value);
}

static size_t axis_width(const Chart *chart, const Scale *scale)
{
    size_t widest = 0;

    for (int i = 0; i <= scale->steps; i++) {
        AUTO(buf_done) Buf text = BUF(256);
        format_step(chart, scale, i, &text);
        widest = text.len > widest ? text.len : widest;
    }
    return widest * CHARACTER_WIDTH + 6;
}

static void put_axis(const Html *html, const Chart *chart, const Scale *scale)
{
    size_t width = axis_width(chart, scale);

    (void)fprintf(html->out,
                  "<svg class=\"axis\" width=\"%zu\" height=\"%d\" aria-hidden=\"true\" "
                  "focusable=\"false\">",
                  width, PLOT_TOP + PLOT_HEIGHT + UNDER);
    for (int i = 0; i <= scale->steps; i++) {
        AUTO(buf_done) Buf text = BUF(256);
        format_step(chart, scale, i, &text);
        (void)fprintf(html->out, "<text x=\"%zu\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
                      width - 6, up(scale, scale->step * i) + 4, buf_text(&text));
    }
    html_puts(html, "</svg>\n");
}

static void put_grid(const Html *html, const Scale *scale)
{
    for (int i = 0; i <= scale->steps; i++)
        (void)fprintf(html->out,
                      "<line class=\"grid\" x1=\"0\" x2=\"100%%\" y1=\"%.1f\" y2=\"%.1f\"/>",
                      up(scale, scale->step * i), up(scale, scale->step * i));
    html_puts(html, "\n");
}

static void put_limits(const Html *html, const Chart *chart, const Scale *scale)
{
    for (size_t i = 0; i < chart->limit_count; i++) {
        double y = up(scale, chart->limits[i].figure);
        (void)fprintf(html->out,
                      "<line class=\"limit\" x1=\"0\" x2=\"100%%\" y1=\"%.1f\" y2=\"%.1f\"/>"
                      "<text class=\"limit\" x=\"100%%\" y=\"%.1f\" text-anchor=\"end\">",
                      y, y, y < PLOT_TOP + 12 ? y + 13 : y - 4);
        html_put_text(html, chart->limits[i].name);
        html_puts(html, "</text>\n");
    }
}

/* "start" and "end" at the edges, so that no text is cut. */
static const char *anchor_at(double percent)
{
    enum { EDGE = 8 };

    return percent < EDGE ? "start" : percent > 100 - EDGE ? "end" : "middle";
}

/* At most as many as there is room for, of which a narrow screen shows every other one. */
static void put_labels(const Html *html, const Chart *chart)
{
    enum { SHORT_BYTES = 5, LABELS_MOST = 4, SHORT_LABELS_MOST = 8 };
    const char *last = chart->points[chart->point_count - 1].label;
    size_t most = last && strlen(last) <= SHORT_BYTES ? SHORT_LABELS_MOST : LABELS_MOST;
    size_t count = chart->point_count, every = (count + most - 1) / most;

    for (size_t i = 0; i < count; i += every) {
        double x = 100 * ((double)i + 0.5) / (double)count;
        bool is_first = i == 0 && count > 1; // else the next one would stand close to it
        (void)fprintf(html->out, "<text%s x=\"%.2f%%\" y=\"%d\" text-anchor=\"%s\">",
                      i / every % 2 == 1 ? " class=\"spare\"" : "", is_first ? 0 : x,
                      PLOT_TOP + PLOT_HEIGHT + 16, is_first ? "start" : anchor_at(x));
        html_put_text(html, chart->points[i].label);
        html_puts(html, "</text>");
    }
    html_puts(html, "\n");
}

/* "Highest: 12 at 03-01 14:00." */
static void put_highest(const Html *html, const Chart *chart)
{
    double highest = 0;
    size_t at = 0;

    for (size_t i = 0; i < chart->point_count; i++) {
        double sum = 0;
        for (size_t k = 0; k < chart->spec.series_count; k++) {
            double figure = html_figure(chart->points[i].figures[k]);
            sum = chart->spec.kind == CHART_BARS ? sum + figure : fmax(sum, figure);
        }
        if (sum > highest) {
            highest = sum;
            at = i;
        }
    }
    if (highest <= 0)
        return;
    html_puts(html, " Highest: ");
    html_put_figure(html, chart->spec.unit, highest);
    html_puts(html, " at ");
    html_put_text(html, chart->points[at].label);
    html_puts(html, ".");
}

static void put_plot_start(const Html *html, const Chart *chart, size_t id, int height)
{
    (void)fprintf(html->out,
                  "<svg class=\"area\" width=\"100%%\" height=\"%d\" role=\"img\" "
                  "aria-labelledby=\"plot-%zu\" aria-describedby=\"says-%zu\" "
                  "focusable=\"false\">\n<title id=\"plot-%zu\">",
                  height, id, id, id);
    html_put_text(html, chart->spec.title);
    (void)fprintf(html->out, "</title><desc id=\"says-%zu\">", id);
    if (chart->spec.about)
        html_put_text(html, chart->spec.about);
    if (chart->spec.kind != CHART_SPANS)
        put_highest(html, chart);
    html_puts(html, "</desc>\n");
}

/* What a pointer that rests on it is told. */
static void put_told(const Html *html, const Chart *chart, size_t point)
{
    bool has_any = false;

    html_puts(html, "<title>");
    html_put_text(html, chart->points[point].label);
    for (size_t i = 0; i < chart->spec.series_count; i++) {
        double figure = html_figure(chart->points[point].figures[i]);
        if (figure <= 0)
            continue;
        html_puts(html, has_any ? ", " : ": ");
        has_any = true;
        html_put_figure(html, chart->spec.unit, figure);
        html_puts(html, " ");
        html_put_text(html, chart->spec.series[i].name);
    }
    html_puts(html, "</title>");
}

/* ---- bars ------------------------------------------------------------------------------------ */

static void put_bar(const Html *html, const Chart *chart, const Scale *scale, size_t point)
{
    double width = 100 / (double)chart->point_count, below = 0;

    html_puts(html, "<g>");
    put_told(html, chart, point);
    for (size_t i = 0; i < chart->spec.series_count; i++) {
        double figure = html_figure(chart->points[point].figures[i]);
        if (figure <= 0)
            continue;
        double y = up(scale, below + figure), height = up(scale, below) - y;
        (void)fprintf(html->out,
                      "<rect class=\"%s\" x=\"%.3f%%\" y=\"%.1f\" width=\"%.3f%%\" "
                      "height=\"%.1f\"/>",
                      html_hue(chart->spec.series[i].hue), width * ((double)point + 0.1), y,
                      width * 0.8, height);
        below += figure;
    }
    html_puts(html, "</g>\n");
}

static bool has_figure(const Chart *chart, size_t point)
{
    for (size_t i = 0; i < chart->spec.series_count; i++)
        if (html_figure(chart->points[point].figures[i]) > 0)
            return true;
    return false;
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* A line breaks where nothing is known. It is drawn in a space of 1000 by the plot's height, which
 * is then drawn out to the width that there is. */
static void put_line(const Html *html, const Chart *chart, const Scale *scale, size_t series)
{
    bool is_open = false;

    (void)fprintf(html->out,
                  "<svg x=\"0\" y=\"0\" width=\"100%%\" height=\"%d\" viewBox=\"0 0 1000 %d\" "
                  "preserveAspectRatio=\"none\"><path class=\"line %s\" "
                  "vector-effect=\"non-scaling-stroke\" d=\"",
                  PLOT_TOP + PLOT_HEIGHT, PLOT_TOP + PLOT_HEIGHT,
                  html_hue(chart->spec.series[series].hue));
    for (size_t i = 0; i < chart->point_count; i++) {
        double figure = chart->points[i].figures[series];
        if (isfinite(figure))
            (void)fprintf(html->out, "%s%.1f %.1f", is_open ? "L" : "M",
                          1000 * ((double)i + 0.5) / (double)chart->point_count, up(scale, figure));
        is_open = isfinite(figure);
    }
    html_puts(html, "\"/></svg>\n");
}

static void put_marks(const Html *html, const Chart *chart, const Scale *scale, size_t point)
{
    double x = 100 * ((double)point + 0.5) / (double)chart->point_count;

    html_puts(html, "<g>");
    put_told(html, chart, point);
    for (size_t i = 0; i < chart->spec.series_count; i++)
        if (isfinite(chart->points[point].figures[i]))
            (void)fprintf(html->out, "<circle class=\"%s\" cx=\"%.3f%%\" cy=\"%.1f\" r=\"2.5\"/>",
                          html_hue(chart->spec.series[i].hue), x,
                          up(scale, chart->points[point].figures[i]));
    html_puts(html, "</g>\n");
}

static void put_graph(const Html *html, const Chart *chart, size_t id)
{
    Scale scale = scale_of(chart->spec.unit, top_of(chart));

    put_axis(html, chart, &scale);
    put_plot_start(html, chart, id, PLOT_TOP + PLOT_HEIGHT + UNDER);
    put_grid(html, &scale);
    if (chart->spec.kind == CHART_LINES)
        for (size_t i = 0; i < chart->spec.series_count; i++)
            put_line(html, chart, &scale, i);
    for (size_t i = 0; i < chart->point_count; i++)
        if (has_figure(chart, i)) {
            if (chart->spec.kind == CHART_LINES)
                put_marks(html, chart, &scale, i);
            else
                put_bar(html, chart, &scale, i);
        }
    put_limits(html, chart, &scale);
    put_labels(html, chart);
}

/* ---- spans ----------------------------------------------------------------------------------- */

typedef struct Reach { // from the first beginning to the last end
    int64_t from, to;
} Reach;

static Reach reach_of(const Chart *chart)
{
    Reach reach = {INT64_MAX, INT64_MIN};

    for (size_t i = 0; i < chart->point_count; i++)
        for (size_t k = 0; k < chart->points[i].span_count; k++) {
            const ChartSpan *span = &chart->points[i].spans[k];
            reach.from = span->from < reach.from ? span->from : reach.from;
            reach.to = span->to > reach.to ? span->to : reach.to;
        }
    return reach;
}

static double across(const Reach *reach, int64_t at)
{
    double length = (double)reach->to - (double)reach->from;

    return length > 0 ? 100 * ((double)at - (double)reach->from) / length : 0;
}

static void put_names(const Html *html, const Chart *chart)
{
    size_t widest = 0;

    for (size_t i = 0; i < chart->point_count; i++) {
        size_t len = chart->points[i].label ? strlen(chart->points[i].label) : 0;
        widest = len > widest ? len : widest;
    }
    enum { WIDEST = 16 };
    size_t width = (widest < WIDEST ? widest : WIDEST) * CHARACTER_WIDTH + 10;
    (void)fprintf(html->out,
                  "<svg class=\"axis\" width=\"%zu\" height=\"%zu\" aria-hidden=\"true\" "
                  "focusable=\"false\">",
                  width, chart->point_count * SPAN_HEIGHT + UNDER);
    for (size_t i = 0; i < chart->point_count; i++) {
        (void)fprintf(html->out, "<text x=\"0\" y=\"%zu\">", i * SPAN_HEIGHT + 15);
        html_put_text(html, chart->points[i].label);
        html_puts(html, "</text>");
    }
    html_puts(html, "</svg>\n");
}

static void put_span(const Html *html, const Chart *chart, size_t point, const ChartSpan *span,
                     const Reach *reach)
{
    double from = across(reach, span->from), to = across(reach, span->to);
    Value length = value_duration(sat_sub(span->to, span->from));

    (void)fprintf(html->out,
                  "<rect class=\"span %s\" x=\"%.3f%%\" y=\"%zu\" width=\"%.3f%%\" height=\"12\">"
                  "<title>",
                  html_hue(chart->spec.series[span->series].hue), from, point * SPAN_HEIGHT + 5,
                  to - from);
    html_put_text(html, chart->points[point].label);
    html_puts(html, ": ");
    html_put_text(html, chart->spec.series[span->series].name);
    html_puts(html, ", ");
    html_put_value(html, &length);
    html_puts(html, "</title></rect>");
}

static void put_reach_text(const Html *html, const Chart *chart, int64_t at, const char *anchor)
{
    char text[TIME_TEXT_MAX];

    report_time_text(time_instant(at, 0), text);
    (void)fprintf(html->out, "<text x=\"%s\" y=\"%zu\" text-anchor=\"%s\">%s</text>",
                  *anchor == 's' ? "0" : "100%", chart->point_count * SPAN_HEIGHT + 16, anchor,
                  text + (*anchor == 's' ? 0 : sizeof("2026-03-01")));
}

static void put_spans(const Html *html, const Chart *chart, size_t id)
{
    Reach reach = reach_of(chart);
    int height = (int)chart->point_count * SPAN_HEIGHT;

    put_names(html, chart);
    put_plot_start(html, chart, id, height + UNDER);
    (void)fprintf(html->out, "<line class=\"grid\" x1=\"0\" x2=\"100%%\" y1=\"%d\" y2=\"%d\"/>\n",
                  height, height);
    for (size_t i = 0; i < chart->point_count; i++) {
        for (size_t k = 0; k < chart->points[i].span_count; k++)
            put_span(html, chart, i, &chart->points[i].spans[k], &reach);
        html_puts(html, "\n");
    }
    if (reach.from <= reach.to) {
        put_reach_text(html, chart, reach.from, "start");
        put_reach_text(html, chart, reach.to, "end");
    }
}

void html_put_plot(Html *html, const Chart *chart, size_t id)
{
    if (chart->point_count == 0)
        return;
    html_puts(html, "<div class=\"plot\">\n");
    if (chart->spec.kind == CHART_SPANS)
        put_spans(html, chart, id);
    else
        put_graph(html, chart, id);
    html_puts(html, "</svg>\n</div>\n");
}
