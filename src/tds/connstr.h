/* The ODBC connection string: which driver, and its own keywords. */
#ifndef SSISMINER_SRC_TDS_CONNSTR_H
#define SSISMINER_SRC_TDS_CONNSTR_H

#include "server.h"

#include "ssisminer/base/arena.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/tds/tds.h"

typedef enum TdsDialect {
    TDS_DIALECT_FREETDS,
    TDS_DIALECT_MICROSOFT, // msodbcsql's keywords
    TDS_DIALECT_DSN        // everything but the login is in odbc.ini
} TdsDialect;

enum { TDS_CONNSTR_MAX = 8000 };

TdsDialect tds_dialect_of(const TdsTarget *target);

/* Refuses (RC_USAGE) what the chosen driver cannot do, and says which one can.
 * freetds_version as 10317 for 1.3.17, 0 when unknown. */
Rc tds_check_target(const TdsTarget *target, int freetds_version, Err *err) MUST_CHECK;

/* What a driver that nobody named is. */
extern const TdsDialect tds_default_dialect;

/* Names to try after Driver=, best first: the target's own, or "FreeTDS" as odbcinst knows it
 * and then the libraries found in the usual places; on Windows Microsoft's, the newest first. */
const char *const *tds_driver_names(const TdsTarget *target, Arena *arena, size_t *ret_count);

/* Appends the string; ends in ';' (FreeTDS 1.3.17 loses the last value otherwise). It holds the
 * password: wipe it with tds_wipe. */
Rc tds_connstr(const TdsTarget *target, const TdsServer *server, const char *driver,
               int freetds_version, Buf *ret_text, Err *err) MUST_CHECK;

/* Overwrites all memory of the buffer, then frees it. */
void tds_wipe(Buf *buf);

#endif
