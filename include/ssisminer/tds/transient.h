/*
 * Which of a server's error numbers pass by themselves, and what helps against them.
 *
 * The numbers and their classes are those of Microsoft's pages on transient faults and resource
 * limits of Azure SQL (docs/facts.md#azures-errors) and on availability groups, and the list of
 * transient errors in Microsoft's own clients; what is not here is permanent.
 */
#ifndef SSISMINER_TDS_TRANSIENT_H
#define SSISMINER_TDS_TRANSIENT_H

#include <stddef.h>
#include <stdint.h>

typedef enum TdsTransience {
    TDS_PERMANENT,
    TDS_PASSING,   // the service moves or restarts: again on a fresh connection
    TDS_GOVERNED,  // a limit is reached: again later, and less of it
    TDS_REOPENING, // passing when the database was open before, else a wrong name or missing right
    TDS_CONTENDED, // deadlock victim, lock time-out: the whole transaction again
    TDS_OVERSIZED, // ended for its size (locks, log, tempdb, memory): again, and less of it
    TDS_FULL,      // log or space is full: only when somebody, or a log backup, has made room
    TDS_TRANSPORT  // the connection broke (with SQLSTATE 08…: the numbers mean other things too)
} TdsTransience;

typedef struct TdsTransient {
    int32_t number;
    TdsTransience transience;
    const char *name; // "service busy"
} TdsTransient;

const TdsTransient *tds_transients(size_t *ret_count);
const TdsTransient *tds_transient(int32_t number); // NULL when it is permanent

/* What one who writes in batches does about an error. tds itself repeats what TDS_WAITING is said
 * of (and a lost connection) as often as it was told to, before the caller sees the error. */
typedef enum TdsRemedy {
    TDS_HOPELESS,  // never passes: end
    TDS_WAITING,   // the same again, later: failover, busy service, a database that wakes up
    TDS_SMALLER,   // less at a time, after a moment: locks, deadlock, time-out, memory, tempdb
    TDS_ROOM_FIRST // log or space: later, and less at a time; a log backup may take minutes
} TdsRemedy;

TdsRemedy tds_remedy(int32_t number); // -2: the query time-out of this program

#endif
