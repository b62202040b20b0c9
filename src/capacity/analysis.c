/* How many packages ran at once, who waited, and how many slots would have done. */
#include "ssisminer/capacity/analysis.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"
#include "ssisminer/base/zone.h"

#include <stdlib.h>

#define HOUR   (TICKS_PER_DAY / 24)
#define MINUTE (60 * TICKS_PER_SECOND)

/* ---- waits ----------------------------------------------------------------------------------- */

/* The C library's qsort takes as much room again as what it sorts. */
enum { SORT_IN_PLACE = 64 * 1024 };

typedef bool IsLess(const void *list, size_t a, size_t b);
typedef void Swap(void *list, size_t a, size_t b);

static void sift(void *list, size_t at, size_t count, IsLess *is_less, Swap *swap)
{
    for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && is_less(list, child, child + 1))
            child++;
        if (!is_less(list, at, child))
            return;
        swap(list, at, child);
        at = child;
    }
}

static void sort_in_place(void *list, size_t count, IsLess *is_less, Swap *swap)
{
    for (size_t i = count / 2; i-- > 0;)
        sift(list, i, count, is_less, swap);
    for (size_t end = count; end-- > 1;) {
        swap(list, 0, end);
        sift(list, 0, end, is_less, swap);
    }
}

static bool is_less_number(const void *list, size_t a, size_t b)
{
    const uint64_t *numbers = list;

    return numbers[a] < numbers[b];
}

