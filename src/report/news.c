/* What of an answer is new, goes on, or is gone since the last one. */
#include "ssisminer/report/news.h"

#include <stdlib.h>
#include <string.h>

static int by_key(const void *a, const void *b)
{
    return strcmp(((const FindingNews *)a)->key, ((const FindingNews *)b)->key);
}

const FindingNews *news_of(const ReportNews *news, const char *key)
{
    const FindingNews like = {.key = key};

    if (!news || !key || news->count == 0)
        return NULL;
    return bsearch(&like, news->list, news->count, sizeof(like), by_key);
}

bool news_is_new(const ReportNews *news, const char *key)
{
    const FindingNews *own = news_of(news, key);

    return own && own->is_new;
}

size_t news_count(const ReportNews *news)
{
    return news ? news->new_count : 0;
}

const char *news_mark(const ReportNews *news, const char *key)
{
    return news_is_new(news, key) ? "new, " : "";
}

void news_put_count(const ReportNews *news, size_t new_count, Buf *line)
{
    if (news && news->last_run.is_set)
        buf_printf(line, ", %zu new", new_count);
}

const char *news_calm(const ReportNews *news)
{
    if (!news || !news->only_new)
        return NULL;
    return news->last_run.is_set ? "Nothing new" : "Nothing new: this is the first run";
}

Value news_value(const ReportNews *news, const char *key)
{
    const FindingNews *own = news_of(news, key);

    return own && news->last_run.is_set ? value_flag(own->is_new) : value_none();
}

Value news_since(const ReportNews *news, const char *key)
{
    const FindingNews *own = news_of(news, key);

    return own ? value_time(own->since) : value_none();
}

#define GONE_COLUMNS(COLUMN)                                                                       \
    COLUMN("finding", "finding", value_text(news->gone[i]), .use = COLUMN_PLAIN)

void news_tell(const ReportNews *news, Report *report, const char *count_key, int64_t new_count)
{
    static const Column columns[] = {GONE_COLUMNS(COLUMN_ENTRY)};

    if (!news)
        return;
    report_fact(report, FOR_DATA, "last_run", "last run of the state", value_time(news->last_run));
    report_fact(report, FOR_DATA, count_key, "new since the last run", value_count(new_count));
    if (news->new_count > 0)
        report_add_new(report);
    Section *section = report_section(report, FOR_ALL, "gone", "Gone since the last run",
                                      LAYOUT_LIST, columns, ARRAY_LEN(columns), NULL);
    for (size_t i = 0; i < news->gone_count; i++)
        row_set_all(section_row(section), ROW_VALUES(GONE_COLUMNS));
}

void news_tell_screen(const ReportNews *news, Report *report, Arena *arena)
{
    if (!news || news->gone_count == 0)
        return;
    report_fact(
        report, FOR_SCREEN, "gone_line", "gone",
        value_text(arena_printf(arena, "%zu since the last run: %s%s", news->gone_count,
                                news->gone[0], news->gone_count > 1 ? ", and others" : "")));
}

unsigned news_rank(bool is_critical, bool is_new)
{
    return (is_critical ? 2U : 0U) + (is_new ? 1U : 0U);
}

const size_t *news_order(const unsigned *ranks, size_t count, Arena *arena)
{
    size_t *order = arena_alloc_array(arena, count, sizeof(*order));
    size_t placed = 0;
    unsigned highest = 0;

    for (size_t i = 0; i < count; i++)
        highest = ranks[i] > highest ? ranks[i] : highest;
    for (unsigned rank = highest + 1; rank-- > 0;)
        for (size_t i = 0; i < count; i++)
            if (ranks[i] == rank)
                order[placed++] = i;
    return order;
}
