/* Pages: hostile texts stay texts, links lead somewhere, charts keep their scale. */
#include "test.h"

#include "ssisminer/base/str.h"
#include "ssisminer/base/zone.h"
#include "ssisminer/report/chart.h"
#include "ssisminer/report/combine.h"

#include <math.h>
#include <stdlib.h>

enum { ID, TEXT, OTHERS };
static const Column columns[] = {
    [ID] = {.key = "id", .heading = "id", .use = COLUMN_HEADING, .may_wrap = true},
    [TEXT] = {.key = "text", .heading = "text", .may_wrap = true},
    [OTHERS] = {.key = "others", .heading = "others", .audience = FOR_PAGE, .leads_to = "run"},
};
static const ChartSeries series[] = {{"good", HUE_1}, {"bad", HUE_ALERT}};

static char *page(const Report *report)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ReportStyle style = {0};
    Err err = {0};

    assert_int_equal(report_writer("html")->write(report, &style, out, &err), RC_OK);
    assert_int_equal(fclose(out), 0);
    return text;
}

/* What stands behind the script and the style, which are ours. */
static const char *body(const char *page)
{
    return strstr(page, "<body>");
}

static Section *section(Report *report, Layout layout)
{
    return report_section(report, FOR_ALL, "rows", "Rows", layout, columns, ARRAY_LEN(columns),
                          NULL);
}

static Chart *chart(Report *report, ChartKind kind, ValueType unit)
{
    return report_chart(report, &(ChartSpec){.kind = kind,
                                             .unit = unit,
                                             .title = "Drawn",
                                             .about = "It says so.",
                                             .points = "hour",
                                             .series = series,
                                             .series_count = ARRAY_LEN(series)});
}

/* ---- texts stay texts ------------------------------------------------------------------------ */

static const char *const hostile[] = {
    "</script><script>alert(1)</script>",
    "</style><style>*{display:none}",
    "</title></svg></table></details></main><img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(1)\" x=\"",
    "' autofocus onfocus='alert(1)",
    "<!-- ]]> &lt;b&gt; &#60;b&#62;",
    "javascript:alert(1)",
    "\xE2\x80\xAE"
    "evil\xE2\x81\xA6",
    "a\x1B[31mb\x01\x7F\xC2\x85",
    "\xFF\xFE not \xC3 valid",
};

static Report *hostile_report(Arena *arena, const char *text)
{
    Report *report = report_new(arena, "x", text);
    const char **list = arena_alloc_array(arena, 1, sizeof(*list));
    Section *tables = section(report, LAYOUT_TABLE);
    Section *cards = report_section(report, FOR_ALL, "cards", text, LAYOUT_CARDS, columns,
                                    ARRAY_LEN(columns), text);

    list[0] = text;
    ChartSeries *of_text = arena_alloc(arena, sizeof(*of_text));
    *of_text = (ChartSeries){text, HUE_1};
    report_fact(report, FOR_ALL, "server", text, value_text(text));
    report_warning(report, "%s", text);
    for (int kind = CHART_BARS; kind <= CHART_SPANS; kind++) {
        Chart *drawn = report_chart(report, &(ChartSpec){.kind = (ChartKind)kind,
                                                         .unit = VALUE_COUNT,
                                                         .title = text,
                                                         .about = text,
                                                         .points = text,
                                                         .series = of_text,
                                                         .series_count = 1});
        size_t point = chart_point(drawn, text);
        chart_add(drawn, point, 0, 1);
        chart_span(drawn, point, 0, 0, 1);
        chart_limit(drawn, text, 1);
        chart_link(drawn, point, "run", text);
    }
    for (int i = 0; i < 2; i++) {
        Row *row = section_row(i ? cards : tables);
        row_set(row, ID, value_text(text));
        row_set(row, TEXT, value_text(text));
        row_set(row, OTHERS, value_texts(list, 1));
        row_set_anchor(row, "run", text);
        row_set_link(row, "text", "run", text);
    }
    return report;
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;

    for (; (text = strstr(text, what)) != NULL; text += strlen(what))
        count++;
    return count;
}

