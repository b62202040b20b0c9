/* Where a server is: the text after -S, taken apart and found harmless. */
#include "server.h"

#include "ssisminer/base/str.h"
#include "ssisminer/os/os.h"
#include "ssisminer/relay/azure.h"
#include "ssisminer/tds/tds.h"

#include <ctype.h>
#include <string.h>

static Rc fail(const char *text, const char *why, Err *err)
{
    (void)err_set(err, RC_USAGE, "server '%s': %s", text, why);
    return err_hint(err, "write it as 'host', 'host,port' or 'host\\instance'");
}

/* Other protocols a server text may start with; only TCP is spoken here. */
static const char *const other_protocols[] = {"np:", "lpc:", "admin:", "via:", "http:", "https:"};

static Rc skip_protocol(const char *whole, Str *text, Err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(other_protocols); i++) {
        Str protocol = str_of(other_protocols[i]);
        if (text->len >= protocol.len && str_equal_fold((Str){text->at, protocol.len}, protocol))
            return fail(whole, "only TCP is supported", err);
    }
    if (text->len >= 4 && str_equal_fold((Str){text->at, 4}, str_of("tcp:"))) {
        text->at += 4;
        text->len -= 4;
    }
    return RC_OK;
}

/* Cuts ",port" off the end. */
static Rc take_port(const char *whole, Str *text, int *ret_port, Err *err)
{
    const char *comma = memchr(text->at, ',', text->len);
    int64_t port = 0;

    if (!comma)
        return RC_OK;
    size_t at = (size_t)(comma - text->at);
    Str digits = str_trim((Str){comma + 1, text->len - at - 1});
    if (!str_to_i64(digits, &port) || port < 1 || port > 65535)
        return fail(whole, "the port must be a number from 1 to 65535", err);
    text->len = at;
    *ret_port = (int)port;
    return RC_OK;
}

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || (c & 0x80) || strchr("._-$", c);
}

static bool is_name(Str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == '\0' || !is_name_char(text.at[i]))
            return false;
    return text.len > 0;
}

static Rc take_instance(const char *whole, Str *text, TdsServer *server, Err *err)
{
    const char *slash = memchr(text->at, '\\', text->len);

    if (!slash)
        return RC_OK;
    size_t at = (size_t)(slash - text->at);
    Str name = {slash + 1, text->len - at - 1};
    text->len = at;
    if (!is_name(name) || name.len > TDS_INSTANCE_MAX)
        return fail(whole, "that is no instance name", err);
    if (str_equal_fold(name, str_of("MSSQLSERVER")))
        return RC_OK; // the default instance listens on the default port
    memcpy(server->instance, name.at, name.len);
    return RC_OK;
}

/* "fe80::1", or "fe80::1%eth0" with the zone's name. */
static bool is_ip6(Str text)
{
    const char *percent = memchr(text.at, '%', text.len);
    size_t address_len = percent ? (size_t)(percent - text.at) : text.len, colons = 0;

    if (percent && !is_name((Str){percent + 1, text.len - address_len - 1}))
        return false;
    for (size_t i = 0; i < address_len; i++) {
        colons += text.at[i] == ':';
        if (!isxdigit((unsigned char)text.at[i]) && text.at[i] != ':' && text.at[i] != '.')
            return false;
    }
    return colons >= 2;
}

static Rc take_host(const char *whole, Str text, TdsServer *server, Err *err)
{
    if (text.len >= 2 && text.at[0] == '[' && text.at[text.len - 1] == ']') {
        text = (Str){text.at + 1, text.len - 2};
        if (!is_ip6(text))
            return fail(whole, "brackets hold an IPv6 address", err);
    }
    if (str_equal(text, str_of(".")) || str_equal_fold(text, str_of("(local)")))
        text = str_of("localhost");
    if (text.len == 0)
        return fail(whole, "the host name is missing", err);
    if (text.len > TDS_HOST_MAX)
        return fail(whole, "the host name is too long", err);
    if (!is_ip6(text) && memchr(text.at, ':', text.len))
        return fail(whole, "the port follows a comma, not a colon", err);
    if (!is_ip6(text) && !is_name(text))
        return fail(whole, "that is no host name", err);
    memcpy(server->host, text.at, text.len);
    return RC_OK;
}

Rc tds_server_parse(const char *text, TdsServer *ret_server, Err *err)
{
    TdsServer server = {.port = 0};
    Str rest = str_trim(str_of(text));

    TRY(skip_protocol(text, &rest, err));
    TRY(take_port(text, &rest, &server.port, err));
    rest = str_trim(rest);
    TRY(take_instance(text, &rest, &server, err));
    TRY(take_host(text, rest, &server, err));
    if (server.port == 0 && server.instance[0] == '\0')
        server.port = TDS_DEFAULT_PORT;
    *ret_server = server;
    return RC_OK;
}

Rc tds_host(const char *server, Arena *arena, const char **ret_host, Err *err)
{
    TdsServer parsed;

    TRY(tds_server_parse(server, &parsed, err));
    *ret_host = arena_text(arena, parsed.host);
    return RC_OK;
}

const char *tds_service_name(const TdsServer *server, Arena *arena)
{
    const char *host = server->host;
    char full[1025]; // as long as a resolver makes one

    if (!strchr(host, '.') && os_full_name(host, full, sizeof(full)) && strchr(full, '.'))
        host = full;
    return server->port != 0 ? arena_printf(arena, "MSSQLSvc/%s:%d", host, server->port)
                             : arena_printf(arena, "MSSQLSvc/%s:%s", host, server->instance);
}

bool tds_server_is_azure(const TdsServer *server)
{
    return relay_azure_suffix(server->host) != NULL;
}
