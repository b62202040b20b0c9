/* Times as people say them, in zones whose clocks are moved. */
#include "ssisminer/base/when.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2026-03-30T12:00Z is a Monday, the day after clocks went forward in Europe. */
static Instant now_of(const char *text)
{
    Instant at = {0};
    Err err = {0};

    assert_int_equal(time_parse(text, at, &at, &err), RC_OK);
    return at;
}

static const char *said(const char *text, const char *now)
{
    static char out[2 * TIME_TEXT_MAX + 8];
    char first[TIME_TEXT_MAX], last[TIME_TEXT_MAX];
    When when;
    Err err = {0};

    if (when_parse(text, now_of(now), &when, &err) != RC_OK)
        return "?";
    time_local(when.first, first);
    time_local(when.last, last);
    bool is_twice = when.last.ticks != when.first.ticks;
    (void)snprintf(out, sizeof(out), "%s%s%s%s", first, is_twice ? " | " : "", is_twice ? last : "",
                   when.fit == WHEN_MISSING ? " !" : "");
    return out;
}

static void use(const char *zone)
{
    Err err = {0};

    if (zone_use(zone, &err) != RC_OK)
        fail_msg("%s", err.text);
}

typedef struct Saying {
    const char *text, *now, *at;
} Saying;

static void check(const char *zone, const Saying *list, size_t count)
{
    use(zone);
    for (size_t i = 0; i < count; i++)
        if (strcmp(said(list[i].text, list[i].now), list[i].at) != 0)
            fail_msg("'%s' in %s at %s is %s, not %s", list[i].text, zone, list[i].now,
                     said(list[i].text, list[i].now), list[i].at);
}

#define MONDAY "2026-03-30T12:00:00Z"

static void test_when__in_utc(void **state)
{
    static const Saying list[] = {
        {"now", MONDAY, "2026-03-30 12:00:00 +00:00"},
        {"24h", MONDAY, "2026-03-29 12:00:00 +00:00"},
        {"2h ago", MONDAY, "2026-03-30 10:00:00 +00:00"},
        {"today", MONDAY, "2026-03-30 00:00:00 +00:00"},
        {"Yesterday 18:00", MONDAY, "2026-03-29 18:00:00 +00:00"},
        {"  yesterday   at  7:30 ", MONDAY, "2026-03-29 07:30:00 +00:00"},
        {"yesterday 18:00:30.5", MONDAY, "2026-03-29 18:00:30 +00:00"},
        {"monday", MONDAY, "2026-03-30 00:00:00 +00:00"},
        {"MON 12:00", MONDAY, "2026-03-30 12:00:00 +00:00"},
        {"mon 12:01", MONDAY, "2026-03-23 12:01:00 +00:00"},
        {"last monday", MONDAY, "2026-03-23 00:00:00 +00:00"},
        {"last monday 13:00", MONDAY, "2026-03-23 13:00:00 +00:00"},
        {"last friday 06:00", MONDAY, "2026-03-27 06:00:00 +00:00"},
        {"tuesday", MONDAY, "2026-03-24 00:00:00 +00:00"},
        {"sun", MONDAY, "2026-03-29 00:00:00 +00:00"},
        {"18:00", MONDAY, "2026-03-29 18:00:00 +00:00"},
        {"at 11:59", MONDAY, "2026-03-30 11:59:00 +00:00"},
        {"2026-03-01", MONDAY, "2026-03-01 00:00:00 +00:00"},
        {"2026-03-01 04:05", MONDAY, "2026-03-01 04:05:00 +00:00"},
        {"2026-03-01T04:05:06Z", MONDAY, "2026-03-01 04:05:06 +00:00"},
        {"2026-03-01 04:05 +05:45", MONDAY, "2026-03-01 04:05:00 +05:45"},
        {"monday", "2026-03-01T00:00:00Z", "2026-02-23 00:00:00 +00:00"},
        {"yesterday", "2024-03-01T00:00:00Z", "2024-02-29 00:00:00 +00:00"},
    };

    (void)state;
    check("UTC", list, ARRAY_LEN(list));
}

