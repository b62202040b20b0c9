/* One client, from its first packet to its last, on a thread of its own. */
#include "connection.h"

#include "types.h"

#include <stdlib.h>

Response connection_response(Connection *connection, bool is_procedure)
{
    atomic_store(&connection->watched.is_canceled, false);
    return (Response){.link = &connection->link,
                      .session = connection->session,
                      .hooks = connection->service->hooks,
                      .is_canceled = &connection->watched.is_canceled,
                      .arena = &connection->arena,
                      .is_procedure = is_procedure,
                      .is_in_transaction = &connection->is_in_transaction,
                      .is_before_73 = connection->is_before_73};
}

/* ---- ends ------------------------------------------------------------------------------------ */

static void end_canceled(Connection *connection, Response *response)
{
    AUTO(message_done) Message message = MESSAGE_INIT;
    TrafficEntry entry = {
        .session = session_id(connection->session), .login = connection->user, .kind = "attention"};

    response_end_canceled(response);
    if (link_read(&connection->link, &message) != LINK_MESSAGE ||
        message.type != PACKET_ATTENTION) {
        connection->is_over = true;
        return;
    }
    traffic_write(connection->service->traffic, &entry);
    response_end_attention(&connection->link);
}

/* True when the answer has its end already, or can have none. */
static bool has_ended(Connection *connection, Response *response)
{
    if (connection->is_over || connection->link.is_broken) {
        connection->is_over = true;
        return true;
    }
    if (atomic_load(&connection->watched.is_canceled)) {
        end_canceled(connection, response);
        return true;
    }
    if (response->worst_severity >= SEVERITY_CLOSES)
        connection->is_over = true;
    return false;
}

void connection_end_batch(Connection *connection, Response *response)
{
    if (!has_ended(connection, response))
        response_end_batch(response);
}

void connection_end_procedure(Connection *connection, Response *response, int32_t status,
                              const SbParam *params, size_t count)
{
    if (!has_ended(connection, response))
        response_end_procedure(response, status, params, count);
}

/* ---- one statement --------------------------------------------------------------------------- */

static void execute(Connection *connection, Response *response, const TrafficEntry *entry,
                    SbParam *params, size_t param_count)
{
    const WireHooks *hooks = connection->service->hooks;
    SbSink sink =
        hooks->sink ? hooks->sink(hooks->context, response, entry->text) : response_sink(response);

    watch_arm(&connection->watched);
    if (link_has_buffered(&connection->link)) // poll() cannot see it
        atomic_store(&connection->watched.is_canceled, true);
    (void)session_execute(connection->session, entry->text, entry->declarations, params,
                          param_count, &sink);
    watch_disarm(&connection->watched);
}

bool connection_run(Connection *connection, Response *response, const TrafficEntry *entry,
                    SbParam *params, size_t param_count)
{
    const WireHooks *hooks = connection->service->hooks;

    traffic_write(connection->service->traffic, entry);
    if (HOOK(hooks, statement, response, entry->text, params, param_count)) {
        execute(connection, response, entry, params, param_count);
        if (hooks->end && !connection->link.is_broken)
            hooks->end(hooks->context, response, entry->text);
    }
    if (connection->link.is_broken)
        connection->is_over = true;
    return !connection->is_over;
}

/* ---- requests -------------------------------------------------------------------------------- */

/* The stream makes no sense any more: say so and close. */
static void refuse_stream(Connection *connection, const char *reason)
{
    Response response = connection_response(connection, false);

    (void)response_error(&response, 4002, SEVERITY_CLOSES, reason);
    connection_end_batch(connection, &response);
}

static void serve_batch(Connection *connection, const Message *message)
{
    Reader reader = reader_of(buf_text(&message->body), message->body.len);

    if (!rpc_skip_headers(&reader) || reader.left % 2 != 0) {
        refuse_stream(connection, "The batch is malformed.");
        return;
    }
    TrafficEntry entry = {.session = session_id(connection->session),
                          .login = connection->user,
                          .kind = "batch",
                          .text =
                              text_from_utf16le(&connection->arena, reader.at, reader.left / 2)};
    Response response = connection_response(connection, false);
    if (connection_run(connection, &response, &entry, NULL, 0))
        connection_end_batch(connection, &response);
}

static void serve_rpc(Connection *connection, const Message *message)
{
    Reader reader = reader_of(buf_text(&message->body), message->body.len);
    const char *reason = "the headers are malformed";
    bool ok = rpc_skip_headers(&reader);

    for (bool is_first = true; ok && !connection->is_over && (is_first || reader.left > 0);
         is_first = false) {
        Rpc rpc;
        ok = rpc_decode(&reader, &connection->arena, &rpc, &reason);
        if (ok)
            call_run(connection, &rpc);
    }
    if (!ok)
        refuse_stream(connection,
                      arena_printf(&connection->arena,
                                   "The remote procedure call is malformed: %s.", reason));
}

