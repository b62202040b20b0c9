/* Tokens that need the engine's types. Each function appends one whole token. */
#ifndef LOOPBACK_TOKEN_H
#define LOOPBACK_TOKEN_H

#include "ssisminer/engine/engine.h"
#include "ssisminer/packet/token.h"

#define SERVER_NAME "ssisminer-sandbox"

void token_put_env_collation(Buf *buf);
bool token_put_return_value(Buf *buf, unsigned ordinal, const SbParam *param);
void token_put_columns(Buf *buf, const SbColumn *columns, size_t count);

#endif
