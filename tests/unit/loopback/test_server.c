/* The server as a whole, over sockets, with canned answers behind it. */
#include "test.h"

#include "../../../src/sandbox/wire/hooks.h"
#include "client.h"
#include "fake_engine.h"
#include "ssisminer/base/file.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/loopback/wire.h"

#include <pthread.h>
#include <signal.h>

typedef struct Server {
    Wire *wire;
    WireHooks hooks;
    Engine engine;
    pthread_t thread;
    Arena arena;
    char *dir;
    const char *log_path;
} Server;

static void *serve(void *context)
{
    Server *server = context;
    Err err = {0};

    if (wire_serve(server->wire, &err) != RC_OK)
        abort();
    return NULL;
}

static Server *start(const char *fault, const char *replay)
{
    Server *server = mem_alloc(sizeof(*server));
    Err err = {0};

    stop_reset();
    stop_install();
    if (file_temp_dir("wire-test", &server->arena, &server->dir, &err) != RC_OK)
        fail_msg("%s", err.text);
    server->log_path = arena_printf(&server->arena, "%s/log", server->dir);
    WireOptions options = {.password = "Secret.1",
                           .database = "SSISDB",
                           .tls = WIRE_TLS_OFF,
                           .dir = server->dir,
                           .log_path = server->log_path,
                           .hooks = &server->hooks};
    if (hooks_make(fault, replay, &server->hooks, &err) != RC_OK ||
        wire_listen(&options, &server->engine, &server->wire, &err) != RC_OK)
        fail_msg("%s", err.text);
    pthread_create(&server->thread, NULL, serve, server);
    return server;
}

/* Ends the server as SIGTERM would; every session must be closed by then. */
static void stop(Server *server)
{
    stop_request(SIGTERM);
    pthread_join(server->thread, NULL);
    wire_free(server->wire);
    hooks_done(&server->hooks);
    file_remove_tree(server->dir);
    arena_done(&server->arena);
    free(server);
    assert_int_equal(atomic_load(&fake_open_sessions), 0);
}

static const LoginPacket good_login = {"sa", "Secret.1", "", 0x74000004, 4096};

static Client log_in(Server *server)
{
    Client client = client_connect(wire_port(server->wire));

    client_log_in_as(&client, &good_login);
    assert_contains(client_answer(&client), "ack; ");
    return client;
}

static const char *log_text(Server *server)
{
    Str text = {0};
    Err err = {0};

    assert_int_equal(file_read(server->log_path, 10000000, &server->arena, &text, &err), RC_OK);
    return arena_copy(&server->arena, text.at, text.len);
}

static bool is_closed(const Client *client)
{
    char byte;

    return recv(client->fd, &byte, 1, 0) <= 0;
}

/* ---- logging in ------------------------------------------------------------------------------ */

static void test_server__welcomes_a_login(void **state)
{
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = client_connect(wire_port(server->wire));

    (void)state;
    client_log_in_as(&client, &(LoginPacket){"sa", "Secret.1", "ssisdb", 0x74000004, 8000});
    assert_string_equal(
        client_answer(&client),
        "env 1 SSISDB; info 5701/2/0 Changed database context to 'SSISDB'.; env 7; env 2; "
        "info 5703/1/0 Changed language setting to us_english.; ack; env 4 8000; done "
        "00; ");
    assert_string_equal(client_batch(&client, "select 1"), "columns :26; row 1; done 10 n=1; ");
    stop(server);
}

