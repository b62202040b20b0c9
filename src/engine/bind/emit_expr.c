/* Expressions to SQLite. */
#include "emit.h"
#include "func.h"
#include "ssisminer/engine/decimal.h"

#include <stdarg.h>
#include <string.h>

static void emit_text_in(Buf *out, Str text, char quote)
{
    buf_putc(out, quote);
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == quote)
            buf_putc(out, quote);
        buf_putc(out, text.at[i]);
    }
    buf_putc(out, quote);
}

static void emit_name(Emitter *emitter, const char *name)
{
    emit_text_in(emitter->out, str_of(name), '"');
}

static void emit_part(Emitter *emitter, char code, va_list *parts)
{
    switch (code) {
    case 'e':
        emit_expr(emitter, va_arg(*parts, const Bound *));
        break;
    case 'q':
        emit_query(emitter, va_arg(*parts, const BoundQuery *));
        break;
    case 'a':
        emit_args(emitter, va_arg(*parts, const Bound *));
        break;
    case 'n':
        emit_name(emitter, va_arg(*parts, const char *));
        break;
    case 's':
        buf_puts(emitter->out, va_arg(*parts, const char *));
        break;
    case 'd':
        buf_printf(emitter->out, "%d", va_arg(*parts, int));
        break;
    case 'y':
        buf_printf(emitter->out, "%lld", (long long)type_pack(va_arg(*parts, SbType)));
        break;
    }
}

void emit(Emitter *emitter, const char *format, ...)
{
    va_list parts;
    va_start(parts, format);
    for (const char *at = format; *at; at++) {
        size_t plain = strcspn(at, "$");
        buf_put(emitter->out, at, plain);
        at += plain;
        if (!*at)
            break;
        emit_part(emitter, *++at, &parts);
    }
    va_end(parts);
}

static void emit_hex(Emitter *emitter, Str bytes)
{
    buf_puts(emitter->out, "X'");
    for (size_t i = 0; i < bytes.len; i++)
        buf_printf(emitter->out, "%02X", (unsigned char)bytes.at[i]);
    buf_putc(emitter->out, '\'');
}

static void emit_text(Emitter *emitter, const Bound *expr)
{
    if (!memchr(expr->text.at, '\0', expr->text.len)) {
        emit_text_in(emitter->out, expr->text, '\'');
        return;
    }
    buf_puts(emitter->out, "CAST("); // a NUL ends SQLite's literal
    emit_hex(emitter, expr->text);
    buf_puts(emitter->out, " AS TEXT)");
}

static void emit_integer(Emitter *emitter, const Bound *expr)
{
    buf_put(emitter->out, expr->text.at, expr->text.len);
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
    if (at == emitter->variable_count)
        *ARENA_PUSH(emitter->arena, emitter->variables, emitter->variable_count) = variable;
    buf_printf(emitter->out, "?%zu", at + 1);
}

