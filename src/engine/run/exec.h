/* The interpreter: statements one after another, variables, errors, transactions. */
#ifndef ENGINE_EXEC_H
#define ENGINE_EXEC_H

#include "../bind/emit.h"
#include "state.h"

typedef enum Flow {
    FLOW_NEXT,
    FLOW_BREAK,
    FLOW_CONTINUE,
    FLOW_RETURN,
    FLOW_ABORT, // the batch ends; its error was sent
    FLOW_CATCH, // session->fault looks for a CATCH
    FLOW_STOP   // canceled, or the sink said stop
} Flow;

/* One statement of SQLite made from one of T-SQL; lives until its batch ends. */
typedef struct Prepared {
    struct Prepared *next;
    const void *of; // the statement or the expression of the tree
    sqlite3_stmt *stmt;
    size_t *variables;
    size_t variable_count;
    OutColumn *columns;
    size_t column_count;
    const Object *target;
    uint64_t reads_system;
    bool is_assignment;
    const BoundSelect *select; // NULL: none
    Fault fault;               // why it could not be made
    char *bytes;               // text of the value it gave last, owned
} Prepared;

typedef struct Run { // a frame and what belongs to its batch
    Session *session;
    Frame frame;
    Arena arena;
    Prepared *prepared;
    struct Run *outer;
    int nesting;
    World world;       // for the binder, as it was when it last asked
    Settings settings; // of the level above, which come back at the end
} Run;

Variable *frame_find(Frame *frame, Str name);
Variable *run_scalar(Run *run, Str name, int line); // NULL with 137
Binder run_binder(Run *run);                        // of a statement of the batch

/* A fault of the statement; false. */
#define run_fault(run, stmt, ...) fault_set(&(run)->session->fault, (stmt)->line, __VA_ARGS__)

bool run_begin(Run *run, Session *session, Run *outer);
void run_end(Run *run);
Flow run_text(Run *run, Str text); // parses, declares, executes
Flow run_block(Run *run, const Stmt *block);
Flow run_statement(Run *run, const Stmt *stmt);
Flow run_fail(Run *run, const Stmt *stmt); // what session->fault leads to

Variable *run_declare(Run *run, Str name, SbType type);
bool run_declare_all(Run *run, const Stmt *stmt);                         // DECLAREs anywhere below
void variable_set(Variable *variable, const SbValue *value, SbType type); // copies the bytes

Prepared *prepare_statement(Run *run, const Stmt *stmt);
Prepared *prepare_value(Run *run, const Expr *said, bool is_condition, const SbType *to);
bool prepared_bind(Run *run, Prepared *prepared);
SbValue column_value(sqlite3_stmt *stmt, int column, SbType type);
bool step_fault(Session *session, int rc, const Prepared *prepared,
                const Stmt *stmt); // SQLite's error to ours

/* One value; NULL value for none. false: session->fault. */
bool run_value(Run *run, const Stmt *stmt, const Expr *expr, const SbType *to, SbType *ret_type,
               SbValue *ret_value);

Flow exec_call(Run *run, const Stmt *stmt); // proc.c
Flow exec_text(Run *run, const Stmt *stmt);
Flow exec_ddl(Run *run, const Stmt *stmt);         // ddl.c
Flow exec_set_option(Run *run, const Stmt *stmt);  // option.c
Flow exec_transaction(Run *run, const Stmt *stmt); // transact.c
bool ddl_is_owner(const Run *run);
bool principal_create(Run *run, const Stmt *stmt); // principal.c
bool principal_create_login(Run *run, const Stmt *stmt);
bool principal_role_member(Run *run, const Stmt *stmt);
bool principal_grant(Run *run, const Stmt *stmt);
bool principal_is_of_server(const Stmt *stmt); // may run in master
bool make_table(Run *run, const Name *name, const TableDef *def, Str variable, Object **ret_object);
bool drop_table(Session *session, const Object *object);

bool transact_begin_write(Session *session,
                          const Object *target); // false: session->fault or canceled
bool transact_end_write(Session *session, bool ok);
void transact_rollback_all(Session *session);
bool transact_begin(Session *session, Str name);

bool sink_done(Run *run, bool is_select, bool has_count, int64_t count);

#endif
