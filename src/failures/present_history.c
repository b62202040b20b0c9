/* Months, and causes over them, as a report. */
#include "ssisminer/failures/history.h"

#include "ssisminer/base/zone.h"
#include "ssisminer/report/chart.h"
#include "ssisminer/report/words.h"

#include <inttypes.h>
#include <string.h>

enum { BAR_WIDTH = 12, DRAWN = 10 };

typedef struct Builder {
    const History *history;
    const HistoryView *view;
    Arena *arena;
    Report *report;
} Builder;

static int64_t failures_in(const HistoryMonth *month)
{
    return month->executions + month->operations;
}

static int64_t failures_of(const HistoryCause *cause)
{
    return cause->executions + cause->operations;
}

static int64_t most_in_a_month(const History *history)
{
    int64_t most = 0;

    for (size_t i = 0; i < history->month_count; i++)
        most = failures_in(&history->months[i]) > most ? failures_in(&history->months[i]) : most;
    return most;
}

/* ---- head ------------------------------------------------------------------------------------ */

static const char *whole_months(const Builder *builder)
{
    size_t count = builder->history->compared;

    return count == 1 ? "whole month" : arena_printf(builder->arena, "%zu whole months", count);
}

/* "40 in the last 3 whole months, 12 in the 3 before" */
static const char *trend_of(const Builder *builder)
{
    const History *h = builder->history;

    if (h->compared == 0)
        return "too few whole months to compare";
    return arena_printf(builder->arena, "%" PRId64 " in the last %s, %" PRId64 " in the %s before",
                        h->recent, whole_months(builder), h->earlier,
                        h->compared == 1 ? "one"
                                         : arena_printf(builder->arena, "%zu", h->compared));
}

static const char *headline(const Builder *builder)
{
    const History *h = builder->history;
    int64_t count = h->executions + h->operations;

    if (count == 0)
        return "Nothing failed";
    const char *line =
        arena_printf(builder->arena, "%" PRId64 " failure%s of %zu cause%s in %zu month%s", count,
                     words_plural(count), h->cause_count, words_plural((int64_t)h->cause_count),
                     h->month_count, words_plural((int64_t)h->month_count));
    return h->compared == 0 ? line
                            : arena_printf(builder->arena, "%s: %s", line, trend_of(builder));
}

static void add_facts(const Builder *builder)
{
    const HistoryQuestion *q = builder->view->question;
    const History *h = builder->history;
    const Ssisdb *db = builder->view->db;
    Report *report = builder->report;

    report_head(report, &(ReportHead){.title = ssisdb_title(db, builder->arena),
                                      .server = db->server_name,
                                      .database = db->database_name,
                                      .sees_all = db->sees_all,
                                      .now = builder->view->now,
                                      .window = words_window(q->since, q->until, builder->view->now,
                                                             builder->arena),
                                      .since = q->since,
                                      .until = q->until});
    report_fact(report, FOR_ALL, "failed_executions", "failed executions",
                value_count(h->executions));
    report_fact(report, FOR_ALL, "failed_operations", "other failed operations",
                value_count(h->operations));
    report_fact(report, FOR_PEOPLE, "trend_line", "failures", value_text(trend_of(builder)));
    report_fact(report, FOR_DATA, "compared_months", "months compared",
                value_count((int64_t)h->compared));
    report_fact(report, FOR_DATA, "recent_failures", "failures of the last whole months",
                h->compared > 0 ? value_count(h->recent) : value_none());
    report_fact(report, FOR_DATA, "earlier_failures", "failures of as many before",
                h->compared > 0 ? value_count(h->earlier) : value_none());
}

static void warn(const Builder *builder)
{
    const Ssisdb *db = builder->view->db;
    const Missing *missing = &builder->history->missing;

    if (!db->sees_all)
        report_warning(builder->report,
                       "incomplete: login '%s' is not in role %s, so executions that others "
                       "started are missing here",
                       words_or_unknown(db->login_name), ssisdb_reading_role(db));
    for (size_t i = 0; i < missing->count; i++)
        report_warning(builder->report, "incomplete: %s: %s", missing->list[i].what,
                       missing->list[i].why);
}

/* ---- months ---------------------------------------------------------------------------------- */

