/* The answer as a report: what people read first stands first. */
#include "ssisminer/failures/failures.h"

#include "ssisminer/base/buf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 16 * 1024, EXCERPT_MAX_BYTES = 2048 };

typedef struct Maker {
    const Failures *failures;
    const FailuresView *view;
    Arena *arena;
    Report *report;
} Maker;

static const char *taken(Buf *buf, Arena *arena)
{
    const char *text = buf->len > 0 ? arena_copy(arena, buf->text, buf->len) : NULL;

    buf_done(buf);
    return text;
}

static const char *plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

static const char *or_unknown(const char *text)
{
    return text ? text : "?";
}

/* ---- head ----------------------------------------------------------------------------------- */

enum { UP_TO_DAY = 10, UP_TO_MINUTE = 16, UP_TO_SECOND = 19 }; // bytes of a time's text

/* To the minute: "2026-03-02 05:44Z". */
static void put_minute(Buf *buf, Instant at)
{
    char text[TIME_TEXT_MAX];

    if (!at.is_set)
        return;
    report_time_text(at, text);
    buf_printf(buf, "%.*s%s", UP_TO_MINUTE, text, text + UP_TO_SECOND);
}

/* "2026-03-02 05:44Z to 06:10Z": the day once. */
static void put_span(Buf *buf, Instant first, Instant last)
{
    char from[TIME_TEXT_MAX], to[TIME_TEXT_MAX];

    if (!first.is_set || !last.is_set)
        return;
    report_time_text(first, from);
    report_time_text(last, to);
    put_minute(buf, first);
    if (strncmp(from, to, UP_TO_MINUTE) == 0)
        return;
    bool is_same_day = strncmp(from, to, UP_TO_DAY) == 0;
    const char *start = is_same_day ? to + UP_TO_DAY + 1 : to;
    buf_printf(buf, " to %.*s%s", (int)(to + UP_TO_MINUTE - start), start, to + UP_TO_SECOND);
}

static const char *server_line(const Maker *maker)
{
    const Ssisdb *db = maker->view->db;
    Buf line = BUF(LINE_MAX_BYTES);

    buf_printf(&line, "%s/%s, %s %s", or_unknown(db->server_name), or_unknown(db->database_name),
               ssisdb_flavour(db), or_unknown(db->product_version));
    if (db->schema_build)
        buf_printf(&line, ", build %s", db->schema_build);
    return taken(&line, maker->arena);
}

static const char *window_line(const Maker *maker)
{
    const FailuresQuestion *q = maker->view->question;
    Instant until = q->until.is_set ? q->until : maker->view->now;
    char length[TIME_TEXT_MAX];
    Buf line = BUF(LINE_MAX_BYTES);

    if (q->since.ticks <= 0) {
        buf_puts(&line, "whenever it ended");
        return taken(&line, maker->arena);
    }
    buf_puts(&line, "ended ");
    put_span(&line, q->since, until);
    time_duration_text(until.ticks - q->since.ticks, length);
    buf_printf(&line, " (%s)", length);
    return taken(&line, maker->arena);
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
    Buf line = BUF(LINE_MAX_BYTES);

    buf_printf(&line, "%s (", or_unknown(db->login_name));
    for (size_t i = 0; i < count; i++)
        buf_printf(&line, "%s%s", i ? ", " : "", roles[i]);
    buf_printf(&line, "%s) sees %s", count ? "" : "no role",
               db->sees_all ? "every execution" : "only some executions");
    return taken(&line, maker->arena);
}

static int64_t total_of(const Failures *failures, int status)
{
    for (size_t i = 0; i < failures->total_count; i++)
        if (failures->totals[i].status == status)
            return failures->totals[i].executions;
    return 0;
}

/* What needs a look comes first. */
static const char *status_line(const Maker *maker)
{
    static const int order[] = {
        STATUS_FAILED,    STATUS_ENDED_UNEXPECTEDLY, STATUS_CANCELED, STATUS_RUNNING,
        STATUS_PENDING,   STATUS_STOPPING,           STATUS_CREATED,  STATUS_SUCCEEDED,
        STATUS_COMPLETED,
    };
    Buf line = BUF(LINE_MAX_BYTES);

    if (maker->failures->total_count == 0)
        buf_puts(&line, "no execution in the window");
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        int64_t count = total_of(maker->failures, order[i]);
        if (count > 0)
            buf_printf(&line, "%s%" PRId64 " %s", line.len ? ", " : "", count,
                       status_name(order[i]));
    }
    return taken(&line, maker->arena);
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
        report_fact(report, FOR_PEOPLE, "status", "executions", value_text(status_line(maker)));
    report_fact(report, FOR_DATA, "failed_executions", "executions that failed as asked for",
                value_count((int64_t)maker->failures->execution_count));
    report_fact(report, FOR_DATA, "failed_operations", "other operations that failed as asked for",
                value_count((int64_t)maker->failures->operation_count));
}

