/* The plan, or the run, as a report. */
#include "present.h"

#include "ssisminer/base/sat.h"
#include "ssisminer/report/chart.h"
#include "ssisminer/report/words.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static Value count_or_none(int64_t count)
{
    return count < 0 ? value_none() : value_count(count);
}

/* ---- head ------------------------------------------------------------------------------------ */

const char *cleanup_server_line(const Builder *builder)
{
    const Ssisdb *db = builder->plan->db;

    return arena_printf(builder->arena, "%s, login %s", ssisdb_title(db, builder->arena),
                        words_or_unknown(db->login_name));
}

static const char *retention_line(const Builder *builder)
{
    const CleanupPlan *plan = builder->plan;
    char all[TIME_TEXT_MAX], failed[TIME_TEXT_MAX], text[TIME_TEXT_MAX];

    time_duration_text(plan->keep_ticks, all);
    time_duration_text(plan->keep_failed_ticks, failed);
    report_time_text(plan->cutoff, text);
    const char *line = arena_printf(builder->arena, "%s (%s): what ended before %s goes", all,
                                    plan->keep_origin, text);
    if (plan->wish->keep_failed_ticks == 0)
        return line;
    return arena_printf(builder->arena, "%s; failures are kept for %s (%s)", line, failed,
                        plan->keep_failed_origin);
}

static const char *method_line(const Builder *builder)
{
    return arena_printf(builder->arena, "%s: %s", cleanup_method_name(builder->plan->method),
                        words_or_unknown(builder->plan->method_reason));
}

static const char *doomed_line(const Builder *builder)
{
    const CleanupPlan *plan = builder->plan;

    if (!plan->is_counted)
        return "unknown: the login may not read the log";
    const char *line = arena_printf(
        builder->arena, "%" PRId64 " of %" PRId64 " operations (%" PRId64 " execution%s)",
        plan->doomed, plan->operations, plan->doomed_executions,
        words_plural(plan->doomed_executions));
    if (plan->doomed_rows < 0 || plan->doomed == 0)
        return line;
    return arena_printf(builder->arena, "%s with %s%" PRId64 " rows", line,
                        plan->is_exact ? "" : "about ", plan->doomed_rows);
}

static const char *kept_line(const Builder *builder)
{
    const CleanupPlan *plan = builder->plan;
    const char *line = arena_printf(builder->arena, "%" PRId64 " young enough, %" PRId64 " live",
                                    plan->young, plan->live);

    if (plan->filtered_out > 0)
        line = arena_printf(builder->arena, "%s, %" PRId64 " outside the filter", line,
                            plan->filtered_out);
    if (plan->undated > 0)
        line =
            arena_printf(builder->arena, "%s, %" PRId64 " without any time", line, plan->undated);
    if (plan->unknown_status > 0)
        line = arena_printf(builder->arena, "%s, %" PRId64 " in an unknown state", line,
                            plan->unknown_status);
    return line;
}

static const char *list_globs(Arena *arena, const char *line, const char *what,
                              const char *const *globs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        line = arena_printf(arena, "%s%s%s %s", line, *line ? ", " : "", what, globs[i]);
    return line;
}

const char *cleanup_filter_text(const CleanupPlan *plan, Arena *arena)
{
    const ExecutionFilter *filter = &plan->wish->filter;
    const char *line = "";

    line = list_globs(arena, line, "folder", filter->folders, filter->folder_count);
    line = list_globs(arena, line, "project", filter->projects, filter->project_count);
    line = list_globs(arena, line, "package", filter->packages, filter->package_count);
    return *line ? line : NULL;
}

/* A guess before the first measurement: small batches over a network, a second each at most. */
enum { ASSUMED_ROWS_PER_SECOND = 4000 };

static int64_t estimated_ticks(const CleanupPlan *plan)
{
    int64_t per_second = plan->wish->batch_rows < ASSUMED_ROWS_PER_SECOND ? plan->wish->batch_rows
                                                                          : ASSUMED_ROWS_PER_SECOND;

    if (plan->doomed_rows < 0 || per_second < 1)
        return -1;
    return sat_mul(plan->doomed_rows / per_second + 1, TICKS_PER_SECOND);
}

