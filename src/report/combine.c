/* Reports of several targets made one, each row naming its target. */
#include "ssisminer/report/combine.h"

#include "parts.h"

#include "ssisminer/base/sat.h"
#include "ssisminer/base/str.h"

#include <string.h>

/* ---- facts ----------------------------------------------------------------------------------- */

/* Facts that have a column in the list of targets: each key once, in the order of their first
 * appearance. */
typedef struct Facts {
    const Fact **at;
    size_t count, capacity;
} Facts;

/* People and programs may have one each of the same name. */
static bool is_same_fact(const Fact *a, const Fact *b)
{
    return a->audience == b->audience && strcmp(a->key, b->key) == 0;
}

static bool is_listed(const Facts *facts, const Fact *fact)
{
    for (size_t i = 0; i < facts->count; i++)
        if (is_same_fact(facts->at[i], fact))
            return true;
    return false;
}

/* Of what only people read, the server: the rest is said in sentences of one server. */
static bool is_comparable(const Fact *fact)
{
    return is_for_data(fact->audience) || strcmp(fact->key, "server_line") == 0;
}

static Facts facts_of(const Parts *parts)
{
    Facts facts = {0};

    for (size_t i = 0; i < parts->count; i++) {
        const Report *report = parts->at[i].is_joint ? NULL : parts->at[i].report;
        for (const Fact *fact = report ? report->first_fact : NULL; fact; fact = fact->next) {
            if (!is_comparable(fact) || is_listed(&facts, fact))
                continue;
            facts.at = arena_grow(parts->arena, facts.at, facts.count, facts.count + 1,
                                  &facts.capacity, sizeof(*facts.at));
            facts.at[facts.count++] = fact;
        }
    }
    return facts;
}

static Value value_of(const Report *report, const Fact *like)
{
    for (const Fact *fact = report ? report->first_fact : NULL; fact; fact = fact->next)
        if (is_same_fact(fact, like))
            return fact->value;
    return value_none();
}

static bool is_a_count(const Value *value)
{
    return value->type == VALUE_COUNT || value->type == VALUE_BYTES;
}

/* Counts that are of one server alone: what was asked, how fast it went, the most at one time. */
static bool is_of_one(const Fact *fact)
{
    static const char *const keys[] = {"slower_by_percent", "min_runs", "rows_per_second", "peak"};

    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (strcmp(fact->key, keys[i]) == 0)
            return true;
    return false;
}

/* The sum over all, where every part that has it counts something. */
static bool sum_of(const Parts *parts, const Fact *like, Value *ret_sum)
{
    Value sum = value_none();

    if (is_of_one(like))
        return false;

    for (size_t i = 0; i < parts->count; i++) {
        Value value = value_of(parts->at[i].report, like);
        if (value.type == VALUE_NONE)
            continue;
        if (!is_a_count(&value) || (sum.type != VALUE_NONE && sum.type != value.type))
            return false;
        sum.as.count = sat_add(sum.type == VALUE_NONE ? 0 : sum.as.count, value.as.count);
        sum.type = value.type;
    }
    *ret_sum = sum;
    return sum.type != VALUE_NONE;
}

static bool is_shown_to_people(const Facts *facts, size_t at);

static int64_t count_targets(const Parts *parts)
{
    int64_t count = 0;

    for (size_t i = 0; i < parts->count; i++)
        count += !parts->at[i].is_joint;
    return count;
}

static void add_sums(Report *report, const Parts *parts, const Facts *facts)
{
    Value sum;

    report_fact(report, FOR_ALL, "target_count", "targets", value_count(count_targets(parts)));
    for (size_t i = 0; i < facts->count; i++)
        if (sum_of(parts, facts->at[i], &sum))
            report_fact(report, is_shown_to_people(facts, i) ? FOR_ALL : FOR_DATA,
                        facts->at[i]->key, facts->at[i]->heading, sum);
    for (size_t i = 0; i < parts->count; i++) {
        const Report *joint = parts->at[i].is_joint ? parts->at[i].report : NULL;
        for (const Fact *fact = joint ? joint->first_fact : NULL; fact; fact = fact->next)
            report_fact(report, fact->audience, fact->key, fact->heading, fact->value);
    }
}

/* ---- the list of targets --------------------------------------------------------------------- */

static const Column target_column = {.key = "target", .heading = "target", .tone = TONE_STRONG};

/* Facts of the parts follow as further columns (list_targets). */
enum { OWN_TARGET, OWN_RESULT, OWN_EXIT_CODE, OWN_TAKEN, OWN_ERROR };

/* clang-format off */
static const Column own_columns[] = {
    [OWN_TARGET] = {.key = "target", .heading = "target", .use = COLUMN_HEADING, .tone = TONE_STRONG},
    [OWN_RESULT] = {.key = "result", .heading = "result", .use = COLUMN_HEADING},
    [OWN_EXIT_CODE] = {.key = "exit_code", .heading = "exit code", .audience = FOR_DATA},
    [OWN_TAKEN] = {.key = "taken_seconds", .heading = "taken", .use = COLUMN_HEADING},
    [OWN_ERROR] = {.key = "error", .heading = "error", .tone = TONE_ALERT},
};
/* clang-format on */