static void swap_numbers(void *list, size_t a, size_t b)
{
    uint64_t *numbers = list, kept = numbers[a];

    numbers[a] = numbers[b];
    numbers[b] = kept;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* None is negative. */
static void sort_numbers(void *numbers, size_t count)
{
    if (count >= SORT_IN_PLACE)
        sort_in_place(numbers, count, is_less_number, swap_numbers);
    else if (count > 0)
        qsort(numbers, count, sizeof(uint64_t), by_number);
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
    sort_numbers(waits, count);
    return (Waits){count, rank(waits, count, 50), rank(waits, count, 95), waits[count - 1]};
}

/* ---- runs in few bytes ----------------------------------------------------------------------- */

#define UNKNOWN  ((UINT64_C(1) << 48) - 1)
#define LISTED   (UINT32_C(1) << 31)
#define UNASKED  (UINT32_C(1) << 30) // it has no start
#define WAITING  (UINT32_C(1) << 29) // still, so that its wait is not known
#define KEY_BITS (WAITING - 1)

static uint64_t packed(int64_t ticks)
{
    return ticks < 0 ? 0 : (uint64_t)ticks < UNKNOWN ? (uint64_t)ticks : UNKNOWN - 1;
}

static uint32_t bits_of(const CapacityRun *run)
{
    return (uint32_t)run->key_high << 16 | (uint32_t)run->key_low;
}

bool capacity_is_silent(const Run *run, int64_t now)
{
    int64_t from, to;

    return run_worked(run, now, &from, &to) && sat_sub(to, from) > TICKS_PER_DAY &&
           (status_is_live(run->status) || run->status == STATUS_ENDED_UNEXPECTEDLY);
}

CapacityRun capacity_pack(const Run *run, int64_t now, bool is_listed)
{
    int64_t from, to, begin = run->start ? run->start : run->work, wait = run_wait(run);
    bool is_waiting = run->start != 0 && run->work == 0 && run->status == STATUS_PENDING;
    bool holds = run_worked(run, now, &from, &to) && !capacity_is_silent(run, now);
    uint32_t bits = (run->key & KEY_BITS) | (is_listed ? LISTED : 0) | (run->start ? 0 : UNASKED) |
                    (is_waiting ? WAITING : 0);

    if (is_waiting)
        wait = sat_sub(now, begin) > 0 ? sat_sub(now, begin) : 0;
    uint64_t length = holds ? packed(sat_sub(to, sat_add(begin, wait > 0 ? wait : 0))) : UNKNOWN;
    return (CapacityRun){
        .start = begin,
        .wait = (wait < 0 ? UNKNOWN : packed(wait)) & UNKNOWN,
        .length = length & UNKNOWN,
        .key_low = (uint16_t)bits,
        .key_high = (uint16_t)(bits >> 16),
    };
}

bool capacity_is_listed(const CapacityRun *run)
{
    return (bits_of(run) & LISTED) != 0;
}

uint32_t capacity_key(const CapacityRun *run)
{
    return bits_of(run) & KEY_BITS;
}

static bool holds_slot(const CapacityRun *run)
{
    return run->length != UNKNOWN;
}

int64_t capacity_wait(const CapacityRun *run)
{
    return run->wait == UNKNOWN || (bits_of(run) & WAITING) ? -1 : (int64_t)run->wait;
}

static int64_t slot_from(const CapacityRun *run)
{
    return sat_add(run->start, run->wait == UNKNOWN ? 0 : (int64_t)run->wait);
}

bool capacity_is_asked(const CapacityRun *run, const CapacityRules *rules)
{
    return !(bits_of(run) & UNASKED) && run->start != 0 && run->start >= rules->since &&
           run->start < rules->until;
}

/* ---- what happens, in order ------------------------------------------------------------------ */

/* Slots are taken and given back at the times of two sorted lists; waits begin with the runs, which
 * are sorted by start, and end with a slot. Of the lists' entries the lowest bits tell whether
 * somebody's wait ends there, and whether it was a long one. */
typedef struct Course {
    const CapacityRun *runs;
    size_t count, at;
    uint64_t *taken; // ticks, and two bits below
    size_t taken_count, taken_at;
    int64_t *given;
    size_t given_count, given_at;
    int64_t tedious;
} Course;

enum { COURSE_BITS = 2, WAIT_ENDS = 1, LONG_WAIT_ENDS = 2 };

static bool waits(const CapacityRun *run)
{
    return run->wait != UNKNOWN && run->wait > 0 && run->wait <= (uint64_t)TICKS_PER_DAY;
}

static bool waits_long(const CapacityRun *run, int64_t tedious)
{
    return waits(run) && (int64_t)run->wait > tedious;
}

static void course_done(Course *course)
{
    free(course->taken);
    free(course->given);
}

static Course course_of(const CapacityRun *runs, size_t count, int64_t tedious)
{
    Course course = {.runs = runs,
                     .count = count,
                     .taken = mem_alloc((count + 1) * sizeof(uint64_t)),
                     .given = mem_alloc((count + 1) * sizeof(int64_t)),
                     .tedious = tedious};

    for (size_t i = 0; i < count; i++) {
        const CapacityRun *run = &runs[i];
        bool holds = holds_slot(run) && run->length > 0;
        uint64_t ends =
            (waits(run) ? WAIT_ENDS : 0) | (waits_long(run, tedious) ? LONG_WAIT_ENDS : 0);
        if (holds)
            course.given[course.given_count++] = sat_add(slot_from(run), (int64_t)run->length);
        else if (!ends)
            continue;
        if (!holds) // its wait ends without a slot
            course.given[course.given_count++] = slot_from(run);
        course.taken[course.taken_count++] = (uint64_t)slot_from(run) << COURSE_BITS | ends;
    }
    sort_numbers(course.taken, course.taken_count);
    sort_numbers(course.given, course.given_count);
    return course;
}

typedef struct Walk {
    const CapacityRules *rules;
    CapacityFigures *figures;
    Arena *arena;
    CapacitySpan *spans;
    size_t span_capacity;
    int running, waiting, waiting_long;
    int64_t *held; // how long so many ran while somebody waited long
} Walk;

enum { LEVELS = 4096 }; // of more at once nobody waits

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* When something happens next; INT64_MAX for never. */
static int64_t course_next(Course *course)
{
    int64_t at = INT64_MAX;

    while (course->at < course->count && !waits(&course->runs[course->at]))
        course->at++;
    if (course->at < course->count)
        at = course->runs[course->at].start;
    if (course->taken_at < course->taken_count)
        at = least(at, (int64_t)(course->taken[course->taken_at] >> COURSE_BITS));
    if (course->given_at < course->given_count)
        at = least(at, course->given[course->given_at]);
    return at;
}

static void course_step(Course *course, int64_t now, Walk *walk)
{
    for (; course->at < course->count && course->runs[course->at].start == now; course->at++) {
        walk->waiting += waits(&course->runs[course->at]);
        walk->waiting_long += waits_long(&course->runs[course->at], course->tedious);
    }
    for (; course->taken_at < course->taken_count &&
           (int64_t)(course->taken[course->taken_at] >> COURSE_BITS) == now;
         course->taken_at++) {
        walk->running++;
        walk->waiting -= (course->taken[course->taken_at] & WAIT_ENDS) != 0;
        walk->waiting_long -= (course->taken[course->taken_at] & LONG_WAIT_ENDS) != 0;
    }
    for (; course->given_at < course->given_count && course->given[course->given_at] == now;
         course->given_at++)
        walk->running--;
}

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
    if (walk->waiting_long > 0) {
        int level = walk->running < LEVELS ? walk->running : LEVELS - 1;
        walk->held[level < 0 ? 0 : level] += to - from;
        figures->waiting += to - from;
    }
    if (walk->rules->slots > 0 && walk->running > walk->rules->slots)
        figures->over += to - from;
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

static void walk_through(Walk *walk, Course *course)
{
    const CapacityRules *rules = walk->rules;
    int64_t from = rules->since;

    for (int64_t at = course_next(course); at != INT64_MAX; at = course_next(course)) {
        int64_t to = at < rules->until ? at : rules->until;
        if (to > from) {
            add_stretch(walk, from, to);
            from = to;
        }
        course_step(course, at, walk);
    }
    walk->figures->spans = walk->spans;
}

/* Slots are not always taken the moment they are free, and clocks differ: what held for half of the
 * time is what there was. */
static int level_held(const Walk *walk)
{
    int64_t left = walk->figures->waiting / 2;
    int level = LEVELS - 1;

    if (walk->figures->waiting == 0)
        return 0;
    while (level > 0 && (left -= walk->held[level]) >= 0)
        level--;
    return level;
}

/* ---- waits by hour --------------------------------------------------------------------------- */

static int64_t asked_wait(const CapacityRun *run, const CapacityRules *rules)
{
    return capacity_is_asked(run, rules) ? capacity_wait(run) : -1;
}

/* Runs are sorted by start. */
static void fill_hours(CapacityHour *hours, const CapacityRun *runs, size_t count,
                       const CapacityRules *rules, int64_t *room)
{
    for (size_t i = 0; i < count;) {
        int64_t hour = runs[i].start / HOUR;
        size_t n = 0;
        for (; i < count && runs[i].start / HOUR == hour; i++)
            if (asked_wait(&runs[i], rules) >= 0)
                room[n++] = asked_wait(&runs[i], rules);
        if (n > 0)
            hours[hour - hours[0].from / HOUR].waits = capacity_waits(room, n);
    }
}

/* Of one hour of the day; -1: of all. */
static Waits waits_at(int hour, const CapacityRun *runs, size_t count, const CapacityRules *rules,
                      int64_t *room)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        if (asked_wait(&runs[i], rules) >= 0 &&
            (hour < 0 || zone_hour_of_day(runs[i].start) == hour))
            room[n++] = asked_wait(&runs[i], rules);
    return capacity_waits(room, n);
}

