/* What changed before the packages of an answer failed: the answer stands without it. */
#ifndef SSISMINER_SRC_CMD_CHANGED_H
#define SSISMINER_SRC_CMD_CHANGED_H

#include "ssisminer/failures/changes.h"

/* Only a wish to stop is an error; what else goes wrong is a warning, and nothing is returned. Nor
 * is of an archive of failures, where each would seem to have failed since ever. */
Rc changes_beside(const Ssisdb *db, const Failures *failures, Changes **ret_changes,
                  Err *err) MUST_CHECK;

#endif
