/* Text by ASCII's rules: compared, split, matched against globs, measured for slips. */
#include "test.h"

#include "ssisminer/base/nearest.h"
#include "ssisminer/base/str.h"

#include <stdlib.h>

static void test_str__same(void **state)
{
    (void)state;
    assert_true(str_same(NULL, NULL) && str_same("a", "a"));
    assert_false(str_same(NULL, "") || str_same("a", "A"));
    assert_true(str_same_fold("aZ", "Az"));
    assert_false(str_same_fold("a", NULL) || str_same_fold("a", "ab"));
    assert_true(str_equal((Str){0}, str_of(NULL)));
    assert_false(str_same_fold("\xC3\x84", "\xC3\xA4")); // ASCII rules only
}

static void test_str__compare_fold(void **state)
{
    (void)state;
    assert_int_equal(str_compare_fold("Abc", "aBC"), 0);
    assert_true(str_compare_fold("a", "B") < 0);
    assert_true(str_compare_fold("ab", "a") > 0);
    assert_true(str_compare_fold(NULL, "") < 0 && str_compare_fold("", NULL) > 0);
    assert_int_equal(str_compare_fold(NULL, NULL), 0);
    assert_true(str_compare_fold("\xC3\xA4", "z") > 0); // unsigned bytes
}

static void test_str__ends(void **state)
{
    (void)state;
    assert_true(str_starts("abc", "ab") && str_starts("abc", ""));
    assert_false(str_starts("ab", "abc"));
    assert_true(str_begins((Str){"abcd", 3}, "abc") && str_begins((Str){0}, ""));
    assert_false(str_begins((Str){"abcd", 3}, "abcd") || str_begins((Str){0}, "a"));
    assert_true(str_begins_at(str_of("abc"), 1, "bc") && str_begins_at(str_of("abc"), 3, ""));
    assert_false(str_begins_at(str_of("abc"), 3, "c") || str_begins_at(str_of("abc"), 4, ""));
    static const char *const heads[] = {"x", "ab"};
    assert_true(str_begins_any(str_of("abc"), heads, ARRAY_LEN(heads)));
    assert_false(str_begins_any(str_of("a"), heads, ARRAY_LEN(heads)));
    assert_true(str_ends("abc", "bc") && str_ends("abc", ""));
    assert_false(str_ends("bc", "abc"));
    assert_true(str_ends_in((Str){"abcd", 3}, "bc"));
    assert_false(str_ends_in((Str){"abcd", 3}, "cd"));
}

static void test_str__trim_and_blank(void **state)
{
    (void)state;
    assert_true(str_equal(str_trim(str_of(" \t a b\r\n")), str_of("a b")));
    assert_int_equal(str_trim(str_of(" \n")).len, 0);
    assert_true(str_is_blank(NULL) && str_is_blank("") && str_is_blank(" \t"));
    assert_false(str_is_blank(" x"));
}

static void test_str__split(void **state)
{
    Str rest = str_of("a,,b,"), piece;
    (void)state;

    assert_true(str_split(&rest, ',', &piece) && str_equal(piece, str_of("a")));
    assert_true(str_split(&rest, ',', &piece) && piece.len == 0);
    assert_true(str_split(&rest, ',', &piece) && str_equal(piece, str_of("b")));
    assert_true(str_split(&rest, ',', &piece) && piece.len == 0);
    assert_false(str_split(&rest, ',', &piece));
    rest = str_of("");
    assert_true(str_split(&rest, ',', &piece) && piece.len == 0);
    assert_false(str_split(&rest, ',', &piece));
}

static void test_str__to_i64(void **state)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"+7", 7},
        {"00012", 12},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    static const char *const bad[] = {
        "", "-", "+", "1x", " 1", "1 ", "9223372036854775808", "-9223372036854775809", "0x10"};
    int64_t value;
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_true(str_to_i64(str_of(good[i].text), &value));
        assert_int_equal(value, good[i].value);
    }
    value = 42;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(str_to_i64(str_of(bad[i]), &value));
    assert_int_equal(value, 42);
}