static void test_server__refuses_logins(void **state)
{
    static const struct {
        LoginPacket login;
        const char *answer;
    } cases[] = {
        {{"sa", "wrong", "", 0x74000004, 4096},
         "error 18456/1/14 Login failed for user 'sa'.; done 02; "},
        {{"stranger", "Secret.1", "", 0x74000004, 4096},
         "error 18456/1/14 Login failed for user 'stranger'.; done 02; "},
        {{"sa", "Secret.1", "nowhere", 0x74000004, 4096},
         "error 4060/1/11 Cannot open database \"nowhere\" requested by the login. The login "
         "failed.; "
         "error 18456/1/14 Login failed for user 'sa'.; done 02; "},
        {{"sa", "Secret.1", "a]; drop", 0x74000004, 4096},
         "error 4060/1/11 Cannot open database \"a]; drop\" requested by the login. The login "
         "failed.; "
         "error 18456/1/14 Login failed for user 'sa'.; done 02; "},
    };
    Server *server = start(NULL, NULL);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(client_close) Client client = client_connect(wire_port(server->wire));
        client_log_in_as(&client, &cases[i].login);
        assert_string_equal(client_answer(&client), cases[i].answer);
        assert_true(is_closed(&client));
    }
    assert_lacks(log_text(server), "Secret");
    assert_lacks(log_text(server), "wrong");
    stop(server);
}

static void test_server__opens_another_database(void **state)
{
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = client_connect(wire_port(server->wire));

    (void)state;
    client_log_in_as(&client, &(LoginPacket){"sa", "Secret.1", "elsewhere", 0x730B0003, 0});
    assert_contains(client_answer(&client), "env 1 elsewhere; ");
    stop(server);
}

static void test_server__survives_nonsense(void **state)
{
    Server *server = start(NULL, NULL);
    char noise[3000];

    (void)state;
    for (unsigned round = 0; round < 60; round++) {
        AUTO(client_close) Client client = client_connect(wire_port(server->wire));
        for (size_t i = 0; i < sizeof(noise); i++)
            noise[i] = (char)(i * 2654435761u >> (round % 24));
        noise[0] = round % 2 ? 0x10 : 0x12;
        client_send_bytes(&client, noise, 1 + round * 50);
    }
    AUTO(client_close) Client client = log_in(server);
    assert_contains(client_batch(&client, "select 1"), "row 1; ");
    stop(server);
}

static void test_server__refuses_malformed_requests(void **state)
{
    static const struct {
        PacketType type;
        const char *body;
        size_t len;
        const char *answer;
    } cases[] = {
        {PACKET_BATCH, "\x01\0\0\0", 4, "error 4002/1/20 The batch is malformed.; "},
        {PACKET_BATCH, "\x04\0\0\0x", 5, "error 4002/1/20 The batch is malformed.; "},
        {PACKET_RPC, "\x04\0\0\0\xFF\xFF", 6,
         "error 4002/1/20 The remote procedure call is malformed: "},
        {PACKET_RPC, "\x04\0\0\0\xFF\xFF\x0A\0\0\0\0\0\xEE", 13, "a parameter is malformed"},
        {PACKET_TRANSACTION, "\x04\0\0\0\x05", 5,
         "error 4002/1/20 The transaction request is malformed.; "},
        {PACKET_BULK, "x", 1, "error 4002/1/20 The sandbox does not take this kind of request.; "},
    };
    Server *server = start(NULL, NULL);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(client_close) Client client = log_in(server);
        AUTO(buf_done) Buf body = BUF(100);
        buf_put(&body, cases[i].body, cases[i].len);
        client_send(&client, cases[i].type, &body);
        assert_contains(client_answer(&client), cases[i].answer);
        assert_true(is_closed(&client));
    }
    AUTO(client_close) Client client = log_in(server);
    client_send_bytes(&client, "\x01\x01\x00\x07\0\0\0\0", 8); // shorter than its header
    assert_contains(client_answer(&client), "error 4002/1/20 The packet is malformed.; ");
    stop(server);
}

/* ---- batches --------------------------------------------------------------------------------- */

static void test_server__answers_with_every_type(void **state)
{
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = log_in(server);

    (void)state;
    const char *answer = client_batch(&client, "types");
    assert_contains(
        answer,
        "columns a_bit:68 a_tinyint:26 a_smallint:26 an_int:26 a_bigint:26 a_float:6D a_decimal:6A "
        "a_short_text:E7 a_date:28 a_datetime:6F a_datetime2:2A a_datetimeoffset:2B a_guid:24 "
        "some_bytes:A5 a_variant:62 a_long_text:E7; "
        "row 1|255|-32768|-2147483647|-9223372036854775808|-1.5|-12345678901234.5678|"
        "Gr\xC3\xB6\xC3\x9F\x65 \xE6\x97\xA5 \xF0\x9F\x98\x80|2025-09-07T00:00:00.0000000Z|"
        "2025-09-07T08:15:59.1233333Z|2025-09-07T08:15:59.1230000Z|2025-09-07T13:45:59.1234567Z|"
        "00112233-4455-6677-8899-AABBCCDDEEFF|");
    assert_contains(answer, "|0001FEFF|held|; row NULL|NULL|");
    assert_contains(answer, "|NULL; done 10 n=2; ");
    stop(server);
}

