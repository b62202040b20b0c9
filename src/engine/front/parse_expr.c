/* Expressions. Predicates and values share one grammar; the binder keeps them apart. */
#include "parser.h"

#include <string.h>

enum { TREE_DEPTH_MAX = 600 }; // a + b + c … leans to the left without nesting

static Expr *need_add(Parser *parser);

Expr *p_new_expr(Parser *parser, ExprKind kind)
{
    Expr *expr = arena_alloc(parser->arena, sizeof *expr);
    expr->kind = kind;
    expr->line = p_peek(parser)->line;
    expr->near = p_peek(parser)->text;
    return expr;
}

void p_add_arg(Parser *parser, Expr *expr, Expr *arg)
{
    if ((expr->arg_count & (expr->arg_count - 1)) == 0) { // grow at powers of two
        size_t size = expr->arg_count ? expr->arg_count * 2 : 1;
        Expr **args = arena_alloc_array(parser->arena, size, sizeof *args);
        if (expr->arg_count)
            memcpy(args, expr->args, expr->arg_count * sizeof *args);
        expr->args = args;
    }
    expr->args[expr->arg_count++] = arg;
    if (arg->depth >= expr->depth)
        expr->depth = arg->depth + 1;
    if (expr->depth > TREE_DEPTH_MAX)
        fault_set(parser->fault, expr->line, 191,
                  "Some part of your SQL statement is nested too deeply.");
}

static Expr *binary(Parser *parser, ExprKind kind, const Token *op, Expr *left, Expr *right)
{
    Expr *expr = p_new_expr(parser, kind);
    expr->line = op->line;
    expr->near = op->text;
    expr->op = op->sign;
    p_add_arg(parser, expr, left);
    p_add_arg(parser, expr, right);
    return expr;
}

/* ---- calls ------------------------------------------------------------------------------- */

static Over *need_over(Parser *parser)
{
    Over *over = arena_alloc(parser->arena, sizeof *over);
    size_t capacity = 0;

    p_need_sign(parser, '(');
    if (p_take_word(parser, "PARTITION")) {
        p_need_word(parser, "BY");
        do {
            *PUSH(parser, over->partition, over->partition_count, capacity) = p_need_expr(parser);
        } while (p_take_sign(parser, ','));
    }
    if (p_is_word(parser, "ORDER"))
        over->order = p_need_order(parser, &over->order_count);
    if (p_is_word(parser, "ROWS") || p_is_word(parser, "RANGE"))
        p_refuse(parser, "window frames are not known here");
    p_need_sign(parser, ')');
    return over;
}

static void need_call_args(Parser *parser, Expr *call)
{
    if (p_take_word(parser, "DISTINCT"))
        call->distinct = true;
    else
        (void)p_take_word(parser, "ALL");
    do {
        if (p_is_sign(parser, '*')) {
            p_add_arg(parser, call, p_new_expr(parser, EXPR_STAR));
            p_take(parser);
        } else {
            p_add_arg(parser, call, p_need_expr(parser));
        }
    } while (p_take_sign(parser, ','));
}

static Expr *need_call(Parser *parser, Str name, const Token *first)
{
    Expr *call = p_new_expr(parser, EXPR_CALL);
    call->text = name;
    call->line = first->line;
    call->near = first->text;

    p_need_sign(parser, '(');
    if (!p_is_sign(parser, ')'))
        need_call_args(parser, call);
    p_need_sign(parser, ')');
    if (p_is_word(parser, "WITHIN") && p_is_word_at(parser, 1, "GROUP"))
        p_refuse(parser, "WITHIN GROUP is not known here");
    if (p_take_word(parser, "OVER"))
        call->over = need_over(parser);
    return call;
}

/* Without a length, CAST means 30 characters; a declaration means 1. */
static SbType need_cast_type(Parser *parser)
{
    SbType type = p_need_type(parser);
    bool has_args = parser->at > 0 && parser->tokens.list[parser->at - 1].sign == ')';
    if (!has_args && (type.id == SB_NVARCHAR || type.id == SB_VARBINARY) && type.max_chars == 1)
        type.max_chars = 30;
    return type;
}

