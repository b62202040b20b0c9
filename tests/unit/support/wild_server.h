/*
 * A server that answers every statement of sql/ with rows that no server should send: counts at
 * both ends of their range, instants from year -32768 to 32767, floats that are no numbers, texts
 * of nothing, of 70,000 characters and of U+0000, columns of other types than asked for, and none
 * of those that a head calls optional. What it answers follows from wild_begin's seed.
 *
 * A header alone: rooms below asset link without it. It is a driver as fake_driver is one, with no
 * script: any order of statements is right.
 */
#ifndef SSISMINER_TESTS_WILD_SERVER_H
#define SSISMINER_TESTS_WILD_SERVER_H

#include "../../../src/tds/driver.h"
#include "ssisminer/asset/sql.h"
#include "ssisminer/base/arena.h"
#include "ssisminer/base/utf.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WILD_COLUMNS = 64, WILD_LONG = 70000 };

typedef struct WildBound {
    SQLSMALLINT c_type;
    void *place;
    SQLLEN size;
    SQLLEN *indicator;
} WildBound;

static struct {
    uint64_t state;
    bool is_open; // a result
    const SqlAsset *asset;
    const SqlColumn *columns[WILD_COLUMNS];
    SQLSMALLINT types[WILD_COLUMNS];
    size_t column_count;
    WildBound bound[WILD_COLUMNS];
    uint16_t *texts[WILD_COLUMNS]; // of this row
    size_t text_units[WILD_COLUMNS], given[WILD_COLUMNS];
    size_t row, row_count;
} wild;

static void wild_begin(uint64_t seed)
{
    wild.state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
}

static uint64_t wild_next(void)
{
    wild.state ^= wild.state << 13;
    wild.state ^= wild.state >> 7;
    wild.state ^= wild.state << 17;
    return wild.state;
}

static size_t wild_below(size_t count)
{
    return (size_t)(wild_next() >> 11) % count;
}

/* ---- values ---------------------------------------------------------------------------------- */

static int64_t wild_number(void)
{
    static const int64_t ends[] = {INT64_MIN,        INT64_MIN + 1, INT64_MAX, INT64_MAX - 1,
                                   INT32_MIN,        INT32_MAX,     -1,        0,
                                   (int64_t)1 << 53, 256 + 7,       65536,     -2};
    static const int64_t known[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 40, 60, 110, 120, 130};

    if (wild_below(3) == 0)
        return ends[wild_below(ARRAY_LEN(ends))];
    return known[wild_below(ARRAY_LEN(known))];
}

static double wild_float(void)
{
    const double ends[] = {0, NAN, INFINITY, -INFINITY, DBL_MAX, -DBL_MAX, DBL_MIN, 50, 99.9, -1};

    return ends[wild_below(ARRAY_LEN(ends))];
}

typedef struct WildOffset {
    SQLSMALLINT year;
    SQLUSMALLINT month, day, hour, minute, second;
    SQLUINTEGER fraction;
    SQLSMALLINT hours, minutes;
} WildOffset;

static WildOffset wild_time(void)
{
    static const SQLSMALLINT years[] = {1, 9999, 2026, 2026, 2026, 2026, 0, -32768, 32767, 1753};
    WildOffset at = {.year = years[wild_below(ARRAY_LEN(years))]};

    at.month = (SQLUSMALLINT)(wild_below(20) ? 1 + wild_below(12) : 65535);
    at.day = (SQLUSMALLINT)(wild_below(20) ? 1 + wild_below(31) : 65535);
    at.hour = (SQLUSMALLINT)(wild_below(20) ? wild_below(24) : 65535);
    at.minute = (SQLUSMALLINT)wild_below(60);
    at.second = (SQLUSMALLINT)wild_below(60);
    at.fraction = (SQLUINTEGER)(wild_below(20) ? wild_below(1000000000) : UINT32_MAX);
    at.hours = (SQLSMALLINT)(wild_below(3) ? 0 : wild_below(2) ? 14 : -14);
    if (wild_below(30) == 0)
        at.hours = -32768;
    return at;
}

