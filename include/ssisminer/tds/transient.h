/*
 * Which of a server's error numbers pass by themselves.
 *
 * The numbers and their classes are those of Microsoft's pages on transient faults and
 * resource limits of Azure SQL (shared/ssisdb-facts.md §9.1); what is not here is permanent.
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
    TDS_TRANSPORT  // the connection broke (with SQLSTATE 08…: the numbers mean other things too)
} TdsTransience;

typedef struct TdsTransient {
    int32_t number;
    TdsTransience transience;
    const char *name; // "service busy"
} TdsTransient;

const TdsTransient *tds_transients(size_t *ret_count);
const TdsTransient *tds_transient(int32_t number); // NULL when it is permanent

#endif