static void test_server__holds_a_done_until_it_knows(void **state)
{
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = log_in(server);

    (void)state;
    assert_string_equal(client_batch(&client, "two"),
                        "columns :26; row 1; done 11 n=1; info 0/1/0 between; "
                        "columns :26; row 1; done 10 n=1; ");
    assert_string_equal(client_batch(&client, "update"), "done 10 n=5; ");
    assert_string_equal(client_batch(&client, "set nocount on"), "done 00; ");
    assert_string_equal(client_batch(&client, "fail"), "error 50000/3/16 it failed; done 02; ");
    stop(server);
}

/* A bug of the engine must not become a broken stream. */
static void test_server__says_when_a_value_does_not_fit(void **state)
{
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = log_in(server);

    (void)state;
    assert_string_equal(client_batch(&client, "wide"),
                        "columns c:E7; error 8152/1/16 The sandbox made a value for column 1 that "
                        "is no nvarchar of its size.; done 02; ");
    assert_contains(client_batch(&client, "select 1"), "row 1; ");
    stop(server);
}

static void test_server__takes_requests_in_small_packets(void **state)
{
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = log_in(server);
    AUTO(buf_done) Buf packet = BUF(100000);

    (void)state;
    put_headers(&packet);
    (void)text_put_utf16le(&packet, str_of("select 1 -- and a long remark behind it"));
    client_send_as(&client, PACKET_BATCH, 0, &packet, 7);
    assert_contains(client_answer(&client), "row 1; ");
    stop(server);
}

static void test_server__sends_long_answers(void **state)
{
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = log_in(server);

    (void)state;
    const char *answer = client_batch(&client, "rows 3000");
    assert_contains(answer, "row 3000|<180 bytes>; done 10 n=3000; ");
    assert_lacks(answer, "CUT");
    stop(server);
}

static void test_server__resets_pooled_connections(void **state)
{
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = log_in(server);
    AUTO(buf_done) Buf packet = BUF(1000);

    (void)state;
    put_headers(&packet);
    (void)text_put_utf16le(&packet, str_of("select 1"));
    client_send_as(&client, PACKET_BATCH, STATUS_RESET, &packet, 4000);
    assert_string_equal(client_answer(&client), "env 18; columns :26; row 1; done 10 n=1; ");
    assert_int_equal(atomic_load(&fake_open_sessions), 1);
    stop(server);
}

static void test_server__runs_transactions(void **state)
{
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = log_in(server);
    AUTO(buf_done) Buf begin = BUF(1000), commit = BUF(1000), save = BUF(1000);

    (void)state;
    put_headers(&begin);
    put_u16(&begin, 5);
    put_u16(&begin, 0); // isolation level, no name
    client_send(&client, PACKET_TRANSACTION, &begin);
    assert_string_equal(client_answer(&client), "env 8; done 04; ");
    assert_string_equal(client_batch(&client, "select 1"), "columns :26; row 1; done 14 n=1; ");
    put_headers(&commit);
    put_u16(&commit, 7);
    put_u16(&commit, 0);
    client_send(&client, PACKET_TRANSACTION, &commit);
    assert_string_equal(client_answer(&client), "env 9; done 00; ");
    put_headers(&save);
    put_u16(&save, 9);
    client_send(&client, PACKET_TRANSACTION, &save);
    assert_contains(client_answer(&client), "error 3989/1/16 ");
    buf_done(&begin), buf_done(&commit), buf_done(&save);
    stop(server);
}

/* ---- procedures ------------------------------------------------------------------------------ */

