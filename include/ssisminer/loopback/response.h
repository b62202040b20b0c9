/*
 * The answer to one request: an SbSink that writes tokens to a link.
 *
 * A DONE is held back until it is known whether something follows it. Once the client has
 * canceled, or is gone, nothing more is written and every sink function returns false.
 */
#ifndef SSISMINER_LOOPBACK_RESPONSE_H
#define SSISMINER_LOOPBACK_RESPONSE_H

#include "ssisminer/base/arena.h"
#include "ssisminer/engine/engine.h"
#include "ssisminer/loopback/link.h"
#include "ssisminer/packet/token.h"

#include <stdatomic.h>
#include <stdbool.h>

typedef struct Response {
    Link *link;
    Session *session; // NULL before the login
    const struct WireHooks *hooks;
    const void *noted; // by a hook, for those that follow in the same answer
    atomic_bool *is_canceled;
    Arena *arena;
    bool is_procedure; // the answer to a call, not to a batch
    bool *is_in_transaction;
    bool is_before_73;
    SbType *types; // of the result being sent, as the engine has them
    size_t column_count;
    int64_t rows;
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

/* One value as this client reads it; false: it is none of its type. */
bool response_put_value(const Response *response, Buf *buf, const SbType *type,
                        const SbValue *value);
/* Already encoded rows of the result that was begun. */
bool response_put_rows(Response *response, const char *bytes, size_t len, int64_t rows);

void response_end_batch(Response *response);
/* Status and output parameters (those with is_output), then the last DONE. */
void response_end_procedure(Response *response, int32_t status, const SbParam *params,
                            size_t count);
/* The running answer of a canceled request, then, as a message of its own, the acknowledgement. */
void response_end_canceled(Response *response);
void response_end_attention(Link *link);

enum { SEVERITY_CLOSES = 20 };

#define SERVER_NAME "ssisminer-sandbox"

#endif
