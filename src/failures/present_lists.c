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

/* clang-format off */
#define MESSAGE_COLUMNS(COLUMN) \
    COLUMN(TIME, "time", "time", .use = COLUMN_HEADING) \
    COLUMN(TYPE, "type", "type", .use = COLUMN_HEADING) \
    COLUMN(SOURCE, "source_name", "source", .use = COLUMN_HEADING, .may_wrap = true) \
    COLUMN(PEOPLE_TEXT, "text", "message", .use = COLUMN_PLAIN, .audience = FOR_PEOPLE) \
    COLUMN(TEXT, "message", "message", .audience = FOR_DATA) \
    COLUMN(CODE, "code", "code", .audience = FOR_DATA) \
    COLUMN(TYPE_CODE, "type_code", "type", .audience = FOR_DATA) \
    COLUMN(SOURCE_TYPE, "source_type", "source type", .audience = FOR_DATA) \
    COLUMN(EVENT, "event_name", "event", .audience = FOR_DATA) \
    COLUMN(SUBCOMPONENT, "subcomponent", "subcomponent", .audience = FOR_DATA) \
    COLUMN(PACKAGE, "package", "package", .audience = FOR_DATA) \
    COLUMN(PACKAGE_PATH, "package_path", "package path", .audience = FOR_DATA) \
    COLUMN(EXECUTION_PATH, "execution_path", "execution path", .audience = FOR_DATA) \
    COLUMN(ID, "event_message_id", "id", .audience = FOR_DATA)
/* clang-format on */

#define COLUMN(id, ...) PRESENT_ENUM(MSG, id),
enum { MESSAGE_COLUMNS(COLUMN) };
#undef COLUMN

#define COLUMN(id, ...) PRESENT_SPEC(MSG, id, __VA_ARGS__),
static const Column message_columns[] = {MESSAGE_COLUMNS(COLUMN)};
#undef COLUMN

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
                                     words_plural((int64_t)failure->message_count));
    Section *section = row_section(row, FOR_ALL, "messages", title, LAYOUT_LIST, message_columns,
                                   ARRAY_LEN(message_columns));

    for (size_t i = 0; i < failure->message_count; i++)
        add_message(section, &failure->messages[i], arena);
}

/* The columns that end both kinds of card. */
/* clang-format off */
#define TAIL_COLUMNS(COLUMN) \
    COLUMN(CAUSE_LINE, "cause_line", "cause", .audience = FOR_PEOPLE, .tone = TONE_ALERT) \
    COLUMN(SURE, "confidence_line", "basis", .audience = FOR_PEOPLE) \
    COLUMN(EXCERPT, "excerpt", "message", .audience = FOR_PEOPLE, .max_lines = 3) \
    COLUMN(PLACE, "place", "at", .audience = FOR_PEOPLE) \
    COLUMN(RERUN_LINE, "rerun_line", "rerun", .audience = FOR_PEOPLE, .max_lines = 3) \
    COLUMN(REMEDY, "remedy", "what to do", .audience = FOR_PAGE, .leads_to = "remedy") \
    COLUMN(CAUSE_ID, "cause_id", "cause", .audience = FOR_DATA) \
    COLUMN(CAUSE_KIND, "cause_kind", "kind", .audience = FOR_DATA) \
    COLUMN(CAUSE_TITLE, "cause_title", "title", .audience = FOR_DATA) \
    COLUMN(FAMILY, "cause_family", "family", .audience = FOR_DATA) \
    COLUMN(CONFIDENCE, "confidence", "confidence", .audience = FOR_DATA) \
    COLUMN(REASON, "confidence_reason", "reason", .audience = FOR_DATA) \
    COLUMN(MESSAGE, "message", "message", .audience = FOR_DATA) \
    COLUMN(MESSAGE_TIME, "message_time", "time", .audience = FOR_DATA) \
    COLUMN(MESSAGE_CODE, "message_code", "code", .audience = FOR_DATA) \
    COLUMN(PROVIDER, "provider_message", "provider", .audience = FOR_DATA) \
    COLUMN(TASK_PATH, "task_path", "task", .audience = FOR_DATA) \
    COLUMN(CHILD, "child_package", "child package", .audience = FOR_DATA) \
    COLUMN(COMPONENT, "component", "component", .audience = FOR_DATA) \
    COLUMN(ITERATION, "loop_iteration", "iteration", .audience = FOR_DATA) \
    COLUMN(FINGERPRINT, "fingerprint", "fingerprint", .audience = FOR_DATA) \
    COLUMN(ECHOES, "echoes", "echoes", .audience = FOR_DATA) \
    COLUMN(ERRORS, "error_count", "errors", .audience = FOR_DATA) \
    COLUMN(WARNINGS, "warning_count", "warnings", .audience = FOR_DATA) \
    COLUMN(DROPPED, "dropped_count", "not kept", .audience = FOR_DATA)
