/* The relay between a client that plays FreeTDS and the sandbox's server with canned answers. */
#include "test.h"

#include "../../../src/loopback/tls.h"
#include "../../../src/sandbox/wire/hooks.h"
#include "../loopback/client.h"
#include "../loopback/fake_engine.h"
#include "jwt.h"
#include "ssisminer/base/file.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/loopback/wire.h"
#include "ssisminer/packet/login.h"
#include "ssisminer/packet/prelogin.h"
#include "ssisminer/relay/relay.h"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

/* ---- servers, one at a time or two ----------------------------------------------------------- */

typedef struct Server {
    Wire *wire;
    WireHooks hooks;
    Engine engine;
    pthread_t thread;
    Arena arena;
    char *dir;
} Server;

static void *serve(void *context)
{
    Err err = {0};

    if (wire_serve(((Server *)context)->wire, &err) != RC_OK)
        abort();
    return NULL;
}

/* A server that is like `options`, and has a fault; NULL: none. */
static Server *start_with(WireOptions options, const char *fault)
{
    Server *server = mem_alloc(sizeof(*server));
    Err err = {0};

    if (file_temp_dir("relay-test", &server->arena, &server->dir, &err) != RC_OK)
        fail_msg("%s", err.text);
    options.password = "Secret.1";
    options.database = "SSISDB";
    options.dir = server->dir;
    options.log_path = arena_printf(&server->arena, "%s/log", server->dir);
    if (options.entra != WIRE_ENTRA_OFF) {
        options.entra_key = jwt_write_public_key(server->dir, &server->arena);
        options.entra_audience = "https://database.windows.net/";
    }
    options.hooks = &server->hooks;
    if (hooks_make(fault, NULL, &server->hooks, &err) != RC_OK ||
        wire_listen(&options, &server->engine, &server->wire, &err) != RC_OK)
        fail_msg("%s", err.text);
    pthread_create(&server->thread, NULL, serve, server);
    return server;
}

static Server *start(WireOptions options)
{
    return start_with(options, NULL);
}

static void stop(Server *server)
{
    pthread_join(server->thread, NULL);
    wire_free(server->wire);
    hooks_done(&server->hooks);
    file_remove_tree(server->dir);
    arena_done(&server->arena);
    free(server);
}

static int begin(void **state)
{
    (void)state;
    stop_reset();
    stop_install();
    return 0;
}

static const char *log_text(Server *server)
{
    Str text = {0};
    Err err = {0};

    assert_int_equal(file_read(arena_printf(&server->arena, "%s/log", server->dir), 10000000,
                               &server->arena, &text, &err),
                     RC_OK);
    return arena_copy(&server->arena, text.at, text.len);
}

/* ---- a relay, and the client in front of it -------------------------------------------------- */

static RelayOptions to(Server *server)
{
    return (RelayOptions){.host = "localhost",
                          .port = wire_port(server->wire),
                          .ca_file = wire_ca_file(server->wire),
                          .user = "sa",
                          .password = "Secret.1",
                          .login_ms = 5000};
}

static Relay *open_relay(const RelayOptions *options)
{
    Relay *relay = NULL;
    Err err = {0};

    if (relay_open(options, &relay, &err) != RC_OK)
        fail_msg("%s", err.text);
    return relay;
}

static void greet(const Client *client)
{
    AUTO(buf_done) Buf message = BUF(500), answer = BUF(500);
    Prelogin said;

    prelogin_put(&message, &(Prelogin){.version = {9},
                                       .has_encryption = true,
                                       .encryption = ENCRYPTION_NOT_SUPPORTED,
                                       .instance = "MSSQLServer"});
    client_send(client, PACKET_PRELOGIN, &message);
    assert_true(client_read(client, &answer));
    assert_true(prelogin_decode((const uint8_t *)buf_text(&answer), answer.len, &said));
    assert_int_equal(said.encryption, ENCRYPTION_NOT_SUPPORTED);
}

static Client connect_to(Relay *relay, const char *secret)
{
    Client client = client_connect(relay_port(relay));

    greet(&client);
    client_log_in_as(&client, &(LoginPacket){"ssisminer", secret, "SSISDB", 0x74000004, 16384});
    return client;
}

