/* Who logs in, and by what: a SQL login, a ticket, a token, a keyword of Microsoft's driver. */
#include "authentication.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/str.h"

#include <stdlib.h>
#include <string.h>

typedef enum UserMeans {
    USER_IS_LOGIN,
    USER_IS_IDENTITY, // client id, or client id@tenant, as for sqlcmd
    USER_IS_NOBODY    // who it is, the token says
} UserMeans;

typedef struct Kind {
    const char *word;    // as in options.def
    const char *keyword; // of Microsoft's driver; NULL: it has none for it
    const char *instead; // of one that is not done here; NULL: a token is fetched
    TokenKind token;
    UserMeans user;
} Kind;

#define AS_PERSON ", then --authentication=ActiveDirectoryAzCli"
#define AS_JOB                                                                                     \
    "; for a job: ActiveDirectoryManagedIdentity, ActiveDirectoryWorkloadIdentity or "             \
    "ActiveDirectoryServicePrincipal"

static const Kind kinds[] = {
    [CHOICE_AUTHENTICATION_SQL_PASSWORD] = {"SqlPassword", "SqlPassword", NULL, TOKEN_AUTO,
                                            USER_IS_LOGIN},
    [CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_DEFAULT] = {"ActiveDirectoryDefault", NULL, NULL,
                                                        TOKEN_AUTO, USER_IS_NOBODY},
    [CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_MANAGED_IDENTITY] = {"ActiveDirectoryManagedIdentity",
                                                                 "ActiveDirectoryMsi", NULL,
                                                                 TOKEN_MANAGED_IDENTITY,
                                                                 USER_IS_IDENTITY},
    [CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_MSI] = {"ActiveDirectoryMSI", "ActiveDirectoryMsi",
                                                    NULL, TOKEN_MANAGED_IDENTITY, USER_IS_IDENTITY},
    [CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_WORKLOAD_IDENTITY] = {"ActiveDirectoryWorkloadIdentity",
                                                                  NULL, NULL,
                                                                  TOKEN_WORKLOAD_IDENTITY,
                                                                  USER_IS_IDENTITY},
    [CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_SERVICE_PRINCIPAL] = {"ActiveDirectoryServicePrincipal",
                                                                  "ActiveDirectoryServicePrincipal",
                                                                  NULL, TOKEN_SERVICE_PRINCIPAL,
                                                                  USER_IS_IDENTITY},
    [CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_APPLICATION] = {"ActiveDirectoryApplication",
                                                            "ActiveDirectoryServicePrincipal", NULL,
                                                            TOKEN_SERVICE_PRINCIPAL,
                                                            USER_IS_IDENTITY},
    [CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_SERVICE_PRINCIPAL_ACCESS_TOKEN] =
        {"ActiveDirectoryServicePrincipalAccessToken", NULL, NULL, TOKEN_GIVEN, USER_IS_NOBODY},
    [CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_ENVIRONMENT] = {"ActiveDirectoryEnvironment", NULL,
                                                            NULL, TOKEN_SERVICE_PRINCIPAL,
                                                            USER_IS_NOBODY},
    [CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_AZ_CLI] = {"ActiveDirectoryAzCli", NULL, NULL,
                                                       TOKEN_AZURE_CLI, USER_IS_NOBODY},
    [CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_PASSWORD] =
        {"ActiveDirectoryPassword", "ActiveDirectoryPassword",
         "Entra has no token for a password alone where it wants a second factor: az "
         "login" AS_PERSON AS_JOB,
         TOKEN_AUTO, USER_IS_LOGIN},
    [CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_INTEGRATED] =
        {"ActiveDirectoryIntegrated", "ActiveDirectoryIntegrated",
         "Kerberos to a SQL Server of one's own is -E; to Azure as a person: az login" AS_PERSON
             AS_JOB,
         TOKEN_AUTO, USER_IS_NOBODY},
    [CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_INTERACTIVE] =
        {"ActiveDirectoryInteractive", "ActiveDirectoryInteractive",
         "the browser is az's: az login" AS_PERSON AS_JOB, TOKEN_AUTO, USER_IS_LOGIN},
    [CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_DEVICE_CODE] =
        {"ActiveDirectoryDeviceCode", NULL,
         "the code is az's: az login --use-device-code" AS_PERSON AS_JOB, TOKEN_AUTO,
         USER_IS_LOGIN},
    [CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_AZURE_DEVELOPER_CLI] =
        {"ActiveDirectoryAzureDeveloperCli", NULL,
         "--token-command 'azd auth token --output json --scope "
         "https://database.windows.net/.default', or az login" AS_PERSON,
         TOKEN_AUTO, USER_IS_NOBODY},
    [CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_AZURE_PIPELINES] =
        {"ActiveDirectoryAzurePipelines", NULL,
         "run it in a task AzureCLI@2 of the service connection, which logs az in" AS_PERSON,
         TOKEN_AUTO, USER_IS_LOGIN},
    [CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_CLIENT_ASSERTION] =
        {"ActiveDirectoryClientAssertion", NULL,
         "an assertion in a file is ActiveDirectoryWorkloadIdentity (AZURE_FEDERATED_TOKEN_FILE), "
         "one of a certificate ActiveDirectoryServicePrincipal --client-certificate",
         TOKEN_AUTO, USER_IS_LOGIN},
    [CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_ON_BEHALF_OF] =
        {"ActiveDirectoryOnBehalfOf", NULL,
         "whoever has that person's token exchanges it, and gives the new one by --token-file or "
         "--token-command",
         TOKEN_AUTO, USER_IS_LOGIN},
};

