/* The question put to the server, and what of the answer is wanted. */
#include "ssisminer/capacity/capacity.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"

#include <stdlib.h>
#include <string.h>

enum { REPLAYS_MAX = 12 };

/* ---- the window ------------------------------------------------------------------------------ */

/* None reaches beyond now, or is empty. */
static void set_window(Capacity *out, const Ssisdb *db, const CapacityQuestion *question)
{
    CapacityRules *rules = &out->rules;

    rules->now = db->server_now.ticks;
    rules->until = rules->now + 1;
    if (question->until.is_set && question->until.ticks < rules->until)
        rules->until = question->until.ticks > 0 ? question->until.ticks : 1;
    rules->since = question->since.is_set ? question->since.ticks : 0;
    rules->target_wait = question->target_wait;
}

/* A window without a start begins with the first run. */
static void begin_window(CapacityRules *rules, const CapacityRun *runs, size_t count)
{
    int64_t longest = CAPACITY_HOURS_MAX * (TICKS_PER_DAY / 24);

    if (rules->since == 0) {
        rules->since = rules->until - 1;
        for (size_t i = 0; i < count; i++)
            if (runs[i].start != 0 && runs[i].start < rules->since)
                rules->since = runs[i].start;
    }
    if (rules->since >= rules->until)
        rules->since = rules->until - 1;
    if (rules->until - rules->since > longest)
        rules->since = rules->until - longest;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The runs that come first by an order; of many others only that they were. */
typedef struct Kept {
    Run *list;
    size_t count, most, seen;
    int (*order)(const void *, const void *);
} Kept;

static void kept_cut(Kept *kept)
{
    if (kept->count > 0)
        qsort(kept->list, kept->count, sizeof(*kept->list), kept->order);
    if (kept->count > kept->most)
        kept->count = kept->most;
}

/* Twice as many as are wanted are gathered before the rest goes. */
static void keep(Kept *kept, const Run *run)
{
    enum { SPARE = 64 };
    size_t room = 2 * kept->most + SPARE;

    kept->seen++;
    if (kept->count == room)
        kept_cut(kept);
    if ((kept->count & (kept->count - 1)) == 0) {
        size_t next = kept->count ? 2 * kept->count : 1;
        kept->list = mem_resize(kept->list, (next < room ? next : room) * sizeof(*kept->list));
    }
    kept->list[kept->count++] = *run;
}

typedef struct Taker {
    Capacity *out;
    const CapacityQuestion *question;
    int64_t *ids; // of out->list, while it is read
    uint32_t *delays;
    size_t delay_count, capacity;
    bool *is_machine; // by number of its name
    size_t machine_room;
    int machines;
    Kept longest, idle;
} Taker;

static bool is_asked(const Run *run, const CapacityRules *rules)
{
    return run->start != 0 && run->start >= rules->since && run->start < rules->until;
}

static void make_room(Taker *taker)
{
    Capacity *out = taker->out;

    if (out->count < taker->capacity)
        return;
    taker->capacity = taker->capacity ? taker->capacity + taker->capacity / 2 : 1024;
    out->list = mem_resize(out->list, taker->capacity * sizeof(*out->list));
    taker->ids = mem_resize(taker->ids, taker->capacity * sizeof(*taker->ids));
    taker->delays = mem_resize(taker->delays, taker->capacity * sizeof(*taker->delays));
}

static void count_machine(Taker *taker, uint32_t machine)
{
    if (machine >= taker->machine_room) {
        size_t room = 2 * (size_t)machine + 64;
        taker->is_machine = mem_resize(taker->is_machine, room);
        for (size_t i = taker->machine_room; i < room; i++)
            taker->is_machine[i] = false;
        taker->machine_room = room;
    }
    taker->machines += machine != 0 && !taker->is_machine[machine];
    taker->is_machine[machine] = true;
}

/* In milliseconds, of which a delay of the caller's has no more than 49 days. */
static void add_delay(Taker *taker, const Run *run)
{
    int64_t delay = run->start > run->created ? (run->start - run->created) / TICKS_PER_MS : 0;

    if (run->created != 0)
        taker->delays[taker->delay_count++] = delay < UINT32_MAX ? (uint32_t)delay : UINT32_MAX;
}

/* Created a while ago and never started, or pending without a sign of work. */
static bool is_idle(const Run *run, const CapacityRules *rules)
{
    int64_t grace = 60 * TICKS_PER_SECOND;

    if (run->status == STATUS_CREATED)
        return run->created >= rules->since && run->created < rules->until &&
               rules->now - run->created > grace;
    return run->status == STATUS_PENDING && run->work == 0;
}

static void list_run(Taker *taker, const Run *run)
{
    Capacity *out = taker->out;

    if (is_idle(run, &out->rules)) {
        keep(&taker->idle, run);
        int64_t since = out->rules.now - run->start;
        if (run->status == STATUS_PENDING && since > out->pending)
            out->pending = since;
    }
    if (out->has_queue && is_asked(run, &out->rules) && run_wait(run) >= 0)
        keep(&taker->longest, run);
}

static bool is_repeated(const Taker *taker, const Run *run)
{
    return taker->out->count > 0 && taker->ids[taker->out->count - 1] == run->id;
}

static void on_run(void *context, Runs *names, const Run *run)
{
    Taker *taker = context;
    Capacity *out = taker->out;
    bool is_listed = run_passes(&taker->question->filter, names, run);

    make_room(taker);
    if (is_repeated(taker, run))
        return;
    taker->ids[out->count] = run->id;
    out->list[out->count++] = capacity_pack(run, out->rules.now, is_listed);
    out->silent += capacity_is_silent(run, out->rules.now);
    if (is_asked(run, &out->rules)) {
        count_machine(taker, run->machine);
        add_delay(taker, run);
    }
    if (is_listed)
        list_run(taker, run);
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static int by_id(const void *a, const void *b, void *context)
{
    const int64_t *ids = context;
    int64_t x = ids[*(const uint32_t *)a], y = ids[*(const uint32_t *)b];

    return (x > y) - (x < y);
}

/* Rows of one execution mostly come together; where they do not, they are found by their ids. */
static void drop_repeated(Taker *taker)
{
    Capacity *out = taker->out;
    size_t count = out->count, kept = 0, i = 1;

    while (i < count && taker->ids[i - 1] < taker->ids[i])
        i++;
    if (i >= count || count > UINT32_MAX)
        return;
    uint32_t *order = mem_alloc(count * sizeof(*order));
    bool *is_gone = mem_alloc(count);
    for (i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, count, sizeof(*order), by_id, taker->ids);
    for (i = 1; i < count; i++)
        is_gone[order[i]] = taker->ids[order[i]] == taker->ids[order[i - 1]];
    for (i = 0; i < count; i++)
        if (!is_gone[i])
            out->list[kept++] = out->list[i];
    out->count = kept;
    free(is_gone);
    free(order);
}

static int64_t median_delay(Taker *taker)
{
    size_t count = taker->delay_count;

    if (count == 0)
        return -1;
    qsort(taker->delays, count, sizeof(*taker->delays), by_number);
    int64_t median = (int64_t)taker->delays[(count + 1) / 2 - 1] * TICKS_PER_MS;
    free(taker->delays);
    taker->delays = NULL;
    return median;
}

static void taker_done(Taker *taker)
{
    free(taker->ids);
    free(taker->delays);
    free(taker->is_machine);
    free(taker->longest.list);
    free(taker->idle.list);
}

/* ---- slots ----------------------------------------------------------------------------------- */

static int count_online(const Workers *workers, Instant now)
{
    int count = 0;

    for (size_t i = 0; i < workers->count; i++)
        count += worker_is_online(&workers->list[i], now);
    return count;
}

static void find_slots(Capacity *out, const Ssisdb *db, const CapacityQuestion *question,
                       int machines)
{
    struct {
        NodesFrom from;
        int count;
    } sources[] = {{NODES_GIVEN, question->nodes},
                   {NODES_WORKERS, count_online(&out->workers, db->server_now)},
                   {NODES_MACHINES, machines}};

    out->per_node = question->per_node;
    for (size_t i = 0; i < ARRAY_LEN(sources) && out->nodes == 0; i++) {
        out->nodes = sources[i].count;
        out->nodes_from = sources[i].count > 0 ? sources[i].from : NODES_UNKNOWN;
    }
    if (out->has_queue ||
        out->nodes_from == NODES_GIVEN) // where nothing queues, nodes are no limit
        out->slots_given = sat_int(sat_mul(out->nodes, out->per_node));
    out->rules.slots = out->slots_given;
}

/* An execution that needs no slot of the queue's, or a slot that is late, is no contradiction. */
static bool contradicts(int measured, int given)
{
    int slack = given / 10 > 1 ? given / 10 : 1;

    return given == 0 || measured > given + slack || measured < given - slack;
}

/* A few packages may wait long for reasons of their own. */
static void measure(Capacity *out)
{
    enum { LEAST_WAITS = 3 };
    const int64_t least = 60 * TICKS_PER_SECOND;
    const CapacityFigures *figures = &out->figures;
    int slots = out->slots_given;

    if (!out->has_queue)
        return;
    if (figures->tedious >= LEAST_WAITS && figures->full_at > 0)
        out->slots_measured = figures->full_at;
    if (out->slots_measured > 0 && contradicts(out->slots_measured, slots))
        slots = out->slots_measured;
    else if (out->slots_measured == 0 && slots > 0 && figures->over > least)
        slots = figures->peak;
    if (slots == out->rules.slots)
        return;
    out->rules.slots = slots;
    out->figures = capacity_figures(out->list, out->count, &out->rules, &out->arena);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static int longest_first(const void *a, const void *b)
{
    const Run *x = a, *y = b;
    int64_t xw = run_wait(x), yw = run_wait(y);

    if (xw != yw)
        return xw > yw ? -1 : 1;
    return (x->id < y->id) - (x->id > y->id);
}

static int64_t idle_since(const Run *run)
{
    return run->start ? run->start : run->created;
}

static int oldest_first(const void *a, const void *b)
{
    const Run *x = a, *y = b;
    int64_t xs = idle_since(x), ys = idle_since(y);

    if (xs != ys)
        return xs < ys ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static const Run *resolve_list(Kept *kept, Arena *arena, size_t *ret_kept, size_t *ret_count)
{
    kept_cut(kept);
    Run *list = arena_alloc_array(arena, kept->count + 1, sizeof(*list));
    if (kept->count > 0)
        memcpy(list, kept->list, kept->count * sizeof(*list));
    *ret_kept = kept->count;
    *ret_count = kept->seen;
    return list;
}

static void make_lists(Capacity *out, Taker *taker)
{
    out->longest =
        resolve_list(&taker->longest, &out->arena, &out->longest_kept, &out->longest_count);
    out->idle = resolve_list(&taker->idle, &out->arena, &out->idle_kept, &out->idle_count);
}

/* ---- by package ------------------------------------------------------------------------------ */

static int slowest_first(const void *a, const void *b)
{
    const CapacityPackage *x = a, *y = b;

    if (x->waits.p95 != y->waits.p95)
        return x->waits.p95 > y->waits.p95 ? -1 : 1;
    if (x->started != y->started)
        return x->started > y->started ? -1 : 1;
    return (x->key > y->key) - (x->key < y->key);
}

/* Runs by key: where each key's begin in one row of waits. */
static void count_by_package(Capacity *out, size_t *ret_places)
{
    for (size_t i = 0; i < out->count; i++) {
        const CapacityRun *run = &out->list[i];
        if (!capacity_is_asked(run, &out->rules) || !capacity_is_listed(run))
            continue;
        out->packages[capacity_key(run)].started++;
        ret_places[capacity_key(run) + 1] += capacity_wait(run) >= 0;
    }
    for (size_t key = 1; key <= out->runs.names.key_count + 1; key++)
        ret_places[key] += ret_places[key - 1];
}

static void sort_waits(Capacity *out, size_t *places, int64_t *waits)
{
    for (size_t i = 0; i < out->count; i++) {
        const CapacityRun *run = &out->list[i];
        int64_t wait = capacity_wait(run);
        if (wait >= 0 && capacity_is_asked(run, &out->rules) && capacity_is_listed(run))
            waits[places[capacity_key(run)]++] = wait;
    }
}

static void keep_packages(Capacity *out, const size_t *places, int64_t *waits)
{
    size_t kept = 0;

    for (size_t key = 1; key <= out->runs.names.key_count; key++) {
        CapacityPackage package = out->packages[key];
        if (package.started == 0)
            continue;
        package.key = (uint32_t)key;
        package.waits = capacity_waits(waits + places[key - 1], places[key] - places[key - 1]);
        out->packages[kept++] = package;
    }
    out->package_count = kept;
    qsort(out->packages, kept, sizeof(*out->packages), slowest_first);
}

static void make_packages(Capacity *out)
{
    size_t keys = out->runs.names.key_count;
    size_t *places = mem_alloc((keys + 2) * sizeof(*places));
    int64_t *waits = mem_alloc((out->count + 1) * sizeof(*waits));

    out->packages = arena_alloc_array(&out->arena, keys + 2, sizeof(*out->packages));
    count_by_package(out, places);
    sort_waits(out, places, waits); // now each place is the end of its key
    keep_packages(out, places, waits);
    free(waits);
    free(places);
}

/* ---- what would help ------------------------------------------------------------------------- */

/* The slots there are, those needed, and steps of a node between them. */
static void make_replays(Capacity *out)
{
    CapacityReplay *list = arena_alloc_array(&out->arena, REPLAYS_MAX + 2, sizeof(*list));
    int needed = capacity_slots_needed(out->list, out->count, &out->rules);
    int step = out->per_node > 0 ? out->per_node : 1;
    int slots = out->rules.slots > 0 ? out->rules.slots : needed;
    int last = sat_int(((int64_t)needed + step - 1) / step * step);

    out->slots_needed = needed;
    if (needed == 0)
        return;
    while (last > slots && (last - slots) / step >= REPLAYS_MAX)
        step = sat_int(2 * (int64_t)step);
    for (; slots < last && out->replay_count < REPLAYS_MAX; slots = sat_int((int64_t)slots + step))
        list[out->replay_count++] = capacity_replay(out->list, out->count, &out->rules, slots);
    if (slots < last)
        slots = last;
    list[out->replay_count++] = capacity_replay(out->list, out->count, &out->rules, slots);
    out->replays = list;
}

bool capacity_is_short(const Capacity *capacity, const CapacityQuestion *question)
{
    const CapacityFigures *figures = &capacity->figures;

    for (size_t i = 0; i < figures->hour_count && capacity->has_queue; i++)
        if (figures->hours[i].waits.p95 > question->target_wait)
            return true;
    return capacity->pending > question->target_wait;
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* Azure has nothing but integration runtimes, which are built on Scale Out. */
static bool has_queue(const Ssisdb *db)
{
    const char *scale_out = ssisdb_property(db, "IS_SCALEOUT_ENABLED");

    return db->engine_edition == ENGINE_AZURE_SQL_DATABASE ||
           db->engine_edition == ENGINE_MANAGED_INSTANCE ||
           (scale_out && str_same_fold(scale_out, "true"));
}

static Rc read_runs(Capacity *out, const Ssisdb *db, const CapacityQuestion *question, Taker *taker,
                    Err *err)
{
    Instant since = question->since;

    since.is_set = true; // unset means from the first one on
    if (runs_each(db, since, question->until, &out->runs, on_run, taker, err) != RC_OK)
        return err_note(err, "reading the executions");
    drop_repeated(taker);
    free(taker->ids);
    taker->ids = NULL;
    return RC_OK;
}

static Rc read_workers(Capacity *out, const Ssisdb *db, Err *err)
{
    Err own = {0};
    Rc rc = workers_read(db, &out->arena, &out->workers, &own);

    return missing_record(&out->missing, db, "the workers", rc, &own, &out->arena, err);
}

Rc capacity_read(const Ssisdb *db, const CapacityQuestion *question, Capacity **ret_capacity,
                 Err *err)
{
    AUTO(capacity_free_at) Capacity *out = mem_alloc(sizeof(*out));
    size_t most = question->most_listed > CAPACITY_LISTED ? question->most_listed : CAPACITY_LISTED;
    AUTO(taker_done)
    Taker taker = {.out = out,
                   .question = question,
                   .longest = {.most = most, .order = longest_first},
                   .idle = {.most = CAPACITY_LISTED, .order = oldest_first}};

    out->has_queue = has_queue(db);
    set_window(out, db, question);
    TRY(read_runs(out, db, question, &taker, err));
    TRY(read_workers(out, db, err));
    int64_t client_delay = median_delay(&taker);
    begin_window(&out->rules, out->list, out->count);
    find_slots(out, db, question, taker.machines);
    out->figures = capacity_figures(out->list, out->count, &out->rules, &out->arena);
    measure(out);
    out->figures.client_delay = client_delay;
    make_lists(out, &taker);
    make_packages(out);
    if (out->has_queue)
        make_replays(out);
    *ret_capacity = out;
    out = NULL;
    return RC_OK;
}

void capacity_free(Capacity *capacity)
{
    if (!capacity)
        return;
    runs_done(&capacity->runs);
    free(capacity->list);
    arena_done(&capacity->arena);
    free(capacity);
}

void capacity_free_at(Capacity **capacity)
{
    capacity_free(*capacity);
}
