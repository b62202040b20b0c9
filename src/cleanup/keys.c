/* Keys and certificates that were made for one execution each (PER_EXECUTION encryption): key
 * before certificate, and only when the execution is gone. */
#include "runner.h"

enum { KEYS_CHUNK = 500 };

typedef struct KeyIds {
    int64_t at[KEYS_CHUNK];
    size_t count;
} KeyIds;

static Rc read_bound(Runner *runner, int64_t *ret_last_id, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;
    const TdsArg args[] = {{.name = "cutoff", .time = runner->plan->cutoff}};

    TRY(tds_query(runner->plan->db->tds, SQL_CLEANUP_KEY_BOUND, args, ARRAY_LEN(args), &rows, err));
    TRY(tds_next(rows, &has_row, err));
    *ret_last_id = has_row ? tds_i64(rows, SQL_CLEANUP_KEY_BOUND__LAST_ID) : 0;
    if (runner->plan->last_id > *ret_last_id)
        *ret_last_id = runner->plan->last_id;
    return has_row ? tds_next(rows, &has_row, err) : RC_OK;
}

static Rc read_ids(Runner *runner, int64_t after_id, int64_t last_id, KeyIds *ret_ids, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;
    const TdsArg args[] = {{.name = "after_id", .i64 = after_id},
                           {.name = "last_id", .i64 = last_id},
                           {.name = "row_limit", .i64 = KEYS_CHUNK}};

    ret_ids->count = 0;
    TRY(tds_query(runner->plan->db->tds, SQL_CLEANUP_KEYS, args, ARRAY_LEN(args), &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row || ret_ids->count == KEYS_CHUNK)
            return RC_OK;
        ret_ids->at[ret_ids->count++] = tds_i64(rows, SQL_CLEANUP_KEYS__EXECUTION_ID);
    }
}

static Rc drop_one(Runner *runner, int64_t id, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;
    const TdsArg args[] = {{.name = "execution_id", .i64 = id},
                           {.name = "lock_timeout", .i64 = runner->plan->wish->lock_timeout_ms}};

    TRY(tds_query(runner->plan->db->tds, SQL_CLEANUP_DROP_KEY, args, ARRAY_LEN(args), &rows, err));
    TRY(tds_next(rows, &has_row, err));
    if (has_row)
        runner->run->keys_dropped += tds_i64(rows, SQL_CLEANUP_DROP_KEY__DROPPED);
    return has_row ? tds_next(rows, &has_row, err) : RC_OK;
}

/* What the server refuses is said and left: the log itself is clean. */
static Rc drop_all(Runner *runner, const KeyIds *ids, Err *err)
{
    bool stop = false;

    for (size_t i = 0; i < ids->count; i++) {
        Err why = {0};
        TRY(throttle_between(runner, &stop, err));
        if (stop)
            return RC_OK;
        Rc rc = drop_one(runner, ids->at[i], &why);
        if (rc == RC_QUERY || rc == RC_RIGHTS) {
            if (!runner->run->keys_error)
                runner->run->keys_error = arena_text(runner->arena, why.text);
        } else if (rc != RC_OK) {
            *err = why;
            return rc;
        }
    }
    return RC_OK;
}

Rc keys_drop(Runner *runner, Err *err)
{
    KeyIds *ids = arena_alloc(runner->arena, sizeof(*ids));
    int64_t last_id = 0, after_id = INT64_MIN;

    if (runner->plan->db->encryption_level == 2) // PER_PROJECT: executions have no keys
        return RC_OK;
    TRY(read_bound(runner, &last_id, err));
    do {
        TRY(read_ids(runner, after_id, last_id, ids, err));
        TRY(drop_all(runner, ids, err));
        after_id = ids->count > 0 ? ids->at[ids->count - 1] : after_id;
    } while (ids->count == KEYS_CHUNK && !runner->is_stopping && !runner->run->keys_error);
    return RC_OK;
}
