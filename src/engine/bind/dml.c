#include "dml.h"
#include "../front/parse.h"

#include <string.h>

/* ---- the target -------------------------------------------------------------------------- */

static From *find_from(From *from, Str name, const Name *full)
{
    if (!from)
        return NULL;
    if (from->kind == FROM_JOIN) {
        From *found = find_from(from->left, name, full);
        return found ? found : find_from(from->right, name, full);
    }
    if (from->kind == FROM_VARIABLE && !from->alias.len)
        return str_equal_fold(from->name.parts[0], name) ? from : NULL;
    if (from->kind != FROM_TABLE && from->kind != FROM_VARIABLE)
        return NULL;
    if (from->alias.len)
        return full->count == 1 && str_equal_fold(from->alias, name) ? from : NULL;
    Str last = from->name.parts[from->name.count - 1];
    return str_equal_fold(last, name) ? from : NULL;
}

static const Object *table_of(Binder *binder, const Dml *dml, const char *permission)
{
    const Object *object = dml->is_variable
                               ? bind_table_variable(binder, dml->target.parts[0], dml->target.line)
                               : bind_object(binder, &dml->target, 208);
    if (!object || !bind_may(binder, permission, object))
        return NULL;
    if (object->kind == OBJECT_TABLE)
        return object;
    if (object->kind == OBJECT_SYSTEM)
        fault_set(binder->fault, dml->target.line, MSG(259));
    else
        fault_refuse(binder->fault, dml->target.line, object->name, strlen(object->name),
                     "views are not updated here");
    return NULL;
}

/* ---- INSERT ------------------------------------------------------------------------------ */

static bool inserts_identity(const Binder *binder, const Object *target)
{
    const char *on = binder->world->identity_insert;
    return on && str_same_fold(on, target->store);
}

static Expr *default_of(Binder *binder, const Column *column, const Expr *near_expr)
{
    Expr *value = NULL;
    if (!column->default_text)
        return bind_new(binder, EXPR_NULL, near_expr);
    bool has_variables = binder->has_variables;
    Scope *scope = binder->scope;
    if (!parse_expression(str_of(column->default_text), binder->arena, &value, binder->fault))
        return bind_new(binder, EXPR_NULL, near_expr);
    binder->has_variables = false;
    binder->scope = NULL;
    bind_value(binder, &value);
    binder->has_variables = has_variables;
    binder->scope = scope;
    return value;
}

static void list_columns(Binder *binder, Dml *dml, const Object *target)
{
    dml->column_index =
        arena_alloc_array(binder->arena, target->column_count + 1, sizeof *dml->column_index);
    for (size_t i = 0; !dml->columns && i < target->column_count; i++)
        if (!target->columns[i].is_identity || inserts_identity(binder, target))
            dml->column_index[dml->value_count++] = i;
    for (size_t i = 0; i < dml->column_count && !bind_failed(binder); i++) {
        ptrdiff_t at = object_column(target, dml->columns[i]);
        if (at < 0) {
            fault_set(binder->fault, dml->target.line, MSG(207), STR_FMT(dml->columns[i]));
            return;
        }
        for (size_t j = 0; j < dml->value_count; j++)
            if (dml->column_index[j] == (size_t)at)
                fault_set(binder->fault, dml->target.line, MSG(264), STR_FMT(dml->columns[i]));
        if (target->columns[at].is_identity && !inserts_identity(binder, target))
            fault_set(binder->fault, dml->target.line, MSG(544), target->name);
        if (dml->value_count < target->column_count)
            dml->column_index[dml->value_count++] = (size_t)at;
    }
}

static bool is_listed(const Dml *dml, size_t column)
{
    for (size_t i = 0; i < dml->value_count; i++)
        if (dml->column_index[i] == column)
            return true;
    return false;
}

/* VALUES (1, DEFAULT): the default takes the word's place. */
static void fill_defaults(Binder *binder, Dml *dml, const Object *target)
{
    From *from =
        dml->query && dml->query->body->kind == BODY_SELECT ? dml->query->body->select->from : NULL;
    if (!from || from->kind != FROM_VALUES)
        return;
    for (size_t r = 0; r < from->row_count; r++)
        for (size_t i = 0; i < from->rows[r].count && i < dml->value_count; i++)
            if (from->rows[r].values[i]->kind == EXPR_DEFAULT)
                from->rows[r].values[i] = default_of(binder, &target->columns[dml->column_index[i]],
                                                     from->rows[r].values[i]);
}