static void warn(Maker *maker)
{
    enum { NOTABLE_SKEW_MINUTES = 5 };
    const Ssisdb *db = maker->view->db;
    int64_t skew = db->clock_skew_ticks < 0 ? -db->clock_skew_ticks : db->clock_skew_ticks;
    char text[TIME_TEXT_MAX];

    if (!db->sees_all)
        report_warning(
            maker->report,
            "incomplete: login '%s' is not in role %s, so executions that others started are "
            "missing here",
            or_unknown(db->login_name), ssisdb_reading_role(db));
    if (skew >= NOTABLE_SKEW_MINUTES * 60 * TICKS_PER_SECOND) {
        time_duration_text(skew, text);
        report_warning(maker->report,
                       "the server's clock is %s %s this machine's, by which the window is meant",
                       text, db->clock_skew_ticks > 0 ? "ahead of" : "behind");
    }
}

/* ---- totals --------------------------------------------------------------------------------- */

enum { TOTAL_STATUS, TOTAL_CODE, TOTAL_EXECUTIONS };

static const Column total_columns[] = {
    [TOTAL_STATUS] = {.key = "status", .heading = "status", .is_label = true},
    [TOTAL_CODE] = {.key = "status_code", .heading = "code"},
    [TOTAL_EXECUTIONS] = {.key = "executions", .heading = "executions of the window by status"},
};

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

/* ---- causes --------------------------------------------------------------------------------- */

enum {
    CAUSE_TIMES,
    CAUSE_TITLE,
    CAUSE_ID,
    CAUSE_SUMMARY,
    CAUSE_KIND,
    CAUSE_CLASS,
    CAUSE_ROLE,
    CAUSE_SEVERITY,
    CAUSE_RETRY,
    CAUSE_ADVICE,
    CAUSE_EXECUTIONS,
    CAUSE_OPERATIONS,
    CAUSE_PACKAGE_COUNT,
    CAUSE_PACKAGES,
    CAUSE_FIRST,
    CAUSE_LAST,
    CAUSE_TEXT,
    CAUSE_ACTIONS,
    CAUSE_LINKS
};

static const Column cause_columns[] = {
    [CAUSE_TIMES] = {.key = "times",
                     .heading = "count",
                     .use = COLUMN_HEADING,
                     .audience = FOR_PEOPLE,
                     .tone = TONE_STRONG},
    [CAUSE_TITLE] = {.key = "title", .heading = "cause", .use = COLUMN_HEADING, .may_wrap = true},
    [CAUSE_ID] = {.key = "id",
                  .heading = "id",
                  .use = COLUMN_HEADING,
                  .align_right = true,
                  .is_label = true},
    [CAUSE_SUMMARY] = {.key = "summary",
                       .heading = "where, when, and what then",
                       .use = COLUMN_PLAIN,
                       .audience = FOR_PEOPLE},
    [CAUSE_KIND] = {.key = "kind", .heading = "kind", .audience = FOR_DATA},
    [CAUSE_CLASS] = {.key = "class", .heading = "class", .audience = FOR_DATA},
    [CAUSE_ROLE] = {.key = "role", .heading = "role", .audience = FOR_DATA},
    [CAUSE_SEVERITY] = {.key = "severity",
                        .heading = "severity",
                        .audience = FOR_DATA,
                        .is_label = true},
    [CAUSE_RETRY] = {.key = "retry", .heading = "retry", .audience = FOR_DATA, .is_label = true},
    [CAUSE_ADVICE] = {.key = "retry_advice", .heading = "retry advice", .audience = FOR_DATA},
    [CAUSE_EXECUTIONS] = {.key = "executions",
                          .heading = "executions that failed of this cause",
                          .audience = FOR_DATA},
    [CAUSE_OPERATIONS] = {.key = "operations",
                          .heading = "other operations that failed of this cause",
                          .audience = FOR_DATA},
    [CAUSE_PACKAGE_COUNT] = {.key = "package_count",
                             .heading = "packages that failed of this cause",
                             .audience = FOR_DATA},
    [CAUSE_PACKAGES] = {.key = "packages", .heading = "packages", .audience = FOR_DATA},
    [CAUSE_FIRST] = {.key = "first_seen",
                     .heading = "first seen in the window",
                     .audience = FOR_DATA},
    [CAUSE_LAST] = {.key = "last_seen", .heading = "last seen in the window", .audience = FOR_DATA},
    [CAUSE_TEXT] = {.key = "cause", .heading = "cause", .audience = FOR_DATA},
    [CAUSE_ACTIONS] = {.key = "actions", .heading = "actions", .audience = FOR_DATA},
    [CAUSE_LINKS] = {.key = "links", .heading = "links", .audience = FOR_DATA},
};

static const char *kind_name(CauseKind kind)
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

static const char *people_title(const FailureCause *cause, Arena *arena)
{
    if (cause->kind == CAUSE_UNKNOWN)
        return arena_printf(arena, "unknown: %s", cause->title);
    return cause->title;
}

static const char *cause_summary(const FailureCause *cause, Arena *arena)
{
    Buf line = BUF(LINE_MAX_BYTES);

    if (cause->severity == SIG_CRITICAL)
        buf_puts(&line, "critical, ");
    if (cause->package_count > 0)
        buf_printf(&line, "%zu package%s", cause->package_count,
                   plural((int64_t)cause->package_count));
    if (cause->operations > 0)
        buf_printf(&line, "%s%" PRId64 " other operation%s", cause->package_count ? " and " : "",
                   cause->operations, plural(cause->operations));
    if (cause->first_seen.is_set)
        buf_puts(&line, ", ");
    put_span(&line, cause->first_seen, cause->last_seen);
    buf_printf(&line, ", %s", cause->retry_advice);
    return taken(&line, arena);
}