/* All at once: what the login is answered with. */
static const char *answer_of(const RelayOptions *options, RelayEnd *ret_end, Err *err, Arena *arena)
{
    Relay *relay = open_relay(options);
    AUTO(client_close) Client client = connect_to(relay, relay_secret(relay));
    const char *answer = arena_text(arena, client_answer(&client));

    *ret_end = relay_failed(relay, err);
    client_close(&client);
    relay_close(relay);
    return answer;
}

static bool is_closed(const Client *client)
{
    char byte;

    return recv(client->fd, &byte, 1, 0) <= 0;
}

/* ---- who comes in ---------------------------------------------------------------------------- */

static void test_passes_a_session_through(void **state)
{
    Server *server = start((WireOptions){.tls = WIRE_TLS_REQUIRE});
    RelayOptions options = to(server);
    Relay *relay = open_relay(&options);
    AUTO(client_close) Client client = connect_to(relay, relay_secret(relay));

    (void)state;
    assert_string_equal(
        client_answer(&client),
        "env 1 SSISDB; info 5701/2/0 Changed database context to 'SSISDB'.; env 7; env 2; "
        "info 5703/1/0 Changed language setting to us_english.; ack; env 4 16383; done 00; ");
    RelayFacts facts = relay_facts(relay);
    assert_true(facts.is_open && facts.is_verified);
    assert_string_equal(facts.protocol, "TLSv1.2");
    assert_int_equal(facts.hops, 0);
    for (int i = 0; i < 50; i++)
        assert_string_equal(client_batch(&client, "select 1"), "columns :26; row 1; done 10 n=1; ");
    client_close(&client);
    relay_close(relay);
    stop_request(SIGTERM);
    stop(server);
}

/* The right socket with the wrong secret, and the other way round. */
static void test_turns_strangers_away_and_listens_on(void **state)
{
    Server *server = start((WireOptions){.tls = WIRE_TLS_REQUIRE});
    RelayOptions options = to(server);
    Relay *relay = open_relay(&options);
    int status = -1;

    (void)state;
    Client wrong = connect_to(relay, "00000000000000000000000000000000");
    assert_true(is_closed(&wrong));
    client_close(&wrong);

    pid_t child = fork();
    if (child == 0) { // another process, and another user where that can be
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(2);
        Client stranger = client_connect(relay_port(relay));
        char byte;
        _exit(recv(stranger.fd, &byte, 1, 0) <= 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);

    AUTO(client_close) Client right = connect_to(relay, relay_secret(relay));
    assert_contains(client_answer(&right), "ack; ");
    Client late = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)relay_port(relay)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_not_equal(connect(late.fd, (struct sockaddr *)&address, sizeof(address)), 0);
    client_close(&late); // one is all
    client_close(&right);
    relay_close(relay);
    stop_request(SIGTERM);
    stop(server);
    assert_int_equal(atomic_load(&fake_open_sessions), 0);
}

static size_t open_descriptors(void)
{
    size_t count = 0;

    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) != -1;
    return count;
}

