/* A PRELOGIN packet, and what a server's answer to it says. */
#include "network.h"

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

const Str tds_prelogin = {(const char *)prelogin, sizeof(prelogin)};
