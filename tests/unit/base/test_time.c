/* Instants and durations: every form is read, what is no time is refused, the calendar holds. */
#include "test.h"

#include "ssisminer/base/time.h"

#include <stdlib.h>

static const Instant noon = {.ticks = TICKS_UNIX_EPOCH + 43200 * TICKS_PER_SECOND, .is_set = true};

static const char *iso(Instant at, int digits)
{
    static char text[TIME_TEXT_MAX];

    time_iso_utc(at, digits, text);
    return text;
}

static Instant parsed(const char *text)
{
    Instant at = {0};
    Err err = {0};

    if (time_parse(text, noon, &at, &err) != RC_OK)
        fail_msg("%s: %s", text, err.text);
    return at;
}

static void test_time__calendar_agrees_with_counting_days(void **state)
{
    int64_t days = 0;
    (void)state;

    for (int year = 1; year <= 2500; year++) {
        bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 1; month <= 12; month++) {
            static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
            int length = lengths[month - 1] + (month == 2 && is_leap);
            for (int day = 1; day <= length; day++, days++) {
                int y, m, d;
                assert_int_equal(time_days_from_civil(year, month, day), days);
                time_civil_from_days(days, &y, &m, &d);
                assert_true(y == year && m == month && d == day);
            }
        }
    }
}

static void test_time__epochs(void **state)
{
    (void)state;
    assert_int_equal(time_days_from_civil(1970, 1, 1) * TICKS_PER_DAY, TICKS_UNIX_EPOCH);
    assert_string_equal(iso((Instant){.ticks = 0, .is_set = true}, 0), "0001-01-01T00:00:00Z");
    assert_string_equal(iso(parsed("9999-12-31T23:59:59.9999999Z"), 7),
                        "9999-12-31T23:59:59.9999999Z");
}

static void test_time__writes_digits_as_asked_without_rounding_up(void **state)
{
    Instant at = parsed("2026-11-22T03:04:05.9999999Z");
    (void)state;

    assert_string_equal(iso(at, 0), "2026-11-22T03:04:05Z");
    assert_string_equal(iso(at, 3), "2026-11-22T03:04:05.999Z");
    assert_string_equal(iso(at, 7), "2026-11-22T03:04:05.9999999Z");
    assert_string_equal(iso(at, 12), "2026-11-22T03:04:05.9999999Z");
    assert_string_equal(iso((Instant){0}, 3), "");
}

static void test_time__keeps_the_offset(void **state)
{
    char text[TIME_TEXT_MAX];
    Instant at = parsed("2026-11-22 04:04:05 +01:00");
    (void)state;

    assert_int_equal(at.offset_minutes, 60);
    assert_string_equal(iso(at, 0), "2026-11-22T03:04:05Z");
    time_local(at, text);
    assert_string_equal(text, "2026-11-22 04:04:05 +01:00");
    time_local(parsed("2026-01-01T00:10:00-03:30"), text);
    assert_string_equal(text, "2026-01-01 00:10:00 -03:30");
    time_local((Instant){0}, text);
    assert_string_equal(text, "");
}

