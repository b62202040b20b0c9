/* A private sandbox as a child: started, ended, killed, missing. */
#include "test.h"

#include "../../../src/cmd/connect.h"
#include "../../../src/cmd/sandbox.h"
#include "../conf/load.h"
#include "capture.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/time.h"

#include <signal.h>
#include <unistd.h>

/* ---- a program in the sandbox's place -------------------------------------------------------- */

static void install(const char *script)
{
    char path[300], search[600];

    (void)snprintf(path, sizeof(path), "%s/ssisminer-sandbox", load_home);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fprintf(file, "#!/bin/sh\nprintf '%%s\\n' \"$*\" > '%s/arguments'\n%s\n", load_home,
                  script);
    (void)fclose(file);
    assert_int_equal(chmod(path, 0700), 0);
    (void)snprintf(search, sizeof(search), "%s:/usr/bin:/bin", load_home);
    assert_int_equal(setenv("PATH", search, 1), 0);
}

static Rc start(Conf *conf, Sandbox *sandbox, Err *err)
{
    return sandbox_start(conf, NULL, &load_arena, sandbox, err);
}

/* Whether it wrote its file by now; waits for it. */
static bool has_file(const char *name)
{
    char path[300];

    (void)snprintf(path, sizeof(path), "%s/%s", load_home, name);
    for (int i = 0; i < 6000 && !file_exists(path); i++)
        (void)usleep(10000);
    return file_exists(path);
}

static void test_connect__sandbox_is_started_as_asked_and_ended(void **state)
{
    Sandbox sandbox;
    Err err = {0};
    Str arguments;
    char path[300];
    Conf *conf = load("report --sandbox --sandbox-flavor sql2012 --sandbox-executions 77");

    (void)state;
    install("echo \"$SSISMINER_SANDBOX_PASSWORD\" > \"${0%/*}/password\"\n"
            "trap 'echo bye > \"${0%/*}/ended\"; exit 0' TERM\n"
            "echo 'ready port=4711 ca=/tmp/a b.pem'\n"
            "read line; echo line > \"${0%/*}/line\"; sleep 5 & wait");
    assert_int_equal(start(conf, &sandbox, &err), RC_OK);
    assert_int_equal(sandbox.port, 4711);
    assert_string_equal(sandbox.ca_file, "/tmp/a b.pem");
    assert_true(strlen(sandbox.password) >= 32);
    sandbox_end(sandbox.pid, sandbox.line);
    assert_int_equal(kill(sandbox.pid, 0), -1); // it is gone, not a zombie
    assert_true(has_file("ended"));

    (void)snprintf(path, sizeof(path), "%s/arguments", load_home);
    assert_int_equal(file_read(path, 10000, &load_arena, &arguments, &err), RC_OK);
    assert_string_equal(
        arguments.at,
        "serve --with-parent --port 0 --flavor sql2012 --executions 77 --days 7 --seed 1\n");
    assert_lacks(arguments.at, sandbox.password);
    (void)snprintf(path, sizeof(path), "%s/password", load_home);
    assert_int_equal(file_read(path, 10000, &load_arena, &arguments, &err), RC_OK);
    assert_int_equal(strncmp(arguments.at, sandbox.password, strlen(sandbox.password)), 0);
    conf_free(conf);
}

static void test_connect__sandbox_that_will_not_end_is_killed(void **state)
{
    Sandbox sandbox;
    Err err = {0};
    Conf *conf = load("report --sandbox");

    (void)state;
    install("trap '' TERM\necho 'ready port=1 ca=x'\nwhile :; do sleep 1; done");
    assert_int_equal(start(conf, &sandbox, &err), RC_OK);
    int64_t began = time_monotonic_ms();
    sandbox_end(sandbox.pid, sandbox.line);
    assert_in_range(time_monotonic_ms() - began, 1000, 120000);
    assert_int_equal(kill(sandbox.pid, 0), -1);
    conf_free(conf);
}

