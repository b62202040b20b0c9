/* Names of servers, where a redirect may lead, the browser's answer, and each trouble told. */
#include "../../../src/relay/browser.h"
#include "../../../src/relay/internal.h"
#include "ssisminer/relay/azure.h"

#include "test.h"

static void test_a_redirects_name_in_all_its_forms(void **state)
{
    static const struct {
        const char *text, *host, *instance;
        int port;
    } cases[] = {
        {"tr1.westeurope1-a.worker.database.windows.net", NULL, "", 11003},
        {"TR1.Database.Windows.Net", NULL, "", 11003},
        {"node\\SQL1", "node", "SQL1", 11003},
        {"node:11007", "node", "", 11007},
        {"node\\SQL1,11008", "node", "SQL1", 11008},
        {"fe80::1", "fe80::1", "", 11003}, // an address is no name with a port
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Place place;
        assert_true(place_parse(cases[i].text, 11003, &place));
        assert_string_equal(place.host, cases[i].host ? cases[i].host : cases[i].text);
        assert_string_equal(place.instance, cases[i].instance);
        assert_int_equal(place.port, cases[i].port);
    }
}

static void test_what_is_no_name_is_refused(void **state)
{
    static const char *const cases[] = {"",       "a b",   "a\nb",   "host:0",      "host:70000",
                                        "host,x", "\\SQL", "host\\", "http://host/"};
    char long_name[400];
    Place place;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_false(place_parse(cases[i], 1433, &place));
    memset(long_name, 'a', sizeof(long_name));
    long_name[399] = '\0';
    assert_false(place_parse(long_name, 1433, &place));
}

static void test_azure_leads_to_its_own_service_only(void **state)
{
    static const struct {
        const char *from, *to;
        bool may;
    } cases[] = {
        {"s.database.windows.net", "tr2.eu.worker.DATABASE.windows.net", true},
        {"s.database.windows.net.", "x.database.windows.net", true},
        {"s.database.windows.net", "evil.example", false},
        {"s.database.windows.net", "database.windows.net", false},
        {"s.database.windows.net", "xdatabase.windows.net", false},
        {"s.database.windows.net", "x.database.usgovcloudapi.net", false},
        {"s.database.windows.net", "x.database.windows.net.evil.example", false},
        {"s.database.windows.net", "10.0.0.4", false},
        {"sql.example.net", "anywhere.example", true}, // a server of one's own
        {"sql.example.net", "x.database.windows.net", true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Place from, to;
        assert_true(place_parse(cases[i].from, 1433, &from));
        assert_true(place_parse(cases[i].to, 11000, &to));
        if (place_may_lead_to(&from, &to) != cases[i].may)
            fail_msg("%s to %s", cases[i].from, cases[i].to);
    }
    assert_null(relay_azure_suffix(""));
}

static void test_the_browsers_answer(void **state)
{
    static const char good[] =
        "ServerName;H;InstanceName;SSIS;IsClustered;No;Version;15.0;tcp;50123;"
        "np;\\\\H\\pipe;;";
    static const char other[] = "ServerName;H;InstanceName;OTHER;tcp;50124;;";
    uint8_t answer[400] = {5};

    (void)state;
    answer[1] = sizeof(good) - 1;
    memcpy(answer + 3, good, sizeof(good) - 1);
    assert_int_equal(browser_read(answer, sizeof(good) + 2, "ssis"), 50123);
    for (size_t len = 0; len < sizeof(good) - 20; len++) { // cut anywhere: no port, or the same
        int port = browser_read(answer, len, "ssis");
        assert_true(port == 0 || port == 50123 || (port > 0 && port < 50123));
    }
    answer[0] = 4;
    assert_int_equal(browser_read(answer, sizeof(good) + 2, "ssis"), 0);
    answer[0] = 5;
    answer[1] = sizeof(other) - 1;
    memcpy(answer + 3, other, sizeof(other) - 1);
    assert_int_equal(browser_read(answer, sizeof(other) + 2, "ssis"), 0);
}

/* Every way to fail has its words and what to do next, with all that is to be put in put in. */
static void test_every_trouble_is_told(void **state)
{
    const Place place = {.host = "db.example.net", .port = 1433};

    (void)state;
    for (Trouble what = TROUBLE_NO_HOST; what <= TROUBLE_REDIRECT_TICKET; what++) {
        Tale tale = {.place = &place, .words = "why", .login_ms = 15000, .hops = 10};
        Err err = {0};
        assert_int_equal(trouble(what, &tale, &err), RC_CONNECT);
        assert_true(strlen(err.text) > 10 && strlen(err.hint) > 10);
        assert_null(strpbrk(err.text, "$|"));
        assert_null(strpbrk(err.hint, "$|"));
        assert_int_not_equal(tale.end, RELAY_END_NONE);
    }
}

/* Who may not do without verification is not advised to. */
static void test_a_token_is_not_advised_to_trust(void **state)
{
    const Place place = {.host = "db.example.net", .port = 1433};
    Tale token = {.place = &place, .words = "why"}, login = {.place = &place, .words = "why"};
    Err with_token = {0}, with_login = {0};

    (void)state;
    login.may_trust = true;
    (void)trouble(TROUBLE_CERTIFICATE, &token, &with_token);
    (void)trouble(TROUBLE_CERTIFICATE, &login, &with_login);
    assert_contains(with_token.hint, "--ca-file");
    assert_lacks(with_token.hint, "-C");
    assert_contains(with_login.hint, "-C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_redirects_name_in_all_its_forms),
        cmocka_unit_test(test_what_is_no_name_is_refused),
        cmocka_unit_test(test_azure_leads_to_its_own_service_only),
        cmocka_unit_test(test_the_browsers_answer),
        cmocka_unit_test(test_every_trouble_is_told),
        cmocka_unit_test(test_a_token_is_not_advised_to_trust),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
