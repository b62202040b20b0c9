#include "ssisminer/capacity/analysis.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"
#include "ssisminer/base/zone.h"

#include <stdlib.h>

#define HOUR   (TICKS_PER_DAY / 24)
#define MINUTE (60 * TICKS_PER_SECOND)

/* ---- waits --------------------------------------------------------------------------------------
 */

static int by_ticks(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int64_t rank(const int64_t *sorted, size_t count, size_t percent)
{
    size_t place = (count * percent + 99) / 100;

    return sorted[place ? place - 1 : 0];
}

Waits capacity_waits(int64_t *waits, size_t count)
{
    if (count == 0)
        return (Waits){0, -1, -1, -1};
    qsort(waits, count, sizeof(*waits), by_ticks);
    return (Waits){count, rank(waits, count, 50), rank(waits, count, 95), waits[count - 1]};
}

bool capacity_is_asked(const Run *run, const CapacityRules *rules)
{
    return run->start != 0 && run->start >= rules->since && run->start < rules->until;
}

/* ---- who holds a slot ---------------------------------------------------------------------------
 */

static bool is_silent(const Run *run, int64_t length)
{
    return length > TICKS_PER_DAY &&
           (status_is_live(run->status) || run->status == STATUS_ENDED_UNEXPECTEDLY);
}

static bool holds_slot(const Run *run, int64_t now, int64_t *ret_from, int64_t *ret_to)
{
    return run_worked(run, now, ret_from, ret_to) && !is_silent(run, *ret_to - *ret_from);
}

/* From its start until it got a slot; one that never got one waits until now. */
static bool waited(const Run *run, int64_t now, int64_t *ret_from, int64_t *ret_to)
{
    *ret_from = run->start;
    *ret_to = run->work;
    if (run->work == 0 && run->status == STATUS_PENDING)
        *ret_to = now;
    return run->start != 0 && *ret_to > *ret_from && *ret_to - *ret_from <= TICKS_PER_DAY;
}

/* ---- a walk through time ------------------------------------------------------------------------
 */

typedef struct Event {
    int64_t at;
    int8_t running, waiting; // change
} Event;

static int by_time(const void *a, const void *b)
{
    const Event *x = a, *y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->running - y->running; // a slot is given back before it is taken
}

static size_t make_events(const Run *runs, size_t count, const CapacityRules *rules, Event *events)
{
    size_t n = 0;
    int64_t from, to;

    for (size_t i = 0; i < count; i++) {
        if (holds_slot(&runs[i], rules->now, &from, &to) && to > from) {
            events[n++] = (Event){from, 1, 0};
            events[n++] = (Event){to, -1, 0};
        }
        if (waited(&runs[i], rules->now, &from, &to)) {
            events[n++] = (Event){from, 0, 1};
            events[n++] = (Event){to, 0, -1};
        }
    }
    if (n > 0)
        qsort(events, n, sizeof(*events), by_time);
    return n;
}

typedef struct Walk {
    const CapacityRules *rules;
    CapacityFigures *figures;
    Arena *arena;
    CapacitySpan *spans;
    size_t span_capacity;
    int running, waiting;
} Walk;

static void add_to_hour(CapacityHour *hour, const Walk *walk, int64_t length, bool is_saturated)
{
    hour->running = sat_add(hour->running, sat_mul(length, walk->running));
    hour->saturated = sat_add(hour->saturated, is_saturated ? length : 0);
    hour->peak = walk->running > hour->peak ? walk->running : hour->peak;
}

static void add_span(Walk *walk, int64_t from, int64_t to)
{
    CapacityFigures *figures = walk->figures;
    CapacitySpan *last = figures->span_count ? &walk->spans[figures->span_count - 1] : NULL;

    if (!last || from - last->to > MINUTE) {
        walk->spans = arena_grow(walk->arena, walk->spans, figures->span_count,
                                 figures->span_count + 1, &walk->span_capacity, sizeof(*last));
        last = &walk->spans[figures->span_count++];
        *last = (CapacitySpan){.from = from};
    }
    last->to = to;
    last->waiting = walk->waiting > last->waiting ? walk->waiting : last->waiting;
}

/* A stretch in which nothing changes, cut at the hours. */
static void add_stretch(Walk *walk, int64_t from, int64_t to)
{
    CapacityFigures *figures = walk->figures;
    bool is_saturated = walk->rules->slots > 0 && walk->running >= walk->rules->slots;
    int64_t part = zone_is_utc() ? HOUR : HOUR / 4; // zones begin their hours at a quarter of ours

    if (walk->running > figures->peak) {
        figures->peak = walk->running;
        figures->peak_at = from;
    }
    figures->running = sat_add(figures->running, sat_mul(to - from, walk->running));
    if (is_saturated) {
        figures->saturated += to - from;
        add_span(walk, from, to);
    }
    while (from < to && walk->running > 0) {
        int64_t end = from - from % part + part, until = end < to ? end : to;
        size_t index = (size_t)((from - figures->hours[0].from) / HOUR);
        add_to_hour(&figures->hours[index], walk, until - from, is_saturated);
        add_to_hour(&figures->day[zone_hour_of_day(from)], walk, until - from, is_saturated);
        from = until;
    }
}

static void walk_through(Walk *walk, const Event *events, size_t count)
{
    const CapacityRules *rules = walk->rules;
    int64_t from = rules->since;

    for (size_t i = 0; i < count; i++) {
        int64_t to = events[i].at < rules->until ? events[i].at : rules->until;
        if (to > from) {
            add_stretch(walk, from, to);
            from = to;
        }
        walk->running += events[i].running;
        walk->waiting += events[i].waiting;
    }
    walk->figures->spans = walk->spans;
}

/* ---- waits by hour ------------------------------------------------------------------------------
 */

typedef struct Wait {
    int64_t start, length;
} Wait;

static size_t take_waits(const Run *runs, size_t count, const CapacityRules *rules, Wait *ret_waits)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        int64_t wait = capacity_is_asked(&runs[i], rules) ? run_wait(&runs[i]) : -1;
        if (wait >= 0)
            ret_waits[n++] = (Wait){runs[i].start, wait};
    }
    return n;
}

