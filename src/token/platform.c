/* Managed identities: the service of a platform gives the token to whoever runs on it. */
#include "internal.h"

#include <string.h>
#include <unistd.h>

/* Managed identities: a service of the platform gives the token to whoever runs on it. Endpoints,
 * queries and headers: docs/facts.md#entra. */
typedef struct Platform {
    const char *origin;
    bool (*is_here)(const TokenSource *source);
    TokenVariable endpoint; // VAR_COUNT: none, `address` alone
    const char *address;    // where the variable says nothing
    const char *version;
    const char *header;         // to its end, or up to what header_value holds
    TokenVariable header_value; // VAR_COUNT: none
    const char *by_client_id, *by_object_id, *by_resource_id; // names in the query; NULL: has none
    const TokenPatience *patience;
    bool is_challenged; // shows that we may read a file of its own
    bool is_remote;     // nobody may be there at all
} Platform;

/* ---- patience -------------------------------------------------------------------------------- */

static bool is_imds_passing(int status)
{
    return status == 404 || status == 429 || status >= 500;
}

static bool is_host_passing(int status)
{
    return status == 408 || status == 429 || status >= 500;
}

static const long imds_waits_ms[] = {2000, 6000, 14000, 30000};
static const TokenPatience imds_patience = {.waits_ms = imds_waits_ms,
                                            .wait_count = ARRAY_LEN(imds_waits_ms),
                                            .is_passing = is_imds_passing,
                                            .waits_for_update = true,
                                            .absent_tries = 2};

static const long host_waits_ms[] = {1000, 1000};
static const TokenPatience host_patience = {.waits_ms = host_waits_ms,
                                            .wait_count = ARRAY_LEN(host_waits_ms),
                                            .is_passing = is_host_passing,
                                            .absent_tries = 2};

/* ---- which one ------------------------------------------------------------------------------- */

static bool is_app_service(const TokenSource *source)
{
    return source->variables[VAR_IDENTITY_ENDPOINT] && source->variables[VAR_IDENTITY_HEADER];
}

static bool is_old_app_service(const TokenSource *source)
{
    return source->variables[VAR_MSI_ENDPOINT] && source->variables[VAR_MSI_SECRET];
}

static bool is_arc(const TokenSource *source)
{
    return (source->variables[VAR_IDENTITY_ENDPOINT] && source->variables[VAR_IMDS_ENDPOINT]) ||
           access("/opt/azcmagent/bin/himds", F_OK) == 0;
}

static bool is_anywhere(const TokenSource *source)
{
    (void)source;
    return true;
}

static const char arc_directory[] = "/var/opt/azcmagent/tokens";

/* In this order, as Microsoft's own libraries look. */
static const Platform platforms[] = {
    {.origin = "the managed identity of App Service or Container Apps",
     .is_here = is_app_service,
     .endpoint = VAR_IDENTITY_ENDPOINT,
     .version = "2019-08-01",
     .header = "X-IDENTITY-HEADER: ",
     .header_value = VAR_IDENTITY_HEADER,
     .by_client_id = "client_id",
     .by_object_id = "principal_id",
     .by_resource_id = "mi_res_id",
     .patience = &host_patience},
    {.origin = "the managed identity of App Service",
     .is_here = is_old_app_service,
     .endpoint = VAR_MSI_ENDPOINT,
     .version = "2017-09-01",
     .header = "secret: ",
     .header_value = VAR_MSI_SECRET,
     .by_client_id = "clientid",
     .patience = &host_patience},
    {.origin = "the managed identity of this Azure Arc machine",
     .is_here = is_arc,
     .endpoint = VAR_IDENTITY_ENDPOINT,
     .address = "http://127.0.0.1:40342/metadata/identity/oauth2/token",
     .version = "2020-06-01",
     .header = "Metadata: true",
     .header_value = VAR_COUNT,
     .by_client_id = "client_id",
     .by_object_id = "object_id",
     .by_resource_id = "msi_res_id",
     .patience = &host_patience,
     .is_challenged = true},
    {.origin = "the managed identity of this VM",
     .is_here = is_anywhere,
     .endpoint = VAR_COUNT,
     .address = "http://169.254.169.254/metadata/identity/oauth2/token",
     .version = "2018-02-01",
     .header = "Metadata: true",
     .header_value = VAR_COUNT,
     .by_client_id = "client_id",
     .by_object_id = "object_id",
     .by_resource_id = "msi_res_id",
     .patience = &imds_patience,
     .is_remote = true},
};

static const Platform *platform_of(const TokenSource *source)
{
    size_t i = 0;

    while (!platforms[i].is_here(source))
        i++; // the last one may be anywhere
    return &platforms[i];
}

/* ---- the request ----------------------------------------------------------------------------- */

/* A user-assigned identity, by whichever name it was given. */
typedef struct Selector {
    const char *name; // in the query; NULL for the machine's own
    const char *value;
} Selector;

