/* One client, from its first packet to its last, on a thread of its own. */
#ifndef LOOPBACK_CONNECTION_H
#define LOOPBACK_CONNECTION_H

#include "entra.h"
#include "rpc.h"
#include "ssisminer/loopback/hooks.h"
#include "ssisminer/loopback/wire.h"
#include "traffic.h"
#include "watch.h"

#include <openssl/types.h>

typedef struct Service { // what all connections share
    const WireOptions *options;
    Engine *engine;
    SSL_CTX *tls; // NULL: plain only
    Entra *entra; // NULL: no tokens
    Traffic *traffic;
    const WireHooks *hooks;
} Service;

typedef struct Prepared { // by sp_prepare or sp_prepexec
    int32_t handle;       // 0: free
    char *declarations, *statement;
} Prepared;

typedef struct Connection {
    const Service *service;
    Link link;
    Session *session;
    Watched watched;
    Arena arena; // of one request
    char *user, *application, *host;
    Prepared *prepared;
    size_t prepared_count;
    int32_t last_handle;
    bool is_in_transaction;
    bool is_over, is_strict;
    bool wants_echo;   // of FEDAUTHREQUIRED
    bool is_before_73; // TDS 7.2, which has no type for a date
} Connection;

/* Serves until the client leaves, then closes fd. */
void connection_serve(const Service *service, int fd);

/* Runs one statement as every request does: the record, the hooks, the engine.
 * False when the connection is over and nothing more may be answered. */
bool connection_run(Connection *connection, Response *response, const TrafficEntry *entry,
                    SbParam *params, size_t param_count);
Response connection_response(Connection *connection, bool is_procedure);
/* Ends an answer: the common end, or the two messages of a canceled one. */
void connection_end_batch(Connection *connection, Response *response);
void connection_end_procedure(Connection *connection, Response *response, int32_t status,
                              const SbParam *params, size_t count);

/* call.c: one remote procedure call. */
void call_run(Connection *connection, const Rpc *rpc);
void call_forget_all(Connection *connection);

/* handshake.c: everything up to the session. False: refused or gone. */
bool handshake(Connection *connection);

#endif
