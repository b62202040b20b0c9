/*
 * What the commands that ask about executions have in common: which executions (--execution,
 * --run, --folder, --project, --package, --caller), which window (--since, --until), whether
 * there can be such executions at all, and whether the login may see all that was asked for.
 *
 * Ownership: what is read points into the settings.
 * Errors:    RC_USAGE for a window that is empty or in the future; RC_RIGHTS for an answer that
 *            leaves out what the login may not see.
 */
#ifndef SSISMINER_SRC_CMD_FILTER_H
#define SSISMINER_SRC_CMD_FILTER_H

#include "ssisminer/base/err.h"
#include "ssisminer/base/time.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/report/report.h"
#include "ssisminer/ssisdb/known.h"

void filter_read(const Conf *conf, ExecutionFilter *ret_filter);

/*
 * Executions named by id are wanted whenever they ran, unless a window was asked for too: then
 * `since` stays unset. An end that is simply now stays unset as well: the server's clock may be
 * ahead of this one.
 */
Rc filter_window(const Conf *conf, const ExecutionFilter *filter, Instant *ret_since,
                 Instant *ret_until, Err *err) MUST_CHECK;

/* RC_USAGE when the window begins after the server's now: its answer would be "nothing", which is
 * not what was asked. Names the clocks when they are to blame. */
Rc filter_begun(const Ssisdb *db, Instant since, Err *err) MUST_CHECK;

/* RC_OK when all was read, and the login sees every execution. RC_QUERY: operations that stayed
 * locked are missing; RC_RIGHTS: those that others started. `answer` is what is incomplete then:
 * "the report is", "the counts are". */
Rc filter_complete(const Ssisdb *db, const char *answer, Err *err) MUST_CHECK;

/* What the server made of the filter. */
typedef struct FilterFound { // {0} is nothing
    const char *run;         // as given; NULL without --run
    KnownRun as;             // the executions that it names
    Notes notes;
    Instant last; // when the window is empty: the last execution that passes the filter
} FilterFound;

/* After the probe: the window has begun, the executions of --run become the filter's ids, and each
 * name and id of the filter is one that the server has. A statement for each kind of these. */
Rc filter_resolve(const Conf *conf, const Ssisdb *db, Instant since, ExecutionFilter *filter,
                  Arena *arena, FilterFound *ret_found, Err *err) MUST_CHECK;
/* For an answer that found nothing in its window: looks where the last execution was. One that the
 * window holds is none: it left nothing that was asked for. */
Rc filter_look_back(const Ssisdb *db, Instant since, Instant until, const ExecutionFilter *filter,
                    FilterFound *found, Err *err) MUST_CHECK;
/* Adds to the answer what was found, how far apart the clocks are, and what stayed locked. (Each
 * answer has its own words for what the login does not see.) */
void filter_tell(const FilterFound *found, const Ssisdb *db, Report *report, Arena *arena);
typedef struct FilterFile { // instead of a server
    const char *path;
    Instant captured;
    bool is_anonymised;
    bool is_archive, has_all_operations;
    Instant oldest, newest; // of what an archive holds
} FilterFile;
/* From now on answers to people say that they come from this file, of when it is, and of an archive
 * what it covers. */
void filter_read_from(const FilterFile *file);
/* Of an archive the last that it holds: what was over later is on the server. Unset otherwise. */
Instant filter_covered_until(void);
/* Of an archive of failures: what a package did before it failed is not in it. */
bool filter_lacks_successes(void);
/* Of clocks and zone alone, for answers that have no filter. */
void filter_tell_clock(const Ssisdb *db, Report *report, Arena *arena);

#endif
