#include "internal.h"

long token_time_left(const TokenSource *source, long most)
{
    int64_t left = source->deadline_ms - source->outside->now_ms();

    return left < 1 ? 1 : left < most ? (long)left : most;
}

/* How often each kind of trouble came so far. */
typedef struct Tries {
    size_t passing, absent, updating;
} Tries;

enum { GONE = 410, UPDATE_WAIT_MS = 10000, UPDATE_TRIES = 7, ABSENT_WAIT_MS = 1000 };

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
    case HTTP_SLOW:
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

Rc token_ask(TokenSource *source, const TokenPatience *patience, TokenAsk *ask, void *context,
             HttpReply *ret_reply, Err *err)
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
        http_reply_done(&reply);
        TRY(source->outside->sleep_ms(wait_ms, err));
    }
}
