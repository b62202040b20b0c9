/* A named statement on its way out: its text for this server, its values bound. */
#include "statement.h"

#include "ssisminer/base/utf.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- text ------------------------------------------------------------------------------------ */

/* "a.b, !c.d": everything there, and nothing that must not be. */
static bool needs_met(const char *needs, TdsHas *has, void *context)
{
    Str rest = str_of(needs), piece;
    char object[256];

    if (!has)
        return true;
    while (str_split(&rest, ',', &piece)) {
        piece = str_trim(piece);
        bool is_negated = piece.len > 0 && piece.at[0] == '!';
        if (is_negated)
            piece = str_trim((Str){piece.at + 1, piece.len - 1});
        assert(piece.len > 0 && piece.len < sizeof(object));
        memcpy(object, piece.at, piece.len);
        object[piece.len] = '\0';
        if (has(context, object) == is_negated)
            return false;
    }
    return true;
}

static const TdsArg *find_arg(const TdsArg *args, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(args[i].name, name) == 0)
            return &args[i];
    return NULL;
}

typedef struct Body {
    const SqlAsset *asset;
    const TdsArg *args;
    size_t arg_count;
    bool in_quotes;
} Body;

/* The argument that stands for "@name" at `text`, when it is a literal one. */
static const TdsArg *literal_at(const Body *body, const char *text, size_t *ret_len)
{
    static const char name_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    size_t len = text[0] == '@' ? strspn(text + 1, name_chars) : 0;

    for (size_t i = 0; len > 0 && i < body->asset->param_count; i++) {
        const SqlParam *param = &body->asset->params[i];
        if (!param->is_literal || strlen(param->name) != len ||
            memcmp(param->name, text + 1, len) != 0)
            continue;
        *ret_len = len + 1;
        return find_arg(body->args, body->arg_count, param->name);
    }
    return NULL;
}

static void put_line(const Body *body, const char *line, Buf *out)
{
    bool in_string = false;
    char before = '\0';
    size_t len;

    while (*line) {
        bool may_be = !in_string && before != '@'; // @@wait is the server's
        const TdsArg *literal = may_be ? literal_at(body, line, &len) : NULL;
        in_string ^= *line == '\'';
        before = *line;
        if (literal) {
            buf_printf(out, "%" PRId64, literal->i64);
            line += len;
            continue;
        }
        if (*line == '\'' && body->in_quotes)
            buf_putc(out, '\'');
        buf_putc(out, *line++);
    }
    buf_putc(out, '\n');
}

static void put_body(const Body *body, TdsHas *has, void *context, Buf *out)
{
    for (size_t i = 0; i < body->asset->line_count; i++) {
        const SqlLine *line = &body->asset->lines[i];
        if (!line->needs || needs_met(line->needs, has, context))
            put_line(body, line->text, out);
    }
}

/* A bare `nvarchar` would be nvarchar(1) to the server, a bare `decimal` would lose its digits. */
static const char *declared_type(const SqlParam *param)
{
    if (strcmp(param->declared, "nvarchar") == 0)
        return "nvarchar(max)";
    if (strcmp(param->declared, "decimal") == 0)
        return "decimal(38, 10)";
    return param->declared;
}

static size_t bound_count(const SqlAsset *asset)
{
    size_t count = 0;

    for (size_t i = 0; i < asset->param_count; i++)
        count += !asset->params[i].is_literal;
    return count;
}

static void put_declarations(const SqlAsset *asset, Buf *out)
{
    const char *separator = "";

    for (size_t i = 0; i < asset->param_count; i++) {
        const SqlParam *param = &asset->params[i];
        if (param->is_literal)
            continue;
        buf_printf(out, "%s@%s %s", separator, param->name, declared_type(param));
        separator = ", ";
    }
}

static bool says_lock_timeout(const SqlAsset *asset)
{
    return asset->line_count > 0 && str_starts(asset->lines[0].text, "SET LOCK_TIMEOUT ");
}

