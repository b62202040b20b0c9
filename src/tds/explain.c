/* Why a connection failed, in words, after a look at the network. */
#include "internal.h"

#include "freetds.h"
#include "network.h"

#include <stdio.h>
#include <string.h>

/* What a failed connection is told as, "host,port" in front. */
typedef struct Place {
    char text[TDS_HOST_MAX + TDS_INSTANCE_MAX + 16];
} Place;

static Place place_of(const TdsServer *server)
{
    Place place;

    if (server->port != 0)
        (void)snprintf(place.text, sizeof(place.text), "%s,%d", server->host, server->port);
    else
        (void)snprintf(place.text, sizeof(place.text), "%s\\%s", server->host, server->instance);
    return place;
}

static bool is_encrypted(const Tds *tds)
{
    return tds->target.encrypt != TDS_ENCRYPT_OFF;
}

/* ---- before anything answered ---------------------------------------------------------------- */

static Rc no_driver(Tds *tds, Err *err)
{
    (void)err_set(err, RC_CONNECT, "no ODBC driver '%s': %s",
                  tds->target.driver ? tds->target.driver : "FreeTDS", tds->fault.words);
    return err_hint(err, tds->target.driver
                             ? "`odbcinst -q -d` lists the drivers this machine has"
                             : "install FreeTDS (Debian, Ubuntu: apt-get install tdsodbc), or name "
                               "another driver with --driver");
}

static Rc no_reach(Tds *tds, const TdsNetwork *network, Err *err)
{
    Place place = place_of(&tds->server);
    const char *words = network->words;

    switch (network->reach) {
    case TDS_REACH_NO_HOST:
        (void)err_set(err, RC_CONNECT, "host '%s' is not known: %s", tds->server.host, words);
        return err_hint(err, "check the name after -S, and that this machine's DNS knows it");
    case TDS_REACH_REFUSED:
        (void)err_set(err, RC_CONNECT, "'%s' refused the connection", place.text);
        return err_hint(err,
                        "does a SQL Server listen there? its port goes after a comma: "
                        "-S %s,1433; TCP/IP must be enabled on it",
                        tds->server.host);
    case TDS_REACH_NO_ROUTE:
        (void)err_set(err, RC_CONNECT, "'%s' cannot be reached: %s", place.text, words);
        return err_hint(err, "check network, VPN and private endpoint between here and there");
    case TDS_REACH_NO_REPLY:
        (void)err_set(err, RC_CONNECT, "no answer from '%s' within %d s", place.text,
                      tds->target.login_timeout_s);
        return err_hint(err, "a firewall between here and there drops the packets, or the host is "
                             "down; -l gives it more time");
    case TDS_REACH_SILENT:
        (void)err_set(err, RC_CONNECT,
                      "'%s' takes connections but stays silent (login time-out %d s)", place.text,
                      tds->target.login_timeout_s);
        return err_hint(err, "check that a SQL Server listens on that port; -l gives it more time");
    case TDS_REACH_CLOSED:
        (void)err_set(err, RC_CONNECT, "'%s' closed the connection before the login", place.text);
        return err_hint(err, "check that a SQL Server listens on that port and may be used from "
                             "here; one that takes strict encryption only needs -N strict");
    case TDS_REACH_TLS:
        (void)err_set(err, RC_CONNECT, "'%s' takes strict encryption only", place.text);
        return err_hint(err, "use -N strict (not with --relay never)");
    case TDS_REACH_NOT_TDS:
        (void)err_set(err, RC_CONNECT, "'%s' does not answer as a SQL Server does", place.text);
        return err_hint(err, "check the port after -S");
    case TDS_REACH_ANSWERS:
        break;
    }
    return FAIL(err, RC_CONNECT, "cannot connect to '%s': %s", place.text, tds->fault.words);
}

/* ---- certificates ---------------------------------------------------------------------------- */

typedef struct CertificateBit { // of gnutls_certificate_status_t
    unsigned bit;
    const char *words;
} CertificateBit;

static const CertificateBit certificate_bits[] = {
    {1u << 5, "it was revoked"},
    {1u << 10, "it has expired"},
    {1u << 9, "it is not valid yet"},
    {1u << 8, "its algorithm is insecure"},
    {1u << 7, "its signer is no CA"},
    {1u << 6, "its signer is not known here"},
    {1u << 1, "its signer is not known here"},
};

static const char *certificate_words(unsigned status)
{
    for (size_t i = 0; i < ARRAY_LEN(certificate_bits); i++)
        if (status & certificate_bits[i].bit)
            return certificate_bits[i].words;
    return "it does not pass verification";
}

