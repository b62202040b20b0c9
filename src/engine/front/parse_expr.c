/* Expressions. Predicates and values share one grammar; the binder keeps them apart. */
#include "parser.h"

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

void p_add_arg(Parser *parser, Expr *expr, const Expr *arg)
{
    *PUSH(parser, expr->args, expr->arg_count) = arg;
    if (arg->depth >= expr->depth)
        expr->depth = arg->depth + 1;
    if (expr->depth > TREE_DEPTH_MAX)
        fault_set(parser->fault, expr->line, 191,
                  "Some part of your SQL statement is nested too deeply.");
}

/* Of the next token alone. */
static Expr *need_simple(Parser *parser, ExprKind kind)
{
    Expr *expr = p_new_expr(parser, kind);
    expr->text = p_next(parser)->value;
    return expr;
}

Expr *p_take_star(Parser *parser)
{
    return p_is(parser, "*") ? need_simple(parser, EXPR_STAR) : NULL;
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

/* ---- calls ----------------------------------------------------------------------------------- */

static const Over *need_over(Parser *parser)
{
    Over *over = arena_alloc(parser->arena, sizeof *over);

    p_need(parser, "(");
    if (p_take(parser, "PARTITION")) {
        p_need(parser, "BY");
        over->partition = p_need_exprs(parser, &over->partition_count);
    }
    if (p_is(parser, "ORDER"))
        over->order = p_need_order(parser, &over->order_count);
    if (p_is_any(parser, "ROWS RANGE"))
        p_refuse(parser, "window frames are not known here");
    p_need(parser, ")");
    return over;
}

static void need_call_args(Parser *parser, Expr *call)
{
    call->distinct = p_take_either(parser, "DISTINCT", "ALL");
    do {
        Expr *star = p_take_star(parser);
        p_add_arg(parser, call, star ? star : p_need_expr(parser));
    } while (p_take(parser, ","));
}

static Expr *need_call(Parser *parser, Str name, const Token *first)
{
    Expr *call = p_new_expr(parser, EXPR_CALL);
    call->text = name;
    call->line = first->line;
    call->near = first->text;

    p_need(parser, "(");
    if (!p_is(parser, ")"))
        need_call_args(parser, call);
    p_need(parser, ")");
    p_refuse_if(parser, "WITHIN GROUP", "WITHIN GROUP is not known here");
    if (p_take(parser, "OVER"))
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
    bool type_first = p_is_any(parser, "CONVERT TRY_CONVERT");
    cast->is_try = p_is_any(parser, "TRY_CAST TRY_CONVERT");
    p_next(parser);
    p_need(parser, "(");
    if (type_first) {
        cast->cast_type = need_cast_type(parser);
        p_need(parser, ",");
        p_add_arg(parser, cast, p_need_expr(parser));
        if (p_take(parser, ","))
            p_add_arg(parser, cast, p_need_expr(parser));
    } else {
        p_add_arg(parser, cast, p_need_expr(parser));
        p_need(parser, "AS");
        cast->cast_type = need_cast_type(parser);
    }
    p_need(parser, ")");
    return cast;
}

static Expr *need_case(Parser *parser)
{
    Expr *expr = p_new_expr(parser, EXPR_CASE);
    p_next(parser);
    if (!p_is(parser, "WHEN")) {
        expr->has_base = true;
        p_add_arg(parser, expr, p_need_expr(parser));
    }
    if (!p_is(parser, "WHEN"))
        p_refuse(parser, NULL);
    while (p_take(parser, "WHEN")) {
        p_add_arg(parser, expr, p_need_expr(parser));
        p_need(parser, "THEN");
        p_add_arg(parser, expr, p_need_expr(parser));
    }
    if (p_take(parser, "ELSE")) {
        expr->has_else = true;
        p_add_arg(parser, expr, p_need_expr(parser));
    }
    p_need(parser, "END");
    return expr;
}

/* ---- primaries ------------------------------------------------------------------------------- */

Expr *p_need_literal(Parser *parser, ExprKind kind)
{
    bool is_unicode = p_is_kind(parser, TOKEN_NSTRING);
    Expr *expr = need_simple(parser, kind);
    expr->op = is_unicode ? 'N' : 0;
    return expr;
}

static Expr *need_column(Parser *parser)
{
    Expr *expr = p_new_expr(parser, EXPR_COLUMN);
    const Token *first = p_peek(parser);

    expr->name = p_name_of(parser, p_need_identifier(parser));
    expr->name.line = first->line;
    while (p_take(parser, ".")) {
        if (p_take(parser, "*")) {
            expr->kind = EXPR_STAR;
            return expr;
        }
        if (expr->name.count == (int)ARRAY_LEN(expr->name.parts)) {
            p_refuse(parser, NULL);
            return expr;
        }
        expr->name.parts[expr->name.count++] = p_need_identifier(parser);
    }
    if (!p_is(parser, "("))
        return expr;
    if (expr->name.count == 1)
        return need_call(parser, expr->name.parts[0], first);
    p_refuse(parser, "functions of the user are not known here");
    return expr;
}

static Expr *need_parenthesis(Parser *parser)
{
    Expr *expr = p_new_expr(parser, EXPR_SUBQUERY);
    p_next(parser);
    if (p_starts_query(parser))
        expr->query = p_need_query(parser);
    else
        expr = p_need_expr(parser);
    p_need(parser, ")");
    return expr;
}

static Expr *need_word_primary(Parser *parser)
{
    const Token *token = p_peek(parser);
    bool is_call = p_is_at(parser, 1, "(");

    if (p_is(parser, "NULL"))
        return p_need_literal(parser, EXPR_NULL);
    if (p_is(parser, "CASE"))
        return need_case(parser);
    if (is_call && p_is_any(parser, "CAST TRY_CAST CONVERT TRY_CONVERT"))
        return need_cast(parser);
    if (is_call && p_is_any(parser, "LEFT RIGHT COALESCE NULLIF")) // reserved all the same
        return need_call(parser, p_next(parser)->text, token);
    if (p_is_any(parser, "CURRENT_TIMESTAMP CURRENT_USER SESSION_USER SYSTEM_USER USER"))
        return need_simple(parser, EXPR_CALL);
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
    if (p_is(parser, "("))
        return need_parenthesis(parser);
    p_refuse(parser, NULL);
    return p_new_expr(parser, EXPR_NULL);
}

static Expr *need_postfix(Parser *parser)
{
    Expr *expr = need_primary(parser);
    p_refuse_if(parser, "COLLATE", "the sandbox has one collation: SQL_Latin1_General_CP1_CI_AS");
    if (p_is(parser, "AT TIME"))
        p_refuse_at(parser, p_peek_at(parser, 1), "AT TIME ZONE is not known here");
    return expr;
}

/* The operand of one that stands before it: these nest. */
static Expr *need_before(Parser *parser, ExprKind kind, Expr *(*need)(Parser *parser))
{
    Expr *expr = p_new_expr(parser, kind);
    expr->op = p_next(parser)->sign;
    p_add_arg(parser, expr, p_enter(parser) ? need(parser) : p_new_expr(parser, EXPR_NULL));
    p_leave(parser);
    return expr;
}

static Expr *need_unary(Parser *parser)
{
    return p_is_any(parser, "- +") ? need_before(parser, EXPR_UNARY, need_unary)
                                   : need_postfix(parser);
}

static Expr *need_multiply(Parser *parser)
{
    Expr *expr = need_unary(parser);
    while (p_is_any(parser, "* /")) {
        const Token *op = p_next(parser);
        expr = binary(parser, EXPR_ARITH, op, expr, need_unary(parser));
    }
    return expr;
}

static Expr *need_add(Parser *parser)
{
    Expr *expr = need_multiply(parser);
    while (p_is_any(parser, "+ -")) {
        const Token *op = p_next(parser);
        expr = binary(parser, EXPR_ARITH, op, expr, need_multiply(parser));
    }
    return expr;
}

/* ---- predicates ------------------------------------------------------------------------------ */

static bool is_comparison(const Token *token)
{
    return token->sign == '=' || token->sign == '<' || token->sign == '>' ||
           token->sign == SIGN_NOT_EQUAL || token->sign == SIGN_LESS_EQUAL ||
           token->sign == SIGN_GREATER_EQUAL;
}

static void need_in(Parser *parser, Expr *in)
{
    p_need(parser, "(");
    if (p_starts_query(parser)) {
        in->query = p_need_query(parser);
    } else {
        do {
            p_add_arg(parser, in, p_need_expr(parser));
        } while (p_take(parser, ","));
    }
    p_need(parser, ")");
}

static void need_between(Parser *parser, Expr *between)
{
    p_add_arg(parser, between, need_add(parser));
    p_need(parser, "AND");
    p_add_arg(parser, between, need_add(parser));
}

static void need_like(Parser *parser, Expr *like)
{
    p_add_arg(parser, like, need_add(parser));
    p_refuse_if(parser, "ESCAPE", "LIKE … ESCAPE is not known here: write [%] and [_]");
}

static void need_is_null(Parser *parser, Expr *is_null)
{
    is_null->negated = p_take(parser, "NOT");
    p_need(parser, "NULL");
}

static Expr *need_exists(Parser *parser)
{
    Expr *exists = p_new_expr(parser, EXPR_EXISTS);
    p_need(parser, "EXISTS (");
    exists->query = p_need_query(parser);
    p_need(parser, ")");
    return exists;
}

/* Predicates by the word behind their first operand. */
static const struct {
    const char *word;
    ExprKind kind;
    void (*need)(Parser *parser, Expr *expr); // the rest
} predicates[] = {{"IN", EXPR_IN, need_in},
                  {"BETWEEN", EXPR_BETWEEN, need_between},
                  {"LIKE", EXPR_LIKE, need_like},
                  {"IS", EXPR_IS_NULL, need_is_null}};

static Expr *need_predicate(Parser *parser)
{
    if (p_is(parser, "EXISTS"))
        return need_exists(parser);

    Expr *left = need_add(parser);
    if (is_comparison(p_peek(parser))) {
        const Token *op = p_next(parser);
        if (p_is_any(parser, "ALL ANY SOME"))
            p_refuse(parser, "quantified comparisons are not known here");
        return binary(parser, EXPR_COMPARE, op, left, need_add(parser));
    }
    bool negated =
        p_is(parser, "NOT IN") || p_is(parser, "NOT LIKE") || p_is(parser, "NOT BETWEEN");
    if (negated)
        p_next(parser);
    for (size_t i = 0; i < ARRAY_LEN(predicates); i++) {
        if (!p_is(parser, predicates[i].word))
            continue;
        Expr *expr = need_simple(parser, predicates[i].kind);
        expr->negated = negated;
        p_add_arg(parser, expr, left);
        predicates[i].need(parser, expr);
        return expr;
    }
    return left;
}

static Expr *need_not(Parser *parser)
{
    return p_is(parser, "NOT") ? need_before(parser, EXPR_NOT, need_not) : need_predicate(parser);
}

/* One node for the whole chain: no depth. */
static Expr *need_chain(Parser *parser, const char *word, ExprKind kind,
                        Expr *(*need)(Parser *parser))
{
    Expr *expr = need(parser);
    if (!p_is(parser, word))
        return expr;
    Expr *all = p_new_expr(parser, kind);
    p_add_arg(parser, all, expr);
    while (p_take(parser, word))
        p_add_arg(parser, all, need(parser));
    return all;
}

static Expr *need_and(Parser *parser)
{
    return need_chain(parser, "AND", EXPR_AND, need_not);
}

Expr *p_need_expr(Parser *parser)
{
    Expr *expr = p_enter(parser) ? need_chain(parser, "OR", EXPR_OR, need_and)
                                 : p_new_expr(parser, EXPR_NULL);
    p_leave(parser);
    return expr;
}

const Expr **p_need_exprs(Parser *parser, size_t *ret_count)
{
    const Expr **list = NULL;

    *ret_count = 0;
    do {
        *PUSH(parser, list, *ret_count) = p_need_expr(parser);
    } while (p_take(parser, ","));
    return list;
}

OrderItem *p_need_order(Parser *parser, size_t *ret_count)
{
    OrderItem *list = NULL;

    *ret_count = 0;
    p_need(parser, "ORDER BY");
    do {
        OrderItem *item = PUSH(parser, list, *ret_count);
        item->expr = p_need_expr(parser);
        item->is_descending = p_take_either(parser, "DESC", "ASC");
    } while (p_take(parser, ","));
    return list;
}
