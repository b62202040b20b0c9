/* Types and values as clients send them. */
#include "types.h"

#include "ssisminer/engine/decimal.h"

#include <string.h>

enum { DAYS_1900 = 693595, DAYS_END = 3652059 };

/* ---- what a parameter is --------------------------------------------------------------------- */

typedef enum InfoForm {
    INFO_FIXED,  // nothing: the token says the length
    INFO_BYTE,   // one byte, the longest length
    INFO_NUMBER, // length, precision, scale
    INFO_NONE,   // dates: values carry a length all the same
    INFO_SCALE,
    INFO_SHORT, // two bytes; 0xFFFF where chunks follow
    INFO_LONG   // four bytes
} InfoForm;

typedef struct Payload { // the bytes of one value, and what becomes of them
    const uint8_t *bytes;
    size_t len;
    const WireType *wire;
    Arena *arena;
    SbType *type; // as declared, until the bytes know better
    SbValue *value;
} Payload;

typedef bool ReadPayload(const Payload *in);

static ReadPayload read_null, read_int, read_bit, read_float, read_money, read_datetime,
    read_decimal, read_guid, read_date, read_datetime2, read_datetimeoffset, read_utf16,
    read_cp1252, read_binary, read_variant;

typedef struct Incoming {
    uint8_t token;
    InfoForm form;
    uint8_t fixed_len;
    bool has_collation;
    SbTypeId id; // when there is no more to tell
    ReadPayload *read;
} Incoming;

static const Incoming incoming[] = {
    {0x1F, INFO_FIXED, 0, false, SB_NVARCHAR, read_null},
    {0x30, INFO_FIXED, 1, false, SB_TINYINT, read_int},
    {0x32, INFO_FIXED, 1, false, SB_BIT, read_bit},
    {0x34, INFO_FIXED, 2, false, SB_SMALLINT, read_int},
    {0x38, INFO_FIXED, 4, false, SB_INT, read_int},
    {0x3A, INFO_FIXED, 4, false, SB_DATETIME, read_datetime},
    {0x3B, INFO_FIXED, 4, false, SB_FLOAT, read_float},
    {0x3C, INFO_FIXED, 8, false, SB_DECIMAL, read_money},
    {0x3D, INFO_FIXED, 8, false, SB_DATETIME, read_datetime},
    {0x3E, INFO_FIXED, 8, false, SB_FLOAT, read_float},
    {0x7A, INFO_FIXED, 4, false, SB_DECIMAL, read_money},
    {0x7F, INFO_FIXED, 8, false, SB_BIGINT, read_int},
    {0x24, INFO_BYTE, 0, false, SB_UNIQUEIDENTIFIER, read_guid},
    {0x26, INFO_BYTE, 0, false, SB_BIGINT, read_int},
    {0x68, INFO_BYTE, 0, false, SB_BIT, read_bit},
    {0x6D, INFO_BYTE, 0, false, SB_FLOAT, read_float},
    {0x6E, INFO_BYTE, 0, false, SB_DECIMAL, read_money},
    {0x6F, INFO_BYTE, 0, false, SB_DATETIME, read_datetime},
    {0x6A, INFO_NUMBER, 0, false, SB_DECIMAL, read_decimal},
    {0x6C, INFO_NUMBER, 0, false, SB_DECIMAL, read_decimal},
    {0x28, INFO_NONE, 0, false, SB_DATE, read_date},
    {0x2A, INFO_SCALE, 0, false, SB_DATETIME2, read_datetime2},
    {0x2B, INFO_SCALE, 0, false, SB_DATETIMEOFFSET, read_datetimeoffset},
    {0xA5, INFO_SHORT, 0, false, SB_VARBINARY, read_binary},
    {0xAD, INFO_SHORT, 0, false, SB_VARBINARY, read_binary},
    {0xA7, INFO_SHORT, 0, true, SB_NVARCHAR, read_cp1252},
    {0xAF, INFO_SHORT, 0, true, SB_NVARCHAR, read_cp1252},
    {0xE7, INFO_SHORT, 0, true, SB_NVARCHAR, read_utf16},
    {0xEF, INFO_SHORT, 0, true, SB_NVARCHAR, read_utf16},
    {0x22, INFO_LONG, 0, false, SB_VARBINARY, read_binary},
    {0x23, INFO_LONG, 0, true, SB_NVARCHAR, read_cp1252},
    {0x63, INFO_LONG, 0, true, SB_NVARCHAR, read_utf16},
    {0x62, INFO_LONG, 0, false, SB_SQL_VARIANT, read_variant},
};

