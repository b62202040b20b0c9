/* One token kept and renewed in time. */
#include "script.h"

#include <sys/stat.h>
#include <unistd.h>

static const TokenOptions machine = {.kind = TOKEN_MANAGED_IDENTITY, .server = "h"};

/* Asks, expects success, tells the text. */
static const char *get(TokenSource *source, TokenWish wish)
{
    static char kept[256];
    AUTO(secret_done) Secret token = {0};
    Err err = {0};

    if (token_get(source, wish, &token, &err) != RC_OK)
        fail_msg("%s", err.text);
    (void)snprintf(kept, sizeof(kept), "%s", token.text);
    return kept;
}

static TokenSource *new_source(const TokenOptions *options)
{
    TokenSource *source = NULL;
    Err err = {0};

    if (token_source_new_in(&script_outside, options, &source, &err) != RC_OK)
        fail_msg("%s", err.text);
    return source;
}

static void test_source__a_token_is_kept_and_renewed_before_its_end(void **state)
{
    (void)state;
    set_variables(NULL);
    SCRIPT(SAYS(200, "{\"access_token\":\"one\",\"expires_in\":3600}"),
           SAYS(200, "{\"access_token\":\"two\",\"expires_in\":3600}"),
           SAYS(200, "{\"access_token\":\"three\",\"expires_in\":3600}"));
    AUTO(token_source_free_at) TokenSource *source = new_source(&machine);
    assert_null(token_origin(source));
    assert_string_equal(get(source, TOKEN_ANY_VALID), "one");
    assert_string_equal(token_origin(source), "the managed identity of this VM");
    script_pass(2600); // 1000 s left: more than a quarter
    assert_string_equal(get(source, TOKEN_ANY_VALID), "one");
    script_pass(200); // 800 s left
    assert_string_equal(get(source, TOKEN_ANY_VALID), "two");
    assert_string_equal(get(source, TOKEN_NEW), "three");
    assert_string_equal(get(source, TOKEN_ANY_VALID), "three");
    assert_int_equal(script.asked, 3);
}

static void test_source__one_of_a_day_is_renewed_45_minutes_before(void **state)
{
    (void)state;
    set_variables(NULL);
    SCRIPT(SAYS(200, "{\"access_token\":\"one\",\"expires_in\":86400}"),
           SAYS(200, "{\"access_token\":\"two\",\"expires_in\":86400,\"refresh_in\":100}"),
           SAYS(200, "{\"access_token\":\"three\"}"));
    AUTO(token_source_free_at) TokenSource *source = new_source(&machine);
    assert_string_equal(get(source, TOKEN_ANY_VALID), "one");
    script_pass(86400 - 2701);
    assert_string_equal(get(source, TOKEN_ANY_VALID), "one");
    script_pass(1);
    assert_string_equal(get(source, TOKEN_ANY_VALID), "two");
    script_pass(100); // the service's own wish
    assert_string_equal(get(source, TOKEN_ANY_VALID), "three");
    (void)get(source, TOKEN_ANY_VALID); // nobody knows how long: asked for each login
    assert_int_equal(script.asked, 4);
}

/* A cleanup of hours, a token of 30 seconds, a connection anew now and then: each login has one
 * that is good for some seconds at least. */
static void test_source__no_login_gets_an_old_token(void **state)
{
    (void)state;
    set_variables(NULL);
    SCRIPT(SAYS(200, "{\"access_token\":\"short\",\"expires_in\":30}"));
    AUTO(token_source_free_at) TokenSource *source = new_source(&machine);
    int64_t asked_ms = 0;
    size_t asked = 0;
    for (int i = 0; i < 2000; i++) {
        (void)get(source, TOKEN_ANY_VALID);
        if (script.asked != asked)
            asked_ms = script.ms;
        asked = script.asked;
        assert_true(script.ms - asked_ms < 23000); // 7 s left
        script_pass(1 + i % 11);
    }
    assert_in_range(asked, 300, 900);
}

