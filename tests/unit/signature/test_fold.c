/* One spelling for many. */
#include "test.h"

#include "../../../src/signature/fold.h"

typedef struct Spelling {
    const char *raw, *folded;
} Spelling;

static void assert_folds(const char *raw, const char *expected)
{
    Folded folded = {0};

    fold_text(&folded, str_of(raw));
    if (strcmp(folded.text, expected) != 0)
        fail_msg("<%s> folds to <%s>, not <%s>", raw, folded.text, expected);
    assert_int_equal(folded.len, strlen(expected));
    for (size_t i = 0; i < folded.len; i++)
        assert_true(folded.from[i] <= folded.from[i + 1]);
    assert_int_equal(folded.from[folded.len], strlen(raw));
    fold_done(&folded);
}

static void assert_all(const Spelling *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_folds(list[i].raw, list[i].folded);
}

static void test_fold__case_and_blanks(void **state)
{
    static const Spelling list[] = {
        {"", ""},
        {"Data FLOW Task", "data flow task"},
        {"a\r\n\t  b", "a b"},
        {"a\xC2\xA0"
         "b\xE3\x80\x80"
         "c\xE2\x80\x89"
         "d",
         "a b c d"},
        {"a\\r\\nb\\tc", "a b c"},
        {"a&nbsp;&#10;b_x000D__x000A_c", "a b c"},
        {"\xEF\xBB\xBFx\xE2\x80\x8By", "xy"},
        {"snake_case _x00zz_", "snake_case _x00zz_"},
    };

    (void)state;
    assert_all(list, ARRAY_LEN(list));
}

static void test_fold__quotes(void **state)
{
    static const Spelling list[] = {
        {"\"x\" 'x' `x`", "'x' 'x' 'x'"},
        {"''x'' \"\"x\"\"", "'x' 'x'"},
        {"\xE2\x80\x9Cx\xE2\x80\x9D \xE2\x80\x98x\xE2\x80\x99 \xE2\x80\x9Ex\xE2\x80\x9C "
         "\xC2\xABx\xC2\xBB",
         "'x' 'x' 'x' 'x'"},
        {"&quot;x&quot; &#39;x&#x27; &apos;x&APOS;", "'x' 'x' 'x&apos;"},
        {"\\\"x\\\" \\u0022x\\u0027 \\\\\\\"x\\\\\\\"", "'x' 'x' 'x'"},
        {"&amp;quot;x&amp;amp;quot;", "'x'"},
    };

    (void)state;
    assert_all(list, ARRAY_LEN(list));
}

static void test_fold__negations(void **state)
{
    static const Spelling list[] = {
        {"It isn't", "it is not"},
        {"couldn\xE2\x80\x99t", "could not"},
        {"wasn''t here", "was not here"},
        {"doesn\\u0027t", "does not"},
        {"can't cannot can not", "can not can not can not"},
        {"won't", "will not"},
        {"Don&#39;t", "do not"},
        {"scan't scannot", "scan't scannot"},
        {"cannots isn'table", "cannots isn'table"},
        {"user 'admin'there", "user 'admin'there"},
        {"0xC0202009n't", "0xc0202009n't"},
    };

    (void)state;
    assert_all(list, ARRAY_LEN(list));
}

static void test_fold__escapes_and_paths(void **state)
{
    static const Spelling list[] = {
        {"a &lt;b&gt; &amp; c", "a <b> & c"},
        {"http:\\/\\/x", "http://x"},
        {"C:\\new\\table.csv", "c:\\new\\table.csv"},     // no escapes in a plain path
        {"\\\\server\\new", "\\server\\new"},             // nor in a plain share
        {"C:\\\\new\\\\table.csv", "c:\\new\\table.csv"}, // JSON
        {"CONTOSO\\svc", "contoso\\svc"},
        {"done.\\nNext", "done. next"},
        {"a\xE2\x80\xA6 b \xE2\x80\x93 c", "a... b - c"},
        {"\xEF\xBC\x9A\xEF\xBC\x88\xEF\xBC\xA1\xEF\xBC\x89", ":(a)"},
        {"\\u00e4", "\xC3\xA4"},
        {"\xFF\xC3(", "\xFF\xC3("}, // not UTF-8: kept
    };

    (void)state;
    assert_all(list, ARRAY_LEN(list));
}

static void test_fold__nul_is_a_blank(void **state)
{
    Folded folded = {0};

    (void)state;
    fold_text(&folded, (Str){"a\0b", 3});
    assert_string_equal(folded.text, "a b");
    fold_done(&folded);
}

static void test_fold__places(void **state)
{
    Folded folded = {0};

    (void)state;
    fold_text(&folded, str_of("x &quot;y&quot; isn't"));
    assert_string_equal(folded.text, "x 'y' is not");
    assert_int_equal(folded.from[3], 8);  // y
    assert_int_equal(folded.from[4], 9);  // its closing quote
    assert_int_equal(folded.from[6], 16); // isn't
    assert_int_equal(folded.from[8], 19); // " not" stands where the quote is
    assert_int_equal(folded.from[12], 21);
    assert_int_equal(fold_quote_run(&folded, 2), 1);
    fold_text(&folded, str_of("x '' &quot;\"'y"));
    assert_int_equal(fold_quote_run(&folded, 2), 2);
    assert_int_equal(fold_quote_run(&folded, 4), 3);
    fold_done(&folded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fold__case_and_blanks),
        cmocka_unit_test(test_fold__quotes),
        cmocka_unit_test(test_fold__negations),
        cmocka_unit_test(test_fold__escapes_and_paths),
        cmocka_unit_test(test_fold__nul_is_a_blank),
        cmocka_unit_test(test_fold__places),
    };
    return cmocka_run_group_tests_name("signature/fold", tests, NULL, NULL);
}