static void add_server_facts(Builder *builder)
{
    const Ssisdb *db = builder->plan->db;
    Report *report = builder->report;

    report_fact(report, FOR_PEOPLE, "server_line", "server",
                value_text(cleanup_server_line(builder)));
    report_fact(report, FOR_DATA, "server", "server", value_text(db->server_name));
    report_fact(report, FOR_DATA, "database", "database", value_text(db->database_name));
    report_fact(report, FOR_DATA, "login", "login", value_text(db->login_name));
}

static void add_plan_facts(Builder *builder)
{
    const CleanupPlan *plan = builder->plan;
    Report *report = builder->report;
    const char *filter = cleanup_filter_text(plan, builder->arena);

    report_fact(report, FOR_PEOPLE, "retention", "keeps", value_text(retention_line(builder)));
    if (filter)
        report_fact(report, FOR_ALL, "filter", "only", value_text(filter));
    report_fact(report, FOR_DATA, "keep_seconds", "kept", value_duration(plan->keep_ticks));
    report_fact(report, FOR_DATA, "keep_from", "who says so", value_text(plan->keep_origin));
    report_fact(report, FOR_DATA, "keep_failed_seconds", "kept of failures",
                value_duration(plan->keep_failed_ticks));
    report_fact(report, FOR_DATA, "keep_failed_from", "who says so",
                value_text(plan->keep_failed_origin));
    report_fact(report, FOR_DATA, "cutoff", "cutoff", value_time(plan->cutoff));
    report_fact(report, FOR_DATA, "failed_cutoff", "cutoff of failures",
                value_time(plan->failed_cutoff));
    report_fact(report, FOR_PEOPLE, "method_line", "method", value_text(method_line(builder)));
    report_fact(report, FOR_DATA, "method", "method",
                value_text(cleanup_method_name(plan->method)));
    report_fact(report, FOR_DATA, "method_reason", "why this method",
                value_text(plan->method_reason));
    report_fact(report, FOR_DATA, "executed", "deletes were done",
                value_flag(builder->run != NULL));
}

static void add_count_facts(Builder *builder)
{
    const CleanupPlan *plan = builder->plan;
    Report *report = builder->report;

    report_fact(report, FOR_PEOPLE, "doomed_line", builder->run ? "was to go" : "goes",
                value_text(doomed_line(builder)));
    if (!plan->is_counted)
        return;
    report_fact(report, FOR_PEOPLE, "kept_line", "stays", value_text(kept_line(builder)));
    report_fact(report, FOR_DATA, "operations", "operations in the log",
                value_count(plan->operations));
    report_fact(report, FOR_DATA, "doomed_operations", "operations past their retention",
                value_count(plan->doomed));
    report_fact(report, FOR_DATA, "doomed_executions", "executions past their retention",
                value_count(plan->doomed_executions));
    report_fact(report, FOR_DATA, "doomed_failures", "failures past their retention",
                value_count(plan->doomed_failures));
    report_fact(report, FOR_DATA, "doomed_rows", "rows past their retention",
                count_or_none(plan->doomed_rows));
    report_fact(report, plan->orphan_rows > 0 ? FOR_ALL : FOR_DATA, "planned_orphan_rows",
                "without an operation",
                plan->is_exact ? value_count(plan->orphan_rows) : value_none());
    report_fact(report, FOR_DATA, "rows_are_exact", "rows were counted",
                value_flag(plan->is_exact));
    report_fact(report, FOR_DATA, "live_operations", "live operations, left alone",
                value_count(plan->live));
    report_fact(report, FOR_DATA, "young_operations", "operations within their retention",
                value_count(plan->young));
    report_fact(report, FOR_DATA, "filtered_operations", "operations outside the filter",
                value_count(plan->filtered_out));
    report_fact(report, FOR_DATA, "undated_operations", "operations without any time",
                value_count(plan->undated));
    report_fact(report, FOR_ALL, "oldest", "oldest", value_time(plan->oldest));
    report_fact(report, FOR_ALL, "newest", "newest", value_time(plan->newest));
    if (builder->run)
        return;
    if (plan->doomed_rows < 0)
        report_fact(report, FOR_PEOPLE, "estimate_line", "takes",
                    value_text("unknown: the login may not see how large the tables are"));
    report_fact(report, plan->doomed_rows < 0 ? FOR_DATA : FOR_ALL, "estimated_seconds",
                "takes about", value_duration(estimated_ticks(plan)));
}

