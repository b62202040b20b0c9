/* UTF-16 and UTF-8, there and back, on every length and on random units. */
#include "test.h"

#include "ssisminer/base/utf.h"

#include <stdbool.h>
#include <stdlib.h>

/* A plain decoder to compare with: strict UTF-8, one code point at a time. */
static bool is_valid_utf8(const unsigned char *at, size_t len)
{
    for (size_t i = 0; i < len;) {
        unsigned char c = at[i];
        size_t need = c < 0x80                ? 1
                      : c >= 0xC2 && c < 0xE0 ? 2
                      : c >= 0xE0 && c < 0xF0 ? 3
                      : c >= 0xF0 && c < 0xF5 ? 4
                                              : 0;
        if (need == 0 || i + need > len)
            return false;
        for (size_t k = 1; k < need; k++)
            if (at[i + k] < 0x80 || at[i + k] > 0xBF)
                return false;
        if ((c == 0xE0 && at[i + 1] < 0xA0) || (c == 0xED && at[i + 1] > 0x9F) ||
            (c == 0xF0 && at[i + 1] < 0x90) || (c == 0xF4 && at[i + 1] > 0x8F))
            return false;
        i += need;
    }
    return true;
}

static void assert_decodes(const uint16_t *units, size_t count, const char *expected)
{
    char text[256];
    size_t len = utf_from_utf16(units, count, text);

    assert_int_equal(len, strlen(expected));
    assert_memory_equal(text, expected, len);
}

static void test_utf__from_utf16(void **state)
{
    const uint16_t mixed[] = {'a', 0xE9, 0x20AC, 0xD83D, 0xDE00, 'z'};
    const uint16_t lone_high[] = {'a', 0xD83D, 'b'};
    const uint16_t lone_low[] = {0xDE00, 'b'};
    const uint16_t cut[] = {'a', 0xD83D};
    const uint16_t swapped[] = {0xDE00, 0xD83D};
    (void)state;

    assert_decodes(mixed, 6, "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z");
    assert_decodes(lone_high, 3,
                   "a\xEF\xBF\xBD"
                   "b");
    assert_decodes(lone_low, 2,
                   "\xEF\xBF\xBD"
                   "b");
    assert_decodes(cut, 2, "a\xEF\xBF\xBD");
    assert_decodes(swapped, 2, "\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_decodes(mixed, 0, "");
}

/* Every length and every place of one other character: the vector path has edges at 8. */
static void assert_reads_file(const char *bytes, size_t len, const char *expected)
{
    char text[256];

    assert_true(strlen(expected) <= UTF_FROM_FILE_MAX(len));
    assert_int_equal(utf_from_file(bytes, len, text), strlen(expected));
    assert_memory_equal(text, expected, strlen(expected));
}

static void test_utf__a_file_as_windows_writes_it(void **state)
{
    (void)state;
    assert_reads_file("a\xC3\xA9", 3, "a\xC3\xA9");
    assert_reads_file("", 0, "");
    assert_reads_file("\xEF\xBB\xBF"
                      "ab",
                      5, "ab");
    assert_reads_file("\xEF\xBB", 2, "\xEF\xBB");
    assert_reads_file("\xFF\xFE"
                      "a\0\xAC\x20\x3D\xD8\x00\xDE",
                      10, "a\xE2\x82\xAC\xF0\x9F\x98\x80");
    assert_reads_file("\xFE\xFF"
                      "\0a\x20\xAC\xD8\x3D\xDE\x00",
                      10, "a\xE2\x82\xAC\xF0\x9F\x98\x80");
    assert_reads_file("\xFF\xFE"
                      "a\0b",
                      5, "a"); // half a unit
    assert_reads_file("\xFF\xFE", 2, "");
}

static void test_utf__ascii_runs_of_every_length(void **state)
{
    uint16_t units[41] = {0};
    char text[UTF_FROM_UTF16_MAX(41)];
    (void)state;

    for (size_t count = 0; count <= 40; count++) {
        for (size_t odd = 0; odd <= count; odd++) {
            for (size_t i = 0; i < count; i++)
                units[i] = (uint16_t)('a' + i % 26);
            if (odd < count)
                units[odd] = 0x80; // the first that is not ASCII
            size_t len = utf_from_utf16(units, count, text);
            assert_int_equal(len, count + (odd < count));
            for (size_t i = 0, at = 0; i < count; i++) {
                if (i == odd) {
                    assert_memory_equal(text + at, "\xC2\x80", 2);
                    at += 2;
                } else {
                    assert_int_equal(text[at++], 'a' + (int)(i % 26));
                }
            }
        }
    }
}

/* The room is exactly what the contract asks for: ASan sees a byte more. */
static void test_utf__random_units_give_valid_utf8_within_bounds(void **state)
{
    (void)state;
    srand(7);
    for (int round = 0; round < 20000; round++) {
        size_t count = (size_t)(rand() % 40);
        uint16_t *units = malloc(count * sizeof(*units) + 1);
        char *text = malloc(UTF_FROM_UTF16_MAX(count) + 1);
        for (size_t i = 0; i < count; i++) {
            int kind = rand() % 4;
            units[i] = (uint16_t)(kind == 0   ? rand() % 128
                                  : kind == 1 ? 0xD800 + rand() % 2048
                                              : rand() % 65536);
        }
        size_t len = utf_from_utf16(units, count, text);
        assert_true(len <= UTF_FROM_UTF16_MAX(count));
        assert_true(is_valid_utf8((const unsigned char *)text, len));
        free(units);
        free(text);
    }
}

static void test_utf__there_and_back(void **state)
{
    static const char text[] = "Paket \"Laden.dtsx\" \xC3\xBC \xE2\x82\xAC \xF0\x9F\x98\x80 end";
    uint16_t units[sizeof(text)];
    char back[UTF_FROM_UTF16_MAX(sizeof(text))];
    size_t count = utf_to_utf16(text, sizeof(text) - 1, units);
    (void)state;

    assert_int_equal(count, sizeof(text) - 1 - 1 - 2 - 2); // bytes to units: 2>1, 3>1, 4>2
    assert_int_equal(utf_from_utf16(units, count, back), sizeof(text) - 1);
    assert_memory_equal(back, text, sizeof(text) - 1);
}

static void test_utf__next_refuses_what_is_not_utf8(void **state)
{
    static const char *const wrong[] = {
        "\x80",
        "\xC0\x80",
        "\xC1\xBF",
        "\xE0\x80\x80",
        "\xED\xA0\x80",
        "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xFF",
        "\xC3",
        "\xE2\x82",
        "\xF0\x9F\x98",
        "\xC3(",
    };
    size_t used;
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_int_equal(utf_next(wrong[i], strlen(wrong[i]), &used), 0xFFFD);
        assert_int_equal(used, 1);
    }
    assert_int_equal(utf_next("\xF4\x8F\xBF\xBF", 4, &used), 0x10FFFF);
    assert_int_equal(used, 4);
    assert_int_equal(utf_next("\xEF\xBF\xBD", 3, &used), 0xFFFD);
    assert_int_equal(used, 3);
}

