/* Conversions between the types, with the errors a server gives. */
#include "types.h"

#include "ssisminer/base/utf.h"
#include "ssisminer/engine/decimal.h"
#include "ssisminer/engine/stored.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Job {
    const SbValue *from;
    SbType from_type, to;
    int style, flags;
    Buf *scratch;
    Fault *fault;
} Job;

static bool overflow(const Job *job)
{
    return fault_set(job->fault, 0, MSG(8115),
                     type_is_integer(job->from_type.id) ? "expression" : type_name(job->from_type),
                     type_name(job->to));
}

static bool no_conversion(const Job *job)
{
    return fault_set(job->fault, 0, MSG(8114), type_name(job->from_type), type_name(job->to));
}

/* ---- to integers ----------------------------------------------------------------------------- */

static bool integer_fits(const Job *job, int64_t value, SbValue *ret)
{
    static const struct {
        int64_t low, high;
    } ranges[] = {[SB_TINYINT] = {0, 255},
                  [SB_SMALLINT] = {-32768, 32767},
                  [SB_INT] = {INT32_MIN, INT32_MAX}};

    if (job->to.id == SB_BIT) {
        ret->i64 = value != 0;
        return true;
    }
    ret->i64 = value;
    if (job->to.id == SB_BIGINT ||
        (value >= ranges[job->to.id].low && value <= ranges[job->to.id].high))
        return true;
    if (job->to.id == SB_INT)
        return overflow(job);
    return fault_set(job->fault, 0, MSG(220), type_name(job->to), (long long)value);
}

static bool text_to_integer(const Job *job, SbValue *ret)
{
    Str text = str_trim(job->from->bytes);
    int64_t value = 0;
    Fault ignored = {0};
    Job quiet = *job;

    quiet.fault = &ignored;
    if (text.len && text.at[0] == '+')
        text = (Str){text.at + 1, text.len - 1};
    if ((text.len == 0 || str_to_i64(text, &value)) && integer_fits(&quiet, value, ret))
        return true;
    size_t sign = text.len > 1 && text.at[0] == '-', at = sign;
    while (at < text.len && text.at[at] >= '0' && text.at[at] <= '9')
        at++;
    if (job->to.id == SB_BIGINT)
        return no_conversion(job);
    if (at < text.len)
        return fault_set(job->fault, 0, MSG(245), type_name(job->from_type),
                         STR_FMT(job->from->bytes), type_name(job->to));
    return fault_set(job->fault, 0, job->to.id == SB_INT ? 248 : 244,
                     "The conversion of the %s value '%.*s' overflowed an %s column.",
                     type_name(job->from_type), STR_FMT(job->from->bytes), type_name(job->to));
}

static Decimal decimal_from(const Job *job)
{
    return job->from->bytes.at ? decimal_decode(job->from->bytes) : decimal_of_int(job->from->i64);
}

static bool decimal_to_integer(const Job *job, SbValue *ret)
{
    static const SbType widest = {.id = SB_DECIMAL, .precision = 19};
    Decimal value = decimal_whole(decimal_from(job));

    if (job->to.id == SB_BIT) {
        ret->i64 = decimal_from(job).digits != 0;
        return true;
    }
    if (!decimal_fit(&value, widest) || value.digits > (DecimalDigits)INT64_MAX + value.is_negative)
        return overflow(job);
    return integer_fits(
        job, (int64_t)(value.is_negative ? 0 - (uint64_t)value.digits : value.digits), ret);
}

static bool to_integer(const Job *job, SbValue *ret)
{
    if (type_is_integer(job->from_type.id))
        return integer_fits(job, job->from->i64, ret);
    if (job->from_type.id == SB_NVARCHAR)
        return text_to_integer(job, ret);
    if (job->from_type.id == SB_DECIMAL)
        return decimal_to_integer(job, ret);
    double value = job->from->f64;
    if (!(value > -9.3e18 && value < 9.2233720368547e18))
        return overflow(job);
    return integer_fits(job, job->to.id == SB_BIT ? value < 0 || value > 0 : (int64_t)value, ret);
}

