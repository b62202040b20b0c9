/* Types of expressions, and the conversions T-SQL puts between them. */
#include "bind.h"
#include "func.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool bind_failed(const Binder *binder)
{
    return binder->fault->number != 0;
}

void bind_refuse(Binder *binder, const Expr *at, const char *reason)
{
    fault_refuse(binder->fault, at->line, at->near.at, at->near.len, reason);
}

Expr *bind_new(Binder *binder, ExprKind kind, const Expr *near_expr)
{
    Expr *expr = arena_alloc(binder->arena, sizeof *expr);
    expr->kind = kind;
    expr->line = near_expr->line;
    expr->near = near_expr->near;
    expr->is_bound = true;
    return expr;
}

Str arena_str(Arena *arena, Str text)
{
    return (Str){arena_copy(arena, text.at, text.len), text.len};
}

/* ---- conversions ------------------------------------------------------------------------- */

static bool is_null_literal(const Expr *expr)
{
    return expr->kind == EXPR_NULL;
}

static bool needs_conversion(const Expr *expr, SbType to, bool is_assign)
{
    SbType from = expr->type;
    if (from.id != to.id)
        return true;
    switch (to.id) {
    case SB_NVARCHAR:
        return to.scale || (is_assign && to.max_chars >= 0 &&
                            (from.max_chars < 0 || from.max_chars > to.max_chars));
    case SB_VARBINARY:
        return to.scale || (is_assign && to.max_chars >= 0 &&
                            (from.max_chars < 0 || from.max_chars > to.max_chars));
    case SB_DECIMAL:
        return from.scale > to.scale || from.precision - from.scale > to.precision - to.scale;
    case SB_DATETIME2:
    case SB_DATETIMEOFFSET:
        return from.scale > to.scale;
    case SB_FLOAT:
        return to.precision && !from.precision;
    case SB_BIT:
    case SB_TINYINT:
    case SB_SMALLINT:
    case SB_INT:
    case SB_BIGINT:
    case SB_DATE:
    case SB_DATETIME:
    case SB_UNIQUEIDENTIFIER:
    case SB_SQL_VARIANT:
        return false;
    }
    return false;
}

static void check_conversion(Binder *binder, const Expr *expr, SbType to)
{
    switch (type_conversion(expr->type, to)) {
    case CONVERT_FREE:
        return;
    case CONVERT_EXPLICIT:
        fault_set(binder->fault, expr->line, MSG(257), type_name(expr->type), type_name(to));
        return;
    case CONVERT_NEVER:
        fault_set(binder->fault, expr->line, MSG(206), type_name(expr->type), type_name(to));
        return;
    case CONVERT_UNKNOWN:
        bind_refuse(binder, expr, "a conversion between these types is not known here");
        return;
    }
}

void bind_convert(Binder *binder, Expr **expr, SbType to, bool is_assign)
{
    if (bind_failed(binder))
        return;
    if (is_null_literal(*expr)) {
        (*expr)->type = to;
        return;
    }
    if (!needs_conversion(*expr, to, is_assign))
        return;
    check_conversion(binder, *expr, to);
    Expr *convert = bind_new(binder, EXPR_CONVERT, *expr);
    convert->args = arena_alloc(binder->arena, sizeof *convert->args);
    convert->args[0] = *expr;
    convert->arg_count = 1;
    convert->type = to;
    convert->is_assign = is_assign;
    convert->is_nullable = (*expr)->is_nullable;
    *expr = convert;
}

void bind_assign(Binder *binder, Expr **expr, SbType to)
{
    bind_value(binder, expr);
    bind_convert(binder, expr, to, true);
}

