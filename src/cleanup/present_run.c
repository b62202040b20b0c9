/* What a run did, as sections and facts of the report. */
#include "present.h"

#include "ssisminer/base/sat.h"
#include "ssisminer/report/chart.h"
#include "ssisminer/report/words.h"

#include <inttypes.h>
#include <stdlib.h>

enum { SPARE_WORTH_KB = 1024 }; // of emptied pages, to be told of

static const char *end_line(const Builder *builder)
{
    const CleanupRun *run = builder->run;
    int64_t left = sat_sub(builder->plan->doomed, run->operations);

    if (run->end == CLEANUP_DONE)
        return "done";
    if (builder->plan->method == CLEANUP_BATCHED && left > 0)
        return arena_printf(builder->arena,
                            "stopped early (%s): %" PRId64
                            " operation%s remain; the next run goes on",
                            cleanup_end_text(run->end), left, words_plural(left));
    return arena_printf(builder->arena, "stopped early (%s); the next run goes on",
                        cleanup_end_text(run->end));
}

/* "Stopped early (time limit): 1200 operations deleted with 43100 rows, 989 remain" */
void present_run_headline(Builder *builder)
{
    const CleanupRun *run = builder->run;
    int64_t left = sat_sub(builder->plan->doomed, run->operations);
    Buf line = BUF(512);

    if (run->end != CLEANUP_DONE)
        buf_printf(&line, "%s (%s): ", run->end == CLEANUP_FAILED ? "Failed" : "Stopped early",
                   cleanup_end_text(run->end));
    if (run->rows == 0)
        buf_puts(&line, run->end == CLEANUP_DONE ? "Nothing to delete" : "nothing was deleted");
    else
        buf_printf(&line, "%" PRId64 " operation%s deleted with %" PRId64 " rows", run->operations,
                   words_plural(run->operations), run->rows);
    if (run->end != CLEANUP_DONE && builder->plan->is_counted && left > 0)
        buf_printf(&line, ", %" PRId64 " remain", left);
    report_screen(builder->report, words_taken(&line, builder->arena), cleanup_server_line(builder),
                  NULL);
    report_screen_warnings(builder->report);
}

static const char *longest_line(const Builder *builder)
{
    const CleanupRun *run = builder->run;

    return arena_printf(builder->arena, "%" PRId64 " ms (%s)", run->longest_ms,
                        words_or_unknown(run->longest_table));
}

static int64_t rows_per_second(const CleanupRun *run)
{
    return run->elapsed_ms > 0 ? sat_of((double)run->rows * 1000 / (double)run->elapsed_ms)
                               : run->rows;
}

void present_run_facts(Builder *builder)
{
    const CleanupRun *run = builder->run;
    Report *report = builder->report;

    report_fact(report, FOR_PEOPLE, "end_line", "outcome", value_text(end_line(builder)));
    report_fact(report, FOR_DATA, "end", "outcome", value_text(cleanup_end_text(run->end)));
    report_fact(report, FOR_ALL, "deleted_operations", "operations deleted",
                value_count(run->operations));
    report_fact(report, FOR_ALL, "deleted_rows", "rows deleted", value_count(run->rows));
    report_fact(report, FOR_DATA, "cascaded_rows", "of these by cascade",
                value_count(run->cascaded_rows));
    report_fact(report, run->orphan_rows > 0 ? FOR_ALL : FOR_DATA, "orphan_rows",
                "of these without an operation", value_count(run->orphan_rows));
    report_fact(report, FOR_ALL, "elapsed_seconds", "time taken",
                value_duration(sat_mul(run->elapsed_ms, TICKS_PER_MS)));
    report_fact(report, FOR_ALL, "rows_per_second", "rows a second",
                value_count(rows_per_second(run)));
    report_fact(report, FOR_ALL, "statements", "statements", value_count(run->statements));
    if (run->longest_table)
        report_fact(report, FOR_PEOPLE, "longest_line", "longest",
                    value_text(longest_line(builder)));
    report_fact(report, FOR_DATA, "longest_seconds", "longest statement",
                value_duration(sat_mul(run->longest_ms, TICKS_PER_MS)));
    report_fact(report, FOR_DATA, "halved", "batches made smaller by errors",
                value_count(run->halved));
    report_fact(report, run->small_batches > 0 ? FOR_ALL : FOR_DATA, "small_batches",
                "small batches to a busy server", value_count(run->small_batches));
    report_fact(report, FOR_DATA, "blocked_operations", "operations left behind others' locks",
                value_count(run->blocked_operations));
    report_fact(report, FOR_DATA, "uncertain_statements", "statements whose reply was lost",
                value_count(run->uncertain));
    report_fact(report, FOR_DATA, "sessions", "connections made", value_count(run->sessions));
    report_fact(report, run->keys_dropped > 0 ? FOR_ALL : FOR_DATA, "keys_dropped",
                "keys and certificates dropped", value_count(run->keys_dropped));
    report_fact(report, FOR_DATA, "project_versions", "project versions were purged",
                value_flag(run->versions_done));
}

