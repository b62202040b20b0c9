/* The findings as a report. */
#include "screen.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/report/chart.h"
#include "ssisminer/report/words.h"

#include <inttypes.h>
#include <stdio.h>

enum { SHORT_MAX_BYTES = 16 * 1024 };

/* ---- causes ---------------------------------------------------------------------------------- */

/* clang-format off */
#define CAUSE_COLUMNS(COLUMN) \
    COLUMN("times", "times", value_text(arena_printf(arena, "%" PRId64 "x", cause->count)), \
           .use = COLUMN_HEADING, .audience = FOR_PEOPLE, .tone = TONE_STRONG) \
    COLUMN("title", "title", value_text(cause->signature->title), .use = COLUMN_HEADING) \
    COLUMN("id", "id", value_text(cause->signature->id), .use = COLUMN_HEADING, .align_right = true) \
    COLUMN("places", "places", \
           value_text(places_of(cause, view->news, arena)), .use = COLUMN_PLAIN, .audience = FOR_PEOPLE) \
    COLUMN("records", "records of this cause", value_count(cause->count), .audience = FOR_DATA) \
    COLUMN("first_place", "first", value_text(cause->first), .audience = FOR_DATA) \
    COLUMN("last_place", "last", value_text(arena_text(arena, cause->last)), .audience = FOR_DATA) \
    COLUMN("class", "class", value_text(sig_class_name(cause->signature->class_)), .audience = FOR_DATA) \
    COLUMN("severity", "severity", value_text(sig_severity_name(cause->signature->severity)), .audience = FOR_DATA) \
    COLUMN("retry", "retry", value_text(sig_retry_name(cause->signature->retry)), .audience = FOR_DATA) \
    NEWS_COLUMNS(COLUMN, view->news, cause->signature->id)
/* clang-format on */

static const Column cause_columns[] = {CAUSE_COLUMNS(COLUMN_ENTRY)};

static const char *places_of(const Cause *cause, const ReportNews *news, Arena *arena)
{
    const char *mark = news_mark(news, cause->signature->id);

    if (str_same(cause->first, cause->last))
        return arena_printf(arena, "%s%s; %s", mark, cause->first,
                            sig_retry_advice(cause->signature->retry));
    return arena_printf(arena, "%sfirst %s, last %s; %s", mark, cause->first, cause->last,
                        sig_retry_advice(cause->signature->retry));
}

static void draw_causes(const Cause *sorted, size_t count, Section *section)
{
    enum { RANKED = 10 };
    static const ChartSeries series[] = {{"not critical", HUE_1}, {"critical", HUE_ALERT}};

    if (count < 2)
        return;
    Chart *chart = section_chart(section, &(ChartSpec){
                                              .kind = CHART_RANK,
                                              .unit = VALUE_COUNT,
                                              .title = "The most frequent root causes",
                                              .points = "cause",
                                              .series = series,
                                              .series_count = ARRAY_LEN(series),
                                          });
    for (size_t i = 0; i < count && i < RANKED; i++) {
        const Signature *signature = sorted[i].signature;
        size_t point = chart_point(chart, signature->title);
        chart_add(chart, point, signature->severity == SIG_CRITICAL, (double)sorted[i].count);
        chart_link(chart, point, "cause", signature->id);
    }
}

static void add_causes(const Findings *findings, const FindingsView *view, Report *report,
                       Arena *arena)
{
    AUTO(mem_free_at) Cause *sorted = findings_sorted(findings);
    Section *section = report_section(
        report, FOR_ALL, "causes",
        arena_printf(arena, "Root causes (%zu), most frequent first", findings->cause_count),
        LAYOUT_LIST, cause_columns, ARRAY_LEN(cause_columns), NULL);

    draw_causes(sorted, findings->cause_count, section);
    for (size_t i = 0; i < findings->cause_count; i++) {
        const Cause *cause = &sorted[i];
        Row *row = section_row(section);
        row_set_anchor(row, "cause", cause->signature->id);
        row_set_link(row, "title", "remedy", cause->signature->id);
        row_set_severity(row, words_severity(sig_severity_name(cause->signature->severity)));
        row_set_all(row, ROW_VALUES(CAUSE_COLUMNS));
    }
}

