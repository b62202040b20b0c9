#include "token.h"

#include "text.h"
#include "types.h"

#include <string.h>

static const char server_name[] = "ssisminer-sandbox";

/* Text with a one-byte count of units before it; longer text is cut. */
static void put_short_text(Buf *buf, const char *text)
{
    size_t at = buf->len;

    put_u8(buf, 0);
    size_t units = text_put_utf16le(buf, text_cut(str_of(text), UINT8_MAX));
    if (at < buf->len)
        buf->text[at] = (char)units;
}

static void put_long_text(Buf *buf, const char *text)
{
    enum { UNITS_MAX = 2047 }; // as RAISERROR cuts
    size_t at = buf->len;

    put_u16(buf, 0);
    put_u16_at(buf, at, text_put_utf16le(buf, text_cut(str_of(text), UNITS_MAX)));
}

/* Opens a token whose two-byte length close_token fills in. */
static size_t open_token(Buf *buf, Token token)
{
    put_u8(buf, token);
    put_u16(buf, 0);
    return buf->len;
}

static void close_token(Buf *buf, size_t from)
{
    put_u16_at(buf, from - 2, buf->len - from);
}

void token_put_message(Buf *buf, Token token, const MessageToken *message)
{
    size_t from = open_token(buf, token);

    put_u32(buf, (uint32_t)message->number);
    put_u8(buf, (unsigned)message->state);
    put_u8(buf, (unsigned)message->severity);
    put_long_text(buf, message->text);
    put_short_text(buf, server_name);
    put_short_text(buf, message->procedure);
    put_u32(buf, (uint32_t)message->line);
    close_token(buf, from);
}

void token_put_env_text(Buf *buf, EnvChange what, const char *now, const char *before)
{
    size_t from = open_token(buf, TOKEN_ENVCHANGE);

    put_u8(buf, what);
    put_short_text(buf, now);
    put_short_text(buf, before);
    close_token(buf, from);
}

void token_put_env_collation(Buf *buf)
{
    size_t from = open_token(buf, TOKEN_ENVCHANGE);

    put_u8(buf, ENV_COLLATION);
    put_u8(buf, COLLATION_LEN);
    buf_put(buf, types_collation, COLLATION_LEN);
    put_u8(buf, 0);
    close_token(buf, from);
}

/* A begun transaction's id is the new value, an ended one's the old. */
void token_put_env_transaction(Buf *buf, EnvChange what, uint64_t id)
{
    size_t from = open_token(buf, TOKEN_ENVCHANGE);

    put_u8(buf, what);
    if (what != ENV_BEGIN)
        put_u8(buf, 0);
    put_u8(buf, sizeof(id));
    put_u64(buf, id);
    if (what == ENV_BEGIN)
        put_u8(buf, 0);
    close_token(buf, from);
}

void token_put_env_reset(Buf *buf)
{
    size_t from = open_token(buf, TOKEN_ENVCHANGE);

    put_u8(buf, ENV_RESET);
    put_u16(buf, 0); // no new value, no old value
    close_token(buf, from);
}

void token_put_env_routing(Buf *buf, const char *host, int port)
{
    size_t from = open_token(buf, TOKEN_ENVCHANGE);
    size_t units = text_units(str_of(host));

    put_u8(buf, ENV_ROUTING);
    put_u16(buf, (unsigned)(5 + 2 * units));
    put_u8(buf, 0); // TCP
    put_u16(buf, (unsigned)port);
    put_u16(buf, (unsigned)units);
    (void)text_put_utf16le(buf, str_of(host));
    put_u16(buf, 0);
    close_token(buf, from);
}

void token_put_login_ack(Buf *buf, uint32_t tds_version)
{
    static const uint8_t product_version[4] = {16, 0, 0x03, 0xE8};
    size_t from = open_token(buf, TOKEN_LOGINACK);

    put_u8(buf, 1);                              // Transact-SQL
    for (int shift = 24; shift >= 0; shift -= 8) // the one big-endian number
        put_u8(buf, tds_version >> shift & 0xFF);
    put_short_text(buf, "Microsoft SQL Server"); // clients look for this name
    buf_put(buf, product_version, sizeof(product_version));
    close_token(buf, from);
}

void token_put_done(Buf *buf, Token token, unsigned status, unsigned command, uint64_t count)
{
    put_u8(buf, token);
    put_u16(buf, status);
    put_u16(buf, command);
    put_u64(buf, count);
}

void token_put_return_status(Buf *buf, int32_t status)
{
    put_u8(buf, TOKEN_RETURNSTATUS);
    put_u32(buf, (uint32_t)status);
}

bool token_put_return_value(Buf *buf, unsigned ordinal, const SbParam *param)
{
    put_u8(buf, TOKEN_RETURNVALUE);
    put_u16(buf, ordinal);
    put_short_text(buf, param->name);
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
        put_short_text(buf, columns[i].name);
    }
}