static const char *const wild_words[] = {
    "",
    "",
    "Sales",
    "Load.dtsx",
    "etl",
    "TRUE",
    "10",
    "9223372036854775807",
    "-9223372036854775808",
    "99999999999999999999",
    "=cmd|'/c calc'!A1",
    "<script>alert(1)</script>",
    "| a | b |\n| --- |",
    "@here #12",
    "\xE2\x80\xAE\x1B[2J",
    "C:\\a\\b[3]\\c[18446744073709551616]",
    "\\Package\\Loop[1]\\Task",
    "\\Package",
    "event_messages",
    "operations",
    "internal",
    "Error: 0x80004005 at Load: Login failed for user 'x'. Execution Timeout Expired.",
    "2026-03-02 06:00:00.0000000 +00:00",
    "0001-01-01 00:00:00.0000000 +14:00",
    "9999-12-31 23:59:59.9999999 -14:00",
    "12.0.2000.8",
    "SSISDB",
};

/* The names that the probe looks for among objects and properties, so that it gets further. */
static const char *wild_name(const char *column)
{
    static const char *const properties[] = {
        "RETENTION_WINDOW",     "OPERATION_CLEANUP_ENABLED",
        "SERVER_LOGGING_LEVEL", "SERVER_OPERATION_ENCRYPTION_LEVEL",
        "MAX_PROJECT_VERSIONS", "VERSION_CLEANUP_ENABLED",
        "IS_SCALEOUT_ENABLED",  "SCHEMA_BUILD"};
    static const char *const columns[] = {"worker_agent_id", "executed_count", "is_system"};

    if (strcmp(column, "property_name") == 0)
        return properties[wild_below(ARRAY_LEN(properties))];
    if (strcmp(wild.asset->name, "ssisdb/objects") != 0)
        return NULL;
    if (strcmp(column, "schema_name") == 0)
        return wild.row % 4 == 3 ? "internal" : "catalog";
    if (strcmp(column, "object_name") == 0) {
        static const char *const objects[] = {"executions", "catalog_properties", "worker_agents",
                                              "operation_messages_scaleout"};
        return objects[wild.row % ARRAY_LEN(objects)];
    }
    return columns[wild_below(ARRAY_LEN(columns))];
}

static uint16_t *wild_long_text(size_t *ret_units)
{
    uint16_t *units = calloc(WILD_LONG, sizeof(*units));

    for (size_t i = 0; i < WILD_LONG; i++)
        units[i] = (uint16_t)(i % 97 ? 'a' + i % 26 : 0xD800 + i % 2048); // with lone surrogates
    *ret_units = WILD_LONG;
    return units;
}

static uint16_t *wild_text(const SqlColumn *column, size_t *ret_units)
{
    const char *words = wild_name(column->name);
    size_t kind = words ? 1 : wild_below(200);

    if (kind == 0)
        return wild_long_text(ret_units);
    if (!words)
        words = wild_words[wild_below(ARRAY_LEN(wild_words))];
    uint16_t *units = calloc(strlen(words) + 1, sizeof(*units));
    *ret_units = utf_to_utf16(words, strlen(words), units);
    if (kind < 12 && kind > 1 && *ret_units > 1)
        units[*ret_units / 2] = 0;
    return units;
}

/* ---- statements ------------------------------------------------------------------------------ */

/* Left out where the server lacks something, or with a number in a literal parameter's place. */
static bool wild_is_passed_over(const SqlLine *line)
{
    return line->needs || strchr(line->text, '@');
}

/* Whether a line of an asset stands in the text that was sent, where quotes may be doubled. */
static bool wild_has_line(const SqlLine *line, const char *text, bool is_quoted)
{
    char sent[2000];
    size_t len = 0;

    if (wild_is_passed_over(line))
        return true;
    for (const char *at = line->text; *at && len + 3 < sizeof(sent); at++) {
        sent[len++] = *at;
        if (*at == '\'' && is_quoted)
            sent[len++] = *at;
    }
    sent[len] = '\0';
    return strstr(text, sent) != NULL;
}

static bool wild_has_lines(const SqlAsset *asset, const char *text)
{
    bool is_quoted = strstr(text, "exec sp_executesql") == text;

    for (size_t i = 0; i < asset->line_count; i++)
        if (!wild_has_line(&asset->lines[i], text, is_quoted))
            return false;
    return true;
}

