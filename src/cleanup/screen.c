/* The plan on one screen: every number, date and warning of the whole plan, the tables that lose
 * most, and in a line each what slows it down or stays for ever. */
#include "present.h"

#include "ssisminer/base/str.h"
#include "ssisminer/report/words.h"

#include <inttypes.h>
#include <stdlib.h>

enum { LINE_MAX_BYTES = 4096 };

/* ---- the two lines --------------------------------------------------------------------------- */

static const char *headline(const Builder *builder)
{
    const CleanupPlan *plan = builder->plan;

    if (plan->method == CLEANUP_NONE)
        return "Cleanup plan: this login may not clean up";
    if (!plan->is_counted)
        return "Cleanup plan: this login may not count what would go; --execute deletes it";
    if (plan->doomed == 0)
        return "Cleanup plan: nothing is past its retention";
    return arena_printf(builder->arena,
                        "Cleanup plan: %" PRId64 " of %" PRId64
                        " operations would go; --execute deletes them",
                        plan->doomed, plan->operations);
}

/* ---- a line each ----------------------------------------------------------------------------- */

/* "66 succeeded, 18 failed, 1 ended unexpectedly" */
static const char *statuses_line(const Builder *builder)
{
    const CleanupPlan *plan = builder->plan;
    Buf line = BUF(LINE_MAX_BYTES);

    for (size_t i = 0; i < plan->status_count; i++)
        if (plan->statuses[i].doomed > 0)
            buf_printf(&line, "%s%" PRId64 " %s", line.len > 0 ? ", " : "",
                       plan->statuses[i].doomed, status_name(plan->statuses[i].status));
    const char *text = words_taken(&line, builder->arena);
    return *text ? text : NULL;
}

static const char *zombies_line(const Builder *builder)
{
    size_t count = builder->plan->zombies.count;

    return count > 0
               ? arena_printf(builder->arena,
                              "%zu live operation%s silent for a day stay%s: ssisminer doctor",
                              count, words_plural((int64_t)count), count == 1 ? "s" : "")
               : NULL;
}

static const char *gaps_line(const Builder *builder)
{
    size_t count = builder->plan->gap_count;

    return count > 0 ? arena_printf(builder->arena,
                                    "%zu foreign key%s without one slow%s deletes down: --all",
                                    count, words_plural((int64_t)count), count == 1 ? "s" : "")
                     : NULL;
}

static void add_line(Builder *builder, const char *key, const char *heading, const char *line)
{
    if (line)
        report_fact(builder->report, FOR_SCREEN, key, heading, value_text(line));
}

/* ---- tables and rights ----------------------------------------------------------------------- */

static int most_rows_first(const void *a, const void *b)
{
    const CleanupTable *x = *(const CleanupTable *const *)a, *y = *(const CleanupTable *const *)b;

    if (x->doomed_rows != y->doomed_rows)
        return x->doomed_rows > y->doomed_rows ? -1 : 1;
    return (x > y) - (x < y);
}

/* clang-format off */
#define TABLE_COLUMNS(COLUMN) \
    COLUMN("table", "table", value_text(list[i]->name), .tone = TONE_STRONG) \
    COLUMN("doomed_rows", "rows that go", value_count(list[i]->doomed_rows), .align_right = true) \
    COLUMN("rows", "of", list[i]->rows < 0 ? value_none() : value_count(list[i]->rows), .align_right = true) \
    COLUMN("doomed_bytes", "size (estimate)", kb_or_none(list[i]->doomed_kb), .align_right = true)
/* clang-format on */

static void list_tables(Builder *builder)
{
    static const Column columns[] = {TABLE_COLUMNS(COLUMN_ENTRY)};
    const CleanupPlan *plan = builder->plan;
    const CleanupTable *list[CLEANUP_TABLES_MAX];
    Section *section = report_section(builder->report, FOR_SCREEN, "tables", NULL, LAYOUT_TABLE,
                                      columns, ARRAY_LEN(columns), NULL);
    size_t count = 0;

    for (size_t i = 0; i < plan->table_count; i++)
        if (plan->tables[i].doomed_rows > 0)
            list[count++] = &plan->tables[i];
    qsort(list, count, sizeof(*list), most_rows_first);
    for (size_t i = 0; i < count && i < REPORT_SCREEN_LINES; i++)
        row_set_all(section_row(section), ROW_VALUES(TABLE_COLUMNS));
    section_set_rest(section, "table", "tables", count);
}

/* clang-format off */
#define GRANT_COLUMNS(COLUMN) \
    COLUMN("statement", "statement", value_text(plan->grants[i]), .use = COLUMN_PLAIN)
/* clang-format on */

static void list_grants(Builder *builder)
{
    static const Column columns[] = {GRANT_COLUMNS(COLUMN_ENTRY)};
    const CleanupPlan *plan = builder->plan;
    Section *section = report_section(builder->report, FOR_SCREEN, "grants",
                                      "Rights that are missing; a database owner can grant them",
                                      LAYOUT_LIST, columns, ARRAY_LEN(columns), NULL);

    for (size_t i = 0; i < plan->grant_count; i++)
        row_set_all(section_row(section), ROW_VALUES(GRANT_COLUMNS));
    section_set_rest(section, "right", "rights", plan->grant_count);
}

void cleanup_screen(Builder *builder)
{
    report_screen(builder->report, headline(builder), cleanup_server_line(builder), NULL);
    report_screen_warnings(builder->report);
    cleanup_screen_facts(builder);
    add_line(builder, "statuses_line", "by status", statuses_line(builder));
    add_line(builder, "zombies_line", "dead", zombies_line(builder));
    add_line(builder, "gaps_line", "indexes", gaps_line(builder));
    list_grants(builder);
    list_tables(builder);
}
