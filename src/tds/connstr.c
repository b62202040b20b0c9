/* The ODBC connection string: which driver, and its own keywords. */
#include "connstr.h"

#include "ssisminer/base/str.h"
#include "ssisminer/base/utf.h"

#include <stdio.h>
#include <string.h>

static bool contains_fold(const char *text, const char *word)
{
    size_t len = strlen(word);

    for (; *text; text++)
        if (strlen(text) >= len && str_equal_fold((Str){text, len}, str_of(word)))
            return true;
    return false;
}

TdsDialect tds_dialect_of(const TdsTarget *target)
{
    if (target->dsn)
        return TDS_DIALECT_DSN;
    if (!target->driver)
        return tds_default_dialect;
    if (contains_fold(target->driver, "freetds") || contains_fold(target->driver, "tdsodbc"))
        return TDS_DIALECT_FREETDS;
    return TDS_DIALECT_MICROSOFT;
}

bool tds_uses_freetds(const TdsTarget *target)
{
    return tds_dialect_of(target) == TDS_DIALECT_FREETDS;
}

/* ---- what a driver cannot do ----------------------------------------------------------------- */

#define MICROSOFT_HINT "use Microsoft's driver: --driver 'ODBC Driver 18 for SQL Server'"

/* A token opens every database of its tenant that its owner may enter: whoever gets it, is he. */
static Rc check_token(const TdsTarget *target, Err *err)
{
    const char *what = target->encrypt == TDS_ENCRYPT_OFF ? "no encryption (-N off)"
                       : target->trust_certificate ? "a certificate that nobody verifies (-C)"
                       : target->without_relay     ? "FreeTDS's own TLS (--relay never)"
                                                   : NULL;

    if (!what)
        return RC_OK;
    (void)err_set(err, RC_USAGE, "an Entra login does not go with %s", what);
    return err_hint(err,
                    "a token that gets into the wrong hands opens every database its owner may "
                    "enter: leave that option out; --ca-file names a private CA");
}

static Rc check_freetds(const TdsTarget *target, int version, Err *err)
{
    if (target->fetch_token)
        return check_token(target, err);
    if (target->authentication) {
        (void)err_set(err, RC_USAGE, "FreeTDS has no Microsoft Entra login ('%s')",
                      target->authentication);
        return err_hint(err, MICROSOFT_HINT);
    }
    if (target->encrypt == TDS_ENCRYPT_STRICT && target->trust_certificate) {
        (void)err_set(err, RC_USAGE, "-N strict always verifies the server's certificate");
        return err_hint(err, "leave out -C; --ca-file names the CA of a certificate that this "
                             "machine does not know");
    }
    if (target->encrypt == TDS_ENCRYPT_STRICT && version > 0 && version < 10500) {
        (void)err_set(err, RC_USAGE,
                      "strict encryption needs FreeTDS 1.5 or later, this is %d.%d.%d",
                      version / 10000, version / 100 % 100, version % 100);
        return err_hint(err, "leave out --relay never: the relay speaks it with any FreeTDS");
    }
    return RC_OK;
}

static Rc check_microsoft(const TdsTarget *target, Err *err)
{
    if (target->ca_file && target->encrypt != TDS_ENCRYPT_OFF && !target->trust_certificate) {
        (void)err_set(err, RC_USAGE, "driver '%s' takes no CA file", target->driver);
        return err_hint(err, "add the CA to the system's trust store (update-ca-certificates)");
    }
    return RC_OK;
}

static Rc check_login(const TdsTarget *target, Err *err)
{
    if (target->user || target->integrated || target->authentication || target->dsn ||
        target->fetch_token)
        return RC_OK;
    (void)err_set(err, RC_USAGE, "no user name given");
    return err_hint(err, "give -U or SQLCMDUSER, -E for Kerberos, or -G for Microsoft Entra");
}

/* A login record has room for so many characters of each; what is longer a driver would cut, or
 * refuse in words of its own. */
static Rc check_length(const char *what, const char *value, Err *err)
{
    enum { LOGIN7_MAX = 128 };
    size_t len = value ? strlen(value) : 0, units = 0;

    for (size_t at = 0, used; at < len; at += used)
        units += utf_next(value + at, len - at, &used) > 0xFFFF ? 2 : 1;
    if (units <= LOGIN7_MAX)
        return RC_OK;
    (void)err_set(err, RC_USAGE, "the %s is longer than %d characters: no login can carry it", what,
                  LOGIN7_MAX);
    return err_hint(err, "see that it is the one that was meant");
}

static Rc check_name(const char *what, const char *value, Err *err)
{
    TRY(check_length(what, value, err));
    for (const char *at = value ? value : ""; *at; at++) {
        if ((unsigned char)*at >= ' ' && *at != 0x7F)
            continue;
        (void)err_set(err, RC_USAGE, "the %s has a control character in it", what);
        return err_hint(err, "a line break from a file or a variable, perhaps: take it out");
    }
    return RC_OK;
}

/* FreeTDS would try NTLM with it, Microsoft's driver a login that cannot exist. */
static Rc check_user(const TdsTarget *target, Err *err)
{
    TRY(check_name("user name", target->user, err));
    if (target->integrated || !target->user || !strchr(target->user, '\\'))
        return RC_OK;
    (void)err_set(err, RC_USAGE, "'%s' is a Windows account, and no SQL login's name has a '\\'",
                  target->user);
    return err_hint(err, "log in as that account with -E: get a Kerberos ticket first (kinit "
                         "user@REALM), and leave out -U");
}

