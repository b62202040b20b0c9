/* Types of expressions, and the conversions T-SQL puts between them. */
#include "bind.h"
#include "func.h"

#include <stdio.h>
#include <string.h>

bool bind_failed(const Binder *binder)
{
    return binder->fault->number != 0;
}

void bind_refuse(Binder *binder, const Expr *at, const char *reason)
{
    fault_refuse(binder->fault, at->line, at->near.at, at->near.len, reason);
}

Bound *bind_new(Binder *binder, int kind, const Expr *said)
{
    Bound *expr = arena_alloc(binder->arena, sizeof *expr);
    expr->kind = kind;
    expr->said = said;
    expr->text = said->text;
    expr->type = type_of(SB_INT);
    return expr;
}

const Expr *bind_near(Binder *binder, int line, Str near)
{
    Expr *said = arena_alloc(binder->arena, sizeof *said);
    *said = (Expr){.line = line, .near = near};
    return said;
}

Bound *bind_wrap(Binder *binder, int kind, Bound *inner, SbType to, int flags)
{
    Bound *outer = bind_new(binder, kind, inner->said);
    outer->args = arena_alloc(binder->arena, sizeof *outer->args);
    outer->args[outer->arg_count++] = inner;
    outer->type = to;
    outer->flags = flags;
    outer->is_nullable = inner->is_nullable;
    return outer;
}

Str arena_str(Arena *arena, Str text)
{
    return (Str){arena_copy(arena, text.at, text.len), text.len};
}

/* ---- conversions ----------------------------------------------------------------------------- */

static bool is_null_literal(const Bound *expr)
{
    return expr->kind == EXPR_NULL;
}

static bool needs_conversion(const Bound *expr, SbType to, bool is_assign)
{
    SbType from = expr->type;
    if (from.id != to.id)
        return true;
    if (to.id == SB_NVARCHAR || to.id == SB_VARBINARY)
        return to.scale || (is_assign && to.max_chars >= 0 &&
                            (from.max_chars < 0 || from.max_chars > to.max_chars));
    if (to.id == SB_DECIMAL)
        return from.scale > to.scale || from.precision - from.scale > to.precision - to.scale;
    if (to.id == SB_FLOAT)
        return to.precision && !from.precision;
    return type_is_time(to.id) && to.id != SB_DATE && from.scale > to.scale;
}

static void check_conversion(Binder *binder, const Bound *expr, SbType to)
{
    Conversion allowed = type_conversion(expr->type, to);
    if (allowed == CONVERT_EXPLICIT)
        bind_fault(binder, expr->said, MSG(257), type_name(expr->type), type_name(to));
    else if (allowed == CONVERT_NEVER)
        bind_fault(binder, expr->said, MSG(206), type_name(expr->type), type_name(to));
    else if (allowed == CONVERT_UNKNOWN)
        bind_refuse(binder, expr->said, "a conversion between these types is not known here");
}

void bind_convert(Binder *binder, Bound **expr, SbType to, bool is_assign)
{
    if (bind_failed(binder))
        return;
    if (is_null_literal(*expr)) {
        (*expr)->type = to;
    } else if (needs_conversion(*expr, to, is_assign)) {
        check_conversion(binder, *expr, to);
        *expr = bind_wrap(binder, BOUND_CONVERT, *expr, to, is_assign ? CONVERT_ASSIGN : 0);
    }
}

Bound *bind_variable_value(Binder *binder, const Expr *said, SbType to)
{
    Bound *expr = bind_value(binder, said);
    if (is_null_literal(expr) || expr->type.id != to.id)
        bind_convert(binder, &expr, to, false);
    else if (!bind_failed(binder) && needs_conversion(expr, to, true))
        return bind_wrap(binder, EXPR_CAST, expr, to, 0);
    return expr;
}

/* The type of two operands; a bare NULL takes the other's. */
static SbType common_type(Bound *left, Bound *right)
{
    if (is_null_literal(left))
        left->type = right->type;
    if (is_null_literal(right))
        right->type = left->type;
    return type_unify(left->type, right->type);
}