/* ---- warnings -------------------------------------------------------------------------------- */

/* Pages are the server's, bytes people's. */
static const char *bytes_text(Builder *builder, int64_t kb)
{
    return kb < 10 * 1024 ? arena_printf(builder->arena, "%" PRId64 " KiB", kb)
                          : arena_printf(builder->arena, "%" PRId64 " MiB", kb / 1024);
}

static void warn_of_heaps(Builder *builder)
{
    const CleanupRun *run = builder->run;

    for (size_t i = 0; i < run->heap_count; i++) {
        const CleanupHeap *heap = &run->heaps[i];
        if (heap->error)
            report_warning(builder->report, "internal.%s was not rebuilt: %s", heap->name,
                           heap->error);
        else if (heap->rebuilt_kb < 0 && heap->spare_kb >= SPARE_WORTH_KB)
            report_warning(builder->report,
                           "internal.%s keeps about %s of emptied pages: a DELETE does not give "
                           "back those of a heap. --rebuild-heaps does (ALTER TABLE … REBUILD: "
                           "writes about %s to the log, and locks the table where the edition "
                           "cannot do it ONLINE)",
                           heap->name, bytes_text(builder, heap->spare_kb),
                           bytes_text(builder, sat_sub(heap->after_kb, heap->spare_kb)));
    }
}

/* One night before the time limit stops sufficing, and every night after. */
static void warn_of_nights(Builder *builder)
{
    const CleanupPlan *plan = builder->plan;
    const CleanupRun *run = builder->run;
    char took[TIME_TEXT_MAX], limit[TIME_TEXT_MAX];
    int64_t next_ms = cleanup_next_night_ms(plan, run), limit_ms = plan->wish->time_limit_ms;
    int64_t nights = cleanup_nights(plan, run);

    if (run->end == CLEANUP_DONE && limit_ms > 0 && next_ms > limit_ms) {
        time_duration_text(sat_mul(next_ms, TICKS_PER_MS), took);
        time_duration_text(sat_mul(limit_ms, TICKS_PER_MS), limit);
        report_warning(builder->report,
                       "about %.0f operations come due a day, which takes %s at this rate: the "
                       "time limit of %s will not suffice",
                       cleanup_daily_operations(plan), took, limit);
    } else if (run->end != CLEANUP_DONE && run->rows > 0 && nights > 0) {
        report_warning(builder->report, "at this rate %" PRId64 " more night%s until done", nights,
                       words_plural(nights));
    } else if (run->end != CLEANUP_DONE && run->rows > 0 && nights < 0) {
        report_warning(builder->report,
                       "at this rate never done: a night like this deletes %" PRId64
                       " operations (%" PRId64 " rows), and about %.0f operations come due a day",
                       run->operations, run->rows, cleanup_daily_operations(plan));
    }
}

void present_run_warnings(Builder *builder)
{
    const CleanupRun *run = builder->run;

    if (run->blocked_operations > 0)
        report_warning(builder->report,
                       "%" PRId64 " operation%s left: other sessions hold locks on their rows",
                       run->blocked_operations, words_plural(run->blocked_operations));
    if (run->unarchived > 0)
        report_warning(builder->report,
                       "%" PRId64 " operation%s left: they could not be archived, since other "
                       "sessions hold locks on their rows",
                       run->unarchived, words_plural(run->unarchived));
    if (run->uncertain > 0)
        report_warning(builder->report,
                       "the reply to %" PRId64 " statement%s was lost with a connection: more rows "
                       "may have gone than were counted",
                       run->uncertain, words_plural(run->uncertain));
    if (builder->plan->method == CLEANUP_BATCHED)
        warn_of_nights(builder);
    warn_of_heaps(builder);
    if (run->keys_error)
        report_warning(builder->report, "keys or certificates of deleted executions are left: %s",
                       run->keys_error);
}

/* ---- tables ---------------------------------------------------------------------------------- */

/* clang-format off */
#define RUN_COLUMNS(COLUMN) \
    COLUMN("table", "table", value_text(plan->tables[i].name)) \
    COLUMN("deleted_rows", "rows deleted", value_count(table->rows), .align_right = true) \
    COLUMN("statements", "statements", value_count(table->statements), .align_right = true) \
    COLUMN("total_seconds", "time", value_duration(sat_mul(table->total_ms, TICKS_PER_MS)), .align_right = true) \
    COLUMN("longest_seconds", "longest", value_duration(sat_mul(table->longest_ms, TICKS_PER_MS)), .align_right = true)
/* clang-format on */

static const Column run_columns[] = {RUN_COLUMNS(COLUMN_ENTRY)};

static int most_rows_first(const void *a, const void *b)
{
    const CleanupTableRun *x = *(const CleanupTableRun *const *)a,
                          *y = *(const CleanupTableRun *const *)b;

    if (x->rows != y->rows)
        return x->rows > y->rows ? -1 : 1;
    return (x > y) - (x < y);
}

