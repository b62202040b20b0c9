/* Asks a service for a token, and again as it allows. */
#include "internal.h"

#include "ssisminer/base/log.h"

long token_time_left(const TokenSource *source, long most)
{
    int64_t left = source->deadline_ms - source->outside->now_ms();

    return left < 1 ? 1 : left < most ? (long)left : most;
}

long token_answer_ms(const TokenSource *source)
{
    enum { ANSWER_MS = 15000 };
    long login_ms = source->options.login_ms;

    return token_time_left(source, login_ms > 0 && login_ms < ANSWER_MS ? login_ms : ANSWER_MS);
}

/* How often each kind of trouble came so far. */
typedef struct Tries {
    size_t passing, absent, updating, slow;
} Tries;

enum {
    GONE = 410,
    UPDATE_WAIT_MS = 10000,
    UPDATE_TRIES = 7,
    ABSENT_WAIT_MS = 1000,
    SLOW_TRIES = 1
};

/* -1 when there is no further try. */
static long next_wait(const TokenPatience *patience, size_t *tries)
{
    return *tries < patience->wait_count ? patience->waits_ms[(*tries)++] : -1;
}

static long wait_after_status(const TokenPatience *patience, const HttpReply *reply, Tries *tries)
{
    enum { RETRY_AFTER_MOST_S = 60 };

    if (reply->status == GONE && patience->waits_for_update)
        return tries->updating++ < UPDATE_TRIES ? UPDATE_WAIT_MS : -1;
    if (!patience->is_passing(reply->status))
        return -1;
    long wait_ms = next_wait(patience, &tries->passing);
    long wished_s =
        reply->retry_after_s < RETRY_AFTER_MOST_S ? reply->retry_after_s : RETRY_AFTER_MOST_S;
    return wait_ms >= 0 && wished_s * 1000 > wait_ms ? wished_s * 1000 : wait_ms;
}

static long wait_after_trouble(const TokenPatience *patience, HttpTrouble trouble, Tries *tries)
{
    switch (trouble) {
    case HTTP_ABSENT:
        return tries->absent++ < patience->absent_tries ? ABSENT_WAIT_MS : -1;
    case HTTP_SLOW: // who was silent once is rather mute than busy
        return tries->slow++ < SLOW_TRIES ? next_wait(patience, &tries->passing) : -1;
    case HTTP_BROKEN:
        return next_wait(patience, &tries->passing);
    case HTTP_FINE:
    case HTTP_UNTRUSTED:
    case HTTP_TOO_LARGE:
    case HTTP_UNUSABLE:
        break;
    }
    return -1;
}

static void tell_wait(const char *who, const HttpReply *reply, const Err *why, long wait_ms)
{
    enum { SHORT_MS = 2000 };

    if (wait_ms < SHORT_MS)
        return;
    if (reply->status)
        log_note("%s answered %d; asking again in %ld s", who, reply->status, wait_ms / 1000);
    else
        log_note("%s: %s; asking again in %ld s", who, why->text, wait_ms / 1000);
}

Rc token_ask(TokenSource *source, const char *who, const TokenPatience *patience, TokenAsk *ask,
             void *context, HttpReply *ret_reply, Err *err)
{
    Tries tries = {0};

    for (;;) {
        HttpReply reply = {0};
        Err why = {0};
        Rc rc = ask(source, context, &reply, &why);
        bool is_over = rc != RC_OK && rc != RC_CONNECT;
        long wait_ms = is_over       ? -1
                       : rc == RC_OK ? wait_after_status(patience, &reply, &tries)
                                     : wait_after_trouble(patience, reply.trouble, &tries);
        if (wait_ms < 0 || source->outside->now_ms() + wait_ms >= source->deadline_ms) {
            *ret_reply = reply; // of a failure, its trouble
            if (rc != RC_OK)
                *err = why;
            return rc;
        }
        tell_wait(who, &reply, &why, wait_ms);
        http_reply_done(&reply);
        TRY(source->outside->sleep_ms(wait_ms, err));
    }
}
