/* The causes: ranked at the top, explained at the end. */
#include "present.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- causes ---------------------------------------------------------------------------------- */

/* clang-format off */
#define CAUSE_COLUMNS(COLUMN) \
    COLUMN("times", "count", value_text(times), .use = COLUMN_HEADING, .audience = FOR_PEOPLE, .tone = TONE_STRONG) \
    COLUMN("title", "cause", \
           value_text(present_cause_title(cause, arena)), .use = COLUMN_HEADING, .may_wrap = true, .max_lines = 1) \
    COLUMN("id", "id", value_text(cause->id), .use = COLUMN_HEADING, .align_right = true) \
    COLUMN("summary", "where, when, and what then", \
           value_text(whole_summary(builder, cause)), .use = COLUMN_PLAIN, .audience = FOR_PEOPLE) \
    COLUMN("newest", "newest", newest, .audience = FOR_PAGE, .leads_to = "run") \
    COLUMN("new", "new since the last run", is_new(builder, cause), .audience = FOR_DATA) \
    COLUMN("seen_since", "seen by each run since", value_time(news_of_cause(builder, cause)->since), \
           .audience = FOR_DATA) \
    COLUMN("kind", "kind", value_text(present_kind(cause->kind)), .audience = FOR_DATA) \
    COLUMN("class", "class", value_text(signature ? sig_class_name(signature->class_) : NULL), .audience = FOR_DATA) \
    COLUMN("role", "role", value_text(signature ? sig_role_name(signature->role) : NULL), .audience = FOR_DATA) \
    COLUMN("severity", "severity", value_text(sig_severity_name(cause->severity)), .audience = FOR_DATA) \
    COLUMN("retry", "retry", value_text(cause->retry), .audience = FOR_DATA) \
    COLUMN("retry_advice", "retry advice", value_text(cause->retry_advice), .audience = FOR_DATA) \
    COLUMN("executions", "executions that failed of this cause", value_count(cause->executions), .audience = FOR_DATA) \
    COLUMN("operations", "other operations that failed of this cause", \
           value_count(cause->operations), .audience = FOR_DATA) \
    COLUMN("package_count", "packages that failed of this cause", \
           value_count((int64_t)cause->package_count), .audience = FOR_DATA) \
    COLUMN("packages", "packages", value_texts(cause->packages, cause->package_count), .audience = FOR_DATA) \
    COLUMN("first_seen", "first seen in the window", value_time(cause->first_seen), .audience = FOR_DATA) \
    COLUMN("last_seen", "last seen in the window", value_time(cause->last_seen), .audience = FOR_DATA) \
    COLUMN("cause", "cause", value_text(cause->text), .audience = FOR_DATA) \
    COLUMN("actions", "actions", value_texts(cause->actions, cause->action_count), .audience = FOR_DATA) \
    COLUMN("links", "links", links_of(signature), .audience = FOR_DATA)
/* clang-format on */

static const Column cause_columns[] = {CAUSE_COLUMNS(COLUMN_ENTRY)};

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
static void set_place(Row *row, const FailureCause *cause)
{
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

static Value links_of(const Signature *signature)
{
    return signature ? value_texts(signature->links, signature->link_count) : value_texts(NULL, 0);
}

static Value is_new(const Builder *builder, const FailureCause *cause)
{
    const ReportNews *news = builder->view->news;

    return news && news->last_run.is_set ? value_flag(present_is_new(builder, cause))
                                         : value_none();
}

/* People are told which failed last of it, on a page. */
static Row *add_cause(const Builder *builder, Section *section, const FailureCause *cause,
                      bool is_for_people)
{
    const Signature *signature = cause->signature;
    const char *times = is_for_people ? present_times(builder, cause) : NULL;
    Value newest = is_for_people ? newest_of(builder, cause) : value_none();
    Row *row = section_row(section);
    Arena *arena = builder->arena;

    row_set_all(row, ROW_VALUES(CAUSE_COLUMNS));
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
        set_place(add_cause(builder, people, builder->ranked[i], true), builder->ranked[i]);
    for (size_t i = 0; i < failures->cause_count; i++)
        (void)add_cause(builder, data, &failures->causes[i], false);
}

/* ---- what to do ------------------------------------------------------------------------------ */

/* clang-format off */
#define REMEDY_COLUMNS(COLUMN) \
    COLUMN("title", "title", \
           value_text(is_unknown ? "Unknown errors" : cause->title), .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("id", "id", value_text(is_unknown ? NULL : cause->id), .use = COLUMN_HEADING, .align_right = true) \
    COLUMN("cause", "cause", value_text(cause->text), .use = COLUMN_PLAIN) \
    COLUMN("seen", "seen", value_text(seen), .use = COLUMN_PLAIN, .audience = FOR_PAGE, .tone = TONE_DIM) \
    COLUMN("actions", "actions", value_texts(cause->actions, cause->action_count), .use = COLUMN_BULLETS) \
    COLUMN("links", "links", \
           cause->signature ? value_texts(cause->signature->links, cause->signature->link_count) : value_none(), \
           .use = COLUMN_BULLETS, .is_link = true)
/* clang-format on */

static const Column remedy_columns[] = {REMEDY_COLUMNS(COLUMN_ENTRY)};

/* All that is unknown needs the same. */
static void add_remedy(const Builder *builder, Section *section, const FailureCause *cause)
{
    bool is_unknown = cause->kind == CAUSE_UNKNOWN;
    const char *span = words_span(cause->first_seen, cause->last_seen, builder->arena);
    const char *seen = is_unknown || !*span ? NULL : arena_printf(builder->arena, "seen %s", span);
    Row *row = section_row(section);

    row_set_anchor(row, "remedy", present_remedy_name(cause));
    row_set_link(row, "id", "cause", cause->id);
    row_set_severity(row, present_severity(cause));

    row_set_all(row, ROW_VALUES(REMEDY_COLUMNS));
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
