/* Conditions into the halves of a UNION ALL: `WHERE m.operation_id = o.operation_id` on a view that
 * is one finds its rows by the index of each table. SQLite itself hands down what compares with
 * constants only, and makes the whole view first for the rest. What is handed down is judged above
 * once more, so that it may be left out wherever it is not sure to help. */
#include "emit.h"

/* Neither a subquery nor a column of the row sets that the condition stands beside. */
static bool is_from_outside(const Bound *expr, const BoundSelect *select)
{
    if (expr->kind == EXPR_COLUMN) {
        for (size_t i = 0; i < select->source_count; i++)
            if (select->sources[i] == expr->source)
                return false;
        return true;
    }
    if (expr->query || expr->over || expr->is_aggregate)
        return false;
    for (size_t i = 0; i < expr->arg_count; i++)
        if (!is_from_outside(expr->args[i], select))
            return false;
    return true;
}

static bool leads_index(const Bound *column)
{
    const Object *table = column->source->object;

    for (size_t i = 0; table && i < table->index_count; i++)
        if (table->indexes[i].columns[0] == column->column)
            return true;
    return false;
}

static bool is_found_by(const Bound *side, const Bound *other, const EmitUnion *whole,
                        const BoundSelect *half)
{
    if (side->kind != EXPR_COLUMN || side->source != whole->source ||
        !is_from_outside(other, whole->select))
        return false;
    const Bound *item = half->items[side->column].expr;
    return item->kind == EXPR_COLUMN && leads_index(item);
}

static void push_condition(Emitter *emitter, const Bound *expr, const EmitUnion *whole,
                           const BoundSelect *half, const char **word)
{
    if (expr->kind == EXPR_AND) {
        for (size_t i = 0; i < expr->arg_count; i++)
            push_condition(emitter, expr->args[i], whole, half, word);
        return;
    }
    if (expr->kind != EXPR_COMPARE || expr->said->op != '=' ||
        (!is_found_by(expr->args[0], expr->args[1], whole, half) &&
         !is_found_by(expr->args[1], expr->args[0], whole, half)))
        return;
    buf_puts(emitter->out, *word);
    *word = " AND ";
    emitter->half = half;
    emitter->half_of = whole->source;
    emit_expr(emitter, expr);
    emitter->half = NULL;
}

void emit_pushed(Emitter *emitter, const EmitUnion *whole, const BoundSelect *half)
{
    bool has_where = half->where && half->where->truth != TRUTH_TRUE;
    const char *word = has_where ? " AND " : " WHERE ";

    if (!whole->source || !whole->select->where || half->has_aggregates || half->group_count ||
        half->having || half->top || !half->from)
        return;
    push_condition(emitter, whole->select->where, whole, half, &word);
}