static Rc selector_of(const TokenSource *source, const Platform *platform, Selector *ret_selector,
                      Err *err)
{
    static const char object[] = "object:";
    const char *id = source->options.client_id;
    Selector selector = {platform->by_client_id, id};

    if (id && str_starts(id, object))
        selector = (Selector){platform->by_object_id, id + strlen(object)};
    else if (id && id[0] == '/')
        selector.name = platform->by_resource_id;
    if (!id)
        selector = (Selector){0};
    else if (!selector.name)
        return FAIL(err, RC_USAGE, "%s takes a client id only, not '%s'", platform->origin, id);
    *ret_selector = selector;
    return RC_OK;
}

/* What an asker needs: one request, and the key that a challenge may want. */
typedef struct Asked {
    const Platform *platform;
    bool is_probe;
    Secret url, header, key;
} Asked;

static void asked_done(Asked *asked)
{
    secret_done(&asked->url);
    secret_done(&asked->header);
    secret_done(&asked->key);
}

static Rc put_url(const TokenSource *source, Asked *asked, Err *err)
{
    const Platform *platform = asked->platform;
    const char *base =
        platform->endpoint < VAR_COUNT ? source->variables[platform->endpoint] : NULL;
    Selector selector = {0};

    TRY(selector_of(source, platform, &selector, err));
    if (!base)
        base = platform->address;
    secret_init(&asked->url, 4096);
    secret_puts(&asked->url, base);
    secret_puts(&asked->url, strchr(base, '?') ? "&api-version=" : "?api-version=");
    secret_puts(&asked->url, platform->version);
    secret_puts(&asked->url, "&resource=");
    http_put_escaped(&asked->url, source->audience);
    if (selector.name) {
        secret_puts(&asked->url, "&");
        secret_puts(&asked->url, selector.name);
        secret_puts(&asked->url, "=");
        http_put_escaped(&asked->url, selector.value);
    }
    if (asked->url.over)
        return FAIL(err, RC_USAGE, "the address of %s is too long", platform->origin);
    return RC_OK;
}

static Rc put_header(const TokenSource *source, Asked *asked, Err *err)
{
    const Platform *platform = asked->platform;
    const char *value =
        platform->header_value < VAR_COUNT ? source->variables[platform->header_value] : "";

    secret_init(&asked->header, 4096);
    secret_puts(&asked->header, platform->header);
    secret_puts(&asked->header, value);
    if (asked->header.over || (*value && !token_is_plain(str_of(value))))
        return FAIL(err, RC_USAGE, "the secret of %s is none that a header can carry",
                    platform->origin);
    return RC_OK;
}

static Rc send_it(TokenSource *source, const Asked *asked, const char *key, HttpReply *ret_reply,
                  Err *err)
{
    enum { PROBE_MS = 1000, CONNECT_MS = 3000 };
    HttpRequest request = {.url = asked->url.text,
                           .headers = {asked->header.text, key},
                           .is_metadata = true,
                           .who = asked->platform->origin,
                           .connect_ms = asked->is_probe ? PROBE_MS : CONNECT_MS,
                           .total_ms = token_answer_ms(source)};

    return source->outside->send(&request, ret_reply, err);
}

/* Answers 401 with the name of a file that only a trusted user can read; then asked again with what
 * is in it. */
static Rc answer_challenge(TokenSource *source, Asked *asked, HttpReply *reply, Err *err)
{
    AUTO(secret_done) Secret header = {0};
    enum { UNAUTHORISED = 401 };

    if (reply->status == 200)
        return FAIL(err, RC_CONNECT, "%s gave a token without a challenge: that is not Arc's agent",
                    asked->platform->origin);
    if (reply->status != UNAUTHORISED)
        return RC_OK; // the asker judges it
    TRY(token_arc_key(arc_directory, reply->challenge, &asked->key, err));
    secret_init(&header, asked->key.len + 64);
    secret_puts(&header, "Authorization: Basic ");
    secret_puts(&header, asked->key.text);
    http_reply_done(reply);
    *reply = (HttpReply){0};
    return send_it(source, asked, header.text, reply, err);
}

static Rc ask_platform(TokenSource *source, void *context, HttpReply *ret_reply, Err *err)
{
    Asked *asked = context;

    TRY(send_it(source, asked, NULL, ret_reply, err));
    if (!asked->platform->is_challenged)
        return RC_OK;
    Rc rc = answer_challenge(source, asked, ret_reply, err);
    if (rc != RC_OK && ret_reply->status != 0)
        http_reply_done(ret_reply);
    return rc;
}

/* ---- the answer ------------------------------------------------------------------------------ */

static bool is_other(const char *wanted, const char *said, bool must_say)
{
    return said[0] == '\0' ? must_say : !str_same_fold(wanted, said);
}