/* The statement with the longest text of those whose every line is in this one. */
static const SqlAsset *wild_asset(const char *text)
{
    const SqlAsset *best = NULL;
    size_t most = 0;

    for (int id = 0; id < SQL_ID_COUNT; id++) {
        const SqlAsset *asset = sql_asset((SqlId)id);
        size_t bytes = 0;
        for (size_t i = 0; i < asset->line_count; i++)
            bytes += wild_is_passed_over(&asset->lines[i]) ? 0 : strlen(asset->lines[i].text);
        if (bytes > most && wild_has_lines(asset, text)) {
            best = asset;
            most = bytes;
        }
    }
    return best;
}

static SQLSMALLINT wild_type(SqlType type)
{
    static const SQLSMALLINT times[] = {-155, -155, -155, SQL_TYPE_TIMESTAMP, SQL_WVARCHAR};

    switch (type) {
    case SQL_TYPE_DATETIMEOFFSET:
        return times[wild_below(ARRAY_LEN(times))];
    case SQL_TYPE_UNIQUEIDENTIFIER:
        return wild_below(2) ? SQL_GUID : SQL_WVARCHAR;
    case SQL_TYPE_BIT:
    case SQL_TYPE_INT:
    case SQL_TYPE_BIGINT:
    case SQL_TYPE_FLOAT:
    case SQL_TYPE_DECIMAL:
    case SQL_TYPE_NVARCHAR:
    case SQL_TYPE_VARBINARY:
        break;
    }
    return SQL_WVARCHAR;
}

static void wild_free_texts(void)
{
    for (size_t i = 0; i < WILD_COLUMNS; i++) {
        free(wild.texts[i]);
        wild.texts[i] = NULL;
    }
}

static SQLRETURN wild_exec(SQLHSTMT stmt, SQLWCHAR *text, SQLINTEGER len)
{
    char *narrow = calloc(UTF_FROM_UTF16_MAX((size_t)len) + 1, 1);
    bool lacks_optional = wild_below(2) == 0;

    (void)stmt;
    (void)utf_from_utf16(text, (size_t)len, narrow);
    wild.asset = wild_asset(narrow);
    free(narrow);
    if (!wild.asset || wild.asset->column_count > WILD_COLUMNS)
        abort();
    wild.column_count = 0;
    for (size_t i = 0; i < wild.asset->column_count; i++)
        if (!(lacks_optional && wild.asset->columns[i].is_optional)) {
            wild.columns[wild.column_count] = &wild.asset->columns[i];
            wild.types[wild.column_count++] = wild_type(wild.asset->columns[i].type);
        }
    wild.row = 0;
    wild.row_count = strcmp(wild.asset->name, "ssisdb/server") == 0    ? 1
                     : strcmp(wild.asset->name, "ssisdb/objects") == 0 ? 4 + wild_below(8)
                                                                       : wild_below(25);
    return SQL_SUCCESS;
}

static SQLRETURN wild_count_columns(SQLHSTMT stmt, SQLSMALLINT *ret_count)
{
    (void)stmt;
    *ret_count = (SQLSMALLINT)wild.column_count;
    return SQL_SUCCESS;
}

static SQLRETURN wild_describe(SQLHSTMT stmt, SQLUSMALLINT number, SQLWCHAR *name, SQLSMALLINT size,
                               SQLSMALLINT *ret_len, SQLSMALLINT *ret_type, SQLULEN *ret_size,
                               SQLSMALLINT *ret_digits, SQLSMALLINT *ret_nullable)
{
    static const SQLULEN sizes[] = {0, 1, 50, 4000, 4001, (SQLULEN)-1, 2147483647};
    const char *is = wild.columns[number - 1]->name;

    (void)stmt;
    (void)size;
    *ret_len = (SQLSMALLINT)utf_to_utf16(is, strlen(is), name);
    *ret_type = wild.types[number - 1];
    *ret_size = sizes[wild_below(ARRAY_LEN(sizes))];
    *ret_digits = *ret_nullable = 0;
    return SQL_SUCCESS;
}