/* Into a variable: what is too long is cut without a word, unlike into a column. */
void bind_variable_value(Binder *binder, Expr **expr, SbType to)
{
    bind_value(binder, expr);
    if (bind_failed(binder))
        return;
    if (is_null_literal(*expr) || (*expr)->type.id != to.id) {
        bind_convert(binder, expr, to, false);
        return;
    }
    if (!needs_conversion(*expr, to, true))
        return;
    Expr *cut = bind_new(binder, EXPR_CAST, *expr);
    cut->args = arena_alloc(binder->arena, sizeof *cut->args);
    cut->args[0] = *expr;
    cut->arg_count = 1;
    cut->type = to;
    cut->is_nullable = true;
    *expr = cut;
}

void bind_unify(Binder *binder, Expr **left, Expr **right)
{
    if (bind_failed(binder))
        return;
    if (is_null_literal(*left))
        (*left)->type = (*right)->type;
    if (is_null_literal(*right))
        (*right)->type = (*left)->type;
    SbType both = type_unify((*left)->type, (*right)->type);
    if (!type_same_family((*left)->type.id, both.id))
        bind_convert(binder, left, both, false);
    if (!type_same_family((*right)->type.id, both.id))
        bind_convert(binder, right, both, false);
}

/* ---- literals, variables, columns -------------------------------------------------------- */

static void bind_null(Binder *binder, Expr *expr)
{
    (void)binder;
    expr->type = type_of(SB_INT);
    expr->is_nullable = true;
}

static void bind_integer(Binder *binder, Expr *expr)
{
    (void)binder;
    int64_t value = 0;
    if (str_to_i64(expr->text, &value)) {
        expr->type = type_of(value > INT32_MAX ? SB_DECIMAL : SB_INT);
        expr->constant = value;
        expr->is_folded = value <= INT32_MAX;
    } else {
        expr->kind = EXPR_DECIMAL;
    }
    if (expr->type.id == SB_DECIMAL || expr->kind == EXPR_DECIMAL) { // T-SQL: numeric(n, 0)
        expr->type = (SbType){.id = SB_DECIMAL,
                              .precision = (int)(expr->text.len > 38 ? 38 : expr->text.len)};
        expr->kind = EXPR_DECIMAL;
    }
}

static void bind_decimal(Binder *binder, Expr *expr)
{
    (void)binder;
    const char *point = memchr(expr->text.at, '.', expr->text.len);
    int scale = point ? (int)(expr->text.at + expr->text.len - point - 1) : 0;
    int digits = (int)expr->text.len - (point != NULL);
    while (digits > scale + 1 &&
           expr->text.at[(int)expr->text.len - digits - (point != NULL)] == '0')
        digits--;
    if (digits < 1)
        digits = 1;
    expr->type = (SbType){
        .id = SB_DECIMAL, .precision = digits > 38 ? 38 : digits, .scale = scale > 38 ? 38 : scale};
}

static void bind_float(Binder *binder, Expr *expr)
{
    (void)binder;
    expr->type = type_of(SB_FLOAT);
}

static void bind_binary(Binder *binder, Expr *expr)
{
    (void)binder;
    expr->type = (SbType){.id = SB_VARBINARY,
                          .max_chars = expr->text.len < 2 ? 1 : (int)(expr->text.len + 1) / 2};
}

static void bind_string(Binder *binder, Expr *expr)
{
    (void)binder;
    size_t units = nvarchar_units(expr->text);
    bool is_ansi = expr->op != 'N';
    int most = is_ansi ? 8000 : 4000;
    expr->type = type_text(units == 0 ? 1 : units > (size_t)most ? -1 : (int)units, is_ansi);
}

ptrdiff_t bind_variable(Binder *binder, Str name, int line, SbType *ret_type)
{
    const World *world = binder->world;
    const Object *table = NULL;
    ptrdiff_t at = binder->has_variables ? world->variable(world->who, name, ret_type, &table) : -1;
    if (at >= 0 && !table)
        return at;
    fault_set(binder->fault, line, MSG(137), STR_FMT(name));
    return -1;
}

