/* Types and values as the server sends them. */
#include "types.h"

#include "ssisminer/engine/decimal.h"

#include <stdio.h>
#include <string.h>

enum {
    VARIANT_MAX = 8009,
    VARIANT_TEXT_MAX = 8000,
    DAYS_1900 = 693595, // 0001-01-01 to 1900-01-01
    DAYS_END = 3652059, // one behind 9999-12-31
    THREE_HUNDREDTHS_A_DAY = 25920000
};

const uint8_t types_collation[COLLATION_LEN] = {0x09, 0x04, 0xD0, 0x00, 0x34};

typedef bool PutPayload(Buf *buf, const SbType *type, const SbValue *value);

static PutPayload put_int, put_float, put_decimal, put_text, put_date, put_datetime, put_datetime2,
    put_datetimeoffset, put_guid, put_binary;

/* One row a type. `token` is the nullable type; `bare` is how a sql_variant names it. */
typedef struct Coding {
    const char *name;
    uint8_t token, bare;
    uint8_t fixed_len; // 0: depends
    bool has_scale;
    PutPayload *put;
} Coding;

static const Coding codings[] = {
    [SB_BIT] = {"bit", 0x68, 0x32, 1, false, put_int},
    [SB_TINYINT] = {"tinyint", 0x26, 0x30, 1, false, put_int},
    [SB_SMALLINT] = {"smallint", 0x26, 0x34, 2, false, put_int},
    [SB_INT] = {"int", 0x26, 0x38, 4, false, put_int},
    [SB_BIGINT] = {"bigint", 0x26, 0x7F, 8, false, put_int},
    [SB_FLOAT] = {"float", 0x6D, 0x3E, 8, false, put_float},
    [SB_DECIMAL] = {"decimal", 0x6A, 0x6A, 0, false, put_decimal},
    [SB_NVARCHAR] = {"nvarchar", 0xE7, 0xE7, 0, false, put_text},
    [SB_DATE] = {"date", 0x28, 0x28, 0, false, put_date},
    [SB_DATETIME] = {"datetime", 0x6F, 0x3D, 8, false, put_datetime},
    [SB_DATETIME2] = {"datetime2", 0x2A, 0x2A, 0, true, put_datetime2},
    [SB_DATETIMEOFFSET] = {"datetimeoffset", 0x2B, 0x2B, 0, true, put_datetimeoffset},
    [SB_UNIQUEIDENTIFIER] = {"uniqueidentifier", 0x24, 0x24, 16, false, put_guid},
    [SB_VARBINARY] = {"varbinary", 0xA5, 0xA5, 0, false, put_binary},
    [SB_SQL_VARIANT] = {"sql_variant", 0x62, 0x62, 0, false, NULL},
};

const char *types_name(const SbType *type)
{
    return codings[type->id].name;
}

/* Longest form in bytes, -1 where it has to be sent in chunks. */
static long text_bytes(const SbType *type)
{
    bool is_wide = type->id == SB_NVARCHAR && !type->precision;
    long bytes = is_wide ? 2L * type->max_chars : type->max_chars;

    return bytes > 0 && bytes <= 8000 ? bytes : -1;
}

static size_t decimal_len(int precision)
{
    return precision <= 9 ? 5 : precision <= 19 ? 9 : precision <= 28 ? 13 : 17;
}

/* ---- what a column is ------------------------------------------------------------------------ */

static void put_text_info(Buf *buf, const SbType *type)
{
    long bytes = text_bytes(type);

    put_u16(buf, bytes < 0 ? 0xFFFF : (unsigned)bytes);
    if (type->id == SB_NVARCHAR)
        buf_put(buf, types_collation, COLLATION_LEN);
}

/* Of text and bytes by whether they are Unicode and of a fixed length; a real names itself in a
 * sql_variant. */
static uint8_t token_of(const SbType *type, bool is_bare)
{
    static const uint8_t texts[2][2] = {{0xE7, 0xEF}, {0xA7, 0xAF}}, bytes[2] = {0xA5, 0xAD};
    bool is_fixed = type->scale != 0 && type->max_chars > 0;

    if (type->id == SB_NVARCHAR)
        return texts[type->precision != 0][is_fixed];
    if (type->id == SB_VARBINARY)
        return bytes[is_fixed];
    if (type->id == SB_FLOAT && type->precision && is_bare)
        return 0x3B;
    return is_bare ? codings[type->id].bare : codings[type->id].token;
}