/* ---- to float and decimal -------------------------------------------------------------------- */

static bool text_to_double(const Job *job, double *ret)
{
    Str text = str_trim(job->from->bytes);
    char copy[64], *end = NULL;

    if (text.len >= sizeof copy)
        return no_conversion(job);
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    bool is_number = strspn(copy, "0123456789+-.eE") == text.len; // no nan, no hexadecimals
    *ret = strtod(copy, &end);
    return (is_number && *end == '\0') || no_conversion(job);
}

static bool to_double(const Job *job, SbValue *ret)
{
    double value = job->from->f64;
    if (type_is_integer(job->from_type.id))
        value = (double)job->from->i64;
    else if (job->from_type.id == SB_DECIMAL)
        value = decimal_double(decimal_from(job));
    else if (job->from_type.id == SB_NVARCHAR && !text_to_double(job, &value))
        return false;
    ret->f64 = job->to.precision ? (double)(float)value : value;
    return !isinf(ret->f64) || overflow(job);
}

static bool to_decimal(const Job *job, SbValue *ret)
{
    Decimal value = {0};
    char bytes[DECIMAL_BYTES];
    bool ok = true;

    if (type_is_integer(job->from_type.id))
        value = decimal_of_int(job->from->i64);
    else if (job->from_type.id == SB_DECIMAL)
        value = decimal_from(job);
    else if (job->from_type.id == SB_FLOAT)
        ok = decimal_of_double(job->from->f64, job->to.scale, &value);
    else if (!decimal_parse(str_trim(job->from->bytes), &value))
        return no_conversion(job);
    if (!ok || !decimal_fit(&value, job->to))
        return fault_set(job->fault, 0, MSG(8115), type_name(job->from_type), "numeric");
    buf_put(job->scratch, bytes, decimal_encode(value, bytes));
    ret->bytes = (Str){buf_text(job->scratch), job->scratch->len};
    return true;
}

/* ---- to text --------------------------------------------------------------------------------- */

/* 126 and 127 are ISO 8601; 127 gives an instant in UTC, with a Z. */
static bool time_to_text(const Job *job, Buf *buf)
{
    SbType type = job->from_type;
    bool is_iso = job->style == 126 || job->style == 127, is_old = type.id == SB_DATETIME;
    Instant at = job->from->time;
    char text[TIME_TEXT_MAX];

    if (job->style != 121 && !is_iso && (job->style != 0 || is_old))
        return fault_refuse(job->fault, 0, "style", 5, "times have the styles 121, 126, 127 here");
    if (job->style == 127 && type.id == SB_DATETIMEOFFSET) {
        time_iso_utc((Instant){.ticks = at.ticks, .is_set = true}, type.scale, text);
        buf_puts(buf, text);
        return true;
    }
    if (is_iso && is_old && at.ticks % TICKS_PER_SECOND == 0)
        type.scale = 0;
    stored_put_time(at, type, is_iso, buf);
    return true;
}

/* An exponent of three digits with its sign, as the server writes it. */
static void put_exponent(const char *text, Buf *buf)
{
    const char *mark = strchr(text, 'e');
    int power = 0;
    if (!mark) {
        buf_puts(buf, text);
        return;
    }
    (void)sscanf(mark + 1, "%d", &power);
    buf_printf(buf, "%.*se%c%03d", (int)(mark - text), text, power < 0 ? '-' : '+', abs(power));
}

/* Style 0: six digits at most; 3: all of them. */
static bool float_to_text(const Job *job, Buf *buf)
{
    char text[64];

    if (job->style == 0)
        (void)snprintf(text, sizeof text, "%.6g", job->from->f64);
    else if (job->style == 3)
        (void)snprintf(text, sizeof text, job->from_type.precision ? "%.9g" : "%.17g",
                       job->from->f64);
    else
        return fault_refuse(job->fault, 0, "style", 5, "floats have the styles 0 and 3 here");
    put_exponent(text, buf);
    return true;
}

