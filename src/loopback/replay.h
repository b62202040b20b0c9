/*
 * A prepared result served at memory speed, so that a benchmark measures the client.
 *
 * Every statement that selects from catalog.event_messages is answered with the columns that the
 * engine gives it and a fixed number of made-up rows: messages of about 180 bytes, one in a
 * hundred a known error. Rows are encoded once a result shape and then repeated.
 */
#ifndef LOOPBACK_REPLAY_H
#define LOOPBACK_REPLAY_H

#include "response.h"
#include "traffic.h"

typedef struct Replay Replay;

Rc replay_parse(const char *rows, Replay **ret_replay, Err *err) MUST_CHECK; // NULL: none
void replay_free(Replay *replay);
bool replay_wants(const Replay *replay, Str statement);

/* Runs the statement for its columns, then sends the rows. */
void replay_run(Replay *replay, Session *session, const TrafficEntry *entry, SbParam *params,
                size_t param_count, Response *response);

#endif
