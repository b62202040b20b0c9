/* The place a token comes from, which keeps one and renews it in time. */
#include "internal.h"

#include "ssisminer/base/log.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/stop.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- the world ------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t now_unix_s(void)
{
    return (int64_t)time(NULL);
}

const TokenOutside token_outside = {.send = http_send,
                                    .run = token_run,
                                    .sleep_ms = stop_sleep_ms,
                                    .now_ms = now_ms,
                                    .now_unix_s = now_unix_s};

/* ---- clouds ---------------------------------------------------------------------------------- */

/* Microsoft's own lists; docs/facts.md#clouds. */
static const struct {
    const char *suffix, *audience, *authority;
} clouds[] = {
    [TOKEN_CLOUD_PUBLIC] = {".database.windows.net", "https://database.windows.net/",
                            "https://login.microsoftonline.com"},
    [TOKEN_CLOUD_USGOV] = {".database.usgovcloudapi.net", "https://database.usgovcloudapi.net/",
                           "https://login.microsoftonline.us"},
    [TOKEN_CLOUD_CHINA] = {".database.chinacloudapi.cn", "https://database.chinacloudapi.cn/",
                           "https://login.partner.microsoftonline.cn"},
};

static TokenCloud cloud_of(const TokenOptions *options)
{
    Str host = str_of(options->server);

    if (options->cloud != TOKEN_CLOUD_BY_SERVER)
        return options->cloud;
    if (host.len > 0 && host.at[host.len - 1] == '.')
        host.len--;
    for (size_t i = TOKEN_CLOUD_PUBLIC; i < ARRAY_LEN(clouds); i++) {
        Str suffix = str_of(clouds[i].suffix);
        if (host.len > suffix.len &&
            str_equal_fold((Str){host.at + host.len - suffix.len, suffix.len}, suffix))
            return (TokenCloud)i;
    }
    return TOKEN_CLOUD_PUBLIC;
}

/* ---- options --------------------------------------------------------------------------------- */

static bool is_tenant(const char *text)
{
    for (const char *at = text; *at; at++)
        if (!((*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') ||
              (*at >= 'A' && *at <= 'Z') || *at == '.' || *at == '-'))
            return false;
    return *text != '\0';
}

/* Client and object ids are GUIDs: a login's name in their place is found at once. */
static bool is_id(const char *text)
{
    return *text != '\0' && text[strspn(text, "0123456789abcdefABCDEF-")] == '\0';
}

static Rc check_tenant(const TokenOptions *options, Err *err)
{
    if (!options->tenant) {
        (void)FAIL(err, RC_USAGE, "no tenant given");
        return err_hint(err, "give its id or domain with --tenant or AZURE_TENANT_ID");
    }
    if (!is_tenant(options->tenant))
        return FAIL(err, RC_USAGE, "'%s' is no tenant: give its id or its domain", options->tenant);
    return RC_OK;
}

static Rc check_application(const TokenOptions *options, Err *err)
{
    if (!options->client_id) {
        (void)FAIL(err, RC_USAGE, "no client id given");
        return err_hint(err, "give the application's with --client-id or AZURE_CLIENT_ID");
    }
    if (!is_id(options->client_id))
        return FAIL(err, RC_USAGE, "'%s' is no application's client id", options->client_id);
    return check_tenant(options, err);
}

/* A client id, "object:<id>", or a resource id. */
static Rc check_identity(const TokenOptions *options, Err *err)
{
    const char *id = options->client_id;

    if (!id || is_id(id) || str_starts(id, "/subscriptions/") ||
        (str_starts(id, "object:") && is_id(id + strlen("object:"))))
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "'%s' names no managed identity", id);
    return err_hint(err, "give its client id, object:<its object id>, or its resource id "
                         "(/subscriptions/...)");
}

static Rc check_principal(const TokenSource *source, Err *err)
{
    TRY(check_application(&source->options, err));
    if (source->client_secret.text || source->options.certificate)
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "the service principal has neither secret nor certificate");
    return err_hint(err, "give the secret as a password (--password-file, SQLCMDPASSWORD, "
                         "AZURE_CLIENT_SECRET), or --client-certificate");
}

