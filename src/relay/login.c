/* Logs in at the server in FreeTDS's stead, and follows its redirects. */
#include "internal.h"

#include "ssisminer/base/str.h"
#include "ssisminer/packet/prelogin.h"
#include "ssisminer/packet/text.h"
#include "ssisminer/packet/token.h"

#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One try at one place. */
typedef struct Hop {
    Relay *relay;
    Guest *guest;
    const Wait *wait;
    Place place;
    const char *server_name; // as LOGIN7 gives it
    Line line;
    Tale tale;
    bool echo; // FEDAUTHREQUIRED of the server
    bool has_nonce;
    uint8_t nonce[PRELOGIN_NONCE];
} Hop;

/* ---- PRELOGIN -------------------------------------------------------------------------------- */

static bool send_message(Hop *hop, PacketType type, const Buf *message)
{
    const char *at = buf_text(message);
    size_t room = PACKET_SIZE_DEFAULT - PACKET_HEADER, left = message->len;
    uint8_t packet[PACKET_SIZE_DEFAULT];
    uint8_t id = 1;
    bool ok = true;

    // Each packet goes out by itself: as one record, where there is TLS.
    while (ok && left > 0) {
        size_t piece = left < room ? left : room;
        PacketHead head = {.type = (uint8_t)type,
                           .status = piece == left ? STATUS_END : 0,
                           .len = (uint16_t)(piece + PACKET_HEADER),
                           .id = id++};
        packet_head_write(&head, packet);
        memcpy(packet + PACKET_HEADER, at, piece);
        ok = line_send(hop->wait, &hop->line, packet, head.len);
        at += piece;
        left -= piece;
    }
    explicit_bzero(packet, sizeof(packet));
    return ok;
}

static Rc lost(Hop *hop, Trouble closed, Trouble silent, Got got, Err *err)
{
    return trouble_with(got == GOT_TIME ? silent : closed, &hop->tale, "", err);
}

/* A record of TLS where a packet is expected: an alert, or a handshake. */
static bool is_tls(const PacketHead *head)
{
    return (head->type == 0x15 || head->type == 0x16) && head->status == 0x03;
}

static Rc check_encryption(Hop *hop, const Prelogin *said, Err *err)
{
    if (hop->relay->is_strict || said->encryption == ENCRYPTION_ON ||
        said->encryption == ENCRYPTION_REQUIRED)
        return RC_OK;
    return trouble(said->encryption == ENCRYPTION_OFF ? TROUBLE_LOGIN_ONLY : TROUBLE_NO_ENCRYPTION,
                   &hop->tale, err);
}

static Rc read_prelogin(Hop *hop, Err *err)
{
    AUTO(buf_done) Buf message = BUF(UINT16_MAX);
    PacketHead head;
    Prelogin said;

    Got got = line_read(hop->wait, &hop->line, &message, &head);
    if (got != GOT_ALL)
        return lost(hop, TROUBLE_CLOSED, TROUBLE_SILENT, got, err);
    if (head.len == 0 && is_tls(&head))
        return trouble(TROUBLE_STRICT_ONLY, &hop->tale, err);
    if (head.len == 0 || message.over ||
        !prelogin_decode((const uint8_t *)buf_text(&message), message.len, &said))
        return trouble(TROUBLE_NOT_TDS, &hop->tale, err);
    TRY(check_encryption(hop, &said, err));
    hop->echo = said.has_fed_auth && said.fed_auth == 1;
    hop->has_nonce = said.nonce != NULL;
    if (said.nonce)
        memcpy(hop->nonce, said.nonce, sizeof(hop->nonce));
    return RC_OK;
}

static Rc exchange_prelogin(Hop *hop, Err *err)
{
    AUTO(buf_done) Buf message = BUF(500);
    const Relay *relay = hop->relay;
    const Prelogin ours = {.version = {1},
                           .has_encryption = true,
                           .encryption =
                               relay->is_strict ? ENCRYPTION_NOT_SUPPORTED : ENCRYPTION_ON,
                           .instance = "",
                           .has_thread = true,
                           .thread = (uint32_t)getpid(),
                           .has_fed_auth = relay->has_token,
                           .fed_auth = relay->has_token};

    prelogin_put(&message, &ours);
    if (!send_message(hop, PACKET_PRELOGIN, &message))
        return lost(hop, TROUBLE_CLOSED, TROUBLE_SILENT, GOT_END, err);
    return read_prelogin(hop, err);
}

