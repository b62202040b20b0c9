/* What failed, one card each: executions, and operations of other kinds. */
#include "present.h"

#include "ssisminer/failures/changes.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { EXCERPT_MAX_BYTES = 2048 };

/* ---- what is the same of executions and operations ------------------------------------------- */

static const FailureMessage *decisive_of(const Failure *failure)
{
    return failure->decisive < failure->message_count ? &failure->messages[failure->decisive]
                                                      : NULL;
}

const char *present_title(const Failure *failure, Arena *arena)
{
    return failure->cause->kind == CAUSE_UNKNOWN
               ? arena_printf(arena, "unknown error, %s", failure->cause->id)
               : failure->cause->title;
}

const char *present_values(const Failure *failure, Arena *arena)
{
    const SigMatch *match = failure->diagnosis.match;
    Buf line = BUF(PRESENT_LINE_MAX);

    for (size_t i = 0; match && i < match->capture_count; i++)
        buf_printf(&line, "%s%s=%.*s", i ? ", " : "", match->captures[i].name,
                   STR_FMT(match->captures[i].value));
    return present_taken(&line, arena);
}

/* "Title (kind=worker, limit=60)" */
static const char *cause_line(const Failure *failure, Arena *arena)
{
    const char *title = present_title(failure, arena), *values = present_values(failure, arena);

    return values ? arena_printf(arena, "%s (%s)", title, values) : title;
}

/* Messages of tasks begin with the task's name and the event, which stand elsewhere in the card. */
static Str without_prefix(const FailureMessage *message)
{
    static const char event[] = ":Error: ";
    Str text = message->text;
    size_t name = message->source_name ? strlen(message->source_name) : 0;
    size_t cut = name + sizeof(event) - 1;

    if (name == 0 || text.len <= cut || memcmp(text.at, message->source_name, name) != 0 ||
        memcmp(text.at + name, event, sizeof(event) - 1) != 0)
        return text;
    return (Str){text.at + cut, text.len - cut};
}

/* The decisive message as one line, white space folded: the innermost error where a provider's
 * error is wrapped in it. */
const char *present_excerpt(const Failure *failure, Arena *arena)
{
    const FailureMessage *message = decisive_of(failure);
    const char *provider = failure->diagnosis.provider_text;
    Buf line = BUF(EXCERPT_MAX_BYTES);

    if (!message)
        return NULL;
    Str text = diagnosis_telling(provider ? str_of(provider) : without_prefix(message));
    for (size_t i = 0; i < text.len && line.len < EXCERPT_MAX_BYTES - 4; i++) {
        if (!strchr(" \t\r\n", text.at[i]))
            buf_putc(&line, text.at[i]);
        else if (line.len > 0 && line.text[line.len - 1] != ' ')
            buf_putc(&line, ' ');
    }
    if (line.len > 0)
        line.len = str_utf8_floor(line.text, line.len);
    return present_taken(&line, arena);
}

/* The package that said the decisive message, where it is not the one that was started: a child. */
static const char *child_of(const Failure *failure)
{
    const FailureMessage *message = decisive_of(failure);

    if (!message || !failure->is_execution || str_is_blank(message->package) ||
        str_same_fold(message->package, failure->execution.package))
        return NULL;
    return message->package;
}

static const char *component_of(const Failure *failure)
{
    const FailureMessage *message = decisive_of(failure);

    return message && !str_is_blank(message->subcomponent) ? message->subcomponent : NULL;
}

/* Of "\Load\Each File[3]\Import" the part "Each File[3]": which turn of a loop it was, outermost
 * first. */
static const char *iteration_of(const Failure *failure, Arena *arena)
{
    const FailureMessage *message = decisive_of(failure);
    Str rest = message ? str_of(message->execution_path) : (Str){0}, part;
    Buf line = BUF(PRESENT_LINE_MAX);

    while (rest.at && str_split(&rest, '\\', &part)) {
        size_t digits = 0;
        while (digits + 1 < part.len && isdigit((unsigned char)part.at[part.len - 2 - digits]))
            digits++;
        if (digits == 0 || part.at[part.len - 1] != ']' || digits + 2 >= part.len ||
            part.at[part.len - 2 - digits] != '[')
            continue;
        buf_printf(&line, "%s%.*s", line.len > 0 ? ", " : "", STR_FMT(part));
    }
    return present_taken(&line, arena);
}

