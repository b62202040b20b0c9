/* The interpreter: one statement after the other, variables, errors, transactions. */
#include "exec.h"
#include "../front/parse.h"
#include "lock.h"

#include "ssisminer/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NESTING_MAX = 32, CANCEL_EVERY = 256 };

/* ---- frames and variables -------------------------------------------------------------------- */

bool run_begin(Run *run, Session *session, Run *outer)
{
    *run = (Run){.session = session,
                 .outer = outer,
                 .nesting = outer ? outer->nesting + 1 : 0,
                 .settings = session->set};
    run->frame = (Frame){.outer = session->frame,
                         .procedure = outer ? outer->frame.procedure : "",
                         .is_definer = outer && outer->frame.is_definer,
                         .arena = &run->arena};
    if (run->nesting > NESTING_MAX)
        return fault_set(&session->fault, 0, MSG(217));
    session->frame = &run->frame;
    return true;
}

void run_end(Run *run)
{
    Session *session = run->session;
    if (run->outer) // what SET changed at a level below the batch holds at that level
        session->set = run->settings;
    for (Prepared *prepared = run->prepared; prepared; prepared = prepared->next) {
        sqlite3_finalize(prepared->stmt);
        free(prepared->bytes);
    }
    for (size_t i = 0; i < run->frame.temp_count; i++)
        (void)drop_table(session, run->frame.temps[i]);
    for (size_t i = 0; i < run->frame.variable_count; i++)
        free(run->frame.variables[i].bytes);
    session->frame = run->frame.outer;
    arena_done(&run->arena);
}

Variable *run_scalar(Run *run, Str name, int line)
{
    Variable *variable = frame_find(&run->frame, name);
    if (variable && !variable->table)
        return variable;
    fault_set(&run->session->fault, line, MSG(137), STR_FMT(name));
    return NULL;
}

Variable *run_declare(Run *run, Str name, SbType type)
{
    Frame *frame = &run->frame;
    Variable *variable = ARENA_PUSH(&run->arena, frame->variables, frame->variable_count);
    *variable = (Variable){
        .name = arena_copy(&run->arena, name.at, name.len), .type = type, .value.is_null = true};
    return variable;
}

void variable_set(Variable *variable, const SbValue *value, SbType type)
{
    char *old = variable->bytes;
    variable->value = *value;
    variable->bytes = NULL;
    if (!value->is_null && value->bytes.at) {
        variable->bytes = mem_copy(value->bytes.at, value->bytes.len);
        variable->value.bytes.at = variable->bytes;
    }
    if (variable->type.id == SB_SQL_VARIANT && type.id != SB_SQL_VARIANT)
        variable->value.held = type;
    free(old);
}

static bool declare_one(Run *run, const Declaration *declaration, int line)
{
    Session *session = run->session;
    if (frame_find(&run->frame, declaration->name))
        return fault_set(&session->fault, line, MSG(134), STR_FMT(declaration->name));
    (void)run_declare(run, declaration->name, declaration->type);
    if (!declaration->table)
        return true;
    Object *object = NULL;
    Name name = {.parts = {declaration->name}, .count = 1, .line = line};
    if (!make_table(run, &name, declaration->table, declaration->name, &object))
        return false;
    frame_find(&run->frame, declaration->name)->table = object;
    return true;
}

bool run_declare_all(Run *run, const Stmt *stmt)
{
    if (!stmt || stmt->kind == STMT_CREATE_PROCEDURE)
        return true;
    for (size_t i = 0; i < stmt->declaration_count; i++)
        if (!declare_one(run, &stmt->declarations[i], stmt->line))
            return false;
    for (size_t i = 0; i < stmt->count; i++)
        if (!run_declare_all(run, stmt->list[i]))
            return false;
    return run_declare_all(run, stmt->then) && run_declare_all(run, stmt->otherwise);
}

/* ---- the sink -------------------------------------------------------------------------------- */

static bool heard(Session *session, bool go_on)
{
    if (!go_on)
        session->stopped = true;
    return go_on;
}

/* What the sink does not listen to goes on. */
#define TELL(session, what, ...)                                                                   \
    heard((session),                                                                               \
          !(session)->sink->what || (session)->sink->what((session)->sink->context, __VA_ARGS__))