static const char *call(Client *client, const Buf *packet)
{
    client_send(client, PACKET_RPC, packet);
    return client_answer(client);
}

static void test_server__runs_executesql(void **state)
{
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = log_in(server);
    AUTO(buf_done) Buf packet = BUF(10000);

    (void)state;
    put_headers(&packet);
    put_rpc_name(&packet, "sp_executesql");
    put_text_param(&packet, "", "echo");
    put_text_param(&packet, "", "@a int, @b nvarchar(3), @c bigint output");
    put_param(&packet, "", false, (SbType){.id = SB_BIGINT}, fake_int(5));
    put_param(&packet, "@B", false, (SbType){.id = SB_NVARCHAR, .max_chars = 10},
              fake_text("longer"));
    put_param(&packet, "@c", true, (SbType){.id = SB_BIGINT}, fake_int(1));
    assert_string_equal(call(&client, &packet),
                        "columns :26 @B:E7 @c:26; row 5|longer|42; doneinproc 11 n=1; status 0; "
                        "output @c=42; doneproc 00; "); // what is declared, the engine sees to
    assert_contains(log_text(server),
                    "\"procedure\":\"sp_executesql\",\"text\":\"echo\",\"params\":["
                    "{\"name\":\"\",\"type\":\"bigint\",\"value\":5},"
                    "{\"name\":\"@B\",\"type\":\"nvarchar\",\"value\":\"longer\"}");
    stop(server);
}

static void test_server__prepares_and_executes(void **state)
{
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = log_in(server);
    AUTO(buf_done)
    Buf first = BUF(10000), second = BUF(10000), third = BUF(10000), fourth = BUF(10000);
    const SbType whole = {.id = SB_INT};

    (void)state;
    put_headers(&first);
    put_rpc_id(&first, 13);
    put_param(&first, "@handle", true, whole, (SbValue){.is_null = true});
    put_text_param(&first, "", "@P1 int");
    put_text_param(&first, "", "echo @P1");
    put_param(&first, "", false, whole, fake_int(8));
    assert_string_equal(call(&client, &first), "columns :26; row 8; doneinproc 11 n=1; status 0; "
                                               "output @handle=1; doneproc 00; ");
    put_headers(&second);
    put_rpc_id(&second, 12);
    put_param(&second, "", false, whole, fake_int(1));
    put_param(&second, "", false, whole, fake_int(9));
    assert_string_equal(call(&client, &second),
                        "columns :26; row 9; doneinproc 11 n=1; status 0; doneproc 00; ");
    put_headers(&third);
    put_rpc_id(&third, 15);
    put_param(&third, "", false, whole, fake_int(1));
    assert_string_equal(call(&client, &third), "status 0; doneproc 00; ");
    assert_contains(call(&client, &second),
                    "error 8179/1/16 Could not find prepared statement with handle 1.; ");
    put_headers(&fourth);
    put_rpc_id(&fourth, 11);
    put_param(&fourth, "@h", true, whole, (SbValue){.is_null = true});
    put_text_param(&fourth, "", "");
    put_text_param(&fourth, "", "select 1");
    put_param(&fourth, "", false, whole, fake_int(1));
    assert_string_equal(
        call(&client, &fourth),
        "columns event_message_id:26 message:E7; doneinproc 01; status 0; output @h=2; "
        "doneproc 00; ");
    buf_done(&first), buf_done(&second), buf_done(&third), buf_done(&fourth);
    stop(server);
}

static void test_server__calls_other_procedures_as_batches(void **state)
{
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = log_in(server);
    AUTO(buf_done) Buf packet = BUF(10000), unknown = BUF(100);

    (void)state;
    put_headers(&packet);
    put_rpc_name(&packet, "[catalog].[start]");
    put_param(&packet, "@id", false, (SbType){.id = SB_BIGINT}, fake_int(5));
    put_param(&packet, "", true, (SbType){.id = SB_NVARCHAR, .max_chars = 20}, fake_text("x"));
    assert_string_equal(call(&client, &packet), "status 42; output =output; doneproc 00; ");
    assert_contains(log_text(server),
                    "EXEC @sandbox_return_status = [catalog].[start] @id = @id, @sandbox_2 OUTPUT");
    put_headers(&unknown);
    put_rpc_id(&unknown, 2); // a server cursor
    assert_contains(call(&client, &unknown), "error 2812/1/16 ");
    stop(server);
}