/* Of the month's causes the most frequent one: they are in that order in all months together. */
static const HistoryCause *top_of(const History *history, size_t month)
{
    const HistoryCause *top = NULL;
    int64_t most = 0;

    for (size_t i = 0; i < history->cause_count; i++)
        for (size_t k = 0; k < history->causes[i].cell_count; k++) {
            const HistoryCell *cell = &history->causes[i].cells[k];
            if (cell->month != month || cell->executions + cell->operations <= most)
                continue;
            most = cell->executions + cell->operations;
            top = &history->causes[i];
        }
    return top;
}

static const char *bar_of(const Builder *builder, const HistoryMonth *month)
{
    int64_t top = most_in_a_month(builder->history);
    int64_t length = top > 0 ? (failures_in(month) * BAR_WIDTH + top - 1) / top : 0;
    char bar[BAR_WIDTH + 1];

    memset(bar, '#', sizeof(bar));
    bar[length < BAR_WIDTH ? length : BAR_WIDTH] = '\0';
    return arena_text(builder->arena, bar);
}

/* Before the first month nobody looked: nothing is new in it. */
/* clang-format off */
#define MONTH_COLUMNS(COLUMN) \
    COLUMN("month", "month", value_text(month->name), .tone = TONE_STRONG, .is_whole = true) \
    COLUMN("failures", "failed", value_count(failures_in(month)), .align_right = true) \
    COLUMN("bar", "", value_text(bar_of(builder, month)), .is_drawn = true, .audience = FOR_PEOPLE) \
    COLUMN("executions", "executions", value_count(month->executions), .audience = FOR_DATA) \
    COLUMN("operations", "operations", value_count(month->operations), .audience = FOR_DATA) \
    COLUMN("causes", "causes", value_count((int64_t)month->causes), .align_right = true) \
    COLUMN("new_causes", "new", at > 0 ? value_count((int64_t)month->new_causes) : value_none(), .align_right = true) \
    COLUMN("top_cause_id", "cause", value_text(top ? top->id : NULL), .audience = FOR_DATA) \
    COLUMN("top_cause", "most of it", value_text(top ? top->title : NULL)) \
    COLUMN("is_whole", "whole", value_flag(month->is_whole), .audience = FOR_DATA)
/* clang-format on */

static const Column month_columns[] = {MONTH_COLUMNS(COLUMN_ENTRY)};

static void put_month(const Builder *builder, Section *section, size_t at)
{
    const HistoryMonth *month = &builder->history->months[at];
    const HistoryCause *top = top_of(builder->history, at);

    row_set_all(section_row(section), ROW_VALUES(MONTH_COLUMNS));
}

static void add_months(const Builder *builder)
{
    Section *section = report_section(builder->report, FOR_ALL, "months", "Months", LAYOUT_TABLE,
                                      month_columns, ARRAY_LEN(month_columns), "Nothing failed.");

    for (size_t i = 0; i < builder->history->month_count; i++)
        put_month(builder, section, i);
}

/* ---- causes ---------------------------------------------------------------------------------- */

/* clang-format off */
#define CAUSE_COLUMNS(COLUMN) \
    COLUMN("title", "cause", value_text(cause->title), .tone = TONE_STRONG, .may_wrap = true) \
    COLUMN("cause_id", "id", value_text(cause->id), .audience = FOR_DATA) \
    COLUMN("cause_kind", "kind", value_text(kind_name(cause->kind)), .audience = FOR_DATA) \
    COLUMN("severity", "severity", value_text(sig_severity_name(cause->severity)), .audience = FOR_DATA) \
    COLUMN("failures", "failed", value_count(failures_of(cause)), .align_right = true) \
    COLUMN("executions", "executions", value_count(cause->executions), .audience = FOR_DATA) \
    COLUMN("operations", "operations", value_count(cause->operations), .audience = FOR_DATA) \
    COLUMN("recent", "lately", is_compared ? value_count(cause->recent) : value_none(), .align_right = true) \
    COLUMN("earlier", "before", is_compared ? value_count(cause->earlier) : value_none(), .align_right = true) \
    COLUMN("first_seen", "first", value_time(cause->first_seen), .audience = FOR_DATA) \
    COLUMN("last_seen", "last", value_time(cause->last_seen), .audience = FOR_DATA) \
    COLUMN("first_day", "first", \
           value_text(day_of(builder, cause->first_seen)), .audience = FOR_PEOPLE, .is_whole = true) \
    COLUMN("last_day", "last", \
           value_text(day_of(builder, cause->last_seen)), .audience = FOR_PEOPLE, .is_whole = true) \
    COLUMN("package_count", "packages", value_count((int64_t)cause->package_count), .audience = FOR_DATA) \
    COLUMN("packages", "packages", value_texts(cause->packages, cause->package_count), .audience = FOR_DATA)
