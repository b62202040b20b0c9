/*
 * The SSIS catalogue in C: what this server is, and typed records of what it holds.
 *
 * Facts about columns and values: shared/ssisdb-facts.md §1–2 (Microsoft's view pages and a
 * public dump of the schema). Builds differ, so what may be missing is probed once.
 *
 * Ownership: everything read lives in the arena it was read into.
 */
#ifndef SSISMINER_SSISDB_SSISDB_H
#define SSISMINER_SSISDB_SSISDB_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/time.h"
#include "ssisminer/tds/tds.h"

#include <stdbool.h>
#include <stdint.h>

/* operations.status */
typedef enum OperationStatus {
    STATUS_CREATED = 1,
    STATUS_RUNNING = 2,
    STATUS_CANCELED = 3,
    STATUS_FAILED = 4,
    STATUS_PENDING = 5,
    STATUS_ENDED_UNEXPECTEDLY = 6,
    STATUS_SUCCEEDED = 7,
    STATUS_STOPPING = 8,
    STATUS_COMPLETED = 9
} OperationStatus;

const char *status_name(int status);       // "ended unexpectedly"; "status 42" for an unknown one
bool status_is_live(int status);           // 2, 5, 8
bool status_is_terminal(int status);       // 3, 4, 6, 7, 9
const char *operation_type_name(int type); // "deploy_project"

/* message_type */
typedef enum MessageType {
    MESSAGE_PRE_EXECUTE = 30,
    MESSAGE_INFORMATION = 70,
    MESSAGE_QUERY_CANCEL = 100,
    MESSAGE_WARNING = 110,
    MESSAGE_ERROR = 120,
    MESSAGE_TASK_FAILED = 130
} MessageType;

const char *message_type_name(int type);
const char *message_source_name(int source_type);

/* What this server is; probed once per connection, in a constant number of statements. */
typedef struct Ssisdb {
    Tds *tds;
    const char *server_name;
    const char *database_name;
    const char *product_version; // "15.0.4123.1"
    int engine_edition;          // SERVERPROPERTY('EngineEdition'): 5 Azure SQL DB, 8 Managed Instance
    const char *login_name;
    Instant server_now;
    int64_t clock_skew_ticks;    // server minus client
    bool is_sysadmin;
    bool is_db_owner;
    bool is_ssis_admin;
    bool is_logreader;
    bool sees_all;               // one of the above that lifts the row filter
    const char *schema_version;  // catalog_properties, NULL if absent
    const char *schema_build;
    int64_t retention_days;      // 0 if unknown
    bool cleanup_enabled;
    int64_t logging_level;       // server-wide default, -1 if unknown
    int64_t encryption_level;    // 1 PER_EXECUTION, 2 PER_PROJECT, 0 unknown
    const struct SsisdbProperty *properties;
    size_t property_count;
    struct SsisdbObjects *objects; // private: schemas, tables, columns
} Ssisdb;

typedef struct SsisdbProperty {
    const char *name;
    const char *value;
} SsisdbProperty;

/* Probes, and makes the answer known to the Tds for its `needs` lines. A database without
 * catalog.executions is refused (RC_USAGE: "is not an SSISDB"). */
Rc ssisdb_probe(Tds *tds, Arena *arena, Ssisdb **ret_db, Err *err) MUST_CHECK;
bool ssisdb_has(const Ssisdb *db, const char *object); // "internal.jobs", "catalog.executions.executed_count"
const char *ssisdb_flavour(const Ssisdb *db);          // "Azure SQL Database", "SQL Server 2019", …

typedef struct Execution {
    int64_t id;
    const char *folder, *project, *package;
    const char *environment_folder, *environment; // NULL if none
    int64_t reference_id;                         // 0 if none
    const char *caller, *executed_as;
    int status;
    Instant created, start, end;
    const char *server_name, *machine_name;
    const char *worker_agent_id; // NULL where the build has none
    int64_t executed_count;      // 0 where unknown
    int64_t process_id;
    bool use_32bit;
    const char *stopped_by;
    int logging_level; // effective, -1 unknown
} Execution;

typedef struct Operation { // any row of catalog.operations
    int64_t id;
    int type;
    int object_type;
    const char *object_name;
    int status;
    const char *caller;
    Instant created, start, end;
} Operation;

typedef struct Message {
    int64_t operation_id;
    int64_t id; // 0 for scale-out rows, whose id is NULL
    Instant time;
    int type, source_type;
    int64_t code; // message_code, 0 if none
    const char *package;
    const char *event_name, *source_name, *subcomponent;
    const char *package_path, *execution_path;
    Str text;
} Message;

/* Filters every command shares (globs, '!' negates; NULL or empty list: all). Applied on the
 * client: names never reach SQL text and a glob means the same everywhere. */
typedef struct ExecutionFilter {
    const char *const *folders, *const *projects, *const *packages, *const *callers;
    size_t folder_count, project_count, package_count, caller_count;
    int64_t execution_id; // 0: all
} ExecutionFilter;
bool execution_passes(const ExecutionFilter *filter, const Execution *execution);

#endif