/* A night's cleanup connects often: nothing is left of a connection. */
static void test_a_thousand_connections(void **state)
{
    enum { CONNECTIONS = 1000, PAUSE_NS = 2 * 1000 * 1000 };
    Server *server = start((WireOptions){.tls = WIRE_TLS_REQUIRE});
    size_t before = 0;

    (void)state;
    for (int i = 0; i < CONNECTIONS; i++) {
        RelayOptions options = to(server);
        options.is_strict = i % 2;
        Relay *relay = open_relay(&options);
        Client client = connect_to(relay, relay_secret(relay));
        if (!strstr(client_answer(&client), "ack; "))
            fail_msg("connection %d", i);
        client_close(&client);
        relay_close(relay);
        for (int wait = 0; wait < 100000 && atomic_load(&fake_open_sessions) > 0; wait++)
            (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
        before = i == 10 ? open_descriptors() : before;
    }
    assert_true(open_descriptors() <= before + 2); // of the server's thread that may still end
    stop_request(SIGTERM);
    stop(server);
}

static void test_nobody_comes(void **state)
{
    RelayOptions options = {.host = "localhost", .port = 1, .user = "sa", .login_ms = 60000};
    Relay *relay = open_relay(&options);
    int64_t start_ms = time_monotonic_ms();

    (void)state;
    relay_close(relay); // at once, not at its limit
    assert_true(time_monotonic_ms() - start_ms < 30000);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static Secret secret_of(const char *text)
{
    Secret secret;

    secret_init(&secret, strlen(text));
    secret_puts(&secret, text);
    return secret;
}

static RelayOptions with_token(Server *server, const Secret *token)
{
    RelayOptions options = to(server);

    options.user = options.password = NULL;
    options.token = token;
    return options;
}

/* Echo 0 and 1, TDS 7.4 and strict, tokens of every length that Azure makes. */
static void test_tokens_of_every_kind(void **state)
{
    static const size_t fillers[] = {0, 1300, 1900, 6000, 30000};

    (void)state;
    for (int entra = WIRE_ENTRA_OPTIONAL; entra <= WIRE_ENTRA_ONLY; entra++) {
        Server *server = start((WireOptions){.tls = WIRE_TLS_REQUIRE, .entra = (WireEntra)entra});
        for (size_t i = 0; i < 2 * ARRAY_LEN(fillers); i++) {
            AUTO(arena_done) Arena arena = {0};
            AUTO(secret_done)
            Secret token = secret_of(jwt_make(&arena, &(Jwt){.filler = fillers[i / 2]}));
            RelayOptions options = with_token(server, &token);
            RelayEnd end;
            Err err = {0};
            options.is_strict = i % 2;
            const char *answer = answer_of(&options, &end, &err, &arena);
            assert_contains(answer, "ack; ");
            assert_lacks(answer, "FEATURE");
        }
        assert_contains(log_text(server), "\"token\":true");
        stop_request(SIGTERM);
        stop(server);
        begin(NULL);
    }
}

static void test_tokens_that_do_not_count(void **state)
{
    static const struct {
        Jwt jwt;
        const char *words;
    } cases[] = {
        {{.audience = "https://management.azure.com/"}, "Incorrect or invalid token."},
        {{.lives_s = -10}, "Token is expired."},
        {{.is_forged = true}, "Incorrect or invalid token."},
        {{.upn = "stranger"}, "Login failed for user '<token-identified principal>'."},
    };
    Server *server = start((WireOptions){.tls = WIRE_TLS_REQUIRE, .entra = WIRE_ENTRA_REQUIRED});

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_done) Arena arena = {0};
        AUTO(secret_done) Secret token = secret_of(jwt_make(&arena, &cases[i].jwt));
        RelayOptions options = with_token(server, &token);
        RelayEnd end;
        Err err = {0};
        const char *answer = answer_of(&options, &end, &err, &arena);
        assert_contains(answer, "error 18456/1/14");
        assert_contains(answer, cases[i].words);
        assert_int_equal(end, RELAY_END_NONE); // the server's own answer
        assert_lacks(answer, "eyJ");
    }
    stop_request(SIGTERM);
    stop(server);
}

static void test_a_server_without_entra(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(secret_done) Secret token = secret_of("eyJ0.eyJ1.c2ln");
    Server *server = start((WireOptions){.tls = WIRE_TLS_REQUIRE});
    RelayOptions options = with_token(server, &token);
    RelayEnd end;
    Err err = {0};

    (void)state;
    assert_contains(answer_of(&options, &end, &err, &arena),
                    "not currently configured to accept this token");
    stop_request(SIGTERM);
    stop(server);
}

static void test_an_entra_only_server_refuses_passwords(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    Server *server = start((WireOptions){.tls = WIRE_TLS_REQUIRE, .entra = WIRE_ENTRA_ONLY});
    RelayOptions options = to(server);
    RelayEnd end;
    Err err = {0};

    (void)state;
    assert_contains(answer_of(&options, &end, &err, &arena), "only authentication is enabled");
    stop_request(SIGTERM);
    stop(server);
}

static void test_a_token_goes_to_no_unverified_server(void **state)
{
    AUTO(secret_done) Secret token = secret_of("eyJ0.eyJ1.c2ln");
    RelayOptions options = {.host = "h", .port = 1, .token = &token, .trusts_any = true};
    Relay *relay = NULL;
    Err err = {0};

    (void)state;
    assert_int_equal(relay_open(&options, &relay, &err), RC_USAGE);
    assert_contains(err.hint, "-C");
    assert_null(relay);
}

