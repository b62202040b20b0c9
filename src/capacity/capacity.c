/* The question put to the server, and what of the answer is wanted. */
#include "ssisminer/capacity/capacity.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"

#include <stdlib.h>

enum { REPLAYS_MAX = 12 };

/* ---- the window ---------------------------------------------------------------------------------
 */

/* A window without a start begins with the first run; none reaches beyond now, or is empty. */
static void set_window(Capacity *out, const Ssisdb *db, const CapacityQuestion *question)
{
    CapacityRules *rules = &out->rules;
    int64_t longest = CAPACITY_HOURS_MAX * (TICKS_PER_DAY / 24);

    rules->now = db->server_now.ticks;
    rules->until = rules->now + 1;
    if (question->until.is_set && question->until.ticks < rules->until)
        rules->until = question->until.ticks > 0 ? question->until.ticks : 1;
    rules->since = question->since.is_set ? question->since.ticks : 0;
    if (rules->since == 0)
        rules->since = runs_first_start(&out->runs, rules->until - 1);
    if (rules->since >= rules->until)
        rules->since = rules->until - 1;
    if (rules->until - rules->since > longest)
        rules->since = rules->until - longest;
    rules->target_wait = question->target_wait;
}

/* ---- slots --------------------------------------------------------------------------------------
 */

static int count_online(const Workers *workers, Instant now)
{
    int count = 0;

    for (size_t i = 0; i < workers->count; i++)
        count += worker_is_online(&workers->list[i], now);
    return count;
}

static int count_machines(const Runs *runs, const CapacityRules *rules)
{
    bool *has = mem_alloc(runs->names.count + 1);
    int count = 0;

    for (size_t i = 0; i < runs->count; i++) {
        const Run *run = &runs->list[i];
        if (run->machine == 0 || has[run->machine] || !capacity_is_asked(run, rules))
            continue;
        has[run->machine] = true;
        count++;
    }
    free(has);
    return count;
}

static void find_slots(Capacity *out, const Ssisdb *db, const CapacityQuestion *question)
{
    struct {
        NodesFrom from;
        int count;
    } sources[] = {{NODES_GIVEN, question->nodes},
                   {NODES_WORKERS, count_online(&out->workers, db->server_now)},
                   {NODES_MACHINES, count_machines(&out->runs, &out->rules)}};

    out->per_node = question->per_node;
    for (size_t i = 0; i < ARRAY_LEN(sources) && out->nodes == 0; i++) {
        out->nodes = sources[i].count;
        out->nodes_from = sources[i].count > 0 ? sources[i].from : NODES_UNKNOWN;
    }
    if (out->has_queue ||
        out->nodes_from == NODES_GIVEN) // where nothing queues, nodes are no limit
        out->rules.slots = sat_int(sat_mul(out->nodes, out->per_node));
}

/* ---- lists --------------------------------------------------------------------------------------
 */

