/*
 * A look at the network after a connection failed, since drivers say little about it: is
 * the name known, does anything listen, does it answer as a SQL Server does?
 */
#ifndef SSISMINER_SRC_TDS_NETWORK_H
#define SSISMINER_SRC_TDS_NETWORK_H

#include "server.h"

#include "ssisminer/base/str.h"

typedef enum TdsReach {
    TDS_REACH_NO_HOST,  // the name does not resolve
    TDS_REACH_REFUSED,  // nothing listens on the port
    TDS_REACH_NO_ROUTE, // network or host unreachable
    TDS_REACH_NO_REPLY, // not even a refusal: packets are dropped
    TDS_REACH_SILENT,   // connected, and no answer to PRELOGIN
    TDS_REACH_CLOSED,   // connected, and closed without an answer
    TDS_REACH_TLS,      // answers with a record of TLS: strict encryption only
    TDS_REACH_NOT_TDS,  // answers something else
    TDS_REACH_ANSWERS   // a TDS server
} TdsReach;

typedef enum TdsOffer { // the ENCRYPTION byte of a PRELOGIN answer, [MS-TDS] 2.2.6.5
    TDS_OFFER_LOGIN_ONLY = 0,
    TDS_OFFER_ON = 1,
    TDS_OFFER_NONE = 2,
    TDS_OFFER_REQUIRED = 3
} TdsOffer;

typedef struct TdsNetwork {
    TdsReach reach;
    TdsOffer offer;  // with TDS_REACH_ANSWERS
    char words[200]; // the system's, where it has some
} TdsNetwork;

/* Takes at most about budget_ms (the resolver has its own limits). Sends one PRELOGIN packet
 * and nothing else. */
void tds_network_look(const TdsServer *server, long budget_ms, TdsNetwork *ret_network);

/* One PRELOGIN packet, [MS-TDS] 2.2.6.5. */
extern const Str tds_prelogin;

/* Sets reach and offer by an answer to PRELOGIN, of whatever bytes. */
void tds_network_read_offer(const unsigned char *answer, size_t len, TdsNetwork *network);

#endif
