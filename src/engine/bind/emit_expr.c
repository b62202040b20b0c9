/* Expressions to SQLite. */
#include "emit.h"
#include "func.h"
#include "ssisminer/engine/decimal.h"

#include <stdio.h>
#include <string.h>

void emit_name(Emitter *emitter, const char *name)
{
    buf_putc(emitter->out, '"');
    for (const char *at = name; *at; at++) {
        if (*at == '"')
            buf_putc(emitter->out, '"');
        buf_putc(emitter->out, *at);
    }
    buf_putc(emitter->out, '"');
}

static void emit_string(Emitter *emitter, Str text)
{
    Buf *out = emitter->out;
    if (memchr(text.at, '\0', text.len)) { // a NUL ends SQLite's literal
        buf_puts(out, "CAST(X'");
        for (size_t i = 0; i < text.len; i++)
            buf_printf(out, "%02X", (unsigned char)text.at[i]);
        buf_puts(out, "' AS TEXT)");
        return;
    }
    buf_putc(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\'')
            buf_putc(out, '\'');
        buf_putc(out, text.at[i]);
    }
    buf_putc(out, '\'');
}

static void emit_null(Emitter *emitter, const Expr *expr)
{
    (void)expr;
    buf_puts(emitter->out, "NULL");
}

static void emit_integer(Emitter *emitter, const Expr *expr)
{
    buf_put(emitter->out, expr->text.at, expr->text.len);
}

static void emit_text(Emitter *emitter, const Expr *expr)
{
    emit_string(emitter, expr->text);
}

static void emit_binary(Emitter *emitter, const Expr *expr)
{
    Str digits = expr->text;
    buf_printf(emitter->out, "X'%s%.*s'", digits.len % 2 ? "0" : "", STR_FMT(digits));
}

static void emit_variable(Emitter *emitter, const Expr *expr)
{
    size_t at = 0, variable = expr->variable;
    while (at < emitter->variable_count && emitter->variables[at] != variable)
        at++;
    if (at == emitter->variable_count) {
        emitter->variables = arena_grow(emitter->arena, emitter->variables, at, at + 1,
                                        &emitter->variable_capacity, sizeof *emitter->variables);
        emitter->variables[emitter->variable_count++] = variable;
    }
    buf_printf(emitter->out, "?%zu", at + 1);
}

static void emit_column(Emitter *emitter, const Expr *expr)
{
    if (emitter->half && expr->source == emitter->half_of)
        expr = emitter->half->items[expr->column].expr;
    buf_printf(emitter->out, "t%d.", expr->source->number);
    emit_name(emitter, expr->source->columns[expr->column].sql);
}

static void emit_decimal(Emitter *emitter, const Expr *expr)
{
    char bytes[DECIMAL_BYTES];
    Decimal value = {0};

    (void)decimal_parse(expr->text, &value); // as the lexer let it through
    size_t len = decimal_encode(value, bytes);
    buf_puts(emitter->out, "X'");
    for (size_t i = 0; i < len; i++)
        buf_printf(emitter->out, "%02X", (unsigned char)bytes[i]);
    buf_putc(emitter->out, '\'');
}

static void emit_float(Emitter *emitter, const Expr *expr)
{
    Str text = expr->text;
    buf_put(emitter->out, text.at, text.len);
    char last = str_fold(text.at[text.len - 1]);
    if (last == 'e' || last == '+' || last == '-') // 1e is 1e0 in T-SQL
        buf_putc(emitter->out, '0');
}

/* ---- conversions ------------------------------------------------------------------------- */

static bool fits_text(SbType from, SbType to)
{
    return !to.scale &&
           (to.max_chars < 0 || (from.max_chars >= 0 && from.max_chars <= to.max_chars));
}

/* Is the stored form already that of the other type? */
static bool is_free(SbType from, SbType to)
{
    if (to.id == SB_SQL_VARIANT)
        return from.id == to.id || type_is_bare_variant(from);
    if (type_is_integer(from.id) && type_is_integer(to.id))
        return from.id <= to.id && to.id != SB_BIT;
    if (from.id == SB_DECIMAL && to.id == SB_DECIMAL)
        return from.scale <= to.scale && from.precision - from.scale <= to.precision - to.scale;
    if (type_is_time(from.id) && type_is_time(to.id))
        return from.id == to.id ? from.scale <= to.scale
                                : from.id != SB_DATETIMEOFFSET &&
                                      (to.id == SB_DATETIME2 || to.id == SB_DATETIMEOFFSET) &&
                                      from.scale <= to.scale;
    if (from.id != to.id)
        return false;
    if (from.id == SB_FLOAT)
        return from.precision || !to.precision; // a real is a float, no float a real
    if (from.id == SB_NVARCHAR || from.id == SB_VARBINARY)
        return fits_text(from, to);
    return true;
}