/* clang-format off */
#define UNKNOWN_COLUMNS(COLUMN) \
    COLUMN("times", "times", value_text(arena_printf(arena, "%" PRId64 "x", top[i]->count)), \
           .use = COLUMN_HEADING, .audience = FOR_PEOPLE, .tone = TONE_STRONG) \
    COLUMN("mask", "message", value_text(arena_text(arena, top[i]->mask)), .use = COLUMN_HEADING) \
    COLUMN("fingerprint", "fingerprint", \
           value_text(arena_text(arena, top[i]->id)), .use = COLUMN_HEADING, .align_right = true) \
    COLUMN("mark", "new", value_text(news_is_new(view->news, top[i]->id) ? "new" : NULL), \
           .use = COLUMN_PLAIN, .audience = FOR_PEOPLE) \
    COLUMN("place", "first", value_text(arena_text(arena, top[i]->place)), .use = COLUMN_PLAIN) \
    COLUMN("records", "records of this unknown error", value_count(top[i]->count), .audience = FOR_DATA) \
    COLUMN("example", "example", value_text(arena_text(arena, top[i]->example)), .audience = FOR_DATA) \
    NEWS_COLUMNS(COLUMN, view->news, top[i]->id)
/* clang-format on */

static const Column unknown_columns[] = {UNKNOWN_COLUMNS(COLUMN_ENTRY)};

static void add_unknowns(const Findings *findings, const FindingsView *view, Report *report,
                         Arena *arena)
{
    enum { SHOWN = 50 };
    const Unknown *top[SHOWN];
    size_t count = unknowns_top(findings->unknowns, top, SHOWN);
    Section *section = report_section(
        report, FOR_ALL, "unknown",
        arena_printf(arena, "Unknown errors (%zu)", unknowns_count(findings->unknowns)),
        LAYOUT_LIST, unknown_columns, ARRAY_LEN(unknown_columns), NULL);

    for (size_t i = 0; i < count; i++) {
        Row *row = section_row(section);
        row_set_anchor(row, "cause", top[i]->id);
        row_set_severity(row, SEVERITY_ERROR);
        row_set_all(row, ROW_VALUES(UNKNOWN_COLUMNS));
    }
}

/* clang-format off */
#define RECORD_COLUMNS(COLUMN) \
    COLUMN("place", "place", value_text(findings_place(kept, arena)), \
           .use = COLUMN_HEADING, .audience = FOR_PEOPLE, .tone = TONE_STRONG) \
    COLUMN("when", "time", value_time(kept->time), .use = COLUMN_HEADING, .audience = FOR_PAGE, .align_right = true) \
    COLUMN("name", "id", value_text(id ? id : kept->fingerprint), \
           .use = COLUMN_HEADING, .audience = FOR_PEOPLE, .align_right = true) \
    COLUMN("cause_line", "cause", value_text(cause_line(kept, arena)), .audience = FOR_PEOPLE, .tone = TONE_ALERT) \
    COLUMN("confidence_line", "basis", value_text(basis_line(kept, arena)), .audience = FOR_PEOPLE) \
    COLUMN("excerpt", "message", value_text(findings_excerpt(kept, arena)), .audience = FOR_PEOPLE, .max_lines = 3) \
    COLUMN("at", "at", value_text(at_line(kept, arena)), .audience = FOR_PEOPLE) \
    COLUMN("record", "record", value_id((int64_t)kept->number), .audience = FOR_DATA) \
    COLUMN("file", "file", value_text(kept->file), .audience = FOR_DATA) \
    COLUMN("line", "line", value_id((int64_t)kept->line), .audience = FOR_DATA) \
    COLUMN("operation_id", "operation", \
           kept->operation_id ? value_id(kept->operation_id) : value_none(), .audience = FOR_DATA) \
    COLUMN("root_cause", "cause", value_text(id), .audience = FOR_DATA) \
    COLUMN("fingerprint", "fingerprint", value_text(kept->fingerprint), .audience = FOR_DATA) \
    COLUMN("confidence", "confidence", value_text(kept->confidence), .audience = FOR_DATA) \
    COLUMN("confidence_reason", "reason", value_text(kept->reason), .audience = FOR_DATA) \
    COLUMN("message", "message", value_text(kept->excerpt), .audience = FOR_DATA) \
    COLUMN("captures", "captures", value_texts(kept->captures, kept->capture_count), .audience = FOR_DATA) \
    COLUMN("task_path", "task", value_text(kept->task_path), .audience = FOR_DATA) \
    COLUMN("echoes", "echoes", value_count((int64_t)kept->echoes), .audience = FOR_DATA) \
    COLUMN("time", "time", value_time(kept->time), .audience = FOR_DATA)