const Object *bind_table_variable(Binder *binder, Str name, int line)
{
    const World *world = binder->world;
    const Object *table = NULL;
    SbType type;
    if (binder->has_variables)
        (void)world->variable(world->who, name, &type, &table);
    if (!table)
        fault_set(binder->fault, line, MSG(1087), STR_FMT(name));
    return table;
}

static void use_variable(Binder *binder, Expr *expr)
{
    ptrdiff_t at = bind_variable(binder, expr->text, expr->line, &expr->type);
    expr->variable = at < 0 ? 0 : (size_t)at;
    expr->is_nullable = true;
}

static bool names_source(const Name *name, const Source *source)
{
    int qualifiers = name->count - 1;
    Str last = name->parts[qualifiers - 1];

    if (source->alias.len)
        return qualifiers == 1 && str_equal_fold(last, source->alias);
    if (!source->object || !str_equal_fold(last, str_of(source->object->name)))
        return false;
    return qualifiers == 1 ||
           str_equal_fold(name->parts[qualifiers - 2], str_of(source->object->schema));
}

static ptrdiff_t source_column(const Source *source, Str name)
{
    for (size_t i = 0; i < source->column_count; i++)
        if (str_equal_fold(source->columns[i].name, name))
            return (ptrdiff_t)i;
    return -1;
}

static void use_column(Expr *expr, Source *source, size_t column)
{
    expr->source = source;
    expr->column = column;
    expr->type = source->columns[column].type;
    expr->is_nullable = source->columns[column].is_nullable;
}

/* Found in this scope: 1; not: 0; twice: -1. */
static int find_in_scope(const Scope *scope, Expr *expr)
{
    int found = 0;
    Str column = expr->name.parts[expr->name.count - 1];
    for (size_t i = 0; i < scope->count; i++) {
        Source *source = scope->sources[i];
        if (expr->name.count == 1 ? source->is_hidden : !names_source(&expr->name, source))
            continue;
        ptrdiff_t at = source_column(source, column);
        if (at < 0)
            continue;
        if (found)
            return -1;
        use_column(expr, source, (size_t)at);
        found = 1;
    }
    return found;
}

static bool has_qualifier(const Scope *scope, const Name *name)
{
    for (size_t i = 0; i < scope->count; i++)
        if (names_source(name, scope->sources[i]))
            return true;
    return false;
}

void bind_full_name(const Name *name, char *text, size_t size)
{
    text[0] = '\0';
    for (int i = 0; i < name->count; i++) {
        size_t len = strlen(text);
        (void)snprintf(text + len, size - len, "%s%.*s", i ? "." : "", STR_FMT(name->parts[i]));
    }
}

static void bind_column(Binder *binder, Expr *expr)
{
    char text[300];
    bind_full_name(&expr->name, text, sizeof text);
    for (const Scope *scope = binder->scope; scope; scope = scope->outer) {
        int found = find_in_scope(scope, expr);
        if (found > 0)
            return;
        if (found < 0) {
            fault_set(binder->fault, expr->line, MSG(209),
                      STR_FMT(expr->name.parts[expr->name.count - 1]));
            return;
        }
        if (expr->name.count > 1 && has_qualifier(scope, &expr->name))
            break; // the row set is known, the column is not
    }
    bool known = false;
    for (const Scope *scope = binder->scope; scope && expr->name.count > 1; scope = scope->outer)
        known = known || has_qualifier(scope, &expr->name);
    if (expr->name.count == 1 || known)
        fault_set(binder->fault, expr->line, MSG(207),
                  STR_FMT(expr->name.parts[expr->name.count - 1]));
    else
        fault_set(binder->fault, expr->line, MSG(4104), text);
}

/* ---- arithmetic -------------------------------------------------------------------------- */

