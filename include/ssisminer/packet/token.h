/*
 * Tokens of an answer: those that the end of a login and any answer have ([MS-TDS] 2.2.7).
 */
#ifndef SSISMINER_PACKET_TOKEN_H
#define SSISMINER_PACKET_TOKEN_H

#include "ssisminer/base/arena.h"
#include "ssisminer/packet/bytes.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum Token {
    TOKEN_RETURNSTATUS = 0x79,
    TOKEN_COLMETADATA = 0x81,
    TOKEN_ORDER = 0xA9,
    TOKEN_ERROR = 0xAA,
    TOKEN_INFO = 0xAB,
    TOKEN_RETURNVALUE = 0xAC,
    TOKEN_LOGINACK = 0xAD,
    TOKEN_FEATUREEXTACK = 0xAE,
    TOKEN_ROW = 0xD1,
    TOKEN_ENVCHANGE = 0xE3,
    TOKEN_SESSIONSTATE = 0xE4,
    TOKEN_SSPI = 0xED,
    TOKEN_FEDAUTHINFO = 0xEE,
    TOKEN_DONE = 0xFD,
    TOKEN_DONEPROC = 0xFE,
    TOKEN_DONEINPROC = 0xFF
} Token;

enum {
    DONE_MORE = 0x01,
    DONE_ERROR = 0x02,
    DONE_INXACT = 0x04,
    DONE_COUNT = 0x10,
    DONE_ATTENTION = 0x20,
    COMMAND_SELECT = 0xC1,
    COMMAND_UPDATE = 0xC5 // stands for whatever changed rows
};

typedef enum EnvChange {
    ENV_DATABASE = 1,
    ENV_LANGUAGE = 2,
    ENV_PACKET_SIZE = 4,
    ENV_COLLATION = 7,
    ENV_BEGIN = 8,
    ENV_COMMIT = 9,
    ENV_ROLLBACK = 10,
    ENV_MIRROR = 13,
    ENV_RESET = 18,
    ENV_ROUTING = 20,
    ENV_ROUTING_ENHANCED = 21
} EnvChange;

typedef struct MessageToken { // ERROR and INFO
    int32_t number;
    int state, severity;
    const char *text, *procedure;
    int line;
    const char *server; // its name
} MessageToken;

/* ---- writing: each function appends one whole token ------------------------------------------ */

/* Text with a one-byte count of units before it; longer text is cut. */
void token_put_short_text(Buf *buf, const char *text);
void token_put_message(Buf *buf, Token token, const MessageToken *message);
void token_put_env_text(Buf *buf, EnvChange what, const char *now, const char *before);
void token_put_env_bytes(Buf *buf, EnvChange what, const void *now, size_t len);
void token_put_env_transaction(Buf *buf, EnvChange what, uint64_t id);
void token_put_env_reset(Buf *buf);
void token_put_env_routing(Buf *buf, const char *host, int port);
void token_put_login_ack(Buf *buf, uint32_t tds_version);
/* FEDAUTH, with the server's signature of a nonce if there was one, and UTF8_SUPPORT. */
void token_put_feature_ack(Buf *buf, bool fed_auth, const void *signature, size_t len, bool utf8);
void token_put_done(Buf *buf, Token token, unsigned status, unsigned command, uint64_t count);
void token_put_return_status(Buf *buf, int32_t status);

/* ---- reading: the tokens of an answer that has no rows --------------------------------------- */

typedef struct TokenView {
    Token token;
    const uint8_t *bytes; // the whole of it, its type and length included
    size_t len;
    Reader body; // what is behind type and length
} TokenView;

/* The next token; false at the end (reader->left 0), or at one that cannot be such an answer's
 * (reader->is_bad). */
bool token_next(Reader *reader, TokenView *ret_view);

/* Texts live in the arena. False when it is cut. */
bool token_read_message(const TokenView *view, Arena *arena, MessageToken *ret_message);

typedef struct Route {
    uint8_t protocol; // 0: TCP
    uint16_t port;
    const char *server; // host, or host\instance
} Route;

/* Of an ENVCHANGE of ENV_ROUTING (or the enhanced one). */
bool token_read_route(const TokenView *view, Arena *arena, Route *ret_route);

/* Of a FEATUREEXTACK: the data of one feature; false when that feature is not in it. */
bool token_find_feature(const TokenView *view, unsigned feature, Reader *ret_data);

#endif
