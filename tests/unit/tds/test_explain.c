/* What a broken login is blamed on. */
#include "test.h"

#include "fake_driver.h"
#include "listener.h"

#include "ssisminer/base/log.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

/* In this program every name is this machine, so that a listener here can stand for Azure. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret_list)
{
    struct addrinfo *one = calloc(1, sizeof(*one) + sizeof(struct sockaddr_in));
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)strtol(service, NULL, 10))};

    (void)node;
    (void)hints;
    one->ai_family = AF_INET;
    one->ai_socktype = SOCK_STREAM;
    one->ai_addrlen = sizeof(at);
    one->ai_addr = (struct sockaddr *)(void *)(one + 1);
    memcpy(one->ai_addr, &at, sizeof(at));
    *ret_list = one;
    return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
    free(list);
}

/* What a login at this host that fails with the SQLSTATE is told as. */
static Err explain(const char *host, int version, const char *state, size_t len)
{
    char prelogin[32], server[100];
    size_t prelogin_len = listener_prelogin(1, prelogin);
    Listener listener = listener_start(prelogin, len == LISTENER_SILENT ? len : prelogin_len);
    const FakeStep steps[] = {FAKE_OPEN_FAILS(state, 0, "[FreeTDS][SQL Server]Timeout expired")};
    TdsTarget target = {.server = server, .user = "u", .login_timeout_s = 1};
    Tds *tds = NULL;
    Err err = {0};

    (void)snprintf(server, sizeof(server), "%s,%d", host, listener.port);
    fake_driver_script(steps, 1);
    fake_driver_set_version(version);
    assert_int_equal(tds_open_with(&fake_driver, &target, &tds, &err), RC_CONNECT);
    listener_stop(&listener);
    fake_driver_assert_finished();
    return err;
}

static void test_explain__redirect_of_azure_names_the_ways_out(void **state)
{
    Err err = explain("x.database.windows.net", 10317, "HYT00", 0);

    (void)state;
    assert_contains(err.text, "x.database.windows.net,");
    assert_contains(err.text, "did not finish within 1 s");
    assert_contains(err.hint, "FreeTDS before 1.3.18 (here: 1.3.17)");
    assert_contains(err.hint, "connection policy to Proxy");
    assert_contains(err.hint, "leave out --relay never");
}

static void test_explain__redirect_is_not_blamed_for_all(void **state)
{
    const Err cases[] = {
        explain("x.database.windows.net", 10318, "HYT00", 0),               // repaired
        explain("sql.example.net", 10317, "HYT00", 0),                      // not Azure
        explain("x.database.windows.net", 10317, "08001", 0),               // no time-out
        explain("x.database.windows.net", 10317, "HYT00", LISTENER_SILENT), // before TLS
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_lacks(cases[i].hint, "1.3.18");
}

static void test_explain__unknown_version_is_suspected(void **state)
{
    (void)state;
    assert_contains(explain("x.database.windows.net", 0, "HYT00", 0).hint, "(here: this version)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_explain__redirect_of_azure_names_the_ways_out),
        cmocka_unit_test(test_explain__redirect_is_not_blamed_for_all),
        cmocka_unit_test(test_explain__unknown_version_is_suspected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
