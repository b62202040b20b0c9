#include "dml.h"
#include "parse.h"

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

static const Object *variable_table(Binder *binder, const Name *name)
{
    const Variable *variable = frame_find(binder->frame, name->parts[0]);
    if (variable && variable->table)
        return variable->table;
    fault_set(binder->fault, 1087, name->line, "Must declare the table variable \"%.*s\".",
              STR_FMT(name->parts[0]));
    return NULL;
}

static const Object *table_of(Binder *binder, const Dml *dml, const char *permission)
{
    for (CteScope *scope = binder->ctes; scope; scope = scope->outer)
        for (size_t i = 0; i < scope->count; i++)
            if (dml->target.count == 1 &&
                str_equal_fold(scope->list[i].name, dml->target.parts[0])) {
                fault_refuse(binder->fault, dml->target.line, dml->target.parts[0].at,
                             dml->target.parts[0].len,
                             "a common table expression is no target here");
                return NULL;
            }
    const Object *object = dml->is_variable ? variable_table(binder, &dml->target)
                                            : bind_object(binder, &dml->target, 208);
    if (!object || !bind_may(binder, permission, object))
        return NULL;
    if (object->kind == OBJECT_TABLE)
        return object;
    if (object->kind == OBJECT_SYSTEM)
        fault_set(binder->fault, 259, dml->target.line,
                  "Ad hoc updates to system catalogs are not allowed.");
    else
        fault_refuse(binder->fault, dml->target.line, object->name, strlen(object->name),
                     "views are not updated here");
    return NULL;
}

static void bind_output(Binder *binder, Dml *dml, const Object *target, const char *pseudo,
                        OutColumn **ret_columns, size_t *ret_count)
{
    if (!dml->output_count || bind_failed(binder))
        return;
    Scope *outer = binder->scope;
    binder->scope = NULL;
    (void)bind_push(binder, NULL);
    Source *source = bind_source(binder, str_of(pseudo), target);
    bind_add_source(binder, source);
    source->is_hidden = true;

    Item *list = NULL;
    size_t count = 0, capacity = 0;
    for (size_t i = 0; i < dml->output_count && !bind_failed(binder); i++) {
        Item item = dml->output[i];
        bool star = item.expr->kind == EXPR_STAR;
        if (star && (item.expr->name.count != 1 ||
                     !str_equal_fold(item.expr->name.parts[0], str_of(pseudo)))) {
            bind_refuse(binder, item.expr, NULL);
            return;
        }
        for (size_t c = 0; c < (star ? source->column_count : 1); c++) {
            list = arena_grow(binder->arena, list, count, count + 1, &capacity, sizeof *list);
            list[count] = item;
            if (star)
                list[count].expr = bind_column_of(binder, source, c, item.expr);
            else
                bind_value(binder, &list[count].expr);
            count++;
        }
    }
    binder->scope = outer;
    dml->output = list;
    dml->output_count = count;
    if (bind_failed(binder))
        return;
    *ret_columns = arena_alloc_array(binder->arena, count + 1, sizeof **ret_columns);
    *ret_count = count;
    for (size_t i = 0; i < count; i++) {
        const Expr *expr = list[i].expr;
        Str name = list[i].alias;
        if (!name.len && expr->kind == EXPR_COLUMN)
            name = expr->source->columns[expr->column].name;
        (*ret_columns)[i] =
            (OutColumn){.name = name, .type = expr->type, .is_nullable = expr->is_nullable};
    }
}

/* ---- INSERT ------------------------------------------------------------------------------ */

static bool inserts_identity(const Binder *binder, const Object *target)
{
    const char *on = binder->session->identity_insert;
    return on && str_same_fold(on, target->store);
}

