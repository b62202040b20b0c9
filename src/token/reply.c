/* Answers of token services: the token, its life, whose it is, or why there is none. */
#include "internal.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/redact.h"
#include "ssisminer/base/utf.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void token_answer_done(TokenAnswer *answer)
{
    secret_done(&answer->token);
}

/* ---- JSON, and its copies of secrets --------------------------------------------------------- */

static void wipe_texts(cJSON *item)
{
    for (; item; item = item->next) {
        if (item->valuestring)
            explicit_bzero(item->valuestring, strlen(item->valuestring));
        wipe_texts(item->child);
    }
}

static void json_done(cJSON **json)
{
    wipe_texts(*json);
    cJSON_Delete(*json);
}

/* NULL unless it is an object. */
static cJSON *parse_object(Str text)
{
    cJSON *json = cJSON_ParseWithLength(text.at, text.len);

    if (json && !cJSON_IsObject(json)) {
        json_done(&json);
        return NULL;
    }
    return json;
}

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static void copy_text(const cJSON *object, const char *name, char *ret_text, size_t size)
{
    const char *text = text_of(object, name);

    ret_text[0] = '\0';
    if (text && strlen(text) < size)
        (void)memcpy(ret_text, text, strlen(text) + 1);
}

/* ---- times: a number or its decimal text, by service ----------------------------------------- */

enum { LONGEST_LIFE_S = 366 * 86400 };

/* -1 for what is no whole number from 0 on; a date as text is none. */
static int64_t number_of(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    const char *text = cJSON_GetStringValue(item);
    int64_t number;

    if (cJSON_IsNumber(item)) {
        double value = cJSON_GetNumberValue(item);
        return value >= 0 && value < 1e15 && value == floor(value) ? (int64_t)value : -1;
    }
    if (!text || text[0] < '0' || text[0] > '9' || !str_to_i64(str_of(text), &number))
        return -1;
    return number;
}

static int64_t sane(int64_t seconds)
{
    return seconds >= 0 && seconds <= LONGEST_LIFE_S ? seconds : -1;
}

/* Of an instant: what has passed is 0 seconds away. */
static int64_t seconds_until(int64_t unix_s, int64_t now_unix_s)
{
    if (unix_s < 0)
        return -1;
    return unix_s < now_unix_s ? 0 : sane(unix_s - now_unix_s);
}

/* ---- what a token says of itself ------------------------------------------------------------- */

static int digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* base64url; what is none ends it. */
static void decode(Str text, Secret *out)
{
    uint32_t bits = 0;
    unsigned held = 0;

    for (size_t i = 0; i < text.len && digit_of(text.at[i]) >= 0; i++) {
        bits = bits << 6 | (uint32_t)digit_of(text.at[i]);
        held += 6;
        if (held >= 8) {
            held -= 8;
            char byte = (char)(bits >> held & 0xFF);
            secret_put(out, &byte, 1);
        }
    }
}

/* The middle one of a JWT's three parts, NULL if it is none. For knowing when to ask again and for
 * better words: it proves nothing. */
static cJSON *claims_of(Str token)
{
    AUTO(secret_done) Secret payload = {0};
    Str rest = token, head, middle;

    if (!str_split(&rest, '.', &head) || !str_split(&rest, '.', &middle))
        return NULL;
    secret_init(&payload, middle.len);
    decode(middle, &payload);
    return parse_object(secret_str(&payload));
}

static int64_t expiry_of(Str token)
{
    AUTO(json_done) cJSON *claims = claims_of(token);

    return claims ? number_of(claims, "exp") : -1;
}

void token_read_whose(Str token, char *ret_whose)
{
    AUTO(json_done) cJSON *claims = claims_of(token);
    Buf whose = BUF(TOKEN_WHOSE_MAX - 1);
    const char *upn = claims ? text_of(claims, "upn") : NULL;
    const char *application = claims ? text_of(claims, "appid") : NULL;
    const char *tenant = claims ? text_of(claims, "tid") : NULL;

    if (upn)
        buf_puts(&whose, upn);
    else if (application)
        buf_printf(&whose, "application %s%s%s", application, tenant ? " of tenant " : "",
                   tenant ? tenant : "");
    token_first_line((Str){buf_text(&whose), whose.len}, ret_whose);
    buf_done(&whose);
}

static Str without_slash(Str url)
{
    return url.len > 0 && url.at[url.len - 1] == '/' ? (Str){url.at, url.len - 1} : url;
}