static bool binary_to_text(const Job *job, Buf *buf)
{
    Str bytes = job->from->bytes;

    if (job->style != 1 && job->style != 2)
        return fault_refuse(job->fault, 0, "style", 5, "bytes have the styles 1 and 2 here");
    buf_puts(buf, job->style == 1 ? "0x" : "");
    for (size_t i = 0; i < bytes.len; i++)
        buf_printf(buf, "%02X", (unsigned char)bytes.at[i]);
    return true;
}

static void put_decimal(const Job *job, Buf *buf)
{
    Decimal value = decimal_from(job);
    (void)decimal_fit(&value, job->from_type); // with all of its zeroes
    decimal_put(value, buf);
}

static bool put_text(const Job *job, Buf *buf)
{
    SbTypeId id = job->from_type.id;

    if (id == SB_FLOAT)
        return float_to_text(job, buf);
    if (id == SB_VARBINARY)
        return binary_to_text(job, buf);
    if (type_is_time(id))
        return time_to_text(job, buf);
    if (id == SB_DECIMAL)
        put_decimal(job, buf);
    else if (type_is_integer(id))
        buf_printf(buf, "%lld", (long long)job->from->i64);
    else
        buf_put(buf, job->from->bytes.at, job->from->bytes.len);
    return true;
}

static bool to_text(const Job *job, SbValue *ret)
{
    Str text = job->from->bytes;
    bool from_text = job->from_type.id == SB_NVARCHAR || job->from_type.id == SB_UNIQUEIDENTIFIER;

    if (!from_text || job->to.scale) {
        if (!put_text(job, job->scratch))
            return false;
        text = (Str){buf_text(job->scratch), job->scratch->len};
    }
    size_t max = job->to.max_chars < 0 ? SIZE_MAX : (size_t)job->to.max_chars;
    size_t units = text.len <= max ? 0 : nvarchar_units(text);
    if (units > max) {
        bool blanks_only = nvarchar_units(nvarchar_rtrim(text)) <= max;
        if (!from_text && job->from_type.id != SB_VARBINARY && !type_is_time(job->from_type.id))
            return type_is_integer(job->from_type.id) && job->to.precision
                       ? (ret->bytes = str_of("*"), true)
                       : overflow(job);
        if (job->from_type.id == SB_UNIQUEIDENTIFIER)
            return fault_set(job->fault, 0, MSG(8170));
        if (job->flags & CONVERT_ASSIGN && !blanks_only)
            return fault_set(job->fault, 0, MSG(8152));
        text = nvarchar_cut(text, 0, max);
    }
    if (job->to.scale && job->to.max_chars > 0) { // char(n): blanks up to its length
        for (units = nvarchar_units(text); units < max; units++)
            buf_putc(job->scratch, ' ');
        text = (Str){buf_text(job->scratch),
                     text.len + (max > nvarchar_units(text) ? max - nvarchar_units(text) : 0)};
    }
    ret->bytes = text;
    return true;
}

/* ---- to time --------------------------------------------------------------------------------- */

static bool digits(Str *text, size_t count, int *ret)
{
    if (text->len < count)
        return false;
    *ret = 0;
    for (size_t i = 0; i < count; i++) {
        if (text->at[i] < '0' || text->at[i] > '9')
            return false;
        *ret = *ret * 10 + (text->at[i] - '0');
    }
    text->at += count;
    text->len -= count;
    return true;
}

static bool skip(Str *text, char c)
{
    if (!text->len || text->at[0] != c)
        return false;
    text->at++;
    text->len--;
    return true;
}

static bool parse_date(Str *text, int64_t *ret_days)
{
    int year, month, day;
    if (!digits(text, 4, &year))
        return false;
    bool dashes = skip(text, '-');
    if (!digits(text, 2, &month) || (dashes && !skip(text, '-')) || !digits(text, 2, &day))
        return false;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (year < 1 || month < 1 || month > 12 || day < 1 ||
        day > lengths[month - 1] + (month == 2 && leap))
        return false;
    *ret_days = time_days_from_civil(year, month, day);
    return true;
}

