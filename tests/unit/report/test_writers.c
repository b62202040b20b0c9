/* Each writer on one report: text within its width, json by its schema, csv, markdown, metrics. */
#include "test.h"

#include "ssisminer/base/str.h"
#include "ssisminer/base/zone.h"
#include "ssisminer/report/chart.h"
#include "ssisminer/report/combine.h"
#include "ssisminer/report/report.h"

#include <stdlib.h>

/* One small report that has something of everything: both audiences, every layout, a nested
 * section, every type of value, NULL in each column, and text that would like to break out. */

enum { CARD_ID, CARD_NAME, CARD_WHEN, CARD_LINE, CARD_MESSAGE, CARD_STEPS, CARD_RAW, CARD_COUNT };
static const Column card_columns[] = {
    [CARD_ID] = {.key = "id", .heading = "id", .use = COLUMN_HEADING, .tone = TONE_STRONG},
    [CARD_NAME] = {.key = "name", .heading = "name", .use = COLUMN_HEADING},
    [CARD_WHEN] = {.key = "time", .heading = "time", .use = COLUMN_HEADING, .align_right = true},
    [CARD_LINE] = {.key = "line", .heading = "line", .use = COLUMN_PLAIN, .audience = FOR_PEOPLE},
    [CARD_MESSAGE] = {.key = "message", .heading = "message", .max_lines = 2},
    [CARD_STEPS] = {.key = "steps", .heading = "steps", .use = COLUMN_BULLETS, .is_link = true},
    [CARD_RAW] = {.key = "seconds", .heading = "seconds", .audience = FOR_DATA},
};

enum { TABLE_STATUS, TABLE_EXECUTIONS, TABLE_SHARE, TABLE_SIZE, TABLE_NOTE, TABLE_COUNT };
static const Column table_columns[] = {
    [TABLE_STATUS] = {.key = "status", .heading = "status"},
    [TABLE_EXECUTIONS] = {.key = "executions", .heading = "executions", .align_right = true},
    [TABLE_SHARE] = {.key = "share", .heading = "share", .align_right = true},
    [TABLE_SIZE] = {.key = "size", .heading = "size", .align_right = true},
    [TABLE_NOTE] = {.key = "note", .heading = "note", .may_wrap = true},
};

static const Column inner_columns[] = {{.key = "key", .heading = "key"},
                                       {.key = "flag", .heading = "flag"}};

static const char *const steps[] = {"Do this first.", "https://example.com/a?b=1&c=2"};

static Instant at(const char *text)
{
    Instant instant = {0};
    Err err;

    assert_int_equal(time_parse(text, (Instant){.is_set = true}, &instant, &err), RC_OK);
    return instant;
}

static void add_cards(Report *report)
{
    Section *cards = report_section(report, FOR_ALL, "cards", "Cards (2)", LAYOUT_CARDS,
                                    card_columns, CARD_COUNT, NULL);
    Row *row = section_row(cards);

    section_set_primary(cards);
    row_set_anchor(row, "card", "1");
    row_set_link(row, "name", "card", "1");
    row_set_severity(row, SEVERITY_WARNING);
    row_set(row, CARD_ID, value_id(9007199254740993)); // not a double
    row_set(row, CARD_NAME, value_text("=Sum/\"Load\", all"));
    row_set(row, CARD_WHEN, value_time(at("2026-03-02T05:44:10.5+01:00")));
    row_set(row, CARD_LINE, value_text("for people"));
    row_set(row, CARD_MESSAGE,
            value_text("first\r\n<b>second</b> \x1B[31m \xC2\x9B & | more words that fill the line "
                       "until it has to "
                       "wrap, and then again until there is no room for the end of it"));
    row_set(row, CARD_STEPS, value_texts(steps, ARRAY_LEN(steps)));
    row_set(row, CARD_RAW, value_duration(12345678));
    Row *inner =
        section_row(row_section(row, FOR_DATA, "inner", "Inner", LAYOUT_TABLE, inner_columns, 2));
    row_set(inner, 0, value_text("k"));
    row_set(inner, 1, value_flag(true));
    (void)section_row(cards); // nothing but NULLs
}

static void add_table(Report *report)
{
    Section *table = report_section(report, FOR_ALL, "totals", "Totals", LAYOUT_TABLE,
                                    table_columns, TABLE_COUNT, NULL);
    Row *row = section_row(table);

    row_set(row, TABLE_STATUS, value_text("failed"));
    row_set(row, TABLE_EXECUTIONS, value_count(1234567));
    row_set(row, TABLE_SHARE, value_percent(12.345));
    row_set(row, TABLE_SIZE, value_bytes(3 * 1024 * 1024));
    row_set(row, TABLE_NOTE,
            value_text("a note that is too long for what is left of the line and goes on below"));
    row = section_row(table);
    row_set(row, TABLE_STATUS, value_text("succ\"eeded\\"));
    row_set(row, TABLE_EXECUTIONS, value_count(7));
}

