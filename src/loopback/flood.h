/*
 * Answers without an end, for clients that have to notice. They go on until the client is gone,
 * whatever it sends.
 */
#ifndef LOOPBACK_FLOOD_H
#define LOOPBACK_FLOOD_H

#include "response.h"

/* Messages or empty results. */
void flood_tokens(Link *link, FloodKind kind);
/* As response->flood says, beginning with the row that starts at row_at in the output. */
void flood_row(Response *response, size_t row_at);

#endif
