/*
 * LOGIN7, who logs in and how ([MS-TDS] 2.2.6.4), with the features that are asked for.
 */
#ifndef SSISMINER_PACKET_LOGIN_H
#define SSISMINER_PACKET_LOGIN_H

#include "ssisminer/base/arena.h"
#include "ssisminer/packet/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    TDS_VERSION_72 = 0x72090002,
    TDS_VERSION_73A = 0x730A0003,
    TDS_VERSION_74 = 0x74000004,
    TDS_VERSION_8 = 0x08000000
};

enum { // of option flags 2, of the type's flags, of option flags 3
    LOGIN_INTEGRATED = 0x80,
    LOGIN_READ_ONLY_INTENT = 0x20,
    LOGIN_EXTENDED = 0x10
};

enum { LOGIN_TEXT_UNITS = 128, LOGIN_MAX = 128 * 1024 - 1 };

typedef enum LoginFeature {
    FEATURE_FED_AUTH = 0x02,
    FEATURE_UTF8 = 0x0A,
    FEATURE_END = 0xFF
} LoginFeature;

enum { FED_AUTH_SECURITY_TOKEN = 0x01 };

typedef struct FedAuth {
    uint8_t library;
    bool echo;            // what the server said to FEDAUTHREQUIRED
    const uint8_t *token; // UTF-16LE when read; what is written is UTF-8 and becomes it
    size_t token_len;     // bytes of it
    const uint8_t *nonce; // PRELOGIN_NONCE bytes, NULL for none
} FedAuth;

typedef struct Login {
    uint32_t tds_version;
    uint32_t packet_size; // 0: the server's choice
    uint32_t program_version, process_id, connection_id;
    uint8_t options1, options2, type_flags, options3;
    uint32_t time_zone, locale;
    const char *host, *user, *password, *application, *server, *library, *language, *database;
    uint8_t client_id[6];
    const uint8_t *sspi;
    size_t sspi_len;
    bool has_fed_auth, wants_utf8;
    FedAuth fed_auth;
} Login;

/* False on bytes that make no sense. Texts live in the arena, other bytes where they were. */
bool login_decode(const uint8_t *bytes, size_t len, Arena *arena, Login *ret_login);

/* Texts of NULL are left out; the flag of the features is set as there are any. A text that is
 * longer than a login can carry is cut. The buffer holds the password and the token afterwards. */
void login_put(Buf *buf, const Login *login);

#endif
