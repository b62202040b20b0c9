#include "types.h"

#include "text.h"

#include "ssisminer/engine/decimal.h"

#include <stdio.h>
#include <string.h>

enum { DAYS_1900 = 693595, DAYS_END = 3652059 };

/* ---- what a parameter is ----------------------------------------------------------------- */

typedef enum InfoForm {
    INFO_FIXED,  // nothing: the token says the length
    INFO_BYTE,   // one byte, the longest length
    INFO_NUMBER, // length, precision, scale
    INFO_NONE,   // dates: values carry a length all the same
    INFO_SCALE,
    INFO_SHORT, // two bytes; 0xFFFF where chunks follow
    INFO_LONG   // four bytes
} InfoForm;

typedef bool ReadPayload(const uint8_t *bytes, size_t len, const WireType *wire, Arena *arena,
                         SbType *ret_type, SbValue *ret_value);

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
    switch (row->form) {
    case INFO_FIXED:
        wire->max_bytes = row->fixed_len;
        break;
    case INFO_BYTE:
        wire->max_bytes = reader_u8(reader);
        break;
    case INFO_NUMBER:
        wire->max_bytes = reader_u8(reader);
        wire->precision = reader_u8(reader);
        wire->scale = reader_u8(reader);
        break;
    case INFO_NONE:
        break;
    case INFO_SCALE:
        wire->scale = reader_u8(reader);
        break;
    case INFO_SHORT:
        wire->max_bytes = reader_u16(reader);
        wire->is_long = wire->max_bytes == 0xFFFF;
        break;
    case INFO_LONG:
        wire->max_bytes = reader_u32(reader);
        break;
    }
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

/* ---- payloads ---------------------------------------------------------------------------- */