static bool parse_clock(Str *text, int64_t *ret_ticks, int *ret_fraction_digits)
{
    int hour, minute, second = 0;
    if (!digits(text, 2, &hour) || !skip(text, ':') || !digits(text, 2, &minute))
        return false;
    *ret_ticks = 0;
    if (skip(text, ':')) {
        if (!digits(text, 2, &second))
            return false;
        if (skip(text, '.')) {
            int64_t unit = TICKS_PER_SECOND / 10;
            for (; text->len && text->at[0] >= '0' && text->at[0] <= '9';
                 text->at++, text->len--, unit /= 10) {
                *ret_ticks += (text->at[0] - '0') * unit;
                ++*ret_fraction_digits;
            }
            if (*ret_fraction_digits == 0)
                return false;
        }
    }
    *ret_ticks += ((int64_t)hour * 3600 + minute * 60 + second) * TICKS_PER_SECOND;
    return hour < 24 && minute < 60 && second < 60;
}

static bool parse_offset(Str *text, int *ret_minutes, bool *ret_found)
{
    *ret_minutes = 0;
    while (skip(text, ' '))
        continue;
    *ret_found = text->len > 0;
    if (!text->len || skip(text, 'Z') || skip(text, 'z'))
        return text->len == 0;
    int sign = text->at[0] == '-' ? -1 : 1, hours, minutes;
    if (!skip(text, '+') && !skip(text, '-'))
        return false;
    if (!digits(text, 2, &hours) || !skip(text, ':') || !digits(text, 2, &minutes) || text->len)
        return false;
    *ret_minutes = sign * (hours * 60 + minutes);
    return hours * 60 + minutes <= 14 * 60 && minutes < 60;
}

/* ISO 8601 and yyyymmdd: the forms that mean the same under every language setting. */
static bool text_to_time(const Job *job, Instant *ret)
{
    Str text = str_trim(job->from->bytes);
    int64_t days = 0, ticks = 0;
    int offset = 0, fraction = 0;
    bool has_offset = false, ok = true;

    if (text.len == 0)
        days = time_days_from_civil(1900, 1, 1);
    else
        ok = parse_date(&text, &days);
    if (ok && text.len && (skip(&text, 'T') || skip(&text, ' ')))
        ok = parse_clock(&text, &ticks, &fraction);
    ok = ok && parse_offset(&text, &offset, &has_offset);
    bool is_old = job->to.id == SB_DATETIME;
    if (!ok || fraction > 7 || (is_old && (fraction > 3 || has_offset)))
        return fault_set(job->fault, 0, MSG(241));
    *ret = instant_of_local(days * TICKS_PER_DAY + ticks, offset);
    return true;
}

static int64_t round_ticks(int64_t ticks, SbType to)
{
    if (to.id == SB_DATE)
        return ticks / TICKS_PER_DAY * TICKS_PER_DAY;
    if (to.id == SB_DATETIME) { // three hundredths of a second
        int64_t day = ticks / TICKS_PER_DAY, rest = ticks % TICKS_PER_DAY;
        int64_t parts = (rest * 3 + 50000) / 100000;
        return day * TICKS_PER_DAY + (parts * 100000 / 3 + 5000) / 10000 * 10000;
    }
    int64_t unit = 1;
    for (int i = to.scale; i < 7; i++)
        unit *= 10;
    return (ticks + unit / 2) / unit * unit;
}

static bool to_time(const Job *job, SbValue *ret)
{
    Instant at = job->from->time;
    if (job->from_type.id == SB_NVARCHAR && !text_to_time(job, &at))
        return false;
    int offset = job->to.id == SB_DATETIMEOFFSET ? at.offset_minutes : 0;
    int64_t local = round_ticks(instant_local_ticks(at), job->to);
    ret->time = instant_of_local(local, offset);
    if (instant_fits(ret->time))
        return true;
    return fault_set(job->fault, 0, MSG(517), "datetimeoffset");
}