/* CAST(x AS type), TRY_CAST; CONVERT(type, x[, style]), TRY_CONVERT. */
static Expr *need_cast(Parser *parser)
{
    Expr *cast = p_new_expr(parser, EXPR_CAST);
    bool type_first = p_is_word(parser, "CONVERT") || p_is_word(parser, "TRY_CONVERT");
    cast->is_try = p_is_word(parser, "TRY_CAST") || p_is_word(parser, "TRY_CONVERT");
    p_take(parser);
    p_need_sign(parser, '(');
    if (type_first) {
        cast->cast_type = need_cast_type(parser);
        p_need_sign(parser, ',');
        p_add_arg(parser, cast, p_need_expr(parser));
        if (p_take_sign(parser, ','))
            p_add_arg(parser, cast, p_need_expr(parser));
    } else {
        p_add_arg(parser, cast, p_need_expr(parser));
        p_need_word(parser, "AS");
        cast->cast_type = need_cast_type(parser);
    }
    p_need_sign(parser, ')');
    return cast;
}

static Expr *need_case(Parser *parser)
{
    Expr *expr = p_new_expr(parser, EXPR_CASE);
    p_take(parser);
    if (!p_is_word(parser, "WHEN")) {
        expr->has_base = true;
        p_add_arg(parser, expr, p_need_expr(parser));
    }
    if (!p_is_word(parser, "WHEN"))
        p_refuse(parser, NULL);
    while (p_take_word(parser, "WHEN")) {
        p_add_arg(parser, expr, p_need_expr(parser));
        p_need_word(parser, "THEN");
        p_add_arg(parser, expr, p_need_expr(parser));
    }
    if (p_take_word(parser, "ELSE")) {
        expr->has_else = true;
        p_add_arg(parser, expr, p_need_expr(parser));
    }
    p_need_word(parser, "END");
    return expr;
}

/* ---- primaries --------------------------------------------------------------------------- */

Expr *p_need_literal(Parser *parser, ExprKind kind)
{
    Expr *expr = p_new_expr(parser, kind);
    const Token *token = p_take(parser);
    expr->text = token->value;
    if (kind == EXPR_STRING)
        expr->op = token->kind == TOKEN_NSTRING ? 'N' : 0;
    return expr;
}

static Expr *need_column(Parser *parser)
{
    Expr *expr = p_new_expr(parser, EXPR_COLUMN);
    const Token *first = p_peek(parser);

    expr->name.line = first->line;
    expr->name.parts[expr->name.count++] = p_need_identifier(parser);
    while (p_is_sign(parser, '.')) {
        p_take(parser);
        if (p_is_sign(parser, '*')) {
            p_take(parser);
            expr->kind = EXPR_STAR;
            return expr;
        }
        if (expr->name.count == (int)ARRAY_LEN(expr->name.parts)) {
            p_refuse(parser, NULL);
            return expr;
        }
        expr->name.parts[expr->name.count++] = p_need_identifier(parser);
    }
    if (!p_is_sign(parser, '('))
        return expr;
    if (expr->name.count == 1)
        return need_call(parser, expr->name.parts[0], first);
    p_refuse(parser, "functions of the user are not known here");
    return expr;
}

static Expr *need_parenthesis(Parser *parser)
{
    Expr *expr = p_new_expr(parser, EXPR_SUBQUERY);
    p_take(parser);
    if (p_starts_query(parser))
        expr->query = p_need_query(parser);
    else
        expr = p_need_expr(parser);
    p_need_sign(parser, ')');
    return expr;
}

static Expr *need_word_primary(Parser *parser)
{
    const Token *token = p_peek(parser);
    bool is_call = p_is_sign_at(parser, 1, '(');

    if (p_is_word(parser, "NULL"))
        return p_need_literal(parser, EXPR_NULL);
    if (p_is_word(parser, "DEFAULT"))
        return p_need_literal(parser, EXPR_DEFAULT);
    if (p_is_word(parser, "CASE"))
        return need_case(parser);
    if (is_call && p_is_any(parser, "CAST TRY_CAST CONVERT TRY_CONVERT"))
        return need_cast(parser);
    if (is_call &&
        p_is_any(parser, "LEFT RIGHT COALESCE NULLIF")) // reserved, functions all the same
        return need_call(parser, p_take(parser)->text, token);
    if (p_is_any(parser, "CURRENT_TIMESTAMP CURRENT_USER SESSION_USER SYSTEM_USER USER")) {
        Expr *call = p_new_expr(parser, EXPR_CALL);
        call->text = p_take(parser)->text;
        return call;
    }
    return need_column(parser);
}

