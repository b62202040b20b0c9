/* Range by range, table by table, batch by batch. */
#include "runner.h"
#include "selection.h"

#include "ssisminer/base/mem.h"

enum {
    FIRST_ROWS = 500,
    FK_REFUSED = 547, // a child came in behind us
    REPEATS_MAX = 3,
    PASSES_MAX = 3 // over what others held locks on
};

/* Of a range: what hangs on its operations, then they themselves. */
enum { CHILDREN = 1, PARENTS = 2 };

static const SqlId deletes[LOG_TABLE_COUNT] = {
#define LOG_TABLE(id, ...) [LOG_TABLE_##id] = SQL_CLEANUP_DELETE_##id,
#include "ssisminer/ssisdb/log_tables.def"
#undef LOG_TABLE
};

typedef struct Doomed {
    bool is_created, is_failed;
    bool is_apart; // the operation before it stays
    bool is_left;  // it stays as well, this time
} Doomed;

typedef struct Chunk { // ranges among at most CLEANUP_CHUNK operations
    IdRange ranges[CLEANUP_CHUNK];
    size_t count;
    int64_t ids[CLEANUP_CHUNK]; // of the doomed
    Doomed of[CLEANUP_CHUNK];   // likewise
    size_t doomed;
    int64_t last_id; // of all operations in it, doomed or not
    bool is_open;
    int64_t archived[CLEANUP_CHUNK]; // to archive before the others go
    bool is_put[CLEANUP_CHUNK];      // what came of it
} Chunk;

static void on_candidate(void *context, const Candidate *candidate)
{
    Chunk *chunk = context;

    chunk->last_id = candidate->id;
    if (candidate->is_doomed) {
        chunk->of[chunk->doomed] =
            (Doomed){.is_created = candidate->status == STATUS_CREATED,
                     .is_failed = candidate->status == STATUS_FAILED ||
                                  candidate->status == STATUS_ENDED_UNEXPECTEDLY,
                     .is_apart = !chunk->is_open};
        chunk->ids[chunk->doomed++] = candidate->id;
    }
    chunk->is_open = candidate->is_doomed;
}

/* Consecutive ones together. */
static void find_ranges(Chunk *chunk)
{
    chunk->count = 0;
    for (size_t i = 0; i < chunk->doomed; i++) {
        if (chunk->of[i].is_apart)
            chunk->ranges[chunk->count++] =
                (IdRange){.first = chunk->ids[i], .ids = &chunk->ids[i]};
        IdRange *range = &chunk->ranges[chunk->count - 1];
        range->last = chunk->ids[i];
        range->count++;
        range->created += chunk->of[i].is_created;
    }
}

/* ---- before anything of it goes -------------------------------------------------------------- */

static bool is_wanted(const Runner *runner, const Chunk *chunk, size_t at)
{
    return runner->archive && (runner->archive_wish.has_all_operations || chunk->of[at].is_failed);
}

static void drop_left(Chunk *chunk)
{
    size_t kept = 0;
    bool is_apart = false;

    for (size_t i = 0; i < chunk->doomed; i++) {
        is_apart |= chunk->of[i].is_apart || chunk->of[i].is_left;
        if (chunk->of[i].is_left)
            continue;
        chunk->ids[kept] = chunk->ids[i];
        chunk->of[kept] = chunk->of[i];
        chunk->of[kept++].is_apart = is_apart;
        is_apart = false;
    }
    chunk->doomed = kept;
}

/* What is not in the archive stays on the server: it leaves the chunk. */
static void keep_unarchived(Runner *runner, Chunk *chunk, size_t wanted)
{
    size_t at = 0;

    for (size_t i = 0; i < chunk->doomed; i++) {
        bool is_left = at < wanted && chunk->archived[at] == chunk->ids[i] && !chunk->is_put[at++];
        chunk->of[i].is_left |= is_left;
        runner->run->unarchived += is_left;
    }
    drop_left(chunk);
}

/* All of the chunk at once, so that it takes as many statements however its ranges lie. */
static Rc archive_chunk(Runner *runner, Chunk *chunk, bool *ret_any, Err *err)
{
    size_t wanted = 0;

    *ret_any = false;
    for (size_t i = 0; i < chunk->doomed; i++)
        if (is_wanted(runner, chunk, i))
            chunk->archived[wanted++] = chunk->ids[i];
    *ret_any = wanted > 0;
    if (wanted == 0)
        return RC_OK;
    runner_say(runner, "archiving");
    TRY(archive_put(runner->archive, chunk->archived, wanted, chunk->is_put, err));
    keep_unarchived(runner, chunk, wanted);
    return RC_OK;
}

/* Again, for what came between two deletes of one range. What cannot be read now was archived
 * before. */