void cleanup_screen_facts(Builder *builder)
{
    const CleanupPlan *plan = builder->plan;
    Report *report = builder->report;
    const char *span = words_span(plan->oldest, plan->newest, builder->arena);

    report_fact(report, FOR_SCREEN, "retention", "keeps", value_text(retention_line(builder)));
    report_fact(report, FOR_SCREEN, "filter", "only",
                value_text(cleanup_filter_text(plan, builder->arena)));
    report_fact(report, FOR_SCREEN, "method_line", "method", value_text(method_line(builder)));
    report_fact(report, FOR_SCREEN, "doomed_line", "goes", value_text(doomed_line(builder)));
    report_fact(report, FOR_SCREEN, "span", "from", value_text(span));
    if (!plan->is_counted)
        return;
    report_fact(report, FOR_SCREEN, "kept_line", "stays", value_text(kept_line(builder)));
    if (plan->wish->archive)
        report_fact(report, FOR_SCREEN, "archive_line", "archive",
                    value_text(present_archive_line(builder)));
    if (plan->orphan_rows > 0)
        report_fact(report, FOR_SCREEN, "orphans", "without an operation",
                    plan->is_exact ? value_count(plan->orphan_rows) : value_none());
    if (plan->doomed_rows < 0)
        report_fact(report, FOR_SCREEN, "estimate_line", "takes",
                    value_text("unknown: the login may not see how large the tables are"));
    else
        report_fact(report, FOR_SCREEN, "estimate_line", "takes about",
                    value_duration(estimated_ticks(plan)));
}

/* ---- warnings -------------------------------------------------------------------------------- */

static void warn_of_evidence(Builder *builder)
{
    const CleanupPlan *plan = builder->plan;
    char text[TIME_TEXT_MAX];

    if (plan->doomed_failures == 0 || builder->run || plan->wish->keep_failed_ticks > 0 ||
        plan->wish->archive)
        return;
    report_time_text(plan->newest_failure, text);
    report_warning(builder->report,
                   "%" PRId64 " failed operation%s will lose their messages, the last of %s; "
                   "--keep-failed keeps them longer, --archive in a file",
                   plan->doomed_failures, words_plural(plan->doomed_failures), text);
}

static void warn_of_rights(Builder *builder)
{
    const CleanupPlan *plan = builder->plan;

    if (plan->method != CLEANUP_PROCEDURE && !plan->may_view_definition)
        report_warning(builder->report,
                       "the login may not see every definition (VIEW DEFINITION): tables outside "
                       "schema internal that refer to the log would not be noticed");
    if (plan->method == CLEANUP_BATCHED && !plan->may_view_state)
        report_warning(builder->report,
                       "the login may not see what the server keeps of the database: sizes are "
                       "unknown, and %s for a busy server (see the missing rights)",
                       builder->run ? "the run did not wait" : "a run will not wait");
    if (plan->method == CLEANUP_BATCHED && !plan->sees_sessions)
        report_warning(builder->report,
                       "the login sees no session but its own: whom it blocks it cannot see, and "
                       "%s for them (see the missing rights)",
                       builder->run ? "the run did not wait" : "a run will not wait");
}

/* What the login may see, and the server did not show all the same. */
static void warn_of_the_unseen(Builder *builder)
{
    const CleanupPlan *plan = builder->plan;
    const CleanupRun *run = builder->run;

    if (plan->no_sizes)
        report_warning(builder->report, "sizes are unknown: %s", plan->no_sizes);
    if (run && run->no_load)
        report_warning(builder->report, "the run did not wait for a busy server: %s", run->no_load);
    if (run && run->no_sessions)
        report_warning(builder->report, "the run did not see whom it blocked: %s",
                       run->no_sessions);
}

static void add_warnings(Builder *builder)
{
    const CleanupPlan *plan = builder->plan;

    if (plan->method == CLEANUP_NONE)
        report_warning(builder->report, "nothing can be cleaned: %s", plan->method_reason);
    if (plan->db->is_read_only)
        report_warning(builder->report,
                       "the database is read-only, as a secondary is: a run has to go "
                       "to the primary");
    if (plan->unknown_child)
        report_warning(builder->report,
                       "table %s refers to the operation log and is unknown here: a batched run "
                       "would stop before its first delete",
                       plan->unknown_child);
    warn_of_rights(builder);
    warn_of_the_unseen(builder);
    warn_of_evidence(builder);
    if (builder->run)
        present_run_warnings(builder);
}

/* ---- tables ---------------------------------------------------------------------------------- */

