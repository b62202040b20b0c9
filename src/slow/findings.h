/* What is the same slowness in two runs. */
#ifndef SSISMINER_SLOW_FINDINGS_H
#define SSISMINER_SLOW_FINDINGS_H

#include "ssisminer/slow/slow.h"

const char *slow_finding_key(const Slow *slow, const SlowRun *run, Arena *arena);

#endif
