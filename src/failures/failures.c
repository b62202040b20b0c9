/* Reading what failed: six statements, then the causes. */
#include "ssisminer/failures/failures.h"

#include "rerun.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"
#include "ssisminer/ssisdb/ends.h"
#include "ssisminer/tds/transient.h"

#include <stdlib.h>
#include <string.h>

enum { ARGS_MAX = 9 };

typedef struct Reader {
    const Ssisdb *db;
    const FailuresQuestion *question;
    Arena *arena;
    Failures *out;
    StatusTotal *totals;
    size_t total_count, total_capacity;
    Failure *list; // by id while messages are read
    size_t count, capacity;
    uint64_t arrivals;
    Instant latest; // end that is believed
    TdsArg
        args[ARGS_MAX]; // since until latest first_id last_id failed unexpected canceled all_types
} Reader;

static void set_args(Reader *reader)
{
    const FailuresQuestion *q = reader->question;
    int64_t first, last;

    execution_filter_range(&q->filter, &first, &last);
    const TdsArg args[ARGS_MAX] = {
        {.name = "since", .time = q->since},
        {.name = "until", .time = q->until},
        {.name = "latest", .time = reader->latest},
        {.name = "first_id", .i64 = first},
        {.name = "last_id", .i64 = last},
        {.name = "failed", .i64 = q->with_failed},
        {.name = "unexpected", .i64 = q->with_unexpected},
        {.name = "canceled", .i64 = q->with_canceled},
        {.name = "all_types", .i64 = q->all_messages},
    };
    memcpy(reader->args, args, sizeof(args));
}

/* How many of the arguments above a statement takes. */
enum { ARGS_WINDOW = 5, ARGS_FAILED = 8, ARGS_MESSAGES = 9 };

/* ---- totals ---------------------------------------------------------------------------------- */

static void add_total(Reader *reader, int status, int64_t executions)
{
    for (size_t i = 0; i < reader->total_count; i++)
        if (reader->totals[i].status == status) {
            reader->totals[i].executions = sat_add(reader->totals[i].executions, executions);
            return;
        }
    reader->totals =
        arena_grow(reader->arena, reader->totals, reader->total_count, reader->total_count + 1,
                   &reader->total_capacity, sizeof(*reader->totals));
    reader->totals[reader->total_count++] = (StatusTotal){status, executions};
}

/* The statement groups by what the filter looks at, except the ids: of those it knows the bounds,
 * so a list with gaps in it cannot be counted. */
static bool can_count(const ExecutionFilter *filter)
{
    int64_t first, last;

    execution_filter_range(filter, &first, &last);
    return filter->id_count == 0 || (uint64_t)(last - first) + 1 == filter->id_count;
}

static void on_total(void *context, const TdsRows *rows)
{
    Reader *reader = context;
    ExecutionFilter filter = reader->question->filter;
    Execution group = {
        .folder = tds_text_copy(rows, SQL_FAILURES_TOTALS__FOLDER_NAME, reader->arena),
        .project = tds_text_copy(rows, SQL_FAILURES_TOTALS__PROJECT_NAME, reader->arena),
        .package = tds_text_copy(rows, SQL_FAILURES_TOTALS__PACKAGE_NAME, reader->arena),
        .caller = tds_text_copy(rows, SQL_FAILURES_TOTALS__CALLER_NAME, reader->arena),
    };
    int status = sat_int(tds_i64(rows, SQL_FAILURES_TOTALS__STATUS));

    filter.id_count = 0;
    if (execution_passes(&filter, &group))
        add_total(reader, status, tds_i64(rows, SQL_FAILURES_TOTALS__EXECUTIONS));
}

static int by_status(const void *a, const void *b)
{
    int x = ((const StatusTotal *)a)->status, y = ((const StatusTotal *)b)->status;

    return (x > y) - (x < y);
}

/* ---- executions and operations --------------------------------------------------------------- */

static Failure *add_failure(Reader *reader)
{
    reader->list = arena_grow(reader->arena, reader->list, reader->count, reader->count + 1,
                              &reader->capacity, sizeof(*reader->list));
    Failure *failure = &reader->list[reader->count++];
    *failure = (Failure){.decisive = SIZE_MAX};
    return failure;
}

/* Keeps what was written where it is not believed. */
static void resolve_end(Reader *reader, Failure *failure, Instant created, Instant start,
                        Instant *end)
{
    Instant written = *end;

    if (!ends_clear(created, start, end, reader->latest))
        return;
    failure->doubted_end = written;
    reader->out->doubted_count++;
}

static void on_execution(void *context, const TdsRows *rows)
{
    Reader *reader = context;
    Execution execution;

    execution_read(rows, reader->arena, &execution);
    if (!execution_passes(&reader->question->filter, &execution))
        return;
    Failure *failure = add_failure(reader);
    failure->is_execution = true;
    resolve_end(reader, failure, execution.created, execution.start, &execution.end);
    failure->execution = execution;
    failure->id = execution.id;
    failure->status = execution.status;
    failure->time = execution_time(&execution);
    reader->out->execution_count++;
}