/* All that comes until the server closes. */
static size_t client_raw(const Client *client, uint8_t *to, size_t size)
{
    ssize_t got = recv(client->fd, to, size, MSG_WAITALL);

    return got > 0 ? (size_t)got : 0;
}

/* TDS 7.1 has a line number of two bytes and counts of four, the TDS before 7 texts of one byte a
 * character. */
static void test_server__refuses_an_older_tds_in_its_own_layout(void **state)
{
    static const char wide[] = "L\0o\0g\0i\0n\0",
                      narrow[] = "Login failed: the sandbox speaks TDS 7.2";
    static const uint8_t end[] = {1, 0, TOKEN_DONE, DONE_ERROR, 0, 0, 0, 0, 0, 0, 0};
    Server *server = start(NULL, NULL);
    LoginPacket login = {"sa", "Secret.1", "", 0x71000001, 4096};
    uint8_t answer[600];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        AUTO(client_close) Client client = client_connect(wire_port(server->wire));
        AUTO(buf_done) Buf old = BUF(600);
        buf_pad(&old, '\0', 512);
        if (i == 0)
            client_log_in_as(&client, &login);
        else
            client_send(&client, PACKET_LOGIN_OLD, &old);
        size_t len = client_raw(&client, answer, sizeof(answer));
        assert_int_equal(answer[8], TOKEN_ERROR);
        assert_non_null(i == 0 ? memmem(answer, len, wide, sizeof(wide) - 1)
                               : memmem(answer, len, narrow, sizeof(narrow) - 1));
        assert_memory_equal(answer + len - sizeof(end), end, sizeof(end));
    }
    stop(server);
}

/* Whatever a client can speak beyond 7.4, it is answered with 7.4; one of 7.2 gets
 * dates as text. */
static void test_server__answers_other_versions(void **state)
{
    static const uint32_t newer[] = {0x75000001, 0x08000000};
    Server *server = start(NULL, NULL);
    LoginPacket login = {"sa", "Secret.1", "", 0x72090002, 4096};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(newer); i++) {
        AUTO(client_close) Client client = client_connect(wire_port(server->wire));
        login.tds_version = newer[i];
        client_log_in_as(&client, &login);
        assert_contains(client_answer(&client), "ack; ");
        assert_string_equal(client_batch(&client, "select 1"), "columns :26; row 1; done 10 n=1; ");
    }
    AUTO(client_close) Client old = client_connect(wire_port(server->wire));
    login.tds_version = 0x72090002;
    client_log_in_as(&old, &login);
    assert_contains(client_answer(&old), "ack 72090002; ");
    assert_contains(client_batch(&old, "types"), "2025-09-07 08:15:59.1234567 -05:30");
    stop(server);
}

static void test_server__refuses_a_type_and_goes_on(void **state)
{
    static const char time_param[] = "\0\0\x29\x07\x05\0\0\0\0\0";
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = log_in(server);
    AUTO(buf_done) Buf packet = BUF(1000);

    (void)state;
    put_headers(&packet);
    put_rpc_id(&packet, 10);
    put_text_param(&packet, "", "echo");
    put_text_param(&packet, "", "@a time");
    buf_put(&packet, time_param, sizeof(time_param) - 1);
    assert_contains(
        call(&client, &packet),
        "error 2715/1/16 Column, parameter, or variable #3: Cannot find data type time.");
    assert_string_equal(client_batch(&client, "select 1"), "columns :26; row 1; done 10 n=1; ");
    stop(server);
}

static void test_server__prepares_nothing_that_cannot_run(void **state)
{
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = log_in(server);
    AUTO(buf_done) Buf packet = BUF(1000);

    (void)state;
    put_headers(&packet);
    put_rpc_id(&packet, 11);
    put_param(&packet, "@h", true, (SbType){.id = SB_INT}, (SbValue){.is_null = true});
    put_text_param(&packet, "", "");
    put_text_param(&packet, "", "fail");
    assert_string_equal(
        call(&client, &packet),
        "error 207/1/16 Invalid column name 'x'.; error 8180/1/16 Statement(s) could not be "
        "prepared.; status 8180; doneproc 02; ");
    stop(server);
}