static Rc check_workload(const TokenSource *source, Err *err)
{
    if (!source->variables[VAR_AZURE_FEDERATED_TOKEN_FILE]) {
        (void)FAIL(err, RC_USAGE, "AZURE_FEDERATED_TOKEN_FILE is not set: no workload identity");
        return err_hint(err, "label the pod azure.workload.identity/use: \"true\", and give it the "
                             "service account of the identity");
    }
    return check_application(&source->options, err);
}

static Rc check_given(const TokenSource *source, Err *err)
{
    const TokenOptions *options = &source->options;
    int count = (source->text.text != NULL) + (options->file != NULL) + (options->command != NULL);

    if (count == 1)
        return RC_OK;
    return FAIL(err, RC_USAGE,
                count ? "a token comes from one place: a variable, a file or a command"
                      : "no token given");
}

static Rc check_url(const char *what, const char *url, const char *example, Err *err)
{
    if (str_starts(url, "https://") && token_is_plain(str_of(url)) && !strpbrk(url, "\"\\?#@"))
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "%s '%s' is no https:// address", what, url);
    return err_hint(err, "write it as %s", example);
}

/* ---- ways to a token ------------------------------------------------------------------------- */

typedef struct Way {
    TokenKind kind;
    Rc (*check)(const TokenSource *source, Err *err); // RC_USAGE: it cannot be meant
    Rc (*fetch)(TokenSource *source, TokenAttempt *attempt, TokenAnswer *ret_answer, Err *err);
} Way;

static Rc check_platform(const TokenSource *source, Err *err)
{
    return check_identity(&source->options, err);
}

static bool is_in_path(const char *name)
{
    char path[4096];
    Str rest = str_of(getenv("PATH")), folder;

    while (str_split(&rest, ':', &folder)) {
        Buf file = BUF(sizeof(path) - 1);
        buf_printf(&file, "%.*s/%s", STR_FMT(folder), name);
        bool is_here = access(buf_text(&file), X_OK) == 0;
        buf_done(&file);
        if (is_here)
            return true;
    }
    return false;
}

static Rc check_az(const TokenSource *source, Err *err)
{
    if (source->options.az_tenant && !is_tenant(source->options.az_tenant))
        return FAIL(err, RC_USAGE, "'%s' is no tenant: give its id or its domain",
                    source->options.az_tenant);
    if (is_in_path("az"))
        return RC_OK;
    return FAIL(err, RC_USAGE, "the Azure CLI (az) is not in PATH");
}

/* In the order of `auto`. */
static const Way ways[] = {
    {TOKEN_SERVICE_PRINCIPAL, check_principal, token_from_secret},
    {TOKEN_WORKLOAD_IDENTITY, check_workload, token_from_workload},
    {TOKEN_MANAGED_IDENTITY, check_platform, token_from_platform},
    {TOKEN_AZURE_CLI, check_az, token_from_az},
    {TOKEN_GIVEN, check_given, token_from_given},
};
enum { AUTO_WAYS = 4 }; // the first ones

static const Way *way_of(TokenKind kind)
{
    for (size_t i = 0; i < ARRAY_LEN(ways); i++)
        if (ways[i].kind == kind)
            return &ways[i];
    return NULL; // TOKEN_AUTO
}

static void put_reason(Buf *reasons, const Err *why)
{
    buf_printf(reasons, "%s%s", reasons->len ? "; " : "", why->text);
}

/* The first that can be meant decides: a way that is set up and fails is not passed over. */
static Rc fetch_auto(TokenSource *source, TokenAnswer *ret_answer, Err *err)
{
    AUTO(buf_done) Buf reasons = BUF(sizeof(err->text) - 100);

    for (size_t i = 0; i < AUTO_WAYS; i++) {
        TokenAttempt attempt = {.is_probe = true};
        Err why = {0};
        Rc rc = ways[i].check(source, &why);
        bool is_set_up = rc == RC_OK;
        if (is_set_up)
            rc = ways[i].fetch(source, &attempt, ret_answer, &why);
        if (rc == RC_OK)
            return RC_OK;
        if (is_set_up && !attempt.is_absent) {
            *err = why;
            return rc;
        }
        put_reason(&reasons, &why);
    }
    (void)err_set(err, RC_CONNECT, "no token to be had here: %s", buf_text(&reasons));
    return err_hint(err, "name the way with --authentication=KIND: it then says all that it lacks");
}

