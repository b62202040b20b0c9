/* An ODBC driver that follows a script: the server of most unit tests. */
#include "fake_driver.h"

#include "ssisminer/base/utf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_COLUMNS = 32, MOST_PARAMS = 16, NEVER = -1 };

typedef struct Bound {
    SQLSMALLINT c_type;
    SQLPOINTER place;
    SQLLEN size;
    SQLLEN *indicator;
} Bound;

typedef struct Param {
    SQLSMALLINT sql_type;
    SQLULEN size;
    SQLPOINTER place;
    SQLLEN *indicator;
} Param;

static struct {
    const FakeStep *steps;
    size_t count, at;
    const FakeStep *columns; // of the open result
    const FakeStep *row;
    size_t given[MOST_COLUMNS]; // bytes of each value given so far
    Bound bound[MOST_COLUMNS];
    Param params[MOST_PARAMS];
    size_t param_count;
    size_t calls;
    long fail_at;
    bool did_fail;
    long handles;
    const char *name;
    int version;
    bool no_total;
    const char *tls_words;
    long query_timeout;
    const FakeStep *fault; // what get_diag_rec tells
    char connstr[9000];
    char conf[5000];
} fake;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t canceled = PTHREAD_COND_INITIALIZER;
static size_t cancels;
static bool is_blocked;

static const FakeStep injected = {.state = "HY000", .native = 50000, .words = "injected failure"};

/* ---- the script ------------------------------------------------------------------------------ */

void fake_driver_script(const FakeStep *steps, size_t count)
{
    memset(&fake, 0, sizeof(fake));
    fake.steps = steps;
    fake.count = count;
    fake.fail_at = NEVER;
    fake.name = "libtdsodbc.so";
    fake.version = 10317;
    cancels = 0;
    is_blocked = false;
}

void fake_driver_fail_at(size_t call)
{
    fake.fail_at = (long)call;
}

bool fake_driver_did_fail(void)
{
    return fake.did_fail;
}

void fake_driver_assert_no_leak(void)
{
    assert_int_equal(fake.handles, 0);
}

void fake_driver_assert_finished(void)
{
    if (fake.at != fake.count)
        fail_msg("the conversation stopped at step %zu of %zu", fake.at, fake.count);
    fake_driver_assert_no_leak();
}

void fake_driver_set_name(const char *name)
{
    fake.name = name;
}

void fake_driver_set_version(int version)
{
    fake.version = version;
}

void fake_driver_set_no_total(bool no_total)
{
    fake.no_total = no_total;
}

void fake_driver_set_tls_words(const char *words)
{
    fake.tls_words = words;
}

bool fake_driver_is_blocked(void)
{
    (void)pthread_mutex_lock(&lock);
    bool found = is_blocked;
    (void)pthread_mutex_unlock(&lock);
    return found;
}

size_t fake_driver_cancels(void)
{
    (void)pthread_mutex_lock(&lock);
    size_t count = cancels;
    (void)pthread_mutex_unlock(&lock);
    return count;
}

long fake_driver_query_timeout(void)
{
    return fake.query_timeout;
}

const char *fake_driver_connstr(void)
{
    return fake.connstr;
}

const char *fake_driver_conf(void)
{
    return fake.conf;
}

/* Counts a call; true when it is the one to fail. */
static bool fails_now(void)
{
    if ((long)fake.calls++ != fake.fail_at)
        return false;
    fake.did_fail = true;
    fake.fault = &injected;
    return true;
}

static const FakeStep *now(void)
{
    return fake.at < fake.count ? &fake.steps[fake.at] : NULL;
}

static bool is_now(FakeKind kind)
{
    return now() && now()->kind == kind;
}

static const FakeStep *take(FakeKind kind, const char *call)
{
    if (!is_now(kind))
        fail_msg("%s does not belong at step %zu", call, fake.at);
    return &fake.steps[fake.at++];
}

static SQLRETURN outcome(const FakeStep *step)
{
    if (!step->state)
        return SQL_SUCCESS;
    fake.fault = step;
    return SQL_ERROR;
}

