/* One pass over the messages of a window. */
#include "ssisminer/mine/mine.h"

#include "tally.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"
#include "ssisminer/ssisdb/package_names.h"

#include <inttypes.h>
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
    Arena arena; // what is missing
};

typedef struct Named { // what an execution runs
    int64_t id;
    uint32_t key; // 0: an operation that is no execution
} Named;

/* Where the message before was counted: the next one mostly is of the same package. */
typedef struct Place {
    uint32_t key;
    Buf package, path;
    size_t at;
    bool is_set;
} Place;

enum { PATH_BYTES = 8 * 1024 };

typedef struct Miner {
    const Ssisdb *db;
    const SigSet *set;
    const MineQuestion *question;
    MineProgress *progress;
    void *context;
    Mine *out;
    struct MineStore *store;
    Names names;
    Named *list; // executions by id: with a filter those that pass it, else all
    size_t count, capacity;
    bool is_filtered;
    int64_t last_id; // of the row before
    const Named *last;
    Place place;
    TdsArg args[ARGS_MAX];
} Miner;

/* ---- which operations ------------------------------------------------------------------------ */

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

static int by_id(const void *a, const void *b)
{
    const Named *x = a, *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

static void add_named(Miner *miner, int64_t id, uint32_t key)
{
    if (miner->count == miner->capacity) {
        miner->capacity = miner->capacity ? miner->capacity + miner->capacity / 2 : 1024;
        miner->list = mem_resize(miner->list, miner->capacity * sizeof(*miner->list));
    }
    miner->list[miner->count++] = (Named){id, key};
}

/* Rows mostly come in this order. */
static void sort_named(Miner *miner)
{
    for (size_t i = 1; i < miner->count; i++)
        if (miner->list[i].id < miner->list[i - 1].id) {
            qsort(miner->list, miner->count, sizeof(*miner->list), by_id);
            return;
        }
}

static Named *find_named(const Miner *miner, int64_t id)
{
    const Named key = {.id = id};

    return miner->count ? bsearch(&key, miner->list, miner->count, sizeof(key), by_id) : NULL;
}

static const char *name_of(const Miner *miner, uint32_t key, int part)
{
    uint32_t number = key ? miner->names.keys[key].texts[part] : 0;

    return number ? miner->names.texts[number] : NULL;
}

static uint32_t read_key(Miner *miner, const TdsRows *rows)
{
    NameKey key = {{0}};

    for (int i = KEY_FOLDER; i <= KEY_PACKAGE; i++)
        key.texts[i] =
            names_text(&miner->names, tds_text(rows, SQL_MINE_PACKAGES__FOLDER_NAME + i));
    return names_key(&miner->names, &key);
}

static Rc refuse_more(Err *err)
{
    (void)FAIL(err, RC_USAGE, "the window has more than %d executions that pass the filter",
               MINE_EXECUTIONS);
    return err_hint(err, "ask for less at a time with --since and --until");
}

static bool looks_at_names(const ExecutionFilter *filter)
{
    return filter->folder_count + filter->project_count + filter->package_count +
               filter->caller_count >
           0;
}

static Rc take_execution(Miner *miner, const TdsRows *rows, Err *err)
{
    const ExecutionFilter *filter = &miner->question->filter;
    int64_t id = tds_i64(rows, SQL_MINE_PACKAGES__EXECUTION_ID);
    uint32_t key = read_key(miner, rows);
    Str caller = tds_text(rows, SQL_MINE_PACKAGES__CALLER_NAME);
    uint32_t by = looks_at_names(filter) ? names_text(&miner->names, caller) : 0;
    Execution execution = {.id = id,
                           .folder = name_of(miner, key, KEY_FOLDER),
                           .project = name_of(miner, key, KEY_PROJECT),
                           .package = name_of(miner, key, KEY_PACKAGE),
                           .caller = by ? miner->names.texts[by] : NULL};

    if (miner->is_filtered && !looks_at_names(filter)) { // ids alone: they are listed already
        Named *named = find_named(miner, id);
        if (named)
            named->key = key;
        return RC_OK;
    }
    if (!execution_passes(filter, &execution))
        return RC_OK;
    if (miner->count == MINE_EXECUTIONS)
        return miner->is_filtered ? refuse_more(err) : RC_OK;
    add_named(miner, id, key);
    return RC_OK;
}

static Rc read_executions(Miner *miner, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = true;

    TRY(tds_query(miner->db->tds, SQL_MINE_PACKAGES, miner->args, ARGS_WINDOW, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        TRY(take_execution(miner, rows, err));
    }
}

/* Ids alone may also be of operations that are no executions. */
static Rc find_executions(Miner *miner, Err *err)
{
    const ExecutionFilter *filter = &miner->question->filter;

    miner->is_filtered = !execution_filter_is_open(filter);
    for (size_t i = 0; i < filter->id_count && !looks_at_names(filter); i++)
        add_named(miner, filter->ids[i], 0);
    sort_named(miner);
    TRY(read_executions(miner, err));
    sort_named(miner);
    return RC_OK;
}

static const Named *look_up(Miner *miner, int64_t id)
{
    if (id != miner->last_id) {
        miner->last_id = id;
        miner->last = find_named(miner, id);
    }
    return miner->last;
}

/* The path of the package that said it; what no execution is known of has its package alone. */
static size_t place_of(Miner *miner, uint32_t key, Str package)
{
    Place *place = &miner->place;
    const char *folder = name_of(miner, key, KEY_FOLDER),
               *started = name_of(miner, key, KEY_PACKAGE);
    const char *project = name_of(miner, key, KEY_PROJECT);

    if (place->is_set && place->key == key &&
        str_equal(package, (Str){place->package.text, place->package.len}))
        return place->at;
    buf_reset(&place->package);
    buf_put(&place->package, package.at ? package.at : "", package.len);
    buf_reset(&place->path);
    Str said = package.len > 0 ? package : str_of(started ? started : "");
    if (key)
        buf_printf(&place->path, "%s/%s/", folder ? folder : "?", project ? project : "?");
    buf_put(&place->path, said.at ? said.at : "", said.len);
    size_t shown = said.len < place->path.len ? said.len : place->path.len; // a name has its bounds
    place->key = key;
    place->at = packages_place(&miner->store->packages, str_of(buf_text(&place->path)), folder,
                               project, shown);
    place->is_set = true;
    return place->at;
}

/* ---- one message ----------------------------------------------------------------------------- */

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

    const Named *named = look_up(miner, tds_i64(rows, SQL_MINE_MESSAGES__OPERATION_ID));
    if (miner->is_filtered && !named)
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
        place_of(miner, named ? named->key : 0, tds_text(rows, SQL_MINE_MESSAGES__PACKAGE_NAME));
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

/* ---- the answer ------------------------------------------------------------------------------ */

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
    free(miner->list);
    names_done(&miner->names);
    buf_done(&miner->place.package);
    buf_done(&miner->place.path);
}

/* With a filter they say which messages are asked for; without, names alone. */
static Rc find_named_executions(Miner *miner, Err *err)
{
    Err own = {0};
    Rc rc = find_executions(miner, &own);

    if (rc != RC_OK && looks_at_names(&miner->question->filter)) {
        *err = own;
        return err_note(err, "reading the executions of the window");
    }
    sort_named(miner);
    return missing_record(&miner->out->missing, miner->db, "the executions of the window", rc, &own,
                          &miner->store->arena, err);
}

/* What was counted before the server broke off is worth telling; nothing is not. */
static Rc count_messages(Miner *miner, Err *err)
{
    Err own = {0};
    Rc rc = read_messages(miner, &own);

    if (rc != RC_OK && miner->out->total.messages == 0) {
        *err = own;
        return err_note(err, "reading the messages of the window");
    }
    const char *what = arena_printf(&miner->store->arena, "messages after the first %" PRId64,
                                    miner->out->total.messages);
    return missing_record(&miner->out->missing, miner->db, what, rc, &own, &miner->store->arena,
                          err);
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
        .place = {.package = BUF(PATH_BYTES), .path = BUF(3 * PATH_BYTES)},
    };

    set_args(&miner);
    TRY(find_named_executions(&miner, err));
    TRY(count_messages(&miner, err));
    settle(mine, mine->store);
    *ret_mine = mine;
    mine = NULL;
    return RC_OK;
}

