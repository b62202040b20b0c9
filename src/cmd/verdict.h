/* What --fail-on makes of a finding. */
#ifndef SSISMINER_CMD_VERDICT_H
#define SSISMINER_CMD_VERDICT_H

#include "ssisminer/conf/conf.h"
#include "ssisminer/signature/signature.h"

/* Whether a finding of this severity ends the command with 1; never without --fail-on. */
bool verdict_is_finding(const Conf *conf, SigSeverity severity);

#endif
