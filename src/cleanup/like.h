/* A filter as conditions of T-SQL, for statements that are printed. */
#ifndef SSISMINER_SRC_CLEANUP_LIKE_H
#define SSISMINER_SRC_CLEANUP_LIKE_H

#include "ssisminer/base/buf.h"
#include "ssisminer/base/err.h"
#include "ssisminer/ssisdb/ssisdb.h"

/* A glob as what LIKE matches, between quotes that are already there. */
void like_put_pattern(Buf *out, const char *glob);

/* RC_USAGE for a control character in a glob: after a line break a GO would end the batch, wherever
 * it stands. */
Rc like_check(const ExecutionFilter *filter, Err *err) MUST_CHECK;

/* The statement, with the filter wherever it says "AND o.operation_id IS NOT NULL", a line that
 * goes where the filter is open. It joins internal.executions as e. */
void like_put_filtered(Buf *out, const char *text, const ExecutionFilter *filter);

#endif
