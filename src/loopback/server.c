/* The listener: its port, its certificate, a thread for each client. */
#include "connection.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/stop.h"
#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS_MAX = 512, BACKLOG = 128 };

typedef struct Client { // all but is_gone belongs to the thread that listens
    pthread_t thread;
    Wire *wire;
    int fd;
    bool is_taken;
    atomic_bool is_gone;
} Client;

struct Wire {
    WireOptions options;
    Service service;
    Arena arena;
    const char *ca_file;
    int listen_fd, port;
    Client clients[CLIENTS_MAX];
};

/* ---- set-up ---------------------------------------------------------------------------------- */

static Rc set_up_tls(Wire *wire, Err *err)
{
    const WireOptions *options = &wire->options;
    char *cert_file = NULL, *key_file = NULL;

    if (options->tls == WIRE_TLS_OFF)
        return RC_OK;
    if (options->cert_file) {
        wire->ca_file = options->cert_file;
        return tls_load(options, options->cert_file, options->key_file, &wire->service.tls, err);
    }
    TRY(tls_make_certificate(options->dir, options->tls_name, &wire->arena, &cert_file, &key_file,
                             err));
    wire->ca_file = cert_file;
    return tls_load(options, cert_file, key_file, &wire->service.tls, err);
}

static Rc listen_on_loopback(Wire *wire, Err *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)wire->options.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int on = 1;

    wire->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (wire->listen_fd < 0 ||
        setsockopt(wire->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(wire->listen_fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(wire->listen_fd, BACKLOG) != 0 ||
        getsockname(wire->listen_fd, (struct sockaddr *)&address, &len) != 0)
        return FAIL(err, RC_CONNECT, "cannot listen on 127.0.0.1 port %d: %s", wire->options.port,
                    strerror(errno));
    wire->port = ntohs(address.sin_port);
    return RC_OK;
}

static Rc set_up(Wire *wire, Err *err)
{
    const WireOptions *options = &wire->options;

    TRY(set_up_tls(wire, err));
    if (options->entra != WIRE_ENTRA_OFF)
        TRY(entra_load(options->entra_key, options->entra_audience, &wire->service.entra, err));
    TRY(traffic_open(options->log_path, &wire->service.traffic, err));
    return listen_on_loopback(wire, err);
}

Rc wire_listen(const WireOptions *options, Engine *engine, Wire **ret_wire, Err *err)
{
    static const WireHooks no_hooks = {0};
    Wire *wire = mem_alloc(sizeof(*wire));

    signal(SIGPIPE, SIG_IGN); // OpenSSL writes to sockets without MSG_NOSIGNAL
    wire->options = *options;
    wire->service.options = &wire->options;
    wire->service.engine = engine;
    wire->service.hooks = options->hooks ? options->hooks : &no_hooks;
    wire->listen_fd = -1;
    if (set_up(wire, err) != RC_OK) {
        wire_free(wire);
        return err->rc;
    }
    *ret_wire = wire;
    return RC_OK;
}

int wire_port(const Wire *wire)
{
    return wire->port;
}

const char *wire_ca_file(const Wire *wire)
{
    return wire->ca_file;
}

void wire_free(Wire *wire)
{
    if (!wire)
        return;
    if (wire->listen_fd >= 0)
        close(wire->listen_fd);
    traffic_close(wire->service.traffic);
    SSL_CTX_free(wire->service.tls);
    entra_free(wire->service.entra);
    arena_done(&wire->arena);
    free(wire);
}

/* ---- clients --------------------------------------------------------------------------------- */

static void *serve_client(void *context)
{
    Client *client = context;
    int fd = dup(client->fd); // the original stays open, so that its number means this client

    if (fd >= 0)
        connection_serve(&client->wire->service, fd);
    shutdown(client->fd, SHUT_RDWR);
    atomic_store(&client->is_gone, true);
    return NULL;
}

static void take_back(Client *client)
{
    pthread_join(client->thread, NULL);
    close(client->fd);
    client->is_taken = false;
}

/* Takes back the places of clients that have gone; returns a free one, NULL if all are taken. */
static Client *free_client(Wire *wire)
{
    Client *found = NULL;

    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        Client *client = &wire->clients[i];
        if (client->is_taken && atomic_load(&client->is_gone))
            take_back(client);
        if (!client->is_taken && !found)
            found = client;
    }
    return found;
}

static void welcome(Wire *wire, int fd)
{
    Client *client = free_client(wire);
    int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (!client) {
        close(fd);
        return;
    }
    client->wire = wire;
    client->fd = fd;
    atomic_store(&client->is_gone, false);
    client->is_taken = pthread_create(&client->thread, NULL, serve_client, client) == 0;
    if (!client->is_taken)
        close(fd);
}

/* Unblocks every client's reads and writes, then waits for its thread. */
static void end_clients(Wire *wire)
{
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (wire->clients[i].is_taken)
            shutdown(wire->clients[i].fd, SHUT_RDWR);
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (wire->clients[i].is_taken)
            take_back(&wire->clients[i]);
}

Rc wire_serve(Wire *wire, Err *err)
{
    struct pollfd polls[] = {{.fd = wire->listen_fd, .events = POLLIN},
                             {.fd = stop_fd(), .events = POLLIN}};
    Rc rc = RC_OK;

    while (!stop_wanted()) {
        if (poll(polls, ARRAY_LEN(polls), -1) < 0 && errno != EINTR) {
            rc = FAIL(err, RC_CONNECT, "cannot wait for clients: %s", strerror(errno));
            break;
        }
        int fd = accept4(wire->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            welcome(wire, fd);
    }
    end_clients(wire);
    return rc;
}
