/* The relay's thread, and what the one who opened it may know. */
#include "internal.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/rand.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLOSE_MS = 2000 }; // that its thread has to end

/* ---- its thread ------------------------------------------------------------------------------ */

/* Frees it with the last of the two that hold it. */
static void let_go(Relay *relay)
{
    if (atomic_fetch_sub(&relay->holders, 1) > 1)
        return;
    if (relay->listen_fd >= 0)
        (void)close(relay->listen_fd);
    if (relay->wait.wake_fd >= 0)
        (void)close(relay->wait.wake_fd);
    if (relay->done_fd >= 0)
        (void)close(relay->done_fd);
    (void)pthread_mutex_destroy(&relay->lock);
    explicit_bzero(relay->secret, sizeof(relay->secret));
    secret_done(&relay->password);
    secret_done(&relay->token);
    arena_done(&relay->arena);
    free(relay);
}

static void note_failure(Relay *relay, RelayEnd end, const Err *why)
{
    (void)pthread_mutex_lock(&relay->lock);
    relay->end = end;
    relay->err = *why;
    (void)pthread_mutex_unlock(&relay->lock);
}

/* FreeTDS is waited for a moment longer than the server, to be told. */
static void refuse(Relay *relay, const Guest *guest, RelayEnd end, const Err *why)
{
    enum { TELL_MS = 500 };
    Wait moment = {.wake_fd = relay->wait.wake_fd, .end_ms = time_monotonic_ms() + TELL_MS};

    note_failure(relay, end, why);
    guest_refuse(&moment, guest, why);
}

static void serve(Relay *relay)
{
    Guest guest = {.fd = -1};
    Line line = {.fd = -1};
    Err why = {0};
    bool is_open = false;
    RelayEnd end = RELAY_END_NONE;

    if (!guest_wait(relay, &guest))
        return;
    (void)close(relay->listen_fd); // one is all
    relay->listen_fd = -1;
    if (login_make(relay, &guest, &line, &is_open, &end, &why) != RC_OK)
        refuse(relay, &guest, end, &why);
    secret_done(&relay->password);
    secret_done(&relay->token);
    if (!is_open) {
        line_close(&line, false);
        guest_done(&guest);
        return;
    }
    pump(relay->wait.wake_fd, guest.fd, &line);
    guest.fd = -1; // closed as the server's end was
    guest_done(&guest);
}

static void *run(void *context)
{
    Relay *relay = context;

    serve(relay);
    (void)eventfd_write(relay->done_fd, 1);
    let_go(relay);
    return NULL;
}

static bool start_thread(Relay *relay)
{
    sigset_t all, kept;

    (void)sigfillset(&all); // signals stay with the threads that had them; SIGPIPE comes to nobody
    (void)pthread_sigmask(SIG_SETMASK, &all, &kept);
    atomic_store(&relay->holders, 2);
    int failed = pthread_create(&relay->thread, NULL, run, relay);
    (void)pthread_sigmask(SIG_SETMASK, &kept, NULL);
    if (failed)
        atomic_store(&relay->holders, 1);
    relay->has_thread = !failed;
    return !failed;
}

/* ---- opening --------------------------------------------------------------------------------- */

static Rc check(const RelayOptions *options, Err *err)
{
    if (options->trusts_any && (options->token || options->is_strict)) {
        (void)err_set(err, RC_USAGE,
                      options->token
                          ? "a token is sent to no server whose certificate is not verified"
                          : "strict encryption always verifies the server's certificate");
        return err_hint(err, "leave out -C (--trust-server-certificate); --ca-file names the CA of "
                             "a certificate that this machine does not know");
    }
    if (strlen(options->host) > RELAY_HOST_MAX ||
        (options->instance && strlen(options->instance) > RELAY_INSTANCE_MAX))
        return FAIL(err, RC_USAGE, "the server's name is too long");
    return RC_OK;
}

static void copy_secret(Secret *to, Str text)
{
    secret_init(to, text.len);
    secret_set(to, text);
}

