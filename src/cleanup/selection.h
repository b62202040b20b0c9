/* The stream of operations, each judged by the rule (sql/cleanup/doomed.rule) and by the filter. */
#ifndef SSISMINER_SRC_CLEANUP_SELECTION_H
#define SSISMINER_SRC_CLEANUP_SELECTION_H

#include "ssisminer/cleanup/cleanup.h"

typedef struct Candidate { // lives until the next one
    int64_t id;
    int type, status;
    bool is_execution;
    bool is_doomed;   // by the rule and by the filter
    bool is_filtered; // would be doomed but for the filter
    Instant last_time;
} Candidate;

typedef void CandidateFn(void *context, const Candidate *candidate);

/* At most `limit` operations behind after_id, in the order of their ids; tells how many came. */
Rc selection_operations(const CleanupPlan *plan, int64_t after_id, int64_t limit, CandidateFn *each,
                        void *context, int64_t *ret_count, Err *err) MUST_CHECK;

/* The statements for those who may read the tables, and those for who sees the views: their columns
 * are the same, in the same order. */
bool selection_sees_tables(const CleanupPlan *plan);
bool selection_has_filter(const CleanupPlan *plan);
/* Of an operation's names, NULL where it is no execution: with a filter only executions pass. */
bool selection_passes(const CleanupPlan *plan, Str folder, Str project, Str package);

typedef struct IdRange { // of consecutive doomed operations
    int64_t first, last, count;
    int64_t created;    // of them never started
    const int64_t *ids; // of all of them
} IdRange;

size_t selection_table(const CleanupPlan *plan,
                       Str name); // its place in the plan; table_count if none

/* Rows of the doomed operations of a range, by the plan's tables, added to ret_rows; only_created:
 * of those that were never started. */
Rc selection_count_rows(const CleanupPlan *plan, IdRange range, bool only_created,
                        int64_t ret_rows[CLEANUP_TABLES_MAX], Err *err) MUST_CHECK;

#endif
