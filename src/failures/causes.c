/* From messages to root causes: one diagnosis a failure, then failures of one cause together. */
#include "internal.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TITLE_MAX = 160 };

/* ---- failures that say nothing --------------------------------------------------------------- */

typedef struct Silence {
    const char *id, *title, *retry, *retry_advice, *text;
    const char *actions[3];
} Silence;

static const Silence canceled = {
    "canceled",
    "Canceled",
    "unknown",
    "ask who canceled it",
    "A person or a program stopped the execution (catalog.stop_operation, a job's Stop, an "
    "activity's timeout); the execution itself reported no error.",
    {"See who stopped it, and whether a time limit of the calling job or pipeline did.",
     "If it was running for too long, look at `ssisminer slow`."},
};

static const Silence logging_off = {
    "logging-level-none",
    "Failed with logging switched off",
    "unknown",
    "unknown: nothing was logged",
    "The execution ran with logging level None, which keeps its status and no message.",
    {"Run it again with LOGGING_LEVEL 1 (Basic) and read the report then.",
     "Raise the server-wide default (SERVER_LOGGING_LEVEL) if it is 0."},
};

static const Silence never_created = {
    "execution-not-created",
    "create_execution failed: no execution was made",
    "unknown",
    "unknown: look at the caller's error",
    "catalog.create_execution failed and left an operation without an execution. The error went to "
    "the caller alone: a missing package, parameter, environment reference or permission, or the "
    "lock that lets one execution be created at a time (27195).",
    {"Read the error in the job or pipeline that called it at that time.",
     "`ssisminer explain NUMBER` tells what its number means."},
};

static const Silence no_message = {
    "no-error-message",
    "Failed without an error message",
    "unknown",
    "unknown: look at the messages",
    "The operation failed, and none of its messages is an error with a text.",
    {"Read everything it said with --details and --execution.",
     "Look at the machine's own event log for that time."},
};

static const Silence unread = {
    "messages-unread",
    "Not known: its messages could not be read",
    "unknown",
    "unknown: read the messages",
    "The server broke off the statement that reads the messages; the warning above says why.",
    {"Run the report again when that is over.",
     "Ask for less: --execution, --package, or a shorter window."},
};

static const Silence *silence_of(const Failures *failures, const Failure *failure)
{
    if (failures->is_unread && failure->message_count == 0)
        return &unread;
    if (failure->status == STATUS_CANCELED)
        return &canceled;
    if (!failure->is_execution && failure->operation.type == OPERATION_CREATE_EXECUTION)
        return &never_created;
    if (failure->is_execution && failure->execution.logging_level == 0)
        return &logging_off;
    return &no_message;
}

static void describe_silence(FailureCause *cause, const Failures *failures, const Failure *failure)
{
    const Silence *silence = silence_of(failures, failure);

    cause->kind = CAUSE_SILENT;
    cause->id = silence->id;
    cause->title = silence->title;
    cause->text = silence->text;
    cause->actions = silence->actions;
    while (cause->action_count < ARRAY_LEN(silence->actions) &&
           silence->actions[cause->action_count])
        cause->action_count++;
    cause->severity = failure->status == STATUS_CANCELED ? SIG_WARNING : SIG_ERROR;
    cause->retry = silence->retry;
    cause->retry_advice = silence->retry_advice;
}

/* ---- failures with a cause ------------------------------------------------------------------- */

static void describe_known(FailureCause *cause, const Signature *signature)
{
    cause->kind = CAUSE_KNOWN;
    cause->id = signature->id;
    cause->title = signature->title;
    cause->signature = signature;
    cause->text = signature->cause;
    cause->actions = signature->actions;
    cause->action_count = signature->action_count;
    cause->severity = signature->severity;
    cause->retry = sig_retry_name(signature->retry);
    cause->retry_advice = sig_retry_advice(signature->retry);
}

/* One line of the masked text, long enough to tell unknowns apart. */
static const char *unknown_title(const char *mask, Arena *arena)
{
    AUTO(buf_done) Buf title = BUF(TITLE_MAX);
    size_t len = str_utf8_floor(mask, strlen(mask) < TITLE_MAX ? strlen(mask) : TITLE_MAX);

    for (size_t i = 0; i < len; i++) {
        bool is_blank = mask[i] == ' ' || mask[i] == '\n' || mask[i] == '\r' || mask[i] == '\t';
        if (!is_blank)
            buf_putc(&title, mask[i]);
        else if (title.len > 0 && title.text[title.len - 1] != ' ')
            buf_putc(&title, ' ');
    }
    return title.len > 0 ? arena_text(arena, buf_text(&title)) : "an error without a text";
}

