/*
 * TLS as TDS 7.4 has it: the handshake travels inside 0x12 packets, afterwards the packets travel
 * inside TLS. Also the self-signed certificate for a private server.
 *
 * Limits: inside packets TLS 1.2 only, as SQL Server speaks it before TDS 8: the tickets of TLS 1.3
 *         would arrive just where the framing changes.
 */
#ifndef LOOPBACK_TLS_H
#define LOOPBACK_TLS_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/loopback/link.h"
#include "ssisminer/loopback/wire.h"

#include <openssl/types.h>

/* Makes DIR/sandbox-cert.pem and DIR/sandbox-key.pem (0600) for `name`, NULL for localhost
 * and 127.0.0.1. */
Rc tls_make_certificate(const char *dir, const char *name, Arena *arena, char **ret_cert_file,
                        char **ret_key_file, Err *err) MUST_CHECK;

Rc tls_load(const WireOptions *options, const char *cert_file, const char *key_file,
            SSL_CTX **ret_context, Err *err) MUST_CHECK;

/* Server side of the handshake, inside PRELOGIN packets or (strict) before them; on success the
 * link speaks TLS. */
bool tls_accept(Link *link, SSL_CTX *context);
bool tls_accept_strict(Link *link, SSL_CTX *context);

/* Back to plain packets, where only the login was to be hidden. */
void tls_leave(Link *link);

#endif