static void add_cause(Section *section, const FailureCause *cause, Arena *arena)
{
    const Signature *signature = cause->signature;
    Row *row = section_row(section);

    row_set(row, CAUSE_TIMES,
            value_text(arena_printf(arena, "%" PRId64 "x", cause->executions + cause->operations)));
    row_set(row, CAUSE_TITLE, value_text(people_title(cause, arena)));
    row_set(row, CAUSE_ID, value_text(cause->id));
    row_set(row, CAUSE_SUMMARY, value_text(cause_summary(cause, arena)));
    row_set(row, CAUSE_KIND, value_text(kind_name(cause->kind)));
    row_set(row, CAUSE_SEVERITY, value_text(sig_severity_name(cause->severity)));
    row_set(row, CAUSE_RETRY, value_text(cause->retry));
    row_set(row, CAUSE_ADVICE, value_text(cause->retry_advice));
    row_set(row, CAUSE_EXECUTIONS, value_count(cause->executions));
    row_set(row, CAUSE_OPERATIONS, value_count(cause->operations));
    row_set(row, CAUSE_PACKAGE_COUNT, value_count((int64_t)cause->package_count));
    row_set(row, CAUSE_PACKAGES, value_texts(cause->packages, cause->package_count));
    row_set(row, CAUSE_FIRST, value_time(cause->first_seen));
    row_set(row, CAUSE_LAST, value_time(cause->last_seen));
    row_set(row, CAUSE_TEXT, value_text(cause->text));
    row_set(row, CAUSE_ACTIONS, value_texts(cause->actions, cause->action_count));
    if (!signature) {
        row_set(row, CAUSE_LINKS, value_texts(NULL, 0));
        return;
    }
    row_set(row, CAUSE_CLASS, value_text(sig_class_name(signature->class_)));
    row_set(row, CAUSE_ROLE, value_text(sig_role_name(signature->role)));
    row_set(row, CAUSE_LINKS, value_texts(signature->links, signature->link_count));
}

static void add_causes(Maker *maker)
{
    const char *title = arena_printf(maker->arena, "Root causes (%zu), most frequent first",
                                     maker->failures->cause_count);
    Section *section = report_section(maker->report, FOR_ALL, "causes", title, LAYOUT_LIST,
                                      cause_columns, ARRAY_LEN(cause_columns), NULL);

    for (size_t i = 0; i < maker->failures->cause_count; i++)
        add_cause(section, &maker->failures->causes[i], maker->arena);
}

/* ---- what is the same of executions and operations ------------------------------------------ */

static const FailureMessage *decisive_of(const Failure *failure)
{
    return failure->decisive < failure->message_count ? &failure->messages[failure->decisive]
                                                      : NULL;
}

/* "Title (kind=worker, limit=60)" */
static const char *cause_line(const Failure *failure, Arena *arena)
{
    const SigMatch *match = failure->diagnosis.match;
    Buf line = BUF(LINE_MAX_BYTES);

    if (failure->cause->kind == CAUSE_UNKNOWN)
        buf_printf(&line, "unknown error, %s", failure->cause->id);
    else
        buf_puts(&line, failure->cause->title);
    for (size_t i = 0; match && i < match->capture_count; i++)
        buf_printf(&line, "%s%s=%.*s", i ? ", " : " (", match->captures[i].name,
                   STR_FMT(match->captures[i].value));
    buf_puts(&line, match && match->capture_count > 0 ? ")" : "");
    return taken(&line, arena);
}

/* One line: white space folded, from where the cause shows itself. */
static const char *excerpt(const Failure *failure, Arena *arena)
{
    const FailureMessage *message = decisive_of(failure);
    const Diagnosis *diagnosis = &failure->diagnosis;
    Buf line = BUF(EXCERPT_MAX_BYTES);

    if (!message)
        return NULL;
    Str text = diagnosis->provider_text ? str_of(diagnosis->provider_text) : message->text;
    for (size_t i = 0; i < text.len && line.len < EXCERPT_MAX_BYTES - 4; i++) {
        bool is_blank =
            text.at[i] == ' ' || text.at[i] == '\t' || text.at[i] == '\r' || text.at[i] == '\n';
        if (!is_blank)
            buf_putc(&line, text.at[i]);
        else if (line.len > 0 && line.text[line.len - 1] != ' ')
            buf_putc(&line, ' ');
    }
    if (line.len > 0)
        line.len = str_utf8_floor(line.text, line.len);
    return taken(&line, arena);
}

/* "\Package\Load Orders, 1 cause, 7 echoes" */
static const char *place_line(const Failure *failure, Arena *arena)
{
    const Diagnosis *diagnosis = &failure->diagnosis;
    Buf line = BUF(LINE_MAX_BYTES);

    if (!decisive_of(failure))
        return NULL;
    if (diagnosis->task_path)
        buf_printf(&line, "%s, ", diagnosis->task_path);
    buf_printf(&line, "1 cause, %zu echo%s", diagnosis->echoes, diagnosis->echoes == 1 ? "" : "es");
    return taken(&line, arena);
}

