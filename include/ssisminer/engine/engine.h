/*
 * The sandbox's database: an SSISDB in SQLite that speaks the T-SQL of sql/.
 *
 * The schema is T-SQL too (sql/schema): the engine runs it through its own
 * front end, and `dump --tsql` prints the very same text for a real server. Two-part names become
 * one quoted name in SQLite ("internal.operations"), so foreign keys hold across everything.
 * What the front end does not understand it refuses with error 102 and never guesses; an INFO
 * "sandbox: ..." before the error says why. Text compares as under SQL_Latin1_General_CP1_CI_AS in
 * case and blanks, but sorts by code point.
 *
 * Storage: stored.h.
 * Set by tests: the table sandbox.resource_stats is what sys.dm_db_resource_stats shows (azure).
 * Threads: one Session per connection and thread, each with its own SQLite connection to the
 *          one database file (WAL: readers do not block; a writer that waits longer than its
 *          LOCK_TIMEOUT gets 1222). engine_* of one Engine may be called from any thread.
 */
#ifndef SSISMINER_ENGINE_ENGINE_H
#define SSISMINER_ENGINE_ENGINE_H

#include "ssisminer/base/err.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Engine Engine;
typedef struct Session Session;

typedef enum Flavor { FLAVOR_AZURE, FLAVOR_SQL2019, FLAVOR_SQL2012 } Flavor;

/* Further servers: the catalog of a flavor on another engine, with its version and rights. */
typedef enum EngineKind {
    ENGINE_OF_FLAVOR,
    ENGINE_SQL2022, // the catalog of 2019
    ENGINE_MANAGED  // Managed Instance: the catalog of Azure
} EngineKind;

typedef enum SbTypeId {
    SB_BIT,
    SB_TINYINT,
    SB_SMALLINT,
    SB_INT,
    SB_BIGINT,
    SB_FLOAT,
    SB_DECIMAL,
    SB_NVARCHAR, // also nchar, varchar, char, sysname: max_chars -1 for (max)
    SB_DATE,
    SB_DATETIME,
    SB_DATETIME2,
    SB_DATETIMEOFFSET,
    SB_UNIQUEIDENTIFIER,
    SB_VARBINARY,
    SB_SQL_VARIANT
} SbTypeId;

enum { REAL_PRECISION = 24 };

typedef struct SbType {
    SbTypeId id;
    int max_chars;        // NVARCHAR, VARBINARY (bytes); -1 for max
    int precision, scale; // NVARCHAR: precision 1 not Unicode, scale 1 fixed length; FLOAT:
                          // REAL_PRECISION, or 0
} SbType;

typedef struct SbValue {
    bool is_null;
    int64_t i64;  // BIT … BIGINT
    double f64;   // FLOAT
    Str bytes;    // NVARCHAR as UTF-8, VARBINARY, DECIMAL and UNIQUEIDENTIFIER as text
    Instant time; // all date types; all but DATETIMEOFFSET show ticks + offset, the wall clock
    SbType held;  // SQL_VARIANT: what it holds; says which of the members above to read
} SbValue;

typedef struct SbColumn {
    const char *name; // "" for an unnamed one
    SbType type;
    bool is_nullable;
} SbColumn;

typedef struct SbParam { // of an RPC: "@since", its type and value
    const char *name;
    SbType type;
    SbValue value;
    bool is_output;
} SbParam;

/* Where results go; the wire encodes them as TDS tokens. Every function may return false: stop
 * (the client canceled or is gone), and may be NULL: nobody wants to know. */
typedef struct SbSink {
    void *context;
    bool (*columns)(void *context, const SbColumn *columns, size_t count);
    bool (*row)(void *context, const SbValue *values, size_t count);
    /* End of one statement; has_count false under NOCOUNT. is_select tells CurCmd. */
    bool (*done)(void *context, bool is_select, bool has_count, int64_t count);
    /* An ERROR token: number, state, class (severity), text, procedure ("" if none), line. */
    bool (*error)(void *context, int32_t number, int state, int severity, const char *text,
                  const char *procedure, int line);
    /* An INFO token (PRINT, RAISERROR below 11); is_now: it is to be seen now (WITH NOWAIT). */
    bool (*info)(void *context, int32_t number, int state, int severity, const char *text, int line,
                 bool is_now);
    bool (*database)(void *context, const char *name); // USE
    bool (*transaction)(void *context, int kind,
                        uint64_t id); // 8 begun, 9 committed, 10 rolled back
} SbSink;

typedef struct EngineOptions {
    Flavor flavor;
    EngineKind kind;
    const char
        *path; // SQLite file, new or of an earlier run with the same schema; NULL: a private one
    const char *database_name; // default SSISDB
    bool is_bare;              // without the schema: an empty scratch database
    bool reads_wait;           // for who writes, as without READ_COMMITTED_SNAPSHOT
    Instant now;               // start of the sandbox's clock; unset for the real one
    /* The file holds what was read of another server (sql/engine/capture.sql): a new one is made
     * for it, one that exists is checked, only read, and answers as that server did at `now`. */
    bool is_capture;
} EngineOptions;

Rc engine_open(const EngineOptions *options, Engine **ret_engine, Err *err) MUST_CHECK;
void engine_close(Engine *engine);
Flavor engine_flavor(const Engine *engine);
struct sqlite3 *engine_store(Engine *engine); // for the generator, before the first session

/* The schema as T-SQL batches of this flavor, for dump. */
char *const *engine_schema(const Engine *engine, size_t *ret_count);

/* Login decides what IS_MEMBER, IS_SRVROLEMEMBER, HAS_PERMS_BY_NAME and the row filters say:
 * sa (sysadmin), admin (ssis_admin), reader (ssis_logreader), nobody (public only),
 * purger (EXECUTE on the clean-up procedures), deleter (SELECT, DELETE on schema internal), and
 * whatever CREATE LOGIN, CREATE USER, ALTER ROLE and GRANT add to them.
 * NULL session for a login that is unknown or has no user in the database (the wire answers 18456).
 */
Session *session_open(Engine *engine, const char *login, const char *application);
/* What HOST_NAME() says: whatever the client's login named. */
void session_set_host(Session *session, const char *host);
/* Its login is over: on Azure SQL Database the database stays from now on. */
void session_start(Session *session);
void session_close(Session *session);
/* The password that CREATE LOGIN gave it; NULL: the sandbox's own. */
const char *engine_login_password(Engine *engine, const char *login);
int session_id(const Session *session); // @@SPID

/* Runs a batch; params are visible in it as variables (sp_executesql, sp_prepexec). Errors of
 * the statement go to the sink; false only when the sink said stop. Output params are set. */
bool session_run(Session *session, Str batch, SbParam *params, size_t param_count,
                 const SbSink *sink);
/* A statement with declarations of its parameters, as sp_executesql takes them. They come as a
 * client sent them, each under its name or, without one, at its place; each takes the type that is
 * declared, and the output ones have their value and type afterwards. */
bool session_execute(Session *session, Str statement, Str declarations, SbParam *params,
                     size_t count, const SbSink *sink);
/* Runs nothing: the sink hears what would be wrong with it, and the columns of its results. */
bool session_describe(Session *session, Str statement, Str declarations, const SbSink *sink);
/* Transaction Manager requests: 5 begin, 7 commit, 8 rollback; the transaction's name,
 * "" for none. */
bool session_transaction(Session *session, int request, const char *name, const SbSink *sink);
/* From another thread: ends the running statement. */
void session_cancel(Session *session);

#endif