bool sink_done(Run *run, bool is_select, bool has_count, int64_t count)
{
    Session *session = run->session;
    return TELL(session, done, is_select, has_count && !session->set.no_count, count);
}

static bool session_info(Session *session, const char *text, int32_t number, int severity, int line)
{
    return TELL(session, info, number, 1, severity, text, line, false);
}

static bool send_error(Session *session, const Fault *fault)
{
    if (fault->reason[0]) {
        char text[320];
        (void)snprintf(text, sizeof text, "sandbox: %s", fault->reason);
        if (!session_info(session, text, 50000, 0, fault->line))
            return false;
    }
    return TELL(session, error, fault->number, fault->state, fault->severity, fault->text,
                fault->procedure, fault->line);
}

/* ---- errors ---------------------------------------------------------------------------------- */

static bool is_stopped(const Session *session)
{
    return session->stopped || atomic_load(&session->canceled);
}

Flow run_fail(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    Fault *fault = &session->fault;

    if (is_stopped(session) || !fault->number)
        return FLOW_STOP;
    if (!fault->line)
        fault->line = stmt->line;
    if (!fault->procedure[0])
        (void)snprintf(fault->procedure, sizeof fault->procedure, "%s", run->frame.procedure);
    session->error_number = fault->number;
    session->row_count = 0;
    bool is_raised = stmt->kind == STMT_RAISERROR;
    if (fault->is_compile && !session->fault_frame)
        session->fault_frame = &run->frame;
    int tries = session->try_depth - (fault->is_compile ? run->frame.try_depth : 0);
    if (fault->number == 1205)
        transact_rollback_all(session);
    if (tries > 0) {
        session->is_doomed = session->is_doomed ||
                             (session->set.xact_abort && session->tran_count > 0 && !is_raised);
        return FLOW_CATCH;
    }
    if (session->set.xact_abort && session->tran_count > 0 && !is_raised) {
        transact_rollback_all(session);
        return send_error(session, fault) ? FLOW_ABORT : FLOW_STOP;
    }
    if (!send_error(session, fault))
        return FLOW_STOP;
    bool ends = fault->is_compile || fault_ends_batch(fault->number) || stmt->kind == STMT_THROW;
    if (session->set.xact_abort && !is_raised)
        ends = true;
    return ends ? FLOW_ABORT : FLOW_NEXT;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static SbColumn *sink_columns(Run *run, const Prepared *prepared)
{
    SbColumn *columns = arena_alloc_array(&run->arena, prepared->column_count + 1, sizeof *columns);
    for (size_t i = 0; i < prepared->column_count; i++) {
        const OutColumn *column = &prepared->columns[i];
        columns[i] = (SbColumn){.name = arena_copy(&run->arena, column->name.at, column->name.len),
                                .type = column->type,
                                .is_nullable = column->is_nullable};
    }
    return columns;
}

/* Numbers of the server's decimal type go out as text: one after the other in the buffer, which may
 * move until the last is written. */
static void decimals_to_text(const Prepared *prepared, SbValue *values, Buf *text)
{
    buf_reset(text);
    for (size_t i = 0; i < prepared->column_count; i++)
        if (value_is_decimal(&values[i], prepared->columns[i].type)) {
            value_put_decimal(&values[i], prepared->columns[i].type, text);
            buf_putc(text, '\0');
        }
    const char *at = buf_text(text);
    for (size_t i = 0; i < prepared->column_count; i++)
        if (value_is_decimal(&values[i], prepared->columns[i].type)) {
            values[i].bytes = str_of(at);
            at += values[i].bytes.len + 1;
        }
}

/* A client is never sent more than the column said, what an expression made too long is cut; nor of
 * a (max) value more than it asked for by TEXTSIZE. */
static void keep_length(const Session *session, SbValue *value, SbType type)
{
    size_t most = (size_t)(type.max_chars >= 0 ? type.max_chars : session->set.text_size);

    if (type.id == SB_NVARCHAR && type.max_chars < 0 && !type.precision)
        most /= 2;
    if (value->bytes.len <= most)
        return;
    if (type.id == SB_NVARCHAR)
        value->bytes = nvarchar_cut(value->bytes, 0, most);
    else if (type.id == SB_VARBINARY && type.max_chars < 0)
        value->bytes.len = most;
}

static bool has_decimal(const Prepared *prepared)
{
    for (size_t i = 0; i < prepared->column_count; i++)
        if (prepared->columns[i].type.id == SB_DECIMAL ||
            prepared->columns[i].type.id == SB_SQL_VARIANT)
            return true;
    return false;
}

/* Steps to the end; false: a fault, or stopped. */
static bool stream(Run *run, Prepared *prepared, const Stmt *stmt, int64_t *ret_rows)
{
    Session *session = run->session;
    SbValue *values = arena_alloc_array(&run->arena, prepared->column_count + 1, sizeof *values);
    bool decimals = has_decimal(prepared);
    int64_t rows = 0;
    int rc = SQLITE_ROW;

    if (!TELL(session, columns, sink_columns(run, prepared), prepared->column_count))
        return false;
    while (!session->fmt_only && (rc = sqlite3_step(prepared->stmt)) == SQLITE_ROW) {
        for (size_t i = 0; i < prepared->column_count; i++) {
            values[i] = column_value(prepared->stmt, (int)i, prepared->columns[i].type);
            keep_length(session, &values[i], prepared->columns[i].type);
        }
        if (decimals)
            decimals_to_text(prepared, values, &session->scratch2);
        if (!TELL(session, row, values, prepared->column_count))
            return false;
        rows++;
        if (rows == session->set.row_limit)
            break;
        if (rows % CANCEL_EVERY == 0 && atomic_load(&session->canceled))
            return false;
    }
    *ret_rows = rows;
    if (rc != SQLITE_DONE && rc != SQLITE_ROW)
        return step_fault(session, rc, prepared, stmt);
    return true;
}

/* SELECT @v = …: the last row stays; without a row nothing changes. */
static bool assign(Run *run, Prepared *prepared, const Stmt *stmt, int64_t *ret_rows)
{
    int rc;
    for (*ret_rows = 0; (rc = sqlite3_step(prepared->stmt)) == SQLITE_ROW; ++*ret_rows) {
        if (*ret_rows % CANCEL_EVERY == 0 && atomic_load(&run->session->canceled))
            return false;
        for (size_t i = 0; i < prepared->select->item_count; i++) {
            Variable *variable = &run->frame.variables[prepared->select->items[i].variable];
            SbValue value = column_value(prepared->stmt, (int)i, variable->type);
            variable_set(variable, &value, prepared->columns[i].type);
        }
    }
    return rc == SQLITE_DONE || step_fault(run->session, rc, prepared, stmt);
}

/* System views and what reads no table meet no locks. */
static bool may_read(Session *session, const Prepared *prepared)
{
    bool reads_tables =
        !prepared->reads_system && prepared->select && prepared->select->source_count > 0;

    return !session->engine->reads_wait || !reads_tables ||
           lock_wait(session, false, &session->fault);
}

static bool begin_implicit(Session *session)
{
    bool begins = session->is_implicit && session->tran_count == 0 && !session->fmt_only;

    return !begins || transact_begin(session, str_of(""));
}

static Flow exec_query(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    Prepared *prepared = prepare_statement(run, stmt);
    int64_t rows = 0;
    if (!prepared || !prepared_bind(run, prepared) || !may_read(session, prepared))
        return run_fail(run, stmt);
    if (session->fmt_only && prepared->is_assignment)
        return FLOW_NEXT;
    if (prepared->select && prepared->select->source_count > 0 && !begin_implicit(session))
        return FLOW_STOP;
    bool ok = prepared->is_assignment ? assign(run, prepared, stmt, &rows)
                                      : stream(run, prepared, stmt, &rows);
    sqlite3_reset(prepared->stmt);
    if (!ok)
        return run_fail(run, stmt);
    session->row_count = rows;
    session->error_number = 0;
    if (prepared->is_assignment)
        return FLOW_NEXT;
    return sink_done(run, true, true, rows) ? FLOW_NEXT : FLOW_STOP;
}

/* ---- INSERT, UPDATE, DELETE ------------------------------------------------------------------ */

static bool change(Run *run, Prepared *prepared, const Stmt *stmt, int64_t *ret_rows)
{
    Session *session = run->session;
    int rc = sqlite3_step(prepared->stmt);
    if (rc != SQLITE_DONE)
        return step_fault(session, rc, prepared, stmt);
    *ret_rows = sqlite3_changes64(session->db);
    if (stmt->kind != STMT_INSERT || *ret_rows == 0)
        return true;
    for (size_t i = 0; i < prepared->target->column_count; i++)
        if (prepared->target->columns[i].is_identity) {
            session->last_identity = sqlite3_last_insert_rowid(session->db);
            session->has_identity = true;
        }
    return true;
}

static bool is_heap(const Object *object)
{
    for (size_t i = 0; i < object->index_count; i++)
        if (object->indexes[i].id == 1)
            return false;
    return object->kind == OBJECT_TABLE && !object->is_temp;
}

/* A delete without a table lock leaves a heap's emptied pages allocated; sys.dm_db_partition_stats
 * shows them until the table is rebuilt. */
static bool keep_pages(Session *session, const Object *target, int64_t rows)
{
    sqlite3_stmt *note = NULL;
    static const char sql[] =
        "INSERT INTO \"sandbox.heaps\" (name, emptied_rows) VALUES (?1, ?2) ON "
        "CONFLICT (name) DO UPDATE SET emptied_rows = emptied_rows + ?2";

    if (rows == 0 || !is_heap(target))
        return true;
    bool ok = sqlite3_prepare_v2(session->db, sql, -1, &note, NULL) == SQLITE_OK &&
              sqlite3_bind_text(note, 1, target->store, -1, SQLITE_STATIC) == SQLITE_OK &&
              sqlite3_bind_int64(note, 2, rows) == SQLITE_OK && sqlite3_step(note) == SQLITE_DONE;
    sqlite3_finalize(note);
    return ok;
}

static Flow exec_dml(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    Prepared *prepared = prepare_statement(run, stmt);
    int64_t rows = 0;
    if (!prepared || !prepared_bind(run, prepared))
        return run_fail(run, stmt);
    if (session->fmt_only)
        return FLOW_NEXT;
    if (!begin_implicit(session))
        return FLOW_STOP;
    if (!transact_begin_write(session, prepared->target))
        return run_fail(run, stmt);
    bool ok = change(run, prepared, stmt, &rows) &&
              (stmt->kind != STMT_DELETE || keep_pages(session, prepared->target, rows));
    sqlite3_reset(prepared->stmt);
    if (!transact_end_write(session, ok))
        return run_fail(run, stmt);
    session->row_count = rows;
    session->error_number = 0;
    return sink_done(run, prepared->column_count > 0, true, rows) ? FLOW_NEXT : FLOW_STOP;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* The statement is reset at once: left open, it would hold on to an old state of the database. */
static void keep_bytes(Prepared *prepared, SbValue *value)
{
    char *old = prepared->bytes;
    if (value->is_null || !value->bytes.at)
        return;
    value->bytes.at = prepared->bytes = mem_copy(value->bytes.at, value->bytes.len);
    free(old);
}

static bool run_prepared_value(Run *run, const Stmt *stmt, Prepared *prepared, SbValue *ret_value)
{
    *ret_value = (SbValue){.is_null = true};
    if (!prepared || !prepared_bind(run, prepared))
        return false;
    int rc = sqlite3_step(prepared->stmt);
    bool ok = rc == SQLITE_ROW || step_fault(run->session, rc, prepared, stmt);
    if (ok) {
        *ret_value = column_value(prepared->stmt, 0, prepared->columns[0].type);
        keep_bytes(prepared, ret_value);
    }
    sqlite3_reset(prepared->stmt);
    return ok;
}

bool run_value(Run *run, const Stmt *stmt, const Expr *expr, const SbType *to, SbType *ret_type,
               SbValue *ret_value)
{
    Prepared *prepared = prepare_value(run, expr, false, to);
    if (prepared && ret_type)
        *ret_type = prepared->columns[0].type;
    return run_prepared_value(run, stmt, prepared, ret_value);
}

/* As text, for the life of the batch; "" for NULL. */
static const char *run_text_value(Run *run, const Stmt *stmt, int max_chars)
{
    SbType type = type_text(max_chars, false);
    SbValue value;
    if (!run_value(run, stmt, stmt->exprs[0], &type, NULL, &value))
        return NULL;
    return value.is_null ? "" : arena_copy(&run->arena, value.bytes.at, value.bytes.len);
}

static bool run_condition(Run *run, const Stmt *stmt, bool *ret_is_true)
{
    SbValue value;
    if (!run_prepared_value(run, stmt, prepare_value(run, stmt->cond, true, NULL), &value))
        return false;
    *ret_is_true = !value.is_null && value.i64 != 0;
    return true;
}

static bool set_variable(Run *run, const Stmt *stmt, Variable *variable, const Expr *expr)
{
    SbValue value;
    SbType type = variable->type;
    if (!run_value(run, stmt, expr, &type, NULL, &value))
        return false;
    variable_set(variable, &value, variable->type);
    return true;
}

static Flow exec_set_variable(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    Variable *variable = run_scalar(run, stmt->variable, stmt->line);
    session->fault.is_compile = !variable;
    if (!variable || !set_variable(run, stmt, variable, stmt->exprs[0]))
        return run_fail(run, stmt);
    session->row_count = 1;
    session->error_number = 0;
    return FLOW_NEXT;
}

static Flow exec_declare(Run *run, const Stmt *stmt)
{
    for (size_t i = 0; i < stmt->declaration_count; i++) {
        const Declaration *declaration = &stmt->declarations[i];
        if (!declaration->value)
            continue;
        Variable *variable = frame_find(&run->frame, declaration->name);
        if (!set_variable(run, stmt, variable, declaration->value))
            return run_fail(run, stmt);
        run->session->row_count = 1;
    }
    return FLOW_NEXT;
}

/* ---- control flow ---------------------------------------------------------------------------- */

static Flow exec_if(Run *run, const Stmt *stmt)
{
    bool is_true = false;
    if (!run_condition(run, stmt, &is_true))
        return run_fail(run, stmt);
    run->session->row_count = 0;
    if (run->session->fmt_only) { // both are looked at
        Flow flow = run_statement(run, stmt->then);
        return flow == FLOW_NEXT && stmt->otherwise ? run_statement(run, stmt->otherwise) : flow;
    }
    const Stmt *branch = is_true ? stmt->then : stmt->otherwise;
    return branch ? run_statement(run, branch) : FLOW_NEXT;
}

static Flow exec_while(Run *run, const Stmt *stmt)
{
    for (;;) {
        bool is_true = false;
        run->session->fault = (Fault){0};
        if (is_stopped(run->session))
            return FLOW_STOP;
        if (!run_condition(run, stmt, &is_true))
            return run_fail(run, stmt);
        if (!is_true && !run->session->fmt_only)
            return FLOW_NEXT;
        Flow flow = run_statement(run, stmt->then);
        if (flow == FLOW_BREAK || (run->session->fmt_only && flow == FLOW_NEXT))
            return FLOW_NEXT;
        if (flow != FLOW_NEXT && flow != FLOW_CONTINUE)
            return flow;
    }
}

static Flow exec_try(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    session->try_depth++;
    run->frame.try_depth++;
    Flow flow = run_block(run, stmt->list[0]);
    session->try_depth--;
    run->frame.try_depth--;
    bool is_own_compile = session->fault.is_compile && session->fault_frame == &run->frame;
    if (flow != FLOW_CATCH || is_own_compile ||
        session->caught_depth == (int)ARRAY_LEN(session->caught))
        return flow;
    session->caught[session->caught_depth++] = session->fault;
    session->fault = (Fault){0};
    flow = run_block(run, stmt->list[1]);
    session->caught_depth--;
    return flow;
}

/* THROW; inside a CATCH sends its error on. */
static Flow exec_throw(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    if (session->caught_depth) {
        session->fault = session->caught[session->caught_depth - 1];
        session->fault.is_compile = false;
    } else {
        run_fault(run, stmt, MSG(10704));
    }
    return run_fail(run, stmt);
}

/* %s %d %ld %I64d, as RAISERROR takes them; widths are not known here. */
static void put_formatted(Buf *out, const char *format, const SbValue *args, const SbType *types,
                          size_t count)
{
    size_t used = 0;
    for (const char *at = format; *at; at++) {
        if (*at != '%') {
            buf_putc(out, *at);
            continue;
        }
        at += 1 + strspn(at + 1, "lhI64");
        if (*at == '%')
            buf_putc(out, '%');
        else if (used == count || args[used].is_null)
            buf_puts(out, "(null)");
        else if (types[used].id == SB_NVARCHAR)
            buf_put(out, args[used].bytes.at, args[used].bytes.len);
        else
            buf_printf(out, "%lld", (long long)args[used].i64);
        used += *at != '%' && used < count;
        at -= *at == '\0';
    }
}

static bool raise_text(Run *run, const Stmt *stmt, int32_t *ret_number, Buf *text)
{
    enum { ARGS_MAX = 20 };
    SbValue values[ARGS_MAX], first;
    SbType types[ARGS_MAX], type;
    size_t count = stmt->expr_count - 3 < ARGS_MAX ? stmt->expr_count - 3 : ARGS_MAX;

    if (!run_value(run, stmt, stmt->exprs[0], NULL, &type, &first))
        return false;
    const char *format = NULL;
    *ret_number = 50000;
    if (type_is_integer(type.id)) {
        *ret_number = (int32_t)first.i64;
        format = fault_message(*ret_number);
        if (!format)
            return run_fault(run, stmt, MSG(18054), *ret_number);
    } else if (type.id == SB_NVARCHAR) {
        format = arena_copy(&run->arena, first.is_null ? "" : first.bytes.at,
                            first.is_null ? 0 : first.bytes.len);
    } else {
        return run_fault(run, stmt, MSG(2748), type_name(type), (size_t)1);
    }
    for (size_t i = 0; i < count; i++) {
        if (!run_value(run, stmt, stmt->exprs[i + 3], NULL, &types[i], &values[i]))
            return false;
        if (types[i].id != SB_NVARCHAR && !type_is_integer(types[i].id))
            return run_fault(run, stmt, MSG(2748), type_name(types[i]), i + 4);
        if (!values[i].is_null && types[i].id == SB_NVARCHAR)
            values[i].bytes = arena_str(&run->arena, values[i].bytes);
    }
    put_formatted(text, format, values, types, count);
    return true;
}

static Flow exec_raiserror(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    AUTO(buf_done) Buf text = BUF(2047);
    SbType integer = type_of(SB_INT);
    SbValue severity, state;
    int32_t number = 50000;

    if (!raise_text(run, stmt, &number, &text) ||
        !run_value(run, stmt, stmt->exprs[1], &integer, NULL, &severity) ||
        !run_value(run, stmt, stmt->exprs[2], &integer, NULL, &state))
        return run_fail(run, stmt);
    session->row_count = 0;
    if (severity.i64 < 11) {
        session->error_number = 0;
        int class_ = severity.i64 == 10 ? 0 : (int)severity.i64; // 10 reaches a client as 0
        bool go_on = TELL(session, info, number, (int)state.i64, class_, buf_text(&text),
                          stmt->line, stmt->flag);
        return go_on ? FLOW_NEXT : FLOW_STOP;
    }
    run_fault(run, stmt, number, "%s", buf_text(&text));
    session->fault.severity = (int)severity.i64 > 18 ? 18 : (int)severity.i64;
    session->fault.state = (int)state.i64;
    session->fault.reason[0] = '\0';
    return run_fail(run, stmt);
}

static Flow exec_print(Run *run, const Stmt *stmt)
{
    const char *text = run_text_value(run, stmt, -1);
    if (!text)
        return run_fail(run, stmt);
    run->session->row_count = 0;
    return session_info(run->session, text, 0, 0, stmt->line) ? FLOW_NEXT : FLOW_STOP;
}

static Flow exec_return(Run *run, const Stmt *stmt)
{
    SbType integer = type_of(SB_INT);
    SbValue value = {0};
    if (stmt->expr_count && !run_value(run, stmt, stmt->exprs[0], &integer, NULL, &value))
        return run_fail(run, stmt);
    run->frame.return_value = value.i64;
    return FLOW_RETURN;
}

/* master holds logins and their rights alone. On Azure only a connection of its own gets there. */
static bool use_database(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    bool to_master = str_equal_fold(stmt->text, str_of("master"));

    if (!to_master && !str_equal_fold(stmt->text, str_of(session->engine->database)))
        return run_fault(run, stmt, MSG(911), STR_FMT(stmt->text));
    if (engine_is_azure_database(session->engine) && to_master != session->in_master &&
        !session->is_new)
        return run_fault(run, stmt, MSG(40508));
    session->in_master = to_master;
    return true;
}

static Flow exec_use(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    if (!use_database(run, stmt))
        return run_fail(run, stmt);
    const char *name = session->in_master ? "master" : session->engine->database;
    return TELL(session, database, name) ? FLOW_NEXT : FLOW_STOP;
}

/* 'hh:mm:ss[.fff]', slept in short pieces so that a cancel ends it. */
static Flow exec_waitfor(Run *run, const Stmt *stmt)
{
    int hours = 0, minutes = 0;
    double seconds = 0;
    const char *text = run_text_value(run, stmt, 30);
    if (!text)
        return run_fail(run, stmt);
    if (sscanf(text, "%2d:%2d:%lf", &hours, &minutes, &seconds) < 2 || hours > 23 || minutes > 59) {
        run_fault(run, stmt, MSG(148), text);
        return run_fail(run, stmt);
    }
    int64_t until = time_monotonic_ms() + (int64_t)((hours * 3600 + minutes * 60 + seconds) * 1000);
    while (time_monotonic_ms() < until) {
        struct timespec nap = {.tv_nsec = 5000000};
        if (is_stopped(run->session))
            return FLOW_STOP;
        (void)nanosleep(&nap, NULL);
    }
    return FLOW_NEXT;
}

/* ---- statements ------------------------------------------------------------------------------ */

/* Under FMTONLY a statement shows its columns or is looked into; nothing else happens. */
static bool has_shape(StmtKind kind)
{
    return kind == STMT_QUERY || kind == STMT_INSERT || kind == STMT_UPDATE ||
           kind == STMT_DELETE || kind == STMT_IF || kind == STMT_WHILE || kind == STMT_BLOCK ||
           kind == STMT_TRY || kind == STMT_SET_OPTION;
}

static Flow exec_jump(Run *run, const Stmt *stmt)
{
    (void)run;
    return stmt->kind == STMT_BREAK      ? FLOW_BREAK
           : stmt->kind == STMT_CONTINUE ? FLOW_CONTINUE
                                         : FLOW_NEXT;
}

static Flow (*const runs[])(Run *run, const Stmt *stmt) = {
#define STMT(kind, run) [STMT_##kind] = (run),
#include "../front/stmt.def"
#undef STMT
};

Flow run_statement(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    if (is_stopped(session))
        return FLOW_STOP;
    session->fault = (Fault){0};
    session->fault_frame = NULL;
    session->call_fault = (Fault){0};
    session->now = engine_now(session->engine);
    if (session->in_master && !principal_is_of_server(stmt)) {
        fault_refuse(&session->fault, stmt->line, stmt->near.at, stmt->near.len,
                     "the sandbox's master holds logins and their rights alone");
        return run_fail(run, stmt);
    }
    if (session->fmt_only && !has_shape(stmt->kind))
        return FLOW_NEXT;
    return runs[stmt->kind](run, stmt);
}

Flow run_block(Run *run, const Stmt *block)
{
    for (size_t i = 0; i < block->count; i++) {
        Flow flow = run_statement(run, block->list[i]);
        if (flow != FLOW_NEXT)
            return flow;
    }
    return FLOW_NEXT;
}

Flow run_text(Run *run, Str text)
{
    Session *session = run->session;
    const Stmt *block = NULL;
    Stmt whole = {.line = 1};

    session->fault = (Fault){0};
    Str copy = arena_str(&run->arena, text);
    if (!parse_batch(copy, &run->arena, &block, &session->fault) || !run_declare_all(run, block)) {
        session->fault.is_compile = true;
        session->fault_frame = &run->frame;
        return run_fail(run, &whole);
    }
    return run_block(run, block);
}
