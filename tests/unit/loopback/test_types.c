/* Values of every type, sent and read back. */
#include "test.h"

#include "../../../src/loopback/types.h"
#include "fake_engine.h"

/* Encodes, decodes, and gives what came back. */
static bool there_and_back(Arena *arena, const SbType *type, const SbValue *value, SbType *ret_type,
                           SbValue *ret_value)
{
    Buf wire = BUF(1024 * 1024);
    WireType info;

    types_put_info(&wire, type);
    if (!types_put_value(&wire, type, value)) {
        buf_done(&wire);
        return false;
    }
    const char *bytes = arena_copy(arena, wire.text, wire.len);
    Reader reader = reader_of(bytes, wire.len);
    buf_done(&wire);
    assert_true(types_read_info(&reader, &info));
    assert_true(types_read_value(&reader, &info, arena, ret_type, ret_value));
    assert_int_equal(reader.left, 0);
    return true;
}

static void assert_same(const SbType *type, const SbValue *a, const SbValue *b)
{
    SbTypeId id = type->id == SB_SQL_VARIANT ? a->held.id : type->id;

    assert_int_equal(a->is_null, b->is_null);
    if (a->is_null)
        return;
    if (id <= SB_BIGINT)
        assert_true(a->i64 == b->i64);
    else if (id == SB_FLOAT)
        assert_true(a->f64 >= b->f64 && a->f64 <= b->f64);
    else if (id == SB_DATETIMEOFFSET)
        assert_true(a->time.ticks == b->time.ticks &&
                    a->time.offset_minutes == b->time.offset_minutes);
    else if (id < SB_DATE || id > SB_DATETIMEOFFSET)
        assert_true(str_equal(a->bytes, b->bytes));
}

static void test_types__round_trip(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    SbValue values[FAKE_COLUMNS];
    SbValue null = {.is_null = true};

    (void)state;
    fake_values(values);
    for (size_t i = 0; i < FAKE_COLUMNS; i++) {
        SbType type;
        SbValue value;
        assert_true(there_and_back(&arena, &fake_columns[i].type, &values[i], &type, &value));
        assert_int_equal(type.id, fake_columns[i].type.id);
        assert_same(&type, &values[i], &value);
        assert_true(there_and_back(&arena, &fake_columns[i].type, &null, &type, &value));
        assert_int_equal(type.id, fake_columns[i].type.id);
        assert_true(value.is_null);
    }
}

static SbValue held(SbTypeId id, SbValue value)
{
    value.held = (SbType){.id = id,
                          .max_chars = 4000,
                          .precision = id == SB_DECIMAL ? 5 : 0,
                          .scale = id == SB_DECIMAL          ? 2
                                   : id == SB_DATETIMEOFFSET ? 7
                                                             : 0};
    return value;
}

static void test_types__variants_keep_what_they_hold(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    const SbType variant = {.id = SB_SQL_VARIANT};
    const SbValue values[] = {
        held(SB_BIT, fake_int(1)),
        held(SB_INT, fake_int(-7)),
        held(SB_BIGINT, fake_int(INT64_C(1) << 40)),
        held(SB_FLOAT, (SbValue){.f64 = 0.25}),
        held(SB_DECIMAL, fake_text("-12.50")),
        held(SB_NVARCHAR, fake_text("\xE6\x97\xA5")),
        held(SB_DATETIMEOFFSET, fake_time()),
        held(SB_UNIQUEIDENTIFIER, fake_text("00112233-4455-6677-8899-AABBCCDDEEFF")),
        held(SB_VARBINARY, (SbValue){.bytes = {"\x00\x01", 2}}),
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        SbType type;
        SbValue value;
        assert_true(there_and_back(&arena, &variant, &values[i], &type, &value));
        assert_int_equal(type.id, SB_SQL_VARIANT);
        assert_int_equal(value.held.id, values[i].held.id);
        assert_same(&type, &values[i], &value);
    }
}

