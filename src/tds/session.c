/* A session: opened over the relay or the driver alone, checked, closed. */
#include "internal.h"

#include "freetds.h"
#include "socket.h"

#include "ssisminer/base/stop.h"
#include "ssisminer/base/str.h"
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

/* ---- connecting ------------------------------------------------------------------------------ */

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

/* ---- through the relay ----------------------------------------------------------------------- */

enum { RELAY_LATER_S = 2 }; // that FreeTDS waits longer than the relay, to be told why

bool tds_has_relay(const Tds *tds)
{
    return tds->dialect == TDS_DIALECT_FREETDS && tds->driver->relay_open &&
           tds->target.encrypt != TDS_ENCRYPT_OFF && !tds->target.without_relay;
}

static Rc open_relay(Tds *tds, bool is_token_refused, Err *err)
{
    AUTO(secret_done) Secret token = {0};
    const TdsTarget *target = &tds->target;
    RelayOptions options = {.host = tds->server.host,
                            .instance = tds->server.instance,
                            .port = tds->server.port,
                            .is_strict = target->encrypt == TDS_ENCRYPT_STRICT,
                            .trusts_any = target->trust_certificate,
                            .ca_file = target->ca_file,
                            .user = target->integrated ? NULL : target->user,
                            .password = target->integrated ? NULL : target->password,
                            .is_integrated = target->integrated,
                            .login_ms = login_timeout_s(tds) * 1000};

    if (target->fetch_token) {
        TRY(target->fetch_token(target->fetch_self, is_token_refused, &token, err));
        options.token = &token;
    }
    return tds->driver->relay_open(&options, &tds->relay, err);
}

/* What FreeTDS is told instead of the server's name and the login. */
static Rc aim_at_relay(const Tds *tds, TdsTarget *target, TdsServer *server, Arena *arena, Err *err)
{
    const char *secret = relay_secret(tds->relay);

    if (target->ca_file && !target->trust_certificate)
        TRY(tds_check_ca_file(target->ca_file, err));
    *server = (TdsServer){.host = "127.0.0.1", .port = relay_port(tds->relay)};
    target->encrypt = TDS_ENCRYPT_OFF;
    target->login_timeout_s = (int)login_timeout_s(tds) + RELAY_LATER_S;
    if (target->integrated) { // has no password: the secret is the name that FreeTDS knows it by
        (void)snprintf(server->section, sizeof(server->section), "%s", secret);
        target->service = tds_service_name(&tds->server, arena);
        return RC_OK;
    }
    target->user = "ssisminer";
    target->password = secret;
    return RC_OK;
}

/* The password's way to the driver; both copies of it are overwritten. */
static Rc connect_with_text(Tds *tds, const TdsTarget *target, const TdsServer *server,
                            const char *driver_name, SQLRETURN *ret_rc, Err *err)
{
    AUTO(tds_wipe) Buf text = {0};
    SQLWCHAR wide[TDS_CONNSTR_MAX + 1];
    int port = tds->relay ? relay_port(tds->relay) : 0;

    TRY(tds_connstr(target, server, driver_name, tds->freetds_version, &text, err));
    size_t len = utf_to_utf16(buf_text(&text), text.len, wide);
    tds_watch_connect(tds->watch, login_timeout_s(tds) * 1000 + (tds->relay ? 1000 : 0), port);
    *ret_rc = tds->driver->driver_connect(tds->dbc, NULL, wide, (SQLSMALLINT)len, NULL, 0, NULL,
                                          SQL_DRIVER_NOPROMPT);
    tds_watch_connected(tds->watch);
    explicit_bzero(wide, sizeof(wide));
    return RC_OK;
}

static Rc connect_freetds(Tds *tds, const char *driver_name, SQLRETURN *ret_rc, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(buf_done) Buf conf = BUF(4096);
    TdsTarget target = tds->target;
    TdsServer server = tds->server;
    TdsConfFile file;

    if (tds->relay)
        TRY(aim_at_relay(tds, &target, &server, &arena, err));
    TRY(tds_freetds_conf(&target, &server, &conf, err));
    TRY(tds_conf_file_open(buf_text(&conf), &file, err));
    Rc rc = connect_with_text(tds, &target, &server, driver_name, ret_rc, err);
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
    relay_close(tds->relay);
    tds->relay = NULL;
}

/* ---- what is true of it ---------------------------------------------------------------------- */

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
    case TDS_BROKE_SPUN: // and came back all the same
        break;
    }
}

void tds_session_complete_fault(Tds *tds)
{
    TdsFault *fault = &tds->fault;

    fault->is_lost = fault->is_lost || is_dead(tds);
    judge_break(tds, fault);
    if (fault->is_lost && fault->number == 0 && !fault->is_flood && !fault->is_too_large)
        fault->transience = TDS_TRANSPORT;
    if (fault->is_lost)
        tds->is_open = false;
}

