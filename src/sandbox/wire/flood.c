/* Answers without an end, for clients that must bound what they take in. */
#include "faults.h"

/* ---- messages and results -------------------------------------------------------------------- */

static void put_message(Buf *out)
{
    static const MessageToken message = {50000, 1, 0,          "This message comes again.",
                                         "",    1, SERVER_NAME};

    token_put_message(out, TOKEN_INFO, &message);
}

static void put_result(Buf *out)
{
    token_put_done(out, TOKEN_DONE, DONE_MORE | DONE_COUNT, COMMAND_UPDATE, 1);
}

void flood_tokens(Link *link, FloodKind kind)
{
    while (!link->is_broken) {
        if (kind == FLOOD_RESULTS)
            put_result(&link->out);
        else
            put_message(&link->out);
        if (link->bytes_per_second)
            link_send_part(link);
        link_send_full(link);
    }
}

/* ---- rows and values ------------------------------------------------------------------------- */

static bool is_long(const SbType *type)
{
    return (type->id == SB_NVARCHAR || type->id == SB_VARBINARY) && type->max_chars < 0;
}

/* One row up to its first long value, of which pieces come for ever; those before it are NULL. */
static void flood_value(Response *response, size_t row_at)
{
    enum { UNKNOWN_LENGTH_LOW = 0xFE, PIECE = 8000 };
    Buf *out = &response->link->out;
    char piece[PIECE];
    size_t at = 0;

    out->len = row_at;
    put_u8(out, TOKEN_ROW);
    for (; !is_long(&response->types[at]); at++)
        (void)response_put_value(response, out, &response->types[at], &(SbValue){.is_null = true});
    put_u64(out, UINT64_MAX - UINT8_MAX + UNKNOWN_LENGTH_LOW);
    for (size_t i = 0; i < PIECE; i++)
        piece[i] = i % 2 ? 0 : 'x';
    while (!response->link->is_broken) {
        put_u32(out, PIECE);
        buf_put(out, piece, PIECE);
        link_send_full(response->link);
    }
}

static bool has_long(const Response *response)
{
    for (size_t i = 0; i < response->column_count; i++)
        if (is_long(&response->types[i]))
            return true;
    return false;
}

static void repeat_row(Response *response, size_t row_at)
{
    AUTO(buf_done) Buf row = BUF(LINK_MESSAGE_MAX);
    Buf *out = &response->link->out;

    buf_put(&row, out->text + row_at, out->len - row_at);
    while (!response->link->is_broken) {
        buf_put(out, buf_text(&row), row.len);
        link_send_full(response->link);
    }
}

void flood_row(Response *response, FloodKind kind, size_t row_at)
{
    if (kind == FLOOD_ROWS)
        repeat_row(response, row_at);
    else if (kind == FLOOD_VALUE && has_long(response))
        flood_value(response, row_at);
    else
        flood_tokens(response->link, FLOOD_MESSAGES);
}