static void must_contain(const char *whole, const char *part)
{
    if (part && !strstr(whole, part))
        fail_msg("'%s' is not in '%s'", part, whole);
}

static void narrow(const SQLWCHAR *units, SQLINTEGER count, char *ret_text, size_t size)
{
    char *text = malloc(UTF_FROM_UTF16_MAX((size_t)count) + 1);
    size_t len = utf_from_utf16(units, (size_t)count, text);

    text[len] = '\0';
    (void)snprintf(ret_text, size, "%s", text);
    free(text);
}

/* ---- handles and attributes ------------------------------------------------------------------ */

static SQLRETURN fake_alloc_handle(SQLSMALLINT type, SQLHANDLE parent, SQLHANDLE *ret_handle)
{
    (void)type;
    (void)parent;
    if (fails_now())
        return SQL_ERROR;
    fake.handles++;
    *ret_handle = malloc(1); // ASan sees who does not give it back, or twice
    return SQL_SUCCESS;
}

static SQLRETURN fake_free_handle(SQLSMALLINT type, SQLHANDLE handle)
{
    if (type == SQL_HANDLE_STMT) {
        memset(fake.bound, 0, sizeof(fake.bound));
        fake.param_count = 0;
        fake.columns = fake.row = NULL;
    }
    fake.handles--;
    free(handle);
    return SQL_SUCCESS;
}

static SQLRETURN fake_set_attr(SQLHANDLE handle, SQLINTEGER attribute, SQLPOINTER value,
                               SQLINTEGER len)
{
    (void)handle;
    (void)len;
    if (fails_now())
        return SQL_ERROR;
    if (attribute == SQL_ATTR_QUERY_TIMEOUT)
        fake.query_timeout = (long)(intptr_t)value;
    return SQL_SUCCESS;
}

static SQLRETURN fake_get_info(SQLHDBC dbc, SQLUSMALLINT what, SQLPOINTER value, SQLSMALLINT size,
                               SQLSMALLINT *ret_len)
{
    char text[64];

    (void)dbc;
    if (fails_now())
        return SQL_ERROR;
    (void)snprintf(text, sizeof(text), "%02d.%02d.%04d", fake.version / 10000,
                   fake.version / 100 % 100, fake.version % 100);
    const char *answer = what == SQL_DRIVER_NAME  ? fake.name
                         : what == SQL_DRIVER_VER ? text
                                                  : "16.00.1000";
    *ret_len = (SQLSMALLINT)snprintf(value, (size_t)size, "%s", answer);
    return SQL_SUCCESS;
}

/* ---- connecting ------------------------------------------------------------------------------ */

static void read_conf(void)
{
    const char *path = getenv("FREETDSCONF");
    FILE *file = path ? fopen(path, "r") : NULL;

    fake.conf[0] = '\0';
    if (!file)
        return;
    size_t len = fread(fake.conf, 1, sizeof(fake.conf) - 1, file);
    fake.conf[len] = '\0';
    (void)fclose(file);
}

static SQLRETURN fake_driver_connect(SQLHDBC dbc, SQLHWND window, SQLWCHAR *text, SQLSMALLINT len,
                                     SQLWCHAR *out, SQLSMALLINT out_size, SQLSMALLINT *ret_out_len,
                                     SQLUSMALLINT completion)
{
    (void)dbc;
    (void)window;
    (void)out;
    (void)out_size;
    (void)ret_out_len;
    (void)completion;
    narrow(text, len, fake.connstr, sizeof(fake.connstr));
    read_conf();
    if (fails_now())
        return SQL_ERROR;
    const FakeStep *step = take(FAKE_KIND_OPEN, "SQLDriverConnect");
    must_contain(fake.connstr, step->text);
    return outcome(step);
}

