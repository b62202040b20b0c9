/* Err: gains context, keeps the first hint, is cut between characters. */
#include "test.h"

#include "ssisminer/base/str.h"

#include <stdlib.h>

static Rc inner(Err *err)
{
    (void)FAIL(err, RC_CONNECT, "host '%s' refuses", "db");
    return err_hint(err, "is it %s?", "up");
}

static Rc outer(Err *err)
{
    if (inner(err) != RC_OK)
        return err_note(err, "reading %d", 7);
    return RC_OK;
}

static Rc tried(Err *err)
{
    TRY(outer(err));
    return RC_OK;
}

static void test_err__gains_context_and_keeps_the_first_hint(void **state)
{
    Err err = {0};
    (void)state;

    assert_fails(tried(&err), RC_CONNECT, &err, "reading 7: host 'db' refuses");
    assert_int_equal(err_hint(&err, "another"), RC_CONNECT);
    assert_string_equal(err.hint, "is it up?");
}

static void test_err__set_anew_forgets_hint_and_number(void **state)
{
    Err err = {0};
    (void)state;

    (void)inner(&err);
    err.number = 18456;
    (void)FAIL(&err, RC_QUERY, "other");
    assert_string_equal(err.hint, "");
    assert_int_equal(err.number, 0);
}

/* Cut at every place of a three-byte character. */
static void test_err__cut_between_characters(void **state)
{
    (void)state;
    for (int shift = 0; shift < 3; shift++) {
        Err err = {0};
        char text[3100];
        memset(text, 'x', (size_t)shift);
        for (size_t i = 0; i < 1000; i++)
            memcpy(text + shift + 3 * i, "\xE2\x82\xAC", 3);
        text[shift + 3000] = '\0';
        (void)FAIL(&err, RC_QUERY, "%s", text);
        for (int i = 0; i < 3; i++) {
            size_t len = strlen(err.text);
            assert_true(len > 2040 && len < sizeof(err.text));
            assert_int_equal(str_utf8_floor(err.text, len), len);
            assert_string_equal(err.text + len - 3, "\xE2\x82\xAC");
            (void)err_note(&err, "c");
        }
        assert_true(str_starts(err.text, "c: c: c: "));
        (void)err_note(&err, "%s", text); // no room for the message itself
        assert_true(strlen(err.text) < sizeof(err.text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_err__gains_context_and_keeps_the_first_hint),
        cmocka_unit_test(test_err__set_anew_forgets_hint_and_number),
        cmocka_unit_test(test_err__cut_between_characters),
    };

    return cmocka_run_group_tests_name("base/err", tests, NULL, NULL);
}