static void test_html__hostile_texts_stay_texts(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    char *calm = page(hostile_report(&arena, "calm"));

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
        char *text = page(hostile_report(&arena, hostile[i]));
        assert_int_equal(count_of(text, "<"), count_of(calm, "<"));
        assert_int_equal(count_of(text, ">"), count_of(calm, ">"));
        assert_int_equal(count_of(text, "\""), count_of(calm, "\""));
        assert_int_equal(count_of(text, "'"), count_of(calm, "'"));
        assert_int_equal(count_of(text, " id=\""), count_of(calm, " id=\""));
        assert_lacks(text, "\x1B");
        assert_lacks(text, "\xE2\x80\xAE");
        assert_lacks(text, "href=\"javascript");
        free(text);
    }
    free(calm);
}

/* ---- anchors --------------------------------------------------------------------------------- */

static const char *const others[] = {"2", "3"};

static Report *linked(Arena *arena)
{
    Report *report = report_new(arena, "x", "x");
    Section *cards = section(report, LAYOUT_CARDS);

    for (int i = 1; i <= 2; i++) {
        Row *row = section_row(cards);
        row_set_anchor(row, "run", i == 1 ? "1" : "2");
        row_set(row, ID, value_id(i));
        row_set(row, TEXT, value_text("elsewhere"));
        row_set_link(row, "text", "run", i == 1 ? "2" : "99");
        row_set(row, OTHERS, value_texts(others, 2));
    }
    row_set_anchor(section_row(cards), "run", "1"); // again
    Chart *rank = chart(report, CHART_RANK, VALUE_COUNT);
    chart_add(rank, chart_point(rank, "first"), 0, 1);
    chart_link(rank, 0, "run", "1");
    return report;
}

static void test_html__a_link_leads_to_a_row_or_is_none(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    char *text = page(linked(&arena));

    (void)state;
    assert_int_equal(count_of(text, "id=\"run-1\""), 1); // the first of two
    assert_contains(text, "id=\"run-2\"");
    assert_contains(text, "<a href=\"#run-2\">elsewhere</a>");
    assert_contains(text, ">elsewhere</dd>"); // there is no run 99
    assert_contains(text, "<a href=\"#run-2\">2</a>, 3</dd>");
    assert_contains(text, "<a href=\"#run-1\">first</a>");
    free(text);
}

static void test_html__anchors_of_targets_are_their_own(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    ReportPart parts[] = {{.target = "one", .report = linked(&arena), .result = "done"},
                          {.target = "two more", .report = linked(&arena), .result = "done"}};
    char *text = page(report_combine("x", parts, ARRAY_LEN(parts), &arena));

    (void)state;
    assert_int_equal(count_of(text, "id=\"one:run-1\""), 1);
    assert_int_equal(count_of(text, "id=\"two_more:run-1\""), 1);
    assert_contains(text, "<a href=\"#two_more:run-2\">elsewhere</a>");
    assert_contains(text, "two more: Drawn</figcaption>");
    assert_contains(text, "<a href=\"#two_more:run-1\">first</a>");
    free(text);
}

static void test_html__a_severity_is_a_word_and_a_class(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    Report *report = report_new(&arena, "x", "x");
    Section *cards = section(report, LAYOUT_CARDS);
    Section *table = report_section(report, FOR_ALL, "table", "Table", LAYOUT_TABLE, columns,
                                    ARRAY_LEN(columns), NULL);

    (void)state;
    row_set_severity(section_row(cards), SEVERITY_CRITICAL);
    row_set_severity(section_row(table), SEVERITY_WARNING);
    char *text = page(report);
    assert_contains(text, "<article class=\"card critical\">");
    assert_contains(text, "<span class=\"badge critical\">critical</span>");
    assert_contains(text, "<tr class=\"warning\"><td class=\"keep\" data-h=\"severity\" "
                          "data-v=\"3\"><span class=\"badge warning\">warning</span>");
    free(text);
}

/* ---- charts ---------------------------------------------------------------------------------- */

