/* What a package ordinarily does: its pace, its calendar, how close its starts stand. */
#include "rhythm.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"
#include "ssisminer/base/time.h"

#include <stdlib.h>

#define MINUTE (60 * TICKS_PER_SECOND)
#define HOUR   (60 * MINUTE)

/* ---- cadence --------------------------------------------------------------------------------- */

enum { CADENCE_ROW = 4, RARE_ROW = 3, CADENCE_SHARE = 60 /* percent */ };
#define CADENCE_SPAN (30 * MINUTE)
#define RARE         (5 * TICKS_PER_DAY) // weekly and rarer: there are never many

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static bool is_near(int64_t gap, int64_t median)
{
    return llabs(gap - median) <= median / 4;
}

/* Every 25 minutes of each hour: the pace begins anew at the same minute, after a shorter gap. */
static bool restarts_hourly(const int64_t *created, size_t count, int64_t median)
{
    enum { OFTEN = 3 };
    int64_t first = 0;
    size_t restarts = 0;

    for (size_t i = 1; i < count; i++) {
        int64_t gap = created[i] - created[i - 1];
        if (gap > median || is_near(gap, median))
            continue;
        if (restarts++ == 0)
            first = created[i];
        int64_t off = (created[i] - first) % HOUR;
        if (off > MINUTE && off < HOUR - MINUTE)
            return false;
    }
    return restarts >= OFTEN;
}

/* Most gaps are alike, and a row of them is long enough to be a schedule: a burst is not. */
static bool is_regular(const int64_t *created, size_t count, int64_t median, int64_t within)
{
    int64_t least = sat_mul(3, within), row_span = 0;
    size_t near = 0, row = 0, needed = median >= RARE ? RARE_ROW : CADENCE_ROW;
    bool is_long = false;

    if (least < CADENCE_SPAN)
        least = CADENCE_SPAN;
    for (size_t i = 1; i < count; i++) {
        int64_t gap = created[i] - created[i - 1];
        bool fits = is_near(gap, median);
        near += fits;
        row = fits ? row + 1 : 0;
        row_span = fits ? row_span + gap : 0;
        is_long = is_long || (row >= needed && row_span >= least);
    }
    return near * 100 >= (count - 1) * CADENCE_SHARE &&
           (is_long || restarts_hourly(created, count, median));
}

/* ---- how close starts stand ------------------------------------------------------------------ */

enum {
    ENOUGH = 12,      // starts, from which on they say what is ordinary
    CLOSE_SHARE = 20, // percent of gaps: more are an ordinary thing
    ALIKE_SHARE = 60, // percent
    FRESH_FACTOR = 6, // a gap below so many times `within` is close
    TENTH = 10,       // the gap that nine of ten exceed …
    FAR_BELOW = 8,    // … and how far below it a start is too soon
    SIZES = 64,
    OCCASIONS = 3,
    SEVERAL = 3
};

typedef struct Clusters {   // starts that follow each other within `within`
    size_t count, multiple; // all, and those of more than one start
    size_t sizes[SIZES];
} Clusters;

static Clusters clusters_of(const int64_t *created, size_t count, int64_t within)
{
    Clusters clusters = {0};

    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && created[end] - created[end - 1] <= within;)
            end++;
        size_t size = end - first;
        clusters.count++;
        clusters.multiple += size > 1;
        clusters.sizes[size < SIZES ? size : SIZES - 1]++;
    }
    return clusters;
}

/* The commonest size above one. */
static size_t common_size(const Clusters *clusters)
{
    size_t common = 2;

    for (size_t size = 3; size < SIZES; size++)
        if (clusters->sizes[size] > clusters->sizes[common])
            common = size;
    return common;
}

/* Of sorted gaps, those within one cluster are the shortest: whether most of them are alike. */
static bool are_alike(const int64_t *sorted, size_t count)
{
    size_t near = 0;

    for (size_t i = 0; i < count; i++)
        near += is_near(sorted[i], sorted[count / 2]);
    return near * 100 >= count * ALIKE_SHARE;
}

/* A pair, or a triple, that comes again and again is no play of events, but as many triggers. */
static bool is_alike(const Clusters *clusters, const int64_t *sorted, size_t inside)
{
    size_t common = clusters->sizes[common_size(clusters)];

    return clusters->multiple >= OCCASIONS && common * 100 >= clusters->multiple * ALIKE_SHARE &&
           (common * 100 >= clusters->count * ALIKE_SHARE || are_alike(sorted, inside));
}

static bool is_several(const Clusters *clusters)
{
    size_t size = common_size(clusters);

    return size >= SEVERAL && clusters->sizes[size] >= OCCASIONS &&
           clusters->sizes[size] * 100 >= clusters->count * ALIKE_SHARE;
}

/* Gaps below the limit, of which a sorted list has them first. */
static size_t count_below(const int64_t *sorted, size_t count, int64_t limit)
{
    size_t below = 0;

    while (below < count && sorted[below] <= limit)
        below++;
    return below;
}

static void judge_closeness(DuplicateRhythm *rhythm, const int64_t *created, size_t count,
                            int64_t *gaps, size_t of, int64_t within)
{
    if (count < ENOUGH)
        return;
    Clusters clusters = clusters_of(created, count, within);
    rhythm->is_several = is_several(&clusters);
    if (rhythm->cadence > 0)
        return;
    qsort(gaps, count - 1, sizeof(*gaps), by_value);
    size_t close = count_below(gaps, count - 1, sat_mul(FRESH_FACTOR, within));
    if (close * 100 < (of > count ? of - 1 : count - 1) * CLOSE_SHARE ||
        is_alike(&clusters, gaps, count_below(gaps, count - 1, within)))
        return;
    rhythm->is_irregular = true;
    rhythm->soon = gaps[(count - 1) / TENTH] / FAR_BELOW;
    if (rhythm->soon > within)
        rhythm->soon = within;
}

