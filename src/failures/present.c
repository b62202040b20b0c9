/* The answer as a report: what people read first stands first. */
#include "present.h"

#include "ssisminer/ssisdb/ends.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- texts ----------------------------------------------------------------------------------- */

const char *present_taken(Buf *buf, Arena *arena)
{
    const char *text = buf->len > 0 ? arena_copy(arena, buf->text, buf->len) : NULL;

    buf_done(buf);
    return text;
}

const char *present_kind(CauseKind kind)
{
    switch (kind) {
    case CAUSE_KNOWN:
        return "known";
    case CAUSE_UNKNOWN:
        return "unknown";
    case CAUSE_SILENT:
        return "silent";
    }
    return "";
}

/* ---- head ------------------------------------------------------------------------------------ */

static const char *server_line(const Builder *builder)
{
    const Ssisdb *db = builder->view->db;
    Buf line = BUF(PRESENT_LINE_MAX);

    buf_puts(&line, ssisdb_title(db, builder->arena));
    if (db->schema_build)
        buf_printf(&line, ", build %s", db->schema_build);
    return present_taken(&line, builder->arena);
}

static const char *window_line(const Builder *builder)
{
    const FailuresQuestion *q = builder->view->question;

    if (!q->since.is_set)
        return "any time";
    return arena_printf(builder->arena, "ended %s",
                        words_window(q->since, q->until, builder->view->now, builder->arena));
}

static size_t list_roles(const Ssisdb *db, const char **roles)
{
    size_t count = 0;

    if (db->is_sysadmin)
        roles[count++] = "sysadmin";
    if (db->is_ssis_admin)
        roles[count++] = "ssis_admin";
    if (db->is_logreader)
        roles[count++] = "ssis_logreader";
    if (db->is_db_owner)
        roles[count++] = "db_owner";
    return count;
}

enum { ROLES_MAX = 4 };

static const char *login_line(const Builder *builder, const char *const *roles, size_t count)
{
    const Ssisdb *db = builder->view->db;
    Buf line = BUF(PRESENT_LINE_MAX);

    buf_printf(&line, "%s (", words_or_unknown(db->login_name));
    for (size_t i = 0; i < count; i++)
        buf_printf(&line, "%s%s", i ? ", " : "", roles[i]);
    buf_printf(&line, "%s) sees %s", count ? "" : "no role",
               db->sees_all ? "every execution" : "only some executions");
    return present_taken(&line, builder->arena);
}

int64_t present_total(const Failures *failures, int status)
{
    for (size_t i = 0; i < failures->total_count; i++)
        if (failures->totals[i].status == status)
            return failures->totals[i].executions;
    return 0;
}

/* What needs a look comes first. */
const char *present_status(const Builder *builder)
{
    static const int order[] = {
        STATUS_FAILED,    STATUS_ENDED_UNEXPECTEDLY, STATUS_CANCELED, STATUS_RUNNING,
        STATUS_PENDING,   STATUS_STOPPING,           STATUS_CREATED,  STATUS_SUCCEEDED,
        STATUS_COMPLETED,
    };
    Buf line = BUF(PRESENT_LINE_MAX);

    if (builder->failures->total_count == 0)
        buf_puts(&line, "no execution in the window");
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        int64_t count = present_total(builder->failures, order[i]);
        if (count > 0)
            buf_printf(&line, "%s%" PRId64 " %s", line.len ? ", " : "", count,
                       status_name(order[i]));
    }
    return present_taken(&line, builder->arena);
}

/* One line, and only where there is something to see. */
static void add_duplicates(Builder *builder)
{
    const FailuresDuplicates *found = &builder->view->duplicates;

    if (found->groups > 0)
        report_fact(builder->report, FOR_PEOPLE, "duplicates", "duplicates",
                    value_text(arena_printf(
                        builder->arena,
                        "%zu failed execution%s in %zu group%s of packages triggered more than "
                        "once; ssisminer duplicates shows them",
                        found->failures, words_plural((int64_t)found->failures), found->groups,
                        words_plural((int64_t)found->groups))));
    report_fact(builder->report, FOR_DATA, "duplicate_failures",
                "failed executions in groups of duplicates",
                found->is_known ? value_count((int64_t)found->failures) : value_none());
    report_fact(builder->report, FOR_DATA, "duplicate_groups", "groups of duplicates with failures",
                found->is_known ? value_count((int64_t)found->groups) : value_none());
}