/* Of what can be asked only whether the connection is dead; asking is diagnosing. */
static SQLRETURN fake_get_connect_attr(SQLHDBC dbc, SQLINTEGER attribute, SQLPOINTER value,
                                       SQLINTEGER size, SQLINTEGER *ret_len)
{
    (void)dbc;
    (void)size;
    (void)ret_len;
    if (attribute != SQL_ATTR_CONNECTION_DEAD)
        fail_msg("SQLGetConnectAttr of %d", (int)attribute);
    *(SQLUINTEGER *)value = fake.fault && fake.fault->breaks ? SQL_CD_TRUE : SQL_CD_FALSE;
    return SQL_SUCCESS;
}

static SQLRETURN fake_disconnect(SQLHDBC dbc)
{
    (void)dbc;
    if (is_now(FAKE_KIND_CLOSE))
        fake.at++;
    else if (!fake.did_fail)
        fail_msg("SQLDisconnect does not belong at step %zu", fake.at);
    return SQL_SUCCESS;
}

/* ---- statements ------------------------------------------------------------------------------ */

static SQLRETURN fake_bind_parameter(SQLHSTMT stmt, SQLUSMALLINT number, SQLSMALLINT direction,
                                     SQLSMALLINT c_type, SQLSMALLINT sql_type, SQLULEN column_size,
                                     SQLSMALLINT digits, SQLPOINTER value, SQLLEN size,
                                     SQLLEN *indicator)
{
    (void)stmt;
    (void)direction;
    (void)c_type;
    (void)digits;
    (void)size;
    if (fails_now())
        return SQL_ERROR;
    assert_true(number >= 1 && number <= MOST_PARAMS);
    fake.params[number - 1] = (Param){sql_type, column_size, value, indicator};
    if (number > fake.param_count)
        fake.param_count = number;
    return SQL_SUCCESS;
}

static void put_param(const Param *param, Buf *out)
{
    char text[4000];

    if (param->sql_type == SQL_BIGINT)
        buf_puts(out, "BIGINT ");
    else if (param->sql_type == SQL_DOUBLE)
        buf_puts(out, "FLOAT ");
    else if (param->sql_type == SQL_WLONGVARCHAR)
        buf_puts(out, "NVARCHAR(MAX) ");
    else
        buf_printf(out, "NVARCHAR(%lu) ", (unsigned long)param->size);

    if (*param->indicator == SQL_NULL_DATA) {
        buf_puts(out, "NULL");
    } else if (param->sql_type == SQL_BIGINT) {
        SQLBIGINT number;
        memcpy(&number, param->place, sizeof(number));
        buf_printf(out, "%lld", (long long)number);
    } else if (param->sql_type == SQL_DOUBLE) {
        double number;
        memcpy(&number, param->place, sizeof(number));
        buf_printf(out, "%g", number);
    } else {
        narrow(param->place, (SQLINTEGER)(*param->indicator / 2), text, sizeof(text));
        buf_puts(out, text);
    }
}

static void check_params(const char *expected)
{
    Buf got = BUF(100000);

    if (!expected)
        return;
    for (size_t i = 0; i < fake.param_count; i++) {
        if (i > 0)
            buf_putc(&got, '|');
        put_param(&fake.params[i], &got);
    }
    assert_string_equal(buf_text(&got), expected);
    buf_done(&got);
}

/* Waits for a cancel, a minute at most. */
static SQLRETURN block(void)
{
    static const FakeStep ended = {
        .state = "HY008", .native = 0, .words = "[FreeTDS][SQL Server]Operation canceled"};
    struct timespec until;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 60;
    (void)pthread_mutex_lock(&lock);
    is_blocked = true;
    while (cancels == 0 && pthread_cond_timedwait(&canceled, &lock, &until) == 0)
        ;
    (void)pthread_mutex_unlock(&lock);
    fake.fault = &ended;
    return SQL_ERROR;
}

static SQLRETURN fake_exec_direct(SQLHSTMT stmt, SQLWCHAR *text, SQLINTEGER len)
{
    static char sql[200000];

    (void)stmt;
    if (fails_now())
        return SQL_ERROR;
    const FakeStep *step = take(FAKE_KIND_SQL, "SQLExecDirect");
    narrow(text, len, sql, sizeof(sql));
    must_contain(sql, step->text);
    check_params(step->params);
    return step->blocks ? block() : outcome(step);
}