/* clang-format on */

static const Column cause_columns[] = {CAUSE_COLUMNS(COLUMN_ENTRY)};

static const char *kind_name(CauseKind kind)
{
    return kind == CAUSE_KNOWN ? "known" : kind == CAUSE_UNKNOWN ? "unknown" : "silent";
}

/* "2026-03-02", of the zone in use. */
static const char *day_of(const Builder *builder, Instant at)
{
    enum { DAY_BYTES = 10 };
    char text[TIME_TEXT_MAX];

    if (!at.is_set)
        return NULL;
    report_time_text(zone_put(at), text);
    return arena_copy(builder->arena, text, DAY_BYTES);
}

static void put_cause(const Builder *builder, Section *section, const HistoryCause *cause)
{
    bool is_compared = builder->history->compared > 0;
    Row *row = section_row(section);

    row_set_all(row, ROW_VALUES(CAUSE_COLUMNS));
    row_set_severity(row, words_severity(sig_severity_name(cause->severity)));
}

static void add_causes(const Builder *builder)
{
    const History *h = builder->history;
    const char *title =
        h->compared == 0
            ? "Causes"
            : arena_printf(builder->arena, "Causes (lately: the last %s; before: as long before)",
                           whole_months(builder));
    Section *section = report_section(builder->report, FOR_ALL, "causes", title, LAYOUT_TABLE,
                                      cause_columns, ARRAY_LEN(cause_columns), NULL);

    for (size_t i = 0; i < h->cause_count; i++)
        put_cause(builder, section, &h->causes[i]);
}

/* ---- a cause in a month ---------------------------------------------------------------------- */

/* clang-format off */
#define CELL_COLUMNS(COLUMN) \
    COLUMN("month", "month", value_text(month->name), .tone = TONE_STRONG, .is_whole = true) \
    COLUMN("cause_id", "id", value_text(cause->id), .audience = FOR_DATA) \
    COLUMN("title", "cause", value_text(cause->title), .may_wrap = true) \
    COLUMN("failures", "failed", value_count(cell->executions + cell->operations), .align_right = true) \
    COLUMN("executions", "executions", value_count(cell->executions), .audience = FOR_DATA) \
    COLUMN("operations", "operations", value_count(cell->operations), .audience = FOR_DATA) \
    COLUMN("first_seen", "first", value_time(cell->first_seen), .audience = FOR_DATA) \
    COLUMN("last_seen", "last", value_time(cell->last_seen), .audience = FOR_DATA) \
    COLUMN("package_count", "packages", value_count((int64_t)cell->package_count), .audience = FOR_DATA) \
    COLUMN("packages", "packages", value_texts(cell->packages, cell->package_count), .may_wrap = true)
/* clang-format on */

static const Column cell_columns[] = {CELL_COLUMNS(COLUMN_ENTRY)};

static void put_cell(Section *section, const HistoryMonth *month, const HistoryCause *cause,
                     const HistoryCell *cell)
{
    row_set_all(section_row(section), ROW_VALUES(CELL_COLUMNS));
}

static void add_cells(const Builder *builder)
{
    const History *h = builder->history;
    Section *section = report_section(builder->report, FOR_ALL, "history", "Causes of each month",
                                      LAYOUT_TABLE, cell_columns, ARRAY_LEN(cell_columns), NULL);

    section_set_primary(section);
    for (size_t month = 0; month < h->month_count; month++)
        for (size_t i = 0; i < h->cause_count; i++)
            for (size_t k = 0; k < h->causes[i].cell_count; k++)
                if (h->causes[i].cells[k].month == month)
                    put_cell(section, &h->months[month], &h->causes[i], &h->causes[i].cells[k]);
}

/* ---- the first screen ------------------------------------------------------------------------ */