static void test_html__bars_are_of_their_scale(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    Report *report = report_new(&arena, "x", "x");
    Chart *bars = chart(report, CHART_BARS, VALUE_COUNT);

    (void)state;
    for (int i = 0; i < 4; i++)
        (void)chart_point(bars, i % 2 ? "odd" : "even");
    chart_add(bars, 1, 0, 20);
    chart_add(bars, 1, 0, 10);
    chart_add(bars, 1, 1, 10);
    chart_limit(bars, "enough", 20);
    char *text = page(report);
    assert_contains(text, "text-anchor=\"end\">40</text></svg>"); // the top of the axis
    /* a quarter of the width each; 150 pixels are 40 */
    assert_contains(text, "<rect class=\"h1\" x=\"27.500%\" y=\"45.5\" width=\"20.000%\" "
                          "height=\"112.5\"/>");
    assert_contains(text, "<rect class=\"ha\" x=\"27.500%\" y=\"8.0\" width=\"20.000%\" "
                          "height=\"37.5\"/>");
    assert_contains(text, "<title>odd: 30 good, 10 bad</title>");
    assert_contains(text, "<line class=\"limit\" x1=\"0\" x2=\"100%\" y1=\"83.0\" y2=\"83.0\"/>");
    assert_contains(text, "<desc id=\"says-1\">It says so. Highest: 40 at odd.</desc>");
    assert_contains(text, "<tr><th scope=\"row\">odd</th><td class=\"right\">30</td>"
                          "<td class=\"right\">10</td></tr>");
    assert_lacks(body(text), ">even</th>"); // nothing to tell of it
    free(text);
}

static void test_html__lines_break_where_nothing_is_known(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    Report *report = report_new(&arena, "x", "x");
    Chart *lines = chart(report, CHART_LINES, VALUE_DURATION);
    static const double figures[] = {1, 2, NAN, 4};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(figures); i++)
        chart_add(lines, chart_point(lines, "x"), 0, figures[i] * 60 * (double)TICKS_PER_SECOND);
    char *text = page(report);
    assert_contains(text, "d=\"M125.0 120.5L375.0 83.0M875.0 8.0\"");
    assert_contains(text, ">4 min 00 s</text></svg>");
    free(text);
}

static void test_html__spans_lie_where_they_were(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    Report *report = report_new(&arena, "x", "x");
    Chart *spans = chart(report, CHART_SPANS, VALUE_COUNT);
    int64_t day = TICKS_UNIX_EPOCH;

    (void)state;
    (void)chart_point(spans, "a");
    (void)chart_point(spans, "b");
    chart_span(spans, 0, 0, day, day + 30 * TICKS_PER_SECOND);
    chart_span(spans, 1, 1, day + 15 * TICKS_PER_SECOND, day + 60 * TICKS_PER_SECOND);
    char *text = page(report);
    assert_contains(text, "<rect class=\"span h1\" x=\"0.000%\" y=\"5\" width=\"50.000%\"");
    assert_contains(text, "<rect class=\"span ha\" x=\"25.000%\" y=\"27\" width=\"75.000%\"");
    assert_contains(text, "<title>b: bad, 45 s</title>");
    assert_contains(text, ">1970-01-01 00:00:00Z</text>");
    assert_contains(text, ">00:01:00Z</text>");
    free(text);
}

/* No coordinate is none, and no axis goes on for ever. */
static void test_html__extreme_figures_are_drawn_or_left_out(void **state)
{
    static const double extremes[] = {0,         -1,       1e-300, 1,      1e300,
                                      -INFINITY, INFINITY, NAN,    9.3e18, 0.3};
    static const ValueType units[] = {VALUE_COUNT, VALUE_NUMBER, VALUE_PERCENT, VALUE_BYTES,
                                      VALUE_DURATION};

    (void)state;
    for (size_t u = 0; u < ARRAY_LEN(units); u++)
        for (size_t i = 0; i < ARRAY_LEN(extremes); i++)
            for (int kind = CHART_BARS; kind <= CHART_SPANS; kind++) {
                AUTO(arena_done) Arena arena = {0};
                Report *report = report_new(&arena, "x", "x");
                Chart *drawn = chart(report, (ChartKind)kind, units[u]);
                chart_add(drawn, chart_point(drawn, "p"), 0, extremes[i]);
                chart_add(drawn, chart_point(drawn, "q"), 1, 1);
                chart_span(drawn, 0, 0, INT64_MIN, INT64_MAX);
                chart_limit(drawn, "limit", extremes[i]);
                char *text = page(report);
                const char *charts = strstr(text, "<div class=\"charts\">");
                assert_lacks(charts, "nan");
                assert_lacks(charts, "=\"inf");
                assert_lacks(charts, "=\"-");
                assert_true(count_of(charts, "class=\"grid\"") < 8);
                free(text);
            }
}

