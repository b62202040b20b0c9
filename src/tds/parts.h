/* A read that met a lock, in smaller pieces: what is locked is gone around, and
 * tried again last. */
#ifndef SSISMINER_SRC_TDS_PARTS_H
#define SSISMINER_SRC_TDS_PARTS_H

#include "rows.h"

/* The statement's head says that it may be asked in parts. */
bool tds_parts_may(const SqlAsset *asset);

/* Opens an answer that is read part by part, the newest ids first. RC_QUERY with the lock time-out
 * in tds->fault when no part at all could be read. What stays locked after as many attempts as the
 * target allows is left out, and noted in tds->skipped. */
Rc tds_parts_start(Tds *tds, const SqlAsset *asset, const TdsArg *args, size_t arg_count,
                   TdsRows **ret_rows, Err *err) MUST_CHECK;

/* The answer's part has been given out to its end: goes on with the next one. false:
 * there is none. */
Rc tds_parts_next(TdsRows *rows, bool *ret_is_open, Err *err) MUST_CHECK;

void tds_parts_free(TdsParts *parts); // accepts NULL

#endif
