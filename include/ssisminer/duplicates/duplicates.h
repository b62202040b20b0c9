/*
 * Which packages were triggered more than once: the question behind `duplicates`.
 *
 * At most six statements, however long the log: the executions of the window and of a look-back
 * before it (compact records, so that a million fit), on Azure those of packages outside the
 * catalog, earlier ones of packages that seldom run, signs of life and parameters of those that
 * stand near another one, and the packages that ran as children. analysis.h says what counts as
 * what.
 *
 * Ownership: a Duplicates owns everything reachable from it.
 * Limits:    signs of life and parameters are read for the DUPLICATES_SUSPECTS latest suspects; the
 *            others count as unread.
 */
#ifndef SSISMINER_DUPLICATES_DUPLICATES_H
#define SSISMINER_DUPLICATES_DUPLICATES_H

#include "ssisminer/base/buf.h"
#include "ssisminer/duplicates/analysis.h"
#include "ssisminer/report/news.h"
#include "ssisminer/report/report.h"
#include "ssisminer/report/words.h"
#include "ssisminer/ssisdb/missing.h"
#include "ssisminer/ssisdb/ssisdb.h"

enum { DUPLICATES_SUSPECTS = 50000 };

/* Intended repeats, from "GLOB [caller=GLOB] [until=DATE] [reason=…]": the glob is held against
 * folder/project/package, an entry ends with its day. */
typedef struct DuplicatesAllowed {
    const char *package, *caller, *reason; // caller, reason: NULL if not given
    Instant until;                         // unset: for ever
} DuplicatesAllowed;

Rc duplicates_read_allowed(const char *text, Instant now, Arena *arena,
                           DuplicatesAllowed *ret_allowed, Err *err) MUST_CHECK;

typedef struct DuplicatesQuestion {
    Instant since, until;      // a group counts when one of its members was created in between
    int64_t within, look_back; // ticks
    bool ignore_parameters, include_retries;
    DuplicateConfidence least;
    ExecutionFilter filter; // a group passes when one of its members does
    const DuplicatesAllowed *allowed;
    size_t allowed_count;
    const char *const *ignored; // globs of parameters that do not tell work apart
    size_t ignored_count;
} DuplicatesQuestion;

typedef struct DuplicateKey {
    const char *folder, *project, *package;
    const char *environment_folder, *environment; // NULL if none
} DuplicateKey;

typedef struct DuplicateParameter {
    int object_type;                 // 20 project, 30 package, 0 property override
    const char *name, *type, *value; // value NULL: NULL, or not to be known
    bool is_secret;
} DuplicateParameter;

typedef struct DuplicateFinding {
    DuplicateGroup group;
    const DuplicatesAllowed *allowed; // intended; NULL: not
    const char *const *differing;     // names of parameters that differ among the members
    size_t differing_count;
} DuplicateFinding;

typedef struct DuplicatesTotal { // of a package, or of a caller
    const char *name;
    DuplicateKey key; // of a package
    int64_t groups, executions, wasted;
} DuplicatesTotal;

typedef struct Duplicates {
    const DuplicateRun *runs;
    const DuplicateContext *contexts; // by DuplicateRun.context
    size_t run_count;
    size_t in_window;    // of them
    size_t matching;     // of all that were read, those that pass the filter
    Instant last_before; // the latest of them created before the window; unset: none was read
    size_t found_before; // groups before the window, when there is none in it
    Instant found_at;    // and the creation of the latest of them
    size_t suspect_count, unread_count;
    size_t doubted_count;         // that came with an end that cannot be (ssisdb/ends.h)
    Missing missing;              // the answer is partial, and says so
    const DuplicateFinding *list; // those asked for, and not allowed
    size_t count;
    size_t counts[DUPLICATE_VERDICTS]; // of all groups that pass the filter
    size_t allowed_count;              // groups that are intended
    size_t unsure_count;               // below the least confidence
    int64_t wasted;
    const DuplicatesTotal *packages, *callers;
    size_t package_count, caller_count;
    struct DuplicatesStore *store; // private
} Duplicates;

Rc duplicates_read(const Ssisdb *db, const DuplicatesQuestion *question,
                   Duplicates **ret_duplicates, Err *err) MUST_CHECK;

/* A finding of each of the list: the same is the same verdict on the same package with the same
 * environment. */
const Finding *duplicates_findings(const Duplicates *duplicates, Arena *arena);
/* Keeps those of the list whose `wanted` (of the same index) is true; totals go with them. */
void duplicates_keep(Duplicates *duplicates, const bool *wanted);

DuplicateKey duplicates_key(const Duplicates *duplicates, uint32_t key);
const char *duplicates_text(const Duplicates *duplicates, uint32_t number); // NULL for 0

typedef struct DuplicatesView {
    const Ssisdb *db;
    const DuplicatesQuestion *question;
    size_t limit; // groups that are listed, 0: all
    Instant now;
    const ReportNews *news; // NULL: no state
    Remedies remedies;      // for people; SHOWN: of the groups that are listed
} DuplicatesView;

Report *duplicates_report(const Duplicates *duplicates, const DuplicatesView *view, Arena *arena);

void duplicates_free(Duplicates *duplicates); // accepts NULL
void duplicates_free_at(Duplicates **duplicates);

/* The T-SQL script that starts FOLDER/PROJECT/PACKAGE and may be run again safely. */
Rc duplicates_put_guard(Buf *out, const char *path, int64_t within, Err *err) MUST_CHECK;

#endif
