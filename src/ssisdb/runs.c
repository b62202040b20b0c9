/* Executions as compact records with their first sign of work, streamed or kept. */
#include "ssisminer/ssisdb/runs.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/ssisdb/ends.h"

#include <stdlib.h>

static int64_t ticks_of(const TdsRows *rows, int column)
{
    Instant at = tds_time(rows, column);

    return at.is_set ? at.ticks : 0;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static uint32_t read_key(Names *names, const TdsRows *rows)
{
    NameKey key;

    for (int i = 0; i < KEY_TEXTS; i++)
        key.texts[i] = names_text(names, tds_text(rows, SQL_SSISDB_RUNS__FOLDER_NAME + i));
    return names_key(names, &key);
}

static Run run_of(Runs *runs, const TdsRows *rows, int64_t latest)
{
    Run run = {
        .id = tds_i64(rows, SQL_SSISDB_RUNS__EXECUTION_ID),
        .created = ticks_of(rows, SQL_SSISDB_RUNS__CREATED_TIME),
        .start = ticks_of(rows, SQL_SSISDB_RUNS__START_TIME),
        .end = ticks_of(rows, SQL_SSISDB_RUNS__END_TIME),
        .work = earlier(ticks_of(rows, SQL_SSISDB_RUNS__FIRST_EXECUTABLE),
                        ticks_of(rows, SQL_SSISDB_RUNS__FIRST_MESSAGE)),
        .key = read_key(&runs->names, rows),
        .caller = names_text(&runs->names, tds_text(rows, SQL_SSISDB_RUNS__CALLER_NAME)),
        .machine = names_text(&runs->names, tds_text(rows, SQL_SSISDB_RUNS__MACHINE_NAME)),
        .status = status_small(tds_i64(rows, SQL_SSISDB_RUNS__STATUS)),
    };

    if (ends_cannot_be(run.created, run.start, run.end, latest)) {
        run.end = 0;
        runs->doubted_count++;
    }
    return run;
}

static void keep_run(void *context, Runs *runs, const Run *run)
{
    (void)context;
    if (runs->count == runs->capacity) {
        runs->capacity = runs->capacity ? runs->capacity + runs->capacity / 2 : 1024;
        runs->list = mem_resize(runs->list, runs->capacity * sizeof(*runs->list));
    }
    runs->list[runs->count++] = *run;
}

static int by_id(const void *a, const void *b)
{
    const Run *x = a, *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

/* The view joins what the machine was like; two rows of that are two rows of one execution. Rows
 * mostly come in the order of ids, and then nothing is to be sorted. */
static void drop_repeated(Runs *runs)
{
    size_t kept = 0, i = 1;

    while (i < runs->count && runs->list[i - 1].id < runs->list[i].id)
        i++;
    if (i >= runs->count)
        return;
    qsort(runs->list, runs->count, sizeof(*runs->list), by_id);
    for (i = 0; i < runs->count; i++)
        if (kept == 0 || runs->list[kept - 1].id != runs->list[i].id)
            runs->list[kept++] = runs->list[i];
    runs->count = kept;
}

Rc runs_each(const Ssisdb *db, Instant since, Instant until, Runs *runs, RunFn *on_run,
             void *context, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    const TdsArg args[] = {{.name = "since", .time = since},
                           {.name = "until", .time = until},
                           {.name = "first_id", .i64 = 0},
                           {.name = "last_id", .i64 = INT64_MAX}};
    int64_t latest = ends_latest(db).ticks;
    bool has_row = true;

    TRY(tds_query(db->tds, SQL_SSISDB_RUNS, args, ARRAY_LEN(args), &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        Run run = run_of(runs, rows, latest);
        on_run(context, runs, &run);
    }
}

Rc runs_read(const Ssisdb *db, Instant since, Instant until, Runs *ret_runs, Err *err)
{
    TRY(runs_each(db, since, until, ret_runs, keep_run, NULL, err));
    drop_repeated(ret_runs);
    return RC_OK;
}

void runs_done(Runs *runs)
{
    names_done(&runs->names);
    free(runs->list);
    *runs = (Runs){0};
}

int64_t runs_first_start(const Runs *runs, int64_t otherwise)
{
    int64_t first = otherwise;

    for (size_t i = 0; i < runs->count; i++)
        if (runs->list[i].start != 0 && runs->list[i].start < first)
            first = runs->list[i].start;
    return first;
}

const char *runs_text(const Runs *runs, uint32_t number)
{
    return number ? runs->names.texts[number] : NULL;
}

const char *run_key_text(const Runs *runs, uint32_t key, int part)
{
    return runs_text(runs, runs->names.keys[key].texts[part]);
}

bool run_passes(const ExecutionFilter *filter, const Runs *runs, const Run *run)
{
    Execution execution = {
        .id = run->id,
        .folder = run_key_text(runs, run->key, KEY_FOLDER),
        .project = run_key_text(runs, run->key, KEY_PROJECT),
        .package = run_key_text(runs, run->key, KEY_PACKAGE),
        .caller = runs_text(runs, run->caller),
    };

    return execution_passes(filter, &execution);
}

static const char *or_unknown(const char *text)
{
    return text ? text : "?";
}

const char *run_path(const Runs *runs, uint32_t key, Arena *arena)
{
    return arena_printf(arena, "%s/%s/%s", or_unknown(run_key_text(runs, key, KEY_FOLDER)),
                        or_unknown(run_key_text(runs, key, KEY_PROJECT)),
                        or_unknown(run_key_text(runs, key, KEY_PACKAGE)));
}

/* A first sign before the start comes of two clocks: then there was no wait. */
int64_t run_wait(const Run *run)
{
    if (run->start == 0 || run->work == 0)
        return -1;
    return run->work > run->start ? run->work - run->start : 0;
}

bool run_worked(const Run *run, int64_t now, int64_t *ret_from, int64_t *ret_to)
{
    *ret_from = run->work ? run->work : run->start;
    *ret_to = run->end ? run->end : now;
    if (*ret_from == 0 || (run->end == 0 && !status_is_live(run->status)))
        return false;
    return run->work != 0 || run->status != STATUS_PENDING;
}
