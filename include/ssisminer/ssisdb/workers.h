/*
 * The machines that run packages for Scale Out or an Azure-SSIS integration runtime.
 *
 * Ownership: everything lives in the arena given.
 * Errors:    none for a build without workers or a login that may not see them: `is_known` is
 *            false then, and nothing follows from the empty list.
 */
#ifndef SSISMINER_SSISDB_WORKERS_H
#define SSISMINER_SSISDB_WORKERS_H

#include "ssisminer/ssisdb/ssisdb.h"

typedef struct Worker {
    const char *id, *name, *machine; // NULL if unknown
    bool is_enabled;
    Instant last_online; // a worker that lives says so every few seconds
} Worker;

typedef struct Workers { // latest sign of life first
    const Worker *list;
    size_t count;
    bool is_known;
} Workers;

/* One statement where the build has workers, none elsewhere. */
Rc workers_read(const Ssisdb *db, Arena *arena, Workers *ret_workers, Err *err) MUST_CHECK;

/* Enabled, and heard of in the last ten minutes. */
bool worker_is_online(const Worker *worker, Instant now);

#endif
