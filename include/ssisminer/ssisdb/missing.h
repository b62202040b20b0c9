/*
 * Parts of an answer that the server did not give.
 *
 * What a busy, full, throttled or read-only server breaks off is left out and told: the rest is
 * better than nothing at three in the morning. A lost connection, and an error that will come
 * again, end the whole.
 *
 * Ownership: the texts live in the arena given.
 */
#ifndef SSISMINER_SSISDB_MISSING_H
#define SSISMINER_SSISDB_MISSING_H

#include "ssisminer/base/arena.h"
#include "ssisminer/ssisdb/ssisdb.h"

typedef struct MissingPart {
    const char *what, *why;
} MissingPart;

enum { MISSING_PARTS = 8 }; // more are not listed, and no answer has so many

typedef struct Missing {
    MissingPart list[MISSING_PARTS];
    size_t count;
} Missing;

/* What became of reading `what`: `rc` and `own`. An error that the answer stands without is put
 * down, and is RC_OK; any other is `err`, with "reading <what>". */
Rc missing_record(Missing *missing, const Ssisdb *db, const char *what, Rc rc, const Err *own,
                  Arena *arena, Err *err) MUST_CHECK;

/* "<answer> incomplete: …", such as "the report is"; RC_OK when nothing is missing. */
Rc missing_check(const Missing *missing, const char *answer, Err *err) MUST_CHECK;

#endif
