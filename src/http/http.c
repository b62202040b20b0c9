/* One HTTP request and its whole, small answer. */
#include "exchange.h"

#include <string.h>

static const char *purpose_of(const HttpRequest *request)
{
    return request->is_webhook ? "cannot send the message" : "cannot ask for a token";
}

/* ---- the URL --------------------------------------------------------------------------------- */

static bool is_part(const Exchange *call, CURLUPart part, const char *wanted)
{
    char *text = NULL;
    bool is_it =
        call->curl->url_get(call->url, part, &text, 0) == CURLUE_OK && str_same_fold(text, wanted);

    call->curl->free(text);
    return is_it;
}

static Reach reach_of(const Exchange *call)
{
    char *host = NULL;
    Reach reach = call->curl->url_get(call->url, CURLUPART_HOST, &host, 0) == CURLUE_OK
                      ? exchange_reach(host)
                      : REACH_ELSEWHERE;

    call->curl->free(host);
    return reach;
}

/* What words about it show: up to its query; of a webhook, whose path is its key,
 * the host alone. */
static void name_place(Exchange *call, const HttpRequest *request)
{
    char *scheme = NULL, *host = NULL, *port = NULL;

    if (!request->is_webhook) {
        (void)snprintf(call->place, sizeof(call->place), "%.*s", (int)strcspn(request->url, "?#"),
                       request->url);
        return;
    }
    (void)snprintf(call->place, sizeof(call->place), "the webhook");
    if (call->url && call->curl->url_get(call->url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        call->curl->url_get(call->url, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        bool has_port = call->curl->url_get(call->url, CURLUPART_PORT, &port, 0) == CURLUE_OK;
        (void)snprintf(call->place, sizeof(call->place), "%s://%s%s%s", scheme, host,
                       has_port ? ":" : "", has_port ? port : "");
    }
    call->curl->free(scheme);
    call->curl->free(host);
    call->curl->free(port);
}

static Rc fail_url(const Exchange *call, const HttpRequest *request, const char *why, Err *err)
{
    if (request->is_webhook)
        return FAIL(err, RC_USAGE, "its URL may not be used: %s", why);
    return FAIL(err, RC_USAGE, "'%s' cannot be asked for a token: %s", call->place, why);
}

static Rc check_plain(const Exchange *call, const HttpRequest *request, Err *err)
{
    Reach reach = reach_of(call);

    if (request->is_webhook)
        return reach == REACH_LOOPBACK
                   ? RC_OK
                   : fail_url(call, request,
                              "without TLS only this machine may be told; it must begin with "
                              "https://",
                              err);
    if (!request->is_metadata || reach == REACH_ELSEWHERE)
        return fail_url(
            call, request,
            "without TLS only this machine and its link may be asked (127.x, 169.254.x)", err);
    return RC_OK;
}

/* libcurl reads it, so that what is judged is what will be asked. */
static Rc check_url(Exchange *call, const HttpRequest *request, Err *err)
{
    call->url = call->curl->url();
    CURLUcode code =
        call->url ? call->curl->url_set(call->url, CURLUPART_URL, request->url, CURLU_DISALLOW_USER)
                  : CURLUE_OUT_OF_MEMORY;
    name_place(call, request);
    if (code == CURLUE_UNSUPPORTED_SCHEME)
        return fail_url(call, request, "it must begin with https://", err);
    if (code != CURLUE_OK)
        return fail_url(
            call, request,
            request->is_webhook ? "it is none; one begins with https://" : "it is no URL", err);
    if (is_part(call, CURLUPART_SCHEME, "https"))
        return RC_OK;
    if (!is_part(call, CURLUPART_SCHEME, "http"))
        return fail_url(call, request, "it must begin with https://", err);
    return check_plain(call, request, err);
}

Rc http_check(const HttpRequest *request, Err *err)
{
    HttpReply reply = {.trouble = HTTP_UNUSABLE};
    AUTO(exchange_done) Exchange call = {.reply = &reply};

    TRY(exchange_open(&call, purpose_of(request), err));
    return check_url(&call, request, err);
}

/* ---- the request ----------------------------------------------------------------------------- */

static bool may_be_plain(const HttpRequest *request)
{
    return request->is_metadata || request->is_webhook;
}

static bool set_protocols(const Exchange *call, bool may_plain)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    return exchange_set_text(call, CURLOPT_PROTOCOLS_STR, may_plain ? "http,https" : "https");
#else
    return exchange_set_long(call, CURLOPT_PROTOCOLS,
                             may_plain ? CURLPROTO_HTTP | CURLPROTO_HTTPS : CURLPROTO_HTTPS);
#endif
}

static bool set_headers(Exchange *call, const HttpRequest *request)
{
    for (size_t i = 0; i < HTTP_HEADERS_MAX && request->headers[i]; i++)
        if (!exchange_add(call, request->headers[i]))
            return false;
    return call->curl->easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->list) == CURLE_OK;
}