/* Of a kind that is not done here. */
static const char *needs_of(const Kind *kind)
{
    static const struct {
        AuthenticationChoice choice;
        const char *needs;
    } others[] = {
        {CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_AZURE_DEVELOPER_CLI, "azd"},
        {CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_AZURE_PIPELINES,
         "a service connection of Azure Pipelines"},
        {CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_CLIENT_ASSERTION,
         "a program that makes its assertions"},
        {CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_ON_BEHALF_OF,
         "a person's token to stand in for him"},
    };

    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (kind == &kinds[others[i].choice])
            return others[i].needs;
    return "a person, a browser or his password";
}

static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

/* What ends in a line's end was written into its store by echo: no secret does. */
static const char *secret_variable(const char *name, Arena *arena)
{
    const char *value = variable(name);
    size_t len = value ? strlen(value) : 0;

    while (len > 0 && (value[len - 1] == '\n' || value[len - 1] == '\r'))
        len--;
    return len > 0 ? arena_copy(arena, value, len) : NULL;
}

/* ---- which kind ------------------------------------------------------------------------------ */

static const OptId token_places[] = {OPT_TOKEN_FILE, OPT_TOKEN_COMMAND};

static bool has_token_place(const Conf *conf)
{
    for (size_t i = 0; i < ARRAY_LEN(token_places); i++)
        if (conf_text(conf, token_places[i]))
            return true;
    return variable("SSISMINER_TOKEN") != NULL;
}

static const char *place_of_token(const Conf *conf)
{
    for (size_t i = 0; i < ARRAY_LEN(token_places); i++)
        if (conf_text(conf, token_places[i]))
            return conf_origin(conf, token_places[i]);
    return "environment SSISMINER_TOKEN";
}

/* -G alone: of each sqlcmd what it does. */
static Rc choose_alone(Conf *conf, const TdsTarget *target, AuthenticationChoice *ret_choice,
                       Err *err)
{
    const char *password;
    bool is_ours = tds_uses_freetds(target);

    if (!target->user) {
        *ret_choice = is_ours ? CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_DEFAULT
                              : CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_INTEGRATED;
        return RC_OK;
    }
    TRY(conf_password_given(conf, &password, err));
    *ret_choice = is_ours && !password ? CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_INTERACTIVE
                                       : CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_PASSWORD;
    return RC_OK;
}

static Rc choose_kind(Conf *conf, const TdsTarget *target, const Kind **ret_kind, Err *err)
{
    AuthenticationChoice choice = conf_choice_authentication(conf);

    *ret_kind = NULL;
    if (choice == CHOICE_AUTHENTICATION_AUTO)
        TRY(choose_alone(conf, target, &choice, err));
    if (choice == CHOICE_AUTHENTICATION_UNSET && !has_token_place(conf))
        return RC_OK;
    *ret_kind = &kinds[choice == CHOICE_AUTHENTICATION_UNSET
                           ? CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_SERVICE_PRINCIPAL_ACCESS_TOKEN
                           : choice];
    return RC_OK;
}

