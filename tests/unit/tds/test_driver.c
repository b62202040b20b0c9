/* The real driver manager and FreeTDS, as far as they go without a server. */
#include "test.h"

#include "listener.h"

#include "../../../src/tds/driver.h"
#include "ssisminer/base/time.h"

#include <stdio.h>
#include <stdlib.h>

static Err open_real(const Listener *listener, int timeout_s, int64_t *ret_took_ms)
{
    char server[32];
    TdsTarget target = {
        .server = server, .user = "u", .password = "s3cret", .login_timeout_s = timeout_s};
    Tds *tds = NULL;
    Err err = {0};

    (void)snprintf(server, sizeof(server), "127.0.0.1,%d", listener->port);
    int64_t start_ms = time_monotonic_ms();
    Rc rc = tds_open(&target, &tds, &err);
    *ret_took_ms = time_monotonic_ms() - start_ms;
    assert_int_equal(rc, RC_CONNECT);
    assert_null(tds);
    assert_int_equal(file_size_of(getenv("FREETDSCONF")), 0); // it had a secret
    assert_lacks(err.text, "s3cret");
    return err;
}

static void test_driver__knows_its_version(void **state)
{
    int version = tds_driver_odbc()->freetds_version(NULL);

    (void)state;
    assert_true(version >= 10000 && version < 100000);
    assert_int_equal(tds_driver_odbc()->freetds_version("/no/such/libtdsodbc.so"), 0);
}

static void test_driver__silent_server_ends_with_the_login_time_out(void **state)
{
    Listener listener = listener_start(NULL, LISTENER_SILENT);
    int64_t took_ms = 0;

    (void)state;
    Err err = open_real(&listener, 1, &took_ms);
    assert_contains(err.text, "takes connections but stays silent (login time-out 1 s)");
    assert_true(took_ms >= 900 && took_ms < 60000);
    listener_stop(&listener);
}

static void test_driver__refused(void **state)
{
    Listener listener = listener_start(NULL, 0);
    int64_t took_ms = 0;

    (void)state;
    listener_stop(&listener);
    assert_contains(open_real(&listener, 60, &took_ms).text, "refused the connection");
    assert_true(took_ms < 50000);
}

static void test_driver__closing_and_foreign_servers(void **state)
{
    static const char *const http = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    Listener closing = listener_start("", 0), foreign = listener_start(http, strlen(http));
    int64_t took_ms = 0;

    (void)state;
    assert_contains(open_real(&closing, 60, &took_ms).text,
                    "closed the connection before the login");
    assert_contains(open_real(&foreign, 60, &took_ms).text, "does not answer as a SQL Server does");
    listener_stop(&closing);
    listener_stop(&foreign);
}

static void test_driver__a_plain_server_is_refused(void **state)
{
    char prelogin[32];
    size_t len = listener_prelogin(2, prelogin);
    Listener listener = listener_start(prelogin, len);
    int64_t took_ms = 0;

    (void)state;
    Err err = open_real(&listener, 60, &took_ms);
    assert_contains(err.text, "offers no encryption");
    assert_contains(err.hint, "-N off");
    listener_stop(&listener);
}

static void test_driver__tells_why_tls_fails(void **state)
{
    // promises encryption, then answers the handshake with another PRELOGIN
    char prelogin[32], conf[300], words[200] = "";
    size_t len = listener_prelogin(1, prelogin);
    Listener listener = listener_start(prelogin, len);

    (void)state;
    (void)snprintf(conf, sizeof(conf),
                   "[here]\nhost = 127.0.0.1\nport = %d\ntds version = 7.4\nencryption = require\n"
                   "ca file = /dev/null\nconnect timeout = 2\n",
                   listener.port);
    assert_true(tds_driver_odbc()->tls_words(conf, "here", "FreeTDS", 2, words, sizeof(words)));
    assert_contains(words, "loading CA file failed");
    assert_false(
        tds_driver_odbc()->tls_words(conf, "elsewhere", "NoSuchDriver", 2, words, sizeof(words)));
    listener_stop(&listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_driver__knows_its_version),
        cmocka_unit_test(test_driver__silent_server_ends_with_the_login_time_out),
        cmocka_unit_test(test_driver__refused),
        cmocka_unit_test(test_driver__closing_and_foreign_servers),
        cmocka_unit_test(test_driver__a_plain_server_is_refused),
        cmocka_unit_test(test_driver__tells_why_tls_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
