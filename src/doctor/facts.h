/* Private to doctor: what the checks look at. */
#ifndef DOCTOR_FACTS_H
#define DOCTOR_FACTS_H

#include "ssisminer/doctor/doctor.h"
#include "ssisminer/ledger/ledger.h"
#include "ssisminer/ssisdb/foreign_keys.h"
#include "ssisminer/ssisdb/rights.h"
#include "ssisminer/ssisdb/silent.h"
#include "ssisminer/ssisdb/workers.h"

enum {
    SILENT_MAX = 100,
    GRACE_DAYS = 2, // that what may go may stay: a purge runs once a night
    RETENTION_MOST_DAYS = 3650
};

typedef struct Extent { // of the log
    int64_t operations;
    Instant oldest;
} Extent;

/* The two that ship with the catalog. */
typedef enum PurgeKind { PURGE_OF_OPERATIONS, PURGE_OF_VERSIONS, PURGE_KINDS } PurgeKind;

typedef struct Purges { // of one kind; instants are creations
    Instant newest_success;
    Instant newest_ended;
    int ended_status; // of that one; 0: none has ended
    /* Began after the last that succeeded, and never ended. One may just be at work. */
    size_t open_count;
    Instant first_open, last_open;
    bool is_killed;
} Purges;

typedef struct Doomed { // by the rule that is stated, with some days of grace
    bool is_judged;     // false: no rule is stated
    bool is_of_record;  // the rule: else RETENTION_WINDOW
    int64_t keep_ticks;
    int64_t others, failures; // failures: status failed and ended unexpectedly
    Instant oldest;
} Doomed;

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
    const LedgerRecord *record; // of the last cleanup; is_found says whether there is one
    Extent extent;
    Purges purges[PURGE_KINDS];
    const char *no_purges; // nor the extent
    Doomed doomed;
    const char *no_doomed;
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
Rc facts_read(const Ssisdb *db, const LedgerRecord *record, Arena *arena, Facts *ret_facts,
              Err *err) MUST_CHECK;

/* purges.c */
Rc purges_read(Facts *facts, Err *err) MUST_CHECK;

int64_t facts_setting(const Facts *facts, const char *name, int64_t otherwise);

#endif