static bool set_body(const Exchange *call, const char *body)
{
    return !body || (exchange_set_long(call, CURLOPT_POST, 1) &&
                     exchange_set_long(call, CURLOPT_POSTFIELDSIZE, (long)strlen(body)) &&
                     exchange_set_text(call, CURLOPT_POSTFIELDS, body)); // not copied
}

/* A proxy would be handed what only this machine may see. */
static bool stays_here(const Exchange *call, const HttpRequest *request)
{
    return request->is_metadata || (request->is_webhook && reach_of(call) == REACH_LOOPBACK);
}

static Rc prepare(Exchange *call, const HttpRequest *request, Err *err)
{
    bool is_set =
        exchange_prepare(call, request->ca_file, request->connect_ms, request->total_ms) &&
        exchange_set_text(call, CURLOPT_URL, request->url) &&
        set_protocols(call, may_be_plain(request)) && set_headers(call, request) &&
        set_body(call, request->form) &&
        exchange_set_text(call, CURLOPT_USERAGENT, "ssisminer/" SSISMINER_VERSION);

    if (stays_here(call, request))
        exchange_no_proxy(call, &is_set);
    return is_set ? RC_OK : exchange_fail_prepare(call, purpose_of(request), err);
}

static const char *hint_of(const Exchange *call, const HttpRequest *request, CURLcode code)
{
    if (request->is_metadata)
        return NULL; // whose it is knows better
    if (exchange_is_of_proxy(call, code))
        return "check the proxy of https_proxy (HTTPS_PROXY, ALL_PROXY); what no_proxy names is "
               "asked without it";
    return "check that this machine gets there (name, port 443); where it needs a proxy, "
           "https_proxy names it";
}

static Rc send_it(Exchange *call, const HttpRequest *request, Err *err)
{
    CURLcode code = CURLE_OK;

    TRY(exchange_open(call, purpose_of(request), err));
    TRY(check_url(call, request, err));
    TRY(prepare(call, request, err));
    TRY(exchange_run(call, request->who, request->total_ms, &code, err));
    if (code != CURLE_OK)
        return exchange_fail(call, code, hint_of(call, request, code), err);
    call->reply->status = exchange_status(call);
    return RC_OK;
}

Rc http_send(const HttpRequest *request, HttpReply *ret_reply, Err *err)
{
    HttpReply reply = {.trouble = HTTP_UNUSABLE, .retry_after_s = -1};
    AUTO(exchange_done)
    Exchange call = {.reply = &reply, .trusted_by = request->is_webhook ? "ca_file" : NULL};

    secret_init(&reply.body, HTTP_BODY_MAX);
    Rc rc = send_it(&call, request, err);
    if (rc != RC_OK) {
        secret_done(&reply.body);
        reply = (HttpReply){.trouble = reply.trouble, .retry_after_s = -1};
    }
    *ret_reply = reply;
    return rc;
}

void http_reply_done(HttpReply *reply)
{
    secret_done(&reply->body);
    explicit_bzero(reply->challenge, sizeof(reply->challenge));
}

void http_put_escaped(Secret *out, const char *value)
{
    static const char digits[] = "0123456789ABCDEF";

    for (; *value; value++) {
        unsigned char c = (unsigned char)*value;
        char escaped[3] = {'%', digits[c >> 4], digits[c & 15]};
        bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                        (c >= 'a' && c <= 'z') || strchr("-._~", c);
        secret_put(out, is_plain ? value : escaped, is_plain ? 1 : sizeof(escaped));
    }
}