static Rc fetch(TokenSource *source, TokenAnswer *ret_answer, Err *err)
{
    TokenAttempt attempt = {0};
    const Way *way = way_of(source->options.kind);

    source->deadline_ms = source->outside->now_ms() + TOKEN_LONGEST_MS;
    return way ? way->fetch(source, &attempt, ret_answer, err)
               : fetch_auto(source, ret_answer, err);
}

/* ---- the source ------------------------------------------------------------------------------ */

static void keep_secret(Secret *secret, const char **text)
{
    if (!*text)
        return;
    secret_init(secret, strlen(*text));
    secret_puts(secret, *text);
    *text = NULL; // the options are the caller's: only the copy is used
}

static void copy_options(TokenSource *source, const TokenOptions *options)
{
    TokenOptions *own = &source->options;
    const char **texts[] = {&own->server,      &own->authority, &own->audience,
                            &own->tenant,      &own->az_tenant, &own->client_id,
                            &own->certificate, &own->file,      &own->command};

    *own = *options;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        *texts[i] = arena_text(&source->arena, *texts[i]);
    keep_secret(&source->client_secret, &own->client_secret);
    keep_secret(&source->certificate_password, &own->certificate_password);
    keep_secret(&source->text, &own->text);
}

static void read_variables(TokenSource *source)
{
    static const char *const names[VAR_COUNT] = {
        [VAR_IDENTITY_ENDPOINT] = "IDENTITY_ENDPOINT",
        [VAR_IDENTITY_HEADER] = "IDENTITY_HEADER",
        [VAR_IDENTITY_SERVER_THUMBPRINT] = "IDENTITY_SERVER_THUMBPRINT",
        [VAR_IMDS_ENDPOINT] = "IMDS_ENDPOINT",
        [VAR_MSI_ENDPOINT] = "MSI_ENDPOINT",
        [VAR_MSI_SECRET] = "MSI_SECRET",
        [VAR_AZURE_FEDERATED_TOKEN_FILE] = "AZURE_FEDERATED_TOKEN_FILE",
    };

    for (size_t i = 0; i < VAR_COUNT; i++) {
        const char *value = getenv(names[i]);
        source->variables[i] = value && *value ? arena_text(&source->arena, value) : NULL;
    }
}

static Rc choose_cloud(TokenSource *source, Err *err)
{
    const TokenOptions *options = &source->options;
    TokenCloud cloud = cloud_of(options);

    source->audience = options->audience ? options->audience : clouds[cloud].audience;
    source->authority = options->authority ? options->authority : clouds[cloud].authority;
    TRY(check_url("the authority", source->authority, clouds[cloud].authority, err));
    TRY(check_url("the audience", source->audience, clouds[cloud].audience, err));
    size_t len = strlen(source->authority);
    while (source->authority[len - 1] == '/')
        len--;
    source->authority = arena_copy(&source->arena, source->authority, len);
    return RC_OK;
}

Rc token_source_new_in(const TokenOutside *outside, const TokenOptions *options,
                       TokenSource **ret_source, Err *err)
{
    AUTO(token_source_free_at) TokenSource *source = mem_alloc(sizeof(*source));
    const Way *way = way_of(options->kind);

    (void)pthread_mutex_init(&source->lock, NULL);
    source->outside = outside;
    copy_options(source, options);
    read_variables(source);
    TRY(choose_cloud(source, err));
    if (way)
        TRY(way->check(source, err));
    *ret_source = source;
    source = NULL;
    return RC_OK;
}

Rc token_source_new(const TokenOptions *options, TokenSource **ret_source, Err *err)
{
    secret_guard_process();
    return token_source_new_in(&token_outside, options, ret_source, err);
}

