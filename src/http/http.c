#include "ssisminer/http/http.h"

#include "library.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/time.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* What one request needs of libcurl; undone by scope. */
typedef struct Call {
    const Library *curl;
    CURLU *url;
    CURL *easy;
    CURLM *multi;
    struct curl_slist *headers;
    HttpReply *reply;
    size_t header_bytes;
    bool is_too_large;
    char words[CURL_ERROR_SIZE];
} Call;

/* The list has copies of the headers, which may be secrets. */
static void wipe_headers(struct curl_slist *list)
{
    for (struct curl_slist *at = list; at; at = at->next)
        explicit_bzero(at->data, strlen(at->data));
}

static void call_done(Call *call)
{
    if (!call->curl)
        return;
    if (call->multi && call->easy)
        (void)call->curl->multi_remove_handle(call->multi, call->easy);
    if (call->easy)
        call->curl->easy_cleanup(call->easy);
    if (call->multi)
        (void)call->curl->multi_cleanup(call->multi);
    wipe_headers(call->headers);
    call->curl->slist_free_all(call->headers);
    call->curl->url_cleanup(call->url);
}

// ---- the URL ---------------------------------------------------------------------------------

/* Up to its query, for words about it. */
static Str shown(const char *url)
{
    return (Str){url, strcspn(url, "?#")};
}

static Rc fail_url(const char *url, const char *why, Err *err)
{
    return FAIL(err, RC_USAGE, "'%.*s' cannot be asked for a token: %s", STR_FMT(shown(url)), why);
}

/* 127.0.0.0/8, 169.254.0.0/16, ::1, fe80::/10, and the one name that is always this machine. */
static bool is_local(const char *host)
{
    unsigned char ip4[4], ip6[16];
    static const unsigned char loopback[16] = {[15] = 1};
    char bare[INET6_ADDRSTRLEN] = "";

    if (str_same_fold(host, "localhost"))
        return true;
    if (inet_pton(AF_INET, host, ip4) == 1)
        return ip4[0] == 127 || (ip4[0] == 169 && ip4[1] == 254);
    size_t len = strlen(host);
    if (host[0] != '[' || len < 4 || len - 2 >= sizeof(bare))
        return false;
    (void)memcpy(bare, host + 1, len - 2);
    return inet_pton(AF_INET6, bare, ip6) == 1 && (memcmp(ip6, loopback, sizeof(loopback)) == 0 ||
                                                   (ip6[0] == 0xFE && (ip6[1] & 0xC0) == 0x80));
}

static bool is_part(const Call *call, CURLUPart part, const char *wanted)
{
    char *text = NULL;
    bool is_it =
        call->curl->url_get(call->url, part, &text, 0) == CURLUE_OK && str_same_fold(text, wanted);

    call->curl->free(text);
    return is_it;
}

static bool is_local_host(const Call *call)
{
    char *host = NULL;
    bool is_it =
        call->curl->url_get(call->url, CURLUPART_HOST, &host, 0) == CURLUE_OK && is_local(host);

    call->curl->free(host);
    return is_it;
}

/* libcurl reads it, so that what is judged is what will be asked. */
static Rc check_url(Call *call, const HttpRequest *request, Err *err)
{
    call->url = call->curl->url();
    if (!call->url || call->curl->url_set(call->url, CURLUPART_URL, request->url,
                                          CURLU_DISALLOW_USER) != CURLUE_OK)
        return fail_url(request->url, "it is no URL", err);
    if (is_part(call, CURLUPART_SCHEME, "https"))
        return RC_OK;
    if (!is_part(call, CURLUPART_SCHEME, "http"))
        return fail_url(request->url, "it must begin with https://", err);
    if (!request->is_metadata || !is_local_host(call))
        return fail_url(
            request->url,
            "without TLS only this machine and its link may be asked (127.x, 169.254.x)", err);
    return RC_OK;
}

// ---- what comes back -------------------------------------------------------------------------

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    Call *call = context;

    secret_put(&call->reply->body, bytes, size * count);
    call->is_too_large = call->reply->body.over;
    return call->is_too_large ? 0 : size * count;
}

static void keep_challenge(HttpReply *reply, Str value)
{
    if (value.len >= sizeof(reply->challenge))
        return;
    (void)memcpy(reply->challenge, value.at, value.len);
    reply->challenge[value.len] = '\0';
}

static void keep_retry_after(HttpReply *reply, Str value)
{
    enum { DAY_S = 86400 };
    int64_t seconds;

    if (str_to_i64(value, &seconds) && seconds >= 0)
        reply->retry_after_s = seconds > DAY_S ? DAY_S : (long)seconds;
}