static bool is_plain_text(SbType from, SbType to)
{
    return type_is_integer(from.id) && to.id == SB_NVARCHAR && !to.scale &&
           (to.max_chars < 0 || to.max_chars >= 20);
}

static void emit_conversion(Emitter *emitter, const Expr *inner, SbType to, const Expr *style,
                            int flags)
{
    Buf *out = emitter->out;
    SbType from = inner->type;
    if (inner->kind == EXPR_NULL) {
        buf_puts(out, "NULL");
        return;
    }
    if (!style && is_free(from, to)) {
        emit_expr(emitter, inner);
        return;
    }
    if (is_plain_text(from, to) ||
        (type_is_integer(from.id) && to.id == SB_FLOAT && !to.precision)) {
        buf_puts(out, "CAST(");
        emit_expr(emitter, inner);
        buf_puts(out, to.id == SB_FLOAT ? " AS REAL)" : " AS TEXT)");
        return;
    }
    buf_puts(out, "ms_convert(");
    emit_expr(emitter, inner);
    buf_printf(out, ", %lld, %lld, ", (long long)type_pack(from), (long long)type_pack(to));
    if (style)
        emit_expr(emitter, style);
    else
        buf_puts(out, "0");
    buf_printf(out, ", %d)", flags);
}

/* ---- arithmetic -------------------------------------------------------------------------- */

static void emit_pair(Emitter *emitter, const Expr *expr, const char *open, const char *between)
{
    buf_puts(emitter->out, open);
    emit_expr(emitter, expr->args[0]);
    buf_puts(emitter->out, between);
    emit_expr(emitter, expr->args[1]);
    buf_putc(emitter->out, ')');
}

static void emit_integers(Emitter *emitter, const Expr *expr)
{
    const Expr *right = expr->args[1];
    bool safe = right->kind == EXPR_INTEGER && right->constant != 0;

    switch (expr->op) {
    case '/':
        emit_pair(emitter, expr, safe ? "(" : "ms_div(", safe ? " / " : ", ");
        return;
    case '%':
        emit_pair(emitter, expr, safe ? "(" : "ms_mod(", safe ? " % " : ", ");
        return;
    case '&':
        emit_pair(emitter, expr, "(", " & ");
        return;
    case '|':
        emit_pair(emitter, expr, "(", " | ");
        return;
    case '^':
        emit_pair(emitter, expr, "ms_xor(", ", ");
        return;
    default:
        break;
    }
    char between[4] = {' ', (char)expr->op, ' ', '\0'};
    buf_puts(emitter->out, "ms_int");
    emit_pair(emitter, expr, "(", between);
    emitter->out->len--; // open again: the type follows
    buf_printf(emitter->out, ", %d)", (int)expr->type.id);
}

static void emit_reals(Emitter *emitter, const Expr *expr)
{
    if (expr->type.id == SB_DECIMAL) {
        char between[12];
        (void)snprintf(between, sizeof between, ", %d, ", expr->op);
        emit_pair(emitter, expr, "ms_decimal(", between);
        emitter->out->len--; // open again: the type follows
        buf_printf(emitter->out, ", %lld)", (long long)type_pack(expr->type));
        return;
    }
    if (expr->op == '/' || expr->op == '%') {
        emit_pair(emitter, expr, expr->op == '/' ? "ms_div(" : "ms_mod(", ", ");
        return;
    }
    char between[4] = {' ', (char)expr->op, ' ', '\0'};
    emit_pair(emitter, expr, "(", between);
}

static void emit_arith(Emitter *emitter, const Expr *expr)
{
    if (expr->type.id == SB_NVARCHAR) {
        const Expr *a = expr->args[0], *b = expr->args[1];
        bool may_be_cut =
            a->type.max_chars >= 0 && b->type.max_chars >= 0 &&
            a->type.max_chars + b->type.max_chars > (expr->type.precision ? 8000 : 4000);
        if (may_be_cut)
            buf_puts(emitter->out, "ms_convert(");
        emit_pair(emitter, expr, "(", " || ");
        if (may_be_cut)
            buf_printf(emitter->out, ", %lld, %lld, 0, 0)",
                       (long long)type_pack(type_text(-1, false)),
                       (long long)type_pack(expr->type));
        return;
    }
    if (type_is_integer(expr->type.id))
        emit_integers(emitter, expr);
    else
        emit_reals(emitter, expr);
}

