/* The counts as a report. */
#include "ssisminer/mine/mine.h"

#include "charts.h"
#include "screen.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/zone.h"
#include "ssisminer/report/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    LINE_MAX_BYTES = 4096,
    UNKNOWN_SHOWN = 100,
    HOURS_SHOWN = 48,
    UP_TO_DAY = 10,
    UP_TO_MINUTE = 16
};

/* What people see of a list of `count`. */
static size_t shown_of(const Builder *builder, size_t count)
{
    size_t limit = builder->view->limit;

    return limit > 0 && limit < count ? limit : count;
}

/* ---- head ------------------------------------------------------------------------------------ */

static const char *types_text(unsigned types, Arena *arena)
{
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{MINE_ERRORS, "error"},
                 {MINE_WARNINGS, "warning"},
                 {MINE_TASKS_FAILED, "task failed"},
                 {MINE_QUERY_CANCELS, "query cancel"},
                 {MINE_INFORMATION, "information"},
                 {MINE_OTHERS, "other"}};
    AUTO(buf_done) Buf line = BUF(LINE_MAX_BYTES);

    if (types == MINE_ALL)
        return "all";
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (types & names[i].bit)
            buf_printf(&line, "%s%s", line.len ? ", " : "", names[i].name);
    return arena_text(arena, buf_text(&line));
}

static void add_facts(const Builder *builder)
{
    const Mine *mine = builder->mine;
    const Ssisdb *db = builder->view->db;
    const MineQuestion *q = builder->view->question;
    Report *report = builder->report;

    report_head(report,
                &(ReportHead){
                    .title = ssisdb_title(db, builder->arena),
                    .server = db->server_name,
                    .database = db->database_name,
                    .sees_all = db->sees_all,
                    .now = builder->view->now,
                    .window = words_window(q->since, q->until, builder->view->now, builder->arena),
                    .since = q->since,
                    .until = q->until,
                });
    report_fact(report, FOR_ALL, "types", "types",
                value_text(types_text(builder->view->question->types, builder->arena)));
    report_fact(report, FOR_ALL, "message_count", "messages", value_count(mine->total.messages));
    report_fact(report, FOR_ALL, "text_bytes", "text", value_bytes(mine->text_bytes));
    report_fact(report, FOR_ALL, "error_count", "errors", value_count(mine->total.errors));
    report_fact(report, FOR_ALL, "task_failed_count", "tasks failed",
                value_count(mine->total.tasks_failed));
    report_fact(report, FOR_ALL, "warning_count", "warnings", value_count(mine->total.warnings));
    report_fact(report, FOR_ALL, "known_count", "known to the catalog",
                value_count(mine->total.known));
    report_fact(report, FOR_ALL, "unknown_count", "unknown errors",
                value_count(mine->unknown_messages));
    report_fact(report, FOR_DATA, "first_seen", "first message",
                value_time(mine->total.first_seen));
    report_fact(report, FOR_DATA, "last_seen", "last message", value_time(mine->total.last_seen));
}

static void warn(const Builder *builder)
{
    const Ssisdb *db = builder->view->db;
    const Mine *mine = builder->mine;

    if (!db->sees_all)
        report_warning(builder->report,
                       "incomplete: login '%s' is not in role %s, so messages of executions that "
                       "others started are missing here",
                       words_or_unknown(db->login_name), ssisdb_reading_role(db));
    if (mine->other_packages.messages > 0)
        report_warning(builder->report,
                       "%" PRId64 " messages are of packages beyond the first %d: not listed",
                       mine->other_packages.messages, MINE_PACKAGES);
    if (mine->other_hours.messages > 0)
        report_warning(builder->report,
                       "%" PRId64 " messages are of hours beyond the first %d: not listed",
                       mine->other_hours.messages, MINE_HOURS);
    if (!unknowns_is_exact(mine->unknowns))
        report_warning(
            builder->report,
            "more than %d kinds of unknown errors: the rare ones are left out, and counts may be "
            "too high",
            MINE_UNKNOWN);
    for (size_t i = 0; i < mine->missing.count; i++)
        report_warning(builder->report, "incomplete: %s could not be read: %s",
                       mine->missing.list[i].what, mine->missing.list[i].why);
}

/* ---- counts, the same in every list ---------------------------------------------------------- */