void tds_statement_text(const SqlAsset *asset, const TdsArg *args, size_t arg_count, TdsHas *has,
                        void *context, long lock_timeout_ms, Buf *ret_text)
{
    size_t bound = bound_count(asset);
    bool is_limited = lock_timeout_ms >= 0 && !says_lock_timeout(asset);
    Body body = {asset, args, arg_count, .in_quotes = bound > 0 || is_limited};

    if (!body.in_quotes) {
        put_body(&body, has, context, ret_text);
        return;
    }
    buf_puts(ret_text, "exec sp_executesql N'");
    if (is_limited)
        buf_printf(ret_text, "SET LOCK_TIMEOUT %ld;\n", lock_timeout_ms);
    put_body(&body, has, context, ret_text);
    buf_putc(ret_text, '\'');
    if (bound == 0)
        return;
    buf_puts(ret_text, ", N'");
    put_declarations(asset, ret_text);
    buf_putc(ret_text, '\'');
    for (size_t i = 0; i < bound; i++)
        buf_puts(ret_text, ", ?");
}

/* ---- values ---------------------------------------------------------------------------------- */

enum { NVARCHAR_MAX_N = 4000, TIME_N = 40, DECIMAL_N = 60, GUID_N = 40 };

static TdsValue number_value(int64_t i64)
{
    return (TdsValue){.c_type = SQL_C_SBIGINT, .sql_type = SQL_BIGINT, .as.i64 = i64};
}

/* n == 0 for nvarchar(max): FreeTDS cuts SQL_WVARCHAR of unknown length to 4000 characters. */
static TdsValue text_value(const char *text, size_t n, Arena *arena)
{
    size_t len = strlen(text);
    uint16_t *units = arena_alloc_array(arena, len + 1, sizeof(*units));
    size_t count = utf_to_utf16(text, len, units);

    return (TdsValue){.c_type = SQL_C_WCHAR,
                      .sql_type = n > 0 ? SQL_WVARCHAR : SQL_WLONGVARCHAR,
                      .column_size = n > 0 ? n : (count > 0 ? count : 1),
                      .as.units = units,
                      .indicator = (SQLLEN)(count * sizeof(*units))};
}

/* Of "nvarchar(128)"; 0 for nvarchar(max). */
static size_t declared_length(const char *declared)
{
    const char *paren = strchr(declared, '(');
    size_t n = 0;

    for (const char *c = paren ? paren + 1 : ""; *c >= '0' && *c <= '9' && n <= NVARCHAR_MAX_N; c++)
        n = n * 10 + (size_t)(*c - '0');
    return n <= NVARCHAR_MAX_N ? n : 0;
}

static Rc nvarchar_value(const SqlParam *param, const char *text, Arena *arena, TdsValue *ret_value,
                         Err *err)
{
    size_t n = declared_length(param->declared);
    TdsValue value = text_value(text, n, arena);

    if (n > 0 && (size_t)value.indicator > n * sizeof(uint16_t))
        return FAIL(err, RC_QUERY, "the value of @%s is longer than its %s", param->name,
                    param->declared);
    *ret_value = value;
    return RC_OK;
}

enum { TIME_VALUE_MAX = TIME_TEXT_MAX + 8 };

/* An ISO text with an offset means the same under every language and DATEFORMAT. */
static void put_time_text(Instant at, char ret_text[TIME_VALUE_MAX])
{
    char iso[TIME_TEXT_MAX];

    time_iso_utc(at, 7, iso);
    (void)snprintf(ret_text, TIME_VALUE_MAX, "%.*s+00:00", (int)strcspn(iso, "Z"), iso);
}

static TdsValue time_value(Instant at, Arena *arena)
{
    char text[TIME_VALUE_MAX];

    put_time_text(at, text);
    return text_value(text, TIME_N, arena);
}

static Rc value_of(const SqlParam *param, const TdsArg *arg, Arena *arena, TdsValue *ret_value,
                   Err *err)
{
    const char *text = arg->text ? arg->text : "";

    switch (param->type) {
    case SQL_TYPE_BIT:
    case SQL_TYPE_INT:
    case SQL_TYPE_BIGINT:
        *ret_value = number_value(arg->i64);
        return RC_OK;
    case SQL_TYPE_FLOAT:
        *ret_value = (TdsValue){.c_type = SQL_C_DOUBLE, .sql_type = SQL_DOUBLE, .as.f64 = arg->f64};
        return RC_OK;
    case SQL_TYPE_DATETIMEOFFSET:
        *ret_value = time_value(arg->time, arena);
        return RC_OK;
    case SQL_TYPE_DECIMAL:
        *ret_value = text_value(text, DECIMAL_N, arena);
        return RC_OK;
    case SQL_TYPE_UNIQUEIDENTIFIER:
        *ret_value = text_value(text, GUID_N, arena);
        return RC_OK;
    case SQL_TYPE_NVARCHAR:
        return nvarchar_value(param, text, arena, ret_value, err);
    case SQL_TYPE_VARBINARY:
        break;
    }
    return FAIL(err, RC_QUERY, "parameter @%s: %s cannot be bound", param->name, param->declared);
}

