/* LOGIN7 read and written, cut at every byte. */
#include "test.h"

#include "../loopback/login_packet.h"
#include "ssisminer/packet/login.h"
#include "ssisminer/packet/packet.h"
#include "ssisminer/packet/text.h"

#include <stdlib.h>

static const uint8_t *bytes(const Buf *buf)
{
    return (const uint8_t *)buf_text(buf);
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
    assert_true(login.type_flags & LOGIN_READ_ONLY_INTENT);
    assert_false(login.options2 & LOGIN_INTEGRATED);
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
        if (at == 56) // the extension, of which there is none
            continue;
        put_login(&packet, &(LoginPacket){"sa", "secret", "SSISDB", 0x74000004, 4096});
        packet.text[at] = (char)0xF0;
        packet.text[at + 1] = (char)0xFF;
        packet.text[at + 2] = 100;
        assert_false(login_decode(bytes(&packet), packet.len, &arena, &login));
    }
}

/* ---- what is written ------------------------------------------------------------------------- */

/* The list of features of a login, as the place that the pair at 56 points at says. */
static Reader features_of(const Buf *login)
{
    Reader pair = reader_of(login->text + 56, 4);
    size_t offset = reader_u16(&pair);

    assert_int_equal(reader_u16(&pair), 4);
    Reader place = reader_of(login->text + offset, 4);
    size_t from = reader_u32(&place);
    return reader_of(login->text + from, login->len - from);
}

/* The worked example: token "abc", echo 1. */
static void test_login__writes_a_token(void **state)
{
    static const uint8_t expected[] = {0x02, 0x0B, 0, 0,    0, 0x03, 6, 0,   0,
                                       0,    0x61, 0, 0x62, 0, 0x63, 0, 0xFF};
    AUTO(buf_done) Buf packet = BUF(10000);
    Login login = {.tds_version = TDS_VERSION_74,
                   .has_fed_auth = true,
                   .server = "s",
                   .fed_auth = {.library = FED_AUTH_SECURITY_TOKEN,
                                .echo = true,
                                .token = (const uint8_t *)"abc",
                                .token_len = 3}};

    (void)state;
    login_put(&packet, &login);
    Reader features = features_of(&packet);
    assert_int_equal(features.left, sizeof(expected));
    assert_memory_equal(features.at, expected, sizeof(expected));
    assert_true(packet.text[27] & LOGIN_EXTENDED);
    assert_memory_equal(packet.text + 42, "\0\0", 2); // no user
    assert_memory_equal(packet.text + 46, "\0\0", 2); // no password
    assert_memory_equal(packet.text + 4, "\x04\x00\x00\x74", 4);
    Reader len = reader_of(packet.text, 4);
    assert_int_equal(reader_u32(&len), packet.len);
}

static void test_login__no_echo_and_a_nonce(void **state)
{
    AUTO(buf_done) Buf packet = BUF(10000);
    AUTO(arena_done) Arena arena = {0};
    uint8_t nonce[32];
    Login login = {.tds_version = TDS_VERSION_74,
                   .has_fed_auth = true,
                   .wants_utf8 = true,
                   .fed_auth = {.library = FED_AUTH_SECURITY_TOKEN,
                                .token = (const uint8_t *)"token",
                                .token_len = 5,
                                .nonce = nonce}},
          back;

    (void)state;
    memset(nonce, 7, sizeof(nonce));
    login_put(&packet, &login);
    Reader features = features_of(&packet);
    assert_memory_equal(features.at, "\x02\x2F\0\0\0\x02\x0A\0\0\0", 10);
    assert_true(login_decode(bytes(&packet), packet.len, &arena, &back));
    assert_true(back.has_fed_auth && back.wants_utf8 && !back.fed_auth.echo);
    assert_int_equal(back.fed_auth.token_len, 10);
    assert_memory_equal(back.fed_auth.token, "t\0o\0k\0e\0n\0", 10);
    assert_memory_equal(back.fed_auth.nonce, nonce, sizeof(nonce));
    for (size_t len = 0; len < packet.len; len++)
        assert_false(login_decode(bytes(&packet), len, &arena, &back));
}

