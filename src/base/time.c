/* Instants: read in every form that servers and people write, compared, written. */
#include "ssisminer/base/time.h"

#include "ssisminer/base/sat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MOST_OFFSET_MINUTES = 14 * 60, // datetimeoffset's own limit
    DAYS_PER_400_YEARS = 146097
};

static int64_t between(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

Instant time_instant(int64_t ticks, int64_t offset_minutes)
{
    return (Instant){
        .ticks = between(ticks, 0, TICKS_MAX),
        .offset_minutes =
            (int16_t)between(offset_minutes, -MOST_OFFSET_MINUTES, MOST_OFFSET_MINUTES),
        .is_set = true,
    };
}

Instant time_add(Instant at, int64_t ticks)
{
    return at.is_set ? time_instant(sat_add(at.ticks, ticks), at.offset_minutes) : at;
}

/* ---- the wall clock of an offset ------------------------------------------------------------- */

int64_t instant_local_ticks(Instant at)
{
    return at.ticks + at.offset_minutes * 60 * TICKS_PER_SECOND;
}

Instant instant_of_local(int64_t local_ticks, int offset_minutes)
{
    return (Instant){.ticks = local_ticks - offset_minutes * 60 * TICKS_PER_SECOND,
                     .offset_minutes = (int16_t)offset_minutes,
                     .is_set = true};
}

bool instant_fits(Instant at)
{
    return at.ticks >= 0 && at.ticks <= TICKS_MAX && at.offset_minutes >= -14 * 60 &&
           at.offset_minutes <= 14 * 60;
}

/* ---- as SQLite keeps it ---------------------------------------------------------------------- */

/* Instants that 57 bits cannot hold are only ever the open ends of a window: they become the first
 * or the last there is, which compares as it should with everything that is stored. */
static const int64_t stored_first = INT64_MIN + 64, stored_last = INT64_MAX - 63;

int64_t time_pack(Instant at)
{
    int64_t since = at.ticks - TICKS_UNIX_EPOCH;

    if (since <= INT64_MIN / 128 || since >= INT64_MAX / 128)
        return since < 0 ? stored_first : stored_last;
    return since * 128 + (at.offset_minutes / 15 + 64);
}

Instant time_unpack(int64_t stored)
{
    if (stored == stored_first || stored == stored_last)
        return (Instant){.ticks = stored < 0 ? 0 : TICKS_MAX, .is_set = true};
    int64_t since = stored >> 7;
    return (Instant){.ticks = since + TICKS_UNIX_EPOCH,
                     .offset_minutes = (int16_t)(((stored & 127) - 64) * 15),
                     .is_set = true};
}

/* ---- the clock ------------------------------------------------------------------------------- */

static Instant standing;

void time_stand(Instant at)
{
    standing = at;
}

Instant time_now(void)
{
    const char *frozen = getenv("SSISMINER_NOW");
    Instant at = {.is_set = true};
    struct timespec now;
    Err ignored;

    if (standing.is_set)
        return standing;
    if (frozen && time_parse(frozen, at, &at, &ignored) == RC_OK)
        return at;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return time_instant(
        sat_add(sat_mul(now.tv_sec, TICKS_PER_SECOND), TICKS_UNIX_EPOCH) + now.tv_nsec / 100, 0);
}

int64_t time_monotonic_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- the calendar ---------------------------------------------------------------------------- */

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

/* Years are counted from 1 March, so that the leap day is the last of its year. */
int64_t time_days_from_civil(int year, int month, int day)
{
    int64_t shifted = (int64_t)year - (month <= 2);
    int64_t era = floor_div(shifted, 400);
    int64_t year_of_era = shifted - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * DAYS_PER_400_YEARS + day_of_era - 306; // 0001-01-01 is 306 days after 0000-03-01
}

void time_civil_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
    int64_t shifted = days + 306;
    int64_t era = floor_div(shifted, DAYS_PER_400_YEARS);
    int64_t day_of_era = shifted - era * DAYS_PER_400_YEARS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;

    *ret_day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
    *ret_month = (int)(march_month + (march_month < 10 ? 3 : -9));
    *ret_year = (int)(year_of_era + era * 400 + (*ret_month <= 2));
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && is_leap ? 29 : days[month - 1];
}

/* ---- writing --------------------------------------------------------------------------------- */

typedef struct Civil {
    int year, month, day, hour, minute, second;
    int fraction; // ticks within the second
} Civil;

