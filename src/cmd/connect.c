/* From the user's options to an open connection, to a server or to a private sandbox. */
#include "connect.h"

#include "authentication.h"
#include "sandbox.h"

#include "filter.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/str.h"
#include "ssisminer/store/capture.h"

#include <string.h>

/* Whole seconds, at least one: the driver takes 0 for "for ever". */
static int seconds_of(const Conf *conf, OptId id)
{
    int64_t ticks = conf_ticks(conf, id);
    int64_t seconds = ticks / TICKS_PER_SECOND + (ticks % TICKS_PER_SECOND != 0);

    return seconds < 1 ? 1 : seconds > INT32_MAX ? INT32_MAX : (int)seconds;
}

static long ms_of(const Conf *conf, OptId id)
{
    int64_t ms = conf_ticks(conf, id) / TICKS_PER_MS;

    return ms > INT32_MAX ? INT32_MAX : (long)ms;
}

static TdsEncrypt encrypt_of(const Conf *conf)
{
    switch (conf_choice_encrypt(conf)) {
    case CHOICE_ENCRYPT_OFF:
        return TDS_ENCRYPT_OFF;
    case CHOICE_ENCRYPT_REQUIRE:
        break;
    case CHOICE_ENCRYPT_STRICT:
        return TDS_ENCRYPT_STRICT;
    }
    return TDS_ENCRYPT_REQUIRE;
}

/* A server that was typed is not the data source that the file names, nor the other way round. */
static const char *unless_outdone(const Conf *conf, OptId id, OptId other)
{
    const char *text = conf_text(conf, id);

    return conf_text(conf, other) && conf_is_stronger(conf, other, id) ? NULL : text;
}

static TdsTarget target_of(const Conf *conf, const char *command, Arena *arena)
{
    bool wants_ticket = conf_flag(conf, OPT_INTEGRATED);
    const char *user = conf_text(conf, OPT_USER);

    return (TdsTarget){
        .server = unless_outdone(conf, OPT_SERVER, OPT_DSN),
        .database = conf_text(conf, OPT_DATABASE),
        .user = wants_ticket && conf_is_stronger(conf, OPT_INTEGRATED, OPT_USER) ? NULL : user,
        .integrated = wants_ticket && !(user && conf_is_stronger(conf, OPT_USER, OPT_INTEGRATED)),
        .driver = conf_text(conf, OPT_DRIVER),
        .dsn = unless_outdone(conf, OPT_DSN, OPT_SERVER),
        .encrypt = encrypt_of(conf),
        .without_relay = conf_choice_relay(conf) == CHOICE_RELAY_NEVER,
        .trust_certificate = conf_flag(conf, OPT_TRUST),
        .ca_file = conf_text(conf, OPT_CA_FILE),
        .read_only_intent = conf_flag(conf, OPT_READ_ONLY),
        .login_timeout_s = seconds_of(conf, OPT_LOGIN_TIMEOUT),
        .query_timeout_s = seconds_of(conf, OPT_QUERY_TIMEOUT),
        .retry_attempts = (int)conf_count(conf, OPT_RETRY),
        .retry_wait_ms = ms_of(conf, OPT_RETRY_WAIT),
        .application = arena_printf(arena, "ssisminer/%s %s", SSISMINER_VERSION, command),
    };
}

static void warn_of_weak_transport(const TdsTarget *target)
{
    if (target->encrypt == TDS_ENCRYPT_OFF)
        log_warning(
            "the connection is not encrypted (--encrypt off): the password and the log can be read "
            "on the way");
    else if (target->trust_certificate)
        log_warning(
            "the server's certificate is not verified (--trust-server-certificate): anybody on the "
            "way can play the server; rather name its CA with --ca-file");
}

static void warn_of_data_source(const Conf *conf, const TdsTarget *target)
{
    static const OptId its_own[] = {OPT_ENCRYPT, OPT_TRUST, OPT_CA_FILE};

    for (size_t i = 0; target->dsn && i < ARRAY_LEN(its_own); i++)
        if (conf_is_set(conf, its_own[i]))
            log_warning("--%s (%s) is not heeded: the data source says itself how it encrypts",
                        opt_spec(its_own[i])->flag, conf_origin(conf, its_own[i]));
}

