/*
 * Types and values on the wire: TYPE_INFO and the bytes of one value, both ways.
 *
 * Everything goes out in its nullable form (INTN, BITN, …), text as NVARCHAR. In come all the
 * types that clients use for parameters; varchar is taken as code page 1252, the code page of
 * the collation that the login told the client. time, xml, table and CLR types are refused.
 */
#ifndef LOOPBACK_TYPES_H
#define LOOPBACK_TYPES_H

#include "ssisminer/base/arena.h"
#include "ssisminer/engine/engine.h"
#include "ssisminer/packet/bytes.h"

#include <stdbool.h>
#include <stdint.h>

enum { COLLATION_LEN = 5 };
extern const uint8_t types_collation[COLLATION_LEN]; // SQL_Latin1_General_CP1_CI_AS

const char *types_name(const SbType *type); // "nvarchar", for messages and the log

void types_put_info(Buf *buf, const SbType *type);
/* False when the value is not one of the type (too long, too large, not a number): what was
 * appended so far is then of no use. */
bool types_put_value(Buf *buf, const SbType *type, const SbValue *value);

typedef struct WireType {
    uint8_t token;
    uint8_t precision, scale;
    bool is_long; // partially length-prefixed
    uint32_t max_bytes;
} WireType;

/* Both false when the bytes make no sense or the type is refused. Text lives in the arena;
 * binary values borrow from the message. */
bool types_read_info(Reader *reader, WireType *ret_type);
bool types_read_value(Reader *reader, const WireType *wire, Arena *arena, SbType *ret_type,
                      SbValue *ret_value);

/* The number that a decimal's text stands for, scaled; false when it does not fit 38 digits or
 * has more digits behind the point than `scale`. */
__extension__ typedef unsigned __int128 Uint128;
bool types_parse_decimal(Str text, int scale, bool *ret_is_negative, Uint128 *ret_digits);
Str types_decimal_text(Arena *arena, bool is_negative, Uint128 digits, int scale);
bool types_parse_guid(Str text, uint8_t ret_bytes[16]);

#endif
