/* Tokens of Microsoft Entra: what is posted, refused, retried, never echoed. */
#include "script.h"

#include "ssisminer/base/file.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <unistd.h>

static Arena arena;
static char *folder;

static const TokenOptions principal = {.kind = TOKEN_SERVICE_PRINCIPAL,
                                       .server = "srv.database.windows.net",
                                       .tenant = "contoso.example",
                                       .client_id = "aaaa-1",
                                       .client_secret = "s3cr&t +="};

#define TOKEN_200 "{\"access_token\":\"abc\",\"expires_in\":3599,\"token_type\":\"Bearer\"}"

static const char *path_of(const char *name)
{
    return arena_printf(&arena, "%s/%s", folder, name);
}

static void test_authority__a_secret_is_posted(void **state)
{
    AUTO(secret_done) Secret token = {0};
    Err err = {0};

    (void)state;
    set_variables(NULL);
    SCRIPT(SAYS(200, TOKEN_200));
    assert_int_equal(get_once(&principal, &token, &err), RC_OK);
    assert_string_equal(script.urls[0],
                        "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token");
    assert_string_equal(script.forms[0],
                        "grant_type=client_credentials&client_id=aaaa-1&scope=https%3A%2F%2F"
                        "database.windows.net%2F.default&client_secret=s3cr%26t%20%2B%3D");
    assert_false(script.is_metadata[0]);
}

static void test_authority__clouds_go_by_the_servers_name(void **state)
{
    static const struct {
        TokenCloud cloud;
        const char *server, *authority, *audience, *url, *scope;
    } cases[] = {
        {TOKEN_CLOUD_BY_SERVER, "x.DATABASE.usgovcloudapi.net.", NULL, NULL,
         "https://login.microsoftonline.us/contoso.example/",
         "database.usgovcloudapi.net%2F.default"},
        {TOKEN_CLOUD_BY_SERVER, "x.zone.database.chinacloudapi.cn", NULL, NULL,
         "https://login.partner.microsoftonline.cn/", "database.chinacloudapi.cn%2F.default"},
        {TOKEN_CLOUD_BY_SERVER, "10.0.0.4", NULL, NULL, "https://login.microsoftonline.com/",
         "database.windows.net%2F.default"},
        {TOKEN_CLOUD_BY_SERVER, ".database.chinacloudapi.cn", NULL, NULL,
         "https://login.microsoftonline.com/", "database.windows.net%2F.default"},
        {TOKEN_CLOUD_CHINA, "x.database.windows.net", NULL, NULL,
         "https://login.partner.microsoftonline.cn/", "database.chinacloudapi.cn%2F.default"},
        {TOKEN_CLOUD_BY_SERVER, "x.database.windows.net", "https://login.example//",
         "https://aud.example", "https://login.example/contoso.example/oauth2",
         "https%3A%2F%2Faud.example%2F.default"},
    };

    (void)state;
    set_variables(NULL);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(secret_done) Secret token = {0};
        Err err = {0};
        TokenOptions options = principal;
        options.cloud = cases[i].cloud;
        options.server = cases[i].server;
        options.authority = cases[i].authority;
        options.audience = cases[i].audience;
        SCRIPT(SAYS(200, TOKEN_200));
        assert_int_equal(get_once(&options, &token, &err), RC_OK);
        assert_contains(script.urls[0], cases[i].url);
        assert_contains(script.forms[0], cases[i].scope);
    }
}

static void test_authority__what_is_missing_or_wrong_is_said_before_the_network(void **state)
{
    static const struct {
        const char *tenant, *client_id, *secret, *authority, *audience, *text;
    } cases[] = {
        {NULL, "a", "s", NULL, NULL, "no tenant given"},
        {"a/b", "a", "s", NULL, NULL, "'a/b' is no tenant"},
        {"../x", "a", "s", NULL, NULL, "is no tenant"},
        {"", "a", "s", NULL, NULL, "'' is no tenant"},
        {"t", NULL, "s", NULL, NULL, "no client id given"},
        {"t", "a\"b", "s", NULL, NULL, "is no application's client id"},
        {"t", "a", NULL, NULL, NULL, "neither secret nor certificate"},
        {"t", "a", "s", "http://login.example", NULL, "is no https:// address"},
        {"t", "a", "s", "https://user@login.example", NULL, "is no https:// address"},
        {"t", "a", "s", NULL, "database.windows.net", "is no https:// address"},
    };

    (void)state;
    set_variables(NULL);
    SCRIPT(SAYS(200, TOKEN_200));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(secret_done) Secret token = {0};
        Err err = {0};
        TokenOptions options = {.kind = TOKEN_SERVICE_PRINCIPAL,
                                .server = "h",
                                .tenant = cases[i].tenant,
                                .client_id = cases[i].client_id,
                                .client_secret = cases[i].secret,
                                .authority = cases[i].authority,
                                .audience = cases[i].audience};
        assert_int_equal(get_once(&options, &token, &err), RC_USAGE);
        assert_contains(err.text, cases[i].text);
    }
    assert_int_equal(script.asked, 0);
}

