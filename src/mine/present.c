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
enum { COUNT_MESSAGES, COUNT_ERRORS, COUNT_TASKS, COUNT_WARNINGS, COUNT_KNOWN, COUNT_FIRST, COUNT_LAST };

#define COUNT_COLUMNS(first) \
    [(first) + COUNT_MESSAGES] = {.key = "messages", .heading = "messages", .align_right = true}, \
    [(first) + COUNT_ERRORS] = {.key = "errors", .heading = "errors", .align_right = true}, \
    [(first) + COUNT_TASKS] = {.key = "tasks_failed", .heading = "tasks failed", .align_right = true}, \
    [(first) + COUNT_WARNINGS] = {.key = "warnings", .heading = "warnings", .align_right = true}, \
    [(first) + COUNT_KNOWN] = {.key = "known", .heading = "known", .align_right = true}, \
    [(first) + COUNT_FIRST] = {.key = "first_seen", .heading = "first seen", .audience = FOR_DATA}, \
    [(first) + COUNT_LAST] = {.key = "last_seen", .heading = "last seen", .audience = FOR_DATA}
/* clang-format on */

static void set_counts(Row *row, size_t first, const MineCount *count)
{
    row_set(row, first + COUNT_MESSAGES, value_count(count->messages));
    row_set(row, first + COUNT_ERRORS, value_count(count->errors));
    row_set(row, first + COUNT_TASKS, value_count(count->tasks_failed));
    row_set(row, first + COUNT_WARNINGS, value_count(count->warnings));
    row_set(row, first + COUNT_KNOWN, value_count(count->known));
    row_set(row, first + COUNT_FIRST, value_time(count->first_seen));
    row_set(row, first + COUNT_LAST, value_time(count->last_seen));
}

/* ---- signatures ------------------------------------------------------------------------------ */

enum {
    SIG_TIMES,
    SIG_TITLE,
    SIG_ID,
    SIG_LINE,
    SIG_ROLE,
    SIG_CLASS,
    SIG_SEVERITY_NAME,
    SIG_RETRY,
    SIG_MESSAGES,
    SIG_ERRORS,
    SIG_TASKS_FAILED,
    SIG_WARNINGS,
    SIG_PACKAGES,
    SIG_FIRST,
    SIG_LAST,
    SIG_NEWS,
    SIG_SEEN_SINCE
};

static const Column signature_columns[] = {
    [SIG_TIMES] = {.key = "times",
                   .heading = "times",
                   .use = COLUMN_HEADING,
                   .audience = FOR_PEOPLE,
                   .tone = TONE_STRONG},
    [SIG_TITLE] = {.key = "title", .heading = "title", .use = COLUMN_HEADING},
    [SIG_ID] =
        {
            .key = "id",
            .heading = "id",
            .use = COLUMN_HEADING,
            .align_right = true,
        },
    [SIG_LINE] = {.key = "summary",
                  .heading = "summary",
                  .use = COLUMN_PLAIN,
                  .audience = FOR_PEOPLE},
    [SIG_ROLE] = {.key = "role", .heading = "role", .audience = FOR_DATA},
    [SIG_CLASS] = {.key = "class", .heading = "class", .audience = FOR_DATA},
    [SIG_SEVERITY_NAME] =
        {
            .key = "severity",
            .heading = "severity",
            .audience = FOR_DATA,
        },
    [SIG_RETRY] = {.key = "retry", .heading = "retry", .audience = FOR_DATA},
    [SIG_MESSAGES] = {.key = "messages",
                      .heading = "messages of this signature",
                      .audience = FOR_DATA},
    [SIG_ERRORS] = {.key = "errors", .heading = "errors of this signature", .audience = FOR_DATA},
    [SIG_TASKS_FAILED] = {.key = "tasks_failed",
                          .heading = "failed tasks of this signature",
                          .audience = FOR_DATA},
    [SIG_WARNINGS] = {.key = "warnings",
                      .heading = "warnings of this signature",
                      .audience = FOR_DATA},
    [SIG_PACKAGES] = {.key = "package_count",
                      .heading = "packages with this signature",
                      .audience = FOR_DATA},
    [SIG_FIRST] = {.key = "first_seen", .heading = "first seen", .audience = FOR_DATA},
    [SIG_LAST] = {.key = "last_seen", .heading = "last seen", .audience = FOR_DATA},
    NEWS_COLUMNS_AT(SIG_NEWS),
};

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
    row_set(row, SIG_TIMES, value_text(arena_printf(arena, "%" PRId64 "x", seen->count.messages)));
    row_set(row, SIG_TITLE, value_text(signature->title));
    row_set(row, SIG_ID, value_text(signature->id));
    row_set(row, SIG_LINE, value_text(signature_line(builder, seen)));
    row_set(row, SIG_ROLE, value_text(sig_role_name(signature->role)));
    row_set(row, SIG_CLASS, value_text(sig_class_name(signature->class_)));
    row_set(row, SIG_SEVERITY_NAME, value_text(sig_severity_name(signature->severity)));
    row_set(row, SIG_RETRY, value_text(sig_retry_name(signature->retry)));
    row_set(row, SIG_MESSAGES, value_count(seen->count.messages));
    row_set(row, SIG_ERRORS, value_count(seen->count.errors));
    row_set(row, SIG_TASKS_FAILED, value_count(seen->count.tasks_failed));
    row_set(row, SIG_WARNINGS, value_count(seen->count.warnings));
    row_set(row, SIG_PACKAGES, value_count((int64_t)seen->packages));
    row_set(row, SIG_FIRST, value_time(seen->count.first_seen));
    row_set(row, SIG_LAST, value_time(seen->count.last_seen));
    news_set(builder->view->news, row, SIG_NEWS, signature->id);
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

