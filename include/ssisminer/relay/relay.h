/*
 * The relay: a thread of this process that takes one plain FreeTDS connection on loopback and makes
 * the real one, with OpenSSL: TLS around the whole connection (TDS 7.4 or strict), SQL login or
 * token, Azure's redirect; then it passes packets both ways until either side ends.
 *
 * Ownership: texts and the token of the options are copied.
 * Errors:    relay_open RC_CONNECT (no loopback, no thread, no /proc) or RC_USAGE (options). What
 * goes wrong later reaches FreeTDS as a server's error of number RELAY_ERROR with its hint, and the
 * caller by relay_failed, which knows more. What the server itself answers to the login comes as it
 * is. Security:  only the FreeTDS of this process gets in: its socket is one of our own
 * (/proc/self/fd) and it has the one-time secret. Others are turned away, and listening goes on.
 * Threads:   one of its own, which ends with either side; relay_close waits for it, unless it hangs
 * in the resolver: then it ends by itself.
 */
#ifndef SSISMINER_RELAY_RELAY_H
#define SSISMINER_RELAY_RELAY_H

#include "ssisminer/base/err.h"
#include "ssisminer/base/secret.h"

#include <stdbool.h>

enum { RELAY_ERROR = 19990 }; // no number of a server's, and none of FreeTDS's

/* Where a token for a login comes from: initializes *ret_token and puts the JWT into it. Called by
 * the thread that connects, before each login, so that a connection made anew after hours has a
 * token that is good. is_refused: the server has just refused the one before, which is not to be
 * given again. */
typedef Rc RelayFetch(void *self, bool is_refused, Secret *ret_token, Err *err);

typedef struct RelayOptions {
    const char *host;     // name or address; IPv6 without brackets
    const char *instance; // looked up by the server's browser when port is 0
    int port;
    bool is_strict;
    bool trusts_any;             // the certificate is not verified; refused with a token
    const char *ca_file;         // NULL: the system's trust store
    const char *user, *password; // both NULL with a token, or with a Kerberos login
    const Secret *token;         // NULL for none
    bool is_integrated;          // FreeTDS brings Kerberos tickets, which are passed on
    long login_ms;               // all that the login may take
} RelayOptions;

typedef struct Relay Relay;

/* How a login ended that this side, and not the server, ended. */
typedef enum RelayEnd {
    RELAY_END_NONE,   // not so
    RELAY_END_REACH,  // no connection: name, port, network
    RELAY_END_TIME,   // the login's time is over
    RELAY_END_LOST,   // it broke in the middle
    RELAY_END_REFUSED // never passes: certificate, encryption, redirect, protocol
} RelayEnd;

/* Whether this machine lets the relay tell who connects to it: it needs /proc. */
bool relay_is_possible(void);

Rc relay_open(const RelayOptions *options, Relay **ret_relay, Err *err) MUST_CHECK;
void relay_close(Relay *relay); // accepts NULL

int relay_port(const Relay *relay);           // on 127.0.0.1, for FreeTDS
const char *relay_secret(const Relay *relay); // the password FreeTDS is to use, hex digits
/* RELAY_END_NONE while all is well or the server itself refused; else sets *err as well. */
RelayEnd relay_failed(Relay *relay, Err *err);

/* What the connection is, once FreeTDS is logged in. */
typedef struct RelayFacts {
    bool is_open;
    bool is_verified;  // chain and name of the certificate
    char protocol[16]; // "TLSv1.2"
    char place[300];   // "host,port" where it ended after redirects
    int hops;          // redirects followed
} RelayFacts;

RelayFacts relay_facts(Relay *relay);

#endif
