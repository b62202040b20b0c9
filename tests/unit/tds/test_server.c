/* The text after -S: every form, and what is refused. */
#include "test.h"

#include "../../../src/tds/server.h"

typedef struct Case {
    const char *text, *host, *instance;
    int port;
} Case;

static void test_server__forms_of_sqlcmd(void **state)
{
    static const Case cases[] = {
        {"sql.example.net", "sql.example.net", "", 1433},
        {"sql.example.net,14330", "sql.example.net", "", 14330},
        {"tcp:sql.example.net,1433", "sql.example.net", "", 1433},
        {"TCP:sql01", "sql01", "", 1433},
        {"  sql01 , 1500 ", "sql01", "", 1500},
        {"sql01\\PROD", "sql01", "PROD", 0},
        {"tcp:sql01\\PROD,1500", "sql01", "PROD", 1500},
        {"sql01\\mssqlserver", "sql01", "", 1433},
        {"10.0.0.4,1433", "10.0.0.4", "", 1433},
        {"::1", "::1", "", 1433},
        {"::1,14330", "::1", "", 14330},
        {"[fe80::1%eth0],1433", "fe80::1%eth0", "", 1433},
        {".", "localhost", "", 1433},
        {"(local)\\SQLEXPRESS", "localhost", "SQLEXPRESS", 0},
        {"sql_01-a.corp", "sql_01-a.corp", "", 1433},
        {"b\xC3\xBC"
         "cher.example",
         "b\xC3\xBC"
         "cher.example",
         "", 1433},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        TdsServer server;
        Err err = {0};
        assert_int_equal(tds_server_parse(cases[i].text, &server, &err), RC_OK);
        assert_string_equal(server.host, cases[i].host);
        assert_string_equal(server.instance, cases[i].instance);
        assert_int_equal(server.port, cases[i].port);
    }
}

static void test_server__refuses_what_it_cannot_reach_or_write(void **state)
{
    static const char *const cases[][2] = {
        {"", "server '': the host name is missing"},
        {",1433", "server ',1433': the host name is missing"},
        {"host:1433", "server 'host:1433': the port follows a comma, not a colon"},
        {"host,", "server 'host,': the port must be a number from 1 to 65535"},
        {"host,0", "server 'host,0': the port must be a number from 1 to 65535"},
        {"host,65536", "server 'host,65536': the port must be a number from 1 to 65535"},
        {"host,14a", "server 'host,14a': the port must be a number from 1 to 65535"},
        {"np:\\\\host\\pipe", "server 'np:\\\\host\\pipe': only TCP is supported"},
        {"lpc:host", "server 'lpc:host': only TCP is supported"},
        {"https://host", "server 'https://host': only TCP is supported"},
        {"host\\", "server 'host\\': that is no instance name"},
        {"host\\a b", "server 'host\\a b': that is no instance name"},
        {"[host]", "server '[host]': brackets hold an IPv6 address"},
        {"[fe80::1%;x]", "server '[fe80::1%;x]': brackets hold an IPv6 address"},
        {"fe80::1%x\ny", "server 'fe80::1%x\ny': the port follows a comma, not a colon"},
        {"host name", "server 'host name': that is no host name"},
        {"host#1", "server 'host#1': that is no host name"},
        {"host;Encrypt=no", "server 'host;Encrypt=no': that is no host name"},
        {"{host}", "server '{host}': that is no host name"},
        {"host\nca file = /tmp/x", "server 'host\nca file = /tmp/x': that is no host name"},
        {"(localdb)\\x", "server '(localdb)\\x': that is no host name"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        TdsServer server = {.port = -1};
        Err err = {0};
        assert_fails(tds_server_parse(cases[i][0], &server, &err), RC_USAGE, &err, cases[i][1]);
        assert_contains(err.hint, "'host,port'");
        assert_int_equal(server.port, -1); // untouched
    }
}

static void test_server__host_has_a_length_that_freetds_can_read(void **state)
{
    char text[TDS_HOST_MAX + 2];
    TdsServer server;
    Err err = {0};

    (void)state;
    memset(text, 'a', sizeof(text));
    text[TDS_HOST_MAX] = '\0';
    assert_int_equal(tds_server_parse(text, &server, &err), RC_OK);
    text[TDS_HOST_MAX] = 'a';
    text[TDS_HOST_MAX + 1] = '\0';
    assert_int_equal(tds_server_parse(text, &server, &err), RC_USAGE);
}

static void test_server__knows_azure(void **state)
{
    static const char *const azure[] = {
        "x.database.windows.net", "X.DATABASE.WINDOWS.NET", "x.abc123.database.windows.net",
        "x.database.usgovcloudapi.net", "x.database.chinacloudapi.cn"};
    static const char *const others[] = {"sql.example.net", "database.windows.net",
                                         ".database.windows.net.example.com"};
    TdsServer server;
    Err err = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(azure); i++) {
        assert_int_equal(tds_server_parse(azure[i], &server, &err), RC_OK);
        assert_true(tds_server_is_azure(&server));
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        assert_int_equal(tds_server_parse(others[i], &server, &err), RC_OK);
        assert_false(tds_server_is_azure(&server));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server__forms_of_sqlcmd),
        cmocka_unit_test(test_server__refuses_what_it_cannot_reach_or_write),
        cmocka_unit_test(test_server__host_has_a_length_that_freetds_can_read),
        cmocka_unit_test(test_server__knows_azure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
