/* The causes: ranked at the top, explained at the end. */
#include "present.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- causes ---------------------------------------------------------------------------------- */

/* clang-format off */
#define CAUSE_COLUMNS(COLUMN) \
    COLUMN(TIMES, "times", "count", .use = COLUMN_HEADING, .audience = FOR_PEOPLE, .tone = TONE_STRONG) \
    COLUMN(TITLE, "title", "cause", .use = COLUMN_HEADING, .may_wrap = true, .max_lines = 1) \
    COLUMN(ID, "id", "id", .use = COLUMN_HEADING, .align_right = true) \
    COLUMN(SUMMARY, "summary", "where, when, and what then", .use = COLUMN_PLAIN, .audience = FOR_PEOPLE) \
    COLUMN(NEWEST, "newest", "newest", .audience = FOR_PAGE, .leads_to = "run") \
    NEWS_COLUMNS_BY_ID(COLUMN) \
    COLUMN(KIND, "kind", "kind", .audience = FOR_DATA) \
    COLUMN(CLASS, "class", "class", .audience = FOR_DATA) \
    COLUMN(ROLE, "role", "role", .audience = FOR_DATA) \
    COLUMN(SEVERITY, "severity", "severity", .audience = FOR_DATA) \
    COLUMN(RETRY, "retry", "retry", .audience = FOR_DATA) \
    COLUMN(ADVICE, "retry_advice", "retry advice", .audience = FOR_DATA) \
    COLUMN(EXECUTIONS, "executions", "executions that failed of this cause", .audience = FOR_DATA) \
    COLUMN(OPERATIONS, "operations", "other operations that failed of this cause", .audience = FOR_DATA) \
    COLUMN(PACKAGE_COUNT, "package_count", "packages that failed of this cause", .audience = FOR_DATA) \
    COLUMN(PACKAGES, "packages", "packages", .audience = FOR_DATA) \
    COLUMN(FIRST, "first_seen", "first seen in the window", .audience = FOR_DATA) \
    COLUMN(LAST, "last_seen", "last seen in the window", .audience = FOR_DATA) \
    COLUMN(TEXT, "cause", "cause", .audience = FOR_DATA) \
    COLUMN(ACTIONS, "actions", "actions", .audience = FOR_DATA) \
    COLUMN(LINKS, "links", "links", .audience = FOR_DATA)
/* clang-format on */

#define COLUMN(id, ...) PRESENT_ENUM(CAUSE, id),
enum { CAUSE_COLUMNS(COLUMN) };
#undef COLUMN

#define COLUMN(id, ...) PRESENT_SPEC(CAUSE, id, __VA_ARGS__),
static const Column cause_columns[] = {CAUSE_COLUMNS(COLUMN)};
#undef COLUMN

const char *present_cause_title(const FailureCause *cause, Arena *arena)
{
    if (cause->kind == CAUSE_UNKNOWN)
        return arena_printf(arena, "unknown: %s", cause->title);
    return cause->title;
}

static const CauseNews *news_of_cause(const Builder *builder, const FailureCause *cause)
{
    return &builder->news[cause - builder->failures->causes];
}

bool present_is_new(const Builder *builder, const FailureCause *cause)
{
    return news_of_cause(builder, cause)->new_packages > 0;
}

const char *present_cause_summary(const FailureCause *cause, Arena *arena)
{
    Buf line = BUF(PRESENT_LINE_MAX);

    if (cause->severity == SIG_CRITICAL)
        buf_puts(&line, "critical, ");
    if (cause->package_count > 0)
        buf_printf(&line, "%zu package%s", cause->package_count,
                   words_plural((int64_t)cause->package_count));
    if (cause->operations > 0)
        buf_printf(&line, "%s%" PRId64 " other operation%s", cause->package_count ? " and " : "",
                   cause->operations, words_plural(cause->operations));
    if (cause->first_seen.is_set)
        buf_puts(&line, ", ");
    buf_puts(&line, words_span(cause->first_seen, cause->last_seen, arena));
    buf_printf(&line, ", %s", cause->retry_advice);
    return present_taken(&line, arena);
}

/* "  9x": as wide as the most frequent one. */
const char *present_times(const Builder *builder, const FailureCause *cause)
{
    const FailureCause *first = &builder->failures->causes[0];
    int width = snprintf(NULL, 0, "%" PRId64, first->executions + first->operations);

    return arena_printf(builder->arena, "%*" PRId64 "x", width,
                        cause->executions + cause->operations);
}

Severity present_severity(const FailureCause *cause)
{
    return words_severity(sig_severity_name(cause->severity));
}

