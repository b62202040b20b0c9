/* The tokens that the end of a login and any answer have, written and walked. */
#include "ssisminer/packet/token.h"

#include "ssisminer/packet/login.h"
#include "ssisminer/packet/text.h"

#include <string.h>

void token_put_short_text(Buf *buf, const char *text)
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
    token_put_short_text(buf, message->server);
    token_put_short_text(buf, message->procedure);
    put_u32(buf, (uint32_t)message->line);
    close_token(buf, from);
}

void token_put_env_text(Buf *buf, EnvChange what, const char *now, const char *before)
{
    size_t from = open_token(buf, TOKEN_ENVCHANGE);

    put_u8(buf, what);
    token_put_short_text(buf, now);
    token_put_short_text(buf, before);
    close_token(buf, from);
}

void token_put_env_bytes(Buf *buf, EnvChange what, const void *now, size_t len)
{
    size_t from = open_token(buf, TOKEN_ENVCHANGE);

    put_u8(buf, what);
    put_u8(buf, (unsigned)len);
    buf_put(buf, now, len);
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
    token_put_short_text(buf, "Microsoft SQL Server"); // clients look for this name
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

void token_put_feature_ack(Buf *buf, bool fed_auth, const void *signature, size_t len, bool utf8)
{
    put_u8(buf, TOKEN_FEATUREEXTACK);
    if (fed_auth) {
        put_u8(buf, FEATURE_FED_AUTH);
        put_u32(buf, (uint32_t)len);
        if (len > 0)
            buf_put(buf, signature, len);
    }
    if (utf8) {
        put_u8(buf, FEATURE_UTF8);
        put_u32(buf, 1);
        put_u8(buf, 1);
    }
    put_u8(buf, FEATURE_END);
}

/* ---- reading --------------------------------------------------------------------------------- */

static size_t features_len(Reader reader)
{
    size_t all = reader.left;

    while (reader_u8(&reader) != FEATURE_END && !reader.is_bad)
        (void)reader_take(&reader, reader_u32(&reader));
    return all - reader.left;
}

/* How long what is behind the type and the length is; the reader goes behind the length. */
static bool body_len(Token token, Reader *reader, size_t *ret_len)
{
    switch (token) {
    case TOKEN_ORDER:
    case TOKEN_ERROR:
    case TOKEN_INFO:
    case TOKEN_LOGINACK:
    case TOKEN_ENVCHANGE:
    case TOKEN_SSPI:
        *ret_len = reader_u16(reader);
        return true;
    case TOKEN_SESSIONSTATE:
    case TOKEN_FEDAUTHINFO:
        *ret_len = reader_u32(reader);
        return true;
    case TOKEN_RETURNSTATUS:
        *ret_len = 4;
        return true;
    case TOKEN_DONE:
    case TOKEN_DONEPROC:
    case TOKEN_DONEINPROC:
        *ret_len = 12;
        return true;
    case TOKEN_FEATUREEXTACK:
        *ret_len = features_len(*reader);
        return true;
    case TOKEN_COLMETADATA:
    case TOKEN_RETURNVALUE:
    case TOKEN_ROW:
        break;
    }
    return false;
}

bool token_next(Reader *reader, TokenView *ret_view)
{
    TokenView view = {.bytes = reader->at};
    size_t all = reader->left, len = 0;

    if (reader->is_bad || all == 0)
        return false;
    view.token = (Token)reader_u8(reader);
    if (!body_len(view.token, reader, &len)) {
        reader->is_bad = true;
        return false;
    }
    const uint8_t *body = reader_take(reader, len);
    view.body = reader_of(body, len);
    view.len = all - reader->left;
    *ret_view = view;
    return !reader->is_bad;
}

static const char *read_text(Reader *reader, size_t units, Arena *arena)
{
    const uint8_t *bytes = reader_take(reader, units * 2);

    return bytes ? text_from_utf16le(arena, bytes, units).at : "";
}

bool token_read_message(const TokenView *view, Arena *arena, MessageToken *ret_message)
{
    Reader body = view->body;
    MessageToken message = {.number = (int32_t)reader_u32(&body)};

    message.state = reader_u8(&body);
    message.severity = reader_u8(&body);
    message.text = read_text(&body, reader_u16(&body), arena);
    message.server = read_text(&body, reader_u8(&body), arena);
    message.procedure = read_text(&body, reader_u8(&body), arena);
    message.line = (int)reader_u32(&body);
    *ret_message = message;
    return !body.is_bad;
}

bool token_read_route(const TokenView *view, Arena *arena, Route *ret_route)
{
    Reader body = view->body;
    unsigned what = reader_u8(&body);

    if (view->token != TOKEN_ENVCHANGE || (what != ENV_ROUTING && what != ENV_ROUTING_ENHANCED))
        return false;
    (void)reader_u16(&body); // the length of what follows
    ret_route->protocol = reader_u8(&body);
    ret_route->port = reader_u16(&body);
    ret_route->server = read_text(&body, reader_u16(&body), arena);
    return !body.is_bad;
}

bool token_find_feature(const TokenView *view, unsigned feature, Reader *ret_data)
{
    Reader body = view->body;

    for (unsigned at = reader_u8(&body); at != FEATURE_END && !body.is_bad; at = reader_u8(&body)) {
        size_t len = reader_u32(&body);
        const uint8_t *data = reader_take(&body, len);
        if (data && at == feature) {
            *ret_data = reader_of(data, len);
            return true;
        }
    }
    return false;
}
