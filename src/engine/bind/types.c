/* SQL Server's types: which converts into which, and values that do. */
#include "types.h"

#include "ssisminer/base/utf.h"

static const struct {
    const char *name;
    int system; // its number in sys.columns
    int rank;   // precedence, higher wins
    int digits; // as sys.columns has them
    int bytes;  // of a value at most; 0: as declared
} facts[] = {
    [SB_BIT] = {"bit", 104, 3, 1, 1},
    [SB_TINYINT] = {"tinyint", 48, 4, 3, 1},
    [SB_SMALLINT] = {"smallint", 52, 5, 5, 2},
    [SB_INT] = {"int", 56, 6, 10, 4},
    [SB_BIGINT] = {"bigint", 127, 7, 19, 8},
    [SB_DECIMAL] = {"decimal", 106, 8, 0, 9},
    [SB_FLOAT] = {"float", 62, 9, 53, 8},
    [SB_NVARCHAR] = {"nvarchar", 231, 1, 0, 0},
    [SB_DATE] = {"date", 40, 10, 10, 3},
    [SB_DATETIME] = {"datetime", 61, 11, 23, 8},
    [SB_DATETIME2] = {"datetime2", 42, 12, 27, 8},
    [SB_DATETIMEOFFSET] = {"datetimeoffset", 43, 13, 34, 10},
    [SB_UNIQUEIDENTIFIER] = {"uniqueidentifier", 36, 2, 0, 16},
    [SB_VARBINARY] = {"varbinary", 165, 0, 0, 0},
    [SB_SQL_VARIANT] = {"sql_variant", 98, 14, 0, 8016},
};

/* What is another type to T-SQL and the same here. */
static const struct {
    SbType type; // precision and scale as flags
    const char *name;
    int system;
} variants[] = {
    {{.id = SB_NVARCHAR, .precision = 1, .scale = 1}, "char", 175},
    {{.id = SB_NVARCHAR, .precision = 1}, "varchar", 167},
    {{.id = SB_NVARCHAR, .scale = 1}, "nchar", 239},
    {{.id = SB_VARBINARY, .scale = 1}, "binary", 173},
    {{.id = SB_FLOAT, .precision = 1}, "real", 59},
};

bool type_is_integer(SbTypeId id)
{
    return id <= SB_BIGINT;
}

bool type_is_number(SbTypeId id)
{
    return id <= SB_DECIMAL;
}

bool type_is_time(SbTypeId id)
{
    return id >= SB_DATE && id <= SB_DATETIMEOFFSET;
}

bool type_is_bare_variant(SbType type)
{
    return type.id == SB_INT || (type.id == SB_FLOAT && !type.precision) ||
           (type.id == SB_NVARCHAR && !type.precision && !type.scale);
}

bool type_same_family(SbTypeId a, SbTypeId b)
{
    return a == b || (type_is_integer(a) && type_is_integer(b));
}

int type_bytes(SbType type)
{
    if (type.id == SB_DECIMAL)
        return type.precision <= 9 ? 5 : type.precision <= 19 ? 9 : type.precision <= 28 ? 13 : 17;
    if (type.id == SB_DATETIME2 || type.id == SB_DATETIMEOFFSET)
        return facts[type.id].bytes - (type.scale <= 2 ? 2 : type.scale <= 4 ? 1 : 0);
    return type.id == SB_FLOAT && type.precision ? 4 : facts[type.id].bytes;
}

const char *type_name(SbType type)
{
    int system;
    return type_facts(type, &system);
}

const char *type_facts(SbType type, int *ret_system)
{
    for (size_t i = 0; i < ARRAY_LEN(variants); i++)
        if (variants[i].type.id == type.id && variants[i].type.precision == !!type.precision &&
            variants[i].type.scale == !!type.scale) {
            *ret_system = variants[i].system;
            return variants[i].name;
        }
    *ret_system = facts[type.id].system;
    return facts[type.id].name;
}

int type_digits(SbType type)
{
    return type.id == SB_DECIMAL || (type.id == SB_FLOAT && type.precision) ? type.precision
                                                                            : facts[type.id].digits;
}

SbType type_of(SbTypeId id)
{
    SbType type = {.id = id};
    if (id == SB_DATETIME)
        type.scale = 3;
    if (id == SB_DATETIME2 || id == SB_DATETIMEOFFSET)
        type.scale = 7;
    if (id == SB_DECIMAL)
        type.precision = 18;
    if (id == SB_NVARCHAR || id == SB_VARBINARY)
        type.max_chars = -1;
    return type;
}

SbType type_text(int max_chars, bool is_ansi)
{
    int most = is_ansi ? 8000 : 4000;
    return (SbType){
        .id = SB_NVARCHAR, .max_chars = max_chars > most ? most : max_chars, .precision = is_ansi};
}