static void test_str__glob(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"*", "", true},
        {"", "", true},
        {"", "a", false},
        {"Load*", "loader", true},
        {"*.dtsx", "a.DTSX", true},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"*a*b*", "xxaxxbxx", true},
        {"*a*b", "ab1", false},
        {"!a*", "b", true},
        {"!a*", "ab", false},
        {"!!a", "a", true},
        {"a*", "ba", false},
        {"?", "\xC3\xA9", true},
        {"?", "\xF0\x9F\x98\x80", true},
        {"??", "\xC3\xA9", false},
        {"*?", "\xC3\xA9", true},
        {"a**", "a", true},
        {"[a]", "[a]", true},
        {"*??", "\xE2\x82\xAC", false},
        {"[*]", "*", true},
        {"[*]", "a", false},
        {"a[*]b*", "A*bc", true},
        {"a[?]", "ab", false},
        {"a[?]", "a?", true},
        {"[!]a", "!a", true},
        {"[[]*]", "[x]", true},
        {"Load [v2]*", "load [V2].dtsx", true},
        {"[", "[", true},
        {"[*", "[x", true},
        {"CORP\\*", "corp\\etl", true}, // a login, no escape
        {"*\xC3\x96l*", "R\xC3\xB6L\xC3\x96LE", true},
        {"M\xC3\x9CLLER", "m\xC3\xBCller", true},
        {"\xCE\x91\xCE\x98\xCE\x97\xCE\x9D\xCE\x91*", "\xCE\xB1\xCE\xB8\xCE\xB7\xCE\xBD\xCE\xB1",
         true},
        {"\xD0\x9E\xD0\x9F\xD0\x9B\xD0\x90\xD0\xA2\xD0\xAB",
         "\xD0\xBE\xD0\xBF\xD0\xBB\xD0\xB0\xD1\x82\xD1\x8B", true},
        {"\xC4\xB0", "i", false}, // Turkish is none of ours
        {"\x80", "\x81", false},  // no UTF-8: bytes
        {"?", "\x80", true},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (str_glob(cases[i].pattern, cases[i].text) != cases[i].matches)
            fail_msg("'%s' and '%s'", cases[i].pattern, cases[i].text);
}

static void test_str__glob_is_not_exponential(void **state)
{
    static char text[20001];
    (void)state;

    memset(text, 'a', sizeof(text) - 1);
    assert_false(str_glob("*a*a*a*a*a*a*a*a*a*a*b", text));
}

static void test_str__utf8_floor(void **state)
{
    const char *text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
    static const size_t floors[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
    (void)state;

    for (size_t len = 0; len < ARRAY_LEN(floors); len++)
        assert_int_equal(str_utf8_floor(text, len), floors[len]);
}

static void test_str__distance(void **state)
{
    (void)state;
    assert_int_equal(str_distance("report", "reprot"), 2);
    assert_int_equal(str_distance("since", "sinse"), 1);
    assert_int_equal(str_distance("", "abc"), 3);
    assert_int_equal(str_distance("abc", ""), 3);
    assert_int_equal(str_distance("ABC", "abc"), 0);
    assert_int_equal(str_distance("kitten", "sitting"), 3);
}

static void test_str__nearest(void **state)
{
    Nearest nearest = {.word = "reprot"};
    (void)state;

    assert_null(nearest_answer(&nearest));
    nearest_offer(&nearest, "cleanup");
    assert_null(nearest_answer(&nearest));
    nearest_offer(&nearest, "report");
    nearest_offer(&nearest, "doctor");
    assert_string_equal(nearest_answer(&nearest), "report");

    nearest = (Nearest){.word = "dup"}; // cut short
    nearest_offer(&nearest, "duplicates");
    assert_string_equal(nearest_answer(&nearest), "duplicates");

    nearest = (Nearest){.word = "x"};
    nearest_offer(&nearest, "scan");
    assert_null(nearest_answer(&nearest));
}

static void test_str__hash(void **state)
{
    (void)state;
    assert_true(str_hash(STR_HASH_SEED, "", 0) == STR_HASH_SEED);
    assert_true(str_hash(STR_HASH_SEED, "ab", 2) ==
                str_hash(str_hash(STR_HASH_SEED, "a", 1), "b", 1));
    assert_true(str_hash(STR_HASH_SEED, "ab", 2) != str_hash(STR_HASH_SEED, "ba", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_str__same),       cmocka_unit_test(test_str__compare_fold),
        cmocka_unit_test(test_str__ends),       cmocka_unit_test(test_str__trim_and_blank),
        cmocka_unit_test(test_str__split),      cmocka_unit_test(test_str__to_i64),
        cmocka_unit_test(test_str__glob),       cmocka_unit_test(test_str__glob_is_not_exponential),
        cmocka_unit_test(test_str__utf8_floor), cmocka_unit_test(test_str__distance),
        cmocka_unit_test(test_str__nearest),    cmocka_unit_test(test_str__hash),
    };

    return cmocka_run_group_tests_name("base/str", tests, NULL, NULL);
}
