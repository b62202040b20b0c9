/*
 * Watches the sockets of connections whose statement is running: a client that sends something
 * then (an attention) or hangs up wants it ended.
 *
 * One thread for all. While armed, the flag is set and the session cancelled, again and again
 * until disarmed, since a cancel that comes just before the statement starts is lost.
 */
#ifndef LOOPBACK_WATCH_H
#define LOOPBACK_WATCH_H

#include "ssisminer/base/err.h"
#include "ssisminer/engine/engine.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Watcher Watcher;

typedef struct Watched { // one a connection; zeroed when new
    int fd;
    Session *session;
    atomic_bool is_cancelled;
    uint64_t serial; // of this arming
    struct Watched *next;
} Watched;

Rc watcher_start(Watcher **ret_watcher, Err *err) MUST_CHECK;
void watcher_stop(Watcher *watcher); // nothing may be armed any more

void watcher_arm(Watcher *watcher, Watched *watched);
void watcher_disarm(Watcher *watcher, Watched *watched);

#endif
