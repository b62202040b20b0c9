/* Functions on text and numbers, the conversion and the collations. */
#include "call.h"

#include "ssisminer/engine/stored.h"

#include "ssisminer/base/utf.h"

#include <string.h>

Session *call_session(sqlite3_context *context)
{
    return sqlite3_user_data(context);
}

static Fault spare_fault; // of the engine's own connection, which runs no T-SQL

Fault *call_fault(sqlite3_context *context)
{
    Session *session = call_session(context);
    return session ? &session->call_fault : &spare_fault;
}

void call_fail(sqlite3_context *context)
{
    sqlite3_result_error(context, call_fault(context)->text, -1);
}

bool call_has_null(int count, sqlite3_value **values)
{
    for (int i = 0; i < count; i++)
        if (sqlite3_value_type(values[i]) == SQLITE_NULL)
            return true;
    return false;
}

Str call_text(sqlite3_value *value)
{
    const char *text = (const char *)sqlite3_value_text(value);
    return (Str){text ? text : "", (size_t)sqlite3_value_bytes(value)};
}

void call_return_text(sqlite3_context *context, Str text)
{
    sqlite3_result_text64(context, text.at, text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static SbValue call_value(sqlite3_value *value, SbType type)
{
    Stored stored = stored_from(value);

    return stored_value(&stored, type);
}

static void call_return(sqlite3_context *context, const SbValue *value, SbType type)
{
    AUTO(buf_done) Buf room = BUF(1 << 30);
    Stored stored = stored_of(value, type, &room);

    if (stored.kind == SQLITE_NULL)
        sqlite3_result_null(context);
    else if (stored.kind == SQLITE_INTEGER)
        sqlite3_result_int64(context, stored.i64);
    else if (stored.kind == SQLITE_FLOAT)
        sqlite3_result_double(context, stored.f64);
    else if (stored.kind == SQLITE_BLOB)
        sqlite3_result_blob64(context, stored.bytes.at, stored.bytes.len, SQLITE_TRANSIENT);
    else
        call_return_text(context, stored.bytes);
}

void call_return_number(sqlite3_context *context, Decimal value)
{
    char bytes[DECIMAL_BYTES];

    sqlite3_result_blob(context, bytes, (int)decimal_encode(value, bytes), SQLITE_TRANSIENT);
}

Decimal call_number(sqlite3_value *value)
{
    if (sqlite3_value_type(value) != SQLITE_BLOB)
        return decimal_of_int(sqlite3_value_int64(value));
    return decimal_decode((Str){sqlite3_value_blob(value), (size_t)sqlite3_value_bytes(value)});
}

/* ms_convert(value, from, to, style, flags) */
SQL_CALL(do_convert)
{
    SbType from = type_unpack(sqlite3_value_int64(values[1])),
           to = type_unpack(sqlite3_value_int64(values[2]));
    SbValue value = call_value(values[0], from), result;
    Session *session = call_session(context);
    Buf own = BUF(1 << 30);
    Buf *scratch = session ? &session->scratch : &own;

    if (value_convert(&value, from, to, sqlite3_value_int(values[3]), sqlite3_value_int(values[4]),
                      scratch, &result, call_fault(context)))
        call_return(context, &result, to);
    else
        call_fail(context);
    buf_done(&own);
}

static void put_ordered(Buf *key, uint64_t bits)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        buf_putc(key, (char)(bits >> shift));
}

/* ms_variant(value): what a sql_variant compares and sorts by. Text is text; numbers compare by
 * what they are, whatever their type; families do not mix. */
SQL_CALL(do_variant)
{
    enum { GUID, BINARY, EXACT, APPROXIMATE, TIME };
    AUTO(buf_done) Buf key = BUF(9000);
    SbValue value = call_value(values[0], type_of(SB_SQL_VARIANT));
    SbTypeId id = value.held.id;
    char bytes[DECIMAL_BYTES];

    if (call_has_null(count, values))
        return;
    if (id == SB_NVARCHAR) {
        call_return_text(context, value.bytes);
        return;
    }
    if (type_is_integer(id)) {
        buf_putc(&key, EXACT);
        buf_put(&key, bytes, decimal_encode(decimal_of_int(value.i64), bytes));
    } else if (id == SB_FLOAT) {
        uint64_t bits;
        memcpy(&bits, &value.f64, sizeof bits);
        buf_putc(&key, APPROXIMATE);
        put_ordered(&key, bits >> 63 ? ~bits : bits | UINT64_C(1) << 63);
    } else if (type_is_time(id)) {
        buf_putc(&key, TIME);
        put_ordered(&key, (uint64_t)value.time.ticks);
    } else {
        buf_putc(&key, id == SB_DECIMAL ? EXACT : id == SB_VARBINARY ? BINARY : GUID);
        buf_put(&key, value.bytes.at, value.bytes.len);
    }
    sqlite3_result_blob64(context, buf_text(&key), key.len, SQLITE_TRANSIENT);
}

/* ---- collations ------------------------------------------------------------------------------ */

static int collate(void *unused, int len_a, const void *a, int len_b, const void *b)
{
    (void)unused;
    return utf_compare((Str){a, (size_t)len_a}, (Str){b, (size_t)len_b});
}

/* SQL Server orders a uniqueidentifier by its last group first. */
static int collate_guid(void *unused, int len_a, const void *a, int len_b, const void *b)
{
    static const struct {
        int at, len;
    } groups[] = {{24, 12}, {19, 4}, {14, 4}, {9, 4}, {0, 8}};
    (void)unused;
    if (len_a != 36 || len_b != 36)
        return len_a - len_b;
    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        int order = memcmp((const char *)a + groups[i].at, (const char *)b + groups[i].at,
                           (size_t)groups[i].len);
        if (order)
            return order;
    }
    return 0;
}