enum {
    UNK_TIMES,
    UNK_MASK,
    UNK_ID,
    UNK_LINE,
    UNK_MESSAGES,
    UNK_EXAMPLE,
    UNK_PLACE,
    UNK_OVER,
    UNK_FIRST,
    UNK_LAST,
    UNK_NEWS,
    UNK_SEEN_SINCE
};

static const Column unknown_columns[] = {
    [UNK_TIMES] = {.key = "times",
                   .heading = "times",
                   .use = COLUMN_HEADING,
                   .audience = FOR_PEOPLE,
                   .tone = TONE_STRONG},
    [UNK_MASK] = {.key = "mask", .heading = "message", .use = COLUMN_HEADING},
    [UNK_ID] =
        {
            .key = "fingerprint",
            .heading = "fingerprint",
            .use = COLUMN_HEADING,
            .align_right = true,
        },
    [UNK_LINE] = {.key = "summary",
                  .heading = "summary",
                  .use = COLUMN_PLAIN,
                  .audience = FOR_PEOPLE},
    [UNK_MESSAGES] = {.key = "messages",
                      .heading = "messages of this unknown error",
                      .audience = FOR_DATA},
    [UNK_EXAMPLE] = {.key = "example", .heading = "example", .audience = FOR_DATA},
    [UNK_PLACE] = {.key = "place", .heading = "first", .audience = FOR_DATA},
    [UNK_OVER] = {.key = "overcount", .heading = "counted too many, at most", .audience = FOR_DATA},
    [UNK_FIRST] = {.key = "first_seen", .heading = "first seen", .audience = FOR_DATA},
    [UNK_LAST] = {.key = "last_seen", .heading = "last seen", .audience = FOR_DATA},
    NEWS_COLUMNS_AT(UNK_NEWS),
};

static void add_unknown(const Builder *builder, Section *section, const Unknown *unknown)
{
    Arena *arena = builder->arena;
    Row *row = section_row(section);
    const char *line =
        arena_printf(arena, "%s%s, %s", news_mark(builder->view->news, unknown->id), unknown->place,
                     words_span(unknown->first_seen, unknown->last_seen, arena));

    row_set(row, UNK_TIMES, value_text(arena_printf(arena, "%" PRId64 "x", unknown->count)));
    row_set(row, UNK_MASK, value_text(unknown->mask));
    row_set(row, UNK_ID, value_text(unknown->id));
    row_set(row, UNK_LINE, value_text(line));
    row_set(row, UNK_MESSAGES, value_count(unknown->count));
    row_set(row, UNK_EXAMPLE, value_text(unknown->example));
    row_set(row, UNK_PLACE, value_text(unknown->place));
    row_set(row, UNK_OVER, value_count(unknown->overcount));
    row_set(row, UNK_FIRST, value_time(unknown->first_seen));
    row_set(row, UNK_LAST, value_time(unknown->last_seen));
    news_set(builder->view->news, row, UNK_NEWS, unknown->id);
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

enum { PKG_FOLDER, PKG_PROJECT, PKG_NAME, PKG_COUNTS };

static const Column package_columns[] = {
    [PKG_FOLDER] = {.key = "folder", .heading = "folder"},
    [PKG_PROJECT] = {.key = "project", .heading = "project"},
    [PKG_NAME] = {.key = "package", .heading = "package"},
    COUNT_COLUMNS(PKG_COUNTS),
};

static void add_package(Section *section, const MinePackage *package)
{
    Row *row = section_row(section);

    row_set(row, PKG_FOLDER, value_text(package->folder));
    row_set(row, PKG_PROJECT, value_text(package->project));
    row_set(row, PKG_NAME, value_text(package->package[0] ? package->package : NULL));
    set_counts(row, PKG_COUNTS, &package->count);
}

/* A path fills a line; people get the counts below it. */
enum { PATH_TIMES, PATH_PATH, PATH_LINE };

static const Column path_columns[] = {
    [PATH_TIMES] = {.key = "times",
                    .heading = "errors",
                    .use = COLUMN_HEADING,
                    .tone = TONE_STRONG},
    [PATH_PATH] = {.key = "path", .heading = "package", .use = COLUMN_HEADING},
    [PATH_LINE] = {.key = "counts", .heading = "counts", .use = COLUMN_PLAIN},
};

static void add_path(Section *section, const MinePackage *package, Arena *arena)
{
    const MineCount *count = &package->count;
    Row *row = section_row(section);

    row_set(row, PATH_TIMES, value_text(arena_printf(arena, "%" PRId64 "x", count->errors)));
    row_set(row, PATH_PATH, value_text(package->name[0] ? package->name : "(no package)"));
    row_set(row, PATH_LINE,
            value_text(arena_printf(arena,
                                    "%" PRId64 " failed task%s, %" PRId64 " warning%s; %" PRId64
                                    " of %" PRId64 " messages known",
                                    count->tasks_failed, words_plural(count->tasks_failed),
                                    count->warnings, words_plural(count->warnings), count->known,
                                    count->messages)));
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

enum { HOUR_START, HOUR_LABEL, HOUR_COUNTS };

static const Column hour_columns[] = {
    [HOUR_START] = {.key = "hour", .heading = "hour", .audience = FOR_DATA},
    [HOUR_LABEL] = {.key = "label", .heading = "UTC", .audience = FOR_PEOPLE},
    COUNT_COLUMNS(HOUR_COUNTS),
};

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
    Row *row = section_row(section);

    report_time_text(start, text);
    row_set(row, HOUR_START, value_time(start));
    row_set(row, HOUR_LABEL, value_text(arena_printf(arena, "%.*s", label_len, text)));
    set_counts(row, HOUR_COUNTS, count);
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