static void test_source__a_service_that_is_down_costs_nothing_while_the_token_lasts(void **state)
{
    AUTO(secret_done) Secret token = {0};
    Err err = {0};

    (void)state;
    set_variables(NULL);
    SCRIPT(SAYS(200, "{\"access_token\":\"one\",\"expires_in\":3600}"), {.trouble = HTTP_ABSENT});
    AUTO(token_source_free_at) TokenSource *source = new_source(&machine);
    assert_string_equal(get(source, TOKEN_ANY_VALID), "one");
    script_pass(3000);
    assert_string_equal(get(source, TOKEN_ANY_VALID), "one");
    size_t asked = script.asked;
    assert_true(asked > 1);
    assert_string_equal(get(source, TOKEN_ANY_VALID), "one");
    assert_int_equal(script.asked, asked); // not tried again at once
    assert_int_equal(token_get(source, TOKEN_NEW, &token, &err), RC_CONNECT);
    script_pass(600);
    assert_int_equal(token_get(source, TOKEN_ANY_VALID, &token, &err), RC_CONNECT);
}

/* {"exp":1767229200}: an hour from the script's beginning. */
static const char token_of_an_hour[] = "eyJhbGciOiJub25lIn0.eyJleHAiOjE3NjcyMjkyMDB9.s";

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    (void)fclose(file);
}

/* Whoever renews it may be just about to, or writes something else for a moment. */
static void test_source__a_file_that_is_being_replaced_costs_nothing_either(void **state)
{
    static const char *const meanwhile[] = {NULL, "", "what is no token"};
    char path[] = "/tmp/ssisminer-test-XXXXXX";
    int fd = mkstemp(path);
    Err err = {0};

    (void)state;
    (void)close(fd);
    set_variables(NULL);
    for (size_t i = 0; i < ARRAY_LEN(meanwhile); i++) {
        AUTO(secret_done) Secret token = {0};
        TokenOptions options = {.kind = TOKEN_GIVEN, .server = "h", .file = path};
        SCRIPT(SAYS(500, NULL));
        put_file(path, token_of_an_hour);
        AUTO(token_source_free_at) TokenSource *source = new_source(&options);
        assert_string_equal(get(source, TOKEN_ANY_VALID), token_of_an_hour);
        if (meanwhile[i])
            put_file(path, meanwhile[i]);
        else
            (void)unlink(path);
        script_pass(3500);
        assert_string_equal(get(source, TOKEN_ANY_VALID), token_of_an_hour);
        script_pass(100);
        assert_int_not_equal(token_get(source, TOKEN_ANY_VALID, &token, &err), RC_OK);
        put_file(path, "{\"accessToken\":\"new\",\"expires_in\":60}");
        assert_string_equal(get(source, TOKEN_ANY_VALID), "new");
    }
    (void)unlink(path);
}

/* ---- auto ------------------------------------------------------------------------------------ */

static const TokenOptions any = {.kind = TOKEN_AUTO, .server = "h"};

static char path_before[4096];

/* PATH with an `az`, or without one. */
static void have_az(bool is_there)
{
    (void)setenv("PATH", is_there ? "/nowhere:/bin" : "/nowhere", 1);
}

static void test_source__auto_takes_the_first_way_that_is_set_up(void **state)
{
    TokenOptions principal = any;

    (void)state;
    principal.tenant = "t";
    principal.client_id = "a-1";
    have_az(false);
    VARIABLES("AZURE_FEDERATED_TOKEN_FILE", "/dev/null");
    principal.client_secret = "s";
    SCRIPT(SAYS(200, "{\"access_token\":\"one\",\"expires_in\":3600}"));
    AUTO(token_source_free_at) TokenSource *first = new_source(&principal);
    (void)get(first, TOKEN_ANY_VALID);
    assert_string_equal(token_origin(first), "the service principal's secret");

    principal.client_secret = NULL;
    set_variables(NULL);
    AUTO(token_source_free_at) TokenSource *second = new_source(&principal);
    (void)get(second, TOKEN_ANY_VALID);
    assert_string_equal(token_origin(second), "the managed identity of this VM");
    assert_contains(script.urls[1], "&client_id=a-1");
    assert_int_equal(script.connect_ms[1], 1000); // a probe
}

static void test_source__auto_does_not_pass_over_what_is_set_up_and_fails(void **state)
{
    AUTO(secret_done) Secret token = {0};
    TokenOptions principal = any;
    Err err = {0};

    (void)state;
    principal.tenant = "t";
    principal.client_id = "a-1";
    principal.client_secret = "s";
    set_variables(NULL);
    SCRIPT(SAYS(401, "{\"error\":\"invalid_client\"}"));
    assert_fails(get_once(&principal, &token, &err), RC_CONNECT, &err,
                 "the service principal's secret gave no token: 401 invalid_client");
    assert_int_equal(script.asked, 1);
}

