/*
 * Fills a sandbox with a believable history, and knows the truth about it.
 *
 * Deterministic: the same options give the same rows. Everything is placed relative to `now`.
 */
#ifndef SSISMINER_SRC_SANDBOX_DATA_GENERATE_H
#define SSISMINER_SRC_SANDBOX_DATA_GENERATE_H

#include "ssisminer/base/err.h"
#include "ssisminer/base/time.h"
#include "ssisminer/engine/engine.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What may be planted beside failures. A small history has room for the first few only: together
 * they take at most half of the executions. PLANT_CLEANUP_DISABLED and PLANT_VERBOSE are off
 * unless named in `extra_plants`, since they change what a clean-up or a log volume does. */
#define PLANT_DUPLICATES       UINT32_C(0x0001) // all kinds of duplicates, and what only looks like one
#define PLANT_ZOMBIES          UINT32_C(0x0002) // live status, no sign of life
#define PLANT_WAITS            UINT32_C(0x0004) // hours in which the runtime is full (azure)
#define PLANT_SLOW             UINT32_C(0x0008) // runs far above their own baseline
#define PLANT_OPERATIONS       UINT32_C(0x0010) // failed operations that are no executions
#define PLANT_RETENTION        UINT32_C(0x0020) // RETENTION_WINDOW 365 instead of 14
#define PLANT_PURGE_FAILED     UINT32_C(0x0040) // the newest purge failed
#define PLANT_ORPHAN_KEYS      UINT32_C(0x0080) // keys of executions that are gone
#define PLANT_WORKER_OFFLINE   UINT32_C(0x0100) // a worker unseen for days
#define PLANT_VERSIONS         UINT32_C(0x0200) // a project above MAX_PROJECT_VERSIONS
#define PLANT_CLEANUP_DISABLED UINT32_C(0x0400) // OPERATION_CLEANUP_ENABLED FALSE
#define PLANT_VERBOSE          UINT32_C(0x0800) // SERVER_LOGGING_LEVEL 3
#define PLANT_BARE             UINT32_C(0x1000) // NULL wherever the schema allows it: one failed, one succeeded

typedef struct GenerateOptions {
    uint64_t seed;
    int days; // the history's length
    int64_t executions;
    Instant now;                    // end of the history
    int64_t messages_per_execution; // 0: as the tasks of a package give, about 11; else exactly
                                    // that many
    int64_t failures;               // -1: every known one at least once, a tenth if that is more
    uint32_t extra_plants;          // PLANT_* that are off by default
    uint32_t omit_plants;           // PLANT_* not wanted
} GenerateOptions;

/* truth may be NULL; else one JSON object (format: src/sandbox/README.md). */
Rc generate(Engine *engine, const GenerateOptions *options, FILE *truth, Err *err) MUST_CHECK;

/* PLANT_* of "duplicates", "purge-failed", …; 0 for an unknown name. */
uint32_t generate_plant(const char *name);

/* Schema and data as T-SQL batches separated by GO. With drop_first the script begins by dropping
 * what an earlier run of the same flavor left in the database. */
Rc dump_tsql(Engine *engine, bool drop_first, FILE *out, Err *err) MUST_CHECK;

#endif