static const Column capture_columns[] = {
    {.key = "name", .heading = "name"},
    {.key = "value", .heading = "value"},
};

static void add_captures(Row *row, const Failure *failure, Arena *arena)
{
    const SigMatch *match = failure->diagnosis.match;
    Section *section = row_section(row, FOR_DATA, "captures", "Captures", LAYOUT_TABLE,
                                   capture_columns, ARRAY_LEN(capture_columns));

    for (size_t i = 0; match && i < match->capture_count; i++) {
        Row *one = section_row(section);
        Str value = match->captures[i].value;
        row_set(one, 0, value_text(match->captures[i].name));
        row_set(one, 1, value_text(arena_copy(arena, value.at, value.len)));
    }
}

enum {
    MSG_TIME,
    MSG_TYPE,
    MSG_SOURCE,
    MSG_PEOPLE_TEXT,
    MSG_TEXT,
    MSG_CODE,
    MSG_TYPE_CODE,
    MSG_SOURCE_TYPE,
    MSG_EVENT,
    MSG_SUBCOMPONENT,
    MSG_PACKAGE,
    MSG_PACKAGE_PATH,
    MSG_EXECUTION_PATH,
    MSG_ID
};

static const Column message_columns[] = {
    [MSG_TIME] = {.key = "time", .heading = "time", .use = COLUMN_HEADING},
    [MSG_TYPE] = {.key = "type", .heading = "type", .use = COLUMN_HEADING},
    [MSG_SOURCE] = {.key = "source_name",
                    .heading = "source",
                    .use = COLUMN_HEADING,
                    .may_wrap = true},
    [MSG_PEOPLE_TEXT] = {.key = "text",
                         .heading = "message",
                         .use = COLUMN_PLAIN,
                         .audience = FOR_PEOPLE},
    [MSG_TEXT] = {.key = "message", .heading = "message", .audience = FOR_DATA},
    [MSG_CODE] = {.key = "code", .heading = "code", .audience = FOR_DATA},
    [MSG_TYPE_CODE] = {.key = "type_code", .heading = "type", .audience = FOR_DATA},
    [MSG_SOURCE_TYPE] = {.key = "source_type", .heading = "source type", .audience = FOR_DATA},
    [MSG_EVENT] = {.key = "event_name", .heading = "event", .audience = FOR_DATA},
    [MSG_SUBCOMPONENT] = {.key = "subcomponent", .heading = "subcomponent", .audience = FOR_DATA},
    [MSG_PACKAGE] = {.key = "package", .heading = "package", .audience = FOR_DATA},
    [MSG_PACKAGE_PATH] = {.key = "package_path", .heading = "package path", .audience = FOR_DATA},
    [MSG_EXECUTION_PATH] = {.key = "execution_path",
                            .heading = "execution path",
                            .audience = FOR_DATA},
    [MSG_ID] = {.key = "event_message_id", .heading = "id", .audience = FOR_DATA},
};

static void add_message(Section *section, const FailureMessage *message, Arena *arena)
{
    Row *row = section_row(section);
    const char *text = message->text.at;

    row_set(row, MSG_TIME, value_time(message->time));
    row_set(row, MSG_TYPE, value_text(arena_text(arena, message_type_name(message->type))));
    row_set(row, MSG_SOURCE, value_text(message->source_name));
    row_set(row, MSG_PEOPLE_TEXT, value_text(text));
    row_set(row, MSG_TEXT, value_text(text));
    row_set(row, MSG_CODE, message->code ? value_id(message->code) : value_none());
    row_set(row, MSG_TYPE_CODE, value_id(message->type));
    row_set(row, MSG_SOURCE_TYPE, value_id(message->source_type));
    row_set(row, MSG_EVENT, value_text(message->event_name));
    row_set(row, MSG_SUBCOMPONENT, value_text(message->subcomponent));
    row_set(row, MSG_PACKAGE, value_text(message->package));
    row_set(row, MSG_PACKAGE_PATH, value_text(message->package_path));
    row_set(row, MSG_EXECUTION_PATH, value_text(message->execution_path));
    row_set(row, MSG_ID, message->id ? value_id(message->id) : value_none());
}

static void add_messages(Row *row, const Failure *failure, Arena *arena)
{
    const char *title = arena_printf(arena, "%zu message%s", failure->message_count,
                                     plural((int64_t)failure->message_count));
    Section *section = row_section(row, FOR_ALL, "messages", title, LAYOUT_LIST, message_columns,
                                   ARRAY_LEN(message_columns));

    for (size_t i = 0; i < failure->message_count; i++)
        add_message(section, &failure->messages[i], arena);
}

/* The columns that end both kinds of card; their numbers start at `first`. */
enum {
    TAIL_CAUSE_LINE,
    TAIL_EXCERPT,
    TAIL_PLACE,
    TAIL_CAUSE_ID,
    TAIL_CAUSE_KIND,
    TAIL_CAUSE_TITLE,
    TAIL_MESSAGE,
    TAIL_MESSAGE_TIME,
    TAIL_MESSAGE_CODE,
    TAIL_PROVIDER,
    TAIL_TASK_PATH,
    TAIL_FINGERPRINT,
    TAIL_ECHOES,
    TAIL_ERRORS,
    TAIL_WARNINGS,
    TAIL_DROPPED,
    TAIL_COUNT
};