static void check_width(Binder *binder, const Dml *dml, size_t width)
{
    if (width == dml->value_count)
        return;
    if (!dml->columns)
        fault_set(binder->fault, dml->target.line, MSG(213));
    else if (width < dml->value_count)
        fault_set(binder->fault, dml->target.line, MSG(109));
    else
        fault_set(binder->fault, dml->target.line, MSG(110));
}

static void add_omitted(Binder *binder, Dml *dml, const Object *target, const Expr *near_expr)
{
    size_t given = dml->value_count;
    for (size_t i = 0; i < target->column_count && !bind_failed(binder); i++) {
        const Column *column = &target->columns[i];
        if (is_listed(dml, i) || column->is_identity)
            continue;
        if (!column->default_text && !(column->is_rowid))
            continue; // NULL by itself; SQLite's NOT NULL answers
        Expr *value = default_of(binder, column, near_expr);
        bind_convert(binder, &value, column->type, true);
        dml->column_index[given] = i;
        dml->values[given++] = value;
    }
    dml->value_count = given;
}

static void bind_insert(Binder *binder, Stmt *stmt, const Object *target)
{
    Dml *dml = stmt->dml;
    Expr near_expr = {.line = stmt->line, .near = stmt->near};

    list_columns(binder, dml, target);
    if (bind_failed(binder))
        return;
    dml->values = arena_alloc_array(binder->arena, target->column_count + 1, sizeof *dml->values);
    fill_defaults(binder, dml, target);
    bind_query(binder, dml->query);
    if (bind_failed(binder))
        return;
    check_width(binder, dml, dml->query->column_count);
    if (bind_failed(binder))
        return;
    dml->rows = bind_query_source(binder, dml->query, str_of("rows"));
    for (size_t i = 0; i < dml->value_count && !bind_failed(binder); i++) {
        const Column *column = &target->columns[dml->column_index[i]];
        dml->values[i] = bind_column_of(binder, dml->rows, i, &near_expr);
        if (dml->query->columns[i].is_null_literal)
            dml->values[i]->type = column->type;
        bind_convert(binder, &dml->values[i], column->type, true);
    }
    add_omitted(binder, dml, target, &near_expr);
}

/* ---- UPDATE and DELETE ------------------------------------------------------------------- */

static bool refuse_target(Binder *binder, const Dml *dml, const char *reason)
{
    Str name = dml->target.parts[dml->target.count - 1];
    return fault_refuse(binder->fault, dml->target.line, name.at, name.len, reason);
}

/* DELETE t FROM … AS t: one of the row sets of FROM. */
static const Object *target_in_from(Binder *binder, Dml *dml, From *from, const char *permission)
{
    bind_from(binder, dml->from);
    if (bind_failed(binder))
        return NULL;
    const Object *target = from->source->cte ? NULL : from->source->object;
    dml->source = from->source;
    if (!target || target->kind != OBJECT_TABLE) {
        (void)refuse_target(binder, dml, "the target must be a table here");
        return NULL;
    }
    return bind_may(binder, permission, target) ? target : NULL;
}

static const Object *target_alone(Binder *binder, Dml *dml, const char *permission)
{
    const Object *target = table_of(binder, dml, permission);
    if (target && dml->from && !refuse_target(binder, dml, "name the target in FROM here"))
        return NULL;
    if (!target || (dml->where && !bind_may(binder, "SELECT", target)))
        return NULL;
    dml->source = bind_source(binder, str_of(""), target);
    bind_add_source(binder, dml->source);
    return target;
}

static const Object *bind_rows(Binder *binder, Dml *dml, const char *permission)
{
    Str name = dml->target.parts[dml->target.count - 1];
    From *from = find_from(dml->from, name, &dml->target);

    (void)bind_push(binder, NULL);
    const Object *target = from ? target_in_from(binder, dml, from, permission)
                                : target_alone(binder, dml, permission);
    if (!target)
        return NULL;
    if (dml->where) {
        binder->clause = CLAUSE_WHERE;
        bind_condition(binder, &dml->where);
    }
    if (dml->top) {
        bind_value(binder, &dml->top);
        bind_convert(binder, &dml->top, type_of(SB_BIGINT), false);
    }
    return bind_failed(binder) ? NULL : target;
}

static void bind_set_item(Binder *binder, Assignment *set, const Object *target)
{
    Str name = set->column.parts[set->column.count - 1];
    ptrdiff_t at = object_column(target, name);
    if (at < 0) {
        fault_set(binder->fault, set->column.line, MSG(207), STR_FMT(name));
        return;
    }
    set->index = (size_t)at;
    const Column *column = &target->columns[at];
    if (column->is_identity) {
        fault_set(binder->fault, set->column.line, MSG(8102), column->name);
        return;
    }
    if (set->value->kind == EXPR_DEFAULT)
        set->value = default_of(binder, column, set->value);
    bind_assign(binder, &set->value, column->type);
}

