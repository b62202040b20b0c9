/*
 * Which executions are one start too many: a pure function over compact records.
 *
 * The same work is one key (folder, project, package, environment), one project version, one
 * runtime (32 or 64 bit), and the same parameters and property overrides. Links join executions
 * of the same work, a being created before b:
 *
 *   double trigger         b came too soon after a, and a had not failed by then
 *   overlap                both ran at the same time
 *   repeat after success   a, the one before b, had succeeded not long ago
 *   never started          as a double trigger, but one of them was created and never started
 *   catch-up               after an outage, b makes up for a start that was missed
 *   loop                   each came right after the end of the one before, again and again
 *   retry after failure    a, the one before b, had failed not long ago
 *
 * Each verdict makes groups of its own, so that none says more than its links do: an execution may
 * stand in a double trigger and in an overlap. A double trigger never lasts longer than `within`.
 * Beside them: executions that Scale Out ran again, and packages run as a child in one execution
 * while another ran them.
 *
 * What a package ordinarily does explains much: a cadence (each start in its turn), the calendar
 * (the same time of other days), irregular starts (events), always several at a time. "Too soon"
 * is `within`, or less where starts that close are ordinary.
 *
 * A life ends with its last sign, not with its status: see duplicates_set_lifetimes. Parameters
 * that are not known (not readable, or beyond what was read) match all others, which lowers the
 * confidence. Times are UTC ticks, so that a clock change means nothing; 0 is unknown.
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
    DUPLICATE_NEVER_STARTED,
    DUPLICATE_SCALE_OUT,
    DUPLICATE_CATCH_UP,
    DUPLICATE_LOOP,
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
    BECAUSE_SECRET = 1 << 1,            // a sensitive value was set: it is unknown
    BECAUSE_UNREAD = 1 << 2,            // parameters could not be read
    BECAUSE_OTHER_PARAMETERS = 1 << 3,  // and were to be ignored
    BECAUSE_OWN_SCHEDULE = 1 << 4,      // the overlap is a schedule that overtakes itself
    BECAUSE_DEAD = 1 << 5,              // a member gave no sign of life any more
    BECAUSE_OTHER_ENVIRONMENT = 1 << 6, // a child's parent and the other run have different ones
    BECAUSE_IRREGULAR = 1 << 7,         // its starts come irregularly, often close together
    BECAUSE_PARALLEL = 1 << 8,          // it often runs beside itself
    BECAUSE_ALWAYS_SEVERAL = 1 << 9,    // it is always started several times at once
    BECAUSE_PERSON = 1 << 10,           // a person started it, again
    BECAUSE_RUN_ID = 1 << 11,           // they differ in an identifier of the start
    BECAUSE_NEVER_REPEATS = 1 << 12,    // they differ in a value that never repeats
    BECAUSE_LATER = 1 << 13             // more than a day lies between them
} DuplicateReason;

/* Who triggered the extra start, as far as callers, CALLER_INFO, times and parameters tell. */
typedef enum DuplicateOrigin {
    ORIGIN_UNKNOWN,
    ORIGIN_SENT_AGAIN,     // the same caller sent its start again: a T-SQL activity or script
    ORIGIN_ACTIVITY_RETRY, // the same caller, after a failure
    ORIGIN_TWO_TRIGGERS,   // the pair recurs at the same times, or has two pipeline runs
    ORIGIN_TWO_SCHEDULERS, // SQL Agent beside Data Factory
    ORIGIN_TWO_CALLERS,
    ORIGIN_PERSON,
    ORIGIN_CATCH_UP,
    ORIGIN_LOOP,
    ORIGIN_OWN_SCHEDULE,
    ORIGIN_PARENT,
    ORIGIN_WORKER,
    DUPLICATE_ORIGINS
} DuplicateOrigin;

typedef enum DuplicateStarter { // of an execution
    STARTER_UNKNOWN,
    STARTER_AGENT,
    STARTER_DATA_FACTORY,
    STARTER_PERSON
} DuplicateStarter;

/* What many executions have in common: numbers of texts, 0: none. */
typedef struct DuplicateContext {
    uint32_t caller, executed_as, machine, caller_info;
    uint32_t run_id;      // the value of a parameter that identifies the start
    uint32_t environment; // a number of the caller's choice
    uint8_t starter;      // DuplicateStarter
    bool is_32bit;
    int64_t project_lsn;
} DuplicateContext;

