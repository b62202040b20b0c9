/* From a statement's tree to a statement of SQLite, and its values in and out. */
#include "exec.h"
#include "ssisminer/engine/stored.h"

#include <stdio.h>
#include <string.h>

enum { SQL_CAP = 64 << 20 };

static Prepared *new_prepared(Run *run, const void *of)
{
    Prepared *prepared = arena_alloc(&run->arena, sizeof *prepared);
    prepared->of = of;
    prepared->next = run->prepared;
    run->prepared = prepared;
    return prepared;
}

/* What was made when it ran before, in a loop: false for nothing. NULL for what could not be made,
 * with its fault. */
static bool is_prepared(Run *run, const void *of, Prepared **ret_prepared)
{
    Prepared *prepared = run->prepared;
    while (prepared && prepared->of != of)
        prepared = prepared->next;
    if (!prepared)
        return false;
    run->session->fault = prepared->fault;
    *ret_prepared = prepared->fault.number ? NULL : prepared;
    return true;
}

/* SQLite refused what the emitter wrote: a hole in the front end (or one of SQLite's limits), said
 * as a refusal. fuzz_tsql looks for these by the word "hole". */
static bool refused(Session *session, const Stmt *stmt)
{
    char reason[200];
    (void)snprintf(reason, sizeof reason, "hole: %s", sqlite3_errmsg(session->db));
    fault_refuse(&session->fault, stmt ? stmt->line : 0, stmt ? stmt->near.at : "",
                 stmt ? stmt->near.len : 0, reason);
    session->fault.is_compile = true;
    return false;
}

static bool compile(Run *run, const Stmt *stmt, Emitter *emitter, Prepared *prepared)
{
    Session *session = run->session;
    Buf *sql = emitter->out;
    if (sql->over)
        return fault_set(&session->fault, 0, MSG(701));
    int rc = sqlite3_prepare_v3(session->db, buf_text(sql), (int)sql->len,
                                SQLITE_PREPARE_PERSISTENT, &prepared->stmt, NULL);
    if (rc != SQLITE_OK || !prepared->stmt)
        return refused(session, stmt);
    prepared->variables = emitter->variables;
    prepared->variable_count = emitter->variable_count;
    return true;
}

static void remember_fault(Run *run, Prepared *prepared)
{
    if (!run->session->fault.number)
        return;
    run->session->fault.is_compile = true;
    prepared->fault = run->session->fault;
}

static bool bind_and_print(Run *run, const Stmt *stmt, Prepared *prepared, Emitter *emitter)
{
    Binder binder = run_binder(run);
    if (stmt->kind == STMT_QUERY) {
        const BoundQuery *query = bind_query(&binder, stmt->query);
        if (bind_failed(&binder))
            return false;
        prepared->columns = query->columns;
        prepared->column_count = query->column_count;
        prepared->select = query->body->select;
        prepared->is_assignment = prepared->select && prepared->select->is_assignment;
        emit_query(emitter, query);
    } else {
        const BoundDml *dml = dml_bind(&binder, stmt);
        if (bind_failed(&binder))
            return false;
        prepared->target = dml->target;
        dml_emit(emitter, stmt->kind, dml);
    }
    prepared->reads_system = binder.reads_system;
    return true;
}

Prepared *prepare_statement(Run *run, const Stmt *stmt)
{
    AUTO(buf_done) Buf sql = BUF(SQL_CAP);
    Emitter emitter = {.out = &sql, .arena = &run->arena};
    Prepared *prepared;

    if (is_prepared(run, stmt, &prepared))
        return prepared;
    prepared = new_prepared(run, stmt);
    if (bind_and_print(run, stmt, prepared, &emitter) && compile(run, stmt, &emitter, prepared))
        return prepared;
    remember_fault(run, prepared);
    return NULL;
}

/* SELECT of one expression. */
Prepared *prepare_value(Run *run, const Expr *said, bool is_condition, const SbType *to)
{
    AUTO(buf_done) Buf sql = BUF(SQL_CAP);
    Emitter emitter = {.out = &sql, .arena = &run->arena};
    Binder binder = run_binder(run);
    Prepared *prepared;

    if (is_prepared(run, said, &prepared))
        return prepared;
    prepared = new_prepared(run, said);
    const Bound *expr = is_condition ? bind_condition(&binder, said)
                        : to         ? bind_variable_value(&binder, said, *to)
                                     : bind_value(&binder, said);
    if (!bind_failed(&binder)) {
        prepared->columns = arena_alloc(&run->arena, sizeof *prepared->columns);
        prepared->columns[0].type = is_condition ? type_of(SB_INT) : expr->type;
        prepared->column_count = 1;
        prepared->reads_system = binder.reads_system;
        buf_puts(&sql, "SELECT ");
        emit_expr(&emitter, expr);
        Stmt near_stmt = {.line = said->line, .near = said->near};
        if (compile(run, &near_stmt, &emitter, prepared))
            return prepared;
    }
    remember_fault(run, prepared);
    return NULL;
}