static void add_waits(CapacityFigures *figures, const CapacityRun *runs, size_t count,
                      const CapacityRules *rules)
{
    int64_t *room = mem_alloc((count + 1) * sizeof(*room));

    figures->waits = waits_at(-1, runs, count, rules, room);
    fill_hours(figures->hours, runs, count, rules, room);
    for (int hour = 0; hour < 24; hour++)
        figures->day[hour].waits = waits_at(hour, runs, count, rules, room);
    free(room);
}

/* ---- figures --------------------------------------------------------------------------------- */

static bool is_less_start(const void *list, size_t a, size_t b)
{
    const CapacityRun *runs = list;

    return runs[a].start < runs[b].start;
}

static void swap_runs(void *list, size_t a, size_t b)
{
    CapacityRun *runs = list, kept = runs[a];

    runs[a] = runs[b];
    runs[b] = kept;
}

/* As it mostly is. */
static bool is_sorted(const CapacityRun *runs, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (runs[i].start < runs[i - 1].start)
            return false;
    return true;
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

static void count_runs(CapacityFigures *figures, const CapacityRun *runs, size_t count,
                       const CapacityRules *rules, int64_t tedious)
{
    for (size_t i = 0; i < count; i++) {
        if (!capacity_is_asked(&runs[i], rules))
            continue;
        figures->started++;
        figures->tedious += waits_long(&runs[i], tedious);
        figures->hours[(runs[i].start - figures->hours[0].from) / HOUR].started++;
        figures->day[zone_hour_of_day(runs[i].start)].started++;
    }
}

/* Longer than a package takes to begin where slots are free. */
static int64_t tedious_wait(const CapacityFigures *figures)
{
    int64_t usual = sat_mul(3, figures->waits.median);

    return usual > MINUTE ? usual : MINUTE;
}

CapacityFigures capacity_figures(CapacityRun *runs, size_t count, const CapacityRules *rules,
                                 Arena *arena)
{
    CapacityFigures figures = {.client_delay = -1};
    Walk walk = {.rules = rules, .figures = &figures, .arena = arena};

    if (!is_sorted(runs, count))
        sort_in_place(runs, count, is_less_start, swap_runs);
    make_hours(&figures, rules, arena);
    add_waits(&figures, runs, count, rules);
    int64_t tedious = tedious_wait(&figures);
    count_runs(&figures, runs, count, rules, tedious);
    AUTO(course_done) Course course = course_of(runs, count, tedious);
    walk.held = arena_alloc_array(arena, LEVELS, sizeof(*walk.held));
    walk_through(&walk, &course);
    figures.full_at = level_held(&walk);
    return figures;
}

/* ---- the replay ------------------------------------------------------------------------------ */

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

/* The waits of those that are asked, in the order of the runs; of the others -1. */
static void replay_waits(const CapacityRun *runs, size_t count, const CapacityRules *rules,
                         FreeTimes *slots, int64_t *ret_waits)
{
    for (size_t i = 0; i < count; i++) {
        ret_waits[i] = -1;
        if (!holds_slot(&runs[i]))
            continue;
        int64_t wait = serve(slots, runs[i].start, (int64_t)runs[i].length);
        if (capacity_is_asked(&runs[i], rules))
            ret_waits[i] = wait;
    }
}

static int64_t worst_hour(const CapacityRun *runs, size_t count, const int64_t *waits_of,
                          int64_t *room)
{
    int64_t worst = -1;

    for (size_t i = 0; i < count;) {
        int64_t hour = runs[i].start / HOUR;
        size_t n = 0;
        for (; i < count && runs[i].start / HOUR == hour; i++)
            if (waits_of[i] >= 0)
                room[n++] = waits_of[i];
        int64_t p95 = capacity_waits(room, n).p95;
        worst = p95 > worst ? p95 : worst;
    }
    return worst;
}

/* More slots than runs change nothing. */
CapacityReplay capacity_replay(const CapacityRun *runs, size_t count, const CapacityRules *rules,
                               int slots)
{
    size_t used = (size_t)slots < count + 1 ? (size_t)slots : count + 1, n = 0;
    FreeTimes free_times = {mem_alloc(used * sizeof(int64_t)), used};
    int64_t *waits_of = mem_alloc((count + 1) * sizeof(*waits_of));
    int64_t *room = mem_alloc((count + 1) * sizeof(*room));

    replay_waits(runs, count, rules, &free_times, waits_of);
    CapacityReplay replay = {.slots = slots, .worst_p95 = worst_hour(runs, count, waits_of, room)};
    for (size_t i = 0; i < count; i++)
        if (waits_of[i] >= 0)
            room[n++] = waits_of[i];
    Waits all = capacity_waits(room, n);
    replay.p95 = all.p95;
    replay.longest = all.longest;
    free(room);
    free(waits_of);
    free(free_times.at);
    return replay;
}

/* With one slot more no run waits longer, so that the answer may be found by doubling and halving;
 * as many slots as runs need no wait at all. */
int capacity_slots_needed(const CapacityRun *runs, size_t count, const CapacityRules *rules)
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
