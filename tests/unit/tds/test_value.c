/* Times and GUIDs in every form that a driver gives. */
#include "test.h"

#include "../../../src/tds/value.h"

static void assert_iso(Instant at, const char *expected)
{
    char text[TIME_TEXT_MAX];

    assert_true(at.is_set);
    time_iso_utc(at, 7, text);
    assert_string_equal(text, expected);
}

static void test_value__offset_is_local_time(void **state)
{
    TdsTimeOffset at = {2025, 9, 7, 8, 15, 59, 123456700, -5, -30};
    Instant instant = tds_instant_of_offset(&at);

    (void)state;
    assert_iso(instant, "2025-09-07T13:45:59.1234567Z");
    assert_int_equal(instant.offset_minutes, -330);
}

static void test_value__offset_at_the_ends_of_time(void **state)
{
    TdsTimeOffset first = {1, 1, 1, 0, 0, 0, 0, 0, 0};
    TdsTimeOffset last = {9999, 12, 31, 23, 59, 59, 999999900, 0, 0};
    TdsTimeOffset east = {2026, 1, 1, 0, 30, 0, 0, 14, 0};

    (void)state;
    assert_int_equal(tds_instant_of_offset(&first).ticks, 0);
    assert_iso(tds_instant_of_offset(&last), "9999-12-31T23:59:59.9999999Z");
    assert_iso(tds_instant_of_offset(&east), "2025-12-31T10:30:00.0000000Z");
}

static void test_value__timestamp_is_utc(void **state)
{
    SQL_TIMESTAMP_STRUCT at = {2026, 2, 28, 23, 0, 1, 500000000};

    (void)state;
    assert_iso(tds_instant_of_timestamp(&at), "2026-02-28T23:00:01.5000000Z");
}

static void test_value__text_forms(void **state)
{
    static const char *const cases[][2] = {
        {"2025-09-07 08:15:59.1234567 -05:30", "2025-09-07T13:45:59.1234567Z"},
        {"2025-09-07T08:15:59.1234567Z", "2025-09-07T08:15:59.1234567Z"},
        {"2025-09-07 08:15:59.123", "2025-09-07T08:15:59.1230000Z"},
        {"2025-09-07 08:15:59+02:00", "2025-09-07T06:15:59.0000000Z"},
        {"2025-09-07 08:15", "2025-09-07T08:15:00.0000000Z"},
        {" 2025-09-07 ", "2025-09-07T00:00:00.0000000Z"},
        {"2025-09-07 08:15:59.123456789 +00:00", "2025-09-07T08:15:59.1234567Z"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_iso(tds_instant_of_text(str_of(cases[i][0])), cases[i][1]);
}

static void test_value__text_that_is_no_time(void **state)
{
    static const char *const bad[] = {"",
                                      "now",
                                      "Sep  7 2025 01:45PM",
                                      "2025-13-01",
                                      "2025-00-01",
                                      "2025-09-32",
                                      "2025-09-07 24:00:00",
                                      "2025-09-07 08:60",
                                      "2025-09-07 08:15:59 +02",
                                      "2025-09-07 08:15:59 x",
                                      "2025-09-07x",
                                      "0000-01-01"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(tds_instant_of_text(str_of(bad[i])).is_set);
}

static void test_value__guid(void **state)
{
    SQLGUID guid = {0x6F9619FF, 0x8B86, 0xD011, {0xB4, 0x2D, 0x00, 0xC0, 0x4F, 0xC9, 0x64, 0xFF}};
    char text[TDS_GUID_LEN + 1] = "";

    (void)state;
    tds_guid_text(&guid, text);
    assert_string_equal(text, "6F9619FF-8B86-D011-B42D-00C04FC964FF");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_value__offset_is_local_time),
        cmocka_unit_test(test_value__offset_at_the_ends_of_time),
        cmocka_unit_test(test_value__timestamp_is_utc),
        cmocka_unit_test(test_value__text_forms),
        cmocka_unit_test(test_value__text_that_is_no_time),
        cmocka_unit_test(test_value__guid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
