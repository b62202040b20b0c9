/* --from: a file that capture made stands for the server, and its time for now. */
#ifndef SSISMINER_SRC_CMD_FROM_H
#define SSISMINER_SRC_CMD_FROM_H

#include "ssisminer/conf/conf.h"
#include "ssisminer/report/report.h"

/* Before the command runs: the clock, and what the file cannot give. Nothing without --from.
 * RC_USAGE for what means nothing beside it, and for a file that is none. */
Rc from_prepare(Conf *conf, Err *err) MUST_CHECK;
/* What the file cannot give, in the answer too. */
void from_tell(Report *report);

#endif