static void screen_months(const Builder *builder)
{
    const History *h = builder->history;
    Section *section = report_section(builder->report, FOR_SCREEN, "months", NULL, LAYOUT_TABLE,
                                      month_columns, ARRAY_LEN(month_columns), NULL);

    for (size_t i = 0; i < h->month_count; i++)
        put_month(builder, section, h->month_count - 1 - i); // the newest stay on the screen
    section_set_rest(section, "month", "months", h->month_count);
}

/* clang-format off */
#define SCREEN_CAUSE_COLUMNS(COLUMN) \
    COLUMN("title", "cause", value_text(cause->title), .tone = TONE_STRONG) \
    COLUMN("failures", "failed", value_count(failures_of(cause)), .align_right = true) \
    COLUMN("recent", "lately", h->compared > 0 ? value_count(cause->recent) : value_none(), .align_right = true) \
    COLUMN("earlier", "before", h->compared > 0 ? value_count(cause->earlier) : value_none(), .align_right = true) \
    COLUMN("first_day", "first", value_text(day_of(builder, cause->first_seen)), .is_whole = true) \
    COLUMN("last_day", "last", value_text(day_of(builder, cause->last_seen)), .is_whole = true)
/* clang-format on */

static void screen_causes(const Builder *builder)
{
    static const Column columns[] = {SCREEN_CAUSE_COLUMNS(COLUMN_ENTRY)};
    const History *h = builder->history;
    Section *section = report_section(builder->report, FOR_SCREEN, "causes", NULL, LAYOUT_TABLE,
                                      columns, ARRAY_LEN(columns), NULL);

    for (size_t i = 0; i < h->cause_count && i < REPORT_SCREEN_LINES; i++) {
        const HistoryCause *cause = &h->causes[i];
        row_set_all(section_row(section), ROW_VALUES(SCREEN_CAUSE_COLUMNS));
    }
    section_set_rest(section, "cause", "causes", h->cause_count);
}

/* ---- pictures -------------------------------------------------------------------------------- */

static void draw_months(const Builder *builder)
{
    static const ChartSeries series[] = {{"failed", HUE_1}};
    const History *h = builder->history;

    if (h->month_count < 2)
        return;
    Chart *chart = report_chart(builder->report, &(ChartSpec){.kind = CHART_BARS,
                                                              .unit = VALUE_COUNT,
                                                              .title = "Failures by month",
                                                              .points = "month",
                                                              .series = series,
                                                              .series_count = ARRAY_LEN(series)});
    for (size_t i = 0; i < h->month_count; i++)
        chart_add(chart, chart_point(chart, h->months[i].name), 0,
                  (double)failures_in(&h->months[i]));
}

static void draw_causes(const Builder *builder)
{
    static const ChartSeries series[] = {{"failed", HUE_1}};
    const History *h = builder->history;

    if (h->cause_count < 2)
        return;
    Chart *chart =
        report_chart(builder->report, &(ChartSpec){.kind = CHART_RANK,
                                                   .unit = VALUE_COUNT,
                                                   .title = "Failures by cause, the most first",
                                                   .points = "cause",
                                                   .series = series,
                                                   .series_count = ARRAY_LEN(series)});
    for (size_t i = 0; i < h->cause_count && i < DRAWN; i++)
        chart_add(chart, chart_point(chart, h->causes[i].title), 0,
                  (double)failures_of(&h->causes[i]));
}

/* ---- all of it ------------------------------------------------------------------------------- */

static const char *where_line(const Builder *builder)
{
    const Ssisdb *db = builder->view->db;
    const HistoryQuestion *q = builder->view->question;

    return words_where(db->server_name, db->database_name,
                       words_window(q->since, q->until, builder->view->now, builder->arena),
                       builder->arena);
}

Report *history_report(const History *history, const HistoryView *view, Arena *arena)
{
    Builder builder = {history, view, arena, report_new(arena, "history", "Causes over months")};

    add_facts(&builder);
    warn(&builder);
    draw_months(&builder);
    draw_causes(&builder);
    add_months(&builder);
    add_causes(&builder);
    add_cells(&builder);
    report_screen(builder.report, headline(&builder), where_line(&builder), NULL);
    report_screen_warnings(builder.report);
    screen_months(&builder);
    screen_causes(&builder);
    return builder.report;
}