static SbType decimal_result(int op, SbType a, SbType b)
{
    int p1 = a.precision, s1 = a.scale, p2 = b.precision, s2 = b.scale, precision, scale;
    if (op == '*') {
        precision = p1 + p2 + 1;
        scale = s1 + s2;
    } else if (op == '/') {
        scale = s1 + p2 + 1 > 6 ? s1 + p2 + 1 : 6;
        precision = p1 - s1 + s2 + scale;
    } else {
        scale = s1 > s2 ? s1 : s2;
        precision = (p1 - s1 > p2 - s2 ? p1 - s1 : p2 - s2) + scale + 1;
    }
    if (precision > 38) { // digits behind the point give way, down to six
        int whole = precision - scale;
        int room = 38 - whole;
        scale = room > (scale < 6 ? scale : 6) ? (room < scale ? room : scale)
                                               : (scale < 6 ? scale : 6);
        precision = 38;
    }
    return (SbType){.id = SB_DECIMAL, .precision = precision, .scale = scale};
}

static SbType decimal_of(const Expr *expr)
{
    static const int digits[] = {
        [SB_BIT] = 1, [SB_TINYINT] = 3, [SB_SMALLINT] = 5, [SB_INT] = 10, [SB_BIGINT] = 19};
    if (expr->type.id == SB_DECIMAL)
        return expr->type;
    int precision = digits[expr->type.id];
    if (expr->kind == EXPR_INTEGER)
        precision = (int)expr->text.len;
    return (SbType){.id = SB_DECIMAL, .precision = precision};
}

static void operand_clash(Binder *binder, const Expr *expr)
{
    static const struct {
        char op;
        const char *name;
    } names[] = {
        {'+', "add"}, {'-', "subtract"}, {'*', "multiply"}, {'/', "divide"}, {'%', "modulo"}};
    const char *name = "bitwise";
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].op == expr->op)
            name = names[i].name;
    fault_set(binder->fault, expr->line, MSG(402), type_name(expr->args[0]->type),
              type_name(expr->args[1]->type), name);
}

static void bind_concat(Expr *expr)
{
    SbType a = expr->args[0]->type, b = expr->args[1]->type;
    bool is_ansi = a.precision && b.precision;
    bool is_max = a.max_chars < 0 || b.max_chars < 0;
    expr->type = type_text(is_max ? -1 : a.max_chars + b.max_chars, is_ansi);
}

static bool is_calculable(const Expr *expr, SbTypeId both)
{
    bool is_bits = expr->op == '&' || expr->op == '|' || expr->op == '^';
    return type_is_number(both) && (is_bits ? type_is_integer(both) : both != SB_BIT);
}

static void bind_arith(Binder *binder, Expr *expr)
{
    Expr **left = &expr->args[0], **right = &expr->args[1];
    bind_value(binder, left);
    bind_value(binder, right);
    if (bind_failed(binder))
        return;
    expr->is_nullable = (*left)->is_nullable || (*right)->is_nullable;
    if (is_null_literal(*left))
        (*left)->type = (*right)->type;
    if (is_null_literal(*right))
        (*right)->type = (*left)->type;
    SbType both = type_unify((*left)->type, (*right)->type);
    if (expr->op == '+' && (*left)->type.id == SB_NVARCHAR && (*right)->type.id == SB_NVARCHAR) {
        bind_concat(expr);
    } else if (both.id == SB_DATETIME) {
        bind_refuse(binder, expr, "use DATEADD: arithmetic on datetime is not known here");
    } else if (!is_calculable(expr, both.id)) {
        operand_clash(binder, expr);
    } else {
        expr->type = both.id == SB_DECIMAL
                         ? decimal_result(expr->op, decimal_of(*left), decimal_of(*right))
                         : both;
        bind_unify(binder, left, right);
    }
}

