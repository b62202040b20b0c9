/* Values as the driver gives them, turned into ours. */
#include "value.h"

#include "ssisminer/base/err.h"
#include "ssisminer/base/sat.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static_assert(sizeof(TdsTimeOffset) == 20, "the drivers give 20 bytes");

/* In range whatever the fields hold: a server may send any. */
static Instant instant_of(int year, int month, int day, int64_t second_of_day, int64_t fraction_ns,
                          int offset_minutes)
{
    int64_t days = time_days_from_civil(year, month, day);
    int64_t rest = (second_of_day - offset_minutes * INT64_C(60)) * TICKS_PER_SECOND;

    return time_instant(sat_add(sat_mul(days, TICKS_PER_DAY), rest + fraction_ns / 100),
                        offset_minutes);
}

Instant tds_instant_of_offset(const TdsTimeOffset *at)
{
    int offset = at->offset_hours * 60 + at->offset_minutes;
    int64_t second = (int64_t)at->hour * 3600 + at->minute * 60 + at->second;

    return instant_of(at->year, at->month, at->day, second, at->fraction, offset);
}

Instant tds_instant_of_timestamp(const SQL_TIMESTAMP_STRUCT *at)
{
    int64_t second = (int64_t)at->hour * 3600 + at->minute * 60 + at->second;

    return instant_of(at->year, at->month, at->day, second, at->fraction, 0);
}

/* ---- text ------------------------------------------------------------------------------------ */

/* Takes exactly `count` digits. */
static bool take_number(Str *text, size_t count, int *ret_number)
{
    int number = 0;

    if (text->len < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (text->at[i] < '0' || text->at[i] > '9')
            return false;
        number = number * 10 + (text->at[i] - '0');
    }
    text->at += count;
    text->len -= count;
    *ret_number = number;
    return true;
}

static bool take_char(Str *text, const char *any_of)
{
    if (text->len == 0 || text->at[0] == '\0' || !strchr(any_of, text->at[0]))
        return false;
    text->at++;
    text->len--;
    return true;
}

/* ".1234567": to nanoseconds; what is beyond them is dropped. */
static int64_t take_fraction(Str *text)
{
    int64_t ns = 0, unit = 100000000;

    if (!take_char(text, "."))
        return 0;
    for (int digit; take_number(text, 1, &digit); unit /= 10)
        ns += digit * unit;
    return ns;
}

/* " -05:30", "Z" or nothing. */
static bool take_offset(Str *text, int *ret_minutes)
{
    int hours = 0, minutes = 0;

    *text = str_trim(*text);
    *ret_minutes = 0;
    if (text->len == 0 || take_char(text, "Z"))
        return text->len == 0;
    int sign = text->at[0] == '-' ? -1 : 1;
    if (!take_char(text, "+-") || !take_number(text, 2, &hours) || !take_char(text, ":") ||
        !take_number(text, 2, &minutes))
        return false;
    *ret_minutes = sign * (hours * 60 + minutes);
    return text->len == 0;
}

static bool take_time(Str *text, int64_t *ret_second)
{
    int hour = 0, minute = 0, second = 0;

    *ret_second = 0;
    if (text->len == 0)
        return true; // a date alone
    if (!take_char(text, " T") || !take_number(text, 2, &hour) || !take_char(text, ":") ||
        !take_number(text, 2, &minute))
        return false;
    if (take_char(text, ":") && !take_number(text, 2, &second))
        return false;
    *ret_second = (int64_t)hour * 3600 + minute * 60 + second;
    return hour < 24 && minute < 60 && second < 60;
}

Instant tds_instant_of_text(Str text)
{
    int year = 0, month = 0, day = 0, offset = 0;
    int64_t second = 0;

    text = str_trim(text);
    if (!take_number(&text, 4, &year) || !take_char(&text, "-") || !take_number(&text, 2, &month) ||
        !take_char(&text, "-") || !take_number(&text, 2, &day) || !take_time(&text, &second))
        return (Instant){.is_set = false};
    int64_t fraction_ns = take_fraction(&text);
    if (!take_offset(&text, &offset) || year < 1 || month < 1 || month > 12 || day < 1 || day > 31)
        return (Instant){.is_set = false};
    return instant_of(year, month, day, second, fraction_ns, offset);
}

/* ---- uniqueidentifier ------------------------------------------------------------------------ */

static char *put_hex(char *to, uint32_t value, int digits)
{
    static const char hex[] = "0123456789ABCDEF";

    for (int i = digits - 1; i >= 0; i--)
        *to++ = hex[value >> (4 * i) & 15];
    return to;
}

void tds_guid_text(const SQLGUID *guid, char *ret_text)
{
    char *at = put_hex(ret_text, guid->Data1, 8);

    *at++ = '-';
    at = put_hex(at, guid->Data2, 4);
    *at++ = '-';
    at = put_hex(at, guid->Data3, 4);
    *at++ = '-';
    for (int i = 0; i < 8; i++) {
        if (i == 2)
            *at++ = '-';
        at = put_hex(at, guid->Data4[i], 2);
    }
}
