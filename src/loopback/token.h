/* Tokens of an answer other than columns and rows. Each function appends one whole token. */
#ifndef LOOPBACK_TOKEN_H
#define LOOPBACK_TOKEN_H

#include "bytes.h"
#include "ssisminer/engine/engine.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum Token {
    TOKEN_RETURNSTATUS = 0x79,
    TOKEN_COLMETADATA = 0x81,
    TOKEN_ERROR = 0xAA,
    TOKEN_INFO = 0xAB,
    TOKEN_RETURNVALUE = 0xAC,
    TOKEN_LOGINACK = 0xAD,
    TOKEN_ROW = 0xD1,
    TOKEN_ENVCHANGE = 0xE3,
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
    ENV_RESET = 18,
    ENV_ROUTING = 20
} EnvChange;

typedef struct MessageToken { // ERROR and INFO
    int32_t number;
    int state, severity;
    const char *text, *procedure;
    int line;
} MessageToken;

void token_put_message(Buf *buf, Token token, const MessageToken *message);
void token_put_env_text(Buf *buf, EnvChange what, const char *now, const char *before);
void token_put_env_collation(Buf *buf);
void token_put_env_transaction(Buf *buf, EnvChange what, uint64_t id);
void token_put_env_reset(Buf *buf);
void token_put_env_routing(Buf *buf, const char *host, int port);
void token_put_login_ack(Buf *buf, uint32_t tds_version);
void token_put_done(Buf *buf, Token token, unsigned status, unsigned command, uint64_t count);
void token_put_return_status(Buf *buf, int32_t status);
bool token_put_return_value(Buf *buf, unsigned ordinal, const SbParam *param);
void token_put_columns(Buf *buf, const SbColumn *columns, size_t count);

#endif