static Rc refuse_nothing_named(Err *err)
{
    (void)FAIL(err, RC_USAGE, "no server given, and no --sandbox");
    return err_hint(
        err, "name the server that has the SSIS catalog with --server HOST (or SQLCMDSERVER, or "
             "connection.server in ssisminer.yaml; --target for its targets); --sandbox runs the "
             "command on a private throw-away server instead");
}

/* What the sandbox brings of its own; a login and a database may be chosen. */
static Rc refuse_beside_sandbox(const Conf *conf, Err *err)
{
    static const OptId own[] = {
        OPT_SERVER,        OPT_DSN,       OPT_INTEGRATED, OPT_AUTHENTICATION,     OPT_ENCRYPT,
        OPT_TRUST,         OPT_CA_FILE,   OPT_PASSWORD,   OPT_PASSWORD_FILE,      OPT_TOKEN_FILE,
        OPT_TOKEN_COMMAND, OPT_CLIENT_ID, OPT_TENANT,     OPT_CLIENT_CERTIFICATE, OPT_CLOUD,
        OPT_AUTHORITY,     OPT_AUDIENCE};

    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (conf_is_given(conf, own[i]))
            return FAIL(err, RC_USAGE,
                        "--sandbox is a server of its own, with its own certificate and password: "
                        "leave out --%s",
                        opt_spec(own[i])->flag);
    return RC_OK;
}

static Rc refuse_without_sandbox(const Conf *conf, Err *err)
{
    static const OptId own[] = {OPT_SANDBOX_FLAVOR, OPT_SANDBOX_EXECUTIONS, OPT_SANDBOX_SEED,
                                OPT_SANDBOX_DAYS};

    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (conf_is_given(conf, own[i]))
            return FAIL(err, RC_USAGE, "--%s means nothing without --sandbox",
                        opt_spec(own[i])->flag);
    return RC_OK;
}

static bool is_wanted(const Conf *conf, OptId id)
{
    return conf_is_given(conf, id) && (opt_spec(id)->type != OPT_TYPE_FLAG || conf_flag(conf, id));
}

/* Both said in the same place, which no strength decides. */
static Rc refuse_undecided(const Conf *conf, const TdsTarget *target, Err *err)
{
    OptId one = target->server && target->dsn ? OPT_SERVER : OPT_USER;
    OptId other = one == OPT_SERVER ? OPT_DSN : OPT_INTEGRATED;

    if (one == OPT_USER && !(target->user && target->integrated))
        return RC_OK;
    return FAIL(err, RC_USAGE, "--%s (%s) and --%s (%s) exclude each other: give one of them",
                opt_spec(one)->flag, conf_origin(conf, one), opt_spec(other)->flag,
                conf_origin(conf, other));
}

/* Of two that cannot both be meant none is silently dropped. */
static Rc refuse_contradiction(const Conf *conf, Err *err)
{
    static const OptId pairs[][2] = {
        {OPT_SERVER, OPT_DSN},
        {OPT_DSN, OPT_DRIVER}, // all of these a data source says itself
        {OPT_DSN, OPT_ENCRYPT},
        {OPT_DSN, OPT_TRUST},
        {OPT_DSN, OPT_CA_FILE},
        {OPT_DSN, OPT_RELAY},
        {OPT_DSN, OPT_READ_ONLY},
        {OPT_INTEGRATED, OPT_USER},
        {OPT_INTEGRATED, OPT_PASSWORD},
        {OPT_INTEGRATED, OPT_PASSWORD_FILE},
        {OPT_INTEGRATED, OPT_AUTHENTICATION},
        {OPT_INTEGRATED, OPT_TOKEN_FILE},
        {OPT_INTEGRATED, OPT_TOKEN_COMMAND},
        {OPT_PASSWORD, OPT_PASSWORD_FILE},
        {OPT_TOKEN_FILE, OPT_TOKEN_COMMAND},
        {OPT_TOKEN_FILE, OPT_PASSWORD},
        {OPT_TOKEN_FILE, OPT_PASSWORD_FILE},
        {OPT_TOKEN_COMMAND, OPT_PASSWORD},
        {OPT_TOKEN_COMMAND, OPT_PASSWORD_FILE},
        {OPT_USER, OPT_CLIENT_ID},
    };

    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        if (is_wanted(conf, pairs[i][0]) && is_wanted(conf, pairs[i][1]))
            return FAIL(err, RC_USAGE, "--%s and --%s exclude each other: give one of them",
                        opt_spec(pairs[i][0])->flag, opt_spec(pairs[i][1])->flag);
    return RC_OK;
}