/* An operation has an id and a caller in common with executions, nothing else to filter by. */
static bool operation_passes(const ExecutionFilter *filter, const Operation *operation)
{
    Execution like = {.id = operation->id, .caller = operation->caller};

    if (filter->folder_count > 0 || filter->project_count > 0 || filter->package_count > 0)
        return false;
    return execution_passes(filter, &like);
}

static void on_operation(void *context, const TdsRows *rows)
{
    Reader *reader = context;
    Operation operation;

    operation_read(rows, reader->arena, &operation);
    if (!operation_passes(&reader->question->filter, &operation))
        return;
    Failure *failure = add_failure(reader);
    resolve_end(reader, failure, operation.created, operation.start, &operation.end);
    failure->operation = operation;
    failure->id = operation.id;
    failure->status = operation.status;
    failure->time = operation_time(&operation);
    reader->out->operation_count++;
}

/* ---- what they said -------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    const Failure *x = a, *y = b;

    return x->id < y->id ? -1 : x->id > y->id;
}

/* The view joins what the machine was like; two rows of that are two rows of one execution. */
static void drop_repeated(Reader *reader)
{
    Failures *out = reader->out;
    size_t kept = 0;

    for (size_t i = 0; i < reader->count; i++) {
        const Failure *failure = &reader->list[i];
        if (kept == 0 || reader->list[kept - 1].id != failure->id) {
            reader->list[kept++] = *failure;
            continue;
        }
        out->doubted_count -= failure->doubted_end.is_set;
        if (failure->is_execution)
            out->execution_count--;
        else
            out->operation_count--;
    }
    reader->count = kept;
}

static Failure *find(Reader *reader, int64_t id)
{
    const Failure key = {.id = id};

    return bsearch(&key, reader->list, reader->count, sizeof(*reader->list), by_id);
}

static void on_level(void *context, const TdsRows *rows)
{
    Reader *reader = context;
    Failure *failure = find(reader, tds_i64(rows, SQL_FAILURES_LOGGING_LEVELS__EXECUTION_ID));
    Str text = tds_text(rows, SQL_FAILURES_LOGGING_LEVELS__LOGGING_LEVEL);
    int64_t level;

    if (failure && text.at && str_to_i64(str_trim(text), &level) && level >= 0 &&
        level <= INT32_MAX)
        failure->execution.logging_level = sat_int(level);
}

static void on_finished(void *context, const TdsRows *rows)
{
    Reader *reader = context;
    Failure *failure = find(reader, tds_i64(rows, SQL_FAILURES_FINISHED__EXECUTION_ID));

    if (failure)
        rerun_note(&reader->out->store->gathered[failure - reader->list],
                   tds_text(rows, SQL_FAILURES_FINISHED__PACKAGE_NAME),
                   tds_text(rows, SQL_FAILURES_FINISHED__PACKAGE_PATH),
                   tds_time(rows, SQL_FAILURES_FINISHED__END_TIME), reader->arena);
}

static KeptList *list_for(Gathered *gathered, int type)
{
    switch (type) {
    case MESSAGE_ERROR:
    case MESSAGE_TASK_FAILED:
    case MESSAGE_QUERY_CANCEL:
        return &gathered->errors;
    case MESSAGE_WARNING:
        return &gathered->warnings;
    default:
        return &gathered->others;
    }
}

static void on_message(void *context, const TdsRows *rows)
{
    Reader *reader = context;
    Failure *failure = find(reader, tds_i64(rows, SQL_FAILURES_MESSAGES__OPERATION_ID));
    Message message;

    if (!failure)
        return; // filtered out, or it failed between two statements
    message_read(rows, &message);
    failure->error_count += message.type == MESSAGE_ERROR;
    failure->warning_count += message.type == MESSAGE_WARNING;
    Gathered *gathered = &reader->out->store->gathered[failure - reader->list];
    size_t text_max = reader->question->all_messages ? SIZE_MAX : FAILURES_TEXT_MAX;
    if (!kept_add(list_for(gathered, message.type), &message, text_max, reader->arrivals++))
        failure->dropped_count++;
}

static int by_kept(const void *a, const void *b)
{
    return kept_compare(*(const Kept *const *)a, *(const Kept *const *)b);
}

/* The three lists as one, in order. The messages are copied flat; their texts stay
 * where they are. */
static void resolve_messages(Reader *reader, Failure *failure, const Gathered *gathered)
{
    const KeptList *lists[] = {&gathered->errors, &gathered->warnings, &gathered->others};
    size_t count = gathered->errors.count + gathered->warnings.count + gathered->others.count;
    size_t filled = 0;

    if (count == 0)
        return;
    AUTO(mem_free_at) Kept **all = mem_alloc(count * sizeof(*all));
    FailureMessage *messages = arena_alloc_array(reader->arena, count, sizeof(*messages));
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        for (size_t k = 0; k < lists[i]->count; k++)
            all[filled++] = lists[i]->at[k];
    qsort(all, count, sizeof(*all), by_kept);
    for (size_t i = 0; i < count; i++)
        messages[i] = all[i]->message;
    failure->messages = messages;
    failure->message_count = count;
}

