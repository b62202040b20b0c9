#include "test.h"

#include "../../../src/loopback/login.h"
#include "../../../src/loopback/text.h"
#include "login_packet.h"

#include <stdlib.h>

static const uint8_t *bytes(const Buf *buf)
{
    return (const uint8_t *)buf_text(buf);
}

static void test_prelogin__reads_the_wish(void **state)
{
    static const uint8_t message[] = {0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xFF, 0, 0, 0, 0, 0, 0, 1};
    Encryption wish = ENCRYPTION_OFF;

    (void)state;
    assert_true(prelogin_decode(message, sizeof(message), &wish));
    assert_int_equal(wish, ENCRYPTION_ON);
    for (size_t len = 0; len < sizeof(message); len++) // every cut is noticed
        assert_false(prelogin_decode(message, len, &wish));
}

static void test_prelogin__without_a_wish_is_plain(void **state)
{
    static const uint8_t message[] = {0xFF};
    Encryption wish = ENCRYPTION_ON;

    (void)state;
    assert_true(prelogin_decode(message, 1, &wish));
    assert_int_equal(wish, ENCRYPTION_NOT_SUPPORTED);
}

static void test_prelogin__answer_can_be_read(void **state)
{
    AUTO(buf_done) Buf answer = BUF(200);
    Encryption said = ENCRYPTION_OFF;

    (void)state;
    prelogin_put_answer(&answer, ENCRYPTION_REQUIRED);
    assert_true(prelogin_decode(bytes(&answer), answer.len, &said));
    assert_int_equal(said, ENCRYPTION_REQUIRED);
}

static void test_login__reads_every_text(void **state)
{
    AUTO(buf_done) Buf packet = BUF(10000);
    AUTO(arena_done) Arena arena = {0};
    Login login;

    (void)state;
    put_login(&packet,
              &(LoginPacket){"sa", "p\xC3\xA4ss \xF0\x9F\x98\x80", "SSISDB", 0x74000004, 8192});
    assert_true(login_decode(bytes(&packet), packet.len, &arena, &login));
    assert_string_equal(login.user, "sa");
    assert_string_equal(login.password, "p\xC3\xA4ss \xF0\x9F\x98\x80");
    assert_string_equal(login.database, "SSISDB");
    assert_string_equal(login.application, "unit test");
    assert_string_equal(login.host, "here");
    assert_true(login.is_read_only_intent);
    assert_false(login.is_integrated);
    assert_int_equal(login.packet_size, 8192);
    assert_true(login.tds_version == TDS_VERSION_74);
}

/* Any cut or lying length is refused, and read no further than it goes (ASan watches). */
static void test_login__refuses_cut_packets(void **state)
{
    AUTO(buf_done) Buf packet = BUF(10000);
    AUTO(arena_done) Arena arena = {0};
    Login login;

    (void)state;
    put_login(&packet, &(LoginPacket){"sa", "secret", "SSISDB", 0x74000004, 4096});
    for (size_t len = 0; len < packet.len; len++) {
        uint8_t *exact = malloc(len ? len : 1);
        memcpy(exact, packet.text, len);
        bool ok = login_decode(exact, len, &arena, &login);
        free(exact);
        assert_false(ok);
    }
}

static void test_login__refuses_texts_outside(void **state)
{
    (void)state;
    for (size_t at = 36; at < 72; at += 4) {
        AUTO(buf_done) Buf packet = BUF(10000);
        AUTO(arena_done) Arena arena = {0};
        Login login;
        if (at == 56 || at == 64) // the unused pair, and the language, which is not read
            continue;
        put_login(&packet, &(LoginPacket){"sa", "secret", "SSISDB", 0x74000004, 4096});
        packet.text[at] = (char)0xF0;
        packet.text[at + 1] = (char)0xFF;
        packet.text[at + 2] = 100;
        assert_false(login_decode(bytes(&packet), packet.len, &arena, &login));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prelogin__reads_the_wish),
        cmocka_unit_test(test_prelogin__without_a_wish_is_plain),
        cmocka_unit_test(test_prelogin__answer_can_be_read),
        cmocka_unit_test(test_login__reads_every_text),
        cmocka_unit_test(test_login__refuses_cut_packets),
        cmocka_unit_test(test_login__refuses_texts_outside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