/* A token that is an expression by itself; EXPR_KINDS for any other. */
ExprKind p_literal_kind(const Token *token)
{
    static const struct {
        TokenKind token;
        ExprKind expr;
    } kinds[] = {{TOKEN_VARIABLE, EXPR_VARIABLE}, {TOKEN_GLOBAL, EXPR_GLOBAL},
                 {TOKEN_INTEGER, EXPR_INTEGER},   {TOKEN_DECIMAL, EXPR_DECIMAL},
                 {TOKEN_FLOAT, EXPR_FLOAT},       {TOKEN_STRING, EXPR_STRING},
                 {TOKEN_NSTRING, EXPR_STRING},    {TOKEN_BINARY, EXPR_BINARY}};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (kinds[i].token == token->kind)
            return kinds[i].expr;
    return EXPR_KINDS;
}

static Expr *need_primary(Parser *parser)
{
    const Token *token = p_peek(parser);
    ExprKind literal = p_literal_kind(token);

    if (literal != EXPR_KINDS)
        return p_need_literal(parser, literal);
    if (token->kind == TOKEN_QUOTED)
        return need_column(parser);
    if (token->kind == TOKEN_WORD)
        return need_word_primary(parser);
    if (p_is_sign(parser, '('))
        return need_parenthesis(parser);
    p_refuse(parser, NULL);
    return p_new_expr(parser, EXPR_NULL);
}

static Expr *need_postfix(Parser *parser)
{
    Expr *expr = need_primary(parser);
    while (p_take_word(parser, "COLLATE")) {
        if (!p_is_word(parser, "DATABASE_DEFAULT") &&
            !p_is_word(parser, "SQL_Latin1_General_CP1_CI_AS"))
            p_refuse(parser, "the sandbox has one collation: SQL_Latin1_General_CP1_CI_AS");
        p_take(parser);
    }
    if (p_is_word(parser, "AT") && p_is_word_at(parser, 1, "TIME"))
        p_refuse_at(parser, p_peek_at(parser, 1), "AT TIME ZONE is not known here");
    return expr;
}

static Expr *need_unary(Parser *parser)
{
    if (!p_is_sign(parser, '-') && !p_is_sign(parser, '+') && !p_is_sign(parser, '~'))
        return need_postfix(parser);

    Expr *expr = p_new_expr(parser, EXPR_UNARY);
    expr->op = p_take(parser)->sign;
    if (p_enter(parser))
        p_add_arg(parser, expr, need_unary(parser));
    else
        p_add_arg(parser, expr, p_new_expr(parser, EXPR_NULL));
    p_leave(parser);
    return expr;
}

static Expr *need_multiply(Parser *parser)
{
    Expr *expr = need_unary(parser);
    while (p_is_sign(parser, '*') || p_is_sign(parser, '/') || p_is_sign(parser, '%')) {
        const Token *op = p_take(parser);
        expr = binary(parser, EXPR_ARITH, op, expr, need_unary(parser));
    }
    return expr;
}

static Expr *need_add(Parser *parser)
{
    Expr *expr = need_multiply(parser);
    while (p_is_sign(parser, '+') || p_is_sign(parser, '-') || p_is_sign(parser, '&') ||
           p_is_sign(parser, '|') || p_is_sign(parser, '^')) {
        const Token *op = p_take(parser);
        if (op->sign == '|' && p_is_sign(parser, '|')) {
            p_refuse(parser, "strings are concatenated with +");
            return expr;
        }
        expr = binary(parser, EXPR_ARITH, op, expr, need_multiply(parser));
    }
    return expr;
}

/* ---- predicates -------------------------------------------------------------------------- */

static bool is_comparison(const Parser *parser)
{
    return p_is_sign(parser, '=') || p_is_sign(parser, '<') || p_is_sign(parser, '>') ||
           p_is_sign(parser, SIGN_NOT_EQUAL) || p_is_sign(parser, SIGN_LESS_EQUAL) ||
           p_is_sign(parser, SIGN_GREATER_EQUAL);
}

static Expr *need_in(Parser *parser, Expr *value, bool negated)
{
    Expr *in = p_new_expr(parser, EXPR_IN);
    in->negated = negated;
    p_take(parser);
    p_add_arg(parser, in, value);
    p_need_sign(parser, '(');
    if (p_starts_query(parser)) {
        in->query = p_need_query(parser);
    } else {
        do {
            p_add_arg(parser, in, p_need_expr(parser));
        } while (p_take_sign(parser, ','));
    }
    p_need_sign(parser, ')');
    return in;
}

