/* One operation before the rule: which clause keeps it, or that none does. */
#include "selection.h"

#include "ssisminer/asset/rule.h"
#include "ssisminer/base/sat.h"
#include "ssisminer/report/words.h"

#include <inttypes.h>

_Static_assert(SQL_CLEANUP_ONE_OPERATION__COUNT - SQL_CLEANUP_ONE_OPERATION__IS_FINAL ==
                   SQL_RULE_DOOMED_CLAUSES,
               "the statement's last columns are the clauses of the rule");

typedef struct Heard { // what the server says of the operation
    int64_t id;
    const char *what, *name, *status, *caller;
    Instant created, start, end;
    bool holds[SQL_RULE_DOOMED_CLAUSES];
    bool passes; // the filter
} Heard;

static const char *copy(const TdsRows *rows, int column, Arena *arena)
{
    Str text = tds_text(rows, column);

    return text.at ? arena_copy(arena, text.at, text.len) : NULL;
}

/* "Folder/Project/Package.dtsx" of an execution, else the object's name. */
static const char *name_of(const TdsRows *rows, Arena *arena)
{
    Str folder = tds_text(rows, SQL_CLEANUP_ONE_OPERATION__FOLDER_NAME);
    Str project = tds_text(rows, SQL_CLEANUP_ONE_OPERATION__PROJECT_NAME);
    Str package = tds_text(rows, SQL_CLEANUP_ONE_OPERATION__PACKAGE_NAME);

    if (!folder.at || !project.at || !package.at)
        return copy(rows, SQL_CLEANUP_ONE_OPERATION__OBJECT_NAME, arena);
    return arena_printf(arena, "%.*s/%.*s/%.*s", STR_FMT(folder), STR_FMT(project),
                        STR_FMT(package));
}

static Heard hear(const CleanupPlan *plan, int64_t id, const TdsRows *rows, Arena *arena)
{
    int type = sat_int(tds_i64(rows, SQL_CLEANUP_ONE_OPERATION__OPERATION_TYPE));
    int status = sat_int(tds_i64(rows, SQL_CLEANUP_ONE_OPERATION__STATUS));
    Heard heard = {
        .id = id,
        .what = arena_text(arena, operation_type_name(type)),
        .name = name_of(rows, arena),
        .status = arena_printf(arena, "%s (%d)", status_name(status), status),
        .caller = copy(rows, SQL_CLEANUP_ONE_OPERATION__CALLER_NAME, arena),
        .created = tds_time(rows, SQL_CLEANUP_ONE_OPERATION__CREATED_TIME),
        .start = tds_time(rows, SQL_CLEANUP_ONE_OPERATION__START_TIME),
        .end = tds_time(rows, SQL_CLEANUP_ONE_OPERATION__END_TIME),
        .passes = selection_passes(plan, tds_text(rows, SQL_CLEANUP_ONE_OPERATION__FOLDER_NAME),
                                   tds_text(rows, SQL_CLEANUP_ONE_OPERATION__PROJECT_NAME),
                                   tds_text(rows, SQL_CLEANUP_ONE_OPERATION__PACKAGE_NAME)),
    };

    for (int i = 0; i < SQL_RULE_DOOMED_CLAUSES; i++)
        heard.holds[i] = tds_i64(rows, SQL_CLEANUP_ONE_OPERATION__IS_FINAL + i) != 0;
    return heard;
}

static Rc fail_unknown(const CleanupPlan *plan, int64_t id, Err *err)
{
    (void)FAIL(err, RC_USAGE, "the log has no operation %" PRId64, id);
    if (selection_sees_tables(plan) || plan->db->sees_all)
        return err_hint(err,
                        "it may have been cleaned away; 'ssisminer report' lists what there is");
    return err_hint(err,
                    "or this login may not see it: it is in neither %s nor schema internal's "
                    "readers",
                    ssisdb_reading_role(plan->db));
}