/* clang-format on */

#define COLUMN(id, ...) PRESENT_ENUM(TAIL, id),
enum { TAIL_COLUMNS(COLUMN) };
#undef COLUMN

static void set_confidence(Row *row, size_t first, const SigMatch *match, Arena *arena)
{
    if (!match)
        return;
    const char *name = sig_confidence_name(sig_confidence(match));
    const char *reason = sig_confidence_reason(match);

    row_set(row, first + TAIL_SURE, value_text(arena_printf(arena, "%s: %s", name, reason)));
    row_set(row, first + TAIL_CONFIDENCE, value_text(name));
    row_set(row, first + TAIL_REASON, value_text(reason));
    if (match->signature->family)
        row_set(row, first + TAIL_FAMILY, value_text(match->signature->family->id));
}

/* In a page a failure leads to its cause and to what to do. */
static void set_place(const Builder *builder, Row *row, size_t first, const Failure *failure)
{
    bool has_remedy = builder->view->remedies != REMEDIES_NONE;

    row_set_anchor(row, "run", arena_printf(builder->arena, "%" PRId64, failure->id));
    row_set_link(row, "cause_line", "cause", failure->cause->id);
    row_set(row, first + TAIL_REMEDY,
            value_text(has_remedy ? present_remedy_name(failure->cause) : NULL));
    row_set_severity(row, present_severity(failure->cause));
}