static bool is_entra(const Kind *kind)
{
    return kind != &kinds[CHOICE_AUTHENTICATION_SQL_PASSWORD];
}

/* ---- contradictions -------------------------------------------------------------------------- */

/* Whoever has the token is us, until it expires: it goes to a server that proved its name only. */
static Rc refuse_weak_transport(const TdsTarget *target, Err *err)
{
    if (target->encrypt == TDS_ENCRYPT_OFF) {
        (void)FAIL(err, RC_USAGE, "no token is sent over a connection that is not encrypted");
        return err_hint(err, "leave out --encrypt off");
    }
    if (target->trust_certificate) {
        (void)FAIL(err, RC_USAGE, "no token is sent to a server whose certificate is not verified");
        return err_hint(err, "leave out --trust-server-certificate; --ca-file names the CA of a "
                             "server of your own");
    }
    return RC_OK;
}

static Rc refuse_other_places(const Conf *conf, const Kind *kind, Err *err)
{
    if (kind->token == TOKEN_GIVEN)
        return RC_OK;
    for (size_t i = 0; i < ARRAY_LEN(token_places); i++)
        if (conf_text(conf, token_places[i]))
            return FAIL(err, RC_USAGE, "--%s and --authentication=%s exclude each other",
                        opt_spec(token_places[i])->flag, kind->word);
    return RC_OK;
}

static Rc refuse_user(const Conf *conf, const Kind *kind, Err *err)
{
    if (kind->user != USER_IS_NOBODY || !conf_text(conf, OPT_USER))
        return RC_OK;
    if (conf_choice_authentication(conf) == CHOICE_AUTHENTICATION_UNSET) {
        (void)FAIL(err, RC_USAGE, "a token (%s) and the user name '%s' (%s) exclude each other",
                   place_of_token(conf), conf_text(conf, OPT_USER), conf_origin(conf, OPT_USER));
        return err_hint(err, "leave one of them out: who logs in, the token says");
    }
    (void)FAIL(err, RC_USAGE, "--authentication=%s takes no user name, but '%s' was given (%s)",
               kind->word, conf_text(conf, OPT_USER), conf_origin(conf, OPT_USER));
    return err_hint(err, "leave it out: who logs in, the token says");
}

enum { // ways to log in, as bits
    BY_PASSWORD = 1 << 0,
    BY_AUTO = 1 << 1,
    BY_MACHINE = 1 << 2,
    BY_WORKLOAD = 1 << 3,
    BY_PRINCIPAL = 1 << 4,
    BY_AZ = 1 << 5,
    BY_GIVEN = 1 << 6
};

static unsigned way_of(const Kind *kind)
{
    static const unsigned ways[] = {[TOKEN_AUTO] = BY_AUTO,
                                    [TOKEN_MANAGED_IDENTITY] = BY_MACHINE,
                                    [TOKEN_WORKLOAD_IDENTITY] = BY_WORKLOAD,
                                    [TOKEN_SERVICE_PRINCIPAL] = BY_PRINCIPAL,
                                    [TOKEN_AZURE_CLI] = BY_AZ,
                                    [TOKEN_GIVEN] = BY_GIVEN};

    return !kind || !is_entra(kind) ? BY_PASSWORD : ways[kind->token];
}

/* Which ways have a use for it. On the command line alone: a file may serve several servers. */
static const struct {
    OptId id;
    unsigned ways;
} uses[] = {
    {OPT_PASSWORD, BY_PASSWORD | BY_AUTO | BY_PRINCIPAL | BY_GIVEN},
    {OPT_PASSWORD_FILE, BY_PASSWORD | BY_AUTO | BY_PRINCIPAL | BY_GIVEN},
    {OPT_CLIENT_ID, BY_AUTO | BY_MACHINE | BY_WORKLOAD | BY_PRINCIPAL},
    {OPT_TENANT, BY_AUTO | BY_WORKLOAD | BY_PRINCIPAL | BY_AZ},
    {OPT_CLIENT_CERTIFICATE, BY_AUTO | BY_PRINCIPAL},
    {OPT_AUTHORITY, BY_AUTO | BY_WORKLOAD | BY_PRINCIPAL},
    {OPT_CLOUD, ~(unsigned)BY_PASSWORD},
    {OPT_AUDIENCE, ~(unsigned)BY_PASSWORD},
};