static void test_authority__a_refusal_is_told_with_what_to_do(void **state)
{
    AUTO(secret_done) Secret token = {0};
    Err err = {0};

    (void)state;
    set_variables(NULL);
    SCRIPT(SAYS(
        401, "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client "
             "secret provided.\\r\\nTrace ID: 1\"}"));
    assert_fails(get_once(&principal, &token, &err), RC_CONNECT, &err,
                 "the service principal's secret gave no token: 401 invalid_client: AADSTS7000215: "
                 "Invalid client secret provided.");
    assert_contains(err.hint, "give its value, not its id");
    assert_int_equal(script.asked, 1);
}

static void test_authority__an_echo_of_the_secret_is_not_shown(void **state)
{
    static const char *const bodies[] = {
        "{\"error\":\"x\",\"error_description\":\"you sent s3cr&t +=\"}",
        "{\"error\":\"x\",\"error_description\":\"you sent client_secret=s3cr%26t%20%2B%3D\"}",
        "{\"error\":\"s3cr&t +=\"}",
        "{\"error\":\"x\",\"error_description\":\"bad eyJ0eXAiOiJKV1QifQ.eyJhIjoxfQ.c2ln\"}",
        "you sent s3cr&t +=",
    };

    (void)state;
    set_variables(NULL);
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        AUTO(secret_done) Secret token = {0};
        Said said = SAYS(400, bodies[i]);
        Err err = {0};
        SCRIPT(SAYS(200, NULL));
        script.said = &said;
        assert_int_equal(get_once(&principal, &token, &err), RC_CONNECT);
        assert_contains(err.text, "gave no token: 400");
        assert_lacks(err.text, "s3cr");
        assert_lacks(err.text, "eyJ");
    }
}

static void test_authority__what_passes_is_asked_again(void **state)
{
    AUTO(secret_done) Secret token = {0};
    Err err = {0};

    (void)state;
    set_variables(NULL);
    SCRIPT(SAYS(503, NULL), {.status = 429, .retry_after_s = 20}, SAYS(200, TOKEN_200));
    assert_int_equal(get_once(&principal, &token, &err), RC_OK);
    assert_int_equal(script.slept_ms, 21000);
    SCRIPT({.trouble = HTTP_UNTRUSTED});
    assert_int_equal(get_once(&principal, &token, &err), RC_CONNECT);
    assert_int_equal(script.asked, 1);
}

/* ---- workload identity ----------------------------------------------------------------------- */

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_authority__a_workloads_file_is_read_anew_each_time(void **state)
{
    AUTO(token_source_free_at) TokenSource *source = NULL;
    AUTO(secret_done) Secret token = {0};
    const char *path = path_of("federated");
    TokenOptions options = principal;
    Err err = {0};

    (void)state;
    options.kind = TOKEN_WORKLOAD_IDENTITY;
    options.client_secret = NULL;
    set_variables(NULL);
    SCRIPT(SAYS(200, TOKEN_200));
    assert_int_equal(get_once(&options, &token, &err), RC_USAGE);
    assert_contains(err.text, "AZURE_FEDERATED_TOKEN_FILE is not set");
    VARIABLES("AZURE_FEDERATED_TOKEN_FILE", path);
    write_text(path, "first.a.b\n");
    assert_int_equal(token_source_new_in(&script_outside, &options, &source, &err), RC_OK);
    assert_int_equal(token_get(source, TOKEN_ANY_VALID, &token, &err), RC_OK);
    assert_contains(script.forms[0], "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-"
                                     "assertion-type%3Ajwt-bearer&client_assertion=first.a.b");
    assert_string_equal(token_origin(source), "the workload identity");
    write_text(path, "second.a.b");
    secret_done(&token);
    assert_int_equal(token_get(source, TOKEN_NEW, &token, &err), RC_OK);
    assert_contains(script.forms[1], "client_assertion=second.a.b");
    write_text(path, " \n");
    assert_int_equal(token_get(source, TOKEN_NEW, &token, &err), RC_CONNECT);
    assert_contains(err.text, "has no token in it");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(token_get(source, TOKEN_NEW, &token, &err), RC_USAGE);
    assert_contains(err.text, "cannot read the workload's token file");
    assert_int_equal(script.asked, 2);
}

