/* From a statement's tree to a statement of SQLite, and its values in and out. */
#include "../bind/dml.h"
#include "exec.h"
#include "ssisminer/engine/stored.h"
#include "sysview.h"

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

/* ---- values in --------------------------------------------------------------------------- */

static int bind_one(Session *session, sqlite3_stmt *stmt, int at, const Variable *variable)
{
    Stored stored = stored_of(&variable->value, variable->type, &session->scratch);
    sqlite3_destructor_type keep =
        stored.bytes.at == buf_text(&session->scratch) ? SQLITE_TRANSIENT : SQLITE_STATIC;

    switch (stored.kind) {
    case SQLITE_NULL:
        return sqlite3_bind_null(stmt, at);
    case SQLITE_INTEGER:
        return sqlite3_bind_int64(stmt, at, stored.i64);
    case SQLITE_FLOAT:
        return sqlite3_bind_double(stmt, at, stored.f64);
    case SQLITE_BLOB:
        return sqlite3_bind_blob64(stmt, at, stored.bytes.at, stored.bytes.len, keep);
    default:
        return sqlite3_bind_text64(stmt, at, stored.bytes.at, stored.bytes.len, keep, SQLITE_UTF8);
    }
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

/* ---- values out -------------------------------------------------------------------------- */

SbValue column_value(sqlite3_stmt *stmt, int column, SbType type)
{
    Stored stored = stored_column(stmt, column);
    return stored_value(&stored, type);
}

/* ---- SQLite's errors --------------------------------------------------------------------- */

static const char *statement_word(const Stmt *stmt)
{
    return stmt->kind == STMT_INSERT ? "INSERT" : stmt->kind == STMT_UPDATE ? "UPDATE" : "DELETE";
}

/* "NOT NULL constraint failed: internal.operations.status": the last name is the column. */
static Str failed_column(const char *message)
{
    const char *dot = strrchr(message, '.');
    return str_of(dot ? dot + 1 : "");
}

static const ForeignKey *foreign_key_to(Engine *engine, const Object *target,
                                        const Object **ret_child, Arena *arena)
{
    size_t count;
    const Object **all = catalog_all(&engine->catalog, arena, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < all[i]->foreign_key_count; k++)
            if (all[i]->foreign_keys[k].target->id == target->id &&
                !all[i]->foreign_keys[k].on_delete_cascade) {
                *ret_child = all[i];
                return &all[i]->foreign_keys[k];
            }
    return NULL;
}

static void foreign_key_fault(Session *session, const Object *target, const Stmt *stmt)
{
    AUTO(arena_done) Arena arena = {0};
    const char *database = session->engine->database;
    const Object *child = NULL;
    if (stmt->kind != STMT_INSERT) {
        const ForeignKey *key = foreign_key_to(session->engine, target, &child, &arena);
        if (key) {
            fault_set(&session->fault, 0, 547,
                      "The %s statement conflicted with the REFERENCE constraint \"%s\". The "
                      "conflict occurred in database \"%s\", table \"%s.%s\", column '%s'.",
                      statement_word(stmt), key->name, database, child->schema, child->name,
                      child->columns[key->columns[0]].name);
            return;
        }
    }
    const char *name = target->foreign_key_count ? target->foreign_keys[0].name : "";
    fault_set(&session->fault, 0, 547,
              "The %s statement conflicted with the FOREIGN KEY constraint \"%s\". The conflict "
              "occurred in database \"%s\".",
              statement_word(stmt), name, database);
}

static void unique_fault(Session *session, const Object *target, const char *message)
{
    Str column = failed_column(message);
    ptrdiff_t at = object_column(target, column);
    const Index *index = NULL;
    for (size_t i = 0; i < target->index_count && !index; i++)
        for (size_t c = 0; c < target->indexes[i].column_count && target->indexes[i].is_unique; c++)
            if ((ptrdiff_t)target->indexes[i].columns[c] == at)
                index = &target->indexes[i];
    if (index && index->kind == INDEX_PLAIN)
        fault_set(&session->fault, 0, MSG(2601), target->schema, target->name, index->name);
    else
        fault_set(&session->fault, 0, MSG(2627),
                  !index || index->kind == INDEX_PRIMARY ? "PRIMARY KEY" : "UNIQUE KEY",
                  index ? index->name : "", target->schema, target->name);
}

static void constraint_fault(Session *session, int code, const Object *target, const Stmt *stmt)
{
    const char *message = sqlite3_errmsg(session->db);
    Str column = failed_column(message);
    switch (code) {
    case SQLITE_CONSTRAINT_NOTNULL:
        fault_set(&session->fault, 0, MSG(515), STR_FMT(column), session->engine->database,
                  target->schema, target->name, statement_word(stmt));
        return;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        foreign_key_fault(session, target, stmt);
        return;
    default:
        unique_fault(session, target, message);
    }
}

bool step_fault(Session *session, int rc, const Prepared *prepared, const Stmt *stmt)
{
    int code = sqlite3_extended_errcode(session->db);
    if (session->call_fault.number) {
        session->fault = session->call_fault;
        session->call_fault = (Fault){0};
        return false;
    }
    if (rc == SQLITE_INTERRUPT || atomic_load(&session->cancelled))
        return false;
    if ((code & 255) == SQLITE_CONSTRAINT && prepared->target) {
        constraint_fault(session, code, prepared->target, stmt);
        return false;
    }
    if ((code & 255) == SQLITE_BUSY || (code & 255) == SQLITE_LOCKED)
        return fault_set(&session->fault, 0, MSG(1222));
    if ((code & 255) == SQLITE_FULL)
        return fault_set(&session->fault, 0, MSG(1105), session->engine->database);
    return fault_set(&session->fault, 0, 50000, "sandbox: %s", sqlite3_errmsg(session->db));
}
