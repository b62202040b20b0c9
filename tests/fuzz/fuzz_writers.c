/*
 * A report of any texts and numbers, written in each of the seven formats and read back:
 *
 *   json, ndjson   by cJSON: the texts are the report's, the rows as many
 *   csv            by a reader of RFC 4180: as many fields in every record, the texts the report's
 *                  but for the apostrophes, and no field that a spreadsheet would compute
 *   markdown       a table has a line a row and no bar too many
 *   html           every tag is closed, in order, and none is there that a page does not have, nor
 * a second style or script prometheus     every line is one of the format, and no series is there
 * twice text           no line is wider than the page, of which figures, never cut, leave some
 *
 * and in none of them a byte that a terminal obeys. Input: a byte (how many rows), then for each
 * row a text to a NUL and a number of eight bytes.
 */
#include "fuzz.h"

#include "ssisminer/base/term.h"
#include "ssisminer/base/utf.h"
#include "ssisminer/report/chart.h"
#include "ssisminer/report/report.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>

enum { ROWS_MOST = 6, WIDTH = 100, COLUMNS = 6 };

/* A section of which there are metrics. */
static const Column table_columns[COLUMNS] = {
    {.key = "name", .heading = "name"},
    {.key = "note", .heading = "note", .may_wrap = true},
    {.key = "groups", .heading = "count", .align_right = true},
    {.key = "when", .heading = "when"},
    {.key = "executions", .heading = "share"},
    {.key = "wasted_seconds", .heading = "long"},
};

static const Column card_columns[] = {
    {.key = "title", .heading = "title", .use = COLUMN_HEADING},
    {.key = "text", .heading = "text", .use = COLUMN_PLAIN},
    {.key = "body", .heading = "body", .max_lines = 2},
    {.key = "list", .heading = "list", .use = COLUMN_BULLETS, .is_link = true},
};

static const ChartSeries chart_series[] = {{"one", HUE_1}, {"two", HUE_ALERT}};

typedef struct Made {
    const char *texts[ROWS_MOST];
    size_t count;
    Report *report;
} Made;

static Made make(Input *input, Arena *arena)
{
    Made made = {.count = 1 + take_byte(input) % ROWS_MOST};

    made.report = report_new(arena, "duplicates", "A title");
    report_fact(made.report, FOR_ALL, "executions", "executions", value_number(NAN));
    Section *table = report_section(made.report, FOR_ALL, "callers", "Rows", LAYOUT_TABLE,
                                    table_columns, COLUMNS, NULL);
    Section *cards = report_section(made.report, FOR_PEOPLE, "cards", "Cards", LAYOUT_CARDS,
                                    card_columns, ARRAY_LEN(card_columns), NULL);
    section_set_primary(table);
    Chart *charts[CHART_SPANS + 1];
    for (int kind = 0; kind <= CHART_SPANS; kind++)
        charts[kind] =
            report_chart(made.report, &(ChartSpec){.kind = (ChartKind)kind,
                                                   .unit = VALUE_DURATION,
                                                   .title = "Drawn",
                                                   .points = "row",
                                                   .series = chart_series,
                                                   .series_count = ARRAY_LEN(chart_series)});
    for (size_t i = 0; i < made.count; i++) {
        const char *text = made.texts[i] = take_text(input, arena);
        const char **list = arena_alloc_array(arena, 1, sizeof(*list));
        int64_t number = take_i64(input);
        double real;
        memcpy(&real, &number, sizeof(real));
        Row *row = section_row(table);
        row_set(row, 0, value_text(text));
        row_set(row, 1, value_text(text));
        row_set(row, 2, value_count(number));
        row_set(row, 3, value_instant(number));
        row_set(row, 4, value_percent(real));
        row_set(row, 5, value_duration(number));
        row = section_row(cards);
        list[0] = text;
        row_set(row, 0, value_text(text));
        row_set(row, 1, value_text(text));
        row_set(row, 2, value_text(text));
        row_set(row, 3, value_texts(list, 1));
        row_set_anchor(row, "card", text);
        row_set_link(row, "title", "card", made.texts[0]);
        for (int kind = 0; kind <= CHART_SPANS; kind++) {
            size_t point = chart_point(charts[kind], text);
            chart_add(charts[kind], point, 0, (double)number);
            chart_add(charts[kind], point, 1, real);
            chart_span(charts[kind], point, 1, number, INT64_MAX);
            chart_link(charts[kind], point, "card", text);
        }
    }
    report_warning(made.report, "%.200s", made.texts[0]);
    return made;
}

