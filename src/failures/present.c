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

static const char *server_line(const Maker *maker)
{
    const Ssisdb *db = maker->view->db;
    Buf line = BUF(PRESENT_LINE_MAX);

    buf_puts(&line, ssisdb_title(db, maker->arena));
    if (db->schema_build)
        buf_printf(&line, ", build %s", db->schema_build);
    return present_taken(&line, maker->arena);
}

static const char *window_line(const Maker *maker)
{
    const FailuresQuestion *q = maker->view->question;

    if (!q->since.is_set)
        return "any time";
    return arena_printf(maker->arena, "ended %s",
                        words_window(q->since, q->until, maker->view->now, maker->arena));
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

static const char *login_line(const Maker *maker, const char *const *roles, size_t count)
{
    const Ssisdb *db = maker->view->db;
    Buf line = BUF(PRESENT_LINE_MAX);

    buf_printf(&line, "%s (", words_or_unknown(db->login_name));
    for (size_t i = 0; i < count; i++)
        buf_printf(&line, "%s%s", i ? ", " : "", roles[i]);
    buf_printf(&line, "%s) sees %s", count ? "" : "no role",
               db->sees_all ? "every execution" : "only some executions");
    return present_taken(&line, maker->arena);
}

int64_t present_total(const Failures *failures, int status)
{
    for (size_t i = 0; i < failures->total_count; i++)
        if (failures->totals[i].status == status)
            return failures->totals[i].executions;
    return 0;
}

/* What needs a look comes first. */
const char *present_status(const Maker *maker)
{
    static const int order[] = {
        STATUS_FAILED,    STATUS_ENDED_UNEXPECTEDLY, STATUS_CANCELED, STATUS_RUNNING,
        STATUS_PENDING,   STATUS_STOPPING,           STATUS_CREATED,  STATUS_SUCCEEDED,
        STATUS_COMPLETED,
    };
    Buf line = BUF(PRESENT_LINE_MAX);

    if (maker->failures->total_count == 0)
        buf_puts(&line, "no execution in the window");
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        int64_t count = present_total(maker->failures, order[i]);
        if (count > 0)
            buf_printf(&line, "%s%" PRId64 " %s", line.len ? ", " : "", count,
                       status_name(order[i]));
    }
    return present_taken(&line, maker->arena);
}

/* One line, and only where there is something to see. */
static void add_duplicates(Maker *maker)
{
    const FailuresDuplicates *found = &maker->view->duplicates;

    if (found->groups > 0)
        report_fact(maker->report, FOR_PEOPLE, "duplicates", "duplicates",
                    value_text(arena_printf(
                        maker->arena,
                        "%zu failed execution%s in %zu group%s of packages triggered more than "
                        "once; ssisminer duplicates shows them",
                        found->failures, words_plural((int64_t)found->failures), found->groups,
                        words_plural((int64_t)found->groups))));
    report_fact(maker->report, FOR_DATA, "duplicate_failures",
                "failed executions in groups of duplicates",
                found->is_known ? value_count((int64_t)found->failures) : value_none());
    report_fact(maker->report, FOR_DATA, "duplicate_groups", "groups of duplicates with failures",
                found->is_known ? value_count((int64_t)found->groups) : value_none());
}

static void add_facts(Maker *maker)
{
    const FailuresView *view = maker->view;
    const Ssisdb *db = view->db;
    Report *report = maker->report;
    const char **roles = arena_alloc_array(maker->arena, ROLES_MAX, sizeof(*roles));
    size_t role_count = list_roles(db, roles);

    report_fact(report, FOR_DATA, "generated_at", "generated at", value_time(view->now));
    report_fact(report, FOR_PEOPLE, "server_line", "server", value_text(server_line(maker)));
    report_fact(report, FOR_DATA, "server", "server", value_text(db->server_name));
    report_fact(report, FOR_DATA, "database", "database", value_text(db->database_name));
    report_fact(report, FOR_DATA, "flavour", "flavour", value_text(ssisdb_flavour(db)));
    report_fact(report, FOR_DATA, "product_version", "version", value_text(db->product_version));
    report_fact(report, FOR_DATA, "ssisdb_schema_version", "schema version",
                value_text(db->schema_version));
    report_fact(report, FOR_DATA, "ssisdb_schema_build", "schema build",
                value_text(db->schema_build));
    report_fact(report, FOR_PEOPLE, "login_line", "login",
                value_text(login_line(maker, roles, role_count)));
    report_fact(report, FOR_DATA, "login", "login", value_text(db->login_name));
    report_fact(report, FOR_DATA, "roles", "roles", value_texts(roles, role_count));
    report_fact(report, FOR_DATA, "sees_all", "login sees every execution",
                value_flag(db->sees_all));
    report_fact(report, FOR_PEOPLE, "window", "window", value_text(window_line(maker)));
    report_fact(report, FOR_DATA, "since", "start of the window",
                value_time(view->question->since));
    report_fact(report, FOR_DATA, "until", "end of the window", value_time(view->question->until));
    if (maker->failures->totals || view->question->filter.id_count == 0)
        report_fact(report, FOR_PEOPLE, "status", "executions", value_text(present_status(maker)));
    report_fact(report, FOR_DATA, "failed_executions", "executions that failed as asked for",
                value_count((int64_t)maker->failures->execution_count));
    report_fact(report, FOR_DATA, "failed_operations", "other operations that failed as asked for",
                value_count((int64_t)maker->failures->operation_count));
    add_duplicates(maker);
}

