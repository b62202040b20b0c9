/* A LOGIN7 packet as a client writes it. */
#ifndef LOGIN_PACKET_H
#define LOGIN_PACKET_H

#include "ssisminer/packet/bytes.h"
#include "ssisminer/packet/text.h"

#include <string.h>

typedef struct LoginPacket {
    const char *user, *password, *database;
    uint32_t tds_version, packet_size;
} LoginPacket;

static void hide_password(Buf *packet, size_t from)
{
    for (size_t i = from; i < packet->len; i++) {
        unsigned byte = (unsigned char)packet->text[i];
        packet->text[i] = (char)(((byte << 4 | byte >> 4) & 0xFF) ^ 0xA5);
    }
}

static void put_login(Buf *packet, const LoginPacket *login)
{
    static const char *const nothing = "";
    const char *const texts[] = {"here",  login->user, login->password, "unit test",    "127.0.0.1",
                                 nothing, "library",   nothing,         login->database};
    enum { FIXED = 94, TEXTS = 9, PASSWORD = 2 };

    buf_pad(packet, '\0', FIXED);
    packet->text[26] = 0x20; // read-only intent
    for (size_t i = 0; i < TEXTS; i++) {
        size_t pair = 36 + 4 * i, from = packet->len;
        put_u16_at(packet, pair, from);
        put_u16_at(packet, pair + 2, text_put_utf16le(packet, str_of(texts[i])));
        if (i == PASSWORD)
            hide_password(packet, from);
    }
    put_u16_at(packet, 0, packet->len);
    put_u16_at(packet, 4, login->tds_version & 0xFFFF);
    put_u16_at(packet, 6, login->tds_version >> 16);
    put_u16_at(packet, 8, login->packet_size);
}

#endif
