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
    WIRE_TLS_OFF,     // plain only
    WIRE_TLS_ON,      // the client decides
    WIRE_TLS_REQUIRE, // as Azure: nothing goes without
    WIRE_TLS_LOGIN    // for the login alone, whatever the client says
} WireTls;

typedef enum WireStrict {
    WIRE_STRICT_ON,  // as SQL Server 2022: who begins with TLS gets it
    WIRE_STRICT_OFF, // as 2019: such a client waits for ever
    WIRE_STRICT_ONLY // nobody else is answered
} WireStrict;

typedef enum WireTlsVersion { WIRE_TLS_ANY, WIRE_TLS_1_2, WIRE_TLS_1_3 } WireTlsVersion;

typedef enum WireEntra { // what is said to FEDAUTHREQUIRED: nothing, 0, 1, 1
    WIRE_ENTRA_OFF,
    WIRE_ENTRA_OPTIONAL,
    WIRE_ENTRA_REQUIRED,
    WIRE_ENTRA_ONLY // SQL logins are refused
} WireEntra;

typedef struct WireOptions {
    int port;             // 0: any free one
    const char *password; // for every login
    const char *database; // where a login without a database lands
    WireTls tls;
    const char *tls_name; // the made certificate is for this name alone; NULL: localhost, 127.0.0.1
    WireStrict strict;
    WireTlsVersion tls_version; // before TDS 8 it is 1.2 at most
    WireEntra entra;
    const char *entra_key;            // PEM, the public key that tokens are signed for
    const char *entra_audience;       // what they are to be meant for
    const char *cert_file, *key_file; // PEM; NULL: a self-signed one is made in dir
    const char *dir;                  // private directory for made files
    const char *log_path;          // every batch and RPC received, one JSON line each; NULL: none
    const struct WireHooks *hooks; // hooks.h; borrowed for the life of the Wire; NULL: none
} WireOptions;

typedef struct Wire Wire;

Rc wire_listen(const WireOptions *options, Engine *engine, Wire **ret_wire, Err *err) MUST_CHECK;
int wire_port(const Wire *wire);
const char *wire_ca_file(const Wire *wire); // certificate to trust, NULL without TLS
/* Serves until a stop is wanted (base/stop.h), then ends every connection. */
Rc wire_serve(Wire *wire, Err *err) MUST_CHECK;
void wire_free(Wire *wire); // accepts NULL

#endif