static void gather(Reader *reader)
{
    struct FailuresStore *store = reader->out->store;
    size_t limit = reader->question->all_messages ? SIZE_MAX : FAILURES_KEEP;

    store->gathered = arena_alloc_array(reader->arena, reader->count, sizeof(*store->gathered));
    store->count = reader->count;
    for (size_t i = 0; i < store->count; i++)
        store->gathered[i] = (Gathered){.errors = {.limit = limit},
                                        .warnings = {.limit = limit},
                                        .others = {.limit = SIZE_MAX}};
}

static void settle(Reader *reader)
{
    const struct FailuresStore *store = reader->out->store;

    for (size_t i = 0; i < store->count; i++) {
        resolve_messages(reader, &reader->list[i], &store->gathered[i]);
        rerun_set_finished(&reader->list[i], &store->gathered[i], reader->arena);
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

static Rc read_part(Reader *reader, SqlId id, size_t arg_count, TdsRowFn *on_row, const char *what,
                    Err *err)
{
    Failures *out = reader->out;
    Err own = {0};
    Rc rc = tds_each(reader->db->tds, id, reader->args, arg_count, on_row, reader, &own);

    TRY(missing_record(&out->missing, reader->db, what, rc, &own, reader->arena, err));
    out->is_unread = out->is_unread || (rc != RC_OK && id == SQL_FAILURES_MESSAGES);
    return RC_OK;
}

static Rc read_all(Reader *reader, Err *err)
{
    if (can_count(&reader->question->filter))
        TRY(read_part(reader, SQL_FAILURES_TOTALS, ARGS_WINDOW, on_total,
                      "how many executions ended how", err));
    if (tds_each(reader->db->tds, SQL_FAILURES_EXECUTIONS, reader->args, ARGS_FAILED, on_execution,
                 reader, err) != RC_OK)
        return err_note(err, "reading failed executions");
    TRY(read_part(reader, SQL_FAILURES_OPERATIONS, ARGS_FAILED, on_operation,
                  "failed operations of other kinds", err));
    if (reader->count == 0)
        return RC_OK;
    qsort(reader->list, reader->count, sizeof(*reader->list), by_id);
    drop_repeated(reader);
    TRY(read_part(reader, SQL_FAILURES_LOGGING_LEVELS, ARGS_FAILED, on_level,
                  "the logging levels of failed executions", err));
    gather(reader);
    if (reader->out->execution_count > 0)
        TRY(read_part(reader, SQL_FAILURES_FINISHED, ARGS_FAILED, on_finished,
                      "what had finished in failed executions", err));
    TRY(read_part(reader, SQL_FAILURES_MESSAGES, ARGS_MESSAGES, on_message,
                  "the messages of what failed", err));
    settle(reader);
    return RC_OK;
}

static int newest_first(const void *a, const void *b)
{
    const Failure *x = a, *y = b;

    if (x->time.ticks != y->time.ticks)
        return x->time.ticks < y->time.ticks ? 1 : -1;
    return x->id < y->id ? 1 : x->id > y->id ? -1 : 0;
}

Rc failures_read(const Ssisdb *db, const SigSet *signatures, const FailuresQuestion *question,
                 Failures **ret_failures, Err *err)
{
    AUTO(failures_free_at) Failures *failures = mem_alloc(sizeof(*failures));

    failures->store = mem_alloc(sizeof(*failures->store));
    Reader reader = {
        .db = db,
        .question = question,
        .arena = &failures->store->arena,
        .out = failures,
        .latest = ends_latest(db),
    };
    set_args(&reader);
    TRY(read_all(&reader, err));
    if (reader.total_count > 0)
        qsort(reader.totals, reader.total_count, sizeof(*reader.totals), by_status);
    if (reader.count > 0)
        qsort(reader.list, reader.count, sizeof(*reader.list), newest_first);
    failures->totals = reader.totals;
    failures->total_count = reader.total_count;
    failures->list = reader.list;
    failures->count = reader.count;
    TRY(causes_find(failures, reader.list, signatures, reader.arena, err));
    rerun_decide(reader.list, reader.count, reader.arena);
    *ret_failures = failures;
    failures = NULL;
    return RC_OK;
}

void failures_free(Failures *failures)
{
    if (!failures)
        return;
    struct FailuresStore *store = failures->store;
    for (size_t i = 0; i < store->count; i++) {
        kept_done(&store->gathered[i].errors);
        kept_done(&store->gathered[i].warnings);
        kept_done(&store->gathered[i].others);
    }
    arena_done(&store->arena);
    free(store);
    free(failures);
}

void failures_free_at(Failures **failures)
{
    failures_free(*failures);
}
