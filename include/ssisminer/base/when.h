/*
 * Times as people say them: "yesterday 18:00", "last friday 06:00", "monday", "18:00", beside the
 * forms of time_parse. Without an offset they are times on the wall of the zone in use (zone.h).
 */
#ifndef SSISMINER_BASE_WHEN_H
#define SSISMINER_BASE_WHEN_H

#include "ssisminer/base/zone.h"

typedef enum WhenFit { WHEN_ONCE, WHEN_TWICE, WHEN_MISSING } WhenFit;

typedef struct When {
    Instant first, last; // the same but for a time that comes twice, when clocks go back
    WhenFit fit;
} When;

/* A day: today, yesterday, or a weekday (also its first three letters): the latest that is not
 * after now, or before today with "last" in front. A time of day follows ("at" may stand between),
 * else it is the day's first moment. A time of day alone is the latest that is not after now.
 * A date, or date and time as time_parse has them; with an offset it is that instant. "now"; a
 * duration ago, with or without the word. RC_USAGE for all else, with what may be written. */
Rc when_parse(const char *text, Instant now, When *ret_when, Err *err) MUST_CHECK;

#endif