/* ---- encryption ------------------------------------------------------------------------------ */

static void test_what_a_server_offers(void **state)
{
    static const struct {
        WireOptions server;
        bool is_strict, knows_ca;
        RelayEnd end;
        const char *words;
    } cases[] = {
        {{.tls = WIRE_TLS_ON}, false, true, RELAY_END_NONE, NULL},
        {{.tls = WIRE_TLS_REQUIRE}, false, true, RELAY_END_NONE, NULL},
        {{.tls = WIRE_TLS_ON}, true, true, RELAY_END_NONE, NULL},
        {{.tls = WIRE_TLS_ON, .tls_version = WIRE_TLS_1_2}, true, true, RELAY_END_NONE, NULL},
        {{.tls = WIRE_TLS_ON, .tls_version = WIRE_TLS_1_3}, true, true, RELAY_END_NONE, NULL},
        {{.tls = WIRE_TLS_ON, .tls_version = WIRE_TLS_1_3},
         false,
         true,
         RELAY_END_REFUSED,
         "turns TLS 1.2 down"},
        {{.tls = WIRE_TLS_LOGIN}, false, true, RELAY_END_REFUSED, "the login only"},
        {{.tls = WIRE_TLS_OFF}, false, true, RELAY_END_REFUSED, "offers no encryption"},
        {{.tls = WIRE_TLS_ON}, false, false, RELAY_END_REFUSED, "its signer is not known here"},
        {{.tls = WIRE_TLS_ON}, true, false, RELAY_END_REFUSED, "its signer is not known here"},
        {{.tls = WIRE_TLS_ON, .tls_name = "other.example"},
         false,
         true,
         RELAY_END_REFUSED,
         "is for another name"},
        {{.tls = WIRE_TLS_ON, .tls_name = "other.example"},
         true,
         true,
         RELAY_END_REFUSED,
         "is for another name"},
        {{.tls = WIRE_TLS_ON, .strict = WIRE_STRICT_OFF},
         true,
         true,
         RELAY_END_REACH,
         "does not offer strict"},
        {{.tls = WIRE_TLS_ON, .strict = WIRE_STRICT_ONLY},
         false,
         true,
         RELAY_END_LOST,
         "closed the connection before the login"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_done) Arena arena = {0};
        Server *server = start(cases[i].server);
        RelayOptions options = to(server);
        RelayEnd end;
        Err err = {0};
        options.is_strict = cases[i].is_strict;
        options.ca_file = cases[i].knows_ca ? options.ca_file : NULL;
        options.login_ms = cases[i].server.strict == WIRE_STRICT_OFF ? 700 : 5000;
        const char *answer = answer_of(&options, &end, &err, &arena);
        if (end != cases[i].end)
            fail_msg("case %zu: %d %s", i, (int)end, err.text);
        assert_contains(end == RELAY_END_NONE ? answer : err.text,
                        end == RELAY_END_NONE ? "ack; " : cases[i].words);
        if (end != RELAY_END_NONE) // FreeTDS is told the same, with what to do about it
            assert_contains(answer,
                            arena_printf(&arena, "error %d/1/14 %.40s", RELAY_ERROR, err.text));
        stop_request(SIGTERM);
        stop(server);
        begin(state);
    }
}

/* ---- Kerberos -------------------------------------------------------------------------------- */

/* A server that is satisfied with "ticket" once it was told "more": FreeTDS makes both. */
typedef struct Realm {
    int listen_fd, port;
    pthread_t thread;
    SSL_CTX *tls;
    bool is_redirecting;
    char server[200];
    bool was_integrated;
} Realm;

static void realm_answer(Realm *realm, Link *link)
{
    if (realm->is_redirecting)
        token_put_env_routing(&link->out, "localhost", 1);
    token_put_login_ack(&link->out, TDS_VERSION_74);
    token_put_done(&link->out, TOKEN_DONE, 0, 0, 0);
    link_send_end(link);
}