static void add_chart(Report *report)
{
    static const ChartSeries series[] = {{"good", HUE_FINE}, {"bad", HUE_ALERT}};
    static const ChartKind kinds[] = {CHART_BARS, CHART_LINES, CHART_RANK, CHART_SPANS};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        Chart *chart = report_chart(report, &(ChartSpec){.kind = kinds[i],
                                                         .unit = VALUE_COUNT,
                                                         .title = "Drawn",
                                                         .about = "For who cannot see it.",
                                                         .points = "day",
                                                         .series = series,
                                                         .series_count = ARRAY_LEN(series)});
        size_t point = chart_point(chart, "<i>first</i>");
        chart_add(chart, point, 0, 3);
        chart_add(chart, point, 1, 0.5);
        chart_span(chart, point, 1, TICKS_PER_DAY, TICKS_PER_DAY * 2);
        chart_link(chart, point, "card", "1");
        chart_limit(chart, "most", 7);
    }
}

static Report *sample(Arena *arena)
{
    Report *report = report_new(arena, "sample", "A sample");

    report_fact(report, FOR_PEOPLE, "line", "server", value_text("SQL1, SSISDB"));
    report_fact(report, FOR_DATA, "server", "server", value_text("SQL1"));
    report_fact(report, FOR_ALL, "rows", "rows", value_count(12345));
    report_fact(report, FOR_DATA, "nothing", "nothing", value_text(NULL));
    report_warning(report, "login '%s' sees too little", "nobody");
    add_chart(report);
    add_cards(report);
    add_table(report);
    (void)report_section(report, FOR_ALL, "silent", "Silent", LAYOUT_TABLE, table_columns,
                         TABLE_COUNT, NULL);
    (void)report_section(report, FOR_PEOPLE, "empty", "Empty", LAYOUT_CARDS, card_columns,
                         CARD_COUNT, "Nothing here.");
    return report;
}

static char *written(const Report *report, const char *format, int columns, bool color)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ReportStyle style = {.columns = columns, .color = color};
    Err err = {0};

    assert_non_null(report_writer(format));
    assert_int_equal(report_writer(format)->write(report, &style, out, &err), RC_OK);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void expect(const char *format, int columns, const char *expected)
{
    AUTO(arena_done) Arena arena = {0};
    char *text = written(sample(&arena), format, columns, false);

    assert_string_equal(text, expected);
    free(text);
}

/* ---- text ------------------------------------------------------------------------------------ */

static void test_writers__text(void **state)
{
    (void)state;
    expect("text", 60,
           "A sample\n"
           "  server  SQL1, SSISDB\n"
           "  rows    12,345\n"
           "\n"
           "WARNING  login 'nobody' sees too little\n"
           "\n"
           "Cards (2)\n"
           "  9007199254740993  =Sum/\"Load\", all    2026-03-02 04:44:10Z\n"
           "    for people\n"
           "    message  first <b>second</b> \\x1B[31m \\u009B & | more\n"
           "             words that fill the line until it has to wra...\n"
           "    - Do this first.\n"
           "    - https://example.com/a?b=1&c=2\n"
           "\n"
           "\n"
           "Totals\n"
           "  status       executions   share     size  note\n"
           "  failed        1,234,567  12.3 %  3.0 MiB  a note that is\n"
           "                                            too long for\n"
           "                                            what is left of\n"
           "                                            the line and\n"
           "                                            goes on below\n"
           "  succ\"eeded\\           7\n"
           "\n"
           "Empty\n"
           "  Nothing here.\n");
}

static void test_writers__text_never_passes_its_width(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    const Report *report = sample(&arena);

    (void)state;
    for (int columns = 50; columns <= 140; columns += 15) {
        char *text = written(report, "text", columns, false);
        Str rest = str_of(text), line;
        while (str_split(&rest, '\n', &line))
            if (line.len > (size_t)columns)
                fail_msg("%zu columns, not %d: '%.*s'", line.len, columns, STR_FMT(line));
        free(text);
    }
}

static void test_writers__text_never_breaks_a_link(void **state)
{
    static const char *const links[] = {
        "https://example.com/a/very/long/path/that/does/not/fit/into/a/narrow/terminal"};
    AUTO(arena_done) Arena arena = {0};
    Report *report = report_new(&arena, "x", "x");
    Row *row = section_row(
        report_section(report, FOR_ALL, "s", "s", LAYOUT_CARDS, card_columns, CARD_COUNT, NULL));

    (void)state;
    row_set(row, CARD_STEPS, value_texts(links, 1));
    char *text = written(report, "text", 50, false);
    assert_contains(text, links[0]);
    free(text);
}

