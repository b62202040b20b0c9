/*
 * How many packages ran at once, how long others waited for it, and how many slots would have been
 * enough: pure functions over runs.
 *
 * A slot is one package running on one node. A run holds one from its first sign of work to its
 * end. What has shown no sign of life for more than a day (a live execution that nobody repaired,
 * or one whose end is the time of the repair, status 6) holds none: it is counted as silent.
 *
 * The replay puts the same starts and the same lengths of work on n slots, first come first
 * served: the one way to say what n slots would have done that needs no assumption about how
 * arrivals are spread.
 *
 * Times and lengths are ticks. Percentiles are of the nearest rank: a wait that somebody had.
 */
#ifndef SSISMINER_CAPACITY_ANALYSIS_H
#define SSISMINER_CAPACITY_ANALYSIS_H

#include "ssisminer/base/arena.h"
#include "ssisminer/ssisdb/runs.h"

typedef struct Waits { // of those whose wait is known; -1 where there are none
    size_t known;
    int64_t median, p95, longest;
} Waits;

typedef struct CapacityHour { // of the window, or of the day over the whole window
    int64_t from;             // an hour of the day has none
    size_t started;
    Waits waits;
    int peak;          // most that ran at once
    int64_t running;   // slot time used: average concurrency is this over the hour
    int64_t saturated; // time with every slot taken
} CapacityHour;

typedef struct CapacitySpan { // with every slot taken; breaks shorter than a minute count as part
    int64_t from, to;
    int waiting; // most that waited at once
} CapacitySpan;

typedef struct CapacityRules {
    int64_t since, until; // runs that started in between are looked at; the others hold slots
    int64_t now;
    int slots; // 0: not known, then nothing is saturated
    int64_t target_wait;
} CapacityRules;

typedef struct CapacityFigures {
    size_t started, silent;
    Waits waits;
    int64_t client_delay; // median time from creation to start; -1 if unknown
    int peak;
    int64_t peak_at;
    int64_t running, saturated;
    CapacityHour *hours;
    size_t hour_count;
    CapacityHour day[24]; // of the zone in use (base/zone.h)
    const CapacitySpan *spans;
    size_t span_count;
} CapacityFigures;

enum { CAPACITY_HOURS_MAX = 24 * 3653 };

/* Runs are sorted by start and id. */
CapacityFigures capacity_figures(Run *runs, size_t count, const CapacityRules *rules, Arena *arena);

/* Whether the run's wait counts. */
bool capacity_is_asked(const Run *run, const CapacityRules *rules);

typedef struct CapacityReplay {
    int slots;
    int64_t p95, longest; // of the waits of those that started in the window; -1 if none did
    int64_t worst_p95;    // of the hour that is worst by this
} CapacityReplay;

/* Runs are sorted by start, as capacity_figures leaves them. */
CapacityReplay capacity_replay(const Run *runs, size_t count, const CapacityRules *rules,
                               int slots);
/* The fewest slots that keep the p95 wait of every hour within target_wait; 0 if nothing ran. */
int capacity_slots_needed(const Run *runs, size_t count, const CapacityRules *rules);

/* Sorts `waits`. */
Waits capacity_waits(int64_t *waits, size_t count);

#endif