static void bring_to(Binder *binder, Bound *expr, SbType type)
{
    for (size_t i = 0; i < expr->arg_count; i++)
        if (!type_same_family(expr->args[i]->type.id, type.id))
            bind_convert(binder, &expr->args[i], type, false);
}

/* ---- literals, variables, columns ------------------------------------------------------------ */

static void bind_null(Binder *binder, Bound *expr)
{
    (void)binder;
    expr->is_nullable = true;
}

static void bind_integer(Binder *binder, Bound *expr)
{
    (void)binder;
    expr->is_folded = str_to_i64(expr->text, &expr->constant) && expr->constant <= INT32_MAX;
    if (expr->is_folded)
        return;
    int digits = (int)(expr->text.len > 38 ? 38 : expr->text.len);
    expr->type = (SbType){.id = SB_DECIMAL, .precision = digits}; // T-SQL: numeric(n, 0)
    expr->kind = EXPR_DECIMAL;
}

static void bind_decimal(Binder *binder, Bound *expr)
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

static void bind_float(Binder *binder, Bound *expr)
{
    (void)binder;
    expr->type = type_of(SB_FLOAT);
}

static void bind_binary(Binder *binder, Bound *expr)
{
    (void)binder;
    int bytes = (int)(expr->text.len + 1) / 2;
    expr->type = (SbType){.id = SB_VARBINARY, .max_chars = bytes < 1 ? 1 : bytes};
}