static void emit_unary(Emitter *emitter, const Expr *expr)
{
    if (expr->type.id == SB_DECIMAL) {
        buf_puts(emitter->out, "ms_decimal(0, ");
        buf_printf(emitter->out, "%d, ", expr->op);
        emit_expr(emitter, expr->args[0]);
        buf_printf(emitter->out, ", %lld)", (long long)type_pack(expr->type));
        return;
    }
    buf_printf(emitter->out, "(%c ", expr->op);
    emit_expr(emitter, expr->args[0]);
    buf_putc(emitter->out, ')');
}

/* ---- comparisons ------------------------------------------------------------------------- */

static const char *sign_text(int op)
{
    switch (op) {
    case SIGN_NOT_EQUAL:
        return " <> ";
    case SIGN_LESS_EQUAL:
        return " <= ";
    case SIGN_GREATER_EQUAL:
        return " >= ";
    case '<':
        return " < ";
    case '>':
        return " > ";
    default:
        return " = ";
    }
}

static int flipped(int op)
{
    switch (op) {
    case SIGN_LESS_EQUAL:
        return SIGN_GREATER_EQUAL;
    case SIGN_GREATER_EQUAL:
        return SIGN_LESS_EQUAL;
    case '<':
        return '>';
    case '>':
        return '<';
    default:
        return op;
    }
}

static const Expr *bare(const Expr *expr)
{
    while (expr->kind == EXPR_CONVERT && is_free(expr->args[0]->type, expr->type))
        expr = expr->args[0];
    return expr;
}

static bool is_cheap(const Expr *expr)
{
    const Expr *inner = bare(expr);
    return inner->kind == EXPR_COLUMN || inner->kind == EXPR_VARIABLE ||
           inner->kind == EXPR_STRING ||
           (expr->kind == EXPR_CONVERT && expr->args[0]->kind == EXPR_STRING);
}

static void emit_masked(Emitter *emitter, const Expr *expr, bool upper)
{
    buf_putc(emitter->out, '(');
    emit_expr(emitter, expr);
    buf_puts(emitter->out, upper ? " | 127)" : " & -128)");
}

/* The left side stays bare, so that an index on it can serve; see the head of emit.h. */
static void emit_compare_times(Emitter *emitter, int op, const Expr *left, const Expr *right)
{
    if (bare(left)->kind != EXPR_COLUMN && bare(right)->kind == EXPR_COLUMN) {
        const Expr *swap = left;
        left = right;
        right = swap;
        op = flipped(op);
    }
    Buf *out = emitter->out;
    if (op == SIGN_NOT_EQUAL || (op == '=' && !is_cheap(right))) {
        buf_putc(out, '(');
        emit_expr(emitter, left);
        buf_printf(out, " >> 7)%s(", sign_text(op));
        emit_expr(emitter, right);
        buf_puts(out, " >> 7)");
        return;
    }
    emit_expr(emitter, left);
    if (op == '=') {
        buf_puts(out, " BETWEEN ");
        emit_masked(emitter, right, false);
        buf_puts(out, " AND ");
        emit_masked(emitter, right, true);
        return;
    }
    buf_puts(out, sign_text(op));
    emit_masked(emitter, right, op == '>' || op == SIGN_LESS_EQUAL);
}

static bool has_offset(const Expr *expr)
{
    return bare(expr)->type.id == SB_DATETIMEOFFSET;
}

/* A sql_variant compares by what it holds. */
static void emit_comparable(Emitter *emitter, const Expr *expr)
{
    bool is_variant = expr->type.id == SB_SQL_VARIANT;

    buf_puts(emitter->out, is_variant ? "ms_variant(" : "");
    emit_expr(emitter, expr);
    buf_puts(emitter->out, is_variant ? ")" : "");
}

/* A text or GUID operand under the collation of T-SQL. */
static void emit_collated(Emitter *emitter, const Expr *expr, bool ordered)
{
    emit_comparable(emitter, expr);
    if (expr->type.id == SB_NVARCHAR && bare(expr)->kind != EXPR_COLUMN)
        buf_puts(emitter->out, " COLLATE TSQL");
    else if (expr->type.id == SB_SQL_VARIANT)
        buf_puts(emitter->out, " COLLATE TSQL");
    else if (expr->type.id == SB_UNIQUEIDENTIFIER && ordered)
        buf_puts(emitter->out, " COLLATE TSQLGUID");
}

static void emit_compare_sides(Emitter *emitter, int op, const Expr *left, const Expr *right)
{
    if (type_is_time(left->type.id) && (has_offset(left) || has_offset(right))) {
        emit_compare_times(emitter, op, left, right);
        return;
    }
    emit_collated(emitter, left, op != '=' && op != SIGN_NOT_EQUAL);
    buf_puts(emitter->out, sign_text(op));
    emit_comparable(emitter, right);
}

