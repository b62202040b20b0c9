/* Several targets beside each other, as a picture. */
#include "parts.h"

#include <string.h>

enum { FACTS_MAX = 3 };

/* What targets are compared by: facts of their answers. A command may have two rows, of which the
 * first counts that any target has. */
static const struct Compared {
    const char *command, *title;
    ValueType unit;
    struct {
        const char *key;
        ChartSeries series;
    } facts[FACTS_MAX];
} table[] = {
    {"report",
     "What failed, by target",
     VALUE_COUNT,
     {{"failed_executions", {"executions", HUE_1}},
      {"failed_operations", {"other operations", HUE_2}}}},
    {"mine",
     "Errors and warnings, by target",
     VALUE_COUNT,
     {{"error_count", {"errors", HUE_1}}, {"warning_count", {"warnings", HUE_2}}}},
    {"duplicates",
     "Packages triggered more than once, by target",
     VALUE_COUNT,
     {{"groups", {"groups", HUE_1}}}},
    {"capacity",
     "p95 wait for a free worker, by target",
     VALUE_DURATION,
     {{"wait_p95_seconds", {"p95 wait", HUE_1}}}},
    {"slow",
     "Executions slower than usual, by target",
     VALUE_COUNT,
     {{"slow_executions", {"slow", HUE_1}}}},
    {"doctor", "Findings, by target", VALUE_COUNT, {{"found", {"findings", HUE_1}}}},
    {"running",
     "What needs a look now, by target",
     VALUE_COUNT,
     {{"hanging", {"hangs", HUE_ALERT}},
      {"late", {"longer than usual", HUE_WARNING}},
      {"silent", {"silent", HUE_QUIET}}}},
    {"cleanup",
     "Rows deleted, by target",
     VALUE_COUNT,
     {{"deleted_rows", {"rows deleted", HUE_1}}}},
    {"cleanup",
     "Rows past their retention, by target",
     VALUE_COUNT,
     {{"doomed_rows", {"rows that go", HUE_ALERT}}}},
};

static const Fact *find_fact(const Report *report, const char *key)
{
    for (const Fact *fact = report ? report->first_fact : NULL; fact; fact = fact->next)
        if (is_for_data(fact->audience) && strcmp(fact->key, key) == 0)
            return fact;
    return NULL;
}

static size_t count_with(const Parts *parts, const struct Compared *row)
{
    size_t count = 0;

    for (size_t i = 0; i < parts->count; i++)
        count +=
            !parts->at[i].is_joint && find_fact(parts->at[i].report, row->facts[0].key) != NULL;
    return count;
}

static void draw(const Parts *parts, const struct Compared *row, Section *section)
{
    ChartSeries *series = arena_alloc_array(parts->arena, FACTS_MAX, sizeof(*series));
    size_t count = 0;

    while (count < FACTS_MAX && row->facts[count].key) {
        series[count] = row->facts[count].series;
        count++;
    }
    Chart *chart = section_chart(section, &(ChartSpec){
                                              .kind = CHART_RANK,
                                              .unit = row->unit,
                                              .title = row->title,
                                              .points = "target",
                                              .series = series,
                                              .series_count = count,
                                          });
    for (size_t i = 0; i < parts->count; i++) {
        const ReportPart *part = &parts->at[i];
        if (part->is_joint || !find_fact(part->report, row->facts[0].key))
            continue;
        size_t point = chart_point(chart, part->target);
        for (size_t k = 0; k < count; k++) {
            const Fact *fact = find_fact(part->report, row->facts[k].key);
            if (fact && fact->value.type == row->unit)
                chart_add(chart, point, k, (double)fact->value.as.count);
        }
    }
}

void parts_chart(const Parts *parts, const char *command, Section *section)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i].command, command) == 0 && count_with(parts, &table[i]) > 1) {
            draw(parts, &table[i], section);
            return;
        }
}
