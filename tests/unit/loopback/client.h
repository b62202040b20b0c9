/*
 * A small TDS client, plain packets only, that shows an answer as text:
 *
 *     "columns a:int b:nvarchar; row 1|x; done 0x10 n=1; "
 */
#ifndef CLIENT_H
#define CLIENT_H

#include "login_packet.h"
#include "rpc_packet.h"
#include "ssisminer/base/arena.h"
#include "ssisminer/loopback/response.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct Client {
    int fd;
    Arena arena;
    WireType types[64];
    size_t columns;
} Client;

static void client_close(Client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
    arena_done(&client->arena);
}

static Client client_connect(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = 20};
    int on = 1;
    Client client = {.fd = socket(AF_INET, SOCK_STREAM, 0)};

    if (connect(client.fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        abort();
    (void)setsockopt(client.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(client.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return client;
}

static void client_send_bytes(const Client *client, const void *bytes, size_t len)
{
    (void)!send(client->fd, bytes, len, MSG_NOSIGNAL);
}

/* One message, in packets of at most `size` bytes. */
static void client_send_as(const Client *client, PacketType type, unsigned status, const Buf *body,
                           size_t size)
{
    size_t at = 0;

    do {
        size_t piece = body->len - at < size ? body->len - at : size;
        size_t whole = piece + PACKET_HEADER;
        bool is_last = at + piece == body->len;
        const uint8_t header[] = {(uint8_t)type,
                                  (uint8_t)((is_last ? STATUS_END : 0) | status),
                                  (uint8_t)(whole >> 8),
                                  (uint8_t)whole,
                                  0,
                                  0,
                                  1,
                                  0};
        client_send_bytes(client, header, sizeof(header));
        client_send_bytes(client, buf_text(body) + at, piece);
        at += piece;
    } while (at < body->len);
}

static void client_send(const Client *client, PacketType type, const Buf *body)
{
    client_send_as(client, type, 0, body, 4000);
}

static bool client_read_all(const Client *client, void *to, size_t len)
{
    return len == 0 || recv(client->fd, to, len, MSG_WAITALL) == (ssize_t)len;
}

/* False when the server closed before the end of a message. */
static bool client_read(const Client *client, Buf *message)
{
    uint8_t header[PACKET_HEADER];

    buf_reset(message);
    do {
        if (!client_read_all(client, header, sizeof(header)) || header[0] != PACKET_ANSWER)
            return false;
        size_t len = ((size_t)header[2] << 8 | header[3]) - PACKET_HEADER;
        char *to = buf_room(message, len);
        if (!to || !client_read_all(client, to, len))
            return false;
        buf_added(message, len);
    } while (!(header[1] & STATUS_END));
    return true;
}

/* ---- showing tokens -------------------------------------------------------------------------- */

static void show_value(Buf *out, const SbType *type, const SbValue *value)
{
    SbTypeId id = type->id == SB_SQL_VARIANT ? value->held.id : type->id;
    char time[TIME_TEXT_MAX];

    if (value->is_null) {
        buf_puts(out, "NULL");
    } else if (id <= SB_BIGINT) {
        buf_printf(out, "%lld", (long long)value->i64);
    } else if (id == SB_FLOAT) {
        buf_printf(out, "%g", value->f64);
    } else if (id >= SB_DATE && id <= SB_DATETIMEOFFSET) {
        time_iso_utc(value->time, 7, time);
        buf_puts(out, time);
    } else if (id == SB_VARBINARY) {
        for (size_t i = 0; i < value->bytes.len; i++)
            buf_printf(out, "%02X", (unsigned)(unsigned char)value->bytes.at[i]);
    } else if (value->bytes.len > 40) {
        buf_printf(out, "<%zu bytes>", value->bytes.len);
    } else {
        buf_put(out, value->bytes.at, value->bytes.len);
    }
}

static const char *read_short(Client *client, Reader *reader)
{
    size_t units = reader_u8(reader);

    return text_from_utf16le(&client->arena, reader_take(reader, units * 2), units).at;
}

static void show_columns(Client *client, Reader *reader, Buf *out)
{
    client->columns = reader_u16(reader);
    buf_puts(out, "columns");
    for (size_t i = 0; i < client->columns; i++) {
        (void)reader_take(reader, 6);
        if (!types_read_info(reader, &client->types[i]))
            abort();
        buf_printf(out, " %s:%02X", read_short(client, reader), client->types[i].token);
    }
}

static void show_row(Client *client, Reader *reader, Buf *out)
{
    buf_puts(out, "row ");
    for (size_t i = 0; i < client->columns; i++) {
        SbType type;
        SbValue value;
        if (!types_read_value(reader, &client->types[i], &client->arena, &type, &value))
            abort();
        buf_puts(out, i ? "|" : "");
        show_value(out, &type, &value);
    }
}

static void show_return_value(Client *client, Reader *reader, Buf *out)
{
    WireType info;
    SbType type;
    SbValue value;

    (void)reader_u16(reader);
    buf_printf(out, "output %s=", read_short(client, reader));
    (void)reader_take(reader, 7);
    if (!types_read_info(reader, &info) ||
        !types_read_value(reader, &info, &client->arena, &type, &value))
        abort();
    show_value(out, &type, &value);
}

static void show_message(Client *client, Reader *reader, const char *kind, Buf *out)
{
    int32_t number = (int32_t)reader_u32(reader);
    unsigned state = reader_u8(reader), severity = reader_u8(reader);
    size_t units = reader_u16(reader);
    Str text = text_from_utf16le(&client->arena, reader_take(reader, units * 2), units);

    buf_printf(out, "%s %d/%u/%u %s", kind, number, state, severity, text.at);
}

static void show_done(Reader *reader, const char *kind, Buf *out)
{
    unsigned status = reader_u16(reader);

    (void)reader_u16(reader);
    uint64_t count = reader_u64(reader);
    buf_printf(out, "%s %02X", kind, status);
    if (status & DONE_COUNT)
        buf_printf(out, " n=%llu", (unsigned long long)count);
}

static void show_env(Client *client, Reader *reader, Buf *out)
{
    unsigned kind = reader_u8(reader);

    buf_printf(out, "env %u", kind);
    if (kind == ENV_DATABASE || kind == ENV_PACKET_SIZE)
        buf_printf(out, " %s", read_short(client, reader));
    if (kind == ENV_ROUTING) {
        (void)reader_take(reader, 3);
        unsigned port = reader_u16(reader);
        size_t units = reader_u16(reader);
        Str host = text_from_utf16le(&client->arena, reader_take(reader, units * 2), units);
        buf_printf(out, " %s,%u", host.at, port);
    }
}

static void show_token(Client *client, unsigned token, Reader *reader, Buf *out)
{
    Reader inner = {0};
    uint32_t version = 0;

    if (token == TOKEN_ERROR || token == TOKEN_INFO || token == TOKEN_ENVCHANGE ||
        token == TOKEN_LOGINACK) {
        size_t len = reader_u16(reader);
        inner = reader_of(reader_take(reader, len), len);
    }
    switch (token) {
    case TOKEN_COLMETADATA:
        show_columns(client, reader, out);
        break;
    case TOKEN_ROW:
        show_row(client, reader, out);
        break;
    case TOKEN_RETURNVALUE:
        show_return_value(client, reader, out);
        break;
    case TOKEN_RETURNSTATUS:
        buf_printf(out, "status %d", (int)reader_u32(reader));
        break;
    case TOKEN_ERROR:
        show_message(client, &inner, "error", out);
        break;
    case TOKEN_INFO:
        show_message(client, &inner, "info", out);
        break;
    case TOKEN_ENVCHANGE:
        show_env(client, &inner, out);
        break;
    case TOKEN_LOGINACK:
        (void)reader_u8(&inner);
        for (int i = 0; i < 4; i++) // the one big-endian number
            version = version << 8 | reader_u8(&inner);
        buf_puts(out, "ack");
        if (version != 0x74000004)
            buf_printf(out, " %08X", version);
        break;
    case TOKEN_DONE:
        show_done(reader, "done", out);
        break;
    case TOKEN_DONEPROC:
        show_done(reader, "doneproc", out);
        break;
    case TOKEN_DONEINPROC:
        show_done(reader, "doneinproc", out);
        break;
    default:
        buf_printf(out, "unknown token %02X", token);
        reader->is_bad = true;
        break;
    }
}

/* The next message as text that lives as long as the client; "closed" when there is none. */
static const char *client_answer(Client *client)
{
    AUTO(buf_done) Buf message = BUF(512 * 1024 * 1024);
    AUTO(buf_done) Buf out = BUF(512 * 1024 * 1024);

    if (!client_read(client, &message))
        return "closed";
    Reader reader = reader_of(buf_text(&message), message.len);
    while (reader.left > 0 && !reader.is_bad) {
        show_token(client, reader_u8(&reader), &reader, &out);
        buf_puts(&out, "; ");
    }
    if (reader.is_bad)
        buf_puts(&out, "CUT");
    return arena_copy(&client->arena, buf_text(&out), out.len);
}

/* ---- requests -------------------------------------------------------------------------------- */

static void client_log_in_as(Client *client, const LoginPacket *login)
{
    AUTO(buf_done) Buf packet = BUF(10000);

    put_login(&packet, login);
    client_send(client, PACKET_LOGIN, &packet);
}

static const char *client_batch(Client *client, const char *text)
{
    AUTO(buf_done) Buf packet = BUF(1000000);

    put_headers(&packet);
    (void)text_put_utf16le(&packet, str_of(text));
    client_send(client, PACKET_BATCH, &packet);
    return client_answer(client);
}

static void client_begin_batch(const Client *client, const char *text)
{
    AUTO(buf_done) Buf packet = BUF(1000000);

    put_headers(&packet);
    (void)text_put_utf16le(&packet, str_of(text));
    client_send(client, PACKET_BATCH, &packet);
}

static void client_attention(const Client *client)
{
    AUTO(buf_done) Buf nothing = BUF(10);

    client_send(client, PACKET_ATTENTION, &nothing);
}

#endif