static void keep_header(HttpReply *reply, Str line)
{
    const char *colon = memchr(line.at, ':', line.len);

    if (!colon)
        return;
    Str name = {line.at, (size_t)(colon - line.at)};
    Str value = str_trim((Str){colon + 1, line.len - name.len - 1});
    if (str_equal_fold(name, str_of("WWW-Authenticate")))
        keep_challenge(reply, value);
    else if (str_equal_fold(name, str_of("Retry-After")))
        keep_retry_after(reply, value);
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
    Call *call = context;

    call->header_bytes += size * count;
    call->is_too_large = call->header_bytes > HTTP_BODY_MAX;
    keep_header(call->reply, (Str){bytes, size * count});
    return call->is_too_large ? 0 : size * count;
}

// ---- the request -----------------------------------------------------------------------------

static const struct {
    CURLoption option;
    long value;
} settings[] = {
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
    {CURLOPT_HTTP09_ALLOWED, 0},
    {CURLOPT_FRESH_CONNECT, 1},
    {CURLOPT_FORBID_REUSE, 1},
};

static bool set_text(const Call *call, CURLoption option, const char *text)
{
    return call->curl->easy_setopt(call->easy, option, text) == CURLE_OK;
}

static bool set_long(const Call *call, CURLoption option, long value)
{
    return call->curl->easy_setopt(call->easy, option, value) == CURLE_OK;
}

static bool set_protocols(const Call *call, bool is_metadata)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    return set_text(call, CURLOPT_PROTOCOLS_STR, is_metadata ? "http,https" : "https");
#else
    return set_long(call, CURLOPT_PROTOCOLS,
                    is_metadata ? CURLPROTO_HTTP | CURLPROTO_HTTPS : CURLPROTO_HTTPS);
#endif
}

/* OpenSSL's own variable, which libcurl does not read: one store for all connections. */
static bool set_store(const Call *call)
{
    const char *file = secure_getenv("SSL_CERT_FILE");
    const char *folder = secure_getenv("SSL_CERT_DIR");

    return (!file || !*file || set_text(call, CURLOPT_CAINFO, file)) &&
           (!folder || !*folder || set_text(call, CURLOPT_CAPATH, folder));
}

/* A proxy would be handed what only this machine may see. */
static bool set_way(const Call *call, bool is_metadata)
{
    return !is_metadata ||
           (set_text(call, CURLOPT_PROXY, "") && set_text(call, CURLOPT_NOPROXY, "*"));
}

static bool set_callbacks(Call *call)
{
    return call->curl->easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           call->curl->easy_setopt(call->easy, CURLOPT_WRITEDATA, call) == CURLE_OK &&
           call->curl->easy_setopt(call->easy, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
           call->curl->easy_setopt(call->easy, CURLOPT_HEADERDATA, call) == CURLE_OK &&
           call->curl->easy_setopt(call->easy, CURLOPT_ERRORBUFFER, call->words) == CURLE_OK;
}

static bool set_headers(Call *call, const HttpRequest *request)
{
    for (size_t i = 0; i < HTTP_HEADERS_MAX && request->headers[i]; i++) {
        struct curl_slist *longer = call->curl->slist_append(call->headers, request->headers[i]);
        if (!longer)
            return false;
        call->headers = longer;
    }
    return call->curl->easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers) == CURLE_OK;
}

static bool set_form(const Call *call, const char *form)
{
    return !form || (set_long(call, CURLOPT_POST, 1) &&
                     set_long(call, CURLOPT_POSTFIELDSIZE, (long)strlen(form)) &&
                     set_text(call, CURLOPT_POSTFIELDS, form)); // not copied
}

static Rc prepare(Call *call, const HttpRequest *request, Err *err)
{
    call->easy = call->curl->easy_init();
    call->multi = call->curl->multi_init();
    bool is_set = call->easy && call->multi;

    for (size_t i = 0; is_set && i < ARRAY_LEN(settings); i++)
        is_set = set_long(call, settings[i].option, settings[i].value);
#if LIBCURL_VERSION_NUM >= 0x075700
    if (is_set) // a resolver that hangs is not waited for
        (void)set_long(call, CURLOPT_QUICK_EXIT, 1);
#endif
    is_set = is_set && set_text(call, CURLOPT_URL, request->url) &&
             set_protocols(call, request->is_metadata) && set_store(call) &&
             set_way(call, request->is_metadata) && set_callbacks(call) &&
             set_headers(call, request) && set_form(call, request->form) &&
             set_text(call, CURLOPT_USERAGENT, "ssisminer/" SSISMINER_VERSION) &&
             set_long(call, CURLOPT_CONNECTTIMEOUT_MS, request->connect_ms) &&
             set_long(call, CURLOPT_TIMEOUT_MS, request->total_ms) &&
             call->curl->multi_add_handle(call->multi, call->easy) == CURLM_OK;
    if (is_set)
        return RC_OK;
    call->reply->trouble = HTTP_UNUSABLE;
    return FAIL(err, RC_CONNECT, "cannot ask for a token: libcurl is older than 7.85");
}

// ---- its course ------------------------------------------------------------------------------