/* clang-format off */
#define COUNT_COLUMNS(COLUMN, count) \
    COLUMN("messages", "messages", value_count((count)->messages), .align_right = true) \
    COLUMN("errors", "errors", value_count((count)->errors), .align_right = true) \
    COLUMN("tasks_failed", "tasks failed", value_count((count)->tasks_failed), .align_right = true) \
    COLUMN("warnings", "warnings", value_count((count)->warnings), .align_right = true) \
    COLUMN("known", "known", value_count((count)->known), .align_right = true) \
    COLUMN("first_seen", "first seen", value_time((count)->first_seen), .audience = FOR_DATA) \
    COLUMN("last_seen", "last seen", value_time((count)->last_seen), .audience = FOR_DATA)
/* clang-format on */

/* ---- signatures ------------------------------------------------------------------------------ */

/* clang-format off */
#define SIGNATURE_COLUMNS(COLUMN) \
    COLUMN("times", "times", value_text(arena_printf(arena, "%" PRId64 "x", seen->count.messages)), \
           .use = COLUMN_HEADING, .audience = FOR_PEOPLE, .tone = TONE_STRONG) \
    COLUMN("title", "title", value_text(signature->title), .use = COLUMN_HEADING) \
    COLUMN("id", "id", value_text(signature->id), .use = COLUMN_HEADING, .align_right = true) \
    COLUMN("summary", "summary", \
           value_text(signature_line(builder, seen)), .use = COLUMN_PLAIN, .audience = FOR_PEOPLE) \
    COLUMN("role", "role", value_text(sig_role_name(signature->role)), .audience = FOR_DATA) \
    COLUMN("class", "class", value_text(sig_class_name(signature->class_)), .audience = FOR_DATA) \
    COLUMN("severity", "severity", value_text(sig_severity_name(signature->severity)), .audience = FOR_DATA) \
    COLUMN("retry", "retry", value_text(sig_retry_name(signature->retry)), .audience = FOR_DATA) \
    COLUMN("messages", "messages of this signature", value_count(seen->count.messages), .audience = FOR_DATA) \
    COLUMN("errors", "errors of this signature", value_count(seen->count.errors), .audience = FOR_DATA) \
    COLUMN("tasks_failed", "failed tasks of this signature", \
           value_count(seen->count.tasks_failed), .audience = FOR_DATA) \
    COLUMN("warnings", "warnings of this signature", value_count(seen->count.warnings), .audience = FOR_DATA) \
    COLUMN("package_count", "packages with this signature", \
           value_count((int64_t)seen->packages), .audience = FOR_DATA) \
    COLUMN("first_seen", "first seen", value_time(seen->count.first_seen), .audience = FOR_DATA) \
    COLUMN("last_seen", "last seen", value_time(seen->count.last_seen), .audience = FOR_DATA) \
    NEWS_COLUMNS(COLUMN, builder->view->news, signature->id)
/* clang-format on */

static const Column signature_columns[] = {SIGNATURE_COLUMNS(COLUMN_ENTRY)};

static const char *signature_line(const Builder *builder, const MineSignature *seen)
{
    Arena *arena = builder->arena;

    return arena_printf(
        arena, "%s%s, %zu package%s, %s", news_mark(builder->view->news, seen->signature->id),
        sig_role_name(seen->signature->role), seen->packages, words_plural((int64_t)seen->packages),
        words_span(seen->count.first_seen, seen->count.last_seen, arena));
}

static void add_signature(const Builder *builder, Section *section, const MineSignature *seen)
{
    const Signature *signature = seen->signature;
    Arena *arena = builder->arena;
    Row *row = section_row(section);

    row_set_anchor(row, "cause", signature->id);
    row_set_link(row, "title", "remedy", signature->id);
    row_set_severity(row, words_severity(sig_severity_name(signature->severity)));
    row_set_all(row, ROW_VALUES(SIGNATURE_COLUMNS));
}

/* The list for people ends at the limit, that for programs does not. */
static void add_signatures(const Builder *builder)
{
    const Mine *mine = builder->mine;
    const char *title =
        words_list_title("Known, by signature", shown_of(builder, mine->signature_count),
                         mine->signature_count, builder->arena);
    Section *people =
        report_section(builder->report, FOR_PEOPLE, "known", title, LAYOUT_LIST, signature_columns,
                       ARRAY_LEN(signature_columns), "No message is known to the catalog.");
    Section *data = report_section(builder->report, FOR_DATA, "signatures", title, LAYOUT_TABLE,
                                   signature_columns, ARRAY_LEN(signature_columns), NULL);

    section_set_primary(data);
    for (size_t i = 0; i < shown_of(builder, mine->signature_count); i++)
        add_signature(builder, people, &mine->signatures[i]);
    for (size_t i = 0; i < mine->signature_count; i++)
        add_signature(builder, data, &mine->signatures[i]);
}