#define TAIL_COLUMNS(first)                                                                        \
    [(first) +                                                                                     \
        TAIL_CAUSE_LINE] = {.key = "cause_line",                                                   \
                            .heading = "cause",                                                    \
                            .audience = FOR_PEOPLE,                                                \
                            .tone = TONE_ALERT},                                                   \
        [(first) + TAIL_EXCERPT] = {.key = "excerpt",                                              \
                                    .heading = "message",                                          \
                                    .audience = FOR_PEOPLE,                                        \
                                    .max_lines = 3},                                               \
        [(first) + TAIL_PLACE] = {.key = "place", .heading = "at", .audience = FOR_PEOPLE},        \
        [(first) + TAIL_CAUSE_ID] = {.key = "cause_id", .heading = "cause", .audience = FOR_DATA}, \
        [(first) +                                                                                 \
            TAIL_CAUSE_KIND] = {.key = "cause_kind", .heading = "kind", .audience = FOR_DATA},     \
        [(first) +                                                                                 \
            TAIL_CAUSE_TITLE] = {.key = "cause_title", .heading = "title", .audience = FOR_DATA},  \
        [(first) + TAIL_MESSAGE] = {.key = "message", .heading = "message", .audience = FOR_DATA}, \
        [(first) +                                                                                 \
            TAIL_MESSAGE_TIME] = {.key = "message_time", .heading = "time", .audience = FOR_DATA}, \
        [(first) +                                                                                 \
            TAIL_MESSAGE_CODE] = {.key = "message_code", .heading = "code", .audience = FOR_DATA}, \
        [(first) + TAIL_PROVIDER] = {.key = "provider_message",                                    \
                                     .heading = "provider",                                        \
                                     .audience = FOR_DATA},                                        \
        [(first) +                                                                                 \
            TAIL_TASK_PATH] = {.key = "task_path", .heading = "task", .audience = FOR_DATA},       \
        [(first) + TAIL_FINGERPRINT] = {.key = "fingerprint",                                      \
                                        .heading = "fingerprint",                                  \
                                        .audience = FOR_DATA},                                     \
        [(first) + TAIL_ECHOES] = {.key = "echoes", .heading = "echoes", .audience = FOR_DATA},    \
        [(first) +                                                                                 \
            TAIL_ERRORS] = {.key = "error_count", .heading = "errors", .audience = FOR_DATA},      \
        [(first) + TAIL_WARNINGS] = {.key = "warning_count",                                       \
                                     .heading = "warnings",                                        \
                                     .audience = FOR_DATA},                                        \
        [(first) +                                                                                 \
            TAIL_DROPPED] = {.key = "dropped_count", .heading = "not kept", .audience = FOR_DATA}

static void set_tail(Row *row, size_t first, const Failure *failure, Arena *arena)
{
    const Diagnosis *diagnosis = &failure->diagnosis;
    const FailureMessage *message = decisive_of(failure);

    row_set(row, first + TAIL_CAUSE_LINE, value_text(cause_line(failure, arena)));
    row_set(row, first + TAIL_EXCERPT, value_text(excerpt(failure, arena)));
    row_set(row, first + TAIL_PLACE, value_text(place_line(failure, arena)));
    row_set(row, first + TAIL_CAUSE_ID, value_text(failure->cause->id));
    row_set(row, first + TAIL_CAUSE_KIND, value_text(kind_name(failure->cause->kind)));
    row_set(row, first + TAIL_CAUSE_TITLE, value_text(failure->cause->title));
    row_set(row, first + TAIL_MESSAGE, message ? value_text(message->text.at) : value_none());
    row_set(row, first + TAIL_MESSAGE_TIME, message ? value_time(message->time) : value_none());
    row_set(row, first + TAIL_MESSAGE_CODE,
            message && message->code ? value_id(message->code) : value_none());
    row_set(row, first + TAIL_PROVIDER, value_text(diagnosis->provider_text));
    row_set(row, first + TAIL_TASK_PATH, value_text(diagnosis->task_path));
    if (failure->cause->kind == CAUSE_UNKNOWN)
        row_set(row, first + TAIL_FINGERPRINT, value_text(failure->cause->id));
    row_set(row, first + TAIL_ECHOES, value_count((int64_t)diagnosis->echoes));
    row_set(row, first + TAIL_ERRORS, value_count(failure->error_count));
    row_set(row, first + TAIL_WARNINGS, value_count(failure->warning_count));
    row_set(row, first + TAIL_DROPPED, value_count(failure->dropped_count));
}

/* ---- executions ----------------------------------------------------------------------------- */

