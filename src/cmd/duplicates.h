/* What counts as a duplicate, as the user's options say: for `duplicates` and for report's hint. */
#ifndef SSISMINER_CMD_DUPLICATES_H
#define SSISMINER_CMD_DUPLICATES_H

#include "ssisminer/conf/conf.h"
#include "ssisminer/duplicates/duplicates.h"
#include "ssisminer/failures/failures.h"

/* Fills in all but the window and the filter. */
Rc duplicates_rules_read(const Conf *conf, Arena *arena, DuplicatesQuestion *question,
                         Err *err) MUST_CHECK;

/* How many of the failures belong to groups of duplicates: to those that `duplicates` would show of
 * the same time with at least medium confidence, retries apart. Sends what `duplicates` sends, and
 * nothing without a failed execution. */
Rc duplicates_among(const Ssisdb *db, const DuplicatesQuestion *rules, const Failures *failures,
                    FailuresDuplicates *ret_among, Err *err) MUST_CHECK;

#endif