static SQLRETURN wild_bind(SQLHSTMT stmt, SQLUSMALLINT number, SQLSMALLINT c_type, SQLPOINTER value,
                           SQLLEN size, SQLLEN *indicator)
{
    (void)stmt;
    wild.bound[number - 1] = (WildBound){c_type, value, size, indicator};
    return SQL_SUCCESS;
}

/* What fits behind what was given; true when there is more. */
static bool wild_give_text(size_t i, const WildBound *to)
{
    size_t unit = to->c_type == SQL_C_WCHAR ? 2 : 1, nul = to->c_type == SQL_C_BINARY ? 0 : unit;
    size_t left = wild.text_units[i] - wild.given[i], room = ((size_t)to->size - nul) / unit;
    size_t fits = left < room ? left : room;
    char *place = to->place;

    for (size_t k = 0; k < fits; k++) {
        uint16_t value = wild.texts[i][wild.given[i] + k];
        memcpy(place + k * unit, &value, unit);
    }
    memset(place + fits * unit, 0, nul);
    *to->indicator = (SQLLEN)(left * unit);
    wild.given[i] += fits;
    return fits < left;
}

static void wild_give_time(const WildBound *to)
{
    WildOffset at = wild_time();
    SQL_TIMESTAMP_STRUCT stamp = {at.year,   at.month,  at.day,     at.hour,
                                  at.minute, at.second, at.fraction};

    if (to->c_type == SQL_C_BINARY)
        memcpy(to->place, &at, sizeof(at));
    else
        memcpy(to->place, &stamp, sizeof(stamp));
    *to->indicator = sizeof(at);
}

static void wild_give(size_t i)
{
    const WildBound *to = &wild.bound[i];
    SqlType type = wild.columns[i]->type;
    SQLBIGINT number = wild_number();
    double real = wild_float();

    *to->indicator = SQL_NULL_DATA;
    if (!wild_name(wild.columns[i]->name) && wild_below(10) == 0)
        return;
    if (to->c_type == SQL_C_SBIGINT) {
        memcpy(to->place, &number, sizeof(number));
        *to->indicator = sizeof(number);
    } else if (to->c_type == SQL_C_DOUBLE) {
        memcpy(to->place, &real, sizeof(real));
        *to->indicator = sizeof(real);
    } else if (to->c_type == SQL_C_GUID) {
        memset(to->place, (int)wild_below(256), 16);
        *to->indicator = 16;
    } else if (type == SQL_TYPE_DATETIMEOFFSET && to->c_type != SQL_C_CHAR) {
        wild_give_time(to);
    } else {
        wild.texts[i] = wild_text(wild.columns[i], &wild.text_units[i]);
        wild.given[i] = 0;
        (void)wild_give_text(i, to);
    }
}

static SQLRETURN wild_fetch(SQLHSTMT stmt)
{
    (void)stmt;
    wild_free_texts();
    if (wild.row == wild.row_count)
        return SQL_NO_DATA;
    for (size_t i = 0; i < wild.column_count; i++)
        if (wild.bound[i].place)
            wild_give(i);
    wild.row++;
    return SQL_SUCCESS;
}

static SQLRETURN wild_get_data(SQLHSTMT stmt, SQLUSMALLINT number, SQLSMALLINT c_type,
                               SQLPOINTER value, SQLLEN size, SQLLEN *indicator)
{
    WildBound to = {c_type, value, size, indicator};

    (void)stmt;
    return wild_give_text(number - 1u, &to) ? SQL_SUCCESS_WITH_INFO : SQL_SUCCESS;
}

/* ---- the rest: everything works -------------------------------------------------------------- */

static SQLRETURN wild_alloc(SQLSMALLINT type, SQLHANDLE parent, SQLHANDLE *ret_handle)
{
    (void)type;
    (void)parent;
    *ret_handle = malloc(1);
    return SQL_SUCCESS;
}

static SQLRETURN wild_free(SQLSMALLINT type, SQLHANDLE handle)
{
    if (type == SQL_HANDLE_STMT) {
        wild_free_texts();
        memset(wild.bound, 0, sizeof(wild.bound));
    }
    free(handle);
    return SQL_SUCCESS;
}

