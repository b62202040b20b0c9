/* The first screen of several targets: a row each, those that failed first, then what their own
 * screens list, a row of each target in turn. */
#include "parts.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/report/words.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 1024 };

/* ---- which parts --------------------------------------------------------------------------------
 */

static bool has_rows(const Report *report)
{
    for (const Section *at = report ? report->first : NULL; at; at = at->next)
        if (at->first)
            return true;
    return false;
}

/* What targets tell together has no screen of its own. */
static bool may_be_short(const ReportPart *part)
{
    if (!part->report)
        return true;
    return part->is_joint ? !has_rows(part->report)
                          : part->report->headline && !part->report->tells_warnings;
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

static const ReportPart **sort_parts(const Parts *parts, size_t *ret_count)
{
    const ReportPart **list = arena_alloc_array(parts->arena, parts->count + 1, sizeof(*list));
    size_t count = 0;

    for (size_t i = 0; i < parts->count; i++)
        if (!parts->at[i].is_joint)
            list[count++] = &parts->at[i];
    qsort(list, count, sizeof(*list), worst_first);
    *ret_count = count;
    return list;
}

/* ---- a row each ---------------------------------------------------------------------------------
 */

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

static const Column says_columns[] = {
    {.key = "target", .heading = "", .tone = TONE_STRONG, .is_whole = true},
    {.key = "what", .heading = "", .may_wrap = true, .max_lines = 1},
};

/* "not connected: '10.1.2.3' refused the connection", or the first line of its screen. */
static const char *says(const ReportPart *part, Arena *arena)
{
    const char *text = part->report ? part->report->headline : part->error;

    if (rank_of(part) >= 2)
        return text;
    return arena_printf(arena, "%s%s%s", part->result, text ? ": " : "", text ? text : "");
}

static void list_targets(Report *report, const ReportPart *const *list, size_t count)
{
    Section *section = report_section(report, FOR_SCREEN, "says", NULL, LAYOUT_TABLE, says_columns,
                                      ARRAY_LEN(says_columns), NULL);

    for (size_t i = 0; i < count && i < REPORT_SCREEN_LINES; i++) {
        Row *row = section_row(section);
        row_set(row, 0, value_text(list[i]->target));
        row_set(row, 1, value_text(says(list[i], report->arena)));
        if (rank_of(list[i]) < 2)
            row_set_severity(row, SEVERITY_ERROR);
    }
    section_set_rest(section, "target", "targets", count);
    section->is_favoured = true;
}

/* ---- what their screens list --------------------------------------------------------------------
 */

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

void parts_screen(Report *report, const Parts *parts)
{
    size_t count;
    const ReportPart **list = sort_parts(parts, &count);

    for (size_t i = 0; i < parts->count; i++)
        if (!may_be_short(&parts->at[i]))
            return;
    if (count == 0)
        return;
    report_screen(report, headline(parts, list, count), NULL, next_line(parts, list, count));
    list_targets(report, list, count);
    for (size_t i = 0; i < count; i++)
        for (const Section *at = list[i]->report ? list[i]->report->first : NULL; at; at = at->next)
            if (at->audience == FOR_SCREEN && !parts_find(report, at))
                merge_section(report, parts, list, count, at);
}
