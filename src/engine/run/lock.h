/*
 * Who waits for whom: SQLite's one write transaction, and application locks.
 *
 * A wait honors LOCK_TIMEOUT (1222), ends when the session is canceled, and is seen in
 * sys.dm_exec_requests; a circle of waits makes the session that would close it the victim (1205).
 */
#ifndef ENGINE_LOCK_H
#define ENGINE_LOCK_H

#include "state.h"

/* Until no other session writes; who writes takes the place. false with 1222 or 1205 in fault, or
 * without one when the session was canceled. */
bool lock_wait(Session *session, bool writes, Fault *fault);
void unlock_writer(Session *session);

enum {
    APPLOCK_GRANTED = 0,
    APPLOCK_WAITED = 1,
    APPLOCK_TIMEOUT = -1,
    APPLOCK_CANCELLED = -2,
    APPLOCK_DEADLOCK = -3,
    APPLOCK_INVALID = -999
};

int applock_mode(Str name); // -1: none of that name
const char *applock_mode_name(int mode);
int applock_take(Session *session, Str resource, int mode, bool of_transaction, long timeout_ms);
bool applock_release(Session *session, Str resource, bool of_transaction); // false: not held
void applock_release_all(Session *session, bool of_transaction_only);

void lock_wake(Engine *engine); // after a cancel

#endif
