/* SET: what changes something here, and what a client may send and changes nothing. */
#include "exec.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>

static bool is_on(const Stmt *stmt)
{
    return str_equal_fold(stmt->value, str_of("ON"));
}

static bool is_option(const Stmt *stmt, const char *name)
{
    return str_equal_fold(stmt->text, str_of(name));
}

static bool number_of(Run *run, const Stmt *stmt, int64_t *ret_number)
{
    SbType type = type_of(SB_BIGINT);
    SbValue value;
    if (!stmt->expr_count)
        return fault_refuse(&run->session->fault, stmt->line, stmt->value.at, stmt->value.len,
                            NULL);
    if (!run_value(run, stmt, stmt->exprs[0], &type, NULL, &value))
        return false;
    *ret_number = value.i64;
    return true;
}

static bool identity_insert(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    Binder binder = run_binder(run);
    const Object *object = bind_object(&binder, &stmt->name, 1088);
    if (!object || !bind_may(&binder, "ALTER", object))
        return false;
    bool has = false;
    for (size_t i = 0; i < object->column_count; i++)
        has = has || object->columns[i].is_identity;
    if (!has)
        return run_fault(run, stmt, MSG(8106), object->name);
    if (is_on(stmt) && session->identity_insert &&
        !str_same_fold(session->identity_insert, object->store))
        return run_fault(run, stmt, MSG(8107), session->identity_insert, object->store);
    free(session->identity_insert);
    session->identity_insert = is_on(stmt) ? mem_text(object->store) : NULL;
    return true;
}

static bool set_number(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    int64_t number = 0;
    if (!number_of(run, stmt, &number))
        return false;
    if (is_option(stmt, "LOCK_TIMEOUT"))
        session->set.lock_timeout_ms = number < -1 ? -1 : (long)number;
    else if (is_option(stmt, "TEXTSIZE"))
        session->set.text_size = number < 0 ? TEXT_SIZE_MAX : number == 0 ? 4096 : number;
    else
        session->set.row_limit = number > 0 ? number : -1;
    return true;
}

static bool is_any_of(Str text, const char *names)
{
    Str rest = str_of(names), name;
    while (str_split(&rest, ' ', &name))
        if (str_equal_fold(text, name))
            return true;
    return false;
}

static bool refused(Run *run, const Stmt *stmt)
{
    if (!is_any_of(stmt->text, is_on(stmt) ? "NOEXEC PARSEONLY NUMERIC_ROUNDABORT"
                                           : "ANSI_NULLS CONCAT_NULL_YIELDS_NULL"))
        return false;
    fault_refuse(&run->session->fault, stmt->line, stmt->value.at, stmt->value.len,
                 "this setting would change what statements mean");
    return true;
}

Flow exec_set_option(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    const struct {
        const char *name;
        bool *is_on;
    } switches[] = {{"NOCOUNT", &session->set.no_count},
                    {"XACT_ABORT", &session->set.xact_abort},
                    {"IMPLICIT_TRANSACTIONS", &session->is_implicit},
                    {"FMTONLY", &session->fmt_only}};
    bool ok = true;
    for (size_t i = 0; i < ARRAY_LEN(switches); i++)
        if (is_option(stmt, switches[i].name))
            *switches[i].is_on = is_on(stmt);
    if (is_option(stmt, "IDENTITY_INSERT"))
        ok = identity_insert(run, stmt);
    else if (is_any_of(stmt->text, "LOCK_TIMEOUT TEXTSIZE ROWCOUNT"))
        ok = set_number(run, stmt);
    else
        ok = !refused(run, stmt);
    session->row_count = 0;
    return ok ? FLOW_NEXT : run_fail(run, stmt);
}
