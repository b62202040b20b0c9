/* Buf: grows, ends at its cap, gives its text away. */
#include "test.h"

#include "ssisminer/base/buf.h"

#include <stdlib.h>

static void test_buf__grows_and_stays_terminated(void **state)
{
    AUTO(buf_done) Buf buf = BUF(100000);
    (void)state;

    assert_string_equal(buf_text(&buf), "");
    for (int i = 0; i < 5000; i++)
        buf_putc(&buf, 'x');
    buf_puts(&buf, "end");
    buf_printf(&buf, " %d %s", 7, "more");
    buf_pad(&buf, '.', 3);
    assert_int_equal(buf.len, 5000 + 3 + 7 + 3);
    assert_string_equal(buf_text(&buf) + 5000, "end 7 more...");
}

static void test_buf__long_printf(void **state)
{
    AUTO(buf_done) Buf buf = BUF(10000);
    (void)state;

    buf_printf(&buf, "%0999d", 7);
    assert_int_equal(buf.len, 999);
    assert_string_equal(buf_text(&buf) + 996, "007");
}

static void test_buf__over_the_cap_keeps_what_fits(void **state)
{
    AUTO(buf_done) Buf buf = BUF(5);
    Err err = {0};
    (void)state;

    buf_puts(&buf, "abc");
    assert_int_equal(buf_check(&buf, "the list", &err), RC_OK);
    assert_null(buf_room(&buf, 3));
    buf_puts(&buf, "def");
    buf_pad(&buf, '.', 9);
    assert_string_equal(buf_text(&buf), "abcde");
    assert_fails(buf_check(&buf, "the list", &err), RC_QUERY, &err,
                 "the list is larger than 5 bytes");
    buf_reset(&buf);
    assert_int_equal(buf_check(&buf, "the list", &err), RC_OK);
    assert_string_equal(buf_text(&buf), "");
}

static void test_buf__room(void **state)
{
    AUTO(buf_done) Buf buf = BUF(64);
    (void)state;

    char *room = buf_room(&buf, 10);
    memcpy(room, "0123456789", 10);
    buf_added(&buf, 4);
    assert_string_equal(buf_text(&buf), "0123");
}

static void test_buf__take_leaves_it_empty(void **state)
{
    Buf buf = BUF(10);
    (void)state;

    char *nothing = buf_take(&buf);
    assert_string_equal(nothing, "");
    buf_puts(&buf, "abc");
    char *text = buf_take(&buf);
    assert_string_equal(text, "abc");
    assert_string_equal(buf_text(&buf), "");
    assert_int_equal(buf.cap, 10);
    free(nothing);
    free(text);
    buf_done(&buf);
}

static void test_buf__may_hold_nul(void **state)
{
    AUTO(buf_done) Buf buf = BUF(10);
    (void)state;

    buf_put(&buf, "a\0b", 3);
    assert_int_equal(buf.len, 3);
    assert_memory_equal(buf_text(&buf), "a\0b", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buf__grows_and_stays_terminated),
        cmocka_unit_test(test_buf__long_printf),
        cmocka_unit_test(test_buf__over_the_cap_keeps_what_fits),
        cmocka_unit_test(test_buf__room),
        cmocka_unit_test(test_buf__take_leaves_it_empty),
        cmocka_unit_test(test_buf__may_hold_nul),
    };

    return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
