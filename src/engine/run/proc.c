/* EXEC: procedures of the database, the few of the system, and text. */
#include "../front/parse.h"
#include "exec.h"
#include "lock.h"

typedef struct Passed { // an argument where it belongs
    SbValue value;
    SbType type;
    const Argument *argument; // NULL: left out
} Passed;

/* ---- arguments ------------------------------------------------------------------------------- */

/* For the life of the batch: the next value of the same kind may take its place. */
static void keep_bytes(Run *run, SbValue *value)
{
    if (!value->is_null && value->bytes.at)
        value->bytes = arena_str(&run->arena, value->bytes);
}

static bool evaluate(Run *run, const Stmt *stmt, const Argument *argument, Passed *bound)
{
    bound->argument = argument;
    if (argument->is_output && argument->value->kind != EXPR_VARIABLE)
        return run_fault(run, stmt, MSG(179));
    if (!run_value(run, stmt, argument->value, NULL, &bound->type, &bound->value))
        return false;
    keep_bytes(run, &bound->value);
    return true;
}

static bool place_arguments(Run *run, const Stmt *stmt, size_t first, const ParamDef *params,
                            size_t count, const char *name, Passed *bounds)
{
    Fault *fault = &run->session->fault;
    bool named = false;
    for (size_t i = first; i < stmt->argument_count; i++) {
        const Argument *argument = &stmt->arguments[i];
        size_t at = i - first;
        named = named || argument->name.len;
        if (argument->name.len) {
            for (at = 0; at < count && !str_equal_fold(params[at].name, argument->name); at++)
                continue;
            if (at == count)
                return fault_set(fault, stmt->line, MSG(8145), STR_FMT(argument->name), name);
        } else if (named) {
            return fault_set(fault, stmt->line, MSG(119), i + 1);
        } else if (at >= count) {
            return fault_set(fault, stmt->line, MSG(8144), name);
        }
        if (!evaluate(run, stmt, argument, &bounds[at]))
            return false;
    }
    return true;
}

/* The default of a parameter that was left out; a statement with declarations has none. */
static bool give_default(Run *run, const Stmt *stmt, const ParamDef *param, const char *name,
                         const Str *statement, Passed *bound)
{
    if (statement)
        return run_fault(run, stmt, MSG(8178), (int)(statement->len > 60 ? 60 : statement->len),
                         statement->at, STR_FMT(param->name));
    if (!param->default_value)
        return run_fault(run, stmt, MSG(201), name, STR_FMT(param->name));
    bound->type = param->type;
    return run_value(run, stmt, param->default_value, &bound->type, NULL, &bound->value);
}

static bool convert(Run *run, const Stmt *stmt, const ParamDef *param, Passed *bound)
{
    Session *session = run->session;
    SbValue value;
    if (!value_convert(&bound->value, bound->type, param->type, 0, 0, &session->scratch2, &value,
                       &session->fault)) {
        session->fault.line = stmt->line;
        return false;
    }
    keep_bytes(run, &value);
    bound->value = value;
    return true;
}

/* Arguments from `first` on, and defaults of those that are left out, each in the type of its
 * parameter; NULL with a fault. statement: of sp_executesql, else NULL. */
static Passed *pass_arguments(Run *run, const Stmt *stmt, size_t first, const ParamDef *params,
                              size_t count, const char *name, const Str *statement)
{
    Passed *bounds = arena_alloc_array(&run->arena, count + 1, sizeof *bounds);
    if (!place_arguments(run, stmt, first, params, count, name, bounds))
        return NULL;
    for (size_t i = 0; i < count; i++)
        if ((!bounds[i].argument &&
             !give_default(run, stmt, &params[i], name, statement, &bounds[i])) ||
            !convert(run, stmt, &params[i], &bounds[i]))
            return NULL;
    return bounds;
}

/* The parameters become the first variables of the inner frame. */
static void pass(Run *inner, const ParamDef *params, size_t count, const Passed *bounds)
{
    for (size_t i = 0; i < count; i++)
        variable_set(run_declare(inner, params[i].name, params[i].type), &bounds[i].value,
                     params[i].type);
}

static bool take_back(Run *run, Run *inner, const Stmt *stmt, const ParamDef *params, size_t count,
                      const Passed *bounds)
{
    Session *session = run->session;
    for (size_t i = 0; i < count; i++) {
        const Argument *argument = bounds[i].argument;
        if (!argument || !argument->is_output)
            continue;
        if (!params[i].is_output)
            return run_fault(run, stmt, MSG(8162), STR_FMT(params[i].name));
        Variable *to = frame_find(&run->frame, argument->value->text);
        const Variable *from = &inner->frame.variables[i];
        SbValue value;
        if (!value_convert(&from->value, from->type, to->type, 0, 0, &session->scratch2, &value,
                           &session->fault))
            return false;
        variable_set(to, &value, to->type);
    }
    return true;
}