static void test_source__auto_goes_on_where_there_is_no_identity(void **state)
{
    static const Said none[] = {{.trouble = HTTP_ABSENT},
                                SAYS(400, "{\"error_description\":\"Identity not found\"}"),
                                SAYS(403, "unreachable"),
                                SAYS(404, NULL)};

    (void)state;
    set_variables(NULL);
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        AUTO(secret_done) Secret token = {0};
        Err err = {0};
        SCRIPT(SAYS(200, NULL));
        script.said = &none[i];
        have_az(false);
        assert_int_equal(get_once(&any, &token, &err), RC_CONNECT);
        assert_contains(err.text, "no token to be had here: no client id given; ");
        assert_contains(err.text, "; the managed identity of this VM");
        assert_contains(err.text, "; the Azure CLI (az) is not in PATH");
        assert_true(script.slept_ms < 10000);
    }
}

static void test_source__auto_ends_with_the_azure_cli(void **state)
{
    char folder[] = "/tmp/az.XXXXXX", file[64], path[128];

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(file, sizeof(file), "%s/az", folder);
    (void)snprintf(path, sizeof(path), "/nowhere:%s", folder);
    FILE *made = fopen(file, "w");
    assert_non_null(made);
    (void)fclose(made);
    (void)chmod(file, 0700);
    (void)setenv("PATH", path, 1);
    set_variables(NULL);
    SCRIPT({.trouble = HTTP_ABSENT});
    script.printed = "{\"accessToken\":\"from-az\",\"expires_on\":1767229200}\n";
    AUTO(token_source_free_at) TokenSource *source = new_source(&any);
    assert_string_equal(get(source, TOKEN_ANY_VALID), "from-az");
    assert_string_equal(token_origin(source), "the Azure CLI");
    assert_string_equal(script.argv, "az account get-access-token --output json --resource "
                                     "https://database.windows.net/");
    (void)unlink(file);
    (void)rmdir(folder);
}

/* ---- given tokens ---------------------------------------------------------------------------- */

static void test_source__a_command_is_run_for_each_new_token(void **state)
{
    AUTO(secret_done) Secret token = {0};
    TokenOptions options = {.kind = TOKEN_GIVEN, .server = "h", .command = "get-it --for 'a b'"};
    Err err = {0};

    (void)state;
    set_variables(NULL);
    SCRIPT(SAYS(500, NULL));
    script.printed = "{\"access_token\":\"one\",\"expires_in\":100}";
    AUTO(token_source_free_at) TokenSource *source = new_source(&options);
    assert_string_equal(get(source, TOKEN_ANY_VALID), "one");
    assert_string_equal(script.argv, "get-it --for a b");
    assert_string_equal(get(source, TOKEN_ANY_VALID), "one");
    assert_int_equal(script.runs, 1);
    script_pass(80);
    script.printed = "{\"access_token\":\"two\",\"expires_in\":100}";
    assert_string_equal(get(source, TOKEN_ANY_VALID), "two");
    script.printed = NULL;
    assert_fails(token_get(source, TOKEN_NEW, &token, &err), RC_CONNECT, &err,
                 "the token command: 'x' ended with 1: please log in");
    script.printed = "{\"access_token\":\"two\",\"expires_on\":5}";
    assert_fails(token_get(source, TOKEN_NEW, &token, &err), RC_CONNECT, &err,
                 "the token command: the token has expired, by this machine's clock");
}