const char *present_remedy_name(const FailureCause *cause)
{
    return cause->kind == CAUSE_UNKNOWN ? "unknown" : cause->id;
}

/* The newest of those that failed of it, and how many more there are. */
static Value newest_of(const Builder *builder, const FailureCause *cause)
{
    enum { NAMED = 10 };
    const Failures *failures = builder->failures;
    int64_t all = cause->executions + cause->operations;
    const char **ids = arena_alloc_array(builder->arena, NAMED + 1, sizeof(*ids));
    size_t count = 0;

    for (size_t i = 0; i < failures->count && count < NAMED; i++)
        if (failures->list[i].cause == cause)
            ids[count++] = arena_printf(builder->arena, "%" PRId64, failures->list[i].id);
    if (all <= (int64_t)count)
        return value_texts(ids, count);
    ids[count] = arena_printf(builder->arena, "%" PRId64 " more", all - (int64_t)count);
    return value_texts(ids, count + 1);
}

/* In a page a cause leads to its failures and to what to do. */
static void set_place(const Builder *builder, Row *row, const FailureCause *cause)
{
    row_set(row, CAUSE_NEWEST, newest_of(builder, cause));
    row_set_anchor(row, "cause", cause->id);
    row_set_link(row, "title", "remedy", present_remedy_name(cause));
    row_set_severity(row, present_severity(cause));
}

/* With what is new in front, and what changed behind. */
static const char *whole_summary(const Builder *builder, const FailureCause *cause)
{
    const CauseNews *own = news_of_cause(builder, cause);
    const char *changed = present_cause_changed(builder, cause);
    Buf line = BUF(PRESENT_LINE_MAX);

    if (own->new_packages > 0)
        buf_printf(&line, "new in %zu of %zu, ", own->new_packages, own->packages);
    buf_puts(&line, present_cause_summary(cause, builder->arena));
    if (changed)
        buf_printf(&line, "; %s", changed);
    return present_taken(&line, builder->arena);
}

static void set_news(const Builder *builder, Row *row, const FailureCause *cause)
{
    const ReportNews *news = builder->view->news;

    if (news && news->last_run.is_set)
        row_set(row, CAUSE_NEW, value_flag(present_is_new(builder, cause)));
    row_set(row, CAUSE_SEEN_SINCE, value_time(news_of_cause(builder, cause)->since));
}

static Row *add_cause(const Builder *builder, Section *section, const FailureCause *cause,
                      const char *times)
{
    const Signature *signature = cause->signature;
    Row *row = section_row(section);
    Arena *arena = builder->arena;

    row_set(row, CAUSE_TIMES, value_text(times));
    row_set(row, CAUSE_TITLE, value_text(present_cause_title(cause, arena)));
    row_set(row, CAUSE_ID, value_text(cause->id));
    row_set(row, CAUSE_SUMMARY, value_text(whole_summary(builder, cause)));
    set_news(builder, row, cause);
    row_set(row, CAUSE_KIND, value_text(present_kind(cause->kind)));
    row_set(row, CAUSE_SEVERITY, value_text(sig_severity_name(cause->severity)));
    row_set(row, CAUSE_RETRY, value_text(cause->retry));
    row_set(row, CAUSE_ADVICE, value_text(cause->retry_advice));
    row_set(row, CAUSE_EXECUTIONS, value_count(cause->executions));
    row_set(row, CAUSE_OPERATIONS, value_count(cause->operations));
    row_set(row, CAUSE_PACKAGE_COUNT, value_count((int64_t)cause->package_count));
    row_set(row, CAUSE_PACKAGES, value_texts(cause->packages, cause->package_count));
    row_set(row, CAUSE_FIRST, value_time(cause->first_seen));
    row_set(row, CAUSE_LAST, value_time(cause->last_seen));
    row_set(row, CAUSE_TEXT, value_text(cause->text));
    row_set(row, CAUSE_ACTIONS, value_texts(cause->actions, cause->action_count));
    if (!signature) {
        row_set(row, CAUSE_LINKS, value_texts(NULL, 0));
        return row;
    }
    row_set(row, CAUSE_CLASS, value_text(sig_class_name(signature->class_)));
    row_set(row, CAUSE_ROLE, value_text(sig_role_name(signature->role)));
    row_set(row, CAUSE_LINKS, value_texts(signature->links, signature->link_count));
    return row;
}

size_t present_cause_count(const Builder *builder)
{
    size_t count = builder->failures->cause_count, limit = builder->view->limit;

    return limit > 0 && limit < count ? limit : count;
}

