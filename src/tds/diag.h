/*
 * What the driver says when something fails, read once and put in order: the server's own
 * words and number, and what kind of failure it is.
 */
#ifndef SSISMINER_SRC_TDS_DIAG_H
#define SSISMINER_SRC_TDS_DIAG_H

#include "driver.h"
#include "ssisminer/tds/transient.h"

typedef struct TdsFault {
    char state[6];  // SQLSTATE of the decisive record, empty when there was none
    int32_t number; // the server's own, -2 for a client time-out, 0 for the driver's messages
    int32_t native; // as the driver gave it, its own numbers too
    TdsTransience transience;
    bool is_lost;           // the connection is of no more use
    bool is_timeout;        // the query or login time-out of this program
    bool is_slow;           // is_timeout, though something came all the time
    bool is_too_large;      // the answer has used up the memory
    bool is_flood;          // more came than a row, or an answer without rows, may be
    bool is_driver_missing; // no such ODBC driver on this machine
    char words[1500];       // without "[FreeTDS][SQL Server]" and the final full stop
} TdsFault;

enum { TDS_NUMBER_TIMEOUT = -2 };

void tds_fault_read(const TdsDriver *driver, SQLSMALLINT type, SQLHANDLE handle,
                    TdsFault *ret_fault);

/* False when they say nothing, as FreeTDS's for a connection that was reset. */
bool tds_fault_tells(const TdsFault *fault);

/* Says -v what a successful call had to tell; the everyday 5701 and 5703 are left out. */
void tds_fault_log_infos(const TdsDriver *driver, SQLHSTMT stmt);

/* Makes the error of a statement: RC_RIGHTS for a refused permission, else RC_QUERY. */
Rc tds_fault_of_statement(const TdsFault *fault, int query_timeout_s, Err *err);

/* The error of a login that the server itself refused (fault->number > 0): RC_CONNECT. */
Rc tds_fault_of_login(const TdsFault *fault, Err *err);

#endif
