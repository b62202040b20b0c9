/*
 * Ends a running statement when the user wants to stop: a thread waits for the wish and
 * calls SQLCancel, which is the one ODBC call that may come from beside.
 */
#ifndef SSISMINER_SRC_TDS_CANCEL_H
#define SSISMINER_SRC_TDS_CANCEL_H

#include "ssisminer/tds/driver.h"

typedef struct TdsCanceller TdsCanceller;

TdsCanceller *tds_canceller_new(const TdsDriver *driver);
void tds_canceller_free(TdsCanceller *canceller); // accepts NULL; waits for the thread

/* From arm to disarm a stop wish cancels `stmt`. The thread starts with the first arm. */
void tds_canceller_arm(TdsCanceller *canceller, SQLHSTMT stmt);
void tds_canceller_disarm(TdsCanceller *canceller);

#endif
