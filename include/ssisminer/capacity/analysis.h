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
 * A package that an Execute Package Task runs is part of its parent's execution and runs in the
 * parent's slot; one that is started as an execution of its own holds a slot, beside that of a
 * parent which waits for it.
 *
 * Times and lengths are ticks. Percentiles are of the nearest rank: a wait that somebody had.
 *
 * Limits: a million executions take 24 bytes each, and as much again while they are looked at.
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

/* What the questions here need of a run. */
typedef struct CapacityRun {
    int64_t start;      // without one: the first sign of work
    uint64_t wait : 48; // for a worker; all bits set: nobody knows
    uint64_t key_low : 16;
    uint64_t length : 48; // how long it held a slot; all bits set: it held none
    uint64_t key_high : 16;
} CapacityRun;

typedef struct CapacityRules {
    int64_t since, until; // runs that started in between are looked at; the others hold slots
    int64_t now;
    int slots; // 0: not known, then nothing is saturated
    int64_t target_wait;
} CapacityRules;

typedef struct CapacityFigures {
    size_t started;
    Waits waits;
    size_t tedious;       // waits that were long ones: longer than it takes to begin
    int64_t waiting;      // time in which somebody waited long
    int full_at;          // so many or more ran for half of that time; 0 if nobody waited long
    int64_t over;         // time in which more ran than there are slots
    int64_t client_delay; // median time from creation to start, for who knows it; -1 if unknown
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

/* `is_listed`: it passes the filter of the lists. */
CapacityRun capacity_pack(const Run *run, int64_t now, bool is_listed);
bool capacity_is_silent(const Run *run, int64_t now); // see above
bool capacity_is_listed(const CapacityRun *run);
uint32_t capacity_key(const CapacityRun *run);
int64_t capacity_wait(const CapacityRun *run); // -1 if nobody knows

/* Sorts the runs by start. */
CapacityFigures capacity_figures(CapacityRun *runs, size_t count, const CapacityRules *rules,
                                 Arena *arena);

/* Whether the run's wait counts. */
bool capacity_is_asked(const CapacityRun *run, const CapacityRules *rules);

typedef struct CapacityReplay {
    int slots;
    int64_t p95, longest; // of the waits of those that started in the window; -1 if none did
    int64_t worst_p95;    // of the hour that is worst by this
} CapacityReplay;

/* Runs are sorted by start, as capacity_figures leaves them. */
CapacityReplay capacity_replay(const CapacityRun *runs, size_t count, const CapacityRules *rules,
                               int slots);
/* The fewest slots that keep the p95 wait of every hour within target_wait; 0 if nothing ran. */
int capacity_slots_needed(const CapacityRun *runs, size_t count, const CapacityRules *rules);

/* Sorts `waits`. */
Waits capacity_waits(int64_t *waits, size_t count);

#endif