static Expr *default_of(Binder *binder, const Column *column, const Expr *near_expr)
{
    Expr *value = NULL;
    if (!column->default_text)
        return bind_new(binder, EXPR_NULL, near_expr);
    Frame *frame = binder->frame;
    Scope *scope = binder->scope;
    if (!parse_expression(str_of(column->default_text), binder->arena, &value, binder->fault))
        return bind_new(binder, EXPR_NULL, near_expr);
    binder->frame = NULL;
    binder->scope = NULL;
    bind_value(binder, &value);
    binder->frame = frame;
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
            fault_set(binder->fault, 207, dml->target.line, "Invalid column name '%.*s'.",
                      STR_FMT(dml->columns[i]));
            return;
        }
        for (size_t j = 0; j < dml->value_count; j++)
            if (dml->column_index[j] == (size_t)at)
                fault_set(binder->fault, 264, dml->target.line,
                          "The column name '%.*s' is specified more than once in the "
                          "SET clause or column list of an INSERT.",
                          STR_FMT(dml->columns[i]));
        if (target->columns[at].is_identity && !inserts_identity(binder, target))
            fault_set(binder->fault, 544, dml->target.line,
                      "Cannot insert explicit value for identity column in table '%s' "
                      "when IDENTITY_INSERT is set to OFF.",
                      target->name);
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
        fault_set(binder->fault, 213, dml->target.line,
                  "Column name or number of supplied values does not match table "
                  "definition.");
    else if (width < dml->value_count)
        fault_set(binder->fault, 109, dml->target.line,
                  "There are more columns in the INSERT statement than values "
                  "specified in the VALUES clause. The number of values in the VALUES clause must "
                  "match the number of "
                  "columns specified in the INSERT statement.");
    else
        fault_set(binder->fault, 110, dml->target.line,
                  "There are fewer columns in the INSERT statement than values "
                  "specified in the VALUES clause. The number of values in the VALUES clause must "
                  "match the number of "
                  "columns specified in the INSERT statement.");
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
    if (dml->is_default_values) {
        dml->value_count = 0;
        add_omitted(binder, dml, target, &near_expr);
        return;
    }
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

static const Object *bind_rows(Binder *binder, Dml *dml, const char *permission)
{
    Str name = dml->target.parts[dml->target.count - 1];
    From *from = find_from(dml->from, name, &dml->target);
    const Object *target = NULL;

    (void)bind_push(binder, NULL);
    if (from) {
        bind_from(binder, dml->from);
        if (bind_failed(binder) || !from->source->object || from->source->cte) {
            if (!bind_failed(binder))
                fault_refuse(binder->fault, dml->target.line, name.at, name.len,
                             "the target must be a table here");
            return NULL;
        }
        target = from->source->object;
        dml->source = from->source;
        if (target->kind != OBJECT_TABLE) {
            fault_refuse(binder->fault, dml->target.line, name.at, name.len,
                         "the target must be a table here");
            return NULL;
        }
        if (!bind_may(binder, permission, target))
            return NULL;
    } else {
        target = table_of(binder, dml, permission);
        if (!target)
            return NULL;
        if (dml->from) {
            fault_refuse(binder->fault, dml->target.line, name.at, name.len,
                         "name the target in FROM here");
            return NULL;
        }
        dml->source = bind_source(binder, str_of(""), target);
        bind_add_source(binder, dml->source);
    }
    if (dml->where) {
        binder->clause = CLAUSE_WHERE;
        bind_condition(binder, &dml->where);
        if (!bind_failed(binder) && !from && !bind_may(binder, "SELECT", target))
            return NULL;
    }
    if (dml->top) {
        bind_value(binder, &dml->top);
        bind_convert(binder, &dml->top, type_of(SB_BIGINT), false);
    }
    return bind_failed(binder) ? NULL : target;
}

static void bind_set_item(Binder *binder, Assignment *set, const Dml *dml, const Object *target)
{
    Str name = set->column.parts[set->column.count - 1];
    ptrdiff_t at = object_column(target, name);
    if (set->is_variable) {
        fault_refuse(binder->fault, set->value->line, set->variable.at, set->variable.len,
                     "UPDATE … SET @variable is not known here");
        return;
    }
    if (at < 0) {
        fault_set(binder->fault, 207, set->column.line, "Invalid column name '%.*s'.",
                  STR_FMT(name));
        return;
    }
    set->index = (size_t)at;
    const Column *column = &target->columns[at];
    if (column->is_identity) {
        fault_set(binder->fault, 8102, set->column.line, "Cannot update identity column '%s'.",
                  column->name);
        return;
    }
    if (set->value->kind == EXPR_DEFAULT)
        set->value = default_of(binder, column, set->value);
    if (set->op != '=') {
        static const char ops[] = {'+', '-', '*', '/', '%'};
        Expr *sum = bind_new(binder, EXPR_ARITH, set->value);
        sum->is_bound = false;
        sum->op = ops[set->op - SIGN_PLUS_SET];
        sum->args = arena_alloc_array(binder->arena, 2, sizeof *sum->args);
        sum->args[0] = bind_column_of(binder, dml->source, set->index, set->value);
        sum->args[1] = set->value;
        sum->arg_count = 2;
        set->value = sum;
    }
    bind_assign(binder, &set->value, column->type);
}

