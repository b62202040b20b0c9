/* Text for a terminal: what would steer it is shown, what is too long is cut between characters. */
#include "test.h"

#include "ssisminer/base/term.h"

#include <stdlib.h>
#include <unistd.h>

static Buf buf = {.cap = 1000};

static const char *safe(const char *text, size_t len, bool one_line)
{
    buf_reset(&buf);
    term_put_safe(&buf, text, len, one_line);
    return buf_text(&buf);
}

static void test_term__controls_become_visible(void **state)
{
    (void)state;
    assert_string_equal(safe("a\x1B[31mred", 9, true), "a\\x1B[31mred");
    assert_string_equal(safe("bell\a del\x7F nul\0!", 16, true), "bell\\x07 del\\x7F nul\\x00!");
    assert_string_equal(safe("c1 \xC2\x9B", 5, true), "c1 \\u009B");
    assert_string_equal(safe("\xE2\x80\xAE"
                             "txt.exe",
                             10, true),
                        "\\u202Etxt.exe");
    assert_string_equal(safe("\xE2\x81\xA6x\xE2\x80\x8F", 7, true), "\\u2066x\\u200F");
    assert_string_equal(safe("\xE2\x80\xA8", 3, false), "\\u2028");
}

static void test_term__line_breaks(void **state)
{
    (void)state;
    assert_string_equal(safe("a\r\nb\tc\rd", 8, true), "a b c d");
    assert_string_equal(safe("a\r\nb\tc\rd", 8, false), "a\nb\tc\\x0Dd");
    assert_string_equal(safe("end\r\n", 5, false), "end\n");
    assert_string_equal(safe("end\r", 4, false), "end\\x0D");
}

static void test_term__text_stays_and_rubbish_is_replaced(void **state)
{
    (void)state;
    assert_string_equal(safe("Gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80", 11, true),
                        "Gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80");
    assert_string_equal(safe("a\xFF\xC3", 3, true), "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void test_term__width(void **state)
{
    (void)state;
    assert_int_equal(term_width("abc", 3), 3);
    assert_int_equal(term_width("\xC3\xBC", 2), 1);
    assert_int_equal(term_width("u\xCC\x88", 3), 1);                // u and a combining diaeresis
    assert_int_equal(term_width("\xE4\xB8\xAD\xE6\x96\x87", 6), 4); // two Chinese characters
    assert_int_equal(term_width("\xF0\x9F\x98\x80", 4), 2);
    assert_int_equal(term_width("\xEF\xBD\xB1", 3), 1); // half-width katakana
    assert_int_equal(term_width("\xE2\x80\x8B", 3), 0); // zero-width space
    assert_int_equal(term_width("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", 9), 2); // Hangul, in parts
    assert_int_equal(term_width("\xE0\xA4\xB9\xE0\xA4\xBF\xE0\xA5\x8D", 9), 2); // Devanagari
    assert_int_equal(term_width("\xD8\xA8\xD9\x8E", 4), 1);                     // Arabic
    assert_int_equal(term_width("\xE0\xB8\x81\xE0\xB8\xB4", 6), 1);             // Thai
    assert_int_equal(term_width("\xE2\x9C\x85\xE2\xAD\x90", 6), 4);             // emoji of old
    assert_int_equal(term_width("", 0), 0);
}

static void test_term__fit_cuts_between_characters(void **state)
{
    const char *text = "ab\xE4\xB8\xADz";
    (void)state;

    assert_int_equal(term_fit(text, 6, 1), 1);
    assert_int_equal(term_fit(text, 6, 2), 2);
    assert_int_equal(term_fit(text, 6, 3), 2); // the wide one does not fit
    assert_int_equal(term_fit(text, 6, 4), 5);
    assert_int_equal(term_fit(text, 6, 80), 6);
    assert_int_equal(term_fit("u\xCC\x88x", 4, 1), 3); // the mark stays with its letter
}

static void test_term__columns(void **state)
{
    FILE *file = tmpfile();
    (void)state;

    (void)unsetenv("COLUMNS");
    assert_false(term_is(file));
    assert_int_equal(term_columns(file), 80);
    (void)setenv("COLUMNS", "132", 1);
    assert_int_equal(term_columns(file), 132);
    (void)setenv("COLUMNS", "-5", 1);
    assert_int_equal(term_columns(file), 80);
    (void)setenv("COLUMNS", "wide", 1);
    assert_int_equal(term_columns(file), 80);
    (void)unsetenv("COLUMNS");
    (void)fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_term__controls_become_visible),
        cmocka_unit_test(test_term__line_breaks),
        cmocka_unit_test(test_term__text_stays_and_rubbish_is_replaced),
        cmocka_unit_test(test_term__width),
        cmocka_unit_test(test_term__fit_cuts_between_characters),
        cmocka_unit_test(test_term__columns),
    };

    int failed = cmocka_run_group_tests_name("base/term", tests, NULL, NULL);
    buf_done(&buf);
    return failed;
}
