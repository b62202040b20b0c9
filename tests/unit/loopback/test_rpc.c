#include "test.h"

#include "../../../src/loopback/rpc.h"
#include "ssisminer/packet/text.h"
#include "../../../src/loopback/types.h"
#include "fake_engine.h"
#include "rpc_packet.h"

static const SbValue null = {.is_null = true};

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

static void test_rpc__parses_declarations(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    Declaration *list = NULL;
    size_t count = 0;
    const char *reason = NULL;
    Str text = str_of(" @a INT,@b as [nvarchar] ( 40 ) OUTPUT, @c nvarchar(max),\n"
                      "@d decimal(10,2), @e datetimeoffset, @f datetime2(3) out, @g sysname");

    (void)state;
    assert_true(rpc_parse_declarations(text, &arena, &list, &count, &reason));
    assert_int_equal(count, 7);
    assert_string_equal(list[0].name, "@a");
    assert_int_equal(list[0].type.id, SB_INT);
    assert_int_equal(list[1].type.max_chars, 40);
    assert_true(list[1].is_output && !list[0].is_output);
    assert_int_equal(list[2].type.max_chars, -1);
    assert_int_equal(list[3].type.precision * 100 + list[3].type.scale, 1002);
    assert_int_equal(list[4].type.scale, 7);
    assert_int_equal(list[5].type.scale, 3);
    assert_true(list[5].is_output);
    assert_int_equal(list[6].type.max_chars, 128);
}

static void test_rpc__refuses_bad_declarations(void **state)
{
    static const char *const texts[] = {
        "a int",
        "@a",
        "@a no_such_type",
        "@a int(4)",
        "@a nvarchar(0)",
        "@a nvarchar(9000)",
        "@a nvarchar(max",
        "@a decimal(39,1)",
        "@a decimal(5,6)",
        "@a datetime2(8)",
        "@a int @b int",
        "@a int; drop table t",
        "@",
        "@a time",
        "@a nvarchar(1,2)",
        "@a [int",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        AUTO(arena_done) Arena arena = {0};
        Declaration *list = NULL;
        size_t count = 0;
        const char *reason = NULL;
        assert_false(rpc_parse_declarations(str_of(texts[i]), &arena, &list, &count, &reason));
        assert_contains(reason, "declaration");
    }
}

static void test_rpc__converts_to_what_is_declared(void **state)
{
    static const SbType text = {.id = SB_NVARCHAR, .max_chars = 4}, whole = {.id = SB_INT},
                        small = {.id = SB_TINYINT}, wide = {.id = SB_BIGINT},
                        real = {.id = SB_FLOAT},
                        exact = {.id = SB_DECIMAL, .precision = 5, .scale = 2},
                        moment = {.id = SB_DATETIMEOFFSET, .scale = 7}, bit = {.id = SB_BIT},
                        guid = {.id = SB_UNIQUEIDENTIFIER};
    const struct {
        SbType from;
        SbValue value;
        SbType to;
        const char *wanted; // NULL: refused
    } cases[] = {
        {wide, fake_int(12), whole, "12"},
        {wide, fake_int(256), small, NULL},
        {wide, fake_int(256), bit, "1"},
        {wide, fake_int(7), text, "7"},
        {wide, fake_int(12345), text, NULL},
        {wide, fake_int(7), exact, "7.00"},
        {wide, fake_int(1000), exact, NULL},
        {real, {.f64 = 2.9}, whole, "2"},
        {real, {.f64 = 1e30}, wide, NULL},
        {real, {.f64 = 2.345}, exact, "2.35"},
        {exact, fake_text("-1.005"), exact, "-1.01"},
        {exact, fake_text("12.7"), whole, "12"},
        {exact, fake_text("999.995"), exact, NULL},
        {text, fake_text("abc\xC3\xA4\xC3\xB6"), text, "abc\xC3\xA4"},
        {text, fake_text(" 42 "), whole, "42"},
        {text, fake_text("4x"), whole, NULL},
        {text, fake_text("1.5"), exact, "1.50"},
        {text, fake_text("2025-09-07T13:45:00Z"), moment, "2025-09-07T13:45:00.0000000Z"},
        {text, fake_text("24h"), moment, NULL},
        {text, fake_text("now"), moment, NULL},
        {text, fake_text("no guid"), guid, NULL},
        {whole, null, moment, "NULL"},
        {moment, {.time = {.ticks = 1, .is_set = true}}, whole, NULL},
        {{.id = SB_VARBINARY}, fake_text("ab"), text, NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_done) Arena arena = {0};
        SbParam param = {"@p", cases[i].from, cases[i].value, false};
        char shown[64] = "NULL";
        bool ok = rpc_convert(&param, &cases[i].to, &arena);
        assert_int_equal(ok, cases[i].wanted != NULL);
        if (!ok)
            continue;
        assert_int_equal(param.type.id, cases[i].to.id);
        if (!param.value.is_null && param.type.id <= SB_BIGINT)
            snprintf(shown, sizeof(shown), "%lld", (long long)param.value.i64);
        else if (!param.value.is_null && param.type.id == SB_DATETIMEOFFSET)
            time_iso_utc(param.value.time, 7, shown);
        else if (!param.value.is_null)
            snprintf(shown, sizeof(shown), "%.*s", STR_FMT(param.value.bytes));
        assert_string_equal(shown, cases[i].wanted);
    }
}

static void test_rpc__drops_the_offset_for_types_without_one(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    SbParam param = {"@p", {.id = SB_DATETIMEOFFSET, .scale = 7}, fake_time(), false};
    SbType plain = {.id = SB_DATETIME2, .scale = 7};
    char shown[TIME_TEXT_MAX];

    (void)state;
    assert_true(rpc_convert(&param, &plain, &arena));
    time_iso_utc(param.value.time, 7, shown);
    assert_string_equal(shown, "2025-09-07T08:15:59.1234567Z");
    assert_int_equal(param.value.time.offset_minutes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rpc__decodes_a_call),
        cmocka_unit_test(test_rpc__decodes_calls_one_after_the_other),
        cmocka_unit_test(test_rpc__survives_every_cut),
        cmocka_unit_test(test_rpc__refuses_too_many_parameters),
        cmocka_unit_test(test_rpc__headers_must_hold),
        cmocka_unit_test(test_rpc__parses_declarations),
        cmocka_unit_test(test_rpc__refuses_bad_declarations),
        cmocka_unit_test(test_rpc__converts_to_what_is_declared),
        cmocka_unit_test(test_rpc__drops_the_offset_for_types_without_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
