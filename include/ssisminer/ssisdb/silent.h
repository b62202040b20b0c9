/*
 * Operations that seem to run and give no sign of life: what a worker or a server that died leaves
 * behind, and what no purge ever deletes (docs/facts.md#after-a-crash).
 *
 * Signs are messages and the statistics of executables. One that logs at level None writes
 * neither, so that its silence says nothing: `logs_nothing`.
 *
 * Ownership: everything lives in the arena given.
 */
#ifndef SSISMINER_SSISDB_SILENT_H
#define SSISMINER_SSISDB_SILENT_H

#include "ssisminer/ssisdb/ssisdb.h"

enum { SILENT_HOURS = 24 };

typedef struct SilentOperation {
    int64_t id;
    int type, status;                 // status: running, pending or stopping
    const char *object_name, *caller; // NULL if unknown
    Instant began, last_sign;         // last_sign unset: there was none
    bool logs_nothing;
} SilentOperation;

typedef struct SilentOperations { // in the order of their ids
    const SilentOperation *list;
    size_t count;
    bool has_more; // than `most`
} SilentOperations;

/* Those that began, and were last heard of, more than SILENT_HOURS ago. From the tables for a
 * login that may read them, else from the views, which show a login only what it may see. */
Rc silent_read(const Ssisdb *db, bool from_tables, size_t most, Arena *arena,
               SilentOperations *ret_silent, Err *err) MUST_CHECK;

#endif