static void test_connect__sandbox_that_fails_to_start(void **state)
{
    static const struct {
        const char *script, *message;
    } cases[] = {
        {"exit 3", "the sandbox ended before it was ready"},
        {"echo hello", "the sandbox says 'hello' instead of being ready"},
        {"echo ready port=x ca=y", "the sandbox names no port: 'ready port=x ca=y'"},
        {"echo ready port=70000 ca=y", "the sandbox names no port: 'ready port=70000 ca=y'"},
        {"head -c 20000 /dev/zero | tr '\\0' x", "the sandbox ended before it was ready"},
    };
    Conf *conf = load("report --sandbox");

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Sandbox sandbox;
        Err err = {0};
        install(cases[i].script);
        assert_fails(start(conf, &sandbox, &err), RC_CONNECT, &err, cases[i].message);
    }
    conf_free(conf);
}

static void test_connect__sandbox_that_is_not_there(void **state)
{
    Sandbox sandbox;
    Err err = {0};
    Conf *conf = load("report --sandbox");

    (void)state;
    assert_int_equal(setenv("PATH", "/nonexistent", 1), 0);
    assert_fails(start(conf, &sandbox, &err), RC_CONNECT, &err,
                 "cannot start 'ssisminer-sandbox': No such file or directory");
    assert_contains(err.hint, "PATH");
    conf_free(conf);
}

static void test_connect__stop_while_the_sandbox_starts(void **state)
{
    Sandbox sandbox;
    Err err = {0};
    Conf *conf = load("report --sandbox");

    (void)state;
    install("trap 'exit 0' TERM\nsleep 30 & wait");
    stop_install();
    stop_request(SIGINT);
    assert_int_equal(start(conf, &sandbox, &err), RC_STOPPED);
    stop_reset();
    conf_free(conf);
}

/* ---- targets --------------------------------------------------------------------------------- */

static Rc connect_with(Conf *conf, Err *err)
{
    AUTO(connect_close) Connection connection = {0};

    return connect_open(conf, "report", &connection, err);
}

static void test_connect__needs_a_server_or_a_sandbox(void **state)
{
    Err err = {0};
    Conf *conf = load("report --since 1h");

    (void)state;
    assert_fails(connect_with(conf, &err), RC_USAGE, &err, "no server given, and no --sandbox");
    assert_contains(err.hint, "--server");
    assert_contains(err.hint, "SQLCMDSERVER");
    assert_contains(err.hint, "--sandbox");
    conf_free(conf);
}

static void test_connect__sandbox_and_server_exclude_each_other(void **state)
{
    Err err = {0};
    Conf *conf = load("report --sandbox -S db");

    (void)state;
    assert_fails(
        connect_with(conf, &err), RC_USAGE, &err,
        "--sandbox is a server of its own, with its own certificate and password: leave out "
        "--server");
    conf_free(conf);
}

/* What goes to stderr before the connection fails: nobody listens on that port. */
static char *said_with(Conf *conf, Err *err)
{
    Capture capture = capture_begin(STDERR_FILENO);

    assert_int_equal(connect_with(conf, err), RC_CONNECT);
    conf_free(conf);
    return capture_end(&capture);
}

static void test_connect__warns_of_weak_transport(void **state)
{
    Err err = {0};
    char *said;

    (void)state;
    (void)setenv("SQLCMDPASSWORD", "s3cret-word", 1);
    said = said_with(load("report -S 127.0.0.1,1 -U u -C --retry 0 -l 2"), &err);
    assert_contains(said, "certificate is not verified");
    assert_lacks(err.text, "s3cret-word");
    free(said);
    said = said_with(load("report -S 127.0.0.1,1 -U u -N off --retry 0 -l 2"), &err);
    assert_contains(said, "not encrypted");
    free(said);
    said = said_with(load("report -S 127.0.0.1,1 -U u --retry 0 -l 2"), &err);
    assert_string_equal(said, "");
    free(said);
}