Rc token_check_audience(Str token, const char *audience, Err *err)
{
    static const char azure_sql[] = "022907d3-0f1b-48f7-badc-1ba6abab6d66"; // the same as an id
    AUTO(json_done) cJSON *claims = claims_of(token);
    const char *given = claims ? text_of(claims, "aud") : NULL;
    char shown[TOKEN_WORDS_MAX];

    if (!given || str_same_fold(given, azure_sql) ||
        str_equal_fold(without_slash(str_of(given)), without_slash(str_of(audience))))
        return RC_OK;
    token_first_line(str_of(given), shown);
    (void)err_set(err, RC_USAGE, "the token is for '%s', and the server wants one for '%s'", shown,
                  audience);
    return err_hint(err, "get it for that: az account get-access-token --resource %s", audience);
}

static int64_t life_of(const cJSON *object, Str token, int64_t now_unix_s)
{
    int64_t life = object ? sane(number_of(object, "expires_in")) : -1;

    if (life < 0 && object)
        life = seconds_until(number_of(object, "expires_on"), now_unix_s);
    return life < 0 ? seconds_until(expiry_of(token), now_unix_s) : life;
}

/* ---- the answer ------------------------------------------------------------------------------ */

bool token_is_plain(Str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] <= ' ' || text.at[i] >= 0x7F)
            return false;
    return text.len > 0;
}

static Rc take_token(Str token, TokenAnswer *answer, Err *err)
{
    if (token.len > TOKEN_MAX)
        return FAIL(err, RC_CONNECT, "the token is longer than %d bytes", TOKEN_MAX);
    if (!token_is_plain(token))
        return FAIL(err, RC_CONNECT, "the token has characters in it that no token has");
    secret_init(&answer->token, token.len);
    secret_set(&answer->token, token);
    return RC_OK;
}

static Rc read_object(const cJSON *object, int64_t now_unix_s, TokenAnswer *ret_answer, Err *err)
{
    TokenAnswer answer = {0};
    static const char *const names[] = {"access_token", "accessToken", "token"}; // of az, azd
    const char *token = NULL;

    for (size_t i = 0; i < ARRAY_LEN(names) && !token; i++)
        token = text_of(object, names[i]);
    if (!token || *token == '\0')
        return FAIL(err, RC_CONNECT, "the answer has no access_token");
    TRY(take_token(str_of(token), &answer, err));
    answer.life_s = life_of(object, str_of(token), now_unix_s);
    answer.refresh_s = sane(number_of(object, "refresh_in"));
    copy_text(object, "client_id", answer.client_id, sizeof(answer.client_id));
    copy_text(object, "object_id", answer.object_id, sizeof(answer.object_id));
    copy_text(object, "msi_res_id", answer.resource_id, sizeof(answer.resource_id));
    *ret_answer = answer;
    return RC_OK;
}

Rc token_read_reply(Str body, int64_t now_unix_s, TokenAnswer *ret_answer, Err *err)
{
    AUTO(json_done) cJSON *object = parse_object(body);

    if (!object)
        return FAIL(err, RC_CONNECT, "the answer is no JSON object");
    return read_object(object, now_unix_s, ret_answer, err);
}

/* ---- what a person gives --------------------------------------------------------------------- */

/* What may stand before it where it was copied from. */
static Str without_words(Str token)
{
    static const char *const words[] = {"authorization:", "bearer "};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t len = strlen(words[i]);
        if (token.len > len && str_equal_fold((Str){token.at, len}, str_of(words[i])))
            token = str_trim((Str){token.at + len, token.len - len});
    }
    return token;
}

static Str without_quotes(Str token)
{
    bool is_quoted = token.len > 2 && (token.at[0] == '"' || token.at[0] == '\'') &&
                     token.at[token.len - 1] == token.at[0];

    return is_quoted ? (Str){token.at + 1, token.len - 2} : token; // az … --query accessToken
}

/* Parts of base64url joined by dots, three and more: a password in its place, or one that was cut,
 * goes to no server. */
static bool is_token(Str text)
{
    size_t dots = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '.' && digit_of(text.at[i]) < 0)
            return false;
        dots += text.at[i] == '.';
    }
    return dots >= 2;
}

static Rc read_bare(Str token, int64_t now_unix_s, TokenAnswer *ret_answer, Err *err)
{
    TokenAnswer answer = {.refresh_s = -1};

    if (token.len == 0)
        return FAIL(err, RC_CONNECT, "there is no token in it");
    if (!is_token(token))
        return FAIL(err, RC_CONNECT, "what is in it is no token, or a part of one");
    TRY(take_token(token, &answer, err));
    answer.life_s = life_of(NULL, token, now_unix_s);
    *ret_answer = answer;
    return RC_OK;
}