static bool is_null_arg(const SqlParam *param, const TdsArg *arg)
{
    switch (param->type) {
    case SQL_TYPE_DATETIMEOFFSET:
        return arg->is_null || !arg->time.is_set;
    case SQL_TYPE_NVARCHAR:
    case SQL_TYPE_DECIMAL:
    case SQL_TYPE_UNIQUEIDENTIFIER:
    case SQL_TYPE_VARBINARY:
        return arg->is_null || !arg->text;
    case SQL_TYPE_BIT:
    case SQL_TYPE_INT:
    case SQL_TYPE_BIGINT:
    case SQL_TYPE_FLOAT:
        return arg->is_null;
    }
    return arg->is_null;
}

Rc tds_statement_values(const SqlAsset *asset, const TdsArg *args, size_t arg_count, Arena *arena,
                        TdsValue **ret_values, size_t *ret_count, Err *err)
{
    TdsValue *values = arena_alloc_array(arena, asset->param_count + 1, sizeof(*values));
    size_t count = 0;

    assert(arg_count == asset->param_count);
    for (size_t i = 0; i < asset->param_count; i++) {
        const SqlParam *param = &asset->params[i];
        const TdsArg *arg = find_arg(args, arg_count, param->name);
        assert(arg != NULL && !(param->is_literal && arg->is_null));
        if (param->is_literal)
            continue;
        TRY(value_of(param, arg, arena, &values[count], err));
        if (is_null_arg(param, arg))
            values[count].indicator = SQL_NULL_DATA;
        count++;
    }
    *ret_values = values;
    *ret_count = count;
    return RC_OK;
}

SQLRETURN tds_statement_bind(const TdsDriver *driver, SQLHSTMT stmt, TdsValue *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        TdsValue *value = &values[i];
        bool is_text = value->c_type == SQL_C_WCHAR;
        SQLPOINTER place = is_text ? (SQLPOINTER)value->as.units : (SQLPOINTER)&value->as;
        SQLLEN size = is_text && value->indicator > 0 ? value->indicator : 0;
        SQLRETURN rc = driver->bind_parameter(stmt, (SQLUSMALLINT)(i + 1), SQL_PARAM_INPUT,
                                              value->c_type, value->sql_type, value->column_size, 0,
                                              place, size, &value->indicator);
        if (!SQL_SUCCEEDED(rc))
            return rc;
    }
    return SQL_SUCCESS;
}

/* ---- for people ------------------------------------------------------------------------------ */

static void put_literal(const SqlParam *param, const TdsArg *arg, Buf *out)
{
    char text[TIME_VALUE_MAX];

    if (is_null_arg(param, arg)) {
        buf_puts(out, "NULL");
    } else if (param->type == SQL_TYPE_DATETIMEOFFSET) {
        put_time_text(arg->time, text);
        buf_printf(out, "'%s'", text);
    } else if (param->type == SQL_TYPE_FLOAT) {
        buf_printf(out, "%.17g", arg->f64);
    } else if (param->type == SQL_TYPE_NVARCHAR || param->type == SQL_TYPE_DECIMAL ||
               param->type == SQL_TYPE_UNIQUEIDENTIFIER) {
        buf_puts(out, "N'");
        for (const char *c = arg->text; *c; c++)
            buf_printf(out, *c == '\'' ? "''" : "%c", *c);
        buf_putc(out, '\'');
    } else {
        buf_printf(out, "%" PRId64, arg->i64);
    }
}

void tds_statement_script(const SqlAsset *asset, const TdsArg *args, size_t arg_count, TdsHas *has,
                          void *context, Buf *out)
{
    Body body = {asset, args, arg_count, .in_quotes = false};

    for (size_t i = 0; i < asset->param_count; i++) {
        const SqlParam *param = &asset->params[i];
        if (param->is_literal)
            continue;
        buf_printf(out, "DECLARE @%s %s = ", param->name, declared_type(param));
        put_literal(param, find_arg(args, arg_count, param->name), out);
        buf_puts(out, ";\n");
    }
    put_body(&body, has, context, out);
}