static void test_utf__put_valid(void **state)
{
    AUTO(buf_done) Buf buf = BUF(100);
    (void)state;

    utf_put_valid(&buf, "a\xC3\xA9\xFFz\xEF\xBF\xBD\xE2\x82", 10);
    assert_string_equal(buf_text(&buf),
                        "a\xC3\xA9\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    buf_reset(&buf);
    utf_put_valid(&buf, "", 0);
    assert_string_equal(buf_text(&buf), "");
}

static void test_utf__random_bytes_become_valid(void **state)
{
    AUTO(buf_done) Buf buf = BUF(1000);
    char text[64];
    uint16_t units[64];
    (void)state;

    srand(11);
    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)(rand() % 64);
        for (size_t i = 0; i < len; i++)
            text[i] = (char)(rand() % 3 ? 0x80 + rand() % 128 : rand() % 128);
        buf_reset(&buf);
        utf_put_valid(&buf, text, len);
        assert_true(is_valid_utf8((const unsigned char *)buf_text(&buf), buf.len));
        if (is_valid_utf8((const unsigned char *)text, len))
            assert_memory_equal(buf_text(&buf), text, len);
        assert_true(utf_to_utf16(text, len, units) <= len);
    }
}

static void test_utf__nuls_are_shown(void **state)
{
    const uint16_t units[] = {'a', 0, 0, 0x20AC, 0};
    char text[UTF_FROM_UTF16_MAX(5)];
    (void)state;

    size_t len = utf_show_nuls(text, utf_from_utf16(units, 5, text));
    assert_int_equal(len, 13);
    assert_memory_equal(text, "a\xE2\x90\x80\xE2\x90\x80\xE2\x82\xAC\xE2\x90\x80", 13);
    assert_int_equal(utf_show_nuls(text, 1), 1);
    assert_int_equal(utf_show_nuls(text, 0), 0);
}

static void test_utf__texts_compare_as_the_catalog_has_them(void **state)
{
    (void)state;
    assert_int_equal(utf_compare(str_of("Sales"), str_of("sALES  ")), 0);
    assert_int_equal(utf_compare(str_of("\xC3\x84rger"), str_of("\xC3\xA4RGER")), 0);
    assert_true(utf_compare(str_of("a"), str_of("ab")) < 0);
    assert_true(utf_compare(str_of("b"), str_of("AB")) > 0);
    assert_true(utf_compare(str_of("a\t"), str_of("a")) < 0); // a tab is before the blank
    assert_int_equal(utf_compare(str_of(""), str_of("   ")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf__from_utf16),
        cmocka_unit_test(test_utf__a_file_as_windows_writes_it),
        cmocka_unit_test(test_utf__ascii_runs_of_every_length),
        cmocka_unit_test(test_utf__random_units_give_valid_utf8_within_bounds),
        cmocka_unit_test(test_utf__there_and_back),
        cmocka_unit_test(test_utf__next_refuses_what_is_not_utf8),
        cmocka_unit_test(test_utf__put_valid),
        cmocka_unit_test(test_utf__random_bytes_become_valid),
        cmocka_unit_test(test_utf__nuls_are_shown),
        cmocka_unit_test(test_utf__texts_compare_as_the_catalog_has_them),
    };

    return cmocka_run_group_tests_name("base/utf", tests, NULL, NULL);
}