static void test_writers__text_cuts_a_heading_that_gives_way(void **state)
{
    static const Column columns[] = {
        {.key = "a", .heading = "a", .use = COLUMN_HEADING, .max_lines = 1},
        {.key = "b", .heading = "b", .use = COLUMN_HEADING, .align_right = true},
    };
    AUTO(arena_done) Arena arena = {0};
    Report *report = report_new(&arena, "x", "x");
    Row *row =
        section_row(report_section(report, FOR_ALL, "s", "s", LAYOUT_LIST, columns, 2, NULL));

    (void)state;
    row_set(row, 0, value_text("a title that is longer than what is left of the line it is on"));
    row_set(row, 1, value_text("id-of-it"));
    char *text = written(report, "text", 50, false);
    assert_contains(text, "\n  a title that is longer than what is...  id-of-it\n");
    free(text);
}

static void test_writers__text_has_color_only_when_asked(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    char *plain = written(sample(&arena), "text", 80, false),
         *color = written(sample(&arena), "text", 80, true);

    (void)state;
    assert_null(strchr(plain, '\x1B'));
    assert_contains(color, "\x1B[1mA sample\x1B[0m\n");
    assert_lacks(color, "\x1B[31m &"); // the message's own is not obeyed
    free(plain);
    free(color);
}

/* ---- data formats ---------------------------------------------------------------------------- */

#define MESSAGE_JSON                                                                               \
    "first\\r\\n<b>second</b> \\u001b[31m \\u009b & | more words that fill the line until it has " \
    "to wrap, and then again until there is no room for the end of it"

#define CARD_JSON                                                                                  \
    "\"id\":9007199254740993,\"name\":\"=Sum/\\\"Load\\\", all\","                                 \
    "\"time\":\"2026-03-02T04:44:10.5000000Z\",\"message\":\"" MESSAGE_JSON "\","                  \
    "\"steps\":[\"Do this first.\",\"https://example.com/a?b=1&c=2\"],\"seconds\":1.2345678,"      \
    "\"inner\":[{\"key\":\"k\",\"flag\":true}]}"

#define NULL_CARD_JSON                                                                             \
    "\"id\":null,\"name\":null,\"time\":null,\"message\":null,\"steps\":null,\"seconds\":null}"

static void test_writers__json(void **state)
{
    (void)state;
    expect("json", 80,
           "{\n"
           "  \"schema_version\": 1,\n"
           "  \"command\": \"sample\",\n"
           "  \"server\": \"SQL1\",\n"
           "  \"rows\": 12345,\n"
           "  \"nothing\": null,\n"
           "  \"warnings\": [\"login 'nobody' sees too little\"],\n"
           "  \"cards\": [\n"
           "    {" CARD_JSON ",\n"
           "    {" NULL_CARD_JSON "\n"
           "  ],\n"
           "  \"totals\": [\n"
           "    {\"status\":\"failed\",\"executions\":1234567,\"share\":12.345,\"size\":3145728,"
           "\"note\":\"a note that is too long for what is left of the line and goes on below\"},\n"
           "    "
           "{\"status\":\"succ\\\"eeded\\\\\",\"executions\":7,\"share\":null,\"size\":null,"
           "\"note\":null}\n"
           "  ],\n"
           "  \"silent\": []\n"
           "}\n");
}

static void test_writers__ndjson(void **state)
{
    (void)state;
    expect(
        "ndjson", 80,
        "{\"section\":\"sample\",\"schema_version\":1,\"command\":\"sample\",\"server\":\"SQL1\","
        "\"rows\":12345,\"nothing\":null,\"warnings\":[\"login 'nobody' sees too little\"]}\n"
        "{\"section\":\"cards\"," CARD_JSON "\n"
        "{\"section\":\"cards\"," NULL_CARD_JSON "\n"
        "{\"section\":\"totals\",\"status\":\"failed\",\"executions\":1234567,\"share\":12.345,"
        "\"size\":3145728,"
        "\"note\":\"a note that is too long for what is left of the line and goes on below\"}\n"
        "{\"section\":\"totals\",\"status\":\"succ\\\"eeded\\\\\",\"executions\":7,\"share\":null,"
        "\"size\":null,"
        "\"note\":null}\n");
}