static void bind_unary(Binder *binder, Expr *expr)
{
    bind_value(binder, &expr->args[0]);
    if (bind_failed(binder))
        return;
    expr->type = expr->args[0]->type;
    expr->is_nullable = expr->args[0]->is_nullable;
    if (!type_is_number(expr->type.id) || (expr->op == '~' && !type_is_integer(expr->type.id))) {
        fault_set(binder->fault, expr->line, MSG(403),
                  expr->op == '-'   ? "minus"
                  : expr->op == '+' ? "plus"
                                    : "bitwise not",
                  type_name(expr->type));
    }
    if (expr->op == '-' && expr->args[0]->is_folded) {
        expr->constant = -expr->args[0]->constant;
        expr->is_folded = true;
    }
}

/* ---- predicates -------------------------------------------------------------------------- */

static void fold_compare(Expr *expr)
{
    const Expr *left = expr->args[0], *right = expr->args[1];
    if (!left->is_folded || !right->is_folded)
        return;
    int64_t a = left->constant, b = right->constant;
    bool is = false;
    switch (expr->op) {
    case '=':
        is = a == b;
        break;
    case '<':
        is = a < b;
        break;
    case '>':
        is = a > b;
        break;
    case SIGN_NOT_EQUAL:
        is = a != b;
        break;
    case SIGN_LESS_EQUAL:
        is = a <= b;
        break;
    case SIGN_GREATER_EQUAL:
        is = a >= b;
        break;
    default:
        return;
    }
    expr->truth = is ? TRUTH_TRUE : TRUTH_FALSE;
}

static void bind_compare(Binder *binder, Expr *expr)
{
    bind_value(binder, &expr->args[0]);
    bind_value(binder, &expr->args[1]);
    bind_unify(binder, &expr->args[0], &expr->args[1]);
    if (!bind_failed(binder))
        fold_compare(expr);
}

static void bind_junction(Binder *binder, Expr *expr)
{
    bool is_and = expr->kind == EXPR_AND;
    Truth decisive = is_and ? TRUTH_FALSE : TRUTH_TRUE, neutral = is_and ? TRUTH_TRUE : TRUTH_FALSE;
    bool all_neutral = true;
    for (size_t i = 0; i < expr->arg_count; i++) {
        bind_condition(binder, &expr->args[i]);
        if (expr->args[i]->truth == decisive)
            expr->truth = decisive;
        all_neutral = all_neutral && expr->args[i]->truth == neutral;
    }
    if (all_neutral)
        expr->truth = neutral;
}

static void bind_not(Binder *binder, Expr *expr)
{
    bind_condition(binder, &expr->args[0]);
    Truth truth = expr->args[0]->truth;
    expr->truth = truth == TRUTH_UNKNOWN ? TRUTH_UNKNOWN
                  : truth == TRUTH_TRUE  ? TRUTH_FALSE
                                         : TRUTH_TRUE;
}

static void bind_between(Binder *binder, Expr *expr)
{
    for (size_t i = 0; i < 3; i++)
        bind_value(binder, &expr->args[i]);
    if (bind_failed(binder))
        return;
    SbType type = expr->args[0]->type;
    for (size_t i = 1; i < 3; i++)
        if (!is_null_literal(expr->args[i]))
            type = type_unify(type, expr->args[i]->type);
    for (size_t i = 0; i < 3; i++)
        if (!type_same_family(expr->args[i]->type.id, type.id))
            bind_convert(binder, &expr->args[i], type, false);
}

static void bind_in(Binder *binder, Expr *expr)
{
    bind_value(binder, &expr->args[0]);
    if (bind_failed(binder))
        return;
    if (expr->query) {
        bind_query(binder, expr->query);
        if (bind_failed(binder))
            return;
        if (expr->query->column_count != 1) {
            fault_set(binder->fault, expr->line, MSG(116));
            return;
        }
        SbType inner = expr->query->columns[0].type, both = type_unify(expr->args[0]->type, inner);
        if (!type_same_family(inner.id, both.id) &&
            !(type_is_time(inner.id) && type_is_time(both.id)))
            bind_refuse(binder, expr,
                        "IN (SELECT …) wants columns of one type here: convert inside");
        else if (!type_same_family(expr->args[0]->type.id, both.id))
            bind_convert(binder, &expr->args[0], both, false);
        return;
    }
    SbType type = expr->args[0]->type;
    for (size_t i = 1; i < expr->arg_count; i++) {
        bind_value(binder, &expr->args[i]);
        if (bind_failed(binder))
            return;
        if (!is_null_literal(expr->args[i]))
            type = type_unify(type, expr->args[i]->type);
    }
    for (size_t i = 0; i < expr->arg_count; i++)
        if (!type_same_family(expr->args[i]->type.id, type.id))
            bind_convert(binder, &expr->args[i], type, false);
}

