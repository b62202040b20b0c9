#include "cancel.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/stop.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A cancel that comes just before the statement starts is lost, so it is repeated. */
enum { REPEAT_MS = 100 };

struct TdsCanceller {
    const TdsDriver *driver;
    pthread_mutex_t lock;
    pthread_t thread;
    bool is_started;
    bool is_ending; // under lock
    SQLHSTMT stmt;  // under lock; SQL_NULL_HSTMT while none runs
    int wake_fd;    // ends the wait when is_ending was set
    int stop_fd;    // of base/stop.h
};

TdsCanceller *tds_canceller_new(const TdsDriver *driver)
{
    TdsCanceller *canceller = mem_alloc(sizeof(*canceller));

    canceller->driver = driver;
    canceller->wake_fd = -1;
    if (pthread_mutex_init(&canceller->lock, NULL) != 0)
        mem_fail();
    return canceller;
}

static bool is_ending(TdsCanceller *canceller)
{
    (void)pthread_mutex_lock(&canceller->lock);
    bool ending = canceller->is_ending;
    (void)pthread_mutex_unlock(&canceller->lock);
    return ending;
}

static void cancel_once(TdsCanceller *canceller)
{
    (void)pthread_mutex_lock(&canceller->lock);
    if (canceller->stmt != SQL_NULL_HSTMT)
        (void)canceller->driver->cancel(canceller->stmt);
    (void)pthread_mutex_unlock(&canceller->lock);
}

static void *watch(void *context)
{
    TdsCanceller *canceller = context;
    struct pollfd fds[] = {{.fd = canceller->wake_fd, .events = POLLIN},
                           {.fd = canceller->stop_fd, .events = POLLIN}};
    bool is_wanted = false;

    while (!is_ending(canceller)) {
        if (is_wanted)
            cancel_once(canceller);
        // once the wish is there its descriptor stays readable: then look at the clock only
        if (poll(fds, is_wanted ? 1 : 2, is_wanted ? REPEAT_MS : -1) > 0 && fds[1].revents != 0)
            is_wanted = true;
    }
    return NULL;
}

/* Signals stay with the threads that had them. */
static void start(TdsCanceller *canceller)
{
    sigset_t all, kept;

    canceller->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (canceller->wake_fd < 0)
        return; // a stop then waits for the statement
    canceller->stop_fd = stop_fd();
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &kept);
    canceller->is_started = pthread_create(&canceller->thread, NULL, watch, canceller) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &kept, NULL);
}

void tds_canceller_arm(TdsCanceller *canceller, SQLHSTMT stmt)
{
    (void)pthread_mutex_lock(&canceller->lock);
    canceller->stmt = stmt;
    (void)pthread_mutex_unlock(&canceller->lock);
    if (canceller->wake_fd < 0)
        start(canceller);
}

void tds_canceller_disarm(TdsCanceller *canceller)
{
    (void)pthread_mutex_lock(&canceller->lock);
    canceller->stmt = SQL_NULL_HSTMT;
    (void)pthread_mutex_unlock(&canceller->lock);
}

static void end_thread(TdsCanceller *canceller)
{
    (void)pthread_mutex_lock(&canceller->lock);
    canceller->is_ending = true;
    (void)pthread_mutex_unlock(&canceller->lock);
    (void)eventfd_write(canceller->wake_fd, 1);
    (void)pthread_join(canceller->thread, NULL);
}

void tds_canceller_free(TdsCanceller *canceller)
{
    if (!canceller)
        return;
    if (canceller->is_started)
        end_thread(canceller);
    if (canceller->wake_fd >= 0)
        (void)close(canceller->wake_fd);
    (void)pthread_mutex_destroy(&canceller->lock);
    free(canceller);
}
