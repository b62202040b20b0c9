/* The header of a packet, and a message split into packets. */
#include "ssisminer/packet/packet.h"

#include <assert.h>

bool packet_head_read(const uint8_t bytes[PACKET_HEADER], PacketHead *ret_head)
{
    *ret_head = (PacketHead){.type = bytes[0],
                             .status = bytes[1],
                             .len = (uint16_t)(bytes[2] << 8 | bytes[3]),
                             .spid = (uint16_t)(bytes[4] << 8 | bytes[5]),
                             .id = bytes[6]};
    return ret_head->len >= PACKET_HEADER;
}

void packet_head_write(const PacketHead *head, uint8_t ret_bytes[PACKET_HEADER])
{
    ret_bytes[0] = head->type;
    ret_bytes[1] = head->status;
    ret_bytes[2] = (uint8_t)(head->len >> 8);
    ret_bytes[3] = (uint8_t)head->len;
    ret_bytes[4] = (uint8_t)(head->spid >> 8);
    ret_bytes[5] = (uint8_t)head->spid;
    ret_bytes[6] = head->id;
    ret_bytes[7] = 0; // window, unused
}

void packet_put(Buf *buf, PacketType type, uint16_t spid, const void *bytes, size_t len,
                size_t size)
{
    const char *at = bytes;
    size_t room = size - PACKET_HEADER;
    uint8_t header[PACKET_HEADER];
    uint8_t id = 1;

    assert(size > PACKET_HEADER && size <= UINT16_MAX);
    do {
        size_t piece = len < room ? len : room;
        PacketHead head = {.type = (uint8_t)type,
                           .status = piece == len ? STATUS_END : 0,
                           .len = (uint16_t)(piece + PACKET_HEADER),
                           .spid = spid,
                           .id = id++};
        packet_head_write(&head, header);
        buf_put(buf, header, sizeof(header));
        if (piece > 0)
            buf_put(buf, at, piece);
        at += piece;
        len -= piece;
    } while (len > 0);
}
