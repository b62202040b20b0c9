/*
 * The two messages before a session: PRELOGIN and LOGIN7.
 *
 * Both decoders are false on bytes that make no sense; texts live in the arena.
 */
#ifndef LOOPBACK_LOGIN_H
#define LOOPBACK_LOGIN_H

#include "bytes.h"
#include "ssisminer/base/arena.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum Encryption {
    ENCRYPTION_OFF = 0, // the login packet only
    ENCRYPTION_ON = 1,
    ENCRYPTION_NOT_SUPPORTED = 2,
    ENCRYPTION_REQUIRED = 3
} Encryption;

bool prelogin_decode(const uint8_t *bytes, size_t len, Encryption *ret_encryption);
void prelogin_put_answer(Buf *buf, Encryption encryption);

enum { TDS_VERSION_73A = 0x730A0003, TDS_VERSION_74 = 0x74000004 };

typedef struct Login {
    uint32_t tds_version;
    uint32_t packet_size; // 0: the server's choice
    const char *host, *user, *password, *application, *server, *library, *database;
    bool is_integrated; // Kerberos or NTLM, without a password
    bool is_read_only_intent;
} Login;

bool login_decode(const uint8_t *bytes, size_t len, Arena *arena, Login *ret_login);

#endif