static void bind_like(Binder *binder, Expr *expr)
{
    for (size_t i = 0; i < expr->arg_count; i++) {
        bind_value(binder, &expr->args[i]);
        if (bind_failed(binder))
            return;
        if (expr->args[i]->type.id != SB_NVARCHAR)
            bind_convert(binder, &expr->args[i], type_of(SB_NVARCHAR), false);
    }
}

/* ---- CASE, CAST -------------------------------------------------------------------------- */

/* CASE x WHEN a … becomes CASE WHEN x = a …: the comparison then has its types. */
static void unfold_case(Binder *binder, Expr *expr)
{
    Expr *base = expr->args[0];
    for (size_t i = 1; i + 1 < expr->arg_count; i += 2) {
        Expr *compare = bind_new(binder, EXPR_COMPARE, expr);
        compare->is_bound = false;
        compare->op = '=';
        compare->args = arena_alloc_array(binder->arena, 2, sizeof *compare->args);
        compare->args[0] = base;
        compare->args[1] = expr->args[i];
        compare->arg_count = 2;
        expr->args[i] = compare;
    }
    expr->args++;
    expr->arg_count--;
    expr->has_base = false;
}

static void bind_case(Binder *binder, Expr *expr)
{
    if (expr->has_base)
        unfold_case(binder, expr);
    size_t pairs = expr->arg_count / 2;
    bool has_type = false;
    SbType type = type_of(SB_INT);

    expr->is_nullable = !expr->has_else;
    for (size_t i = 0; i < expr->arg_count; i++) {
        bool is_condition = i < 2 * pairs && i % 2 == 0;
        if (is_condition) {
            bind_condition(binder, &expr->args[i]);
            continue;
        }
        bind_value(binder, &expr->args[i]);
        if (bind_failed(binder))
            return;
        expr->is_nullable =
            expr->is_nullable || expr->args[i]->is_nullable || is_null_literal(expr->args[i]);
        if (is_null_literal(expr->args[i]))
            continue;
        type = has_type ? type_unify(type, expr->args[i]->type) : expr->args[i]->type;
        has_type = true;
    }
    if (!has_type && !bind_failed(binder)) {
        fault_set(binder->fault, expr->line, MSG(8133));
        return;
    }
    expr->type = type;
    for (size_t i = 1; i < expr->arg_count; i++)
        if (i % 2 == 1 || i >= 2 * pairs)
            bind_convert(binder, &expr->args[i], type, false);
}

static void bind_cast(Binder *binder, Expr *expr)
{
    bind_value(binder, &expr->args[0]);
    if (expr->arg_count > 1) {
        bind_value(binder, &expr->args[1]);
        bind_convert(binder, &expr->args[1], type_of(SB_INT), false);
    }
    if (bind_failed(binder))
        return;
    SbType to = expr->cast_type;
    Conversion allowed =
        is_null_literal(expr->args[0]) ? CONVERT_FREE : type_conversion(expr->args[0]->type, to);
    if (allowed == CONVERT_NEVER)
        fault_set(binder->fault, expr->line, MSG(529), type_name(expr->args[0]->type),
                  type_name(to));
    else if (allowed == CONVERT_UNKNOWN)
        bind_refuse(binder, expr, "a conversion between these types is not known here");
    expr->type = to;
    expr->is_nullable = expr->is_try || expr->args[0]->is_nullable;
    if (expr->args[0]->kind == EXPR_NULL)
        expr->is_nullable = true;
}

