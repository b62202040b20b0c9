/* Between the files that make a plan. They read; nothing here knows of a run. */
#ifndef SSISMINER_SRC_CLEANUP_PLAN_H
#define SSISMINER_SRC_CLEANUP_PLAN_H

#include "ssisminer/cleanup/cleanup.h"

/* retention.c: what is kept, since when, and who says so. Refuses what must not decide a delete. */
Rc plan_retention(CleanupPlan *plan, Arena *arena, Err *err) MUST_CHECK;
/* The part of it that no server has a say in. */
Rc plan_check_wish(const CleanupWish *wish, Err *err) MUST_CHECK;

/* tables.c: fills the plan's tables, unknown_child and gaps. RC_QUERY when the keys go in a circle.
 */
Rc plan_tables(CleanupPlan *plan, Arena *arena, Err *err) MUST_CHECK;

/* rights.c: the method, why, and which rights are missing. */
Rc plan_rights(CleanupPlan *plan, Arena *arena, Err *err) MUST_CHECK;

/* names.c: refuses to leave out what is not there, a slip that would protect nothing. */
Rc plan_names(CleanupPlan *plan, Arena *arena, Err *err) MUST_CHECK;

/* count.c: what there is, what of it goes. */
Rc plan_count(CleanupPlan *plan, Arena *arena, Err *err) MUST_CHECK;
Rc plan_orphan_bound(CleanupPlan *plan, Err *err) MUST_CHECK;
Rc plan_sizes(CleanupPlan *plan, Arena *arena, Err *err) MUST_CHECK;
Rc plan_zombies(CleanupPlan *plan, Arena *arena, Err *err) MUST_CHECK;

#endif
