/* INSERT, UPDATE and DELETE: bound to their tables, and written as SQLite's. */
#include "emit.h"

#include "../front/parse.h"

#include <string.h>

/* ---- the target ------------------------------------------------------------------------------ */

/* DELETE t FROM … AS t: is it this one? */
static bool is_target(const From *from, const Name *name)
{
    if (from->kind == FROM_JOIN)
        return false;
    if (from->alias.len)
        return name->count == 1 && str_equal_fold(from->alias, name_last(name));
    return from->name.count && str_equal_fold(name_last(&from->name), name_last(name));
}

static const Object *table_of(Binder *binder, const Dml *said, const char *permission)
{
    const Object *object =
        said->is_variable ? bind_table_variable(binder, said->target.parts[0], said->target.line)
                          : bind_object(binder, &said->target, 208);
    if (!object || !bind_may(binder, permission, object))
        return NULL;
    if (object->kind == OBJECT_TABLE)
        return object;
    if (object->kind == OBJECT_SYSTEM)
        fault_set(binder->fault, said->target.line, MSG(259));
    else
        fault_refuse(binder->fault, said->target.line, object->name, strlen(object->name),
                     "views are not updated here");
    return NULL;
}

/* ---- INSERT ---------------------------------------------------------------------------------- */

static bool is_listed(const BoundDml *dml, size_t column)
{
    for (size_t i = 0; i < dml->set_count; i++)
        if (dml->set[i].column == column)
            return true;
    return false;
}

static bool inserts_identity(const Binder *binder, const Object *target)
{
    const char *on = binder->world->identity_insert;
    return on && str_same_fold(on, target->store);
}

static void list_column(Binder *binder, const Dml *said, BoundDml *dml, Str name)
{
    const Object *target = dml->target;
    ptrdiff_t at = object_column(target, name);
    int line = said->target.line;
    if (at < 0) {
        fault_set(binder->fault, line, MSG(207), STR_FMT(name));
        return;
    }
    if (is_listed(dml, (size_t)at))
        fault_set(binder->fault, line, MSG(264), STR_FMT(name));
    if (target->columns[at].is_identity && !inserts_identity(binder, target))
        fault_set(binder->fault, line, MSG(544), target->name);
    if (dml->set_count < target->column_count)
        dml->set[dml->set_count++].column = (size_t)at;
}

static void list_columns(Binder *binder, const Dml *said, BoundDml *dml)
{
    const Object *target = dml->target;
    dml->set = arena_alloc_array(binder->arena, target->column_count + 1, sizeof *dml->set);
    for (size_t i = 0; !said->columns && i < target->column_count; i++)
        if (!target->columns[i].is_identity || inserts_identity(binder, target))
            dml->set[dml->set_count++].column = i;
    for (size_t i = 0; i < said->column_count && !bind_failed(binder); i++)
        list_column(binder, said, dml, said->columns[i]);
}

static void check_width(Binder *binder, const Dml *said, const BoundDml *dml)
{
    int line = said->target.line;
    if (dml->query->column_count == dml->set_count)
        return;
    if (!said->columns)
        fault_set(binder->fault, line, MSG(213));
    else if (dml->query->column_count < dml->set_count)
        fault_set(binder->fault, line, MSG(109));
    else
        fault_set(binder->fault, line, MSG(110));
}

static void add_omitted(Binder *binder, BoundDml *dml, const Expr *near_expr)
{
    size_t given = dml->set_count;
    for (size_t i = 0; i < dml->target->column_count && !bind_failed(binder); i++) {
        const Column *column = &dml->target->columns[i];
        bool is_null = !column->default_text && !column->is_rowid; // SQLite's NOT NULL answers
        if (is_listed(dml, i) || column->is_identity || is_null)
            continue;
        Bound *value = bind_default(binder, column, near_expr);
        bind_convert(binder, &value, column->type, true);
        dml->set[given++] = (BoundSet){i, value};
    }
    dml->set_count = given;
}

static void bind_insert(Binder *binder, const Stmt *stmt, BoundDml *dml)
{
    const Dml *said = stmt->dml;
    const Expr *near_expr = bind_near(binder, stmt->line, stmt->near);

    list_columns(binder, said, dml);
    dml->query = bind_query(binder, said->query);
    if (bind_failed(binder))
        return;
    check_width(binder, said, dml);
    if (bind_failed(binder))
        return;
    dml->rows = bind_query_source(binder, dml->query, str_of("rows"), said->query->line);
    for (size_t i = 0; i < dml->set_count && !bind_failed(binder); i++) {
        SbType type = dml->target->columns[dml->set[i].column].type;
        Bound **value = &dml->set[i].value;
        *value = bind_column_of(binder, dml->rows, i, near_expr);
        if (dml->query->columns[i].is_null_literal)
            (*value)->type = type;
        bind_convert(binder, value, type, true);
    }
    add_omitted(binder, dml, near_expr);
}

/* ---- UPDATE and DELETE ----------------------------------------------------------------------- */

static void refuse_target(Binder *binder, const Dml *said, const char *reason)
{
    Str name = name_last(&said->target);
    fault_refuse(binder->fault, said->target.line, name.at, name.len, reason);
}