static void put_part(Buf *line, const char *part)
{
    if (part)
        buf_printf(line, "%s%s", line->len > 0 ? ", " : "", part);
}

/* "Child.dtsx, \Package\Load Orders, OLE DB Destination [2], Each File[3]" */
const char *present_place(const Failure *failure, Arena *arena)
{
    const Diagnosis *diagnosis = &failure->diagnosis;
    Buf line = BUF(PRESENT_LINE_MAX);

    if (!decisive_of(failure))
        return NULL;
    put_part(&line, child_of(failure));
    put_part(&line, diagnosis->task_path ? diagnosis->task_path : "outside any task");
    put_part(&line, component_of(failure));
    put_part(&line, iteration_of(failure, arena));
    return present_taken(&line, arena);
}

/* "…, 1 cause, 7 echoes" */
static const char *place_line(const Failure *failure, Arena *arena)
{
    const char *place = present_place(failure, arena);
    size_t echoes = failure->diagnosis.echoes;

    return place ? arena_printf(arena, "%s, 1 cause, %zu echo%s", place, echoes,
                                echoes == 1 ? "" : "es")
                 : NULL;
}

/* clang-format off */
#define CAPTURE_COLUMNS(COLUMN) \
    COLUMN("name", "name", value_text(match->captures[i].name)) \
    COLUMN("value", "value", value_text(arena_copy(arena, value.at, value.len)))
/* clang-format on */

static const Column capture_columns[] = {CAPTURE_COLUMNS(COLUMN_ENTRY)};

static void add_captures(Row *row, const Failure *failure, Arena *arena)
{
    const SigMatch *match = failure->diagnosis.match;
    Section *section = row_section(row, FOR_DATA, "captures", "Captures", LAYOUT_TABLE,
                                   capture_columns, ARRAY_LEN(capture_columns));

    for (size_t i = 0; match && i < match->capture_count; i++) {
        Str value = match->captures[i].value;
        row_set_all(section_row(section), ROW_VALUES(CAPTURE_COLUMNS));
    }
}

/* clang-format off */
#define MESSAGE_COLUMNS(COLUMN) \
    COLUMN("time", "time", value_time(message->time), .use = COLUMN_HEADING) \
    COLUMN("type", "type", value_text(arena_text(arena, message_type_name(message->type))), .use = COLUMN_HEADING) \
    COLUMN("source_name", "source", value_text(message->source_name), .use = COLUMN_HEADING, .may_wrap = true) \
    COLUMN("text", "message", value_text(text), .use = COLUMN_PLAIN, .audience = FOR_PEOPLE) \
    COLUMN("message", "message", value_text(text), .audience = FOR_DATA) \
    COLUMN("code", "code", message->code ? value_id(message->code) : value_none(), .audience = FOR_DATA) \
    COLUMN("type_code", "type", value_id(message->type), .audience = FOR_DATA) \
    COLUMN("source_type", "source type", value_id(message->source_type), .audience = FOR_DATA) \
    COLUMN("event_name", "event", value_text(message->event_name), .audience = FOR_DATA) \
    COLUMN("subcomponent", "subcomponent", value_text(message->subcomponent), .audience = FOR_DATA) \
    COLUMN("package", "package", value_text(message->package), .audience = FOR_DATA) \
    COLUMN("package_path", "package path", value_text(message->package_path), .audience = FOR_DATA) \
    COLUMN("execution_path", "execution path", value_text(message->execution_path), .audience = FOR_DATA) \
    COLUMN("event_message_id", "id", message->id ? value_id(message->id) : value_none(), .audience = FOR_DATA)
/* clang-format on */

static const Column message_columns[] = {MESSAGE_COLUMNS(COLUMN_ENTRY)};

static void add_message(Section *section, const FailureMessage *message, Arena *arena)
{
    const char *text = message->text.at;

    row_set_all(section_row(section), ROW_VALUES(MESSAGE_COLUMNS));
}

static void add_messages(Row *row, const Failure *failure, Arena *arena)
{
    const char *title = arena_printf(arena, "%zu message%s", failure->message_count,
                                     words_plural((int64_t)failure->message_count));
    Section *section = row_section(row, FOR_ALL, "messages", title, LAYOUT_LIST, message_columns,
                                   ARRAY_LEN(message_columns));

    for (size_t i = 0; i < failure->message_count; i++)
        add_message(section, &failure->messages[i], arena);
}