void token_source_free(TokenSource *source)
{
    if (!source)
        return;
    secret_done(&source->client_secret);
    secret_done(&source->certificate_password);
    secret_done(&source->text);
    secret_done(&source->token);
    (void)pthread_mutex_destroy(&source->lock);
    arena_done(&source->arena);
    free(source);
}

void token_source_free_at(TokenSource **source)
{
    token_source_free(*source);
}

/* ---- the token kept -------------------------------------------------------------------------- */

/* How long before its end a token is asked for anew: 45 minutes of a day, a quarter of less. */
static int64_t margin_ms(int64_t life_ms)
{
    enum { MOST_MS = 45 * 60 * 1000 };

    return life_ms / 4 < MOST_MS ? life_ms / 4 : MOST_MS;
}

static void keep(TokenSource *source, TokenAnswer *answer, int64_t asked_ms)
{
    int64_t life_ms = answer->life_s * 1000;

    secret_take(&source->token, &answer->token);
    source->origin = answer->origin;
    token_read_whose(secret_str(&source->token), source->whose);
    source->expires_ms = answer->life_s < 0 ? 0 : asked_ms + life_ms;
    source->refresh_ms = answer->life_s < 0 ? 0 : source->expires_ms - margin_ms(life_ms);
    if (answer->life_s >= 0 && answer->refresh_s >= 0 &&
        asked_ms + answer->refresh_s * 1000 < source->refresh_ms)
        source->refresh_ms = asked_ms + answer->refresh_s * 1000;
}

/* A service that is down when a new one is due, or a file that is just being replaced, costs
 * nothing while the old one lasts. */
static bool may_go_on(TokenSource *source, const Err *why)
{
    enum { LOGIN_MS = 5000, NEXT_TRY_MS = 60000 };
    int64_t now = source->outside->now_ms();

    if (why->rc == RC_STOPPED || !source->token.text || now + LOGIN_MS >= source->expires_ms)
        return false;
    source->refresh_ms = now + NEXT_TRY_MS;
    log_note("%s; going on with the token at hand, which lasts %lld s", why->text,
             (long long)((source->expires_ms - now) / 1000));
    return true;
}

static Rc renew(TokenSource *source, TokenWish wish, Err *err)
{
    AUTO(token_answer_done) TokenAnswer answer = {0};
    int64_t asked_ms = source->outside->now_ms();
    Err why = {0};

    if (wish == TOKEN_ANY_VALID && source->token.text && asked_ms < source->refresh_ms)
        return RC_OK;
    if (fetch(source, &answer, &why) == RC_OK) {
        keep(source, &answer, asked_ms);
        return RC_OK;
    }
    if (wish == TOKEN_ANY_VALID && may_go_on(source, &why))
        return RC_OK;
    *err = why;
    return why.rc;
}

Rc token_get(TokenSource *source, TokenWish wish, Secret *ret_token, Err *err)
{
    (void)pthread_mutex_lock(&source->lock);
    Rc rc = renew(source, wish, err);
    if (rc == RC_OK) {
        secret_init(ret_token, source->token.len);
        secret_set(ret_token, secret_str(&source->token));
    }
    (void)pthread_mutex_unlock(&source->lock);
    return rc;
}

int64_t token_lasts_s(TokenSource *source)
{
    (void)pthread_mutex_lock(&source->lock);
    int64_t left_ms =
        source->expires_ms ? source->expires_ms - source->outside->now_ms() : INT64_C(-1000);
    (void)pthread_mutex_unlock(&source->lock);
    return left_ms / 1000;
}

const char *token_origin(TokenSource *source)
{
    (void)pthread_mutex_lock(&source->lock);
    const char *origin = source->origin;
    (void)pthread_mutex_unlock(&source->lock);
    return origin;
}

void token_whose(TokenSource *source, char *ret_whose)
{
    (void)pthread_mutex_lock(&source->lock);
    (void)memcpy(ret_whose, source->whose, TOKEN_WHOSE_MAX);
    (void)pthread_mutex_unlock(&source->lock);
}
