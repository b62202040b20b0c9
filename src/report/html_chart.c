/* Charts: a figure with its legend, the picture, and the figures as a table; a rank is a list. */
#include "html.h"

#include <math.h>

const char *html_hue(ChartHue hue)
{
    static const char *const classes[] = {
        [HUE_1] = "h1",     [HUE_2] = "h2",    [HUE_3] = "h3",       [HUE_4] = "h4",
        [HUE_5] = "h5",     [HUE_6] = "h6",    [HUE_7] = "h7",       [HUE_8] = "h8",
        [HUE_9] = "h9",     [HUE_FINE] = "hf", [HUE_WARNING] = "hw", [HUE_ALERT] = "ha",
        [HUE_QUIET] = "hq",
    };

    return classes[hue];
}

static double total_of(const Chart *chart, size_t point)
{
    double total = 0;

    for (size_t i = 0; i < chart->spec.series_count; i++)
        total += html_figure(chart->points[point].figures[i]);
    return total;
}

/* Whether any point has something of it. */
static bool is_used(const Chart *chart, size_t series)
{
    for (size_t i = 0; i < chart->point_count; i++) {
        const ChartPoint *point = &chart->points[i];
        if (html_figure(point->figures[series]) > 0)
            return true;
        for (size_t k = 0; k < point->span_count; k++)
            if (point->spans[k].series == series)
                return true;
    }
    return false;
}

/* ---- legend ---------------------------------------------------------------------------------- */

static void put_legend(const Html *html, const Chart *chart)
{
    if (chart->spec.series_count < 2)
        return;
    html_puts(html, "<ul class=\"legend\">");
    for (size_t i = 0; i < chart->spec.series_count; i++) {
        const ChartSeries *series = &chart->spec.series[i];
        if (!is_used(chart, i))
            continue;
        (void)fprintf(html->out,
                      "<li><svg width=\"12\" height=\"12\" aria-hidden=\"true\" "
                      "focusable=\"false\"><rect class=\"%s\" width=\"12\" height=\"12\"/></svg> ",
                      html_hue(series->hue));
        html_put_text(html, series->name);
        html_puts(html, "</li>");
    }
    html_puts(html, "</ul>\n");
}

/* ---- a rank ---------------------------------------------------------------------------------- */

static double widest_of(const Chart *chart)
{
    double widest = 0;

    for (size_t i = 0; i < chart->point_count; i++)
        widest = fmax(widest, total_of(chart, i));
    return widest;
}

static void put_rank_bar(const Html *html, const Chart *chart, size_t point, double widest)
{
    double from = 0;

    html_puts(html, "<svg class=\"bar\" width=\"100%\" height=\"8\" aria-hidden=\"true\" "
                    "focusable=\"false\">");
    for (size_t i = 0; i < chart->spec.series_count && widest > 0; i++) {
        double wide = 100 * html_figure(chart->points[point].figures[i]) / widest;
        if (wide > 0)
            (void)fprintf(html->out,
                          "<rect class=\"%s\" x=\"%.2f%%\" width=\"%.2f%%\" height=\"8\"/>",
                          html_hue(chart->spec.series[i].hue), from, wide);
        from += wide;
    }
    html_puts(html, "</svg>");
}

/* What the first series is called goes without saying where it is alone. */
static bool has_others(const Chart *chart, size_t point)
{
    for (size_t i = 1; i < chart->spec.series_count; i++)
        if (html_figure(chart->points[point].figures[i]) > 0)
            return true;
    return false;
}

static void put_rank_text(const Html *html, const Chart *chart, size_t point)
{
    const ChartPoint *of = &chart->points[point];
    const char *target = html_target(html, chart->scope, of->link);
    bool is_next = false;

    html_puts(html, "<span class=\"figure\">");
    for (size_t i = 0; i < chart->spec.series_count; i++) {
        if (html_figure(of->figures[i]) <= 0 && (i > 0 || has_others(chart, point)))
            continue;
        html_puts(html, is_next ? ", " : "");
        is_next = true;
        html_put_figure(html, chart->spec.unit, html_figure(of->figures[i]));
        if (i > 0 || has_others(chart, point)) {
            html_puts(html, " ");
            html_put_text(html, chart->spec.series[i].name);
        }
    }
    html_puts(html, "</span> ");
    if (target)
        html_put_link_to(html, target);
    html_put_text(html, of->label);
    html_puts(html, target ? "</a>" : "");
}

static void put_rank(const Html *html, const Chart *chart)
{
    double widest = widest_of(chart);

    html_puts(html, "<ol class=\"rank\">\n");
    for (size_t i = 0; i < chart->point_count; i++) {
        html_puts(html, "<li>");
        put_rank_text(html, chart, i);
        put_rank_bar(html, chart, i, widest);
        html_puts(html, "</li>\n");
    }
    html_puts(html, "</ol>\n");
}

/* ---- the figures as a table ------------------------------------------------------------------ */

static void put_figures_row(const Html *html, const Chart *chart, size_t point)
{
    html_puts(html, "<tr><th scope=\"row\">");
    html_put_text(html, chart->points[point].label);
    html_puts(html, "</th>");
    for (size_t i = 0; i < chart->spec.series_count; i++) {
        double figure = chart->points[point].figures[i];
        if (!is_used(chart, i))
            continue;
        html_puts(html, "<td class=\"right\">");
        if (isfinite(figure) && (figure > 0 || chart->spec.kind == CHART_LINES))
            html_put_figure(html, chart->spec.unit, figure);
        html_puts(html, "</td>");
    }
    html_puts(html, "</tr>\n");
}

/* Points without a figure are left out. */
static void put_figures(const Html *html, const Chart *chart)
{
    html_puts(html, "<details class=\"figures\"><summary>The figures</summary>\n"
                    "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"");
    html_put_text(html, chart->spec.title);
    html_puts(html, "\">\n<table class=\"narrow\"><thead><tr><th scope=\"col\">");
    html_put_text(html, chart->spec.points);
    html_puts(html, "</th>");
    for (size_t i = 0; i < chart->spec.series_count; i++) {
        if (!is_used(chart, i))
            continue;
        html_puts(html, "<th scope=\"col\" class=\"right\">");
        html_put_text(html, chart->spec.series[i].name);
        html_puts(html, "</th>");
    }
    html_puts(html, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < chart->point_count; i++)
        if (total_of(chart, i) > 0)
            put_figures_row(html, chart, i);
    html_puts(html, "</tbody></table></div></details>\n");
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void put_chart(Html *html, const Chart *chart)
{
    size_t id = ++html->chart_count;

    (void)fprintf(html->out, "<figure class=\"chart\" aria-labelledby=\"chart-%zu\">\n", id);
    (void)fprintf(html->out, "<figcaption id=\"chart-%zu\">", id);
    html_put_text(html, chart->spec.title);
    html_puts(html, "</figcaption>\n");
    put_legend(html, chart);
    if (chart->spec.kind == CHART_RANK)
        put_rank(html, chart);
    else
        html_put_plot(html, chart, id);
    if (chart->spec.kind == CHART_BARS || chart->spec.kind == CHART_LINES)
        put_figures(html, chart);
    html_puts(html, "</figure>\n");
}

void html_put_charts(Html *html, const ChartList *charts)
{
    if (!charts->first)
        return;
    html_puts(html, "<div class=\"charts\">\n");
    for (const Chart *chart = charts->first; chart; chart = chart->next)
        put_chart(html, chart);
    html_puts(html, "</div>\n");
}