/* clang-format off */
#define LISTED_COLUMNS(COLUMN) \
    COLUMN("id", "id", value_id(number)) \
    COLUMN("name", "name", value_text(number > 1 ? "two" : NULL), .audience = FOR_DATA) \
    COLUMN("people", "for people", value_flag(true), .audience = FOR_PEOPLE, .align_right = true) \
    COLUMN("last", "last", value_count(number * 10))
/* clang-format on */

static const Column listed_columns[] = {LISTED_COLUMNS(COLUMN_ENTRY)};

/* One list gives the table and a row; a section may have its first columns only. */
static void test_writers__a_list_of_columns_gives_table_and_row(void **state)
{
    (void)state;
    AUTO(arena_done) Arena arena = {0};
    Report *report = report_new(&arena, "test", "Test");

    assert_int_equal(ARRAY_LEN(listed_columns), 4);
    assert_int_equal(listed_columns[0].audience, FOR_ALL);
    assert_true(listed_columns[2].align_right && listed_columns[2].audience == FOR_PEOPLE);
    for (size_t left_out = 0; left_out < 2; left_out++) {
        Section *section =
            report_section(report, FOR_ALL, left_out ? "short" : "whole", NULL, LAYOUT_TABLE,
                           listed_columns, ARRAY_LEN(listed_columns) - left_out, NULL);
        for (int64_t number = 1; number <= 2; number++)
            row_set_all(section_row(section), ROW_VALUES(LISTED_COLUMNS));
    }
    char *text = written(report, "json", 80, false);
    assert_non_null(strstr(text, "{\"id\":1,\"name\":null,\"last\":10}"));
    assert_non_null(strstr(text, "{\"id\":2,\"name\":\"two\",\"last\":20}"));
    assert_non_null(strstr(text, "{\"id\":2,\"name\":\"two\"}"));
    free(text);
}

static void test_writers__json_mends_what_is_not_utf8(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    Report *report = report_new(&arena, "x", "x");

    (void)state;
    report_fact(report, FOR_ALL, "fact", "fact",
                value_text("a\xFF\xE2\x80\xAE"
                           "b\x7F"));
    char *text = written(report, "json", 80, false);
    assert_contains(text, "\"fact\": \"a\xEF\xBF\xBD\\u202eb\\u007f\"");
    free(text);
}

static void test_writers__csv(void **state)
{
    (void)state;
    expect("csv", 80,
           "id,name,time,message,steps,seconds\r\n"
           "9007199254740993,\"'=Sum/\"\"Load\"\", all\",2026-03-02T04:44:10.5000000Z,"
           "\"first\n<b>second</b> \\x1B[31m \\u009B & | more words that fill the line until it "
           "has to wrap, "
           "and then again until there is no room for the end of it\","
           "\"Do this first.; https://example.com/a?b=1&c=2\",1.2345678\r\n"
           ",,,,,\r\n");
}

static void test_writers__csv_defuses_texts_but_not_numbers(void **state)
{
    static const Column columns[] = {{.key = "text", .heading = "t"},
                                     {.key = "number", .heading = "n"}};
    static const char *const bad[] = {"=1+1", "+1", "-1", "@SUM(A1)", "\tx"};
    AUTO(arena_done) Arena arena = {0};
    Report *report = report_new(&arena, "x", "x");
    Section *section = report_section(report, FOR_ALL, "s", "s", LAYOUT_TABLE, columns, 2, NULL);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        Row *row = section_row(section);
        row_set(row, 0, value_text(bad[i]));
        row_set(row, 1, value_count(-5));
    }
    char *text = written(report, "csv", 80, false);
    assert_string_equal(
        text, "text,number\r\n\"'=1+1\",-5\r\n\"'+1\",-5\r\n\"'-1\",-5\r\n\"'@SUM(A1)\",-5\r\n"
              "\"'\tx\",-5\r\n");
    free(text);
}

/* One text a row, written; to free(). */
static char *written_text(const char *text, const char *format)
{
    static const Column columns[] = {{.key = "text", .heading = "t"}, {.key = "n", .heading = "n"}};
    AUTO(arena_done) Arena arena = {0};
    Report *report = report_new(&arena, "x", "x");
    Section *section = report_section(report, FOR_ALL, "s", "s", LAYOUT_TABLE, columns, 2, NULL);

    row_set(section_row(section), 0, value_text(text));
    return written(report, format, 80, false);
}