/* clang-format off */
#define PLAN_COLUMNS(COLUMN) \
    COLUMN("table", "table", value_text(table->name)) \
    COLUMN("rows", "rows", count_or_none(table->rows), .align_right = true) \
    COLUMN("bytes", "size", kb_or_none(table->used_kb), .align_right = true) \
    COLUMN("doomed_rows", "rows that go", count_or_none(table->doomed_rows), .align_right = true) \
    COLUMN("doomed_bytes", "size (estimate)", kb_or_none(table->doomed_kb), .align_right = true) \
    COLUMN("is_exact", "counted", \
           value_flag(plan->is_exact || str_same(table->name, "operations")), .audience = FOR_DATA)
/* clang-format on */

static const Column plan_columns[] = {PLAN_COLUMNS(COLUMN_ENTRY)};

static int largest_first(const void *a, const void *b)
{
    const CleanupTable *x = *(const CleanupTable *const *)a, *y = *(const CleanupTable *const *)b;

    return (x->used_kb < y->used_kb) - (x->used_kb > y->used_kb);
}

/* What stays of each of the largest, and what goes. */
static void draw_tables(const Builder *builder, Section *section)
{
    enum { DRAWN = 10 };
    static const ChartSeries series[] = {{"stay", HUE_1}, {"go", HUE_2}};
    const CleanupPlan *plan = builder->plan;
    const CleanupTable **tables =
        arena_alloc_array(builder->arena, plan->table_count + 1, sizeof(*tables));
    Chart *chart = section_chart(section, &(ChartSpec){
                                              .kind = CHART_RANK,
                                              .unit = VALUE_BYTES,
                                              .title = "Bytes by table, the largest first",
                                              .points = "table",
                                              .series = series,
                                              .series_count = ARRAY_LEN(series),
                                          });

    for (size_t i = 0; i < plan->table_count; i++)
        tables[i] = &plan->tables[i];
    qsort(tables, plan->table_count, sizeof(*tables), largest_first);
    for (size_t i = 0; i < plan->table_count && i < DRAWN && tables[i]->used_kb > 0; i++) {
        double all = 1024.0 * (double)tables[i]->used_kb;
        double go = fmin(fmax(0, 1024.0 * (double)tables[i]->doomed_kb), all);
        size_t point = chart_point(chart, tables[i]->name);
        chart_add(chart, point, 0, all - go);
        chart_add(chart, point, 1, go);
    }
}