/* What people need to tell targets apart and to compare them: where it is, and the first counts. */
static bool is_shown_to_people(const Facts *facts, size_t at)
{
    enum { COUNTS_MOST = 4 };
    size_t counts = 0;

    if (strcmp(facts->at[at]->key, "server_line") == 0)
        return true;
    for (size_t i = 0; i <= at; i++)
        counts += is_a_count(&facts->at[i]->value);
    return is_a_count(&facts->at[at]->value) && counts <= COUNTS_MOST;
}

static Column column_of(const Facts *facts, size_t at)
{
    const Fact *fact = facts->at[at];
    bool is_for_both = is_for_data(fact->audience) && is_shown_to_people(facts, at);

    return (Column){.key = fact->key,
                    .heading = fact->heading,
                    .audience = is_for_both                   ? FOR_ALL
                                : is_for_data(fact->audience) ? FOR_DATA
                                                              : FOR_PEOPLE};
}

/* What its answer tells; one without, or with holes, is an error. */
static Severity severity_of(const ReportPart *part)
{
    bool is_answered = part->report && (part->exit_code == 0 || part->exit_code == 1);
    Severity gravest = is_answered ? report_gravest(part->report) : SEVERITY_ERROR;

    return gravest == SEVERITY_NONE ? SEVERITY_FINE : gravest;
}

static void list_targets(Report *report, const Parts *parts, const Facts *facts)
{
    size_t own = ARRAY_LEN(own_columns), count = own + facts->count;
    Column *columns = arena_alloc_array(parts->arena, count, sizeof(*columns));

    (void)memcpy(columns, own_columns, sizeof(own_columns));
    for (size_t i = 0; i < facts->count; i++)
        columns[own + i] = column_of(facts, i);
    Section *section =
        report_section(report, FOR_ALL, "targets", "Targets", LAYOUT_LIST, columns, count, NULL);

    parts_chart(parts, report->command, section);
    for (size_t i = 0; i < parts->count; i++) {
        const ReportPart *part = &parts->at[i];
        if (part->is_joint)
            continue;
        Row *row = section_row(section);
        row_set_severity(row, severity_of(part));
        row_set(row, OWN_TARGET, value_text(part->target));
        row_set(row, OWN_RESULT, value_text(part->result));
        row_set(row, OWN_EXIT_CODE, value_id(part->exit_code));
        row_set(row, OWN_TAKEN, value_duration(part->taken_ticks));
        row_set(row, OWN_ERROR, value_text(part->error));
        for (size_t k = 0; k < facts->count; k++)
            row_set(row, own + k, value_of(part->report, facts->at[k]));
    }
}

/* ---- sections -------------------------------------------------------------------------------- */

const Section *parts_find(const Report *report, const Section *like)
{
    for (const Section *section = report ? report->first : NULL; section; section = section->next)
        if (section->audience == like->audience && strcmp(section->key, like->key) == 0)
            return section;
    return NULL;
}

static size_t find_column(const Column *columns, size_t count, const Column *like)
{
    size_t i = 0;

    while (i < count &&
           (columns[i].audience != like->audience || strcmp(columns[i].key, like->key) != 0))
        i++;
    return i;
}

/* "target", then what the parts' sections have, each once. */
static size_t unite_columns(const Parts *parts, const Section *like, Column **ret_columns)
{
    Column *columns = NULL;
    size_t count = 0, capacity = 0;

    columns = arena_grow(parts->arena, columns, 0, 1, &capacity, sizeof(*columns));
    columns[count++] = target_column;
    for (size_t i = 0; i < parts->count; i++) {
        const Section *section = parts_find(parts->at[i].report, like);
        for (size_t k = 0; section && k < section->column_count; k++) {
            if (find_column(columns, count, &section->columns[k]) < count)
                continue;
            columns =
                arena_grow(parts->arena, columns, count, count + 1, &capacity, sizeof(*columns));
            columns[count++] = section->columns[k];
        }
    }
    *ret_columns = columns;
    return count;
}

/* Anchors and links of one target lead to rows of that target. */
static void copy_place(const char *target, const Row *from, Row *to)
{
    const Section *of = from->section;

    to->anchor = from->anchor;
    to->severity = from->severity;
    to->scope = target;
    if (!from->links)
        return;
    to->links = arena_alloc_array(of->arena, to->section->column_count, sizeof(*to->links));
    for (size_t i = 0; i < of->column_count; i++)
        to->links[find_column(to->section->columns, to->section->column_count, &of->columns[i])] =
            from->links[i];
}

