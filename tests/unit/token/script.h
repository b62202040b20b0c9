/* The outside of a source as a script: answers in order, and what was asked. */
#ifndef SSISMINER_TESTS_TOKEN_SCRIPT_H
#define SSISMINER_TESTS_TOKEN_SCRIPT_H

#include "test.h"

#include "../../../src/token/internal.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct Said {
    int status; // 0: trouble instead
    const char *body;
    HttpTrouble trouble;
    long retry_after_s;
    const char *challenge;
} Said;

#define SAYS(code, text)                                                                           \
    {                                                                                              \
        .status = (code), .body = (text)                                                           \
    }

enum { ASKED_MOST = 32 };

static struct {
    const Said *said;
    size_t said_count;
    size_t asked;
    char urls[ASKED_MOST][512];
    char headers[ASKED_MOST][256];
    char forms[ASKED_MOST][8192];
    bool is_metadata[ASKED_MOST];
    long connect_ms[ASKED_MOST];
    const char *printed; // by a program; NULL: it fails
    char argv[1024];
    size_t runs;
    int64_t ms, unix_s, slept_ms;
    size_t sleeps;
} script;

static inline Rc script_send(const HttpRequest *request, HttpReply *ret_reply, Err *err)
{
    size_t at = script.asked < ASKED_MOST ? script.asked : ASKED_MOST - 1;
    const Said *said =
        &script.said[script.asked < script.said_count ? script.asked : script.said_count - 1];

    script.asked++;
    (void)snprintf(script.urls[at], sizeof(script.urls[at]), "%s", request->url);
    script.headers[at][0] = '\0';
    for (size_t i = 0; i < HTTP_HEADERS_MAX && request->headers[i]; i++) {
        size_t len = strlen(script.headers[at]);
        (void)snprintf(script.headers[at] + len, sizeof(script.headers[at]) - len, "%s%s",
                       len ? "|" : "", request->headers[i]);
    }
    (void)snprintf(script.forms[at], sizeof(script.forms[at]), "%s",
                   request->form ? request->form : "");
    script.is_metadata[at] = request->is_metadata;
    script.connect_ms[at] = request->connect_ms;
    *ret_reply = (HttpReply){.trouble = said->trouble, .retry_after_s = -1};
    if (said->status == 0)
        return err_set(err, RC_CONNECT, "the script has trouble");
    ret_reply->status = said->status;
    ret_reply->retry_after_s = said->retry_after_s ? said->retry_after_s : -1;
    if (said->challenge)
        (void)snprintf(ret_reply->challenge, sizeof(ret_reply->challenge), "%s", said->challenge);
    secret_init(&ret_reply->body, HTTP_BODY_MAX);
    secret_puts(&ret_reply->body, said->body ? said->body : "");
    return RC_OK;
}

static inline Rc script_run(const char *const *argv, long limit_ms, Secret *ret_printed, Err *err)
{
    size_t len = 0;

    assert_true(limit_ms > 0);
    script.runs++;
    for (; *argv; argv++)
        len += (size_t)snprintf(script.argv + len, sizeof(script.argv) - len, "%s%s",
                                len ? " " : "", *argv);
    if (!script.printed)
        return err_set(err, RC_CONNECT, "'x' ended with 1: please log in");
    secret_init(ret_printed, TOKEN_MAX);
    secret_puts(ret_printed, script.printed);
    return RC_OK;
}

static inline Rc script_sleep(long ms, Err *err)
{
    (void)err;
    script.sleeps++;
    script.slept_ms += ms;
    script.ms += ms;
    script.unix_s += ms / 1000;
    return RC_OK;
}

static inline int64_t script_now_ms(void)
{
    return script.ms;
}

static inline int64_t script_now_unix_s(void)
{
    return script.unix_s;
}

static const TokenOutside script_outside = {.send = script_send,
                                            .run = script_run,
                                            .sleep_ms = script_sleep,
                                            .now_ms = script_now_ms,
                                            .now_unix_s = script_now_unix_s};

static inline void script_pass(int64_t seconds)
{
    script.ms += seconds * 1000;
    script.unix_s += seconds;
}

/* Answers from now on; the last one for ever. The time starts at 2026-01-01. */
#define SCRIPT(...)                                                                                \
    do {                                                                                           \
        static const Said said_[] = {__VA_ARGS__};                                                 \
        (void)memset(&script, 0, sizeof(script));                                                  \
        script.said = said_;                                                                       \
        script.said_count = ARRAY_LEN(said_);                                                      \
        script.ms = 1000000;                                                                       \
        script.unix_s = 1767225600;                                                                \
    } while (0)

/* The platform's variables: none, then these pairs. */
static inline void set_variables(const char *const *pairs)
{
    static const char *const all[] = {
        "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT", "IMDS_ENDPOINT",
        "MSI_ENDPOINT",      "MSI_SECRET",      "AZURE_FEDERATED_TOKEN_FILE"};

    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        (void)unsetenv(all[i]);
    for (; pairs && *pairs; pairs += 2)
        (void)setenv(pairs[0], pairs[1], 1);
}

#define VARIABLES(...) set_variables((const char *const[]){__VA_ARGS__, NULL})

/* One token of a new source; the source is freed. */
static inline Rc get_once(const TokenOptions *options, Secret *ret_token, Err *err)
{
    AUTO(token_source_free_at) TokenSource *source = NULL;

    TRY(token_source_new_in(&script_outside, options, &source, err));
    return token_get(source, TOKEN_ANY_VALID, ret_token, err);
}

#endif
