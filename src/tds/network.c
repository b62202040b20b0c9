/* A look at the network after a connection failed: name, port, and who answers. */
#include "network.h"

#include "ssisminer/base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void set(TdsNetwork *network, TdsReach reach, const char *words)
{
    network->reach = reach;
    (void)snprintf(network->words, sizeof(network->words), "%s", words);
}

static TdsReach reach_of(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return TDS_REACH_REFUSED;
    case ECONNRESET:
        return TDS_REACH_CLOSED;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EADDRNOTAVAIL:
        return TDS_REACH_NO_ROUTE;
    default:
        return TDS_REACH_NO_REPLY;
    }
}

/* True when the descriptor became ready before end_ms. */
static bool wait_for(int fd, short events, int64_t end_ms)
{
    struct pollfd waiting = {.fd = fd, .events = events};

    for (;;) {
        int64_t left_ms = end_ms - time_monotonic_ms();
        if (left_ms <= 0)
            return false;
        int ready = poll(&waiting, 1, (int)left_ms);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
    }
}

/* The error of connecting, 0 for none; ETIMEDOUT at end_ms. */
static int finish_connect(int fd, const struct addrinfo *to, int64_t end_ms)
{
    int error = 0;
    socklen_t len = sizeof(error);

    if (connect(fd, to->ai_addr, to->ai_addrlen) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    if (!wait_for(fd, POLLOUT, end_ms))
        return ETIMEDOUT;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 ? error : errno;
}

/* A connected socket to the first address that takes one, or -1 with the reason set. */
static int connect_any(const struct addrinfo *list, int64_t end_ms, TdsNetwork *network)
{
    for (const struct addrinfo *to = list; to; to = to->ai_next) {
        int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        int error = fd < 0 ? errno : finish_connect(fd, to, end_ms);
        if (error == 0)
            return fd;
        if (fd >= 0)
            (void)close(fd);
        set(network, reach_of(error), strerror(error));
    }
    return -1;
}

static void ask(int fd, int64_t end_ms, TdsNetwork *network)
{
    unsigned char answer[512];

    if (send(fd, tds_prelogin.at, tds_prelogin.len, MSG_NOSIGNAL) != (ssize_t)tds_prelogin.len) {
        set(network, TDS_REACH_CLOSED, strerror(errno));
        return;
    }
    if (!wait_for(fd, POLLIN, end_ms)) {
        set(network, TDS_REACH_SILENT, "");
        return;
    }
    ssize_t len = recv(fd, answer, sizeof(answer), 0);
    if (len <= 0)
        set(network, TDS_REACH_CLOSED, len < 0 ? strerror(errno) : "");
    else
        tds_network_read_offer(answer, (size_t)len, network);
}

void tds_network_look(const TdsServer *server, long budget_ms, TdsNetwork *ret_network)
{
    struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC}, *list = NULL;
    int64_t end_ms = time_monotonic_ms() + budget_ms;
    char port[16];

    *ret_network = (TdsNetwork){.reach = TDS_REACH_NO_REPLY};
    (void)snprintf(port, sizeof(port), "%d", server->port);
    int error = getaddrinfo(server->host, port, &want, &list);
    if (error != 0) {
        set(ret_network, TDS_REACH_NO_HOST, gai_strerror(error));
        return;
    }
    int fd = connect_any(list, end_ms, ret_network);
    freeaddrinfo(list);
    if (fd < 0)
        return;
    ask(fd, end_ms, ret_network);
    (void)close(fd);
}