/* Of a transaction; "" for none. */
static const char *read_name(Connection *connection, Reader *reader)
{
    size_t len = reader_u8(reader);
    const uint8_t *bytes = reader_take(reader, len);

    return bytes ? text_from_utf16le(&connection->arena, bytes, len / 2).at : "";
}

static void serve_transaction(Connection *connection, const Message *message)
{
    enum { BEGIN = 5, COMMIT = 7, ROLLBACK = 8, BEGIN_AGAIN = 0x01 };
    Reader reader = reader_of(buf_text(&message->body), message->body.len);
    bool ok = rpc_skip_headers(&reader);
    int request = reader_u16(&reader);

    if (!ok || reader.is_bad) {
        refuse_stream(connection, "The transaction request is malformed.");
        return;
    }
    Response response = connection_response(connection, false);
    SbSink sink = response_sink(&response);
    TrafficEntry entry = {.session = session_id(connection->session),
                          .login = connection->user,
                          .kind = "transaction",
                          .text = str_of(request == BEGIN    ? "begin"
                                         : request == COMMIT ? "commit"
                                                             : "rollback")};
    if (request != BEGIN && request != COMMIT && request != ROLLBACK) {
        (void)response_error(&response, 3989, 16,
                             "The sandbox takes begin, commit and rollback only.");
    } else {
        traffic_write(connection->service->traffic, &entry);
        if (request == BEGIN)
            (void)reader_u8(&reader); // the isolation level
        const char *name = read_name(connection, &reader);
        (void)session_transaction(connection->session, request, name, &sink);
        if (request != BEGIN && reader_u8(&reader) & BEGIN_AGAIN) {
            (void)reader_u8(&reader);
            (void)session_transaction(connection->session, BEGIN, read_name(connection, &reader),
                                      &sink);
        }
    }
    connection_end_batch(connection, &response);
}

static void serve_attention(Connection *connection, const Message *message)
{
    (void)message; // it came after the answer's end
    response_end_attention(&connection->link);
}

static void serve_other(Connection *connection, const Message *message)
{
    (void)message;
    refuse_stream(connection, "The sandbox does not take this kind of request.");
}

static const struct {
    PacketType type;
    void (*serve)(Connection *connection, const Message *message);
} requests[] = {
    {PACKET_BATCH, serve_batch},
    {PACKET_RPC, serve_rpc},
    {PACKET_TRANSACTION, serve_transaction},
    {PACKET_ATTENTION, serve_attention},
};

/* A pooled connection comes back as new. */
static void reset_session(Connection *connection)
{
    Session *fresh =
        session_open(connection->service->engine, connection->user, connection->application);

    if (!fresh) {
        connection->is_over = true;
        return;
    }
    session_set_host(fresh, connection->host);
    session_start(fresh);
    session_close(connection->session);
    connection->session = connection->watched.session = fresh;
    connection->is_in_transaction = false;
    call_forget_all(connection);
}

static void serve_message(Connection *connection, const Message *message)
{
    if (message->status & STATUS_IGNORE) { // the client took the request back
        Response response = connection_response(connection, false);
        connection_end_batch(connection, &response);
        return;
    }
    bool keeps = message->status & STATUS_RESET_KEEP_TRANSACTION && connection->is_in_transaction;
    if (message->status & (STATUS_RESET | STATUS_RESET_KEEP_TRANSACTION)) {
        if (!keeps)
            reset_session(connection);
        token_put_env_reset(&connection->link.out);
    }
    if (connection->is_over)
        return;
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        if (requests[i].type == message->type) {
            requests[i].serve(connection, message);
            return;
        }
    }
    serve_other(connection, message);
}

/* ---- from first to last ---------------------------------------------------------------------- */

static void serve_session(Connection *connection)
{
    AUTO(message_done) Message message = MESSAGE_INIT;

    while (!connection->is_over) {
        LinkRead got = link_read(&connection->link, &message);
        if (got == LINK_REFUSED)
            link_break(&connection->link, LINK_END_RESET);
        if (got == LINK_MALFORMED)
            refuse_stream(connection, "The packet is malformed.");
        if (got != LINK_MESSAGE)
            return;
        arena_reset(&connection->arena);
        serve_message(connection, &message);
    }
}

void connection_serve(const Service *service, int fd)
{
    Connection connection = {.service = service, .watched.fd = fd};

    link_init(&connection.link, fd);
    if (handshake(&connection) && watch_start(&connection.watched))
        serve_session(&connection);

    watch_stop(&connection.watched);
    call_forget_all(&connection);
    if (connection.session)
        session_close(connection.session);
    arena_done(&connection.arena);
    free(connection.user);
    free(connection.application);
    free(connection.host);
    link_done(&connection.link);
}