enum {
    EXE_ID,
    EXE_PATH,
    EXE_WHEN,
    EXE_RUN,
    EXE_FOLDER,
    EXE_PROJECT,
    EXE_PACKAGE,
    EXE_ENVIRONMENT_FOLDER,
    EXE_ENVIRONMENT,
    EXE_CALLER,
    EXE_EXECUTED_AS,
    EXE_STOPPED_BY,
    EXE_STATUS,
    EXE_STATUS_CODE,
    EXE_CREATED,
    EXE_START,
    EXE_END,
    EXE_DURATION,
    EXE_SERVER,
    EXE_MACHINE,
    EXE_WORKER,
    EXE_COUNT,
    EXE_PROCESS,
    EXE_32BIT,
    EXE_LEVEL,
    EXE_TAIL
};

static const Column execution_columns[] = {
    [EXE_ID] = {.key = "execution_id",
                .heading = "execution",
                .use = COLUMN_HEADING,
                .tone = TONE_STRONG},
    [EXE_PATH] = {.key = "path",
                  .heading = "package",
                  .use = COLUMN_HEADING,
                  .audience = FOR_PEOPLE},
    [EXE_WHEN] = {.key = "time", .heading = "time", .use = COLUMN_HEADING, .align_right = true},
    [EXE_RUN] = {.key = "run", .heading = "run", .use = COLUMN_PLAIN, .audience = FOR_PEOPLE},
    [EXE_FOLDER] = {.key = "folder", .heading = "folder", .audience = FOR_DATA},
    [EXE_PROJECT] = {.key = "project", .heading = "project", .audience = FOR_DATA},
    [EXE_PACKAGE] = {.key = "package", .heading = "package", .audience = FOR_DATA},
    [EXE_ENVIRONMENT_FOLDER] = {.key = "environment_folder",
                                .heading = "environment folder",
                                .audience = FOR_DATA},
    [EXE_ENVIRONMENT] = {.key = "environment", .heading = "environment", .audience = FOR_DATA},
    [EXE_CALLER] = {.key = "caller", .heading = "caller", .audience = FOR_DATA},
    [EXE_EXECUTED_AS] = {.key = "executed_as", .heading = "executed as", .audience = FOR_DATA},
    [EXE_STOPPED_BY] = {.key = "stopped_by", .heading = "stopped by", .audience = FOR_DATA},
    [EXE_STATUS] = {.key = "status", .heading = "status", .audience = FOR_DATA},
    [EXE_STATUS_CODE] = {.key = "status_code", .heading = "code", .audience = FOR_DATA},
    [EXE_CREATED] = {.key = "created", .heading = "created", .audience = FOR_DATA},
    [EXE_START] = {.key = "start", .heading = "start", .audience = FOR_DATA},
    [EXE_END] = {.key = "end", .heading = "end", .audience = FOR_DATA},
    [EXE_DURATION] = {.key = "duration_seconds", .heading = "duration", .audience = FOR_DATA},
    [EXE_SERVER] = {.key = "server_name", .heading = "server", .audience = FOR_DATA},
    [EXE_MACHINE] = {.key = "machine", .heading = "machine", .audience = FOR_DATA},
    [EXE_WORKER] = {.key = "worker_agent_id", .heading = "worker", .audience = FOR_DATA},
    [EXE_COUNT] = {.key = "executed_count", .heading = "executed", .audience = FOR_DATA},
    [EXE_PROCESS] = {.key = "process_id", .heading = "process", .audience = FOR_DATA},
    [EXE_32BIT] = {.key = "use_32bit", .heading = "32-bit", .audience = FOR_DATA},
    [EXE_LEVEL] = {.key = "logging_level", .heading = "logging level", .audience = FOR_DATA},
    TAIL_COLUMNS(EXE_TAIL),
};

static void put_duration(Buf *line, const Execution *e, Instant now)
{
    int64_t ticks = execution_duration(e, now);
    char text[TIME_TEXT_MAX];

    if (ticks < 0)
        return;
    time_duration_text(ticks, text);
    /* Whoever notices a dead execution writes the time of noticing. */
    buf_printf(line, e->status == STATUS_ENDED_UNEXPECTEDLY ? " within %s" : " after %s", text);
}

/* "failed after 3 min 20 s, environment Sales/Prod, by etl_job, on WORKER-3" */
static const char *run_line(const Maker *maker, const Execution *e)
{
    Buf line = BUF(LINE_MAX_BYTES);

    buf_puts(&line, status_name(e->status));
    put_duration(&line, e, maker->view->now);
    if (e->status == STATUS_CANCELED && e->stopped_by)
        buf_printf(&line, ", stopped by %s", e->stopped_by);
    if (e->environment)
        buf_printf(&line, ", environment %s%s%s",
                   e->environment_folder ? e->environment_folder : "",
                   e->environment_folder ? "/" : "", e->environment);
    if (e->caller)
        buf_printf(&line, ", caller %s", e->caller);
    if (e->machine_name)
        buf_printf(&line, ", on %s", e->machine_name);
    if (e->executed_count > 1)
        buf_printf(&line, ", attempt %" PRId64, e->executed_count);
    if (e->logging_level == 0)
        buf_puts(&line, ", logging level None");
    return taken(&line, maker->arena);
}

