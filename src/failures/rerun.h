/* May a failed execution run again? What failed says when, what had finished says what else
 * happens. */
#ifndef SSISMINER_FAILURES_RERUN_H
#define SSISMINER_FAILURES_RERUN_H

#include "internal.h"

/* One executable that had finished well, as it arrives. */
void rerun_note(Gathered *gathered, Str package, Str path, Instant end, Arena *arena);

/* All of them are known: fills in `finished`. */
void rerun_set_finished(Failure *failure, const Gathered *gathered, Arena *arena);
/* The causes are known: fills in `rerun` and its words. */
void rerun_decide(Failure *list, size_t count, Arena *arena);

#endif
