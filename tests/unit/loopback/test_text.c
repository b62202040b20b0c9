/* Code page 1252 and text cut between characters. */
#include "test.h"

#include "../../../src/loopback/types.h"

static const uint8_t *bytes(const char *text)
{
    return (const uint8_t *)text;
}

static void test_text__round_trips(void **state)
{
    static const char *const texts[] = {
        "",
        "plain",
        "Gr\xC3\xB6\xC3\x9F\x65",
        "\xE6\x97\xA5",
        "\xF0\x9F\x98\x80",
        "\xED\xA0\x80",             // a high surrogate alone
        "x\xED\xB0\x80y",           // a low one
        "\xED\xB0\x80\xED\xA0\x80", // the wrong way round
    };
    AUTO(arena_done) Arena arena = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        AUTO(buf_done) Buf wire = BUF(1000);
        size_t units = text_put_utf16le(&wire, str_of(texts[i]));
        assert_int_equal(units * 2, wire.len);
        assert_int_equal(units, text_units(str_of(texts[i])));
        Str back = text_from_utf16le(&arena, bytes(buf_text(&wire)), units);
        assert_string_equal(back.at, texts[i]);
        assert_int_equal(back.len, strlen(texts[i]));
    }
}

static void test_text__writes_units_little_endian(void **state)
{
    AUTO(buf_done) Buf wire = BUF(100);

    (void)state;
    assert_int_equal(text_put_utf16le(&wire, str_of("A\xF0\x9F\x98\x80")), 3);
    assert_memory_equal(wire.text, "A\0\x3D\xD8\x00\xDE", 6);
}

static void test_text__replaces_what_is_no_utf8(void **state)
{
    AUTO(buf_done) Buf wire = BUF(100);
    AUTO(arena_done) Arena arena = {0};

    (void)state;
    /* A stray byte, an overlong form, a cut character, a code point past the last. */
    assert_int_equal(text_put_utf16le(&wire, str_of("\x80\xC0\xAF\xF5\xE6\x97")), 6);
    Str back = text_from_utf16le(&arena, bytes(wire.text), 6);
    for (size_t i = 0; i < back.len; i += 3)
        assert_memory_equal(back.at + i, "\xEF\xBF\xBD", 3);
}

static void test_text__reads_code_page_1252(void **state)
{
    AUTO(arena_done) Arena arena = {0};

    (void)state;
    Str text = text_from_cp1252(&arena, bytes("\x80 \xE4\x9F"), 4);
    assert_string_equal(text.at, "\xE2\x82\xAC \xC3\xA4\xC5\xB8");
}

static void test_text__cuts_between_characters(void **state)
{
    Str text = str_of("a\xF0\x9F\x98\x80\xC3\xA4");

    (void)state;
    assert_int_equal(text_cut(text, 0).len, 0);
    assert_int_equal(text_cut(text, 1).len, 1);
    assert_int_equal(text_cut(text, 2).len, 1);
    assert_int_equal(text_cut(text, 3).len, 5);
    assert_int_equal(text_cut(text, 9).len, text.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text__round_trips),
        cmocka_unit_test(test_text__writes_units_little_endian),
        cmocka_unit_test(test_text__replaces_what_is_no_utf8),
        cmocka_unit_test(test_text__reads_code_page_1252),
        cmocka_unit_test(test_text__cuts_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