static void test_html__a_chart_of_nothing_is_a_page_still(void **state)
{
    (void)state;
    for (int kind = CHART_BARS; kind <= CHART_SPANS; kind++) {
        AUTO(arena_done) Arena arena = {0};
        Report *report = report_new(&arena, "x", "x");
        (void)chart(report, (ChartKind)kind, VALUE_COUNT);
        char *text = page(report);
        assert_int_equal(count_of(body(text), "<svg"), count_of(body(text), "</svg>"));
        free(text);
    }
}

/* ---- steps of time --------------------------------------------------------------------------- */

static int64_t at(const char *text)
{
    Instant instant = {0};
    Err err;

    assert_int_equal(time_parse(text, (Instant){.is_set = true}, &instant, &err), RC_OK);
    return instant.ticks;
}

static void test_html__time_goes_by_hours_days_weeks(void **state)
{
    static const struct {
        const char *from, *to, *step;
        size_t count;
    } cases[] = {
        {"2026-03-01T06:30:00Z", "2026-03-02T06:00:00Z", "hour", 25},
        {"2026-03-01T06:00:00Z", "2026-03-01T06:00:00Z", "hour", 1},
        {"2026-02-27T06:00:00Z", "2026-03-02T06:00:00Z", "hour", 73},
        {"2026-02-27T05:00:00Z", "2026-03-02T06:00:00Z", "day", 4},
        {"2025-12-02T06:00:00Z", "2026-03-02T06:00:00Z", "day", 91},
        {"2025-03-02T06:00:00Z", "2026-03-02T06:00:00Z", "week", 54},
        {"2020-03-02T06:00:00Z", "2026-03-02T06:00:00Z", "4 weeks", 80},
        {"0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z", "century", 101},
        {"2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z", "hour", 1}, // the wrong way round
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        ChartClock clock = chart_clock(at(cases[i].from), at(cases[i].to));
        assert_string_equal(chart_clock_step(&clock), cases[i].step);
        assert_int_equal(clock.count, cases[i].count);
        assert_int_equal(chart_clock_place(&clock, INT64_MIN), 0);
        assert_int_equal(chart_clock_place(&clock, INT64_MAX), clock.count - 1);
    }
}

static void test_html__hours_are_those_of_the_zone(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    Report *report = report_new(&arena, "x", "x");
    Chart *bars = chart(report, CHART_BARS, VALUE_COUNT);
    Err err = {0};

    (void)state;
    assert_int_equal(zone_use("Asia/Kathmandu", &err), RC_OK);
    ChartClock clock = chart_clock(at("2026-03-01T06:00:00Z"), at("2026-03-01T08:30:00Z"));
    assert_int_equal(clock.count, 4); // from 11:45 to 14:15 there
    assert_int_equal(chart_clock_place(&clock, at("2026-03-01T06:14:59Z")), 0);
    assert_int_equal(chart_clock_place(&clock, at("2026-03-01T06:15:00Z")), 1);
    chart_clock_points(&clock, bars);
    char *text = page(report);
    assert_contains(text, ">03-01 11:00</text>");
    free(text);
    assert_int_equal(zone_use("UTC", &err), RC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_html__hostile_texts_stay_texts),
        cmocka_unit_test(test_html__a_link_leads_to_a_row_or_is_none),
        cmocka_unit_test(test_html__anchors_of_targets_are_their_own),
        cmocka_unit_test(test_html__a_severity_is_a_word_and_a_class),
        cmocka_unit_test(test_html__bars_are_of_their_scale),
        cmocka_unit_test(test_html__lines_break_where_nothing_is_known),
        cmocka_unit_test(test_html__spans_lie_where_they_were),
        cmocka_unit_test(test_html__extreme_figures_are_drawn_or_left_out),
        cmocka_unit_test(test_html__a_chart_of_nothing_is_a_page_still),
        cmocka_unit_test(test_html__time_goes_by_hours_days_weeks),
        cmocka_unit_test(test_html__hours_are_those_of_the_zone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
