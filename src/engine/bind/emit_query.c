/* Queries to SQLite. Every select item is called c0, c1, …; every row set t1, t2, … */
#include "emit.h"

#include <string.h>

void emit_table(Emitter *emitter, const Object *object)
{
    buf_puts(emitter->out, object->is_temp ? "temp." : "main.");
    emit_name(emitter, object->store);
}

void emit_where(Emitter *emitter, const Bound *where)
{
    if (!where || where->truth == TRUTH_TRUE)
        return;
    buf_puts(emitter->out, " WHERE ");
    emit_expr(emitter, where);
}

static void emit_values(Emitter *emitter, const BoundFrom *from)
{
    Buf *out = emitter->out;
    size_t width = from->source->column_count;
    for (size_t i = 0; i < width * from->row_count; i++) {
        const Bound *value = from->values[i];
        buf_puts(out, i == 0 ? "(VALUES (" : i % width ? ", " : "), (");
        emit_expr(emitter, value);
        buf_puts(out, value->type.id == SB_NVARCHAR ? " COLLATE TSQL" : "");
    }
    buf_puts(out, "))");
}

void emit_as(Emitter *emitter, const Source *source)
{
    buf_printf(emitter->out, " AS t%d", source->number);
}

static void emit_join(Emitter *emitter, const BoundFrom *from)
{
    emit_from(emitter, from->left);
    // SQLite takes the order of a CROSS JOIN as an order to itself: a plain JOIN lets it choose
    buf_puts(emitter->out, from->join == JOIN_LEFT ? " LEFT JOIN " : " JOIN ");
    bool nested = from->right->kind == FROM_JOIN;
    buf_puts(emitter->out, nested ? "(" : "");
    emit_from(emitter, from->right);
    buf_puts(emitter->out, nested ? ")" : "");
    if (from->on) {
        buf_puts(emitter->out, " ON ");
        emit_expr(emitter, from->on);
    }
}

static void emit_derived(Emitter *emitter, const BoundFrom *from)
{
    const BoundQuery *query = from->query;

    if (query->body->kind == BODY_UNION && !query->cte_count && emitter->select)
        emitter->whole = (EmitUnion){from->source, emitter->select};
    buf_putc(emitter->out, '(');
    emit_query(emitter, query);
    buf_putc(emitter->out, ')');
    emitter->whole = (EmitUnion){0};
}

void emit_from(Emitter *emitter, const BoundFrom *from)
{
    if (from->kind == FROM_JOIN) {
        emit_join(emitter, from);
        return;
    }
    if (from->kind == FROM_QUERY)
        emit_derived(emitter, from);
    else if (from->kind == FROM_VALUES)
        emit_values(emitter, from);
    else if (from->source->cte)
        buf_printf(emitter->out, "q%d", from->source->cte);
    else
        emit_table(emitter, from->source->object);
    emit_as(emitter, from->source);
}

static void emit_items(Emitter *emitter, const BoundSelect *select)
{
    for (size_t i = 0; i < select->item_count; i++) {
        const Bound *expr = select->items[i].expr;
        buf_puts(emitter->out, i ? ", " : "");
        emit_expr(emitter, expr);
        if (expr->type.id == SB_NVARCHAR && expr->kind != EXPR_COLUMN)
            buf_puts(emitter->out, " COLLATE TSQL");
        buf_printf(emitter->out, " AS c%zu", i);
    }
}

static void emit_group(Emitter *emitter, const BoundSelect *select)
{
    for (size_t i = 0; i < select->group_count; i++) {
        buf_puts(emitter->out, i ? ", " : " GROUP BY ");
        emit_order(emitter, select->group[i], false);
    }
}

static void emit_select(Emitter *emitter, const BoundSelect *select)
{
    const EmitUnion whole = emitter->whole;
    const BoundSelect *outer = emitter->select;

    emitter->whole = (EmitUnion){0};
    emitter->select = select;
    buf_puts(emitter->out, select->said->is_distinct ? "SELECT DISTINCT " : "SELECT ");
    emit_items(emitter, select);
    if (select->from) {
        buf_puts(emitter->out, " FROM ");
        emit_from(emitter, select->from);
    }
    emit_where(emitter, select->where);
    emit_pushed(emitter, &whole, select);
    emit_group(emitter, select);
    if (select->having) {
        buf_puts(emitter->out, select->group_count || select->has_aggregates
                                   ? " HAVING "
                                   : " GROUP BY NULL HAVING ");
        emit_expr(emitter, select->having);
    }
    emitter->select = outer;
    emitter->whole = whole;
}

