/*
 * Instants and durations.
 *
 * An instant is a UTC tick count plus the offset it was written with, as SQL Server's
 * datetimeoffset(7) keeps it: comparing ticks compares instants, whatever the offset.
 * A tick is 100 ns; tick 0 is 0001-01-01T00:00:00Z.
 */
#ifndef SSISMINER_BASE_TIME_H
#define SSISMINER_BASE_TIME_H

#include "ssisminer/base/err.h"
#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define TICKS_PER_SECOND INT64_C(10000000)
#define TICKS_PER_MS     INT64_C(10000)
#define TICKS_PER_DAY    (INT64_C(86400) * TICKS_PER_SECOND)

/* 1970-01-01 in ticks. */
#define TICKS_UNIX_EPOCH INT64_C(621355968000000000)

/* 9999-12-31T23:59:59.9999999Z: the last instant that a server can store; the first is tick 0. */
#define TICKS_MAX (INT64_C(3652059) * TICKS_PER_DAY - 1)

typedef struct Instant {
    int64_t ticks; // UTC
    int16_t offset_minutes;
    bool is_set; // false stands for NULL
} Instant;

/* The set instant of that count and offset; what is beyond the first or last one becomes it, so
 * that the difference of two instants is always a number of ticks. */
Instant time_instant(int64_t ticks, int64_t offset_minutes);
Instant time_add(Instant at, int64_t ticks); // an unset one stays unset

/* Days and ticks of day in the offset of the instant. */
int64_t instant_local_ticks(Instant at);
Instant instant_of_local(int64_t local_ticks, int offset_minutes);
bool instant_fits(Instant at); // datetimeoffset has it: the years 1 to 9999, 14 hours either way

/* As one number, in which SQLite keeps it: ((ticks - TICKS_UNIX_EPOCH) << 7) | (offset / 15 + 64),
 * exact from 1742 to 2198; an instant outside becomes the first or last that datetimeoffset knows,
 * the open ends of a window. */
int64_t time_pack(Instant at);
Instant time_unpack(int64_t packed);

Instant time_now(void);
/* From now on time_now() is this: of a file that tells of another time. Before the first thread. */
void time_stand(Instant at);
/* SSISMINER_NOW (ISO 8601) in the environment freezes time_now(), for golden tests. */

/* "2026-11-22T03:04:05.1234567Z"; digits 0 to 7 of a second. ret_text holds TIME_TEXT_MAX. */
enum { TIME_TEXT_MAX = 40 };
void time_iso_utc(Instant at, int digits, char *ret_text);
/* "2026-11-22 04:04:05 +01:00", in the offset the instant carries. */
void time_local(Instant at, char *ret_text);

/* ISO 8601 date, or date and time with 'T' or blank, optional fraction, optional Z or ±hh:mm
 * (UTC without one); "now"; or a duration ago ("24h", "7d"). Error RC_USAGE names the forms. */
Rc time_parse(const char *text, Instant now, Instant *ret_at, Err *err) MUST_CHECK;

/* For when.h, which reads the same forms in a zone: a date, or date and time. */
typedef struct TimeForm {
    Instant at;         // UTC without an offset
    int64_t wall_ticks; // as written, whatever the offset
    bool has_offset;
} TimeForm;
bool time_read_form(const char *text, TimeForm *ret_form);
bool time_read_clock(Str text, int64_t *ret_ticks); // "18:00", "7:30", "18:00:30.5": since midnight
bool time_is_like_duration(const char *text);       // whoever wrote it meant one

/* What a number without a unit is: sqlcmd's time-outs are seconds, all else could be anything. */
typedef enum BareNumber { BARE_IS_REFUSED, BARE_IS_SECONDS } BareNumber;

/* "500ms" "90s" "15min" "24h" "7d" "2w" "6mo" "1y" "1h30min" to ticks: lower case, from long to
 * short; a month is 30 days, a year 365. Error RC_USAGE: "m" could be minutes or months and is
 * refused, and so is what does not fit into 63 bits. */
Rc time_parse_duration(const char *text, BareNumber bare, int64_t *ret_ticks, Err *err) MUST_CHECK;
/* "0 s" "4.2 s" "3 min 20 s" "1 h 05 min" "12 d 3 h". */
void time_duration_text(int64_t ticks, char *ret_text);

/* Calendar: days since 0001-01-01 of a proleptic Gregorian date, and back. */
int64_t time_days_from_civil(int year, int month, int day);
void time_civil_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day);

int64_t time_monotonic_ms(void); // for timeouts and progress, never for records

#endif
