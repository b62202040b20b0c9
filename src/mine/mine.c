/* One pass over the messages of a window. */
#include "ssisminer/mine/mine.h"

#include "tally.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The last instant a datetimeoffset can hold: a window without an end. */

enum { ARGS_WINDOW = 4, ARGS_MAX = 10, PROGRESS_ROWS = 4096 };

struct MineStore {
    Packages packages;
    Hours hours;
    Signatures signatures;
    Unknowns *unknowns;
    SigScratch *scratch;
};

typedef struct Miner {
    const Ssisdb *db;
    const SigSet *set;
    const MineQuestion *question;
    MineProgress *progress;
    void *context;
    Mine *out;
    struct MineStore *store;
    int64_t *ids; // of executions that pass the filter, sorted; NULL: all operations
    size_t id_count, id_capacity;
    int64_t last_id; // of the row before
    bool last_passes;
    TdsArg args[ARGS_MAX];
} Miner;

/* ---- which operations ---------------------------------------------------------------------------
 */

static void set_args(Miner *miner)
{
    const MineQuestion *q = miner->question;
    Instant until = q->until.is_set ? q->until : time_instant(TICKS_MAX, 0);
    int64_t first, last;

    execution_filter_range(&q->filter, &first, &last);
    const TdsArg args[ARGS_MAX] = {
        {.name = "since", .time = q->since},
        {.name = "until", .time = until},
        {.name = "first_id", .i64 = first},
        {.name = "last_id", .i64 = last},
        {.name = "errors", .i64 = (q->types & MINE_ERRORS) != 0},
        {.name = "warnings", .i64 = (q->types & MINE_WARNINGS) != 0},
        {.name = "tasks_failed", .i64 = (q->types & MINE_TASKS_FAILED) != 0},
        {.name = "query_cancels", .i64 = (q->types & MINE_QUERY_CANCELS) != 0},
        {.name = "information", .i64 = (q->types & MINE_INFORMATION) != 0},
        {.name = "others", .i64 = (q->types & MINE_OTHERS) != 0},
    };
    memcpy(miner->args, args, sizeof(args));
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static Rc add_id(Miner *miner, int64_t id, Err *err)
{
    if (miner->id_count == MINE_EXECUTIONS) {
        (void)FAIL(err, RC_USAGE, "the window has more than %d executions that pass the filter",
                   MINE_EXECUTIONS);
        return err_hint(err, "ask for less at a time with --since and --until");
    }
    if (miner->id_count == miner->id_capacity) {
        miner->id_capacity = miner->id_capacity ? miner->id_capacity * 2 : 1024;
        miner->ids = mem_resize(miner->ids, miner->id_capacity * sizeof(*miner->ids));
    }
    miner->ids[miner->id_count++] = id;
    return RC_OK;
}

static const char *text_of(const TdsRows *rows, int column, Arena *arena)
{
    Str text = tds_text(rows, column);

    return text.at ? arena_copy(arena, text.at, text.len) : NULL;
}

static Rc take_execution(Miner *miner, const TdsRows *rows, Arena *arena, Err *err)
{
    Execution execution = {
        .id = tds_i64(rows, SQL_MINE_PACKAGES__EXECUTION_ID),
        .folder = text_of(rows, SQL_MINE_PACKAGES__FOLDER_NAME, arena),
        .project = text_of(rows, SQL_MINE_PACKAGES__PROJECT_NAME, arena),
        .package = text_of(rows, SQL_MINE_PACKAGES__PACKAGE_NAME, arena),
        .caller = text_of(rows, SQL_MINE_PACKAGES__CALLER_NAME, arena),
    };

    arena_reset(arena);
    return execution_passes(&miner->question->filter, &execution) ? add_id(miner, execution.id, err)
                                                                  : RC_OK;
}

static Rc read_executions(Miner *miner, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = true;

    TRY(tds_query(miner->db->tds, SQL_MINE_PACKAGES, miner->args, ARGS_WINDOW, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        TRY(take_execution(miner, rows, &arena, err));
    }
}

static bool looks_at_names(const ExecutionFilter *filter)
{
    return filter->folder_count + filter->project_count + filter->package_count +
               filter->caller_count >
           0;
}

/* A filter by ids alone needs no look at the executions. */
static Rc find_ids(Miner *miner, Err *err)
{
    const ExecutionFilter *filter = &miner->question->filter;

    if (execution_filter_is_open(filter))
        return RC_OK;
    miner->ids = mem_alloc(sizeof(*miner->ids));
    miner->id_capacity = 1;
    if (looks_at_names(filter))
        TRY(read_executions(miner, err));
    for (size_t i = 0; i < filter->id_count && !looks_at_names(filter); i++)
        TRY(add_id(miner, filter->ids[i], err));
    qsort(miner->ids, miner->id_count, sizeof(*miner->ids), by_value);
    return RC_OK;
}

static bool passes(Miner *miner, int64_t id)
{
    if (!miner->ids)
        return true;
    if (id != miner->last_id) {
        miner->last_id = id;
        miner->last_passes =
            bsearch(&id, miner->ids, miner->id_count, sizeof(id), by_value) != NULL;
    }
    return miner->last_passes;
}

/* ---- one message --------------------------------------------------------------------------------
 */

static void count_unknown(Miner *miner, Str text, Instant time, const TdsRows *rows)
{
    char place[32];

    (void)snprintf(place, sizeof(place), "execution %lld",
                   (long long)tds_i64(rows, SQL_MINE_MESSAGES__OPERATION_ID));
    unknowns_add(miner->store->unknowns, text, time, place);
    miner->out->unknown_messages++;
}

static Rc take_message(Miner *miner, const TdsRows *rows, Err *err)
{
    struct MineStore *store = miner->store;
    Mine *out = miner->out;
    SigMatch match;
    size_t matches = 0;

    if (!passes(miner, tds_i64(rows, SQL_MINE_MESSAGES__OPERATION_ID)))
        return RC_OK;
    int type = sat_int(tds_i64(rows, SQL_MINE_MESSAGES__MESSAGE_TYPE));
    const SigText text = {.text = tds_text(rows, SQL_MINE_MESSAGES__MESSAGE),
                          .code = tds_i64(rows, SQL_MINE_MESSAGES__MESSAGE_CODE)};
    TRY(sig_match(miner->set, store->scratch, &text, &match, 1, &matches, err));
    Instant time = tds_time(rows, SQL_MINE_MESSAGES__MESSAGE_TIME);
    Seen seen = {
        .ticks = time.ticks,
        .is_error = type == MESSAGE_ERROR,
        .is_task_failed = type == MESSAGE_TASK_FAILED,
        .is_warning = type == MESSAGE_WARNING,
        .is_known = matches > 0,
    };
    size_t package =
        packages_place(&store->packages, tds_text(rows, SQL_MINE_MESSAGES__PACKAGE_NAME));
    size_t hour = hours_place(&store->hours, time.ticks);
    out->text_bytes += (int64_t)text.text.len;
    count_add(&out->total, &seen);
    count_add(package < MINE_PACKAGES ? &store->packages.at[package].count : &out->other_packages,
              &seen);
    count_add(hour < MINE_HOURS ? &store->hours.at[hour].count : &out->other_hours, &seen);
    if (matches > 0)
        signatures_count(&store->signatures, match.signature, &seen, package);
    else if (type == MESSAGE_ERROR && text.text.len > 0)
        count_unknown(miner, text.text, time, rows);
    return RC_OK;
}

static Rc read_messages(Miner *miner, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = true;

    TRY(tds_query(miner->db->tds, SQL_MINE_MESSAGES, miner->args, ARGS_MAX, &rows, err));
    for (int64_t count = 0;; count++) {
        if (count % PROGRESS_ROWS == 0 && miner->progress)
            miner->progress(miner->context, count);
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        TRY(take_message(miner, rows, err));
    }
}

/* ---- the answer ---------------------------------------------------------------------------------
 */

/* Wrappers, of which there are most and which say least, come last. */
static int signatures_in_order(const void *a, const void *b)
{
    const MineSignature *x = a, *y = b;
    int x_last = x->signature->role == SIG_WRAPPER, y_last = y->signature->role == SIG_WRAPPER;

    if ((x->count.messages > 0) != (y->count.messages > 0))
        return x->count.messages > 0 ? -1 : 1;
    if (x_last != y_last)
        return x_last - y_last;
    if (x->count.messages != y->count.messages)
        return x->count.messages < y->count.messages ? 1 : -1;
    return strcmp(x->signature->id, y->signature->id);
}

static int packages_in_order(const void *a, const void *b)
{
    const MinePackage *x = a, *y = b;

    if (x->count.errors != y->count.errors)
        return x->count.errors < y->count.errors ? 1 : -1;
    if (x->count.messages != y->count.messages)
        return x->count.messages < y->count.messages ? 1 : -1;
    return strcmp(x->name, y->name);
}

static int hours_in_order(const void *a, const void *b)
{
    const MineHour *x = a, *y = b;

    return x->start.ticks < y->start.ticks ? -1 : x->start.ticks > y->start.ticks;
}

static void settle(Mine *mine, struct MineStore *store)
{
    qsort(store->signatures.at, store->signatures.count, sizeof(MineSignature),
          signatures_in_order);
    qsort(store->packages.at, store->packages.count, sizeof(MinePackage), packages_in_order);
    qsort(store->hours.at, store->hours.count, sizeof(MineHour), hours_in_order);
    mine->signatures = store->signatures.at;
    while (mine->signature_count < store->signatures.count &&
           store->signatures.at[mine->signature_count].count.messages > 0)
        mine->signature_count++;
    mine->packages = store->packages.at;
    mine->package_count = store->packages.count;
    mine->hours = store->hours.at;
    mine->hour_count = store->hours.count;
    mine->unknowns = store->unknowns;
}

static Mine *mine_new(const SigSet *set)
{
    Mine *mine = mem_alloc(sizeof(*mine));
    struct MineStore *store = mem_alloc(sizeof(*store));

    packages_init(&store->packages);
    hours_init(&store->hours);
    signatures_init(&store->signatures, set);
    store->unknowns = unknowns_new(MINE_UNKNOWN);
    store->scratch = sig_scratch_new(set);
    mine->store = store;
    return mine;
}

static void miner_done(Miner *miner)
{
    free(miner->ids);
}

Rc mine_read(const Ssisdb *db, const SigSet *signatures, const MineQuestion *question,
             MineProgress *progress, void *context, Mine **ret_mine, Err *err)
{
    AUTO(mine_free_at) Mine *mine = mine_new(signatures);
    AUTO(miner_done)
    Miner miner = {
        .db = db,
        .set = signatures,
        .question = question,
        .progress = progress,
        .context = context,
        .out = mine,
        .store = mine->store,
        .last_id = -1,
    };

    set_args(&miner);
    if (find_ids(&miner, err) != RC_OK)
        return err_note(err, "reading the executions of the window");
    if (read_messages(&miner, err) != RC_OK)
        return err_note(err, "reading the messages of the window");
    settle(mine, mine->store);
    *ret_mine = mine;
    mine = NULL;
    return RC_OK;
}

void mine_free(Mine *mine)
{
    if (!mine)
        return;
    packages_done(&mine->store->packages);
    hours_done(&mine->store->hours);
    signatures_done(&mine->store->signatures);
    unknowns_free_at(&mine->store->unknowns);
    sig_scratch_free_at(&mine->store->scratch);
    free(mine->store);
    free(mine);
}

void mine_free_at(Mine **mine)
{
    mine_free(*mine);
}