static void bind_update(Binder *binder, Dml *dml, const Object *target)
{
    binder->clause = CLAUSE_WHERE;
    for (size_t i = 0; i < dml->set_count && !bind_failed(binder); i++)
        bind_set_item(binder, &dml->set[i], target);
}

void dml_bind(Binder *binder, Stmt *stmt, const Object **ret_target)
{
    Dml *dml = stmt->dml;
    const Object *target = NULL;

    if (stmt->kind == STMT_INSERT) {
        target = table_of(binder, dml, "INSERT");
        if (target)
            bind_insert(binder, stmt, target);
    } else {
        target = bind_rows(binder, dml, stmt->kind == STMT_UPDATE ? "UPDATE" : "DELETE");
        if (target && stmt->kind == STMT_UPDATE)
            bind_update(binder, dml, target);
    }
    binder->scope = NULL;
    *ret_target = target;
}

/* ---- printing ---------------------------------------------------------------------------- */

static void emit_value(Emitter *emitter, const Expr *value, const Column *column,
                       const Object *target)
{
    bool guard = column->is_rowid && !column->is_identity;
    buf_puts(emitter->out, guard ? "ms_notnull(" : "");
    emit_expr(emitter, value);
    if (guard)
        buf_printf(emitter->out, ", '''%s'', table ''%s''')", column->name, target->store);
}

static void emit_insert(Emitter *emitter, const Dml *dml, const Object *target)
{
    Buf *out = emitter->out;
    buf_puts(out, "INSERT INTO ");
    emit_table(emitter, target);
    for (size_t i = 0; i < dml->value_count; i++) {
        buf_puts(out, i ? ", " : " (");
        emit_name(emitter, target->columns[dml->column_index[i]].name);
    }
    buf_puts(out, ") SELECT ");
    for (size_t i = 0; i < dml->value_count; i++) {
        buf_puts(out, i ? ", " : "");
        emit_value(emitter, dml->values[i], &target->columns[dml->column_index[i]], target);
    }
    buf_puts(out, " FROM (");
    emit_query(emitter, dml->query);
    buf_printf(out, ") AS t%d", dml->rows->number);
}

static void emit_rowids(Emitter *emitter, const Dml *dml)
{
    Buf *out = emitter->out;
    bool is_join = dml->from && dml->from->kind == FROM_JOIN;
    buf_puts(out, is_join ? "SELECT DISTINCT " : "SELECT ");
    emit_source_rowid(emitter, dml->source);
    buf_puts(out, " FROM ");
    if (dml->from) {
        emit_from(emitter, dml->from);
    } else {
        emit_table(emitter, dml->source->object);
        buf_printf(out, " AS t%d", dml->source->number);
    }
    emit_where(emitter, dml->where);
    emit_limit(emitter, dml->top);
}

static void emit_delete(Emitter *emitter, const Dml *dml, const Object *target)
{
    Buf *out = emitter->out;
    buf_puts(out, "DELETE FROM ");
    emit_table(emitter, target);
    if (dml->top || dml->from) {
        buf_puts(out, " WHERE rowid IN (");
        emit_rowids(emitter, dml);
        buf_putc(out, ')');
        return;
    }
    if (dml->where && dml->where->truth != TRUTH_TRUE)
        buf_printf(out, " AS t%d", dml->source->number);
    emit_where(emitter, dml->where);
}

static void emit_update(Emitter *emitter, const Dml *dml, const Object *target)
{
    buf_puts(emitter->out, "UPDATE ");
    emit_table(emitter, target);
    buf_printf(emitter->out, " AS t%d", dml->source->number);
    for (size_t i = 0; i < dml->set_count; i++) {
        const Column *column = &target->columns[dml->set[i].index];
        buf_puts(emitter->out, i ? ", " : " SET ");
        emit_name(emitter, column->name);
        buf_puts(emitter->out, " = ");
        emit_value(emitter, dml->set[i].value, column, target);
    }
    emit_where(emitter, dml->where);
}

void dml_emit(Emitter *emitter, const Stmt *stmt, const Object *target)
{
    const Dml *dml = stmt->dml;
    if (stmt->kind == STMT_INSERT)
        emit_insert(emitter, dml, target);
    else if (stmt->kind == STMT_DELETE)
        emit_delete(emitter, dml, target);
    else
        emit_update(emitter, dml, target);
}