static HttpTrouble trouble_of(const Call *call, CURLcode code)
{
    double connected_s = 0;

    if (call->is_too_large)
        return HTTP_TOO_LARGE;
    switch ((int)code) { // of a hundred codes
    case CURLE_OK:
        return HTTP_FINE;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        return HTTP_ABSENT;
    case CURLE_OPERATION_TIMEDOUT:
        (void)call->curl->easy_getinfo(call->easy, CURLINFO_CONNECT_TIME, &connected_s);
        return connected_s > 0 ? HTTP_SLOW : HTTP_ABSENT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return HTTP_UNTRUSTED;
    default:
        return HTTP_BROKEN;
    }
}

/* libcurl repeats the address of a proxy that it cannot read, and a password may be in that. */
static const char *words_of(const Call *call, CURLcode code)
{
    bool may_be_shown = call->words[0] && !strchr(call->words, '@');

    return may_be_shown ? call->words : call->curl->easy_strerror(code);
}

static bool is_of_proxy(const Call *call, CURLcode code)
{
    long said = 0;

    (void)call->curl->easy_getinfo(call->easy, CURLINFO_HTTP_CONNECTCODE, &said);
    return code == CURLE_COULDNT_RESOLVE_PROXY || (said != 0 && said != 200);
}

static const char *hint_of(const Call *call, bool is_metadata, CURLcode code)
{
    if (call->reply->trouble == HTTP_UNTRUSTED)
        return "the certificate has to be vouched for by the system's store "
               "(update-ca-certificates), or by SSL_CERT_FILE";
    if (is_metadata)
        return NULL; // whose it is knows better
    if (is_of_proxy(call, code))
        return "check the proxy of https_proxy (HTTPS_PROXY, ALL_PROXY); what no_proxy names is "
               "asked without it";
    return "check that this machine gets there (name, port 443); where it needs a proxy, "
           "https_proxy names it";
}

static Rc fail_code(Call *call, const HttpRequest *request, CURLcode code, Err *err)
{
    Str place = shown(request->url);

    call->reply->trouble = trouble_of(call, code);
    if (call->reply->trouble == HTTP_TOO_LARGE)
        return FAIL(err, RC_CONNECT, "'%.*s' answered more than %d KiB: that is no token",
                    STR_FMT(place), HTTP_BODY_MAX / 1024);
    const char *hint = hint_of(call, request->is_metadata, code);
    (void)err_set(err, RC_CONNECT, "'%.*s': %s", STR_FMT(place), words_of(call, code));
    return hint ? err_hint(err, "%s", hint) : err->rc;
}

/* Once a request: whoever sits before it is to know what does not answer. */
static void tell_wait(const HttpRequest *request, int64_t *until_ms)
{
    if (time_monotonic_ms() < *until_ms)
        return;
    *until_ms = INT64_MAX;
    log_note("waiting for %s: '%.*s' has not answered yet, and has %ld s in all", request->who,
             STR_FMT(shown(request->url)), request->total_ms / 1000);
}

/* Until it is done, or a stop is wanted; libcurl keeps the time. */
static Rc run(Call *call, const HttpRequest *request, CURLcode *ret_code, Err *err)
{
    enum { LOOK_MS = 500 };
    struct curl_waitfd stop = {.fd = stop_fd(), .events = CURL_WAIT_POLLIN};
    int64_t quiet_until_ms = request->who ? time_monotonic_ms() + HTTP_QUIET_MS : INT64_MAX;
    int running = 1, left;

    while (running > 0) {
        if (stop_wanted())
            return stop_sleep_ms(0, err);
        tell_wait(request, &quiet_until_ms);
        CURLMcode code = call->curl->multi_perform(call->multi, &running);
        if (code == CURLM_OK && running > 0)
            code = call->curl->multi_poll(call->multi, &stop, stop.fd >= 0, LOOK_MS, NULL);
        if (code != CURLM_OK)
            return FAIL(err, RC_CONNECT, "libcurl gave up (error %d)", (int)code);
    }
    const CURLMsg *message = call->curl->multi_info_read(call->multi, &left);
    *ret_code = message ? message->data.result : CURLE_RECV_ERROR;
    return RC_OK;
}

static Rc send_it(Call *call, const HttpRequest *request, Err *err)
{
    CURLcode code = CURLE_OK;
    long status = 0;

    TRY(library_open(&call->curl, err));
    call->reply->trouble = HTTP_FINE;
    TRY(check_url(call, request, err));
    TRY(prepare(call, request, err));
    TRY(run(call, request, &code, err));
    if (code != CURLE_OK)
        return fail_code(call, request, code, err);
    (void)call->curl->easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    call->reply->status = (int)status;
    return RC_OK;
}

Rc http_send(const HttpRequest *request, HttpReply *ret_reply, Err *err)
{
    HttpReply reply = {.trouble = HTTP_UNUSABLE, .retry_after_s = -1};
    AUTO(call_done) Call call = {.reply = &reply};

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
