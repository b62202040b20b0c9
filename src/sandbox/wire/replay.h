/*
 * A prepared result served at memory speed, so that a benchmark measures the client.
 *
 * Every statement that selects from catalog.event_messages is answered with the columns that the
 * engine gives it and a fixed number of made-up rows: messages of about 180 bytes, one in a
 * hundred a known error. Rows are encoded once a result shape and then repeated.
 */
#ifndef SANDBOX_WIRE_REPLAY_H
#define SANDBOX_WIRE_REPLAY_H

#include "ssisminer/loopback/response.h"

typedef struct Replay Replay;

Rc replay_parse(const char *rows, Replay **ret_replay, Err *err) MUST_CHECK; // NULL: none
void replay_free(Replay *replay);
void replay_tune(const Replay *replay, const Link *link);
bool replay_wants(const Replay *replay, Str statement);
/* Takes the columns that the engine gives, then sends the rows. */
SbSink replay_sink(Response *response);
const Replay *replay_of(const Response *response); // hooks.c: its server's

#endif