static void test_time__reads_every_form(void **state)
{
    static const struct {
        const char *text, *utc;
    } cases[] = {
        {"2026-11-22", "2026-11-22T00:00:00.0000000Z"},
        {"2026-11-22T03:04", "2026-11-22T03:04:00.0000000Z"},
        {"2026-11-22 03:04:05", "2026-11-22T03:04:05.0000000Z"},
        {"2026-11-22t03:04:05z", "2026-11-22T03:04:05.0000000Z"},
        {"2026-11-22T03:04:05.1Z", "2026-11-22T03:04:05.1000000Z"},
        {"2026-11-22T03:04:05,12345678Z", "2026-11-22T03:04:05.1234567Z"},
        {"2026-11-22T03:04:05.1234567 +05:30", "2026-11-21T21:34:05.1234567Z"},
        {"2026-11-22T03:04+0530", "2026-11-21T21:34:00.0000000Z"},
        {"2026-11-22T03:04-05", "2026-11-22T08:04:00.0000000Z"},
        {"2024-02-29", "2024-02-29T00:00:00.0000000Z"},
        {"now", "1970-01-01T12:00:00.0000000Z"},
        {"NOW", "1970-01-01T12:00:00.0000000Z"},
        {"24h", "1969-12-31T12:00:00.0000000Z"},
        {"1h30min", "1970-01-01T10:30:00.0000000Z"},
        {"1mo", "1969-12-02T12:00:00.0000000Z"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(iso(parsed(cases[i].text), 7), cases[i].utc);
}

static void test_time__refuses_what_is_no_time(void **state)
{
    static const char *const cases[] = {
        "",
        "yesterday",
        "2026-13-01",
        "2026-00-10",
        "2026-02-29",
        "2026-11-31",
        "0000-01-01",
        "2026-11-22T24:00",
        "2026-1-2",
        "2026-11-22T",
        "2026-11-22T03",
        "2026-11-22T03:04:60Z",
        "-3d",
        "2026-11-22T03:04X",
        "2026-11-22T03:04+15:00",
        "2026-11-22T03:04:05.Z",
        "2026-11-22 ",
        "2026-11-22T03:04+01:",
        "0001-01-01T00:00+01:00",
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Instant at = {.ticks = 7};
        Err err = {0};
        if (time_parse(cases[i], noon, &at, &err) != RC_USAGE)
            fail_msg("'%s' was taken for a time", cases[i]);
        assert_contains(err.text, "is not a time");
        assert_contains(err.hint, "24h");
        assert_int_equal(at.ticks, 7);
    }
}

static void test_time__durations(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"500ms", 500},       {"90s", 90000},      {"15min", 900000},
        {"24h", 86400000},    {"7d", 604800000},   {"2w", 1209600000},
        {"6mo", 15552000000}, {"1y", 31536000000}, {"1h30min", 5400000},
        {"1min500ms", 60500}, {"0s", 0},           {"1y1mo1w1d1h1min1s1ms", 34822861001},
        {"010s", 10000},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t ticks;
        Err err = {0};
        if (time_parse_duration(cases[i].text, BARE_IS_REFUSED, &ticks, &err) != RC_OK)
            fail_msg("%s: %s", cases[i].text, err.text);
        assert_int_equal(ticks, cases[i].ms * TICKS_PER_MS);
    }
}

/* What sqlcmd's time-outs say; a unit may stand there too. */
static void test_time__a_bare_number_is_seconds_where_the_caller_says_so(void **state)
{
    int64_t ticks;
    Err err = {0};
    (void)state;

    assert_int_equal(time_parse_duration("90", BARE_IS_SECONDS, &ticks, &err), RC_OK);
    assert_int_equal(ticks, 90 * TICKS_PER_SECOND);
    assert_int_equal(time_parse_duration("2min", BARE_IS_SECONDS, &ticks, &err), RC_OK);
    assert_int_equal(ticks, 120 * TICKS_PER_SECOND);
    assert_int_equal(time_parse_duration("1h30", BARE_IS_SECONDS, &ticks, &err), RC_USAGE);
    assert_string_equal(err.text, "'1h30' has no unit");
    assert_int_equal(time_parse_duration("5m", BARE_IS_SECONDS, &ticks, &err), RC_USAGE);
}

/* A number without a unit, and minutes that could be months, decide what is deleted: neither is
 * guessed, and the answer names what can be written instead. */