/* The sandbox's own address, certificate and password. */
static Rc aim_at_child(Conf *conf, const SandboxFile *file, Connection *connection,
                       TdsTarget *target, Err *err)
{
    Sandbox sandbox;

    TRY(sandbox_start(conf, file, &connection->arena, &sandbox, err));
    connection->sandbox = sandbox.pid;
    connection->sandbox_line = sandbox.line;
    target->server = arena_printf(&connection->arena, "127.0.0.1,%d", sandbox.port);
    target->ca_file = sandbox.ca_file;
    target->password = sandbox.password;
    target->dsn = target->authentication = NULL;
    target->integrated = target->trust_certificate = false;
    target->encrypt = TDS_ENCRYPT_REQUIRE;
    // A server of our own, for a moment: on a machine that can have no relay it goes without.
    target->without_relay |= !tds_can_relay();
    return RC_OK;
}

static Rc aim_at_sandbox(Conf *conf, Connection *connection, TdsTarget *target, Err *err)
{
    TRY(refuse_beside_sandbox(conf, err));
    target->user = conf_is_given(conf, OPT_USER) ? target->user : "sa";
    target->database = conf_is_given(conf, OPT_DATABASE) ? target->database : "SSISDB";
    return aim_at_child(conf, NULL, connection, target, err);
}

/* Whose login it was decides what it may read there. */
static Rc aim_at_file(Conf *conf, Connection *connection, TdsTarget *target, Err *err)
{
    const char *path = conf_text(conf, OPT_FROM);
    CaptureHead head;
    ArchiveHeld held = {0};

    TRY(capture_head_read(path, &connection->arena, &head, err));
    if (head.is_archive)
        TRY(archive_read(path, (Instant){0}, &connection->arena, &head, &held, err));
    const SandboxFile file = {path, head.flavor, head.database, head.now};
    target->user = head.reads_tables ? "sa" : "nobody";
    target->database = head.database;
    filter_read_from(&(FilterFile){.path = path,
                                   .captured = head.now,
                                   .is_anonymised = *head.key_id != '\0',
                                   .is_archive = head.is_archive,
                                   .has_all_operations = head.has_all_operations,
                                   .oldest = held.oldest,
                                   .newest = held.newest});
    Rc rc = aim_at_child(conf, &file, connection, target, err);
    if (rc != RC_CONNECT)
        return rc;
    const char *why = arena_text(&connection->arena, err->text);
    (void)FAIL(err, RC_USAGE, "cannot read the %s '%s': %s",
               head.is_archive ? "archive" : "capture", path, why);
    return err_hint(err,
                    "%s made it: that version reads it, if nobody changed it since; with this one "
                    "(ssisminer %s) %s a new file",
                    head.program, SSISMINER_VERSION,
                    head.is_archive ? "archive what is to come into" : "capture again, into");
}

/* For tds, in whichever thread it logs in. */
static Rc give_token(void *context, bool is_refused, Secret *ret_token, Err *err)
{
    return token_get(context, is_refused ? TOKEN_NEW : TOKEN_ANY_VALID, ret_token, err);
}

/* Where it comes from and whose it is: of `auto` nobody knows else, and a login that fails is made
 * good by somebody who has to know. */