void types_put_info(Buf *buf, const SbType *type)
{
    const Coding *coding = &codings[type->id];

    put_u8(buf, token_of(type, false));
    if (type->id == SB_FLOAT) {
        put_u8(buf, type->precision ? 4 : 8);
    } else if (coding->fixed_len > 0) {
        put_u8(buf, coding->fixed_len);
    } else if (coding->has_scale) {
        put_u8(buf, (unsigned)type->scale);
    } else if (type->id == SB_DECIMAL) {
        put_u8(buf, (unsigned)decimal_len(type->precision));
        put_u8(buf, (unsigned)type->precision);
        put_u8(buf, (unsigned)type->scale);
    } else if (type->id == SB_SQL_VARIANT) {
        put_u32(buf, VARIANT_MAX);
    } else if (type->id != SB_DATE) {
        put_text_info(buf, type);
    }
}

/* ---- payloads: a value's bytes without their length ------------------------------------------ */

static bool put_int(Buf *buf, const SbType *type, const SbValue *value)
{
    size_t bytes = codings[type->id].fixed_len;
    int64_t high = (int64_t)(UINT64_MAX >> (65 - bytes * 8)), low = -high - 1;

    if (type->id == SB_BIT || type->id == SB_TINYINT) {
        low = 0;
        high = type->id == SB_BIT ? 1 : 255;
    }
    put_uint(buf, (uint64_t)value->i64, bytes);
    return value->i64 >= low && value->i64 <= high;
}

static bool put_float(Buf *buf, const SbType *type, const SbValue *value)
{
    uint64_t bits;
    float narrow = (float)value->f64;
    uint32_t narrow_bits;

    memcpy(&bits, &value->f64, sizeof(bits));
    memcpy(&narrow_bits, &narrow, sizeof(narrow_bits));
    if (type->precision)
        put_u32(buf, narrow_bits);
    else
        put_u64(buf, bits);
    return true;
}

static bool put_decimal(Buf *buf, const SbType *type, const SbValue *value)
{
    Decimal number;

    if (!decimal_parse(value->bytes, &number) || number.scale > type->scale ||
        !decimal_fit(&number, *type))
        return false;
    put_u8(buf, !number.is_negative);
    for (size_t i = 1; i < decimal_len(type->precision); i++, number.digits >>= 8)
        put_u8(buf, (unsigned)(number.digits & 0xFF));
    return true;
}

static bool put_text(Buf *buf, const SbType *type, const SbValue *value)
{
    long limit = text_bytes(type);
    size_t bytes = type->precision ? text_put_cp1252(buf, value->bytes)
                                   : 2 * text_put_utf16le(buf, value->bytes);

    return (long)bytes <= limit || limit < 0;
}

static bool put_binary(Buf *buf, const SbType *type, const SbValue *value)
{
    long limit = text_bytes(type);

    buf_put(buf, value->bytes.at, value->bytes.len);
    return (long)value->bytes.len <= limit || limit < 0;
}

static int64_t wall_ticks(const SbValue *value)
{
    return value->time.ticks + value->time.offset_minutes * 60 * TICKS_PER_SECOND;
}

static bool put_days(Buf *buf, int64_t days)
{
    put_uint(buf, (uint64_t)days, 3);
    return days >= 0 && days < DAYS_END;
}

static bool put_date(Buf *buf, const SbType *type, const SbValue *value)
{
    (void)type;
    return put_days(buf, wall_ticks(value) / TICKS_PER_DAY);
}

static bool put_datetime(Buf *buf, const SbType *type, const SbValue *value)
{
    int64_t wall = wall_ticks(value);
    int64_t days = wall / TICKS_PER_DAY;
    int64_t parts = (wall % TICKS_PER_DAY * 300 + TICKS_PER_SECOND / 2) / TICKS_PER_SECOND;

    (void)type;
    if (parts == THREE_HUNDREDTHS_A_DAY) {
        parts = 0;
        days++;
    }
    put_u32(buf, (uint32_t)(days - DAYS_1900));
    put_u32(buf, (uint32_t)parts);
    return days >= 0 && days < DAYS_END;
}

/* Time of day at the column's scale, then the date. */
static bool put_time_and_date(Buf *buf, int scale, int64_t ticks)
{
    int64_t unit = 1;

    for (int i = scale; i < 7; i++)
        unit *= 10;
    ticks = (ticks + unit / 2) / unit * unit;
    put_uint(buf, (uint64_t)(ticks % TICKS_PER_DAY / unit), scale <= 2 ? 3 : scale <= 4 ? 4 : 5);
    return put_days(buf, ticks / TICKS_PER_DAY) && ticks >= 0;
}

static bool put_datetime2(Buf *buf, const SbType *type, const SbValue *value)
{
    return put_time_and_date(buf, type->scale, wall_ticks(value));
}

static bool put_datetimeoffset(Buf *buf, const SbType *type, const SbValue *value)
{
    bool ok = put_time_and_date(buf, type->scale, value->time.ticks);

    put_u16(buf, (uint16_t)value->time.offset_minutes);
    return ok;
}

