/* Tokens that the server alone writes: columns, return values, its collation. */
#include "types.h"

#include "ssisminer/packet/token.h"

void token_put_env_collation(Buf *buf)
{
    token_put_env_bytes(buf, ENV_COLLATION, types_collation, COLLATION_LEN);
}

bool token_put_return_value(Buf *buf, unsigned ordinal, const SbParam *param)
{
    put_u8(buf, TOKEN_RETURNVALUE);
    put_u16(buf, ordinal);
    token_put_short_text(buf, param->name);
    put_u8(buf, 1);  // an output parameter
    put_u32(buf, 0); // user type
    put_u16(buf, 1); // nullable
    types_put_info(buf, &param->type);
    return types_put_value(buf, &param->type, &param->value);
}

void token_put_columns(Buf *buf, const SbColumn *columns, size_t count)
{
    enum { IS_NULLABLE = 0x01, UPDATEABLE_UNKNOWN = 0x08 };

    put_u8(buf, TOKEN_COLMETADATA);
    put_u16(buf, (unsigned)count);
    for (size_t i = 0; i < count; i++) {
        put_u32(buf, 0); // user type
        put_u16(buf, UPDATEABLE_UNKNOWN | (columns[i].is_nullable ? IS_NULLABLE : 0));
        types_put_info(buf, &columns[i].type);
        token_put_short_text(buf, columns[i].name);
    }
}
