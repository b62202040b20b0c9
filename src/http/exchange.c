/* One transfer of libcurl's, of whatever protocol: its handles, its course, its trouble. */
#include "exchange.h"

#include "ssisminer/base/log.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/time.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* The list has copies of what was added, which may be secrets. */
static void wipe_list(struct curl_slist *list)
{
    for (struct curl_slist *at = list; at; at = at->next)
        explicit_bzero(at->data, strlen(at->data));
}

void exchange_done(Exchange *call)
{
    if (!call->curl)
        return;
    if (call->multi && call->easy)
        (void)call->curl->multi_remove_handle(call->multi, call->easy);
    if (call->easy)
        call->curl->easy_cleanup(call->easy);
    if (call->multi)
        (void)call->curl->multi_cleanup(call->multi);
    wipe_list(call->list);
    call->curl->slist_free_all(call->list);
    call->curl->url_cleanup(call->url);
}

Rc exchange_open(Exchange *call, const char *purpose, Err *err)
{
    if (library_open(&call->curl, err) != RC_OK)
        return err_note(err, "%s", purpose);
    call->reply->trouble = HTTP_FINE;
    return RC_OK;
}

/* ---- where it goes --------------------------------------------------------------------------- */

Reach exchange_reach(const char *host)
{
    unsigned char ip4[4], ip6[16];
    static const unsigned char loopback[16] = {[15] = 1};
    char bare[INET6_ADDRSTRLEN] = "";

    if (str_same_fold(host, "localhost"))
        return REACH_LOOPBACK;
    if (inet_pton(AF_INET, host, ip4) == 1)
        return ip4[0] == 127                    ? REACH_LOOPBACK
               : ip4[0] == 169 && ip4[1] == 254 ? REACH_LINK
                                                : REACH_ELSEWHERE;
    size_t len = strlen(host);
    if (host[0] != '[' || len < 4 || len - 2 >= sizeof(bare))
        return REACH_ELSEWHERE;
    (void)memcpy(bare, host + 1, len - 2);
    if (inet_pton(AF_INET6, bare, ip6) != 1)
        return REACH_ELSEWHERE;
    if (memcmp(ip6, loopback, sizeof(loopback)) == 0)
        return REACH_LOOPBACK;
    return ip6[0] == 0xFE && (ip6[1] & 0xC0) == 0x80 ? REACH_LINK : REACH_ELSEWHERE;
}

/* ---- what comes back ------------------------------------------------------------------------- */

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    Exchange *call = context;

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

/* "550 5.1.1 no such user": what a mail server refuses with. */
static void keep_refusal(HttpReply *reply, Str line)
{
    Str text = str_trim(line);
    size_t len = text.len < sizeof(reply->refusal) ? text.len : sizeof(reply->refusal) - 1;

    if (text.len < 3 || (text.at[0] != '4' && text.at[0] != '5') || text.at[1] < '0' ||
        text.at[1] > '9')
        return;
    len = str_utf8_floor(text.at, len);
    (void)memcpy(reply->refusal, text.at, len);
    reply->refusal[len] = '\0';
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
    Exchange *call = context;
    Str line = {bytes, size * count};

    call->header_bytes += line.len;
    call->is_too_large = call->header_bytes > HTTP_BODY_MAX;
    keep_header(call->reply, line);
    keep_refusal(call->reply, line);
    return call->is_too_large ? 0 : line.len;
}

/* ---- settings -------------------------------------------------------------------------------- */

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

bool exchange_set_text(const Exchange *call, CURLoption option, const char *text)
{
    return call->curl->easy_setopt(call->easy, option, text) == CURLE_OK;
}

bool exchange_set_long(const Exchange *call, CURLoption option, long value)
{
    return call->curl->easy_setopt(call->easy, option, value) == CURLE_OK;
}

bool exchange_add(Exchange *call, const char *text)
{
    struct curl_slist *longer = call->curl->slist_append(call->list, text);

    if (longer)
        call->list = longer;
    return longer != NULL;
}

void exchange_no_proxy(const Exchange *call, bool *is_set)
{
    *is_set = *is_set && exchange_set_text(call, CURLOPT_PROXY, "") &&
              exchange_set_text(call, CURLOPT_NOPROXY, "*");
}

/* OpenSSL's own variable, which libcurl does not read: one store for all connections. */
static bool set_store(const Exchange *call, const char *ca_file)
{
    const char *file = ca_file ? ca_file : secure_getenv("SSL_CERT_FILE");
    const char *folder = ca_file ? NULL : secure_getenv("SSL_CERT_DIR");

    return (!file || !*file || exchange_set_text(call, CURLOPT_CAINFO, file)) &&
           (!ca_file || exchange_set_text(call, CURLOPT_CAPATH, NULL)) &&
           (!folder || !*folder || exchange_set_text(call, CURLOPT_CAPATH, folder));
}