/* What is nearer says which server it is: a delete is run there. */
static void test_connect__the_nearer_of_server_and_data_source(void **state)
{
    static const struct {
        const char *variable, *file, *options, *text;
    } cases[] = {
        {"", "connection: {dsn: FileDsn}\n", " -S 127.0.0.1,1", "'127.0.0.1,1' refused"},
        {"127.0.0.1,1", "connection: {dsn: FileDsn}\n", "", "'127.0.0.1,1' refused"},
        {"", "connection: {server: f.example}\n", " --dsn TypedDsn", "data source 'TypedDsn'"},
        {"127.0.0.1,1", "", " --dsn TypedDsn", "data source 'TypedDsn'"},
        {"", "connection: {dsn: FileDsn}\n", "", "data source 'FileDsn'"},
    };

    (void)state;
    (void)setenv("SQLCMDPASSWORD", "s3cret-word", 1);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Err err = {0};
        (void)unsetenv("SQLCMDSERVER");
        if (*cases[i].variable)
            (void)setenv("SQLCMDSERVER", cases[i].variable, 1);
        free(said_with(load(arena_printf(&load_arena, "report --config %s -U u --retry 0 -l 2%s",
                                         load_put("c.yaml", cases[i].file), cases[i].options)),
                       &err));
        assert_contains(err.text, cases[i].text);
    }
}

static void test_connect__two_of_one_place_are_refused(void **state)
{
    static const struct {
        const char *file, *one, *other;
    } cases[] = {
        {"connection: {dsn: a, server: b}\n", "--server (", "c.yaml:1) exclude each other"},
        {"connection: {server: b, user: u, integrated: yes}\n", "--user (", "--integrated ("},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Err err = {0};
        Conf *conf = load(
            arena_printf(&load_arena, "report --config %s", load_put("c.yaml", cases[i].file)));
        assert_int_equal(connect_with(conf, &err), RC_USAGE);
        assert_contains(err.text, cases[i].one);
        assert_contains(err.text, cases[i].other);
        conf_free(conf);
    }
}

/* A data source encrypts as it was set up. */
static void test_connect__what_is_not_heeded_is_told(void **state)
{
    Err err = {0};

    (void)state;
    (void)setenv("SQLCMDPASSWORD", "s3cret-word", 1);
    char *said =
        said_with(load(arena_printf(&load_arena, "report --config %s -U u --dsn None --retry 0",
                                    load_put("c.yaml", "connection: {encrypt: strict}\n"))),
                  &err);
    assert_contains(said, "--encrypt (");
    assert_contains(said, "is not heeded");
    free(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_connect__sandbox_is_started_as_asked_and_ended,
                                        load_set_up, load_tear_down),
        cmocka_unit_test_setup_teardown(test_connect__sandbox_that_will_not_end_is_killed,
                                        load_set_up, load_tear_down),
        cmocka_unit_test_setup_teardown(test_connect__sandbox_that_fails_to_start, load_set_up,
                                        load_tear_down),
        cmocka_unit_test_setup_teardown(test_connect__sandbox_that_is_not_there, load_set_up,
                                        load_tear_down),
        cmocka_unit_test_setup_teardown(test_connect__stop_while_the_sandbox_starts, load_set_up,
                                        load_tear_down),
        cmocka_unit_test_setup_teardown(test_connect__needs_a_server_or_a_sandbox, load_set_up,
                                        load_tear_down),
        cmocka_unit_test_setup_teardown(test_connect__sandbox_and_server_exclude_each_other,
                                        load_set_up, load_tear_down),
        cmocka_unit_test_setup_teardown(test_connect__warns_of_weak_transport, load_set_up,
                                        load_tear_down),
        cmocka_unit_test_setup_teardown(test_connect__what_is_not_heeded_is_told, load_set_up,
                                        load_tear_down),
        cmocka_unit_test_setup_teardown(test_connect__two_of_one_place_are_refused, load_set_up,
                                        load_tear_down),
        cmocka_unit_test_setup_teardown(test_connect__the_nearer_of_server_and_data_source,
                                        load_set_up, load_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
