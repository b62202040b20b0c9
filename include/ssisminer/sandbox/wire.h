/*
 * The sandbox's TDS 7.4 server: one thread a connection, loopback only.
 */
#ifndef SSISMINER_SANDBOX_WIRE_H
#define SSISMINER_SANDBOX_WIRE_H

#include "ssisminer/base/err.h"
#include "ssisminer/sandbox/engine.h"

#include <stdbool.h>

typedef struct WireOptions {
    int port;             // 0: any free one
    const char *password; // for every login
    bool tls;             // offer TLS (the client decides); false: plain only
    const char *cert_file, *key_file; // PEM; NULL: a self-signed one for localhost and 127.0.0.1 is made in dir
    const char *dir;      // private directory for made files
    const char *log_path; // every batch and RPC received, one JSON line each; NULL: none
    const char *fault;    // "--fault" text (see `ssisminer-sandbox help serve`), NULL: none
    const char *replay;   // replay mode: "ROWS" (a prepared result served at memory speed), NULL: none
} WireOptions;

typedef struct Wire Wire;

Rc wire_listen(const WireOptions *options, Engine *engine, Wire **ret_wire, Err *err) MUST_CHECK;
int wire_port(const Wire *wire);
const char *wire_ca_file(const Wire *wire); // certificate to trust, NULL without TLS
Rc wire_serve(Wire *wire, Err *err) MUST_CHECK; // until a stop is wanted
void wire_free(Wire *wire);

#endif
