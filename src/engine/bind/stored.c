/* Values between T-SQL's types and what SQLite keeps of them. */
#include "ssisminer/engine/stored.h"

#include "types.h"

#include "ssisminer/engine/decimal.h"

#include <sqlite3.h>
#include <string.h>

enum { TAG_BYTES = sizeof(int64_t) };

static bool has_bytes(SbTypeId id)
{
    return id == SB_NVARCHAR || id == SB_DECIMAL || id == SB_UNIQUEIDENTIFIER || id == SB_VARBINARY;
}

static SbType plain_variant(const Stored *stored)
{
    switch (stored->kind) {
    case SQLITE_INTEGER:
        return type_of((int32_t)stored->i64 == stored->i64 ? SB_INT : SB_BIGINT);
    case SQLITE_FLOAT:
        return type_of(SB_FLOAT);
    default:
        return type_text(4000, false);
    }
}

/* What no value has that we kept: the file may be a stranger's. */
static bool is_sound(SbType type, size_t len)
{
    int most = type.id == SB_DECIMAL ? type.precision : type_is_time(type.id) ? 7 : type.scale;
    return type.id < SB_SQL_VARIANT && type.precision <= DECIMAL_DIGITS && type.scale <= most &&
           (has_bytes(type.id) ? type.id != SB_DECIMAL || len <= DECIMAL_BYTES
                               : len >= sizeof(int64_t));
}

/* Takes the type off the front of a BLOB; what follows is as the type is kept by itself. */
static Stored untag(const Stored *stored, SbType *ret_type)
{
    Stored inner = {.kind = stored->kind};
    int64_t packed;

    memcpy(&packed, stored->bytes.at, TAG_BYTES);
    *ret_type = type_unpack(packed);
    inner.bytes = (Str){stored->bytes.at + TAG_BYTES, stored->bytes.len - TAG_BYTES};
    if (!is_sound(*ret_type, inner.bytes.len))
        return (Stored){.kind = SQLITE_NULL};
    if (ret_type->id == SB_FLOAT)
        memcpy(&inner.f64, inner.bytes.at, sizeof inner.f64);
    else if (!has_bytes(ret_type->id))
        memcpy(&inner.i64, inner.bytes.at, sizeof inner.i64);
    return inner;
}

SbValue stored_value(const Stored *stored, SbType type)
{
    SbValue value = {.is_null = stored->kind == SQLITE_NULL};
    Stored inner = *stored;

    if (value.is_null)
        return value;
    if (type.id == SB_SQL_VARIANT) {
        type = plain_variant(stored);
        if (stored->kind == SQLITE_BLOB && stored->bytes.len >= TAG_BYTES)
            inner = untag(stored, &type);
        value.is_null = inner.kind == SQLITE_NULL;
        value.held = value.is_null ? type_of(SB_INT) : type;
    }
    if (type_is_time(type.id))
        value.time = time_unpack(inner.i64);
    else if (type.id == SB_FLOAT)
        value.f64 = inner.f64;
    else if (has_bytes(type.id) && inner.kind != SQLITE_INTEGER)
        value.bytes = (Str){inner.bytes.at ? inner.bytes.at : "", inner.bytes.len};
    else
        value.i64 = inner.i64;
    return value;
}

static Stored bare(const SbValue *value, SbType type)
{
    if (type_is_time(type.id))
        return (Stored){.kind = SQLITE_INTEGER, .i64 = time_pack(value->time)};
    if (type.id == SB_FLOAT)
        return (Stored){.kind = SQLITE_FLOAT, .f64 = value->f64};
    if (!has_bytes(type.id))
        return (Stored){.kind = SQLITE_INTEGER, .i64 = value->i64};
    bool is_text = type.id == SB_NVARCHAR || type.id == SB_UNIQUEIDENTIFIER;
    return (Stored){.kind = is_text ? SQLITE_TEXT : SQLITE_BLOB, .bytes = value->bytes};
}