static void emit_body(Emitter *emitter, const BoundBody *body);

void emit_limit(Emitter *emitter, const Bound *top)
{
    if (!top)
        return;
    buf_puts(emitter->out, " LIMIT ms_top(");
    emit_expr(emitter, top);
    buf_putc(emitter->out, ')');
}

/* As one half of a UNION ALL, where SQLite takes no more than a SELECT of one table. */
static void emit_operand(Emitter *emitter, const BoundBody *body)
{
    const Bound *top = body->kind == BODY_SELECT ? body->select->top : NULL;
    bool wrap = top || body->kind == BODY_NESTED;

    buf_puts(emitter->out, wrap ? "SELECT * FROM (" : "");
    emit_body(emitter, body);
    emit_limit(emitter, top);
    buf_puts(emitter->out, wrap ? ")" : "");
}

static void emit_body(Emitter *emitter, const BoundBody *body)
{
    switch (body->kind) {
    case BODY_SELECT:
        emit_select(emitter, body->select);
        return;
    case BODY_NESTED:
        emitter->whole = (EmitUnion){0};
        emit_query(emitter, body->nested);
        return;
    case BODY_UNION:
        emit_operand(emitter, body->left);
        buf_puts(emitter->out, " UNION ALL ");
        emit_operand(emitter, body->right);
        return;
    }
}

/* A select item by its name; within an expression SQLite would look for c1 in the sources first. */
static void emit_item_order(Emitter *emitter, const BoundQuery *query, const BoundOrder *order)
{
    SbTypeId id = query->columns[order->item - 1].type.id;
    bool is_variant = id == SB_SQL_VARIANT;
    if (id == SB_DATETIMEOFFSET && query->body->kind == BODY_SELECT) {
        emit_order(emitter, query->body->select->items[order->item - 1].expr, order->is_descending);
        return;
    }
    buf_printf(emitter->out, "%sc%d%s%s%s", is_variant ? "ms_variant(" : "", order->item - 1,
               is_variant                ? ")"
               : id == SB_DATETIMEOFFSET ? " >> 7"
                                         : "",
               id == SB_UNIQUEIDENTIFIER ? " COLLATE TSQLGUID"
               : id == SB_NVARCHAR       ? " COLLATE TSQL"
                                         : "",
               order->is_descending ? " DESC" : "");
}

static void emit_query_order(Emitter *emitter, const BoundQuery *query)
{
    for (size_t i = 0; i < query->order_count; i++) {
        const BoundOrder *order = &query->order[i];
        buf_puts(emitter->out, i ? ", " : " ORDER BY ");
        if (order->item)
            emit_item_order(emitter, query, order);
        else
            emit_order(emitter, order->expr, order->is_descending);
    }
}

static void emit_ctes(Emitter *emitter, const BoundCte *ctes, size_t count)
{
    Buf *out = emitter->out;
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "%sq%d(", i ? ", " : "WITH ", ctes[i].number);
        for (size_t c = 0; c < ctes[i].shape->column_count; c++)
            buf_printf(out, "%s%s", c ? ", " : "", ctes[i].shape->columns[c].sql);
        buf_puts(out, ") AS (");
        emit_query(emitter, ctes[i].query);
        buf_putc(out, ')');
    }
    if (count)
        buf_putc(out, ' ');
}

void emit_query(Emitter *emitter, const BoundQuery *query)
{
    Buf *out = emitter->out;
    bool is_select = query->body->kind == BODY_SELECT;
    bool wrap = query->body->kind == BODY_NESTED || (!is_select && query->order_count);

    emit_ctes(emitter, query->ctes, query->cte_count);
    if (wrap)
        buf_puts(out, "SELECT * FROM (");
    emit_body(emitter, query->body);
    if (wrap)
        buf_putc(out, ')');
    emit_query_order(emitter, query);
    if (is_select)
        emit_limit(emitter, query->body->select->top);
}
