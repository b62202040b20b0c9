/* Managed identities: each platform asked in its own words. */
#include "script.h"

static const TokenOptions machine = {.kind = TOKEN_MANAGED_IDENTITY,
                                     .server = "srv.database.windows.net"};

#define TOKEN_200 "{\"access_token\":\"abc\",\"expires_in\":\"3600\"}"

static void test_platform__imds_is_asked_as_documented(void **state)
{
    AUTO(secret_done) Secret token = {0};
    Err err = {0};

    (void)state;
    SCRIPT(SAYS(200, TOKEN_200));
    set_variables(NULL);
    assert_int_equal(get_once(&machine, &token, &err), RC_OK);
    assert_string_equal(token.text, "abc");
    assert_string_equal(script.urls[0],
                        "http://169.254.169.254/metadata/identity/oauth2/token?"
                        "api-version=2018-02-01&resource=https%3A%2F%2Fdatabase.windows.net%2F");
    assert_string_equal(script.headers[0], "Metadata: true");
    assert_string_equal(script.forms[0], "");
    assert_true(script.is_metadata[0]);
}

static void test_platform__each_platform_has_its_own_words(void **state)
{
    static const struct {
        const char *variables[5], *id, *url, *header;
    } cases[] = {
        {{NULL}, "11111111-2222-3333-4444-555555555555", "&client_id=11111111-", "Metadata: true"},
        {{NULL}, "object:aaaa-bb", "&object_id=aaaa-bb", "Metadata: true"},
        {{NULL}, "/subscriptions/s/x", "&msi_res_id=%2Fsubscriptions%2Fs%2Fx", "Metadata: true"},
        {{"IDENTITY_ENDPOINT", "http://127.0.0.1:41/msi/token", "IDENTITY_HEADER", "hdr"},
         NULL,
         "http://127.0.0.1:41/msi/token?api-version=2019-08-01&resource=",
         "X-IDENTITY-HEADER: hdr"},
        {{"IDENTITY_ENDPOINT", "http://127.0.0.1:41/t?a=b", "IDENTITY_HEADER", "hdr"},
         "object:aaaa",
         "http://127.0.0.1:41/t?a=b&api-version=2019-08-01&resource=",
         "X-IDENTITY-HEADER: hdr"},
        {{"IDENTITY_ENDPOINT", "http://127.0.0.1:41/t", "IDENTITY_HEADER", "hdr"},
         "object:aaaa",
         "&principal_id=aaaa",
         "X-IDENTITY-HEADER: hdr"},
        {{"IDENTITY_ENDPOINT", "http://127.0.0.1:41/t", "IDENTITY_HEADER", "hdr"},
         "/subscriptions/s",
         "&mi_res_id=%2Fsubscriptions%2Fs",
         "X-IDENTITY-HEADER: hdr"},
        {{"MSI_ENDPOINT", "http://127.0.0.1:41/MSI/token/", "MSI_SECRET", "old"},
         "abc-1",
         "http://127.0.0.1:41/MSI/token/?api-version=2017-09-01&resource=https%3A%2F%2Fdatabase."
         "windows.net%2F&clientid=abc-1",
         "secret: old"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(secret_done) Secret token = {0};
        Err err = {0};
        TokenOptions options = machine;
        options.client_id = cases[i].id;
        SCRIPT(SAYS(200, TOKEN_200));
        set_variables(cases[i].variables);
        assert_int_equal(get_once(&options, &token, &err), RC_OK);
        assert_contains(script.urls[0], cases[i].url);
        assert_string_equal(script.headers[0], cases[i].header);
        assert_true(script.is_metadata[0]);
    }
}

static void test_platform__what_it_cannot_select_is_refused(void **state)
{
    AUTO(secret_done) Secret token = {0};
    Err err = {0};
    TokenOptions options = machine;

    (void)state;
    SCRIPT(SAYS(200, TOKEN_200));
    VARIABLES("MSI_ENDPOINT", "http://127.0.0.1:41/", "MSI_SECRET", "old");
    options.client_id = "object:aaaa";
    assert_int_equal(get_once(&options, &token, &err), RC_USAGE);
    assert_contains(err.text, "takes a client id only");
    assert_int_equal(script.asked, 0);
    options.client_id = "cleaner"; // SQLCMDUSER, left over
    assert_int_equal(get_once(&options, &token, &err), RC_USAGE);
    assert_contains(err.text, "'cleaner' names no managed identity");
    VARIABLES("IDENTITY_ENDPOINT", "http://127.0.0.1:41/", "IDENTITY_HEADER", "a\r\nX: y");
    assert_int_equal(get_once(&machine, &token, &err), RC_USAGE);
    assert_contains(err.text, "none that a header can carry");
    VARIABLES("IDENTITY_ENDPOINT", "http://127.0.0.1:41/", "IDENTITY_HEADER", "a",
              "IDENTITY_SERVER_THUMBPRINT", "b");
    assert_int_equal(get_once(&machine, &token, &err), RC_USAGE);
    assert_contains(err.text, "Service Fabric");
}

static void test_platform__an_echo_of_its_secret_is_not_shown(void **state)
{
    AUTO(secret_done) Secret token = {0};
    Err err = {0};

    (void)state;
    VARIABLES("IDENTITY_ENDPOINT", "http://127.0.0.1:41/", "IDENTITY_HEADER", "the-h3ader");
    SCRIPT(SAYS(400, "{\"error\":\"x\",\"error_description\":\"not the-h3ader\"}"));
    assert_int_equal(get_once(&machine, &token, &err), RC_CONNECT);
    assert_contains(err.text, "gave no token: 400");
    assert_lacks(err.text, "h3ader");
}

static void test_platform__imds_gets_its_time(void **state)
{
    AUTO(secret_done) Secret token = {0};
    Err err = {0};

    (void)state;
    set_variables(NULL);
    SCRIPT(SAYS(404, NULL), {.status = 429, .retry_after_s = 9}, SAYS(500, NULL),
           {.trouble = HTTP_SLOW}, SAYS(200, TOKEN_200));
    assert_int_equal(get_once(&machine, &token, &err), RC_OK);
    assert_int_equal(script.asked, 5);
    assert_int_equal(script.slept_ms, 2000 + 9000 + 14000 + 30000);
    secret_done(&token);
    SCRIPT(SAYS(410, NULL), SAYS(410, NULL), SAYS(410, NULL), SAYS(200, TOKEN_200));
    assert_int_equal(get_once(&machine, &token, &err), RC_OK);
    assert_int_equal(script.slept_ms, 30000);
    SCRIPT(SAYS(503, "{\"error\":\"busy\"}"));
    assert_fails(get_once(&machine, &token, &err), RC_CONNECT, &err,
                 "the managed identity of this VM gave no token: 503 busy");
    assert_int_equal(script.asked, 5);
    assert_true(script.slept_ms < TOKEN_LONGEST_MS);
}

static void test_platform__what_is_final_is_not_repeated(void **state)
{
    static const struct {
        int status;
        const char *body, *text;
    } cases[] = {
        {400, "{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}",
         "the managed identity of this VM gave no token: 400 invalid_request: Identity not found"},
        {302, "",
         "the managed identity of this VM gave no token: a redirect (302), which is not followed"},
        {403, "<html>", "the managed identity of this VM gave no token: 403"},
        {200, "<html>", "the managed identity of this VM: the answer is no JSON object"},
        {200, "{}", "the managed identity of this VM: the answer has no access_token"},
    };

    (void)state;
    set_variables(NULL);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(secret_done) Secret token = {0};
        Err err = {0};
        Said said = SAYS(cases[i].status, cases[i].body);
        SCRIPT(SAYS(200, NULL));
        script.said = &said;
        assert_fails(get_once(&machine, &token, &err), RC_CONNECT, &err, cases[i].text);
        assert_int_equal(script.asked, 1);
    }
}