static void add_facts(Builder *builder)
{
    const FailuresView *view = builder->view;
    const Ssisdb *db = view->db;
    Report *report = builder->report;
    const char **roles = arena_alloc_array(builder->arena, ROLES_MAX, sizeof(*roles));
    size_t role_count = list_roles(db, roles);

    report_fact(report, FOR_DATA, "generated_at", "generated at", value_time(view->now));
    report_fact(report, FOR_PEOPLE, "server_line", "server", value_text(server_line(builder)));
    report_fact(report, FOR_DATA, "server", "server", value_text(db->server_name));
    report_fact(report, FOR_DATA, "database", "database", value_text(db->database_name));
    report_fact(report, FOR_DATA, "flavor", "flavor", value_text(ssisdb_flavor(db)));
    report_fact(report, FOR_DATA, "product_version", "version", value_text(db->product_version));
    report_fact(report, FOR_DATA, "ssisdb_schema_version", "schema version",
                value_text(db->schema_version));
    report_fact(report, FOR_DATA, "ssisdb_schema_build", "schema build",
                value_text(db->schema_build));
    report_fact(report, FOR_PEOPLE, "login_line", "login",
                value_text(login_line(builder, roles, role_count)));
    report_fact(report, FOR_DATA, "login", "login", value_text(db->login_name));
    report_fact(report, FOR_DATA, "roles", "roles", value_texts(roles, role_count));
    report_fact(report, FOR_DATA, "sees_all", "login sees every execution",
                value_flag(db->sees_all));
    report_fact(report, FOR_PEOPLE, "window", "window", value_text(window_line(builder)));
    report_fact(report, FOR_DATA, "since", "start of the window",
                value_time(view->question->since));
    report_fact(report, FOR_DATA, "until", "end of the window", value_time(view->question->until));
    if (builder->failures->totals || view->question->filter.id_count == 0)
        report_fact(report, FOR_PEOPLE, "status", "executions",
                    value_text(present_status(builder)));
    report_fact(report, FOR_DATA, "failed_executions", "executions that failed as asked for",
                value_count((int64_t)builder->failures->execution_count));
    report_fact(report, FOR_DATA, "failed_operations", "other operations that failed as asked for",
                value_count((int64_t)builder->failures->operation_count));
    add_duplicates(builder);
}

static void warn(Builder *builder)
{
    const Ssisdb *db = builder->view->db;
    const char *doubt = ends_warning(builder->failures->doubted_count, builder->arena);

    if (!db->sees_all)
        report_warning(
            builder->report,
            "incomplete: login '%s' is not in role %s, so executions that others started are "
            "missing here",
            words_or_unknown(db->login_name), ssisdb_reading_role(db));
    if (doubt)
        report_warning(builder->report, "%s", doubt);
    for (size_t i = 0; i < builder->failures->missing.count; i++)
        report_warning(builder->report, "incomplete: %s could not be read: %s",
                       builder->failures->missing.list[i].what,
                       builder->failures->missing.list[i].why);
}

/* ---- totals ---------------------------------------------------------------------------------- */

/* clang-format off */
#define TOTAL_COLUMNS(COLUMN) \
    COLUMN("status", "status", value_text(arena_text(builder->arena, status_name(total->status)))) \
    COLUMN("status_code", "code", value_id(total->status)) \
    COLUMN("executions", "executions of the window by status", value_count(total->executions))
/* clang-format on */

static const Column total_columns[] = {TOTAL_COLUMNS(COLUMN_ENTRY)};

static void add_totals(Builder *builder)
{
    Section *section = report_section(builder->report, FOR_DATA, "totals", "Executions",
                                      LAYOUT_TABLE, total_columns, ARRAY_LEN(total_columns), NULL);

    for (size_t i = 0; i < builder->failures->total_count; i++) {
        const StatusTotal *total = &builder->failures->totals[i];
        row_set_all(section_row(section), ROW_VALUES(TOTAL_COLUMNS));
    }
}

/* ---- where to look next ---------------------------------------------------------------------- */

#define NEXT_COLUMNS(COLUMN) COLUMN("next", "next", value_text(text), .use = COLUMN_PLAIN)

static void add_next(Builder *builder)
{
    static const Column columns[] = {NEXT_COLUMNS(COLUMN_ENTRY)};
    const Failures *failures = builder->failures;
    size_t i = 0;

    while (i < failures->count && !failures->list[i].is_execution)
        i++;
    if (i == failures->count || builder->view->question->all_messages)
        return;
    Section *section = report_section(builder->report, FOR_PEOPLE, "next", NULL, LAYOUT_PROSE,
                                      columns, ARRAY_LEN(columns), NULL);
    const char *text = arena_printf(
        builder->arena, "Everything that one of them said: add --details --execution %" PRId64,
        failures->list[i].id);
    row_set_all(section_row(section), ROW_VALUES(NEXT_COLUMNS));
}

/* The critical ones before the others, of both what is new; else the most frequent first, as they
 * come. */
static void rank_causes(Builder *builder)
{
    const Failures *failures = builder->failures;
    size_t count = failures->cause_count;
    unsigned *ranks = arena_alloc_array(builder->arena, count, sizeof(*ranks));

    builder->ranked = arena_alloc_array(builder->arena, count, sizeof(FailureCause *));
    for (size_t i = 0; i < count; i++)
        ranks[i] = news_rank(failures->causes[i].severity == SIG_CRITICAL,
                             builder->news[i].new_packages > 0);
    const size_t *order = news_order(ranks, count, builder->arena);
    for (size_t i = 0; i < count; i++)
        builder->ranked[i] = &failures->causes[order[i]];
}

Report *failures_report(const Failures *failures, const FailuresView *view, Arena *arena)
{
    Builder builder = {.failures = failures,
                       .view = view,
                       .arena = arena,
                       .report = report_new(arena, "report", "SSIS failures")};

    builder.news = failures_cause_news(failures, view->news, arena, &builder.new_count);
    rank_causes(&builder);

    add_facts(&builder);
    warn(&builder);
    add_totals(&builder);
    present_charts(&builder);
    present_causes(&builder);
    news_tell(view->news, builder.report, "new_causes", (int64_t)builder.new_count);
    present_executions(&builder);
    present_operations(&builder);
    present_packages(&builder);
    present_remedies(&builder);
    add_next(&builder);
    present_screen(&builder);
    return builder.report;
}