static Civil civil_of(int64_t ticks)
{
    Civil at = {0};
    int64_t days = floor_div(ticks, TICKS_PER_DAY);
    int64_t rest = ticks - days * TICKS_PER_DAY;

    time_civil_from_days(days, &at.year, &at.month, &at.day);
    at.fraction = (int)(rest % TICKS_PER_SECOND);
    int second_of_day = (int)(rest / TICKS_PER_SECOND);
    at.hour = second_of_day / 3600;
    at.minute = second_of_day / 60 % 60;
    at.second = second_of_day % 60;
    return at;
}

void time_iso_utc(Instant at, int digits, char *ret_text)
{
    static const int scale[] = {10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};

    *ret_text = '\0';
    if (!at.is_set)
        return;
    Civil utc = civil_of(at.ticks);
    int len = snprintf(ret_text, TIME_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d", utc.year,
                       utc.month, utc.day, utc.hour, utc.minute, utc.second);
    if (digits > 7)
        digits = 7;
    if (digits > 0)
        len += snprintf(ret_text + len, (size_t)(TIME_TEXT_MAX - len), ".%0*d", digits,
                        utc.fraction / scale[digits]);
    (void)snprintf(ret_text + len, (size_t)(TIME_TEXT_MAX - len), "Z");
}

void time_local(Instant at, char *ret_text)
{
    *ret_text = '\0';
    if (!at.is_set)
        return;
    Civil local = civil_of(sat_add(at.ticks, at.offset_minutes * 60 * TICKS_PER_SECOND));
    int offset = at.offset_minutes < 0 ? -at.offset_minutes : at.offset_minutes;
    (void)snprintf(ret_text, TIME_TEXT_MAX, "%04d-%02d-%02d %02d:%02d:%02d %c%02d:%02d", local.year,
                   local.month, local.day, local.hour, local.minute, local.second,
                   at.offset_minutes < 0 ? '-' : '+', offset / 60 % 100, offset % 60);
}

