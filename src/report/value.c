/* Values, and how they read for people and for programs. */
#include "model.h"

#include "ssisminer/base/sat.h"
#include "ssisminer/base/term.h"
#include "ssisminer/base/zone.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

Value value_none(void)
{
    return (Value){.type = VALUE_NONE};
}

Value value_text(const char *text)
{
    return text ? (Value){.type = VALUE_TEXT, .as.text = text} : value_none();
}

Value value_id(int64_t id)
{
    return (Value){.type = VALUE_ID, .as.count = id};
}

Value value_count(int64_t count)
{
    return (Value){.type = VALUE_COUNT, .as.count = count};
}

Value value_number(double number)
{
    return (Value){.type = VALUE_NUMBER, .as.number = number};
}

Value value_flag(bool flag)
{
    return (Value){.type = VALUE_FLAG, .as.flag = flag};
}

Value value_time(Instant at)
{
    return at.is_set ? (Value){.type = VALUE_TIME, .as.time = at} : value_none();
}

Value value_instant(int64_t ticks)
{
    return ticks ? value_time(time_instant(ticks, 0)) : value_none();
}

Value value_duration(int64_t ticks)
{
    return ticks < 0 ? value_none() : (Value){.type = VALUE_DURATION, .as.count = ticks};
}

Value value_percent(double percent)
{
    return (Value){.type = VALUE_PERCENT, .as.number = percent};
}

Value value_bytes(int64_t bytes)
{
    return (Value){.type = VALUE_BYTES, .as.count = bytes};
}

Value value_texts(const char *const *texts, size_t count)
{
    return (Value){.type = VALUE_TEXTS, .as.texts = {texts, count}};
}

/* ---- for people ------------------------------------------------------------------------------ */

void report_time_text(Instant at, char ret_text[TIME_TEXT_MAX])
{
    char local[TIME_TEXT_MAX];

    *ret_text = '\0';
    if (!at.is_set)
        return;
    at = zone_put(at);
    time_local(at, local); // "2026-03-02 05:44:10 +00:00"
    char *zone = strrchr(local, ' ');
    *zone++ = '\0';
    (void)snprintf(ret_text, TIME_TEXT_MAX, "%.*s%.8s", TIME_TEXT_MAX - 10, local,
                   at.offset_minutes == 0 ? "Z" : zone);
}

/* 1234567 as 1,234,567: only where nobody would copy the number elsewhere. */
static void put_grouped(Buf *buf, int64_t count)
{
    char digits[32];
    int len = snprintf(digits, sizeof(digits), "%" PRId64, count);
    int first = count < 0 ? 1 : 0;

    for (int i = 0; i < len; i++) {
        if (i > first && (len - i) % 3 == 0)
            buf_putc(buf, ',');
        buf_putc(buf, digits[i]);
    }
}

static void put_bytes(Buf *buf, int64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"};
    double amount = (double)bytes;
    size_t unit = 0;

    while (fabs(amount) >= 1024 && unit + 1 < ARRAY_LEN(units)) {
        amount /= 1024;
        unit++;
    }
    buf_printf(buf, unit == 0 ? "%.0f %s" : "%.1f %s", amount, units[unit]);
}

/* Nobody can read a number that is none. */
static void put_rounded(Buf *buf, double number, int digits, const char *unit)
{
    if (isfinite(number) && fabs(number) < 1e15)
        buf_printf(buf, "%.*f%s", digits, number, unit);
    else if (isfinite(number))
        buf_printf(buf, "%.3g%s", number, unit);
    else
        buf_putc(buf, '-');
}

static void put_texts(Buf *buf, const Value *value, const char *between, bool one_line)
{
    for (size_t i = 0; i < value->as.texts.count; i++) {
        const char *text = value->as.texts.at[i];
        if (i > 0)
            buf_puts(buf, between);
        term_put_safe(buf, text, strlen(text), one_line);
    }
}

static void put_time(Buf *buf, Instant at)
{
    char text[TIME_TEXT_MAX];

    report_time_text(at, text);
    buf_puts(buf, text);
}

