/* The answer to one request, row by row, with the DONEs in their places. */
#include "ssisminer/loopback/response.h"

#include "types.h"

#include "ssisminer/engine/stored.h"
#include "ssisminer/loopback/hooks.h"

#include <stdio.h>

static bool response_is_over(const Response *response)
{
    return atomic_load(response->is_canceled) || response->link->is_broken;
}

/* ---- DONE ------------------------------------------------------------------------------------ */

static unsigned transaction_status(const Response *response)
{
    return *response->is_in_transaction ? DONE_INXACT : 0;
}

static void put_held_done(Response *response, unsigned more)
{
    Token token = response->is_procedure ? TOKEN_DONEINPROC : TOKEN_DONE;

    token_put_done(&response->link->out, token,
                   response->done.status | more | transaction_status(response),
                   response->done.command, response->done.count);
    response->done.is_held = false;
}

/* Something follows the held DONE. One that tells nothing is left out, as under NOCOUNT. */
static void release_done(Response *response)
{
    bool tells = (response->done.status & (DONE_COUNT | DONE_ERROR)) ||
                 response->done.command == COMMAND_SELECT;

    if (response->done.is_held && tells)
        put_held_done(response, DONE_MORE);
    response->done.is_held = false;
}

static bool finish_tokens(Response *response)
{
    link_send_full(response->link);
    return !response_is_over(response);
}

/* ---- the sink -------------------------------------------------------------------------------- */

static bool on_columns(void *context, const SbColumn *columns, size_t count)
{
    Response *response = context;

    if (response_is_over(response))
        return false;
    release_done(response);
    response->types = arena_alloc_array(response->arena, count ? count : 1, sizeof(SbType));
    for (size_t i = 0; i < count; i++)
        response->types[i] = columns[i].type;
    response->column_count = count;
    SbColumn *sent = arena_alloc_array(response->arena, count ? count : 1, sizeof(SbColumn));
    for (size_t i = 0; i < count; i++) {
        sent[i] = columns[i];
        if (response->is_before_73)
            sent[i].type = types_before_73(columns[i].type);
    }
    token_put_columns(&response->link->out, sent, count);
    return finish_tokens(response);
}

static bool row_too_wide(Response *response, size_t row_at, size_t column)
{
    char text[128];

    response->link->out.len = row_at;
    snprintf(text, sizeof(text),
             "The sandbox made a value for column %zu that is no %s of its size.", column + 1,
             types_name(&response->types[column]));
    (void)response_error(response, 8152, 16, text);
    return false;
}

bool response_put_value(const Response *response, Buf *buf, const SbType *type,
                        const SbValue *value)
{
    SbType sent = response->is_before_73 ? types_before_73(*type) : *type;
    AUTO(buf_done) Buf text = BUF(TIME_TEXT_MAX);

    if (sent.id == type->id || value->is_null)
        return types_put_value(buf, &sent, value);
    stored_put_time(value->time, *type, false, &text);
    SbValue as_text = {.bytes = {buf_text(&text), text.len}};
    return types_put_value(buf, &sent, &as_text);
}

static bool on_row(void *context, const SbValue *values, size_t count)
{
    Response *response = context;
    Buf *out = &response->link->out;
    size_t row_at = out->len;

    if (response_is_over(response))
        return false;
    put_u8(out, TOKEN_ROW);
    for (size_t i = 0; i < count && i < response->column_count; i++)
        if (!response_put_value(response, out, &response->types[i], &values[i]))
            return row_too_wide(response, row_at, i);
    response->rows++;
    if (!HOOK(response->hooks, row, response, row_at))
        return false;
    return finish_tokens(response);
}

static bool on_done(void *context, bool is_select, bool has_count, int64_t count)
{
    Response *response = context;

    if (response_is_over(response))
        return false;
    release_done(response);
    response->done.is_held = true;
    response->done.status = (has_count ? DONE_COUNT : 0u) | (response->has_error ? DONE_ERROR : 0u);
    response->done.command = is_select ? COMMAND_SELECT : has_count ? COMMAND_UPDATE : 0;
    response->done.count = has_count ? (uint64_t)count : 0;
    response->has_error = false;
    return true;
}

