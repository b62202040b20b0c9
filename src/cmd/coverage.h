/* catalog coverage: how much of a corpus the catalog knows, and how well. */
#ifndef SSISMINER_CMD_COVERAGE_H
#define SSISMINER_CMD_COVERAGE_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/forms/forms.h"
#include "ssisminer/report/report.h"
#include "ssisminer/signature/signature.h"

/* Reads the paths as scan does, each record once. RC_USAGE for a path that is not there. */
Rc coverage_report(const SigSet *set, const LogRequest *how, const char *const *paths,
                   size_t path_count, Arena *arena, Report **ret_report, Err *err) MUST_CHECK;

#endif
