/* A secret found in others' words, in each writing. */
#include "test.h"

#include "../../../src/token/internal.h"

#include <openssl/evp.h>

static const char secret[] = "9wK8Q~tRz.3vLm&2_pQeYhB7sUa4Xc";
static const char *const hidden[] = {"", secret, NULL};

static const char *words_of(Arena *arena, const char *echo)
{
    return arena_printf(arena, "AADSTS7000215: Invalid client secret provided: '%s'.", echo);
}

static const char *base64(Arena *arena, const char *text)
{
    char *to = arena_alloc(arena, 2 * strlen(text) + 8);

    (void)EVP_EncodeBlock((unsigned char *)to, (const unsigned char *)text, (int)strlen(text));
    return to;
}

static const char *url_alphabet(Arena *arena, const char *text)
{
    char *to = arena_copy(arena, text, strcspn(text, "="));

    for (char *at = to; *at; at++)
        *at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
    return to;
}

static const char *spelled(Arena *arena, const char *text, const char *mark, bool is_upper)
{
    const char *digits = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
    AUTO(buf_done) Buf to = BUF(4096);

    for (; *text; text++)
        buf_printf(&to, "%s%c%c", mark, digits[(unsigned char)*text >> 4], digits[*text & 15]);
    return arena_copy(arena, buf_text(&to), to.len);
}

static void test_echo__in_each_writing(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    const char *embedded[] = {secret, arena_printf(&arena, "x%s", secret),
                              arena_printf(&arena, "id:%s", secret),
                              arena_printf(&arena, "client_secret=%s&a=b", secret)};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(embedded); i++) {
        const char *text = embedded[i];
        const char *echoes[] = {text,
                                base64(&arena, text),
                                url_alphabet(&arena, base64(&arena, text)),
                                spelled(&arena, text, "", false),
                                spelled(&arena, text, "", true),
                                spelled(&arena, text, "%", false),
                                spelled(&arena, text, "%25", true),
                                spelled(&arena, base64(&arena, text), "%", true),
                                arena_copy(&arena, text, i > 2 ? 24 : 12), // cut
                                "9WK8Q~TRZ"};
        for (size_t k = 0; k < ARRAY_LEN(echoes); k++)
            if (!token_is_echoed(words_of(&arena, echoes[k]), hidden))
                fail_msg("%s (%zu) is not seen", echoes[k], k);
    }
}

static void test_echo__others_words_are_shown(void **state)
{
    static const char *const words[] = {
        "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the value",
        "AADSTS700016: Application with identifier 'aaaabbbb-0000-cccc-1111-dddd2222eeee' not "
        "found",
        "Y2xp",
        "client",
        "%",
        "%4",
        "%zz",
        ""};
    const char *const none[] = {"", NULL}, *const brief[] = {"ab", NULL};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        assert_false(token_is_echoed(words[i], hidden));
        assert_false(token_is_echoed(words[i], none));
    }
    assert_true(token_is_echoed("it was ab.", brief)); // better nothing than that
}

static void test_echo__the_number_stays(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    HttpReply reply = {.status = 401};
    Err err = {0};

    (void)state;
    secret_init(&reply.body, 4096);
    secret_puts(&reply.body, arena_printf(&arena,
                                          "{\"error\":\"bad\",\"error_description\":"
                                          "\"AADSTS7000215: Invalid secret %s\"}",
                                          base64(&arena, secret)));
    assert_fails(token_fail_status("it", &reply, hidden, &err), RC_CONNECT, &err,
                 "it gave no token: 401 bad: AADSTS7000215");
    assert_contains(err.hint, "the client secret is wrong");
    http_reply_done(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo__in_each_writing),
        cmocka_unit_test(test_echo__others_words_are_shown),
        cmocka_unit_test(test_echo__the_number_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
