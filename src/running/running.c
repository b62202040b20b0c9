/* Reading what is live. */
#include "ssisminer/running/running.h"

#include "internal.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"
#include "ssisminer/ssisdb/ends.h"

#include <stdlib.h>
#include <string.h>

typedef struct Reader {
    const Ssisdb *db;
    const RunningQuestion *question;
    Arena *arena;
    Hearing *hearing;
    Running *out;
    RunningOperation *list; // by id while rows arrive
    size_t count, capacity;
    RunningTask **tasks; // of the same index
    Usuals *usuals;
    Instant latest; // end that is believed
    int64_t first_id, last_id;
} Reader;

static void reader_done(Reader *reader)
{
    usuals_free(reader->usuals);
}

/* A part that the answer stands without. */
static Rc read_part(Reader *reader, SqlId id, const TdsArg *args, size_t arg_count,
                    TdsRowFn *on_row, const char *what, Err *err)
{
    Err own = {0};
    Rc rc = tds_each(reader->db->tds, id, args, arg_count, on_row, reader, &own);

    return missing_record(&reader->out->missing, reader->db, what, rc, &own, reader->arena, err);
}

static Instant earlier(Instant a, Instant b)
{
    return !a.is_set || (b.is_set && b.ticks < a.ticks) ? b : a;
}

static Instant later(Instant a, Instant b)
{
    return !a.is_set || (b.is_set && b.ticks > a.ticks) ? b : a;
}

/* ---- what is live ---------------------------------------------------------------------------- */

/* What neither the filter shows nor the server's load counts. */
static bool passes(const ExecutionFilter *filter, const RunningOperation *operation)
{
    Execution like = {.id = operation->id,
                      .folder = operation->folder,
                      .project = operation->project,
                      .package = operation->package,
                      .caller = operation->caller};

    if (!operation->package &&
        (filter->folder_count > 0 || filter->project_count > 0 || filter->package_count > 0))
        return false;
    return execution_passes(filter, &like);
}

static int level_of(const TdsRows *rows)
{
    Str text = tds_text(rows, SQL_RUNNING_LIVE__LOGGING_LEVEL);
    int64_t level;

    return text.at && str_to_i64(str_trim(text), &level) && level >= 0 ? sat_int(level) : -1;
}

static RunningOperation operation_of(Reader *reader, const TdsRows *rows)
{
    return (RunningOperation){
        .id = tds_i64(rows, SQL_RUNNING_LIVE__OPERATION_ID),
        .type = sat_int(tds_i64(rows, SQL_RUNNING_LIVE__OPERATION_TYPE)),
        .status = sat_int(tds_i64(rows, SQL_RUNNING_LIVE__STATUS)),
        .object_name = tds_text_copy(rows, SQL_RUNNING_LIVE__OBJECT_NAME, reader->arena),
        .caller = tds_text_copy(rows, SQL_RUNNING_LIVE__CALLER_NAME, reader->arena),
        .machine = tds_text_copy(rows, SQL_RUNNING_LIVE__MACHINE_NAME, reader->arena),
        .created = tds_time(rows, SQL_RUNNING_LIVE__CREATED_TIME),
        .start = tds_time(rows, SQL_RUNNING_LIVE__START_TIME),
        .folder = tds_text_copy(rows, SQL_RUNNING_LIVE__FOLDER_NAME, reader->arena),
        .project = tds_text_copy(rows, SQL_RUNNING_LIVE__PROJECT_NAME, reader->arena),
        .package = tds_text_copy(rows, SQL_RUNNING_LIVE__PACKAGE_NAME, reader->arena),
        .environment_folder =
            tds_text_copy(rows, SQL_RUNNING_LIVE__ENVIRONMENT_FOLDER_NAME, reader->arena),
        .environment = tds_text_copy(rows, SQL_RUNNING_LIVE__ENVIRONMENT_NAME, reader->arena),
        .logging_level = level_of(rows),
        .first_sign = earlier(tds_time(rows, SQL_RUNNING_LIVE__FIRST_EXECUTABLE),
                              tds_time(rows, SQL_RUNNING_LIVE__FIRST_MESSAGE)),
        .last_sign = later(tds_time(rows, SQL_RUNNING_LIVE__LAST_EXECUTABLE),
                           tds_time(rows, SQL_RUNNING_LIVE__LAST_MESSAGE)),
        .errors.count = tds_i64(rows, SQL_RUNNING_LIVE__ERRORS),
        .warnings = tds_i64(rows, SQL_RUNNING_LIVE__WARNINGS),
    };
}