/* Waits come sorted by start. */
static void fill_hours(CapacityHour *hours, const Wait *waits, size_t count, int64_t *room)
{
    for (size_t i = 0; i < count;) {
        int64_t hour = waits[i].start / HOUR;
        size_t n = 0;
        for (; i < count && waits[i].start / HOUR == hour; i++)
            room[n++] = waits[i].length;
        hours[hour - hours[0].from / HOUR].waits = capacity_waits(room, n);
    }
}

static void fill_day(CapacityHour *day, const Wait *waits, size_t count, int64_t *room)
{
    for (int64_t hour = 0; hour < 24; hour++) {
        size_t n = 0;
        for (size_t i = 0; i < count; i++)
            if (zone_hour_of_day(waits[i].start) == hour)
                room[n++] = waits[i].length;
        day[hour].waits = capacity_waits(room, n);
    }
}

static Waits fill_all(const Wait *waits, size_t count, int64_t *room)
{
    for (size_t i = 0; i < count; i++)
        room[i] = waits[i].length;
    return capacity_waits(room, count);
}

static void add_waits(CapacityFigures *figures, const Run *runs, size_t count,
                      const CapacityRules *rules)
{
    Wait *waits = mem_alloc((count + 1) * sizeof(*waits));
    int64_t *room = mem_alloc((count + 1) * sizeof(*room));
    size_t known = take_waits(runs, count, rules, waits);

    figures->waits = fill_all(waits, known, room);
    fill_hours(figures->hours, waits, known, room);
    fill_day(figures->day, waits, known, room);
    free(room);
    free(waits);
}

/* ---- figures ------------------------------------------------------------------------------------
 */