void time_duration_text(int64_t ticks, char *ret_text)
{
    const char *sign = ticks < 0 ? "-" : "";
    uint64_t size = ticks < 0 ? 0 - (uint64_t)ticks : (uint64_t)ticks;
    unsigned long long ms = (size + TICKS_PER_MS / 2) / TICKS_PER_MS, s = ms / 1000;

    if (ms == 0)
        (void)snprintf(ret_text, TIME_TEXT_MAX, "0 s");
    else if (ms < 1000)
        (void)snprintf(ret_text, TIME_TEXT_MAX, "%s%llu ms", sign, ms);
    else if (s < 10)
        (void)snprintf(ret_text, TIME_TEXT_MAX, "%s%llu.%llu s", sign, s, ms / 100 % 10);
    else if (s < 60)
        (void)snprintf(ret_text, TIME_TEXT_MAX, "%s%llu s", sign, s);
    else if (s < 3600)
        (void)snprintf(ret_text, TIME_TEXT_MAX, "%s%llu min %02llu s", sign, s / 60, s % 60);
    else if (s < 86400)
        (void)snprintf(ret_text, TIME_TEXT_MAX, "%s%llu h %02llu min", sign, s / 3600, s / 60 % 60);
    else
        (void)snprintf(ret_text, TIME_TEXT_MAX, "%s%llu d %llu h", sign, s / 86400, s / 3600 % 24);
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Exactly `digits` of them. */
static bool take_number(const char **at, int digits, int *ret_value)
{
    int value = 0;

    for (int i = 0; i < digits; i++) {
        if (!is_digit((*at)[i]))
            return false;
        value = value * 10 + ((*at)[i] - '0');
    }
    *at += digits;
    *ret_value = value;
    return true;
}

static bool take_char(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

static bool take_date(const char **at, Civil *date)
{
    return take_number(at, 4, &date->year) && take_char(at, '-') &&
           take_number(at, 2, &date->month) && take_char(at, '-') &&
           take_number(at, 2, &date->day) && date->year >= 1 && date->month >= 1 &&
           date->month <= 12 && date->day >= 1 &&
           date->day <= days_in_month(date->year, date->month);
}

/* One to seven digits are kept, more are dropped. */
static bool take_fraction(const char **at, int *ret_ticks)
{
    int ticks = 0, scale = 1000000;

    if (!is_digit(**at))
        return false;
    for (; is_digit(**at); (*at)++, scale /= 10)
        ticks += (**at - '0') * scale;
    *ret_ticks = ticks;
    return true;
}

static bool take_clock(const char **at, Civil *clock)
{
    if (!take_number(at, 2, &clock->hour) || !take_char(at, ':') ||
        !take_number(at, 2, &clock->minute))
        return false;
    if (take_char(at, ':')) {
        if (!take_number(at, 2, &clock->second))
            return false;
        if ((take_char(at, '.') || take_char(at, ',')) && !take_fraction(at, &clock->fraction))
            return false;
    }
    return clock->hour < 24 && clock->minute < 60 && clock->second < 60;
}

bool time_read_clock(Str text, int64_t *ret_ticks)
{
    char copy[TIME_TEXT_MAX];
    const char *at = copy;
    Civil clock = {0};

    if (text.len + 2 > sizeof(copy))
        return false;
    copy[0] = '0'; // "7:30"
    size_t skip = text.len > 1 && text.at[1] == ':' ? 1 : 0;
    memcpy(copy + skip, text.at, text.len);
    copy[skip + text.len] = '\0';
    if (!take_clock(&at, &clock) || *at != '\0')
        return false;
    *ret_ticks =
        (clock.hour * 3600 + clock.minute * 60 + clock.second) * TICKS_PER_SECOND + clock.fraction;
    return true;
}

static bool take_offset(const char **at, int *ret_minutes)
{
    int hours, minutes = 0;

    (void)take_char(at, ' '); // as SQL Server writes it
    if (**at == '\0' || take_char(at, 'Z') || take_char(at, 'z')) {
        *ret_minutes = 0;
        return true;
    }
    bool is_negative = **at == '-';
    if (!take_char(at, '-') && !take_char(at, '+'))
        return false;
    if (!take_number(at, 2, &hours))
        return false;
    bool has_colon = take_char(at, ':');
    if ((has_colon || **at != '\0') && !take_number(at, 2, &minutes))
        return false;
    int total = hours * 60 + minutes;
    *ret_minutes = is_negative ? -total : total;
    return minutes < 60 && total <= MOST_OFFSET_MINUTES;
}

bool time_read_form(const char *text, TimeForm *ret_form)
{
    Civil at = {0};
    int offset = 0;
    bool has_offset = false;

    if (!take_date(&text, &at))
        return false;
    if (*text == 'T' || *text == 't' || *text == ' ') {
        text++;
        if (!take_clock(&text, &at))
            return false;
        has_offset = *text != '\0';
        if (!take_offset(&text, &offset))
            return false;
    }
    if (*text != '\0')
        return false;

    int64_t seconds = at.hour * 3600 + at.minute * 60 + at.second;
    int64_t wall = time_days_from_civil(at.year, at.month, at.day) * TICKS_PER_DAY +
                   seconds * TICKS_PER_SECOND + at.fraction;
    int64_t ticks = wall - (int64_t)offset * 60 * TICKS_PER_SECOND;
    if (ticks < 0 || ticks > TICKS_MAX)
        return false;
    *ret_form = (TimeForm){
        .at = {.ticks = ticks, .offset_minutes = (int16_t)offset, .is_set = true},
        .wall_ticks = wall,
        .has_offset = has_offset,
    };
    return true;
}

bool time_is_like_duration(const char *text)
{
    return is_digit(*text) && strpbrk(text, "-:./") == NULL;
}

static Rc parse_ago(const char *text, Instant now, Instant *ret_at, Err *err)
{
    int64_t ago;

    TRY(time_parse_duration(text, BARE_IS_REFUSED, &ago, err));
    if (ago > now.ticks)
        return FAIL(err, RC_USAGE, "'%s' ago is before the year 1", text);
    *ret_at = (Instant){.ticks = now.ticks - ago, .is_set = true};
    return RC_OK;
}

Rc time_parse(const char *text, Instant now, Instant *ret_at, Err *err)
{
    TimeForm form;

    if (str_same_fold(text, "now")) {
        *ret_at = now;
        return RC_OK;
    }
    if (time_read_form(text, &form)) {
        *ret_at = form.at;
        return RC_OK;
    }
    if (time_is_like_duration(text))
        return parse_ago(text, now, ret_at, err);
    (void)FAIL(err, RC_USAGE, "'%s' is not a time", text);
    return err_hint(err, "write a date (2026-11-22), a date and time with an optional offset "
                         "(2026-11-22T03:04:05Z, 2026-11-22 03:04+01:00), a duration ago (24h, "
                         "7d) or now; without an offset it is UTC");
}
