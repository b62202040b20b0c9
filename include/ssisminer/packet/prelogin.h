/*
 * PRELOGIN, the first message of either side: what the connection is to be ([MS-TDS] 2.2.6.5).
 */
#ifndef SSISMINER_PACKET_PRELOGIN_H
#define SSISMINER_PACKET_PRELOGIN_H

#include "ssisminer/packet/bytes.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum Encryption {
    ENCRYPTION_OFF = 0, // the login packet only
    ENCRYPTION_ON = 1,
    ENCRYPTION_NOT_SUPPORTED = 2,
    ENCRYPTION_REQUIRED = 3
} Encryption;

enum { PRELOGIN_NONCE = 32, PRELOGIN_TRACE = 36 };

typedef struct Prelogin { // {0} is one that says nothing
    uint8_t version[6];
    bool has_encryption;
    Encryption encryption;
    const char *instance;   // of a client, "" for any; NULL: as a server, whose instance matches
    bool is_other_instance; // of a server: it is not the one that was asked for
    bool has_thread;
    uint32_t thread;
    bool wants_mars;
    bool has_fed_auth; // FEDAUTHREQUIRED is there
    uint8_t fed_auth;
    const uint8_t *trace; // PRELOGIN_TRACE bytes, NULL for none
    const uint8_t *nonce; // PRELOGIN_NONCE bytes, NULL for none
} Prelogin;

/* False on bytes that make no sense. Pointers go into `bytes`, but for the instance, which is not
 * read. What is not known is skipped. */
bool prelogin_decode(const uint8_t *bytes, size_t len, Prelogin *ret_prelogin);

void prelogin_put(Buf *buf, const Prelogin *prelogin);

#endif
