/*
 * Ends that cannot be.
 *
 * Some paths of the catalog write SYSDATETIME() into end_time: the server's local clock, stamped
 * as UTC (docs/facts.md#times). East of Greenwich such an end lies ahead of the server's now,
 * west of it before the creation. Neither is believed: the operation counts as one whose end is
 * unknown, and the answer says of how many that holds.
 */
#ifndef SSISMINER_SSISDB_ENDS_H
#define SSISMINER_SSISDB_ENDS_H

#include "ssisminer/base/arena.h"
#include "ssisminer/ssisdb/ssisdb.h"

/* The latest end that is believed: the server's now, and what an answer takes to be read. */
Instant ends_latest(const Ssisdb *db);
/* Ticks; 0 is unknown. */
bool ends_cannot_be(int64_t created, int64_t start, int64_t end, int64_t latest);
/* Takes an end that cannot be away; true when it did. */
bool ends_clear(Instant created, Instant start, Instant *end, Instant latest);
/* "2 ends cannot be: …": what an answer warns of; NULL for none. */
const char *ends_warning(size_t count, Arena *arena);

#endif