/* clang-format on */

static const Column record_columns[] = {RECORD_COLUMNS(COLUMN_ENTRY)};

/* "Title (kind=worker, limit=60)" */
static const char *cause_line(const Kept *kept, Arena *arena)
{
    AUTO(buf_done) Buf line = BUF(SHORT_MAX_BYTES);

    buf_puts(&line, kept->signature ? kept->signature->title : "unknown error");
    for (size_t i = 0; i < kept->capture_count; i++)
        buf_printf(&line, "%s%s", i ? ", " : " (", kept->captures[i]);
    buf_puts(&line, kept->capture_count > 0 ? ")" : "");
    return arena_text(arena, buf_text(&line));
}

const char *findings_excerpt(const Kept *kept, Arena *arena)
{
    Str telling = diagnosis_telling(str_of(kept->excerpt));

    return kept->excerpt ? arena_copy(arena, telling.at, telling.len) : NULL;
}

const char *findings_place(const Kept *kept, Arena *arena)
{
    const char *place = arena_printf(arena, "%s:%zu", kept->file, kept->line);

    return kept->operation_id
               ? arena_printf(arena, "%s  operation %" PRId64, place, kept->operation_id)
               : place;
}

static const char *at_line(const Kept *kept, Arena *arena)
{
    const char *plural = kept->echoes == 1 ? "" : "es";

    if (kept->task_path && kept->echoes > 0)
        return arena_printf(arena, "%s, %zu echo%s", kept->task_path, kept->echoes, plural);
    return kept->echoes > 0 ? arena_printf(arena, "%zu echo%s", kept->echoes, plural)
                            : kept->task_path;
}

static const char *basis_line(const Kept *kept, Arena *arena)
{
    return kept->confidence ? arena_printf(arena, "%s: %s", kept->confidence, kept->reason) : NULL;
}

static void add_record(Section *section, const Kept *kept, Arena *arena)
{
    Row *row = section_row(section);
    const char *id = kept->signature ? kept->signature->id : NULL;

    row_set_severity(row, id ? words_severity(sig_severity_name(kept->signature->severity))
                             : SEVERITY_ERROR);
    if (id || kept->fingerprint)
        row_set_link(row, "cause_line", "cause", id ? id : kept->fingerprint);
    row_set_all(row, ROW_VALUES(RECORD_COLUMNS));
}

static void add_records(const Findings *findings, Report *report, const FindingsView *view,
                        Arena *arena)
{
    size_t limit = view->limit, count = findings->record_count;
    size_t shown = count < limit ? count : limit;
    size_t all = findings->known_count + findings->unknown_count;
    const char *title = shown < all
                            ? arena_printf(arena, "Failures (the first %zu of %zu)", shown, all)
                            : arena_printf(arena, "Failures (%zu)", all);
    const char *empty = count > 0               ? NULL
                        : news_calm(view->news) ? "None that is new."
                                                : "No record tells of a failure.";
    Section *people = report_section(report, FOR_PEOPLE, "failures", title, LAYOUT_CARDS,
                                     record_columns, ARRAY_LEN(record_columns), empty);
    Section *data = report_section(report, FOR_DATA, "records", NULL, LAYOUT_TABLE, record_columns,
                                   ARRAY_LEN(record_columns), NULL);

    section_set_primary(data);
    for (size_t i = 0; i < shown; i++)
        add_record(people, &findings->records[i], arena);
    for (size_t i = 0; i < count; i++)
        add_record(data, &findings->records[i], arena);
}

