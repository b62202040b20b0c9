/* The first screen of several targets: a row each, those that failed first, then what their own
 * screens list, a row of each target in turn. */
#include "parts.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/report/words.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 1024 };

/* ---- which parts ----------------------------------------------------------------------------- */

static bool has_rows(const Report *report)
{
    for (const Section *at = report ? report->first : NULL; at; at = at->next)
        if (at->first)
            return true;
    return false;
}

/* What has something to tell, and no screen of its own, stands whole. */
static bool may_be_short(const ReportPart *part)
{
    return !part->report || part->report->headline || (part->is_joint && !has_rows(part->report));
}

/* No answer before one that is not whole, before findings, before the rest. */
static int rank_of(const ReportPart *part)
{
    if (!part->report)
        return 0;
    if (part->error)
        return 1;
    return part->exit_code != 0 ? 2 : 3;
}

static int worst_first(const void *a, const void *b)
{
    const ReportPart *x = *(const ReportPart *const *)a, *y = *(const ReportPart *const *)b;

    if (rank_of(x) != rank_of(y))
        return rank_of(x) - rank_of(y);
    return (x > y) - (x < y);
}

/* Those of a target, the worst first, or those that several tell together. */
static const ReportPart **list_parts(const Parts *parts, bool are_joint, size_t *ret_count)
{
    const ReportPart **list = arena_alloc_array(parts->arena, parts->count + 1, sizeof(*list));
    size_t count = 0;

    for (size_t i = 0; i < parts->count; i++)
        if (parts->at[i].is_joint == are_joint)
            list[count++] = &parts->at[i];
    if (!are_joint)
        qsort(list, count, sizeof(*list), worst_first);
    *ret_count = count;
    return list;
}

/* The joint ones before the others: only here they are told. */
static const ReportPart **list_all(const Parts *parts)
{
    size_t joint, count;
    const ReportPart **all = list_parts(parts, true, &joint);
    const ReportPart **rest = list_parts(parts, false, &count);

    (void)memcpy(all + joint, rest, count * sizeof(*rest));
    return all;
}

/* ---- a row each ------------------------------------------------------------------------------ */

/* What is said of all of them together. */
static void put_joint(const Parts *parts, Buf *line)
{
    for (size_t i = 0; i < parts->count; i++) {
        const ReportPart *part = &parts->at[i];
        if (part->is_joint && !part->target && part->report && part->report->headline)
            buf_printf(line, "; %s", part->report->headline);
    }
}

/* "20 targets: 1 not connected, 1 rights too low, 18 answered" */
static const char *headline(const Parts *parts, const ReportPart *const *list, size_t count)
{
    Buf line = BUF(LINE_BYTES);
    size_t at = 0;

    buf_printf(&line, "%zu target%s:", count, words_plural((int64_t)count));
    while (at < count && rank_of(list[at]) < 2) {
        size_t same = at;
        while (same < count && rank_of(list[same]) < 2 &&
               strcmp(list[same]->result, list[at]->result) == 0)
            same++;
        buf_printf(&line, " %zu %s,", same - at, list[at]->result);
        at = same;
    }
    buf_printf(&line, " %zu answered", count - at);
    put_joint(parts, &line);
    return words_taken(&line, parts->arena);
}

/* The first that has more to say. */
static const char *next_line(const Parts *parts, const ReportPart *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i]->report)
            return arena_printf(parts->arena, "One of them: --target %s", list[i]->target);
    return NULL;
}

/* clang-format off */
#define SAYS_COLUMNS(COLUMN) \
    COLUMN("target", "", value_text(part->target), .tone = TONE_STRONG, .is_whole = true) \
    COLUMN("what", "", value_text(says(part, report->arena)), .may_wrap = true, .max_lines = 1)

