/* Tokens that exist already: as text, in a file, from a command, from az. */
#include "internal.h"

#include <string.h>

/* A token that somebody else got: a text, a file that is read anew each time, a command that is run
 * anew each time. */

static Rc fail_old(const TokenSource *source, const char *origin, Err *err)
{
    (void)FAIL(err, RC_CONNECT, "%s: the token has expired, by this machine's clock", origin);
    if (source->text.text)
        return err_hint(err, "get a new one; a variable or a pipe gives its token once, a file "
                             "(--token-file) and --token-command are asked whenever one is needed");
    return err_hint(err, "get a new one; --token-command gets one each time it is needed");
}

static Rc read_it(TokenSource *source, Str text, const char *origin, TokenAnswer *ret_answer,
                  Err *err)
{
    AUTO(token_answer_done) TokenAnswer answer = {0};

    if (token_read_given(text, source->outside->now_unix_s(), &answer, err) != RC_OK)
        return err_note(err, "%s", origin);
    if (token_check_audience(secret_str(&answer.token), source->audience, err) != RC_OK)
        return err_note(err, "%s", origin);
    if (answer.life_s == 0)
        return fail_old(source, origin, err);
    answer.origin = origin;
    *ret_answer = answer;
    answer = (TokenAnswer){0};
    return RC_OK;
}

static Rc from_command(TokenSource *source, const char *const *argv, long limit_ms,
                       const char *origin, TokenAnswer *ret_answer, Err *err)
{
    AUTO(secret_done) Secret printed = {0};
    Rc rc = source->outside->run(argv, token_time_left(source, limit_ms), &printed, err);

    if (rc != RC_OK)
        return rc == RC_STOPPED ? rc : err_note(err, "%s", origin);
    return read_it(source, secret_str(&printed), origin, ret_answer, err);
}

Rc token_from_given(TokenSource *source, TokenAttempt *attempt, TokenAnswer *ret_answer, Err *err)
{
    enum { COMMAND_MS = 60000 };
    const TokenOptions *options = &source->options;
    AUTO(secret_done) Secret file = {0};
    const char *const *argv;

    (void)attempt;
    if (source->text.text)
        return read_it(source, secret_str(&source->text),
                       options->text_is_of_pipe ? "the token file" : "the given token", ret_answer,
                       err);
    if (options->file) {
        TRY(token_read_file("the token file", options->file, TOKEN_MAX, &file, err));
        return read_it(source, secret_str(&file), "the token file", ret_answer, err);
    }
    TRY(token_split_command(options->command, &source->arena, &argv, err));
    return from_command(source, argv, COMMAND_MS, "the token command", ret_answer, err);
}

Rc token_from_az(TokenSource *source, TokenAttempt *attempt, TokenAnswer *ret_answer, Err *err)
{
    enum { AZ_MS = 30000 }; // it takes seconds to begin with
    const char *tenant = source->options.az_tenant;
    const char *const argv[] = {
        "az",         "account",        "get-access-token",         "--output", "json",
        "--resource", source->audience, tenant ? "--tenant" : NULL, tenant,     NULL};

    (void)attempt;
    if (from_command(source, argv, AZ_MS, "the Azure CLI", ret_answer, err) == RC_OK)
        return RC_OK;
    return err->rc == RC_STOPPED ? err->rc : err_hint(err, "log in with it first: az login");
}