static Rc refuse_useless(const Conf *conf, const Kind *kind, Err *err)
{
    unsigned way = way_of(kind);

    for (size_t i = 0; i < ARRAY_LEN(uses); i++) {
        const char *flag = opt_spec(uses[i].id)->flag;
        if (!conf_is_given(conf, uses[i].id) || (uses[i].ways & way))
            continue;
        if (way == BY_PASSWORD)
            return FAIL(err, RC_USAGE, "--%s means nothing to a login without --authentication",
                        flag);
        return FAIL(err, RC_USAGE, "--%s means nothing to --authentication=%s", flag, kind->word);
    }
    return RC_OK;
}

static Rc refuse_contradiction(const Conf *conf, const Kind *kind, const TdsTarget *target,
                               Err *err)
{
    if (target->integrated) // not on the command line, where connect.c says it
        return FAIL(err, RC_USAGE, "--integrated (%s) and a token exclude each other",
                    conf_origin(conf, OPT_INTEGRATED));
    TRY(refuse_other_places(conf, kind, err));
    TRY(refuse_user(conf, kind, err));
    return is_entra(kind) ? refuse_weak_transport(target, err) : RC_OK;
}

/* ---- what the kind needs --------------------------------------------------------------------- */

/* A login's name that a variable or the file has from other days. */
static bool is_no_identity(const Conf *conf, const char *user)
{
    static const char digits[] = "0123456789abcdefABCDEF-";

    return !conf_is_given(conf, OPT_USER) && user[0] != '/' && !str_starts(user, "object:") &&
           strspn(user, digits) != strcspn(user, "@");
}

/* -U may name the identity, as for sqlcmd; of two names none is dropped in silence. */
static Rc take_identity(const Conf *conf, Arena *arena, const Kind *kind, TokenOptions *token,
                        Err *err)
{
    const char *user = conf_text(conf, OPT_USER);
    bool is_stronger = conf_is_given(conf, OPT_USER) && !conf_is_given(conf, OPT_CLIENT_ID);

    if (kind->user != USER_IS_IDENTITY || !user || conf_is_given(conf, OPT_CLIENT_ID))
        return RC_OK;
    if (token->client_id && !is_stronger && !str_same_fold(user, token->client_id)) {
        (void)FAIL(err, RC_USAGE, "two names for one identity: '%s' (%s) and '%s' (%s)", user,
                   conf_origin(conf, OPT_USER), token->client_id, conf_origin(conf, OPT_CLIENT_ID));
        return err_hint(err, "leave one of them out, or say which with --client-id");
    }
    if (is_no_identity(conf, user)) {
        (void)FAIL(err, RC_USAGE, "the user name '%s' (%s) is no identity's client id", user,
                   conf_origin(conf, OPT_USER));
        return err_hint(err, "leave it out, or say with --client-id which identity is meant");
    }
    const char *at = kind->token == TOKEN_MANAGED_IDENTITY ? NULL : strchr(user, '@');
    token->client_id = at ? arena_copy(arena, user, (size_t)(at - user)) : user;
    if (at && !conf_is_given(conf, OPT_TENANT))
        token->tenant = at + 1;
    return RC_OK;
}

static bool password_is_typed(const Conf *conf)
{
    return conf_is_given(conf, OPT_PASSWORD) || conf_is_given(conf, OPT_PASSWORD_FILE);
}

/* The variables of Azure's libraries are nearer to the matter than SQLCMDPASSWORD, which may be
 * another login's; what was typed is stronger than both. */
static Rc take_proof(Conf *conf, Arena *arena, TokenOptions *token, bool may_ask, Err *err)
{
    const char **to = token->certificate ? &token->certificate_password : &token->client_secret;

    if (!password_is_typed(conf))
        *to = secret_variable(token->certificate ? "AZURE_CLIENT_CERTIFICATE_PASSWORD"
                                                 : "AZURE_CLIENT_SECRET",
                              arena);
    if (*to || !may_ask)
        return RC_OK;
    TRY(conf_password_given(conf, to, err));
    if (*to || token->certificate || conf_password(conf, to, err) == RC_OK)
        return RC_OK;
    if (err->rc != RC_USAGE)
        return err->rc;
    *err = (Err){0};
    (void)FAIL(err, RC_USAGE, "no client secret, and no terminal to ask for one");
    return err_hint(err, "set AZURE_CLIENT_SECRET, use --password-file or systemd's LoadCredential "
                         "(ssisminer-password), or name a certificate with --client-certificate");
}