/* ---- LOGIN7 ---------------------------------------------------------------------------------- */

/* FreeTDS's, with what is true of the real connection. */
static Login login_of(const Hop *hop)
{
    const Relay *relay = hop->relay;
    Login login = hop->guest->login;

    login.tds_version = relay->is_strict ? TDS_VERSION_8 : TDS_VERSION_74;
    if (login.packet_size == 0 || login.packet_size > PACKET_SIZE_MAX_TLS)
        login.packet_size = PACKET_SIZE_MAX_TLS;
    login.server = hop->server_name;
    login.user = relay->user;
    login.password = relay->user ? secret_str(&relay->password).at : NULL;
    if (!relay->is_integrated) {
        login.options2 &= (uint8_t)~LOGIN_INTEGRATED;
        login.sspi_len = 0;
    }
    login.has_fed_auth = relay->has_token;
    if (relay->has_token) {
        Str token = secret_str(&relay->token);
        login.fed_auth = (FedAuth){.library = FED_AUTH_SECURITY_TOKEN,
                                   .echo = hop->echo,
                                   .token = (const uint8_t *)token.at,
                                   .token_len = token.len,
                                   .nonce = hop->has_nonce ? hop->nonce : NULL};
    }
    return login;
}

/* Password and token are in it: its memory is a secret's. */
static Rc send_login(Hop *hop, Err *err)
{
    enum { TOKEN_ROOM = 2 * 64 * 1024 };
    AUTO(secret_done) Secret memory = {0};
    Login login = login_of(hop);

    secret_init(&memory, LOGIN_MAX + TOKEN_ROOM);
    Buf message = {.text = memory.text, .size = memory.cap + 1, .cap = memory.cap};
    login_put(&message, &login);
    bool ok = !message.over && send_message(hop, PACKET_LOGIN, &message);
    memory.len = message.len; // to be wiped
    if (!ok)
        return trouble_with(TROUBLE_LOGIN_LOST, &hop->tale, "", err);
    return RC_OK;
}

/* ---- the answer ------------------------------------------------------------------------------ */

typedef struct Answer {
    Buf tokens; // for FreeTDS: what is not for it is left out
    uint16_t spid;
    bool is_accepted, is_refused, is_routed, acks_token, wants_ticket, asks_token, is_done, is_bad;
    Route route;
    uint32_t packet_size;
} Answer;

static void answer_done(Answer *answer)
{
    buf_done(&answer->tokens);
}

/* FreeTDS would follow a redirect itself, and knows no others that are not for its version. */
static void take_change(const TokenView *view, Arena *arena, Answer *answer)
{
    Reader body = view->body;
    unsigned what = reader_u8(&body);

    if (what == ENV_ROUTING || what == ENV_ROUTING_ENHANCED) {
        answer->is_routed = true;
        answer->is_bad |= !token_read_route(view, arena, &answer->route);
        return;
    }
    if (what == ENV_MIRROR)
        return;
    if (what == ENV_PACKET_SIZE) {
        size_t units = reader_u8(&body);
        const uint8_t *text = reader_take(&body, units * 2);
        if (text)
            answer->packet_size =
                (uint32_t)strtoul(text_from_utf16le(arena, text, units).at, NULL, 10);
    }
    buf_put(&answer->tokens, view->bytes, view->len);
}

/* Of the features FreeTDS asked for UTF-8 alone. */
static void take_features(const TokenView *view, Answer *answer)
{
    Reader data;

    if (token_find_feature(view, FEATURE_FED_AUTH, &data))
        answer->acks_token = true;
    if (token_find_feature(view, FEATURE_UTF8, &data))
        token_put_feature_ack(&answer->tokens, false, NULL, 0, true);
}

/* The version is told as that of the connection FreeTDS has. */
static void take_ack(const TokenView *view, Answer *answer)
{
    enum { VERSION_AT = 4 };
    size_t from = answer->tokens.len;

    answer->is_accepted = true;
    buf_put(&answer->tokens, view->bytes, view->len);
    if (view->body.left < 5 || answer->tokens.len < from + VERSION_AT + 4)
        return;
    memcpy(answer->tokens.text + from + VERSION_AT, "\x74\x00\x00\x04", 4);
}

/* ODBC's driver manager (2.3.11) asks for a message over 511 characters at a login for ever; of a
 * longer one nobody is shown the rest. */