static void test_platform__nobody_there_is_told_within_seconds(void **state)
{
    AUTO(secret_done) Secret token = {0};
    Err err = {0};

    (void)state;
    set_variables(NULL);
    SCRIPT({.trouble = HTTP_ABSENT});
    assert_int_equal(get_once(&machine, &token, &err), RC_CONNECT);
    assert_int_equal(script.asked, 3);
    assert_in_range(script.slept_ms, 1, 5000);
    assert_contains(err.hint, "only a virtual machine in Azure");
}

/* Whoever sees only an address that nobody answers at has to guess. */
static void test_platform__half_of_what_a_platform_sets_is_told(void **state)
{
    AUTO(secret_done) Secret token = {0};
    Err err = {0};

    (void)state;
    VARIABLES("IDENTITY_ENDPOINT", "http://127.0.0.1:41/");
    SCRIPT({.trouble = HTTP_ABSENT});
    assert_int_equal(get_once(&machine, &token, &err), RC_CONNECT);
    assert_contains(err.hint, "IDENTITY_ENDPOINT is set, but IDENTITY_HEADER is not");
    err = (Err){0};
    VARIABLES("IDENTITY_ENDPOINT", "http://127.0.0.1:41/", "IDENTITY_HEADER", "h");
    SCRIPT({.trouble = HTTP_ABSENT});
    assert_int_equal(get_once(&machine, &token, &err), RC_CONNECT);
    assert_contains(err.hint, "IDENTITY_ENDPOINT is what is asked");
    err = (Err){0};
    set_variables(NULL);
    SCRIPT({.trouble = HTTP_SLOW});
    assert_int_equal(get_once(&machine, &token, &err), RC_CONNECT);
    assert_contains(err.hint, "try again");
}

