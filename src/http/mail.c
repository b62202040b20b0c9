/* One mail to one SMTP server. */
#include "exchange.h"

#include "ssisminer/http/mail.h"

#include <stdio.h>
#include <string.h>

static const char purpose[] = "cannot send the mail";

static Rc check(Exchange *call, const HttpMail *mail, Err *err)
{
    (void)snprintf(call->place, sizeof(call->place), "%s:%d", mail->host, mail->port);
    if (mail->tls == MAIL_TLS_NONE && exchange_reach(mail->host) != REACH_LOOPBACK)
        return FAIL(err, RC_USAGE,
                    "'%s' cannot be given mail: without TLS only this machine may get it",
                    call->place);
    return RC_OK;
}

Rc http_mail_check(const HttpMail *mail, Err *err)
{
    HttpReply reply = {.trouble = HTTP_UNUSABLE};
    AUTO(exchange_done) Exchange call = {.reply = &reply};

    TRY(exchange_open(&call, purpose, err));
    return check(&call, mail, err);
}

static size_t give(char *room, size_t size, size_t count, void *context)
{
    Exchange *call = context;
    size_t len = size * count < call->left.len ? size * count : call->left.len;

    (void)memcpy(room, call->left.at, len);
    call->left = (Str){call->left.at + len, call->left.len - len};
    return len;
}

static bool set_protocols(const Exchange *call)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    return exchange_set_text(call, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
#else
    return exchange_set_long(call, CURLOPT_PROTOCOLS, CURLPROTO_SMTP | CURLPROTO_SMTPS);
#endif
}

static bool set_address(const Exchange *call, const HttpMail *mail)
{
    char url[EXCHANGE_PLACE_MAX + 16];

    (void)snprintf(url, sizeof(url), "%s://%s", mail->tls == MAIL_TLS_WRAPPED ? "smtps" : "smtp",
                   call->place);
    return exchange_set_text(call, CURLOPT_URL, url) && set_protocols(call) &&
           exchange_set_long(call, CURLOPT_USE_SSL,
                             mail->tls == MAIL_TLS_NONE ? CURLUSESSL_NONE : CURLUSESSL_ALL);
}

static bool set_login(const Exchange *call, const HttpMail *mail)
{
    return !mail->user || (exchange_set_text(call, CURLOPT_USERNAME, mail->user) &&
                           exchange_set_text(call, CURLOPT_PASSWORD, mail->password));
}

/* Its name had a letter too many once. */
#if LIBCURL_VERSION_NUM >= 0x080200
#define ALLOW_FAILS CURLOPT_MAIL_RCPT_ALLOWFAILS
#else
#define ALLOW_FAILS CURLOPT_MAIL_RCPT_ALLLOWFAILS
#endif

static bool set_recipients(Exchange *call, const HttpMail *mail)
{
    for (size_t i = 0; i < mail->to_count; i++)
        if (!exchange_add(call, mail->to[i]))
            return false;
    return call->curl->easy_setopt(call->easy, CURLOPT_MAIL_RCPT, call->list) == CURLE_OK &&
           exchange_set_long(call, ALLOW_FAILS, mail->may_miss_some);
}

static bool set_message(Exchange *call, const HttpMail *mail)
{
    call->left = mail->message;
    return exchange_set_text(call, CURLOPT_MAIL_FROM, mail->from) &&
           exchange_set_long(call, CURLOPT_UPLOAD, 1) &&
           call->curl->easy_setopt(call->easy, CURLOPT_READFUNCTION, give) == CURLE_OK &&
           call->curl->easy_setopt(call->easy, CURLOPT_READDATA, call) == CURLE_OK;
}

static Rc prepare(Exchange *call, const HttpMail *mail, Err *err)
{
    bool is_set = exchange_prepare(call, mail->ca_file, mail->connect_ms, mail->total_ms) &&
                  set_address(call, mail) && set_login(call, mail) && set_recipients(call, mail) &&
                  set_message(call, mail);

    if (exchange_reach(mail->host) == REACH_LOOPBACK)
        exchange_no_proxy(call, &is_set);
    return is_set ? RC_OK : exchange_fail_prepare(call, purpose, err);
}

/* That it refused is an answer; what it said before a failure of another kind is none. */
static Rc send_it(Exchange *call, const HttpMail *mail, Err *err)
{
    enum { LEAST_REFUSAL = 400 };
    CURLcode code = CURLE_OK;

    TRY(exchange_open(call, purpose, err));
    TRY(check(call, mail, err));
    TRY(prepare(call, mail, err));
    TRY(exchange_run(call, mail->who, mail->total_ms, &code, err));
    call->reply->status = exchange_status(call);
    if (code != CURLE_OK && call->reply->status < LEAST_REFUSAL)
        return exchange_fail(
            call, code, "check the server's name and port, and that this machine gets there", err);
    return RC_OK;
}

Rc http_mail(const HttpMail *mail, HttpReply *ret_reply, Err *err)
{
    HttpReply reply = {.trouble = HTTP_UNUSABLE, .retry_after_s = -1};
    AUTO(exchange_done) Exchange call = {.reply = &reply, .trusted_by = "ca_file"};

    Rc rc = send_it(&call, mail, err);
    if (rc != RC_OK)
        reply = (HttpReply){.trouble = reply.trouble, .retry_after_s = -1};
    *ret_reply = reply;
    return rc;
}