static Rc ask(const CleanupPlan *plan, int64_t id, Arena *arena, Heard *ret_heard, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    SqlId statement =
        selection_sees_tables(plan) ? SQL_CLEANUP_ONE_OPERATION : SQL_CLEANUP_ONE_OPERATION_VIEW;
    bool has_row = false;
    const TdsArg args[] = {
        {.name = "operation_id", .i64 = id},
        {.name = "cutoff", .time = plan->cutoff},
        {.name = "failed_cutoff", .time = plan->failed_cutoff},
        {.name = "with_created", .i64 = true},
    };

    TRY(tds_query(plan->db->tds, statement, args, ARRAY_LEN(args), &rows, err));
    TRY(tds_next(rows, &has_row, err));
    if (!has_row)
        return fail_unknown(plan, id, err);
    *ret_heard = hear(plan, id, rows, arena);
    return tds_next(rows, &has_row, err);
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* clang-format off */
#define CLAUSE_COLUMNS(COLUMN) \
    COLUMN("holds", "holds", value_flag(holds)) \
    COLUMN("clause", "clause", value_text(clause->name)) \
    COLUMN("says", "says", value_text(clause->words), .may_wrap = true) \
    COLUMN("condition", "condition", value_text(clause->text), .audience = FOR_DATA)
/* clang-format on */

static const Column columns[] = {CLAUSE_COLUMNS(COLUMN_ENTRY)};

static void add_clause(Section *section, bool holds, const SqlClause *clause)
{
    row_set_all(section_row(section), ROW_VALUES(CLAUSE_COLUMNS));
}

static void add_clauses(Report *report, const CleanupPlan *plan, const Heard *heard)
{
    static const SqlClause filter = {"passes_filter", "it is an execution that passes the filter",
                                     NULL};
    Section *section = report_section(report, FOR_ALL, "clauses",
                                      "The rule: an operation goes when all of these hold",
                                      LAYOUT_TABLE, columns, ARRAY_LEN(columns), NULL);

    section_set_primary(section);
    for (int i = 0; i < SQL_RULE_DOOMED_CLAUSES; i++)
        add_clause(section, heard->holds[i], &sql_rule_doomed[i]);
    if (selection_has_filter(plan))
        add_clause(section, heard->passes, &filter);
}

static bool goes(const Heard *heard)
{
    bool all = heard->passes;

    for (int i = 0; i < SQL_RULE_DOOMED_CLAUSES; i++)
        all = all && heard->holds[i];
    return all;
}

/* The first clause that keeps it. */
static const char *verdict(const Heard *heard, Arena *arena)
{
    if (goes(heard))
        return "it goes with the next cleanup --execute by these options";
    if (!heard->created.is_set && !heard->start.is_set && !heard->end.is_set)
        return "it stays: none of its times is known";
    for (int i = 0; i < SQL_RULE_DOOMED_CLAUSES; i++)
        if (!heard->holds[i])
            return arena_printf(arena, "it stays: not true that %s", sql_rule_doomed[i].words);
    return "it stays: it does not pass the filter";
}

static const char *keeps_line(int64_t ticks, const char *origin, Arena *arena)
{
    char text[TIME_TEXT_MAX];

    time_duration_text(ticks, text);
    return arena_printf(arena, "%s (%s)", text, origin);
}

static void add_facts(Report *report, const CleanupPlan *plan, const Heard *heard, Arena *arena)
{
    report_fact(report, FOR_ALL, "server", "server", value_text(ssisdb_title(plan->db, arena)));
    report_fact(report, FOR_ALL, "operation_id", "operation", value_id(heard->id));
    report_fact(report, FOR_ALL, "verdict", "verdict", value_text(verdict(heard, arena)));
    report_fact(report, FOR_DATA, "goes", "goes", value_flag(goes(heard)));
    report_fact(report, FOR_ALL, "operation_type", "type", value_text(heard->what));
    report_fact(report, FOR_ALL, "object_name", "of", value_text(heard->name));
    report_fact(report, FOR_ALL, "status", "status", value_text(heard->status));
    report_fact(report, FOR_ALL, "caller", "caller", value_text(heard->caller));
    report_fact(report, FOR_ALL, "created_time", "created", value_time(heard->created));
    report_fact(report, FOR_ALL, "start_time", "started", value_time(heard->start));
    report_fact(report, FOR_ALL, "end_time", "ended", value_time(heard->end));
    report_fact(report, FOR_ALL, "cutoff", "cutoff", value_time(plan->cutoff));
    report_fact(report, FOR_ALL, "failed_cutoff", "failures' cutoff",
                value_time(plan->failed_cutoff));
    report_fact(report, FOR_ALL, "keep", "keeps",
                value_text(keeps_line(plan->keep_ticks, plan->keep_origin, arena)));
    if (plan->wish->keep_failed_ticks > 0)
        report_fact(
            report, FOR_ALL, "keep_failed", "keeps failures",
            value_text(keeps_line(plan->keep_failed_ticks, plan->keep_failed_origin, arena)));
}

Rc cleanup_explain(const CleanupPlan *plan, int64_t operation_id, Arena *arena, Report **ret_report,
                   Err *err)
{
    Heard heard = {0};

    if (ask(plan, operation_id, arena, &heard, err) != RC_OK)
        return err_note(err, "asking about operation %" PRId64, operation_id);
    Report *report = report_new(arena, "cleanup", "One operation and the rule of cleanup");
    add_facts(report, plan, &heard, arena);
    add_clauses(report, plan, &heard);
    if (plan->method == CLEANUP_PROCEDURE)
        report_warning(report, "the shipped procedure has a rule of its own; this is the batched "
                               "method's");
    *ret_report = report;
    return RC_OK;
}