/* ---- canceling ------------------------------------------------------------------------------- */

static void test_server__cancels_a_waiting_statement(void **state)
{
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = log_in(server);

    (void)state;
    client_begin_batch(&client, "wait");
    usleep(50000);
    client_attention(&client);
    assert_string_equal(client_answer(&client), "done 02; ");
    assert_string_equal(client_answer(&client), "done 20; ");
    assert_contains(client_batch(&client, "select 1"), "row 1; ");
    stop(server);
}

static void test_server__cancels_a_stream(void **state)
{
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = log_in(server);

    (void)state;
    client_begin_batch(&client, "rows 100000000");
    usleep(50000);
    client_attention(&client);
    const char *answer = client_answer(&client);
    assert_contains(answer, "done 02; ");
    assert_lacks(answer, "CUT");
    assert_string_equal(client_answer(&client), "done 20; ");
    assert_contains(client_batch(&client, "select 1"), "row 1; ");
    stop(server);
}

static void test_server__cancels_a_replay(void **state)
{
    Server *server = start(NULL, "900000000");
    AUTO(client_close) Client client = log_in(server);

    (void)state;
    client_begin_batch(&client, "select * from catalog.event_messages");
    usleep(20000);
    client_attention(&client);
    const char *answer = client_answer(&client);
    assert_contains(answer, "done 02; ");
    assert_lacks(answer, "CUT");
    assert_string_equal(client_answer(&client), "done 20; ");
    stop(server);
}

static void test_server__ends_the_statement_of_a_client_that_left(void **state)
{
    Server *server = start(NULL, NULL);
    Client client = log_in(server);

    (void)state;
    client_begin_batch(&client, "wait"); // would take minutes
    usleep(20000);
    client_close(&client);
    for (int i = 0; i < 10000 && atomic_load(&fake_open_sessions) > 0; i++)
        usleep(10000);
    assert_int_equal(atomic_load(&fake_open_sessions), 0);
    stop(server);
}

static void test_server__acknowledges_a_late_attention(void **state)
{
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = log_in(server);

    (void)state;
    assert_contains(client_batch(&client, "select 1"), "row 1; ");
    client_attention(&client);
    assert_string_equal(client_answer(&client), "done 20; ");
    stop(server);
}

/* Statement after statement on one connection: none is taken for an attention to the one before. */
static void test_server__does_not_cancel_the_next_statement(void **state)
{
    Server *server = start(NULL, NULL);
    AUTO(client_close) Client client = log_in(server);

    (void)state;
    for (int i = 0; i < 3000; i++)
        assert_string_equal(client_batch(&client, "select 1"), "columns :26; row 1; done 10 n=1; ");
    stop(server);
}

static void test_server__stops_with_clients_at_work(void **state)
{
    Server *server = start(NULL, NULL);
    Client waiting = log_in(server), streaming = log_in(server), idle = log_in(server);

    (void)state;
    client_begin_batch(&waiting, "wait");
    client_begin_batch(&streaming, "rows 100000000"); // nobody reads them
    usleep(50000);
    stop(server);
    client_close(&waiting);
    client_close(&streaming);
    client_close(&idle);
}

/* ---- faults ---------------------------------------------------------------------------------- */

static void test_server__drops_and_loses(void **state)
{
    Server *server = start("drop@statement=2,lose@text=update,drop@row=3", NULL);
    int before;

    (void)state;
    {
        AUTO(client_close) Client client = log_in(server);
        assert_contains(client_batch(&client, "set textsize 100"), "done"); // does not count
        assert_contains(client_batch(&client, "select 1"), "row 1; ");
        before = atomic_load(&fake_statements);
        assert_string_equal(client_batch(&client, "select 1"), "closed");
        assert_int_equal(atomic_load(&fake_statements), before);
    }
    {
        AUTO(client_close) Client client = log_in(server);
        assert_string_equal(client_batch(&client, "update"), "closed");
        assert_int_equal(atomic_load(&fake_statements), before + 1);
    }
    {
        AUTO(client_close) Client client = log_in(server);
        assert_string_equal(client_batch(&client, "rows 5"), "closed");
    }
    {
        AUTO(client_close) Client client = log_in(server); // each strikes once
        assert_contains(client_batch(&client, "rows 5"), "done 10 n=5; ");
    }
    stop(server);
}