static Rc archive_again(Runner *runner, const Chunk *chunk, IdRange range, Err *err)
{
    AUTO(mem_free_at) int64_t *ids = mem_alloc(sizeof(*ids) * (size_t)range.count);
    AUTO(mem_free_at) bool *is_put = mem_alloc(sizeof(*is_put) * (size_t)range.count);
    size_t first = (size_t)(range.ids - chunk->ids), wanted = 0;

    for (size_t i = first; i < first + (size_t)range.count; i++)
        if (is_wanted(runner, chunk, i))
            ids[wanted++] = chunk->ids[i];
    return archive_put(runner->archive, ids, wanted, is_put, err);
}

/* ---- one range ------------------------------------------------------------------------------- */

static Rc send(Runner *runner, const Batch *batch, int64_t rows, int64_t *ret_affected, Err *err)
{
    const CleanupPlan *plan = runner->plan;
    size_t table = batch->table;
    IdRange range = batch->range;
    const TdsArg args[] = {
        {.name = "rows", .i64 = rows},
        {.name = "first_id", .i64 = range.first},
        {.name = "last_id", .i64 = range.last},
        {.name = "cutoff", .time = plan->cutoff},
        {.name = "failed_cutoff", .time = plan->failed_cutoff},
        {.name = "with_created", .i64 = plan->tables[table].with_created},
        {.name = "lock_timeout", .i64 = plan->wish->lock_timeout_ms},
    };

    return tds_exec(plan->db->tds, deletes[plan->tables[table].id], args, ARRAY_LEN(args),
                    ret_affected, err);
}

static IdRange part_of(IdRange range, int64_t at, int64_t most)
{
    int64_t count = range.count - at < most ? range.count - at : most;

    return (IdRange){.first = range.ids[at],
                     .last = range.ids[at + count - 1],
                     .count = count,
                     .ids = range.ids + at};
}

/* Part by part, so that no statement goes over operations again whose rows are gone: it would read
 * them all, and pass what the server has yet to clear away behind a delete. */
static Rc delete_from_table(Runner *runner, size_t table, IdRange range, Err *err)
{
    Pace *pace = &runner->paces[table];
    const int64_t *gone = &runner->run->tables[table].rows;
    Batch batch = {.table = table, .send = send};

    for (int64_t at = 0; at < range.count && !runner->is_stopping; at += batch.range.count) {
        int64_t before = *gone;
        batch.range = part_of(range, at, pace_operations(pace));
        TRY(batch_all(runner, &batch, err));
        pace_found(pace, *gone - before, batch.range.count);
    }
    return RC_OK;
}

/* Of never started operations rows go by cascade: what there is of them. */
static Rc count_created(Runner *runner, IdRange range, int64_t ret_rows[CLEANUP_TABLES_MAX],
                        Err *err)
{
    return range.created == 0 ? RC_OK
                              : selection_count_rows(runner->plan, range, true, ret_rows, err);
}

static void note_cascades(Runner *runner, const int64_t *before, const int64_t *after)
{
    CleanupRun *run = runner->run;

    for (size_t i = 0; i < runner->plan->table_count; i++) {
        int64_t gone = before[i] > after[i] ? before[i] - after[i] : 0;
        if (runner->plan->tables[i].with_created)
            continue; // counted by its own statement
        run->tables[i].rows += gone;
        run->cascaded_rows += gone;
        run->rows += gone;
        cleanup_slices_add(&run->slices, time_monotonic_ms() - runner->start_ms, gone);
    }
}

/* The operations last; what of them goes by cascade is counted before and after, which is exact
 * unless one is started in between. */
static Rc delete_parents(Runner *runner, size_t table, IdRange range, Err *err)
{
    int64_t before[CLEANUP_TABLES_MAX] = {0}, after[CLEANUP_TABLES_MAX] = {0};
    Err uncounted;

    TRY(count_created(runner, range, before, err));
    Rc rc = delete_from_table(runner, table, range, err);
    bool may_count = rc == RC_OK || batch_met_lock(err); // after other errors nothing answers
    if (may_count && count_created(runner, range, after, &uncounted) == RC_OK)
        note_cascades(runner, before, after);
    else
        runner->run->uncertain += range.created > 0;
    return rc;
}

static Rc delete_range_once(Runner *runner, IdRange range, int stages, Err *err)
{
    size_t last = runner->plan->table_count - 1;

    for (size_t table = 0; stages & CHILDREN && table < last && !runner->is_stopping; table++)
        TRY(delete_from_table(runner, table, range, err));
    return stages & PARENTS && !runner->is_stopping ? delete_parents(runner, last, range, err)
                                                    : RC_OK;
}

/* What others hold locks on for long is left for the next pass, or the next night. */
static Rc leave_blocked(Runner *runner, Chunk *chunk, IdRange range, int64_t gone)
{
    for (int64_t i = 0; i < range.count; i++)
        chunk->of[range.ids - chunk->ids + i].is_left = true;
    runner->was_blocked = true;
    runner->run->blocked_operations += range.count - gone;
    for (size_t table = 0; table < runner->plan->table_count; table++)
        runner->paces[table].troubles = 0;
    return RC_OK;
}

