/* The sockets that a driver opened: found, watched and broken. */
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DESCRIPTORS_MAX = 4096 };

/* ---- finding --------------------------------------------------------------------------------- */

static bool inode_of(int fd, ino_t *ret_inode)
{
    struct stat at;

    if (fstat(fd, &at) != 0 || !S_ISSOCK(at.st_mode))
        return false;
    *ret_inode = at.st_ino;
    return true;
}

static bool option_of(int fd, int option, int *ret_value)
{
    socklen_t len = sizeof(*ret_value);

    return getsockopt(fd, SOL_SOCKET, option, ret_value, &len) == 0;
}

static bool is_network(int fd)
{
    int domain = 0;

    return option_of(fd, SO_DOMAIN, &domain) && (domain == AF_INET || domain == AF_INET6);
}

static bool holds(const TdsSockets *sockets, ino_t inode)
{
    for (size_t i = 0; sockets && i < sockets->count; i++)
        if (sockets->at[i].inode == inode)
            return true;
    return false;
}

static int descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > DESCRIPTORS_MAX)
        return DESCRIPTORS_MAX;
    return (int)limit.rlim_cur;
}

static bool leads_to(int fd, int port)
{
    struct sockaddr_in peer = {.sin_family = AF_UNSPEC};
    socklen_t len = sizeof(peer);

    return getpeername(fd, (struct sockaddr *)&peer, &len) == 0 && peer.sin_family == AF_INET &&
           ntohl(peer.sin_addr.s_addr) == INADDR_LOOPBACK && ntohs(peer.sin_port) == port;
}

void tds_sockets_find(const TdsSockets *but, int port, TdsSockets *ret_sockets)
{
    int limit = descriptor_limit();
    ino_t inode;

    ret_sockets->count = 0;
    for (int fd = 0; fd < limit && ret_sockets->count < TDS_SOCKETS_MAX; fd++)
        if (inode_of(fd, &inode) && is_network(fd) && !holds(but, inode) &&
            (port == 0 || leads_to(fd, port)))
            ret_sockets->at[ret_sockets->count++] = (TdsSocket){fd, inode};
}

/* ---- looking --------------------------------------------------------------------------------- */

static bool is_open(const TdsSocket *socket)
{
    ino_t inode;

    return inode_of(socket->fd, &inode) && inode == socket->inode;
}

static bool is_ended(const TdsSocket *socket)
{
    struct pollfd look = {.fd = socket->fd, .events = POLLRDHUP};

    return poll(&look, 1, 0) > 0 && (look.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL));
}

static uint64_t unread(const TdsSocket *socket)
{
    int count = 0;

    return ioctl(socket->fd, SIOCINQ, &count) == 0 && count > 0 ? (uint64_t)count : 0;
}

void tds_sockets_keep(const TdsSockets *sockets)
{
    for (size_t i = 0; i < sockets->count; i++)
        if (is_open(&sockets->at[i]))
            (void)fcntl(sockets->at[i].fd, F_SETFD, FD_CLOEXEC);
}

bool tds_sockets_are_dead(const TdsSockets *sockets)
{
    for (size_t i = 0; i < sockets->count; i++)
        if (is_open(&sockets->at[i]) && !is_ended(&sockets->at[i]))
            return false;
    return sockets->count > 0;
}

/* Not one that is yet to be connected, or was broken from here: poll() calls those ended, too. */
static bool has_peer(const TdsSocket *socket)
{
    struct sockaddr_storage peer;
    socklen_t len = sizeof(peer);

    return getpeername(socket->fd, (struct sockaddr *)&peer, &len) == 0;
}

bool tds_sockets_are_left(const TdsSockets *sockets)
{
    size_t open = 0;

    for (size_t i = 0; i < sockets->count; i++) {
        if (!is_open(&sockets->at[i]))
            continue;
        if (!has_peer(&sockets->at[i]) || !is_ended(&sockets->at[i]) || unread(&sockets->at[i]) > 0)
            return false;
        open++;
    }
    return open > 0;
}

static uint64_t taken(const TdsSocket *socket)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof(info);

    if (!is_open(socket) || getsockopt(socket->fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return 0;
    uint64_t waiting = unread(socket);
    return info.tcpi_bytes_received > waiting ? info.tcpi_bytes_received - waiting : 0;
}

uint64_t tds_sockets_taken(const TdsSockets *sockets)
{
    uint64_t all = 0;

    for (size_t i = 0; i < sockets->count; i++)
        all += taken(&sockets->at[i]);
    return all;
}

/* ---- breaking -------------------------------------------------------------------------------- */

/* shutdown() would let a driver that overlooks the end of a stream (FreeTDS after TLS's
 * close_notify) spin on: an error on the socket it cannot overlook. */
void tds_sockets_break(const TdsSockets *sockets)
{
    const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    int type = 0;

    for (size_t i = 0; i < sockets->count; i++) {
        int fd = sockets->at[i].fd;
        if (!is_open(&sockets->at[i]))
            continue;
        if (option_of(fd, SO_TYPE, &type) && type == SOCK_STREAM)
            (void)connect(fd, &nobody, sizeof(nobody));
        (void)shutdown(fd, SHUT_RDWR);
    }
}

/* ---- room for them --------------------------------------------------------------------------- */

Rc tds_check_descriptors(size_t count, Err *err)
{
    int fds[64];
    size_t opened = 0;

    while (opened < count && opened < ARRAY_LEN(fds) &&
           (fds[opened] = open("/", O_PATH | O_CLOEXEC)) >= 0)
        opened++;
    int reason = errno;
    for (size_t i = 0; i < opened; i++)
        (void)close(fds[i]);
    if (opened >= count || opened == ARRAY_LEN(fds) || (reason != EMFILE && reason != ENFILE))
        return RC_OK;
    (void)FAIL(err, RC_CONNECT, "a connection needs %zu file descriptors, and %zu are left: %s",
               count, opened, strerror(reason));
    return err_hint(err, reason == EMFILE
                             ? "raise the limit of this process: ulimit -n 1024, or LimitNOFILE= "
                               "of the service"
                             : "the machine is out of them (fs.file-max): see which process holds "
                               "so many");
}