/* ---- unknown errors -------------------------------------------------------------------------- */

/* clang-format off */
#define UNKNOWN_COLUMNS(COLUMN) \
    COLUMN("times", "times", value_text(arena_printf(arena, "%" PRId64 "x", unknown->count)), \
           .use = COLUMN_HEADING, .audience = FOR_PEOPLE, .tone = TONE_STRONG) \
    COLUMN("mask", "message", value_text(unknown->mask), .use = COLUMN_HEADING) \
    COLUMN("fingerprint", "fingerprint", value_text(unknown->id), .use = COLUMN_HEADING, .align_right = true) \
    COLUMN("summary", "summary", value_text(line), .use = COLUMN_PLAIN, .audience = FOR_PEOPLE) \
    COLUMN("messages", "messages of this unknown error", value_count(unknown->count), .audience = FOR_DATA) \
    COLUMN("example", "example", value_text(unknown->example), .audience = FOR_DATA) \
    COLUMN("place", "first", value_text(unknown->place), .audience = FOR_DATA) \
    COLUMN("overcount", "counted too many, at most", value_count(unknown->overcount), .audience = FOR_DATA) \
    COLUMN("first_seen", "first seen", value_time(unknown->first_seen), .audience = FOR_DATA) \
    COLUMN("last_seen", "last seen", value_time(unknown->last_seen), .audience = FOR_DATA) \
    NEWS_COLUMNS(COLUMN, builder->view->news, unknown->id)
/* clang-format on */

static const Column unknown_columns[] = {UNKNOWN_COLUMNS(COLUMN_ENTRY)};

static void add_unknown(const Builder *builder, Section *section, const Unknown *unknown)
{
    Arena *arena = builder->arena;
    const char *line =
        arena_printf(arena, "%s%s, %s", news_mark(builder->view->news, unknown->id), unknown->place,
                     words_span(unknown->first_seen, unknown->last_seen, arena));

    row_set_all(section_row(section), ROW_VALUES(UNKNOWN_COLUMNS));
}

static void add_unknowns(const Builder *builder)
{
    const Unknown *top[UNKNOWN_SHOWN];
    size_t count = unknowns_top(builder->mine->unknowns, top, UNKNOWN_SHOWN);
    const char *title = words_list_title("Unknown errors, by fingerprint",
                                         shown_of(builder, unknowns_count(builder->mine->unknowns)),
                                         unknowns_count(builder->mine->unknowns), builder->arena);
    Section *people =
        report_section(builder->report, FOR_PEOPLE, "unknown_people", title, LAYOUT_LIST,
                       unknown_columns, ARRAY_LEN(unknown_columns), NULL);
    Section *data = report_section(builder->report, FOR_DATA, "unknown", title, LAYOUT_TABLE,
                                   unknown_columns, ARRAY_LEN(unknown_columns), NULL);

    for (size_t i = 0; i < shown_of(builder, count); i++)
        add_unknown(builder, people, top[i]);
    for (size_t i = 0; i < count; i++)
        add_unknown(builder, data, top[i]);
}

/* ---- packages and hours ---------------------------------------------------------------------- */

/* clang-format off */
#define PACKAGE_COLUMNS(COLUMN) \
    COLUMN("folder", "folder", value_text(package->folder)) \
    COLUMN("project", "project", value_text(package->project)) \
    COLUMN("package", "package", value_text(package->package[0] ? package->package : NULL)) \
    COUNT_COLUMNS(COLUMN, &package->count)
/* clang-format on */

static const Column package_columns[] = {PACKAGE_COLUMNS(COLUMN_ENTRY)};

static void add_package(Section *section, const MinePackage *package)
{
    row_set_all(section_row(section), ROW_VALUES(PACKAGE_COLUMNS));
}