/* The dates lose what their type does not keep, and show the wall clock. */
static void test_types__dates_round_to_their_type(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    static const struct {
        SbType type;
        const char *shown;
    } cases[] = {
        {{.id = SB_DATE}, "2025-09-07T00:00:00.0000000Z"},
        {{.id = SB_DATETIME}, "2025-09-07T08:15:59.1233333Z"},
        {{.id = SB_DATETIME2, .scale = 7}, "2025-09-07T08:15:59.1234567Z"},
        {{.id = SB_DATETIME2, .scale = 3}, "2025-09-07T08:15:59.1230000Z"},
        {{.id = SB_DATETIME2, .scale = 0}, "2025-09-07T08:15:59.0000000Z"},
        {{.id = SB_DATETIMEOFFSET, .scale = 5}, "2025-09-07T13:45:59.1234600Z"},
    };
    SbValue at = fake_time();

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SbType type;
        SbValue value;
        char shown[TIME_TEXT_MAX];
        assert_true(there_and_back(&arena, &cases[i].type, &at, &type, &value));
        time_iso_utc(value.time, 7, shown);
        assert_string_equal(shown, cases[i].shown);
    }
}

static void test_types__rounding_carries_into_the_next_day(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    const SbType types[] = {{.id = SB_DATETIME}, {.id = SB_DATETIME2, .scale = 2}};
    SbValue late = {.time = {.ticks = TICKS_UNIX_EPOCH + TICKS_PER_DAY - 1, .is_set = true}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        SbType type;
        SbValue value;
        assert_true(there_and_back(&arena, &types[i], &late, &type, &value));
        assert_true(value.time.ticks == TICKS_UNIX_EPOCH + TICKS_PER_DAY);
    }
}

static void test_types__refuses_values_that_do_not_fit(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    const struct {
        SbType type;
        SbValue value;
    } cases[] = {
        {{.id = SB_BIT}, fake_int(2)},
        {{.id = SB_TINYINT}, fake_int(-1)},
        {{.id = SB_SMALLINT}, fake_int(32768)},
        {{.id = SB_INT}, fake_int(INT64_C(1) << 31)},
        {{.id = SB_NVARCHAR, .max_chars = 3}, fake_text("four")},
        {{.id = SB_NVARCHAR, .max_chars = 1}, fake_text("\xF0\x9F\x98\x80")},
        {{.id = SB_VARBINARY, .max_chars = 1}, fake_text("ab")},
        {{.id = SB_DECIMAL, .precision = 3, .scale = 1}, fake_text("100.0")},
        {{.id = SB_DECIMAL, .precision = 3, .scale = 1}, fake_text("1.23")},
        {{.id = SB_DECIMAL, .precision = 3, .scale = 1}, fake_text("one")},
        {{.id = SB_DECIMAL, .precision = 3, .scale = 1}, fake_text("-")},
        {{.id = SB_UNIQUEIDENTIFIER}, fake_text("00112233-4455-6677-8899-AABBCCDDEEF")},
        {{.id = SB_UNIQUEIDENTIFIER}, fake_text("00112233-4455-6677-8899-AABBCCDDEEFG")},
        {{.id = SB_DATETIME2, .scale = 7}, {.time = {.ticks = -1, .is_set = true}}},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SbType type;
        SbValue value;
        assert_false(there_and_back(&arena, &cases[i].type, &cases[i].value, &type, &value));
    }
}

static void test_types__long_text_comes_in_chunks(void **state)
{
    static const uint8_t wire[] = {0xE7, 0xFF, 0xFF, 9,    4,    0xD0, 0,    0x34, // nvarchar(max)
                                   0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, // length unknown
                                   3,    0,    0,    0,    'a',  0,    'b',        // three bytes
                                   1,    0,    0,    0,    0,    0,    0,    0,    0}; // one, end
    AUTO(arena_done) Arena arena = {0};
    Reader reader = reader_of(wire, sizeof(wire));
    WireType info;
    SbType type;
    SbValue value;

    (void)state;
    assert_true(types_read_info(&reader, &info));
    assert_true(types_read_value(&reader, &info, &arena, &type, &value));
    assert_int_equal(type.max_chars, -1);
    assert_true(str_equal(value.bytes, str_of("ab")));
}