/* Parameters of a run: 0 not read, 1 read and none, else a number of the caller's choice: the
 * same number means the same parameters and property overrides with the same values. */
enum { PARAMETERS_UNREAD = 0, PARAMETERS_NONE = 1 };

typedef struct DuplicateRun { // a million of them are held
    int64_t id;
    int64_t created, start, end; // created: start or end where unknown
    uint32_t key;                // same number: same folder, project, package, environment
    uint32_t parameters;
    uint32_t context;
    int16_t executed_count;
    int8_t status;
    bool has_secret : 1;
    bool is_suspect : 1;
    bool is_dead : 1;          // `end` is its last sign of life
    bool has_unique_value : 1; // a value that never repeats was
    bool has_window : 1;       // it was given a time that hardly ever repeats
    bool has_lifetime : 1;     // duplicates_set_lifetimes has seen it
} DuplicateRun;

typedef struct DuplicateSign { // of a suspect: first and last sign of work, 0 unknown
    int64_t execution_id;
    int64_t first, last;
} DuplicateSign;

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
    const DuplicateContext *contexts; // by DuplicateRun.context
} DuplicateRules;

typedef struct DuplicateGroup {
    DuplicateVerdict verdict;
    DuplicateConfidence confidence;
    unsigned reasons;
    DuplicateOrigin origin;
    int recurrences;         // days on which the like of it happened too
    int hours;               // hours, before and after, in which it did
    int scheduled;           // the member that the package's own times explain; -1: none or unknown
    const uint32_t *members; // indices of runs, by creation
    size_t count;
    int64_t cadence; // of the package, 0 if it has none
    int64_t gap;     // shortest between two members' creations; -1 for a single one
    int64_t pause;   // from the first member's end to the second one's creation; -1: none
    int64_t overlap; // how long more than one of them ran
    int64_t wasted;  // run time of all but the first that ran (child: the overlap)
} DuplicateGroup;

/* Sorts the runs by key, creation and id, leaves each id once, and marks as suspects those whose
 * parameters and signs of life decide. Returns how many runs are left. */
size_t duplicates_suspect(DuplicateRun *runs, size_t count, const DuplicateRules *rules);

/*
 * When each suspect lived, by the signs of work that were read of it (sorted by execution_id):
 * it begins with its first sign, since before that it stood in a queue; one that is pending has
 * not begun. One that is live or ended unexpectedly ends with its last sign, unless that is so
 * fresh that it may well be alive: the end of a repaired one is the time of the repair. An end
 * before the creation, or after now, is not believed.
 */
void duplicates_set_lifetimes(DuplicateRun *runs, size_t count, const DuplicateSign *signs,
                              size_t sign_count, const DuplicateRules *rules);

/* The groups, gravest verdict first, then surest, then latest. The runs are as
 * duplicates_set_lifetimes left them, with the parameters of the suspects filled in. Children are
 * sorted by key and start.
 */
const DuplicateGroup *duplicates_group(const DuplicateRun *runs, size_t count,
                                       DuplicateChild *children, size_t child_count,
                                       const DuplicateRules *rules, Arena *arena,
                                       size_t *ret_count);

/* When it ran; false if it did not, or nobody knows how long. */
bool duplicates_ran(const DuplicateRun *run, int64_t now, int64_t *ret_start, int64_t *ret_end);
bool duplicates_had_failed(const DuplicateRun *run, int64_t by);

/* What a package, or one kind of its work, ordinarily does. */
typedef struct DuplicateRhythm {
    int64_t cadence;  // the pace at which starts follow each other, 0 if there is none
    int64_t ordinary; // the median gap, 0 if there are too few
    int64_t soon;     // a start within this of the one before is too soon
    bool is_irregular;
    bool is_several; // always several at a time
} DuplicateRhythm;

/* Of creations, sorted; `of` is how many starts of the package they are taken from. The cadence is
 * the median gap when most gaps are like it and enough of them stand in a row. */
DuplicateRhythm duplicates_rhythm(const int64_t *created, size_t count, size_t of, int64_t within);
/* Whether starts at the same time of other days, weeks or months explain one (DST changes
 * included); of creations, sorted. */
bool duplicates_is_due(const int64_t *created, size_t count, int64_t at);

const char *duplicates_verdict_name(DuplicateVerdict verdict);          // "double-trigger"
const char *duplicates_confidence_name(DuplicateConfidence confidence); // "high"
const char *duplicates_origin_name(DuplicateOrigin origin);             // "two-triggers"

#endif