static void add_planned_tables(Builder *builder)
{
    const CleanupPlan *plan = builder->plan;
    Section *section = report_section(builder->report, FOR_ALL, "tables",
                                      plan->is_exact ? "Tables, in the order of deletion"
                                                     : "Tables, in the order of deletion "
                                                       "(rows are estimates; --exact counts)",
                                      LAYOUT_TABLE, plan_columns, ARRAY_LEN(plan_columns), NULL);

    section_set_primary(section);
    draw_tables(builder, section);
    for (size_t i = 0; i < plan->table_count; i++) {
        const CleanupTable *table = &plan->tables[i];
        if (table->rows < 0 && table->doomed_rows < 0)
            continue; // nothing is known of it
        row_set_all(section_row(section), ROW_VALUES(PLAN_COLUMNS));
    }
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* clang-format off */
#define STATUS_COLUMNS(COLUMN) \
    COLUMN("status", "status", value_text(arena_text(builder->arena, status_name(at->status)))) \
    COLUMN("status_code", "code", value_id(at->status), .audience = FOR_DATA) \
    COLUMN("operations", "operations", value_count(at->operations), .align_right = true) \
    COLUMN("doomed", "go", value_count(at->doomed), .align_right = true)
/* clang-format on */

static const Column status_columns[] = {STATUS_COLUMNS(COLUMN_ENTRY)};

static void add_statuses(Builder *builder)
{
    const CleanupPlan *plan = builder->plan;
    Section *section =
        report_section(builder->report, FOR_ALL, "statuses", "Operations by status", LAYOUT_TABLE,
                       status_columns, ARRAY_LEN(status_columns), NULL);

    for (int status = 0; status <= STATUS_COMPLETED; status++)
        for (size_t i = 0; i < plan->status_count; i++) {
            const CleanupStatus *at = &plan->statuses[i];
            bool is_last = status == STATUS_COMPLETED;
            if (at->status != status && !(is_last && at->status > status))
                continue;
            row_set_all(section_row(section), ROW_VALUES(STATUS_COLUMNS));
        }
}

/* clang-format off */
#define ZOMBIE_COLUMNS(COLUMN) \
    COLUMN("operation_id", "operation", value_id(zombie->id)) \
    COLUMN("status", "status", value_text(arena_text(builder->arena, status_name(zombie->status)))) \
    COLUMN("operation_type", "type", \
           value_text(arena_text(builder->arena, operation_type_name(zombie->type))), .audience = FOR_DATA) \
    COLUMN("object_name", "object", value_text(zombie->object_name), .audience = FOR_DATA) \
    COLUMN("caller", "caller", value_text(zombie->caller), .audience = FOR_DATA) \
    COLUMN("began", "began", value_time(zombie->began)) \
    COLUMN("last_sign", "last sign", value_time(zombie->last_sign))
/* clang-format on */

static const Column zombie_columns[] = {ZOMBIE_COLUMNS(COLUMN_ENTRY)};

static void add_zombies(Builder *builder)
{
    const CleanupPlan *plan = builder->plan;
    Section *section =
        report_section(builder->report, FOR_ALL, "zombies",
                       "Live, and silent for a day: no retention ever removes these", LAYOUT_TABLE,
                       zombie_columns, ARRAY_LEN(zombie_columns), NULL);

    for (size_t i = 0; i < plan->zombies.count; i++) {
        const SilentOperation *zombie = &plan->zombies.list[i];
        row_set_all(section_row(section), ROW_VALUES(ZOMBIE_COLUMNS));
    }
}

/* clang-format off */
#define GAP_COLUMNS(COLUMN) \
    COLUMN("table", "table", value_text(plan->gaps[i].table), .audience = FOR_DATA) \
    COLUMN("column", "column", value_text(plan->gaps[i].column), .audience = FOR_DATA) \
    COLUMN("foreign_key", "foreign key", value_text(plan->gaps[i].key), .audience = FOR_DATA) \
    COLUMN("statement", "index", value_text(plan->gaps[i].statement), .use = COLUMN_PLAIN)
/* clang-format on */

static const Column gap_columns[] = {GAP_COLUMNS(COLUMN_ENTRY)};

static void add_gaps(Builder *builder)
{
    const CleanupPlan *plan = builder->plan;
    Section *section =
        report_section(builder->report, FOR_ALL, "missing_indexes",
                       "Foreign keys without an index, which slows deletes down; these would help",
                       LAYOUT_LIST, gap_columns, ARRAY_LEN(gap_columns), NULL);

    for (size_t i = 0; i < plan->gap_count; i++)
        row_set_all(section_row(section), ROW_VALUES(GAP_COLUMNS));
}

/* clang-format off */
#define GRANT_COLUMNS(COLUMN) \
    COLUMN("statement", "statement", value_text(plan->grants[i]), .use = COLUMN_PLAIN)
/* clang-format on */

static const Column grant_columns[] = {GRANT_COLUMNS(COLUMN_ENTRY)};

static void add_grants(Builder *builder)
{
    const CleanupPlan *plan = builder->plan;
    Section *section =
        report_section(builder->report, FOR_ALL, "grants",
                       "Rights that are missing (a database owner can grant them, unless said "
                       "otherwise)",
                       LAYOUT_LIST, grant_columns, ARRAY_LEN(grant_columns), NULL);

    for (size_t i = 0; i < plan->grant_count; i++)
        row_set_all(section_row(section), ROW_VALUES(GRANT_COLUMNS));
}

/* ---- all of it ------------------------------------------------------------------------------- */

Report *cleanup_report(const CleanupPlan *plan, const CleanupRun *run, Arena *arena)
{
    Builder builder = {.plan = plan,
                       .run = run,
                       .arena = arena,
                       .report = report_new(arena, "cleanup", run ? "Cleanup" : "Cleanup plan")};

    add_server_facts(&builder);
    add_plan_facts(&builder);
    add_count_facts(&builder);
    present_archive_plan(&builder);
    if (run) {
        present_run_headline(&builder);
        present_run_facts(&builder);
        present_archive_run(&builder);
    }
    add_warnings(&builder);
    if (run) {
        present_run_tables(&builder);
        present_run_waits(&builder);
        present_run_heaps(&builder);
    } else {
        add_statuses(&builder);
        add_planned_tables(&builder);
    }
    add_zombies(&builder);
    add_gaps(&builder);
    add_grants(&builder);
    if (!run)
        cleanup_screen(&builder);
    return builder.report;
}
