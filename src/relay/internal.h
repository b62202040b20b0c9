/* What the files of this room share: the relay itself, a wait, a place, a line to the server. */
#ifndef SSISMINER_SRC_RELAY_INTERNAL_H
#define SSISMINER_SRC_RELAY_INTERNAL_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/secret.h"
#include "ssisminer/packet/login.h"
#include "ssisminer/packet/packet.h"
#include "ssisminer/relay/relay.h"

#include <openssl/types.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RELAY_HOPS_MAX = 10,          // as Microsoft's drivers; Azure needs one
    RELAY_LOGIN_MAX = 256 * 1024, // of bytes that a login is answered with
    RELAY_SECRET_DIGITS = 32,     // 128 bits
    RELAY_MESSAGE_UNITS = 480,    // of a message at a login; see take_message
    RELAY_HOST_MAX = 255,
    RELAY_INSTANCE_MAX = 64
};

/* ---- waiting --------------------------------------------------------------------------------- */

/* Until when, and what ends any wait before. */
typedef struct Wait {
    int wake_fd; // readable once the relay is to end
    int64_t end_ms;
} Wait;

typedef enum Waited { WAITED_READY, WAITED_TIME, WAITED_WOKEN } Waited;
Waited wait_for(const Wait *wait, int fd, short events);

/* ---- places ---------------------------------------------------------------------------------- */

typedef struct Place {
    char host[RELAY_HOST_MAX + 1];
    char instance[RELAY_INSTANCE_MAX + 1]; // empty for none
    int port;                              // 0: the browser knows
} Place;

/* "host", "host\\instance", "host:port", "host,port" as a redirect names it; false
 * when it is none. */
bool place_parse(const char *text, int port, Place *ret_place);
/* "host,port" or "host\\instance". */
const char *place_text(const Place *place, char *ret_text, size_t size);
/* Whether a server of that name may send a login on to the other one. */
bool place_may_lead_to(const Place *from, const Place *to);

/* ---- what goes wrong ------------------------------------------------------------------------- */

/* Each is told once, in trouble.c, with what to do about it. */
typedef enum Trouble {
    TROUBLE_NO_HOST,
    TROUBLE_SLOW_NAME, // the resolver has not come back
    TROUBLE_REFUSED,
    TROUBLE_NO_ROUTE,
    TROUBLE_NO_REPLY,
    TROUBLE_SILENT, // connected, and no answer to the first message
    TROUBLE_CLOSED, // connected, and closed before one; up to here the place was not reached
    TROUBLE_NO_BROWSER,
    TROUBLE_NOT_TDS,
    TROUBLE_STRICT_ONLY,
    TROUBLE_NOT_STRICT,
    TROUBLE_LOGIN_ONLY,    // offers to encrypt the login alone
    TROUBLE_NO_ENCRYPTION, // offers none
    TROUBLE_CERTIFICATE,
    TROUBLE_CERTIFICATE_TIME,
    TROUBLE_CERTIFICATE_BAD,
    TROUBLE_NAME,
    TROUBLE_TRUST_STORE,
    TROUBLE_TLS,
    TROUBLE_TLS_NEWER, // the server wants a version that TDS 7.4 cannot have
    TROUBLE_LOGIN_LOST,
    TROUBLE_LOGIN_SLOW,
    TROUBLE_LOGIN_FLOOD,
    TROUBLE_LOGIN_NONSENSE,
    TROUBLE_TOKEN_IGNORED,
    TROUBLE_TOKEN_ASKED, // FEDAUTHINFO though a token was sent
    TROUBLE_REDIRECT_PORT,
    TROUBLE_REDIRECT_NAME,
    TROUBLE_REDIRECT_SUFFIX,
    TROUBLE_REDIRECT_HOPS,
    TROUBLE_REDIRECT_TICKET
} Trouble;

/* What it is told with, and what kind of end it was. */
typedef struct Tale {
    const Place *place;
    const char *words; // the system's or OpenSSL's own
    long login_ms;
    int hops;
    bool may_trust;             // the certificate need not be verified
    atomic_bool *is_looking_up; // told while the resolver has the thread, which nothing can end
    RelayEnd end;               // set
} Tale;