static void test_writers__csv_defuses_every_beginning_of_a_cell(void **state)
{
    static const struct {
        const char *text, *cell;
    } cases[] = {
        {"plain", "plain"},
        {"a=b", "a=b"},
        {"1;2", "\"1;2\""},
        {"  =1", "\"'  =1\""},
        {"\xC2\xA0=1", "\"'\xC2\xA0=1\""}, // a blank that does not break
        {"\"=1\"", "\"'\"\"=1\"\"\""},     // after a quote
        {"\xEF\xBC\x9D"
         "1",
         "\"'\xEF\xBC\x9D"
         "1\""}, // full width
        {"\xEF\xBC\x8B"
         "1",
         "\"'\xEF\xBC\x8B"
         "1\""},
        {"\xEF\xBC\x8D"
         "1",
         "\"'\xEF\xBC\x8D"
         "1\""},
        {"\xEF\xBC\xA0"
         "1",
         "\"'\xEF\xBC\xA0"
         "1\""},
        {"x;=cmd|'/c calc'!A1", "\"x;'=cmd|'/c calc'!A1\""}, // the list separator of half of Europe
        {"x; @y", "\"x;' @y\""},
        {"x\t+1", "\"x\t'+1\""},
        {"x\n-1", "\"x\n'-1\""},
        {"x;;-", "\"x;;'-\""},
        {";", "\";\""},
    };
    char expected[200];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *text = written_text(cases[i].text, "csv");
        (void)snprintf(expected, sizeof(expected), "text,n\r\n%s,\r\n", cases[i].cell);
        assert_string_equal(text, expected);
        free(text);
    }
}

