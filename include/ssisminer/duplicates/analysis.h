/*
 * Which executions are one start too many: a pure function over compact records.
 *
 * A link joins two executions of one key (folder, project, package, environment) whose parameters
 * are the same, a being created before b:
 *
 *   double trigger         b came within `within` of a, and a had not failed by then
 *   overlap                both ran at the same time
 *   repeat after success   a, the one before b, had succeeded not long ago
 *   retry after failure    a, the one before b, had failed not long ago
 *
 * Links by time alone (all but overlap) do not hold where the package's own cadence explains b: at
 * half the cadence or later, b came in its turn. The first three make groups together, and a group
 * has the gravest verdict of its links; retries make groups of their own. Beside them: executions
 * that Scale Out ran again, and packages run as a child in one execution while another ran them.
 *
 * Parameters that are not known (not readable, or beyond what was read) match all others, which
 * lowers the confidence. Times are UTC ticks, so that a clock change means nothing; 0 is unknown.
 */
#ifndef SSISMINER_DUPLICATES_ANALYSIS_H
#define SSISMINER_DUPLICATES_ANALYSIS_H

#include "ssisminer/base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum DuplicateVerdict { // gravest first
    DUPLICATE_DOUBLE_TRIGGER,
    DUPLICATE_OVERLAP,
    DUPLICATE_CHILD_OVERLAP,
    DUPLICATE_REPEAT,
    DUPLICATE_SCALE_OUT,
    DUPLICATE_RETRY,
    DUPLICATE_VERDICTS
} DuplicateVerdict;

typedef enum DuplicateConfidence {
    DUPLICATE_LOW,
    DUPLICATE_MEDIUM,
    DUPLICATE_HIGH
} DuplicateConfidence;

/* What the confidence rests on, as bits. */
typedef enum DuplicateReason {
    BECAUSE_OTHER_CALLER = 1 << 0,
    BECAUSE_NEVER_STARTED = 1 << 1,
    BECAUSE_SECRET = 1 << 2,           // a sensitive parameter was set: its value is unknown
    BECAUSE_UNREAD = 1 << 3,           // parameters could not be read
    BECAUSE_OTHER_PARAMETERS = 1 << 4, // and were to be ignored
    BECAUSE_OWN_SCHEDULE = 1 << 5,     // the overlap is a schedule that overtakes itself
    BECAUSE_MAYBE_DEAD = 1 << 6,       // a member has been open for more than a day
    BECAUSE_OTHER_ENVIRONMENT = 1 << 7 // a child's parent and the other run have different ones
} DuplicateReason;

/* Parameters of a run: 0 not read, 1 read and none, else a number of the caller's choice: the
 * same number means the same parameters with the same values. */
enum { PARAMETERS_UNREAD = 0, PARAMETERS_NONE = 1 };

typedef struct DuplicateRun {
    int64_t id;
    int64_t created, start, end; // created: start or end where unknown
    uint32_t key;                // same number: same folder, project, package, environment
    uint32_t parameters;
    uint32_t environment;                  // likewise; 0: none
    uint32_t caller, executed_as, machine; // numbers of texts, 0: none
    int16_t executed_count;
    int8_t status;
    bool has_secret : 1;
    bool is_suspect : 1;
} DuplicateRun;

typedef struct DuplicateChild { // a package that an execution ran as a child, first to last start
    int64_t execution_id;
    uint32_t key;
    int64_t start, end; // end 0: not over
} DuplicateChild;

typedef struct DuplicateRules {
    int64_t within; // ticks
    int64_t now;    // until then a live execution runs
    int64_t since;  // a group counts when one of its members was created at or after
    bool ignore_parameters;
} DuplicateRules;

typedef struct DuplicateGroup {
    DuplicateVerdict verdict;
    DuplicateConfidence confidence;
    unsigned reasons;
    const uint32_t *members; // indices of runs, by creation
    size_t count;
    int64_t cadence; // of the package, 0 if it has none
    int64_t gap;     // shortest between two members' creations; -1 for a single one
    int64_t overlap; // how long more than one of them ran
    int64_t wasted;  // run time of all but the first that ran (child: the overlap)
} DuplicateGroup;

/* Sorts the runs by key, creation and id, and marks as suspects those whose parameters decide.
 * Returns how many there are. */
size_t duplicates_suspect(DuplicateRun *runs, size_t count, const DuplicateRules *rules);

/* The groups, gravest verdict first, then surest, then latest. The runs are as
 * duplicates_suspect left them, with the parameters of the suspects filled in. Children are
 * sorted by key and start. */
const DuplicateGroup *duplicates_group(const DuplicateRun *runs, size_t count,
                                       DuplicateChild *children, size_t child_count,
                                       const DuplicateRules *rules, Arena *arena,
                                       size_t *ret_count);

/* When it ran; false if it did not, or nobody knows how long. */
bool duplicates_ran(const DuplicateRun *run, int64_t now, int64_t *ret_start, int64_t *ret_end);
bool duplicates_had_failed(const DuplicateRun *run, int64_t by);

/* The pace at which these creations (sorted) follow each other: the median gap, when most gaps are
 * like it and enough of them stand in a row; 0 if there is none. */
int64_t duplicates_cadence(const int64_t *created, size_t count, int64_t within);

const char *duplicates_verdict_name(DuplicateVerdict verdict);          // "double-trigger"
const char *duplicates_confidence_name(DuplicateConfidence confidence); // "high"

#endif
