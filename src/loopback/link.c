/* A connection's packets: whole messages in, token streams out, plain or inside TLS. */
#include "ssisminer/loopback/link.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Tokens gather up to this before they go: few system calls, and rows are still seen soon. */
enum { GATHER_BYTES = 32 * 1024, OUT_MAX = 256 * 1024 * 1024 };

void link_init(Link *link, int fd)
{
    *link = (Link){.fd = fd,
                   .packet_size = PACKET_SIZE_DEFAULT,
                   .packet_most = PACKET_SIZE_DEFAULT,
                   .next_packet_id = 1,
                   .out = BUF(OUT_MAX),
                   .frame = BUF(OUT_MAX)};
}

void link_done(Link *link)
{
    if (link->ssl)
        SSL_free(link->ssl);
    if (link->fd >= 0)
        close(link->fd);
    buf_done(&link->out);
    buf_done(&link->frame);
    *link = (Link){.fd = -1};
}

void message_done(Message *message)
{
    buf_done(&message->body);
}

/* ---- reading --------------------------------------------------------------------------------- */

static ssize_t receive(Link *link, void *to, size_t len)
{
    if (link->ssl)
        return SSL_read(link->ssl, to, (int)len);
    for (;;) {
        ssize_t got = recv(link->fd, to, len, 0);
        if (got >= 0 || errno != EINTR)
            return got;
    }
}

static bool receive_all(Link *link, char *to, size_t len)
{
    while (len > 0) {
        ssize_t got = receive(link, to, len);
        if (got <= 0)
            return false;
        to += got;
        len -= (size_t)got;
    }
    return true;
}

static LinkRead read_packet(Link *link, Message *message, bool is_first, bool *ret_is_last)
{
    uint8_t header[PACKET_HEADER];
    PacketHead head;

    if (!receive_all(link, (char *)header, sizeof(header)))
        return LINK_CLOSED;
    if (!packet_head_read(header, &head) || (!is_first && head.type != message->type))
        return LINK_MALFORMED;
    size_t len = head.len;
    if (len > link->packet_most)
        return LINK_REFUSED;
    if (is_first) {
        message->type = head.type;
        message->status = head.status;
    }

    char *to = buf_room(&message->body, len - PACKET_HEADER);
    if (!to)
        return LINK_MALFORMED;
    if (!receive_all(link, to, len - PACKET_HEADER))
        return LINK_CLOSED;
    buf_added(&message->body, len - PACKET_HEADER);
    if (link->ssl && SSL_pending(link->ssl) > 0) // the rest of the same record
        return LINK_REFUSED;
    *ret_is_last = head.status & STATUS_END;
    if (head.status & STATUS_IGNORE)
        message->status |= STATUS_IGNORE;
    return LINK_MESSAGE;
}

LinkRead link_read(Link *link, Message *message)
{
    bool is_last = false;

    buf_reset(&message->body);
    for (bool is_first = true; !is_last; is_first = false) {
        LinkRead got = read_packet(link, message, is_first, &is_last);
        if (got != LINK_MESSAGE)
            return got;
    }
    return LINK_MESSAGE;
}

bool link_has_buffered(const Link *link)
{
    return link->ssl && SSL_pending(link->ssl) > 0;
}

/* ---- sending --------------------------------------------------------------------------------- */

static ssize_t transmit(Link *link, const char *bytes, size_t len)
{
    if (link->ssl)
        return SSL_write(link->ssl, bytes, (int)len);
    for (;;) {
        ssize_t sent = send(link->fd, bytes, len, MSG_NOSIGNAL);
        if (sent >= 0 || errno != EINTR)
            return sent;
    }
}

static void wait_as_slow_line(const Link *link, size_t len)
{
    double seconds = (double)len / (double)link->bytes_per_second;
    struct timespec pause = {.tv_sec = (time_t)seconds};

    pause.tv_nsec = (long)((seconds - (double)pause.tv_sec) * 1e9);
    nanosleep(&pause, NULL);
}

/* Inside TLS a packet is a record, as SQL Server sends it: hence its limit of 16,383 bytes to a
 * packet there (dotnet/corefx#17577). */
static size_t piece_of(const Link *link, size_t len)
{
    size_t most = link->ssl ? link->packet_size : len;

    if (link->bytes_per_second) // ten pieces a second, or one byte at a time
        most = link->bytes_per_second < 20 ? 1 : (size_t)link->bytes_per_second / 10;
    if (link->bytes_per_second && most > 1024)
        most = 1024;
    return len < most ? len : most;
}

/* Bytes without packets round them, on the socket or through TLS. */
static bool send_bytes(Link *link, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0 && !link->is_broken) {
        ssize_t sent = transmit(link, at, piece_of(link, len));
        if (sent <= 0) {
            link->is_broken = true;
            break;
        }
        if (link->bytes_per_second)
            wait_as_slow_line(link, (size_t)sent);
        at += sent;
        len -= (size_t)sent;
    }
    return !link->is_broken;
}

static void frame_packet(Link *link, PacketType type, const void *bytes, size_t len, bool is_end)
{
    PacketHead head = {.type = (uint8_t)type,
                       .status = is_end ? STATUS_END : 0,
                       .len = (uint16_t)(len + PACKET_HEADER),
                       .spid = link->spid,
                       .id = link->next_packet_id++};
    uint8_t header[PACKET_HEADER];

    packet_head_write(&head, header);
    buf_put(&link->frame, header, sizeof(header));
    buf_put(&link->frame, bytes, len);
}

/* Sends packets from the front of `out`; keeps what does not fill one unless `all`. */
static void send_packets(Link *link, PacketType type, bool all, bool is_end)
{
    size_t room = link->packet_size - PACKET_HEADER;
    size_t at = 0;

    while (link->out.len - at > room) {
        frame_packet(link, type, link->out.text + at, room, false);
        at += room;
    }
    if (all && (link->out.len > at || is_end)) {
        frame_packet(link, type, buf_text(&link->out) + at, link->out.len - at, is_end);
        at = link->out.len;
    }
    (void)send_bytes(link, buf_text(&link->frame), link->frame.len);
    buf_reset(&link->frame);

    size_t left = link->out.len - at;
    if (at > 0 && left > 0)
        memmove(link->out.text, link->out.text + at, left);
    if (link->out.text)
        link->out.len = left;
}

/* SO_LINGER would wait for the last close; this is at once, for all descriptors of the socket. */
static void reset(int fd)
{
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};

    (void)connect(fd, &nobody, sizeof(nobody));
}

void link_break(Link *link, LinkEnd how)
{
    if (how == LINK_END_NOTIFY && link->ssl)
        (void)SSL_shutdown(link->ssl);
    if (how == LINK_END_RESET)
        reset(link->fd);
    (void)shutdown(link->fd, SHUT_RDWR);
    link->is_broken = true;
}

void link_send_full(Link *link)
{
    if (link->out.len >= GATHER_BYTES)
        send_packets(link, PACKET_ANSWER, false, false);
}

void link_send_end(Link *link)
{
    send_packets(link, PACKET_ANSWER, true, true);
    link->next_packet_id = 1;
}

void link_send_part(Link *link)
{
    send_packets(link, PACKET_ANSWER, true, false);
}

void link_send_raw(Link *link, PacketType type, const void *bytes, size_t len)
{
    buf_put(&link->out, bytes, len);
    send_packets(link, type, true, true);
}