const Finding *mine_findings(const Mine *mine, Arena *arena, size_t *ret_count)
{
    const Unknown *top[MINE_UNKNOWN];
    size_t unknown = unknowns_top(mine->unknowns, top, MINE_UNKNOWN), count = 0;
    Finding *list = arena_alloc_array(arena, mine->signature_count + unknown, sizeof(*list));

    for (size_t i = 0; i < mine->signature_count; i++)
        list[count++] = (Finding){.key = mine->signatures[i].signature->id,
                                  .title = mine->signatures[i].signature->title};
    for (size_t i = 0; i < unknown; i++)
        list[count++] = (Finding){.key = arena_text(arena, top[i]->id),
                                  .title = arena_text(arena, top[i]->mask)};
    *ret_count = count;
    return list;
}

void mine_keep(Mine *mine, const bool *wanted)
{
    MineSignature *signatures = mine->store->signatures.at;
    size_t count = 0;

    for (size_t i = 0; i < mine->signature_count; i++)
        if (wanted[i])
            signatures[count++] = signatures[i];
    mine->unknown_messages = unknowns_keep(mine->store->unknowns, &wanted[mine->signature_count]);
    mine->signature_count = count;
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
    arena_done(&mine->store->arena);
    free(mine->store);
    free(mine);
}

void mine_free_at(Mine **mine)
{
    mine_free(*mine);
}
