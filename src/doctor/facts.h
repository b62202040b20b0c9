/* Private to doctor: what the checks look at. */
#ifndef DOCTOR_FACTS_H
#define DOCTOR_FACTS_H

#include "ssisminer/doctor/doctor.h"
#include "ssisminer/ssisdb/foreign_keys.h"
#include "ssisminer/ssisdb/rights.h"
#include "ssisminer/ssisdb/silent.h"
#include "ssisminer/ssisdb/workers.h"

enum { SILENT_MAX = 100 };

typedef struct Purges {
    int64_t operations;
    Instant oldest, newest, newest_success; // of operations; of purges
    int newest_status;                      // 0: there was none
} Purges;

typedef struct Space {
    int64_t max, used; // bytes; max 0: no limit
} Space;

typedef struct Keys {
    int64_t count, orphans, first_orphan, last_orphan;
} Keys;

typedef struct Versioned {
    const char *project;
    int64_t versions;
} Versioned;

typedef struct Leftovers {
    int64_t first_operation, messages, jobs;
} Leftovers;

typedef struct Peak { // percent
    double cpu, data_io, log_write, workers, sessions;
} Peak;

/* Each part has the reason why it is not known beside it; NULL: it is. */
typedef struct Facts {
    const Ssisdb *db;
    Arena *arena;
    Rights rights;
    Purges purges;
    const char *no_purges;
    Space space;
    const char *no_space;
    DoctorTable *tables;
    size_t table_count;
    const char *no_tables;
    ForeignKeys foreign_keys;
    const char *no_foreign_keys;
    SilentOperations silent; // the first SILENT_MAX
    const char *no_silent;
    Keys keys;
    const char *no_keys;
    Versioned *versions;
    size_t version_count;
    const char *no_versions;
    Workers workers;
    const char *no_workers;
    Leftovers leftovers;
    const char *no_leftovers;
    Peak peak;
    const char *no_peak;
} Facts;

/* Reads all of it. What this login or this build may not see is no error. */
Rc facts_read(const Ssisdb *db, Arena *arena, Facts *ret_facts, Err *err) MUST_CHECK;

int64_t facts_setting(const Facts *facts, const char *name, int64_t otherwise);

#endif