static void set_execution(const Maker *maker, Row *row, const Execution *e)
{
    Arena *arena = maker->arena;

    row_set(row, EXE_ID, value_id(e->id));
    row_set(row, EXE_PATH,
            value_text(arena_printf(arena, "%s/%s/%s", or_unknown(e->folder),
                                    or_unknown(e->project), or_unknown(e->package))));
    row_set(row, EXE_WHEN, value_time(execution_time(e)));
    row_set(row, EXE_RUN, value_text(run_line(maker, e)));
    row_set(row, EXE_FOLDER, value_text(e->folder));
    row_set(row, EXE_PROJECT, value_text(e->project));
    row_set(row, EXE_PACKAGE, value_text(e->package));
    row_set(row, EXE_ENVIRONMENT_FOLDER, value_text(e->environment_folder));
    row_set(row, EXE_ENVIRONMENT, value_text(e->environment));
    row_set(row, EXE_CALLER, value_text(e->caller));
    row_set(row, EXE_EXECUTED_AS, value_text(e->executed_as));
    row_set(row, EXE_STOPPED_BY, value_text(e->stopped_by));
    row_set(row, EXE_STATUS, value_text(arena_text(arena, status_name(e->status))));
    row_set(row, EXE_STATUS_CODE, value_id(e->status));
    row_set(row, EXE_CREATED, value_time(e->created));
    row_set(row, EXE_START, value_time(e->start));
    row_set(row, EXE_END, value_time(e->end));
    row_set(row, EXE_DURATION, value_duration(execution_duration(e, maker->view->now)));
    row_set(row, EXE_SERVER, value_text(e->server_name));
    row_set(row, EXE_MACHINE, value_text(e->machine_name));
    row_set(row, EXE_WORKER, value_text(e->worker_agent_id));
    row_set(row, EXE_COUNT, e->executed_count > 0 ? value_id(e->executed_count) : value_none());
    row_set(row, EXE_PROCESS, e->process_id > 0 ? value_id(e->process_id) : value_none());
    row_set(row, EXE_32BIT, value_flag(e->use_32bit));
    row_set(row, EXE_LEVEL, e->logging_level >= 0 ? value_id(e->logging_level) : value_none());
}

/* "Failed executions (14), newest first", or "(the newest 10 of 14)" under a limit. */
static const char *list_title(const Maker *maker, const char *what, size_t count)
{
    size_t limit = maker->view->limit;

    if (limit > 0 && limit < count)
        return arena_printf(maker->arena, "%s (the newest %zu of %zu)", what, limit, count);
    return arena_printf(maker->arena, "%s (%zu), newest first", what, count);
}

static bool is_within_limit(const Maker *maker, size_t index)
{
    return maker->view->limit == 0 || index < maker->view->limit;
}

static void add_executions(Maker *maker)
{
    const Failures *failures = maker->failures;
    const char *title = list_title(maker, "Failed executions", failures->execution_count);
    Section *section =
        report_section(maker->report, FOR_ALL, "executions", title, LAYOUT_CARDS, execution_columns,
                       ARRAY_LEN(execution_columns), "No execution failed in this window.");

    section_set_primary(section);
    for (size_t i = 0, shown = 0; i < failures->count && is_within_limit(maker, shown); i++) {
        const Failure *failure = &failures->list[i];
        if (!failure->is_execution)
            continue;
        Row *row = section_row(section);
        set_execution(maker, row, &failure->execution);
        set_tail(row, EXE_TAIL, failure, maker->arena);
        add_captures(row, failure, maker->arena);
        if (maker->view->question->all_messages)
            add_messages(row, failure, maker->arena);
        shown++;
    }
}

/* ---- operations ----------------------------------------------------------------------------- */

enum {
    OPE_ID,
    OPE_PEOPLE_TYPE,
    OPE_WHEN,
    OPE_RUN,
    OPE_TYPE,
    OPE_TYPE_CODE,
    OPE_OBJECT,
    OPE_OBJECT_TYPE,
    OPE_CALLER,
    OPE_STATUS,
    OPE_STATUS_CODE,
    OPE_CREATED,
    OPE_START,
    OPE_END,
    OPE_TAIL
};

static const Column operation_columns[] = {
    [OPE_ID] = {.key = "operation_id",
                .heading = "operation",
                .use = COLUMN_HEADING,
                .tone = TONE_STRONG},
    [OPE_PEOPLE_TYPE] = {.key = "what",
                         .heading = "what",
                         .use = COLUMN_HEADING,
                         .audience = FOR_PEOPLE},
    [OPE_WHEN] = {.key = "time", .heading = "time", .use = COLUMN_HEADING, .align_right = true},
    [OPE_RUN] = {.key = "run", .heading = "run", .use = COLUMN_PLAIN, .audience = FOR_PEOPLE},
    [OPE_TYPE] = {.key = "operation_type", .heading = "type", .audience = FOR_DATA},
    [OPE_TYPE_CODE] = {.key = "operation_type_code", .heading = "type", .audience = FOR_DATA},
    [OPE_OBJECT] = {.key = "object_name", .heading = "object", .audience = FOR_DATA},
    [OPE_OBJECT_TYPE] = {.key = "object_type", .heading = "object type", .audience = FOR_DATA},
    [OPE_CALLER] = {.key = "caller", .heading = "caller", .audience = FOR_DATA},
    [OPE_STATUS] = {.key = "status", .heading = "status", .audience = FOR_DATA},
    [OPE_STATUS_CODE] = {.key = "status_code", .heading = "code", .audience = FOR_DATA},
    [OPE_CREATED] = {.key = "created", .heading = "created", .audience = FOR_DATA},
    [OPE_START] = {.key = "start", .heading = "start", .audience = FOR_DATA},
    [OPE_END] = {.key = "end", .heading = "end", .audience = FOR_DATA},
    TAIL_COLUMNS(OPE_TAIL),
};