/* Clocks went forward on 2026-03-29 at 01:00Z and back on 2025-10-26 at 01:00Z. */
static void test_when__clocks_are_moved(void **state)
{
    static const Saying berlin[] = {
        {"yesterday 02:30", MONDAY, "2026-03-29 03:30:00 +02:00 !"},
        {"yesterday 01:59", MONDAY, "2026-03-29 01:59:00 +01:00"},
        {"yesterday 03:00", MONDAY, "2026-03-29 03:00:00 +02:00"},
        {"2025-10-26 02:30", MONDAY, "2025-10-26 02:30:00 +02:00 | 2025-10-26 02:30:00 +01:00"},
        {"2025-10-26 02:30+01:00", MONDAY, "2025-10-26 02:30:00 +01:00"},
        {"2025-10-26 03:00", MONDAY, "2025-10-26 03:00:00 +01:00"},
        {"2025-10-26 01:59", MONDAY, "2025-10-26 01:59:00 +02:00"},
        {"yesterday", "2025-10-26T22:30:00Z", "2025-10-25 00:00:00 +02:00"},
        {"yesterday", "2025-10-26T23:30:00Z", "2025-10-26 00:00:00 +02:00"},
        {"today", "2026-03-29T22:30:00Z", "2026-03-30 00:00:00 +02:00"},
        {"00:30", "2026-03-29T22:15:00Z", "2026-03-29 00:30:00 +01:00"},
        {"1d", MONDAY, "2026-03-29 12:00:00 +00:00"},
    };
    /* A whole day was left out on the other side of the date line: 2011-12-30. */
    static const Saying apia[] = {
        {"2011-12-30 12:00", MONDAY, "2011-12-31 12:00:00 +14:00 !"},
        {"yesterday", "2011-12-31T12:00:00Z", "2011-12-31 00:00:00 +14:00"},
    };
    /* Half an hour only. */
    static const Saying lord_howe[] = {
        {"2026-04-05 01:45", MONDAY, "2026-04-05 01:45:00 +11:00 | 2026-04-05 01:45:00 +10:30"},
        {"2026-10-04 02:15", MONDAY, "2026-10-04 02:45:00 +11:00 !"},
    };
    /* Midnight itself was left out. */
    static const Saying sao_paulo[] = {
        {"2018-11-04", MONDAY, "2018-11-04 01:00:00 -02:00 !"},
    };

    (void)state;
    check("Europe/Berlin", berlin, ARRAY_LEN(berlin));
    check("Pacific/Apia", apia, ARRAY_LEN(apia));
    check("Australia/Lord_Howe", lord_howe, ARRAY_LEN(lord_howe));
    check("America/Sao_Paulo", sao_paulo, ARRAY_LEN(sao_paulo));
}

static void test_when__nothing_is_guessed(void **state)
{
    static const char *const wrong[] = {
        "",
        " ",
        "5",
        "20260322",
        "tomorrow",
        "next mon",
        "last week",
        "last",
        "monday 25:00",
        "monday 6",
        "fryday",
        "2026-02-30",
        "yesterday 18",
        "18.00",
        "yesterday 18:00 +01:00",
        "mo",
        "mondays",
        "last today",
        "today yesterday",
        "at",
        "24:00",
        "18:60",
        "-1h",
        "monday monday",
        "2026-03-01 monday",
    };
    Err err = {0};
    When when;

    (void)state;
    use("UTC");
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        if (when_parse(wrong[i], now_of(MONDAY), &when, &err) != RC_USAGE)
            fail_msg("'%s' is taken for a time", wrong[i]);
        assert_true(err.hint[0] != '\0');
    }
    assert_int_equal(when_parse("20261122", now_of(MONDAY), &when, &err), RC_USAGE);
    assert_non_null(strstr(err.hint, "2026-11-22"));
}

/* Every half hour of three years, there and back, in zones of every kind. */
static void test_zone__there_and_back(void **state)
{
    static const char *const zones[] = {
        "Europe/Berlin",       "America/New_York", "Asia/Kathmandu",
        "Australia/Lord_Howe", "Asia/Tehran",      "Africa/Casablanca",
        "Pacific/Chatham",     "America/St_Johns", "UTC"};
    int64_t start = now_of("2024-01-01").ticks, half = 1800 * TICKS_PER_SECOND;

    (void)state;
    for (size_t z = 0; z < ARRAY_LEN(zones); z++) {
        use(zones[z]);
        for (int i = 0; i < 3 * 366 * 48; i++) {
            int64_t ticks = start + i * half;
            ZoneFit fit = zone_fit(zone_wall_ticks(ticks));
            if (fit.is_missing || (fit.first.ticks != ticks && fit.last.ticks != ticks))
                fail_msg("%s: half hour %d does not come back", zones[z], i);
        }
    }
    use("UTC");
}

static void test_zone__names(void **state)
{
    static const char *const wrong[] = {"Nowhere/Town",   "../../etc/passwd",
                                        "/etc/localtime", "Europe",
                                        "zone.tab",       "a b",
                                        "Europe/Berlin/", "."};
    Err err = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        if (zone_use(wrong[i], &err) != RC_USAGE)
            fail_msg("'%s' is taken for a zone", wrong[i]);
    assert_int_equal(zone_use("europe/BERLIN", &err), RC_USAGE);
    assert_string_equal(err.hint, "did you mean Europe/Berlin?");
    assert_true(zone_is_utc());
    use("Europe/Berlin");
    assert_string_equal(zone_name(), "Europe/Berlin");
    assert_int_equal(zone_hour_of_day(now_of("2026-03-29T22:30:00Z").ticks), 0);
    assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0);
    use("local");
    assert_string_equal(zone_name(), "Asia/Tokyo");
    assert_int_equal(zone_offset_minutes(now_of(MONDAY).ticks), 540);
    assert_int_equal(setenv("TZ", "Asia/Tokio", 1), 0);
    assert_int_equal(zone_use("local", &err), RC_USAGE);
    use("gmt");
    assert_true(zone_is_utc());
    assert_int_equal(zone_offset_minutes(now_of(MONDAY).ticks), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_when__in_utc),
        cmocka_unit_test(test_when__clocks_are_moved),
        cmocka_unit_test(test_when__nothing_is_guessed),
        cmocka_unit_test(test_zone__there_and_back),
        cmocka_unit_test(test_zone__names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
