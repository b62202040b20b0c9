/* A TCP connection to a place: all of its addresses at once, within the time. */
#include "internal.h"

#include "browser.h"

#include "ssisminer/base/time.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ADDRESSES_MAX = 16 };

typedef struct Dials { // at all addresses at once, as a listener with several may be up at one
    int fds[ADDRESSES_MAX];
    size_t count;
    int error; // of the last that failed
} Dials;

/* A session may be silent for hours, and what is between must not forget it. */
static void tune(int fd)
{
    int on = 1, idle_s = 30, between_s = 1, tries = 10;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &between_s, sizeof(between_s));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof(tries));
}

static void start(Dials *dials, const struct addrinfo *list)
{
    for (const struct addrinfo *to = list; to && dials->count < ADDRESSES_MAX; to = to->ai_next) {
        int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd >= 0 && (connect(fd, to->ai_addr, to->ai_addrlen) == 0 || errno == EINPROGRESS)) {
            dials->fds[dials->count++] = fd;
            continue;
        }
        dials->error = errno;
        if (fd >= 0)
            (void)close(fd);
    }
}

static void drop(Dials *dials, size_t at)
{
    (void)close(dials->fds[at]);
    dials->fds[at] = dials->fds[--dials->count];
}

/* The first that has got through, taken out; -1 while none has. Those that failed go. */
static int find_through(Dials *dials, const struct pollfd *polls)
{
    for (size_t i = dials->count; i-- > 0;) {
        int error = 0, fd = dials->fds[i];
        socklen_t len = sizeof(error);
        if (!polls[i].revents)
            continue;
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
            error = errno;
        if (error == 0) {
            dials->fds[i] = dials->fds[--dials->count];
            return fd;
        }
        dials->error = error;
        drop(dials, i);
    }
    return -1;
}

static int time_left(const Wait *wait)
{
    int64_t left = wait->end_ms - time_monotonic_ms();

    return left < 0 ? 0 : (int)left;
}

/* Until one has, none is left, or time is over (ETIMEDOUT), or the relay is to end (EINTR). */
static int await(const Wait *wait, Dials *dials)
{
    while (dials->count > 0) {
        struct pollfd polls[ADDRESSES_MAX + 1];
        for (size_t i = 0; i < dials->count; i++)
            polls[i] = (struct pollfd){.fd = dials->fds[i], .events = POLLOUT};
        polls[dials->count] = (struct pollfd){.fd = wait->wake_fd, .events = POLLIN};
        int ready = poll(polls, dials->count + 1, time_left(wait));
        if (ready < 0 && errno == EINTR)
            continue;
        dials->error = ready <= 0 ? ETIMEDOUT : dials->error;
        if (ready <= 0 || polls[dials->count].revents)
            return -1;
        int fd = find_through(dials, polls);
        if (fd >= 0)
            return fd;
    }
    return -1;
}

static Trouble trouble_of(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return TROUBLE_REFUSED;
    case ECONNRESET:
        return TROUBLE_CLOSED;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EADDRNOTAVAIL:
        return TROUBLE_NO_ROUTE;
    default:
        return TROUBLE_NO_REPLY;
    }
}

Rc dial(const Wait *wait, Place *place, Tale *tale, int *ret_fd, Err *err)
{
    struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC}, *list = NULL;
    Dials dials = {.error = EADDRNOTAVAIL};
    char port[16];

    if (place->port == 0)
        TRY(browser_find(wait, place, tale, err));
    (void)snprintf(port, sizeof(port), "%d", place->port);
    atomic_store(tale->is_looking_up, true);
    int error = getaddrinfo(place->host, port, &want, &list);
    atomic_store(tale->is_looking_up, false);
    if (error != 0)
        return trouble_with(TROUBLE_NO_HOST, tale, gai_strerror(error), err);
    start(&dials, list);
    freeaddrinfo(list);
    int fd = await(wait, &dials);
    while (dials.count > 0)
        drop(&dials, 0);
    if (fd < 0)
        return trouble_with(trouble_of(dials.error), tale, strerror(dials.error), err);
    tune(fd);
    *ret_fd = fd;
    return RC_OK;
}
