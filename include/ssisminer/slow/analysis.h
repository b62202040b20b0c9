/*
 * Which executions took longer than their package usually does: a pure function over runs.
 *
 * The length of a run is from its first sign of work to its end (waiting for a worker is no part of
 * it), or to now for one that is live. Its baseline are the last successful runs of the same
 * package and environment that had ended before it began; the length of a run that ended
 * unexpectedly is unknown, since its end is the time of the repair: it is neither in a baseline nor
 * judged.
 *
 * A run is slow when it is longer than the median of its baseline by `slower_percent` and more, by
 * more than five of the baseline's deviations (median absolute deviation x 1.4826, the standard
 * deviation of what scatters evenly; of a baseline of n runs times 1 + 8/n, since few runs show
 * little of their scatter), and by ten seconds.
 */
#ifndef SSISMINER_SLOW_ANALYSIS_H
#define SSISMINER_SLOW_ANALYSIS_H

#include "ssisminer/base/arena.h"
#include "ssisminer/ssisdb/runs.h"

enum { SLOW_BASELINE_RUNS = 50, SLOW_QUARTERS = 4 };

typedef struct SlowRules {
    int64_t since, until; // runs that lived in between are judged
    int64_t now;
    int64_t slower_percent;
    size_t least_runs;             // a smaller baseline is none
    const ExecutionFilter *filter; // of the runs that are judged; NULL: all
    const Runs *runs;              // whose names the filter reads
} SlowRules;

typedef struct Baseline {
    int64_t median, deviation; // ticks
    size_t count;
    const Run *runs[SLOW_BASELINE_RUNS]; // latest first
} Baseline;

typedef struct SlowRun {
    const Run *run;
    int64_t length;
    Baseline baseline;
    bool is_live;
    bool may_be_dead; // live for more than a day
} SlowRun;

typedef struct SlowTrend { // of one package and environment
    uint32_t key;
    size_t judged, slow;
    int64_t usual;                   // median before the window, else of the window; -1: none
    int64_t quarters[SLOW_QUARTERS]; // medians of the quarters of the window; -1: no successful run
    int64_t longest;
    double drift; // median of the last quarter that has one, over usual; 0: unknown
} SlowTrend;

typedef struct SlowFigures {
    size_t judged, unjudged; // runs; unjudged for want of a baseline
    const SlowRun *list;     // most time lost first
    size_t count;
    int64_t lost;
    const Run *const *unknown; // ended unexpectedly in the window
    size_t unknown_count;
    SlowTrend *trends; // most slow runs first, then the worst drift
    size_t trend_count;
} SlowFigures;

/* Sorts the runs by key and begin. */
SlowFigures slow_figures(Run *runs, size_t count, const SlowRules *rules, Arena *arena);

int64_t slow_median(int64_t *values, size_t count); // sorts them; -1 of none

#endif
