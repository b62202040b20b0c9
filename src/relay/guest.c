/* The side of FreeTDS: the one connection that is let in, its packets and its refusal. */
#include "internal.h"

#include "ssisminer/base/time.h"
#include "ssisminer/packet/prelogin.h"
#include "ssisminer/packet/text.h"
#include "ssisminer/packet/token.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- messages -------------------------------------------------------------------------------- */

bool guest_send(const Wait *wait, const Guest *guest, const void *bytes, size_t len)
{
    Line line = {.fd = guest->fd};

    return line_send(wait, &line, bytes, len);
}

bool guest_read(const Wait *wait, const Guest *guest, PacketType want, Buf *ret_body)
{
    Line line = {.fd = guest->fd};
    PacketHead head = {0};

    buf_reset(ret_body);
    while (!(head.status & STATUS_END)) {
        uint8_t bytes[PACKET_HEADER];
        if (line_take(wait, &line, bytes, sizeof(bytes)) != GOT_ALL ||
            !packet_head_read(bytes, &head) || head.type != want)
            return false;
        char *to = buf_room(ret_body, head.len - PACKET_HEADER);
        if (!to || line_take(wait, &line, to, head.len - PACKET_HEADER) != GOT_ALL)
            return false;
        buf_added(ret_body, head.len - PACKET_HEADER);
    }
    return true;
}

static bool answer(const Wait *wait, const Guest *guest, const Buf *tokens)
{
    AUTO(buf_done) Buf packets = BUF(2 * RELAY_LOGIN_MAX);

    packet_put(&packets, PACKET_ANSWER, guest->spid, buf_text(tokens), tokens->len,
               PACKET_SIZE_DEFAULT);
    return guest_send(wait, guest, buf_text(&packets), packets.len);
}

void guest_refuse(const Wait *wait, const Guest *guest, const Err *why)
{
    enum { SEVERITY = 14 };
    AUTO(buf_done) Buf text = BUF(4000), tokens = BUF(16000);
    AUTO(arena_done) Arena arena = {0};
    MessageToken message = {RELAY_ERROR, 1, SEVERITY, NULL, "", 1, "ssisminer relay"};

    buf_puts(&text, why->text);
    if (why->hint[0] != '\0')
        buf_printf(&text, " (%s)", why->hint);
    Str cut = text_cut((Str){buf_text(&text), text.len}, RELAY_MESSAGE_UNITS);
    message.text = arena_copy(&arena, cut.at, cut.len);
    token_put_message(&tokens, TOKEN_ERROR, &message);
    token_put_done(&tokens, TOKEN_DONE, DONE_ERROR, 0, 0);
    (void)answer(wait, guest, &tokens);
}

void guest_done(Guest *guest)
{
    if (guest->fd >= 0)
        (void)close(guest->fd);
    arena_done(&guest->arena);
    *guest = (Guest){.fd = -1};
}

/* ---- who comes in ---------------------------------------------------------------------------- */

/* PRELOGIN: no encryption, on loopback and in this process, and no MARS. */
static bool greet(const Wait *wait, const Guest *guest, Buf *message)
{
    AUTO(buf_done) Buf said = BUF(500);
    const Prelogin here = {
        .version = {9}, .has_encryption = true, .encryption = ENCRYPTION_NOT_SUPPORTED};
    Prelogin client;

    if (!guest_read(wait, guest, PACKET_PRELOGIN, message) ||
        !prelogin_decode((const uint8_t *)buf_text(message), message->len, &client))
        return false;
    prelogin_put(&said, &here);
    return answer(wait, guest, &said);
}

/* FreeTDS has no password to send with a Kerberos login: then it is the server's name. */
static bool has_secret(const Relay *relay, const Login *login)
{
    const char *said = relay->is_integrated ? login->server : login->password;

    return strlen(said) == RELAY_SECRET_DIGITS &&
           CRYPTO_memcmp(said, relay->secret, RELAY_SECRET_DIGITS) == 0;
}

static bool let_in(Relay *relay, Guest *guest)
{
    // What FreeTDS brings with its login, a ticket too, is no more than this.
    AUTO(buf_done) Buf message = BUF(LOGIN_MAX);

    return proof_is_ours(guest->fd) && greet(&relay->wait, guest, &message) &&
           guest_read(&relay->wait, guest, PACKET_LOGIN, &message) &&
           login_decode((const uint8_t *)arena_copy(&guest->arena, buf_text(&message), message.len),
                        message.len, &guest->arena, &guest->login) &&
           has_secret(relay, &guest->login);
}

static void tune(int fd)
{
    int on = 1, send_bytes = 256 * 1024; // what a cancel has to wait for

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof(send_bytes));
}

bool guest_wait(Relay *relay, Guest *ret_guest)
{
    while (wait_for(&relay->wait, relay->listen_fd, POLLIN) == WAITED_READY) {
        Guest guest = {.fd = accept4(relay->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)};
        if (guest.fd < 0 && (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR))
            continue; // gone already
        if (guest.fd < 0)
            return false;
        tune(guest.fd);
        if (let_in(relay, &guest)) {
            *ret_guest = guest;
            return true;
        }
        guest_done(&guest);
    }
    return false;
}
