/* The numbers that pass by themselves, and those that do not; the whole list, so that none gets
 * lost. */
#include "test.h"

#include "ssisminer/tds/transient.h"

static void test_transient__numbers_have_their_class(void **state)
{
    static const TdsTransient expected[] = {
        {20, TDS_TRANSPORT, NULL},    {64, TDS_TRANSPORT, NULL},    {121, TDS_TRANSPORT, NULL},
        {233, TDS_TRANSPORT, NULL},   {615, TDS_PASSING, NULL},     {701, TDS_OVERSIZED, NULL},
        {802, TDS_OVERSIZED, NULL},   {921, TDS_PASSING, NULL},     {922, TDS_PASSING, NULL},
        {926, TDS_PASSING, NULL},     {952, TDS_PASSING, NULL},     {976, TDS_REOPENING, NULL},
        {978, TDS_REOPENING, NULL},   {982, TDS_REOPENING, NULL},   {983, TDS_PASSING, NULL},
        {988, TDS_PASSING, NULL},     {997, TDS_PASSING, NULL},     {1101, TDS_FULL, NULL},
        {1105, TDS_FULL, NULL},       {1132, TDS_FULL, NULL},       {1204, TDS_OVERSIZED, NULL},
        {1205, TDS_CONTENDED, NULL},  {1222, TDS_CONTENDED, NULL},  {3906, TDS_REOPENING, NULL},
        {3935, TDS_PASSING, NULL},    {3960, TDS_CONTENDED, NULL},  {3966, TDS_CONTENDED, NULL},
        {4060, TDS_REOPENING, NULL},  {4221, TDS_PASSING, NULL},    {6005, TDS_PASSING, NULL},
        {8645, TDS_OVERSIZED, NULL},  {8651, TDS_OVERSIZED, NULL},  {9002, TDS_FULL, NULL},
        {10053, TDS_TRANSPORT, NULL}, {10054, TDS_TRANSPORT, NULL}, {10060, TDS_TRANSPORT, NULL},
        {10928, TDS_GOVERNED, NULL},  {10929, TDS_GOVERNED, NULL},  {10936, TDS_GOVERNED, NULL},
        {17142, TDS_PASSING, NULL},   {17197, TDS_PASSING, NULL},   {18401, TDS_PASSING, NULL},
        {40020, TDS_PASSING, NULL},   {40143, TDS_PASSING, NULL},   {40166, TDS_PASSING, NULL},
        {40197, TDS_PASSING, NULL},   {40501, TDS_PASSING, NULL},   {40540, TDS_PASSING, NULL},
        {40544, TDS_FULL, NULL},      {40549, TDS_OVERSIZED, NULL}, {40550, TDS_OVERSIZED, NULL},
        {40551, TDS_OVERSIZED, NULL}, {40552, TDS_OVERSIZED, NULL}, {40553, TDS_OVERSIZED, NULL},
        {40613, TDS_PASSING, NULL},   {40642, TDS_GOVERNED, NULL},  {41301, TDS_CONTENDED, NULL},
        {41302, TDS_CONTENDED, NULL}, {41305, TDS_CONTENDED, NULL}, {41325, TDS_CONTENDED, NULL},
        {41839, TDS_CONTENDED, NULL}, {42108, TDS_PASSING, NULL},   {42109, TDS_PASSING, NULL},
        {49918, TDS_PASSING, NULL},   {49919, TDS_PASSING, NULL},   {49920, TDS_PASSING, NULL},
    };

    size_t count = 0;

    (void)state;
    (void)tds_transients(&count);
    assert_int_equal(count, ARRAY_LEN(expected)); // who adds one says here what class it is of
    for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
        const TdsTransient *found = tds_transient(expected[i].number);
        assert_non_null(found);
        assert_int_equal(found->transience, expected[i].transience);
    }
}

static void test_transient__permanent_errors_are_not_listed(void **state)
{
    static const int32_t permanent[] = {0, -2, 208, 229, 547, 18456, 40531, 40532, 40615, 40914};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(permanent); i++)
        assert_null(tds_transient(permanent[i]));
}

static void test_transient__what_helps_against_them(void **state)
{
    static const struct {
        int32_t number;
        TdsRemedy remedy;
    } cases[] = {
        {-2, TDS_SMALLER},      {1222, TDS_SMALLER},     {1205, TDS_SMALLER},
        {1204, TDS_SMALLER},    {701, TDS_SMALLER},      {40552, TDS_SMALLER},
        {9002, TDS_ROOM_FIRST}, {40544, TDS_ROOM_FIRST}, {1105, TDS_ROOM_FIRST},
        {40613, TDS_WAITING},   {983, TDS_WAITING},      {10928, TDS_WAITING},
        {40197, TDS_WAITING},   {547, TDS_HOPELESS},     {229, TDS_HOPELESS},
        {0, TDS_HOPELESS},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(tds_remedy(cases[i].number), cases[i].remedy);
}

static void test_transient__table_is_sorted_and_named(void **state)
{
    size_t count = 0;
    const TdsTransient *list = tds_transients(&count);

    (void)state;
    assert_true(count >= 20);
    for (size_t i = 0; i < count; i++) {
        assert_true(strlen(list[i].name) > 3);
        if (i > 0)
            assert_true(list[i - 1].number < list[i].number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transient__numbers_have_their_class),
        cmocka_unit_test(test_transient__permanent_errors_are_not_listed),
        cmocka_unit_test(test_transient__what_helps_against_them),
        cmocka_unit_test(test_transient__table_is_sorted_and_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