/* ---- a token that somebody else got ---------------------------------------------------------- */

/* What a pipe gave, for all who read the same one: it gives nothing a second time. In memory that
 * the processes of a fleet have as well. */
static struct {
    char *path, *text;
} once;

static Rc read_once(const char *path, Err *err)
{
    AUTO(secret_done) Secret text = {0};
    bool is_once = false;

    if (once.path && str_same(once.path, path))
        return RC_OK;
    TRY(token_read_once(path, &text, &is_once, err));
    if (!is_once)
        return RC_OK;
    free(once.path);
    free(once.text);
    once.path = mem_text(path);
    once.text = mem_text(text.text);
    return RC_OK;
}

static const char *token_file(const Conf *conf)
{
    const char *file = conf_text(conf, OPT_TOKEN_FILE);

    return str_same(file, "-") ? "/dev/stdin" : file;
}

Rc authentication_keep(const Conf *conf, Err *err)
{
    const char *file = token_file(conf);

    return file && conf_beside_environment(conf, OPT_TOKEN_FILE) >= 0 ? read_once(file, err)
                                                                      : RC_OK;
}

static Rc take_pipe(TokenOptions *token, Err *err)
{
    if (!token->file)
        return RC_OK;
    TRY(read_once(token->file, err));
    if (!once.path || !str_same(once.path, token->file))
        return RC_OK;
    token->text = once.text;
    token->text_is_of_pipe = true;
    token->file = NULL;
    return RC_OK;
}

/* Of several places the nearest, in the order of all settings. */
static Rc choose_place(const Conf *conf, TokenOptions *token, Err *err)
{
    const char *file = token_file(conf);
    const char *command = conf_text(conf, OPT_TOKEN_COMMAND);
    OptId id = conf_is_stronger(conf, OPT_TOKEN_COMMAND, OPT_TOKEN_FILE) ? OPT_TOKEN_COMMAND
                                                                         : OPT_TOKEN_FILE;

    if (file && command && !conf_is_stronger(conf, OPT_TOKEN_FILE, OPT_TOKEN_COMMAND) &&
        id == OPT_TOKEN_FILE)
        return FAIL(err, RC_USAGE, "--token-file (%s) and --token-command (%s) exclude each other",
                    conf_origin(conf, OPT_TOKEN_FILE), conf_origin(conf, OPT_TOKEN_COMMAND));
    const char *text = variable("SSISMINER_TOKEN");
    bool has_option = file || command;
    int beside = has_option ? conf_beside_environment(conf, id) : -1;
    if (text && beside == 0)
        return FAIL(err, RC_USAGE, "SSISMINER_TOKEN and --%s (%s) exclude each other: unset one",
                    opt_spec(id)->flag, conf_origin(conf, id));
    token->text = beside > 0 ? NULL : text;
    token->file = !token->text && id == OPT_TOKEN_FILE ? file : NULL;
    token->command = !token->text && id == OPT_TOKEN_COMMAND ? command : NULL;
    return RC_OK;
}

/* In sqlcmd's way the token is the password. */
static Rc take_given(Conf *conf, TokenOptions *token, Err *err)
{
    TRY(choose_place(conf, token, err));
    if (token->file || token->command || token->text)
        return take_pipe(token, err);
    token->file = conf_credential(conf, "ssisminer-token");
    if (!token->file)
        TRY(conf_password_given(conf, &token->text, err));
    if (token->file || token->text)
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "no token given");
    return err_hint(err, "name it by --token-file, --token-command, SSISMINER_TOKEN, or systemd's "
                         "LoadCredential (ssisminer-token)");
}

static Rc take_secrets(Conf *conf, Arena *arena, const Kind *kind, TokenOptions *token, Err *err)
{
    bool is_principal = kind->token == TOKEN_SERVICE_PRINCIPAL;

    if (kind->token == TOKEN_GIVEN)
        return take_given(conf, token, err);
    if (is_principal && kind->user == USER_IS_IDENTITY && token->client_id && token->tenant)
        return take_proof(conf, arena, token, true,
                          err); // else what is missing is said, not asked for
    if (is_principal || kind->token == TOKEN_AUTO)
        return take_proof(conf, arena, token, false, err);
    return RC_OK;
}