static const char *causes_title(const Builder *builder)
{
    size_t shown = present_cause_count(builder), count = builder->failures->cause_count;
    bool has_critical = count > 0 && builder->ranked[0]->severity == SIG_CRITICAL;
    const char *order =
        has_critical ? ", critical first, then most frequent" : ", most frequent first";

    return arena_printf(builder->arena, "%s%s",
                        words_list_title("Root causes", shown, count, builder->arena),
                        count > 1 ? order : "");
}

/* People see as many as were asked for, the critical ones first; programs all of them. */
void present_causes(Builder *builder)
{
    const Failures *failures = builder->failures;
    Section *people = report_section(builder->report, FOR_PEOPLE, "causes", causes_title(builder),
                                     LAYOUT_LIST, cause_columns, ARRAY_LEN(cause_columns), NULL);
    Section *data = report_section(builder->report, FOR_DATA, "causes", "Root causes", LAYOUT_LIST,
                                   cause_columns, ARRAY_LEN(cause_columns), NULL);

    for (size_t i = 0; i < present_cause_count(builder); i++)
        set_place(builder,
                  add_cause(builder, people, builder->ranked[i],
                            present_times(builder, builder->ranked[i])),
                  builder->ranked[i]);
    for (size_t i = 0; i < failures->cause_count; i++)
        (void)add_cause(builder, data, &failures->causes[i], NULL);
}

/* ---- what to do ------------------------------------------------------------------------------ */

/* clang-format off */
#define REMEDY_COLUMNS(COLUMN) \
    COLUMN(TITLE, "title", "title", .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN(ID, "id", "id", .use = COLUMN_HEADING, .align_right = true) \
    COLUMN(TEXT, "cause", "cause", .use = COLUMN_PLAIN) \
    COLUMN(SEEN, "seen", "seen", .use = COLUMN_PLAIN, .audience = FOR_PAGE, .tone = TONE_DIM) \
    COLUMN(ACTIONS, "actions", "actions", .use = COLUMN_BULLETS) \
    COLUMN(LINKS, "links", "links", .use = COLUMN_BULLETS, .is_link = true)
/* clang-format on */

#define COLUMN(id, ...) PRESENT_ENUM(DO, id),
enum { REMEDY_COLUMNS(COLUMN) };
#undef COLUMN

#define COLUMN(id, ...) PRESENT_SPEC(DO, id, __VA_ARGS__),
static const Column remedy_columns[] = {REMEDY_COLUMNS(COLUMN)};
#undef COLUMN

/* All that is unknown needs the same. */
static void add_remedy(const Builder *builder, Section *section, const FailureCause *cause)
{
    bool is_unknown = cause->kind == CAUSE_UNKNOWN;
    Row *row = section_row(section);
    const char *seen = words_span(cause->first_seen, cause->last_seen, builder->arena);

    row_set_anchor(row, "remedy", present_remedy_name(cause));
    row_set_link(row, "id", "cause", cause->id);
    row_set_severity(row, present_severity(cause));
    if (!is_unknown && *seen)
        row_set(row, DO_SEEN, value_text(arena_printf(builder->arena, "seen %s", seen)));

    row_set(row, DO_TITLE, value_text(is_unknown ? "Unknown errors" : cause->title));
    row_set(row, DO_ID, value_text(is_unknown ? NULL : cause->id));
    row_set(row, DO_TEXT, value_text(cause->text));
    row_set(row, DO_ACTIONS, value_texts(cause->actions, cause->action_count));
    if (cause->signature)
        row_set(row, DO_LINKS, value_texts(cause->signature->links, cause->signature->link_count));
}

Section *present_remedy_section(const Builder *builder, Audience audience)
{
    return report_section(builder->report, audience, "remedies", "What to do", LAYOUT_CARDS,
                          remedy_columns, ARRAY_LEN(remedy_columns), NULL);
}

/* Each cause once; the unknown ones share one entry. */
void present_fill_remedies(const Builder *builder, Section *section, size_t count)
{
    bool has_unknown = false;

    for (size_t i = 0; i < count; i++) {
        const FailureCause *cause = builder->ranked[i];
        if (cause->kind == CAUSE_UNKNOWN && has_unknown)
            continue;
        has_unknown = has_unknown || cause->kind == CAUSE_UNKNOWN;
        add_remedy(builder, section, cause);
    }
}

void present_remedies(Builder *builder)
{
    Remedies wanted = builder->view->remedies;

    if (wanted != REMEDIES_NONE)
        present_fill_remedies(builder, present_remedy_section(builder, FOR_PEOPLE),
                              wanted == REMEDIES_ALL ? builder->failures->cause_count
                                                     : present_cause_count(builder));
}