static char *written(const Report *report, const char *format)
{
    const ReportStyle style = {.columns = WIDTH};
    char *page = NULL;
    size_t size = 0;
    Err err = {0};
    FILE *out = open_memstream(&page, &size);

    must(out && report_writer(format)->write(report, &style, out, &err) == RC_OK);
    (void)fclose(out);
    must(strlen(page) == size);
    for (size_t at = 0, used; at < size; at += used) {
        uint32_t point = utf_next(page + at, size - at, &used);
        must(point == '\n' || point == '\t' || point == '\r' || !term_obeys(point));
    }
    return page;
}

/* ---- json ------------------------------------------------------------------------------------ */

static void check_row(const cJSON *row, const char *text)
{
    AUTO(buf_done) Buf valid = BUF(1024 * 1024);

    utf_put_valid(&valid, text, strlen(text));
    must(str_same(cJSON_GetStringValue(cJSON_GetObjectItem(row, "name")), buf_text(&valid)));
    must(cJSON_IsNumber(cJSON_GetObjectItem(row, "groups")));
}

static void check_json(const Made *made)
{
    char *page = written(made->report, "json");
    cJSON *json = cJSON_Parse(page);
    const cJSON *rows = cJSON_GetObjectItem(json, "callers"), *row;
    size_t count = 0;

    must(json != NULL);
    cJSON_ArrayForEach(row, rows)
    {
        must(count < made->count);
        check_row(row, made->texts[count++]);
    }
    must(count == made->count);
    must(cJSON_GetArraySize(cJSON_GetObjectItem(json, "warnings")) == 1);
    cJSON_Delete(json);
    free(page);
}

static void check_ndjson(const Made *made)
{
    char *page = written(made->report, "ndjson");
    Str rest = str_of(page), line;
    size_t count = 0;

    while (str_split(&rest, '\n', &line) && line.len > 0) {
        cJSON *json = cJSON_ParseWithLength(line.at, line.len);
        must(json != NULL);
        if (count > 0)
            check_row(json, made->texts[count - 1]);
        count++;
        cJSON_Delete(json);
    }
    must(count == made->count + 1);
    free(page);
}

/* ---- csv ------------------------------------------------------------------------------------- */

/* One field from `at`, without its quotes; what ends it is left. */
static const char *read_field(const char *at, Buf *field)
{
    if (*at != '"') {
        size_t len = strcspn(at, ",\r\n\"");
        buf_put(field, at, len);
        return at + len;
    }
    for (at++; !(at[0] == '"' && at[1] != '"'); at++) {
        must(*at != '\0');
        at += *at == '"';
        buf_putc(field, *at);
    }
    return at + 1;
}

static bool is_computed(const char *field)
{
    while (strchr(" \"'", *field) && *field && *field != '\'')
        field++;
    return *field && strchr("=+-@\t\r", *field);
}

/* The same but for apostrophes that were put in. */
static void check_text(const char *field, const char *text)
{
    AUTO(buf_done) Buf safe = BUF(1024 * 1024);

    term_put_safe(&safe, text, strlen(text), false);
    for (const char *at = buf_text(&safe); *at; field++) {
        must(*field != '\0');
        if (*field == *at)
            at++;
        else
            must(*field == '\'');
    }
    must(*field == '\0');
}

static void check_csv(const Made *made)
{
    char *page = written(made->report, "csv");
    const char *at = page;

    for (size_t record = 0; record <= made->count; record++) {
        for (size_t i = 0; i < COLUMNS; i++) {
            AUTO(buf_done) Buf field = BUF(1024 * 1024);
            at = read_field(at, &field);
            must(i > 1 || !is_computed(buf_text(&field)));
            if (record > 0 && i == 0)
                check_text(buf_text(&field), made->texts[record - 1]);
            must(str_starts(at, i + 1 < COLUMNS ? "," : "\r\n"));
            at += i + 1 < COLUMNS ? 1 : 2;
        }
    }
    must(*at == '\0');
    free(page);
}

/* ---- pages ----------------------------------------------------------------------------------- */

static size_t bars_in(Str line)
{
    size_t count = 0;

    for (size_t i = 0; i < line.len; i++) {
        if (line.at[i] == '\\')
            i++; // what follows is no bar
        else
            count += line.at[i] == '|';
    }
    return count;
}

static void check_markdown(const Made *made)
{
    char *page = written(made->report, "markdown");
    Str rest = str_of(page), line;
    size_t rows = 0;

    while (str_split(&rest, '\n', &line)) {
        must(!memmem(line.at, line.len, "://", 3) || memmem(line.at, line.len, "<http", 5));
        if (line.len == 0 || line.at[0] != '|')
            continue;
        must(bars_in(line) == COLUMNS + 1);
        rows++;
    }
    must(rows == made->count + 2);
    free(page);
}

