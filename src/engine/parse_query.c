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
    static const char *const known[] = {"RECOMPILE", "MAXDOP",   "FAST",         "HASH",
                                        "MERGE",     "LOOP",     "ORDER",        "CONCAT",
                                        "FORCE",     "OPTIMIZE", "MAXRECURSION", "KEEP",
                                        "KEEPFIXED", "USE",      "ROBUST",       "QUERYTRACEON"};
    if (!p_take_word(parser, "OPTION"))
        return;
    p_need_sign(parser, '(');
    do {
        bool ok = false;
        for (size_t i = 0; i < ARRAY_LEN(known); i++)
            ok = ok || p_is_word(parser, known[i]);
        if (!ok)
            p_refuse(parser, NULL);
        int depth = 0;
        while (p_peek(parser)->kind != TOKEN_END &&
               (depth > 0 || (!p_is_sign(parser, ',') && !p_is_sign(parser, ')'))))
            depth += p_is_sign(parser, '(') - p_is_sign(parser, ')'), p_take(parser);
    } while (p_take_sign(parser, ','));
    p_need_sign(parser, ')');
}

static bool is_hint(const Parser *parser)
{
    static const char *const hints[] = {
        "NOLOCK",         "READUNCOMMITTED",   "READCOMMITTED", "READPAST",    "UPDLOCK",
        "ROWLOCK",        "PAGLOCK",           "TABLOCK",       "TABLOCKX",    "HOLDLOCK",
        "XLOCK",          "NOEXPAND",          "FORCESEEK",     "FORCESCAN",   "SERIALIZABLE",
        "REPEATABLEREAD", "READCOMMITTEDLOCK", "NOWAIT",        "KEEPIDENTITY"};
    for (size_t i = 0; i < ARRAY_LEN(hints); i++)
        if (p_is_word(parser, hints[i]))
            return true;
    return false;
}

/* WITH (NOLOCK): accepted, for a reader never waits here. */
void p_skip_hints(Parser *parser)
{
    if (!p_is_word(parser, "WITH") || !p_is_sign_at(parser, 1, '('))
        return;
    p_take(parser);
    p_take(parser);
    do {
        if (!is_hint(parser)) {
            p_refuse(parser, "table hint not known here");
            return;
        }
        p_take(parser);
    } while (p_take_sign(parser, ',') || is_hint(parser));
    p_need_sign(parser, ')');
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
    if (p_peek(parser)->kind == TOKEN_VARIABLE && p_peek_at(parser, 1)->kind == TOKEN_SIGN) {
        int sign = p_peek_at(parser, 1)->sign;
        if (sign == '=' || (sign >= SIGN_PLUS_SET && sign <= SIGN_MODULO_SET)) {
            item.variable = p_take(parser)->text;
            item.set_op = p_take(parser)->sign;
            item.expr = p_need_expr(parser);
            return item;
        }
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
    p_skip_hints(parser);
    if (p_is_word(parser, "FOR") && p_is_word_at(parser, 1, "SYSTEM_TIME"))
        p_refuse(parser, NULL);
    return table;
}

static bool take_join(Parser *parser, JoinKind *ret_kind)
{
    static const struct {
        const char *words[3];
        JoinKind kind;
    } joins[] = {
        {{"INNER", "JOIN"}, JOIN_INNER},          {{"JOIN"}, JOIN_INNER},
        {{"LEFT", "OUTER", "JOIN"}, JOIN_LEFT},   {{"LEFT", "JOIN"}, JOIN_LEFT},
        {{"RIGHT", "OUTER", "JOIN"}, JOIN_RIGHT}, {{"RIGHT", "JOIN"}, JOIN_RIGHT},
        {{"FULL", "OUTER", "JOIN"}, JOIN_FULL},   {{"FULL", "JOIN"}, JOIN_FULL},
        {{"CROSS", "JOIN"}, JOIN_CROSS},          {{"CROSS", "APPLY"}, APPLY_CROSS},
        {{"OUTER", "APPLY"}, APPLY_OUTER},
    };
    for (size_t i = 0; i < ARRAY_LEN(joins); i++) {
        size_t words = 0;
        while (words < 3 && joins[i].words[words] &&
               p_is_word_at(parser, words, joins[i].words[words]))
            words++;
        if (words < 3 && joins[i].words[words])
            continue;
        while (words--)
            p_take(parser);
        *ret_kind = joins[i].kind;
        return true;
    }
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
        if (kind <= JOIN_FULL) {
            // a JOIN b JOIN c ON … ON …: the inner join first
            if (!p_is_word(parser, "ON"))
                p_refuse(parser, NULL);
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
    if (p_take_word(parser, "INTO"))
        select->into = p_need_name(parser);
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
    body->kind = BODY_VALUES;
    body->nested = p_need_query(parser);
    p_need_sign(parser, ')');
    return body;
}

static Body *set_body(Parser *parser, SetOp op, Body *left, Body *right)
{
    Body *body = new_body(parser, BODY_SET);
    body->op = op;
    body->left = left;
    body->right = right;
    return body;
}

static Body *need_intersect(Parser *parser)
{
    Body *body = need_body_primary(parser);
    int chain = 0;
    while (p_take_word(parser, "INTERSECT")) {
        body = set_body(parser, SET_INTERSECT, body, need_body_primary(parser));
        if (++chain > 200)
            p_refuse(parser, "too many set operations");
    }
    return body;
}

static Body *need_body(Parser *parser)
{
    Body *body = need_intersect(parser);
    int chain = 0;
    while (p_is_word(parser, "UNION") || p_is_word(parser, "EXCEPT")) {
        SetOp op = p_is_word(parser, "EXCEPT") ? SET_EXCEPT : SET_UNION;
        p_take(parser);
        if (op == SET_UNION && p_take_word(parser, "ALL"))
            op = SET_UNION_ALL;
        body = set_body(parser, op, body, need_intersect(parser));
        if (++chain > 200)
            p_refuse(parser, "too many set operations");
    }
    return body;
}

Cte *p_need_ctes(Parser *parser, size_t *ret_count)
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

static void need_offset(Parser *parser, Query *query)
{
    query->offset = p_need_expr(parser);
    if (!p_take_word(parser, "ROWS"))
        p_need_word(parser, "ROW");
    if (!p_take_word(parser, "FETCH"))
        return;
    if (!p_take_word(parser, "NEXT"))
        p_need_word(parser, "FIRST");
    query->fetch = p_need_expr(parser);
    if (!p_take_word(parser, "ROWS"))
        p_need_word(parser, "ROW");
    p_need_word(parser, "ONLY");
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
        query->ctes = p_need_ctes(parser, &query->cte_count);
    query->body = need_body(parser);
    if (p_is_word(parser, "ORDER")) {
        query->order = p_need_order(parser, &query->order_count);
        if (p_take_word(parser, "OFFSET"))
            need_offset(parser, query);
    }
    if (p_is_word(parser, "FOR"))
        p_refuse(parser, "FOR XML, FOR JSON and FOR BROWSE are not known here");
    p_leave(parser);
    return query;
}
