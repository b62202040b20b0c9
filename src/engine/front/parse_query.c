/* Queries: WITH, SELECT, set operations, FROM. */
#include "parser.h"

bool p_starts_query(const Parser *parser)
{
    return p_is_any(parser, "SELECT WITH");
}

/* OPTION (…): hints change no result. */
void p_skip_options(Parser *parser)
{
    if (!p_take(parser, "OPTION"))
        return;
    p_need(parser, "(");
    if (!p_is_any(parser, "RECOMPILE MAXDOP FAST HASH MERGE LOOP ORDER FORCE OPTIMIZE USE"))
        p_refuse(parser, NULL);
    for (int depth = 1; depth > 0 && !p_is_end(parser); p_next(parser))
        depth += p_is(parser, "(") - p_is(parser, ")");
}

void p_refuse_hints(Parser *parser)
{
    p_refuse_if(parser, "WITH (", "table hints are not known here");
}

Expr *p_need_top(Parser *parser)
{
    Expr *top;
    if (p_take(parser, "(")) {
        top = p_need_expr(parser);
        p_need(parser, ")");
    } else {
        if (!p_is_kind(parser, TOKEN_INTEGER))
            p_refuse(parser, NULL);
        top = p_need_literal(parser, EXPR_INTEGER);
    }
    p_refuse_if(parser, "PERCENT", "TOP … PERCENT is not known here");
    p_refuse_if(parser, "WITH TIES", "TOP … WITH TIES is not known here");
    return top;
}

/* ---- select list ----------------------------------------------------------------------------- */

static Item need_item(Parser *parser)
{
    Item item = {.expr = p_take_star(parser)};

    if (item.expr)
        return item;
    bool is_variable = p_is_kind(parser, TOKEN_VARIABLE);
    if ((is_variable || p_is_identifier(parser)) && p_is_at(parser, 1, "=")) {
        *(is_variable ? &item.variable : &item.alias) = p_next(parser)->value;
        p_next(parser);
        item.expr = p_need_expr(parser);
        return item;
    }
    item.expr = p_need_expr(parser);
    if (p_take(parser, "AS"))
        item.alias = p_is_string(parser) ? p_next(parser)->value : p_need_identifier(parser);
    else if (p_is_identifier(parser))
        item.alias = p_next(parser)->value;
    return item;
}

static const Item *need_items(Parser *parser, size_t *ret_count)
{
    Item *list = NULL;

    *ret_count = 0;
    do {
        *PUSH(parser, list, *ret_count) = need_item(parser);
    } while (p_take(parser, ","));
    return list;
}

/* ---- FROM ------------------------------------------------------------------------------------ */

static From *new_from(Parser *parser, FromKind kind)
{
    From *from = arena_alloc(parser->arena, sizeof *from);
    from->kind = kind;
    from->line = p_peek(parser)->line;
    return from;
}

static void take_alias(Parser *parser, From *from, bool with_columns)
{
    if (p_take(parser, "AS"))
        from->alias = p_need_identifier(parser);
    else if (p_is_identifier(parser))
        from->alias = p_next(parser)->value;
    if (with_columns && from->alias.len && p_is(parser, "("))
        from->columns = p_need_columns(parser, &from->column_count, NULL);
}

static const ValuesRow *need_values(Parser *parser, size_t *ret_count)
{
    ValuesRow *list = NULL;

    *ret_count = 0;
    p_need(parser, "VALUES");
    do {
        ValuesRow *row = PUSH(parser, list, *ret_count);
        p_need(parser, "(");
        row->values = p_need_exprs(parser, &row->count);
        p_need(parser, ")");
    } while (p_take(parser, ","));
    return list;
}

static From *need_derived(Parser *parser)
{
    From *from = new_from(parser, FROM_QUERY);
    p_next(parser);
    if (p_is(parser, "VALUES")) {
        from->kind = FROM_VALUES;
        from->rows = need_values(parser, &from->row_count);
    } else {
        from->query = p_need_query(parser);
    }
    p_need(parser, ")");
    take_alias(parser, from, true);
    if (!from->alias.len)
        p_refuse(parser, NULL); // T-SQL wants a name for it
    return from;
}

static From *need_table(Parser *parser)
{
    From *from = new_from(parser, FROM_TABLE);
    if (p_is_kind(parser, TOKEN_VARIABLE)) {
        from->kind = FROM_VARIABLE;
        from->name = p_name_of(parser, p_need_variable(parser));
        from->name.line = from->line;
        take_alias(parser, from, false);
        return from;
    }
    if (p_is(parser, "("))
        return need_derived(parser);
    from->name = p_need_name(parser);
    p_refuse_if(parser, "(", "table-valued functions are not known here");
    take_alias(parser, from, false);
    p_refuse_hints(parser);
    p_refuse_if(parser, "FOR SYSTEM_TIME", NULL);
    return from;
}

