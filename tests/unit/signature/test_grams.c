/* Literals seen by four of their bytes: where they stand, and nowhere else. */
#include "test.h"

#include "../../../src/signature/grams.h"

#include <stdio.h>

typedef struct Seen {
    size_t count[8]; // by value
} Seen;

static void note(void *context, uint32_t value)
{
    Seen *seen = context;

    assert_true(value < ARRAY_LEN(seen->count));
    seen->count[value]++;
}

static void scan(const Grams *grams, const char *text, Seen *ret_seen)
{
    *ret_seen = (Seen){0};
    grams_scan(grams, str_of(text), note, ret_seen);
}

static void test_grams__where_they_stand(void **state)
{
    static const GramLiteral literals[] = {
        {{"active worker", 13}, 0}, {{"login failed", 12}, 1}, {{"failed", 6}, 2}, {{"off", 3}, 3}};
    Grams *grams = grams_build(literals, ARRAY_LEN(literals));
    Seen seen;

    (void)state;
    scan(grams, "no active worker, no active worker", &seen);
    assert_int_equal(seen.count[0], 2);
    assert_int_equal(seen.count[1] + seen.count[2] + seen.count[3], 0);
    scan(grams, "login failed", &seen);
    assert_int_equal(seen.count[1], 1);
    assert_int_equal(seen.count[2], 1);
    scan(grams, "off", &seen);
    assert_int_equal(seen.count[3], 1);
    grams_free(grams);
}

/* Four bytes of a literal are no literal, be they its first, its last or between, at either end of
 * the text. */
static void test_grams__a_part_is_none(void **state)
{
    static const char whole[] = "active worker";
    const GramLiteral literal = {{whole, sizeof(whole) - 1}, 0};
    Grams *grams = grams_build(&literal, 1);
    char text[64];
    Seen seen;

    (void)state;
    for (size_t start = 0; start < literal.text.len; start++)
        for (size_t end = start + 1; end <= literal.text.len; end++) {
            bool is_whole = end - start == literal.text.len;
            (void)snprintf(text, sizeof(text), "%.*s", (int)(end - start), whole + start);
            scan(grams, text, &seen);
            assert_int_equal(seen.count[0], is_whole);
            (void)snprintf(text, sizeof(text), "some other words %.*s and many more",
                           (int)(end - start), whole + start);
            scan(grams, text, &seen);
            assert_int_equal(seen.count[0], is_whole);
        }
    grams_free(grams);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grams__where_they_stand),
        cmocka_unit_test(test_grams__a_part_is_none),
    };
    return cmocka_run_group_tests_name("signature/grams", tests, NULL, NULL);
}