static void warn(Maker *maker)
{
    const Ssisdb *db = maker->view->db;
    const char *doubt = ends_warning(maker->failures->doubted_count, maker->arena);

    if (!db->sees_all)
        report_warning(
            maker->report,
            "incomplete: login '%s' is not in role %s, so executions that others started are "
            "missing here",
            words_or_unknown(db->login_name), ssisdb_reading_role(db));
    if (doubt)
        report_warning(maker->report, "%s", doubt);
    for (size_t i = 0; i < maker->failures->missing.count; i++)
        report_warning(maker->report, "incomplete: %s could not be read: %s",
                       maker->failures->missing.list[i].what, maker->failures->missing.list[i].why);
}

/* ---- totals ---------------------------------------------------------------------------------- */

/* clang-format off */
#define TOTAL_COLUMNS(COLUMN) \
    COLUMN(STATUS, "status", "status", .use = COLUMN_BODY) \
    COLUMN(CODE, "status_code", "code", .audience = FOR_ALL) \
    COLUMN(EXECUTIONS, "executions", "executions of the window by status", .audience = FOR_ALL)
/* clang-format on */

#define COLUMN(id, ...) PRESENT_ENUM(TOTAL, id),
enum { TOTAL_COLUMNS(COLUMN) };
#undef COLUMN

#define COLUMN(id, ...) PRESENT_SPEC(TOTAL, id, __VA_ARGS__),
static const Column total_columns[] = {TOTAL_COLUMNS(COLUMN)};
#undef COLUMN

static void add_totals(Maker *maker)
{
    Section *section = report_section(maker->report, FOR_DATA, "totals", "Executions", LAYOUT_TABLE,
                                      total_columns, ARRAY_LEN(total_columns), NULL);

    for (size_t i = 0; i < maker->failures->total_count; i++) {
        const StatusTotal *total = &maker->failures->totals[i];
        Row *row = section_row(section);
        row_set(row, TOTAL_STATUS,
                value_text(arena_text(maker->arena, status_name(total->status))));
        row_set(row, TOTAL_CODE, value_id(total->status));
        row_set(row, TOTAL_EXECUTIONS, value_count(total->executions));
    }
}

/* ---- where to look next ---------------------------------------------------------------------- */

static void add_next(Maker *maker)
{
    static const Column columns[] = {{.key = "next", .heading = "next", .use = COLUMN_PLAIN}};
    const Failures *failures = maker->failures;
    size_t i = 0;

    while (i < failures->count && !failures->list[i].is_execution)
        i++;
    if (i == failures->count || maker->view->question->all_messages)
        return;
    Section *section = report_section(maker->report, FOR_PEOPLE, "next", NULL, LAYOUT_PROSE,
                                      columns, ARRAY_LEN(columns), NULL);
    const char *text = arena_printf(
        maker->arena, "Everything that one of them said: add --details --execution %" PRId64,
        failures->list[i].id);
    row_set(section_row(section), 0, value_text(text));
}

/* The critical ones before the others, of both what is new; else the most frequent first, as they
 * come. */
static void rank_causes(Maker *maker)
{
    const Failures *failures = maker->failures;
    size_t count = failures->cause_count;
    unsigned *ranks = arena_alloc_array(maker->arena, count, sizeof(*ranks));

    maker->ranked = arena_alloc_array(maker->arena, count, sizeof(FailureCause *));
    for (size_t i = 0; i < count; i++)
        ranks[i] = news_rank(failures->causes[i].severity == SIG_CRITICAL,
                             maker->news[i].new_packages > 0);
    const size_t *order = news_order(ranks, count, maker->arena);
    for (size_t i = 0; i < count; i++)
        maker->ranked[i] = &failures->causes[order[i]];
}

Report *failures_report(const Failures *failures, const FailuresView *view, Arena *arena)
{
    Maker maker = {.failures = failures,
                   .view = view,
                   .arena = arena,
                   .report = report_new(arena, "report", "SSIS failures")};

    maker.news = failures_cause_news(failures, view->news, arena, &maker.new_count);
    rank_causes(&maker);

    add_facts(&maker);
    warn(&maker);
    add_totals(&maker);
    present_charts(&maker);
    present_causes(&maker);
    news_tell(view->news, maker.report, "new_causes", (int64_t)maker.new_count);
    present_executions(&maker);
    present_operations(&maker);
    present_packages(&maker);
    present_remedies(&maker);
    add_next(&maker);
    present_screen(&maker);
    return maker.report;
}