static void emit_between(Emitter *emitter, const Expr *expr)
{
    buf_puts(emitter->out, expr->negated ? "(NOT (" : "((");
    emit_compare_sides(emitter, SIGN_GREATER_EQUAL, expr->args[0], expr->args[1]);
    buf_puts(emitter->out, " AND ");
    emit_compare_sides(emitter, SIGN_LESS_EQUAL, expr->args[0], expr->args[2]);
    buf_puts(emitter->out, "))");
}

static void emit_in_value(Emitter *emitter, const Expr *expr, bool shifted)
{
    if (shifted)
        buf_putc(emitter->out, '(');
    emit_expr(emitter, expr);
    if (shifted)
        buf_puts(emitter->out, " >> 7)");
}

static void emit_in(Emitter *emitter, const Expr *expr)
{
    Buf *out = emitter->out;
    bool shifted = expr->args[0]->type.id == SB_DATETIMEOFFSET ||
                   (expr->query && expr->query->columns[0].type.id == SB_DATETIMEOFFSET);
    buf_putc(out, '(');
    if (shifted)
        emit_in_value(emitter, expr->args[0], true);
    else
        emit_collated(emitter, expr->args[0], false);
    buf_puts(out, expr->negated ? " NOT IN (" : " IN (");
    if (expr->query) {
        if (shifted)
            buf_puts(out, "SELECT c0 >> 7 FROM (");
        emit_query(emitter, expr->query);
        if (shifted)
            buf_putc(out, ')');
    }
    for (size_t i = 1; i < expr->arg_count; i++) {
        buf_puts(out, i > 1 ? ", " : "");
        if (shifted)
            emit_in_value(emitter, expr->args[i], true);
        else
            emit_comparable(emitter, expr->args[i]);
    }
    buf_puts(out, "))");
}

static void emit_like(Emitter *emitter, const Expr *expr)
{
    buf_puts(emitter->out, expr->negated ? "(NOT ms_like(" : "(ms_like(");
    for (size_t i = 0; i < expr->arg_count; i++) {
        buf_puts(emitter->out, i ? ", " : "");
        emit_expr(emitter, expr->args[i]);
    }
    buf_puts(emitter->out, "))");
}

static void emit_junction(Emitter *emitter, const Expr *expr)
{
    Truth neutral = expr->kind == EXPR_AND ? TRUTH_TRUE : TRUTH_FALSE;
    const char *between = "";
    buf_putc(emitter->out, '(');
    for (size_t i = 0; i < expr->arg_count; i++) {
        if (expr->args[i]->truth == neutral)
            continue;
        buf_puts(emitter->out, between);
        emit_expr(emitter, expr->args[i]);
        between = expr->kind == EXPR_AND ? " AND " : " OR ";
    }
    buf_putc(emitter->out, ')');
}

static void emit_case(Emitter *emitter, const Expr *expr)
{
    Buf *out = emitter->out;
    buf_puts(out, "CASE");
    for (size_t i = 0; i + 1 < expr->arg_count; i += 2) {
        buf_puts(out, " WHEN ");
        emit_expr(emitter, expr->args[i]);
        buf_puts(out, " THEN ");
        emit_expr(emitter, expr->args[i + 1]);
    }
    if (expr->has_else) {
        buf_puts(out, " ELSE ");
        emit_expr(emitter, expr->args[expr->arg_count - 1]);
    }
    buf_puts(out, " END");
}

/* ---- calls ------------------------------------------------------------------------------- */

static void emit_over(Emitter *emitter, const Over *over)
{
    Buf *out = emitter->out;
    buf_puts(out, " OVER (");
    for (size_t i = 0; i < over->partition_count; i++) {
        buf_puts(out, i ? ", " : "PARTITION BY ");
        OrderItem item = {.expr = over->partition[i]};
        emit_order(emitter, &item, 1);
    }
    if (over->order_count) {
        buf_puts(out, " ORDER BY ");
        emit_order(emitter, over->order, over->order_count);
    }
    buf_putc(out, ')');
}

static void emit_args(Emitter *emitter, const Expr *expr)
{
    for (size_t i = 0; i < expr->arg_count; i++) {
        buf_puts(emitter->out, i ? ", " : "");
        emit_expr(emitter, expr->args[i]);
    }
}

