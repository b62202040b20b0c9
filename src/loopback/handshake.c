/* PRELOGIN, TLS and LOGIN7 from the server's side. */
#include "connection.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/packet/login.h"
#include "ssisminer/packet/prelogin.h"
#include "ssisminer/packet/text.h"
#include "tls.h"
#include "types.h"

#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

/* ---- a quiet sink ---------------------------------------------------------------------------- */

static bool note_error(void *context, int32_t number, int state, int severity, const char *text,
                       const char *procedure, int line)
{
    bool *has_error = context;

    (void)number, (void)state, (void)severity, (void)text, (void)procedure, (void)line;
    *has_error = true;
    return true;
}

/* ---- encryption ------------------------------------------------------------------------------ */

/* [what the server wants][what the client says]: the server's answer. */
static const Encryption answers[][4] = {
    [WIRE_TLS_OFF] = {ENCRYPTION_NOT_SUPPORTED, ENCRYPTION_NOT_SUPPORTED, ENCRYPTION_NOT_SUPPORTED,
                      ENCRYPTION_NOT_SUPPORTED},
    [WIRE_TLS_ON] = {ENCRYPTION_OFF, ENCRYPTION_ON, ENCRYPTION_NOT_SUPPORTED, ENCRYPTION_ON},
    [WIRE_TLS_LOGIN] = {ENCRYPTION_OFF, ENCRYPTION_OFF, ENCRYPTION_OFF, ENCRYPTION_OFF},
    [WIRE_TLS_REQUIRE] = {ENCRYPTION_REQUIRED, ENCRYPTION_ON, ENCRYPTION_REQUIRED, ENCRYPTION_ON},
};

static bool negotiate(Connection *connection, const Message *prelogin, bool *ret_login_only)
{
    Link *link = &connection->link;
    const WireOptions *options = connection->service->options;
    Prelogin client, answer = {.version = {16, 0, 0x03, 0xE8}, .has_encryption = true};

    if (!prelogin_decode((const uint8_t *)buf_text(&prelogin->body), prelogin->body.len, &client))
        return false;
    Encryption server =
        connection->is_strict ? ENCRYPTION_NOT_SUPPORTED : answers[options->tls][client.encryption];
    answer.encryption = server;
    answer.has_fed_auth = client.has_fed_auth && options->entra != WIRE_ENTRA_OFF;
    answer.fed_auth = answer.has_fed_auth && options->entra >= WIRE_ENTRA_REQUIRED;
    connection->wants_echo = answer.fed_auth == 1;
    prelogin_put(&link->out, &answer);
    link_send_end(link);
    *ret_login_only = server == ENCRYPTION_OFF;
    if (server == ENCRYPTION_NOT_SUPPORTED)
        return !link->is_broken;
    return tls_accept(link, connection->service->tls);
}

/* ---- the answer to a login ------------------------------------------------------------------- */

static bool refuse(Connection *connection, int32_t number, int severity, const char *text)
{
    Response response = connection_response(connection, false);

    (void)response_error(&response, number, severity, text);
    response_end_batch(&response);
    return false;
}

/* Text in the layout of an older TDS: units of two bytes from 7.0 on, before that one byte each. */
static void put_old_text(Buf *buf, const char *text, bool is_wide, size_t len_bytes)
{
    put_uint(buf, strlen(text), len_bytes); // what is said here is ASCII
    for (const char *at = text; *at; at++)
        put_uint(buf, (uint64_t)*at, is_wide ? 2 : 1);
}

/* ERROR and DONE as TDS up to 7.1 lays them out: a line number of 2 bytes, a count of 4. */
static bool refuse_old(Connection *connection, bool is_wide)
{
    Link *link = &connection->link;
    Buf *out = &link->out;

    put_u8(out, TOKEN_ERROR);
    size_t at = out->len;
    put_u16(out, 0);
    put_u32(out, 18456);
    put_u8(out, 1);
    put_u8(out, 14);
    put_old_text(out, "Login failed: the sandbox speaks TDS 7.2, 7.3 and 7.4 only.", is_wide, 2);
    put_old_text(out, SERVER_NAME, is_wide, 1);
    put_old_text(out, "", is_wide, 1);
    put_u16(out, 1);
    put_u16_at(out, at, out->len - at - 2);
    put_u8(out, TOKEN_DONE);
    put_u16(out, DONE_ERROR);
    put_u16(out, 0);
    put_u32(out, 0);
    link_send_end(link);
    return false;
}

