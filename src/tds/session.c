#include "internal.h"

#include "freetds.h"

#include "ssisminer/base/stop.h"
#include "ssisminer/base/utf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(SQLWCHAR) == sizeof(uint16_t), "the driver manager speaks UTF-16");

Rc tds_check_stop(Err *err)
{
    return stop_wanted() ? stop_sleep_ms(0, err) : RC_OK;
}

/* ---- connecting --------------------------------------------------------------------------------
 */

static SQLPOINTER number_attr(long value)
{
    return (SQLPOINTER)(intptr_t)value;
}

static long login_timeout_s(const Tds *tds)
{
    return tds->target.login_timeout_s > 0 ? tds->target.login_timeout_s : 1;
}

static SQLRETURN make_handles(Tds *tds)
{
    const TdsDriver *driver = tds->driver;

    SQLRETURN rc = driver->alloc_handle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &tds->env);
    if (SQL_SUCCEEDED(rc))
        rc = driver->set_env_attr(tds->env, SQL_ATTR_ODBC_VERSION, number_attr(SQL_OV_ODBC3), 0);
    if (SQL_SUCCEEDED(rc))
        rc = driver->alloc_handle(SQL_HANDLE_DBC, tds->env, &tds->dbc);
    if (SQL_SUCCEEDED(rc))
        rc = driver->set_connect_attr(tds->dbc, SQL_ATTR_LOGIN_TIMEOUT,
                                      number_attr(login_timeout_s(tds)), 0);
    return rc;
}

/* The password's way to the driver; both copies of it are overwritten. */
static Rc connect_with_text(Tds *tds, const char *driver_name, SQLRETURN *ret_rc, Err *err)
{
    AUTO(tds_wipe) Buf text = {0};
    SQLWCHAR wide[TDS_CONNSTR_MAX + 1];

    TRY(tds_connstr(&tds->target, &tds->server, driver_name, tds->freetds_version, &text, err));
    size_t len = utf_to_utf16(buf_text(&text), text.len, wide);
    tds_watch_connect(tds->watch, login_timeout_s(tds) * 1000);
    *ret_rc = tds->driver->driver_connect(tds->dbc, NULL, wide, (SQLSMALLINT)len, NULL, 0, NULL,
                                          SQL_DRIVER_NOPROMPT);
    tds_watch_connected(tds->watch);
    explicit_bzero(wide, sizeof(wide));
    return RC_OK;
}

static Rc connect_freetds(Tds *tds, const char *driver_name, SQLRETURN *ret_rc, Err *err)
{
    AUTO(buf_done) Buf conf = BUF(4096);
    TdsConfFile file;

    TRY(tds_freetds_conf(&tds->target, &tds->server, &conf, err));
    TRY(tds_conf_file_open(buf_text(&conf), &file, err));
    Rc rc = connect_with_text(tds, driver_name, ret_rc, err);
    tds_conf_file_close(&file);
    return rc;
}

static void disconnect(Tds *tds)
{
    tds_watch_close(tds->watch);
    (void)tds->driver->disconnect(tds->dbc);
    tds_watch_closed(tds->watch);
    tds_watch_forget(tds->watch);
}

static void close_handles(Tds *tds, bool is_connected)
{
    if (is_connected)
        disconnect(tds);
    if (tds->dbc)
        (void)tds->driver->free_handle(SQL_HANDLE_DBC, tds->dbc);
    if (tds->env)
        (void)tds->driver->free_handle(SQL_HANDLE_ENV, tds->env);
    tds->dbc = SQL_NULL_HDBC;
    tds->env = SQL_NULL_HENV;
}

/* ---- what is true of it -------------------------------------------------------------------------
 */

/* Asked of the driver, then of the sockets: FreeTDS closes its own when it notices. */
static bool is_dead(const Tds *tds)
{
    SQLUINTEGER dead = SQL_CD_FALSE;
    SQLRETURN rc = tds->driver->get_connect_attr(tds->dbc, SQL_ATTR_CONNECTION_DEAD, &dead,
                                                 SQL_IS_UINTEGER, NULL);

    return (SQL_SUCCEEDED(rc) && dead == SQL_CD_TRUE) || tds_watch_is_dead(tds->watch);
}

static void take_for_timeout(TdsFault *fault)
{
    fault->is_timeout = fault->is_slow = true;
    fault->number = TDS_NUMBER_TIMEOUT;
    fault->transience = TDS_PERMANENT;
}

/* A break that this program made is told as what led to it, not as what the driver made of it. */
static void judge_break(Tds *tds, TdsFault *fault)
{
    switch (tds_watch_broke(tds->watch)) {
    case TDS_BROKE_TIME:
        if (fault->number == 0)
            take_for_timeout(fault);
        break;
    case TDS_BROKE_BYTES:
        *fault = (TdsFault){.is_flood = true, .is_lost = true, .transience = TDS_PERMANENT};
        break;
    case TDS_BROKE_MEMORY:
        *fault = (TdsFault){.is_too_large = true, .is_lost = true, .transience = TDS_PERMANENT};
        break;
    case TDS_BROKE_LEFT:
        fault->is_lost = true;
        break;
    case TDS_BROKE_NOT:
    case TDS_BROKE_STOP:
        break;
    }
}

void tds_session_judge(Tds *tds)
{
    TdsFault *fault = &tds->fault;

    fault->is_lost = fault->is_lost || is_dead(tds);
    judge_break(tds, fault);
    if (fault->is_lost && fault->number == 0 && !fault->is_flood && !fault->is_too_large)
        fault->transience = TDS_TRANSPORT;
    if (fault->is_lost)
        tds->is_open = false;
}