static void test_writers__markdown_neither_pings_nor_links(void **state)
{
    static const struct {
        const char *text, *cell;
    } cases[] = {
        {"ask @ops", "ask @<!-- -->ops"},
        {"a@b.com", "a@<!-- -->b.com"},
        {"see #12, !3 and GH-4", "see \\#<!-- -->12, !<!-- -->3 and GH<!-- -->-4"},
        {"tough-4 # !x", "tough<!-- -->-4 \\# !x"},
        {"https://a.b/c", "https:<!-- -->//a.b/c"},
        {"(www.a.b)", "(www<!-- -->.a.b)"},
        {"at 1234abc.", "at 1234ab<!-- -->c."},
        {"0123456789abcdef0123", "012345<!-- -->6789ab<!-- -->cdef01<!-- -->23"},
        {"0xdeadbeef deadbeefs", "0xdeadbeef deadbeefs"},
        {"u-1234567a 1234567", "u-123456<!-- -->7a 1234567"},
        {"- a", "\\- a"},
        {"  1. a", "1\\. a"},
        {"+1", "\\+1"},
        {"a $x$ 50 %", "a \\$x\\$ 50 %"},
        {"~bug %\"2.0\"", "\\~<!-- -->bug %<!-- -->\"2.0\""},
        {"<img src=x> [a](b) **c** |", "\\<img src=x\\> \\[a\\](b) \\*\\*c\\*\\* \\|"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *text = written_text(cases[i].text, "markdown"), expected[200];
        (void)snprintf(expected, sizeof(expected), "\n| %s |  |\n", cases[i].cell);
        assert_contains(text, expected);
        free(text);
    }
}

/* An address links where a column says that it is ours; nowhere else. */
static void test_writers__a_servers_address_leads_nowhere(void **state)
{
    char *html = written_text("https://evil.example/x", "html");

    (void)state;
    assert_lacks(html, "<a href=\"http");
    assert_contains(html, ">https://evil.example/x<");
    free(html);
}

/* ---- pages ----------------------------------------------------------------------------------- */

static void test_writers__markdown(void **state)
{
    (void)state;
    expect("markdown", 80,
           "# A sample\n"
           "\n"
           "- **server**: SQL1, SSISDB\n"
           "- **rows**: 12,345\n"
           "\n"
           "> **Warning**: login 'nobody' sees too little\n"
           "\n"
           "## Cards (2)\n"
           "\n"
           "### 9007199254740993 - =Sum/\"Load\", all - 2026-03-02 04:44:10Z\n"
           "\n"
           "- for people\n"
           "- **message**: first \\<b\\>second\\</b\\> \\\\x1B\\[31m \\\\u009B \\& \\| more words "
           "that fill the line "
           "until it has to wrap, and then again until there is no room for the end of it\n"
           "- Do this first.\n"
           "- <https://example.com/a?b=1&c=2>\n"
           "\n"
           "\n"
           "## Totals\n"
           "\n"
           "| status | executions | share | size | note |\n"
           "| --- | ---: | ---: | ---: | --- |\n"
           "| failed | 1,234,567 | 12.3 % | 3.0 MiB | a note that is too long for what is left of "
           "the line and goes on "
           "below |\n"
           "| succ\"eeded\\\\ | 7 |  |  |  |\n"
           "\n"
           "## Empty\n"
           "\n"
           "Nothing here.\n"
           "\n");
}

static void test_writers__lists_are_dense(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    Report *report = report_new(&arena, "x", "x");
    Section *list =
        report_section(report, FOR_ALL, "s", "List", LAYOUT_LIST, card_columns, CARD_COUNT, NULL);

    (void)state;
    for (int64_t i = 1; i <= 2; i++) {
        Row *row = section_row(list);
        row_set(row, CARD_ID, value_id(i));
        row_set(row, CARD_LINE, value_text("more"));
    }
    char *markdown = written(report, "markdown", 80, false),
         *text = written(report, "text", 80, false);
    assert_contains(markdown, "## List\n\n| id | name | time | line | message | steps |\n");
    assert_contains(text, "List\n  1\n    more\n  2\n    more\n");
    free(markdown);
    free(text);
}

static void test_writers__html_is_whole_and_escaped(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    char *text = written(sample(&arena), "html", 80, false);

    (void)state;
    assert_true(str_starts(text, "<!DOCTYPE html>\n<html lang=\"en\">"));
    assert_true(str_ends(text, "</body>\n</html>\n"));
    assert_contains(text, "<dt>server</dt><dd>SQL1, SSISDB</dd>");
    assert_contains(text, "<strong>Warning</strong> login &#39;nobody&#39; sees too little</p>");
    assert_contains(text, "first &lt;b&gt;second&lt;/b&gt; \\x1B[31m \\u009B &amp; | more");
    assert_contains(text, "<a href=\"https://example.com/a?b=1&amp;c=2\" rel=\"noreferrer\">");
    assert_contains(text, " data-h=\"executions\" data-v=\"1234567\">1,234,567</td>");
    assert_contains(text, "<p class=\"empty\">Nothing here.</p>");
    assert_lacks(text, "<b>second");
    assert_lacks(text, "Silent"); // has no rows and says nothing about it
    free(text);
}

/* ---- the table ------------------------------------------------------------------------------- */

static void test_writers__are_found_by_name_and_ending(void **state)
{
    (void)state;
    assert_null(report_writer("xml"));
    assert_null(report_writer_for_file("report"));
    assert_null(report_writer_for_file("dir.json/report"));
    assert_null(report_writer_for_file("report.doc"));
    assert_string_equal(report_writer_for_file("a/b.JSON")->name, "json");
    assert_string_equal(report_writer_for_file("b.jsonl")->name, "ndjson");
    assert_string_equal(report_writer_for_file("b.htm")->name, "html");
    assert_string_equal(report_writer_for_file("b.md")->name, "markdown");
    assert_string_equal(report_writer_for_file("b.prom")->name, "prometheus");
    assert_string_equal(report_writer_for_file("b.csv")->name, "csv");
    assert_string_equal(report_writer_for_file("b.txt")->name, "text");
}

static void test_writers__say_that_the_stream_failed(void **state)
{
    static const char *const formats[] = {"text", "json", "ndjson", "csv", "html", "markdown"};
    AUTO(arena_done) Arena arena = {0};
    ReportStyle style = {.columns = 80};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        FILE *full = fopen("/dev/full", "w");
        Err err = {0};
        assert_non_null(full);
        (void)setvbuf(full, NULL, _IONBF, 0);
        assert_int_equal(report_writer(formats[i])->write(sample(&arena), &style, full, &err),
                         RC_USAGE);
        assert_contains(err.text, "cannot write the report: No space left");
        (void)fclose(full);
    }
}

/* ---- values ---------------------------------------------------------------------------------- */

/* One zone in one answer, whatever the server wrote. */
static void test_writers__times_are_of_one_zone_for_people(void **state)
{
    char text[TIME_TEXT_MAX];
    Err err = {0};

    (void)state;
    report_time_text(at("2026-03-02T05:44:10-05:30"), text);
    assert_string_equal(text, "2026-03-02 11:14:10Z");
    assert_int_equal(zone_use("Asia/Kathmandu", &err), RC_OK);
    report_time_text(at("2026-03-02T05:44:10-05:30"), text);
    assert_string_equal(text, "2026-03-02 16:59:10+05:45");
    assert_int_equal(zone_use("UTC", &err), RC_OK);
    report_time_text(at("2026-03-02T05:44:10Z"), text);
    assert_string_equal(text, "2026-03-02 05:44:10Z");
}

static void test_writers__none_for_what_is_unknown(void **state)
{
    (void)state;
    assert_int_equal(value_text(NULL).type, VALUE_NONE);
    assert_int_equal(value_time((Instant){0}).type, VALUE_NONE);
    assert_int_equal(value_duration(-1).type, VALUE_NONE);
}

/* ---- from one process to another ------------------------------------------------------------- */