const char *types_foreign(uint8_t token)
{
    static const struct {
        uint8_t token;
        const char *name;
    } foreign[] = {{0x29, "time"}, {0xF0, "of the CLR"}, {0xF1, "xml"}, {0xF3, "of a table"}};

    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
        if (foreign[i].token == token)
            return foreign[i].name;
    return NULL;
}

static const Incoming *find(uint8_t token)
{
    for (size_t i = 0; i < ARRAY_LEN(incoming); i++)
        if (incoming[i].token == token)
            return &incoming[i];
    return NULL;
}

static void read_form(Reader *reader, const Incoming *row, WireType *wire)
{
    static const uint8_t length_bytes[] = {
        [INFO_BYTE] = 1, [INFO_NUMBER] = 1, [INFO_SHORT] = 2, [INFO_LONG] = 4};

    wire->max_bytes = row->form == INFO_FIXED
                          ? row->fixed_len
                          : (uint32_t)reader_uint(reader, length_bytes[row->form]);
    wire->is_long = row->form == INFO_SHORT && wire->max_bytes == 0xFFFF;
    if (row->form == INFO_NUMBER)
        wire->precision = reader_u8(reader);
    if (row->form == INFO_NUMBER || row->form == INFO_SCALE)
        wire->scale = reader_u8(reader);
}

bool types_read_info(Reader *reader, WireType *ret_type)
{
    WireType wire = {.token = reader_u8(reader)};
    const Incoming *row = find(wire.token);

    if (!row)
        return false;
    read_form(reader, row, &wire);
    if (row->has_collation)
        (void)reader_take(reader, COLLATION_LEN);
    if (reader->is_bad || wire.scale > (row->form == INFO_NUMBER ? 38 : 7) || wire.precision > 38 ||
        wire.scale > 38)
        return false;
    *ret_type = wire;
    return true;
}

/* ---- payloads -------------------------------------------------------------------------------- */

static bool read_null(const Payload *in)
{
    in->value->is_null = true;
    return true;
}

static uint64_t number(const uint8_t *bytes, size_t len)
{
    Reader reader = reader_of(bytes, len);

    return reader_uint(&reader, len);
}

static bool set_int_type(SbType *type, size_t len)
{
    static const SbTypeId by_len[9] = {
        [1] = SB_TINYINT, [2] = SB_SMALLINT, [4] = SB_INT, [8] = SB_BIGINT};

    if (len != 1 && len != 2 && len != 4 && len != 8)
        return false;
    type->id = by_len[len];
    return true;
}

static bool read_int(const Payload *in)
{
    if (!set_int_type(in->type, in->len))
        return false;
    uint64_t raw = number(in->bytes, in->len); // tinyint has no sign
    in->value->i64 = in->len == 2 ? (int16_t)raw : in->len == 4 ? (int32_t)raw : (int64_t)raw;
    return true;
}

static bool read_bit(const Payload *in)
{
    in->value->i64 = in->len == 1 && in->bytes[0] != 0;
    return in->len == 1;
}

static bool read_float(const Payload *in)
{
    float narrow = 0;

    if (in->len == sizeof narrow)
        memcpy(&narrow, in->bytes, sizeof narrow);
    in->value->f64 = (double)narrow;
    if (in->len == sizeof in->value->f64)
        memcpy(&in->value->f64, in->bytes, sizeof in->value->f64);
    return in->len == 4 || in->len == 8;
}

static bool set_decimal(const Payload *in, Decimal number, int precision)
{
    AUTO(buf_done) Buf text = BUF(100);

    decimal_put(number, &text);
    *in->type = (SbType){.id = SB_DECIMAL, .precision = precision, .scale = number.scale};
    in->value->bytes = (Str){arena_copy(in->arena, buf_text(&text), text.len), text.len};
    return true;
}

