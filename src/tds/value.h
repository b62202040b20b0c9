/* Values as the driver gives them, turned into ours. */
#ifndef SSISMINER_SRC_TDS_VALUE_H
#define SSISMINER_SRC_TDS_VALUE_H

#include "ssisminer/base/str.h"
#include "ssisminer/base/time.h"

#include <sql.h>
#include <sqlext.h>

/* datetimeoffset as both drivers lay it out for SQL_C_BINARY: the clock of the place, and how
 * far it is from UTC. */
typedef struct TdsTimeOffset {
    SQLSMALLINT year;
    SQLUSMALLINT month, day, hour, minute, second;
    SQLUINTEGER fraction; // ns
    SQLSMALLINT offset_hours, offset_minutes;
} TdsTimeOffset;

Instant tds_instant_of_offset(const TdsTimeOffset *at);
Instant tds_instant_of_timestamp(const SQL_TIMESTAMP_STRUCT *at); // read as UTC
/* "2025-09-07 08:15:59.1234567 -05:30"; without an offset UTC. Not set when it is no such text. */
Instant tds_instant_of_text(Str text);

enum { TDS_GUID_LEN = 36 };
void tds_guid_text(const SQLGUID *guid, char *ret_text); // 36 characters, upper case, no NUL

#endif