static void copy_charts(const ReportPart *part, const ChartList *from, ChartList *to, Arena *arena)
{
    for (const Chart *chart = from->first; chart; chart = chart->next) {
        Chart *copy = arena_alloc(arena, sizeof(*copy));
        *copy = *chart;
        copy->next = NULL;
        copy->scope = part->target;
        if (part->target)
            copy->spec.title = arena_printf(arena, "%s: %s", part->target, chart->spec.title);
        if (to->last)
            to->last->next = copy;
        else
            to->first = copy;
        to->last = copy;
    }
}

Row *parts_copy(const ReportPart *part, const Row *row, Section *to)
{
    const Section *from = row->section;
    Row *copy = section_row(to);

    row_set(copy, OWN_TARGET, value_text(part->target));
    copy_place(part->target, row, copy);
    for (size_t i = 0; i < from->column_count; i++)
        row_set(copy, find_column(to->columns, to->column_count, &from->columns[i]),
                row->values[i]);
    copy->first = row->first; // borrowed with the part
    copy->last = row->last;
    copy->stands_for = row->stands_for;
    return copy;
}

static void copy_rows(const ReportPart *part, const Section *from, Section *to)
{
    if (from)
        copy_charts(part, &from->charts, &to->charts, to->arena);
    for (const Row *row = from ? from->first : NULL; row; row = row->next)
        (void)parts_copy(part, row, to);
    to->left_out += from ? from->left_out : 0;
}

/* "Packages (12)", "Packages (the first 10 of 12)": that is of one target. */
static const char *uncounted(const char *title, Arena *arena)
{
    const char *open = title ? strstr(title, " (") : NULL, *close = open ? strchr(open, ')') : NULL;
    bool is_count =
        close && ((open[2] >= '0' && open[2] <= '9') || str_starts(open + 2, "the first "));

    return is_count ? arena_printf(arena, "%.*s%s", (int)(open - title), title, close + 1) : title;
}

Section *parts_unite(Report *report, const Parts *parts, const Section *like)
{
    Column *columns;
    size_t count = unite_columns(parts, like, &columns);

    if (like->layout != LAYOUT_TABLE)
        columns[0].use = COLUMN_HEADING;
    return report_section(report, like->audience, like->key, uncounted(like->title, parts->arena),
                          like->layout, columns, count, like->empty);
}

static void combine_section(Report *report, const Parts *parts, const Section *like)
{
    Section *section = parts_unite(report, parts, like);

    section->is_primary = like->is_primary;
    for (int joint = 1; joint >= 0; joint--)
        for (size_t i = 0; i < parts->count; i++)
            if (parts->at[i].is_joint == joint)
                copy_rows(&parts->at[i], parts_find(parts->at[i].report, like), section);
}

static void combine_sections(Report *report, const Parts *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        const Report *part = parts->at[i].report;
        for (const Section *at = part ? part->first : NULL; at; at = at->next)
            if (at->audience != FOR_SCREEN && !parts_find(report, at)) // which is of one server
                combine_section(report, parts, at);
    }
}

static const char *title_of(const Parts *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        if (parts->at[i].report)
            return parts->at[i].report->title;
    return "Targets";
}

static void add_warnings(Report *report, const Parts *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        const Report *part = parts->at[i].report;
        for (const Warning *at = part ? part->first_warning : NULL; at; at = at->next)
            report_warning(report, "%s%s%s", parts->at[i].target ? parts->at[i].target : "",
                           parts->at[i].target ? ": " : "", at->text);
    }
}

static void add_findings(Report *report, const Parts *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        if (!parts->at[i].report)
            continue;
        report_add_finding(report, report_gravest(parts->at[i].report));
        if (report_has_new(parts->at[i].report))
            report_add_new(report);
    }
}

/* Below the list of targets, since there are some of each. */
static void add_charts(Report *report, const Parts *parts)
{
    Section *section = report_section(report, FOR_PAGE, "charts", "Charts, by target", LAYOUT_TABLE,
                                      &target_column, 1, NULL);

    for (size_t i = 0; i < parts->count; i++)
        if (parts->at[i].report)
            copy_charts(&parts->at[i], &parts->at[i].report->charts, &section->charts,
                        parts->arena);
}

/* The latest of them. */
static void add_made(Report *report, const Parts *parts)
{
    Value made = value_none();

    for (size_t i = 0; i < parts->count; i++) {
        const Fact like = {.key = "generated_at", .audience = FOR_DATA};
        Value value = value_of(parts->at[i].report, &like);
        if (value.type == VALUE_TIME &&
            (made.type == VALUE_NONE || value.as.time.ticks > made.as.time.ticks))
            made = value;
    }
    report_fact(report, FOR_PAGE, "made", "made", made);
}

Report *report_combine(const char *command, const ReportPart *parts, size_t count, Arena *arena)
{
    Parts all = {parts, count, arena};
    Report *report = report_new(arena, command, title_of(&all));
    Facts facts = facts_of(&all);

    add_sums(report, &all, &facts);
    add_made(report, &all);
    add_warnings(report, &all);
    add_findings(report, &all);
    list_targets(report, &all, &facts);
    add_charts(report, &all);
    combine_sections(report, &all);
    parts_screen(report, &all);
    return report;
}
