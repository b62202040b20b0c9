/* How much a run has before it, and how many nights at this rate. */
#include "ssisminer/cleanup/cleanup.h"

#include "ssisminer/base/sat.h"

int64_t cleanup_expected_rows(const CleanupPlan *plan, const CleanupRun *run)
{
    if (run->settled_operations <= 0)
        return plan->doomed_rows;
    double each = (double)run->settled_rows / (double)run->settled_operations;
    double left = each * ((double)plan->doomed - (double)run->settled_operations);
    return sat_add(run->settled_rows, left > 0 ? sat_of(left) : 0);
}

double cleanup_daily_operations(const CleanupPlan *plan)
{
    return (double)plan->young * (double)TICKS_PER_DAY / (double)plan->keep_ticks;
}

/* Operations go last: a run that came no further than their children did some of their work. */
static double operations_worth(const CleanupPlan *plan, const CleanupRun *run)
{
    int64_t expected = cleanup_expected_rows(plan, run);

    if (run->operations > 0 || expected <= run->rows || plan->doomed <= 0)
        return (double)run->operations;
    return (double)plan->doomed * (double)run->rows / (double)expected;
}

int64_t cleanup_nights(const CleanupPlan *plan, const CleanupRun *run)
{
    double worth = operations_worth(plan, run);
    double left = (double)plan->doomed - worth;
    double a_night = worth - cleanup_daily_operations(plan);

    if (left <= 0)
        return 0;
    if (a_night < 1 || left / a_night > 36500)
        return -1;
    return (int64_t)(left / a_night) + 1;
}

int64_t cleanup_next_night_ms(const CleanupPlan *plan, const CleanupRun *run)
{
    if (run->operations <= 0)
        return 0;
    return sat_of((double)run->elapsed_ms / (double)run->operations *
                  cleanup_daily_operations(plan));
}