Rc token_read_given(Str text, int64_t now_unix_s, TokenAnswer *ret_answer, Err *err)
{
    AUTO(secret_done) Secret plain = {0};

    secret_init(&plain, UTF_FROM_FILE_MAX(text.len));
    plain.len = utf_from_file(text.at, text.len, plain.text);
    Str token = without_quotes(without_words(str_trim(secret_str(&plain))));
    Rc rc = token.len > 0 && token.at[0] == '{'
                ? token_read_reply(token, now_unix_s, ret_answer, err)
                : read_bare(token, now_unix_s, ret_answer, err);
    if (rc == RC_OK)
        return RC_OK;
    return err_hint(err, "a token is one line of three parts joined by dots, or the JSON that 'az "
                         "account get-access-token' prints");
}

void token_first_line(Str text, char *ret_words)
{
    Str trimmed = str_trim(text);
    size_t len = 0;

    while (len < trimmed.len && trimmed.at[len] != '\n' && trimmed.at[len] != '\r')
        len++;
    AUTO(mem_free_at) char *line = mem_alloc(len + 1); // redacted whole: a cut could part a token
    if (len > 0)
        (void)memcpy(line, trimmed.at, len);
    redact_tokens(line);
    size_t kept = strlen(line);
    if (kept >= TOKEN_WORDS_MAX)
        kept = str_utf8_floor(line, TOKEN_WORDS_MAX - 1);
    (void)memcpy(ret_words, line, kept);
    ret_words[kept] = '\0';
    explicit_bzero(line, len);
}

/* ---- a refusal ------------------------------------------------------------------------------- */

/* AADSTS numbers of Microsoft's page "error codes", and metadata services' words. */
static const struct {
    const char *words, *hint;
} refusals[] = {
    {"AADSTS7000215", "the client secret is wrong: give its value, not its id"},
    {"AADSTS7000222", "the client secret has expired: add a new one to the application"},
    {"AADSTS700016", "the application is not in this tenant: check --client-id and --tenant"},
    {"AADSTS700024", "the assertion is outside its time: check this machine's clock"},
    {"AADSTS700027", "the certificate is not one of the application's: upload it there"},
    {"AADSTS700023", "the assertion is for another authority: check --authority and --cloud"},
    {"AADSTS70021",
     "no federated credential of the application matches: compare its issuer, subject and audience "
     "with the pod's service account"},
    {"AADSTS90002", "there is no such tenant: check --tenant and --cloud"},
    {"AADSTS500011", "the tenant does not know the audience: check --audience and --cloud"},
    {"AADSTS53003", "a Conditional Access policy refuses it: ask the tenant's administrator"},
    {"Identity not found", "give this machine an identity (az vm identity assign), or check "
                           "--client-id"},
};

/* What Entra, IMDS, App Service and Container Apps call the two. */
static void read_words(const cJSON *object, const char **ret_code, const char **ret_words)
{
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(object, "error");

    *ret_code = cJSON_GetStringValue(error);
    if (cJSON_IsObject(error)) {
        *ret_code = text_of(error, "code");
        *ret_words = text_of(error, "message");
        return;
    }
    *ret_words = text_of(object, "error_description");
    if (!*ret_words)
        *ret_words = text_of(object, "message");
    if (!*ret_words)
        *ret_words = text_of(object, "Message");
}

/* What may stand in any words: Microsoft's number of the error. */
static void keep_number(char *line)
{
    enum { DIGITS_MOST = 8 };
    static const char name[] = "AADSTS";
    const char *at = strstr(line, name);
    size_t len = at ? sizeof(name) - 1 : 0, digits = at ? strspn(at + len, "0123456789") : 0;

    len = digits <= DIGITS_MOST ? len + digits : 0;
    (void)memmove(line, at ? at : line, len);
    line[len] = '\0';
}

static void take_words(const char *words, const char *const *hidden, char *ret_line)
{
    token_first_line(str_of(words), ret_line);
    if (token_is_echoed(ret_line, hidden))
        keep_number(ret_line);
}

static Rc fail_words(const char *who, int status, const char *name, const char *line, Err *err)
{
    (void)err_set(err, RC_CONNECT, "%s gave no token: %d%s%s%s%s", who, status, *name ? " " : "",
                  name, *line ? ": " : "", line);
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        if (strstr(line, refusals[i].words))
            return err_hint(err, "%s", refusals[i].hint);
    return err->rc;
}

Rc token_fail_status(const char *who, const HttpReply *reply, const char *const *hidden, Err *err)
{
    AUTO(json_done) cJSON *object = parse_object(secret_str(&reply->body));
    const char *code = NULL, *words = NULL;
    char line[TOKEN_WORDS_MAX], name[TOKEN_WORDS_MAX];

    if (reply->status >= 300 && reply->status < 400)
        return FAIL(err, RC_CONNECT, "%s gave no token: a redirect (%d), which is not followed",
                    who, reply->status);
    if (object)
        read_words(object, &code, &words);
    take_words(code, hidden, name);
    take_words(words, hidden, line);
    return fail_words(who, reply->status, name, line, err);
}