static void test_time__field_C1_refuses_what_is_no_duration(void **state)
{
    static const char form[] = "write a number with its unit, as in 500ms, 90s, 15min, 24h, 7d, "
                               "2w, 6mo (of 30 days), 1y (of 365 days) or 1h30min";
    static const char months[] = "write 6min for minutes or 6mo for months";
    static const char bare[] = "write 30d for days, 30h for hours, 30min for minutes or 30s for "
                               "seconds";
    static const struct {
        const char *text, *error, *hint;
    } cases[] = {
        {"30", "'30' has no unit", bare},
        {"1h30", "'1h30' has no unit", bare},
        {"6m", "'6m': m may be minutes or months", months},
        {"6M", "'6M': m may be minutes or months", months},
        {"6 m", "'6 m': m may be minutes or months", months},
        {"1h6m", "'1h6m': m may be minutes or months", months},
        {"6m1s", "'6m1s': m may be minutes or months", months},
        {"30D", "'30D' is not a duration", "units are in lower case and without blanks: write 30d"},
        {"30 d", "'30 d' is not a duration",
         "units are in lower case and without blanks: write 30d"},
        {"1H 30Min", "'1H 30Min' is not a duration",
         "units are in lower case and without blanks: write 1h30min"},
        {"", "'' is not a duration", form},
        {"h", "'h' is not a duration", form},
        {"5x", "'5x' is not a duration", form},
        {"30days", "'30days' is not a duration", form},
        {"-1s", "'-1s' is not a duration", form},
        {"1.5h", "'1.5h' is not a duration", form},
        {"3d0", "'3d0' has no unit",
         "write 0d for days, 0h for hours, 0min for minutes or 0s for seconds"},
        {"d30", "'d30' is not a duration", form},
        {"1s1h", "'1s1h' is not a duration", form},
        {"1d1d", "'1d1d' is not a duration", form},
        {"9223372036854775807w", "'9223372036854775807w' is too long a time", ""},
        {"99999999999999999999s", "'99999999999999999999s' is too long a time", ""},
        {"29227y30000mo", "'29227y30000mo' is too long a time", ""},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t ticks = 7;
        Err err = {0};
        if (time_parse_duration(cases[i].text, BARE_IS_REFUSED, &ticks, &err) == RC_OK)
            fail_msg("'%s' was taken", cases[i].text);
        assert_int_equal(err.rc, RC_USAGE);
        assert_string_equal(err.text, cases[i].error);
        assert_string_equal(err.hint, cases[i].hint);
        assert_int_equal(ticks, 7);
    }
}

static void test_time__field_C1_a_time_ago_has_a_unit_too(void **state)
{
    static const char *const cases[] = {"5",   "6m",           "3 days", "20261122",
                                        "24H", "99999999999w", "3000y"};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Instant at = {.ticks = 7};
        Err err = {0};
        if (time_parse(cases[i], noon, &at, &err) != RC_USAGE)
            fail_msg("'%s' was taken for a time", cases[i]);
        assert_int_equal(at.ticks, 7);
    }
}

static void test_time__duration_text(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "0 s"},
        {35, "35 ms"},
        {999, "999 ms"},
        {4200, "4.2 s"},
        {9999, "9.9 s"},
        {42000, "42 s"},
        {200000, "3 min 20 s"},
        {185000, "3 min 05 s"},
        {3900000, "1 h 05 min"},
        {1047600000, "12 d 3 h"},
        {-4200, "-4.2 s"},
    };
    char text[TIME_TEXT_MAX];
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        time_duration_text(cases[i].ms * TICKS_PER_MS, text);
        assert_string_equal(text, cases[i].text);
    }
    time_duration_text(INT64_MIN, text); // no overflow
    assert_string_equal(text, "-10675199 d 2 h");
}