static void test_authority__an_echo_of_an_assertion_is_not_shown(void **state)
{
    AUTO(secret_done) Secret token = {0};
    const char *path = path_of("echoed");
    TokenOptions options = principal;
    Err err = {0};

    (void)state;
    options.kind = TOKEN_WORKLOAD_IDENTITY;
    options.client_secret = NULL;
    VARIABLES("AZURE_FEDERATED_TOKEN_FILE", path);
    write_text(path, "opaque.assert1on\n");
    SCRIPT(SAYS(401, "{\"error\":\"x\",\"error_description\":\"bad opaque.assert1on\"}"));
    assert_int_equal(get_once(&options, &token, &err), RC_CONNECT);
    assert_contains(err.text, "gave no token: 401");
    assert_lacks(err.text, "assert1on");
    assert_int_equal(unlink(path), 0);
}

/* ---- certificates ---------------------------------------------------------------------------- */

static EVP_PKEY *key;
static X509 *certificate;

static X509 *certificate_for(EVP_PKEY *owner)
{
    X509 *made = X509_new();

    (void)ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(made), 0);
    (void)X509_gmtime_adj(X509_getm_notAfter(made), 86400);
    (void)X509_set_pubkey(made, owner);
    (void)X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                                     (const unsigned char *)"ssisminer", -1, -1, 0);
    (void)X509_set_issuer_name(made, X509_get_subject_name(made));
    assert_true(X509_sign(made, owner, EVP_sha256()) > 0);
    return made;
}

typedef struct Parts {
    EVP_PKEY *key;
    X509 *certificate;
    const char *password;
} Parts;

static const char *write_pem(const char *name, Parts parts)
{
    const char *path = path_of(name);
    FILE *file = fopen(path, "w");
    const char *password = parts.password;

    assert_non_null(file);
    if (parts.certificate)
        assert_int_equal(PEM_write_X509(file, parts.certificate), 1);
    if (parts.key)
        assert_int_equal(
            PEM_write_PKCS8PrivateKey(file, parts.key, password ? EVP_aes_256_cbc() : NULL,
                                      password, password ? (int)strlen(password) : 0, NULL, NULL),
            1);
    assert_int_equal(fclose(file), 0);
    return path;
}

static const char *write_pfx(const char *name, const char *password)
{
    const char *path = path_of(name);
    FILE *file = fopen(path, "w");

    PKCS12 *pfx = PKCS12_create(password, "x", key, certificate, NULL, 0, 0, 0, 0, 0);
    assert_non_null(pfx);
    assert_int_equal(i2d_PKCS12_fp(file, pfx), 1);
    PKCS12_free(pfx);
    assert_int_equal(fclose(file), 0);
    return path;
}

static const TokenClaims claims = {.audience = "https://login.example/t/oauth2/v2.0/token",
                                   .client_id = "aaaa-1",
                                   .now_unix_s = 1767225600};

