/* Host, port and instance of a server, and where a redirect may lead to. */
#include "internal.h"

#include "ssisminer/base/str.h"
#include "ssisminer/relay/azure.h"

#include <stdio.h>
#include <string.h>

/* ---- Azure's names --------------------------------------------------------------------------- */

static const char *const azure_suffixes[] = {
    ".database.windows.net", ".database.usgovcloudapi.net", ".database.chinacloudapi.cn",
    ".database.cloudapi.de", ".sql.azuresynapse.net",       ".database.fabric.microsoft.com",
};

const char *relay_azure_suffix(const char *host)
{
    size_t len = strlen(host);

    if (len > 0 && host[len - 1] == '.') // the root, named
        len--;
    for (size_t i = 0; i < ARRAY_LEN(azure_suffixes); i++) {
        Str suffix = str_of(azure_suffixes[i]);
        if (len > suffix.len && str_equal_fold((Str){host + len - suffix.len, suffix.len}, suffix))
            return azure_suffixes[i];
    }
    return NULL;
}

/* Only the server's own service may be sent on to: a token is good for all of a tenant. */
bool place_may_lead_to(const Place *from, const Place *to)
{
    const char *suffix = relay_azure_suffix(from->host);

    return !suffix || suffix == relay_azure_suffix(to->host);
}

/* ---- what a redirect names ------------------------------------------------------------------- */

static bool copy(Str text, char *ret_text, size_t size)
{
    if (text.len == 0 || text.len >= size)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] <= ' ' || text.at[i] == 0x7F || text.at[i] == '/')
            return false;
    memcpy(ret_text, text.at, text.len);
    ret_text[text.len] = '\0';
    return true;
}

/* Cuts ",port", or the ":port" of a name that is no IPv6 address, off the end. */
static bool take_port(Str *text, int *ret_port)
{
    const char *mark = memchr(text->at, ',', text->len);
    const char *colon = memchr(text->at, ':', text->len);
    int64_t port = 0;

    if (!mark && colon && !memchr(colon + 1, ':', (size_t)(text->at + text->len - colon - 1)))
        mark = colon;
    if (!mark)
        return true;
    Str digits = {mark + 1, (size_t)(text->at + text->len - mark - 1)};
    if (!str_to_i64(digits, &port) || port < 1 || port > UINT16_MAX)
        return false;
    text->len = (size_t)(mark - text->at);
    *ret_port = (int)port;
    return true;
}

bool place_parse(const char *text, int port, Place *ret_place)
{
    Place place = {.port = port};
    Str host = str_of(text);
    const char *slash = memchr(host.at, '\\', host.len);

    if (!take_port(&host, &place.port))
        return false;
    if (slash && slash < host.at + host.len) {
        Str instance = {slash + 1, (size_t)(host.at + host.len - slash - 1)};
        host.len = (size_t)(slash - host.at);
        if (!copy(instance, place.instance, sizeof(place.instance)))
            return false;
    }
    if (!copy(host, place.host, sizeof(place.host)))
        return false;
    *ret_place = place;
    return true;
}

const char *place_text(const Place *place, char *ret_text, size_t size)
{
    if (place->port != 0)
        (void)snprintf(ret_text, size, "%s,%d", place->host, place->port);
    else
        (void)snprintf(ret_text, size, "%s\\%s", place->host, place->instance);
    return ret_text;
}