/* The columns that end both kinds of card. Their rows have a `failure`, its decisive
 * `message` and its `basis`. */
/* clang-format off */
#define TAIL_COLUMNS(COLUMN) \
    COLUMN("cause_line", "cause", value_text(cause_line(failure, arena)), .audience = FOR_PEOPLE, .tone = TONE_ALERT) \
    COLUMN("confidence_line", "basis", value_text(basis.line), .audience = FOR_PEOPLE) \
    COLUMN("excerpt", "message", value_text(present_excerpt(failure, arena)), .audience = FOR_PEOPLE, .max_lines = 3) \
    COLUMN("place", "at", value_text(place_line(failure, arena)), .audience = FOR_PEOPLE) \
    COLUMN("rerun_line", "rerun", value_text(failure->rerun_words), .audience = FOR_PEOPLE, .max_lines = 3) \
    COLUMN("remedy", "what to do", value_text(remedy_of(builder, failure)), \
           .audience = FOR_PAGE, .leads_to = "remedy") \
    COLUMN("cause_id", "cause", value_text(failure->cause->id), .audience = FOR_DATA) \
    COLUMN("cause_kind", "kind", value_text(present_kind(failure->cause->kind)), .audience = FOR_DATA) \
    COLUMN("cause_title", "title", value_text(failure->cause->title), .audience = FOR_DATA) \
    COLUMN("cause_family", "family", value_text(basis.family), .audience = FOR_DATA) \
    COLUMN("confidence", "confidence", value_text(basis.confidence), .audience = FOR_DATA) \
    COLUMN("confidence_reason", "reason", value_text(basis.reason), .audience = FOR_DATA) \
    COLUMN("message", "message", message ? value_text(message->text.at) : value_none(), .audience = FOR_DATA) \
    COLUMN("message_time", "time", message ? value_time(message->time) : value_none(), .audience = FOR_DATA) \
    COLUMN("message_code", "code", \
           message && message->code ? value_id(message->code) : value_none(), .audience = FOR_DATA) \
    COLUMN("provider_message", "provider", value_text(failure->diagnosis.provider_text), .audience = FOR_DATA) \
    COLUMN("task_path", "task", value_text(failure->diagnosis.task_path), .audience = FOR_DATA) \
    COLUMN("child_package", "child package", value_text(child_of(failure)), .audience = FOR_DATA) \
    COLUMN("component", "component", value_text(component_of(failure)), .audience = FOR_DATA) \
    COLUMN("loop_iteration", "iteration", value_text(iteration_of(failure, arena)), .audience = FOR_DATA) \
    COLUMN("fingerprint", "fingerprint", value_text(own_fingerprint(failure)), .audience = FOR_DATA) \
    COLUMN("echoes", "echoes", value_count((int64_t)failure->diagnosis.echoes), .audience = FOR_DATA) \
    COLUMN("error_count", "errors", value_count(failure->error_count), .audience = FOR_DATA) \
    COLUMN("warning_count", "warnings", value_count(failure->warning_count), .audience = FOR_DATA) \
    COLUMN("dropped_count", "not kept", value_count(failure->dropped_count), .audience = FOR_DATA)
/* clang-format on */

typedef struct Basis { // of the cause that is named; NULL: nothing matched
    const char *line, *confidence, *reason, *family;
} Basis;

static Basis basis_of(const SigMatch *match, Arena *arena)
{
    Basis basis = {0};

    if (!match)
        return basis;
    basis.confidence = sig_confidence_name(sig_confidence(match));
    basis.reason = sig_confidence_reason(match);
    basis.line = arena_printf(arena, "%s: %s", basis.confidence, basis.reason);
    basis.family = match->signature->family ? match->signature->family->id : NULL;
    return basis;
}

static const char *remedy_of(const Builder *builder, const Failure *failure)
{
    return builder->view->remedies == REMEDIES_NONE ? NULL : present_remedy_name(failure->cause);
}

static const char *own_fingerprint(const Failure *failure)
{
    return failure->cause->kind == CAUSE_UNKNOWN ? failure->cause->id : NULL;
}

/* In a page a failure leads to its cause and to what to do. */
static void set_place(const Builder *builder, Row *row, const Failure *failure)
{
    row_set_anchor(row, "run", arena_printf(builder->arena, "%" PRId64, failure->id));
    row_set_link(row, "cause_line", "cause", failure->cause->id);
    row_set_severity(row, present_severity(failure->cause));
}