static Expr *need_between(Parser *parser, Expr *value, bool negated)
{
    Expr *between = p_new_expr(parser, EXPR_BETWEEN);
    between->negated = negated;
    p_take(parser);
    p_add_arg(parser, between, value);
    p_add_arg(parser, between, need_add(parser));
    p_need_word(parser, "AND");
    p_add_arg(parser, between, need_add(parser));
    return between;
}

static Expr *need_like(Parser *parser, Expr *value, bool negated)
{
    Expr *like = p_new_expr(parser, EXPR_LIKE);
    like->negated = negated;
    p_take(parser);
    p_add_arg(parser, like, value);
    p_add_arg(parser, like, need_add(parser));
    if (p_is_word(parser, "ESCAPE"))
        p_refuse(parser, "LIKE … ESCAPE is not known here: write [%] and [_]");
    return like;
}

static Expr *need_is_null(Parser *parser, Expr *value)
{
    Expr *is_null = p_new_expr(parser, EXPR_IS_NULL);
    p_take(parser);
    is_null->negated = p_take_word(parser, "NOT");
    p_need_word(parser, "NULL");
    p_add_arg(parser, is_null, value);
    return is_null;
}

static Expr *need_exists(Parser *parser)
{
    Expr *exists = p_new_expr(parser, EXPR_EXISTS);
    p_take(parser);
    p_need_sign(parser, '(');
    exists->query = p_need_query(parser);
    p_need_sign(parser, ')');
    return exists;
}

static Expr *need_predicate(Parser *parser)
{
    if (p_is_word(parser, "EXISTS"))
        return need_exists(parser);

    Expr *left = need_add(parser);
    if (is_comparison(parser)) {
        const Token *op = p_take(parser);
        if (p_is_any(parser, "ALL ANY SOME"))
            p_refuse(parser, "quantified comparisons are not known here");
        return binary(parser, EXPR_COMPARE, op, left, need_add(parser));
    }
    bool negated = p_is_word(parser, "NOT") && p_is_any_at(parser, 1, "IN LIKE BETWEEN");
    if (negated)
        p_take(parser);
    if (p_is_word(parser, "IN"))
        return need_in(parser, left, negated);
    if (p_is_word(parser, "BETWEEN"))
        return need_between(parser, left, negated);
    if (p_is_word(parser, "LIKE"))
        return need_like(parser, left, negated);
    if (p_is_word(parser, "IS"))
        return need_is_null(parser, left);
    return left;
}

static Expr *need_not(Parser *parser)
{
    if (!p_is_word(parser, "NOT"))
        return need_predicate(parser);

    Expr *expr = p_new_expr(parser, EXPR_NOT);
    p_take(parser);
    if (p_enter(parser))
        p_add_arg(parser, expr, need_not(parser));
    else
        p_add_arg(parser, expr, p_new_expr(parser, EXPR_NULL));
    p_leave(parser);
    return expr;
}

static Expr *need_and(Parser *parser)
{
    Expr *expr = need_not(parser);
    if (!p_is_word(parser, "AND"))
        return expr;
    Expr *all = p_new_expr(parser, EXPR_AND); // one node for the whole chain: no depth
    p_add_arg(parser, all, expr);
    while (p_take_word(parser, "AND"))
        p_add_arg(parser, all, need_not(parser));
    return all;
}

static Expr *need_or(Parser *parser)
{
    Expr *expr = need_and(parser);
    if (!p_is_word(parser, "OR"))
        return expr;
    Expr *any = p_new_expr(parser, EXPR_OR);
    p_add_arg(parser, any, expr);
    while (p_take_word(parser, "OR"))
        p_add_arg(parser, any, need_and(parser));
    return any;
}

Expr *p_need_expr(Parser *parser)
{
    Expr *expr = p_enter(parser) ? need_or(parser) : p_new_expr(parser, EXPR_NULL);
    p_leave(parser);
    return expr;
}

OrderItem *p_need_order(Parser *parser, size_t *ret_count)
{
    OrderItem *list = NULL;
    size_t count = 0, capacity = 0;

    p_need_word(parser, "ORDER");
    p_need_word(parser, "BY");
    do {
        OrderItem *item = PUSH(parser, list, count, capacity);
        *item = (OrderItem){.expr = p_need_expr(parser)};
        if (p_take_word(parser, "DESC"))
            item->is_descending = true;
        else
            (void)p_take_word(parser, "ASC");
    } while (p_take_sign(parser, ','));
    *ret_count = count;
    return list;
}
