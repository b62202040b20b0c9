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

void emit_hex(Emitter *emitter, Str bytes)
{
    buf_puts(emitter->out, "X'");
    for (size_t i = 0; i < bytes.len; i++)
        buf_printf(emitter->out, "%02X", (unsigned char)bytes.at[i]);
    buf_putc(emitter->out, '\'');
}

static void emit_string(Emitter *emitter, Str text)
{
    Buf *out = emitter->out;
    if (memchr(text.at, '\0', text.len)) { // a NUL ends SQLite's literal
        buf_puts(out, "CAST(");
        emit_hex(emitter, text);
        buf_puts(out, " AS TEXT)");
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

static void emit_null(Emitter *emitter, const Bound *expr)
{
    (void)expr;
    buf_puts(emitter->out, "NULL");
}

static void emit_integer(Emitter *emitter, const Bound *expr)
{
    buf_put(emitter->out, expr->text.at, expr->text.len);
}

static void emit_text(Emitter *emitter, const Bound *expr)
{
    emit_string(emitter, expr->text);
}

static void emit_binary(Emitter *emitter, const Bound *expr)
{
    Str digits = expr->text;
    buf_printf(emitter->out, "X'%s%.*s'", digits.len % 2 ? "0" : "", STR_FMT(digits));
}

static void emit_variable(Emitter *emitter, const Bound *expr)
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

static void emit_column(Emitter *emitter, const Bound *expr)
{
    if (emitter->half && expr->source == emitter->half_of)
        expr = emitter->half->items[expr->column].expr;
    buf_printf(emitter->out, "t%d.", expr->source->number);
    emit_name(emitter, expr->source->columns[expr->column].sql);
}

static void emit_decimal(Emitter *emitter, const Bound *expr)
{
    char bytes[DECIMAL_BYTES];
    Decimal value = {0};

    (void)decimal_parse(expr->text, &value); // as the lexer let it through
    emit_hex(emitter, (Str){bytes, decimal_encode(value, bytes)});
}

static void emit_float(Emitter *emitter, const Bound *expr)
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

/* CAST, and what the binder put in. */
static void emit_cast(Emitter *emitter, const Bound *expr)
{
    Buf *out = emitter->out;
    const Bound *inner = expr->args[0], *style = expr->arg_count > 1 ? expr->args[1] : NULL;
    SbType from = inner->type, to = expr->type;
    bool is_real = type_is_integer(from.id) && to.id == SB_FLOAT && !to.precision;
    if (inner->kind == EXPR_NULL || (!style && is_free(from, to))) {
        emit_expr(emitter, inner);
    } else if (is_real || is_plain_text(from, to)) {
        buf_puts(out, "CAST(");
        emit_expr(emitter, inner);
        buf_puts(out, is_real ? " AS REAL)" : " AS TEXT)");
    } else {
        buf_puts(out, "ms_convert(");
        emit_expr(emitter, inner);
        buf_printf(out, ", %lld, %lld, ", (long long)type_pack(from), (long long)type_pack(to));
        if (style)
            emit_expr(emitter, style);
        else
            buf_putc(out, '0');
        buf_printf(out, ", %d)", expr->flags);
    }
}

/* ---- arithmetic -------------------------------------------------------------------------- */

static void emit_pair(Emitter *emitter, const Bound *expr, const char *open, const char *between)
{
    buf_puts(emitter->out, open);
    emit_expr(emitter, expr->args[0]);
    buf_puts(emitter->out, between);
    emit_expr(emitter, expr->args[1]);
    buf_putc(emitter->out, ')');
}

static void emit_integers(Emitter *emitter, const Bound *expr)
{
    const Bound *right = expr->args[1];
    bool safe = right->kind == EXPR_INTEGER && right->constant != 0;
    char op = (char)expr->said->op, between[] = {' ', op, ' ', '\0'};

    if (op == '^' || ((op == '/' || op == '%') && !safe)) {
        emit_pair(emitter, expr, op == '^' ? "ms_xor(" : op == '/' ? "ms_div(" : "ms_mod(", ", ");
        return;
    }
    if (strchr("/%&|", op)) {
        emit_pair(emitter, expr, "(", between);
        return;
    }
    emit_pair(emitter, expr, "ms_int(", between);
    emitter->out->len--; // open again: the type follows
    buf_printf(emitter->out, ", %d)", (int)expr->type.id);
}

static void emit_reals(Emitter *emitter, const Bound *expr)
{
    int op = expr->said->op;
    char between[12];
    if (expr->type.id == SB_DECIMAL) {
        (void)snprintf(between, sizeof between, ", %d, ", op);
        emit_pair(emitter, expr, "ms_decimal(", between);
        emitter->out->len--; // open again: the type follows
        buf_printf(emitter->out, ", %lld)", (long long)type_pack(expr->type));
        return;
    }
    (void)snprintf(between, sizeof between, " %c ", op);
    if (op == '/' || op == '%')
        emit_pair(emitter, expr, op == '/' ? "ms_div(" : "ms_mod(", ", ");
    else
        emit_pair(emitter, expr, "(", between);
}

static void emit_arith(Emitter *emitter, const Bound *expr)
{
    if (expr->type.id == SB_NVARCHAR) {
        const Bound *a = expr->args[0], *b = expr->args[1];
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

static void emit_unary(Emitter *emitter, const Bound *expr)
{
    bool is_decimal = expr->type.id == SB_DECIMAL;
    buf_printf(emitter->out, is_decimal ? "ms_decimal(0, %d, " : "(%c ", expr->said->op);
    emit_expr(emitter, expr->args[0]);
    if (is_decimal)
        buf_printf(emitter->out, ", %lld", (long long)type_pack(expr->type));
    buf_putc(emitter->out, ')');
}

/* ---- comparisons ------------------------------------------------------------------------- */

static const Bound *bare(const Bound *expr)
{
    while (expr->kind == BOUND_CONVERT && is_free(expr->args[0]->type, expr->type))
        expr = expr->args[0];
    return expr;
}

static bool is_cheap(const Bound *expr)
{
    const Bound *inner = bare(expr);
    return inner->kind == EXPR_COLUMN || inner->kind == EXPR_VARIABLE ||
           inner->kind == EXPR_STRING ||
           (expr->kind == BOUND_CONVERT && expr->args[0]->kind == EXPR_STRING);
}

/* The expression with something behind it. */
static void emit_with(Emitter *emitter, const Bound *expr, const char *behind)
{
    buf_putc(emitter->out, '(');
    emit_expr(emitter, expr);
    buf_puts(emitter->out, behind);
}

/* Instants without their offset, to compare them for being equal. */
static void emit_shifted(Emitter *emitter, const Bound *expr)
{
    emit_with(emitter, expr, " >> 7)");
}

/* The left side stays bare, so that an index on it can serve; see the head of emit.h. */
static void emit_compare_times(Emitter *emitter, int op, const Bound *left, const Bound *right)
{
    static const char low[] = " & -128)", high[] = " | 127)";
    Buf *out = emitter->out;
    if (bare(left)->kind != EXPR_COLUMN && bare(right)->kind == EXPR_COLUMN) {
        const Bound *swap = left;
        left = right;
        right = swap;
        op = comparison_of(op)->flipped;
    }
    if (op == SIGN_NOT_EQUAL || (op == '=' && !is_cheap(right))) {
        emit_shifted(emitter, left);
        buf_puts(out, comparison_of(op)->sql);
        emit_shifted(emitter, right);
        return;
    }
    emit_expr(emitter, left);
    if (op == '=') {
        buf_puts(out, " BETWEEN ");
        emit_with(emitter, right, low);
        buf_puts(out, " AND ");
        emit_with(emitter, right, high);
        return;
    }
    buf_puts(out, comparison_of(op)->sql);
    emit_with(emitter, right, op == '>' || op == SIGN_LESS_EQUAL ? high : low);
}

static bool has_offset(const Bound *expr)
{
    return bare(expr)->type.id == SB_DATETIMEOFFSET;
}

/* A sql_variant compares by what it holds. */
static void emit_comparable(Emitter *emitter, const Bound *expr)
{
    bool is_variant = expr->type.id == SB_SQL_VARIANT;

    buf_puts(emitter->out, is_variant ? "ms_variant(" : "");
    emit_expr(emitter, expr);
    buf_puts(emitter->out, is_variant ? ")" : "");
}

/* A text or GUID operand under the collation of T-SQL. */
static void emit_collated(Emitter *emitter, const Bound *expr, bool ordered)
{
    emit_comparable(emitter, expr);
    if ((expr->type.id == SB_NVARCHAR && bare(expr)->kind != EXPR_COLUMN) ||
        expr->type.id == SB_SQL_VARIANT)
        buf_puts(emitter->out, " COLLATE TSQL");
    else if (expr->type.id == SB_UNIQUEIDENTIFIER && ordered)
        buf_puts(emitter->out, " COLLATE TSQLGUID");
}

static void emit_compare_sides(Emitter *emitter, int op, const Bound *left, const Bound *right)
{
    if (type_is_time(left->type.id) && (has_offset(left) || has_offset(right))) {
        emit_compare_times(emitter, op, left, right);
        return;
    }
    emit_collated(emitter, left, op != '=' && op != SIGN_NOT_EQUAL);
    buf_puts(emitter->out, comparison_of(op)->sql);
    emit_comparable(emitter, right);
}

static void emit_between(Emitter *emitter, const Bound *expr)
{
    buf_puts(emitter->out, expr->said->negated ? "(NOT (" : "((");
    emit_compare_sides(emitter, SIGN_GREATER_EQUAL, expr->args[0], expr->args[1]);
    buf_puts(emitter->out, " AND ");
    emit_compare_sides(emitter, SIGN_LESS_EQUAL, expr->args[0], expr->args[2]);
    buf_puts(emitter->out, "))");
}

static void emit_in(Emitter *emitter, const Bound *expr)
{
    Buf *out = emitter->out;
    bool shifted = expr->args[0]->type.id == SB_DATETIMEOFFSET ||
                   (expr->query && expr->query->columns[0].type.id == SB_DATETIMEOFFSET);
    buf_putc(out, '(');
    if (shifted)
        emit_shifted(emitter, expr->args[0]);
    else
        emit_collated(emitter, expr->args[0], false);
    buf_puts(out, expr->said->negated ? " NOT IN (" : " IN (");
    if (expr->query) {
        buf_puts(out, shifted ? "SELECT c0 >> 7 FROM (" : "");
        emit_query(emitter, expr->query);
        buf_puts(out, shifted ? ")" : "");
    }
    for (size_t i = 1; i < expr->arg_count && !expr->query; i++) {
        buf_puts(out, i > 1 ? ", " : "");
        if (shifted)
            emit_shifted(emitter, expr->args[i]);
        else
            emit_comparable(emitter, expr->args[i]);
    }
    buf_puts(out, "))");
}

static void emit_like(Emitter *emitter, const Bound *expr)
{
    buf_puts(emitter->out, expr->said->negated ? "(NOT ms_like(" : "(ms_like(");
    emit_args(emitter, expr);
    buf_puts(emitter->out, "))");
}

static void emit_junction(Emitter *emitter, const Bound *expr)
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

static void emit_case(Emitter *emitter, const Bound *expr)
{
    Buf *out = emitter->out;
    buf_puts(out, "CASE");
    for (size_t i = 0; i + 1 < expr->arg_count; i += 2) {
        buf_puts(out, " WHEN ");
        emit_expr(emitter, expr->args[i]);
        buf_puts(out, " THEN ");
        emit_expr(emitter, expr->args[i + 1]);
    }
    if (expr->said->has_else) {
        buf_puts(out, " ELSE ");
        emit_expr(emitter, expr->args[expr->arg_count - 1]);
    }
    buf_puts(out, " END");
}

/* ---- calls ------------------------------------------------------------------------------- */

static void emit_over(Emitter *emitter, const BoundOver *over)
{
    Buf *out = emitter->out;
    buf_puts(out, " OVER (");
    for (size_t i = 0; i < over->partition_count; i++) {
        buf_puts(out, i ? ", " : "PARTITION BY ");
        emit_order(emitter, over->partition[i], false);
    }
    for (size_t i = 0; i < over->order_count; i++) {
        buf_puts(out, i ? ", " : " ORDER BY ");
        emit_order(emitter, over->order[i].expr, over->order[i].is_descending);
    }
    buf_putc(out, ')');
}

void emit_args(Emitter *emitter, const Bound *expr)
{
    for (size_t i = 0; i < expr->arg_count; i++) {
        buf_puts(emitter->out, i ? ", " : "");
        emit_expr(emitter, expr->args[i]);
    }
}

/* MIN, MAX, COUNT, SUM: what is compared inside, compares as T-SQL does. */
static void emit_aggregate(Emitter *emitter, const Bound *expr)
{
    const Bound *arg = expr->args[0];
    bool is_exact = str_same(expr->function->sql, "sum") && expr->type.id == SB_DECIMAL;
    buf_printf(emitter->out, "%s(%s", is_exact ? "ms_decimal_sum" : expr->function->sql,
               expr->said->distinct ? "DISTINCT " : "");
    if (arg->kind == EXPR_STAR)
        buf_putc(emitter->out, '*');
    else if (expr->said->distinct && arg->type.id == SB_DATETIMEOFFSET)
        emit_shifted(emitter, arg);
    else if (arg->type.id == SB_SQL_VARIANT)
        emit_expr(emitter, arg); // MIN and MAX give back the value itself
    else
        emit_collated(emitter, arg, true);
    buf_putc(emitter->out, ')');
}

static void emit_call(Emitter *emitter, const Bound *expr)
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

static void emit_global(Emitter *emitter, const Bound *expr)
{
    buf_puts(emitter->out, "ms_global(");
    emit_string(emitter, expr->text);
    buf_putc(emitter->out, ')');
}

/* ---- every kind -------------------------------------------------------------------------- */

static void emit_is_null(Emitter *emitter, const Bound *expr)
{
    emit_with(emitter, expr->args[0], expr->said->negated ? " IS NOT NULL)" : " IS NULL)");
}

static void emit_compare(Emitter *emitter, const Bound *expr)
{
    buf_putc(emitter->out, '(');
    emit_compare_sides(emitter, expr->said->op, expr->args[0], expr->args[1]);
    buf_putc(emitter->out, ')');
}

static void emit_not(Emitter *emitter, const Bound *expr)
{
    buf_puts(emitter->out, "(NOT ");
    emit_expr(emitter, expr->args[0]);
    buf_putc(emitter->out, ')');
}

static void emit_subquery(Emitter *emitter, const Bound *expr)
{
    buf_putc(emitter->out, '(');
    emit_query(emitter, expr->query);
    buf_putc(emitter->out, ')');
}

static void emit_exists(Emitter *emitter, const Bound *expr)
{
    buf_puts(emitter->out, "EXISTS ");
    emit_subquery(emitter, expr);
}

void emit_expr(Emitter *emitter, const Bound *expr)
{
    static void (*const emits[])(Emitter * emitter, const Bound *expr) = {
#define EXPR(kind, is_predicate, bind, emit) [EXPR_##kind] = (emit),
#include "../front/expr.def"
#undef EXPR
        [BOUND_CONVERT] = emit_cast};

    if (expr->truth != TRUTH_UNKNOWN)
        buf_putc(emitter->out, expr->truth == TRUTH_TRUE ? '1' : '0');
    else if (expr->is_folded && expr->kind == EXPR_CALL)
        buf_printf(emitter->out, "%lld", (long long)expr->constant);
    else
        emits[expr->kind](emitter, expr);
}

void emit_order(Emitter *emitter, const Bound *expr, bool is_descending)
{
    if (expr->type.id == SB_DATETIMEOFFSET)
        emit_shifted(emitter, expr);
    else
        emit_collated(emitter, expr, true);
    buf_puts(emitter->out, is_descending ? " DESC" : "");
}