static bool set_status(Run *run, const Stmt *stmt, int64_t status)
{
    SbValue from = {.i64 = status}, value;
    Variable *variable = stmt->variable.len ? run_scalar(run, stmt->variable, stmt->line) : NULL;
    if (!variable)
        return !stmt->variable.len;
    if (!value_convert(&from, type_of(SB_INT), variable->type, 0, 0, &run->session->scratch2,
                       &value, &run->session->fault))
        return false;
    variable_set(variable, &value, variable->type);
    return true;
}

/* What a level of execution leaves for the one above. */
static Flow leave(Run *run, Run *inner, const Stmt *stmt, Flow flow, const ParamDef *params,
                  size_t count, const Passed *bounds, int trans_before)
{
    Session *session = run->session;
    bool done =
        flow == FLOW_NEXT || flow == FLOW_RETURN || flow == FLOW_BREAK || flow == FLOW_CONTINUE;
    bool ok = true;
    if (done)
        ok = take_back(run, inner, stmt, params, count, bounds) &&
             set_status(run, stmt, inner->frame.return_value);
    run_end(inner);
    if (!done)
        return flow;
    if (ok && session->tran_count != trans_before)
        ok = run_fault(run, stmt, MSG(266), trans_before, session->tran_count);
    return ok ? FLOW_NEXT : run_fail(run, stmt);
}

/* ---- procedures of the database -------------------------------------------------------------- */

static const Stmt *parse_procedure(Run *run, const Object *procedure)
{
    const Stmt *block = NULL;
    if (!parse_batch(str_of(procedure->definition), &run->arena, &block, &run->session->fault))
        return NULL;
    return block->list[0];
}

static Flow call_procedure(Run *run, const Stmt *stmt, const Object *procedure)
{
    Session *session = run->session;
    const Stmt *definition = parse_procedure(run, procedure);
    Run inner;
    if (!definition)
        return run_fail(run, stmt);
    const ParamDef *params = definition->params;
    size_t count = definition->param_count;
    const Passed *bounds = pass_arguments(run, stmt, 0, params, count, procedure->name, NULL);
    int trans = session->tran_count;
    if (!bounds || !run_begin(&inner, session, run))
        return run_fail(run, stmt);
    inner.frame.procedure = arena_printf(&inner.arena, "%s.%s", procedure->schema, procedure->name);
    inner.frame.is_definer = true;
    pass(&inner, params, count, bounds);
    Flow flow = run_declare_all(&inner, definition->then) ? run_block(&inner, definition->then)
                                                          : run_fail(&inner, stmt);
    return leave(run, &inner, stmt, flow, params, count, bounds, trans);
}

/* ---- sp_executesql and EXEC (text) ----------------------------------------------------------- */

static Flow run_inner_text(Run *run, const Stmt *stmt, Str text, const ParamDef *params,
                           size_t count, const Passed *bounds)
{
    Session *session = run->session;
    Run inner;
    int trans = session->tran_count;
    if (!run_begin(&inner, session, run))
        return run_fail(run, stmt);
    inner.frame.procedure = "";
    inner.frame.is_definer = false; // text breaks the ownership chain
    pass(&inner, params, count, bounds);
    return leave(run, &inner, stmt, run_text(&inner, text), params, count, bounds, trans);
}

static bool text_argument(Run *run, const Stmt *stmt, size_t at, Str *ret_text)
{
    Passed bound = {0};
    if (!evaluate(run, stmt, &stmt->arguments[at], &bound))
        return false;
    bool is_unicode = bound.type.id == SB_NVARCHAR && !bound.type.precision;
    if (!is_unicode && !bound.value.is_null)
        return run_fault(run, stmt, MSG(214), at ? "@params" : "@statement");
    *ret_text = bound.value.is_null ? str_of("") : bound.value.bytes;
    return true;
}

static bool text_arguments(Run *run, const Stmt *stmt, Str *ret_text, Str *ret_declaration)
{
    if (!stmt->argument_count)
        return run_fault(run, stmt, MSG(201), "sp_executesql", STR_FMT(str_of("@statement")));
    return text_argument(run, stmt, 0, ret_text) &&
           (stmt->argument_count == 1 || text_argument(run, stmt, 1, ret_declaration));
}

static Flow executesql(Run *run, const Stmt *stmt)
{
    Str text = {0}, declaration = {0};
    const ParamDef *params = NULL;
    size_t count = 0, first = stmt->argument_count < 2 ? stmt->argument_count : 2;
    if (!text_arguments(run, stmt, &text, &declaration) ||
        !parse_declaration(declaration, &run->arena, &params, &count, &run->session->fault))
        return run_fail(run, stmt);
    const Passed *bounds = pass_arguments(run, stmt, first, params, count, "sp_executesql", &text);
    return bounds ? run_inner_text(run, stmt, text, params, count, bounds) : run_fail(run, stmt);
}

