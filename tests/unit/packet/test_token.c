/* Tokens of a login's answer, cut at every byte. */
#include "ssisminer/packet/token.h"

#include "ssisminer/packet/login.h"

#include "test.h"

/* "a.b", port 11000, as the specification's layout has it. */
static const uint8_t routing[] = {0xE3, 0x10, 0x00, 0x14, 0x0B, 0x00, 0x00, 0xF8, 0x2A, 0x03,
                                  0x00, 0x61, 0x00, 0x2E, 0x00, 0x62, 0x00, 0x00, 0x00};

static void test_writes_routing(void **state)
{
    AUTO(buf_done) Buf buf = BUF(100);

    (void)state;
    token_put_env_routing(&buf, "a.b", 11000);
    assert_int_equal(buf.len, sizeof(routing));
    assert_memory_equal(buf.text, routing, sizeof(routing));
}

static void test_reads_routing(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    Reader reader = reader_of(routing, sizeof(routing));
    TokenView view;
    Route route;

    (void)state;
    assert_true(token_next(&reader, &view));
    assert_int_equal(view.token, TOKEN_ENVCHANGE);
    assert_int_equal(view.len, sizeof(routing));
    assert_true(token_read_route(&view, &arena, &route));
    assert_int_equal(route.port, 11000);
    assert_int_equal(route.protocol, 0);
    assert_string_equal(route.server, "a.b");
    assert_false(token_next(&reader, &view));
    assert_false(reader.is_bad);
}

static void test_a_login_answer_is_walked(void **state)
{
    static const Token expected[] = {TOKEN_ENVCHANGE, TOKEN_INFO,          TOKEN_LOGINACK,
                                     TOKEN_ENVCHANGE, TOKEN_FEATUREEXTACK, TOKEN_DONE};
    AUTO(buf_done) Buf buf = BUF(2000);
    AUTO(arena_done) Arena arena = {0};
    const MessageToken said = {5701, 2, 0, "Changed database context to 'SSISDB'.", "", 1, "db1"};
    MessageToken message = {0};
    TokenView view;
    Reader data;
    size_t count = 0, all = 0;

    (void)state;
    token_put_env_text(&buf, ENV_DATABASE, "SSISDB", "master");
    token_put_message(&buf, TOKEN_INFO, &said);
    token_put_login_ack(&buf, TDS_VERSION_74);
    token_put_env_text(&buf, ENV_PACKET_SIZE, "8000", "4096");
    token_put_feature_ack(&buf, true, NULL, 0, true);
    token_put_done(&buf, TOKEN_DONE, 0, 0, 0);
    for (Reader reader = reader_of(buf.text, buf.len); token_next(&reader, &view); count++) {
        assert_int_equal(view.token, expected[count]);
        all += view.len;
        if (view.token == TOKEN_INFO)
            assert_true(token_read_message(&view, &arena, &message));
        if (view.token == TOKEN_FEATUREEXTACK) {
            assert_true(token_find_feature(&view, FEATURE_FED_AUTH, &data));
            assert_int_equal(data.left, 0);
            assert_true(token_find_feature(&view, FEATURE_UTF8, &data));
            assert_int_equal(data.left, 1);
            assert_false(token_find_feature(&view, 0x01, &data));
        }
    }
    assert_int_equal(count, ARRAY_LEN(expected));
    assert_int_equal(all, buf.len);
    assert_int_equal(message.number, 5701);
    assert_int_equal(message.state, 2);
    assert_string_equal(message.text, said.text);
    assert_string_equal(message.server, "db1");
    assert_int_equal(message.line, 1);
}

/* The acknowledgement Azure gives to a token without a nonce: of no length. */
static void test_feature_ack_bytes(void **state)
{
    AUTO(buf_done) Buf buf = BUF(100);

    (void)state;
    token_put_feature_ack(&buf, true, NULL, 0, false);
    assert_int_equal(buf.len, 7);
    assert_memory_equal(buf.text, "\xAE\x02\0\0\0\0\xFF", 7);
}

/* A FEDAUTHINFO as Azure sends it: its length, and nothing of it is taken for the next token. */
static void test_fedauthinfo_is_skipped_whole(void **state)
{
    static const uint8_t info[] = {0xEE, 8, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0,
                                   0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    Reader reader = reader_of(info, sizeof(info));
    TokenView view;

    (void)state;
    assert_true(token_next(&reader, &view));
    assert_int_equal(view.token, TOKEN_FEDAUTHINFO);
    assert_int_equal(view.len, 13);
    assert_true(token_next(&reader, &view));
    assert_int_equal(view.token, TOKEN_DONE);
    assert_false(token_next(&reader, &view));
    assert_false(reader.is_bad);
}

static void test_every_cut_is_noticed(void **state)
{
    AUTO(buf_done) Buf buf = BUF(2000);
    const MessageToken said = {18456, 1, 14, "Login failed for user 'x'.", "", 1, "db1"};

    (void)state;
    token_put_message(&buf, TOKEN_ERROR, &said);
    token_put_feature_ack(&buf, true, "12345678901234567890123456789012", 32, true);
    for (size_t len = 1; len < buf.len; len++) {
        Reader reader = reader_of(buf.text, len);
        TokenView view;
        size_t all = 0;
        while (token_next(&reader, &view))
            all += view.len;
        assert_true(reader.is_bad || all == len);
    }
}

static void test_what_is_no_such_answer_is_refused(void **state)
{
    static const uint8_t row[] = {TOKEN_ROW, 1, 2, 3};
    Reader reader = reader_of(row, sizeof(row));
    TokenView view;

    (void)state;
    assert_false(token_next(&reader, &view));
    assert_true(reader.is_bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes_routing),
        cmocka_unit_test(test_reads_routing),
        cmocka_unit_test(test_a_login_answer_is_walked),
        cmocka_unit_test(test_feature_ack_bytes),
        cmocka_unit_test(test_fedauthinfo_is_skipped_whole),
        cmocka_unit_test(test_every_cut_is_noticed),
        cmocka_unit_test(test_what_is_no_such_answer_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
