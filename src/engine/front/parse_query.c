/* Queries: WITH, SELECT, set operations, FROM. */
#include "parser.h"

bool p_starts_query(const Parser *parser)
{
    return p_is_word(parser, "SELECT") || p_is_word(parser, "WITH") ||
           (p_is_sign(parser, '(') && p_is_word_at(parser, 1, "SELECT"));
}

/* OPTION (…): hints change no result. */
void p_skip_options(Parser *parser)
{
    static const char known[] = "RECOMPILE MAXDOP FAST HASH MERGE LOOP ORDER CONCAT FORCE OPTIMIZE "
                                "MAXRECURSION KEEP KEEPFIXED USE ROBUST QUERYTRACEON";
    if (!p_take_word(parser, "OPTION"))
        return;
    p_need_sign(parser, '(');
    do {
        if (!p_is_any(parser, known))
            p_refuse(parser, NULL);
        int depth = 0;
        while (p_peek(parser)->kind != TOKEN_END &&
               (depth > 0 || (!p_is_sign(parser, ',') && !p_is_sign(parser, ')'))))
            depth += p_is_sign(parser, '(') - p_is_sign(parser, ')'), p_take(parser);
    } while (p_take_sign(parser, ','));
    p_need_sign(parser, ')');
}

void p_refuse_hints(Parser *parser)
{
    if (p_is_word(parser, "WITH") && p_is_sign_at(parser, 1, '('))
        p_refuse(parser, "table hints are not known here");
}

Expr *p_need_top(Parser *parser)
{
    Expr *top;
    if (p_is_sign(parser, '(')) {
        p_take(parser);
        top = p_need_expr(parser);
        p_need_sign(parser, ')');
    } else {
        if (p_peek(parser)->kind != TOKEN_INTEGER)
            p_refuse(parser, NULL);
        top = p_new_expr(parser, EXPR_INTEGER);
        top->text = p_take(parser)->text;
    }
    if (p_is_word(parser, "PERCENT"))
        p_refuse(parser, "TOP … PERCENT is not known here");
    if (p_is_word(parser, "WITH") && p_is_word_at(parser, 1, "TIES"))
        p_refuse(parser, "TOP … WITH TIES is not known here");
    return top;
}

/* ---- select list ------------------------------------------------------------------------- */

static Item need_item(Parser *parser)
{
    Item item = {0};

    if (p_is_sign(parser, '*')) {
        item.expr = p_new_expr(parser, EXPR_STAR);
        p_take(parser);
        return item;
    }
    if (p_peek(parser)->kind == TOKEN_VARIABLE && p_is_sign_at(parser, 1, '=')) {
        item.variable = p_take(parser)->text;
        p_take(parser);
        item.expr = p_need_expr(parser);
        return item;
    }
    if (p_is_identifier(parser) && p_is_sign_at(parser, 1, '=')) { // alias = expression
        item.alias = p_take(parser)->value;
        p_take(parser);
        item.expr = p_need_expr(parser);
        return item;
    }
    item.expr = p_need_expr(parser);
    if (p_take_word(parser, "AS")) {
        item.alias = p_peek(parser)->kind == TOKEN_STRING || p_peek(parser)->kind == TOKEN_NSTRING
                         ? p_take(parser)->value
                         : p_need_identifier(parser);
    } else if (p_is_identifier(parser)) {
        item.alias = p_take(parser)->value;
    }
    return item;
}

Item *p_need_items(Parser *parser, size_t *ret_count)
{
    Item *list = NULL;
    size_t count = 0, capacity = 0;
    do {
        Item item = need_item(parser);
        *PUSH(parser, list, count, capacity) = item;
    } while (p_take_sign(parser, ','));
    *ret_count = count;
    return list;
}

/* ---- FROM -------------------------------------------------------------------------------- */

static From *new_from(Parser *parser, FromKind kind)
{
    From *from = arena_alloc(parser->arena, sizeof *from);
    from->kind = kind;
    from->line = p_peek(parser)->line;
    return from;
}