static TokenCloud cloud_of(const Conf *conf)
{
    switch (conf_choice_cloud(conf)) {
    case CHOICE_CLOUD_UNSET:
        break;
    case CHOICE_CLOUD_PUBLIC:
        return TOKEN_CLOUD_PUBLIC;
    case CHOICE_CLOUD_USGOV:
        return TOKEN_CLOUD_USGOV;
    case CHOICE_CLOUD_CHINA:
        return TOKEN_CLOUD_CHINA;
    }
    return TOKEN_CLOUD_BY_SERVER;
}

/* AZURE_TENANT_ID is about the application: az has its own. */
static const char *az_tenant_of(const Conf *conf)
{
    const char *tenant = conf_text(conf, OPT_TENANT);

    return tenant && !str_starts(conf_origin(conf, OPT_TENANT), "environment") ? tenant : NULL;
}

static TokenOptions options_of(const Conf *conf)
{
    return (TokenOptions){.cloud = cloud_of(conf),
                          .authority = conf_text(conf, OPT_AUTHORITY),
                          .audience = conf_text(conf, OPT_AUDIENCE),
                          .tenant = conf_text(conf, OPT_TENANT),
                          .az_tenant = az_tenant_of(conf),
                          .client_id = conf_text(conf, OPT_CLIENT_ID),
                          .certificate = conf_text(conf, OPT_CLIENT_CERTIFICATE)};
}

/* ---- three ways to log in -------------------------------------------------------------------- */

static Rc use_token(Conf *conf, Arena *arena, const Kind *kind, TdsTarget *target,
                    Authentication *chosen, Err *err)
{
    if (kind->instead) {
        (void)FAIL(err, RC_USAGE, "--authentication=%s needs %s", kind->word, needs_of(kind));
        return err_hint(err, "%s", kind->instead);
    }
    chosen->token.kind = kind->token;
    TRY(tds_host(target->server, arena, &chosen->token.server, err));
    TRY(take_identity(conf, arena, kind, &chosen->token, err));
    TRY(take_secrets(conf, arena, kind, &chosen->token, err));
    chosen->has_token = true;
    target->user = NULL;
    return RC_OK;
}

static Rc refuse_keyword(const Kind *kind, Err *err)
{
    (void)FAIL(err, RC_USAGE, "Microsoft's ODBC driver has no --authentication=%s", kind->word);
    return err_hint(err, "leave out --driver and --dsn: ssisminer then gets the token itself");
}

/* Microsoft's driver gets its own token. */
static Rc use_keyword(Conf *conf, Arena *arena, const Kind *kind, TdsTarget *target,
                      const TokenOptions *token, Err *err)
{
    TokenOptions own = *token;

    if (!kind->keyword || (kind->token == TOKEN_SERVICE_PRINCIPAL && own.certificate))
        return refuse_keyword(kind, err);
    target->authentication = kind->keyword;
    TRY(take_identity(conf, arena, kind, &own, err));
    if (kind->user == USER_IS_IDENTITY)
        target->user = own.client_id;
    TRY(take_secrets(conf, arena, kind, &own, err));
    target->password = own.client_secret;
    bool has_password = kind->user == USER_IS_LOGIN && target->user &&
                        kind != &kinds[CHOICE_AUTHENTICATION_ACTIVE_DIRECTORY_INTERACTIVE];
    return has_password ? conf_password(conf, &target->password, err) : RC_OK;
}

/* As without -G. */
static Rc use_password(Conf *conf, TdsTarget *target, Err *err)
{
    target->authentication = NULL;
    if (target->integrated || !target->user)
        return RC_OK;
    return conf_password(conf, &target->password, err);
}

Rc authentication_choose(Conf *conf, Arena *arena, TdsTarget *target, Authentication *ret_chosen,
                         Err *err)
{
    Authentication chosen = {.token = options_of(conf)};
    const Kind *kind;

    TRY(choose_kind(conf, target, &kind, err));
    TRY(refuse_useless(conf, kind, err));
    if (kind)
        TRY(refuse_contradiction(conf, kind, target, err));
    if (!kind || !is_entra(kind))
        TRY(use_password(conf, target, err));
    else if (tds_uses_freetds(target))
        TRY(use_token(conf, arena, kind, target, &chosen, err));
    else
        TRY(use_keyword(conf, arena, kind, target, &chosen.token, err));
    *ret_chosen = chosen;
    return RC_OK;
}