static void tell_token(const Connection *connection, bool is_wanted)
{
    char whose[TOKEN_WHOSE_MAX];

    if (!is_wanted)
        return;
    token_whose(connection->tokens, whose);
    log_note("the token comes from %s%s%s", token_origin(connection->tokens), *whose ? ": " : "",
             whose);
}

/* A night's cleanup may outlast a token that was given once: better known before than after. */
static void tell_end(const Conf *conf, const Authentication *chosen, TokenSource *tokens)
{
    int64_t left_s = chosen->token.text ? token_lasts_s(tokens) : -1;

    if (left_s < 0 || !conf_command(conf)->cannot_be_undone || !conf_flag(conf, OPT_EXECUTE))
        return;
    log_note("the token was given once and lasts %lld min: what has to connect again after that "
             "fails (--token-file FILE and --token-command are asked anew)",
             (long long)(left_s / 60));
}

/* The first token is fetched before the time of the login begins: a service that is being updated
 * may take a minute. */
static Rc prepare_token(const Conf *conf, const Authentication *chosen, Connection *connection,
                        TdsTarget *target, Err *err)
{
    AUTO(secret_done) Secret token = {0};

    TokenOptions options = chosen->token;

    options.login_ms = target->login_timeout_s * 1000L;
    TRY(token_source_new(&options, &connection->tokens, err));
    target->fetch_token = give_token;
    target->fetch_self = connection->tokens;
    TRY(tds_check(target, err));
    TRY(token_get(connection->tokens, TOKEN_ANY_VALID, &token, err));
    tell_end(conf, chosen, connection->tokens);
    connection->tells_token = chosen->token.kind == TOKEN_AUTO;
    tell_token(connection, connection->tells_token || log_level() >= LOG_VERBOSE);
    return RC_OK;
}

static Rc aim_at_server(Conf *conf, Connection *connection, TdsTarget *target, Err *err)
{
    Authentication chosen;

    TRY(refuse_without_sandbox(conf, err));
    TRY(refuse_contradiction(conf, err));
    TRY(refuse_undecided(conf, target, err));
    if (!target->server && !target->dsn)
        return refuse_nothing_named(err);
    TRY(authentication_choose(conf, &connection->arena, target, &chosen, err));
    warn_of_weak_transport(target);
    warn_of_data_source(conf, target);
    return chosen.has_token ? prepare_token(conf, &chosen, connection, target, err) : RC_OK;
}

Rc connect_open(Conf *conf, const char *command, Connection *ret_connection, Err *err)
{
    AUTO(connect_close) Connection connection = {.sandbox_line = -1};
    TdsTarget target = target_of(conf, command, &connection.arena);

    if (opt_is_taken(opt_spec(OPT_FROM), conf_command(conf)) && conf_text(conf, OPT_FROM))
        TRY(aim_at_file(conf, &connection, &target, err));
    else if (conf_flag(conf, OPT_SANDBOX))
        TRY(aim_at_sandbox(conf, &connection, &target, err));
    else
        TRY(aim_at_server(conf, &connection, &target, err));
    Rc rc = tds_open(&target, &connection.tds, err);
    if (rc == RC_CONNECT && connection.tokens && log_level() < LOG_VERBOSE)
        tell_token(&connection, !connection.tells_token);
    TRY(rc);
    connection.rereads_left = target.retry_attempts;
    log_detail("%s", tds_describe(connection.tds));
    *ret_connection = connection;
    connection = (Connection){.sandbox_line = -1};
    return RC_OK;
}

bool connect_may_reread(Connection *connection, Err *err)
{
    if (err->rc != RC_QUERY || !tds_may_reread(connection->tds) || connection->rereads_left == 0)
        return false;
    connection->rereads_left--;
    log_note("%s; reading again from the beginning", err->text);
    tds_begin_again(connection->tds);
    *err = (Err){0};
    return true;
}

void connect_close(Connection *connection)
{
    tds_close(connection->tds);
    token_source_free(connection->tokens);
    if (connection->sandbox > 0)
        sandbox_end(connection->sandbox, connection->sandbox_line);
    arena_done(&connection->arena);
    *connection = (Connection){.sandbox_line = -1};
}