/* A token of a managed identity makes a login that no single packet may carry. */
static void test_login__of_a_long_token_needs_two_packets(void **state)
{
    AUTO(buf_done) Buf token = BUF(4000), login_bytes = BUF(LOGIN_MAX), packets = BUF(LOGIN_MAX);
    Login login = {.has_fed_auth = true, .fed_auth = {.library = FED_AUTH_SECURITY_TOKEN}};

    (void)state;
    buf_pad(&token, 'a', 2050);
    login.fed_auth.token = bytes(&token);
    login.fed_auth.token_len = token.len;
    login_put(&login_bytes, &login);
    assert_true(login_bytes.len > 4100);
    packet_put(&packets, PACKET_LOGIN, 0, login_bytes.text, login_bytes.len, PACKET_SIZE_DEFAULT);
    assert_memory_equal(packets.text, "\x10\x00\x10\x00\0\0\x01\0", 8);
    assert_memory_equal(packets.text + 4096, "\x10\x01", 2);
}

static void test_login__is_read_as_it_was_written(void **state)
{
    AUTO(buf_done) Buf packet = BUF(10000);
    AUTO(arena_done) Arena arena = {0};
    const Login login = {.tds_version = TDS_VERSION_74,
                         .packet_size = 16383,
                         .program_version = 0xF8F28306,
                         .process_id = 4711,
                         .options1 = 0xE0,
                         .options2 = 0x03,
                         .type_flags = LOGIN_READ_ONLY_INTENT,
                         .options3 = 0x18,
                         .time_zone = 0xFFFFFF88,
                         .locale = 0x0436,
                         .host = "h\xC3\xA4ll",
                         .user = "sa",
                         .password = "p\xE2\x82\xACss",
                         .application = "ssisminer/0.1.0 report",
                         .server = "db.example.net",
                         .library = "",
                         .language = "us_english",
                         .database = "SSISDB",
                         .client_id = {1, 2, 3, 4, 5, 6},
                         .sspi = (const uint8_t *)"ticket",
                         .sspi_len = 6,
                         .wants_utf8 = true};
    Login back;

    (void)state;
    login_put(&packet, &login);
    assert_null(memmem(packet.text, packet.len, "\xAC\x20", 2)); // the password is veiled
    assert_true(login_decode(bytes(&packet), packet.len, &arena, &back));
    assert_string_equal(back.host, login.host);
    assert_string_equal(back.user, login.user);
    assert_string_equal(back.password, login.password);
    assert_string_equal(back.application, login.application);
    assert_string_equal(back.server, login.server);
    assert_string_equal(back.library, login.library);
    assert_string_equal(back.language, login.language);
    assert_string_equal(back.database, login.database);
    assert_int_equal(back.packet_size, login.packet_size);
    assert_int_equal(back.program_version, login.program_version);
    assert_int_equal(back.process_id, login.process_id);
    assert_int_equal(back.options1, login.options1);
    assert_int_equal(back.options2, login.options2);
    assert_int_equal(back.type_flags, login.type_flags);
    assert_int_equal(back.options3, login.options3);
    assert_int_equal(back.time_zone, login.time_zone);
    assert_int_equal(back.locale, login.locale);
    assert_memory_equal(back.client_id, login.client_id, 6);
    assert_int_equal(back.sspi_len, 6);
    assert_memory_equal(back.sspi, "ticket", 6);
    assert_true(back.wants_utf8 && !back.has_fed_auth);
}

/* A ticket of more than 64 KB has its length in a place of its own. */
static void test_login__a_very_long_ticket(void **state)
{
    AUTO(buf_done) Buf ticket = BUF(70000), packet = BUF(LOGIN_MAX);
    AUTO(arena_done) Arena arena = {0};
    Login login = {.options2 = LOGIN_INTEGRATED, .wants_utf8 = true}, back;

    (void)state;
    buf_pad(&ticket, 't', 66000);
    login.sspi = bytes(&ticket);
    login.sspi_len = ticket.len;
    login_put(&packet, &login);
    assert_true(login_decode(bytes(&packet), packet.len, &arena, &back));
    assert_int_equal(back.sspi_len, 66000);
    assert_true(back.wants_utf8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_login__reads_every_text),
        cmocka_unit_test(test_login__refuses_cut_packets),
        cmocka_unit_test(test_login__refuses_texts_outside),
        cmocka_unit_test(test_login__writes_a_token),
        cmocka_unit_test(test_login__no_echo_and_a_nonce),
        cmocka_unit_test(test_login__of_a_long_token_needs_two_packets),
        cmocka_unit_test(test_login__is_read_as_it_was_written),
        cmocka_unit_test(test_login__a_very_long_ticket),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
