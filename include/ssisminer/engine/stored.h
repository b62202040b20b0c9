/*
 * Values as SQLite keeps them.
 *
 * bit, tinyint, smallint, int, bigint INTEGER · real, float REAL · text TEXT (UTF-8) ·
 * uniqueidentifier TEXT, upper case · varbinary BLOB · decimal BLOB (decimal.h) · dates INTEGER
 * (time_pack). sql_variant: an int, a float or nvarchar as it is, everything else a BLOB
 * that begins with its type.
 */
#ifndef SSISMINER_ENGINE_STORED_H
#define SSISMINER_ENGINE_STORED_H

#include "ssisminer/base/buf.h"
#include "ssisminer/engine/engine.h"

struct sqlite3_value;

typedef struct Stored {
    int kind; // SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_BLOB, SQLITE_NULL
    int64_t i64;
    double f64;
    Str bytes;
} Stored;

/* An argument of a function, or a column of the row that a statement stands on (its connection is
 * used by one thread at a time); its bytes are valid as long. */
Stored stored_from(struct sqlite3_value *value);
/* A decimal's bytes are its BLOB, not text; where an INTEGER was kept, they are NULL and i64 says
 * it. */
SbValue stored_value(const Stored *stored, SbType type);
Stored stored_of(const SbValue *value, SbType type,
                 Buf *room); // bytes may lie in room, which is reset

/* The wall clock with the digits of the type, and the offset that a datetimeoffset has:
 * "2026-03-01 10:11:12.1234567 +01:00", in ISO 8601 "2026-03-01T10:11:12.1234567+01:00". */
void stored_put_time(Instant at, SbType type, bool is_iso, Buf *out);

/* What a sql_variant holds as T-SQL that makes it again: CAST('2026-03-01T00:00:00'
 * AS datetime). */
void stored_put_variant(const SbValue *value, Buf *out);

#endif
