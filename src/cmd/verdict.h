/* What a command found, and what --fail-on makes of it. */
#ifndef SSISMINER_CMD_VERDICT_H
#define SSISMINER_CMD_VERDICT_H

#include "ssisminer/conf/conf.h"
#include "ssisminer/report/report.h"
#include "ssisminer/signature/signature.h"
#include "ssisminer/ssisdb/missing.h"

/* Before the answer is written: who is told of it (--notify) judges by the same findings. */
void verdict_add(Report *report, SigSeverity severity);

/* RC_FINDINGS when they reach what --fail-on names; never without it. */
Rc verdict_rc(const Conf *conf, const Report *report);

/* The same, of a complete answer only: RC_QUERY, RC_RIGHTS for what is missing in it. `answer` is
 * as filter_complete has it. */
Rc verdict_of(const Conf *conf, const Ssisdb *db, const Missing *missing, const Report *report,
              const char *answer, Err *err) MUST_CHECK;

#endif