static void bind_subquery(Binder *binder, Expr *expr)
{
    bind_query(binder, expr->query);
    if (bind_failed(binder))
        return;
    if (expr->query->column_count != 1) {
        fault_set(binder->fault, expr->line, MSG(116));
        return;
    }
    expr->type = expr->query->columns[0].type;
    expr->is_nullable = true;
}

static void bind_global(Binder *binder, Expr *expr)
{
    static const struct {
        const char *name;
        SbType type;
    } globals[] = {
        {"@@SPID", {.id = SB_SMALLINT}}, {"@@ROWCOUNT", {.id = SB_INT}},
        {"@@TRANCOUNT", {.id = SB_INT}}, {"@@ERROR", {.id = SB_INT}},
        {"@@TEXTSIZE", {.id = SB_INT}},
    };
    for (size_t i = 0; i < ARRAY_LEN(globals); i++)
        if (str_equal_fold(expr->text, str_of(globals[i].name))) {
            expr->type = globals[i].type;
            expr->is_nullable = false;
            return;
        }
    fault_set(binder->fault, expr->line, MSG(137), STR_FMT(expr->text));
}

/* ---- every kind -------------------------------------------------------------------------- */

static void refuse_here(Binder *binder, Expr *expr)
{
    bind_refuse(binder, expr, NULL);
}

static void bind_is_null(Binder *binder, Expr *expr)
{
    bind_value(binder, &expr->args[0]);
}

static void bind_exists(Binder *binder, Expr *expr)
{
    bind_query(binder, expr->query);
}

static void keep_as_it_is(Binder *binder, Expr *expr)
{
    (void)binder, (void)expr;
}

static const struct {
    bool is_predicate;
    void (*bind)(Binder *binder, Expr *expr);
} kinds[] = {
#define EXPR(kind, is_predicate, bind, emit) [EXPR_##kind] = {is_predicate, bind},
#include "../front/expr.def"
#undef EXPR
};

void bind_expr(Binder *binder, Expr **expr)
{
    if (bind_failed(binder) || (*expr)->is_bound)
        return;
    (*expr)->is_bound = true;
    kinds[(*expr)->kind].bind(binder, *expr);
}

void bind_value(Binder *binder, Expr **expr)
{
    bind_expr(binder, expr);
    if (!bind_failed(binder) && kinds[(*expr)->kind].is_predicate)
        bind_refuse(binder, *expr, "a condition stands where a value is expected");
}

void bind_condition(Binder *binder, Expr **expr)
{
    bind_expr(binder, expr);
    if (!bind_failed(binder) && !kinds[(*expr)->kind].is_predicate)
        fault_set(binder->fault, (*expr)->line, MSG(4145), STR_FMT((*expr)->near));
}

/* ---- sameness, for GROUP BY -------------------------------------------------------------- */

bool expr_same(const Expr *a, const Expr *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->op != b->op || a->arg_count != b->arg_count ||
        a->negated != b->negated || a->query || b->query || a->function != b->function || a->over ||
        b->over || a->distinct != b->distinct)
        return false;
    if (a->kind == EXPR_COLUMN)
        return a->source == b->source && a->column == b->column;
    if (!(a->kind == EXPR_STRING ? str_equal(a->text, b->text) : str_equal_fold(a->text, b->text)))
        return false;
    if ((a->kind == EXPR_CAST || a->kind == EXPR_CONVERT) &&
        (type_pack(a->type) != type_pack(b->type) || a->is_try != b->is_try))
        return false;
    for (size_t i = 0; i < a->arg_count; i++)
        if (!expr_same(a->args[i], b->args[i]))
            return false;
    return true;
}