static void take_message(const TokenView *view, Arena *arena, Answer *answer)
{
    MessageToken message;

    answer->is_refused |= view->token == TOKEN_ERROR;
    if (!token_read_message(view, arena, &message)) {
        answer->is_bad = true;
        return;
    }
    Str text = text_cut(str_of(message.text), RELAY_MESSAGE_UNITS);
    message.text = arena_copy(arena, text.at, text.len);
    token_put_message(&answer->tokens, view->token, &message);
}

static void take_token(const TokenView *view, Arena *arena, Answer *answer)
{
    switch (view->token) {
    case TOKEN_ENVCHANGE:
        take_change(view, arena, answer);
        return;
    case TOKEN_FEATUREEXTACK:
        take_features(view, answer);
        return;
    case TOKEN_LOGINACK:
        take_ack(view, answer);
        return;
    case TOKEN_FEDAUTHINFO:
        answer->asks_token = true;
        return;
    case TOKEN_SESSIONSTATE:
        return;
    case TOKEN_ERROR:
    case TOKEN_INFO:
        take_message(view, arena, answer);
        return;
    case TOKEN_SSPI:
        answer->wants_ticket = true;
        break;
    case TOKEN_DONE:
        answer->is_done = true;
        break;
    default:
        break;
    }
    buf_put(&answer->tokens, view->bytes, view->len);
}

static Rc read_answer(Hop *hop, Answer *ret_answer, Err *err)
{
    AUTO(buf_done) Buf message = BUF(RELAY_LOGIN_MAX);
    PacketHead head;
    TokenView view;

    ret_answer->tokens = BUF(2 * RELAY_LOGIN_MAX);
    Got got = line_read(hop->wait, &hop->line, &message, &head);
    if (message.over)
        return trouble(TROUBLE_LOGIN_FLOOD, &hop->tale, err);
    if (got != GOT_ALL)
        return lost(hop, TROUBLE_LOGIN_LOST, TROUBLE_LOGIN_SLOW, got, err);
    if (head.len == 0 || head.type != PACKET_ANSWER)
        return trouble(TROUBLE_LOGIN_NONSENSE, &hop->tale, err);
    ret_answer->spid = head.spid;
    Reader reader = reader_of(buf_text(&message), message.len);
    while (token_next(&reader, &view))
        take_token(&view, &hop->guest->arena, ret_answer);
    if (reader.is_bad || ret_answer->is_bad || (!ret_answer->is_done && !ret_answer->wants_ticket))
        return trouble(ret_answer->asks_token ? TROUBLE_TOKEN_ASKED : TROUBLE_LOGIN_NONSENSE,
                       &hop->tale, err);
    return RC_OK;
}

static bool tell_guest(Hop *hop, const Answer *answer)
{
    AUTO(buf_done) Buf packets = BUF(4 * RELAY_LOGIN_MAX);

    packet_put(&packets, PACKET_ANSWER, answer->spid, buf_text(&answer->tokens), answer->tokens.len,
               PACKET_SIZE_DEFAULT);
    return guest_send(hop->wait, hop->guest, buf_text(&packets), packets.len);
}

/* Kerberos: the server's part goes to FreeTDS, and what that says to it goes back. */
static Rc pass_ticket(Hop *hop, const Answer *answer, Err *err)
{
    AUTO(buf_done) Buf message = BUF(LOGIN_MAX);

    if (!tell_guest(hop, answer) || !guest_read(hop->wait, hop->guest, PACKET_SSPI, &message) ||
        !send_message(hop, PACKET_SSPI, &message))
        return trouble_with(TROUBLE_LOGIN_LOST, &hop->tale, "", err);
    return RC_OK;
}

/* ---- one place ------------------------------------------------------------------------------- */

static Rc reach(Hop *hop, Err *err)
{
    Relay *relay = hop->relay;

    TRY(dial(hop->wait, &hop->place, &hop->tale, &hop->line.fd, err));
    if (relay->is_strict)
        TRY(tls_start(relay, hop->wait, &hop->line, &hop->tale, err));
    TRY(exchange_prelogin(hop, err));
    if (!relay->is_strict)
        TRY(tls_start(relay, hop->wait, &hop->line, &hop->tale, err));
    return RC_OK;
}

