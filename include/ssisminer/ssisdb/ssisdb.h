/*
 * The SSIS catalog in C: what this server is, and typed records of what it holds.
 *
 * Facts about columns and values: docs/facts.md#columns-and-values, docs/facts.md#enumerations.
 * Builds differ, so what may be missing is probed once.
 *
 * Ownership: everything read lives in the arena it was read into.
 */
#ifndef SSISMINER_SSISDB_SSISDB_H
#define SSISMINER_SSISDB_SSISDB_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/str.h"
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

const char *status_name(int status); // "ended unexpectedly"; "status 42" for an unknown one
/* For records that keep it in a byte: what no server has is 0. */
int8_t status_small(int64_t status);
bool status_is_live(int status);           // 2, 5, 8
bool status_is_terminal(int status);       // 3, 4, 6, 7, 9
const char *operation_type_name(int type); // "deploy_project"

/* operations.operation_type, those that are asked for by value */
enum {
    OPERATION_PURGE = 2,
    OPERATION_RESTORE = 106,
    OPERATION_CREATE_EXECUTION = 200,
    OPERATION_VALIDATE_PROJECT = 300,
    OPERATION_VALIDATE_PACKAGE = 301
};

/* message_type */
typedef enum MessageType {
    MESSAGE_PRE_EXECUTE = 30,
    MESSAGE_INFORMATION = 70,
    MESSAGE_QUERY_CANCEL = 100,
    MESSAGE_WARNING = 110,
    MESSAGE_ERROR = 120,
    MESSAGE_TASK_FAILED = 130
} MessageType;

const char *message_type_name(int type);          // "task failed"
const char *message_source_name(int source_type); // "data flow task"
const char *logging_level_name(int level);        // "Basic"; "unknown" for -1

/* SERVERPROPERTY('EngineEdition') */
enum { ENGINE_ENTERPRISE = 3, ENGINE_AZURE_SQL_DATABASE = 5, ENGINE_MANAGED_INSTANCE = 8 };

/* What this server is; probed once per connection, in a constant number of statements. */
typedef struct Ssisdb {
    Tds *tds;
    const char *server_name;
    const char *database_name;
    const char *product_version; // "15.0.4123.1"
    int engine_edition;          // ENGINE_…, other values are SQL Server on its own machine
    const char *login_name;
    const char *user_name; // of the database, whom the login is mapped to
    Instant server_now;
    int64_t clock_skew_ticks;   // server minus client
    int64_t clock_unsure_ticks; // by which that may be wrong: half the time the answer took
    bool is_read_only;          // a secondary, or a database that was set so
    bool is_sysadmin;
    bool is_db_owner;
    bool is_ssis_admin;
    bool is_logreader;
    bool has_logreader_role;    // the build has ssis_logreader (2016 and later)
    bool sees_all;              // the views' row filter is lifted: sysadmin, ssis_admin or
                                // ssis_logreader. The filter does not ask for db_owner
    bool reads_tables;          // sees_all, and may select from the tables behind the views:
                                // statements then read those, for the views work out their
                                // filter for every row
    const char *schema_version; // catalog_properties, NULL if absent
    const char *schema_build;
    int64_t retention_days; // 0 if unknown
    bool cleanup_enabled;
    int64_t logging_level;    // server-wide default, -1 if unknown
    int64_t encryption_level; // 1 PER_EXECUTION, 2 PER_PROJECT, 0 unknown
    const struct SsisdbProperty *properties;
    size_t property_count;
    struct SsisdbObjects *objects; // private: schemas, tables, columns
} Ssisdb;

typedef struct SsisdbProperty {
    const char *name;
    const char *value;
} SsisdbProperty;

/* Probes, in three statements, and makes the answer known to the Tds for its `needs` lines. A
 * database without catalog.executions is refused (RC_USAGE: "is not an SSISDB"). Settings that
 * this login may not read stay unknown. */
Rc ssisdb_probe(Tds *tds, Arena *arena, Ssisdb **ret_db, Err *err) MUST_CHECK;
/* Of a statement that came to nothing: the server has no such object, or does not show it. What
 * it would have told is unknown then; the run goes on. */
bool ssisdb_is_unseen(Rc rc, const Err *err);
bool ssisdb_has(const Ssisdb *db,
                const char *object); // "internal.jobs", "catalog.executions.executed_count"
/* The role that a login without one should be given to see every execution. */
const char *ssisdb_reading_role(const Ssisdb *db);
const char *ssisdb_property(const Ssisdb *db, const char *name); // a setting; NULL if absent
const char *ssisdb_flavor(const Ssisdb *db); // "Azure SQL Database", "SQL Server 2019", …
/* "host/SSISDB, Azure SQL Database 12.0.2000.8": the head of an answer. */
const char *ssisdb_title(const Ssisdb *db, Arena *arena);

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
    int logging_level; // effective; -1 until somebody reads the execution's parameters
} Execution;

/* Reads the current row of a statement whose head begins with the columns of
 * sql/failures/executions.sql.in, in that order (a unit test holds every statement to it). */
void execution_read(const TdsRows *rows, Arena *arena, Execution *ret_execution);

/* The last of end, start and creation that is known: what decides whether it is in a window. */
Instant execution_time(const Execution *execution);
/* End minus start; until now for one that is still open; -1 if it never started. */
int64_t execution_duration(const Execution *execution, Instant now);

typedef struct Operation { // any row of catalog.operations
    int64_t id;
    int type;
    int object_type;
    const char *object_name;
    int status;
    const char *caller;
    Instant created, start, end;
} Operation;

/* Likewise, for the columns of sql/failures/operations.sql.in. */
void operation_read(const TdsRows *rows, Arena *arena, Operation *ret_operation);
Instant operation_time(const Operation *operation); // as execution_time

typedef struct Message {
    int64_t operation_id;
    int64_t id; // 0 for scale-out rows, whose id is NULL
    Instant time;
    int type, source_type;
    int64_t code;                                       // message_code, 0 if none
    Str package, event_name, source_name, subcomponent; // at NULL: none
    Str package_path, execution_path;
    Str text;
} Message;

/* Likewise, for the columns of sql/failures/messages.sql.in. Borrows: every text in it lives
 * until the next tds_next on these rows. */
void message_read(const TdsRows *rows, Message *ret_message);

/* Filters every command shares. A list passes what one of its globs matches (any, if it has
 * none but negated ones) and no glob with a leading '!' does; NULL or empty: all. A package is
 * known with and without ".dtsx". Applied on the client: names never reach SQL text, and a glob
 * means the same everywhere. */
typedef struct ExecutionFilter {
    const char *const *folders, *const *projects, *const *packages, *const *callers;
    size_t folder_count, project_count, package_count, caller_count;
    const int64_t *ids; // of executions
    size_t id_count;
} ExecutionFilter;
bool execution_passes(const ExecutionFilter *filter, const Execution *execution);
bool execution_filter_is_open(const ExecutionFilter *filter); // passes everything
/* Smallest and largest id that can pass, for statements with first_id and last_id. */
void execution_filter_range(const ExecutionFilter *filter, int64_t *ret_first, int64_t *ret_last);

#endif