static void realm_talk(Realm *realm, Link *link, Message *message)
{
    static const uint8_t challenge[] = {TOKEN_SSPI, 4, 0, 'm', 'o', 'r', 'e'};
    AUTO(arena_done) Arena arena = {0};
    Login login;

    if (link_read(link, message) != LINK_MESSAGE ||
        !login_decode((const uint8_t *)buf_text(&message->body), message->body.len, &arena, &login))
        return;
    realm->was_integrated = login.options2 & LOGIN_INTEGRATED && login.user[0] == '\0' &&
                            login.sspi_len == 6 && memcmp(login.sspi, "ticket", 6) == 0;
    (void)snprintf(realm->server, sizeof(realm->server), "%s", login.server);
    buf_put(&link->out, challenge, sizeof(challenge));
    link_send_end(link);
    if (link_read(link, message) == LINK_MESSAGE && message->type == PACKET_SSPI &&
        message->body.len == 4 && memcmp(message->body.text, "MORE", 4) == 0)
        realm_answer(realm, link);
}

static void *realm_serve(void *context)
{
    AUTO(message_done) Message message = MESSAGE_INIT;
    Realm *realm = context;
    Link link;

    link_init(&link, accept(realm->listen_fd, NULL, NULL));
    if (link_read(&link, &message) == LINK_MESSAGE) {
        prelogin_put(&link.out, &(Prelogin){.has_encryption = true, .encryption = ENCRYPTION_ON});
        link_send_end(&link);
        if (tls_accept(&link, realm->tls)) {
            realm_talk(realm, &link, &message);
            (void)link_read(&link, &message); // until the client leaves
        }
    }
    link_done(&link);
    return NULL;
}

static void realm_start(Realm *realm, Server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    const char *cert = wire_ca_file(server->wire);
    const WireOptions any = {.tls = WIRE_TLS_REQUIRE};
    Err err = {0};

    realm->listen_fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(realm->listen_fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(realm->listen_fd, 1), 0);
    assert_int_equal(getsockname(realm->listen_fd, (struct sockaddr *)&address, &len), 0);
    realm->port = ntohs(address.sin_port);
    const char *key = arena_printf(&server->arena, "%s/sandbox-key.pem", server->dir);
    assert_int_equal(tls_load(&any, cert, key, &realm->tls, &err), RC_OK);
    pthread_create(&realm->thread, NULL, realm_serve, realm);
}

/* As FreeTDS with a ticket: no user, no password, the secret as the server's name. */
static Client connect_with_ticket(Relay *relay)
{
    AUTO(buf_done) Buf packet = BUF(10000);
    Client client = client_connect(relay_port(relay));
    const Login login = {.tds_version = TDS_VERSION_74,
                         .options2 = LOGIN_INTEGRATED,
                         .server = relay_secret(relay),
                         .database = "SSISDB",
                         .sspi = (const uint8_t *)"ticket",
                         .sspi_len = 6};

    greet(&client);
    login_put(&packet, &login);
    client_send(&client, PACKET_LOGIN, &packet);
    return client;
}

static void test_tickets_are_passed_on(void **state)
{
    for (int redirecting = 0; redirecting < 2; redirecting++) {
        AUTO(buf_done) Buf message = BUF(1000);
        Server *server = start((WireOptions){.tls = WIRE_TLS_REQUIRE});
        Realm realm = {.is_redirecting = redirecting};
        realm_start(&realm, server);
        RelayOptions options = {.host = "localhost",
                                .port = realm.port,
                                .ca_file = wire_ca_file(server->wire),
                                .is_integrated = true,
                                .login_ms = 5000};
        Relay *relay = open_relay(&options);
        AUTO(client_close) Client client = connect_with_ticket(relay);
        assert_true(client_read(&client, &message));
        assert_int_equal(message.len, 7);
        assert_memory_equal(message.text, "\xED\x04\0more", 7);
        buf_reset(&message);
        buf_puts(&message, "MORE");
        client_send(&client, PACKET_SSPI, &message);
        const char *answer = client_answer(&client);
        assert_contains(answer,
                        redirecting ? "its Kerberos ticket does not count" : "ack; done 00; ");
        client_close(&client);
        relay_close(relay);
        pthread_join(realm.thread, NULL);
        assert_true(realm.was_integrated);
        assert_string_equal(realm.server, "localhost"); // not the secret
        close(realm.listen_fd);
        SSL_CTX_free(realm.tls);
        stop_request(SIGTERM);
        stop(server);
        begin(state);
    }
}