/* The value that a sorted list would have at a place: quickselect, which moves the others. */
static int64_t value_at(int64_t *list, size_t count, size_t at)
{
    size_t low = 0, high = count - 1;

    while (low < high) {
        int64_t pivot = list[low + (high - low) / 2];
        size_t i = low, k = high;
        for (;;) {
            while (list[i] < pivot)
                i++;
            while (list[k] > pivot)
                k--;
            if (i >= k)
                break;
            int64_t swap = list[i];
            list[i++] = list[k];
            list[k--] = swap;
        }
        if (at <= k)
            high = k;
        else
            low = k + 1;
    }
    return list[at];
}

DuplicateRhythm duplicates_rhythm(const int64_t *created, size_t count, size_t of, int64_t within)
{
    DuplicateRhythm rhythm = {.soon = within};

    if (count <= RARE_ROW)
        return rhythm;
    int64_t *gaps = mem_alloc((count - 1) * sizeof(*gaps));
    for (size_t i = 1; i < count; i++)
        gaps[i - 1] = created[i] - created[i - 1];
    rhythm.ordinary = value_at(gaps, count - 1, (count - 1) / 2);
    if ((count > CADENCE_ROW || rhythm.ordinary >= RARE) &&
        is_regular(created, count, rhythm.ordinary, within))
        rhythm.cadence = rhythm.ordinary;
    judge_closeness(&rhythm, created, count, gaps, of, within);
    free(gaps);
    return rhythm;
}

#define REPEAT_LEAST TICKS_PER_DAY // with a cadence

int64_t rhythm_horizon(const DuplicateRhythm *rhythm, int64_t within)
{
    if (rhythm->cadence == 0)
        return sat_mul(FRESH_FACTOR, within);
    return rhythm->cadence / 2 > REPEAT_LEAST ? rhythm->cadence / 2 : REPEAT_LEAST;
}

/* ---- the calendar ---------------------------------------------------------------------------- */

enum { DUE_TIMES = 2, PACE_REACH = 6 };
#define DUE_TOLERANCE (5 * MINUTE)

static size_t first_at(const int64_t *created, size_t count, int64_t at)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (created[middle] < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t rhythm_count(const int64_t *created, size_t count, int64_t from, int64_t to)
{
    return first_at(created, count, to + 1) - first_at(created, count, from);
}

static bool has_near(const int64_t *created, size_t count, int64_t at, int64_t tolerance)
{
    return rhythm_count(created, count, at - tolerance, at + tolerance) > 0;
}

static int calendar_support(const int64_t *created, size_t count, int64_t at, int64_t tolerance)
{
    static const int days[] = {1, 2, 3, 4, 5, 6, 7, 14, 21, 28, 29, 30, 31, 35, 61, 62, 91, 92};
    static const int64_t changes[] = {0, -HOUR, HOUR}; // of the clock
    int support = 0;

    for (size_t i = 0; i < 2 * ARRAY_LEN(days); i++) {
        int64_t other = at + (i % 2 ? days[i / 2] : -days[i / 2]) * TICKS_PER_DAY;
        bool has = false;
        for (size_t k = 0; k < ARRAY_LEN(changes) && !has; k++)
            has = has_near(created, count, other + changes[k], tolerance);
        support += has;
    }
    return support;
}

/* Half the starts around one that begins a pace anew are unknown when it is the last one. */
static bool recurs_by_hour_or_day(const int64_t *created, size_t count, int64_t gap, int64_t at)
{
    enum { TIMES = 3, OFTEN = 3, SHARE = 4 };
    int64_t tolerance = gap / SHARE < MINUTE ? gap / SHARE : MINUTE;
    int hours = 0, days = 0;

    for (int i = 1; i <= TIMES; i++) {
        hours += has_near(created, count, at - i * HOUR, tolerance);
        days += has_near(created, count, at - i * TICKS_PER_DAY, tolerance);
    }
    return hours >= OFTEN || days >= OFTEN;
}

bool rhythm_begins_anew(const DuplicateRhythm *rhythm, const int64_t *created, size_t count,
                        int64_t before, int64_t at)
{
    enum { SHARE = 8 };
    int64_t slack = rhythm->cadence / SHARE;

    if (rhythm->cadence == 0 || rhythm->cadence >= TICKS_PER_DAY)
        return false;
    slack = slack > 2 * MINUTE ? 2 * MINUTE : slack;
    if (at - before <= slack || has_near(created, count, before + rhythm->cadence, slack) ||
        has_near(created, count, at - rhythm->cadence, slack) ||
        !has_near(created, count, before - rhythm->cadence, slack))
        return false;
    if (has_near(created, count, at + rhythm->cadence, slack))
        return true;
    return created[count - 1] <= at && recurs_by_hour_or_day(created, count, at - before, at);
}

int rhythm_support(const int64_t *created, size_t count, int64_t at, int64_t cadence,
                   int64_t tolerance)
{
    int support = 0;

    if (cadence == 0 || cadence >= TICKS_PER_DAY)
        return calendar_support(created, count, at, tolerance);
    for (int i = 1; i <= PACE_REACH; i++)
        support += has_near(created, count, at + i * cadence, tolerance) +
                   has_near(created, count, at - i * cadence, tolerance);
    return support;
}

bool duplicates_is_due(const int64_t *created, size_t count, int64_t at)
{
    return calendar_support(created, count, at, DUE_TOLERANCE) >= DUE_TIMES;
}
