/*
 * What the commands that ask about executions have in common: which executions (--execution,
 * --folder, --project, --package, --caller), which window (--since, --until), and whether the
 * login may see all that was asked for.
 *
 * Ownership: what is read points into the settings.
 * Errors:    RC_USAGE for a window that is empty or in the future; RC_RIGHTS for an answer that
 *            leaves out what the login may not see.
 */
#ifndef SSISMINER_CMD_FILTER_H
#define SSISMINER_CMD_FILTER_H

#include "ssisminer/base/err.h"
#include "ssisminer/base/time.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/report/report.h"
#include "ssisminer/ssisdb/ssisdb.h"

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
/* The former as a warning in the answer itself. (Each answer has its own words for the latter.) */
void filter_warn_locked(const Ssisdb *db, Report *report);

#endif
