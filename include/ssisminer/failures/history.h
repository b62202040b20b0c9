/*
 * The causes of failures over months: the question behind `history`.
 *
 * Asks failures_read once for each month of the zone in use, so that a failure has the cause that
 * `report` gives it, and keeps counts alone: memory grows with one month's failures and with the
 * causes and packages there are, not with the log. Six statements a month at most.
 *
 * Ownership: a History owns what is reachable from it, but borrows the catalog.
 * Errors:    those of failures_read; RC_USAGE for more than HISTORY_MONTHS months.
 */
#ifndef SSISMINER_FAILURES_HISTORY_H
#define SSISMINER_FAILURES_HISTORY_H

#include "ssisminer/failures/failures.h"

enum { HISTORY_MONTHS = 240, HISTORY_COMPARED = 3 };

typedef struct HistoryQuestion {
    Instant since, until; // until unset: no end
    ExecutionFilter filter;
} HistoryQuestion;

typedef struct HistoryMonth {
    char name[8];                   // "2026-03", of the zone in use
    int64_t executions, operations; // that failed
    size_t causes, new_causes;      // new: of no month before, within the window
    bool is_whole;                  // all of the month lies in the window
} HistoryMonth;

typedef struct HistoryCell { // one cause in one month
    size_t month;
    int64_t executions, operations;
    Instant first_seen, last_seen;
    const char *const *packages; // "folder/project/package", sorted
    size_t package_count;
} HistoryCell;

typedef struct HistoryCause {
    CauseKind kind;
    const char *id, *title;
    SigSeverity severity;
    int64_t executions, operations;
    Instant first_seen, last_seen;
    const HistoryCell *cells; // months without it are left out
    size_t cell_count;
    const char *const *packages; // of all months
    size_t package_count;
    int64_t recent, earlier; // failures of the last whole months, and of as many before them
} HistoryCause;

typedef struct History {
    const HistoryMonth *months; // those before the first failure are left out
    size_t month_count;
    const HistoryCause *causes; // most frequent first
    size_t cause_count;
    int64_t executions, operations;
    size_t compared; // months that recent, and earlier, are of: 0 where there are too few
    int64_t recent, earlier;
    Missing missing;
    Arena arena; // private
} History;

Rc history_read(const Ssisdb *db, const SigSet *signatures, const HistoryQuestion *question,
                History **ret_history, Err *err) MUST_CHECK;

typedef struct HistoryView {
    const Ssisdb *db;
    const HistoryQuestion *question;
    Instant now;
} HistoryView;

Report *history_report(const History *history, const HistoryView *view, Arena *arena);

void history_free(History *history); // accepts NULL
void history_free_at(History **history);

#endif