static void set_operation(Row *row, const Operation *o, Arena *arena)
{
    const char *type = arena_text(arena, operation_type_name(o->type));
    const char *status = arena_text(arena, status_name(o->status));

    row_set(row, OPE_ID, value_id(o->id));
    row_set(row, OPE_PEOPLE_TYPE,
            value_text(arena_printf(arena, "%s %s", type, o->object_name ? o->object_name : "")));
    row_set(row, OPE_WHEN, value_time(operation_time(o)));
    row_set(
        row, OPE_RUN,
        value_text(o->caller ? arena_printf(arena, "%s, caller %s", status, o->caller) : status));
    row_set(row, OPE_TYPE, value_text(type));
    row_set(row, OPE_TYPE_CODE, value_id(o->type));
    row_set(row, OPE_OBJECT, value_text(o->object_name));
    row_set(row, OPE_OBJECT_TYPE, value_id(o->object_type));
    row_set(row, OPE_CALLER, value_text(o->caller));
    row_set(row, OPE_STATUS, value_text(status));
    row_set(row, OPE_STATUS_CODE, value_id(o->status));
    row_set(row, OPE_CREATED, value_time(o->created));
    row_set(row, OPE_START, value_time(o->start));
    row_set(row, OPE_END, value_time(o->end));
}

static void add_operations(Maker *maker)
{
    const Failures *failures = maker->failures;
    const char *title = list_title(maker, "Other failed operations", failures->operation_count);
    Section *section = report_section(maker->report, FOR_ALL, "operations", title, LAYOUT_CARDS,
                                      operation_columns, ARRAY_LEN(operation_columns), NULL);

    for (size_t i = 0, shown = 0; i < failures->count && is_within_limit(maker, shown); i++) {
        const Failure *failure = &failures->list[i];
        if (failure->is_execution)
            continue;
        Row *row = section_row(section);
        set_operation(row, &failure->operation, maker->arena);
        set_tail(row, OPE_TAIL, failure, maker->arena);
        add_captures(row, failure, maker->arena);
        if (maker->view->question->all_messages)
            add_messages(row, failure, maker->arena);
        shown++;
    }
}

/* ---- what to do ----------------------------------------------------------------------------- */

enum { DO_TITLE, DO_ID, DO_TEXT, DO_ACTIONS, DO_LINKS };

static const Column remedy_columns[] = {
    [DO_TITLE] = {.key = "title", .heading = "title", .use = COLUMN_HEADING, .tone = TONE_STRONG},
    [DO_ID] = {.key = "id", .heading = "id", .use = COLUMN_HEADING, .align_right = true},
    [DO_TEXT] = {.key = "cause", .heading = "cause", .use = COLUMN_PLAIN},
    [DO_ACTIONS] = {.key = "actions", .heading = "actions", .use = COLUMN_BULLETS},
    [DO_LINKS] = {.key = "links", .heading = "links", .use = COLUMN_BULLETS},
};

/* All that is unknown needs the same. */
static void add_remedy(Section *section, const FailureCause *cause)
{
    bool is_unknown = cause->kind == CAUSE_UNKNOWN;
    Row *row = section_row(section);

    row_set(row, DO_TITLE, value_text(is_unknown ? "Unknown errors" : cause->title));
    row_set(row, DO_ID, value_text(is_unknown ? NULL : cause->id));
    row_set(row, DO_TEXT, value_text(cause->text));
    row_set(row, DO_ACTIONS, value_texts(cause->actions, cause->action_count));
    if (cause->signature)
        row_set(row, DO_LINKS, value_texts(cause->signature->links, cause->signature->link_count));
}

/* Each cause once; the unknown ones share one entry. */
static void add_remedies(Maker *maker)
{
    Section *section =
        report_section(maker->report, FOR_PEOPLE, "remedies", "What to do", LAYOUT_CARDS,
                       remedy_columns, ARRAY_LEN(remedy_columns), NULL);
    bool has_unknown = false;

    for (size_t i = 0; i < maker->failures->cause_count; i++) {
        const FailureCause *cause = &maker->failures->causes[i];
        if (cause->kind == CAUSE_UNKNOWN && has_unknown)
            continue;
        has_unknown = has_unknown || cause->kind == CAUSE_UNKNOWN;
        add_remedy(section, cause);
    }
}

/* ---- where to look next -----------------------------------------------------------------------
 */

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

Report *failures_report(const Failures *failures, const FailuresView *view, Arena *arena)
{
    Maker maker = {failures, view, arena, report_new(arena, "report", "SSIS failures")};

    add_facts(&maker);
    warn(&maker);
    add_totals(&maker);
    add_causes(&maker);
    add_executions(&maker);
    add_operations(&maker);
    add_remedies(&maker);
    add_next(&maker);
    return maker.report;
}