static bool read_money(const Payload *in)
{
    if (in->len != 4 && in->len != 8)
        return false;
    /* The eight-byte form has its high half first. */
    int64_t raw = in->len == 4 ? (int32_t)number(in->bytes, 4)
                               : (int64_t)(number(in->bytes, 4) << 32 | number(in->bytes + 4, 4));
    Decimal money = decimal_of_int(raw);
    money.scale = 4;
    return set_decimal(in, money, in->len == 4 ? 10 : 19);
}

static bool read_decimal(const Payload *in)
{
    if (in->len < 2 || in->len > 17)
        return false;
    Decimal value = {.scale = in->wire->scale, .is_negative = in->bytes[0] == 0};
    for (size_t i = in->len - 1; i > 0; i--)
        value.digits = value.digits << 8 | in->bytes[i];
    return set_decimal(in, value, in->wire->precision);
}

static bool read_guid(const Payload *in)
{
    const uint8_t *b = in->bytes;

    if (in->len != 16)
        return false;
    in->value->bytes = str_of(arena_printf(
        in->arena, "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X", b[3],
        b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
        b[15]));
    return true;
}

static bool set_time(const Payload *in, int64_t days, int64_t ticks)
{
    if (days < 0 || days >= DAYS_END || ticks >= TICKS_PER_DAY)
        return false;
    in->value->time = (Instant){.ticks = days * TICKS_PER_DAY + ticks, .is_set = true};
    return true;
}

static bool read_datetime(const Payload *in)
{
    const uint8_t *bytes = in->bytes;

    if (in->len == 4)
        return set_time(in, DAYS_1900 + (int64_t)number(bytes, 2),
                        (int64_t)number(bytes + 2, 2) * 60 * TICKS_PER_SECOND);
    return in->len == 8 && set_time(in, DAYS_1900 + (int32_t)number(bytes, 4),
                                    ((int64_t)number(bytes + 4, 4) * TICKS_PER_SECOND + 150) / 300);
}

static bool read_date(const Payload *in)
{
    return in->len == 3 && set_time(in, (int64_t)number(in->bytes, 3), 0);
}

/* Time of day at the scale, then the date. */
static bool read_time_and_date(const Payload *in, size_t len)
{
    size_t time_len = in->wire->scale <= 2 ? 3 : in->wire->scale <= 4 ? 4 : 5;

    if (len != time_len + 3)
        return false;
    int64_t ticks = (int64_t)number(in->bytes, time_len);
    for (int i = in->wire->scale; i < 7; i++)
        ticks *= 10;
    in->type->scale = in->wire->scale;
    return set_time(in, (int64_t)number(in->bytes + time_len, 3), ticks);
}

static bool read_datetime2(const Payload *in)
{
    return read_time_and_date(in, in->len);
}

static bool read_datetimeoffset(const Payload *in)
{
    if (in->len < 2 || !read_time_and_date(in, in->len - 2))
        return false;
    int16_t offset = (int16_t)number(in->bytes + in->len - 2, 2);
    in->value->time.offset_minutes = offset;
    return offset >= -14 * 60 && offset <= 14 * 60;
}

static bool read_utf16(const Payload *in)
{
    in->value->bytes = text_from_utf16le(in->arena, in->bytes, in->len / 2);
    return in->len % 2 == 0;
}

static bool read_cp1252(const Payload *in)
{
    in->value->bytes = text_from_cp1252(in->arena, in->bytes, in->len);
    return true;
}

static bool read_binary(const Payload *in)
{
    in->value->bytes = (Str){in->bytes ? (const char *)in->bytes : "", in->len};
    return true;
}

/* What the wire's words for a type are to the engine. */
static SbType declared_type(const WireType *wire, const Incoming *row)
{
    SbType type = {.id = row->id, .precision = wire->precision, .scale = wire->scale};
    bool is_wide = row->read == read_utf16;

    if (row->form == INFO_LONG || wire->is_long)
        type.max_chars = -1;
    else if (row->form == INFO_SHORT)
        type.max_chars = (int)(is_wide ? wire->max_bytes / 2 : wire->max_bytes);
    if (row->id == SB_NVARCHAR)
        type.precision = row->read == read_cp1252;
    if (wire->token == 0xAD || wire->token == 0xAF || wire->token == 0xEF)
        type.scale = 1; // of fixed length
    if (row->read == read_float)
        type.precision = wire->max_bytes == 4 ? REAL_PRECISION : 0;
    if (row->read == read_money)
        type = (SbType){.id = SB_DECIMAL, .precision = 19, .scale = 4};
    if (row->read == read_int)
        (void)set_int_type(&type, wire->max_bytes);
    return type;
}