static SQLRETURN fake_cancel(SQLHSTMT stmt)
{
    (void)stmt;
    (void)pthread_mutex_lock(&lock);
    cancels++;
    (void)pthread_cond_broadcast(&canceled);
    (void)pthread_mutex_unlock(&lock);
    return SQL_SUCCESS;
}

static SQLRETURN fake_row_count(SQLHSTMT stmt, SQLLEN *ret_count)
{
    (void)stmt;
    if (fails_now())
        return SQL_ERROR;
    *ret_count = is_now(FAKE_KIND_COUNT) ? now()->affected : -1;
    return SQL_SUCCESS;
}

static SQLRETURN fake_more_results(SQLHSTMT stmt)
{
    (void)stmt;
    if (fails_now())
        return SQL_ERROR;
    if (is_now(FAKE_KIND_COUNT))
        fake.at++;
    if (is_now(FAKE_KIND_MORE))
        return outcome(take(FAKE_KIND_MORE, "SQLMoreResults"));
    return is_now(FAKE_KIND_COUNT) || is_now(FAKE_KIND_COLUMNS) ? SQL_SUCCESS : SQL_NO_DATA;
}

/* ---- results --------------------------------------------------------------------------------- */

static SQLRETURN fake_num_result_cols(SQLHSTMT stmt, SQLSMALLINT *ret_count)
{
    (void)stmt;
    if (fails_now())
        return SQL_ERROR;
    fake.columns = is_now(FAKE_KIND_COLUMNS) ? take(FAKE_KIND_COLUMNS, "SQLNumResultCols") : NULL;
    *ret_count = fake.columns ? (SQLSMALLINT)fake.columns->column_count : 0;
    return SQL_SUCCESS;
}

static SQLRETURN fake_describe_col(SQLHSTMT stmt, SQLUSMALLINT number, SQLWCHAR *name,
                                   SQLSMALLINT size, SQLSMALLINT *ret_len, SQLSMALLINT *ret_type,
                                   SQLULEN *ret_size, SQLSMALLINT *ret_digits,
                                   SQLSMALLINT *ret_nullable)
{
    (void)stmt;
    if (fails_now())
        return SQL_ERROR;
    assert_true(fake.columns && number >= 1 && number <= fake.columns->column_count);
    const FakeColumn *column = &fake.columns->columns[number - 1];
    assert_true(strlen(column->name) < (size_t)size);
    *ret_len = (SQLSMALLINT)utf_to_utf16(column->name, strlen(column->name), name);
    *ret_type = column->sql_type;
    *ret_size = column->size;
    *ret_digits = *ret_nullable = 0;
    return SQL_SUCCESS;
}

static SQLRETURN fake_bind_col(SQLHSTMT stmt, SQLUSMALLINT number, SQLSMALLINT c_type,
                               SQLPOINTER value, SQLLEN size, SQLLEN *indicator)
{
    (void)stmt;
    if (fails_now())
        return SQL_ERROR;
    assert_true(number >= 1 && number <= MOST_COLUMNS);
    fake.bound[number - 1] = (Bound){c_type, value, size, indicator};
    return SQL_SUCCESS;
}

/* The bytes of a value of variable length, to free(). */
static char *bytes_of(const char *value, SQLSMALLINT c_type, size_t *ret_len)
{
    size_t len = strlen(value);

    if (c_type != SQL_C_WCHAR) {
        *ret_len = len;
        return strdup(value);
    }
    uint16_t *units = malloc((len + 1) * sizeof(*units));
    size_t count = 0;
    if (value[0] == '\x01')
        for (const char *at = value + 1; *at; at += 4) {
            char digits[5] = {at[0], at[1], at[2], at[3], '\0'};
            units[count++] = (uint16_t)strtoul(digits, NULL, 16);
        }
    else
        count = utf_to_utf16(value, len, units);
    *ret_len = count * sizeof(*units);
    return (char *)units;
}

