/* Answers with a token, and those without one. */
#include "script.h"

enum { NOW = 1767225600 }; // 2026-01-01

static Rc read_reply(const char *body, TokenAnswer *ret_answer, Err *err)
{
    return token_read_reply(str_of(body), NOW, ret_answer, err);
}

static void test_reply__times_are_numbers_or_their_text(void **state)
{
    /* {"exp":1767229200} is eyJleHAiOjE3NjcyMjkyMDB9: an hour from now. */
    static const struct {
        const char *body;
        int64_t life_s, refresh_s;
    } cases[] = {
        {"{\"access_token\":\"a\",\"expires_in\":3599}", 3599, -1},
        {"{\"access_token\":\"a\",\"expires_in\":\"3599\"}", 3599, -1},
        {"{\"access_token\":\"a\",\"expires_in\":0}", 0, -1},
        {"{\"access_token\":\"a\",\"expires_on\":\"1767229200\"}", 3600, -1},
        {"{\"access_token\":\"a\",\"expires_on\":1767229200}", 3600, -1},
        {"{\"access_token\":\"a\",\"expires_on\":5}", 0, -1},
        {"{\"access_token\":\"a\",\"expires_in\":100,\"expires_on\":1767229200}", 100, -1},
        {"{\"access_token\":\"a\",\"expires_in\":86400,\"refresh_in\":43200}", 86400, 43200},
        {"{\"access_token\":\"a\",\"expires_in\":86400,\"refresh_in\":\"43200\"}", 86400, 43200},
        // what makes no sense is passed over
        {"{\"access_token\":\"a\",\"expires_in\":-5,\"expires_on\":\"1767229200\"}", 3600, -1},
        {"{\"access_token\":\"a\",\"expires_in\":1e300}", -1, -1},
        {"{\"access_token\":\"a\",\"expires_in\":1.5}", -1, -1},
        {"{\"access_token\":\"a\",\"expires_in\":\"1h\"}", -1, -1},
        {"{\"access_token\":\"a\",\"expires_in\":\"+5\"}", -1, -1},
        {"{\"access_token\":\"a\",\"expires_in\":null,\"expires_on\":[1]}", -1, -1},
        {"{\"access_token\":\"a\",\"expires_in\":999999999999}", -1, -1},
        {"{\"access_token\":\"a\"}", -1, -1},
        // an old App Service writes a date: then what the token says of itself
        {"{\"access_token\":\"eyJ0.eyJleHAiOjE3NjcyMjkyMDB9.sig\",\"expires_on\":\"09/14/2027 "
         "00:00:00 PM +00:00\"}",
         3600, -1},
        {"{\"accessToken\":\"a\",\"expiresOn\":\"2026-01-01 05:00:00.000000\","
         "\"expires_on\":1767229200}",
         3600, -1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(token_answer_done) TokenAnswer answer = {0};
        Err err = {0};
        if (read_reply(cases[i].body, &answer, &err) != RC_OK)
            fail_msg("%s: %s", cases[i].body, err.text);
        if (answer.life_s != cases[i].life_s || answer.refresh_s != cases[i].refresh_s)
            fail_msg("%s: %lld, %lld", cases[i].body, (long long)answer.life_s,
                     (long long)answer.refresh_s);
    }
}

static void test_reply__what_is_no_token_is_refused(void **state)
{
    static char large[TOKEN_MAX + 100];
    static const struct {
        const char *body, *text;
    } cases[] = {
        {"", "no JSON object"},
        {"[]", "no JSON object"},
        {"\"abc\"", "no JSON object"},
        {"{\"access_token\":", "no JSON object"},
        {"\x00\xFF\xFE", "no JSON object"},
        {"{\"access_token\":5}", "has no access_token"},
        {"{\"access_token\":\"\"}", "has no access_token"},
        {"{\"Access_Token\":\"abc\"}", "has no access_token"},
        {"{\"access_token\":\"a b\"}", "characters in it that no token has"},
        {"{\"access_token\":\"a\\r\\nX: y\"}", "characters in it that no token has"},
        {"{\"access_token\":\"\xC3\xA9\"}", "characters in it that no token has"},
        {large, "the token is longer than"},
    };

    (void)state;
    (void)memset(large, 'x', sizeof(large));
    (void)memcpy(large, "{\"access_token\":\"", 17);
    (void)memcpy(large + sizeof(large) - 3, "\"}", 3);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(token_answer_done) TokenAnswer answer = {0};
        Err err = {0};
        assert_int_equal(read_reply(cases[i].body, &answer, &err), RC_CONNECT);
        assert_contains(err.text, cases[i].text);
    }
}

