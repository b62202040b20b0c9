/*
 * Keeps the time that a driver does not: FreeTDS's own time-outs begin anew with each byte, and
 * its cancel waits for an answer.
 *
 * What it watches is one call of the driver after the other, each from tds_watch_enter to
 * tds_watch_leave: a login, a statement until its first row (one without rows: to its end), a row
 * with all its values, a close. Each of them has to be over in its limit. TDS_WATCH_GRACE_MS past
 * it (in which a driver that noticed itself may end the statement in order) the connection is
 * broken, so that the call comes back whatever the server does. A wish to stop (base/stop.h)
 * cancels at once, and breaks after the same grace. Should a driver not come back even then, the
 * program is ended (stop_hard). What is between two calls is the program's own time, and has no
 * limit: a query that streams ten million rows for an hour is in time if each row is.
 *
 * It also bounds how much a call takes in, since what a server sends without an end (messages, one
 * value) gathers in the driver, and how much memory rows without an end may fill; and it ends calls
 * that do not notice that the server has left (FreeTDS 1.3.17 spins when TLS was closed in order),
 * and logins that are over, when the driver manager reads some servers' words without an end.
 *
 * Threads: two of its own, begun with the first call: one looks at the clock and may break, one
 *          calls SQLCancel, which may wait. The rest is for the thread that calls the driver.
 */
#ifndef SSISMINER_SRC_TDS_WATCH_H
#define SSISMINER_SRC_TDS_WATCH_H

#include "driver.h"

enum {
    TDS_WATCH_GRACE_MS = 4000,
    TDS_WATCH_MEMORY_KB = 1024 * 1024 // of the process, while an answer is read
};

typedef enum TdsBroke { // why a call was ended
    TDS_BROKE_NOT,
    TDS_BROKE_TIME,
    TDS_BROKE_BYTES,
    TDS_BROKE_MEMORY,
    TDS_BROKE_STOP,
    TDS_BROKE_LEFT, // by the server, and the driver has not noticed
    TDS_BROKE_SPUN  // a login that is over and does not come back
} TdsBroke;

typedef struct TdsWatch TdsWatch;

TdsWatch *tds_watch_new(const TdsDriver *driver);
void tds_watch_free(TdsWatch *watch); // accepts NULL; waits for the threads

/* A connection is made between these two, and its sockets are the ones that appear meanwhile; of a
 * relay's, the one that is connected to its port (else 0). */
void tds_watch_connect(TdsWatch *watch, long limit_ms, int relay_port);
void tds_watch_connected(TdsWatch *watch);

/* The statement that a limit or a stop cancels, and how long each of its calls may take, and how
 * many bytes; tds_watch_allow gives these anew once it is known how large a row may be. */
void tds_watch_arm(TdsWatch *watch, SQLHSTMT stmt, long limit_ms, uint64_t bytes);
void tds_watch_allow(TdsWatch *watch, uint64_t bytes);
void tds_watch_enter(TdsWatch *watch);
void tds_watch_leave(TdsWatch *watch);

/* A statement, or the connection, is given back between these two; nothing cancels any more. */
void tds_watch_close(TdsWatch *watch);
void tds_watch_closed(TdsWatch *watch);

TdsBroke tds_watch_broke(TdsWatch *watch); // since connect or arm
/* The connection's sockets as they are now; false where none is known. */
bool tds_watch_is_dead(const TdsWatch *watch);
void tds_watch_forget(TdsWatch *watch); // there is no connection any more

#endif