static Rc bad_certificate(Tds *tds, unsigned status, Err *err)
{
    (void)err_set(err, RC_CONNECT, "the certificate of '%s' is not trusted: %s", tds->server.host,
                  certificate_words(status));
    return err_hint(err,
                    "give the CA that signed it as a PEM file with --ca-file, or, on a network you "
                    "trust, skip verification with -C");
}

static Rc wrong_name(Tds *tds, Err *err)
{
    (void)err_set(err, RC_CONNECT, "the certificate of '%s' is for another name", tds->server.host);
    return err_hint(err,
                    "connect by a name that is in the certificate, or, on a network you trust, "
                    "skip verification with -C");
}

static Rc tls_failed(Tds *tds, const char *words, Err *err)
{
    unsigned status = 0;
    const char *at = strstr(words, "Certificate status: ");

    if (at && sscanf(at, "Certificate status: %u", &status) == 1)
        return bad_certificate(tds, status, err);
    if (strstr(words, "hostname does not match"))
        return wrong_name(tds, err);
    if (strstr(words, "loading CA file")) {
        (void)err_set(err, RC_CONNECT, "no CA certificate could be loaded from '%s'",
                      tds->target.ca_file ? tds->target.ca_file : "the system's trust store");
        return err_hint(err, tds->target.ca_file ? "--ca-file wants PEM text"
                                                 : "install ca-certificates, or give --ca-file");
    }
    (void)err_set(err, RC_CONNECT, "TLS with '%s' failed: %s", place_of(&tds->server).text, words);
    return err_hint(err,
                    "the server must offer TLS 1.1 or later; -N off does without, on a network you "
                    "trust");
}

/* ---- a server that answers ------------------------------------------------------------------- */

/* FreeTDS before 1.3.18 hangs when Azure's gateway sends it elsewhere after TLS came up. */
static bool is_redirect_defect(const Tds *tds)
{
    return tds->fault.is_timeout && tds->dialect == TDS_DIALECT_FREETDS &&
           tds_server_is_azure(&tds->server) && tds->freetds_version < FREETDS_FOLLOWS_REDIRECT;
}

static Rc redirect_defect(Tds *tds, Err *err)
{
    char version[32] = "this version";

    if (tds->freetds_version > 0)
        (void)snprintf(version, sizeof(version), "%d.%d.%d", tds->freetds_version / 10000,
                       tds->freetds_version / 100 % 100, tds->freetds_version % 100);
    (void)err_set(err, RC_CONNECT, "the login at '%s' did not finish within %d s",
                  place_of(&tds->server).text, tds->target.login_timeout_s);
    return err_hint(err,
                    "FreeTDS before 1.3.18 (here: %s) cannot follow the redirection of Azure's "
                    "gateway, and the relay can: leave out --relay never; else set the server's "
                    "connection policy to Proxy",
                    version);
}

static Rc no_encryption(Tds *tds, Err *err)
{
    (void)err_set(err, RC_CONNECT, "'%s' offers no encryption", place_of(&tds->server).text);
    return err_hint(err, "give the server a certificate, or, on a network you trust, use -N off");
}

/* True when it is known why TLS failed, or (no words) that it did not. */
static bool knows_tls(Tds *tds, char *ret_words, size_t size)
{
    AUTO(buf_done) Buf conf = BUF(4096);
    Err ignored = {0};

    ret_words[0] = '\0';
    if (tds->dialect != TDS_DIALECT_FREETDS || tds_has_relay(tds))
        return false;
    if (!is_encrypted(tds))
        return true;
    if (tds_freetds_conf(&tds->target, &tds->server, &conf, &ignored) != RC_OK)
        return false;
    return tds->driver->tls_words(buf_text(&conf), tds->server.host,
                                  tds->driver_names[tds->driver_at], tds->target.login_timeout_s,
                                  ret_words, size);
}

static Rc login_too_slow(Tds *tds, Err *err)
{
    (void)err_set(err, RC_CONNECT, "the login at '%s' did not finish within %d s",
                  place_of(&tds->server).text, tds->target.login_timeout_s);
    return err_hint(err, "-l gives it more time");
}

static Rc login_floods(Tds *tds, Err *err)
{
    (void)err_set(err, RC_CONNECT, "'%s' sent far more than a login is answered with",
                  place_of(&tds->server).text);
    return err_hint(err, "check that a SQL Server listens on that port");
}

/* FreeTDS says nothing at all when it has no ticket to show. */
static Rc no_kerberos(Tds *tds, Err *err)
{
    (void)err_set(err, RC_CONNECT, "the Kerberos login (-E) at '%s' did not come about",
                  place_of(&tds->server).text);
    return err_hint(err,
                    "`klist` must show a valid ticket (kinit USER@REALM), and the server needs the "
                    "SPN MSSQLSvc/%s:%d; else use a SQL login (-U)",
                    tds->server.host, tds->server.port);
}