/* Precision and scale of a number, the scale of a time, collation and length of a text. */
static void read_properties(Reader properties, const Incoming *row, WireType *wire)
{
    if (row->form == INFO_NUMBER)
        wire->precision = reader_u8(&properties);
    if (row->form == INFO_NUMBER || row->form == INFO_SCALE)
        wire->scale = reader_u8(&properties);
    if (row->has_collation)
        (void)reader_take(&properties, COLLATION_LEN);
    if (row->form == INFO_SHORT)
        wire->max_bytes = reader_u16(&properties);
}

/* Base type, count of property bytes, properties, then the value. */
static bool read_variant(const Payload *in)
{
    Reader reader = reader_of(in->bytes, in->len);
    WireType held = {.token = reader_u8(&reader)};
    uint8_t property_len = reader_u8(&reader);
    const uint8_t *properties = reader_take(&reader, property_len);
    const Incoming *row = find(held.token);

    if (reader.is_bad || !row || row->read == read_variant || row->read == read_null)
        return false;
    read_properties(reader_of(properties, property_len), row, &held);
    if (row->form == INFO_FIXED || row->form == INFO_BYTE)
        held.max_bytes = (uint32_t)reader.left;
    if (held.precision > 38 || held.scale > (row->form == INFO_NUMBER ? 38 : 7))
        return false;
    in->value->held = declared_type(&held, row);
    return row->read(
        &(Payload){reader.at, reader.left, &held, in->arena, &in->value->held, in->value});
}

/* ---- values ---------------------------------------------------------------------------------- */

typedef struct Raw {
    const uint8_t *bytes;
    size_t len;
    bool is_null;
} Raw;

/* Chunks until an empty one, put together. */
static bool read_chunks(Reader *reader, Arena *arena, Raw *ret_raw)
{
    uint64_t whole = reader_u64(reader);
    uint8_t *bytes = NULL;
    size_t len = 0, size = 0;

    if (whole == UINT64_MAX) {
        ret_raw->is_null = true;
        return !reader->is_bad;
    }
    for (;;) {
        size_t chunk = reader_u32(reader);
        const uint8_t *from = reader_take(reader, chunk);
        if (!from)
            return false;
        if (chunk == 0)
            break;
        bytes = arena_grow(arena, bytes, len, len + chunk, &size, 1);
        memcpy(bytes + len, from, chunk);
        len += chunk;
    }
    *ret_raw = (Raw){.bytes = bytes, .len = len};
    return whole == UINT64_MAX - 1 || whole == len;
}

static bool read_raw(Reader *reader, const WireType *wire, InfoForm form, Arena *arena,
                     Raw *ret_raw)
{
    Raw raw = {0};

    if (wire->is_long)
        return read_chunks(reader, arena, ret_raw);
    if (form == INFO_FIXED) {
        raw.len = wire->max_bytes;
    } else if (form == INFO_SHORT) {
        raw.len = reader_u16(reader);
        raw.is_null = raw.len == 0xFFFF;
    } else if (form == INFO_LONG) {
        raw.len = reader_u32(reader);
        raw.is_null = raw.len == UINT32_MAX || (wire->token == 0x62 && raw.len == 0);
    } else {
        raw.len = reader_u8(reader);
        raw.is_null = raw.len == 0;
    }
    if (!raw.is_null) {
        if (raw.len > wire->max_bytes && (form == INFO_SHORT || form == INFO_BYTE))
            return false;
        raw.bytes = reader_take(reader, raw.len);
    }
    *ret_raw = raw;
    return !reader->is_bad;
}

bool types_read_value(Reader *reader, const WireType *wire, Arena *arena, SbType *ret_type,
                      SbValue *ret_value)
{
    const Incoming *row = find(wire->token);
    Raw raw = {0};
    SbValue value = {0};

    if (!row || !read_raw(reader, wire, row->form, arena, &raw))
        return false;
    SbType type = declared_type(wire, row);
    value.is_null = raw.is_null;
    if (!raw.is_null && !row->read(&(Payload){raw.bytes, raw.len, wire, arena, &type, &value}))
        return false;
    *ret_type = type;
    *ret_value = value;
    return true;
}