static void test_reply__given_tokens_come_bare_or_as_json(void **state)
{
    static const struct {
        const char *text, *token;
        int64_t life_s;
    } cases[] = {
        {"abc.def.ghi\n", "abc.def.ghi", -1},
        {"  eyJ0.eyJleHAiOjE3NjcyMjkyMDB9.sig\r\n", "eyJ0.eyJleHAiOjE3NjcyMjkyMDB9.sig", 3600},
        {"\"quo.te.d\"\n", "quo.te.d", -1},
        {"'quo.te.d'", "quo.te.d", -1},
        {"{\"accessToken\": \"a\", \"expires_on\": 1767225610}\n", "a", 10},
        {"{\"access_token\": \"a\", \"expires_in\": \"20\"}", "a", 20},
        {"{\"token\": \"a\", \"expiresOn\": \"2026-01-01T01:00:00Z\"}", "a", -1}, // azd
        {"a..b", "a..b", -1},
        {"bearer  a.b.c", "a.b.c", -1},
        {"Authorization: Bearer a.b.c\r\n", "a.b.c", -1},
        {"\xEF\xBB\xBF"
         "a.b.c\r\n",
         "a.b.c", -1},
        {"\xEF\xBB\xBF"
         "{\"accessToken\": \"a\"}",
         "a", -1},
    };
    static const char *const bad[] = {
        "",         " \n",     "two words",  "line\nline",         "{}",
        "{",        "\"\"",    "a password", "S3cret-word.1",
        "a.b", // cut short
        "a.b.c\nd", "a.!!!.b", "Bearer ",    "{\"error\": \"x\"}", "\xEF\xBB\xBF"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(token_answer_done) TokenAnswer answer = {0};
        Err err = {0};
        assert_int_equal(token_read_given(str_of(cases[i].text), NOW, &answer, &err), RC_OK);
        assert_string_equal(answer.token.text, cases[i].token);
        assert_int_equal(answer.life_s, cases[i].life_s);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO(token_answer_done) TokenAnswer answer = {0};
        Err err = {0};
        assert_int_equal(token_read_given(str_of(bad[i]), NOW, &answer, &err), RC_CONNECT);
        assert_contains(err.hint, "one line of three parts");
        assert_lacks(err.text, "S3cret");
    }
}

/* What > of Windows PowerShell makes of what az prints. */
static void test_reply__a_token_in_utf_16(void **state)
{
    static const char little[] = "\xFF\xFE"
                                 "a\0.\0b\0.\0c\0\r\0\n",
                      big[] = "\xFE\xFF"
                              "\0a\0.\0b\0.\0c";
    const Str texts[] = {{little, sizeof(little)}, {big, sizeof(big) - 1}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        AUTO(token_answer_done) TokenAnswer answer = {0};
        Err err = {0};
        assert_int_equal(token_read_given(texts[i], NOW, &answer, &err), RC_OK);
        assert_string_equal(answer.token.text, "a.b.c");
    }
}

static void test_reply__a_token_for_something_else_is_told(void **state)
{
    /* {"aud":"https://management.azure.com"}, {"aud":"https://database.windows.net"}, and Azure
     * SQL's own id. */
    static const struct {
        const char *token;
        Rc rc;
    } cases[] = {
        {"e30.eyJhdWQiOiJodHRwczovL21hbmFnZW1lbnQuYXp1cmUuY29tIn0.s", RC_USAGE},
        {"e30.eyJhdWQiOiJodHRwczovL2RhdGFiYXNlLndpbmRvd3MubmV0In0.s", RC_OK},
        {"e30.eyJhdWQiOiIwMjI5MDdkMy0wZjFiLTQ4ZjctYmFkYy0xYmE2YWJhYjZkNjYifQ.s", RC_OK},
        {"e30.e30.s", RC_OK},
        {"opaque", RC_OK},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Err err = {0};
        assert_int_equal(
            token_check_audience(str_of(cases[i].token), "https://database.windows.net/", &err),
            cases[i].rc);
        if (cases[i].rc == RC_OK)
            continue;
        assert_string_equal(err.text, "the token is for 'https://management.azure.com', and the "
                                      "server wants one for 'https://database.windows.net/'");
        assert_contains(err.hint, "az account get-access-token --resource");
    }
}

static void test_reply__a_first_line_is_short_and_clean(void **state)
{
    char line[TOKEN_WORDS_MAX], text[2000] = {0};

    (void)state;
    token_first_line(str_of("\n  ERROR: please run\r\nmore"), line);
    assert_string_equal(line, "ERROR: please run");
    token_first_line((Str){NULL, 0}, line);
    assert_string_equal(line, "");
    (void)memset(text, 'e', 290);
    (void)memcpy(text + 290, " eyJ0eXAiOiJKV1QifQ.eyJhIjoxfQ.c2ln", 36);
    token_first_line(str_of(text), line);
    assert_lacks(line, "eyJ");
    for (size_t i = 0; i < 1800; i += 2)
        (void)memcpy(text + i, "\xC3\xA9", 2);
    token_first_line(str_of(text), line);
    assert_int_equal(strlen(line) % 2, 0);
    assert_true(strlen(line) > 290);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reply__times_are_numbers_or_their_text),
        cmocka_unit_test(test_reply__what_is_no_token_is_refused),
        cmocka_unit_test(test_reply__given_tokens_come_bare_or_as_json),
        cmocka_unit_test(test_reply__a_token_in_utf_16),
        cmocka_unit_test(test_reply__a_token_for_something_else_is_told),
        cmocka_unit_test(test_reply__a_first_line_is_short_and_clean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