static void test_server__injects_errors(void **state)
{
    Server *server =
        start("error=1222@statement=1,error=40501@statement=2,error=40613@login", NULL);

    (void)state;
    {
        AUTO(client_close) Client client = client_connect(wire_port(server->wire));
        client_log_in_as(&client, &good_login);
        assert_contains(client_answer(&client), "error 40613/1/17 ");
        assert_true(is_closed(&client));
    }
    AUTO(client_close) Client client = log_in(server);
    assert_string_equal(client_batch(&client, "select 1"),
                        "error 1222/51/16 Lock request time out period exceeded.; done 02; ");
    assert_contains(client_batch(&client, "select 1"), "error 40501/1/20 ");
    assert_true(is_closed(&client)); // severity 20 ends the connection
    stop(server);
}

static void test_server__a_deadlock_victim_loses_its_transaction(void **state)
{
    Server *server = start("error=1205@text=victim", NULL);
    AUTO(client_close) Client client = log_in(server);

    (void)state;
    assert_contains(client_batch(&client, "begin"), "env 8; done 04; ");
    const char *answer = client_batch(&client, "victim");
    assert_contains(answer, "error 1205/45/13 ");
    assert_contains(answer, "env 10; ");
    assert_contains(client_batch(&client, "select 1"), "done 10 n=1; "); // no transaction any more
    stop(server);
}

static void test_server__stalls_but_heeds_an_attention(void **state)
{
    Server *server = start("stall@statement=1,stall@statement=2:100", NULL);
    AUTO(client_close) Client client = log_in(server);

    (void)state;
    client_begin_batch(&client, "select 1");
    usleep(30000);
    client_attention(&client);
    assert_string_equal(client_answer(&client), "done 02; ");
    assert_string_equal(client_answer(&client), "done 20; ");
    int64_t from = time_monotonic_ms();
    assert_contains(client_batch(&client, "select 1"), "row 1; ");
    assert_true(time_monotonic_ms() - from >= 95);
    stop(server);
}