/* Why it did not work, before the handles that know it go. */
static void read_fault(Tds *tds)
{
    if (tds->dbc)
        tds_fault_read(tds->driver, SQL_HANDLE_DBC, tds->dbc, &tds->fault);
    else if (tds->env)
        tds_fault_read(tds->driver, SQL_HANDLE_ENV, tds->env, &tds->fault);
    else
        tds->fault = (TdsFault){.words = "the ODBC driver manager gave no handle"};
    judge_break(tds, &tds->fault);
    if (tds->fault.number <= 0 && !tds->fault.is_flood)
        tds->fault.transience = TDS_TRANSPORT; // judged by whether there was a connection before
}

/* Once, with one driver. */
static Rc connect_once(Tds *tds, const char *driver_name, Err *err)
{
    int64_t start_ms = time_monotonic_ms();

    SQLRETURN rc = make_handles(tds);
    if (SQL_SUCCEEDED(rc)) {
        Rc done = tds->dialect == TDS_DIALECT_FREETDS
                      ? connect_freetds(tds, driver_name, &rc, err)
                      : connect_with_text(tds, driver_name, &rc, err);
        if (done != RC_OK) {
            close_handles(tds, false);
            return done;
        }
    }
    tds->connect_ms = time_monotonic_ms() - start_ms;
    if (SQL_SUCCEEDED(rc))
        return RC_OK;
    read_fault(tds);
    close_handles(tds, false);
    tds->failed_to_connect = true;
    tds->is_explained = false;
    return FAIL(err, RC_CONNECT, "%s", tds->fault.words);
}

/* ---- what it became ----------------------------------------------------------------------------
 */

static void get_info(Tds *tds, SQLUSMALLINT what, char *ret_text, SQLSMALLINT size)
{
    SQLSMALLINT len = 0;

    ret_text[0] = '\0';
    if (!SQL_SUCCEEDED(tds->driver->get_info(tds->dbc, what, ret_text, size, &len)))
        ret_text[0] = '\0';
}

/* "01.03.0017" to 10317. */
static int version_number(const char *text)
{
    int major = 0, minor = 0, patch = 0;

    if (sscanf(text, "%d.%d.%d", &major, &minor, &patch) < 2)
        return 0;
    return major * 10000 + minor * 100 + patch;
}

static const char *encryption_text(const Tds *tds)
{
    const TdsTarget *target = &tds->target;

    if (tds->dialect == TDS_DIALECT_DSN)
        return "encryption as its data source says";
    if (target->encrypt == TDS_ENCRYPT_OFF)
        return "encryption off";
    if (target->trust_certificate)
        return "encrypted, certificate not verified";
    return target->ca_file ? "encrypted, certificate verified with the given CA"
                           : "encrypted, certificate verified";
}

static void describe(Tds *tds)
{
    char name[100], version[50], server[50];

    get_info(tds, SQL_DRIVER_NAME, name, (SQLSMALLINT)sizeof(name));
    get_info(tds, SQL_DRIVER_VER, version, (SQLSMALLINT)sizeof(version));
    get_info(tds, SQL_DBMS_VER, server, (SQLSMALLINT)sizeof(server));
    tds->binds_long = strstr(name, "tdsodbc") != NULL;
    if (!tds->binds_long) {
        tds->freetds_version = 0;
        (void)snprintf(tds->description, sizeof(tds->description), "%s %s, server %s, %s", name,
                       version, server, encryption_text(tds));
        return;
    }
    tds->freetds_version = version_number(version);
    (void)snprintf(
        tds->description, sizeof(tds->description), "FreeTDS %d.%d.%d, TDS %s, server %s, %s",
        tds->freetds_version / 10000, tds->freetds_version / 100 % 100, tds->freetds_version % 100,
        tds->target.encrypt == TDS_ENCRYPT_STRICT ? "8.0" : "7.4", server, encryption_text(tds));
}

static Rc start_session(Tds *tds, Err *err)
{
    if (!tds->session_start || tds->session_count < 2)
        return RC_OK;
    tds->is_starting_session = true;
    Rc rc = tds->session_start(tds->session_start_context, tds, err);
    tds->is_starting_session = false;
    if (rc != RC_OK)
        tds_session_close(tds);
    return rc;
}

static Rc connect_with_any_driver(Tds *tds, Err *err)
{
    for (;;) {
        Err why = {0};
        if (connect_once(tds, tds->driver_names[tds->driver_at], &why) == RC_OK)
            return RC_OK;
        if (!tds->failed_to_connect || !tds->fault.is_driver_missing ||
            tds->driver_at + 1 >= tds->driver_count) {
            *err = why;
            return why.rc;
        }
        tds->driver_at++;
    }
}

Rc tds_session_open(Tds *tds, Err *err)
{
    if (tds->is_open && !tds_watch_is_dead(tds->watch)) // a server may leave between statements
        return RC_OK;
    tds_session_close(tds);
    TRY(tds_check_stop(err));
    TRY(connect_with_any_driver(tds, err));
    describe(tds);
    tds->is_open = tds->was_open = true;
    tds->session_count++;
    tds->is_verified = tds->dialect != TDS_DIALECT_DSN && !tds->target.trust_certificate &&
                       tds->target.encrypt != TDS_ENCRYPT_OFF;
    return start_session(tds, err);
}

void tds_session_close(Tds *tds)
{
    close_handles(tds, tds->dbc != SQL_NULL_HDBC);
    tds->is_open = false;
}