Rc tds_check_target(const TdsTarget *target, int freetds_version, Err *err)
{
    TRY(check_login(target, err));
    TRY(check_user(target, err));
    TRY(check_name("database's name", target->database, err));
    TRY(check_length("password", target->password, err));
    TRY(check_name("application's name", target->application, err));
    switch (tds_dialect_of(target)) {
    case TDS_DIALECT_FREETDS:
        return check_freetds(target, freetds_version, err);
    case TDS_DIALECT_MICROSOFT:
        return check_microsoft(target, err);
    case TDS_DIALECT_DSN:
        return RC_OK;
    }
    return RC_OK;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* ODBC's own quoting: braces, '}' doubled. */
static void put_braced(Buf *out, const char *value)
{
    buf_putc(out, '{');
    for (; *value; value++) {
        buf_putc(out, *value);
        if (*value == '}')
            buf_putc(out, '}');
    }
    buf_putc(out, '}');
}

static void put(Buf *out, const char *key, const char *value)
{
    if (!value)
        return;
    buf_puts(out, key);
    buf_putc(out, '=');
    put_braced(out, value);
    buf_putc(out, ';');
}

/* FreeTDS before 1.4 ends a braced value at "};" and leaves doubled braces doubled (measured
 * with 1.3.17), while it takes a bare value to the next ';' as it is. */
static Rc put_freetds(Buf *out, const char *key, const char *value, int version, Err *err)
{
    if (!value)
        return RC_OK;
    if (!strchr(value, ';') && value[0] != '{') {
        buf_puts(out, key);
        buf_putc(out, '=');
        buf_puts(out, value);
        buf_putc(out, ';');
        return RC_OK;
    }
    if (!strchr(value, '}') || version >= 10400) {
        put(out, key, value);
        return RC_OK;
    }
    size_t len = strlen(value);
    if (strstr(value, "};") || value[len - 1] == '}') {
        (void)err_set(err, RC_USAGE, "FreeTDS before 1.4 cannot take a %s with '};' in it",
                      str_same(key, "PWD") ? "password" : "name");
        return err_hint(err, "change it, or " MICROSOFT_HINT);
    }
    buf_printf(out, "%s={", key);
    buf_puts(out, value);
    buf_puts(out, "};");
    return RC_OK;
}

static Rc freetds_connstr(const TdsTarget *target, const TdsServer *server, const char *driver,
                          int version, Buf *out, Err *err)
{
    put(out, "Driver", driver);
    buf_printf(out, "Servername=%s;", server->section[0] ? server->section : server->host);
    TRY(put_freetds(out, "Database", target->database, version, err));
    if (target->integrated) {
        buf_puts(out, "Trusted_Connection=yes;");
        TRY(put_freetds(out, "ServerSPN", target->service, version, err));
    } else {
        TRY(put_freetds(out, "UID", target->user, version, err));
        TRY(put_freetds(out, "PWD", target->password ? target->password : "", version, err));
    }
    TRY(put_freetds(out, "APP", target->application, version, err));
    if (target->read_only_intent)
        buf_puts(out, "ApplicationIntent=ReadOnly;");
    return RC_OK;
}

static void put_address(Buf *out, const TdsServer *server)
{
    char address[TDS_HOST_MAX + TDS_INSTANCE_MAX + 32];
    bool is_ip6 = strchr(server->host, ':') != NULL;

    if (server->port != 0)
        (void)snprintf(address, sizeof(address), "%s%s,%d", is_ip6 ? "" : "tcp:", server->host,
                       server->port);
    else
        (void)snprintf(address, sizeof(address), "%s\\%s", server->host, server->instance);
    put(out, "Server", address);
}

static void put_login(Buf *out, const TdsTarget *target)
{
    if (target->integrated && !target->authentication) {
        buf_puts(out, "Trusted_Connection=yes;");
        return;
    }
    put(out, "UID", target->user);
    put(out, "PWD", target->user ? target->password : NULL);
    put(out, "Authentication", target->authentication);
}

static void microsoft_connstr(const TdsTarget *target, const TdsServer *server, const char *driver,
                              Buf *out)
{
    static const char *const words[] = {
        [TDS_ENCRYPT_REQUIRE] = "yes", [TDS_ENCRYPT_STRICT] = "strict", [TDS_ENCRYPT_OFF] = "no"};

    put(out, "Driver", driver);
    put_address(out, server);
    put(out, "Database", target->database);
    put_login(out, target);
    put(out, "APP", target->application);
    buf_printf(out, "Encrypt=%s;TrustServerCertificate=%s;", words[target->encrypt],
               target->trust_certificate ? "yes" : "no");
    if (target->read_only_intent)
        buf_puts(out, "ApplicationIntent=ReadOnly;");
}

static void dsn_connstr(const TdsTarget *target, Buf *out)
{
    put(out, "DSN", target->dsn);
    put(out, "Database", target->database);
    put_login(out, target);
    put(out, "APP", target->application);
}

Rc tds_connstr(const TdsTarget *target, const TdsServer *server, const char *driver,
               int freetds_version, Buf *ret_text, Err *err)
{
    *ret_text = BUF(TDS_CONNSTR_MAX);
    if (buf_room(ret_text, TDS_CONNSTR_MAX)) // all at once: growing would leave copies behind
        buf_added(ret_text, 0);
    switch (tds_dialect_of(target)) {
    case TDS_DIALECT_FREETDS:
        TRY(freetds_connstr(target, server, driver, freetds_version, ret_text, err));
        break;
    case TDS_DIALECT_MICROSOFT:
        microsoft_connstr(target, server, driver, ret_text);
        break;
    case TDS_DIALECT_DSN:
        dsn_connstr(target, ret_text);
        break;
    }
    return buf_check(ret_text, "the connection string", err);
}

void tds_wipe(Buf *buf)
{
    if (buf->text)
        explicit_bzero(buf->text, buf->size);
    buf_done(buf);
}
