#include "watch.h"

#include "ssisminer/base/mem.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { REPEAT_MS = 20, WATCHED_MAX = 1024 };

struct Watcher {
    pthread_t thread;
    pthread_mutex_t lock; // guards list and stopping
    Watched *list;
    uint64_t last_serial;
    bool is_stopping;
    int wake_fd;
};

static void wake(Watcher *watcher)
{
    uint64_t one = 1;

    (void)!write(watcher->wake_fd, &one, sizeof(one));
}

static void take_wake(Watcher *watcher)
{
    uint64_t count;

    (void)!read(watcher->wake_fd, &count, sizeof(count));
}

/* What one poll() looks at. An arming is told by its serial: the same socket may meanwhile have
 * been disarmed and armed for the next statement, whose bytes are not an attention. */
typedef struct Polled {
    struct pollfd polls[WATCHED_MAX];
    uint64_t serials[WATCHED_MAX];
    nfds_t count;
    bool has_cancelled;
} Polled;

static void gather(const Watcher *watcher, Polled *polled)
{
    polled->polls[0] = (struct pollfd){.fd = watcher->wake_fd, .events = POLLIN};
    polled->count = 1;
    polled->has_cancelled = false;
    for (Watched *at = watcher->list; at && polled->count < WATCHED_MAX; at = at->next) {
        if (atomic_load(&at->is_cancelled)) {
            polled->has_cancelled = true;
            continue;
        }
        polled->serials[polled->count] = at->serial;
        polled->polls[polled->count++] =
            (struct pollfd){.fd = at->fd, .events = POLLIN | POLLRDHUP};
    }
}

static bool is_ready(const Polled *polled, const Watched *watched)
{
    for (nfds_t i = 1; i < polled->count; i++)
        if (polled->serials[i] == watched->serial)
            return polled->polls[i].revents != 0;
    return false;
}

static void cancel_ready(Watcher *watcher, const Polled *polled)
{
    for (Watched *at = watcher->list; at; at = at->next) {
        if (is_ready(polled, at))
            atomic_store(&at->is_cancelled, true);
        if (atomic_load(&at->is_cancelled))
            session_cancel(at->session);
    }
}

static void *watch(void *context)
{
    Watcher *watcher = context;
    Polled polled;

    pthread_mutex_lock(&watcher->lock);
    while (!watcher->is_stopping) {
        gather(watcher, &polled);
        pthread_mutex_unlock(&watcher->lock);
        int ready = poll(polled.polls, polled.count, polled.has_cancelled ? REPEAT_MS : -1);
        pthread_mutex_lock(&watcher->lock);
        if (ready < 0) // a signal: what revents says is old
            continue;
        if (polled.polls[0].revents)
            take_wake(watcher);
        cancel_ready(watcher, &polled);
    }
    pthread_mutex_unlock(&watcher->lock);
    return NULL;
}

Rc watcher_start(Watcher **ret_watcher, Err *err)
{
    Watcher *watcher = mem_alloc(sizeof(*watcher));

    pthread_mutex_init(&watcher->lock, NULL);
    watcher->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int failed =
        watcher->wake_fd < 0 ? errno : pthread_create(&watcher->thread, NULL, watch, watcher);
    if (failed) {
        if (watcher->wake_fd >= 0)
            close(watcher->wake_fd);
        free(watcher);
        return FAIL(err, RC_QUERY, "cannot start a thread: %s", strerror(failed));
    }
    *ret_watcher = watcher;
    return RC_OK;
}

void watcher_stop(Watcher *watcher)
{
    if (!watcher)
        return;
    pthread_mutex_lock(&watcher->lock);
    watcher->is_stopping = true;
    pthread_mutex_unlock(&watcher->lock);
    wake(watcher);
    pthread_join(watcher->thread, NULL);
    close(watcher->wake_fd);
    pthread_mutex_destroy(&watcher->lock);
    free(watcher);
}

void watcher_arm(Watcher *watcher, Watched *watched)
{
    pthread_mutex_lock(&watcher->lock);
    atomic_store(&watched->is_cancelled, false);
    watched->serial = ++watcher->last_serial;
    watched->next = watcher->list;
    watcher->list = watched;
    pthread_mutex_unlock(&watcher->lock);
    wake(watcher);
}

void watcher_disarm(Watcher *watcher, Watched *watched)
{
    pthread_mutex_lock(&watcher->lock);
    for (Watched **at = &watcher->list; *at; at = &(*at)->next) {
        if (*at == watched) {
            *at = watched->next;
            break;
        }
    }
    pthread_mutex_unlock(&watcher->lock);
}
