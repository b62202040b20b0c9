#include "rpc.h"

#include "text.h"
#include "types.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Types that convert alike. */
typedef enum Kind {
    KIND_INT,
    KIND_FLOAT,
    KIND_DECIMAL,
    KIND_TEXT,
    KIND_TIME,
    KIND_GUID,
    KIND_BINARY,
    KIND_VARIANT
} Kind;

static const Kind kinds[] = {
    [SB_BIT] = KIND_INT,
    [SB_TINYINT] = KIND_INT,
    [SB_SMALLINT] = KIND_INT,
    [SB_INT] = KIND_INT,
    [SB_BIGINT] = KIND_INT,
    [SB_FLOAT] = KIND_FLOAT,
    [SB_DECIMAL] = KIND_DECIMAL,
    [SB_NVARCHAR] = KIND_TEXT,
    [SB_DATE] = KIND_TIME,
    [SB_DATETIME] = KIND_TIME,
    [SB_DATETIME2] = KIND_TIME,
    [SB_DATETIMEOFFSET] = KIND_TIME,
    [SB_UNIQUEIDENTIFIER] = KIND_GUID,
    [SB_VARBINARY] = KIND_BINARY,
    [SB_SQL_VARIANT] = KIND_VARIANT,
};

typedef bool Convert(SbValue *value, const SbType *from, const SbType *to, Arena *arena);

/* ---- to numbers -------------------------------------------------------------------------- */

static bool fits_int(SbValue *value, const SbType *to)
{
    static const struct {
        int64_t low, high;
    } ranges[] = {[SB_BIT] = {0, 1},
                  [SB_TINYINT] = {0, UINT8_MAX},
                  [SB_SMALLINT] = {INT16_MIN, INT16_MAX},
                  [SB_INT] = {INT32_MIN, INT32_MAX},
                  [SB_BIGINT] = {INT64_MIN, INT64_MAX}};

    if (to->id == SB_BIT)
        value->i64 = value->i64 != 0;
    return value->i64 >= ranges[to->id].low && value->i64 <= ranges[to->id].high;
}

static bool int_to_int(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    (void)from, (void)arena;
    return fits_int(value, to);
}

static bool float_to_int(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    (void)from, (void)arena;
    if (!(fabs(value->f64) < 9.2e18))
        return false;
    value->i64 = (int64_t)value->f64;
    return fits_int(value, to);
}

static bool decimal_to_int(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    const char *point = memchr(value->bytes.at, '.', value->bytes.len);
    Str whole = {value->bytes.at, point ? (size_t)(point - value->bytes.at) : value->bytes.len};

    (void)from, (void)arena;
    return str_to_i64(whole, &value->i64) && fits_int(value, to);
}

static bool text_to_int(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    (void)from, (void)arena;
    return str_to_i64(str_trim(value->bytes), &value->i64) && fits_int(value, to);
}

static bool int_to_float(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    (void)from, (void)to, (void)arena;
    value->f64 = (double)value->i64;
    return true;
}

static bool text_to_float(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    const char *text = arena_copy(arena, value->bytes.at, value->bytes.len);
    char *end = NULL;

    (void)from, (void)to;
    value->f64 = strtod(text, &end);
    return end != text && str_is_blank(end) && isfinite(value->f64);
}

static bool float_to_float(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    (void)value, (void)from, (void)to, (void)arena;
    return true;
}

/* Rounds half away from zero to the declared scale. */
static bool to_decimal(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    bool is_negative = false;
    Uint128 digits = 0, limit = 1;
    Str text = str_trim(value->bytes);
    const char *point = memchr(text.at, '.', text.len);
    int scale = point ? (int)(text.at + text.len - point - 1) : 0;

    (void)from;
    if (!types_parse_decimal(text, scale, &is_negative, &digits))
        return false;
    for (; scale > to->scale; scale--)
        digits = digits / 10 + (scale == to->scale + 1 && digits % 10 >= 5);
    for (; scale < to->scale; scale++) {
        if (digits > ~(Uint128)0 / 10)
            return false;
        digits *= 10;
    }
    for (int i = 0; i < to->precision; i++)
        limit *= 10;
    if (digits >= limit)
        return false;
    value->bytes = types_decimal_text(arena, is_negative, digits, to->scale);
    return true;
}

static bool int_to_decimal(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    value->bytes = str_of(arena_printf(arena, "%" PRId64, value->i64));
    return to_decimal(value, from, to, arena);
}