/* ---- to uniqueidentifier and binary ---------------------------------------------------------- */

static bool to_guid(const Job *job, SbValue *ret)
{
    Str text = str_trim(job->from->bytes);
    if (text.len >= 38 && text.at[0] == '{' && text.at[37] == '}')
        text = (Str){text.at + 1, 36};
    bool ok = text.len >= 36;
    for (size_t i = 0; ok && i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        char c = text.at[i];
        ok = dash ? c == '-' : str_hex_digit(c) >= 0;
        buf_putc(job->scratch, c >= 'a' ? (char)(c - 32) : c);
    }
    if (!ok)
        return fault_set(job->fault, 0, MSG(8169));
    ret->bytes = (Str){buf_text(job->scratch), 36};
    return true;
}

/* binary(n) has zeroes up to its length. */
static bool to_binary(const Job *job, SbValue *ret)
{
    Str bytes = job->from->bytes;
    size_t most = job->to.max_chars < 0 ? SIZE_MAX : (size_t)job->to.max_chars;

    if (bytes.len > most && job->flags & CONVERT_ASSIGN)
        return fault_set(job->fault, 0, MSG(8152));
    bytes.len = bytes.len > most ? most : bytes.len;
    if (job->to.scale && most != SIZE_MAX) {
        buf_put(job->scratch, bytes.at, bytes.len);
        buf_pad(job->scratch, '\0', most - bytes.len);
        bytes = (Str){buf_text(job->scratch), job->scratch->len};
    }
    ret->bytes = bytes;
    return true;
}

/* ---- the switch ------------------------------------------------------------------------------ */

static bool convert(const Job *job, SbValue *ret)
{
    SbTypeId id = job->to.id;

    if (type_is_integer(id))
        return to_integer(job, ret);
    if (type_is_time(id))
        return to_time(job, ret);
    if (id == SB_FLOAT)
        return to_double(job, ret);
    if (id == SB_DECIMAL)
        return to_decimal(job, ret);
    if (id == SB_NVARCHAR)
        return to_text(job, ret);
    if (id == SB_UNIQUEIDENTIFIER)
        return to_guid(job, ret);
    if (id == SB_VARBINARY)
        return to_binary(job, ret);
    *ret = *job->from; // sql_variant
    ret->held = job->from_type;
    return true;
}

bool value_convert(const SbValue *from, SbType from_type, SbType to, int style, int flags,
                   Buf *scratch, SbValue *ret_value, Fault *fault)
{
    Fault mine = {0};
    SbValue value = {.is_null = true};
    bool is_variant = from_type.id == SB_SQL_VARIANT;

    if (from->is_null || (is_variant && to.id == SB_SQL_VARIANT)) {
        *ret_value = from->is_null ? value : *from; // a variant with the type of what it holds
        return true;
    }
    from_type = is_variant ? from->held : from_type;
    buf_reset(scratch);
    Job job = {.from = from,
               .from_type = from_type,
               .to = to,
               .style = style,
               .flags = flags,
               .scratch = scratch,
               .fault = &mine};
    Conversion allowed = type_conversion(from_type, to);
    value.is_null = false;
    if (allowed == CONVERT_NEVER || allowed == CONVERT_UNKNOWN)
        fault_set(&mine, 0, MSG(529), type_name(from_type), type_name(to));
    else
        (void)convert(&job, &value);
    if (mine.number && !(flags & CONVERT_TRY)) {
        *fault = fault->number ? *fault : mine;
        return false;
    }
    *ret_value = mine.number ? (SbValue){.is_null = true} : value;
    return true;
}

bool value_is_decimal(const SbValue *value, SbType type)
{
    SbTypeId id = type.id == SB_SQL_VARIANT ? value->held.id : type.id;

    return id == SB_DECIMAL && !value->is_null;
}

void value_put_decimal(const SbValue *value, SbType type, Buf *buf)
{
    Job job = {.from = value, .from_type = type.id == SB_SQL_VARIANT ? value->held : type};

    put_decimal(&job, buf);
}
