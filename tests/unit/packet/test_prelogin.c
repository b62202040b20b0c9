/* PRELOGIN, minimal and with a wish, and what its options cannot be. */
#include "ssisminer/packet/prelogin.h"

#include "ssisminer/packet/packet.h"

#include "test.h"

/* The smallest PRELOGIN of a client that means to use a token: version 1.0, encryption on, no
 * instance, thread 0, no MARS, FEDAUTHREQUIRED. */
static const uint8_t minimal[] = {
    0x00, 0x00, 0x1F, 0x00, 0x06, 0x01, 0x00, 0x25, 0x00, 0x01, 0x02, 0x00, 0x26, 0x00, 0x01,
    0x03, 0x00, 0x27, 0x00, 0x04, 0x04, 0x00, 0x2B, 0x00, 0x01, 0x06, 0x00, 0x2C, 0x00, 0x01,
    0xFF, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01};

static const uint8_t *bytes(const Buf *buf)
{
    return (const uint8_t *)buf_text(buf);
}

static void test_writes_the_minimal_one(void **state)
{
    AUTO(buf_done) Buf message = BUF(500), packet = BUF(500);
    const Prelogin prelogin = {.version = {1},
                               .has_encryption = true,
                               .encryption = ENCRYPTION_ON,
                               .instance = "",
                               .has_thread = true,
                               .has_fed_auth = true,
                               .fed_auth = 1};

    (void)state;
    prelogin_put(&message, &prelogin);
    assert_int_equal(message.len, sizeof(minimal));
    assert_memory_equal(message.text, minimal, sizeof(minimal));
    packet_put(&packet, PACKET_PRELOGIN, 0, message.text, message.len, PACKET_SIZE_DEFAULT);
    assert_memory_equal(packet.text, "\x12\x01\x00\x35\x00\x00\x01\x00", 8);
}

static void test_reads_the_minimal_one(void **state)
{
    Prelogin prelogin;

    (void)state;
    assert_true(prelogin_decode(minimal, sizeof(minimal), &prelogin));
    assert_true(prelogin.has_encryption);
    assert_int_equal(prelogin.encryption, ENCRYPTION_ON);
    assert_true(prelogin.has_fed_auth);
    assert_int_equal(prelogin.fed_auth, 1);
    assert_null(prelogin.nonce);
    assert_false(prelogin.wants_mars);
    for (size_t len = 0; len < sizeof(minimal); len++) // every cut is noticed
        assert_false(prelogin_decode(minimal, len, &prelogin));
}

static void test_reads_the_wish(void **state)
{
    static const uint8_t message[] = {0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xFF, 0, 0, 0, 0, 0, 0, 0x81};
    Prelogin prelogin;

    (void)state;
    assert_true(prelogin_decode(message, sizeof(message), &prelogin));
    assert_int_equal(prelogin.encryption, ENCRYPTION_ON); // with a client certificate's bit
}

static void test_without_a_wish_is_plain(void **state)
{
    static const uint8_t message[] = {0xFF};
    Prelogin prelogin;

    (void)state;
    assert_true(prelogin_decode(message, 1, &prelogin));
    assert_int_equal(prelogin.encryption, ENCRYPTION_NOT_SUPPORTED);
    assert_false(prelogin.has_encryption);
    assert_false(prelogin.has_fed_auth);
}

static void test_an_answer_can_be_read(void **state)
{
    AUTO(buf_done) Buf answer = BUF(500);
    uint8_t nonce[PRELOGIN_NONCE];
    Prelogin said;

    (void)state;
    memset(nonce, 0x5A, sizeof(nonce));
    prelogin_put(&answer, &(Prelogin){.version = {16},
                                      .has_encryption = true,
                                      .encryption = ENCRYPTION_REQUIRED,
                                      .is_other_instance = true,
                                      .has_fed_auth = true,
                                      .nonce = nonce});
    assert_true(prelogin_decode(bytes(&answer), answer.len, &said));
    assert_int_equal(said.encryption, ENCRYPTION_REQUIRED);
    assert_int_equal(said.version[0], 16);
    assert_true(said.is_other_instance);
    assert_true(said.has_fed_auth);
    assert_int_equal(said.fed_auth, 0);
    assert_memory_equal(said.nonce, nonce, sizeof(nonce));
    assert_false(said.has_thread);
}

/* FEDAUTHREQUIRED is 0 or 1, a nonce has 32 bytes. */
static void test_refuses_what_the_options_cannot_be(void **state)
{
    static const uint8_t fed_auth[] = {6, 0, 6, 0, 1, 0xFF, 2};
    static const uint8_t nonce[] = {7, 0, 6, 0, 4, 0xFF, 1, 2, 3, 4};
    Prelogin prelogin;

    (void)state;
    assert_false(prelogin_decode(fed_auth, sizeof(fed_auth), &prelogin));
    assert_false(prelogin_decode(nonce, sizeof(nonce), &prelogin));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes_the_minimal_one),
        cmocka_unit_test(test_reads_the_minimal_one),
        cmocka_unit_test(test_reads_the_wish),
        cmocka_unit_test(test_without_a_wish_is_plain),
        cmocka_unit_test(test_an_answer_can_be_read),
        cmocka_unit_test(test_refuses_what_the_options_cannot_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