static void set_tail(const Builder *builder, Row *row, size_t first, const Failure *failure)
{
    Arena *arena = builder->arena;
    const Diagnosis *diagnosis = &failure->diagnosis;
    const FailureMessage *message = decisive_of(failure);

    set_place(builder, row, first, failure);
    row_set(row, first + TAIL_CAUSE_LINE, value_text(cause_line(failure, arena)));
    set_confidence(row, first, diagnosis->match, arena);
    row_set(row, first + TAIL_EXCERPT, value_text(present_excerpt(failure, arena)));
    row_set(row, first + TAIL_PLACE, value_text(place_line(failure, arena)));
    row_set(row, first + TAIL_CAUSE_ID, value_text(failure->cause->id));
    row_set(row, first + TAIL_CAUSE_KIND, value_text(present_kind(failure->cause->kind)));
    row_set(row, first + TAIL_CAUSE_TITLE, value_text(failure->cause->title));
    row_set(row, first + TAIL_MESSAGE, message ? value_text(message->text.at) : value_none());
    row_set(row, first + TAIL_MESSAGE_TIME, message ? value_time(message->time) : value_none());
    row_set(row, first + TAIL_MESSAGE_CODE,
            message && message->code ? value_id(message->code) : value_none());
    row_set(row, first + TAIL_PROVIDER, value_text(diagnosis->provider_text));
    row_set(row, first + TAIL_TASK_PATH, value_text(diagnosis->task_path));
    row_set(row, first + TAIL_CHILD, value_text(child_of(failure)));
    row_set(row, first + TAIL_COMPONENT, value_text(component_of(failure)));
    row_set(row, first + TAIL_ITERATION, value_text(iteration_of(failure, arena)));
    row_set(row, first + TAIL_RERUN_LINE, value_text(failure->rerun_words));
    if (failure->cause->kind == CAUSE_UNKNOWN)
        row_set(row, first + TAIL_FINGERPRINT, value_text(failure->cause->id));
    row_set(row, first + TAIL_ECHOES, value_count((int64_t)diagnosis->echoes));
    row_set(row, first + TAIL_ERRORS, value_count(failure->error_count));
    row_set(row, first + TAIL_WARNINGS, value_count(failure->warning_count));
    row_set(row, first + TAIL_DROPPED, value_count(failure->dropped_count));
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
    COLUMN(ID, "execution_id", "execution", .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN(PATH, "path", "package", .use = COLUMN_HEADING, .audience = FOR_PEOPLE) \
    COLUMN(WHEN, "time", "time", .use = COLUMN_HEADING, .align_right = true) \
    COLUMN(RUN, "run", "run", .use = COLUMN_PLAIN, .audience = FOR_PEOPLE) \
    COLUMN(FOLDER, "folder", "folder", .audience = FOR_DATA) \
    COLUMN(PROJECT, "project", "project", .audience = FOR_DATA) \
    COLUMN(PACKAGE, "package", "package", .audience = FOR_DATA) \
    COLUMN(ENVIRONMENT_FOLDER, "environment_folder", "environment folder", .audience = FOR_DATA) \
    COLUMN(ENVIRONMENT, "environment", "environment", .audience = FOR_DATA) \
    COLUMN(CALLER, "caller", "caller", .audience = FOR_DATA) \
    COLUMN(EXECUTED_AS, "executed_as", "executed as", .audience = FOR_DATA) \
    COLUMN(STOPPED_BY, "stopped_by", "stopped by", .audience = FOR_DATA) \
    COLUMN(STATUS, "status", "status", .audience = FOR_DATA) \
    COLUMN(STATUS_CODE, "status_code", "code", .audience = FOR_DATA) \
    COLUMN(CREATED, "created", "created", .audience = FOR_DATA) \
    COLUMN(START, "start", "start", .audience = FOR_DATA) \
    COLUMN(END, "end", "end", .audience = FOR_DATA) \
    COLUMN(DOUBTED, "doubted_end", "end not believed", .audience = FOR_DATA) \
    COLUMN(DURATION, "duration_seconds", "duration", .audience = FOR_DATA) \
    COLUMN(SERVER, "server_name", "server", .audience = FOR_DATA) \
    COLUMN(MACHINE, "machine", "machine", .audience = FOR_DATA) \
    COLUMN(WORKER, "worker_agent_id", "worker", .audience = FOR_DATA) \
    COLUMN(COUNT, "executed_count", "executed", .audience = FOR_DATA) \
    COLUMN(PROCESS, "process_id", "process", .audience = FOR_DATA) \
    COLUMN(32BIT, "use_32bit", "32-bit", .audience = FOR_DATA) \
    COLUMN(LEVEL, "logging_level", "logging level", .audience = FOR_DATA) \
    COLUMN(RERUN, "rerun", "rerun", .audience = FOR_DATA) \
    COLUMN(RERUN_WHY, "rerun_reason", "rerun because", .audience = FOR_DATA) \
    COLUMN(FINISHED, "finished_task_count", "finished tasks", .audience = FOR_DATA)
/* clang-format on */

/* Of the newest failure of a package; the older ones have none of it. */
/* clang-format off */
#define CHANGE_COLUMNS(COLUMN) \
    COLUMN(SINCE_LINE, "since_line", "since", .audience = FOR_PEOPLE) \
    COLUMN(CHANGED_LINE, "changed_line", "changed", .audience = FOR_PEOPLE, .max_lines = 4) \
    COLUMN(SINCE, "failing_since", "failing since", .audience = FOR_DATA) \
    COLUMN(SUCCESS, "last_success", "last success", .audience = FOR_DATA) \
    COLUMN(DEPLOYED, "deployed_at", "deployed in between", .audience = FOR_DATA) \
    COLUMN(DEPLOYED_BY, "deployed_by", "by", .audience = FOR_DATA)
/* clang-format on */

#define EXE_LIST(COLUMN) EXECUTION_COLUMNS(COLUMN) TAIL_COLUMNS(COLUMN) CHANGE_COLUMNS(COLUMN)
#define COLUMN(id, ...)  PRESENT_ENUM(EXE, id),
enum { EXE_LIST(COLUMN) EXE_TAIL = EXE_CAUSE_LINE };
#undef COLUMN

#define COLUMN(id, ...) PRESENT_SPEC(EXE, id, __VA_ARGS__),
static const Column execution_columns[] = {EXE_LIST(COLUMN)};
#undef COLUMN

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

static void set_execution(const Builder *builder, Row *row, const Failure *failure)
{
    const Execution *e = &failure->execution;
    Arena *arena = builder->arena;

    row_set(row, EXE_ID, value_id(e->id));
    row_set(row, EXE_PATH, value_text(present_path(failure, arena)));
    row_set(row, EXE_WHEN, value_time(execution_time(e)));
    row_set(row, EXE_RUN, value_text(run_line(builder, failure)));
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
    row_set(row, EXE_DOUBTED, value_time(failure->doubted_end));
    row_set(row, EXE_DURATION, value_duration(execution_duration(e, builder->view->now)));
    row_set(row, EXE_SERVER, value_text(e->server_name));
    row_set(row, EXE_MACHINE, value_text(e->machine_name));
    row_set(row, EXE_WORKER, value_text(e->worker_agent_id));
    row_set(row, EXE_COUNT, e->executed_count > 0 ? value_id(e->executed_count) : value_none());
    row_set(row, EXE_PROCESS, e->process_id > 0 ? value_id(e->process_id) : value_none());
    row_set(row, EXE_32BIT, value_flag(e->use_32bit));
    row_set(row, EXE_LEVEL, e->logging_level >= 0 ? value_id(e->logging_level) : value_none());
    row_set(row, EXE_RERUN, value_text(failure->rerun));
    row_set(row, EXE_RERUN_WHY, value_text(failure->rerun_reason));
    row_set(row, EXE_FINISHED, value_count((int64_t)failure->finished_count));
}

static void set_changes(const Builder *builder, Row *row, const Failure *failure)
{
    const PackageChange *change = changes_of(builder->view->changes, failure);

    if (!change)
        return;
    row_set(row, EXE_SINCE_LINE, value_text(present_since(builder, failure)));
    const char *changed = present_changed(builder, failure);
    row_set(row, EXE_CHANGED_LINE,
            value_text(changed ? changed : present_unchanged(builder, failure)));
    row_set(row, EXE_SINCE, value_time(change->since));
    row_set(row, EXE_SUCCESS, value_time(change->success));
    row_set(row, EXE_DEPLOYED, value_time(change->deployed));
    row_set(row, EXE_DEPLOYED_BY, value_text(change->deployed_by));
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
        Row *row = section_row(section);
        set_execution(builder, row, failure);
        set_tail(builder, row, EXE_TAIL, failure);
        set_changes(builder, row, failure);
        add_captures(row, failure, builder->arena);
        if (builder->view->question->all_messages)
            add_messages(row, failure, builder->arena);
        shown++;
    }
}

/* ---- operations ------------------------------------------------------------------------------ */

/* clang-format off */
#define OPERATION_COLUMNS(COLUMN) \
    COLUMN(ID, "operation_id", "operation", .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN(PEOPLE_TYPE, "what", "what", .use = COLUMN_HEADING, .audience = FOR_PEOPLE) \
    COLUMN(WHEN, "time", "time", .use = COLUMN_HEADING, .align_right = true) \
    COLUMN(RUN, "run", "run", .use = COLUMN_PLAIN, .audience = FOR_PEOPLE) \
    COLUMN(TYPE, "operation_type", "type", .audience = FOR_DATA) \
    COLUMN(TYPE_CODE, "operation_type_code", "type", .audience = FOR_DATA) \
    COLUMN(OBJECT, "object_name", "object", .audience = FOR_DATA) \
    COLUMN(OBJECT_TYPE, "object_type", "object type", .audience = FOR_DATA) \
    COLUMN(CALLER, "caller", "caller", .audience = FOR_DATA) \
    COLUMN(STATUS, "status", "status", .audience = FOR_DATA) \
    COLUMN(STATUS_CODE, "status_code", "code", .audience = FOR_DATA) \
    COLUMN(CREATED, "created", "created", .audience = FOR_DATA) \
    COLUMN(START, "start", "start", .audience = FOR_DATA) \
    COLUMN(END, "end", "end", .audience = FOR_DATA) \
    COLUMN(DOUBTED, "doubted_end", "end not believed", .audience = FOR_DATA)
/* clang-format on */

#define OPE_LIST(COLUMN) OPERATION_COLUMNS(COLUMN) TAIL_COLUMNS(COLUMN)
#define COLUMN(id, ...)  PRESENT_ENUM(OPE, id),
enum { OPE_LIST(COLUMN) OPE_TAIL = OPE_CAUSE_LINE };
#undef COLUMN

#define COLUMN(id, ...) PRESENT_SPEC(OPE, id, __VA_ARGS__),
static const Column operation_columns[] = {OPE_LIST(COLUMN)};
#undef COLUMN

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

static void set_operation(Row *row, const Failure *failure, Arena *arena)
{
    const Operation *o = &failure->operation;
    const char *type = arena_text(arena, operation_type_name(o->type));
    const char *status = arena_text(arena, status_name(o->status));

    row_set(row, OPE_ID, value_id(o->id));
    row_set(row, OPE_PEOPLE_TYPE, value_text(present_path(failure, arena)));
    row_set(row, OPE_WHEN, value_time(operation_time(o)));
    row_set(row, OPE_RUN, value_text(state_line(failure, arena)));
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
    row_set(row, OPE_DOUBTED, value_time(failure->doubted_end));
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
        Row *row = section_row(section);
        set_operation(row, failure, builder->arena);
        set_tail(builder, row, OPE_TAIL, failure);
        add_captures(row, failure, builder->arena);
        if (builder->view->question->all_messages)
            add_messages(row, failure, builder->arena);
        shown++;
    }
}

const char *present_run(const Builder *builder, const Failure *failure)
{
    return failure->is_execution ? run_line(builder, failure) : state_line(failure, builder->arena);
}
