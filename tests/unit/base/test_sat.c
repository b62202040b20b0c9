/* Sums and products that end at the ends of their range. */
#include "test.h"

#include "ssisminer/base/sat.h"

#include <math.h>

static void test_sat__sums_end_at_the_ends_of_the_range(void **state)
{
    (void)state;
    assert_int_equal(sat_add(2, 3), 5);
    assert_int_equal(sat_add(INT64_MAX, 1), INT64_MAX);
    assert_int_equal(sat_add(INT64_MIN, -1), INT64_MIN);
    assert_int_equal(sat_add(INT64_MAX, INT64_MIN), -1);
    assert_int_equal(sat_sub(0, INT64_MIN), INT64_MAX);
    assert_int_equal(sat_sub(-2, INT64_MAX), INT64_MIN);
    assert_int_equal(sat_sub(INT64_MIN, INT64_MIN), 0);
}

static void test_sat__products_keep_their_sign(void **state)
{
    (void)state;
    assert_int_equal(sat_mul(-4, 5), -20);
    assert_int_equal(sat_mul(INT64_MAX, 2), INT64_MAX);
    assert_int_equal(sat_mul(INT64_MIN, -1), INT64_MAX);
    assert_int_equal(sat_mul(INT64_MAX, -2), INT64_MIN);
    assert_int_equal(sat_mul(INT64_MIN, 0), 0);
    assert_int_equal(sat_abs(INT64_MIN), INT64_MAX);
    assert_int_equal(sat_abs(-7), 7);
}

static void test_sat__smaller_types(void **state)
{
    (void)state;
    assert_int_equal(sat_int(INT64_MAX), INT32_MAX);
    assert_int_equal(sat_int(INT64_MIN), INT32_MIN);
    assert_int_equal(sat_int(-5), -5);
    assert_int_equal(sat_of(1e300), INT64_MAX);
    assert_int_equal(sat_of(-1e300), INT64_MIN);
    assert_int_equal(sat_of(-INFINITY), INT64_MIN);
    assert_int_equal(sat_of((double)NAN), 0);
    assert_int_equal(sat_of(-2.9), -2);
    assert_int_equal(sat_of(9223372036854775807.0), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sat__sums_end_at_the_ends_of_the_range),
        cmocka_unit_test(test_sat__products_keep_their_sign),
        cmocka_unit_test(test_sat__smaller_types),
    };

    return cmocka_run_group_tests_name("base/sat", tests, NULL, NULL);
}