/* Gives what fits behind what was given; true when that was not all. */
static bool give_bytes(size_t column, const char *value, const Bound *to)
{
    size_t len = 0, nul = to->c_type == SQL_C_WCHAR ? 2 : to->c_type == SQL_C_CHAR ? 1 : 0;
    char *bytes = bytes_of(value, to->c_type, &len);
    size_t left = len - fake.given[column], room = (size_t)to->size - nul;
    size_t fits = left < room ? left : room;

    memcpy(to->place, bytes + fake.given[column], fits);
    memset((char *)to->place + fits, 0, nul);
    *to->indicator = fake.no_total && fits < left ? SQL_NO_TOTAL : (SQLLEN)left;
    fake.given[column] += fits;
    free(bytes);
    return fits < left;
}

static void give_offset(const char *value, SQLPOINTER place)
{
    struct {
        SQLSMALLINT year;
        SQLUSMALLINT month, day, hour, minute, second;
        SQLUINTEGER fraction;
        SQLSMALLINT hours, minutes;
    } at = {0};
    int f[6], hours, minutes;
    unsigned fraction;
    char sign;

    int found = sscanf(value, "%d-%d-%d %d:%d:%d.%u %c%d:%d", &f[0], &f[1], &f[2], &f[3], &f[4],
                       &f[5], &fraction, &sign, &hours, &minutes);
    assert_int_equal(found, 10);
    at.year = (SQLSMALLINT)f[0];
    at.month = (SQLUSMALLINT)f[1];
    at.day = (SQLUSMALLINT)f[2];
    at.hour = (SQLUSMALLINT)f[3];
    at.minute = (SQLUSMALLINT)f[4];
    at.second = (SQLUSMALLINT)f[5];
    at.fraction = fraction * 100;
    at.hours = (SQLSMALLINT)(sign == '-' ? -hours : hours);
    at.minutes = (SQLSMALLINT)(sign == '-' ? -minutes : minutes);
    memcpy(place, &at, 20);
}

static void give_stamp(const char *value, SQLPOINTER place)
{
    int f[6];
    assert_int_equal(sscanf(value, "%d-%d-%d %d:%d:%d", &f[0], &f[1], &f[2], &f[3], &f[4], &f[5]),
                     6);
    SQL_TIMESTAMP_STRUCT at = {(SQLSMALLINT)f[0],  (SQLUSMALLINT)f[1], (SQLUSMALLINT)f[2],
                               (SQLUSMALLINT)f[3], (SQLUSMALLINT)f[4], (SQLUSMALLINT)f[5],
                               500000000};
    memcpy(place, &at, sizeof(at));
}

static void give_guid(SQLPOINTER place)
{
    static const SQLGUID guid = {
        0x6F9619FF, 0x8B86, 0xD011, {0xB4, 0x2D, 0, 0xC0, 0x4F, 0xC9, 0x64, 0xFF}};
    memcpy(place, &guid, sizeof(guid));
}

/* True when the value did not fit. */
static bool give(size_t column, const Bound *to)
{
    const char *value = fake.row->values[column];
    bool is_offset = fake.columns->columns[column].sql_type == FAKE_OFFSET;

    *to->indicator = SQL_NULL_DATA;
    if (!value)
        return false;
    *to->indicator = to->size;
    if (to->c_type == SQL_C_SBIGINT) {
        SQLBIGINT number = strtoll(value, NULL, 10);
        memcpy(to->place, &number, sizeof(number));
    } else if (to->c_type == SQL_C_DOUBLE) {
        double number = strtod(value, NULL);
        memcpy(to->place, &number, sizeof(number));
    } else if (to->c_type == SQL_C_TYPE_TIMESTAMP) {
        give_stamp(value, to->place);
    } else if (to->c_type == SQL_C_GUID) {
        give_guid(to->place);
    } else if (to->c_type == SQL_C_BINARY && is_offset) {
        give_offset(value, to->place);
    } else {
        return give_bytes(column, value, to);
    }
    return false;
}

