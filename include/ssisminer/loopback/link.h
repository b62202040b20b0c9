/*
 * A connection's packets: whole messages in, token streams out, plain or inside TLS.
 *
 * Ownership: link_done closes the socket and frees everything.
 * Errors:    a send that fails marks the link broken; later sends do nothing. The peer is then
 *            gone and nobody is left to be told.
 * Limits:    a message has at most LINK_MESSAGE_MAX bytes.
 * Threads:   one at a time.
 */
#ifndef SSISMINER_LOOPBACK_LINK_H
#define SSISMINER_LOOPBACK_LINK_H

#include "ssisminer/packet/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINK_MESSAGE_MAX = 64 * 1024 * 1024 };

typedef struct Link {
    int fd;
    struct ssl_st *ssl; // NULL while plain
    size_t packet_size;
    size_t packet_most; // that a client may send
    uint16_t spid;
    uint8_t next_packet_id;
    bool is_broken;
    Buf out;               // tokens not sent yet
    Buf frame;             // packets being sent
    long bytes_per_second; // a slow line; 0: as fast as it goes
} Link;

typedef enum LinkRead {
    LINK_MESSAGE,
    LINK_CLOSED,
    LINK_MALFORMED,
    LINK_REFUSED // what SQL Server answers with RST: a packet that is too long before the session,
                 // a record with more than a packet in it
} LinkRead;

typedef struct Message {
    Buf body;
    uint8_t type, status; // status of the first packet, where the reset flags are
} Message;

#define MESSAGE_INIT ((Message){.body = BUF(LINK_MESSAGE_MAX)})
void message_done(Message *message);

void link_init(Link *link, int fd);
void link_done(Link *link);

LinkRead link_read(Link *link, Message *ret_message);
bool link_has_buffered(const Link *link); // input that poll() on the socket would not show

/* Sends whole packets once enough has gathered in `out`. */
void link_send_full(Link *link);
/* Sends the rest; the last packet ends the message. */
void link_send_end(Link *link);
/* Sends what is in `out` though the message goes on: before a stall or a break. */
void link_send_part(Link *link);
/* One packet of another type than an answer: TLS handshake. */
void link_send_raw(Link *link, PacketType type, const void *bytes, size_t len);

typedef enum LinkEnd {
    LINK_END_FIN,    // the socket alone
    LINK_END_NOTIFY, // TLS's close_notify, then the socket; without TLS the socket alone
    LINK_END_RESET   // RST
} LinkEnd;

/* Ends the connection at once; what is in `out` is not sent. The link is broken then. */
void link_break(Link *link, LinkEnd how);

#endif