/* ---- LIKE ------------------------------------------------------------------------------------ */

static uint32_t next_folded(Str *text)
{
    size_t bytes = 1;
    uint32_t code = (unsigned char)text->at[0];
    if (code >= 0x80)
        code = utf_next(text->at, text->len, &bytes);
    text->at += bytes;
    text->len -= bytes;
    return utf_fold(code);
}

/* [a-z], [^abc]: the pattern behind '['; false when it has no end, which matches nothing. */
static bool in_class(uint32_t c, Str *pattern, bool *ret_is_in)
{
    Str at = *pattern;
    bool negated = at.len && at.at[0] == '^', found = false;
    if (negated)
        (void)next_folded(&at);
    bool first = true;
    while (at.len && (first || at.at[0] != ']')) {
        uint32_t low = next_folded(&at), high = low;
        if (at.len > 1 && at.at[0] == '-' && at.at[1] != ']') {
            (void)next_folded(&at);
            high = next_folded(&at);
        }
        found = found || (c >= low && c <= high);
        first = false;
    }
    if (!at.len)
        return false;
    (void)next_folded(&at);
    *pattern = at;
    *ret_is_in = found != negated;
    return true;
}

/* One step of the pattern against one character; moves both on. */
static bool match_one(Str *text, Str *pattern)
{
    uint32_t c = next_folded(text), p = next_folded(pattern);
    bool is_in = false;
    if (p == '[')
        return in_class(c, pattern, &is_in) && is_in;
    return p == '_' || p == c;
}

static bool match(Str text, Str pattern)
{
    Str star_text = {0}, star_pattern = {0};
    bool has_star = false;

    while (text.len || pattern.len) {
        if (pattern.len && pattern.at[0] == '%') {
            pattern = (Str){pattern.at + 1, pattern.len - 1};
            star_text = text;
            star_pattern = pattern;
            has_star = true;
            continue;
        }
        if (pattern.len && text.len && match_one(&text, &pattern))
            continue;
        if (!has_star || !star_text.len)
            return false;
        (void)next_folded(&star_text); // the star takes one character more
        text = star_text;
        pattern = star_pattern;
    }
    return true;
}

static bool pattern_matches(Str text, Str pattern)
{
    if (match(text, pattern))
        return true;
    // blanks at the end of the text do not keep it from matching
    Str trimmed = nvarchar_rtrim(text);
    return trimmed.len < text.len && match(trimmed, pattern);
}

SQL_CALL(do_like)
{
    if (!call_has_null(count, values))
        sqlite3_result_int(context, pattern_matches(call_text(values[0]), call_text(values[1])));
}

/* ---- text ------------------------------------------------------------------------------------ */

SQL_CALL(do_datalength)
{
    if (call_has_null(count, values))
        return;
    SbType type = type_unpack(sqlite3_value_int64(values[1]));
    SbValue value = call_value(values[0], type);
    if (type.id == SB_SQL_VARIANT)
        type = value.held;
    sqlite3_int64 length = type_bytes(type);
    if (type.id == SB_NVARCHAR)
        length = (sqlite3_int64)nvarchar_units(value.bytes) * (type.precision ? 1 : 2);
    else if (type.id == SB_VARBINARY)
        length = (sqlite3_int64)value.bytes.len;
    sqlite3_result_int64(context, length);
}

