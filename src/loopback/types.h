/*
 * Types and values on the wire: TYPE_INFO and the bytes of one value, both ways.
 *
 * Everything goes out in its nullable form (INTN, BITN, …). In come all the types that clients use
 * for parameters; char and varchar are of code page 1252, that of the collation which the login
 * told the client. time, xml, table and CLR types are refused (types_foreign).
 */
#ifndef LOOPBACK_TYPES_H
#define LOOPBACK_TYPES_H

#include "ssisminer/base/arena.h"
#include "ssisminer/engine/engine.h"
#include "ssisminer/packet/bytes.h"
#include "ssisminer/packet/text.h"

#include <stdbool.h>
#include <stdint.h>

enum { COLLATION_LEN = 5 };
extern const uint8_t types_collation[COLLATION_LEN]; // SQL_Latin1_General_CP1_CI_AS

/* The name of a type that a server takes and this one does not; NULL for any other token. */
const char *types_foreign(uint8_t token);
const char *types_name(const SbType *type); // "nvarchar", for messages and the log

void types_put_info(Buf *buf, const SbType *type);
/* False when the value is not one of the type (too long, too large, not a number): what was
 * appended so far is then of no use. */
bool types_put_value(Buf *buf, const SbType *type, const SbValue *value);

/* TDS 7.2 has no types for dates: they go out as text, as the server writes it. */
SbType types_before_73(SbType type);

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

/* token.c: tokens that need the engine's types; each function appends one whole token. */
void token_put_env_collation(Buf *buf);
bool token_put_return_value(Buf *buf, unsigned ordinal, const SbParam *param);
void token_put_columns(Buf *buf, const SbColumn *columns, size_t count);

/* text.c: code page 1252, in which char and varchar come and go. */
Str text_from_cp1252(Arena *arena, const uint8_t *bytes, size_t len);
size_t text_put_cp1252(Buf *buf, Str text); // bytes; what the page has not got is ?

#endif
