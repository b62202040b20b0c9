/* JSON strings: what must be escaped is, and they parse back. */
#include "test.h"

#include "ssisminer/base/json.h"

#include <cjson/cJSON.h>

static void expect(const char *text, size_t len, const char *literal)
{
    AUTO(buf_done) Buf out = BUF(1000);

    json_put_text(&out, (Str){text, len});
    assert_string_equal(buf_text(&out), literal);
}

static void test_json__escapes_what_must_and_what_a_terminal_obeys(void **state)
{
    (void)state;
    expect("a\"b\\c/", 6, "\"a\\\"b\\\\c/\"");
    expect("\n\t\x1B\x7F", 4, "\"\\n\\t\\u001b\\u007f\"");
    expect("a\0b", 3, "\"a\\u0000b\"");
    expect("\xC2\x9B\xE2\x80\xAE\xE2\x81\xA6", 8, "\"\\u009b\\u202e\\u2066\"");
    expect("\xC3\xA4\xF0\x9F\x98\x80", 6, "\"\xC3\xA4\xF0\x9F\x98\x80\"");
    expect("\xFFx\xC3", 3, "\"\xEF\xBF\xBDx\xEF\xBF\xBD\"");
    expect("", 0, "\"\"");
}

static void test_json__parses_back(void **state)
{
    static const char text[] =
        "all: \"\\/\b\f\n\r\t\x01\x7F \xC2\x85 \xE2\x80\xA8 \xC3\xA9 \xF0\x9F\x98\x80";
    AUTO(buf_done) Buf out = BUF(1000);
    (void)state;

    json_put_text(&out, str_of(text));
    cJSON *json = cJSON_Parse(buf_text(&out));
    assert_non_null(json);
    assert_string_equal(json->valuestring, text);
    cJSON_Delete(json);
}

/* Each of the first characters among plain ones: what stands for itself and what does not. */
static void test_json__each_character_among_plain_ones(void **state)
{
    (void)state;
    for (int c = 1; c < 0x100; c++) {
        const char text[] = {'a', 'b', (char)c, 'c', (char)c, (char)c, '~', ' '};
        AUTO(buf_done) Buf out = BUF(1000);
        json_put_text(&out, (Str){text, sizeof(text)});
        cJSON *json = cJSON_Parse(buf_text(&out));
        assert_non_null(json);
        if (c < 0x80)
            assert_memory_equal(json->valuestring, text, sizeof(text));
        else
            assert_string_equal(json->valuestring, "ab\xEF\xBF\xBD"
                                                   "c\xEF\xBF\xBD\xEF\xBF\xBD~ ");
        cJSON_Delete(json);
    }
    expect("\x1F !\"#[\\]^}~\x7F", 12, "\"\\u001f !\\\"#[\\\\]^}~\\u007f\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json__escapes_what_must_and_what_a_terminal_obeys),
        cmocka_unit_test(test_json__parses_back),
        cmocka_unit_test(test_json__each_character_among_plain_ones),
    };

    return cmocka_run_group_tests_name("base/json", tests, NULL, NULL);
}
