/* Queries to SQLite. Every select item is called c0, c1, …; every row set t1, t2, … */
#include "emit.h"

void emit_table(Emitter *emitter, const Object *object)
{
    emit(emitter, object->is_temp ? "temp.$n" : "main.$n", object->store);
}

void emit_where(Emitter *emitter, const Bound *where)
{
    if (!where || where->truth == TRUTH_TRUE)
        return;
    emit(emitter, " WHERE $e", where);
}

static void emit_values(Emitter *emitter, const BoundFrom *from)
{
    size_t width = from->source->column_count;
    for (size_t i = 0; i < width * from->row_count; i++) {
        const Bound *value = from->values[i];
        emit(emitter, "$s$e$s",
             i == 0      ? "(VALUES ("
             : i % width ? ", "
                         : "), (",
             value, value->type.id == SB_NVARCHAR ? " COLLATE TSQL" : "");
    }
    buf_puts(emitter->out, "))");
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
    emit_from(emitter, from->right);
    if (from->on)
        emit(emitter, " ON $e", from->on);
}

static void emit_derived(Emitter *emitter, const BoundFrom *from)
{
    const BoundQuery *query = from->query;

    if (query->body->kind == BODY_UNION && !query->cte_count && emitter->select)
        emitter->whole = (EmitUnion){from->source, emitter->select};
    emit(emitter, "($q)", query);
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
        bool is_made = expr->type.id == SB_NVARCHAR && expr->kind != EXPR_COLUMN;
        emit(emitter, "$s$e$s AS c$d", i ? ", " : "", expr, is_made ? " COLLATE TSQL" : "", (int)i);
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
    bool is_whole = select->having && !select->group_count && !select->has_aggregates;
    if (select->having)
        emit(emitter, is_whole ? " GROUP BY NULL HAVING $e" : " HAVING $e", select->having);
    emitter->select = outer;
    emitter->whole = whole;
}

static void emit_body(Emitter *emitter, const BoundBody *body);

void emit_limit(Emitter *emitter, const Bound *top)
{
    if (top)
        emit(emitter, " LIMIT ms_top($e)", top);
}

/* As one half of a UNION ALL, where SQLite takes no more than a SELECT of one table. */
static void emit_operand(Emitter *emitter, const BoundBody *body)
{
    const Bound *top = body->kind == BODY_SELECT ? body->select->top : NULL;

    buf_puts(emitter->out, top ? "SELECT * FROM (" : "");
    emit_body(emitter, body);
    emit_limit(emitter, top);
    buf_puts(emitter->out, top ? ")" : "");
}

static void emit_body(Emitter *emitter, const BoundBody *body)
{
    if (body->kind == BODY_SELECT) {
        emit_select(emitter, body->select);
        return;
    }
    emit_operand(emitter, body->left);
    buf_puts(emitter->out, " UNION ALL ");
    emit_operand(emitter, body->right);
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
    for (size_t i = 0; i < count; i++) {
        emit(emitter, "$sq$d(", i ? ", " : "WITH ", ctes[i].number);
        for (size_t c = 0; c < ctes[i].shape->column_count; c++)
            emit(emitter, "$s$s", c ? ", " : "", ctes[i].shape->columns[c].sql);
        emit(emitter, ") AS ($q)$s", ctes[i].query, i + 1 == count ? " " : "");
    }
}

void emit_query(Emitter *emitter, const BoundQuery *query)
{
    bool is_select = query->body->kind == BODY_SELECT;
    bool wrap = !is_select && query->order_count;

    emit_ctes(emitter, query->ctes, query->cte_count);
    buf_puts(emitter->out, wrap ? "SELECT * FROM (" : "");
    emit_body(emitter, query->body);
    buf_puts(emitter->out, wrap ? ")" : "");
    emit_query_order(emitter, query);
    if (is_select)
        emit_limit(emitter, query->body->select->top);
}