static void describe_unknown(FailureCause *cause, const Fingerprint *fingerprint, Arena *arena)
{
    static const char *const actions[] = {
        "Read the decisive message above; --details shows all that was said.",
        "Write a signature for it and pass the file with --signatures, so that the next report "
        "names it.",
    };

    cause->kind = CAUSE_UNKNOWN;
    cause->id = arena_text(arena, fingerprint->id);
    cause->title = unknown_title(fingerprint->mask ? fingerprint->mask : "", arena);
    cause->text = "No signature of the catalog knows this error.";
    cause->actions = actions;
    cause->action_count = ARRAY_LEN(actions);
    cause->severity = SIG_ERROR;
    cause->retry = "unknown";
    cause->retry_advice = "unknown: read the message";
}

static FailureCause describe(const Failures *failures, const Failure *failure, Arena *arena)
{
    FailureCause cause = {0};
    const Diagnosis *diagnosis = &failure->diagnosis;

    if (diagnosis->signature)
        describe_known(&cause, diagnosis->signature);
    else if (diagnosis->decisive != SIZE_MAX && diagnosis->fingerprint.id[0] != '\0')
        describe_unknown(&cause, &diagnosis->fingerprint, arena);
    else
        describe_silence(&cause, failures, failure);
    return cause;
}

/* ---- one diagnosis --------------------------------------------------------------------------- */

static bool is_judged(int type)
{
    return type == MESSAGE_ERROR || type == MESSAGE_WARNING || type == MESSAGE_TASK_FAILED ||
           type == MESSAGE_QUERY_CANCEL;
}

/* The judged messages, and for each its place in the failure's own list: the answer is the same
 * whether the rest was read or not. */
static size_t pick_judged(const Failure *failure, DiagMessage *picked, size_t *places)
{
    size_t count = 0;

    for (size_t i = 0; i < failure->message_count; i++) {
        const FailureMessage *m = &failure->messages[i];
        if (!is_judged(m->type))
            continue;
        places[count] = i;
        picked[count++] = (DiagMessage){
            .text = m->text.at ? m->text : str_of(""),
            .code = m->code,
            .type = m->type,
            .source_type = m->source_type,
            .ticks = m->time.ticks,
            .package = m->package,
            .source_name = m->source_name,
            .subcomponent = m->subcomponent,
            .package_path = m->package_path,
            .execution_path = m->execution_path,
        };
    }
    return count;
}

static Rc diagnose_one(Failure *failure, const SigSet *signatures, SigScratch *scratch,
                       Arena *arena, Err *err)
{
    size_t room = failure->message_count ? failure->message_count : 1;
    AUTO(mem_free_at) DiagMessage *picked = mem_alloc(room * sizeof(*picked));
    AUTO(mem_free_at) size_t *places = mem_alloc(room * sizeof(*places));
    size_t count = pick_judged(failure, picked, places);

    TRY(diagnose(signatures, scratch, picked, count, failure->status, arena, &failure->diagnosis,
                 err));
    failure->decisive =
        failure->diagnosis.decisive < count ? places[failure->diagnosis.decisive] : SIZE_MAX;
    return RC_OK;
}

/* ---- grouping -------------------------------------------------------------------------------- */

typedef struct Member {
    Failure *failure;
    FailureCause cause;
    const char *package; // "folder/project/package", NULL for an operation
} Member;

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static const char *package_of(const Failure *failure, Arena *arena)
{
    const Execution *e = &failure->execution;

    if (!failure->is_execution)
        return NULL;
    return arena_printf(arena, "%s/%s/%s", or_empty(e->folder), or_empty(e->project),
                        or_empty(e->package));
}

static int by_cause_then_package(const void *a, const void *b)
{
    const Member *x = a, *y = b;
    int order = strcmp(x->cause.id, y->cause.id);

    return order != 0 ? order : str_compare_fold(x->package, y->package);
}

static void include(FailureCause *cause, const Member *member)
{
    Instant time = member->failure->time;

    if (member->failure->is_execution)
        cause->executions++;
    else
        cause->operations++;
    if (!cause->first_seen.is_set || (time.is_set && time.ticks < cause->first_seen.ticks))
        cause->first_seen = time;
    if (!cause->last_seen.is_set || (time.is_set && time.ticks > cause->last_seen.ticks))
        cause->last_seen = time;
}