/* What FreeTDS has as a server's error was the relay's, which knows more than its words. */
static void judge_relay(Tds *tds)
{
    TdsFault *fault = &tds->fault;

    tds->relay_end = tds->relay ? relay_failed(tds->relay, &tds->relay_err) : RELAY_END_NONE;
    tds->relay_was_open = tds->relay && relay_facts(tds->relay).is_open;
    if (tds->relay_end == RELAY_END_NONE)
        return;
    *fault = (TdsFault){.is_lost = tds->relay_end == RELAY_END_LOST,
                        .is_timeout = tds->relay_end == RELAY_END_TIME,
                        .transience =
                            tds->relay_end == RELAY_END_REFUSED ? TDS_PERMANENT : TDS_TRANSPORT};
    (void)snprintf(fault->words, sizeof(fault->words), "%.1400s", tds->relay_err.text);
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
    judge_relay(tds);
}

/* What a connection opens at most, for a moment too: three sockets, the driver and its files,
 * those that look up names, what wakes the threads. FreeTDS and the driver manager have no words
 * for one that they do not get. */
enum { DESCRIPTORS = 14 };

/* Once, with one driver. */
static Rc connect_once(Tds *tds, const char *driver_name, bool is_token_refused, Err *err)
{
    tds->relay_end = RELAY_END_NONE;
    TRY(tds_check_descriptors(DESCRIPTORS, err));
    if (tds->dialect == TDS_DIALECT_FREETDS)
        tds_conf_prepare();
    if (tds_has_relay(tds))
        TRY(open_relay(tds, is_token_refused, err));
    int64_t start_ms = time_monotonic_ms();
    SQLRETURN rc = make_handles(tds);
    if (SQL_SUCCEEDED(rc)) {
        Rc done = tds->dialect == TDS_DIALECT_FREETDS
                      ? connect_freetds(tds, driver_name, &rc, err)
                      : connect_with_text(tds, &tds->target, &tds->server, driver_name, &rc, err);
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

/* ---- what it became -------------------------------------------------------------------------- */

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

/* FreeTDS tells neither whether TLS goes on after the login nor which version it is of. */
static void put_encryption(const Tds *tds, char *ret_text, size_t size)
{
    const TdsTarget *target = &tds->target;
    RelayFacts facts = tds->relay ? relay_facts(tds->relay) : (RelayFacts){.hops = 0};
    const char *how = "encrypted";

    if (tds->dialect == TDS_DIALECT_DSN)
        how = "encryption as its data source says";
    else if (target->encrypt == TDS_ENCRYPT_OFF)
        how = "encryption off";
    else if (tds->binds_long && !tds->relay)
        how = "encrypted by FreeTDS, perhaps the login only: that cannot be told";
    bool is_tls = str_starts(how, "encrypted");
    (void)snprintf(
        ret_text, size, "%s%s%s%s%s%s%s", how, tds->relay ? " with " : "", facts.protocol,
        facts.hops > 0 ? ", redirected to " : "", facts.hops > 0 ? facts.place : "",
        !is_tls                     ? ""
        : target->trust_certificate ? ", certificate not verified"
                                    : ", certificate verified",
        is_tls && !target->trust_certificate && target->ca_file ? " with the given CA" : "");
}

static void describe(Tds *tds)
{
    char name[100], version[50], server[50], encryption[600];

    get_info(tds, SQL_DRIVER_NAME, name, (SQLSMALLINT)sizeof(name));
    get_info(tds, SQL_DRIVER_VER, version, (SQLSMALLINT)sizeof(version));
    get_info(tds, SQL_DBMS_VER, server, (SQLSMALLINT)sizeof(server));
    tds->binds_long = strstr(name, "tdsodbc") != NULL;
    put_encryption(tds, encryption, sizeof(encryption));
    if (!tds->binds_long) {
        tds->freetds_version = 0;
        (void)snprintf(tds->description, sizeof(tds->description), "%s %s, server %s, %s", name,
                       version, server, encryption);
        return;
    }
    tds->freetds_version = version_number(version);
    (void)snprintf(tds->description, sizeof(tds->description), "FreeTDS %d.%d.%d%s, server %s, %s",
                   tds->freetds_version / 10000, tds->freetds_version / 100 % 100,
                   tds->freetds_version % 100,
                   tds->dialect == TDS_DIALECT_DSN             ? ""
                   : tds->target.encrypt == TDS_ENCRYPT_STRICT ? ", TDS 8.0"
                                                               : ", TDS 7.4",
                   server, encryption);
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

/* A token may have been kept until it expired, and Azure turns one down now and then while it
 * scales: one that is new is tried once. */
static bool is_token_refused(const Tds *tds)
{
    enum { LOGIN_FAILED = 18456 };

    return tds->failed_to_connect && tds->target.fetch_token && tds->fault.number == LOGIN_FAILED;
}

static Rc connect_with_any_driver(Tds *tds, Err *err)
{
    bool has_new_token = false;

    for (;;) {
        Err why = {0};
        if (connect_once(tds, tds->driver_names[tds->driver_at], has_new_token, &why) == RC_OK)
            return RC_OK;
        if (is_token_refused(tds) && !has_new_token) {
            has_new_token = true;
            continue;
        }
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
    tds->is_verified = tds->relay ? relay_facts(tds->relay).is_verified
                                  : !tds->binds_long && tds->dialect == TDS_DIALECT_MICROSOFT &&
                                        !tds->target.trust_certificate &&
                                        tds->target.encrypt != TDS_ENCRYPT_OFF;
    return start_session(tds, err);
}

void tds_session_close(Tds *tds)
{
    close_handles(tds, tds->dbc != SQL_NULL_HDBC);
    tds->is_open = false;
}
