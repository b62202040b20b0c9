/* Requests that run something: their headers, and remote procedure calls. */
#include "rpc.h"

#include "types.h"

bool rpc_skip_headers(Reader *reader)
{
    size_t whole = reader_u32(reader);

    if (reader->is_bad || whole < 4)
        return false;
    return reader_take(reader, whole - 4) != NULL;
}

static bool read_short_text(Reader *reader, size_t units, Arena *arena, const char **ret_text)
{
    const uint8_t *bytes = reader_take(reader, units * 2);

    if (!bytes)
        return false;
    *ret_text = text_from_utf16le(arena, bytes, units).at;
    return true;
}

static bool read_procedure(Reader *reader, Arena *arena, Rpc *rpc)
{
    enum { HAS_PROC_ID = 0xFFFF };
    size_t units = reader_u16(reader);

    rpc->name = "";
    if (units == HAS_PROC_ID)
        rpc->proc_id = reader_u16(reader);
    else if (!read_short_text(reader, units, arena, &rpc->name))
        return false;
    (void)reader_u16(reader); // option flags
    return !reader->is_bad;
}

static bool read_param(Reader *reader, Arena *arena, SbParam *param, const char **ret_foreign)
{
    enum { BY_REFERENCE = 0x01 };
    WireType wire;

    if (!read_short_text(reader, reader_u8(reader), arena, &param->name))
        return false;
    param->is_output = reader_u8(reader) & BY_REFERENCE;
    *ret_foreign = reader->left > 0 ? types_foreign(*reader->at) : NULL;
    if (*ret_foreign)
        return true;
    return types_read_info(reader, &wire) &&
           types_read_value(reader, &wire, arena, &param->type, &param->value);
}

/* Several calls may share a message, with one of these bytes between them. */
static bool take_separator(Reader *reader)
{
    enum { EXECUTE = 0xFF, DO_NOT_EXECUTE = 0xFE };

    if (reader->left == 0 || (*reader->at != EXECUTE && *reader->at != DO_NOT_EXECUTE))
        return false;
    (void)reader_u8(reader);
    return true;
}

bool rpc_decode(Reader *reader, Arena *arena, Rpc *ret_rpc, const char **ret_reason)
{
    Rpc rpc = {0};

    *ret_reason = "the call's name is malformed";
    if (!read_procedure(reader, arena, &rpc))
        return false;
    while (reader->left > 0 && !take_separator(reader)) {
        *ret_reason = "the call has too many parameters";
        if (rpc.param_count == RPC_PARAMS_MAX)
            return false;
        SbParam *param = ARENA_PUSH(arena, rpc.params, rpc.param_count);
        *ret_reason = "a parameter is malformed";
        if (!read_param(reader, arena, param, &rpc.foreign))
            return false;
        if (rpc.foreign) { // how long its value is, nobody here knows
            (void)reader_take(reader, reader->left);
            rpc.param_count--;
            break;
        }
    }
    *ret_rpc = rpc;
    return true;
}