static void bind_update(Binder *binder, Dml *dml, const Object *target)
{
    binder->clause = CLAUSE_WHERE;
    for (size_t i = 0; i < dml->set_count && !bind_failed(binder); i++)
        bind_set_item(binder, &dml->set[i], dml, target);
}

void dml_bind(Binder *binder, Stmt *stmt, const Object **ret_target, OutColumn **ret_columns,
              size_t *ret_column_count)
{
    Dml *dml = stmt->dml;
    CteScope ctes;
    const Object *target = NULL;

    if (dml->cte_count)
        bind_ctes(binder, &ctes, dml->ctes, dml->cte_count);
    if (bind_failed(binder))
        return;
    if (stmt->kind == STMT_INSERT) {
        target = table_of(binder, dml, "INSERT");
        if (target)
            bind_insert(binder, stmt, target);
    } else {
        target = bind_rows(binder, dml, stmt->kind == STMT_UPDATE ? "UPDATE" : "DELETE");
        if (target && stmt->kind == STMT_UPDATE)
            bind_update(binder, dml, target);
    }
    if (target)
        bind_output(binder, dml, target, stmt->kind == STMT_DELETE ? "deleted" : "inserted",
                    ret_columns, ret_column_count);
    binder->ctes = NULL;
    binder->scope = NULL;
    *ret_target = target;
}

/* ---- printing ---------------------------------------------------------------------------- */

static void emit_returning(Emitter *emitter, const Dml *dml)
{
    emitter->is_check = true; // RETURNING names bare columns
    for (size_t i = 0; i < dml->output_count; i++) {
        buf_puts(emitter->out, i ? ", " : " RETURNING ");
        emit_expr(emitter, dml->output[i].expr);
    }
    emitter->is_check = false;
}

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
    if (!dml->value_count) {
        buf_puts(out, " DEFAULT VALUES");
        return;
    }
    for (size_t i = 0; i < dml->value_count; i++) {
        buf_puts(out, i ? ", " : " (");
        emit_name(emitter, target->columns[dml->column_index[i]].name);
    }
    buf_puts(out, ") SELECT ");
    for (size_t i = 0; i < dml->value_count; i++) {
        buf_puts(out, i ? ", " : "");
        emit_value(emitter, dml->values[i], &target->columns[dml->column_index[i]], target);
    }
    if (dml->query) {
        buf_puts(out, " FROM (");
        emit_query(emitter, dml->query);
        buf_printf(out, ") AS t%d", dml->rows->number);
        buf_puts(out, " WHERE 1"); // else the parser takes a following ON or RETURNING for a join's
    }
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
    Buf *out = emitter->out;
    bool through = dml->from != NULL;
    buf_puts(out, "UPDATE ");
    emit_table(emitter, target);
    if (through)
        buf_puts(out, " AS u");
    else
        buf_printf(out, " AS t%d", dml->source->number);
    for (size_t i = 0; i < dml->set_count; i++) {
        buf_puts(out, i ? ", " : " SET ");
        emit_name(emitter, target->columns[dml->set[i].index].name);
        buf_puts(out, " = ");
        if (through)
            buf_printf(out, "s.c%zu", i);
        else
            emit_value(emitter, dml->set[i].value, &target->columns[dml->set[i].index], target);
    }
    if (!through) {
        if (dml->top) {
            buf_printf(out, " WHERE t%d.rowid IN (", dml->source->number);
            emit_rowids(emitter, dml);
            buf_putc(out, ')');
        } else {
            emit_where(emitter, dml->where);
        }
        return;
    }
    buf_puts(out, " FROM (SELECT ");
    emit_source_rowid(emitter, dml->source);
    buf_puts(out, " AS r");
    for (size_t i = 0; i < dml->set_count; i++) {
        buf_puts(out, ", ");
        emit_value(emitter, dml->set[i].value, &target->columns[dml->set[i].index], target);
        buf_printf(out, " AS c%zu", i);
    }
    buf_puts(out, " FROM ");
    emit_from(emitter, dml->from);
    emit_where(emitter, dml->where);
    emit_limit(emitter, dml->top);
    buf_puts(out, ") AS s WHERE u.rowid = s.r");
}

void dml_emit(Emitter *emitter, const Stmt *stmt, const Object *target)
{
    const Dml *dml = stmt->dml;
    emit_ctes(emitter, dml->ctes, dml->cte_count);
    if (stmt->kind == STMT_INSERT)
        emit_insert(emitter, dml, target);
    else if (stmt->kind == STMT_DELETE)
        emit_delete(emitter, dml, target);
    else
        emit_update(emitter, dml, target);
    emit_returning(emitter, dml);
}
