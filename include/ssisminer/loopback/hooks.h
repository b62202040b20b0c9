/*
 * What may come between the server's own steps. The product's server has none; whoever wants one
 * that goes wrong, or that answers something else, hands a table of these in (src/sandbox/wire).
 *
 * Each gets the table's context and the answer that is being made; one that is NULL is passed over.
 * Threads: they are called from the thread of each connection.
 */
#ifndef SSISMINER_LOOPBACK_HOOKS_H
#define SSISMINER_LOOPBACK_HOOKS_H

#include "ssisminer/loopback/response.h"

typedef struct WireRoute { // another server to send a login on to
    const char *host;      // NULL: none
    int port;
} WireRoute;

typedef struct WireHooks {
    void *context;
    /* A client has come. False: it is not served. */
    bool (*connect)(void *context, Response *response);
    /* It has sent its login. False: it is not looked at; what stands in the response
     * is answered. */
    bool (*login)(void *context, Response *response, WireRoute *ret_route);
    /* A statement is next. False: it is not run; what stands in the response is answered. */
    bool (*statement)(void *context, Response *response, Str text, const SbParam *params,
                      size_t count);
    /* Who hears what the engine says of it. */
    SbSink (*sink)(void *context, Response *response, Str text);
    /* A row stands in the output from row_at on. False: no more of them. */
    bool (*row)(void *context, Response *response, size_t row_at);
    /* All of an answer is put but its end. */
    void (*end)(void *context, Response *response, Str text);
} WireHooks;

/* What the hook says; true where there is none. */
#define HOOK(hooks, what, ...) (!(hooks)->what || (hooks)->what((hooks)->context, __VA_ARGS__))

#endif