static void target_in_from(Binder *binder, const Dml *said, BoundDml *dml, const char *permission)
{
    dml->from = bind_from(binder, said->from);
    if (bind_failed(binder))
        return;
    dml->source = dml->from->source;
    dml->target = dml->source->cte ? NULL : dml->source->object;
    if (!dml->target || dml->target->kind != OBJECT_TABLE)
        refuse_target(binder, said, "the target must be a table here");
    else
        (void)bind_may(binder, permission, dml->target);
}

static void target_alone(Binder *binder, const Dml *said, BoundDml *dml, const char *permission)
{
    dml->target = table_of(binder, said, permission);
    if (bind_failed(binder) || (said->where && !bind_may(binder, "SELECT", dml->target)))
        return;
    dml->source = bind_source(binder, str_of(""), dml->target);
    bind_add_source(binder, dml->source);
}

static void bind_rows(Binder *binder, const Dml *said, BoundDml *dml, const char *permission)
{
    (void)bind_push(binder, NULL);
    if (!said->from)
        target_alone(binder, said, dml, permission);
    else if (is_target(said->from, &said->target))
        target_in_from(binder, said, dml, permission);
    else
        refuse_target(binder, said, "FROM holds the target alone here");
    binder->clause = CLAUSE_WHERE;
    if (said->where)
        dml->where = bind_condition(binder, said->where);
    dml->top = bind_top(binder, said->top);
}

static void bind_set_item(Binder *binder, const Assignment *said, BoundDml *dml)
{
    Str name = name_last(&said->column);
    ptrdiff_t at = object_column(dml->target, name);
    if (at < 0) {
        fault_set(binder->fault, said->column.line, MSG(207), STR_FMT(name));
        return;
    }
    const Column *column = &dml->target->columns[at];
    if (column->is_identity)
        fault_set(binder->fault, said->column.line, MSG(8102), column->name);
    Bound *value = bind_value(binder, said->value);
    bind_convert(binder, &value, column->type, true);
    dml->set[dml->set_count++] = (BoundSet){(size_t)at, value};
}

BoundDml *dml_bind(Binder *binder, const Stmt *stmt)
{
    const Dml *said = stmt->dml;
    BoundDml *dml = arena_alloc(binder->arena, sizeof *dml);

    if (stmt->kind == STMT_INSERT) {
        dml->target = table_of(binder, said, "INSERT");
        if (dml->target)
            bind_insert(binder, stmt, dml);
    } else {
        bind_rows(binder, said, dml, stmt->kind == STMT_UPDATE ? "UPDATE" : "DELETE");
        dml->set = arena_alloc_array(binder->arena, said->set_count + 1, sizeof *dml->set);
        for (size_t i = 0; i < said->set_count && !bind_failed(binder); i++)
            bind_set_item(binder, &said->set[i], dml);
    }
    binder->scope = NULL;
    return dml;
}

/* ---- printing -------------------------------------------------------------------------------- */

static void emit_value(Emitter *emitter, const BoundSet *set, const Object *target)
{
    const Column *column = &target->columns[set->column];
    bool guard = column->is_rowid && !column->is_identity;
    emit(emitter, guard ? "ms_notnull($e, '''$s'', table ''$s''')" : "$e", set->value, column->name,
         target->store);
}

static void emit_insert(Emitter *emitter, const BoundDml *dml)
{
    buf_puts(emitter->out, "INSERT INTO ");
    emit_table(emitter, dml->target);
    for (size_t i = 0; i < dml->set_count; i++)
        emit(emitter, i ? ", $n" : " ($n", dml->target->columns[dml->set[i].column].name);
    for (size_t i = 0; i < dml->set_count; i++) {
        buf_puts(emitter->out, i ? ", " : ") SELECT ");
        emit_value(emitter, &dml->set[i], dml->target);
    }
    emit(emitter, " FROM ($q)", dml->query);
    emit_as(emitter, dml->rows);
}

static void emit_rowids(Emitter *emitter, const BoundDml *dml)
{
    emit(emitter, "SELECT t$d.rowid FROM ", dml->source->number);
    if (dml->from) {
        emit_from(emitter, dml->from);
    } else {
        emit_table(emitter, dml->source->object);
        emit_as(emitter, dml->source);
    }
    emit_where(emitter, dml->where);
    emit_limit(emitter, dml->top);
}

static void emit_delete(Emitter *emitter, const BoundDml *dml)
{
    buf_puts(emitter->out, "DELETE FROM ");
    emit_table(emitter, dml->target);
    if (dml->top || dml->from) {
        buf_puts(emitter->out, " WHERE rowid IN (");
        emit_rowids(emitter, dml);
        buf_putc(emitter->out, ')');
        return;
    }
    if (dml->where && dml->where->truth != TRUTH_TRUE)
        emit_as(emitter, dml->source);
    emit_where(emitter, dml->where);
}

static void emit_update(Emitter *emitter, const BoundDml *dml)
{
    buf_puts(emitter->out, "UPDATE ");
    emit_table(emitter, dml->target);
    emit_as(emitter, dml->source);
    for (size_t i = 0; i < dml->set_count; i++) {
        emit(emitter, "$s$n = ", i ? ", " : " SET ", dml->target->columns[dml->set[i].column].name);
        emit_value(emitter, &dml->set[i], dml->target);
    }
    emit_where(emitter, dml->where);
}

void dml_emit(Emitter *emitter, StmtKind kind, const BoundDml *dml)
{
    if (kind == STMT_INSERT)
        emit_insert(emitter, dml);
    else if (kind == STMT_DELETE)
        emit_delete(emitter, dml);
    else
        emit_update(emitter, dml);
}