static bool refuse_login(Connection *connection, const Login *login, const char *reason)
{
    return refuse(connection, 18456, 14,
                  arena_printf(&connection->arena, "Login failed for user '%s'.%s%s",
                               login->has_fed_auth ? "<token-identified principal>" : login->user,
                               reason[0] != '\0' ? " " : "", reason));
}

/* Both errors, as the server sends them. */
static bool refuse_database(Connection *connection, const Login *login)
{
    MessageToken message = {4060, 1, 11, NULL, "", 1, SERVER_NAME};

    message.text = arena_printf(
        &connection->arena, "Cannot open database \"%s\" requested by the login. The login failed.",
        login->database);
    token_put_message(&connection->link.out, TOKEN_ERROR, &message);
    return refuse_login(connection, login, "");
}

static size_t packet_size(const Connection *connection, const Login *login)
{
    size_t most = connection->link.ssl ? PACKET_SIZE_MAX_TLS : PACKET_SIZE_MAX;
    size_t wanted = login->packet_size ? login->packet_size : PACKET_SIZE_DEFAULT;

    return wanted < PACKET_SIZE_MIN ? PACKET_SIZE_MIN : wanted > most ? most : wanted;
}

/* A client that speaks more than 7.4 is answered with it, but for 8.0 in a strict log-in. */
static uint32_t spoken_version(const Connection *connection, uint32_t version)
{
    if (version == TDS_VERSION_8 && connection->is_strict)
        return version;
    return version == TDS_VERSION_8 || version > TDS_VERSION_74 ? TDS_VERSION_74 : version;
}

static void welcome(Connection *connection, const Login *login, const char *database,
                    const WireRoute *route)
{
    Link *link = &connection->link;
    Buf *out = &link->out;
    size_t size = packet_size(connection, login);
    const char *size_text = arena_printf(&connection->arena, "%zu", size);
    MessageToken changed = {5701, 2, 0, NULL, "", 1, SERVER_NAME};
    MessageToken language = {5703, 1, 0,          "Changed language setting to us_english.",
                             "",   1, SERVER_NAME};

    changed.text = arena_printf(&connection->arena, "Changed database context to '%s'.", database);
    token_put_env_text(out, ENV_DATABASE, database, "master");
    token_put_message(out, TOKEN_INFO, &changed);
    token_put_env_collation(out);
    token_put_env_text(out, ENV_LANGUAGE, "us_english", "");
    token_put_message(out, TOKEN_INFO, &language);
    token_put_login_ack(out, spoken_version(connection, login->tds_version));
    if (login->has_fed_auth || login->wants_utf8)
        token_put_feature_ack(out, login->has_fed_auth, NULL, 0, login->wants_utf8);
    token_put_env_text(out, ENV_PACKET_SIZE, size_text, "4096");
    if (route->host)
        token_put_env_routing(out, route->host, route->port);
    token_put_done(out, TOKEN_DONE, 0, 0, 0);
    link_send_end(link);
    link->packet_size = size;
    link->packet_most = UINT16_MAX; // clients differ in when they heed it
}

/* ---- the login itself ------------------------------------------------------------------------ */

/* Whatever the client still sends stays unread. */
static void wait_for_goodbye(const Link *link)
{
    struct pollfd peer = {.fd = link->fd, .events = POLLRDHUP};

    (void)poll(&peer, 1, -1);
}

static bool use_database(Connection *connection, const char *database)
{
    bool has_error = false;
    SbSink sink = {.context = &has_error, .error = note_error};
    const char *batch = arena_printf(&connection->arena, "USE [%s]", database);

    if (strchr(database, ']'))
        return false;
    (void)session_run(connection->session, str_of(batch), NULL, 0, &sink);
    return !has_error;
}

static bool is_password_right(const Connection *connection, const Login *login)
{
    const char *own = engine_login_password(connection->service->engine, login->user);

    return !(login->options2 & LOGIN_INTEGRATED) &&
           strcmp(login->password, own ? own : connection->service->options->password) == 0;
}

/* What Azure does not answer at all. */
static bool is_outrage(const Connection *connection, const Login *login)
{
    const FedAuth *fed_auth = &login->fed_auth;

    return login->has_fed_auth &&
           (login->user[0] != '\0' || login->password[0] != '\0' || fed_auth->nonce ||
            login->options2 & LOGIN_INTEGRATED || fed_auth->echo != connection->wants_echo);
}

