/* Private to duplicates: what the times of a package's other starts say of one of them. */
#ifndef DUPLICATES_RHYTHM_H
#define DUPLICATES_RHYTHM_H

#include "ssisminer/duplicates/analysis.h"

/* Creations are sorted. How many of them stand between two instants, both included. */
size_t rhythm_count(const int64_t *created, size_t count, int64_t from, int64_t to);
/* How many other starts stand where the package's pace, or the calendar, puts them from `at`. */
int rhythm_support(const int64_t *created, size_t count, int64_t at, int64_t cadence,
                   int64_t tolerance);

/* In its turn: the package's own pace explains why it came. */
static inline bool rhythm_is_in_turn(const DuplicateRhythm *rhythm, int64_t gap)
{
    return rhythm->cadence > 0 && gap >= rhythm->cadence - rhythm->cadence / 2;
}

/* Sooner than in its turn, but the old pace ends with the one before, and goes on from this one: a
 * schedule of every 7 minutes of the hour or the day, or one that was moved. */
bool rhythm_begins_anew(const DuplicateRhythm *rhythm, const int64_t *created, size_t count,
                        int64_t before, int64_t at);

/* How long after an end a further start still belongs to it. */
int64_t rhythm_horizon(const DuplicateRhythm *rhythm, int64_t within);

#endif
