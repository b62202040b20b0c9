/*
 * Which executions were slower than usual, and what in them was: the question behind `slow`.
 *
 * At most four statements: the executions of the window and of the time that baselines are taken
 * from, and, for the SLOW_DETAILED worst of them and the latest runs of their baselines, the run
 * time of their tasks, the phases of their components and the rows that these sent. The last two
 * are there only where the logging level recorded them.
 *
 * Ownership: a Slow owns everything reachable from it.
 */
#ifndef SSISMINER_SLOW_SLOW_H
#define SSISMINER_SLOW_SLOW_H

#include "ssisminer/report/news.h"
#include "ssisminer/report/report.h"
#include "ssisminer/slow/analysis.h"

enum { SLOW_DETAILED = 50, SLOW_COMPARED = 10 }; // executions; runs of each one's baseline

typedef struct SlowQuestion {
    Instant since, until; // until unset: now
    int64_t look_back;    // ticks before `since` that baselines are taken from
    int64_t slower_percent;
    size_t least_runs;
    ExecutionFilter filter;
} SlowQuestion;

/* One task, phase or path of a slow run beside the same in its baseline. */
typedef struct SlowPart {
    const char *names[3]; // task: package, path, name. phase: task, component, phase.
                          // path: task, source, destination. NULL if unknown
    int64_t value, usual; // ticks, rows; usual: median, -1 when the baseline logged none
} SlowPart;

typedef struct SlowParts { // most above usual first
    const SlowPart *list;
    size_t count;
} SlowParts;

typedef struct SlowDetail {
    SlowParts tasks; // own time: while none of what is in it ran
    SlowParts phases, paths;
} SlowDetail;

typedef struct Slow {
    Runs runs;
    SlowRules rules;
    SlowFigures figures;       // of the executions that pass the filter
    const SlowDetail *details; // of the first detail_count in figures.list
    size_t detail_count;
    Arena arena;
} Slow;

Rc slow_read(const Ssisdb *db, const SlowQuestion *question, Slow **ret_slow, Err *err) MUST_CHECK;

/* One of each slow execution: the same is the same package with the same environment. */
const Finding *slow_findings(const Slow *slow, Arena *arena);
/* Leaves out those whose `wanted` (of the same index) is false, and the trends of packages of which
 * none is left. */
void slow_keep(Slow *slow, const bool *wanted);

typedef struct SlowView {
    const Ssisdb *db;
    const SlowQuestion *question;
    size_t limit; // executions that are listed, 0: all
    Instant now;
    const ReportNews *news; // NULL: no state
} SlowView;

Report *slow_report(const Slow *slow, const SlowView *view, Arena *arena);

void slow_free(Slow *slow); // accepts NULL
void slow_free_at(Slow **slow);

#endif
