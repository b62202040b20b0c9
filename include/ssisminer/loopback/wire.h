/*
 * The sandbox's TDS 7.4 server: one thread a connection, loopback only.
 *
 * Ownership: the texts of the options are borrowed for the life of the Wire.
 * Errors:    RC_USAGE for options and files, RC_CONNECT for the socket and TLS.
 */
#ifndef SSISMINER_LOOPBACK_WIRE_H
#define SSISMINER_LOOPBACK_WIRE_H

#include "ssisminer/base/err.h"
#include "ssisminer/engine/engine.h"

#include <stdbool.h>

typedef enum WireTls {
    WIRE_TLS_OFF,    // plain only
    WIRE_TLS_ON,     // the client decides
    WIRE_TLS_REQUIRE // as Azure: nothing goes without
} WireTls;

typedef struct WireOptions {
    int port;             // 0: any free one
    const char *password; // for every login
    const char *database; // where a login without a database lands
    WireTls tls;
    const char *tls_name; // the made certificate is for this name alone; NULL: localhost, 127.0.0.1
    const char *cert_file, *key_file; // PEM; NULL: a self-signed one is made in dir
    const char *dir;                  // private directory for made files
    const char *log_path; // every batch and RPC received, one JSON line each; NULL: none
    const char *fault;    // "--fault" text (see `ssisminer-sandbox help serve`), NULL: none
    const char
        *replay; // replay mode: "ROWS" (a prepared result served at memory speed), NULL: none
} WireOptions;

typedef struct Wire Wire;

Rc wire_listen(const WireOptions *options, Engine *engine, Wire **ret_wire, Err *err) MUST_CHECK;
int wire_port(const Wire *wire);
const char *wire_ca_file(const Wire *wire); // certificate to trust, NULL without TLS
/* Serves until a stop is wanted (base/stop.h), then ends every connection. */
Rc wire_serve(Wire *wire, Err *err) MUST_CHECK;
void wire_free(Wire *wire); // accepts NULL

const char *wire_fault_help(void); // what --fault takes, as lines of help

#endif
