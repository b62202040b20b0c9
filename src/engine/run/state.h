/*
 * The engine and its sessions from inside: shared by this room's files only.
 *
 * Locks: engine->mutex guards the list of sessions, the writer, the application locks and every
 * `waits_for`; engine->changed is broadcast when any of them may let a waiter go on.
 */
#ifndef ENGINE_STATE_H
#define ENGINE_STATE_H

#include "../bind/catalog.h"
#include "../bind/types.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

typedef struct AppLock {
    struct AppLock *next;
    Session *owner;
    char *resource;
    int mode;
    bool of_transaction;
    int count;
} AppLock;

typedef struct Batches {
    char **list;
    size_t count;
} Batches;

struct Engine {
    Flavor flavor;
    EngineKind kind;
    char *path, *directory; // directory: to remove at the end, NULL if the path was given
    char *database;
    Instant clock_start; // unset: the real clock
    int64_t clock_base_ms;
    bool is_capture;  // answers for another server, whose clock stands
    int64_t declared; // tables and indexes of its file that are as they should be
    sqlite3 *store;
    Catalog catalog;
    Arena arena;     // schema batches
    Arena ddl_arena; // what the catalog points to; see ddl.c
    Batches schema;
    bool is_reopened; // the file holds the tables already: statements of the schema only fill the
                      // catalog

    pthread_mutex_t mutex;
    pthread_cond_t changed;
    Session *sessions;
    Session *writer; // holds SQLite's one write transaction
    bool reads_wait; // for the writer
    AppLock *locks;
    int next_session;
    uint64_t next_transaction;
};

typedef struct Variable {
    char *name; // "@name"
    SbType type;
    SbValue value; // text in `bytes`, owned
    char *bytes;
    const Object *table; // @t TABLE (…)
} Variable;

/* One level of execution: a batch, a procedure, an sp_executesql. */
typedef struct Frame {
    struct Frame *outer;
    Variable *variables;
    size_t variable_count;
    const char *procedure; // "" for a batch
    bool is_definer;       // reads and writes with the owner's rights (ownership chain)
    int try_depth, loop_depth;
    int64_t return_value;
    Object **temps; // temporary tables made at this level
    size_t temp_count;
    Arena *arena;
} Frame;

enum { TEMP_MAX = 64, TEXT_SIZE_MAX = 2147483647 };

typedef struct Settings { // by SET, at a level of execution and those below it
    bool no_count, xact_abort;
    long lock_timeout_ms; // -1: for ever
    int64_t text_size;    // bytes of a (max) value that a client gets
    int64_t row_limit;    // -1: none
} Settings;

struct Session {
    Session *next;
    Engine *engine;
    sqlite3 *db;
    int id, principal; // @@SPID; the user that the login is mapped to
    int login_id;
    char *login, *application, *host;
    bool is_sysadmin;
    bool in_master; // a place for logins and their rights
    bool is_new;    // its login may still choose the database
    atomic_bool canceled;
    Frame *frame;
    const SbSink *sink;
    bool stopped; // the sink said stop

    Settings set;
    bool fmt_only;
    bool is_implicit;      // IMPLICIT_TRANSACTIONS: whatever reads or writes a table begins one
    char *identity_insert; // store name of the table, NULL: none

    /* transaction */
    int tran_count;
    uint64_t transaction;
    char tran_name[33];        // of the outermost BEGIN TRANSACTION
    bool has_write, is_doomed; // SQLite's BEGIN IMMEDIATE was done · only ROLLBACK is left

    /* what the last statement left */
    int64_t row_count, last_identity;
    bool has_identity;
    int32_t error_number;
    int try_depth; // of all frames
    Fault caught[16];
    int caught_depth;
    Fault fault;              // of the running statement
    const Frame *fault_frame; // where a compile fault arose
    Fault call_fault;         // set by an SQL function
    Instant now;              // one instant for the whole statement
    int64_t temp_serial;

    /* temporary tables */
    const Object *temps[TEMP_MAX];
    size_t temp_count;
    Arena arena; // names of temporary tables

    Buf scratch, scratch2, out_text;

    /* seen by others, under engine->mutex */
    Session *waits_for;
    char wait_type[32];
    int64_t wait_start_ms;
    bool is_running;
    Instant login_time, request_start;
    char command[32];

    sqlite3_stmt *begin, *commit, *rollback;
};

#define CATALOG(session) (&(session)->engine->catalog)
Instant engine_now(const Engine *engine);
const char *engine_server_name(const Engine *engine);

/* Of a capture: what its server said to "IS_MEMBER(db_owner)" and the like. The statement stands on
 * it, for the caller to finalize; NULL: nobody asked it. */
sqlite3_stmt *session_answer(const Session *session, const char *function, Str what);

bool session_has_role(Session *session, Str role, bool of_server, bool *ret_exists);
bool session_may(Session *session, const char *permission, const Object *object);
bool session_may_see(Session *session, const Object *object);
/* The right that the server's own figures of a database need, and whether the session has it. */
const char *engine_state_right(const Engine *engine);
bool session_may_state(const Session *session);
/* A right to see the database's state, by itself or by a wider one. */
bool session_holds_state(const Session *session, const char *permission);
bool session_sees_sessions(const Session *session); // others than itself
bool session_may_server(const Session *session, const char *permission);
bool engine_is_azure_database(const Engine *engine); // as opposed to an instance
bool engine_knows_performance_state(const Engine *engine);

/* Registers the collation and every function on a connection; session may be NULL. */
int functions_register(sqlite3 *db, Session *session);

/* The first value of a query of the store; 0 when there is none. */
int64_t session_number(const Session *session, const char *sql);

/* Temporary tables of the session, by their T-SQL name. */
const Object *session_temp(const Session *session, Str name);

/* schema.c: reads the batches of sql/schema for the engine's flavor; runs them, and what the
 * engine has of its own. */
void schema_read(Engine *engine);
Rc schema_make(Engine *engine, Err *err) MUST_CHECK;

/* sysview.c: the sys views, rows made from the catalog, the sessions and the locks, put into a
 * temporary table of the connection before a statement that names one runs. */
/* Takes a table's shape as that of the view of this name; false for one that nobody fills. */
bool system_view_publish(Engine *engine, const Object *shape);
bool system_views_create(Session *session); // the temporary tables of a new session
/* Fills those of the mask anew for this session's eyes; false with a fault. */
bool system_views_refresh(Session *session, uint64_t mask, Fault *fault);

#endif
