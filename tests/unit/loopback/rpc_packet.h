/* Requests as a client writes them. */
#ifndef RPC_PACKET_H
#define RPC_PACKET_H

#include "../../../src/loopback/types.h"
#include "ssisminer/packet/bytes.h"
#include "ssisminer/packet/text.h"

#include <stdlib.h>
#include <string.h>

/* ALL_HEADERS with the one header that clients send: the transaction descriptor. */
static inline void put_headers(Buf *packet)
{
    put_u32(packet, 22);
    put_u32(packet, 18);
    put_u16(packet, 2);
    put_u64(packet, 0);
    put_u32(packet, 1);
}

static inline void put_rpc_id(Buf *packet, unsigned id)
{
    put_u16(packet, 0xFFFF);
    put_u16(packet, id);
    put_u16(packet, 0);
}

static inline void put_rpc_name(Buf *packet, const char *name)
{
    put_u16(packet, (unsigned)strlen(name));
    (void)text_put_utf16le(packet, str_of(name));
    put_u16(packet, 0);
}

static inline void put_param(Buf *packet, const char *name, bool is_output, SbType type,
                             SbValue value)
{
    put_u8(packet, (unsigned)strlen(name));
    (void)text_put_utf16le(packet, str_of(name));
    put_u8(packet, is_output);
    types_put_info(packet, &type);
    if (!types_put_value(packet, &type, &value))
        abort();
}

static inline void put_text_param(Buf *packet, const char *name, const char *text)
{
    put_param(packet, name, false, (SbType){.id = SB_NVARCHAR, .max_chars = -1},
              (SbValue){.bytes = str_of(text)});
}

#endif