static void test_writers__a_report_crosses_whole_or_not_at_all(void **state)
{
    static const char *const formats[] = {"text", "json", "ndjson", "csv", "html", "markdown"};
    AUTO(arena_done) Arena arena = {0};
    AUTO(buf_done) Buf bytes = BUF(1 << 20);
    const Report *report = sample(&arena);
    Report *there = NULL;
    Err err = {0};

    (void)state;
    report_put(report, &bytes);
    assert_int_equal(report_get((Str){bytes.text, bytes.len}, &arena, &there, &err), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        char *before = written(report, formats[i], 80, true);
        char *after = written(there, formats[i], 80, true);
        assert_string_equal(after, before);
        free(before);
        free(after);
    }
    for (size_t len = 0; len < bytes.len; len++) {
        AUTO(arena_done) Arena own = {0};
        assert_int_equal(report_get((Str){bytes.text, len}, &own, &there, &err), RC_QUERY);
    }
}

static void test_writers__reports_of_targets_name_them_in_every_row(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    ReportPart parts[] = {
        {.target = "prod", .report = sample(&arena), .result = "done", .taken_ticks = 12345678},
        {.target = "test", .result = "could not connect", .error = "no such host", .exit_code = 3},
        {.target = "dev", .report = sample(&arena), .result = "findings", .exit_code = 1},
    };
    const Report *all = report_combine("sample", parts, ARRAY_LEN(parts), &arena);

    (void)state;
    char *text = written(all, "text", 100, false);
    assert_contains(text, "  targets  3\n");
    assert_contains(text, "  rows     24,690\n"); // of two that have it
    assert_contains(text, "WARNING  prod: login 'nobody' sees too little");
    assert_contains(text, "WARNING  dev: login 'nobody' sees too little");
    assert_contains(text, "could not connect");
    assert_contains(text, "no such host");
    assert_contains(text, "\nCards\n  prod  9007199254740993");
    assert_contains(text, "  dev  9007199254740993");
    free(text);
    char *csv = written(all, "csv", 100, false);
    assert_contains(csv, "target,id,name,time,message,steps,seconds\r\nprod,9007199254740993,");
    assert_contains(csv, "\r\ndev,,,,,,\r\n");
    free(csv);
    char *ndjson = written(all, "ndjson", 100, false);
    Str rest = str_of(ndjson), line;
    assert_true(str_split(&rest, '\n', &line)); // the head is of all
    while (str_split(&rest, '\n', &line))
        if (line.len > 0 && !memmem(line.at, line.len, "\"target\":\"", 10))
            fail_msg("no target: %.*s", STR_FMT(line));
    free(ndjson);
}

/* ---- the first screen ------------------------------------------------------------------------ */

static const Column screen_columns[] = {
    {.key = "id", .heading = "id", .align_right = true},
    {.key = "path", .heading = "path", .cut_left = true},
    {.key = "cause", .heading = "cause"},
};

static const Column pair_columns[] = {{.key = "a", .heading = "a", .use = COLUMN_HEADING},
                                      {.key = "b", .heading = "b", .use = COLUMN_PLAIN}};

static Report *screen_sample(Arena *arena, int causes, int failures)
{
    Report *report = report_new(arena, "sample", "Whole answer");

    report_fact(report, FOR_PEOPLE, "login", "login", value_text("in the two lines"));
    report_screen(report, "Two lines", "say it", "Go on with --more");
    report_fact(report, FOR_PEOPLE, "late", "late", value_text("fact"));
    Section *why = report_section(report, FOR_SCREEN, "why", "Why", LAYOUT_LIST, pair_columns,
                                  ARRAY_LEN(pair_columns), NULL);
    for (int i = 0; i < causes; i++) {
        Row *row = section_row(why);
        row_set(row, 0, value_text(arena_printf(arena, "cause %d", i)));
        row_set(row, 1, value_text("a second line"));
    }
    section_set_rest(why, "cause", "causes", (size_t)causes);
    Section *which = report_section(report, FOR_SCREEN, "which", NULL, LAYOUT_TABLE, screen_columns,
                                    ARRAY_LEN(screen_columns), NULL);
    for (int i = 0; i < failures; i++) {
        Row *row = section_row(which);
        row_set(row, 0, value_id(i));
        row_set(row, 1,
                value_text("A folder with a long name/Ein Projekt/\xE6\x9C\x88\xE6\xAC\xA1"
                           " the end"));
        row_set(row, 2, value_text("cause"));
    }
    section_set_rest(which, "failure", "failures", (size_t)failures);
    (void)section_row(report_section(report, FOR_PEOPLE, "whole", "Whole", LAYOUT_LIST,
                                     pair_columns, ARRAY_LEN(pair_columns), NULL));
    return report;
}

