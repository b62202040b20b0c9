/*
 * Requests that run something: the headers before them, remote procedure calls, and the
 * declarations of their parameters.
 */
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
} Rpc;

/* Decodes one call and the separator behind it, if any. Everything lives in the arena, binary
 * values in the message. False with a reason to tell the client. */
bool rpc_decode(Reader *reader, Arena *arena, Rpc *ret_rpc, const char **ret_reason);

/* "@since datetimeoffset(7), @n int = NULL OUTPUT" as sp_executesql takes it. */
typedef struct Declaration {
    const char *name;
    SbType type;
    bool is_output;
} Declaration;

bool rpc_parse_declarations(Str text, Arena *arena, Declaration **ret_list, size_t *ret_count,
                            const char **ret_reason);

/* Gives the value the declared type, as the server does on entry; false if it cannot be. */
bool rpc_convert(SbParam *param, const SbType *declared, Arena *arena);

#endif
