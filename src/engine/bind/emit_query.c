/* Queries to SQLite. Every select item is called c0, c1, …; every row set t1, t2, … */
#include "emit.h"

#include <string.h>

void emit_table(Emitter *emitter, const Object *object)
{
    buf_puts(emitter->out, object->is_temp ? "temp." : "main.");
    emit_name(emitter, object->store);
}

void emit_source_rowid(Emitter *emitter, const Source *source)
{
    buf_printf(emitter->out, "t%d.rowid", source->number);
}

void emit_where(Emitter *emitter, const Expr *where)
{
    if (!where || where->truth == TRUTH_TRUE)
        return;
    buf_puts(emitter->out, " WHERE ");
    emit_expr(emitter, where);
}

static void emit_values(Emitter *emitter, const From *from)
{
    Buf *out = emitter->out;
    buf_puts(out, "(VALUES ");
    for (size_t r = 0; r < from->row_count; r++) {
        buf_puts(out, r ? ", (" : "(");
        for (size_t i = 0; i < from->rows[r].count; i++) {
            buf_puts(out, i ? ", " : "");
            emit_expr(emitter, from->rows[r].values[i]);
            if (from->rows[r].values[i]->type.id == SB_NVARCHAR)
                buf_puts(out, " COLLATE TSQL");
        }
        buf_putc(out, ')');
    }
    buf_putc(out, ')');
}

static void emit_as(Emitter *emitter, const Source *source)
{
    buf_printf(emitter->out, " AS t%d", source->number);
}

static void emit_join(Emitter *emitter, const From *from)
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

static void emit_derived(Emitter *emitter, const From *from)
{
    const Query *query = from->query;
    const Body *body = query->body;

    if (body->kind == BODY_UNION && !query->cte_count && emitter->select)
        emitter->whole = (EmitUnion){from->source, emitter->select};
    buf_putc(emitter->out, '(');
    emit_query(emitter, query);
    buf_putc(emitter->out, ')');
    emit_as(emitter, from->source);
    emitter->whole = (EmitUnion){0};
}

void emit_from(Emitter *emitter, const From *from)
{
    switch (from->kind) {
    case FROM_TABLE:
    case FROM_VARIABLE:
        if (from->source->cte)
            buf_printf(emitter->out, "q%d", from->source->cte);
        else
            emit_table(emitter, from->source->object);
        emit_as(emitter, from->source);
        return;
    case FROM_QUERY:
        emit_derived(emitter, from);
        return;
    case FROM_VALUES:
        emit_values(emitter, from);
        emit_as(emitter, from->source);
        return;
    case FROM_JOIN:
        emit_join(emitter, from);
        return;
    }
}

static void emit_items(Emitter *emitter, const Select *select)
{
    for (size_t i = 0; i < select->item_count; i++) {
        const Expr *expr = select->items[i].expr;
        buf_puts(emitter->out, i ? ", " : "");
        emit_expr(emitter, expr);
        if (expr->type.id == SB_NVARCHAR && expr->kind != EXPR_COLUMN)
            buf_puts(emitter->out, " COLLATE TSQL");
        buf_printf(emitter->out, " AS c%zu", i);
    }
}

static void emit_group(Emitter *emitter, const Select *select)
{
    for (size_t i = 0; i < select->group_count; i++) {
        OrderItem item = {.expr = select->group[i]};
        buf_puts(emitter->out, i ? ", " : " GROUP BY ");
        emit_order(emitter, &item, 1);
    }
}

static void emit_select(Emitter *emitter, const Select *select)
{
    const EmitUnion whole = emitter->whole;
    const Select *outer = emitter->select;

    emitter->whole = (EmitUnion){0};
    emitter->select = select;
    buf_puts(emitter->out, select->is_distinct ? "SELECT DISTINCT " : "SELECT ");
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

void emit_limit(Emitter *emitter, const Expr *top)
{
    if (!top)
        return;
    buf_puts(emitter->out, " LIMIT ms_top(");
    emit_expr(emitter, top);
    buf_putc(emitter->out, ')');
}

static void emit_body(Emitter *emitter, const Body *body, bool is_operand)
{
    Buf *out = emitter->out;
    switch (body->kind) {
    case BODY_SELECT:
        if (is_operand && body->select->top)
            buf_puts(out, "SELECT * FROM (");
        emit_select(emitter, body->select);
        emit_limit(emitter, is_operand ? body->select->top : NULL);
        if (is_operand && body->select->top)
            buf_putc(out, ')');
        return;
    case BODY_NESTED:
        emitter->whole = (EmitUnion){0};
        buf_puts(out, "SELECT * FROM (");
        emit_query(emitter, body->nested);
        buf_putc(out, ')');
        return;
    case BODY_UNION:
        break;
    }
    emit_body(emitter, body->left, true);
    buf_puts(out, " UNION ALL ");
    if (body->right->kind == BODY_UNION)
        buf_puts(out, "SELECT * FROM (");
    emit_body(emitter, body->right, true);
    if (body->right->kind == BODY_UNION)
        buf_putc(out, ')');
}

static void emit_query_order(Emitter *emitter, const Query *query)
{
    Buf *out = emitter->out;
    for (size_t i = 0; i < query->order_count; i++) {
        const OrderItem *order = &query->order[i];
        buf_puts(out, i ? ", " : " ORDER BY ");
        if (!order->item) {
            emit_order(emitter, order, 1);
            continue;
        }
        SbTypeId id = query->columns[order->item - 1].type.id;
        if (id == SB_DATETIMEOFFSET && query->body->kind == BODY_SELECT) {
            // Within an expression SQLite looks for c1 in the sources before it looks at the items
            OrderItem item = {.expr = query->body->select->items[order->item - 1].expr,
                              .is_descending = order->is_descending};
            emit_order(emitter, &item, 1);
            continue;
        }
        bool is_variant = id == SB_SQL_VARIANT;
        buf_printf(out, "%sc%d%s%s", is_variant ? "ms_variant(" : "", order->item - 1,
                   is_variant                ? ")"
                   : id == SB_DATETIMEOFFSET ? " >> 7"
                                             : "",
                   id == SB_UNIQUEIDENTIFIER ? " COLLATE TSQLGUID"
                   : id == SB_NVARCHAR       ? " COLLATE TSQL"
                                             : "");
        if (order->is_descending)
            buf_puts(out, " DESC");
    }
}

static void emit_ctes(Emitter *emitter, const Cte *ctes, size_t count)
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

void emit_query(Emitter *emitter, const Query *query)
{
    Buf *out = emitter->out;
    bool wrap = query->body->kind != BODY_SELECT && query->order_count;

    emit_ctes(emitter, query->ctes, query->cte_count);
    if (wrap)
        buf_puts(out, "SELECT * FROM (");
    emit_body(emitter, query->body, false);
    if (wrap)
        buf_putc(out, ')');
    emit_query_order(emitter, query);
    if (query->body->kind == BODY_SELECT)
        emit_limit(emitter, query->body->select->top);
}
