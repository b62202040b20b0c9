/*
 * The record of what clients sent: one JSON line a request, so that tests can prove what a
 * command did and did not send. Passwords never get here.
 *
 *     {"n":7,"session":51,"login":"sa","kind":"rpc","procedure":"sp_executesql",
 *      "text":"select @a","params":[{"name":"@a","type":"int","value":5}]}
 *
 * kind: login, batch, rpc, transaction, attention. n counts the lines.
 * Threads: any; lines never mix.
 */
#ifndef LOOPBACK_TRAFFIC_H
#define LOOPBACK_TRAFFIC_H

#include "ssisminer/base/err.h"
#include "ssisminer/engine/engine.h"
#include "ssisminer/packet/login.h"

typedef struct Traffic Traffic; // NULL is one that records nothing

typedef struct TrafficEntry {
    int session;
    const char *login, *kind;
    const char *procedure; // NULL: none
    Str text;              // at NULL: none
    Str declarations;      // of its parameters, as sp_executesql takes them; at NULL: it has none
    const SbParam *params;
    size_t param_count;
} TrafficEntry;

Rc traffic_open(const char *path, Traffic **ret_traffic, Err *err) MUST_CHECK; // NULL: none
void traffic_close(Traffic *traffic);
void traffic_write(Traffic *traffic, const TrafficEntry *entry);
/* tls: its version, NULL for none. */
void traffic_write_login(Traffic *traffic, int session, const Login *login, const char *tls);

#endif
