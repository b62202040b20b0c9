/*
 * The sockets under a connection. ODBC does not tell them, so they are found by looking which
 * network sockets a call of the driver has left open, and known again by their inode.
 *
 * Threads: any; nothing here waits.
 */
#ifndef SSISMINER_SRC_TDS_SOCKET_H
#define SSISMINER_SRC_TDS_SOCKET_H

#include "ssisminer/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { TDS_SOCKETS_MAX = 16 };

typedef struct TdsSocket {
    int fd;
    ino_t inode;
} TdsSocket;

typedef struct TdsSockets {
    TdsSocket at[TDS_SOCKETS_MAX];
    size_t count;
} TdsSockets;

/* The network sockets of this process, but for those; with a port, only one that is connected to
 * that port on loopback. */
void tds_sockets_find(const TdsSockets *but, int port, TdsSockets *ret_sockets);

/* No program that is started meanwhile gets them: it would hold a session open, and
 * could use it. */
void tds_sockets_keep(const TdsSockets *sockets);

/* True when none is left that could carry anything: closed here, or ended or broken by the server.
 * False when nothing is known about them (count 0). */
bool tds_sockets_are_dead(const TdsSockets *sockets);
/* The server has ended it, and the driver has read all that came before. */
bool tds_sockets_are_left(const TdsSockets *sockets);
/* How many bytes the driver has taken from them; 0 where the system does not tell. */
uint64_t tds_sockets_taken(const TdsSockets *sockets);

/* Ends them at once (RST), so that whoever waits for them wakes with an error. */
void tds_sockets_break(const TdsSockets *sockets);

/* RC_CONNECT when this process, or the machine, may not open that many more files (up to 64). */
Rc tds_check_descriptors(size_t count, Err *err) MUST_CHECK;

#endif
