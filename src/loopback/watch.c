/* Watches a socket while its statement runs: an attention or a hang-up ends it. */
#include "watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { REPEAT_MS = 20 };

static void wake(const Watched *watched)
{
    uint64_t one = 1;

    (void)!write(watched->wake_fd, &one, sizeof(one));
}

/* What a poll saw counts for the arming that it began in: a next request is no attention. */
static void *watch(void *context)
{
    Watched *watched = context;
    struct pollfd polls[] = {{.fd = watched->wake_fd, .events = POLLIN},
                             {.events = POLLIN | POLLRDHUP}};

    pthread_mutex_lock(&watched->lock);
    while (!watched->is_over) {
        uint64_t arming = watched->arming, count;
        bool is_canceled = watched->is_armed && atomic_load(&watched->is_canceled);
        polls[1].fd = watched->is_armed && !is_canceled ? watched->fd : -1;
        pthread_mutex_unlock(&watched->lock);
        int ready = poll(polls, 2, is_canceled ? REPEAT_MS : -1);
        pthread_mutex_lock(&watched->lock);
        if (ready > 0 && polls[0].revents)
            (void)!read(watched->wake_fd, &count, sizeof(count));
        if (!watched->is_armed || watched->arming != arming)
            continue;
        if (ready > 0 && polls[1].revents)
            atomic_store(&watched->is_canceled, true);
        if (atomic_load(&watched->is_canceled))
            session_cancel(watched->session);
    }
    pthread_mutex_unlock(&watched->lock);
    return NULL;
}

bool watch_start(Watched *watched)
{
    watched->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&watched->lock, NULL);
    watched->is_started =
        watched->wake_fd >= 0 && pthread_create(&watched->thread, NULL, watch, watched) == 0;
    if (!watched->is_started && watched->wake_fd >= 0)
        close(watched->wake_fd);
    return watched->is_started;
}

void watch_stop(Watched *watched)
{
    if (!watched->is_started)
        return;
    pthread_mutex_lock(&watched->lock);
    watched->is_over = true;
    pthread_mutex_unlock(&watched->lock);
    wake(watched);
    pthread_join(watched->thread, NULL);
    close(watched->wake_fd);
    pthread_mutex_destroy(&watched->lock);
}

void watch_arm(Watched *watched)
{
    pthread_mutex_lock(&watched->lock);
    atomic_store(&watched->is_canceled, false);
    watched->arming++;
    watched->is_armed = true;
    pthread_mutex_unlock(&watched->lock);
    wake(watched);
}

void watch_disarm(Watched *watched)
{
    pthread_mutex_lock(&watched->lock);
    watched->is_armed = false;
    pthread_mutex_unlock(&watched->lock);
}