static SQLRETURN wild_set(SQLHANDLE handle, SQLINTEGER attribute, SQLPOINTER value, SQLINTEGER len)
{
    (void)handle;
    (void)attribute;
    (void)value;
    (void)len;
    return SQL_SUCCESS;
}

static SQLRETURN wild_connect(SQLHDBC dbc, SQLHWND window, SQLWCHAR *text, SQLSMALLINT len,
                              SQLWCHAR *out, SQLSMALLINT out_size, SQLSMALLINT *ret_out_len,
                              SQLUSMALLINT completion)
{
    (void)dbc;
    (void)window;
    (void)text;
    (void)len;
    (void)out;
    (void)out_size;
    (void)ret_out_len;
    (void)completion;
    return SQL_SUCCESS;
}

static SQLRETURN wild_disconnect(SQLHDBC dbc)
{
    (void)dbc;
    return SQL_SUCCESS;
}

static SQLRETURN wild_info(SQLHDBC dbc, SQLUSMALLINT what, SQLPOINTER value, SQLSMALLINT size,
                           SQLSMALLINT *ret_len)
{
    const char *answer = what == SQL_DRIVER_NAME ? "libtdsodbc.so" : "01.03.0017";

    (void)dbc;
    (void)size;
    memcpy(value, answer, strlen(answer) + 1);
    *ret_len = (SQLSMALLINT)strlen(answer);
    return SQL_SUCCESS;
}

static SQLRETURN wild_parameter(SQLHSTMT stmt, SQLUSMALLINT number, SQLSMALLINT direction,
                                SQLSMALLINT c_type, SQLSMALLINT sql_type, SQLULEN column_size,
                                SQLSMALLINT digits, SQLPOINTER value, SQLLEN size,
                                SQLLEN *indicator)
{
    (void)stmt;
    (void)number;
    (void)direction;
    (void)c_type;
    (void)sql_type;
    (void)column_size;
    (void)digits;
    (void)value;
    (void)size;
    (void)indicator;
    return SQL_SUCCESS;
}

static SQLRETURN wild_row_count(SQLHSTMT stmt, SQLLEN *ret_count)
{
    (void)stmt;
    *ret_count = -1;
    return SQL_SUCCESS;
}

static SQLRETURN wild_more(SQLHSTMT stmt)
{
    (void)stmt;
    return SQL_NO_DATA;
}

static SQLRETURN wild_cancel(SQLHSTMT stmt)
{
    (void)stmt;
    return SQL_SUCCESS;
}

static SQLRETURN wild_diag(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT record,
                           SQLWCHAR *ret_state, SQLINTEGER *ret_number, SQLWCHAR *text,
                           SQLSMALLINT size, SQLSMALLINT *ret_len)
{
    (void)type;
    (void)handle;
    (void)record;
    (void)ret_state;
    (void)ret_number;
    (void)text;
    (void)size;
    (void)ret_len;
    return SQL_NO_DATA;
}

static int wild_version(const char *library)
{
    (void)library;
    return 10317;
}

static bool wild_tls_words(const char *conf, const char *section, const char *driver_name,
                           int timeout_s, char *ret_words, size_t size)
{
    (void)conf;
    (void)section;
    (void)driver_name;
    (void)timeout_s;
    (void)ret_words;
    (void)size;
    return false;
}

static const TdsDriver wild_server = {
    .alloc_handle = wild_alloc,
    .free_handle = wild_free,
    .set_env_attr = wild_set,
    .set_connect_attr = wild_set,
    .driver_connect = wild_connect,
    .disconnect = wild_disconnect,
    .get_info = wild_info,
    .set_stmt_attr = wild_set,
    .bind_parameter = wild_parameter,
    .exec_direct = wild_exec,
    .num_result_cols = wild_count_columns,
    .describe_col = wild_describe,
    .bind_col = wild_bind,
    .fetch = wild_fetch,
    .get_data = wild_get_data,
    .row_count = wild_row_count,
    .more_results = wild_more,
    .cancel = wild_cancel,
    .get_diag_rec = wild_diag,
    .freetds_version = wild_version,
    .tls_words = wild_tls_words,
};

#endif
