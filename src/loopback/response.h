/*
 * The answer to one request: an SbSink that writes tokens to a link.
 *
 * A DONE is held back until it is known whether something follows it. Once the client has
 * cancelled, or is gone, nothing more is written and every sink function returns false.
 */
#ifndef LOOPBACK_RESPONSE_H
#define LOOPBACK_RESPONSE_H

#include "faults.h"
#include "link.h"
#include "ssisminer/base/arena.h"
#include "ssisminer/engine/engine.h"
#include "ssisminer/packet/token.h"

#include <stdatomic.h>
#include <stdbool.h>

typedef struct Response {
    Link *link;
    Faults *faults;
    const atomic_bool *is_cancelled;
    Arena *arena;
    bool is_procedure; // the answer to a call, not to a batch
    bool *is_in_transaction;
    bool is_before_73;
    SbType *types; // of the result being sent, as the engine has them
    size_t column_count;
    int64_t rows;
    const struct Replay *replay; // that answers; NULL: the engine
    const Fault *flood;          // the first row is not the last; NULL: as it should be
    struct {
        bool is_held;
        unsigned status, command;
        uint64_t count;
    } done;
    bool has_error;     // since the last DONE
    int32_t last_error; // number, 0 if there was none
    int worst_severity;
} Response;

SbSink response_sink(Response *response);
bool response_error(Response *response, int32_t number, int severity, const char *text);

/* Already encoded rows of the result that was begun. */
bool response_put_rows(Response *response, const char *bytes, size_t len, int64_t rows);

void response_end_batch(Response *response);
/* Status and output parameters (those with is_output), then the last DONE. */
void response_end_procedure(Response *response, int32_t status, const SbParam *params,
                            size_t count);
/* The running answer of a cancelled request, then, as a message of its own, the acknowledgement. */
void response_end_cancelled(Response *response);
void response_end_attention(Link *link);

enum { SEVERITY_CLOSES = 20 };

/* flood.c: answers without an end, for clients that have to notice; they go on until the client is
 * gone, whatever it sends. Messages or empty results; or as response->flood says, beginning with
 * the row that starts at row_at in the output. */
void flood_tokens(Link *link, FloodKind kind);
void flood_row(Response *response, size_t row_at);

/* token.c: tokens that need the engine's types; each function appends one whole token. */
#define SERVER_NAME "ssisminer-sandbox"
void token_put_env_collation(Buf *buf);
bool token_put_return_value(Buf *buf, unsigned ordinal, const SbParam *param);
void token_put_columns(Buf *buf, const SbColumn *columns, size_t count);

#endif
