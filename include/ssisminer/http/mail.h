/*
 * One mail to one SMTP server, by libcurl (http.h has what holds of it).
 *
 * Errors:    RC_USAGE a server that may not be given mail; RC_CONNECT it did not get as far as an
 *            answer (`trouble` says why); RC_STOPPED. That the server refused is an answer: its
 *            code is the reply's status (400 and above), and its words `refusal`.
 * Limits:    TLS 1.2 or later, verified: by STARTTLS, which is insisted on, or from the first byte.
 *            Without TLS only to this machine. Logs in with what the server offers of what libcurl
 *            can do with a user and a password.
 */
#ifndef SSISMINER_HTTP_MAIL_H
#define SSISMINER_HTTP_MAIL_H

#include "ssisminer/base/str.h"
#include "ssisminer/http/http.h"

typedef enum MailTls {
    MAIL_TLS_START,   // STARTTLS
    MAIL_TLS_WRAPPED, // from the first byte
    MAIL_TLS_NONE
} MailTls;

typedef struct HttpMail {
    const char *host; // a name, an address, or one of IPv6 in brackets
    int port;
    MailTls tls;
    const char *user, *password; // NULL: no login
    const char *from;            // addresses alone
    const char *const *to;
    size_t to_count;
    bool may_miss_some;  // it goes to those of `to` that the server takes, if it takes one
    Str message;         // head and body, lines end in CR LF; dots need no care
    const char *ca_file; // NULL: the system's
    const char *who;     // as in HttpRequest
    long connect_ms, total_ms;
} HttpMail;

/* Whether it may be sent at all: what can be known without sending it. */
Rc http_mail_check(const HttpMail *mail, Err *err) MUST_CHECK;
/* Sets status, refusal, trouble; on failure its trouble alone. Nothing is to be freed. */
Rc http_mail(const HttpMail *mail, HttpReply *ret_reply, Err *err) MUST_CHECK;

#endif