static SQLRETURN fake_fetch(SQLHSTMT stmt)
{
    (void)stmt;
    if (fails_now())
        return SQL_ERROR;
    if (is_now(FAKE_KIND_END)) {
        fake.at++;
        return SQL_NO_DATA;
    }
    fake.row = take(FAKE_KIND_ROW, "SQLFetch");
    memset(fake.given, 0, sizeof(fake.given));
    if (fake.row->state)
        return outcome(fake.row);
    for (size_t i = 0; i < fake.columns->column_count; i++)
        if (fake.bound[i].place)
            (void)give(i, &fake.bound[i]);
    return SQL_SUCCESS;
}

static SQLRETURN fake_get_data(SQLHSTMT stmt, SQLUSMALLINT number, SQLSMALLINT c_type,
                               SQLPOINTER value, SQLLEN size, SQLLEN *indicator)
{
    Bound to = {c_type, value, size, indicator};

    (void)stmt;
    if (fails_now())
        return SQL_ERROR;
    assert_true(fake.row && number >= 1 && number <= fake.columns->column_count);
    return give(number - 1u, &to) ? SQL_SUCCESS_WITH_INFO : SQL_SUCCESS;
}

/* ---- diagnostics ----------------------------------------------------------------------------- */

static SQLRETURN fake_get_diag_rec(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT record,
                                   SQLWCHAR *ret_state, SQLINTEGER *ret_number, SQLWCHAR *text,
                                   SQLSMALLINT size, SQLSMALLINT *ret_len)
{
    (void)type;
    (void)handle;
    // as drivers do: an everyday message first, then what counts
    static const FakeStep changed = {.state = "01000", .native = 5701, .words = "Changed database"};
    const FakeStep *step = record == 1 ? &changed : record == 2 ? fake.fault : NULL;

    if (!step)
        return SQL_NO_DATA;
    uint16_t words[2000];
    size_t count = utf_to_utf16(step->words, strlen(step->words), words);
    size_t fits = count < (size_t)size ? count : (size_t)size - 1;
    memcpy(text, words, fits * sizeof(*words));
    text[fits] = 0;
    *ret_len = (SQLSMALLINT)count;
    *ret_number = step->native;
    for (size_t i = 0; i < 6; i++)
        ret_state[i] = (SQLWCHAR)step->state[i];
    return SQL_SUCCESS;
}

static int fake_freetds_version(const char *library)
{
    (void)library;
    return fake.version;
}

static bool fake_tls_words(const char *conf, const char *section, const char *driver_name,
                           int timeout_s, char *ret_words, size_t size)
{
    (void)driver_name;
    (void)timeout_s;
    must_contain(conf, section);
    if (fake.tls_words)
        (void)snprintf(ret_words, size, "%s", fake.tls_words);
    return fake.tls_words != NULL;
}

const TdsDriver fake_driver = {
    .alloc_handle = fake_alloc_handle,
    .free_handle = fake_free_handle,
    .set_env_attr = fake_set_attr,
    .set_connect_attr = fake_set_attr,
    .get_connect_attr = fake_get_connect_attr,
    .driver_connect = fake_driver_connect,
    .disconnect = fake_disconnect,
    .get_info = fake_get_info,
    .set_stmt_attr = fake_set_attr,
    .bind_parameter = fake_bind_parameter,
    .exec_direct = fake_exec_direct,
    .num_result_cols = fake_num_result_cols,
    .describe_col = fake_describe_col,
    .bind_col = fake_bind_col,
    .fetch = fake_fetch,
    .get_data = fake_get_data,
    .row_count = fake_row_count,
    .more_results = fake_more_results,
    .cancel = fake_cancel,
    .get_diag_rec = fake_get_diag_rec,
    .freetds_version = fake_freetds_version,
    .tls_words = fake_tls_words,
};