static bool put_message(Response *response, Token token, const MessageToken *message)
{
    if (response_is_over(response))
        return false;
    release_done(response);
    token_put_message(&response->link->out, token, message);
    return finish_tokens(response);
}

static bool on_error(void *context, int32_t number, int state, int severity, const char *text,
                     const char *procedure, int line)
{
    Response *response = context;
    MessageToken message = {number, state, severity, text, procedure, line, SERVER_NAME};

    if (!put_message(response, TOKEN_ERROR, &message))
        return false;
    response->has_error = true;
    response->last_error = number;
    if (severity > response->worst_severity)
        response->worst_severity = severity;
    return true;
}

static bool on_info(void *context, int32_t number, int state, int severity, const char *text,
                    int line, bool is_now)
{
    Response *response = context;
    MessageToken message = {number, state, severity, text, "", line, SERVER_NAME};

    bool ok = put_message(response, TOKEN_INFO, &message);
    if (ok && is_now)
        link_send_part(response->link);
    return ok;
}

static bool on_database(void *context, const char *name)
{
    Response *response = context;
    char text[256];

    if (response_is_over(response))
        return false;
    release_done(response);
    token_put_env_text(&response->link->out, ENV_DATABASE, name, "");
    snprintf(text, sizeof(text), "Changed database context to '%s'.", name);
    return on_info(context, 5701, 2, 0, text, 1, false);
}

static bool on_transaction(void *context, int kind, uint64_t id)
{
    Response *response = context;

    *response->is_in_transaction = kind == ENV_BEGIN;
    if (response_is_over(response))
        return false;
    release_done(response);
    token_put_env_transaction(&response->link->out, (EnvChange)kind, id);
    return finish_tokens(response);
}

SbSink response_sink(Response *response)
{
    return (SbSink){response, on_columns, on_row,      on_done,
                    on_error, on_info,    on_database, on_transaction};
}

bool response_error(Response *response, int32_t number, int severity, const char *text)
{
    return on_error(response, number, 1, severity, text, "", 1);
}

bool response_put_rows(Response *response, const char *bytes, size_t len, int64_t rows)
{
    if (response_is_over(response))
        return false;
    buf_put(&response->link->out, bytes, len);
    response->rows += rows;
    return finish_tokens(response);
}

/* ---- the end --------------------------------------------------------------------------------- */

void response_end_batch(Response *response)
{
    if (response->has_error || !response->done.is_held) {
        release_done(response);
        response->done.status = response->has_error ? DONE_ERROR : 0;
        response->done.command = 0;
        response->done.count = 0;
    }
    put_held_done(response, 0);
    link_send_end(response->link);
}

void response_end_procedure(Response *response, int32_t status, const SbParam *params, size_t count)
{
    Buf *out = &response->link->out;
    unsigned error = response->has_error || response->last_error ? DONE_ERROR : 0;

    release_done(response);
    token_put_return_status(out, status);
    for (size_t i = 0; i < count; i++) {
        size_t at = out->len;
        if (params[i].is_output && !token_put_return_value(out, (unsigned)i, &params[i]))
            out->len = at;
    }
    token_put_done(out, TOKEN_DONEPROC, error | transaction_status(response), 0, 0);
    link_send_end(response->link);
}

void response_end_canceled(Response *response)
{
    Token token = response->is_procedure ? TOKEN_DONEPROC : TOKEN_DONE;

    token_put_done(&response->link->out, token, DONE_ERROR | transaction_status(response), 0, 0);
    link_send_end(response->link);
}

void response_end_attention(Link *link)
{
    token_put_done(&link->out, TOKEN_DONE, DONE_ATTENTION, 0, 0);
    link_send_end(link);
}
