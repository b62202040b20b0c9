/*
 * Packets of TDS: a header of eight bytes in front of each piece of a message ([MS-TDS] 2.2.3.1).
 */
#ifndef SSISMINER_PACKET_PACKET_H
#define SSISMINER_PACKET_PACKET_H

#include "ssisminer/base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum PacketType {
    PACKET_BATCH = 0x01,
    PACKET_LOGIN_OLD = 0x02, // of TDS 4.2 and 5.0
    PACKET_RPC = 0x03,
    PACKET_ANSWER = 0x04,
    PACKET_ATTENTION = 0x06,
    PACKET_BULK = 0x07,
    PACKET_FED_AUTH_TOKEN = 0x08,
    PACKET_TRANSACTION = 0x0E,
    PACKET_LOGIN = 0x10,
    PACKET_SSPI = 0x11,
    PACKET_PRELOGIN = 0x12
} PacketType;

enum {
    STATUS_END = 0x01,
    STATUS_IGNORE = 0x02,
    STATUS_RESET = 0x08,
    STATUS_RESET_KEEP_TRANSACTION = 0x10,
    PACKET_HEADER = 8,
    PACKET_SIZE_MIN = 512,
    PACKET_SIZE_DEFAULT = 4096, // until the login is over, whatever was asked for
    PACKET_SIZE_MAX = 32767,
    PACKET_SIZE_MAX_TLS = 16383 // as a packet is to be one record
};

typedef struct PacketHead {
    uint8_t type, status;
    uint16_t len; // of the packet, its header included
    uint16_t spid;
    uint8_t id;
} PacketHead;

/* False when the length makes no sense. */
bool packet_head_read(const uint8_t bytes[PACKET_HEADER], PacketHead *ret_head);
void packet_head_write(const PacketHead *head, uint8_t ret_bytes[PACKET_HEADER]);

/* Appends a whole message as packets of at most `size` bytes, numbered from 1, the last one marked
 * as the end; a message without a byte is one packet. */
void packet_put(Buf *buf, PacketType type, uint16_t spid, const void *bytes, size_t len,
                size_t size);

#endif