static void test_server__hangs_and_routes(void **state)
{
    Server *server = start("hang@statement=1,route=other.example,1433", NULL);
    AUTO(client_close) Client client = client_connect(wire_port(server->wire));
    struct timeval soon = {.tv_usec = 100000};
    char byte;

    (void)state;
    client_log_in_as(&client, &good_login);
    assert_contains(client_answer(&client), "env 20 other.example,1433; done 00; ");
    client_begin_batch(&client, "select 1");
    client_attention(&client);
    (void)setsockopt(client.fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
    assert_int_equal(recv(client.fd, &byte, 1, 0), -1); // silence
    stop(server);
}

static void test_server__stalls_before_the_login(void **state)
{
    Server *server = start("stall@connect,stall@login", NULL);
    struct timeval soon = {.tv_usec = 100000};

    (void)state;
    for (int i = 0; i < 2; i++) {
        AUTO(client_close) Client client = client_connect(wire_port(server->wire));
        char byte;
        (void)setsockopt(client.fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
        client_log_in_as(&client, &good_login);
        assert_int_equal(recv(client.fd, &byte, 1, 0), -1); // neither an answer nor an end
    }
    AUTO(client_close) Client client = log_in(server);
    stop(server);
}

static void test_server__a_slow_line_is_slow(void **state)
{
    Server *server = start("slow=20000", NULL);
    AUTO(client_close) Client client = log_in(server);

    (void)state;
    int64_t from = time_monotonic_ms();
    assert_contains(client_batch(&client, "rows 20"), "done 10 n=20; "); // 8 KB
    assert_in_range(time_monotonic_ms() - from, 250, 60000);
    stop(server);
}

static void test_server__refuses_a_wrong_fault(void **state)
{
    WireHooks hooks = {0};
    Err err = {0};

    (void)state;
    assert_fails(hooks_make("explode", NULL, &hooks, &err), RC_USAGE, &err,
                 "unknown fault 'explode'");
    assert_int_equal(hooks_make(NULL, "many", &hooks, &err), RC_USAGE);
    assert_null(hooks.context);
}

/* ---- replay ---------------------------------------------------------------------------------- */

static void test_server__replays_rows(void **state)
{
    Server *server = start(NULL, "12345");
    AUTO(client_close) Client client = log_in(server);

    (void)state;
    const char *answer = client_batch(&client, "SELECT * FROM [catalog].[event_messages]");
    assert_contains(answer, "columns event_message_id:26 message:E7; row 0|");
    assert_contains(answer, "done 10 n=12345; ");
    assert_lacks(answer, "CUT");
    size_t rows = 0;
    for (const char *at = answer; (at = strstr(at, "row ")); at++)
        rows++;
    assert_int_equal(rows, 12345);
    /* Asking for the shape is not asking for the rows. */
    assert_lacks(
        client_batch(&client,
                     "SET FMTONLY ON select * from catalog.event_messages SET FMTONLY OFF"),
        "row ");
    /* Nor is naming it, or reading something else. */
    assert_contains(client_batch(&client, "select object_id('catalog.event_messages')"),
                    "done 10 n=3; ");
    assert_contains(client_batch(&client, "rows 3"), "done 10 n=3; ");
    assert_contains(client_batch(&client, "select 1 from x join\n catalog . event_messages"),
                    "n=12345; ");
    stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server__refuses_an_older_tds_in_its_own_layout),
        cmocka_unit_test(test_server__answers_other_versions),
        cmocka_unit_test(test_server__refuses_a_type_and_goes_on),
        cmocka_unit_test(test_server__prepares_nothing_that_cannot_run),
        cmocka_unit_test(test_server__welcomes_a_login),
        cmocka_unit_test(test_server__refuses_logins),
        cmocka_unit_test(test_server__opens_another_database),
        cmocka_unit_test(test_server__survives_nonsense),
        cmocka_unit_test(test_server__refuses_malformed_requests),
        cmocka_unit_test(test_server__answers_with_every_type),
        cmocka_unit_test(test_server__holds_a_done_until_it_knows),
        cmocka_unit_test(test_server__says_when_a_value_does_not_fit),
        cmocka_unit_test(test_server__takes_requests_in_small_packets),
        cmocka_unit_test(test_server__sends_long_answers),
        cmocka_unit_test(test_server__resets_pooled_connections),
        cmocka_unit_test(test_server__runs_transactions),
        cmocka_unit_test(test_server__runs_executesql),
        cmocka_unit_test(test_server__prepares_and_executes),
        cmocka_unit_test(test_server__calls_other_procedures_as_batches),
        cmocka_unit_test(test_server__cancels_a_waiting_statement),
        cmocka_unit_test(test_server__cancels_a_stream),
        cmocka_unit_test(test_server__cancels_a_replay),
        cmocka_unit_test(test_server__ends_the_statement_of_a_client_that_left),
        cmocka_unit_test(test_server__acknowledges_a_late_attention),
        cmocka_unit_test(test_server__does_not_cancel_the_next_statement),
        cmocka_unit_test(test_server__stops_with_clients_at_work),
        cmocka_unit_test(test_server__drops_and_loses),
        cmocka_unit_test(test_server__injects_errors),
        cmocka_unit_test(test_server__a_deadlock_victim_loses_its_transaction),
        cmocka_unit_test(test_server__stalls_but_heeds_an_attention),
        cmocka_unit_test(test_server__hangs_and_routes),
        cmocka_unit_test(test_server__stalls_before_the_login),
        cmocka_unit_test(test_server__a_slow_line_is_slow),
        cmocka_unit_test(test_server__refuses_a_wrong_fault),
        cmocka_unit_test(test_server__replays_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
