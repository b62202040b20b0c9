/*
 * One HTTP request and its whole, small answer: what asking for a token and telling a webhook need,
 * and no more.
 *
 * libcurl does it. It is loaded when the first request is made, not when the program starts: its
 * thirty libraries would cost every command 7 ms and most never ask.
 *
 * Ownership: a request is borrowed for the call; http_reply_done wipes and frees a reply.
 * Errors:    RC_USAGE a URL that may not be asked; RC_CONNECT no whole answer (`trouble` says why);
 *            RC_STOPPED. Any status is an answer, a redirect too: none is followed. Neither headers
 *            nor body, nor what follows the ? of the URL, is in an error.
 * Limits:    HTTP_BODY_MAX of body, as much of headers; TLS 1.2 or later, verified; no .netrc,
 *            no cookies, no other protocol.
 * Threads:   any.
 */
#ifndef SSISMINER_HTTP_HTTP_H
#define SSISMINER_HTTP_HTTP_H

#include "ssisminer/base/err.h"
#include "ssisminer/base/secret.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    HTTP_BODY_MAX = 64 * 1024,
    HTTP_CHALLENGE_MAX = 2048,
    HTTP_REFUSAL_MAX = 256,
    HTTP_HEADERS_MAX = 8,
    HTTP_QUIET_MS = 3000
};

typedef struct HttpRequest {
    const char *url;
    const char *headers[HTTP_HEADERS_MAX]; // "Name: value"; NULL after the last
    const char
        *form; // posted, if any: application/x-www-form-urlencoded, unless a header says else
    /* Of the platform that this machine runs on: never through a proxy, and http will do to a
     * loopback or link-local address. Anything else takes https, and the user's proxy. */
    bool is_metadata;
    /* Is told something: what stands behind the host is a secret, which no word shows. http will do
     * to this machine, and no proxy is asked to go there. */
    bool is_webhook;
    const char *ca_file; // certificates to trust (PEM); NULL: SSL_CERT_FILE, or the system's
    const char *who; // after HTTP_QUIET_MS it is said (base/log.h) that this is waited for; or NULL
    long connect_ms; // longest wait for the connection
    long total_ms;   // and for all of it
} HttpRequest;

typedef enum HttpTrouble {
    HTTP_FINE,
    HTTP_ABSENT,    // no such host, nobody listens, no way there, no connection in time
    HTTP_SLOW,      // connected, and not done in time
    HTTP_BROKEN,    // cut off, or not HTTP
    HTTP_UNTRUSTED, // TLS failed
    HTTP_TOO_LARGE,
    HTTP_UNUSABLE // libcurl is missing, or refuses to work
} HttpTrouble;

typedef struct HttpReply {
    HttpTrouble trouble;
    int status;
    long retry_after_s;                 // -1 when it did not say so in seconds
    char challenge[HTTP_CHALLENGE_MAX]; // WWW-Authenticate, or ""
    char refusal[HTTP_REFUSAL_MAX];     // of a mail server: its code and words, or ""
    Secret body;
} HttpReply;

/* Whether its URL may be asked at all; nothing is sent. */
Rc http_check(const HttpRequest *request, Err *err) MUST_CHECK;
/* On failure ret_reply has its trouble and nothing else. */
Rc http_send(const HttpRequest *request, HttpReply *ret_reply, Err *err) MUST_CHECK;
void http_reply_done(HttpReply *reply);

/* A value as it may stand in a query or a form. */
void http_put_escaped(Secret *out, const char *value);

#endif
