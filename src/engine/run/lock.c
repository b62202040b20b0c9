/* Who waits for whom: the one writer, application locks, and the victim of a circle. */
#include "lock.h"

#include "ssisminer/base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- waiting (engine->mutex is held) --------------------------------------------------------- */

static bool closes_circle(const Session *session, const Session *holder)
{
    for (int steps = 0; holder && steps < 1000; steps++, holder = holder->waits_for)
        if (holder == session)
            return true;
    return false;
}

static struct timespec deadline_in(long ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += ms % 1000 * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

typedef enum Wait { WAIT_AGAIN, WAIT_TIMEOUT, WAIT_CANCELLED, WAIT_DEADLOCK } Wait;

static Wait wait_for(Session *session, Session *holder, const char *type, long timeout_ms,
                     const struct timespec *deadline)
{
    Engine *engine = session->engine;
    if (atomic_load(&session->canceled))
        return WAIT_CANCELLED;
    if (closes_circle(session, holder))
        return WAIT_DEADLOCK;
    if (!session->waits_for)
        session->wait_start_ms = time_monotonic_ms();
    session->waits_for = holder;
    (void)snprintf(session->wait_type, sizeof session->wait_type, "%s", type);
    int rc = 0;
    if (timeout_ms == 0)
        rc = ETIMEDOUT;
    else if (timeout_ms < 0)
        pthread_cond_wait(&engine->changed, &engine->mutex);
    else
        rc = pthread_cond_timedwait(&engine->changed, &engine->mutex, deadline);
    session->waits_for = NULL;
    if (atomic_load(&session->canceled))
        return WAIT_CANCELLED;
    return rc == ETIMEDOUT ? WAIT_TIMEOUT : WAIT_AGAIN;
}

void lock_wake(Engine *engine)
{
    pthread_mutex_lock(&engine->mutex);
    pthread_cond_broadcast(&engine->changed);
    pthread_mutex_unlock(&engine->mutex);
}

/* ---- the write transaction ------------------------------------------------------------------- */

static bool report(Wait wait, const Session *session, Fault *fault)
{
    if (wait == WAIT_TIMEOUT)
        fault_set(fault, 0, MSG(1222));
    else if (wait == WAIT_DEADLOCK)
        fault_set(fault, 0, MSG(1205), session->id);
    fault->state = wait == WAIT_DEADLOCK ? 45 : 56;
    return false;
}

bool lock_wait(Session *session, bool writes, Fault *fault)
{
    Engine *engine = session->engine;
    long timeout = session->set.lock_timeout_ms;
    struct timespec deadline = deadline_in(timeout < 0 ? 0 : timeout);
    Wait wait = WAIT_AGAIN;

    pthread_mutex_lock(&engine->mutex);
    while (engine->writer && engine->writer != session && wait == WAIT_AGAIN)
        wait =
            wait_for(session, engine->writer, writes ? "LCK_M_X" : "LCK_M_S", timeout, &deadline);
    bool is_free = !engine->writer || engine->writer == session;
    if (writes && is_free)
        engine->writer = session;
    pthread_mutex_unlock(&engine->mutex);
    return is_free || report(wait, session, fault);
}

void unlock_writer(Session *session)
{
    Engine *engine = session->engine;
    pthread_mutex_lock(&engine->mutex);
    if (engine->writer == session)
        engine->writer = NULL;
    pthread_cond_broadcast(&engine->changed);
    pthread_mutex_unlock(&engine->mutex);
}

/* ---- application locks ----------------------------------------------------------------------- */

enum { MODE_IS, MODE_S, MODE_U, MODE_IX, MODE_X, MODE_COUNT };

static const char *const mode_names[] = {"IntentShared", "Shared", "Update", "IntentExclusive",
                                         "Exclusive"};

static const bool compatible[MODE_COUNT][MODE_COUNT] = {
    [MODE_IS] = {true, true, true, true, false},    [MODE_S] = {true, true, true, false, false},
    [MODE_U] = {true, true, false, false, false},   [MODE_IX] = {true, false, false, true, false},
    [MODE_X] = {false, false, false, false, false},
};

int applock_mode(Str name)
{
    for (int i = 0; i < MODE_COUNT; i++)
        if (str_equal_fold(name, str_of(mode_names[i])))
            return i;
    return -1;
}

const char *applock_mode_name(int mode)
{
    return mode < 0 ? "NoLock" : mode_names[mode];
}

static AppLock *find_lock(const Engine *engine, const Session *owner, Str resource,
                          bool of_transaction)
{
    for (AppLock *lock = engine->locks; lock; lock = lock->next)
        if (lock->owner == owner && lock->of_transaction == of_transaction &&
            str_equal(str_of(lock->resource), resource))
            return lock;
    return NULL;
}

static Session *holder_against(const Engine *engine, const Session *session, Str resource, int mode)
{
    for (AppLock *lock = engine->locks; lock; lock = lock->next)
        if (lock->owner != session && str_equal(str_of(lock->resource), resource) &&
            !compatible[mode][lock->mode])
            return lock->owner;
    return NULL;
}

static void grant(Session *session, Str resource, int mode, bool of_transaction)
{
    Engine *engine = session->engine;
    AppLock *lock = find_lock(engine, session, resource, of_transaction);
    if (lock) {
        lock->count++;
        lock->mode = mode > lock->mode ? mode : lock->mode;
        return;
    }
    lock = mem_alloc(sizeof *lock);
    *lock = (AppLock){.next = engine->locks,
                      .owner = session,
                      .mode = mode,
                      .of_transaction = of_transaction,
                      .count = 1};
    lock->resource = mem_copy(resource.at, resource.len);
    engine->locks = lock;
}

int applock_take(Session *session, Str resource, int mode, bool of_transaction, long timeout_ms)
{
    static const int codes[] = {[WAIT_AGAIN] = APPLOCK_GRANTED,
                                [WAIT_TIMEOUT] = APPLOCK_TIMEOUT,
                                [WAIT_CANCELLED] = APPLOCK_CANCELLED,
                                [WAIT_DEADLOCK] = APPLOCK_DEADLOCK};
    Engine *engine = session->engine;
    struct timespec deadline = deadline_in(timeout_ms < 0 ? 0 : timeout_ms);
    Wait wait = WAIT_AGAIN;
    bool waited = false;
    Session *holder;

    pthread_mutex_lock(&engine->mutex);
    while ((holder = holder_against(engine, session, resource, mode)) && wait == WAIT_AGAIN) {
        wait = wait_for(session, holder, "LCK_M_X", timeout_ms, &deadline);
        waited = true;
    }
    if (!holder)
        grant(session, resource, mode, of_transaction);
    pthread_mutex_unlock(&engine->mutex);
    if (holder)
        return codes[wait];
    return waited ? APPLOCK_WAITED : APPLOCK_GRANTED;
}

static void drop_lock(Engine *engine, AppLock *lock)
{
    AppLock **place = &engine->locks;
    while (*place != lock)
        place = &(*place)->next;
    *place = lock->next;
    free(lock->resource);
    free(lock);
    pthread_cond_broadcast(&engine->changed);
}

bool applock_release(Session *session, Str resource, bool of_transaction)
{
    Engine *engine = session->engine;
    pthread_mutex_lock(&engine->mutex);
    AppLock *lock = find_lock(engine, session, resource, of_transaction);
    if (lock && --lock->count == 0)
        drop_lock(engine, lock);
    pthread_mutex_unlock(&engine->mutex);
    return lock != NULL;
}

void applock_release_all(Session *session, bool of_transaction_only)
{
    Engine *engine = session->engine;
    pthread_mutex_lock(&engine->mutex);
    for (AppLock *lock = engine->locks, *next; lock; lock = next) {
        next = lock->next;
        if (lock->owner == session && (lock->of_transaction || !of_transaction_only))
            drop_lock(engine, lock);
    }
    pthread_mutex_unlock(&engine->mutex);
}
