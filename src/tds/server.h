/* Where a server is: the text after -S, taken apart and found harmless. */
#ifndef SSISMINER_SRC_TDS_SERVER_H
#define SSISMINER_SRC_TDS_SERVER_H

#include "ssisminer/base/arena.h"

#include <stdbool.h>

/* A login record has room for 128 characters of the server's name. */
enum { TDS_DEFAULT_PORT = 1433, TDS_HOST_MAX = 128, TDS_INSTANCE_MAX = 64 };

typedef struct TdsServer {
    char host[TDS_HOST_MAX + 1];         // a name or an address; IPv6 without its brackets
    char instance[TDS_INSTANCE_MAX + 1]; // empty for none
    int port;                            // 0: ask the server's browser for the instance
    char section[TDS_HOST_MAX + 1];      // its name in freetds.conf; empty: as the host
} TdsServer;

/* [tcp:]host[,port] or [tcp:]host\instance[,port]; '.' and '(local)' are this machine. What
 * comes out can be written into freetds.conf as it is. Error RC_USAGE. */
Rc tds_server_parse(const char *text, TdsServer *ret_server, Err *err) MUST_CHECK;

/* The SPN that a Kerberos ticket for the server is for. A short name is made whole as
 * FreeTDS does. */
const char *tds_service_name(const TdsServer *server, Arena *arena);

/* True for the names of Azure's own SQL services, whose gateway may redirect. */
bool tds_server_is_azure(const TdsServer *server);

#endif