static void on_live(void *context, const TdsRows *rows)
{
    Reader *reader = context;
    reader->list = arena_grow(reader->arena, reader->list, reader->count, reader->count + 1,
                              &reader->capacity, sizeof(*reader->list));
    reader->list[reader->count++] = operation_of(reader, rows);
}

static int by_id(const void *a, const void *b)
{
    const RunningOperation *x = a, *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

static int64_t pending_since(const RunningOperation *operation)
{
    return operation->start.is_set ? operation->start.ticks : operation->created.ticks;
}

/* The queue is the server's: who is in front counts whether or not the filter shows it. */
static void number_queue(Reader *reader)
{
    for (size_t i = 0; i < reader->count; i++) {
        RunningOperation *operation = &reader->list[i];
        if (operation->status != STATUS_PENDING)
            continue;
        operation->queue_position = 1;
        for (size_t k = 0; k < reader->count; k++) {
            const RunningOperation *other = &reader->list[k];
            int64_t before = pending_since(other), own = pending_since(operation);
            if (other->status == STATUS_PENDING &&
                (before < own || (before == own && other->id < operation->id)))
                operation->queue_position++;
        }
    }
}

static void resolve_live(Reader *reader)
{
    size_t kept = 0;

    if (reader->count > 0)
        qsort(reader->list, reader->count, sizeof(*reader->list), by_id);
    for (size_t i = 0; i < reader->count; i++) // the view joins what the machine was like
        if (kept == 0 || reader->list[kept - 1].id != reader->list[i].id)
            reader->list[kept++] = reader->list[i];
    reader->count = kept;
    number_queue(reader);
    for (size_t i = kept = 0; i < reader->count; i++) {
        const RunningOperation *operation = &reader->list[i];
        reader->out->running +=
            operation->status == STATUS_RUNNING || operation->status == STATUS_STOPPING;
        reader->out->pending += operation->status == STATUS_PENDING;
        if (passes(&reader->question->filter, operation))
            reader->list[kept++] = *operation;
    }
    reader->count = kept;
}

static RunningOperation *find(Reader *reader, int64_t id)
{
    const RunningOperation key = {.id = id};

    return reader->count ? bsearch(&key, reader->list, reader->count, sizeof(key), by_id) : NULL;
}

/* ---- where it is ----------------------------------------------------------------------------- */

/* "\Package\Loop" of "\Package\Loop[3]\Load" and of itself: what holds a task is no task. */
static bool holds(const char *outer, const char *inner)
{
    size_t len = strlen(outer);

    return strncmp(outer, inner, len) == 0 && (inner[len] == '\\' || inner[len] == '[');
}

/* What holds one that is there already is a container, and what is held takes its container's
 * place: in any order of the rows the tasks are left. */
static void add_task(RunningOperation *operation, RunningTask *tasks, RunningTask task)
{
    for (size_t i = 0; i < operation->task_count; i++) {
        if (holds(task.path, tasks[i].path))
            return;
        if (holds(tasks[i].path, task.path)) {
            tasks[i] = task;
            return;
        }
    }
    if (operation->task_count < RUNNING_TASKS_KEPT)
        tasks[operation->task_count++] = task;
}

static void on_task(void *context, const TdsRows *rows)
{
    Reader *reader = context;
    RunningOperation *operation = find(reader, tds_i64(rows, SQL_RUNNING_TASKS__OPERATION_ID));
    RunningTask task = {tds_text_copy(rows, SQL_RUNNING_TASKS__EXECUTION_PATH, reader->arena),
                        tds_time(rows, SQL_RUNNING_TASKS__BEGAN)};

    if (!operation || !task.path)
        return;
    RunningTask **tasks = &reader->tasks[operation - reader->list];
    if (!*tasks)
        *tasks = arena_alloc_array(reader->arena, RUNNING_TASKS_KEPT, sizeof(**tasks));
    operation->tasks = *tasks;
    add_task(operation, *tasks, task);
}

static void on_phase(void *context, const TdsRows *rows)
{
    Reader *reader = context;
    RunningOperation *operation = find(reader, tds_i64(rows, SQL_RUNNING_PHASES__EXECUTION_ID));
    const char *phase = tds_text_copy(rows, SQL_RUNNING_PHASES__PHASE, reader->arena);
    const char *component = tds_text_copy(rows, SQL_RUNNING_PHASES__COMPONENT_NAME, reader->arena);
    const char *task = tds_text_copy(rows, SQL_RUNNING_PHASES__TASK_NAME, reader->arena);

    if (!operation || !phase || operation->component)
        return;
    operation->component =
        arena_printf(reader->arena, "%s of %s%s%s", phase, component ? component : "?",
                     task ? " in " : "", task ? task : "");
}

/* Of several with the last time, the first that came: the order of rows is nobody's promise, and
 * each is as good. */
static void on_last(void *context, const TdsRows *rows)
{
    Reader *reader = context;
    RunningOperation *operation =
        find(reader, tds_i64(rows, SQL_RUNNING_LAST_MESSAGES__OPERATION_ID));
    Message message;

    if (!operation)
        return;
    message_read(rows, &message);
    if (!operation->last_message && message.text.at)
        operation->last_message =
            arena_copy(reader->arena, message.text.at,
                       message.text.len < RUNNING_TEXT_MAX
                           ? message.text.len
                           : str_utf8_floor(message.text.at, RUNNING_TEXT_MAX));
    if (!operation->last_path && message.execution_path.at)
        operation->last_path =
            arena_copy(reader->arena, message.execution_path.at, message.execution_path.len);
}

/* ---- errors ---------------------------------------------------------------------------------- */

static RunningNoisy noisy_of(Reader *reader, const TdsRows *rows)
{
    Instant end = tds_time(rows, SQL_RUNNING_ERRORS__END_TIME);
    Instant start = tds_time(rows, SQL_RUNNING_ERRORS__START_TIME);

    ends_clear(tds_time(rows, SQL_RUNNING_ERRORS__CREATED_TIME), start, &end, reader->latest);
    return (RunningNoisy){
        .id = tds_i64(rows, SQL_RUNNING_ERRORS__OPERATION_ID),
        .folder = tds_text_copy(rows, SQL_RUNNING_ERRORS__STARTED_FOLDER, reader->arena),
        .project = tds_text_copy(rows, SQL_RUNNING_ERRORS__STARTED_PROJECT, reader->arena),
        .package = tds_text_copy(rows, SQL_RUNNING_ERRORS__STARTED_PACKAGE, reader->arena),
        .caller = tds_text_copy(rows, SQL_RUNNING_ERRORS__CALLER_NAME, reader->arena),
        .status = sat_int(tds_i64(rows, SQL_RUNNING_ERRORS__STATUS)),
        .start = start,
        .end = end,
    };
}

static bool noisy_passes(const ExecutionFilter *filter, const RunningNoisy *noisy)
{
    Execution like = {.id = noisy->id,
                      .folder = noisy->folder,
                      .project = noisy->project,
                      .package = noisy->package,
                      .caller = noisy->caller};

    return execution_passes(filter, &like);
}

static void on_error(void *context, const TdsRows *rows)
{
    Reader *reader = context;
    int64_t id = tds_i64(rows, SQL_RUNNING_ERRORS__OPERATION_ID);
    bool is_noisy = !find(reader, id);
    Heard *heard = hearing_find(reader->hearing, id);
    Message message;

    if (!heard) {
        RunningNoisy noisy = noisy_of(reader, rows);
        if (is_noisy &&
            (!status_is_terminal(noisy.status) || !noisy_passes(&reader->question->filter, &noisy)))
            return;
        heard = hearing_of(reader->hearing, id, is_noisy);
        if (!heard)
            return;
        heard->noisy = noisy;
    }
    message_read(rows, &message);
    heard_add(heard, &message, reader->arena);
}

static int latest_first(const void *a, const void *b)
{
    const RunningNoisy *x = a, *y = b;

    if (x->end.ticks != y->end.ticks)
        return x->end.ticks < y->end.ticks ? 1 : -1;
    return (x->id < y->id) - (x->id > y->id);
}

static Rc resolve_errors(Reader *reader, const SigSet *signatures, Err *err)
{
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(signatures);
    Hearing *hearing = reader->hearing;
    RunningNoisy *noisy = arena_alloc_array(reader->arena, hearing->count, sizeof(*noisy));
    size_t count = 0;

    for (size_t i = 0; i < hearing->count; i++) {
        const Heard *heard = hearing->list[i];
        RunningOperation *operation = find(reader, heard->id);
        RunningErrors *errors = operation ? &operation->errors : &noisy[count].errors;
        if (!operation)
            noisy[count++] = heard->noisy;
        TRY(heard_diagnose(heard, signatures, scratch, STATUS_FAILED, reader->arena, errors, err));
    }
    if (count > 0)
        qsort(noisy, count, sizeof(*noisy), latest_first);
    reader->out->noisy = noisy;
    reader->out->noisy_count = count;
    reader->out->has_more_noisy = hearing->has_more;
    return RC_OK;
}

/* ---- what is usual --------------------------------------------------------------------------- */

enum { USUAL_TEXTS = 5 }; // folder, project, package, folder and name of the environment

static const char *key_of(const char *const *texts, Arena *arena)
{
    const char *parts[USUAL_TEXTS];

    for (int i = 0; i < USUAL_TEXTS; i++)
        parts[i] = texts[i] ? texts[i] : "";
    return arena_printf(arena, "%s\x1f%s\x1f%s\x1f%s\x1f%s", parts[0], parts[1], parts[2], parts[3],
                        parts[4]);
}

static void on_usual(void *context, const TdsRows *rows)
{
    Reader *reader = context;
    AUTO(arena_done) Arena scratch = {0};
    Instant start = tds_time(rows, SQL_RUNNING_USUAL__START_TIME);
    Instant end = tds_time(rows, SQL_RUNNING_USUAL__END_TIME);
    Instant work = tds_time(rows, SQL_RUNNING_USUAL__FIRST_EXECUTABLE);
    const char *texts[USUAL_TEXTS];

    if (ends_clear(tds_time(rows, SQL_RUNNING_USUAL__CREATED_TIME), start, &end, reader->latest))
        return;
    if (work.is_set)
        start = work;
    if (!start.is_set || !end.is_set || end.ticks < start.ticks)
        return;
    for (int i = 0; i < USUAL_TEXTS; i++) {
        Str text = tds_text(rows, SQL_RUNNING_USUAL__FOLDER_NAME + i);
        texts[i] = text.at ? arena_copy(&scratch, text.at, text.len) : NULL;
    }
    usuals_add(reader->usuals, key_of(texts, &scratch), sat_sub(end.ticks, start.ticks));
}

static RunningUsual usual_of(Reader *reader, const RunningOperation *o)
{
    const char *texts[USUAL_TEXTS] = {o->folder, o->project, o->package, o->environment_folder,
                                      o->environment};

    if (!o->package)
        return (RunningUsual){0};
    return usuals_of(reader->usuals, key_of(texts, reader->arena), reader->question->least_runs);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static int neediest_first(const void *a, const void *b)
{
    const RunningOperation *x = a, *y = b;

    if (x->state != y->state)
        return (x->state > y->state) - (x->state < y->state);
    if (x->age != y->age)
        return x->age < y->age ? 1 : -1;
    return (x->id > y->id) - (x->id < y->id);
}

static void settle(Reader *reader)
{
    Running *out = reader->out;
    Instant now = reader->db->server_now;

    for (size_t i = 0; i < reader->count; i++) {
        reader->list[i].usual = usual_of(reader, &reader->list[i]);
        running_classify(&reader->list[i], reader->question, now);
        out->of_state[reader->list[i].state]++;
    }
    if (reader->count > 0)
        qsort(reader->list, reader->count, sizeof(*reader->list), neediest_first);
    for (size_t i = 0; i < out->workers.count; i++)
        out->workers_online += worker_is_online(&out->workers.list[i], now);
    out->list = reader->list;
    out->count = reader->count;
}

static Rc read_places(Reader *reader, Err *err)
{
    const RunningQuestion *q = reader->question;
    Instant from = time_add(reader->db->server_now, -q->look_back);
    const TdsArg ids[] = {{.name = "first_id", .i64 = reader->first_id},
                          {.name = "last_id", .i64 = reader->last_id}};
    const TdsArg usual[] = {{.name = "since", .time = from},
                            {.name = "latest", .time = reader->latest},
                            {.name = "first_id", .i64 = 0},
                            {.name = "last_id", .i64 = INT64_MAX}};

    if (reader->count == 0)
        return RC_OK;
    reader->tasks = arena_alloc_array(reader->arena, reader->count, sizeof(*reader->tasks));
    TRY(read_part(reader, SQL_RUNNING_TASKS, ids, ARRAY_LEN(ids), on_task, "the tasks that run",
                  err));
    TRY(read_part(reader, SQL_RUNNING_PHASES, ids, ARRAY_LEN(ids), on_phase,
                  "the phases of components that run", err));
    TRY(read_part(reader, SQL_RUNNING_LAST_MESSAGES, ids, ARRAY_LEN(ids), on_last,
                  "the last messages", err));
    return read_part(reader, SQL_RUNNING_USUAL, usual, ARRAY_LEN(usual), on_usual,
                     "how long packages usually take", err);
}

static Rc read_all(Reader *reader, const SigSet *signatures, Err *err)
{
    const RunningQuestion *q = reader->question;
    const TdsArg live[] = {{.name = "since", .time = q->since},
                           {.name = "first_id", .i64 = 0},
                           {.name = "last_id", .i64 = INT64_MAX}};

    if (tds_each(reader->db->tds, SQL_RUNNING_LIVE, live, ARRAY_LEN(live), on_live, reader, err) !=
        RC_OK)
        return err_note(err, "reading what is live");
    resolve_live(reader);
    TRY(read_places(reader, err));
    const TdsArg errors[] = {{.name = "since", .time = q->since},
                             {.name = "until", .time = q->until},
                             {.name = "latest", .time = reader->latest},
                             {.name = "first_id", .i64 = reader->first_id},
                             {.name = "last_id", .i64 = reader->last_id}};
    TRY(read_part(reader, SQL_RUNNING_ERRORS, errors, ARRAY_LEN(errors), on_error, "the errors",
                  err));
    TRY(resolve_errors(reader, signatures, err));
    TRY(workers_read(reader->db, reader->arena, &reader->out->workers, err));
    settle(reader);
    return RC_OK;
}

Rc running_read(const Ssisdb *db, const SigSet *signatures, const RunningQuestion *question,
                Running **ret_running, Err *err)
{
    AUTO(running_free_at) Running *running = mem_alloc(sizeof(*running));

    running->store = mem_alloc(sizeof(*running->store));
    AUTO(reader_done)
    Reader reader = {
        .db = db,
        .question = question,
        .arena = &running->store->arena,
        .hearing = &running->store->hearing,
        .out = running,
        .usuals = usuals_new(),
        .latest = ends_latest(db),
    };
    execution_filter_range(&question->filter, &reader.first_id, &reader.last_id);
    TRY(read_all(&reader, signatures, err));
    *ret_running = running;
    running = NULL;
    return RC_OK;
}

void running_free(Running *running)
{
    if (!running)
        return;
    hearing_done(&running->store->hearing);
    arena_done(&running->store->arena);
    free(running->store);
    free(running);
}

void running_free_at(Running **running)
{
    running_free(*running);
}