static void add_facts(const Findings *findings, Report *report, const Scan *scan)
{
    report_fact(report, FOR_PAGE, "made", "made", value_time(time_now()));
    report_fact(report, FOR_ALL, "file_count", "files", value_count((int64_t)scan->file_count));
    report_fact(report, FOR_ALL, "record_count", "records",
                value_count((int64_t)scan->record_count));
    report_fact(report, FOR_ALL, "known_count", "with a known cause",
                value_count((int64_t)findings->known_count));
    report_fact(report, FOR_ALL, "unknown_count", "with an unknown error",
                value_count((int64_t)findings->unknown_count));
    if (findings->trouble_count > 0)
        report_fact(report, FOR_PEOPLE, "unreadable_count", "could not be read",
                    value_count((int64_t)findings->trouble_count));
    report_fact(report, FOR_DATA, "unreadable_count", "could not be read",
                value_count((int64_t)findings->trouble_count));
}

static void warn(const Findings *findings, Report *report)
{
    enum { SHOWN = 10 };
    size_t shown = findings->told_troubles < SHOWN ? findings->told_troubles : SHOWN;

    for (size_t i = 0; i < shown; i++)
        report_warning(report, "%s", findings->troubles[i]);
    if (findings->trouble_count > shown)
        report_warning(report, "%zu more records could not be read",
                       findings->trouble_count - shown);
    if (!unknowns_is_exact(findings->unknowns))
        report_warning(report,
                       "more than %d kinds of unknown errors: the rare ones are left out, and "
                       "counts may be too high",
                       FINDINGS_UNKNOWN);
    if (findings->known_count + findings->unknown_count > FINDINGS_RECORDS)
        report_warning(report, "only the first %d failures are listed; ndjson lists all",
                       FINDINGS_RECORDS);
}

/* clang-format off */
#define FILE_COLUMNS(COLUMN) \
    COLUMN("file", "file", value_text(file->name)) \
    COLUMN("form", "taken for", value_text(file->tally.form)) \
    COLUMN("records", "records", value_count((int64_t)file->tally.record_count), .align_right = true) \
    COLUMN("unread", "unread", value_count((int64_t)file->tally.trouble_count), .align_right = true)
/* clang-format on */

static const Column file_columns[] = {FILE_COLUMNS(COLUMN_ENTRY)};

/* What each file was taken for, and whether all of it was read. */
static void add_files(const Findings *findings, Report *report, const Scan *scan, size_t limit,
                      Arena *arena)
{
    size_t count = findings->file_count, shown = count < limit ? count : limit;
    const char *title =
        shown < scan->file_count
            ? arena_printf(arena, "Files (the first %zu of %zu)", shown, scan->file_count)
            : arena_printf(arena, "Files (%zu)", scan->file_count);
    Section *people = report_section(report, FOR_PEOPLE, "read", title, LAYOUT_TABLE, file_columns,
                                     ARRAY_LEN(file_columns), NULL);
    Section *data = report_section(report, FOR_DATA, "files", NULL, LAYOUT_TABLE, file_columns,
                                   ARRAY_LEN(file_columns), NULL);

    for (size_t i = 0; i < count; i++) {
        const FileNote *file = &findings->files[i];
        for (size_t turn = i < shown ? 0 : 1; turn < 2; turn++)
            row_set_all(section_row(turn == 0 ? people : data), ROW_VALUES(FILE_COLUMNS));
    }
}

Report *findings_report(const Findings *findings, const Scan *scan, const FindingsView *view,
                        Arena *arena)
{
    size_t limit = view->limit;
    Report *report = report_new(arena, "scan", "SSIS failures in files");

    add_facts(findings, report, scan);
    warn(findings, report);
    add_causes(findings, view, report, arena);
    news_tell(view->news, report, "new_findings", (int64_t)news_count(view->news));
    add_unknowns(findings, view, report, arena);
    add_records(findings, report, view, arena);
    add_files(findings, report, scan, limit, arena);
    findings_screen(&(FindingsScreen){findings, scan, report, view, arena});
    return report;
}
