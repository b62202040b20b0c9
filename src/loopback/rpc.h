/* Requests that run something: the headers before them, and remote procedure calls. */
#ifndef LOOPBACK_RPC_H
#define LOOPBACK_RPC_H

#include "ssisminer/base/arena.h"
#include "ssisminer/engine/engine.h"
#include "ssisminer/packet/bytes.h"

#include <stdbool.h>
#include <stdint.h>

/* Skips ALL_HEADERS; false when it is not well formed. */
bool rpc_skip_headers(Reader *reader);

enum { RPC_PARAMS_MAX = 2100 }; // as SQL Server has it

typedef struct Rpc {
    uint16_t proc_id; // 0 when it has a name
    const char *name;
    SbParam *params; // names as the client wrote them, "" for none
    size_t param_count;
    const char *foreign; // the type of the parameter behind them, which the sandbox does not take;
                         // NULL: none
} Rpc;

/* Decodes one call and the separator behind it, if any. Everything lives in the arena, binary
 * values in the message. False with a reason to tell the client. */
bool rpc_decode(Reader *reader, Arena *arena, Rpc *ret_rpc, const char **ret_reason);

#endif
