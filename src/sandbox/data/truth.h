/* What was planted, as one JSON object (format: src/sandbox/README.md). */
#ifndef SANDBOX_DATA_TRUTH_H
#define SANDBOX_DATA_TRUTH_H

#include "plan.h"

void truth_write(const Plan *plan, FILE *out);

#endif