Rc trouble(Trouble what, Tale *tale, Err *err);
Rc trouble_with(Trouble what, Tale *tale, const char *words, Err *err);

/* ---- the relay ------------------------------------------------------------------------------- */

struct Relay {
    Arena arena; // of the texts below
    Place place;
    const char *ca_file, *user;
    Secret password, token;
    bool is_strict, trusts_any, is_integrated, has_token;
    long login_ms;

    char secret[RELAY_SECRET_DIGITS + 1];
    int listen_fd, port;
    Wait wait;   // of the login; then of the rest, without a limit
    int done_fd; // readable once the thread has ended
    pthread_t thread;
    bool has_thread;
    atomic_bool is_looking_up;
    atomic_int holders; // the thread and its owner: the last one frees

    pthread_mutex_t lock; // guards what follows
    RelayEnd end;
    Err err;
    RelayFacts facts;
};

/* ---- guest.c: FreeTDS ------------------------------------------------------------------------ */

typedef struct Guest {
    int fd;
    uint16_t spid; // what it is told
    Arena arena;   // of the login
    Login login;
} Guest;

/* Waits for the one connection that is ours and has the secret, and for its login. False when time
 * is over or the relay is to end. */
bool guest_wait(Relay *relay, Guest *ret_guest);
/* One message to or from it, whole. */
bool guest_send(const Wait *wait, const Guest *guest, const void *bytes, size_t len);
bool guest_read(const Wait *wait, const Guest *guest, PacketType want, Buf *ret_body);
/* The error as a server would answer a login with it. */
void guest_refuse(const Wait *wait, const Guest *guest, const Err *why);
void guest_done(Guest *guest);

/* ---- proof.c --------------------------------------------------------------------------------- */

/* Whether the other end of an accepted connection is a socket of this process. False when that
 * cannot be known. */
bool proof_is_ours(int accepted_fd);

/* ---- dial.c ---------------------------------------------------------------------------------- */

/* A connection to the first of the host's addresses that takes one; all are tried at once. Sets
 * place->port by the browser where it is 0. */
Rc dial(const Wait *wait, Place *place, Tale *tale, int *ret_fd, Err *err) MUST_CHECK;

/* ---- line.c: the real connection ------------------------------------------------------------- */

typedef struct Line {
    int fd;
    SSL *ssl; // NULL while plain
    bool was_reset;
} Line;

typedef enum LineRead { LINE_OK, LINE_AGAIN, LINE_ENDED } LineRead;

/* All of it, waiting; one record. */
bool line_send(const Wait *wait, Line *line, const void *bytes, size_t len);
/* Exactly so many bytes. */
typedef enum Got { GOT_ALL, GOT_END, GOT_TIME, GOT_WOKEN } Got;
Got line_take(const Wait *wait, Line *line, void *to, size_t len);
/* A server's message to its end. *ret_head is of its first packet, with `len` 0 when what came is
 * no packet of an answer. GOT_ALL with an `over` body when it is longer than that may be. */
Got line_read(const Wait *wait, Line *line, Buf *ret_body, PacketHead *ret_head);
void line_close(Line *line, bool with_reset);
/* Closes with RST. */
void socket_reset(int fd);

/* ---- tls.c ----------------------------------------------------------------------------------- */

/* Makes the line TLS's, inside PRELOGIN packets or (strict) at once. */
Rc tls_start(const Relay *relay, const Wait *wait, Line *line, Tale *tale, Err *err) MUST_CHECK;
bool tls_is_verified(const Line *line);

/* ---- login.c --------------------------------------------------------------------------------- */

/* From a place to a session, through all redirects. On success the guest has the server's answer;
 * *ret_is_open is false when that was a refusal. *ret_end is how it failed. */
Rc login_make(Relay *relay, Guest *guest, Line *ret_line, bool *ret_is_open, RelayEnd *ret_end,
              Err *err) MUST_CHECK;

/* ---- pump.c ---------------------------------------------------------------------------------- */

/* Packets both ways until either side ends. */
void pump(int wake_fd, int guest_fd, Line *line);

#endif