static void emit_column(Emitter *emitter, const Bound *expr)
{
    if (emitter->half && expr->source == emitter->half_of)
        expr = emitter->half->items[expr->column].expr;
    emit(emitter, "t$d.$n", expr->source->number, expr->source->columns[expr->column].sql);
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

/* ---- conversions ----------------------------------------------------------------------------- */

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
    const Bound *inner = expr->args[0], *style = expr->arg_count > 1 ? expr->args[1] : NULL;
    SbType from = inner->type, to = expr->type;
    bool is_real = type_is_integer(from.id) && to.id == SB_FLOAT && !to.precision;
    if (inner->kind == EXPR_NULL || (!style && is_free(from, to))) {
        emit_expr(emitter, inner);
    } else if (is_real || is_plain_text(from, to)) {
        emit(emitter, "CAST($e AS $s)", inner, is_real ? "REAL" : "TEXT");
    } else {
        emit(emitter, style ? "ms_convert($e, $y, $y, $e" : "ms_convert($e, $y, $y, 0", inner, from,
             to, style);
        emit(emitter, ", $d)", expr->flags);
    }
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

static void emit_calculated(Emitter *emitter, const Bound *expr)
{
    const Bound *left = expr->args[0], *right = expr->args[1];
    char op = (char)expr->said->op, sign[] = {op, '\0'};
    bool safe = right->kind == EXPR_INTEGER && right->constant != 0;

    if (expr->type.id == SB_DECIMAL)
        emit(emitter, "ms_decimal($e, $d, $e, $y)", left, op, right, expr->type);
    else if (op == '/' && !(safe && type_is_integer(expr->type.id)))
        emit(emitter, "ms_div($e, $e)", left, right);
    else if (op == '/' || expr->type.id == SB_FLOAT)
        emit(emitter, "($e $s $e)", left, sign, right);
    else
        emit(emitter, "ms_int($e $s $e, $d)", left, sign, right, (int)expr->type.id);
}

static void emit_concatenated(Emitter *emitter, const Bound *expr)
{
    const Bound *a = expr->args[0], *b = expr->args[1];
    bool may_be_cut = a->type.max_chars >= 0 && b->type.max_chars >= 0 &&
                      a->type.max_chars + b->type.max_chars > (expr->type.precision ? 8000 : 4000);
    emit(emitter, may_be_cut ? "ms_convert(($e || $e), $y, $y, 0, 0)" : "($e || $e)", a, b,
         type_text(-1, false), expr->type);
}

static void emit_arith(Emitter *emitter, const Bound *expr)
{
    if (expr->type.id == SB_NVARCHAR)
        emit_concatenated(emitter, expr);
    else
        emit_calculated(emitter, expr);
}

static void emit_unary(Emitter *emitter, const Bound *expr)
{
    char op[] = {(char)expr->said->op, '\0'};
    if (expr->type.id == SB_DECIMAL)
        emit(emitter, "ms_decimal(0, $d, $e, $y)", op[0], expr->args[0], expr->type);
    else
        emit(emitter, "($s $e)", op, expr->args[0]);
}

/* ---- comparisons ----------------------------------------------------------------------------- */

static const Bound *bare(const Bound *expr)
{
    while (expr->kind == BOUND_CONVERT && is_free(expr->args[0]->type, expr->type))
        expr = expr->args[0];
    return expr;
}

/* Instants without their offset, to compare them for being equal. */
static void emit_shifted(Emitter *emitter, const Bound *expr)
{
    emit(emitter, "($e >> 7)", expr);
}

/* The left side stays bare, so that an index on it can serve; see the head of emit.h. */
static void emit_compare_times(Emitter *emitter, int op, const Bound *left, const Bound *right)
{
    const char *sql = comparison_of(op)->sql;
    if (op == '=' || op == SIGN_NOT_EQUAL)
        emit(emitter, "($e >> 7)$s($e >> 7)", left, sql, right);
    else
        emit(emitter, "$e$s($e$s)", left, sql, right,
             op == '>' || op == SIGN_LESS_EQUAL ? " | 127" : " & -128");
}

static bool has_offset(const Bound *expr)
{
    return bare(expr)->type.id == SB_DATETIMEOFFSET;
}

/* A sql_variant compares by what it holds. */
static void emit_comparable(Emitter *emitter, const Bound *expr)
{
    emit(emitter, expr->type.id == SB_SQL_VARIANT ? "ms_variant($e)" : "$e", expr);
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
    if (expr->query)
        emit(emitter, shifted ? "SELECT c0 >> 7 FROM ($q)" : "$q", expr->query);
    for (size_t i = 1; i < expr->arg_count && !expr->query; i++) {
        buf_puts(out, i > 1 ? ", " : "");
        if (shifted)
            emit_shifted(emitter, expr->args[i]);
        else
            emit_comparable(emitter, expr->args[i]);
    }
    buf_puts(out, "))");
}

static void emit_junction(Emitter *emitter, const Bound *expr)
{
    Truth neutral = expr->kind == EXPR_AND ? TRUTH_TRUE : TRUTH_FALSE;
    const char *between = "";
    buf_putc(emitter->out, '(');
    for (size_t i = 0; i < expr->arg_count; i++) {
        if (expr->args[i]->truth == neutral)
            continue;
        emit(emitter, "$s$e", between, expr->args[i]);
        between = expr->kind == EXPR_AND ? " AND " : " OR ";
    }
    buf_putc(emitter->out, ')');
}

static void emit_case(Emitter *emitter, const Bound *expr)
{
    buf_puts(emitter->out, "CASE");
    for (size_t i = 0; i + 1 < expr->arg_count; i += 2)
        emit(emitter, " WHEN $e THEN $e", expr->args[i], expr->args[i + 1]);
    if (expr->said->has_else)
        emit(emitter, " ELSE $e", expr->args[expr->arg_count - 1]);
    buf_puts(emitter->out, " END");
}

/* ---- calls ----------------------------------------------------------------------------------- */

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
    for (size_t i = 0; i < expr->arg_count; i++)
        emit(emitter, i ? ", $e" : "$e", expr->args[i]);
}