static void test_platform__an_identity_that_was_not_chosen_is_refused(void **state)
{
    AUTO(secret_done) Secret token = {0};
    Err err = {0};
    TokenOptions options = machine;

    (void)state;
    set_variables(NULL);
    options.client_id = "AAAA-1";
    SCRIPT(SAYS(200, "{\"access_token\":\"abc\",\"client_id\":\"bbbb-2\"}"));
    assert_int_equal(get_once(&options, &token, &err), RC_CONNECT);
    assert_contains(err.text, "another identity than 'AAAA-1'");
    SCRIPT(SAYS(200, "{\"access_token\":\"abc\",\"client_id\":\"aaaa-1\"}"));
    assert_int_equal(get_once(&options, &token, &err), RC_OK);
}

static void test_platform__arc_must_ask_for_its_file_first(void **state)
{
    AUTO(secret_done) Secret token = {0};
    Err err = {0};

    (void)state;
    VARIABLES("IDENTITY_ENDPOINT", "http://127.0.0.1:40342/metadata/identity/oauth2/token",
              "IMDS_ENDPOINT", "http://127.0.0.1:40342");
    SCRIPT(SAYS(200, TOKEN_200));
    assert_int_equal(get_once(&machine, &token, &err), RC_CONNECT);
    assert_contains(err.text, "without a challenge");
    SCRIPT({.status = 401, .challenge = "Basic realm=/etc/shadow"});
    assert_int_equal(get_once(&machine, &token, &err), RC_CONNECT);
    assert_contains(err.text, "a file in another directory");
    assert_int_equal(script.asked, 1);
    assert_contains(script.urls[0], "?api-version=2020-06-01&resource=");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_platform__imds_is_asked_as_documented),
        cmocka_unit_test(test_platform__each_platform_has_its_own_words),
        cmocka_unit_test(test_platform__what_it_cannot_select_is_refused),
        cmocka_unit_test(test_platform__an_echo_of_its_secret_is_not_shown),
        cmocka_unit_test(test_platform__imds_gets_its_time),
        cmocka_unit_test(test_platform__what_is_final_is_not_repeated),
        cmocka_unit_test(test_platform__nobody_there_is_told_within_seconds),
        cmocka_unit_test(test_platform__half_of_what_a_platform_sets_is_told),
        cmocka_unit_test(test_platform__an_identity_that_was_not_chosen_is_refused),
        cmocka_unit_test(test_platform__arc_must_ask_for_its_file_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
