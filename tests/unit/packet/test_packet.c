/* Heads of packets, and messages split into packets. */
#include "ssisminer/packet/packet.h"

#include "test.h"

static void test_a_head_is_read_back(void **state)
{
    const PacketHead head = {
        .type = PACKET_ATTENTION, .status = STATUS_END, .len = 0x1234, .spid = 0x0156, .id = 7};
    uint8_t bytes[PACKET_HEADER];
    PacketHead back;

    (void)state;
    packet_head_write(&head, bytes);
    assert_memory_equal(bytes, "\x06\x01\x12\x34\x01\x56\x07\x00", PACKET_HEADER);
    assert_true(packet_head_read(bytes, &back));
    assert_int_equal(back.len, head.len);
    assert_int_equal(back.spid, head.spid);
    assert_int_equal(back.type, PACKET_ATTENTION);
    bytes[2] = 0, bytes[3] = 7; // shorter than itself
    assert_false(packet_head_read(bytes, &back));
}

/* What Azure demands of a long login: 4096 bytes to a packet, the end marked on the last alone. */
static void test_a_message_is_split(void **state)
{
    AUTO(buf_done) Buf message = BUF(20000), packets = BUF(30000);
    size_t at = 0, count = 0, body = 0;

    (void)state;
    buf_pad(&message, 'x', 2 * 4088 + 1);
    packet_put(&packets, PACKET_LOGIN, 0, message.text, message.len, PACKET_SIZE_DEFAULT);
    while (at < packets.len) {
        PacketHead head;
        assert_true(packet_head_read((const uint8_t *)packets.text + at, &head));
        assert_true(head.len <= 4096);
        assert_int_equal(head.type, PACKET_LOGIN);
        assert_int_equal(head.id, ++count);
        at += head.len;
        body += head.len - PACKET_HEADER;
        assert_int_equal(head.status, at == packets.len ? STATUS_END : 0);
    }
    assert_int_equal(count, 3);
    assert_int_equal(body, message.len);
}

static void test_an_empty_message_is_a_packet(void **state)
{
    AUTO(buf_done) Buf packets = BUF(100);

    (void)state;
    packet_put(&packets, PACKET_ATTENTION, 0, NULL, 0, 4096);
    assert_int_equal(packets.len, 8);
    assert_memory_equal(packets.text, "\x06\x01\x00\x08\x00\x00\x01\x00", 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_head_is_read_back),
        cmocka_unit_test(test_a_message_is_split),
        cmocka_unit_test(test_an_empty_message_is_a_packet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