/* A file that holds no certificate is told as that, and no server is verified without one. */
static void test_a_ca_file_that_holds_none(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    Server *server = start((WireOptions){.tls = WIRE_TLS_REQUIRE});
    RelayOptions options = to(server);
    RelayEnd end;
    Err err = {0};

    (void)state;
    options.ca_file = arena_printf(&arena, "%s/log", server->dir);
    (void)answer_of(&options, &end, &err, &arena);
    assert_int_equal(end, RELAY_END_REFUSED);
    assert_contains(err.text, "no CA certificate could be loaded from '");
    assert_contains(err.hint, "--ca-file wants PEM text");
    stop_request(SIGTERM);
    stop(server);
}

/* ---- redirects ------------------------------------------------------------------------------- */

static void test_follows_redirects(void **state)
{
    for (int strict = 0; strict < 2; strict++) {
        AUTO(arena_done) Arena arena = {0};
        AUTO(secret_done) Secret token = secret_of(jwt_make(&arena, &(Jwt){.filler = 1900}));
        Server *last = start((WireOptions){.tls = WIRE_TLS_REQUIRE, .entra = WIRE_ENTRA_REQUIRED});
        const char *cert = wire_ca_file(last->wire);
        WireOptions options = {.tls = WIRE_TLS_REQUIRE,
                               .entra = WIRE_ENTRA_OPTIONAL,
                               .cert_file = cert,
                               .key_file = arena_printf(&arena, "%s/sandbox-key.pem", last->dir)};
        Server *middle = start_with(
            options, arena_printf(&arena, "route=LOCALHOST\\X,%d", wire_port(last->wire)));
        Server *first = start_with(
            options, arena_printf(&arena, "route=localhost,%d", wire_port(middle->wire)));
        RelayOptions wanted = with_token(first, &token);
        wanted.is_strict = strict;
        Relay *relay = open_relay(&wanted);
        AUTO(client_close) Client client = connect_to(relay, relay_secret(relay));
        const char *answer = client_answer(&client);
        assert_contains(answer, "ack; ");
        assert_lacks(answer, "env 20");
        assert_string_equal(client_batch(&client, "select 1"), "columns :26; row 1; done 10 n=1; ");
        RelayFacts facts = relay_facts(relay);
        assert_int_equal(facts.hops, 2);
        assert_true(facts.is_verified);
        assert_contains(log_text(last), "\"server\":\"LOCALHOST\\\\X\""); // as it was named
        client_close(&client);
        relay_close(relay);
        stop_request(SIGTERM);
        stop(first);
        stop(middle);
        stop(last);
        begin(state);
    }
}

static void test_redirects_that_are_not_followed(void **state)
{
    static const struct {
        const char *fault, *words;
    } cases[] = {
        {"route=localhost,0", "no usable port"},
        {"route=no host,1433", "no server's name"},
        {"route=localhost,1", "refused the connection"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_done) Arena arena = {0};
        Server *server = start_with((WireOptions){.tls = WIRE_TLS_REQUIRE}, cases[i].fault);
        RelayOptions options = to(server);
        RelayEnd end;
        Err err = {0};
        (void)answer_of(&options, &end, &err, &arena);
        assert_contains(err.text, cases[i].words);
        assert_contains(err.hint, "connection policy to Proxy");
        stop_request(SIGTERM);
        stop(server);
        begin(state);
    }
}

/* Two that send on to each other. */
static void test_a_loop_ends(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    Server *server = start((WireOptions){.tls = WIRE_TLS_REQUIRE});
    int port = wire_port(server->wire);
    RelayEnd end;
    Err err = {0};

    stop_request(SIGTERM);
    stop(server);
    begin(state);
    server = start_with((WireOptions){.tls = WIRE_TLS_REQUIRE, .port = port},
                        arena_printf(&arena, "route=localhost,%d", port));
    RelayOptions options = to(server);
    (void)answer_of(&options, &end, &err, &arena);
    assert_int_equal(end, RELAY_END_REFUSED);
    assert_contains(err.text, "redirected more than 10 times");
    stop_request(SIGTERM);
    stop(server);
}

/* ---- attention ------------------------------------------------------------------------------- */

