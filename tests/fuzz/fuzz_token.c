/*
 * Any bytes as what a token service, a token file or a command's line says: a token that is taken
 * is the one that stands there, its times are possible ones; what is refused is told without a
 * token or a secret in it; a command's words put in quotes are split into the same words.
 */
#include "fuzz.h"

#include "../../src/token/internal.h"
#include "ssisminer/base/redact.h"

#include <cjson/cJSON.h>
#include <stdio.h>

enum { NOW = 1767225600, YEAR_S = 366 * 86400 };

static void has_no_token(const char *text)
{
    char copy[sizeof(((Err *)NULL)->text)];

    (void)snprintf(copy, sizeof(copy), "%s", text);
    redact_tokens(copy);
    must(strcmp(copy, text) == 0);
}

static void free_json(cJSON **json)
{
    cJSON_Delete(*json);
}

/* What stands in the object, by a reader of its own. */
static void stands_there(Str body, const char *token)
{
    AUTO(free_json) cJSON *object = cJSON_ParseWithLength(body.at, body.len);
    const char *text =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "access_token"));

    if (!text)
        text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "accessToken"));
    if (!text)
        text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "token"));
    must(text && strcmp(text, token) == 0);
}

static void is_possible(const TokenAnswer *answer)
{
    must(token_is_plain(secret_str(&answer->token)) && answer->token.len <= TOKEN_MAX);
    must(answer->life_s >= -1 && answer->life_s <= YEAR_S);
    must(answer->refresh_s >= -1 && answer->refresh_s <= YEAR_S);
}

/* The same token and time, written anew, are read as the same. */
static void comes_back(const TokenAnswer *answer)
{
    AUTO(token_answer_done) TokenAnswer again = {0};
    AUTO(free_json) cJSON *object = cJSON_CreateObject();
    char number[32];
    Err err = {0};

    (void)snprintf(number, sizeof(number), "%lld", (long long)answer->life_s);
    (void)cJSON_AddStringToObject(object, "access_token", answer->token.text);
    (void)cJSON_AddStringToObject(object, "expires_in", number);
    char *text = cJSON_PrintUnformatted(object);
    must(token_read_reply(str_of(text), NOW, &again, &err) == RC_OK);
    must(strcmp(again.token.text, answer->token.text) == 0);
    must(answer->life_s < 0 || again.life_s == answer->life_s);
    free(text);
}

static void check_reply(Str body)
{
    AUTO(token_answer_done) TokenAnswer answer = {0};
    Err err = {0};

    if (token_read_reply(body, NOW, &answer, &err) != RC_OK) {
        must(err.text[0] != '\0');
        has_no_token(err.text);
        return;
    }
    is_possible(&answer);
    stands_there(body, answer.token.text);
    comes_back(&answer);
}

static void check_given(Str text)
{
    AUTO(token_answer_done) TokenAnswer answer = {0};
    char whose[TOKEN_WHOSE_MAX];
    Err err = {0};

    if (token_read_given(text, NOW, &answer, &err) == RC_OK) {
        is_possible(&answer);
        comes_back(&answer);
        if (token_check_audience(secret_str(&answer.token), "https://a/", &err) != RC_OK)
            has_no_token(err.text);
        token_read_whose(secret_str(&answer.token), whose);
        has_no_token(whose);
    }
}

static void check_refusal(int status, Str body)
{
    static const char *const hidden[] = {"s3cret", NULL};
    HttpReply reply = {.status = status};
    Err err = {0};

    secret_init(&reply.body, HTTP_BODY_MAX);
    secret_put(&reply.body, body.at, body.len);
    must(token_fail_status("it", &reply, hidden, &err) == RC_CONNECT);
    must(!token_is_echoed(err.text, hidden));
    must(!strchr(err.text, '\n'));
    has_no_token(err.text);
    http_reply_done(&reply);
}

static void check_command(const char *command)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(buf_done) Buf quoted = BUF(1 << 20);
    const char *const *argv, *const *again;
    Err err = {0};
    size_t i;

    if (token_split_command(command, &arena, &argv, &err) != RC_OK)
        return;
    for (i = 0; argv[i]; i++) {
        char mark = strchr(argv[i], '\'') ? '"' : '\'';
        if (strchr(argv[i], mark))
            return; // no way to write it
        buf_printf(&quoted, " %c%s%c", mark, argv[i], mark);
    }
    must(token_split_command(buf_text(&quoted), &arena, &again, &err) == RC_OK);
    for (i = 0; argv[i]; i++)
        must(again[i] && strcmp(argv[i], again[i]) == 0);
    must(!again[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(secret_done) Secret key = {0};
    Input input = {data, size};
    uint8_t kind = take_byte(&input);
    Str text = {arena_copy(&arena, (const char *)input.at, input.left), input.left};
    Err err = {0};

    switch (kind % 5) {
    case 0:
        check_reply(text);
        break;
    case 1:
        check_given(text);
        break;
    case 2:
        check_refusal(300 + kind, text);
        break;
    case 3:
        check_command(text.at);
        break;
    default: // names nothing that exists: there is no such directory
        must(token_arc_key("/no/such/directory", text.at, &key, &err) == RC_CONNECT);
        break;
    }
    return 0;
}
