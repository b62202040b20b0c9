/*
 * What changed before a package failed: since when it has been failing, its last success, the
 * deployment between the two, and the parameters and values of its environment that differ.
 *
 * At most four statements for all packages together. A package is one of folder, project, name and
 * environment; what is told of it is about its newest failure in the window. Before and after go by
 * the ids, that is by creation. A value that differed between the last two successes as well is one
 * that changes anyway (`varies`).
 *
 * Ownership: a Changes owns everything reachable from it but the failures, which it borrows.
 * Limits:    looks back over the CHANGES_REACH operations before the first of these failures, so
 * that a log of years costs no more than one of weeks; the CHANGES_PACKAGES packages that failed
 * last (`left_out` counts the others); of a value CHANGES_VALUE_MAX bytes are kept, all of it is
 * compared.
 */
#ifndef SSISMINER_FAILURES_CHANGES_H
#define SSISMINER_FAILURES_CHANGES_H

#include "ssisminer/failures/failures.h"

enum { CHANGES_PACKAGES = 1000, CHANGES_REACH = 100000, CHANGES_VALUE_MAX = 120 };

typedef struct ChangedValue {
    int object_type; // 20 project's parameter, 30 package's, 0 property override
    const char *name;
    const char *before, *after; // NULL: not set, or NULL
    bool was_set, is_set;
    bool is_given;  // by who started it; else the project's own, or the environment's
    bool is_secret; // of unknown value: it was given, and is sensitive
    bool varies;
} ChangedValue;

typedef struct PackageChange {
    const Failure *newest;
    int64_t since_id, success_id, again_id; // 0: there is none
    Instant since;   // the end (or start, or creation) of the first failure after the last success
    Instant success; // likewise of the last success before it
    Instant again;   // of the first success after the newest failure
    int64_t streak, failures, runs;  // up to the newest: since then; in all
    int64_t version, version_before; // project_lsn; 0 if unknown
    bool is_deployed;                // the failures are of another version than the success
    bool is_restored;                // an older one was brought back
    Instant deployed;                // unset if unknown
    const char *deployed_by;         // NULL if unknown
    const ChangedValue *values;
    size_t value_count; // those that vary come last
    bool knows_values;  // false: the login may not read them, or there is no success
} PackageChange;

typedef struct Changes {
    const PackageChange *list; // newest failure first
    size_t count, left_out;
    struct ChangesStore *store; // private
} Changes;

Rc changes_read(const Ssisdb *db, const Failures *failures, Changes **ret_changes,
                Err *err) MUST_CHECK;
/* Of the package of that failure, if that one is its newest; NULL otherwise, and for NULL. */
const PackageChange *changes_of(const Changes *changes, const Failure *failure);

void changes_free(Changes *changes); // accepts NULL
void changes_free_at(Changes **changes);

#endif