/* A message that arrives late makes a foreign key refuse its parent: then from the children again.
 */
static Rc delete_range(Runner *runner, Chunk *chunk, IdRange range, int stages, Err *err)
{
    int64_t before = runner->run->operations;

    for (int repeat = 0;; repeat++) {
        Err why = {0};
        if (delete_range_once(runner, range, stages, &why) == RC_OK) {
            runner->was_blocked = false;
            return RC_OK;
        }
        if (batch_met_lock(&why))
            return leave_blocked(runner, chunk, range, runner->run->operations - before);
        if (why.number != FK_REFUSED || repeat == REPEATS_MAX) {
            *err = why;
            return err->rc;
        }
        if (runner->archive)
            TRY(archive_again(runner, chunk, range, err));
        stages |= CHILDREN;
    }
}

/* ---- all of them ----------------------------------------------------------------------------- */

static Rc delete_ranges(Runner *runner, Chunk *chunk, int stages, Err *err)
{
    find_ranges(chunk);
    for (size_t i = 0; i < chunk->count && !runner->is_stopping; i++)
        TRY(delete_range(runner, chunk, chunk->ranges[i], stages, err));
    return RC_OK;
}

/* A message that came behind the delete of its table would go with its operation by cascade, or
 * lose it: what is archived is therefore read once more before the operations go. */
static Rc delete_archived(Runner *runner, Chunk *chunk, Err *err)
{
    bool is_any = false;

    TRY(delete_ranges(runner, chunk, CHILDREN, err));
    if (runner->is_stopping)
        return RC_OK;
    drop_left(chunk);
    TRY(archive_chunk(runner, chunk, &is_any, err));
    return delete_ranges(runner, chunk, PARENTS, err);
}

static Rc delete_chunk(Runner *runner, Chunk *chunk, Err *err)
{
    bool is_any = false;

    TRY(archive_chunk(runner, chunk, &is_any, err));
    return is_any ? delete_archived(runner, chunk, err)
                  : delete_ranges(runner, chunk, CHILDREN | PARENTS, err);
}

void batched_set_paces(Runner *runner)
{
    const CleanupWish *wish = runner->plan->wish;

    for (size_t table = 0; table < runner->plan->table_count; table++) {
        bool is_last = table + 1 == runner->plan->table_count;
        int64_t share = is_last ? BATCH_OPERATIONS_SHARE : 1;
        runner->paces[table] = pace_of(FIRST_ROWS / share, (wish->batch_rows + share - 1) / share,
                                       wish->batch_time_ms);
        pace_knows(&runner->paces[table], is_last ? 1 : runner->plan->tables[table].rows,
                   is_last ? 1 : runner->plan->operations);
    }
}

static Rc read_chunk(Runner *runner, int64_t after_id, Chunk *ret_chunk, int64_t *ret_count,
                     Err *err)
{
    *ret_chunk = (Chunk){.last_id = after_id};
    if (selection_operations(runner->plan, after_id, CLEANUP_CHUNK, on_candidate, ret_chunk,
                             ret_count, err) != RC_OK)
        return err_note(err, "reading the next operations");
    return RC_OK;
}

/* Over all operations once. */
static Rc pass(Runner *runner, Chunk *chunk, Err *err)
{
    int64_t after_id = runner->plan->first_id - 1, count = 0;

    runner->run->blocked_operations = 0;
    runner->run->unarchived = 0;
    while (runner->plan->doomed > 0 && runner->plan->table_count > 0 &&
           after_id < runner->plan->last_id && !runner->is_stopping) {
        TRY(read_chunk(runner, after_id, chunk, &count, err));
        TRY(delete_chunk(runner, chunk, err));
        runner->run->settled_operations = runner->run->operations;
        runner->run->settled_rows = runner->run->rows;
        TRY(runner_record(runner, err));
        after_id = chunk->last_id;
        if (count < CLEANUP_CHUNK)
            break;
    }
    return RC_OK;
}

static int64_t left(const Runner *runner)
{
    return runner->run->blocked_operations + runner->run->unarchived;
}

Rc batched_run(Runner *runner, Err *err)
{
    Chunk *chunk = arena_alloc(runner->arena, sizeof(*chunk));
    int64_t before;

    for (int passes = 0; passes < PASSES_MAX; passes++) {
        before = runner->run->rows;
        TRY(pass(runner, chunk, err));
        if (left(runner) == 0 || runner->is_stopping || runner->run->rows == before)
            break;
    }
    if (left(runner) > 0 && !runner->is_stopping)
        runner_end(runner, CLEANUP_BLOCKED);
    return RC_OK;
}
