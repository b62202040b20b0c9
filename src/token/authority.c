/* Tokens from Microsoft Entra itself: by secret, by certificate, by a workload's own token. */
#include "internal.h"

#include <string.h>

/* An application proves itself to Entra: by a secret, by a certificate's signature, or by a token
 * of the cluster that it runs in. One POST, {authority}/{tenant}/oauth2/v2.0/token. */

static bool is_passing(int status)
{
    return status == 429 || status >= 500;
}

static const long waits_ms[] = {1000, 4000};
static const TokenPatience patience = {.waits_ms = waits_ms,
                                       .wait_count = ARRAY_LEN(waits_ms),
                                       .is_passing = is_passing,
                                       .absent_tries = 2};

typedef Rc PutProof(TokenSource *source, const char *url, Secret *form, Err *err);

typedef struct Asked {
    const char *origin;
    PutProof *put_proof; // at each try: an assertion ages, and a cluster's token is renewed
    char url[1024];
    Secret form;
} Asked;

static void asked_done(Asked *asked)
{
    secret_done(&asked->form);
}

static void put_pair(Secret *form, const char *name, const char *value)
{
    secret_puts(form, form->len ? "&" : "");
    secret_puts(form, name);
    secret_puts(form, "=");
    http_put_escaped(form, value);
}

static void put_assertion(Secret *form, const Secret *assertion)
{
    put_pair(form, "client_assertion_type",
             "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    put_pair(form, "client_assertion", assertion->text);
}

/* The audience "https://x/" is the scope "https://x/.default" of the newer endpoint. */
static void put_scope(Secret *form, const char *audience)
{
    AUTO(buf_done) Buf scope = BUF(512);
    size_t len = strlen(audience);

    buf_printf(&scope, "%s%s.default", audience, len > 0 && audience[len - 1] == '/' ? "" : "/");
    put_pair(form, "scope", buf_text(&scope));
}

/* ---- proofs ---------------------------------------------------------------------------------- */

static Rc put_secret(TokenSource *source, const char *url, Secret *form, Err *err)
{
    (void)url;
    (void)err;
    put_pair(form, "client_secret", source->client_secret.text);
    return RC_OK;
}

static Rc put_signature(TokenSource *source, const char *url, Secret *form, Err *err)
{
    AUTO(secret_done) Secret assertion = {0};
    TokenClaims claims = {.audience = url,
                          .client_id = source->options.client_id,
                          .now_unix_s = source->outside->now_unix_s()};

    TRY(token_sign(source->options.certificate, source->certificate_password.text, &claims,
                   &assertion, err));
    put_assertion(form, &assertion);
    return RC_OK;
}

static Rc put_federated(TokenSource *source, const char *url, Secret *form, Err *err)
{
    AUTO(secret_done) Secret file = {0};
    AUTO(secret_done) Secret assertion = {0};
    const char *path = source->variables[VAR_AZURE_FEDERATED_TOKEN_FILE];

    (void)url;
    TRY(token_read_file("the workload's token file", path, TOKEN_MAX, &file, err));
    secret_init(&assertion, file.len + 1);
    secret_set(&assertion, str_trim(secret_str(&file)));
    if (!token_is_plain(secret_str(&assertion)))
        return FAIL(err, RC_CONNECT, "the workload's token file '%s' has no token in it", path);
    put_assertion(form, &assertion);
    return RC_OK;
}

/* ---- the request ----------------------------------------------------------------------------- */

static Rc ask_authority(TokenSource *source, void *context, HttpReply *ret_reply, Err *err)
{
    enum { CONNECT_MS = 10000, FORM_MOST = 3 * TOKEN_MAX + 4096 };
    Asked *asked = context;

    secret_done(&asked->form);
    secret_init(&asked->form, FORM_MOST);
    put_pair(&asked->form, "grant_type", "client_credentials");
    put_pair(&asked->form, "client_id", source->options.client_id);
    put_scope(&asked->form, source->audience);
    TRY(asked->put_proof(source, asked->url, &asked->form, err));
    if (asked->form.over)
        return FAIL(err, RC_USAGE, "the secret or assertion is too long");
    HttpRequest request = {.url = asked->url,
                           .form = asked->form.text,
                           .who = asked->origin,
                           .connect_ms = CONNECT_MS,
                           .total_ms = token_answer_ms(source)};
    return source->outside->send(&request, ret_reply, err);
}

/* What a service that echoes must not make us show: the proof, as it is and as it was sent, where
 * it ends the form. */
static Rc fail_refused(const TokenSource *source, const Asked *asked, const HttpReply *reply,
                       Err *err)
{
    const char *secret = source->client_secret.text;
    const char *sent = strrchr(asked->form.text, '=');
    const char *const hidden[] = {sent ? sent + 1 : "", secret ? secret : "", NULL};

    return token_fail_status(asked->origin, reply, hidden, err);
}

static Rc from_authority(TokenSource *source, Asked *asked, TokenAnswer *ret_answer, Err *err)
{
    AUTO(http_reply_done) HttpReply reply = {0};
    AUTO(token_answer_done) TokenAnswer answer = {0};
    Buf url = BUF(sizeof(asked->url) - 1);

    buf_printf(&url, "%s/%s/oauth2/v2.0/token", source->authority, source->options.tenant);
    (void)memcpy(asked->url, buf_text(&url), url.len + 1);
    Rc over = buf_check(&url, "the authority's address", err);
    buf_done(&url);
    TRY(over);
    if (token_ask(source, asked->origin, &patience, ask_authority, asked, &reply, err) != RC_OK)
        return err->rc == RC_CONNECT ? err_note(err, "%s", asked->origin) : err->rc;
    if (reply.status != 200)
        return fail_refused(source, asked, &reply, err);
    if (token_read_reply(secret_str(&reply.body), source->outside->now_unix_s(), &answer, err) !=
        RC_OK)
        return err_note(err, "%s", asked->origin);
    answer.origin = asked->origin;
    *ret_answer = answer;
    answer = (TokenAnswer){0};
    return RC_OK;
}

Rc token_from_secret(TokenSource *source, TokenAttempt *attempt, TokenAnswer *ret_answer, Err *err)
{
    AUTO(asked_done)
    Asked asked = {.origin = "the service principal's secret", .put_proof = put_secret};

    (void)attempt;
    if (source->options.certificate) {
        asked.origin = "the service principal's certificate";
        asked.put_proof = put_signature;
    }
    return from_authority(source, &asked, ret_answer, err);
}

Rc token_from_workload(TokenSource *source, TokenAttempt *attempt, TokenAnswer *ret_answer,
                       Err *err)
{
    AUTO(asked_done) Asked asked = {.origin = "the workload identity", .put_proof = put_federated};

    (void)attempt;
    return from_authority(source, &asked, ret_answer, err);
}