SQL_CALL(do_substring)
{
    if (call_has_null(count, values))
        return;
    sqlite3_int64 start = sqlite3_value_int64(values[1]), length = sqlite3_value_int64(values[2]);
    if (length < 0) {
        call_refuse(context, MSG(537), "LEFT or SUBSTRING");
        return;
    }
    if (start < 1) { // positions before the text count into the length
        length += start - 1;
        start = 1;
    }
    if (length < 0)
        length = 0;
    call_return_text(context,
                     nvarchar_cut(call_text(values[0]), (size_t)start - 1, (size_t)length));
}

static void return_buf(sqlite3_context *context, Buf *buf)
{
    call_return_text(context, (Str){buf_text(buf), buf->len});
    buf_done(buf);
}

enum { TEXT_CAP = 1 << 28 };

static uint32_t upper_of(uint32_t code)
{
    if (utf_fold(code) != code)
        return code;
    static const int steps[] = {32, 80, 1};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (code > (uint32_t)steps[i] && utf_fold(code - (uint32_t)steps[i]) == code &&
            code - (uint32_t)steps[i] != code)
            return code - (uint32_t)steps[i];
    return code;
}

SQL_CALL(do_upper)
{
    if (call_has_null(count, values))
        return;
    Str text = call_text(values[0]);
    Buf out = BUF(TEXT_CAP);
    while (text.len) {
        size_t bytes = 1;
        uint32_t code = utf_next(text.at, text.len, &bytes);
        text.at += bytes;
        text.len -= bytes;
        utf_put_point(&out, upper_of(code));
    }
    return_buf(context, &out);
}

SQL_CALL(do_nchar)
{
    sqlite3_int64 code = sqlite3_value_int64(values[0]);
    if (call_has_null(count, values) || code < 0 || code > 0x10FFFF)
        return;
    Buf out = BUF(8);
    if (code >= 0xD800 && code <= 0xDFFF) { // half of a pair stands as it is
        buf_putc(&out, (char)0xED);
        buf_putc(&out, (char)(0x80 | (code >> 6 & 63)));
        buf_putc(&out, (char)(0x80 | (code & 63)));
    } else {
        utf_put_point(&out, (uint32_t)code);
    }
    return_buf(context, &out);
}

/* NULL: no name is that long. */
SQL_CALL(do_quotename)
{
    Str text = call_text(values[0]);
    if (call_has_null(count, values) || nvarchar_units(text) > 128)
        return;
    Buf out = BUF(4096);
    buf_putc(&out, '[');
    for (size_t i = 0; i < text.len; i++) {
        buf_putc(&out, text.at[i]);
        if (text.at[i] == ']')
            buf_putc(&out, ']');
    }
    buf_putc(&out, ']');
    return_buf(context, &out);
}

const SqlFunction text_functions[] = {
    {"ms_variant", 1, true, do_variant},
    {"ms_convert", 5, true, do_convert},
    {"ms_like", 2, true, do_like},
    {"ms_datalength", 2, true, do_datalength},
    {"ms_substring", 3, true, do_substring},
    {"ms_upper", 1, true, do_upper},
    {"ms_nchar", 1, true, do_nchar},
    {"ms_quotename", 1, true, do_quotename},
    {NULL, 0, false, NULL},
};

static int register_all(sqlite3 *db, Session *session, const SqlFunction *list)
{
    for (; list->name; list++) {
        int flags = SQLITE_UTF8 | (list->is_steady ? SQLITE_DETERMINISTIC : 0);
        int rc = sqlite3_create_function_v2(db, list->name, list->args, flags, session, list->call,
                                            NULL, NULL, NULL);
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

int functions_register(sqlite3 *db, Session *session)
{
    const SqlFunction *const lists[] = {text_functions, math_functions, time_functions,
                                        system_functions};
    int rc = sqlite3_create_collation_v2(db, "TSQL", SQLITE_UTF8, NULL, collate, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_create_collation_v2(db, "TSQLGUID", SQLITE_UTF8, NULL, collate_guid, NULL);
    for (size_t i = 0; i < ARRAY_LEN(lists) && rc == SQLITE_OK; i++)
        rc = register_all(db, session, lists[i]);
    return rc == SQLITE_OK ? math_register_sum(db, session) : rc;
}
