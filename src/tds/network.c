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

/* PRELOGIN with VERSION, ENCRYPTION (off: able to), INSTOPT, THREADID and MARS. */
static const unsigned char prelogin[] = {
    0x12, 0x01, 0x00, 0x2F, 0x00, 0x00, 0x00, 0x00, // header: 47 bytes
    0x00, 0x00, 0x1A, 0x00, 0x06,                   // VERSION
    0x01, 0x00, 0x20, 0x00, 0x01,                   // ENCRYPTION
    0x02, 0x00, 0x21, 0x00, 0x01,                   // INSTOPT
    0x03, 0x00, 0x22, 0x00, 0x04,                   // THREADID
    0x04, 0x00, 0x26, 0x00, 0x01,                   // MARS
    0xFF,                                           //
    0x09, 0x00, 0x00, 0x00, 0x00, 0x00,             // version
    0x00,                                           // encryption
    0x00,                                           // instance: any
    0x00, 0x00, 0x00, 0x00,                         // thread
    0x00,                                           // no MARS
};

/* An alert or a handshake of TLS 1.0 to 1.3, where a packet of TDS is expected. */
static bool is_tls(const unsigned char *answer, size_t len)
{
    return len >= 2 && (answer[0] == 0x15 || answer[0] == 0x16) && answer[1] == 0x03;
}

void tds_network_read_offer(const unsigned char *answer, size_t len, TdsNetwork *network)
{
    enum { HEADER = 8, OPTION = 5, ENCRYPTION = 1, END = 0xFF };

    network->reach = is_tls(answer, len) ? TDS_REACH_TLS : TDS_REACH_NOT_TDS;
    if (len < HEADER || answer[0] != 0x04)
        return;
    const unsigned char *body = answer + HEADER;
    size_t body_len = len - HEADER;
    for (size_t at = 0; at + OPTION <= body_len && body[at] != END; at += OPTION) {
        size_t place = (size_t)body[at + 1] << 8 | body[at + 2];
        if (body[at] == ENCRYPTION && place < body_len) {
            network->reach = TDS_REACH_ANSWERS;
            network->offer = (TdsOffer)(body[place] & 3);
        }
    }
}

static void ask(int fd, int64_t end_ms, TdsNetwork *network)
{
    unsigned char answer[512];

    if (send(fd, prelogin, sizeof(prelogin), MSG_NOSIGNAL) != (ssize_t)sizeof(prelogin)) {
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