static Rc login_broken_off(Tds *tds, Err *err)
{
    (void)err_set(err, RC_CONNECT, "'%s' closed the connection during the login: %s",
                  place_of(&tds->server).text, tds->fault.words);
    return err_hint(err, "try again; the server's error log may tell why");
}

static Rc answered(Tds *tds, TdsOffer offer, Err *err)
{
    char words[300];

    if (offer == TDS_OFFER_NONE && is_encrypted(tds))
        return no_encryption(tds, err);
    if (is_redirect_defect(tds))
        return redirect_defect(tds, err);
    if (tds->fault.is_timeout)
        return login_too_slow(tds, err);
    if (tds->fault.is_flood)
        return login_floods(tds, err);
    bool is_known = knows_tls(tds, words, sizeof(words));
    if (is_known && words[0] != '\0') {
        tds->fault.is_lost = false;
        return tls_failed(tds, words, err);
    }
    if (tds->target.integrated && tds->dialect == TDS_DIALECT_FREETDS && !tds->fault.is_lost)
        return no_kerberos(tds, err);
    if (is_known || tds->fault.is_lost) {
        tds->fault.is_lost = true;
        return login_broken_off(tds, err);
    }
    (void)err_set(err, RC_CONNECT, "cannot connect to '%s': %s", place_of(&tds->server).text,
                  tds->fault.words);
    if (!is_encrypted(tds) || tds->target.trust_certificate)
        return RC_CONNECT;
    return err_hint(err,
                    "the server answers, so its certificate may be the reason: give its CA with "
                    "--ca-file, or, on a network you trust, skip verification with -C");
}

/* The relay had logged in, or had nothing to say: it still waits, or FreeTDS did not come to log
 * in. A look at the network would do over again what it does, and a strict server takes no
 * PRELOGIN. */
static Rc without_a_word(Tds *tds, Err *err)
{
    TdsFault *fault = &tds->fault;

    fault->is_lost |= tds->relay_was_open && !fault->is_timeout && !fault->is_flood;
    if (fault->is_timeout)
        return login_too_slow(tds, err);
    if (fault->is_flood)
        return login_floods(tds, err);
    if (tds->target.integrated && !fault->is_lost)
        return no_kerberos(tds, err);
    if (fault->is_lost)
        return login_broken_off(tds, err);
    return FAIL(err, RC_CONNECT, "cannot connect to '%s': %s", place_of(&tds->server).text,
                fault->words);
}

/* What is left of the login time-out, at least a second: enough on a network that works. */
static long budget_ms(const Tds *tds)
{
    long left_ms = tds->target.login_timeout_s * 1000L - (long)tds->connect_ms;

    return left_ms < 1000 ? 1000 : left_ms > 5000 ? 5000 : left_ms;
}

Rc tds_explain(Tds *tds, Err *err)
{
    TdsNetwork network;

    tds->is_explained = true;
    if (tds->relay_end != RELAY_END_NONE) {
        *err = tds->relay_err;
        return err->rc;
    }
    if (tds->fault.number > 0) {
        (void)tds_fault_of_login(&tds->fault, err);
        return err_note(err, "cannot log in to '%s'",
                        tds->target.dsn ? tds->target.dsn : place_of(&tds->server).text);
    }
    if (tds->fault.is_driver_missing && tds->dialect != TDS_DIALECT_DSN)
        return no_driver(tds, err);
    if (tds->dialect == TDS_DIALECT_DSN) {
        (void)err_set(err, RC_CONNECT, "cannot connect to data source '%s': %s", tds->target.dsn,
                      tds->fault.words);
        return err_hint(err, "`odbcinst -q -s` lists the data sources this machine has");
    }
    if (tds_has_relay(tds))
        return without_a_word(tds, err);
    if (tds->server.port == 0) {
        (void)err_set(err, RC_CONNECT, "cannot connect to '%s': %s", place_of(&tds->server).text,
                      tds->fault.words);
        return err_hint(err,
                        "finding an instance needs the server's Browser service (UDP 1434); "
                        "with its port it needs none: -S %s,PORT",
                        tds->server.host);
    }
    tds_watch_connect(tds->watch, budget_ms(tds), 0);
    tds_network_look(&tds->server, budget_ms(tds), &network);
    tds_watch_connected(tds->watch);
    return network.reach == TDS_REACH_ANSWERS ? answered(tds, network.offer, err)
                                              : no_reach(tds, &network, err);
}
