/* Who logs in: each way alone, and each pair that contradicts itself. */
#include "test.h"

#include "../../../src/cmd/authentication.h"
#include "../conf/load.h"

#include <unistd.h>

static const char *const variables[] = {"AZURE_CLIENT_ID",
                                        "AZURE_TENANT_ID",
                                        "AZURE_CLIENT_SECRET",
                                        "AZURE_CLIENT_CERTIFICATE_PATH",
                                        "AZURE_CLIENT_CERTIFICATE_PASSWORD",
                                        "AZURE_AUTHORITY_HOST",
                                        "SSISMINER_TOKEN",
                                        "SSISMINER_TOKEN_FILE",
                                        "SSISMINER_TOKEN_COMMAND",
                                        "SQLCMDPASSWORD",
                                        "SQLCMDUSER",
                                        "CREDENTIALS_DIRECTORY"};

/* None of them, but "NAME=value" words. */
static void set_variables(const char *words)
{
    char copy[512], *rest = copy;

    for (size_t i = 0; i < ARRAY_LEN(variables); i++)
        (void)unsetenv(variables[i]);
    (void)snprintf(copy, sizeof(copy), "%s", words ? words : "");
    for (char *word; (word = strsep(&rest, " ")) != NULL;) {
        char *equal = strchr(word, '=');
        if (!equal)
            continue;
        *equal = '\0';
        (void)setenv(word, equal + 1, 1);
    }
}

typedef struct Chosen {
    Authentication authentication;
    TdsTarget target;
    Conf *conf;
    Rc rc;
    Err err;
} Chosen;

/* The words of load() are parted by one blank. */
static char *squeeze(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++)
        if (*from != ' ' || (from[1] != ' ' && from[1] != '\0'))
            *to++ = *from;
    *to = '\0';
    return text;
}

static Chosen choose(const char *variable_words, const char *options)
{
    Chosen chosen = {0};
    const char *driver;

    set_variables(variable_words);
    chosen.conf = load(squeeze(
        arena_printf(&load_arena, "report -S tcp:srv.database.windows.net,1433 %s", options)));
    driver = conf_text(chosen.conf, OPT_DRIVER);
    chosen.target = (TdsTarget){.server = conf_text(chosen.conf, OPT_SERVER),
                                .user = conf_text(chosen.conf, OPT_USER),
                                .driver = driver,
                                .integrated = conf_flag(chosen.conf, OPT_INTEGRATED),
                                .trust_certificate = conf_flag(chosen.conf, OPT_TRUST),
                                .encrypt = conf_choice_encrypt(chosen.conf) == CHOICE_ENCRYPT_OFF
                                               ? TDS_ENCRYPT_OFF
                                               : TDS_ENCRYPT_REQUIRE};
    chosen.rc = authentication_choose(chosen.conf, &load_arena, &chosen.target,
                                      &chosen.authentication, &chosen.err);
    return chosen;
}

static void assert_same(const char *got, const char *wanted)
{
    if (!wanted)
        assert_null(got);
    else
        assert_string_equal(got ? got : "(NULL)", wanted);
}

#define SP " --authentication=ActiveDirectoryServicePrincipal"
#define MI " --authentication=ActiveDirectoryManagedIdentity"

