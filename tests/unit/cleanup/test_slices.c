/* Rows by time, in a place that does not grow. */
#include "test.h"

#include "ssisminer/cleanup/cleanup.h"

static int64_t sum(const CleanupSlices *slices)
{
    int64_t all = 0;

    for (size_t i = 0; i < CLEANUP_SLICES; i++)
        all += slices->rows[i];
    return all;
}

static void test_slices__keep_every_row_however_long_it_takes(void **state)
{
    CleanupSlices slices = {0};
    int64_t all = 0;

    (void)state;
    for (int64_t second = 0; second < 100000; second += 7) {
        cleanup_slices_add(&slices, second * 1000, second);
        all += second;
    }
    assert_int_equal(sum(&slices), all);
    assert_int_equal(slices.width_ms, 32768 * CLEANUP_SLICE_MS); // the least that holds 100,000 s
}

static void test_slices__say_when(void **state)
{
    CleanupSlices slices = {0};

    (void)state;
    cleanup_slices_add(&slices, -5, 1);
    cleanup_slices_add(&slices, 99, 2);
    cleanup_slices_add(&slices, 5999, 4);
    assert_int_equal(slices.rows[0], 3);
    assert_int_equal(slices.rows[59], 4);
    cleanup_slices_add(&slices, 6000, 8); // no room: two become one
    assert_int_equal(slices.rows[0], 3);
    assert_int_equal(slices.rows[29], 4);
    assert_int_equal(slices.rows[30], 8);
    cleanup_slices_add(&slices, INT64_MAX, 16);
    assert_int_equal(sum(&slices), 31);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slices__keep_every_row_however_long_it_takes),
        cmocka_unit_test(test_slices__say_when),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
