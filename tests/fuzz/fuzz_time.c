/*
 * Any text as a time, a duration, or a server's datetimeoffset; any twenty bytes as one.
 *
 * A time that is read comes back from its own text, in UTC and in its offset; an instant is never
 * beyond the first or last one; a duration is the sum of its parts, reckoned with room to spare (64
 * bits of a long double hold it); what is refused has a message.
 */
#include "fuzz.h"

#include "../../src/tds/value.h"

#include <stdio.h>

static const Instant now = {.ticks = TICKS_UNIX_EPOCH + 1800000000 * TICKS_PER_SECOND,
                            .is_set = true};

static void check_instant(Instant at)
{
    must(at.ticks >= 0 && at.ticks <= TICKS_MAX);
    must(at.offset_minutes >= -14 * 60 && at.offset_minutes <= 14 * 60);
}

static Instant read_back(const char *text)
{
    Instant at = {0};
    Err err = {0};

    must(time_parse(text, now, &at, &err) == RC_OK);
    return at;
}

static void check_time(const char *text)
{
    char iso[TIME_TEXT_MAX], local[TIME_TEXT_MAX];
    Instant at = {0};
    Err err = {0};

    if (time_parse(text, now, &at, &err) != RC_OK) {
        must(err.rc == RC_USAGE && err.text[0] && !at.is_set);
        return;
    }
    check_instant(at);
    time_iso_utc(at, 7, iso);
    must(read_back(iso).ticks == at.ticks);
    time_local(at, local);
    int64_t there = at.ticks + at.offset_minutes * 60 * TICKS_PER_SECOND;
    if (there < 0 || there > TICKS_MAX)
        return; // no calendar has that day
    Instant again = read_back(local);
    must(again.ticks == at.ticks - at.ticks % TICKS_PER_SECOND);
    must(again.offset_minutes == at.offset_minutes);
}

/* Number and unit, again and again; -1 when it is not that. */
static long double plain_sum(const char *text)
{
    static const struct {
        const char *name;
        int64_t seconds;
    } units[] = {{"ms", 0},   {"min", 60},  {"mo", 30 * 86400}, {"s", 1},
                 {"h", 3600}, {"d", 86400}, {"w", 7 * 86400},   {"y", 365 * 86400}};
    long double sum = 0;

    do {
        long double number = 0;
        size_t digits = strspn(text, "0123456789"), i;
        if (digits == 0)
            return -1;
        for (i = 0; i < digits; i++)
            number = number * 10 + (text[i] - '0');
        text += digits;
        for (i = 0; i < ARRAY_LEN(units) && !str_starts(text, units[i].name); i++)
            ;
        if (i == ARRAY_LEN(units))
            return -1;
        text += strlen(units[i].name);
        sum += number * (units[i].seconds ? units[i].seconds * TICKS_PER_SECOND : TICKS_PER_MS);
    } while (*text);
    return sum;
}

static void check_duration(const char *text)
{
    int64_t ticks = -1;
    char shown[TIME_TEXT_MAX];
    Err err = {0};

    if (time_parse_duration(text, BARE_IS_REFUSED, &ticks, &err) != RC_OK) {
        must(err.rc == RC_USAGE && err.text[0] && ticks == -1);
        return;
    }
    must(ticks >= 0 && plain_sum(text) == (long double)ticks);
    time_duration_text(ticks, shown);
    must(shown[0] != '\0' && shown[0] != '-');
}

static void check_fields(const uint8_t *data, size_t size)
{
    TdsTimeOffset offset;
    SQL_TIMESTAMP_STRUCT stamp;

    if (size >= sizeof(offset)) {
        memcpy(&offset, data, sizeof(offset));
        check_instant(tds_instant_of_offset(&offset));
    }
    if (size >= sizeof(stamp)) {
        memcpy(&stamp, data, sizeof(stamp));
        check_instant(tds_instant_of_timestamp(&stamp));
    }
}

/* Where the server's form and ours are the same text, they are the same instant. */
static void check_server_text(const char *text, size_t len)
{
    Instant at = tds_instant_of_text((Str){text, len}), ours = {0};
    Err err = {0};

    if (!at.is_set)
        return;
    check_instant(at);
    if (text[0] >= '0' && text[0] <= '9' && strlen(text) == len &&
        time_parse(text, now, &ours, &err) == RC_OK)
        must(ours.ticks == at.ticks && ours.offset_minutes == at.offset_minutes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    Input input = {data, size};

    if (size > 200)
        return 0;
    check_fields(data, size);
    const char *text = take_text(&input, &arena);
    check_time(text);
    check_duration(text);
    check_server_text(text, strlen(text));
    return 0;
}