static void put_duration(Buf *buf, int64_t ticks)
{
    char text[TIME_TEXT_MAX];

    time_duration_text(ticks, text);
    buf_puts(buf, text);
}

void value_put_for_people(Buf *buf, const Value *value)
{
    switch (value->type) {
    case VALUE_NONE:
        return;
    case VALUE_TEXT:
        term_put_safe(buf, value->as.text, strlen(value->as.text), true);
        return;
    case VALUE_ID:
        buf_printf(buf, "%" PRId64, value->as.count);
        return;
    case VALUE_COUNT:
        put_grouped(buf, value->as.count);
        return;
    case VALUE_NUMBER:
        put_rounded(buf, value->as.number, 2, "");
        return;
    case VALUE_FLAG:
        buf_puts(buf, value->as.flag ? "yes" : "no");
        return;
    case VALUE_TIME:
        put_time(buf, value->as.time);
        return;
    case VALUE_DURATION:
        put_duration(buf, value->as.count);
        return;
    case VALUE_PERCENT:
        put_rounded(buf, value->as.number, 1, " %");
        return;
    case VALUE_BYTES:
        put_bytes(buf, value->as.count);
        return;
    case VALUE_TEXTS:
        put_texts(buf, value, ", ", true);
        return;
    }
}

/* ---- for programs ---------------------------------------------------------------------------- */

/* Ticks as seconds, exact: a double would lose the last digits of a long span. */
static void put_seconds(Buf *buf, int64_t ticks)
{
    uint64_t size = ticks < 0 ? 0 - (uint64_t)ticks : (uint64_t)ticks;
    uint64_t whole = size / TICKS_PER_SECOND;
    char fraction[16];
    size_t len;

    buf_printf(buf, "%s%" PRIu64, ticks < 0 ? "-" : "", whole);
    (void)snprintf(fraction, sizeof(fraction), "%07" PRIu64, size % TICKS_PER_SECOND);
    for (len = 7; len > 0 && fraction[len - 1] == '0';)
        len--;
    if (len > 0)
        buf_printf(buf, ".%.*s", (int)len, fraction);
}

static bool put_double(Buf *buf, double number)
{
    if (!isfinite(number))
        return false;
    buf_printf(buf, "%.10g", number);
    return true;
}

bool value_put_number(Buf *buf, const Value *value)
{
    switch (value->type) {
    case VALUE_ID:
    case VALUE_COUNT:
    case VALUE_BYTES:
        buf_printf(buf, "%" PRId64, value->as.count);
        return true;
    case VALUE_DURATION:
        put_seconds(buf, value->as.count);
        return true;
    case VALUE_NUMBER:
    case VALUE_PERCENT:
        return put_double(buf, value->as.number);
    case VALUE_FLAG:
        buf_putc(buf, value->as.flag ? '1' : '0');
        return true;
    case VALUE_TIME:
        put_seconds(buf, sat_sub(value->as.time.ticks, TICKS_UNIX_EPOCH));
        return true;
    case VALUE_NONE:
    case VALUE_TEXT:
    case VALUE_TEXTS:
        return false;
    }
    return false;
}

void value_put_for_data(Buf *buf, const Value *value)
{
    char text[TIME_TEXT_MAX];

    switch (value->type) {
    case VALUE_TEXT:
        term_put_safe(buf, value->as.text, strlen(value->as.text), false);
        return;
    case VALUE_TEXTS:
        put_texts(buf, value, "; ", false);
        return;
    case VALUE_TIME:
        time_iso_utc(value->as.time, 7, text);
        buf_puts(buf, text);
        return;
    case VALUE_FLAG:
        buf_puts(buf, value->as.flag ? "true" : "false");
        return;
    case VALUE_NONE:
    case VALUE_ID:
    case VALUE_COUNT:
    case VALUE_NUMBER:
    case VALUE_DURATION:
    case VALUE_PERCENT:
    case VALUE_BYTES:
        (void)value_put_number(buf, value);
        return;
    }
}