/* ---- values in ------------------------------------------------------------------------------- */

static int bind_one(Session *session, sqlite3_stmt *stmt, int at, const Variable *variable)
{
    Stored stored = stored_of(&variable->value, variable->type, &session->scratch);
    const char *bytes = stored.bytes.at;
    sqlite3_destructor_type keep =
        bytes == buf_text(&session->scratch) ? SQLITE_TRANSIENT : SQLITE_STATIC;

    if (stored.kind == SQLITE_NULL)
        return sqlite3_bind_null(stmt, at);
    if (stored.kind == SQLITE_INTEGER)
        return sqlite3_bind_int64(stmt, at, stored.i64);
    if (stored.kind == SQLITE_FLOAT)
        return sqlite3_bind_double(stmt, at, stored.f64);
    if (stored.kind == SQLITE_BLOB)
        return sqlite3_bind_blob64(stmt, at, bytes, stored.bytes.len, keep);
    return sqlite3_bind_text64(stmt, at, bytes, stored.bytes.len, keep, SQLITE_UTF8);
}

bool prepared_bind(Run *run, Prepared *prepared)
{
    Session *session = run->session;
    sqlite3_reset(prepared->stmt);
    for (size_t i = 0; i < prepared->variable_count; i++) {
        const Variable *variable = &run->frame.variables[prepared->variables[i]];
        if (bind_one(session, prepared->stmt, (int)i + 1, variable) != SQLITE_OK)
            return refused(session, NULL);
    }
    if (prepared->reads_system)
        return system_views_refresh(session, prepared->reads_system, &session->fault);
    return true;
}

/* ---- values out ------------------------------------------------------------------------------ */

SbValue column_value(sqlite3_stmt *stmt, int column, SbType type)
{
    Stored stored = stored_from(sqlite3_column_value(stmt, column));
    return stored_value(&stored, type);
}

/* ---- SQLite's errors ------------------------------------------------------------------------- */

/* "NOT NULL constraint failed: internal.operations.status": the last name is the column. */
static Str failed_column(const char *message)
{
    const char *dot = strrchr(message, '.');
    return str_of(dot ? dot + 1 : "");
}

/* The unique index that holds the column; NULL: SQLite's own key. */
static const Index *unique_index(const Object *table, ptrdiff_t column)
{
    for (size_t i = 0; i < table->index_count; i++)
        for (size_t c = 0; c < table->indexes[i].column_count && table->indexes[i].is_unique; c++)
            if ((ptrdiff_t)table->indexes[i].columns[c] == column)
                return &table->indexes[i];
    return NULL;
}

static bool constraint_fault(Session *session, int code, const Object *target, StmtKind kind)
{
    const char *database = session->engine->database;
    Fault *fault = &session->fault;
    const char *word = kind == STMT_INSERT ? "INSERT" : kind == STMT_UPDATE ? "UPDATE" : "DELETE";
    if (code == SQLITE_CONSTRAINT_FOREIGNKEY)
        return fault_set(fault, 0, MSG(547), word,
                         kind == STMT_DELETE ? "REFERENCE" : "FOREIGN KEY", database,
                         target->schema, target->name);
    Str column = failed_column(sqlite3_errmsg(session->db));
    if (code == SQLITE_CONSTRAINT_NOTNULL)
        return fault_set(fault, 0, MSG(515), STR_FMT(column), database, target->schema,
                         target->name, word);
    const Index *index = unique_index(target, object_column(target, column));
    if (index && index->kind == INDEX_PLAIN)
        return fault_set(fault, 0, MSG(2601), target->schema, target->name, index->name);
    return fault_set(fault, 0, MSG(2627),
                     !index || index->kind == INDEX_PRIMARY ? "PRIMARY KEY" : "UNIQUE KEY",
                     index ? index->name : "", target->schema, target->name);
}

bool step_fault(Session *session, int rc, const Prepared *prepared, const Stmt *stmt)
{
    int code = sqlite3_extended_errcode(session->db);
    if (session->call_fault.number) {
        session->fault = session->call_fault;
        session->call_fault = (Fault){0};
        return false;
    }
    if (rc == SQLITE_INTERRUPT || atomic_load(&session->canceled))
        return false;
    if ((code & 255) == SQLITE_CONSTRAINT && prepared->target)
        return constraint_fault(session, code, prepared->target, stmt->kind);
    if ((code & 255) == SQLITE_BUSY || (code & 255) == SQLITE_LOCKED)
        return fault_set(&session->fault, 0, MSG(1222));
    if ((code & 255) == SQLITE_FULL)
        return fault_set(&session->fault, 0, MSG(1105), session->engine->database);
    return fault_set(&session->fault, 0, 50000, "sandbox: %s", sqlite3_errmsg(session->db));
}