/* An old agent of Arc does not know that one can choose, and gives the machine's own. */
static Rc check_identity(const TokenSource *source, const Platform *platform,
                         const TokenAnswer *answer, Err *err)
{
    Selector selector = {0};
    bool must_say = platform->is_challenged;

    TRY(selector_of(source, platform, &selector, err));
    if (!selector.name)
        return RC_OK;
    const char *said = selector.name == platform->by_client_id   ? answer->client_id
                       : selector.name == platform->by_object_id ? answer->object_id
                                                                 : answer->resource_id;
    if (!is_other(selector.value, said, must_say))
        return RC_OK;
    return FAIL(err, RC_CONNECT, "%s gave the token of another identity than '%s'",
                platform->origin, selector.value);
}

/* Nobody there, or somebody who says that there is no identity, or what other clouds and Docker
 * have at the same address: `auto` goes on. */
static bool is_absent(const Platform *platform, Rc rc, const HttpReply *reply)
{
    enum { BAD_REQUEST = 400, FORBIDDEN = 403, NOT_FOUND = 404 };

    if (!platform->is_remote)
        return false;
    if (rc != RC_OK)
        return rc == RC_CONNECT && (reply->trouble == HTTP_ABSENT || reply->trouble == HTTP_SLOW);
    return reply->status == BAD_REQUEST || reply->status == FORBIDDEN || reply->status == NOT_FOUND;
}

/* `auto` has other ways, and tries this one for seconds, not for a minute. */
static TokenPatience patience_of(const Platform *platform, bool is_probe)
{
    enum { PROBE_WAITS = 2 };
    TokenPatience patience = *platform->patience;

    if (is_probe && platform->is_remote) {
        patience.absent_tries = 0;
        patience.wait_count = PROBE_WAITS;
    }
    return patience;
}

/* Half of what App Service, Container Apps or Arc set: sudo and env -i leave variables behind. */
static bool is_half(const TokenSource *source)
{
    return source->variables[VAR_IDENTITY_ENDPOINT] && !source->variables[VAR_IDENTITY_HEADER] &&
           !source->variables[VAR_IMDS_ENDPOINT];
}

static Rc fail_ask(const TokenSource *source, const Platform *platform, const HttpReply *reply,
                   Err *err)
{
    (void)err_note(err, "%s", platform->origin);
    if (!platform->is_remote)
        return err_hint(err, "%s is what is asked: see that it is this machine's, and runs",
                        platform->endpoint == VAR_MSI_ENDPOINT ? "MSI_ENDPOINT"
                                                               : "IDENTITY_ENDPOINT");
    if (is_half(source))
        return err_hint(err, "IDENTITY_ENDPOINT is set, but IDENTITY_HEADER is not: App Service "
                             "and Container Apps set both, for the container's own processes");
    if (reply->trouble == HTTP_ABSENT)
        return err_hint(err,
                        "only a virtual machine in Azure has a metadata service; elsewhere use "
                        "--authentication=ActiveDirectoryServicePrincipal or ActiveDirectoryAzCli");
    return err_hint(err, "the metadata service of the machine is slow or broken: try again; see "
                         "that no firewall or proxy stands before 169.254.169.254");
}

/* Without the secret that was sent, should it be echoed. */
static Rc fail_status(const TokenSource *source, const Asked *asked, const HttpReply *reply,
                      Err *err)
{
    const Platform *platform = asked->platform;
    const char *sent =
        platform->header_value < VAR_COUNT ? source->variables[platform->header_value] : "";
    const char *const hidden[] = {sent, asked->key.text ? asked->key.text : "", NULL};

    return token_fail_status(platform->origin, reply, hidden, err);
}

Rc token_from_platform(TokenSource *source, TokenAttempt *attempt, TokenAnswer *ret_answer,
                       Err *err)
{
    AUTO(asked_done) Asked asked = {.platform = platform_of(source), .is_probe = attempt->is_probe};
    AUTO(http_reply_done) HttpReply reply = {0};
    AUTO(token_answer_done) TokenAnswer answer = {0};
    TokenPatience patience = patience_of(asked.platform, attempt->is_probe);

    if (source->variables[VAR_IDENTITY_SERVER_THUMBPRINT] && is_app_service(source))
        return FAIL(err, RC_USAGE, "the managed identity of Service Fabric is not known here");
    TRY(put_url(source, &asked, err));
    TRY(put_header(source, &asked, err));
    Rc rc = token_ask(source, asked.platform->origin, &patience, ask_platform, &asked, &reply, err);
    attempt->is_absent = is_absent(asked.platform, rc, &reply);
    if (rc != RC_OK)
        return rc == RC_CONNECT ? fail_ask(source, asked.platform, &reply, err) : rc;
    if (reply.status != 200)
        return fail_status(source, &asked, &reply, err);
    if (token_read_reply(secret_str(&reply.body), source->outside->now_unix_s(), &answer, err) !=
        RC_OK)
        return err_note(err, "%s", asked.platform->origin);
    TRY(check_identity(source, asked.platform, &answer, err));
    answer.origin = asked.platform->origin;
    *ret_answer = answer;
    answer = (TokenAnswer){0};
    return RC_OK;
}