static void add_parts(const Builder *builder, Row *row, const Failure *failure)
{
    add_captures(row, failure, builder->arena);
    if (builder->view->question->all_messages)
        add_messages(row, failure, builder->arena);
}

/* "folder/project/package", or "deploy_project Shipments". */
const char *present_path(const Failure *failure, Arena *arena)
{
    const Execution *e = &failure->execution;
    const Operation *o = &failure->operation;

    if (failure->is_execution)
        return arena_printf(arena, "%s/%s/%s", words_or_unknown(e->folder),
                            words_or_unknown(e->project), words_or_unknown(e->package));
    return arena_printf(arena, "%s %s", operation_type_name(o->type),
                        o->object_name ? o->object_name : "");
}

/* ---- executions ------------------------------------------------------------------------------ */

/* clang-format off */
#define EXECUTION_COLUMNS(COLUMN) \
    COLUMN("execution_id", "execution", value_id(e->id), .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("path", "package", value_text(present_path(failure, arena)), .use = COLUMN_HEADING, .audience = FOR_PEOPLE) \
    COLUMN("time", "time", value_time(execution_time(e)), .use = COLUMN_HEADING, .align_right = true) \
    COLUMN("run", "run", value_text(run_line(builder, failure)), .use = COLUMN_PLAIN, .audience = FOR_PEOPLE) \
    COLUMN("folder", "folder", value_text(e->folder), .audience = FOR_DATA) \
    COLUMN("project", "project", value_text(e->project), .audience = FOR_DATA) \
    COLUMN("package", "package", value_text(e->package), .audience = FOR_DATA) \
    COLUMN("environment_folder", "environment folder", value_text(e->environment_folder), .audience = FOR_DATA) \
    COLUMN("environment", "environment", value_text(e->environment), .audience = FOR_DATA) \
    COLUMN("caller", "caller", value_text(e->caller), .audience = FOR_DATA) \
    COLUMN("executed_as", "executed as", value_text(e->executed_as), .audience = FOR_DATA) \
    COLUMN("stopped_by", "stopped by", value_text(e->stopped_by), .audience = FOR_DATA) \
    COLUMN("status", "status", value_text(arena_text(arena, status_name(e->status))), .audience = FOR_DATA) \
    COLUMN("status_code", "code", value_id(e->status), .audience = FOR_DATA) \
    COLUMN("created", "created", value_time(e->created), .audience = FOR_DATA) \
    COLUMN("start", "start", value_time(e->start), .audience = FOR_DATA) \
    COLUMN("end", "end", value_time(e->end), .audience = FOR_DATA) \
    COLUMN("doubted_end", "end not believed", value_time(failure->doubted_end), .audience = FOR_DATA) \
    COLUMN("duration_seconds", "duration", \
           value_duration(execution_duration(e, builder->view->now)), .audience = FOR_DATA) \
    COLUMN("server_name", "server", value_text(e->server_name), .audience = FOR_DATA) \
    COLUMN("machine", "machine", value_text(e->machine_name), .audience = FOR_DATA) \
    COLUMN("worker_agent_id", "worker", value_text(e->worker_agent_id), .audience = FOR_DATA) \
    COLUMN("executed_count", "executed", \
           e->executed_count > 0 ? value_id(e->executed_count) : value_none(), .audience = FOR_DATA) \
    COLUMN("process_id", "process", e->process_id > 0 ? value_id(e->process_id) : value_none(), .audience = FOR_DATA) \
    COLUMN("use_32bit", "32-bit", value_flag(e->use_32bit), .audience = FOR_DATA) \
    COLUMN("logging_level", "logging level", \
           e->logging_level >= 0 ? value_id(e->logging_level) : value_none(), .audience = FOR_DATA) \
    COLUMN("rerun", "rerun", value_text(failure->rerun), .audience = FOR_DATA) \
    COLUMN("rerun_reason", "rerun because", value_text(failure->rerun_reason), .audience = FOR_DATA) \
    COLUMN("finished_task_count", "finished tasks", value_count((int64_t)failure->finished_count), .audience = FOR_DATA)
/* clang-format on */

/* Of the newest failure of a package; the older ones have none of it. */
/* clang-format off */
#define CHANGE_COLUMNS(COLUMN) \
    COLUMN("since_line", "since", value_text(present_since(builder, failure)), .audience = FOR_PEOPLE) \
    COLUMN("changed_line", "changed", value_text(changed ? changed : present_unchanged(builder, failure)), \
           .audience = FOR_PEOPLE, .max_lines = 4) \
    COLUMN("failing_since", "failing since", value_time(change->since), .audience = FOR_DATA) \
    COLUMN("last_success", "last success", value_time(change->success), .audience = FOR_DATA) \
    COLUMN("deployed_at", "deployed in between", value_time(change->deployed), .audience = FOR_DATA) \
    COLUMN("deployed_by", "by", value_text(change->deployed_by), .audience = FOR_DATA)
/* clang-format on */

#define ALL_OF_EXECUTION(COLUMN)                                                                   \
    EXECUTION_COLUMNS(COLUMN) TAIL_COLUMNS(COLUMN) CHANGE_COLUMNS(COLUMN)

static const Column execution_columns[] = {ALL_OF_EXECUTION(COLUMN_ENTRY)};

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

static void put_doubted(Buf *line, const Failure *failure)
{
    char text[TIME_TEXT_MAX];

    if (!failure->doubted_end.is_set)
        return;
    report_time_text(failure->doubted_end, text);
    buf_printf(line, ", its end (%s) cannot be", text);
}

/* "failed after 3 min 20 s, env Sales/Prod, by etl_job, on WORKER-3" */
static const char *run_line(const Builder *builder, const Failure *failure)
{
    const Execution *e = &failure->execution;
    Buf line = BUF(PRESENT_LINE_MAX);

    buf_puts(&line, status_name(e->status));
    put_duration(&line, e, builder->view->now);
    if (e->status == STATUS_CANCELED && e->stopped_by)
        buf_printf(&line, ", stopped by %s", e->stopped_by);
    if (e->environment)
        buf_printf(&line, ", env %s%s%s", e->environment_folder ? e->environment_folder : "",
                   e->environment_folder ? "/" : "", e->environment);
    if (e->caller)
        buf_printf(&line, ", by %s", e->caller);
    if (e->machine_name)
        buf_printf(&line, ", on %s", e->machine_name);
    if (e->executed_count > 1)
        buf_printf(&line, ", attempt %" PRId64, e->executed_count);
    if (e->logging_level == 0)
        buf_puts(&line, ", logging level None");
    put_doubted(&line, failure);
    return present_taken(&line, builder->arena);
}

static void add_execution(const Builder *builder, Section *section, const Failure *failure)
{
    static const PackageChange none = {0};
    const Execution *e = &failure->execution;
    const FailureMessage *message = decisive_of(failure);
    const PackageChange *known = changes_of(builder->view->changes, failure);
    const PackageChange *change = known ? known : &none;
    const char *changed = present_changed(builder, failure);
    Arena *arena = builder->arena;
    Basis basis = basis_of(failure->diagnosis.match, arena);
    Row *row = section_row(section);

    row_set_all(row, ROW_VALUES(ALL_OF_EXECUTION));
    set_place(builder, row, failure);
    add_parts(builder, row, failure);
}

/* "Failed executions (14), newest first", or "(the newest 10 of 14)" under a limit. */
static const char *list_title(const Builder *builder, const char *what, size_t count)
{
    size_t limit = builder->view->limit;

    if (count == 0)
        return what;
    if (limit > 0 && limit < count)
        return arena_printf(builder->arena, "%s (the newest %zu of %zu)", what, limit, count);
    return arena_printf(builder->arena, "%s (%zu), newest first", what, count);
}

static const char *executions_title(const Builder *builder)
{
    const FailuresQuestion *q = builder->view->question;
    bool is_about_canceled = q->with_canceled && !q->with_failed && !q->with_unexpected;

    return list_title(builder, is_about_canceled ? "Canceled executions" : "Failed executions",
                      builder->failures->execution_count);
}

static bool is_within_limit(const Builder *builder, size_t index)
{
    return builder->view->limit == 0 || index < builder->view->limit;
}

static const char *empty_text(const Builder *builder)
{
    const FailuresQuestion *q = builder->view->question;
    size_t asked = q->filter.id_count;

    if (!builder->view->db->sees_all)
        return "None that this login may see.";
    if (news_calm(builder->view->news))
        return "None that is new.";
    if (asked == 0)
        return "None in this window.";
    if (q->since.is_set)
        return "None of those asked for, in this window.";
    return asked == 1 ? "The execution asked for did not fail."
                      : "None of the executions asked for failed.";
}

void present_executions(Builder *builder)
{
    const Failures *failures = builder->failures;
    const char *title = executions_title(builder);
    const char *empty = empty_text(builder);
    Section *section = report_section(builder->report, FOR_ALL, "executions", title, LAYOUT_CARDS,
                                      execution_columns, ARRAY_LEN(execution_columns), empty);

    section_set_primary(section);
    for (size_t i = 0, shown = 0; i < failures->count && is_within_limit(builder, shown); i++) {
        const Failure *failure = &failures->list[i];
        if (!failure->is_execution)
            continue;
        add_execution(builder, section, failure);
        shown++;
    }
}

/* ---- operations ------------------------------------------------------------------------------ */

/* clang-format off */
#define OPERATION_COLUMNS(COLUMN) \
    COLUMN("operation_id", "operation", value_id(o->id), .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("what", "what", value_text(present_path(failure, arena)), .use = COLUMN_HEADING, .audience = FOR_PEOPLE) \
    COLUMN("time", "time", value_time(operation_time(o)), .use = COLUMN_HEADING, .align_right = true) \
    COLUMN("run", "run", value_text(state_line(failure, arena)), .use = COLUMN_PLAIN, .audience = FOR_PEOPLE) \
    COLUMN("operation_type", "type", value_text(arena_text(arena, operation_type_name(o->type))), \
           .audience = FOR_DATA) \
    COLUMN("operation_type_code", "type", value_id(o->type), .audience = FOR_DATA) \
    COLUMN("object_name", "object", value_text(o->object_name), .audience = FOR_DATA) \
    COLUMN("object_type", "object type", value_id(o->object_type), .audience = FOR_DATA) \
    COLUMN("caller", "caller", value_text(o->caller), .audience = FOR_DATA) \
    COLUMN("status", "status", value_text(arena_text(arena, status_name(o->status))), .audience = FOR_DATA) \
    COLUMN("status_code", "code", value_id(o->status), .audience = FOR_DATA) \
    COLUMN("created", "created", value_time(o->created), .audience = FOR_DATA) \
    COLUMN("start", "start", value_time(o->start), .audience = FOR_DATA) \
    COLUMN("end", "end", value_time(o->end), .audience = FOR_DATA) \
    COLUMN("doubted_end", "end not believed", value_time(failure->doubted_end), .audience = FOR_DATA)
/* clang-format on */

#define ALL_OF_OPERATION(COLUMN) OPERATION_COLUMNS(COLUMN) TAIL_COLUMNS(COLUMN)

static const Column operation_columns[] = {ALL_OF_OPERATION(COLUMN_ENTRY)};

/* "failed, by ssisadmin" */
static const char *state_line(const Failure *failure, Arena *arena)
{
    const Operation *o = &failure->operation;
    Buf line = BUF(PRESENT_LINE_MAX);

    buf_puts(&line, status_name(o->status));
    if (o->caller)
        buf_printf(&line, ", by %s", o->caller);
    put_doubted(&line, failure);
    return present_taken(&line, arena);
}

static void add_operation(const Builder *builder, Section *section, const Failure *failure)
{
    const Operation *o = &failure->operation;
    const FailureMessage *message = decisive_of(failure);
    Arena *arena = builder->arena;
    Basis basis = basis_of(failure->diagnosis.match, arena);
    Row *row = section_row(section);

    row_set_all(row, ROW_VALUES(ALL_OF_OPERATION));
    set_place(builder, row, failure);
    add_parts(builder, row, failure);
}

void present_operations(Builder *builder)
{
    const Failures *failures = builder->failures;
    const char *title = list_title(builder, "Other failed operations", failures->operation_count);
    Section *section = report_section(builder->report, FOR_ALL, "operations", title, LAYOUT_CARDS,
                                      operation_columns, ARRAY_LEN(operation_columns), NULL);

    for (size_t i = 0, shown = 0; i < failures->count && is_within_limit(builder, shown); i++) {
        const Failure *failure = &failures->list[i];
        if (failure->is_execution)
            continue;
        add_operation(builder, section, failure);
        shown++;
    }
}

const char *present_run(const Builder *builder, const Failure *failure)
{
    return failure->is_execution ? run_line(builder, failure) : state_line(failure, builder->arena);
}