/* It overtakes a server that sends and sends, whose answer waits in every buffer on the way. */
static void test_an_attention_is_passed_at_once(void **state)
{
    for (int strict = 0; strict < 2; strict++) {
        Server *server = start((WireOptions){.tls = WIRE_TLS_REQUIRE});
        RelayOptions options = to(server);
        options.is_strict = strict;
        Relay *relay = open_relay(&options);
        AUTO(client_close) Client client = connect_to(relay, relay_secret(relay));
        assert_contains(client_answer(&client), "ack; ");
        client_begin_batch(&client, "wait");
        (void)nanosleep(&(struct timespec){.tv_nsec = 50 * 1000 * 1000}, NULL);
        client_attention(&client);
        assert_string_equal(client_answer(&client), "done 02; ");
        assert_string_equal(client_answer(&client), "done 20; ");
        client_begin_batch(&client, "rows 100000000");
        (void)nanosleep(&(struct timespec){.tv_nsec = 200 * 1000 * 1000}, NULL);
        client_attention(&client);
        const char *answer = client_answer(&client);
        assert_contains(answer, "done 02; ");
        assert_lacks(answer, "CUT");
        assert_string_equal(client_answer(&client), "done 20; ");
        assert_contains(client_batch(&client, "select 1"), "row 1; ");
        client_close(&client);
        relay_close(relay);
        stop_request(SIGTERM);
        stop(server);
        begin(state);
    }
}

/* ---- ends ------------------------------------------------------------------------------------ */

static void test_a_lost_server_ends_the_client(void **state)
{
    static const char *const faults[] = {"drop@statement=2", "reset@statement=2",
                                         "close@statement=2"};

    for (size_t i = 0; i < 2 * ARRAY_LEN(faults); i++) {
        Server *server = start_with((WireOptions){.tls = WIRE_TLS_REQUIRE}, faults[i / 2]);
        RelayOptions options = to(server);
        options.is_strict = i % 2;
        Relay *relay = open_relay(&options);
        AUTO(client_close) Client client = connect_to(relay, relay_secret(relay));
        assert_contains(client_answer(&client), "ack; ");
        assert_string_equal(client_batch(&client, "select 1"), "columns :26; row 1; done 10 n=1; ");
        client_begin_batch(&client, "select 1");
        assert_true(is_closed(&client));
        client_close(&client);
        relay_close(relay);
        stop_request(SIGTERM);
        stop(server);
        begin(state);
    }
}

static void test_a_lost_client_ends_the_session(void **state)
{
    Server *server = start((WireOptions){.tls = WIRE_TLS_REQUIRE});
    RelayOptions options = to(server);
    Relay *relay = open_relay(&options);
    Client client = connect_to(relay, relay_secret(relay));

    (void)state;
    assert_contains(client_answer(&client), "ack; ");
    client_close(&client);
    for (int i = 0; i < 10000 && atomic_load(&fake_open_sessions) > 0; i++)
        (void)nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    assert_int_equal(atomic_load(&fake_open_sessions), 0);
    relay_close(relay);
    stop_request(SIGTERM);
    stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_passes_a_session_through, begin),
        cmocka_unit_test_setup(test_turns_strangers_away_and_listens_on, begin),
        cmocka_unit_test_setup(test_a_thousand_connections, begin),
        cmocka_unit_test_setup(test_nobody_comes, begin),
        cmocka_unit_test_setup(test_tokens_of_every_kind, begin),
        cmocka_unit_test_setup(test_tokens_that_do_not_count, begin),
        cmocka_unit_test_setup(test_a_server_without_entra, begin),
        cmocka_unit_test_setup(test_an_entra_only_server_refuses_passwords, begin),
        cmocka_unit_test_setup(test_a_token_goes_to_no_unverified_server, begin),
        cmocka_unit_test_setup(test_what_a_server_offers, begin),
        cmocka_unit_test_setup(test_tickets_are_passed_on, begin),
        cmocka_unit_test_setup(test_a_ca_file_that_holds_none, begin),
        cmocka_unit_test_setup(test_follows_redirects, begin),
        cmocka_unit_test_setup(test_redirects_that_are_not_followed, begin),
        cmocka_unit_test_setup(test_a_loop_ends, begin),
        cmocka_unit_test_setup(test_an_attention_is_passed_at_once, begin),
        cmocka_unit_test_setup(test_a_lost_server_ends_the_client, begin),
        cmocka_unit_test_setup(test_a_lost_client_ends_the_session, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