/* Members of one cause stand together, sorted by package. */
static size_t group_one(Member *members, size_t left, FailureCause *ret_cause, Arena *arena)
{
    FailureCause cause = members[0].cause;
    const char **packages = NULL;
    size_t capacity = 0, count = 0;

    for (; count < left && strcmp(members[count].cause.id, cause.id) == 0; count++) {
        const char *package = members[count].package;
        include(&cause, &members[count]);
        if (!package ||
            (cause.package_count > 0 && str_same_fold(packages[cause.package_count - 1], package)))
            continue;
        packages = arena_grow(arena, packages, cause.package_count, cause.package_count + 1,
                              &capacity, sizeof(*packages));
        packages[cause.package_count++] = package;
    }
    cause.packages = packages;
    *ret_cause = cause;
    return count;
}

int causes_order(const CauseRank *a, const CauseRank *b)
{
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    if (a->last_seen.ticks != b->last_seen.ticks)
        return a->last_seen.ticks < b->last_seen.ticks ? 1 : -1;
    return strcmp(a->id, b->id);
}

static int most_frequent_first(const void *a, const void *b)
{
    const FailureCause *x = a, *y = b;

    return causes_order(&(CauseRank){x->executions + x->operations, x->last_seen, x->id},
                        &(CauseRank){y->executions + y->operations, y->last_seen, y->id});
}

static void group(Failures *failures, Member *members, Arena *arena)
{
    FailureCause *causes = arena_alloc_array(arena, failures->count, sizeof(*causes));
    size_t count = 0;

    qsort(members, failures->count, sizeof(*members), by_cause_then_package);
    for (size_t at = 0; at < failures->count;)
        at += group_one(members + at, failures->count - at, &causes[count++], arena);
    qsort(causes, count, sizeof(*causes), most_frequent_first);
    failures->causes = causes;
    failures->cause_count = count;
}

static int by_id(const void *a, const void *b)
{
    return strcmp((*(const FailureCause *const *)a)->id, (*(const FailureCause *const *)b)->id);
}

/* Tells each failure its cause, now that the causes have their last place. */
static void link_causes(const Failures *failures, const Member *members)
{
    AUTO(mem_free_at)
    const FailureCause **sorted = mem_alloc(failures->cause_count * sizeof(*sorted));

    for (size_t i = 0; i < failures->cause_count; i++)
        sorted[i] = &failures->causes[i];
    qsort(sorted, failures->cause_count, sizeof(*sorted), by_id);
    for (size_t i = 0, at = 0; i < failures->count; i++) {
        while (strcmp(sorted[at]->id, members[i].cause.id) != 0)
            at++; // both are in the order of ids
        members[i].failure->cause = sorted[at];
    }
}

Rc causes_find(Failures *failures, Failure *list, const SigSet *signatures, Arena *arena, Err *err)
{
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(signatures);
    AUTO(mem_free_at) Member *members = mem_alloc(failures->count * sizeof(*members));

    for (size_t i = 0; i < failures->count; i++) {
        TRY(diagnose_one(&list[i], signatures, scratch, arena, err));
        members[i] =
            (Member){&list[i], describe(failures, &list[i], arena), package_of(&list[i], arena)};
    }
    if (failures->count == 0)
        return RC_OK;
    group(failures, members, arena);
    link_causes(failures, members);
    return RC_OK;
}

void failures_keep(Failures *failures, const bool *wanted)
{
    AUTO(mem_free_at) Member *members = mem_alloc((failures->count + 1) * sizeof(*members));
    Arena *arena = &failures->store->arena;
    Failure *kept = arena_alloc_array(arena, failures->count, sizeof(*kept));
    size_t count = 0;

    failures->execution_count = failures->operation_count = 0;
    for (size_t i = 0; i < failures->count; i++) {
        if (!wanted[i])
            continue;
        kept[count] = failures->list[i];
        FailureCause cause = *kept[count].cause;
        cause.executions = cause.operations = 0;
        cause.packages = NULL;
        cause.package_count = 0;
        cause.first_seen = cause.last_seen = (Instant){0};
        members[count] = (Member){&kept[count], cause, package_of(&kept[count], arena)};
        failures->execution_count += kept[count].is_execution;
        failures->operation_count += !kept[count].is_execution;
        count++;
    }
    failures->list = kept;
    failures->count = count;
    failures->cause_count = 0;
    if (count == 0)
        return;
    group(failures, members, arena);
    link_causes(failures, members);
}
