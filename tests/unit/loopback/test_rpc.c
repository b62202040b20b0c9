/* Requests of clients decoded, cut at every byte. */
#include "test.h"

#include "../../../src/loopback/rpc.h"
#include "../../../src/loopback/types.h"
#include "fake_engine.h"
#include "rpc_packet.h"
#include "ssisminer/packet/text.h"

static void put_sample(Buf *packet)
{
    put_headers(packet);
    put_rpc_id(packet, 10);
    put_text_param(packet, "", "select @a");
    put_text_param(packet, "", "@a int, @b nvarchar(10) OUTPUT");
    put_param(packet, "@a", false, (SbType){.id = SB_INT}, fake_int(-9));
    put_param(packet, "@b", true, (SbType){.id = SB_NVARCHAR, .max_chars = 10}, fake_text("x"));
}

static bool decode(const uint8_t *bytes, size_t len, Arena *arena, Rpc *rpc)
{
    Reader reader = reader_of(bytes, len);
    const char *reason;

    return rpc_skip_headers(&reader) && rpc_decode(&reader, arena, rpc, &reason) &&
           reader.left == 0;
}

static void test_rpc__decodes_a_call(void **state)
{
    AUTO(buf_done) Buf packet = BUF(10000);
    AUTO(arena_done) Arena arena = {0};
    Rpc rpc;

    (void)state;
    put_sample(&packet);
    assert_true(decode((uint8_t *)packet.text, packet.len, &arena, &rpc));
    assert_int_equal(rpc.proc_id, 10);
    assert_int_equal(rpc.param_count, 4);
    assert_true(str_equal(rpc.params[0].value.bytes, str_of("select @a")));
    assert_string_equal(rpc.params[2].name, "@a");
    assert_true(rpc.params[2].value.i64 == -9);
    assert_true(rpc.params[3].is_output && !rpc.params[2].is_output);
}

static void test_rpc__decodes_calls_one_after_the_other(void **state)
{
    AUTO(buf_done) Buf packet = BUF(10000);
    AUTO(arena_done) Arena arena = {0};
    const char *reason;
    Rpc rpc;

    (void)state;
    put_rpc_name(&packet, "sp_who");
    put_u8(&packet, 0xFF);
    put_rpc_name(&packet, "sp_help");
    Reader reader = reader_of(packet.text, packet.len);
    assert_true(rpc_decode(&reader, &arena, &rpc, &reason));
    assert_string_equal(rpc.name, "sp_who");
    assert_true(rpc_decode(&reader, &arena, &rpc, &reason));
    assert_string_equal(rpc.name, "sp_help");
    assert_int_equal(reader.left, 0);
}

/* A cut between two parameters leaves a shorter call; any other is refused. Nothing is read
 * behind the end (ASan watches). */
static void test_rpc__survives_every_cut(void **state)
{
    AUTO(buf_done) Buf packet = BUF(10000);
    size_t accepted = 0;

    (void)state;
    put_sample(&packet);
    for (size_t len = 0; len < packet.len; len++) {
        AUTO(arena_done) Arena arena = {0};
        Rpc rpc;
        uint8_t *exact = malloc(len ? len : 1);
        memcpy(exact, packet.text, len);
        if (decode(exact, len, &arena, &rpc)) {
            assert_true(rpc.param_count < 4);
            accepted++;
        }
        free(exact);
    }
    assert_int_equal(accepted, 4);
}

static void test_rpc__refuses_too_many_parameters(void **state)
{
    AUTO(buf_done) Buf packet = BUF(1000000);
    AUTO(arena_done) Arena arena = {0};
    Rpc rpc;

    (void)state;
    put_headers(&packet);
    put_rpc_name(&packet, "p");
    for (int i = 0; i < RPC_PARAMS_MAX + 1; i++)
        put_param(&packet, "", false, (SbType){.id = SB_BIT}, fake_int(1));
    assert_false(decode((uint8_t *)packet.text, packet.len, &arena, &rpc));
}

static void test_rpc__headers_must_hold(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        bool is_good;
    } cases[] = {{"\x04\0\0\0", 4, true},
                 {"\x16\0\0\0\x12\0\0\0\x02\0\0\0\0\0\0\0\0\0\x01\0\0\0", 22, true},
                 {"\x03\0\0\0", 4, false},
                 {"\x05\0\0\0", 4, false},
                 {"\xFF\xFF\xFF\xFF\0", 5, false},
                 {"\x04\0\0", 3, false}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Reader reader = reader_of(cases[i].bytes, cases[i].len);
        assert_int_equal(rpc_skip_headers(&reader), cases[i].is_good);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rpc__decodes_a_call),
        cmocka_unit_test(test_rpc__decodes_calls_one_after_the_other),
        cmocka_unit_test(test_rpc__survives_every_cut),
        cmocka_unit_test(test_rpc__refuses_too_many_parameters),
        cmocka_unit_test(test_rpc__headers_must_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