/* Types that clients send but the sandbox never does. */
static void test_types__reads_older_types(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        SbTypeId id;
        const char *text;
        int64_t number;
    } cases[] = {
        {"\x30\xFF", 2, SB_TINYINT, NULL, 255},
        {"\x38\xFE\xFF\xFF\xFF", 5, SB_INT, NULL, -2},
        {"\x7F\x01\0\0\0\0\0\0\0", 9, SB_BIGINT, NULL, 1},
        {"\xA7\x08\x00\x09\x04\xD0\x00\x34\x02\x00\xE4g", 12, SB_NVARCHAR, "\xC3\xA4g", 0},
        {"\x63\xFF\xFF\xFF\x7F\x09\x04\xD0\x00\x34\x02\x00\x00\x00n\0", 16, SB_NVARCHAR, "n", 0},
        {"\x6E\x08\x08\xFF\xFF\xFF\xFF\xC7\xCF\xFF\xFF", 11, SB_DECIMAL, "-1.2345", 0},
        {"\x7A\x39\x30\x00\x00", 5, SB_DECIMAL, "1.2345", 0},
        {"\x6C\x05\x05\x02\x05\x01\x01\x00\x00\x00", 10, SB_DECIMAL, "0.01", 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_done) Arena arena = {0};
        Reader reader = reader_of(cases[i].bytes, cases[i].len);
        WireType info;
        SbType type;
        SbValue value;
        assert_true(types_read_info(&reader, &info));
        assert_true(types_read_value(&reader, &info, &arena, &type, &value));
        assert_int_equal(type.id, cases[i].id);
        if (cases[i].text)
            assert_true(str_equal(value.bytes, str_of(cases[i].text)));
        else
            assert_true(value.i64 == cases[i].number);
    }
}

/* What a parameter was declared as is what the engine hears: char is no nvarchar. */
static void test_types__text_parameters_keep_their_type(void **state)
{
    static const struct {
        const char *bytes;
        int max_chars, is_ansi, is_fixed;
    } cases[] = {
        {"\xA7\x08\x00\x09\x04\xD0\x00\x34\x02\x00\xE4g", 8, 1, 0},
        {"\xAF\x08\x00\x09\x04\xD0\x00\x34\x02\x00\xE4g", 8, 1, 1},
        {"\xE7\x08\x00\x09\x04\xD0\x00\x34\x02\x00g\x00", 4, 0, 0},
        {"\xEF\x08\x00\x09\x04\xD0\x00\x34\x02\x00g\x00", 4, 0, 1},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_done) Arena arena = {0};
        Reader reader = reader_of(cases[i].bytes, 12);
        WireType info;
        SbType type;
        SbValue value;
        assert_true(types_read_info(&reader, &info));
        assert_true(types_read_value(&reader, &info, &arena, &type, &value));
        assert_int_equal(type.id, SB_NVARCHAR);
        assert_int_equal(type.max_chars, cases[i].max_chars);
        assert_int_equal(type.precision, cases[i].is_ansi);
        assert_int_equal(type.scale, cases[i].is_fixed);
    }
}

static void test_types__refuses_malformed(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {
        {"\x29\x07", 2},                                              // time
        {"\xF1\x00", 2},                                              // xml
        {"\xF3", 1},                                                  // table
        {"\x2B\x08", 2},                                              // scale 8
        {"\x6A\x11\x27\x00", 4},                                      // precision 39
        {"\x26\x04\x03\0\0\0", 6},                                    // an int of three bytes
        {"\x26\x04\x08\0\0\0\0\0\0\0\0", 11},                         // longer than declared
        {"\x68\x01\x02\0\0", 5},                                      // a bit of two bytes
        {"\x24\x10\x0F\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 18},           // a GUID of fifteen
        {"\x2B\x00\x08\xFF\xFF\xFF\0\0\0\0\0", 11},                   // no such time of day
        {"\x28\x03\xFF\xFF\xFF", 5},                                  // no such day
        {"\xE7\x08\x00\x09\x04\xD0\x00\x34\x03\x00\x61\x00\x62", 13}, // half a unit
        {"\xE7\xFF\xFF\x09\x04\xD0\x00\x34\x05\0\0\0\0\0\0\0\x02\0\0\0a\0\0\0\0\0",
         26},                                       // wrong sum
        {"\x62\x49\x1F\0\0\x02\0\0\0\x62\x00", 11}, // a variant in a variant
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_done) Arena arena = {0};
        Reader reader = reader_of(cases[i].bytes, cases[i].len);
        WireType info;
        SbType type;
        SbValue value;
        assert_false(types_read_info(&reader, &info) &&
                     types_read_value(&reader, &info, &arena, &type, &value));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types__round_trip),
        cmocka_unit_test(test_types__variants_keep_what_they_hold),
        cmocka_unit_test(test_types__dates_round_to_their_type),
        cmocka_unit_test(test_types__rounding_carries_into_the_next_day),
        cmocka_unit_test(test_types__refuses_values_that_do_not_fit),
        cmocka_unit_test(test_types__long_text_comes_in_chunks),
        cmocka_unit_test(test_types__reads_older_types),
        cmocka_unit_test(test_types__text_parameters_keep_their_type),
        cmocka_unit_test(test_types__refuses_malformed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
