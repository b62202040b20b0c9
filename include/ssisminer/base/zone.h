/*
 * The time zone that people are talked to in: how their times of day are read, and how instants are
 * written for them. One for the whole program, UTC until one is chosen; data formats stay in UTC.
 *
 * Zones are the C library's: files of /usr/share/zoneinfo (or $TZDIR). It keeps one zone a process,
 * so that choosing one is for the main thread, before others look.
 */
#ifndef SSISMINER_BASE_ZONE_H
#define SSISMINER_BASE_ZONE_H

#include "ssisminer/base/time.h"

/* "UTC", "local" (the machine's, or $TZ), or a name such as "Europe/Berlin". RC_USAGE for one that
 * the machine does not have. */
Rc zone_use(const char *name, Err *err) MUST_CHECK;

const char *zone_name(void); // "UTC", "Europe/Berlin"; "local" where the machine does not name it
bool zone_is_utc(void);

int zone_offset_minutes(int64_t ticks); // at that instant
Instant zone_put(Instant at);           // the same instant, with the zone's offset
int64_t zone_wall_ticks(int64_t ticks); // what a clock on the wall shows, as if it were UTC
int zone_hour_of_day(int64_t ticks);    // 0 to 23
int64_t zone_day_start(int64_t ticks);  // of the day on the wall, in wall ticks

/* From the clock on the wall to instants. When clocks go back an hour comes twice: then both are
 * set, the earlier one first. When they go forward an hour is left out: then is_missing, and both
 * are the instant that the clock would have shown it had it not been moved. */
typedef struct ZoneFit {
    Instant first, last;
    bool is_missing;
} ZoneFit;
ZoneFit zone_fit(int64_t wall_ticks);

#endif