static void draw_tables(const Builder *builder, Section *section)
{
    enum { DRAWN = 10 };
    static const ChartSeries series[] = {{"rows deleted", HUE_1}};
    const CleanupTableRun *tables[CLEANUP_TABLES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < builder->plan->table_count; i++)
        if (builder->run->tables[i].rows > 0)
            tables[count++] = &builder->run->tables[i];
    if (count < 2)
        return;
    qsort(tables, count, sizeof(*tables), most_rows_first);
    Chart *chart = section_chart(section, &(ChartSpec){
                                              .kind = CHART_RANK,
                                              .unit = VALUE_COUNT,
                                              .title = "Rows deleted by table, the most first",
                                              .points = "table",
                                              .series = series,
                                              .series_count = ARRAY_LEN(series),
                                          });
    for (size_t i = 0; i < count && i < DRAWN; i++)
        chart_add(chart,
                  chart_point(chart, builder->plan->tables[tables[i] - builder->run->tables].name),
                  0, (double)tables[i]->rows);
}

/* What waits and locks did to it shows as a gap. */
static void draw_slices(const Builder *builder)
{
    static const ChartSeries series[] = {{"rows deleted", HUE_1}};
    const CleanupSlices *slices = &builder->run->slices;
    size_t count = CLEANUP_SLICES;

    while (count > 0 && slices->rows[count - 1] == 0)
        count--;
    if (count < 2)
        return;
    Chart *chart =
        report_chart(builder->report, &(ChartSpec){
                                          .kind = CHART_BARS,
                                          .unit = VALUE_COUNT,
                                          .title = "Rows deleted, by the time of the run",
                                          .points = "after",
                                          .series = series,
                                          .series_count = ARRAY_LEN(series),
                                      });
    for (size_t i = 0; i < count; i++) {
        int64_t from = sat_mul(sat_mul((int64_t)i, slices->width_ms), TICKS_PER_MS);
        chart_add(chart, chart_point(chart, words_length(from, builder->arena)), 0,
                  (double)slices->rows[i]);
    }
}

void present_run_tables(Builder *builder)
{
    const CleanupPlan *plan = builder->plan;
    Section *section = report_section(builder->report, FOR_ALL, "tables", "Tables", LAYOUT_TABLE,
                                      run_columns, ARRAY_LEN(run_columns), NULL);

    section_set_primary(section);
    draw_slices(builder);
    draw_tables(builder, section);
    for (size_t i = 0; i < plan->table_count; i++) {
        const CleanupTableRun *table = &builder->run->tables[i];
        row_set_all(section_row(section), ROW_VALUES(RUN_COLUMNS));
    }
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* clang-format off */
#define HEAP_COLUMNS(COLUMN) \
    COLUMN("table", "heap", value_text(heap->name)) \
    COLUMN("rows", "rows left", value_count(heap->rows), .audience = FOR_DATA) \
    COLUMN("bytes_before", "before", kb_or_none(heap->before_kb), .align_right = true) \
    COLUMN("bytes_after", "after", kb_or_none(heap->after_kb), .align_right = true) \
    COLUMN("spare_bytes", "emptied", kb_or_none(heap->spare_kb), .align_right = true) \
    COLUMN("bytes_rebuilt", "rebuilt", kb_or_none(heap->rebuilt_kb), .align_right = true)
/* clang-format on */

static const Column heap_columns[] = {HEAP_COLUMNS(COLUMN_ENTRY)};

void present_run_heaps(Builder *builder)
{
    const CleanupRun *run = builder->run;
    Section *section = report_section(builder->report, FOR_ALL, "heaps",
                                      "Heaps, whose pages a DELETE does not give back",
                                      LAYOUT_TABLE, heap_columns, ARRAY_LEN(heap_columns), NULL);

    for (size_t i = 0; i < run->heap_count; i++) {
        const CleanupHeap *heap = &run->heaps[i];
        row_set_all(section_row(section), ROW_VALUES(HEAP_COLUMNS));
    }
}

/* clang-format off */
#define WAIT_COLUMNS(COLUMN) \
    COLUMN("reason", "waited because", value_text(run->waits[i].reason)) \
    COLUMN("count", "times", value_count(run->waits[i].count), .align_right = true) \
    COLUMN("seconds", "together", value_duration(sat_mul(run->waits[i].ms, TICKS_PER_MS)), .align_right = true)
/* clang-format on */

static const Column wait_columns[] = {WAIT_COLUMNS(COLUMN_ENTRY)};

void present_run_waits(Builder *builder)
{
    const CleanupRun *run = builder->run;
    Section *section = report_section(builder->report, FOR_ALL, "waits", "Waits", LAYOUT_TABLE,
                                      wait_columns, ARRAY_LEN(wait_columns), NULL);

    for (size_t i = 0; i < run->wait_count; i++)
        row_set_all(section_row(section), ROW_VALUES(WAIT_COLUMNS));
}
