/* Passes packets both ways until one side is over. */
#include "internal.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    DOWN_BYTES = 128 * 1024, // towards FreeTDS: a stream, several packets at a time
    UP_BYTES = PACKET_SIZE_MAX_TLS + 1
};

typedef enum Ended { ENDED_NOT, ENDED_ORDERLY, ENDED_BROKEN } Ended;

typedef struct Pump {
    int guest_fd;
    Line *line;
    uint8_t *down;
    size_t down_at, down_len;
    uint8_t *up; // one packet, of which up_len bytes are there
    size_t up_len;
    Ended guest, server;
    short read_wants, write_wants; // what TLS waits for on the server's socket; 0: nothing
    bool is_flowing;               // the last packet up went through
} Pump;

/* ---- from the server ------------------------------------------------------------------------- */

static short wanted(Pump *pump, int rc)
{
    switch (SSL_get_error(pump->line->ssl, rc)) {
    case SSL_ERROR_WANT_READ:
        return POLLIN;
    case SSL_ERROR_WANT_WRITE:
        return POLLOUT;
    case SSL_ERROR_SYSCALL:
        pump->server = errno == ECONNRESET || errno == EPIPE ? ENDED_BROKEN : ENDED_ORDERLY;
        return 0;
    default: // a close in order, or with a FIN alone, or a record that is none
        pump->server = ENDED_ORDERLY;
        return 0;
    }
}

/* As much as there is room for. */
static void take_down(Pump *pump)
{
    if (pump->down_at == pump->down_len)
        pump->down_at = pump->down_len = 0;
    pump->read_wants = 0;
    while (pump->server == ENDED_NOT && pump->down_len < DOWN_BYTES && pump->read_wants == 0) {
        ERR_clear_error();
        errno = 0;
        int got = SSL_read(pump->line->ssl, pump->down + pump->down_len,
                           (int)(DOWN_BYTES - pump->down_len));
        if (got <= 0)
            pump->read_wants = wanted(pump, got);
        else if ((pump->down_len += (size_t)got) && !SSL_has_pending(pump->line->ssl))
            pump->read_wants = POLLIN; // the socket tells as soon as another try would
    }
}

static void give_down(Pump *pump)
{
    while (pump->guest == ENDED_NOT && pump->down_at < pump->down_len) {
        ssize_t sent = send(pump->guest_fd, pump->down + pump->down_at,
                            pump->down_len - pump->down_at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0)
            pump->down_at += (size_t)sent;
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            return;
        else if (errno != EINTR)
            pump->guest = ENDED_BROKEN;
    }
}

/* ---- from FreeTDS ---------------------------------------------------------------------------- */

/* How long the packet is that has begun; 0 when that cannot be. */
static size_t packet_len(const Pump *pump)
{
    PacketHead head;

    if (pump->up_len < PACKET_HEADER)
        return PACKET_HEADER;
    return packet_head_read(pump->up, &head) && head.len < UP_BYTES ? head.len : 0;
}

static bool has_packet(const Pump *pump)
{
    return pump->up_len >= PACKET_HEADER && pump->up_len == packet_len(pump);
}

/* No further than the end of a packet: the next one waits until this one is gone. */
static void take_up(Pump *pump)
{
    while (pump->guest == ENDED_NOT && !has_packet(pump)) {
        size_t len = packet_len(pump);
        if (len == 0) {
            pump->guest = ENDED_BROKEN;
            return;
        }
        ssize_t got =
            recv(pump->guest_fd, pump->up + pump->up_len, len - pump->up_len, MSG_DONTWAIT);
        if (got > 0)
            pump->up_len += (size_t)got;
        else if (got == 0)
            pump->guest = ENDED_ORDERLY;
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            return;
        else if (errno != EINTR)
            pump->guest = ENDED_BROKEN;
    }
}

/* A packet is a record. */
static void give_up(Pump *pump)
{
    pump->write_wants = 0;
    pump->is_flowing = false;
    if (!has_packet(pump) || pump->server != ENDED_NOT)
        return;
    ERR_clear_error();
    errno = 0;
    int sent = SSL_write(pump->line->ssl, pump->up, (int)pump->up_len);
    pump->is_flowing = sent > 0;
    if (sent > 0)
        pump->up_len = 0;
    else
        pump->write_wants = wanted(pump, sent);
}

static void pass_up(Pump *pump)
{
    do {
        take_up(pump);
        give_up(pump);
    } while (pump->up_len == 0 && pump->is_flowing);
}

/* ---- both ways ------------------------------------------------------------------------------- */

static bool has_room(const Pump *pump)
{
    return pump->down_len < DOWN_BYTES || pump->down_at == pump->down_len;
}

/* What TLS has already taken from the socket, the socket does not show. */
static bool is_busy(const Pump *pump)
{
    return pump->server == ENDED_NOT && pump->read_wants == 0 && has_room(pump);
}

/* Sleeps until something can go on. False when the relay is to end. */
static bool sleep_on(Pump *pump, int wake_fd, bool *ret_guest, bool *ret_server)
{
    short server = (short)((has_room(pump) ? pump->read_wants : 0) | pump->write_wants);
    short guest =
        (short)((pump->down_at < pump->down_len ? POLLOUT : 0) | (has_packet(pump) ? 0 : POLLIN));
    struct pollfd fds[] = {{.fd = wake_fd, .events = POLLIN},
                           {.fd = pump->guest_fd, .events = guest},
                           {.fd = server ? pump->line->fd : -1, .events = server}};

    while (poll(fds, 3, is_busy(pump) ? 0 : -1) < 0)
        if (errno != EINTR)
            return false;
    if (has_packet(pump) && (fds[1].revents & (POLLHUP | POLLERR)))
        pump->guest = ENDED_BROKEN;
    *ret_guest = (fds[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
    *ret_server = fds[2].revents != 0;
    return fds[0].revents == 0;
}

static bool is_over(const Pump *pump)
{
    if (pump->guest != ENDED_NOT)
        return true;
    return pump->server != ENDED_NOT && pump->down_at == pump->down_len;
}

/* Whichever way one side ended, the other side is ended as well. */
static void end_both(Pump *pump)
{
    line_close(pump->line, pump->guest == ENDED_BROKEN);
    if (pump->server == ENDED_BROKEN)
        socket_reset(pump->guest_fd);
    else
        (void)close(pump->guest_fd);
}

void pump(int wake_fd, int guest_fd, Line *line)
{
    Pump pump = {
        .guest_fd = guest_fd, .line = line, .down = malloc(DOWN_BYTES), .up = malloc(UP_BYTES)};
    bool guest = true, server = true;

    if (!pump.down || !pump.up)
        pump.guest = ENDED_BROKEN;
    while (!is_over(&pump)) {
        if (guest || pump.write_wants)
            pass_up(&pump);
        if (server || pump.read_wants == 0)
            take_down(&pump);
        give_down(&pump);
        if (!is_over(&pump) && !sleep_on(&pump, wake_fd, &guest, &server))
            break;
    }
    end_both(&pump);
    free(pump.down);
    free(pump.up);
}