/* MIN, MAX, COUNT, SUM: what is compared inside, compares as T-SQL does. */
static void emit_aggregate(Emitter *emitter, const Expr *expr)
{
    const Expr *arg = expr->args[0];
    bool is_exact = str_same(expr->function->sql, "sum") && expr->type.id == SB_DECIMAL;
    buf_printf(emitter->out, "%s(%s", is_exact ? "ms_decimal_sum" : expr->function->sql,
               expr->distinct ? "DISTINCT " : "");
    if (arg->kind == EXPR_STAR)
        buf_putc(emitter->out, '*');
    else if (expr->distinct && arg->type.id == SB_DATETIMEOFFSET)
        emit_in_value(emitter, arg, true);
    else if (arg->type.id == SB_SQL_VARIANT)
        emit_expr(emitter, arg); // MIN and MAX give back the value itself
    else
        emit_collated(emitter, arg, true);
    buf_putc(emitter->out, ')');
}

static void emit_call(Emitter *emitter, const Expr *expr)
{
    const Function *function = expr->function;
    Buf *out = emitter->out;

    if (function->emit) {
        function->emit(emitter, expr);
    } else if (function->kind == FUNCTION_AGGREGATE) {
        bool is_sum = str_same(function->sql, "sum") && type_is_integer(expr->type.id);
        buf_puts(out, is_sum ? "ms_int(" : "");
        emit_aggregate(emitter, expr);
        if (is_sum)
            buf_printf(out, ", %d)", (int)expr->type.id);
    } else {
        buf_printf(out, "%s(", function->sql);
        emit_args(emitter, expr);
        buf_putc(out, ')');
        if (expr->over)
            emit_over(emitter, expr->over);
    }
}

static void emit_global(Emitter *emitter, const Expr *expr)
{
    buf_puts(emitter->out, "ms_global(");
    emit_string(emitter, expr->text);
    buf_putc(emitter->out, ')');
}

/* ---- every kind -------------------------------------------------------------------------- */

static void emit_is_null(Emitter *emitter, const Expr *expr)
{
    buf_putc(emitter->out, '(');
    emit_expr(emitter, expr->args[0]);
    buf_puts(emitter->out, expr->negated ? " IS NOT NULL)" : " IS NULL)");
}

static void emit_compare(Emitter *emitter, const Expr *expr)
{
    buf_putc(emitter->out, '(');
    emit_compare_sides(emitter, expr->op, expr->args[0], expr->args[1]);
    buf_putc(emitter->out, ')');
}

static void emit_not(Emitter *emitter, const Expr *expr)
{
    buf_puts(emitter->out, "(NOT ");
    emit_expr(emitter, expr->args[0]);
    buf_putc(emitter->out, ')');
}

static void emit_subquery(Emitter *emitter, const Expr *expr)
{
    buf_putc(emitter->out, '(');
    emit_query(emitter, expr->query);
    buf_putc(emitter->out, ')');
}

static void emit_exists(Emitter *emitter, const Expr *expr)
{
    buf_puts(emitter->out, "EXISTS ");
    emit_subquery(emitter, expr);
}

static void emit_cast(Emitter *emitter, const Expr *expr)
{
    emit_conversion(emitter, expr->args[0], expr->type, expr->arg_count > 1 ? expr->args[1] : NULL,
                    expr->is_try ? CONVERT_TRY : 0);
}

static void emit_convert(Emitter *emitter, const Expr *expr)
{
    emit_conversion(emitter, expr->args[0], expr->type, NULL, expr->is_assign ? CONVERT_ASSIGN : 0);
}

void emit_expr(Emitter *emitter, const Expr *expr)
{
    static void (*const emits[])(Emitter * emitter, const Expr *expr) = {
#define EXPR(kind, is_predicate, bind, emit) [EXPR_##kind] = (emit),
#include "../front/expr.def"
#undef EXPR
    };

    if (expr->truth != TRUTH_UNKNOWN)
        buf_puts(emitter->out, expr->truth == TRUTH_TRUE ? "1" : "0");
    else if (expr->is_folded && expr->kind == EXPR_CALL)
        buf_printf(emitter->out, "%lld", (long long)expr->constant);
    else
        emits[expr->kind](emitter, expr);
}

void emit_order(Emitter *emitter, const OrderItem *order, size_t count)
{
    Buf *out = emitter->out;
    for (size_t i = 0; i < count; i++) {
        buf_puts(out, i ? ", " : "");
        const Expr *expr = order[i].expr;
        if (expr->type.id == SB_DATETIMEOFFSET)
            emit_in_value(emitter, expr, true);
        else
            emit_collated(emitter, expr, true);
        if (order[i].is_descending)
            buf_puts(out, " DESC");
    }
}