/* MIN, MAX, COUNT, SUM: what is compared inside, compares as T-SQL does. */
static void emit_aggregate(Emitter *emitter, const Bound *expr)
{
    const Bound *arg = expr->args[0];
    bool is_exact = str_same(expr->function->sql, "sum") && expr->type.id == SB_DECIMAL;
    buf_printf(emitter->out, "%s(%s", is_exact ? "ms_decimal_sum" : expr->function->sql,
               expr->said->distinct ? "DISTINCT " : "");
    if (expr->said->distinct && arg->type.id == SB_DATETIMEOFFSET)
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
    bool is_whole_sum = function->sql && str_same(function->sql, "sum") && // may leave its type
                        type_is_integer(expr->type.id);

    if (function->emit) {
        function->emit(emitter, expr);
        return;
    }
    buf_puts(emitter->out, is_whole_sum ? "ms_int(" : "");
    if (function->kind == FUNCTION_AGGREGATE)
        emit_aggregate(emitter, expr);
    else
        emit(emitter, "$s($a)", function->sql, expr);
    if (expr->over)
        emit_over(emitter, expr->over);
    if (is_whole_sum)
        emit(emitter, ", $d)", (int)expr->type.id);
}

void emit_session(Emitter *emitter, const Bound *expr)
{
    buf_puts(emitter->out, "ms_session(");
    emit_text(emitter, expr);
    buf_putc(emitter->out, ')');
}

/* ---- every kind ------------------------------------------------------------------------------ */

/* What is text around its parts. */
static void emit_plain(Emitter *emitter, const Bound *expr)
{
    static const struct {
        const char *is, *is_not;
    } plain[] = {[EXPR_NULL] = {"NULL", NULL},
                 [EXPR_STAR] = {"*", NULL},
                 [EXPR_NOT] = {"(NOT $a)", NULL},
                 [EXPR_IS_NULL] = {"($a IS NULL)", "($a IS NOT NULL)"},
                 [EXPR_LIKE] = {"(ms_like($a))", "(NOT ms_like($a))"},
                 [EXPR_EXISTS] = {"EXISTS ($q)", NULL},
                 [EXPR_SUBQUERY] = {"($q)", NULL}};
    const char *sql = expr->said->negated ? plain[expr->kind].is_not : plain[expr->kind].is;

    if (expr->query)
        emit(emitter, sql, expr->query);
    else
        emit(emitter, sql, expr);
}

static void emit_compare(Emitter *emitter, const Bound *expr)
{
    buf_putc(emitter->out, '(');
    emit_compare_sides(emitter, expr->said->op, expr->args[0], expr->args[1]);
    buf_putc(emitter->out, ')');
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