/* The words of a join, taken; refused if it is one that the sandbox does not do. */
static bool take_join(Parser *parser, JoinKind *ret_kind)
{
    static const struct {
        const char *words;
        JoinKind kind;
    } joins[] = {{"JOIN", JOIN_INNER},
                 {"INNER JOIN", JOIN_INNER},
                 {"LEFT JOIN", JOIN_LEFT},
                 {"LEFT OUTER JOIN", JOIN_LEFT},
                 {"CROSS JOIN", JOIN_CROSS}};
    for (size_t i = 0; i < ARRAY_LEN(joins); i++)
        if (p_take(parser, joins[i].words)) {
            *ret_kind = joins[i].kind;
            return true;
        }
    if (p_is_any(parser, "RIGHT FULL CROSS OUTER"))
        p_refuse(parser, "RIGHT JOIN, FULL JOIN and APPLY are not known here");
    return false;
}

static From *joined(Parser *parser, From *left, JoinKind kind, int chain)
{
    From *join = new_from(parser, FROM_JOIN);
    if (chain > 200)
        p_refuse(parser, "too many joins");
    join->join = kind;
    join->left = left;
    return join;
}

static From *need_joined(Parser *parser)
{
    From *left = need_table(parser);
    JoinKind kind;

    for (int chain = 1; take_join(parser, &kind); chain++) {
        From *join = left = joined(parser, left, kind, chain);
        join->right = need_table(parser);
        if (kind != JOIN_CROSS) {
            p_need(parser, "ON");
            join->on = p_need_expr(parser);
        }
    }
    return left;
}

From *p_need_from(Parser *parser)
{
    From *left = p_enter(parser) ? need_joined(parser) : new_from(parser, FROM_TABLE);
    p_refuse_if(parser, ",", "write CROSS JOIN here");
    p_leave(parser);
    return left;
}

/* ---- SELECT ---------------------------------------------------------------------------------- */

static Select *need_select(Parser *parser)
{
    Select *select = arena_alloc(parser->arena, sizeof *select);

    select->line = p_peek(parser)->line;
    p_need(parser, "SELECT");
    select->is_distinct = p_take_either(parser, "DISTINCT", "ALL");
    if (p_take(parser, "TOP"))
        select->top = p_need_top(parser);
    select->items = need_items(parser, &select->item_count);
    p_refuse_if(parser, "INTO", "SELECT … INTO is not known here");
    if (p_take(parser, "FROM"))
        select->from = p_need_from(parser);
    if (p_take(parser, "WHERE"))
        select->where = p_need_expr(parser);
    if (p_take(parser, "GROUP")) {
        p_need(parser, "BY");
        select->group = p_need_exprs(parser, &select->group_count);
    }
    if (p_take(parser, "HAVING"))
        select->having = p_need_expr(parser);
    return select;
}

static Body *new_body(Parser *parser, BodyKind kind)
{
    Body *body = arena_alloc(parser->arena, sizeof *body);
    body->kind = kind;
    body->line = p_peek(parser)->line;
    return body;
}

static Body *need_half(Parser *parser)
{
    Body *body = new_body(parser, BODY_SELECT);
    body->select = need_select(parser);
    return body;
}

static Body *need_body(Parser *parser)
{
    Body *body = need_half(parser);
    int chain = 0;
    while (p_take(parser, "UNION")) {
        Body *both = new_body(parser, BODY_UNION);
        if (!p_take(parser, "ALL"))
            p_refuse(parser, "UNION without ALL is not known here");
        both->left = body;
        both->right = need_half(parser);
        body = both;
        if (++chain > 200)
            p_refuse(parser, "too many set operations");
    }
    if (p_is_any(parser, "INTERSECT EXCEPT"))
        p_refuse(parser, "INTERSECT and EXCEPT are not known here");
    return body;
}

static const Cte *need_ctes(Parser *parser, size_t *ret_count)
{
    Cte *list = NULL;

    *ret_count = 0;
    p_need(parser, "WITH");
    do {
        Cte cte = {.line = p_peek(parser)->line, .name = p_need_identifier(parser)};
        p_need(parser, "AS (");
        cte.query = p_need_query(parser);
        if (cte.query->cte_count)
            p_refuse(parser, NULL); // WITH does not nest in T-SQL
        p_need(parser, ")");
        *PUSH(parser, list, *ret_count) = cte;
    } while (p_take(parser, ","));
    return list;
}

/* Of a SELECT that is empty so far. */
static Query *new_query(Parser *parser, Select **ret_select)
{
    Query *query = arena_alloc(parser->arena, sizeof *query);
    Body *body = new_body(parser, BODY_SELECT);
    *ret_select = arena_alloc(parser->arena, sizeof **ret_select);
    (*ret_select)->line = query->line = p_peek(parser)->line;
    body->select = *ret_select;
    query->body = body;
    return query;
}

Query *p_query_of_values(Parser *parser)
{
    Select *select;
    Query *query = new_query(parser, &select);
    From *from = new_from(parser, FROM_VALUES);
    from->rows = need_values(parser, &from->row_count);
    select->from = from;
    return query;
}

Query *p_need_query(Parser *parser)
{
    Select *empty;
    Query *query = new_query(parser, &empty);
    if (p_enter(parser)) {
        if (p_is(parser, "WITH"))
            query->ctes = need_ctes(parser, &query->cte_count);
        query->body = need_body(parser);
        if (p_is(parser, "ORDER"))
            query->order = p_need_order(parser, &query->order_count);
        p_refuse_if(parser, "OFFSET", "OFFSET and FETCH are not known here");
        p_refuse_if(parser, "FOR", "FOR XML, FOR JSON and FOR BROWSE are not known here");
    }
    p_leave(parser);
    return query;
}