static char *screen(const Report *report, int columns)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ReportStyle style = {.columns = columns, .is_screen = true};
    Err err = {0};

    assert_int_equal(report_writer("text")->write(report, &style, out, &err), RC_OK);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void test_writers__a_screen_shares_its_lines_out(void **state)
{
    AUTO(arena_done) Arena arena = {0};

    (void)state;
    char *text = screen(screen_sample(&arena, 3, 2), 80);
    assert_string_equal(
        text, "Two lines\n"
              "say it\n"
              "  late  fact\n"
              "\n"
              "Why\n"
              "  cause 0\n"
              "    a second line\n"
              "  cause 1\n"
              "    a second line\n"
              "  cause 2\n"
              "    a second line\n"
              "\n"
              "  id  path                                                cause\n"
              "   0  A folder with a long name/Ein Projekt/\xE6\x9C\x88\xE6\xAC\xA1 the end"
              "  cause\n"
              "   1  A folder with a long name/Ein Projekt/\xE6\x9C\x88\xE6\xAC\xA1 the end"
              "  cause\n"
              "\n"
              "Go on with --more\n");
    free(text);
    text = screen(screen_sample(&arena, 100, 7000), 80); // neither takes the other's lines
    assert_contains(text, "  cause 3\n    a second line\n");
    assert_contains(text, "\n   5  A folder");
    assert_contains(text, "more failures: --all. Go on with --more\n");
    free(text);
    text = screen(screen_sample(&arena, 1, 7000), 80); // what one has no use for, the other gets
    assert_contains(text, "\n  11  A folder");
    assert_contains(text, "\n\n6988 more failures: --all.");
    free(text);
}

static void test_writers__a_cell_may_lose_its_beginning(void **state)
{
    AUTO(arena_done) Arena arena = {0};

    (void)state;
    char *text = screen(screen_sample(&arena, 1, 1), 40);
    assert_contains(text, "   0  ...Ein Projekt/\xE6\x9C\x88\xE6\xAC\xA1 the end  cause\n");
    free(text);
}

/* The whole answer and all other formats have nothing of it, but that its first line
 * leads a page. */
static void test_writers__a_screen_is_of_text_alone(void **state)
{
    static const char *const formats[] = {"text", "json", "ndjson", "csv", "html", "markdown"};
    AUTO(arena_done) Arena arena = {0};
    const Report *report = screen_sample(&arena, 3, 2);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        char *text = written(report, formats[i], 80, false);
        if (strstr(text, "cause 1") ||
            (strstr(text, "Two lines") != NULL) != str_same(formats[i], "html"))
            fail_msg("%s: %s", formats[i], text);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writers__a_screen_shares_its_lines_out),
        cmocka_unit_test(test_writers__a_cell_may_lose_its_beginning),
        cmocka_unit_test(test_writers__a_screen_is_of_text_alone),
        cmocka_unit_test(test_writers__text),
        cmocka_unit_test(test_writers__text_never_passes_its_width),
        cmocka_unit_test(test_writers__text_never_breaks_a_link),
        cmocka_unit_test(test_writers__text_cuts_a_heading_that_gives_way),
        cmocka_unit_test(test_writers__text_has_color_only_when_asked),
        cmocka_unit_test(test_writers__json),
        cmocka_unit_test(test_writers__ndjson),
        cmocka_unit_test(test_writers__a_list_of_columns_gives_table_and_row),
        cmocka_unit_test(test_writers__json_mends_what_is_not_utf8),
        cmocka_unit_test(test_writers__csv),
        cmocka_unit_test(test_writers__csv_defuses_texts_but_not_numbers),
        cmocka_unit_test(test_writers__csv_defuses_every_beginning_of_a_cell),
        cmocka_unit_test(test_writers__markdown_neither_pings_nor_links),
        cmocka_unit_test(test_writers__a_servers_address_leads_nowhere),
        cmocka_unit_test(test_writers__markdown),
        cmocka_unit_test(test_writers__lists_are_dense),
        cmocka_unit_test(test_writers__html_is_whole_and_escaped),
        cmocka_unit_test(test_writers__are_found_by_name_and_ending),
        cmocka_unit_test(test_writers__say_that_the_stream_failed),
        cmocka_unit_test(test_writers__times_are_of_one_zone_for_people),
        cmocka_unit_test(test_writers__none_for_what_is_unknown),
        cmocka_unit_test(test_writers__a_report_crosses_whole_or_not_at_all),
        cmocka_unit_test(test_writers__reports_of_targets_name_them_in_every_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