static bool types_parse_guid(Str text, uint8_t ret_bytes[16])
{
    /* The first three groups are little-endian numbers. */
    static const uint8_t place[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    size_t at = 0;

    if (text.len != 36)
        return false;
    for (size_t i = 0; i < 16; i++) {
        if (at == 8 || at == 13 || at == 18 || at == 23)
            if (text.at[at++] != '-')
                return false;
        int high = str_hex_digit(text.at[at]), low = str_hex_digit(text.at[at + 1]);
        if (high < 0 || low < 0)
            return false;
        ret_bytes[place[i]] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    return true;
}

static bool put_guid(Buf *buf, const SbType *type, const SbValue *value)
{
    uint8_t bytes[16];

    (void)type;
    if (!types_parse_guid(value->bytes, bytes))
        return false;
    buf_put(buf, bytes, sizeof(bytes));
    return true;
}

/* ---- values ---------------------------------------------------------------------------------- */

static void put_properties(Buf *buf, const SbType *type)
{
    Buf properties = BUF(16);

    if (type->id == SB_NVARCHAR)
        buf_put(&properties, types_collation, COLLATION_LEN);
    if (type->id == SB_NVARCHAR || type->id == SB_VARBINARY)
        put_u16(&properties, VARIANT_TEXT_MAX);
    if (type->id == SB_DECIMAL)
        put_u8(&properties, (unsigned)type->precision);
    if (type->id == SB_DECIMAL || codings[type->id].has_scale)
        put_u8(&properties, (unsigned)type->scale);
    put_u8(buf, (unsigned)properties.len);
    buf_put(buf, buf_text(&properties), properties.len);
    buf_done(&properties);
}

static bool put_variant(Buf *buf, const SbValue *value)
{
    size_t len_at = buf->len;

    put_u32(buf, 0);
    if (value->is_null)
        return true;
    if (value->held.id == SB_SQL_VARIANT)
        return false;

    SbType type = value->held;
    if (type.max_chars <= 0 || type.max_chars > VARIANT_TEXT_MAX)
        type.max_chars =
            type.id == SB_NVARCHAR && !type.precision ? VARIANT_TEXT_MAX / 2 : VARIANT_TEXT_MAX;
    put_u8(buf, token_of(&type, true));
    put_properties(buf, &type);
    bool ok = codings[type.id].put(buf, &type, value);
    put_u32_at(buf, len_at, buf->len - len_at - 4);
    return ok;
}

/* Partially length-prefixed: the whole length, one chunk, an empty chunk. */
static bool put_chunked(Buf *buf, const SbType *type, const SbValue *value)
{
    size_t at = buf->len;

    if (value->is_null) {
        put_u64(buf, UINT64_MAX);
        return true;
    }
    put_u64(buf, 0);
    put_u32(buf, 0);
    bool ok = codings[type->id].put(buf, type, value);
    size_t len = buf->len - at - 12;
    put_u32_at(buf, at, len);
    put_u32_at(buf, at + 8, len);
    if (len > 0) // an empty first chunk is already the end
        put_u32(buf, 0);
    return ok;
}

/* Behind its length; NULL is 0xFFFF, or a length of nothing. */
static bool put_sized(Buf *buf, const SbType *type, const SbValue *value, size_t len_bytes)
{
    size_t at = buf->len;

    put_uint(buf, value->is_null && len_bytes == 2 ? 0xFFFF : 0, len_bytes);
    if (value->is_null)
        return true;
    bool ok = codings[type->id].put(buf, type, value);
    size_t len = buf->len - at - len_bytes;
    if (len_bytes == 2)
        put_u16_at(buf, at, len);
    else if (at < buf->len)
        buf->text[at] = (char)len;
    return ok;
}

bool types_put_value(Buf *buf, const SbType *type, const SbValue *value)
{
    bool is_text = type->id == SB_NVARCHAR || type->id == SB_VARBINARY;

    if (type->id == SB_SQL_VARIANT)
        return put_variant(buf, value);
    if (is_text && text_bytes(type) < 0)
        return put_chunked(buf, type, value);
    return put_sized(buf, type, value, is_text ? 2 : 1);
}

SbType types_before_73(SbType type)
{
    static const int lengths[] = {[SB_DATE] = 10, [SB_DATETIME2] = 27, [SB_DATETIMEOFFSET] = 34};

    if (type.id != SB_DATE && type.id != SB_DATETIME2 && type.id != SB_DATETIMEOFFSET)
        return type;
    return (SbType){.id = SB_NVARCHAR, .max_chars = lengths[type.id]};
}