static void test_time__instants_stay_between_the_first_and_the_last(void **state)
{
    Instant last = time_instant(INT64_MAX, INT64_MAX), first = time_instant(INT64_MIN, INT64_MIN);
    char text[TIME_TEXT_MAX];
    (void)state;

    assert_string_equal(iso(last, 7), "9999-12-31T23:59:59.9999999Z");
    assert_string_equal(iso(first, 0), "0001-01-01T00:00:00Z");
    assert_int_equal(last.offset_minutes, 14 * 60);
    assert_int_equal(first.offset_minutes, -14 * 60);
    assert_int_equal(time_add(last, INT64_MAX).ticks, TICKS_MAX);
    assert_int_equal(time_add(first, INT64_MIN).ticks, 0);
    assert_int_equal(time_add(parsed("2026-01-02"), -TICKS_PER_DAY).ticks,
                     parsed("2026-01-01").ticks);
    assert_false(time_add((Instant){0}, 1).is_set);
    time_local(last, text); // beyond the last day of its calendar, and no overflow
    assert_string_equal(text, "10000-01-01 13:59:59 +14:00");
}

static void test_time__now_is_after_this_was_written_and_can_be_frozen(void **state)
{
    (void)state;
    assert_true(time_now().ticks > parsed("2024-01-01").ticks);
    (void)setenv("SSISMINER_NOW", "2026-11-22T03:04:05Z", 1);
    assert_string_equal(iso(time_now(), 0), "2026-11-22T03:04:05Z");
    (void)setenv("SSISMINER_NOW", "nonsense", 1);
    assert_true(time_now().is_set && time_now().ticks > parsed("2024-01-01").ticks);
    (void)unsetenv("SSISMINER_NOW");
}

static void test_time__one_number_keeps_instant_and_offset(void **state)
{
    static const int64_t ticks[] = {TICKS_UNIX_EPOCH, TICKS_UNIX_EPOCH - 1,
                                    INT64_C(637000000000000001)};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(ticks); i++)
        for (int16_t offset = -840; offset <= 840; offset += 15) {
            Instant at = time_instant(ticks[i], offset), back = time_unpack(time_pack(at));
            assert_int_equal(back.ticks, at.ticks);
            assert_int_equal(back.offset_minutes, offset);
            assert_true(time_pack(at) < time_pack(time_instant(ticks[i] + 1, -offset)));
        }
    assert_int_equal(time_unpack(time_pack(time_instant(0, 0))).ticks, 0);
    assert_int_equal(time_unpack(time_pack(time_instant(TICKS_MAX, 0))).ticks, TICKS_MAX);
}

static void test_time__now_can_be_another_time(void **state)
{
    Instant then = time_instant(TICKS_UNIX_EPOCH, 60);
    (void)state;

    time_stand(then);
    assert_int_equal(time_now().ticks, then.ticks);
    time_stand((Instant){0});
    assert_true(time_now().ticks > then.ticks);
}

static void test_time__monotonic_goes_on(void **state)
{
    int64_t first = time_monotonic_ms();
    (void)state;

    assert_true(first > 0);
    assert_true(time_monotonic_ms() >= first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time__calendar_agrees_with_counting_days),
        cmocka_unit_test(test_time__epochs),
        cmocka_unit_test(test_time__writes_digits_as_asked_without_rounding_up),
        cmocka_unit_test(test_time__keeps_the_offset),
        cmocka_unit_test(test_time__reads_every_form),
        cmocka_unit_test(test_time__refuses_what_is_no_time),
        cmocka_unit_test(test_time__durations),
        cmocka_unit_test(test_time__a_bare_number_is_seconds_where_the_caller_says_so),
        cmocka_unit_test(test_time__field_C1_refuses_what_is_no_duration),
        cmocka_unit_test(test_time__field_C1_a_time_ago_has_a_unit_too),
        cmocka_unit_test(test_time__duration_text),
        cmocka_unit_test(test_time__instants_stay_between_the_first_and_the_last),
        cmocka_unit_test(test_time__now_is_after_this_was_written_and_can_be_frozen),
        cmocka_unit_test(test_time__one_number_keeps_instant_and_offset),
        cmocka_unit_test(test_time__now_can_be_another_time),
        cmocka_unit_test(test_time__monotonic_goes_on),
    };

    return cmocka_run_group_tests_name("base/time", tests, NULL, NULL);
}