/* The user whom the token names, put into the login; NULL when it was refused, and told. */
static const char *user_of_token(Connection *connection, const Login *login)
{
    const Service *service = connection->service;
    const FedAuth *fed_auth = &login->fed_auth;
    Arena *arena = &connection->arena;
    const char *words = "The server is not currently configured to accept this token.";

    if (service->entra && connection->link.ssl && fed_auth->library == FED_AUTH_SECURITY_TOKEN) {
        Str token = text_from_utf16le(arena, fed_auth->token, fed_auth->token_len / 2);
        const char *user = entra_user(service->entra, token, arena, &words);
        if (user)
            return user;
    }
    (void)refuse_login(connection, login, words);
    return NULL;
}

static bool open_session(Connection *connection, Login *login)
{
    if (login->has_fed_auth)
        login->user = user_of_token(connection, login);
    if (!login->user)
        return false;
    if (!login->has_fed_auth && connection->service->options->entra == WIRE_ENTRA_ONLY)
        return refuse_login(connection, login,
                            "Reason: Azure Active Directory only authentication is enabled. "
                            "Please contact your system administrator.");
    if (login->has_fed_auth || is_password_right(connection, login))
        connection->session =
            session_open(connection->service->engine, login->user, login->application);
    int id = connection->session ? session_id(connection->session) : 0;
    traffic_write_login(connection->service->traffic, id, login,
                        connection->link.ssl ? SSL_get_version(connection->link.ssl) : NULL);
    if (!connection->session)
        return refuse_login(connection, login, "");

    connection->link.spid = (uint16_t)id;
    connection->watched.session = connection->session;
    connection->user = mem_text(login->user);
    connection->application = mem_text(login->application);
    connection->host = mem_text(login->host);
    session_set_host(connection->session, login->host);
    return true;
}

static bool log_in(Connection *connection, const Message *message, bool is_login_only)
{
    const char *database = connection->service->options->database;
    WireRoute route = {0};
    Login login;

    if (message->type == PACKET_LOGIN_OLD)
        return refuse_old(connection, false);
    bool ok = message->type == PACKET_LOGIN &&
              login_decode((const uint8_t *)buf_text(&message->body), message->body.len,
                           &connection->arena, &login);
    if (is_login_only)
        tls_leave(&connection->link);
    if (!ok)
        return refuse(connection, 17836, 20, "The login packet is malformed.");
    if (is_outrage(connection, &login)) {
        link_break(&connection->link, LINK_END_RESET);
        return false;
    }
    if (login.tds_version < TDS_VERSION_72 && login.tds_version != TDS_VERSION_8)
        return refuse_old(connection, true);
    connection->is_before_73 = login.tds_version == TDS_VERSION_72;
    Response response = connection_response(connection, false);
    if (!HOOK(connection->service->hooks, login, &response, &route)) {
        connection_end_batch(connection, &response);
        return false;
    }
    if (!open_session(connection, &login))
        return false;
    if (login.database[0] != '\0' && !str_same_fold(login.database, database)) {
        if (!use_database(connection, login.database))
            return refuse_database(connection, &login);
        database = login.database;
    }
    session_start(connection->session);
    welcome(connection, &login, database, &route);
    return !connection->link.is_broken;
}

/* A client of TDS 8 begins with TLS: its first byte is that of a handshake's record. */
static bool begins_with_tls(const Link *link)
{
    uint8_t first = 0;

    return recv(link->fd, &first, 1, MSG_PEEK) == 1 && first == 0x16;
}

static bool enter_strict(Connection *connection)
{
    const WireOptions *options = connection->service->options;

    connection->is_strict = begins_with_tls(&connection->link);
    if (!connection->is_strict)
        return options->strict != WIRE_STRICT_ONLY;
    if (options->strict == WIRE_STRICT_OFF || !connection->service->tls) {
        wait_for_goodbye(&connection->link);
        return false;
    }
    return tls_accept_strict(&connection->link, connection->service->tls);
}

/* The next message of a client that has no session yet. */
static bool next_message(Connection *connection, Message *message)
{
    LinkRead got = link_read(&connection->link, message);

    if (got == LINK_REFUSED)
        link_break(&connection->link, LINK_END_RESET);
    return got == LINK_MESSAGE;
}

bool handshake(Connection *connection)
{
    AUTO(message_done) Message message = MESSAGE_INIT;
    Response response = connection_response(connection, false);
    bool is_login_only = false;

    if (!HOOK(connection->service->hooks, connect, &response))
        return false;
    if (!enter_strict(connection) || !next_message(connection, &message))
        return false;
    if (message.type == PACKET_PRELOGIN) {
        if (!negotiate(connection, &message, &is_login_only) || !next_message(connection, &message))
            return false;
    } else if (connection->service->options->tls == WIRE_TLS_REQUIRE) {
        return refuse(connection, 17836, 20, "The sandbox was told to require encryption.");
    }
    return log_in(connection, &message, is_login_only);
}