/* Elements of our pages that have no end. */
static bool is_void(Str tag)
{
    return str_equal(tag, str_of("meta")) || str_equal(tag, str_of("!DOCTYPE")) ||
           str_equal(tag, str_of("link"));
}

/* Ours, between two marks: it is no markup. */
static void blank(char *page, const char *first, const char *last)
{
    char *from = strstr(page, first), *to = strstr(page, last);

    must(from && to && from < to);
    must(!strstr(to + 1, first)); // no second one
    memset(from + strlen(first), ' ', (size_t)(to - from) - strlen(first));
}

/* A link within the page leads somewhere, and to one place. */
static void check_ids(const char *page)
{
    for (const char *at = page; (at = strstr(at, " id=\"")) != NULL; at += 5) {
        size_t len = strcspn(at + 5, "\"") + 6;
        must(!memmem(at + len, strlen(at + len), at, len));
        must(!memchr(at + 5, ' ', len - 5));
    }
    for (const char *at = page; (at = strstr(at, " href=\"#")) != NULL; at += 8)
        must(at[8] != '"');
}

static void check_html(const Made *made)
{
    static const char *const known[] = {
        "!DOCTYPE", "html",    "head",    "meta",    "title",   "style",   "body",
        "h1",       "h2",      "h3",      "dl",      "dt",      "dd",      "p",
        "ul",       "li",      "article", "section", "details", "summary", "div",
        "table",    "thead",   "tbody",   "tr",      "th",      "td",      "span",
        "a",        "footer",  "link",    "script",  "header",  "main",    "nav",
        "figure",   "caption", "ol",      "svg",     "rect",    "line",    "figcaption",
        "text",     "path",    "circle",  "g",       "desc",    "time",    "strong"};
    char *page = written(made->report, "html");
    Str open[100];
    size_t depth = 0;

    blank(page, "<style>", "</style>");
    blank(page, "<script>", "</script>");
    for (const char *at = page; (at = strchr(at, '<')) != NULL;) {
        bool is_end = at[1] == '/';
        Str tag = {at + 1 + is_end, strcspn(at + 1 + is_end, " >\n")};
        bool is_known = false;
        for (size_t i = 0; i < ARRAY_LEN(known); i++)
            is_known = is_known || str_equal(tag, str_of(known[i]));
        must(is_known);
        if (is_end)
            must(depth > 0 && str_equal(open[--depth], tag));
        else if (!is_void(tag))
            must(depth < ARRAY_LEN(open)), open[depth++] = tag;
        at = strchr(at, '>');
        must(at != NULL);
        if (at[-1] == '/') // ended in itself
            must(depth > 0), depth--;
    }
    must(depth == 0);
    check_ids(page);
    free(page);
}

/* ---- prometheus ------------------------------------------------------------------------------ */

static const char *past_name(const char *at)
{
    must(isalpha((unsigned char)*at) || *at == '_');
    while (isalnum((unsigned char)*at) || *at == '_' || *at == ':')
        at++;
    return at;
}

static const char *past_labels(const char *at)
{
    do {
        at = past_name(at + 1);
        must(at[0] == '=' && at[1] == '"');
        for (at += 2; *at != '"'; at++) {
            must(*at != '\0' && *at != '\n');
            at += *at == '\\';
        }
        at++;
    } while (*at == ',');
    must(*at == '}');
    return at + 1;
}

/* No series is there twice. */
static void check_series(const char *page, const char *at, size_t len)
{
    for (const char *line = page; line < at; line = strchr(line, '\n') + 1)
        must(strncmp(line, at, len) != 0 || line[len] != ' ');
}

static void check_prometheus(const Made *made)
{
    char *page = written(made->report, "prometheus"), *end;

    for (const char *at = page; *at; at++) {
        if (*at == '#') {
            at += strcspn(at, "\n");
            continue;
        }
        const char *series = at;
        at = past_name(at);
        if (*at == '{')
            at = past_labels(at);
        must(*at == ' ');
        check_series(page, series, (size_t)(at - series));
        (void)strtod(at + 1, &end);
        must(end > at + 1 && *end == '\n');
        at = end;
    }
    free(page);
}

/* ---- text ------------------------------------------------------------------------------------ */

static void check_width(const Made *made)
{
    char *page = written(made->report, "text");
    Str rest = str_of(page), line;

    while (str_split(&rest, '\n', &line))
        must(term_width(line.at, line.len) <= WIDTH || memmem(line.at, line.len, "://", 3));
    free(page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    Input input = {data, size};

    if (size > 5000)
        return 0;
    Made made = make(&input, &arena);
    check_json(&made);
    check_ndjson(&made);
    check_csv(&made);
    check_markdown(&made);
    check_html(&made);
    check_prometheus(&made);
    check_width(&made);
    return 0;
}