#define LEADS_COLUMNS(COLUMN) \
    COLUMN("target", "", value_text(part->target), .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("what", "", value_text(says(part, report->arena)), .use = COLUMN_HEADING) \
    COLUMN("lead", "", value_text(leads(part, report->arena)), .use = COLUMN_PLAIN)
/* clang-format on */

static const Column says_columns[] = {SAYS_COLUMNS(COLUMN_ENTRY)};
static const Column leads_columns[] = {LEADS_COLUMNS(COLUMN_ENTRY)};

/* "not connected: '10.1.2.3' refused the connection", or the first line of its screen. */
static const char *says(const ReportPart *part, Arena *arena)
{
    const char *text = part->report ? part->report->headline : part->error;

    if (rank_of(part) >= 2)
        return text;
    return arena_printf(arena, "%s%s%s", part->result, text ? ": " : "", text ? text : "");
}

/* What must not be overlooked of one that makes nothing shorter: the fact that leads its screen. */
static const char *leads(const ReportPart *part, Arena *arena)
{
    const Report *report = part->report;
    const Fact *fact = report && report->tells_warnings && report->before_screen
                           ? report->before_screen->next
                           : NULL;
    Buf line = BUF(LINE_BYTES);

    while (fact && fact->audience != FOR_SCREEN && fact->audience != FOR_PEOPLE)
        fact = fact->next;
    if (!fact || fact->value.type == VALUE_NONE)
        return NULL;
    buf_printf(&line, "%s ", fact->heading);
    value_put_for_people(&line, &fact->value);
    return words_taken(&line, arena);
}

static bool has_leads(const ReportPart *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i]->report && list[i]->report->tells_warnings)
            return true;
    return false;
}

static void list_targets(Report *report, const ReportPart *const *list, size_t count)
{
    bool is_list = has_leads(list, count);
    Section *section =
        report_section(report, FOR_SCREEN, "says", NULL, is_list ? LAYOUT_LIST : LAYOUT_TABLE,
                       is_list ? leads_columns : says_columns,
                       is_list ? ARRAY_LEN(leads_columns) : ARRAY_LEN(says_columns), NULL);

    for (size_t i = 0; i < count && i < REPORT_SCREEN_LINES; i++) {
        const ReportPart *part = list[i];
        Row *row = section_row(section);
        if (is_list)
            row_set_all(row, ROW_VALUES(LEADS_COLUMNS));
        else
            row_set_all(row, ROW_VALUES(SAYS_COLUMNS));
        if (rank_of(part) < 2)
            row_set_severity(row, SEVERITY_ERROR);
    }
    section_set_rest(section, "target", "targets", count);
    section->is_favored = true;
}

/* ---- what their screens list ----------------------------------------------------------------- */

static const Row *row_at(const Section *section, size_t index)
{
    const Row *row = section ? section->first : NULL;

    while (row && index-- > 0)
        row = row->next;
    return row;
}

/* A row of each in turn: the first of a list is what matters most there. */
static void merge_section(Report *report, const Parts *parts, const ReportPart *const *list,
                          size_t count, const Section *like)
{
    Section *section = parts_unite(report, parts, like);
    size_t total = 0, taken = 0;
    bool has_more = true;

    for (size_t i = 0; i < count; i++) {
        const Section *from = parts_find(list[i]->report, like);
        total += from ? from->total : 0;
    }
    for (size_t turn = 0; has_more && taken < REPORT_SCREEN_LINES; turn++) {
        has_more = false;
        for (size_t i = 0; i < count; i++) {
            const Row *row = row_at(parts_find(list[i]->report, like), turn);
            if (!row)
                continue;
            (void)parts_copy(list[i], row, section);
            has_more = true;
            taken++;
        }
    }
    section_set_rest(section, like->rest_one, like->rest_many, total);
    section->is_behind = like->is_behind;
}

static void merge_sections(Report *report, const Parts *parts)
{
    const ReportPart **all = list_all(parts);

    for (size_t i = 0; i < parts->count; i++)
        for (const Section *at = all[i]->report ? all[i]->report->first : NULL; at; at = at->next)
            if (at->audience == FOR_SCREEN && !parts_find(report, at))
                merge_section(report, parts, all, parts->count, at);
}

void parts_screen(Report *report, const Parts *parts)
{
    size_t count;
    const ReportPart **list = list_parts(parts, false, &count);

    for (size_t i = 0; i < parts->count; i++)
        if (!may_be_short(&parts->at[i]))
            return;
    if (count == 0)
        return;
    report_screen(report, headline(parts, list, count), NULL, next_line(parts, list, count));
    if (has_leads(list, count))
        report_screen_warnings(report);
    list_targets(report, list, count);
    merge_sections(report, parts);
}