static void test_source__a_text_and_only_one_place(void **state)
{
    AUTO(secret_done) Secret token = {0};
    TokenOptions options = {.kind = TOKEN_GIVEN, .server = "h", .text = "bare.to.ken"};
    Err err = {0};

    (void)state;
    assert_int_equal(get_once(&options, &token, &err), RC_OK);
    assert_string_equal(token.text, "bare.to.ken");
    options.text = "eyJhbGciOiJub25lIn0.eyJleHAiOjE3NjcyMjU1OTl9."; // ended a second ago
    secret_done(&token);
    SCRIPT(SAYS(500, NULL));
    assert_fails(get_once(&options, &token, &err), RC_CONNECT, &err,
                 "the given token: the token has expired, by this machine's clock");
    assert_contains(err.hint, "--token-command");
    options.text_is_of_pipe = true;
    err = (Err){0};
    assert_fails(get_once(&options, &token, &err), RC_CONNECT, &err,
                 "the token file: the token has expired, by this machine's clock");
    assert_contains(err.hint, "a pipe gives its token once");
    err = (Err){0};
    options.file = "/x";
    assert_int_equal(get_once(&options, &token, &err), RC_USAGE);
    assert_contains(err.text, "a token comes from one place");
    options = (TokenOptions){.kind = TOKEN_GIVEN, .server = "h"};
    assert_int_equal(get_once(&options, &token, &err), RC_USAGE);
    assert_contains(err.text, "no token given");
    options.file = "/nowhere/token";
    assert_int_equal(get_once(&options, &token, &err), RC_USAGE);
    assert_contains(err.text, "cannot read the token file '/nowhere/token'");
    options = (TokenOptions){.kind = TOKEN_GIVEN, .server = "h", .file = "/dev/zero"};
    assert_int_equal(get_once(&options, &token, &err), RC_USAGE);
    assert_contains(err.text, "is longer than");
}

/* How long the last one lasts, for whoever cannot get another. */
static void test_source__a_token_tells_its_end(void **state)
{
    AUTO(secret_done) Secret token = {0};
    Err err = {0};

    (void)state;
    set_variables(NULL);
    SCRIPT(SAYS(200, "{\"access_token\":\"one\",\"expires_in\":100}"),
           SAYS(200, "{\"access_token\":\"opaque\"}"));
    AUTO(token_source_free_at) TokenSource *source = new_source(&machine);
    assert_int_equal(token_lasts_s(source), -1);
    assert_int_equal(token_get(source, TOKEN_ANY_VALID, &token, &err), RC_OK);
    script_pass(40);
    assert_int_equal(token_lasts_s(source), 60);
    secret_done(&token);
    assert_int_equal(token_get(source, TOKEN_NEW, &token, &err), RC_OK);
    assert_int_equal(token_lasts_s(source), -1);
}

/* ---- threads --------------------------------------------------------------------------------- */

static void *ask_often(void *context)
{
    AUTO(secret_done) Secret token = {0};
    Err err = {0};

    for (int i = 0; i < 500; i++) {
        secret_done(&token);
        if (token_get(context, i % 50 == 0 ? TOKEN_NEW : TOKEN_ANY_VALID, &token, &err) != RC_OK ||
            strcmp(token.text, "one") != 0 || !token_origin(context))
            return context;
    }
    return NULL;
}

static void test_source__two_threads_may_ask(void **state)
{
    pthread_t threads[4];
    void *failed = NULL;

    (void)state;
    set_variables(NULL);
    SCRIPT(SAYS(200, "{\"access_token\":\"one\",\"expires_in\":3600}"));
    AUTO(token_source_free_at) TokenSource *source = new_source(&machine);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, source), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

static int keep_path(void **state)
{
    (void)state;
    (void)snprintf(path_before, sizeof(path_before), "%s", getenv("PATH"));
    return 0;
}

static int put_path_back(void **state)
{
    (void)state;
    return setenv("PATH", path_before, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_source__a_token_is_kept_and_renewed_before_its_end),
        cmocka_unit_test(test_source__one_of_a_day_is_renewed_45_minutes_before),
        cmocka_unit_test(test_source__no_login_gets_an_old_token),
        cmocka_unit_test(test_source__a_service_that_is_down_costs_nothing_while_the_token_lasts),
        cmocka_unit_test(test_source__a_file_that_is_being_replaced_costs_nothing_either),
        cmocka_unit_test(test_source__auto_takes_the_first_way_that_is_set_up),
        cmocka_unit_test(test_source__auto_does_not_pass_over_what_is_set_up_and_fails),
        cmocka_unit_test(test_source__auto_goes_on_where_there_is_no_identity),
        cmocka_unit_test(test_source__auto_ends_with_the_azure_cli),
        cmocka_unit_test(test_source__a_command_is_run_for_each_new_token),
        cmocka_unit_test(test_source__a_text_and_only_one_place),
        cmocka_unit_test(test_source__a_token_tells_its_end),
        cmocka_unit_test(test_source__two_threads_may_ask),
    };

    return cmocka_run_group_tests(tests, keep_path, put_path_back);
}
