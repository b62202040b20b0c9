/* Values as people read them: at the edges of a unit, below zero, at a day's end. */
#include "test.h"

#include "../../../src/report/model.h"

#include <stdio.h>

#include "ssisminer/base/time.h"
#include "ssisminer/report/words.h"

static const char *people(Value value)
{
    static char text[128];
    AUTO(buf_done) Buf buf = BUF(sizeof(text) - 1);

    value_put_for_people(&buf, &value);
    (void)snprintf(text, sizeof(text), "%s", buf_text(&buf));
    return text;
}

static void test_value__counts_are_grouped(void **state)
{
    static const struct {
        int64_t count;
        const char *text;
    } cases[] = {
        {0, "0"},
        {999, "999"},
        {1000, "1,000"},
        {999999, "999,999"},
        {1000000, "1,000,000"},
        {-1, "-1"},
        {-12, "-12"},
        {-999, "-999"},
        {-1000, "-1,000"},
        {-99999, "-99,999"},
        {-999999, "-999,999"},
        {-1000000, "-1,000,000"},
        {INT64_MIN, "-9,223,372,036,854,775,808"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(people(value_count(cases[i].count)), cases[i].text);
}

static void test_value__bytes_at_the_edge_of_a_unit(void **state)
{
    static const struct {
        int64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0 bytes"},
        {1023, "1023 bytes"},
        {1024, "1.0 KiB"},
        {-1023, "-1023 bytes"},
        {-1024, "-1.0 KiB"},
        {INT64_C(1024) * 1024 - 1024, "1023.0 KiB"},
        {INT64_C(1024) * 1024, "1.0 MiB"},
        {INT64_C(1024) * 1024 * 1024, "1.0 GiB"},
        {INT64_C(5) << 60, "5120.0 PiB"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(people(value_bytes(cases[i].bytes)), cases[i].text);
}

static Instant at(const char *text)
{
    Instant instant = {0};

    Err err = {0};

    assert_int_equal(time_parse(text, (Instant){0}, &instant, &err), RC_OK);
    return instant;
}

/* Within a minute it is one time; within a day the day stands once; over midnight it stands twice.
 */
static void test_words__spans(void **state)
{
    static const struct {
        const char *first, *last, *text;
    } cases[] = {
        {"2026-03-02T05:00:00Z", "2026-03-02T05:00:59Z", "2026-03-02 05:00Z"},
        {"2026-03-02T05:00:59Z", "2026-03-02T05:01:00Z", "2026-03-02 05:00Z to 05:01Z"},
        {"2026-03-02T00:00:00Z", "2026-03-02T23:59:59Z", "2026-03-02 00:00Z to 23:59Z"},
        {"2026-03-02T23:59:59Z", "2026-03-03T00:00:00Z", "2026-03-02 23:59Z to 2026-03-03 00:00Z"},
    };
    AUTO(arena_done) Arena arena = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *text = words_span(at(cases[i].first), at(cases[i].last), &arena);
        assert_string_equal(text, cases[i].text);
    }
    assert_string_equal(words_span((Instant){0}, at(cases[0].last), &arena), "");
    assert_string_equal(words_span(at(cases[0].first), (Instant){0}, &arena), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_value__counts_are_grouped),
        cmocka_unit_test(test_value__bytes_at_the_edge_of_a_unit),
        cmocka_unit_test(test_words__spans),
    };
    return cmocka_run_group_tests_name("report/value", tests, NULL, NULL);
}
