/*
 * The same package started in two catalogs: what no single server can tell.
 *
 * Each server's process puts what it saw as bytes (across_put_starts). Of all of them together the
 * starts are taken that stand within `within` of one of another catalog, for the same
 * folder/project/package. Their parameters are asked for in a second round (across_ids,
 * across_put_parameters), since only now it is known whose matter; then across_group makes groups
 * of those that were given the same. Times are compared on one clock, this machine's: from each
 * server's the offset is taken that was measured when it was asked, and what that measurement may
 * be wrong by is allowed for.
 *
 * Project versions are not compared: each catalog counts its own. A different environment lowers
 * the confidence; a different login does not, since logins differ from server to server.
 *
 * Ownership: an Across owns all but the names of the targets, the question and the starts' bytes,
 *            which are borrowed; reports live in the arena given.
 * Errors:    RC_QUERY for bytes that are not whole; across_put_parameters as any statement.
 * Limits:    the ACROSS_STARTS latest of each catalog; parameters of DUPLICATES_SUSPECTS
 *            executions of each.
 */
#ifndef SSISMINER_DUPLICATES_ACROSS_H
#define SSISMINER_DUPLICATES_ACROSS_H

#include "ssisminer/duplicates/duplicates.h"

enum { ACROSS_STARTS = 500000, ACROSS_PARAMETERS_MAX = 1 << 30 };

void across_put_starts(const Duplicates *duplicates, const DuplicatesQuestion *question,
                       const Ssisdb *db, Buf *out);

typedef struct AcrossCatalog {
    const char *target;
    Str starts;        // what it put; empty: it gave none
    const char *error; // why its parameters could not be read; NULL: they could, or are not needed
    Str parameters;    // empty until they were read
} AcrossCatalog;

typedef struct Across Across;

Rc across_open(const AcrossCatalog *catalogs, size_t count, const DuplicatesQuestion *question,
               Across **ret_across, Err *err) MUST_CHECK;
void across_free(Across *across); // accepts NULL
void across_free_at(Across **across);

/* The executions of a catalog whose parameters matter, as bytes; empty: none does. */
Str across_ids(const Across *across, size_t catalog);
/* To be asked of that catalog. */
Rc across_put_parameters(const Ssisdb *db, const DuplicatesQuestion *question, Str ids, Buf *out,
                         Err *err) MUST_CHECK;

/* With what was read of each; the order of the catalogs is that of across_open. */
Rc across_group(Across *across, const AcrossCatalog *catalogs, Err *err) MUST_CHECK;

typedef struct AcrossGroup {
    DuplicateGroup group; // members: indices of runs, by start; its times are this machine's
    unsigned reasons;     // AcrossReason, private to across
    const char *targets;  // "one, two": of the members, in their order
    size_t times;         // groups of this package in these catalogs, this one included
} AcrossGroup;

/* Those that are asked for and not allowed, surest first, then latest. */
const AcrossGroup *across_groups(const Across *across, size_t *ret_count);

/* An answer for each set of targets, "one, two": rows as `duplicates` has them. */
typedef struct AcrossAnswer {
    const char *targets;
    Report *report;
} AcrossAnswer;

/* At most `limit` groups are listed, 0: all. A first answer without targets holds what is said of
 * all of them: the count of groups, and warnings. */
const AcrossAnswer *across_report(const Across *across, size_t limit, Remedies remedies,
                                  Arena *arena, size_t *ret_count);

#endif