static int longer(int a, int b)
{
    return a < 0 || b < 0 ? -1 : a > b ? a : b;
}

SbType type_decimal(SbType type)
{
    if (type.id == SB_DECIMAL)
        return type;
    return (SbType){.id = SB_DECIMAL, .precision = type_digits(type)};
}

static SbType unify_decimal(SbType a, SbType b)
{
    a = type_decimal(a);
    b = type_decimal(b);
    int scale = a.scale > b.scale ? a.scale : b.scale;
    int whole = a.precision - a.scale > b.precision - b.scale ? a.precision - a.scale
                                                              : b.precision - b.scale;
    int precision = whole + scale > 38 ? 38 : whole + scale;
    return (SbType){.id = SB_DECIMAL, .precision = precision, .scale = scale};
}

SbType type_unify(SbType a, SbType b)
{
    SbType high = facts[a.id].rank >= facts[b.id].rank ? a : b;
    SbType low = facts[a.id].rank >= facts[b.id].rank ? b : a;

    if (high.id == SB_DECIMAL && type_is_number(low.id))
        return unify_decimal(a, b);
    if (high.id != low.id)
        return high;
    if (high.id == SB_NVARCHAR) {
        SbType text = type_text(longer(a.max_chars, b.max_chars), a.precision && b.precision);
        text.scale = a.scale && b.scale && a.max_chars == b.max_chars;
        return text;
    }
    if (high.id == SB_FLOAT)
        high.precision = a.precision && b.precision ? a.precision : 0;
    if (high.id == SB_VARBINARY) {
        high.max_chars = longer(a.max_chars, b.max_chars);
        high.scale = 0;
    }
    if (type_is_time(high.id) && low.scale > high.scale)
        high.scale = low.scale;
    return high;
}

int64_t type_pack(SbType type)
{
    return (int64_t)type.id | (int64_t)type.scale << 8 | (int64_t)type.precision << 16 |
           (int64_t)(type.max_chars + 1) << 24;
}

SbType type_unpack(int64_t packed)
{
    return (SbType){.id = (SbTypeId)(packed & 255),
                    .scale = (int)(packed >> 8 & 255),
                    .precision = (int)(packed >> 16 & 255),
                    .max_chars = (int)(packed >> 24) - 1};
}

Conversion type_conversion(SbType from, SbType to)
{
    SbTypeId a = from.id, b = to.id;

    if (a == b || b == SB_SQL_VARIANT)
        return b == SB_SQL_VARIANT &&
                       (from.max_chars < 0 && (a == SB_NVARCHAR || a == SB_VARBINARY))
                   ? CONVERT_NEVER
                   : CONVERT_FREE;
    if (a == SB_SQL_VARIANT)
        return CONVERT_EXPLICIT;
    if (a == SB_VARBINARY)
        return b == SB_NVARCHAR ? CONVERT_EXPLICIT : CONVERT_UNKNOWN;
    if (b == SB_VARBINARY)
        return CONVERT_UNKNOWN;
    if (a == SB_NVARCHAR)
        return CONVERT_FREE;
    if (b == SB_NVARCHAR)
        return CONVERT_FREE;
    if (a == SB_UNIQUEIDENTIFIER || b == SB_UNIQUEIDENTIFIER)
        return CONVERT_NEVER;
    if (type_is_number(a) && type_is_number(b))
        return CONVERT_FREE;
    if (type_is_time(a) && type_is_time(b))
        return CONVERT_FREE;
    if (a == SB_DATETIME || b == SB_DATETIME)
        return CONVERT_UNKNOWN; // days since 1900 as a number: a trick this front end does not know
    return CONVERT_NEVER;
}

/* ---- text ------------------------------------------------------------------------------------ */

size_t nvarchar_units(Str text)
{
    size_t units = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        units += (c & 0xC0) != 0x80;
        units += c >= 0xF0; // a pair
    }
    return units;
}

Str nvarchar_cut(Str text, size_t from_unit, size_t units)
{
    size_t at = 0, seen = 0;
    while (at < text.len && seen < from_unit) {
        size_t bytes = 1;
        uint32_t code = utf_next(text.at + at, text.len - at, &bytes);
        seen += code >= 0x10000 ? 2 : 1;
        at += bytes;
    }
    size_t start = at;
    for (seen = 0; at < text.len && seen < units;) {
        size_t bytes = 1;
        uint32_t code = utf_next(text.at + at, text.len - at, &bytes);
        seen += code >= 0x10000 ? 2 : 1;
        if (seen > units)
            break; // half a pair is left out
        at += bytes;
    }
    return (Str){text.at + start, at - start};
}

Str nvarchar_rtrim(Str text)
{
    while (text.len && text.at[text.len - 1] == ' ')
        text.len--;
    return text;
}
