/* One transfer of libcurl's, of whatever protocol: its handles, its course, what went wrong. */
#ifndef SSISMINER_HTTP_EXCHANGE_H
#define SSISMINER_HTTP_EXCHANGE_H

#include "library.h"

#include "ssisminer/base/str.h"
#include "ssisminer/http/http.h"

enum { EXCHANGE_PLACE_MAX = 300 };

typedef struct Exchange { // {.reply = …}; undone by exchange_done
    const Library *curl;
    CURLU *url;
    CURL *easy;
    CURLM *multi;
    struct curl_slist *list; // headers, or recipients
    HttpReply *reply;
    size_t header_bytes;
    bool is_too_large;
    Str left;                       // to be uploaded
    const char *trusted_by;         // what else names certificates to trust; NULL: SSL_CERT_FILE
    char place[EXCHANGE_PLACE_MAX]; // what words about it call the other side: nothing secret
    char words[CURL_ERROR_SIZE];
} Exchange;

void exchange_done(Exchange *call);

/* Loads libcurl; `purpose` begins the error: "cannot ask for a token". */
Rc exchange_open(Exchange *call, const char *purpose, Err *err) MUST_CHECK;
/* What every transfer has: time-outs, certificates that are verified, callbacks. */
bool exchange_prepare(Exchange *call, const char *ca_file, long connect_ms, long total_ms);
Rc exchange_fail_prepare(Exchange *call, const char *purpose, Err *err);

bool exchange_set_text(const Exchange *call, CURLoption option, const char *text);
bool exchange_set_long(const Exchange *call, CURLoption option, long value);
bool exchange_add(Exchange *call, const char *text); // to the list
void exchange_no_proxy(const Exchange *call, bool *is_set);

/* Until it is done, or a stop is wanted; `who` is told to wait, as in HttpRequest. */
Rc exchange_run(Exchange *call, const char *who, long total_ms, CURLcode *ret_code,
                Err *err) MUST_CHECK;
int exchange_status(const Exchange *call); // that the other side gave last; 0 for none
/* Sets the reply's trouble and the error. `hint`: what to do about what is no TLS; may be NULL. */
Rc exchange_fail(Exchange *call, CURLcode code, const char *hint, Err *err);
bool exchange_is_of_proxy(const Exchange *call, CURLcode code);

typedef enum Reach { REACH_ELSEWHERE, REACH_LINK, REACH_LOOPBACK } Reach;
/* 127.0.0.0/8, [::1] and localhost are this machine, 169.254.0.0/16 and [fe80::]/10 its link. */
Reach exchange_reach(const char *host);

#endif
