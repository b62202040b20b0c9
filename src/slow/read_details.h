/* Private to slow: what the worst executions and their baselines did. Three statements. */
#ifndef SLOW_READ_DETAILS_H
#define SLOW_READ_DETAILS_H

#include "ssisminer/slow/slow.h"

/* Of the first `count` in the list. */
Rc read_details(const Ssisdb *db, const SlowRun *list, size_t count, Arena *arena,
                SlowDetail *ret_details, Err *err) MUST_CHECK;

#endif