static Rc log_in(Hop *hop, Answer *ret_answer, Err *err)
{
    TRY(reach(hop, err));
    TRY(send_login(hop, err));
    for (;;) {
        TRY(read_answer(hop, ret_answer, err));
        if (!ret_answer->wants_ticket || ret_answer->is_done)
            return RC_OK;
        if (!hop->relay->is_integrated)
            return trouble(TROUBLE_LOGIN_NONSENSE, &hop->tale, err);
        TRY(pass_ticket(hop, ret_answer, err));
        answer_done(ret_answer);
        *ret_answer = (Answer){0};
    }
}

static void note_facts(Hop *hop)
{
    Relay *relay = hop->relay;
    RelayFacts facts = {
        .is_open = true, .is_verified = tls_is_verified(&hop->line), .hops = hop->tale.hops};

    (void)snprintf(facts.protocol, sizeof(facts.protocol), "%s", SSL_get_version(hop->line.ssl));
    (void)place_text(&hop->place, facts.place, sizeof(facts.place));
    (void)pthread_mutex_lock(&relay->lock);
    relay->facts = facts;
    (void)pthread_mutex_unlock(&relay->lock);
}

/* The answer was read to its end before any of it counts. */
static Rc settle(Hop *hop, const Answer *answer, bool *ret_is_open, Err *err)
{
    *ret_is_open = answer->is_accepted;
    if (answer->is_accepted && hop->relay->has_token && !answer->acks_token)
        return trouble(TROUBLE_TOKEN_IGNORED, &hop->tale, err);
    if (answer->asks_token)
        return trouble(TROUBLE_TOKEN_ASKED, &hop->tale, err);
    if (answer->packet_size > PACKET_SIZE_MAX_TLS || (!answer->is_accepted && !answer->is_refused))
        return trouble(TROUBLE_LOGIN_NONSENSE, &hop->tale, err);
    if (answer->packet_size >= PACKET_SIZE_MIN)
        (void)SSL_set_max_send_fragment(hop->line.ssl, (long)answer->packet_size);
    if (answer->is_accepted)
        note_facts(hop); // before FreeTDS goes on
    if (!tell_guest(hop, answer))
        return trouble_with(TROUBLE_LOGIN_LOST, &hop->tale, "", err);
    return RC_OK;
}

/* Where the answer sends the login on to. */
static Rc follow(Hop *hop, const Answer *answer, Err *err)
{
    const Route *route = &answer->route;
    Place next;

    if (hop->relay->is_integrated)
        return trouble_with(TROUBLE_REDIRECT_TICKET, &hop->tale, route->server, err);
    if (route->protocol != 0 || route->port == 0)
        return trouble(TROUBLE_REDIRECT_PORT, &hop->tale, err);
    if (!place_parse(route->server, route->port, &next))
        return trouble_with(TROUBLE_REDIRECT_NAME, &hop->tale, route->server, err);
    if (!place_may_lead_to(&hop->relay->place, &next))
        return trouble_with(TROUBLE_REDIRECT_SUFFIX, &hop->tale, next.host, err);
    line_close(&hop->line, false);
    hop->place = next;
    hop->server_name = route->server;
    if (++hop->tale.hops > RELAY_HOPS_MAX) {
        hop->tale.hops = RELAY_HOPS_MAX;
        return trouble(TROUBLE_REDIRECT_HOPS, &hop->tale, err);
    }
    return RC_OK;
}

static Rc try_places(Hop *hop, bool *ret_is_open, Err *err)
{
    for (;;) {
        AUTO(answer_done) Answer answer = {0};
        TRY(log_in(hop, &answer, err));
        if (!answer.is_routed)
            return settle(hop, &answer, ret_is_open, err);
        TRY(follow(hop, &answer, err));
    }
}

Rc login_make(Relay *relay, Guest *guest, Line *ret_line, bool *ret_is_open, RelayEnd *ret_end,
              Err *err)
{
    Hop hop = {.relay = relay,
               .guest = guest,
               .wait = &relay->wait,
               .place = relay->place,
               .server_name = relay->place.host,
               .line = {.fd = -1},
               .tale = {.login_ms = relay->login_ms,
                        .words = "",
                        .may_trust = !relay->has_token && !relay->is_strict,
                        .is_looking_up = &relay->is_looking_up}};

    hop.tale.place = &hop.place;
    if (try_places(&hop, ret_is_open, err) != RC_OK) {
        *ret_is_open = false;
        *ret_end = hop.tale.end;
        line_close(&hop.line, false);
        return err->rc;
    }
    *ret_line = hop.line;
    return RC_OK;
}
