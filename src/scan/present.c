/* The findings as a report. */
#include "screen.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/report/chart.h"
#include "ssisminer/report/words.h"

#include <inttypes.h>
#include <stdio.h>

enum { SHORT_MAX_BYTES = 16 * 1024 };

/* ---- causes ---------------------------------------------------------------------------------- */

enum {
    CAUSE_TIMES,
    CAUSE_TITLE,
    CAUSE_ID,
    CAUSE_PLACES,
    CAUSE_COUNT,
    CAUSE_FIRST,
    CAUSE_LAST,
    CAUSE_CLASS,
    CAUSE_SEVERITY,
    CAUSE_RETRY,
    CAUSE_NEWS,
    CAUSE_SEEN_SINCE
};

static const Column cause_columns[] = {
    [CAUSE_TIMES] = {.key = "times",
                     .heading = "times",
                     .use = COLUMN_HEADING,
                     .audience = FOR_PEOPLE,
                     .tone = TONE_STRONG},
    [CAUSE_TITLE] = {.key = "title", .heading = "title", .use = COLUMN_HEADING},
    [CAUSE_ID] =
        {
            .key = "id",
            .heading = "id",
            .use = COLUMN_HEADING,
            .align_right = true,
        },
    [CAUSE_PLACES] = {.key = "places",
                      .heading = "places",
                      .use = COLUMN_PLAIN,
                      .audience = FOR_PEOPLE},
    [CAUSE_COUNT] = {.key = "records", .heading = "records of this cause", .audience = FOR_DATA},
    [CAUSE_FIRST] = {.key = "first_place", .heading = "first", .audience = FOR_DATA},
    [CAUSE_LAST] = {.key = "last_place", .heading = "last", .audience = FOR_DATA},
    [CAUSE_CLASS] = {.key = "class", .heading = "class", .audience = FOR_DATA},
    [CAUSE_SEVERITY] = {.key = "severity", .heading = "severity", .audience = FOR_DATA},
    [CAUSE_RETRY] = {.key = "retry", .heading = "retry", .audience = FOR_DATA},
    NEWS_COLUMNS_AT(CAUSE_NEWS),
};

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
        row_set(row, CAUSE_TIMES, value_text(arena_printf(arena, "%" PRId64 "x", cause->count)));
        row_set(row, CAUSE_TITLE, value_text(cause->signature->title));
        row_set(row, CAUSE_ID, value_text(cause->signature->id));
        row_set(row, CAUSE_PLACES, value_text(places_of(cause, view->news, arena)));
        row_set(row, CAUSE_COUNT, value_count(cause->count));
        row_set(row, CAUSE_FIRST, value_text(cause->first));
        row_set(row, CAUSE_LAST, value_text(arena_text(arena, cause->last)));
        row_set(row, CAUSE_CLASS, value_text(sig_class_name(cause->signature->class_)));
        row_set(row, CAUSE_SEVERITY, value_text(sig_severity_name(cause->signature->severity)));
        row_set(row, CAUSE_RETRY, value_text(sig_retry_name(cause->signature->retry)));
        news_set(view->news, row, CAUSE_NEWS, cause->signature->id);
    }
}

enum {
    UNKNOWN_TIMES,
    UNKNOWN_MASK,
    UNKNOWN_ID,
    UNKNOWN_MARK,
    UNKNOWN_WHERE,
    UNKNOWN_COUNT,
    UNKNOWN_EXAMPLE,
    UNKNOWN_NEWS,
    UNKNOWN_SEEN_SINCE
};

static const Column unknown_columns[] = {
    [UNKNOWN_TIMES] = {.key = "times",
                       .heading = "times",
                       .use = COLUMN_HEADING,
                       .audience = FOR_PEOPLE,
                       .tone = TONE_STRONG},
    [UNKNOWN_MASK] = {.key = "mask", .heading = "message", .use = COLUMN_HEADING},
    [UNKNOWN_ID] =
        {
            .key = "fingerprint",
            .heading = "fingerprint",
            .use = COLUMN_HEADING,
            .align_right = true,
        },
    [UNKNOWN_MARK] = {.key = "mark", .heading = "new", .use = COLUMN_PLAIN, .audience = FOR_PEOPLE},
    [UNKNOWN_WHERE] = {.key = "place", .heading = "first", .use = COLUMN_PLAIN},
    [UNKNOWN_COUNT] = {.key = "records",
                       .heading = "records of this unknown error",
                       .audience = FOR_DATA},
    [UNKNOWN_EXAMPLE] = {.key = "example", .heading = "example", .audience = FOR_DATA},
    NEWS_COLUMNS_AT(UNKNOWN_NEWS),
};

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
        row_set(row, UNKNOWN_TIMES, value_text(arena_printf(arena, "%" PRId64 "x", top[i]->count)));
        row_set(row, UNKNOWN_MASK, value_text(arena_text(arena, top[i]->mask)));
        row_set(row, UNKNOWN_ID, value_text(arena_text(arena, top[i]->id)));
        row_set(row, UNKNOWN_WHERE, value_text(arena_text(arena, top[i]->place)));
        row_set(row, UNKNOWN_COUNT, value_count(top[i]->count));
        row_set(row, UNKNOWN_EXAMPLE, value_text(arena_text(arena, top[i]->example)));
        news_set(view->news, row, UNKNOWN_NEWS, top[i]->id);
        if (news_is_new(view->news, top[i]->id))
            row_set(row, UNKNOWN_MARK, value_text("new"));
    }
}

enum {
    REC_PLACE,
    REC_WHEN,
    REC_NAME,
    REC_CAUSE,
    REC_SURE,
    REC_EXCERPT,
    REC_AT,
    REC_NUMBER,
    REC_FILE,
    REC_LINE,
    REC_OPERATION,
    REC_CAUSE_ID,
    REC_FINGERPRINT,
    REC_CONFIDENCE,
    REC_REASON,
    REC_MESSAGE,
    REC_CAPTURES,
    REC_TASK_PATH,
    REC_ECHOES,
    REC_TIME
};

