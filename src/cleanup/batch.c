/* One batch of a delete, until there is no more: as large as the server takes in the time asked
 * for, smaller when others stand in its way. */
#include "runner.h"

#include "ssisminer/tds/transient.h"

enum {
    LOCK_TIME_OUT = 1222,
    DEADLOCK_VICTIM = 1205,
    CONTENTION_WAIT_MS = 200,
    PATIENCE = 12, // troubles of a table in a row: 4,000 rows are then one row for long
    PATIENCE_AFTER_BLOCK = 3,
    SPARING_ROWS = 100,  // of a batch while the server is busy
    ROOM_WAIT_MS = 2000, // at first, and as long again as was waited before: twice each time
    ROOM_WAIT_MOST_MS = 60000,
    ROOM_PATIENCE_MS = 10 * 60000 // in all, without a delete that went through
};

bool batch_met_lock(const Err *err)
{
    return err->number == LOCK_TIME_OUT || err->number == DEADLOCK_VICTIM;
}

/* What smaller batches may avoid: halves, waits a moment, and lets the caller repeat. */
static Rc go_smaller(Runner *runner, size_t table, bool *ret_stop, Err *err)
{
    int patience = runner->was_blocked ? PATIENCE_AFTER_BLOCK : PATIENCE;

    if (!pace_trouble(&runner->paces[table], patience))
        return err_note(err, "deleting from internal.%s", runner->plan->tables[table].name);
    runner->run->halved++;
    runner_say(runner, "a smaller batch");
    return throttle_wait(runner, "lock time-outs, deadlocks and time-outs",
                         CONTENTION_WAIT_MS * runner->paces[table].troubles, ret_stop, err);
}

/* A full log passes with its next backup; the batch that meets it again is half as large. */
static Rc wait_for_room(Runner *runner, size_t table, bool *ret_stop, Err *err)
{
    int64_t ms = runner->room_waited_ms + ROOM_WAIT_MS;

    if (runner->room_waited_ms >= ROOM_PATIENCE_MS) {
        runner_end(runner, CLEANUP_FULL);
        *ret_stop = true;
        return RC_OK;
    }
    if (ms > ROOM_WAIT_MOST_MS)
        ms = ROOM_WAIT_MOST_MS;
    (void)pace_trouble(&runner->paces[table], PATIENCE);
    runner->room_waited_ms += ms;
    runner->run->halved++;
    runner_say(runner, "the log or the database is full");
    return throttle_wait(runner, "the log or the database is full", ms, ret_stop, err);
}

static Rc yield_to(Runner *runner, size_t table, bool *ret_stop, Err *err)
{
    switch (tds_remedy(err->number)) {
    case TDS_SMALLER:
        return go_smaller(runner, table, ret_stop, err);
    case TDS_ROOM_FIRST:
        return wait_for_room(runner, table, ret_stop, err);
    case TDS_WAITING: // tds has waited
    case TDS_HOPELESS:
        break;
    }
    return err_note(err, "deleting from internal.%s", runner->plan->tables[table].name);
}

/* Of operations fewer, for the sake of the children that go with them. */
static int64_t rows_of(Runner *runner, size_t table)
{
    int64_t rows = runner->paces[table].rows, most = SPARING_ROWS;

    if (!runner->is_sparing)
        return rows;
    runner->run->small_batches++;
    if (table + 1 == runner->plan->table_count)
        most /= BATCH_OPERATIONS_SHARE;
    return rows < most ? rows : most;
}

/* One batch. *ret_more: it was full, so there may be more. */
static Rc delete_batch(Runner *runner, const Batch *batch, bool *ret_more, bool *ret_stop, Err *err)
{
    size_t table = batch->table;
    int64_t affected = 0, asked = rows_of(runner, table), start_ms = time_monotonic_ms();
    size_t lost = tds_lost_count(runner->plan->db->tds);
    Err why = {0};

    *ret_more = true;
    Rc rc = batch->send(runner, batch, asked, &affected, &why);
    /* Sent again on another connection: what the first one did before it was lost, nobody counted.
     */
    runner->run->uncertain += tds_lost_count(runner->plan->db->tds) != lost;
    int64_t ms = time_monotonic_ms() - start_ms;
    if (rc != RC_OK) {
        *err = why;
        return rc == RC_QUERY ? yield_to(runner, table, ret_stop, err) : rc;
    }
    runner->room_waited_ms = 0;
    runner_note(runner, table, affected, ms);
    pace_took(&runner->paces[table], affected, ms);
    *ret_more = affected >= asked;
    runner_say(runner, NULL);
    return runner_record_if_due(runner, err);
}

Rc batch_all(Runner *runner, const Batch *batch, Err *err)
{
    bool more = true, stop = false;

    while (more && !runner->is_stopping) {
        TRY(throttle_between(runner, &stop, err));
        if (stop)
            return RC_OK;
        TRY(delete_batch(runner, batch, &more, &stop, err));
    }
    return RC_OK;
}