static bool float_to_decimal(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    if (!(fabs(value->f64) < 1e37))
        return false;
    value->bytes = str_of(arena_printf(arena, "%.*f", to->scale, value->f64));
    return to_decimal(value, from, to, arena);
}

/* ---- to texts, bytes and times ----------------------------------------------------------- */

/* A longer text is cut without a word, as for any variable. */
static bool text_to_text(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    (void)from, (void)arena;
    if (to->max_chars >= 0)
        value->bytes = text_cut(value->bytes, (size_t)to->max_chars);
    return true;
}

static bool int_to_text(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    (void)from;
    value->bytes = str_of(arena_printf(arena, "%" PRId64, value->i64));
    return to->max_chars < 0 || value->bytes.len <= (size_t)to->max_chars;
}

static bool guid_to_text(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    (void)from, (void)arena;
    return to->max_chars < 0 || value->bytes.len <= (size_t)to->max_chars;
}

static bool text_to_guid(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    uint8_t bytes[16];

    (void)from, (void)to, (void)arena;
    value->bytes = str_trim(value->bytes);
    return types_parse_guid(value->bytes, bytes);
}

static bool guid_to_guid(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    (void)value, (void)from, (void)to, (void)arena;
    return true;
}

static bool bytes_to_bytes(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    (void)from, (void)arena;
    if (to->max_chars >= 0 && value->bytes.len > (size_t)to->max_chars)
        value->bytes.len = (size_t)to->max_chars;
    return true;
}

static bool time_to_time(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    Instant at = value->time;

    (void)arena;
    if (from->id == SB_DATETIMEOFFSET && to->id != SB_DATETIMEOFFSET) { // keeps the wall clock
        at.ticks += at.offset_minutes * 60 * TICKS_PER_SECOND;
        at.offset_minutes = 0;
    }
    if (to->id == SB_DATE)
        at.ticks -= at.ticks % TICKS_PER_DAY;
    value->time = at;
    return true;
}

static bool text_to_time(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    const SbType parsed = {.id = SB_DATETIMEOFFSET};
    Str text = str_trim(value->bytes);
    Err ignored = {0};

    (void)from;
    if (text.len < 10 || text.at[4] != '-') // time_parse also takes "now" and "24h"
        return false;
    if (time_parse(arena_copy(arena, text.at, text.len), time_now(), &value->time, &ignored) !=
        RC_OK)
        return false;
    return time_to_time(value, &parsed, to, arena);
}

static bool to_variant(SbValue *value, const SbType *from, const SbType *to, Arena *arena)
{
    (void)to, (void)arena;
    if (from->id != SB_SQL_VARIANT)
        value->held = *from;
    return true;
}

/* [from][to]; NULL: the server refuses it too, or nobody needs it. */
static Convert *const conversions[][KIND_VARIANT + 1] = {
    [KIND_INT] = {int_to_int, int_to_float, int_to_decimal, int_to_text, NULL, NULL, NULL,
                  to_variant},
    [KIND_FLOAT] = {float_to_int, float_to_float, float_to_decimal, NULL, NULL, NULL, NULL,
                    to_variant},
    [KIND_DECIMAL] = {decimal_to_int, text_to_float, to_decimal, text_to_text, NULL, NULL, NULL,
                      to_variant},
    [KIND_TEXT] = {text_to_int, text_to_float, to_decimal, text_to_text, text_to_time, text_to_guid,
                   NULL, to_variant},
    [KIND_TIME] = {NULL, NULL, NULL, NULL, time_to_time, NULL, NULL, to_variant},
    [KIND_GUID] = {NULL, NULL, NULL, guid_to_text, NULL, guid_to_guid, NULL, to_variant},
    [KIND_BINARY] = {NULL, NULL, NULL, NULL, NULL, NULL, bytes_to_bytes, to_variant},
    [KIND_VARIANT] = {NULL, NULL, NULL, NULL, NULL, NULL, NULL, to_variant},
};

bool rpc_convert(SbParam *param, const SbType *declared, Arena *arena)
{
    Convert *convert = conversions[kinds[param->type.id]][kinds[declared->id]];

    if (param->value.is_null) {
        param->type = *declared;
        return true;
    }
    if (!convert || !convert(&param->value, &param->type, declared, arena))
        return false;
    param->type = *declared;
    return true;
}
