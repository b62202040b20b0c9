/*
 * Watches a connection's socket while its statement is running: a client that sends something then
 * (an attention) or hangs up wants it ended.
 *
 * On a thread of its own. While armed, the flag is set and the session canceled, again and again
 * until disarmed, since a cancel that comes just before the statement starts is lost.
 */
#ifndef LOOPBACK_WATCH_H
#define LOOPBACK_WATCH_H

#include "ssisminer/engine/engine.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Watched { // one a connection; zeroed when new
    int fd;
    Session *session;
    atomic_bool is_canceled;
    pthread_t thread;
    pthread_mutex_t lock; // guards what follows
    int wake_fd;          // at the next arming, and at the end
    uint64_t arming;      // the how manyth
    bool is_armed, is_over, is_started;
} Watched;

bool watch_start(Watched *watched); // false: no thread is to be had
void watch_stop(Watched *watched);  // one that never started, too

void watch_arm(Watched *watched);
void watch_disarm(Watched *watched);

#endif