static void take_options(Relay *relay, const RelayOptions *options)
{
    (void)snprintf(relay->place.host, sizeof(relay->place.host), "%s", options->host);
    if (options->instance)
        (void)snprintf(relay->place.instance, sizeof(relay->place.instance), "%s",
                       options->instance);
    relay->place.port = options->port;
    relay->ca_file = arena_text(&relay->arena, options->ca_file);
    relay->user = options->token ? NULL : arena_text(&relay->arena, options->user);
    relay->is_strict = options->is_strict;
    relay->trusts_any = options->trusts_any;
    relay->is_integrated = options->is_integrated;
    relay->has_token = options->token != NULL;
    relay->login_ms = options->login_ms;
    relay->wait.end_ms = time_monotonic_ms() + options->login_ms;
    copy_secret(&relay->password, str_of(options->password));
    copy_secret(&relay->token, options->token ? secret_str(options->token) : (Str){"", 0});
}

static bool make_secret(Relay *relay)
{
    uint8_t bytes[RELAY_SECRET_DIGITS / 2];

    if (RAND_priv_bytes(bytes, sizeof(bytes)) != 1)
        return false;
    for (size_t i = 0; i < sizeof(bytes); i++)
        (void)snprintf(relay->secret + 2 * i, 3, "%02x", bytes[i]);
    explicit_bzero(bytes, sizeof(bytes));
    return true;
}

static bool listen_on_loopback(Relay *relay)
{
    enum { BACKLOG = 4 }; // strangers' and FreeTDS's own
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);

    relay->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (relay->listen_fd < 0 ||
        bind(relay->listen_fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(relay->listen_fd, BACKLOG) != 0 ||
        getsockname(relay->listen_fd, (struct sockaddr *)&address, &len) != 0)
        return false;
    relay->port = ntohs(address.sin_port);
    return true;
}

static Rc start(Relay *relay, Err *err)
{
    if (!relay_is_possible()) {
        (void)err_set(err, RC_CONNECT,
                      "without /proc it cannot be told who connects to the relay on loopback");
        return err_hint(err, "mount /proc, or leave the encryption to FreeTDS with --relay never");
    }
    if (!make_secret(relay))
        return FAIL(err, RC_CONNECT, "OpenSSL gives no random bytes");
    relay->wait.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    relay->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (relay->wait.wake_fd < 0 || relay->done_fd < 0 || !listen_on_loopback(relay))
        return FAIL(err, RC_CONNECT, "the relay cannot listen on 127.0.0.1: %s", strerror(errno));
    if (!start_thread(relay))
        return FAIL(err, RC_CONNECT, "cannot start the relay's thread");
    return RC_OK;
}

Rc relay_open(const RelayOptions *options, Relay **ret_relay, Err *err)
{
    TRY(check(options, err));
    Relay *relay = mem_alloc(sizeof(*relay));

    relay->listen_fd = relay->done_fd = relay->wait.wake_fd = -1;
    atomic_store(&relay->holders, 1);
    if (pthread_mutex_init(&relay->lock, NULL) != 0)
        mem_fail();
    take_options(relay, options);
    if (start(relay, err) != RC_OK) {
        relay_close(relay);
        return err->rc;
    }
    *ret_relay = relay;
    return RC_OK;
}

/* ---- closing --------------------------------------------------------------------------------- */

void relay_close(Relay *relay)
{
    if (!relay)
        return;
    if (relay->has_thread) {
        struct pollfd done = {.fd = relay->done_fd, .events = POLLIN};
        (void)eventfd_write(relay->wait.wake_fd, 1);
        if (poll(&done, 1, CLOSE_MS) > 0)
            (void)pthread_join(relay->thread, NULL);
        else
            (void)pthread_detach(relay->thread);
    }
    let_go(relay);
}

/* ---- what there is to know ------------------------------------------------------------------- */

int relay_port(const Relay *relay)
{
    return relay->port;
}

const char *relay_secret(const Relay *relay)
{
    return relay->secret;
}

RelayEnd relay_failed(Relay *relay, Err *err)
{
    Tale tale = {.place = &relay->place, .words = "", .login_ms = relay->login_ms};

    (void)pthread_mutex_lock(&relay->lock);
    tale.end = relay->end;
    if (tale.end != RELAY_END_NONE)
        *err = relay->err;
    (void)pthread_mutex_unlock(&relay->lock);
    if (tale.end == RELAY_END_NONE && atomic_load(&relay->is_looking_up))
        (void)trouble(TROUBLE_SLOW_NAME, &tale, err);
    return tale.end;
}

RelayFacts relay_facts(Relay *relay)
{
    (void)pthread_mutex_lock(&relay->lock);
    RelayFacts facts = relay->facts;
    (void)pthread_mutex_unlock(&relay->lock);
    return facts;
}