static void take_alias(Parser *parser, From *from, bool with_columns)
{
    if (p_take_word(parser, "AS"))
        from->alias = p_need_identifier(parser);
    else if (p_is_identifier(parser))
        from->alias = p_take(parser)->value;
    if (with_columns && from->alias.len && p_is_sign(parser, '('))
        from->columns = p_need_columns(parser, &from->column_count);
}

ValuesRow *p_need_values(Parser *parser, size_t *ret_count)
{
    ValuesRow *list = NULL;
    size_t count = 0, capacity = 0;

    p_need_word(parser, "VALUES");
    do {
        ValuesRow row = {0};
        size_t row_capacity = 0;
        p_need_sign(parser, '(');
        do {
            Expr *value = p_need_expr(parser);
            *PUSH(parser, row.values, row.count, row_capacity) = value;
        } while (p_take_sign(parser, ','));
        p_need_sign(parser, ')');
        *PUSH(parser, list, count, capacity) = row;
    } while (p_take_sign(parser, ','));
    *ret_count = count;
    return list;
}

static From *need_derived(Parser *parser)
{
    From *from = new_from(parser, FROM_QUERY);
    p_take(parser);
    if (p_is_word(parser, "VALUES")) {
        from->kind = FROM_VALUES;
        from->rows = p_need_values(parser, &from->row_count);
    } else {
        from->query = p_need_query(parser);
    }
    p_need_sign(parser, ')');
    take_alias(parser, from, true);
    if (!from->alias.len)
        p_refuse(parser, NULL); // T-SQL wants a name for it
    return from;
}

static From *need_table(Parser *parser)
{
    if (p_peek(parser)->kind == TOKEN_VARIABLE) {
        From *variable = new_from(parser, FROM_VARIABLE);
        variable->name =
            (Name){.parts = {p_need_variable(parser)}, .count = 1, .line = variable->line};
        take_alias(parser, variable, false);
        return variable;
    }
    if (p_is_sign(parser, '(')) {
        if (p_starts_query(parser) || p_is_word_at(parser, 1, "VALUES"))
            return need_derived(parser);
        p_take(parser);
        From *inner = p_need_from(parser);
        p_need_sign(parser, ')');
        return inner;
    }
    From *table = new_from(parser, FROM_TABLE);
    table->name = p_need_name(parser);
    if (p_is_sign(parser, '('))
        p_refuse(parser, "table-valued functions are not known here");
    take_alias(parser, table, false);
    p_refuse_hints(parser);
    if (p_is_word(parser, "FOR") && p_is_word_at(parser, 1, "SYSTEM_TIME"))
        p_refuse(parser, NULL);
    return table;
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
        if (p_take_words(parser, joins[i].words)) {
            *ret_kind = joins[i].kind;
            return true;
        }
    if (p_is_any(parser, "RIGHT FULL CROSS OUTER"))
        p_refuse(parser, "RIGHT JOIN, FULL JOIN and APPLY are not known here");
    return false;
}

static From *need_joined(Parser *parser)
{
    From *left = need_table(parser);
    JoinKind kind;
    int chain = 0;

    while (take_join(parser, &kind)) {
        From *join = new_from(parser, FROM_JOIN);
        if (++chain > 200)
            p_refuse(parser, "too many joins");
        join->join = kind;
        join->left = left;
        join->right = need_table(parser);
        if (kind != JOIN_CROSS) {
            p_need_word(parser, "ON");
            join->on = p_need_expr(parser);
        }
        left = join;
    }
    return left;
}

From *p_need_from(Parser *parser)
{
    if (!p_enter(parser)) {
        p_leave(parser);
        return new_from(parser, FROM_TABLE);
    }
    From *left = need_joined(parser);
    int chain = 0;
    while (p_take_sign(parser, ',')) {
        From *join = new_from(parser, FROM_JOIN);
        if (++chain > 200)
            p_refuse(parser, "too many joins");
        join->join = JOIN_CROSS;
        join->left = left;
        join->right = need_joined(parser);
        left = join;
    }
    p_leave(parser);
    return left;
}

/* ---- SELECT ------------------------------------------------------------------------------ */