static void bind_string(Binder *binder, Bound *expr)
{
    (void)binder;
    size_t units = nvarchar_units(expr->text);
    bool is_ansi = expr->said->op != 'N';
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

static void use_variable(Binder *binder, Bound *expr)
{
    ptrdiff_t at = bind_variable(binder, expr->text, expr->said->line, &expr->type);
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

static void use_column(Bound *expr, Source *source, size_t column)
{
    expr->source = source;
    expr->column = column;
    expr->type = source->columns[column].type;
    expr->is_nullable = source->columns[column].is_nullable;
}

Bound *bind_column_of(Binder *binder, Source *source, size_t column, const Expr *near_expr)
{
    Bound *expr = bind_new(binder, EXPR_COLUMN, near_expr);
    use_column(expr, source, column);
    return expr;
}

/* Found in this scope: 1; not: 0; twice: -1. */
static int find_in_scope(const Scope *scope, Bound *expr)
{
    const Name *name = &expr->said->name;
    int found = 0;
    for (size_t i = 0; i < scope->count; i++) {
        Source *source = scope->sources[i];
        ptrdiff_t at = name->count == 1 || names_source(name, source)
                           ? source_column(source, name_last(name))
                           : -1;
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

static void bind_column(Binder *binder, Bound *expr)
{
    const Name *name = &expr->said->name;
    bool is_known = name->count == 1; // the row set is, if not the column
    for (const Scope *scope = binder->scope; scope; scope = scope->outer) {
        int found = find_in_scope(scope, expr);
        if (found < 0)
            bind_fault(binder, expr->said, MSG(209), STR_FMT(name_last(name)));
        if (found)
            return;
        if (name->count > 1 && has_qualifier(scope, name)) {
            is_known = true;
            break;
        }
    }
    if (is_known)
        bind_fault(binder, expr->said, MSG(207), STR_FMT(name_last(name)));
    else
        bind_fault(binder, expr->said, MSG(4104), name_full(name, binder->arena));
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

static SbType decimal_result(SbType a, SbType b)
{
    int scale = a.scale > b.scale ? a.scale : b.scale;
    int whole_a = a.precision - a.scale, whole_b = b.precision - b.scale;
    int precision = (whole_a > whole_b ? whole_a : whole_b) + scale + 1;
    if (precision > 38) { // digits behind the point give way, down to six
        int room = 38 - (precision - scale), least = scale < 6 ? scale : 6;
        scale = room > least ? room : least;
        precision = 38;
    }
    return (SbType){.id = SB_DECIMAL, .precision = precision, .scale = scale};
}

static SbType decimal_of(const Bound *expr)
{
    SbType type = type_decimal(expr->type);
    if (expr->kind == EXPR_INTEGER)
        type.precision = (int)expr->text.len;
    return type;
}

static SbType concat_type(SbType a, SbType b)
{
    bool is_max = a.max_chars < 0 || b.max_chars < 0;
    return type_text(is_max ? -1 : a.max_chars + b.max_chars, a.precision && b.precision);
}

static void bind_arith(Binder *binder, Bound *expr)
{
    static const char signs[] = "+-*/", *const names[] = {"add", "subtract", "multiply", "divide"};
    bind_args(binder, expr);
    if (bind_failed(binder))
        return;
    Bound *left = expr->args[0], *right = expr->args[1];
    char op = (char)expr->said->op;
    SbType both = expr->type = common_type(left, right);
    if (op == '+' && left->type.id == SB_NVARCHAR && right->type.id == SB_NVARCHAR)
        expr->type = concat_type(left->type, right->type);
    else if (both.id == SB_DATETIME)
        bind_refuse(binder, expr->said, "use DATEADD: arithmetic on datetime is not known here");
    else if (!type_is_number(both.id) || both.id == SB_BIT)
        bind_fault(binder, expr->said, MSG(402), type_name(left->type), type_name(right->type),
                   names[strchr(signs, op) - signs]);
    else if (both.id == SB_DECIMAL && (op == '*' || op == '/'))
        bind_refuse(binder, expr->said, "decimals are added and subtracted alone here");
    else
        bring_to(binder, expr, both);
    if (both.id == SB_DECIMAL)
        expr->type = decimal_result(decimal_of(left), decimal_of(right));
}

static void bind_unary(Binder *binder, Bound *expr)
{
    const Bound *arg = bind_arg(binder, expr, 0);
    bool is_minus = expr->said->op == '-';
    expr->type = arg->type;
    if (!type_is_number(arg->type.id))
        bind_fault(binder, expr->said, MSG(403), is_minus ? "minus" : "plus",
                   type_name(expr->type));
    expr->is_folded = is_minus && arg->is_folded;
    expr->constant = -arg->constant;
}

/* ---- predicates ------------------------------------------------------------------------------ */

const Comparison *comparison_of(int op)
{
    static const Comparison comparisons[] = {
        {'=', " = ", {false, true, false}},
        {'<', " < ", {true, false, false}},
        {'>', " > ", {false, false, true}},
        {SIGN_NOT_EQUAL, " <> ", {true, false, true}},
        {SIGN_LESS_EQUAL, " <= ", {true, true, false}},
        {SIGN_GREATER_EQUAL, " >= ", {false, true, true}},
    };
    size_t i = 0;
    while (comparisons[i].op != op)
        i++;
    return &comparisons[i];
}

static void bind_compare(Binder *binder, Bound *expr)
{
    bind_args(binder, expr);
    if (bind_failed(binder))
        return;
    const Bound *left = expr->args[0], *right = expr->args[1];
    if (left->is_folded && right->is_folded) {
        int order = (left->constant > right->constant) - (left->constant < right->constant);
        bool is = comparison_of(expr->said->op)->holds[1 + order];
        expr->truth = is ? TRUTH_TRUE : TRUTH_FALSE;
    }
    bring_to(binder, expr, common_type(expr->args[0], expr->args[1]));
}

static void bind_junction(Binder *binder, Bound *expr)
{
    bool is_and = expr->kind == EXPR_AND;
    Truth decisive = is_and ? TRUTH_FALSE : TRUTH_TRUE, neutral = is_and ? TRUTH_TRUE : TRUTH_FALSE;
    bool all_neutral = true;
    for (size_t i = 0; i < expr->arg_count; i++) {
        Bound *arg = expr->args[i] = bind_condition(binder, expr->said->args[i]);
        if (arg->truth == decisive)
            expr->truth = decisive;
        all_neutral = all_neutral && arg->truth == neutral;
    }
    if (all_neutral)
        expr->truth = neutral;
}

static void bind_not(Binder *binder, Bound *expr)
{
    static const Truth opposite[] = {
        [TRUTH_UNKNOWN] = TRUTH_UNKNOWN, [TRUTH_TRUE] = TRUTH_FALSE, [TRUTH_FALSE] = TRUTH_TRUE};
    expr->args[0] = bind_condition(binder, expr->said->args[0]);
    expr->truth = opposite[expr->args[0]->truth];
}

/* BETWEEN, and IN with a list: the operands come to one type. */
static void bind_together(Binder *binder, Bound *expr)
{
    bind_args(binder, expr);
    if (bind_failed(binder))
        return;
    SbType type = expr->args[0]->type;
    for (size_t i = 1; i < expr->arg_count; i++)
        if (!is_null_literal(expr->args[i]))
            type = type_unify(type, expr->args[i]->type);
    bring_to(binder, expr, type);
}

static void bind_subquery(Binder *binder, Bound *expr)
{
    expr->query = bind_query(binder, expr->said->query);
    if (bind_failed(binder))
        return;
    if (expr->query->column_count != 1)
        bind_fault(binder, expr->said, MSG(116));
    expr->type = expr->query->columns[0].type;
    expr->is_nullable = true;
}

static void bind_in(Binder *binder, Bound *expr)
{
    if (!expr->said->query) {
        bind_together(binder, expr);
        return;
    }
    const Bound *value = bind_arg(binder, expr, 0);
    bind_subquery(binder, expr);
    if (bind_failed(binder))
        return;
    SbType inner = expr->type, both = type_unify(value->type, inner);
    if (!type_same_family(inner.id, both.id) && !(type_is_time(inner.id) && type_is_time(both.id)))
        bind_refuse(binder, expr->said,
                    "IN (SELECT …) wants columns of one type here: convert inside");
    else
        bring_to(binder, expr, both);
}

static void bind_like(Binder *binder, Bound *expr)
{
    for (size_t i = 0; i < expr->arg_count; i++)
        if (bind_arg(binder, expr, i)->type.id != SB_NVARCHAR)
            bind_convert(binder, &expr->args[i], type_of(SB_NVARCHAR), false);
}

/* ---- CASE, CAST ------------------------------------------------------------------------------ */

/* CASE x WHEN a … becomes CASE WHEN x = a …: the comparison then has its types. */
static const Expr *when_equal(Binder *binder, const Expr *said, const Expr *value)
{
    Expr *compare = arena_alloc(binder->arena, sizeof *compare);
    *compare = (Expr){
        .kind = EXPR_COMPARE, .op = '=', .line = said->line, .near = said->near, .arg_count = 2};
    compare->args = arena_alloc_array(binder->arena, 2, sizeof *compare->args);
    compare->args[0] = said->args[0];
    compare->args[1] = value;
    return compare;
}

static void bind_case(Binder *binder, Bound *expr)
{
    const Expr *said = expr->said;
    const Expr *const *args = said->args + said->has_base;
    expr->arg_count = said->arg_count - said->has_base;
    size_t paired = expr->arg_count / 2 * 2;
    bool has_type = false;

    expr->is_nullable = !said->has_else;
    for (size_t i = 0; i < expr->arg_count; i++) {
        if (i < paired && i % 2 == 0) {
            expr->args[i] = bind_condition(
                binder, said->has_base ? when_equal(binder, said, args[i]) : args[i]);
            continue;
        }
        const Bound *value = expr->args[i] = bind_value(binder, args[i]);
        if (bind_failed(binder))
            return;
        expr->is_nullable = expr->is_nullable || value->is_nullable;
        if (is_null_literal(value))
            continue;
        expr->type = has_type ? type_unify(expr->type, value->type) : value->type;
        has_type = true;
    }
    if (!has_type)
        bind_fault(binder, said, MSG(8133));
    for (size_t i = 1; i < expr->arg_count; i++)
        if (i % 2 == 1 || i >= paired)
            bind_convert(binder, &expr->args[i], expr->type, false);
}

static void bind_cast(Binder *binder, Bound *expr)
{
    const Bound *value = bind_arg(binder, expr, 0);
    if (expr->arg_count > 1) {
        bind_arg(binder, expr, 1);
        bind_convert(binder, &expr->args[1], type_of(SB_INT), false);
    }
    if (bind_failed(binder))
        return;
    SbType to = expr->type = expr->said->cast_type;
    Conversion allowed = is_null_literal(value) ? CONVERT_FREE : type_conversion(value->type, to);
    if (allowed == CONVERT_NEVER)
        bind_fault(binder, expr->said, MSG(529), type_name(value->type), type_name(to));
    else if (allowed == CONVERT_UNKNOWN)
        bind_refuse(binder, expr->said, "a conversion between these types is not known here");
    expr->flags = expr->said->is_try ? CONVERT_TRY : 0;
    expr->is_nullable = expr->said->is_try || value->is_nullable;
}

static void bind_global(Binder *binder, Bound *expr)
{
    static const struct {
        const char *name;
        SbTypeId id;
    } globals[] = {
        {"@@SPID", SB_SMALLINT}, {"@@ROWCOUNT", SB_INT}, {"@@TRANCOUNT", SB_INT},
        {"@@ERROR", SB_INT},     {"@@TEXTSIZE", SB_INT},
    };
    for (size_t i = 0; i < ARRAY_LEN(globals); i++)
        if (str_equal_fold(expr->text, str_of(globals[i].name))) {
            expr->type = type_of(globals[i].id);
            return;
        }
    bind_fault(binder, expr->said, MSG(137), STR_FMT(expr->text));
}

/* ---- every kind ------------------------------------------------------------------------------ */

static void refuse_here(Binder *binder, Bound *expr)
{
    bind_refuse(binder, expr->said, NULL);
}

static void bind_exists(Binder *binder, Bound *expr)
{
    expr->query = bind_query(binder, expr->said->query);
}

static const struct {
    bool is_predicate;
    void (*bind)(Binder *binder, Bound *expr);
} kinds[] = {
#define EXPR(kind, is_predicate, bind, emit) [EXPR_##kind] = {is_predicate, bind},
#include "../front/expr.def"
#undef EXPR
};

static Bound *bind_expr(Binder *binder, const Expr *said)
{
    Bound *expr = bind_new(binder, (int)said->kind, said);
    if (bind_failed(binder))
        return expr;
    expr->arg_count = said->arg_count;
    if (said->arg_count)
        expr->args = arena_alloc_array(binder->arena, said->arg_count, sizeof *expr->args);
    kinds[said->kind].bind(binder, expr);
    return expr;
}

Bound *bind_arg(Binder *binder, Bound *expr, size_t index)
{
    Bound *arg = expr->args[index] = bind_value(binder, expr->said->args[index]);
    expr->is_nullable = expr->is_nullable || arg->is_nullable;
    return arg;
}

void bind_args(Binder *binder, Bound *expr)
{
    for (size_t i = 0; i < expr->arg_count; i++)
        bind_arg(binder, expr, i);
}

Bound *bind_value(Binder *binder, const Expr *said)
{
    Bound *expr = bind_expr(binder, said);
    if (!bind_failed(binder) && kinds[said->kind].is_predicate)
        bind_refuse(binder, said, "a condition stands where a value is expected");
    return expr;
}

Bound *bind_condition(Binder *binder, const Expr *said)
{
    Bound *expr = bind_expr(binder, said);
    if (!bind_failed(binder) && !kinds[said->kind].is_predicate)
        bind_fault(binder, said, MSG(4145), STR_FMT(said->near));
    return expr;
}

/* ---- sameness, for GROUP BY ------------------------------------------------------------------ */

bool bound_same(const Bound *a, const Bound *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->said->op != b->said->op || a->arg_count != b->arg_count ||
        a->said->negated != b->said->negated || a->query || b->query ||
        a->function != b->function || a->over || b->over || a->said->distinct != b->said->distinct)
        return false;
    if (a->kind == EXPR_COLUMN)
        return a->source == b->source && a->column == b->column;
    if (!(a->kind == EXPR_STRING ? str_equal(a->text, b->text) : str_equal_fold(a->text, b->text)))
        return false;
    if ((a->kind == EXPR_CAST || a->kind == BOUND_CONVERT) &&
        (type_pack(a->type) != type_pack(b->type) || a->flags != b->flags))
        return false;
    for (size_t i = 0; i < a->arg_count; i++)
        if (!bound_same(a->args[i], b->args[i]))
            return false;
    return true;
}