static void test_authentication__tokens_are_made_of_what_was_given(void **state)
{
    static const struct {
        const char *variables, *options;
        TokenKind kind;
        const char *client_id, *tenant, *secret;
    } cases[] = {
        {NULL, "-G", TOKEN_AUTO, NULL, NULL, NULL},
        {NULL, "--authentication=activedirectorydefault", TOKEN_AUTO, NULL, NULL, NULL},
        {"AZURE_CLIENT_ID=c AZURE_TENANT_ID=t AZURE_CLIENT_SECRET=s SQLCMDPASSWORD=no", "-G",
         TOKEN_AUTO, "c", "t", "s"},
        {"SQLCMDPASSWORD=no", "-G", TOKEN_AUTO, NULL, NULL, NULL},
        {NULL, MI, TOKEN_MANAGED_IDENTITY, NULL, NULL, NULL},
        {NULL, "--authentication=ActiveDirectoryMSI --client-id x", TOKEN_MANAGED_IDENTITY, "x",
         NULL, NULL},
        {NULL, MI " -U x", TOKEN_MANAGED_IDENTITY, "x", NULL, NULL},
        {"AZURE_CLIENT_ID=other", MI " -U x", TOKEN_MANAGED_IDENTITY, "x", NULL, NULL},
        {"AZURE_CLIENT_ID=", MI, TOKEN_MANAGED_IDENTITY, NULL, NULL, NULL},
        {"SQLCMDUSER=sa AZURE_CLIENT_ID=c", MI " --client-id x", TOKEN_MANAGED_IDENTITY, "x", NULL,
         NULL},
        {"SQLCMDUSER=abc-1@t", "--authentication=ActiveDirectoryWorkloadIdentity",
         TOKEN_WORKLOAD_IDENTITY, "abc-1", "t", NULL},
        {NULL, "--authentication=ActiveDirectoryWorkloadIdentity -U x@t", TOKEN_WORKLOAD_IDENTITY,
         "x", "t", NULL},
        {"SQLCMDPASSWORD=p", SP " -U x@t", TOKEN_SERVICE_PRINCIPAL, "x", "t", "p"},
        {"SQLCMDPASSWORD=p", SP " -U x@t --tenant other", TOKEN_SERVICE_PRINCIPAL, "x", "other",
         "p"},
        {"SQLCMDPASSWORD=no AZURE_CLIENT_SECRET=s", SP " --client-id x --tenant t",
         TOKEN_SERVICE_PRINCIPAL, "x", "t", "s"},
        {"AZURE_CLIENT_SECRET=no",
         "--authentication=ActiveDirectoryApplication --client-id x "
         "--tenant t -P typed",
         TOKEN_SERVICE_PRINCIPAL, "x", "t", "typed"},
        {"AZURE_CLIENT_SECRET=s AZURE_CLIENT_ID=c AZURE_TENANT_ID=t SQLCMDPASSWORD=no",
         "--authentication=ActiveDirectoryEnvironment", TOKEN_SERVICE_PRINCIPAL, "c", "t", "s"},
        {"SQLCMDPASSWORD=no AZURE_CLIENT_ID=c AZURE_TENANT_ID=t",
         "--authentication=ActiveDirectoryEnvironment", TOKEN_SERVICE_PRINCIPAL, "c", "t", NULL},
        {NULL, SP, TOKEN_SERVICE_PRINCIPAL, NULL, NULL, NULL}, // the source says what is missing
        {NULL, "--authentication=ActiveDirectoryAzCli", TOKEN_AZURE_CLI, NULL, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Chosen chosen = choose(cases[i].variables, cases[i].options);
        const TokenOptions *token = &chosen.authentication.token;
        if (chosen.rc != RC_OK)
            fail_msg("%s: %s", cases[i].options, chosen.err.text);
        assert_true(chosen.authentication.has_token);
        assert_int_equal(token->kind, cases[i].kind);
        assert_string_equal(token->server, "srv.database.windows.net");
        assert_same(token->client_id, cases[i].client_id);
        assert_same(token->tenant, cases[i].tenant);
        assert_same(token->client_secret, cases[i].secret);
        assert_null(chosen.target.user);
        assert_null(chosen.target.authentication);
        conf_free(chosen.conf);
    }
}

static void test_authentication__az_has_its_own_tenant(void **state)
{
    (void)state;
    Chosen chosen = choose("AZURE_TENANT_ID=t", "--authentication=ActiveDirectoryAzCli");
    assert_same(chosen.authentication.token.az_tenant, NULL);
    assert_same(chosen.authentication.token.tenant, "t");
    conf_free(chosen.conf);
    chosen = choose("AZURE_TENANT_ID=t", "--authentication=ActiveDirectoryAzCli --tenant other");
    assert_same(chosen.authentication.token.az_tenant, "other");
    conf_free(chosen.conf);
}

static void test_authentication__certificates_bring_their_password(void **state)
{
    static const struct {
        const char *variables, *options, *password;
    } cases[] = {
        {NULL, "--client-certificate /c.pem", NULL},
        {"AZURE_CLIENT_SECRET=no AZURE_CLIENT_CERTIFICATE_PASSWORD=p",
         "--client-certificate /c.pem", "p"},
        {"AZURE_CLIENT_CERTIFICATE_PATH=/c.pem SQLCMDPASSWORD=p", "", "p"},
        {"AZURE_CLIENT_CERTIFICATE_PASSWORD=no", "--client-certificate /c.pem -P p", "p"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Chosen chosen = choose(cases[i].variables,
                               arena_printf(&load_arena, SP " -U x@t %s", cases[i].options));
        if (chosen.rc != RC_OK)
            fail_msg("%s: %s", cases[i].options, chosen.err.text);
        assert_string_equal(chosen.authentication.token.certificate, "/c.pem");
        assert_same(chosen.authentication.token.certificate_password, cases[i].password);
        assert_null(chosen.authentication.token.client_secret);
        conf_free(chosen.conf);
    }
}

static void test_authentication__given_tokens_have_an_order(void **state)
{
    static const struct {
        const char *variables, *options, *text, *file, *command;
    } cases[] = {
        {NULL, "--token-file /t", NULL, "/t", NULL},
        {NULL, "--token-command 'x'", NULL, NULL, "'x'"},
        {"SSISMINER_TOKEN=abc", "", "abc", NULL, NULL},
        {"SQLCMDPASSWORD=abc", "--authentication=ActiveDirectoryServicePrincipalAccessToken", "abc",
         NULL, NULL},
        {"SQLCMDPASSWORD=no SSISMINER_TOKEN=abc",
         "--authentication=ActiveDirectoryServicePrincipalAccessToken", "abc", NULL, NULL},
        // the nearest of several, as with all settings
        {"SSISMINER_TOKEN=no", "--token-file /t", NULL, "/t", NULL},
        {"SSISMINER_TOKEN=no", "--token-command x", NULL, NULL, "x"},
        {"SSISMINER_TOKEN_FILE=/no", "--token-command x", NULL, NULL, "x"},
        {"SSISMINER_TOKEN_COMMAND=no", "--token-file /t", NULL, "/t", NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Chosen chosen = choose(cases[i].variables, cases[i].options);
        if (chosen.rc != RC_OK)
            fail_msg("%s: %s", cases[i].options, chosen.err.text);
        assert_true(chosen.authentication.has_token);
        assert_int_equal(chosen.authentication.token.kind, TOKEN_GIVEN);
        assert_same(chosen.authentication.token.text, cases[i].text);
        assert_same(chosen.authentication.token.file, cases[i].file);
        assert_same(chosen.authentication.token.command, cases[i].command);
        conf_free(chosen.conf);
    }
}

/* A secret that echo wrote into its store. */
static void test_authentication__a_line_end_is_no_part_of_a_secret(void **state)
{
    (void)state;
    Chosen chosen = choose("AZURE_CLIENT_SECRET=s\r\n AZURE_CLIENT_ID=c\n AZURE_TENANT_ID=t\n",
                           "--authentication=ActiveDirectoryEnvironment");
    assert_int_equal(chosen.rc, RC_OK);
    assert_same(chosen.authentication.token.client_secret, "s");
    assert_same(chosen.authentication.token.client_id, "c");
    assert_same(chosen.authentication.token.tenant, "t");
    conf_free(chosen.conf);
}

/* As bash's <(…): read at once, for all who want it. */
static void test_authentication__a_pipe_is_read_once(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "a.b.c\n", 6), 6);
    (void)close(ends[1]);
    for (int i = 0; i < 2; i++) {
        Chosen chosen = choose(NULL, arena_printf(&load_arena, "--token-file /dev/fd/%d", ends[0]));
        assert_int_equal(chosen.rc, RC_OK);
        assert_same(chosen.authentication.token.text, "a.b.c\n");
        assert_true(chosen.authentication.token.text_is_of_pipe);
        assert_null(chosen.authentication.token.file);
        conf_free(chosen.conf);
    }
    (void)close(ends[0]);
}

static void test_authentication__a_credential_of_systemd_is_a_token_too(void **state)
{
    (void)state;
    FILE *file = fopen(arena_printf(&load_arena, "%s/ssisminer-token", load_home), "w");
    assert_non_null(file);
    (void)fclose(file);
    Chosen chosen = choose(arena_printf(&load_arena, "CREDENTIALS_DIRECTORY=%s", load_home),
                           "--authentication=ActiveDirectoryServicePrincipalAccessToken");
    assert_int_equal(chosen.rc, RC_OK);
    assert_contains(chosen.authentication.token.file, "/ssisminer-token");
    conf_free(chosen.conf);
}

static void test_authentication__what_cannot_be_is_refused_with_the_way_out(void **state)
{
    static const struct {
        const char *variables, *options, *text, *hint;
    } cases[] = {
        {NULL, "-G -C", "no token is sent to a server whose certificate is not verified",
         "--trust-server-certificate"},
        {NULL, "-G -N off", "no token is sent over a connection that is not encrypted",
         "--encrypt off"},
        {NULL, "--token-file /t -C", "no token is sent to a server", "--ca-file"},
        {NULL, "--driver Some -G -C", "no token is sent to a server", "--ca-file"},
        {NULL, "-G -U me@contoso.example",
         "--authentication=ActiveDirectoryInteractive needs a person", "az login"},
        {"SQLCMDPASSWORD=p", "-G -U me@contoso.example",
         "--authentication=ActiveDirectoryPassword needs a person", "az login"},
        {NULL, "--authentication=ActiveDirectoryIntegrated", "needs a person",
         "is -E; to Azure as a person: az login, then --authentication=ActiveDirectoryAzCli; for a "
         "job: ActiveDirectoryManagedIdentity"},
        {NULL, "--authentication=ActiveDirectoryPassword", "needs a person",
         "where it wants a second factor: az login, then"},
        {NULL, "--authentication=ActiveDirectoryInteractive", "needs a person",
         "the browser is az's: az login, then"},
        {NULL, "--authentication=ActiveDirectoryDeviceCode", "needs a person",
         "az login --use-device-code, then --authentication=ActiveDirectoryAzCli"},
        {NULL, "--authentication=ActiveDirectoryAzurePipelines -U x",
         "--authentication=ActiveDirectoryAzurePipelines needs a service connection", "AzureCLI@2"},
        {NULL, "--authentication=ActiveDirectoryAzureDeveloperCli", "needs azd",
         "azd auth token --output json"},
        {NULL, "--authentication=ActiveDirectoryClientAssertion", "needs a program",
         "ActiveDirectoryWorkloadIdentity (AZURE_FEDERATED_TOKEN_FILE)"},
        {NULL, "--authentication=ActiveDirectoryOnBehalfOf", "needs a person's token",
         "--token-command"},
        {"SSISMINER_TOKEN=x SSISMINER_TOKEN_FILE=/t", "",
         "SSISMINER_TOKEN and --token-file (environment SSISMINER_TOKEN_FILE) exclude each other",
         ""},
        {"SSISMINER_TOKEN_COMMAND=x SSISMINER_TOKEN_FILE=/t", "",
         "--token-file (environment SSISMINER_TOKEN_FILE) and --token-command (environment "
         "SSISMINER_TOKEN_COMMAND) exclude each other",
         ""},
        {NULL, "--authentication=ActiveDirectoryAzCli -U x",
         "--authentication=ActiveDirectoryAzCli takes no user name, but 'x' was given (command "
         "line)",
         "the token says"},
        {"SQLCMDUSER=sa", "--authentication=ActiveDirectoryDefault",
         "takes no user name, but 'sa' was given (environment SQLCMDUSER)", "leave it out"},
        {"SQLCMDUSER=sa AZURE_CLIENT_ID=c", MI,
         "two names for one identity: 'sa' (environment SQLCMDUSER) and 'c' (environment "
         "AZURE_CLIENT_ID)",
         "--client-id"},
        {"SQLCMDUSER=cleaner", MI,
         "the user name 'cleaner' (environment SQLCMDUSER) is no identity's client id",
         "--client-id"},
        {"SQLCMDUSER=me@contoso.example", SP, "(environment SQLCMDUSER) is no identity's", ""},
        {NULL, MI " --token-file /t",
         "--token-file and --authentication=ActiveDirectoryManagedIdentity exclude each other", ""},
        {NULL, MI " --tenant t",
         "--tenant means nothing to --authentication=ActiveDirectoryManagedIdentity", ""},
        {NULL, "--token-file /t --client-id c", "--client-id means nothing to", ""},
        {NULL, "-U sa --client-certificate c",
         "--client-certificate means nothing to a login without --authentication", ""},
        {"SSISMINER_TOKEN=x", "-U sa",
         "a token (environment SSISMINER_TOKEN) and the user name 'sa' (command line) exclude each "
         "other",
         "the token says"},
        {NULL, "--authentication=ActiveDirectoryServicePrincipalAccessToken", "no token given",
         "SSISMINER_TOKEN"},
        {NULL, "--driver Some --authentication=ActiveDirectoryWorkloadIdentity",
         "Microsoft's ODBC driver has no --authentication=ActiveDirectoryWorkloadIdentity",
         "leave out --driver"},
        {NULL, "--driver Some --token-file /t", "Microsoft's ODBC driver has no",
         "leave out --driver"},
        {NULL, "--driver Some --client-certificate /c" SP, "Microsoft's ODBC driver has no",
         "leave out --driver"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Chosen chosen = choose(cases[i].variables, cases[i].options);
        if (chosen.rc != RC_USAGE)
            fail_msg("%s: not refused", cases[i].options);
        assert_contains(chosen.err.text, cases[i].text);
        assert_contains(chosen.err.hint, cases[i].hint);
        conf_free(chosen.conf);
    }
}

static void test_authentication__microsofts_driver_gets_its_keyword(void **state)
{
    static const struct {
        const char *variables, *options, *keyword, *user, *password;
    } cases[] = {
        {NULL, "-G", "ActiveDirectoryIntegrated", NULL, NULL},
        {"SQLCMDPASSWORD=p", "-G -U me", "ActiveDirectoryPassword", "me", "p"},
        {NULL, MI, "ActiveDirectoryMsi", NULL, NULL},
        {NULL, MI " --client-id x", "ActiveDirectoryMsi", "x", NULL},
        {NULL, "--authentication=ActiveDirectoryMsi -U x", "ActiveDirectoryMsi", "x", NULL},
        {"SQLCMDPASSWORD=p", SP " -U x@t", "ActiveDirectoryServicePrincipal", "x", "p"},
        {NULL, "--authentication=ActiveDirectoryInteractive -U me", "ActiveDirectoryInteractive",
         "me", NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Chosen chosen = choose(cases[i].variables,
                               arena_printf(&load_arena, "--driver Some %s", cases[i].options));
        if (chosen.rc != RC_OK)
            fail_msg("%s: %s", cases[i].options, chosen.err.text);
        assert_false(chosen.authentication.has_token);
        assert_same(chosen.target.authentication, cases[i].keyword);
        assert_same(chosen.target.user, cases[i].user);
        assert_same(chosen.target.password, cases[i].password);
        conf_free(chosen.conf);
    }
}

static void test_authentication__without_a_kind_nothing_changed(void **state)
{
    static const char *const options[] = {"-U sa", "--authentication=SqlPassword -U sa",
                                          "--authentication=SqlPassword -U sa -C",
                                          "--driver Some -U sa"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        Chosen chosen =
            choose("SQLCMDPASSWORD=p AZURE_CLIENT_ID=c AZURE_CLIENT_SECRET=s", options[i]);
        assert_int_equal(chosen.rc, RC_OK);
        assert_false(chosen.authentication.has_token);
        assert_string_equal(chosen.target.user, "sa");
        assert_string_equal(chosen.target.password, "p");
        assert_null(chosen.target.authentication);
        conf_free(chosen.conf);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, load_set_up, load_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_authentication__tokens_are_made_of_what_was_given),
        TEST(test_authentication__az_has_its_own_tenant),
        TEST(test_authentication__certificates_bring_their_password),
        TEST(test_authentication__given_tokens_have_an_order),
        TEST(test_authentication__a_line_end_is_no_part_of_a_secret),
        TEST(test_authentication__a_pipe_is_read_once),
        TEST(test_authentication__a_credential_of_systemd_is_a_token_too),
        TEST(test_authentication__what_cannot_be_is_refused_with_the_way_out),
        TEST(test_authentication__microsofts_driver_gets_its_keyword),
        TEST(test_authentication__without_a_kind_nothing_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