static size_t decode(const char *text, size_t len, unsigned char *out)
{
    char plain[8192];
    size_t pad = (4 - len % 4) % 4;

    for (size_t i = 0; i < len; i++)
        plain[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
    (void)memset(plain + len, '=', pad);
    int got = EVP_DecodeBlock(out, (const unsigned char *)plain, (int)(len + pad));
    assert_true(got > 0);
    out[(size_t)got - pad] = '\0';
    return (size_t)got - pad;
}

static void assert_signed(const char *assertion)
{
    unsigned char bytes[8192];
    const char *first = strchr(assertion, '.'), *last = strrchr(assertion, '.');
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options;

    (void)decode(assertion, (size_t)(first - assertion), bytes);
    assert_contains((char *)bytes, "{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"");
    (void)decode(first + 1, (size_t)(last - first - 1), bytes);
    assert_contains((char *)bytes, "\"aud\":\"https://login.example/t/oauth2/v2.0/token\"");
    assert_contains((char *)bytes, "\"iss\":\"aaaa-1\",\"sub\":\"aaaa-1\",\"jti\":\"");
    assert_contains((char *)bytes, "\"nbf\":1767225600,\"iat\":1767225600,\"exp\":1767226200}");
    size_t len = decode(last + 1, strlen(last + 1), bytes);
    assert_int_equal(EVP_DigestVerifyInit(context, &options, EVP_sha256(), NULL, key), 1);
    (void)EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
    (void)EVP_PKEY_CTX_set_rsa_pss_saltlen(options, 32);
    assert_int_equal(EVP_DigestVerify(context, bytes, len, (const unsigned char *)assertion,
                                      (size_t)(last - assertion)),
                     1);
    EVP_MD_CTX_free(context);
}

static void test_authority__a_certificate_signs(void **state)
{
    struct {
        const char *path, *password;
    } cases[] = {
        {write_pem("plain.pem", (Parts){key, certificate, NULL}), NULL},
        {write_pem("plain2.pem", (Parts){key, certificate, NULL}), "not needed"},
        {write_pem("locked.pem", (Parts){key, certificate, "pass word"}), "pass word"},
        {write_pfx("locked.pfx", "pass word"), "pass word"},
        {write_pfx("empty.pfx", ""), NULL},
        {write_pfx("empty.pfx", ""), ""},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(secret_done) Secret assertion = {0};
        Err err = {0};
        if (token_sign(cases[i].path, cases[i].password, &claims, &assertion, &err) != RC_OK)
            fail_msg("%s: %s", cases[i].path, err.text);
        assert_signed(assertion.text);
    }
}

static void test_authority__a_file_that_is_none_is_told(void **state)
{
    EVP_PKEY *other = EVP_RSA_gen(2048), *curve = EVP_EC_gen("P-256");
    X509 *of_curve = certificate_for(curve);
    struct {
        const char *path, *password, *text;
    } cases[] = {
        {path_of("missing.pem"), NULL, "cannot read the client certificate"},
        {write_pem("nokey.pem", (Parts){NULL, certificate, NULL}), NULL, "no private key"},
        {write_pem("nocert.pem", (Parts){key, NULL, NULL}), NULL, "there is no certificate"},
        {write_pem("locked.pem", (Parts){key, certificate, "right"}), NULL, "no private key"},
        {write_pem("locked.pem", (Parts){key, certificate, "right"}), "wr0ng", "no private key"},
        {write_pem("other.pem", (Parts){other, certificate, NULL}), NULL, "do not belong together"},
        {write_pem("curve.pem", (Parts){curve, of_curve, NULL}), NULL, "no RSA key"},
        {write_pfx("locked.pfx", "right"), "wr0ng", "neither PEM nor a PFX file"},
        {write_pfx("locked.pfx", "right"), NULL, "neither PEM nor a PFX file"},
        {"/dev/null", NULL, "neither PEM nor a PFX file"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(secret_done) Secret assertion = {0};
        Err err = {0};
        assert_int_equal(token_sign(cases[i].path, cases[i].password, &claims, &assertion, &err),
                         RC_USAGE);
        assert_contains(err.text, cases[i].text);
        assert_lacks(err.text, "wr0ng");
        assert_lacks(err.hint, "wr0ng");
    }
    EVP_PKEY_free(other);
    EVP_PKEY_free(curve);
    X509_free(of_curve);
}

static void test_authority__the_assertion_is_for_the_address_it_is_sent_to(void **state)
{
    AUTO(secret_done) Secret token = {0};
    unsigned char bytes[8192];
    TokenOptions options = principal;
    Err err = {0};

    (void)state;
    set_variables(NULL);
    options.client_secret = NULL;
    options.certificate = write_pem("plain.pem", (Parts){key, certificate, NULL});
    SCRIPT(SAYS(200, TOKEN_200));
    assert_int_equal(get_once(&options, &token, &err), RC_OK);
    const char *assertion = strstr(script.forms[0], "&client_assertion=");
    assert_non_null(assertion);
    const char *middle = strchr(assertion, '.') + 1;
    (void)decode(middle, strcspn(middle, "."), bytes);
    assert_contains(
        (char *)bytes,
        "\"aud\":\"https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token\"");
    assert_lacks(script.forms[0], "client_secret");
}

static int make(void **state)
{
    Err err = {0};

    (void)state;
    key = EVP_RSA_gen(2048);
    certificate = certificate_for(key);
    return file_temp_dir("authority", &arena, &folder, &err) == RC_OK ? 0 : -1;
}

static int unmake(void **state)
{
    (void)state;
    EVP_PKEY_free(key);
    X509_free(certificate);
    file_remove_tree(folder);
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_authority__a_secret_is_posted),
        cmocka_unit_test(test_authority__clouds_go_by_the_servers_name),
        cmocka_unit_test(test_authority__what_is_missing_or_wrong_is_said_before_the_network),
        cmocka_unit_test(test_authority__a_refusal_is_told_with_what_to_do),
        cmocka_unit_test(test_authority__an_echo_of_the_secret_is_not_shown),
        cmocka_unit_test(test_authority__an_echo_of_an_assertion_is_not_shown),
        cmocka_unit_test(test_authority__what_passes_is_asked_again),
        cmocka_unit_test(test_authority__a_workloads_file_is_read_anew_each_time),
        cmocka_unit_test(test_authority__a_certificate_signs),
        cmocka_unit_test(test_authority__a_file_that_is_none_is_told),
        cmocka_unit_test(test_authority__the_assertion_is_for_the_address_it_is_sent_to),
    };

    return cmocka_run_group_tests(tests, make, unmake);
}