Stored stored_of(const SbValue *value, SbType type, Buf *room)
{
    buf_reset(room);
    if (value->is_null)
        return (Stored){.kind = SQLITE_NULL};
    if (type.id != SB_SQL_VARIANT)
        return bare(value, type);
    Stored inner = bare(value, value->held);
    if (type_is_bare_variant(value->held))
        return inner;
    int64_t packed = type_pack(value->held);
    buf_put(room, (const char *)&packed, TAG_BYTES);
    if (inner.kind == SQLITE_FLOAT)
        buf_put(room, (const char *)&inner.f64, sizeof inner.f64);
    else if (inner.kind == SQLITE_INTEGER)
        buf_put(room, (const char *)&inner.i64, sizeof inner.i64);
    else
        buf_put(room, inner.bytes.at, inner.bytes.len);
    return (Stored){.kind = SQLITE_BLOB, .bytes = {buf_text(room), room->len}};
}

Stored stored_from(sqlite3_value *value)
{
    Stored stored = {.kind = sqlite3_value_type(value)};

    if (stored.kind == SQLITE_INTEGER)
        stored.i64 = sqlite3_value_int64(value);
    else if (stored.kind == SQLITE_FLOAT)
        stored.f64 = sqlite3_value_double(value);
    else if (stored.kind == SQLITE_TEXT)
        stored.bytes.at = (const char *)sqlite3_value_text(value);
    else if (stored.kind == SQLITE_BLOB)
        stored.bytes.at = sqlite3_value_blob(value);
    if (stored.bytes.at)
        stored.bytes.len = (size_t)sqlite3_value_bytes(value);
    return stored;
}

void stored_put_time(Instant at, SbType type, bool is_iso, Buf *out)
{
    int offset = at.offset_minutes, size = offset < 0 ? -offset : offset;
    char text[TIME_TEXT_MAX];

    time_iso_utc((Instant){.ticks = instant_local_ticks(at), .is_set = true}, type.scale, text);
    text[strlen(text) - 1] = '\0'; // the Z
    text[10] = type.id == SB_DATE ? '\0' : is_iso ? 'T' : ' ';
    buf_puts(out, text);
    if (type.id == SB_DATETIMEOFFSET)
        buf_printf(out, "%s%c%02d:%02d", is_iso ? "" : " ", offset < 0 ? '-' : '+', size / 60,
                   size % 60);
}

static void put_type(SbType type, Buf *out)
{
    buf_puts(out, type_name(type));
    if (type.id == SB_DECIMAL)
        buf_printf(out, "(%d, %d)", type.precision, type.scale);
    else if (type.id == SB_NVARCHAR || type.id == SB_VARBINARY)
        buf_printf(out, "(%d)", type.max_chars > 0 ? type.max_chars : type.precision ? 8000 : 4000);
    else if (type.id == SB_DATETIME2 || type.id == SB_DATETIMEOFFSET)
        buf_printf(out, "(%d)", type.scale);
}

void stored_put_variant(const SbValue *value, Buf *out)
{
    AUTO(buf_done) Buf scratch = BUF(1 << 20);
    SbType type = value->held;
    int style = type.id == SB_VARBINARY ? 1
                : type.id == SB_FLOAT   ? 3
                : type_is_time(type.id) ? 126
                                        : 0;
    Fault fault = {0};
    SbValue text;

    if (!value_convert(value, type, type_of(SB_NVARCHAR), style, 0, &scratch, &text, &fault))
        return;
    bool is_quoted = type.id != SB_VARBINARY && !type_is_integer(type.id);
    buf_puts(out, is_quoted ? "CAST(N'" : "CAST(");
    for (size_t i = 0; i < text.bytes.len; i++)
        buf_puts(out, text.bytes.at[i] == '\'' ? "\'\'" : (char[2]){text.bytes.at[i], '\0'});
    buf_puts(out, is_quoted ? "' AS " : " AS ");
    put_type(type, out);
    buf_putc(out, ')');
}