static bool set_callbacks(Exchange *call)
{
    return call->curl->easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           call->curl->easy_setopt(call->easy, CURLOPT_WRITEDATA, call) == CURLE_OK &&
           call->curl->easy_setopt(call->easy, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
           call->curl->easy_setopt(call->easy, CURLOPT_HEADERDATA, call) == CURLE_OK &&
           call->curl->easy_setopt(call->easy, CURLOPT_ERRORBUFFER, call->words) == CURLE_OK;
}

bool exchange_prepare(Exchange *call, const char *ca_file, long connect_ms, long total_ms)
{
    call->easy = call->curl->easy_init();
    call->multi = call->curl->multi_init();
    bool is_set = call->easy && call->multi;

    for (size_t i = 0; is_set && i < ARRAY_LEN(settings); i++)
        is_set = exchange_set_long(call, settings[i].option, settings[i].value);
#if LIBCURL_VERSION_NUM >= 0x075700
    if (is_set) // a resolver that hangs is not waited for
        (void)exchange_set_long(call, CURLOPT_QUICK_EXIT, 1);
#endif
    return is_set && set_store(call, ca_file) && set_callbacks(call) &&
           exchange_set_long(call, CURLOPT_CONNECTTIMEOUT_MS, connect_ms) &&
           exchange_set_long(call, CURLOPT_TIMEOUT_MS, total_ms);
}

Rc exchange_fail_prepare(Exchange *call, const char *purpose, Err *err)
{
    call->reply->trouble = HTTP_UNUSABLE;
    return FAIL(err, RC_CONNECT, "%s: libcurl is older than 7.85", purpose);
}

/* ---- its course ------------------------------------------------------------------------------ */

int exchange_status(const Exchange *call)
{
    long status = 0;

    (void)call->curl->easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

/* Once a call: whoever sits before it is to know what does not answer. */
static void tell_wait(const Exchange *call, const char *who, long total_ms, int64_t *until_ms)
{
    if (time_monotonic_ms() < *until_ms)
        return;
    *until_ms = INT64_MAX;
    log_note("waiting for %s: '%s' has not answered yet, and has %ld s in all", who, call->place,
             total_ms / 1000);
}

/* libcurl keeps the time. */
Rc exchange_run(Exchange *call, const char *who, long total_ms, CURLcode *ret_code, Err *err)
{
    enum { LOOK_MS = 500 };
    struct curl_waitfd stop = {.fd = stop_fd(), .events = CURL_WAIT_POLLIN};
    int64_t quiet_until_ms = who ? time_monotonic_ms() + HTTP_QUIET_MS : INT64_MAX;
    int running = 1, left;

    if (call->curl->multi_add_handle(call->multi, call->easy) != CURLM_OK)
        return FAIL(err, RC_CONNECT, "libcurl gave up");
    while (running > 0) {
        if (stop_wanted())
            return stop_sleep_ms(0, err);
        tell_wait(call, who, total_ms, &quiet_until_ms);
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

/* ---- what went wrong ------------------------------------------------------------------------- */

static HttpTrouble trouble_of(const Exchange *call, CURLcode code)
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
    case CURLE_USE_SSL_FAILED:
        return HTTP_UNTRUSTED;
    default:
        return HTTP_BROKEN;
    }
}

/* libcurl repeats the address of a proxy that it cannot read, and a password may be in that. */
static const char *words_of(const Exchange *call, CURLcode code)
{
    bool may_be_shown = call->words[0] && !strchr(call->words, '@');

    return may_be_shown ? call->words : call->curl->easy_strerror(code);
}

bool exchange_is_of_proxy(const Exchange *call, CURLcode code)
{
    long said = 0;

    (void)call->curl->easy_getinfo(call->easy, CURLINFO_HTTP_CONNECTCODE, &said);
    return code == CURLE_COULDNT_RESOLVE_PROXY || (said != 0 && said != 200);
}

Rc exchange_fail(Exchange *call, CURLcode code, const char *hint, Err *err)
{
    call->reply->trouble = trouble_of(call, code);
    if (call->reply->trouble == HTTP_TOO_LARGE)
        return FAIL(err, RC_CONNECT, "'%s' answered more than %d KiB", call->place,
                    HTTP_BODY_MAX / 1024);
    (void)err_set(err, RC_CONNECT, "'%s': %s", call->place, words_of(call, code));
    if (code == CURLE_USE_SSL_FAILED)
        return err_hint(err, "it offers no STARTTLS there: see its port, or let tls be tls");
    if (call->reply->trouble == HTTP_UNTRUSTED)
        return err_hint(err,
                        "the certificate has to be vouched for by the system's store "
                        "(update-ca-certificates), or by %s",
                        call->trusted_by ? call->trusted_by : "SSL_CERT_FILE");
    return hint ? err_hint(err, "%s", hint) : err->rc;
}