static Select *need_select(Parser *parser)
{
    Select *select = arena_alloc(parser->arena, sizeof *select);
    size_t capacity = 0;

    select->line = p_peek(parser)->line;
    p_need_word(parser, "SELECT");
    if (p_take_word(parser, "DISTINCT"))
        select->is_distinct = true;
    else
        (void)p_take_word(parser, "ALL");
    if (p_take_word(parser, "TOP"))
        select->top = p_need_top(parser);
    select->items = p_need_items(parser, &select->item_count);
    if (p_is_word(parser, "INTO"))
        p_refuse(parser, "SELECT … INTO is not known here");
    if (p_take_word(parser, "FROM"))
        select->from = p_need_from(parser);
    if (p_take_word(parser, "WHERE"))
        select->where = p_need_expr(parser);
    if (p_take_word(parser, "GROUP")) {
        p_need_word(parser, "BY");
        do {
            Expr *expr = p_need_expr(parser);
            *PUSH(parser, select->group, select->group_count, capacity) = expr;
        } while (p_take_sign(parser, ','));
    }
    if (p_take_word(parser, "HAVING"))
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

static Body *need_body_primary(Parser *parser)
{
    Body *body = new_body(parser, BODY_SELECT);
    if (!p_is_sign(parser, '(')) {
        body->select = need_select(parser);
        return body;
    }
    p_take(parser);
    body->kind = BODY_NESTED;
    body->nested = p_need_query(parser);
    p_need_sign(parser, ')');
    return body;
}

static Body *need_body(Parser *parser)
{
    Body *body = need_body_primary(parser);
    int chain = 0;
    while (p_take_word(parser, "UNION")) {
        Body *both = new_body(parser, BODY_UNION);
        if (!p_take_word(parser, "ALL"))
            p_refuse(parser, "UNION without ALL is not known here");
        both->left = body;
        both->right = need_body_primary(parser);
        body = both;
        if (++chain > 200)
            p_refuse(parser, "too many set operations");
    }
    if (p_is_word(parser, "INTERSECT") || p_is_word(parser, "EXCEPT"))
        p_refuse(parser, "INTERSECT and EXCEPT are not known here");
    return body;
}

static Cte *need_ctes(Parser *parser, size_t *ret_count)
{
    Cte *list = NULL;
    size_t count = 0, capacity = 0;

    p_need_word(parser, "WITH");
    do {
        Cte cte = {.line = p_peek(parser)->line};
        cte.name = p_need_identifier(parser);
        if (p_is_sign(parser, '('))
            cte.columns = p_need_columns(parser, &cte.column_count);
        p_need_word(parser, "AS");
        p_need_sign(parser, '(');
        cte.query = p_need_query(parser);
        if (cte.query->cte_count)
            p_refuse(parser, NULL); // WITH does not nest in T-SQL
        p_need_sign(parser, ')');
        *PUSH(parser, list, count, capacity) = cte;
    } while (p_take_sign(parser, ','));
    *ret_count = count;
    return list;
}

static Query *new_query(Parser *parser)
{
    Query *query = arena_alloc(parser->arena, sizeof *query);
    query->line = p_peek(parser)->line;
    return query;
}

Query *p_query_of_values(Parser *parser)
{
    Query *query = new_query(parser);
    From *from = new_from(parser, FROM_VALUES);
    from->rows = p_need_values(parser, &from->row_count);
    query->body = new_body(parser, BODY_SELECT);
    query->body->select = arena_alloc(parser->arena, sizeof(Select));
    query->body->select->line = query->line;
    query->body->select->from = from;
    return query;
}

Query *p_need_query(Parser *parser)
{
    Query *query = new_query(parser);
    if (!p_enter(parser)) {
        query->body = new_body(parser, BODY_SELECT);
        query->body->select = arena_alloc(parser->arena, sizeof(Select));
        p_leave(parser);
        return query;
    }
    if (p_is_word(parser, "WITH"))
        query->ctes = need_ctes(parser, &query->cte_count);
    query->body = need_body(parser);
    if (p_is_word(parser, "ORDER"))
        query->order = p_need_order(parser, &query->order_count);
    if (p_is_word(parser, "OFFSET"))
        p_refuse(parser, "OFFSET and FETCH are not known here");
    if (p_is_word(parser, "FOR"))
        p_refuse(parser, "FOR XML, FOR JSON and FOR BROWSE are not known here");
    p_leave(parser);
    return query;
}