/* A path fills a line; people get the counts below it. */
/* clang-format off */
#define PATH_COLUMNS(COLUMN) \
    COLUMN("times", "errors", \
           value_text(arena_printf(arena, "%" PRId64 "x", count->errors)), .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("path", "package", value_text(package->name[0] ? package->name : "(no package)"), .use = COLUMN_HEADING) \
    COLUMN("counts", "counts", value_text(counts_line(count, arena)), .use = COLUMN_PLAIN)
/* clang-format on */

static const Column path_columns[] = {PATH_COLUMNS(COLUMN_ENTRY)};

static const char *counts_line(const MineCount *count, Arena *arena)
{
    return arena_printf(arena,
                        "%" PRId64 " failed task%s, %" PRId64 " warning%s; %" PRId64 " of %" PRId64
                        " messages known",
                        count->tasks_failed, words_plural(count->tasks_failed), count->warnings,
                        words_plural(count->warnings), count->known, count->messages);
}

static void add_path(Section *section, const MinePackage *package, Arena *arena)
{
    const MineCount *count = &package->count;

    row_set_all(section_row(section), ROW_VALUES(PATH_COLUMNS));
}

static void add_packages(const Builder *builder)
{
    const Mine *mine = builder->mine;
    const char *title =
        words_list_title("By package, most errors first", shown_of(builder, mine->package_count),
                         mine->package_count, builder->arena);
    Section *people = report_section(builder->report, FOR_PEOPLE, "packages_people", title,
                                     LAYOUT_LIST, path_columns, ARRAY_LEN(path_columns), NULL);
    Section *data = report_section(builder->report, FOR_DATA, "packages", title, LAYOUT_TABLE,
                                   package_columns, ARRAY_LEN(package_columns), NULL);

    for (size_t i = 0; i < shown_of(builder, mine->package_count); i++)
        add_path(people, &mine->packages[i], builder->arena);
    for (size_t i = 0; i < mine->package_count; i++)
        add_package(data, &mine->packages[i]);
}

/* clang-format off */
#define HOUR_COLUMNS(COLUMN) \
    COLUMN("hour", "hour", value_time(start), .audience = FOR_DATA) \
    COLUMN("label", "UTC", value_text(arena_printf(arena, "%.*s", label_len, text)), .audience = FOR_PEOPLE) \
    COUNT_COLUMNS(COLUMN, count)
/* clang-format on */

static const Column hour_columns[] = {HOUR_COLUMNS(COLUMN_ENTRY)};

static void add_counts(MineCount *sum, const MineCount *count)
{
    sum->messages += count->messages;
    sum->errors += count->errors;
    sum->tasks_failed += count->tasks_failed;
    sum->warnings += count->warnings;
    sum->known += count->known;
}

static void add_hour(Section *section, Instant start, const MineCount *count, int label_len,
                     Arena *arena)
{
    char text[TIME_TEXT_MAX];

    report_time_text(start, text);
    row_set_all(section_row(section), ROW_VALUES(HOUR_COLUMNS));
}

static bool is_same_day(Instant a, Instant b)
{
    return zone_day_start(a.ticks) == zone_day_start(b.ticks);
}

/* More hours than a page holds are shown as days. */
static void add_days(const Builder *builder, Section *section)
{
    const Mine *mine = builder->mine;

    for (size_t i = 0; i < mine->hour_count;) {
        MineCount sum = {0};
        Instant start = mine->hours[i].start;
        for (; i < mine->hour_count && is_same_day(mine->hours[i].start, start); i++)
            add_counts(&sum, &mine->hours[i].count);
        add_hour(section, start, &sum, UP_TO_DAY, builder->arena);
    }
}

static void add_hours(const Builder *builder)
{
    const Mine *mine = builder->mine;
    bool as_days = mine->hour_count > HOURS_SHOWN;
    Section *people = report_section(
        builder->report, FOR_PEOPLE, "hours_people", as_days ? "By day" : "By hour", LAYOUT_TABLE,
        words_zone_columns(hour_columns, ARRAY_LEN(hour_columns), builder->arena),
        ARRAY_LEN(hour_columns), NULL);
    Section *data = report_section(builder->report, FOR_DATA, "hours", "By hour", LAYOUT_TABLE,
                                   hour_columns, ARRAY_LEN(hour_columns), NULL);

    for (size_t i = 0; i < mine->hour_count; i++) {
        if (!as_days)
            add_hour(people, mine->hours[i].start, &mine->hours[i].count, UP_TO_MINUTE,
                     builder->arena);
        add_hour(data, mine->hours[i].start, &mine->hours[i].count, UP_TO_MINUTE, builder->arena);
    }
    if (as_days)
        add_days(builder, people);
}

Report *mine_report(const Mine *mine, const MineView *view, Arena *arena)
{
    Builder builder = {mine, view, arena, report_new(arena, "mine", "SSIS messages")};

    add_facts(&builder);
    warn(&builder);
    mine_charts(mine, builder.report);
    add_signatures(&builder);
    add_unknowns(&builder);
    add_packages(&builder);
    add_hours(&builder);
    news_tell(view->news, builder.report, "new_findings", (int64_t)news_count(view->news));
    mine_screen(&builder);
    return builder.report;
}