static int by_start(const void *a, const void *b)
{
    const Run *x = a, *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static void make_hours(CapacityFigures *figures, const CapacityRules *rules, Arena *arena)
{
    static const Waits none = {0, -1, -1, -1};
    int64_t first = rules->since - rules->since % HOUR;

    figures->hour_count = (size_t)((rules->until - first + HOUR - 1) / HOUR);
    figures->hours = arena_alloc_array(arena, figures->hour_count + 1, sizeof(CapacityHour));
    for (size_t i = 0; i <= figures->hour_count; i++) {
        figures->hours[i].from = first + (int64_t)i * HOUR;
        figures->hours[i].waits = none;
    }
    for (int i = 0; i < 24; i++)
        figures->day[i].waits = none;
}

static int64_t median_delay(const Run *runs, size_t count, const CapacityRules *rules)
{
    int64_t *delays = mem_alloc((count + 1) * sizeof(*delays));
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        if (capacity_is_asked(&runs[i], rules) && runs[i].created != 0)
            delays[n++] = runs[i].start > runs[i].created ? runs[i].start - runs[i].created : 0;
    int64_t median = capacity_waits(delays, n).median;
    free(delays);
    return median;
}

static void count_runs(CapacityFigures *figures, const Run *runs, size_t count,
                       const CapacityRules *rules)
{
    int64_t from, to;

    for (size_t i = 0; i < count; i++) {
        figures->silent +=
            run_worked(&runs[i], rules->now, &from, &to) && is_silent(&runs[i], to - from);
        if (!capacity_is_asked(&runs[i], rules))
            continue;
        figures->started++;
        figures->hours[(runs[i].start - figures->hours[0].from) / HOUR].started++;
        figures->day[zone_hour_of_day(runs[i].start)].started++;
    }
}

CapacityFigures capacity_figures(Run *runs, size_t count, const CapacityRules *rules, Arena *arena)
{
    CapacityFigures figures = {0};
    Walk walk = {.rules = rules, .figures = &figures, .arena = arena};
    Event *events = mem_alloc((4 * count + 1) * sizeof(*events));

    if (count > 0)
        qsort(runs, count, sizeof(*runs), by_start);
    make_hours(&figures, rules, arena);
    count_runs(&figures, runs, count, rules);
    walk_through(&walk, events, make_events(runs, count, rules, events));
    free(events);
    add_waits(&figures, runs, count, rules);
    figures.client_delay = median_delay(runs, count, rules);
    return figures;
}

/* ---- the replay ---------------------------------------------------------------------------------
 */

/* When each slot is free again: a heap with the earliest on top. */
typedef struct FreeTimes {
    int64_t *at;
    size_t count;
} FreeTimes;

static void sink(FreeTimes *slots)
{
    size_t i = 0;

    for (;;) {
        size_t least = i, left = 2 * i + 1, right = left + 1;
        if (left < slots->count && slots->at[left] < slots->at[least])
            least = left;
        if (right < slots->count && slots->at[right] < slots->at[least])
            least = right;
        if (least == i)
            return;
        int64_t swap = slots->at[i];
        slots->at[i] = slots->at[least];
        slots->at[least] = swap;
        i = least;
    }
}

/* Takes the slot that is free first for a run of this length; returns how long it waits for it. */
static int64_t serve(FreeTimes *slots, int64_t start, int64_t length)
{
    int64_t begin = slots->at[0] > start ? slots->at[0] : start;

    slots->at[0] = sat_add(begin, length);
    sink(slots);
    return begin - start;
}

static size_t replay_waits(const Run *runs, size_t count, const CapacityRules *rules,
                           FreeTimes *slots, Wait *ret_waits)
{
    size_t n = 0;
    int64_t from, to;

    for (size_t i = 0; i < count; i++) {
        if (!holds_slot(&runs[i], rules->now, &from, &to))
            continue;
        int64_t start = runs[i].start ? runs[i].start : from;
        int64_t wait = serve(slots, start, to > from ? to - from : 0);
        if (capacity_is_asked(&runs[i], rules))
            ret_waits[n++] = (Wait){start, wait};
    }
    return n;
}

static int64_t worst_hour(const Wait *waits, size_t count, int64_t *room)
{
    int64_t worst = -1;

    for (size_t i = 0; i < count;) {
        int64_t hour = waits[i].start / HOUR;
        size_t n = 0;
        for (; i < count && waits[i].start / HOUR == hour; i++)
            room[n++] = waits[i].length;
        int64_t p95 = capacity_waits(room, n).p95;
        worst = p95 > worst ? p95 : worst;
    }
    return worst;
}

/* More slots than runs change nothing. */
CapacityReplay capacity_replay(const Run *runs, size_t count, const CapacityRules *rules, int slots)
{
    size_t used = (size_t)slots < count + 1 ? (size_t)slots : count + 1;
    FreeTimes free_times = {mem_alloc(used * sizeof(int64_t)), used};
    Wait *waits = mem_alloc((count + 1) * sizeof(*waits));
    int64_t *room = mem_alloc((count + 1) * sizeof(*room));
    size_t n = replay_waits(runs, count, rules, &free_times, waits);
    CapacityReplay replay = {.slots = slots, .worst_p95 = worst_hour(waits, n, room)};
    Waits all = fill_all(waits, n, room);

    replay.p95 = all.p95;
    replay.longest = all.longest;
    free(room);
    free(waits);
    free(free_times.at);
    return replay;
}

/* With one slot more no run waits longer, so that the answer may be found by doubling and halving;
 * as many slots as runs need no wait at all. */
int capacity_slots_needed(const Run *runs, size_t count, const CapacityRules *rules)
{
    int low = 1, high = 1;

    if (capacity_replay(runs, count, rules, 1).p95 < 0)
        return 0;
    while ((size_t)high < count &&
           capacity_replay(runs, count, rules, high).worst_p95 > rules->target_wait) {
        low = high + 1;
        high *= 2;
    }
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (capacity_replay(runs, count, rules, middle).worst_p95 <= rules->target_wait)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}