static int longest_first(const void *a, const void *b)
{
    const Run *x = *(const Run *const *)a, *y = *(const Run *const *)b;
    int64_t xw = run_wait(x), yw = run_wait(y);

    if (xw != yw)
        return xw > yw ? -1 : 1;
    return (x->id < y->id) - (x->id > y->id);
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

static int64_t idle_since(const Run *run)
{
    return run->start ? run->start : run->created;
}

static int oldest_first(const void *a, const void *b)
{
    const Run *x = *(const Run *const *)a, *y = *(const Run *const *)b;
    int64_t xs = idle_since(x), ys = idle_since(y);

    if (xs != ys)
        return xs < ys ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static void make_lists(Capacity *out, const CapacityQuestion *question)
{
    const Runs *runs = &out->runs;
    const Run **longest = arena_alloc_array(&out->arena, runs->count + 1, sizeof(*longest));
    const Run **idle = arena_alloc_array(&out->arena, runs->count + 1, sizeof(*idle));

    for (size_t i = 0; i < runs->count; i++) {
        const Run *run = &runs->list[i];
        if (!run_passes(&question->filter, runs, run))
            continue;
        if (is_idle(run, &out->rules))
            idle[out->idle_count++] = run;
        if (out->has_queue && capacity_is_asked(run, &out->rules) && run_wait(run) >= 0)
            longest[out->longest_count++] = run;
    }
    qsort(longest, out->longest_count, sizeof(*longest), longest_first);
    qsort(idle, out->idle_count, sizeof(*idle), oldest_first);
    out->longest = longest;
    out->idle = idle;
}

/* ---- by package ---------------------------------------------------------------------------------
 */

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
static void count_by_package(Capacity *out, const CapacityQuestion *question, size_t *ret_places)
{
    const Runs *runs = &out->runs;

    for (size_t i = 0; i < runs->count; i++) {
        const Run *run = &runs->list[i];
        if (!capacity_is_asked(run, &out->rules) || !run_passes(&question->filter, runs, run))
            continue;
        out->packages[run->key].started++;
        ret_places[run->key + 1] += run_wait(run) >= 0;
    }
    for (size_t key = 1; key <= runs->names.key_count + 1; key++)
        ret_places[key] += ret_places[key - 1];
}

static void sort_waits(Capacity *out, const CapacityQuestion *question, size_t *places,
                       int64_t *waits)
{
    const Runs *runs = &out->runs;

    for (size_t i = 0; i < runs->count; i++) {
        const Run *run = &runs->list[i];
        int64_t wait = run_wait(run);
        if (wait >= 0 && capacity_is_asked(run, &out->rules) &&
            run_passes(&question->filter, runs, run))
            waits[places[run->key]++] = wait;
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

static void make_packages(Capacity *out, const CapacityQuestion *question)
{
    size_t keys = out->runs.names.key_count;
    size_t *places = mem_alloc((keys + 2) * sizeof(*places));
    int64_t *waits = mem_alloc((out->runs.count + 1) * sizeof(*waits));

    out->packages = arena_alloc_array(&out->arena, keys + 2, sizeof(*out->packages));
    count_by_package(out, question, places);
    sort_waits(out, question, places, waits); // now each place is the end of its key
    keep_packages(out, places, waits);
    free(waits);
    free(places);
}

/* ---- what would help ----------------------------------------------------------------------------
 */

/* The slots there are, those needed, and steps of a node between them. */
static void make_replays(Capacity *out)
{
    CapacityReplay *list = arena_alloc_array(&out->arena, REPLAYS_MAX + 2, sizeof(*list));
    int needed = capacity_slots_needed(out->runs.list, out->runs.count, &out->rules);
    int step = out->per_node > 0 ? out->per_node : 1;
    int slots = out->rules.slots > 0 ? out->rules.slots : needed;
    int last = sat_int(((int64_t)needed + step - 1) / step * step);

    out->slots_needed = needed;
    if (needed == 0)
        return;
    while (last > slots && (last - slots) / step >= REPLAYS_MAX)
        step = sat_int(2 * (int64_t)step);
    for (; slots < last && out->replay_count < REPLAYS_MAX; slots = sat_int((int64_t)slots + step))
        list[out->replay_count++] =
            capacity_replay(out->runs.list, out->runs.count, &out->rules, slots);
    if (slots < last)
        slots = last;
    list[out->replay_count++] =
        capacity_replay(out->runs.list, out->runs.count, &out->rules, slots);
    out->replays = list;
}

bool capacity_is_short(const Capacity *capacity, const CapacityQuestion *question)
{
    const CapacityFigures *figures = &capacity->figures;

    for (size_t i = 0; i < figures->hour_count && capacity->has_queue; i++)
        if (figures->hours[i].waits.p95 > question->target_wait)
            return true;
    for (size_t i = 0; i < capacity->idle_count; i++)
        if (capacity->idle[i]->status == STATUS_PENDING &&
            capacity->rules.now - capacity->idle[i]->start > question->target_wait)
            return true;
    return false;
}

/* ---- the answer ---------------------------------------------------------------------------------
 */

/* Azure has nothing but integration runtimes, which are built on Scale Out. */
static bool has_queue(const Ssisdb *db)
{
    const char *scale_out = ssisdb_property(db, "IS_SCALEOUT_ENABLED");

    return db->engine_edition == ENGINE_AZURE_SQL_DATABASE ||
           db->engine_edition == ENGINE_MANAGED_INSTANCE ||
           (scale_out && str_same_fold(scale_out, "true"));
}

Rc capacity_read(const Ssisdb *db, const CapacityQuestion *question, Capacity **ret_capacity,
                 Err *err)
{
    AUTO(capacity_free_at) Capacity *out = mem_alloc(sizeof(*out));
    Instant since = question->since;

    since.is_set = true; // unset means from the first one on
    if (runs_read(db, since, question->until, &out->runs, err) != RC_OK)
        return err_note(err, "reading the executions");
    if (workers_read(db, &out->arena, &out->workers, err) != RC_OK)
        return err_note(err, "reading the workers");
    out->has_queue = has_queue(db);
    set_window(out, db, question);
    find_slots(out, db, question);
    out->figures = capacity_figures(out->runs.list, out->runs.count, &out->rules, &out->arena);
    make_lists(out, question);
    make_packages(out, question);
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
    arena_done(&capacity->arena);
    free(capacity);
}

void capacity_free_at(Capacity **capacity)
{
    capacity_free(*capacity);
}