static bool read_null(const uint8_t *bytes, size_t len, const WireType *wire, Arena *arena,
                      SbType *type, SbValue *value)
{
    (void)bytes, (void)len, (void)wire, (void)arena, (void)type;
    value->is_null = true;
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

static bool read_int(const uint8_t *bytes, size_t len, const WireType *wire, Arena *arena,
                     SbType *type, SbValue *value)
{
    (void)wire, (void)arena;
    if (!set_int_type(type, len))
        return false;
    uint64_t raw = number(bytes, len);
    if (len == 2)
        value->i64 = (int16_t)raw;
    else if (len == 4)
        value->i64 = (int32_t)raw;
    else
        value->i64 = (int64_t)raw; // tinyint has no sign
    return true;
}

static bool read_bit(const uint8_t *bytes, size_t len, const WireType *wire, Arena *arena,
                     SbType *type, SbValue *value)
{
    (void)wire, (void)arena, (void)type;
    if (len != 1)
        return false;
    value->i64 = bytes[0] != 0;
    return true;
}

static bool read_float(const uint8_t *bytes, size_t len, const WireType *wire, Arena *arena,
                       SbType *type, SbValue *value)
{
    float narrow;

    (void)wire, (void)arena, (void)type;
    if (len == 8) {
        memcpy(&value->f64, bytes, 8);
        return true;
    }
    if (len != 4)
        return false;
    memcpy(&narrow, bytes, 4);
    value->f64 = (double)narrow;
    return true;
}

static Str decimal_text(Arena *arena, Decimal number)
{
    AUTO(buf_done) Buf text = BUF(100);

    decimal_put(number, &text);
    return (Str){arena_copy(arena, buf_text(&text), text.len), text.len};
}

static bool read_money(const uint8_t *bytes, size_t len, const WireType *wire, Arena *arena,
                       SbType *type, SbValue *value)
{
    (void)wire;
    if (len != 4 && len != 8)
        return false;
    /* The eight-byte form has its high half first. */
    int64_t raw = len == 4 ? (int32_t)number(bytes, 4)
                           : (int64_t)(number(bytes, 4) << 32 | number(bytes + 4, 4));
    *type = (SbType){.id = SB_DECIMAL, .precision = len == 4 ? 10 : 19, .scale = 4};
    Decimal number = decimal_of_int(raw);
    number.scale = 4;
    value->bytes = decimal_text(arena, number);
    return true;
}

static bool read_decimal(const uint8_t *bytes, size_t len, const WireType *wire, Arena *arena,
                         SbType *type, SbValue *value)
{
    Decimal number = {.scale = wire->scale, .is_negative = len > 0 && bytes[0] == 0};

    if (len < 2 || len > 17)
        return false;
    for (size_t i = len - 1; i > 0; i--)
        number.digits = number.digits << 8 | bytes[i];
    *type = (SbType){.id = SB_DECIMAL, .precision = wire->precision, .scale = wire->scale};
    value->bytes = decimal_text(arena, number);
    return true;
}

static bool read_guid(const uint8_t *b, size_t len, const WireType *wire, Arena *arena,
                      SbType *type, SbValue *value)
{
    (void)wire, (void)type;
    if (len != 16)
        return false;
    char *text = arena_printf(
        arena, "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X", b[3], b[2],
        b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    value->bytes = (Str){text, 36};
    return true;
}

static bool read_datetime(const uint8_t *bytes, size_t len, const WireType *wire, Arena *arena,
                          SbType *type, SbValue *value)
{
    (void)wire, (void)arena, (void)type;
    if (len != 4 && len != 8)
        return false;
    int64_t days = len == 4 ? (int64_t)number(bytes, 2) : (int32_t)number(bytes, 4);
    int64_t ticks = len == 4 ? (int64_t)number(bytes + 2, 2) * 60 * TICKS_PER_SECOND
                             : ((int64_t)number(bytes + 4, 4) * TICKS_PER_SECOND + 150) / 300;
    days += DAYS_1900;
    if (days < 0 || days >= DAYS_END || ticks >= TICKS_PER_DAY)
        return false;
    value->time = (Instant){.ticks = days * TICKS_PER_DAY + ticks, .is_set = true};
    return true;
}

static bool read_date(const uint8_t *bytes, size_t len, const WireType *wire, Arena *arena,
                      SbType *type, SbValue *value)
{
    (void)wire, (void)arena, (void)type;
    if (len != 3 || number(bytes, 3) >= DAYS_END)
        return false;
    value->time = (Instant){.ticks = (int64_t)number(bytes, 3) * TICKS_PER_DAY, .is_set = true};
    return true;
}

static bool read_datetime2(const uint8_t *bytes, size_t len, const WireType *wire, Arena *arena,
                           SbType *type, SbValue *value)
{
    size_t time_len = wire->scale <= 2 ? 3 : wire->scale <= 4 ? 4 : 5;
    WireType date = {0};

    if (len != time_len + 3 || !read_date(bytes + time_len, 3, &date, arena, type, value))
        return false;
    int64_t ticks = (int64_t)number(bytes, time_len);
    for (int i = wire->scale; i < 7; i++)
        ticks *= 10;
    type->scale = wire->scale;
    value->time.ticks += ticks;
    return ticks < TICKS_PER_DAY;
}

static bool read_datetimeoffset(const uint8_t *bytes, size_t len, const WireType *wire,
                                Arena *arena, SbType *type, SbValue *value)
{
    if (len < 2 || !read_datetime2(bytes, len - 2, wire, arena, type, value))
        return false;
    value->time.offset_minutes = (int16_t)number(bytes + len - 2, 2);
    return value->time.offset_minutes >= -14 * 60 && value->time.offset_minutes <= 14 * 60;
}

static bool read_utf16(const uint8_t *bytes, size_t len, const WireType *wire, Arena *arena,
                       SbType *type, SbValue *value)
{
    (void)wire, (void)type;
    if (len % 2 != 0)
        return false;
    value->bytes = text_from_utf16le(arena, bytes, len / 2);
    return true;
}

static bool read_cp1252(const uint8_t *bytes, size_t len, const WireType *wire, Arena *arena,
                        SbType *type, SbValue *value)
{
    (void)wire, (void)type;
    value->bytes = text_from_cp1252(arena, bytes, len);
    return true;
}

static bool read_binary(const uint8_t *bytes, size_t len, const WireType *wire, Arena *arena,
                        SbType *type, SbValue *value)
{
    (void)wire, (void)arena, (void)type;
    value->bytes = (Str){bytes ? (const char *)bytes : "", len};
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
static bool read_variant(const uint8_t *bytes, size_t len, const WireType *wire, Arena *arena,
                         SbType *type, SbValue *value)
{
    Reader reader = reader_of(bytes, len);
    WireType held = {.token = reader_u8(&reader)};
    uint8_t property_len = reader_u8(&reader);
    const uint8_t *properties = reader_take(&reader, property_len);
    const Incoming *row = find(held.token);
    SbType held_type = {0};

    (void)wire, (void)type;
    if (reader.is_bad || !row || row->read == read_variant || row->read == read_null)
        return false;
    read_properties(reader_of(properties, property_len), row, &held);
    if (row->form == INFO_FIXED || row->form == INFO_BYTE)
        held.max_bytes = (uint32_t)reader.left;
    if (held.precision > 38 || held.scale > (row->form == INFO_NUMBER ? 38 : 7))
        return false;
    held_type = declared_type(&held, row);
    if (!row->read(reader.at, reader.left, &held, arena, &held_type, value))
        return false;
    value->held = held_type;
    return true;
}

/* ---- values ------------------------------------------------------------------------------ */

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
    if (!raw.is_null && !row->read(raw.bytes, raw.len, wire, arena, &type, &value))
        return false;
    *ret_type = type;
    *ret_value = value;
    return true;
}