Flow exec_text(Run *run, const Stmt *stmt)
{
    SbType type = type_text(-1, false);
    SbValue value;
    if (!run_value(run, stmt, stmt->exprs[0], &type, NULL, &value))
        return run_fail(run, stmt);
    Str text = value.is_null ? str_of("") : arena_str(&run->arena, value.bytes);
    return run_inner_text(run, stmt, text, NULL, 0, NULL);
}

/* ---- procedures of the system ---------------------------------------------------------------- */

static Str text_of(const Passed *bound)
{
    return bound->value.is_null ? str_of("") : bound->value.bytes;
}

/* Owner 'Session' or 'Transaction'; the latter wants an open transaction. */
static bool lock_owner(Run *run, const Stmt *stmt, Str owner, const char *procedure,
                       bool *ret_of_transaction)
{
    Fault *fault = &run->session->fault;
    *ret_of_transaction = str_equal_fold(owner, str_of("Transaction"));
    if (*ret_of_transaction && run->session->tran_count == 0)
        return fault_set(fault, stmt->line, MSG(15246), procedure);
    return *ret_of_transaction || str_equal_fold(owner, str_of("Session")) ||
           fault_refuse(fault, stmt->line, owner.at, owner.len, "no owner of a lock");
}

static bool getapplock(Run *run, const Stmt *stmt, Passed *args, int64_t *ret_status)
{
    Session *session = run->session;
    int mode = applock_mode(text_of(&args[1]));
    long timeout = args[3].value.is_null ? session->set.lock_timeout_ms : (long)args[3].value.i64;
    bool of_transaction;
    if (!lock_owner(run, stmt, text_of(&args[2]), "sp_getapplock", &of_transaction))
        return false;
    *ret_status = mode < 0
                      ? APPLOCK_INVALID
                      : applock_take(session, text_of(&args[0]), mode, of_transaction, timeout);
    return true;
}

static bool releaseapplock(Run *run, const Stmt *stmt, Passed *args, int64_t *ret_status)
{
    bool of_transaction;
    *ret_status = 0;
    if (!lock_owner(run, stmt, text_of(&args[1]), "sp_releaseapplock", &of_transaction))
        return false;
    return applock_release(run->session, text_of(&args[0]), of_transaction) ||
           run_fault(run, stmt, MSG(1223), STR_FMT(text_of(&args[0])));
}

static const struct {
    const char *name, *params;
    bool (*call)(Run *run, const Stmt *stmt, Passed *args, int64_t *ret_status);
} system_procedures[] = {
    {"sp_getapplock",
     "@Resource nvarchar(255), @LockMode nvarchar(32), @LockOwner nvarchar(32) = N'Transaction', "
     "@LockTimeout int = NULL, "
     "@DbPrincipal nvarchar(128) = N'public'",
     getapplock},
    {"sp_releaseapplock",
     "@Resource nvarchar(255), @LockOwner nvarchar(32) = N'Transaction', @DbPrincipal "
     "nvarchar(128) = N'public'",
     releaseapplock},
};

static Flow call_system(Run *run, const Stmt *stmt, size_t which)
{
    Session *session = run->session;
    const ParamDef *params = NULL;
    size_t count = 0;
    int64_t status = 0;
    if (!parse_declaration(str_of(system_procedures[which].params), &run->arena, &params, &count,
                           &session->fault))
        return run_fail(run, stmt);
    Passed *bounds =
        pass_arguments(run, stmt, 0, params, count, system_procedures[which].name, NULL);
    if (!bounds || !system_procedures[which].call(run, stmt, bounds, &status))
        return run_fail(run, stmt);
    if (atomic_load(&session->canceled))
        return FLOW_STOP;
    return set_status(run, stmt, status) ? FLOW_NEXT : run_fail(run, stmt);
}

Flow exec_call(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    Engine *engine = session->engine;
    Str name = name_last(&stmt->name);

    if (str_equal_fold(name, str_of("sp_executesql")))
        return executesql(run, stmt);
    for (size_t i = 0; i < ARRAY_LEN(system_procedures); i++)
        if (str_equal_fold(name, str_of(system_procedures[i].name)))
            return call_system(run, stmt, i);
    const Object *procedure = catalog_find(&engine->catalog, name_schema(&stmt->name), name);
    bool chained = run->frame.is_definer;
    if (!procedure || procedure->kind != OBJECT_PROCEDURE ||
        !(chained || session_may_see(session, procedure)))
        run_fault(run, stmt, MSG(2812), name_full(&stmt->name, &run->arena));
    else if (chained || session_may(session, "EXECUTE", procedure))
        return call_procedure(run, stmt, procedure);
    else
        run_fault(run, stmt, MSG(229), "EXECUTE", procedure->name, engine->database,
                  procedure->schema);
    return run_fail(run, stmt);
}
