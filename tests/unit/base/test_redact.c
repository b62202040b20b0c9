/* Tokens in others' words go, the words stay. */
#include "test.h"

#include "ssisminer/base/redact.h"

static void test_redact__tokens_go_and_words_stay(void **state)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"", ""},
        {"eyJ", "eyJ"},
        {"a word eyJab. stays", "a word eyJab. stays"},
        {"Bearer eyJ0eXAiOiJKV1QifQ.eyJhIjoxfQ.c2ln, refused", "Bearer (token), refused"},
        {"'eyJ0eXAiOiJKV1QifQ' and eyJ0eXAiOiJKV1QifQ.x_-y", "'(token)' and (token)"},
        {"{\"access_token\":\"eyJ0eXAiOiJKV1QifQ.a.b\"}", "{\"access_token\":\"(token)\"}"},
        {"eyJ0eXAiOiJKV1QifQ", "(token)"},
    };
    char text[200];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)memcpy(text, cases[i].text, strlen(cases[i].text) + 1);
        redact_tokens(text);
        assert_string_equal(text, cases[i].wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_redact__tokens_go_and_words_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
