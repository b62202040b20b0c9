/* Any other log: where an entry begins, and what hangs on. */
#include "collect.h"

#include "ssisminer/ssisdb/ssisdb.h"

static void test_lines__entries_begin_with_a_time(void **state)
{
    static const char *const starts[] = {
        "2024-05-01 10:00:00.123 A",
        "2024-05-01T10:00:00Z A",
        "[2024-05-01 10:00:00] A",
        "5/1/2024 10:00:00 AM A",
        "01.05.2024 10:00:00 A",
        "May  1 10:00:00 A",
        "10:00:00.123 A",
        "ERROR 2024-05-01 10:00:00 A",
        "\"2024-05-01 10:00:00\",A",
        "01-May-2024 10:00:00 A",
        "20240501 10:00:00 A",
        "2024/05/01 10:00 A",
        "Error: 2024-05-01 10:00:00.1 A",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        const char *log =
            arena_printf(&collect_arena, "%s\nmore of it\n\nand more\n%s\n", starts[i], starts[i]);
        collect(LOG_LINES, log);
        if (collected_count != 2)
            fail_msg("'%s' made %zu entries", starts[i], collected_count);
        assert_contains(text_at(0, 0), "more of it\n\nand more");
        assert_int_equal(collected[0].line, 1);
        assert_int_equal(collected[1].line, 5);
    }
}

static void test_lines__what_is_no_time(void **state)
{
    static const char *const lines[] = {
        "10:00 is early", "1.2.3 of the driver", "2024-05-01 was a Wednesday",
        "12345678 rows",  "Marching 10:00:00",   "at 10:00:00 it began"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        collect(LOG_LINES, arena_printf(&collect_arena, "2024-05-01 10:00:00 A\n%s\n", lines[i]));
        if (collected_count != 1)
            fail_msg("'%s' began an entry", lines[i]);
    }
}

static void test_lines__without_times_indented_lines_hang_on(void **state)
{
    (void)state;
    collect(LOG_LINES, "Login failed for user 'a'.\n   at Foo.Bar()\n--- End of inner stack\nDisk "
                       "full.\n\nThird\n");
    assert_int_equal(collected_count, 3);
    assert_string_equal(text_at(0, 0),
                        "Login failed for user 'a'.\n   at Foo.Bar()\n--- End of inner stack");
    assert_string_equal(text_at(1, 0), "Disk full.");
    assert_int_equal(collected[2].line, 6);
}

static void test_lines__levels(void **state)
{
    static const struct {
        const char *line;
        bool is_quiet;
    } cases[] = {
        {"2024-05-01 10:00:00 ERROR something", false},
        {"2024-05-01 10:00:00 [Error] something", false},
        {"2024-05-01 10:00:00 FATAL something", false},
        {"2024-05-01 10:00:00 DUMP_ON_ERROR = 1", true},
        {"2024-05-01 10:00:00 INFO something failed", true},
        {"2024-05-01 10:00:00 Information: an error was avoided", true},
        {"2024-05-01 10:00:00 DEBUG x", true},
        {"2024-05-01 10:00:00 WARN cannot", true},
        {"2024-05-01 10:00:00 the load failed", false}, // no level, and it sounds bad
        {"2024-05-01 10:00:00 all is well", true},
        {"2024-05-01 10:00:00 An Error came of it", false}, // prose is no level
        {"2024-05-01 10:00:00 An Error handler was installed", true},
        {"2024-05-01 10:00:00 the load ended with 0 errors", true},
        {"2024-05-01 10:00:00 done after error 40613, retry 2 succeeded", true},
        {"Load Orders:Error: it broke", false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        collect(LOG_LINES, cases[i].line);
        assert_int_equal(collected_count, 1);
        if (collected[0].is_quiet != cases[i].is_quiet)
            fail_msg("'%s' is %squiet", cases[i].line, collected[0].is_quiet ? "" : "not ");
    }
}

static void test_lines__front_is_cut_for_the_message(void **state)
{
    static const struct {
        const char *line, *text;
    } cases[] = {
        {"2024-05-01 10:00:00.1 ERROR Widget fell", "Widget fell"},
        {"[2024-05-01T10:00:00Z] [12] [Error] Widget fell", "Widget fell"},
        {"2024-05-01 10:00:00 [worker 3] ERROR Widget fell", "Widget fell"},
        {"2024-05-01 10:00:00 ERROR 40501: busy", "ERROR 40501: busy"},
        {"2024-05-01 10:00:00 Widget fell", "Widget fell"},
        {"Widget fell at 10:00:00", "Widget fell at 10:00:00"},
        {"2024-05-01 10:00:00", "2024-05-01 10:00:00"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        collect(LOG_LINES, cases[i].line);
        assert_string_equal(text_at(0, 0), cases[i].text);
    }
}

static void test_lines__event_log_as_text(void **state)
{
    (void)state;
    collect(LOG_LINES,
            "Log Name:      Integration Runtime\nSource:        X\nDate:          5/1/2024 "
            "10:00:00 AM\n"
            "Level:         Error\nDescription:\nit is offline\n"
            "Log Name:      Integration Runtime\nLevel:         Information\nDescription:\nfine\n");
    assert_int_equal(collected_count, 2);
    assert_false(collected[0].is_quiet);
    assert_contains(text_at(0, 0), "it is offline");
    assert_true(collected[1].is_quiet);
}

static void test_lines__long_entry_is_cut_and_told(void **state)
{
    size_t len = LOG_ENTRY_MAX + 100;
    char *log = malloc(len + 32);
    (void)state;

    memset(log, 'x', len);
    memcpy(log + len, "\n2024-05-01 10:00:00 A\n", 23);
    collect_bytes(LOG_LINES, log, len + 23);
    free(log);
    assert_int_equal(collected_count, 3);
    assert_int_equal(collected[0].messages[0].text.len, LOG_ENTRY_MAX);
    assert_contains(collected[1].trouble, "f:1: the entry is longer than 1 MiB");
    assert_int_equal(collected[2].line, 2);
}

static void test_lines__nothing(void **state)
{
    (void)state;
    collect(LOG_LINES, "");
    assert_int_equal(collected_count, 0);
    collect(LOG_LINES, "\n  \n\r\n");
    assert_int_equal(collected_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines__entries_begin_with_a_time),
        cmocka_unit_test(test_lines__what_is_no_time),
        cmocka_unit_test(test_lines__without_times_indented_lines_hang_on),
        cmocka_unit_test(test_lines__levels),
        cmocka_unit_test(test_lines__front_is_cut_for_the_message),
        cmocka_unit_test(test_lines__event_log_as_text),
        cmocka_unit_test(test_lines__long_entry_is_cut_and_told),
        cmocka_unit_test(test_lines__nothing),
    };
    return cmocka_run_group_tests(tests, NULL, collect_done);
}
