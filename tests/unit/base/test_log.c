/* Warnings and errors: what each level shows, and that no terminal obeys them. */
#include "test.h"

#include "capture.h"
#include "ssisminer/base/log.h"

#include <stdlib.h>
#include <unistd.h>

static char *say_all_at(LogLevel level)
{
    Capture capture = capture_begin(STDERR_FILENO);

    log_set_level(level);
    log_warning("careful with %s", "this");
    log_note("reading %d rows", 3);
    log_detail("statement %s", "x");
    log_set_level(LOG_NORMAL);
    return capture_end(&capture);
}

static void test_log__levels(void **state)
{
    static const struct {
        LogLevel level;
        const char *text;
    } cases[] = {
        {LOG_QUIET, "ssisminer: warning: careful with this\n"},
        {LOG_NORMAL, "ssisminer: warning: careful with this\nssisminer: reading 3 rows\n"},
        {LOG_VERBOSE, "ssisminer: warning: careful with this\nssisminer: reading 3 rows\n"
                      "ssisminer: statement x\n"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *text = say_all_at(cases[i].level);
        assert_string_equal(text, cases[i].text);
        free(text);
    }
    assert_int_equal(log_level(), LOG_NORMAL);
}

static void test_log__error_with_hint_is_terminal_safe(void **state)
{
    Err err = {0};
    (void)state;

    (void)FAIL(&err, RC_QUERY, "the server said '\x1B[2Jboo\nhoo'");
    Capture capture = capture_begin(STDERR_FILENO);
    log_error(&err);
    (void)err_hint(&err, "try again");
    log_error(&err);
    char *text = capture_end(&capture);
    assert_string_equal(text, "ssisminer: error: the server said '\\x1B[2Jboo hoo'\n"
                              "ssisminer: error: the server said '\\x1B[2Jboo hoo'\n"
                              "hint: try again\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log__levels),
        cmocka_unit_test(test_log__error_with_hint_is_terminal_safe),
    };

    return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