static const Column record_columns[] = {
    [REC_PLACE] = {.key = "place",
                   .heading = "place",
                   .use = COLUMN_HEADING,
                   .audience = FOR_PEOPLE,
                   .tone = TONE_STRONG},
    [REC_WHEN] = {.key = "when",
                  .heading = "time",
                  .use = COLUMN_HEADING,
                  .audience = FOR_PAGE,
                  .align_right = true},
    [REC_NAME] = {.key = "name",
                  .heading = "id",
                  .use = COLUMN_HEADING,
                  .audience = FOR_PEOPLE,
                  .align_right = true},
    [REC_CAUSE] = {.key = "cause_line",
                   .heading = "cause",
                   .audience = FOR_PEOPLE,
                   .tone = TONE_ALERT},
    [REC_SURE] = {.key = "confidence_line", .heading = "basis", .audience = FOR_PEOPLE},
    [REC_EXCERPT] = {.key = "excerpt",
                     .heading = "message",
                     .audience = FOR_PEOPLE,
                     .max_lines = 3},
    [REC_AT] = {.key = "at", .heading = "at", .audience = FOR_PEOPLE},
    [REC_NUMBER] = {.key = "record", .heading = "record", .audience = FOR_DATA},
    [REC_FILE] = {.key = "file", .heading = "file", .audience = FOR_DATA},
    [REC_LINE] = {.key = "line", .heading = "line", .audience = FOR_DATA},
    [REC_OPERATION] = {.key = "operation_id", .heading = "operation", .audience = FOR_DATA},
    [REC_CAUSE_ID] = {.key = "root_cause", .heading = "cause", .audience = FOR_DATA},
    [REC_FINGERPRINT] = {.key = "fingerprint", .heading = "fingerprint", .audience = FOR_DATA},
    [REC_CONFIDENCE] = {.key = "confidence", .heading = "confidence", .audience = FOR_DATA},
    [REC_REASON] = {.key = "confidence_reason", .heading = "reason", .audience = FOR_DATA},
    [REC_MESSAGE] = {.key = "message", .heading = "message", .audience = FOR_DATA},
    [REC_CAPTURES] = {.key = "captures", .heading = "captures", .audience = FOR_DATA},
    [REC_TASK_PATH] = {.key = "task_path", .heading = "task", .audience = FOR_DATA},
    [REC_ECHOES] = {.key = "echoes", .heading = "echoes", .audience = FOR_DATA},
    [REC_TIME] = {.key = "time", .heading = "time", .audience = FOR_DATA},
};

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

static void add_record(Section *section, const Kept *kept, Arena *arena)
{
    Row *row = section_row(section);
    const char *id = kept->signature ? kept->signature->id : NULL;

    row_set_severity(row, id ? words_severity(sig_severity_name(kept->signature->severity))
                             : SEVERITY_ERROR);
    if (id || kept->fingerprint)
        row_set_link(row, "cause_line", "cause", id ? id : kept->fingerprint);
    row_set(row, REC_PLACE, value_text(findings_place(kept, arena)));
    row_set(row, REC_WHEN, value_time(kept->time));
    row_set(row, REC_TIME, value_time(kept->time));
    row_set(row, REC_NAME, value_text(id ? id : kept->fingerprint));
    row_set(row, REC_CAUSE, value_text(cause_line(kept, arena)));
    if (kept->confidence)
        row_set(row, REC_SURE,
                value_text(arena_printf(arena, "%s: %s", kept->confidence, kept->reason)));
    row_set(row, REC_CONFIDENCE, value_text(kept->confidence));
    row_set(row, REC_REASON, value_text(kept->reason));
    row_set(row, REC_EXCERPT, value_text(findings_excerpt(kept, arena)));
    row_set(row, REC_AT, value_text(at_line(kept, arena)));
    row_set(row, REC_NUMBER, value_id((int64_t)kept->number));
    row_set(row, REC_FILE, value_text(kept->file));
    row_set(row, REC_LINE, value_id((int64_t)kept->line));
    row_set(row, REC_OPERATION, kept->operation_id ? value_id(kept->operation_id) : value_none());
    row_set(row, REC_CAUSE_ID, value_text(id));
    row_set(row, REC_FINGERPRINT, value_text(kept->fingerprint));
    row_set(row, REC_MESSAGE, value_text(kept->excerpt));
    row_set(row, REC_CAPTURES, value_texts(kept->captures, kept->capture_count));
    row_set(row, REC_TASK_PATH, value_text(kept->task_path));
    row_set(row, REC_ECHOES, value_count((int64_t)kept->echoes));
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

enum { FILE_NAME, FILE_FORM, FILE_RECORDS, FILE_UNREAD };

static const Column file_columns[] = {
    [FILE_NAME] = {.key = "file", .heading = "file"},
    [FILE_FORM] = {.key = "form", .heading = "taken for"},
    [FILE_RECORDS] = {.key = "records", .heading = "records", .align_right = true},
    [FILE_UNREAD] = {.key = "unread", .heading = "unread", .align_right = true},
};

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
        for (size_t turn = i < shown ? 0 : 1; turn < 2; turn++) {
            Row *row = section_row(turn == 0 ? people : data);
            row_set(row, FILE_NAME, value_text(file->name));
            row_set(row, FILE_FORM, value_text(file->tally.form));
            row_set(row, FILE_RECORDS, value_count((int64_t)file->tally.record_count));
            row_set(row, FILE_UNREAD, value_count((int64_t)file->tally.trouble_count));
        }
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
