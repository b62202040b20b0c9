/* The table of functions, and how a call gets its types. */
#include "func.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SINCE_2017 = 1u << FLAVOR_AZURE | 1u << FLAVOR_SQL2019, ONLY_AZURE = 1u << FLAVOR_AZURE };

/* ---- date parts -------------------------------------------------------------------------- */

static const struct {
    const char *word, *part;
} date_parts[] = {
    {"year", "year"},
    {"yy", "year"},
    {"yyyy", "year"},
    {"quarter", "quarter"},
    {"qq", "quarter"},
    {"q", "quarter"},
    {"month", "month"},
    {"mm", "month"},
    {"m", "month"},
    {"dayofyear", "dayofyear"},
    {"dy", "dayofyear"},
    {"y", "dayofyear"},
    {"day", "day"},
    {"dd", "day"},
    {"d", "day"},
    {"week", "week"},
    {"wk", "week"},
    {"ww", "week"},
    {"weekday", "weekday"},
    {"dw", "weekday"},
    {"hour", "hour"},
    {"hh", "hour"},
    {"minute", "minute"},
    {"mi", "minute"},
    {"n", "minute"},
    {"second", "second"},
    {"ss", "second"},
    {"s", "second"},
    {"millisecond", "millisecond"},
    {"ms", "millisecond"},
    {"microsecond", "microsecond"},
    {"mcs", "microsecond"},
    {"nanosecond", "nanosecond"},
    {"ns", "nanosecond"},
    {"tzoffset", "tzoffset"},
    {"tz", "tzoffset"},
    {"iso_week", "iso_week"},
    {"isowk", "iso_week"},
};

const char *function_date_part(Str word)
{
    for (size_t i = 0; i < ARRAY_LEN(date_parts); i++)
        if (str_equal_fold(word, str_of(date_parts[i].word)))
            return date_parts[i].part;
    return NULL;
}

/* ---- calls with rules of their own ------------------------------------------------------- */

static void bind_all(Binder *binder, Expr *expr)
{
    for (size_t i = 0; i < expr->arg_count; i++)
        bind_value(binder, &expr->args[i]);
}

/* ISNULL takes the first one's type, and cuts the second to it. */
static void bind_isnull(Binder *binder, Expr **place)
{
    Expr *expr = *place;
    bind_all(binder, expr);
    if (bind_failed(binder))
        return;
    expr->type = expr->args[0]->kind == EXPR_NULL ? expr->args[1]->type : expr->args[0]->type;
    expr->is_nullable = expr->args[0]->is_nullable && expr->args[1]->is_nullable;
    if (expr->args[0]->kind == EXPR_NULL)
        expr->is_nullable = expr->args[1]->is_nullable;
    bind_convert(binder, &expr->args[1], expr->type, false);
    bool narrow =
        !bind_failed(binder) && expr->type.id == SB_NVARCHAR &&
        expr->args[1]->type.id == SB_NVARCHAR && expr->type.max_chars >= 0 &&
        (expr->args[1]->type.max_chars < 0 || expr->args[1]->type.max_chars > expr->type.max_chars);
    if (narrow) { // cut silently: an explicit conversion
        Expr *cast = bind_new(binder, EXPR_CAST, expr);
        cast->args = arena_alloc(binder->arena, sizeof *cast->args);
        cast->args[0] = expr->args[1];
        cast->arg_count = 1;
        cast->type = expr->type;
        expr->args[1] = cast;
    }
}

static void bind_coalesce(Binder *binder, Expr **place)
{
    Expr *expr = *place;
    bool has_type = false;
    bind_all(binder, expr);
    expr->is_nullable = true;
    for (size_t i = 0; i < expr->arg_count && !bind_failed(binder); i++) {
        if (expr->args[i]->kind == EXPR_NULL)
            continue;
        expr->type = has_type ? type_unify(expr->type, expr->args[i]->type) : expr->args[i]->type;
        has_type = true;
        expr->is_nullable = expr->is_nullable && expr->args[i]->is_nullable;
    }
    if (!has_type && !bind_failed(binder))
        fault_set(binder->fault, 4127, expr->line,
                  "At least one of the arguments to COALESCE must be an expression that "
                  "is not the NULL constant.");
    for (size_t i = 0; i < expr->arg_count; i++)
        bind_convert(binder, &expr->args[i], expr->type, false);
}

static Expr *compare_of(Binder *binder, Expr *left, Expr *right, const Expr *near_expr)
{
    Expr *compare = bind_new(binder, EXPR_COMPARE, near_expr);
    compare->is_bound = false;
    compare->op = '=';
    compare->args = arena_alloc_array(binder->arena, 2, sizeof *compare->args);
    compare->args[0] = left;
    compare->args[1] = right;
    compare->arg_count = 2;
    return compare;
}

/* NULLIF(a, b) is CASE WHEN a = b THEN NULL ELSE a END. */
static void bind_nullif(Binder *binder, Expr **place)
{
    Expr *call = *place, *choice = bind_new(binder, EXPR_CASE, call);
    choice->is_bound = false;
    choice->has_else = true;
    choice->args = arena_alloc_array(binder->arena, 3, sizeof *choice->args);
    choice->args[0] = compare_of(binder, call->args[0], call->args[1], call);
    choice->args[1] = bind_new(binder, EXPR_NULL, call);
    choice->args[2] = call->args[0];
    choice->arg_count = 3;
    *place = choice;
    bind_expr(binder, place);
}

static void bind_iif(Binder *binder, Expr **place)
{
    (*place)->kind = EXPR_CASE;
    (*place)->has_else = true;
    (*place)->is_bound = false;
    bind_expr(binder, place);
}

static bool take_part(Binder *binder, Expr *expr)
{
    Expr *word = expr->args[0];
    const char *part = word->kind == EXPR_COLUMN && word->name.count == 1
                           ? function_date_part(word->name.parts[0])
                           : NULL;
    if (!part) {
        Str text = word->kind == EXPR_COLUMN ? word->name.parts[0] : word->near;
        if (word->kind == EXPR_COLUMN)
            return fault_set(binder->fault, 155, expr->line,
                             "'%.*s' is not a recognized %.*s option.", STR_FMT(text),
                             STR_FMT(expr->text));
        return fault_set(binder->fault, 1023, expr->line, "Invalid parameter 1 specified for %.*s.",
                         STR_FMT(expr->text));
    }
    Expr *literal = bind_new(binder, EXPR_STRING, word);
    literal->text = str_of(part);
    literal->type = type_text((int)literal->text.len, true);
    expr->args[0] = literal;
    return true;
}

static void need_time(Binder *binder, Expr **arg, SbTypeId for_text)
{
    bind_value(binder, arg);
    if (bind_failed(binder) || type_is_time((*arg)->type.id))
        return;
    bind_convert(binder, arg, type_of(for_text), false);
}

static bool is_clock_part(const Expr *part)
{
    static const char *const clock[] = {"hour",        "minute",      "second",
                                        "millisecond", "microsecond", "nanosecond"};
    for (size_t i = 0; i < ARRAY_LEN(clock); i++)
        if (str_equal(part->text, str_of(clock[i])))
            return true;
    return false;
}

static void bind_dateadd(Binder *binder, Expr **place)
{
    Expr *expr = *place;
    if (!take_part(binder, expr))
        return;
    bind_value(binder, &expr->args[1]);
    bind_convert(binder, &expr->args[1], type_of(SB_INT), false);
    need_time(binder, &expr->args[2], SB_DATETIME);
    if (bind_failed(binder))
        return;
    expr->type = expr->args[2]->type;
    expr->is_nullable = expr->args[1]->is_nullable || expr->args[2]->is_nullable;
    const Expr *part = expr->args[0];
    bool fine =
        str_equal(part->text, str_of("nanosecond")) || str_equal(part->text, str_of("microsecond"));
    if ((expr->type.id == SB_DATE && is_clock_part(part)) ||
        (expr->type.id == SB_DATETIME && fine) || str_equal(part->text, str_of("tzoffset")) ||
        str_equal(part->text, str_of("iso_week")))
        fault_set(binder->fault, 9810, expr->line,
                  "The datepart %.*s is not supported by date function dateadd for data "
                  "type %s.",
                  STR_FMT(part->text), type_name(expr->type));
}

static void emit_dateadd(Emitter *emitter, const Expr *expr)
{
    buf_puts(emitter->out, "ms_dateadd(");
    for (size_t i = 0; i < 3; i++) {
        emit_expr(emitter, expr->args[i]);
        buf_puts(emitter->out, ", ");
    }
    buf_printf(emitter->out, "%lld)", (long long)type_pack(expr->type));
}

static void bind_datediff(Binder *binder, Expr **place)
{
    Expr *expr = *place;
    if (!take_part(binder, expr))
        return;
    need_time(binder, &expr->args[1], SB_DATETIMEOFFSET);
    need_time(binder, &expr->args[2], SB_DATETIMEOFFSET);
    if (bind_failed(binder))
        return;
    expr->type = type_of(str_equal_fold(expr->text, str_of("DATEDIFF_BIG")) ? SB_BIGINT : SB_INT);
    expr->is_nullable = expr->args[1]->is_nullable || expr->args[2]->is_nullable;
}

static void bind_datepart(Binder *binder, Expr **place)
{
    Expr *expr = *place;
    if (!take_part(binder, expr))
        return;
    need_time(binder, &expr->args[1], SB_DATETIMEOFFSET);
    if (bind_failed(binder))
        return;
    bool is_name = str_equal_fold(expr->text, str_of("DATENAME"));
    expr->type = is_name ? type_text(30, false) : type_of(SB_INT);
    expr->is_nullable = expr->args[1]->is_nullable;
    if (str_equal(expr->args[0]->text, str_of("tzoffset")) &&
        expr->args[1]->type.id != SB_DATETIMEOFFSET && expr->args[1]->type.id != SB_DATETIME2)
        fault_set(binder->fault, 9810, expr->line,
                  "The datepart tzoffset is not supported by date function datepart for "
                  "data type %s.",
                  type_name(expr->args[1]->type));
}

/* IS_MEMBER and its like with a constant name are known now: the row filters of the views then
 * cost nothing. */
static void bind_role(Binder *binder, Expr **place)
{
    Expr *expr = *place;
    bind_all(binder, expr);
    if (bind_failed(binder))
        return;
    expr->type = type_of(SB_INT);
    expr->is_nullable = true;
    for (size_t i = 0; i < expr->arg_count; i++)
        bind_convert(binder, &expr->args[i], type_of(SB_NVARCHAR), false);
    if (bind_failed(binder) || expr->arg_count != 1 || expr->args[0]->kind != EXPR_STRING)
        return;
    bool exists = true;
    if (str_equal_fold(expr->text, str_of("IS_SRVROLEMEMBER"))) {
        exists = !engine_is_azure_database(binder->session->engine) &&
                 (str_equal_fold(expr->args[0]->text, str_of("sysadmin")) ||
                  str_equal_fold(expr->args[0]->text, str_of("public")));
        expr->constant =
            binder->session->is_sysadmin || str_equal_fold(expr->args[0]->text, str_of("public"));
        expr->constant =
            expr->constant || (binder->session->frame && binder->session->frame->as_owner);
    } else {
        expr->constant = session_has_role(binder->session, expr->args[0]->text, &exists);
    }
    expr->is_folded = exists;
    if (!exists)
        expr->kind = EXPR_NULL;
}

static void emit_isnull(Emitter *emitter, const Expr *expr)
{
    buf_puts(emitter->out, "coalesce(");
    for (size_t i = 0; i < expr->arg_count; i++) {
        buf_puts(emitter->out, i ? ", " : "");
        emit_expr(emitter, expr->args[i]);
    }
    buf_putc(emitter->out, ')');
}

static void bind_concat(Binder *binder, Expr **place)
{
    Expr *expr = *place;
    bind_all(binder, expr);
    int length = 0;
    for (size_t i = 0; i < expr->arg_count && !bind_failed(binder); i++) {
        if (expr->args[i]->kind == EXPR_NULL)
            continue;
        int width = expr->args[i]->type.id == SB_NVARCHAR ? expr->args[i]->type.max_chars : 48;
        length = width < 0 || length < 0 ? -1 : length + width;
        if (expr->args[i]->type.id != SB_NVARCHAR)
            bind_convert(binder, &expr->args[i], type_of(SB_NVARCHAR), false);
    }
    expr->type = type_text(length == 0 ? 1 : length, false);
}

static void bind_replace(Binder *binder, Expr **place)
{
    Expr *expr = *place;
    bind_all(binder, expr);
    bool is_max = false;
    for (size_t i = 0; i < expr->arg_count && !bind_failed(binder); i++) {
        if (expr->args[i]->type.id != SB_NVARCHAR)
            bind_convert(binder, &expr->args[i], type_of(SB_NVARCHAR), false);
        is_max = is_max || expr->args[i]->type.max_chars < 0;
        expr->is_nullable = expr->is_nullable || expr->args[i]->is_nullable;
    }
    expr->type = type_text(is_max ? -1 : 4000, false);
}

static void bind_datalength(Binder *binder, Expr **place)
{
    Expr *expr = *place;
    bind_all(binder, expr);
    if (bind_failed(binder))
        return;
    bool is_max = expr->args[0]->type.max_chars < 0;
    expr->type = type_of(is_max ? SB_BIGINT : SB_INT);
    expr->is_nullable = expr->args[0]->is_nullable;
}

static void emit_datalength(Emitter *emitter, const Expr *expr)
{
    buf_puts(emitter->out, "ms_datalength(");
    emit_expr(emitter, expr->args[0]);
    buf_printf(emitter->out, ", %lld)", (long long)type_pack(expr->args[0]->type));
}

/* CEILING, FLOOR, ROUND, ABS, SIGN, POWER keep the type of their number. */
static void bind_number(Binder *binder, Expr **place)
{
    Expr *expr = *place;
    bind_all(binder, expr);
    if (bind_failed(binder))
        return;
    if (expr->args[0]->type.id == SB_NVARCHAR || expr->args[0]->kind == EXPR_NULL)
        bind_convert(binder, &expr->args[0], type_of(SB_FLOAT), false);
    if (bind_failed(binder))
        return;
    if (!type_is_number(expr->args[0]->type.id)) {
        fault_set(binder->fault, 8116, expr->line,
                  "Argument data type %s is invalid for argument 1 of %.*s function.",
                  type_name(expr->args[0]->type), STR_FMT(expr->text));
        return;
    }
    for (size_t i = 1; i < expr->arg_count; i++)
        if (!type_is_number(expr->args[i]->type.id))
            bind_convert(binder, &expr->args[i], type_of(SB_FLOAT), false);
    expr->type = expr->args[0]->type;
    if (expr->type.id < SB_INT)
        expr->type = type_of(SB_INT);
    bool whole = str_equal_fold(expr->text, str_of("CEILING")) ||
                 str_equal_fold(expr->text, str_of("FLOOR"));
    if (expr->type.id == SB_DECIMAL && whole)
        expr->type.scale = 0;
    expr->is_nullable = expr->args[0]->is_nullable;
}

static void emit_number(Emitter *emitter, const Expr *expr)
{
    buf_printf(emitter->out, "%s(", expr->function->sql);
    for (size_t i = 0; i < expr->arg_count; i++) {
        buf_puts(emitter->out, i ? ", " : "");
        emit_expr(emitter, expr->args[i]);
    }
    buf_printf(emitter->out, ", %d)", (int)expr->type.id);
}

/* ---- aggregates and windows -------------------------------------------------------------- */

static void bind_over(Binder *binder, Expr *expr)
{
    Over *over = expr->over;
    for (size_t i = 0; i < over->partition_count; i++)
        bind_value(binder, &over->partition[i]);
    for (size_t i = 0; i < over->order_count; i++) {
        bind_value(binder, &over->order[i].expr);
        if (!bind_failed(binder) && over->order[i].expr->kind == EXPR_INTEGER)
            fault_set(binder->fault, 5308, expr->line,
                      "Windowed functions, aggregates and NEXT VALUE FOR functions do "
                      "not support integer indices as ORDER BY clause expressions.");
    }
    if (over->frame.len && !over->order_count)
        fault_set(binder->fault, 10756, expr->line,
                  "Window frame with ROWS or RANGE must have an ORDER BY clause.");
    if (expr->distinct && !bind_failed(binder))
        fault_set(binder->fault, 10759, expr->line,
                  "Use of DISTINCT is not allowed with the OVER clause.");
    if (binder->clause != CLAUSE_SELECT && binder->clause != CLAUSE_ORDER)
        fault_set(binder->fault, 4108, expr->line,
                  "Windowed functions can only appear in the SELECT or ORDER BY clauses.");
}

static void enter_aggregate(Binder *binder, Expr *expr)
{
    expr->is_aggregate = true;
    if (expr->over)
        return;
    if (binder->in_aggregate)
        fault_set(binder->fault, 130, expr->line,
                  "Cannot perform an aggregate function on an expression containing an "
                  "aggregate or a subquery.");
    if (binder->clause == CLAUSE_WHERE || binder->clause == CLAUSE_NONE)
        fault_set(binder->fault, 147, expr->line,
                  "An aggregate may not appear in the WHERE clause unless it is in a "
                  "subquery contained in a HAVING clause or a select list, and the column being "
                  "aggregated is an outer "
                  "reference.");
    if (binder->clause == CLAUSE_ON)
        fault_set(binder->fault, 1015, expr->line, "An aggregate cannot appear in an ON clause.");
    if (binder->clause == CLAUSE_GROUP)
        fault_set(binder->fault, 144, expr->line,
                  "Cannot use an aggregate or a subquery in an expression used for the "
                  "group by list of a GROUP BY clause.");
    if (binder->scope && binder->scope->select)
        binder->scope->select->has_aggregates = true;
}

static void bad_operand(Binder *binder, const Expr *expr)
{
    fault_set(binder->fault, 8117, expr->line, "Operand data type %s is invalid for %.*s operator.",
              type_name(expr->args[0]->type), STR_FMT(expr->text));
}

static void type_sum(Binder *binder, Expr *expr)
{
    SbType type = expr->args[0]->type;
    bool is_average = str_same(expr->function->sql, "avg");
    if (!type_is_number(type.id) || type.id == SB_BIT) {
        bad_operand(binder, expr);
        return;
    }
    if (type.id < SB_INT)
        type = type_of(SB_INT);
    if (type.id == SB_DECIMAL) {
        type.precision = 38;
        if (is_average && type.scale < 6)
            type.scale = 6;
    }
    expr->type = type;
}

static void bind_aggregate(Binder *binder, Expr **place)
{
    Expr *expr = *place;
    const char *sql = expr->function->sql;
    bool is_count = str_same(sql, "count"), was_inside = binder->in_aggregate;

    enter_aggregate(binder, expr);
    binder->in_aggregate = binder->in_aggregate || !expr->over;
    bool star = expr->args[0]->kind == EXPR_STAR && expr->args[0]->name.count == 0;
    if (!(star && is_count))
        bind_value(binder, &expr->args[0]);
    for (size_t i = 1; i < expr->arg_count; i++)
        bind_value(binder, &expr->args[i]);
    binder->in_aggregate = was_inside;
    if (expr->over)
        bind_over(binder, expr);
    if (bind_failed(binder))
        return;
    expr->is_nullable = !is_count;
    if (is_count) {
        expr->type = type_of(str_equal_fold(expr->text, str_of("COUNT_BIG")) ? SB_BIGINT : SB_INT);
        return;
    }
    if (str_same(sql, "sum") || str_same(sql, "avg")) {
        type_sum(binder, expr);
        return;
    }
    if (str_same(sql, "group_concat")) {
        for (size_t i = 0; i < 2; i++)
            if (expr->args[i]->type.id != SB_NVARCHAR)
                bind_convert(binder, &expr->args[i], type_of(SB_NVARCHAR), false);
        expr->type = type_text(expr->args[0]->type.max_chars < 0 ? -1 : 4000, false);
        if (expr->within_count)
            bind_refuse(binder, expr, "STRING_AGG … WITHIN GROUP is not known here");
        return;
    }
    expr->type = expr->args[0]->type;
    if (expr->type.id == SB_BIT || expr->args[0]->kind == EXPR_NULL)
        bad_operand(binder, expr);
}

static void need_over(Binder *binder, const Expr *expr, bool ordered)
{
    if (!expr->over)
        fault_set(binder->fault, 10753, expr->line, "The function '%.*s' must have an OVER clause.",
                  STR_FMT(expr->text));
    else if (ordered && !expr->over->order_count)
        fault_set(binder->fault, 4112, expr->line,
                  "The function '%.*s' must have an OVER clause with ORDER BY.",
                  STR_FMT(expr->text));
}

static void bind_window(Binder *binder, Expr **place)
{
    Expr *expr = *place;
    expr->is_aggregate = true;
    need_over(binder, expr, true);
    bind_all(binder, expr);
    if (bind_failed(binder))
        return;
    bind_over(binder, expr);
    if (bind_failed(binder))
        return;
    expr->type = type_of(SB_BIGINT);
    if (str_same(expr->function->result, "0")) {
        expr->type = expr->args[0]->type;
        expr->is_nullable = true;
        if (expr->arg_count > 2)
            bind_convert(binder, &expr->args[2], expr->type, false);
    } else if (expr->arg_count) {
        bind_convert(binder, &expr->args[0], type_of(SB_BIGINT), false); // NTILE
    }
}

/* PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x) OVER (PARTITION BY …) */
static void bind_percentile(Binder *binder, Expr **place)
{
    Expr *expr = *place;
    expr->is_aggregate = true;
    need_over(binder, expr, false);
    bind_all(binder, expr);
    if (!bind_failed(binder) && expr->within_count != 1)
        fault_set(binder->fault, 10754, expr->line,
                  "The function '%.*s' must have a WITHIN GROUP clause.", STR_FMT(expr->text));
    if (bind_failed(binder))
        return;
    bind_value(binder, &expr->within[0].expr);
    bind_over(binder, expr);
    bind_convert(binder, &expr->args[0], type_of(SB_FLOAT), false);
    bind_convert(binder, &expr->within[0].expr, type_of(SB_FLOAT), false);
    if (!bind_failed(binder) && (expr->over->order_count || expr->over->frame.len))
        bind_refuse(binder, expr, NULL);
    expr->type = type_of(SB_FLOAT);
    expr->is_nullable = true;
}

static void emit_percentile(Emitter *emitter, const Expr *expr)
{
    Buf *out = emitter->out;
    bool descending = expr->within[0].is_descending;
    buf_puts(out, "ms_percentile(");
    emit_expr(emitter, expr->within[0].expr);
    buf_puts(out, descending ? ", 1.0 - " : ", ");
    emit_expr(emitter, expr->args[0]);
    buf_puts(out, ") OVER (");
    for (size_t i = 0; i < expr->over->partition_count; i++) {
        OrderItem item = {.expr = expr->over->partition[i]};
        buf_puts(out, i ? ", " : "PARTITION BY ");
        emit_order(emitter, &item, 1);
    }
    buf_putc(out, ')');
}

/* ---- the table --------------------------------------------------------------------------- */

static const Function functions[] = {
    /* NULL and choice */
    {.name = "ISNULL", .args = "xx", .bind = bind_isnull, .emit = emit_isnull},
    {.name = "COALESCE", .args = "xx+", .bind = bind_coalesce, .emit = emit_isnull},
    {.name = "NULLIF", .args = "xx", .bind = bind_nullif},
    {.name = "IIF", .args = "xxx", .bind = bind_iif},
    /* text */
    {.name = "LEN", .args = "s", .result = "i", .sql = "ms_len"},
    {.name = "DATALENGTH", .args = "x", .bind = bind_datalength, .emit = emit_datalength},
    {.name = "SUBSTRING", .args = "sbb", .result = "0", .sql = "ms_substring"},
    {.name = "LEFT", .args = "sb", .result = "0", .sql = "ms_left"},
    {.name = "RIGHT", .args = "sb", .result = "0", .sql = "ms_right"},
    {.name = "CHARINDEX", .args = "ss[b", .result = "i", .sql = "ms_charindex"},
    {.name = "PATINDEX", .args = "ss", .result = "i", .sql = "ms_patindex"},
    {.name = "REPLACE", .args = "sss", .bind = bind_replace, .sql = "ms_replace"},
    {.name = "UPPER", .args = "s", .result = "0", .sql = "ms_upper"},
    {.name = "LOWER", .args = "s", .result = "0", .sql = "ms_lower"},
    {.name = "LTRIM", .args = "s", .result = "0", .sql = "ms_ltrim"},
    {.name = "RTRIM", .args = "s", .result = "0", .sql = "ms_rtrim"},
    {.name = "TRIM", .args = "s", .result = "0", .sql = "ms_trim", .flavors = SINCE_2017},
    {.name = "CONCAT",
     .args = "xx+",
     .bind = bind_concat,
     .sql = "ms_concat",
     .is_never_null = true},
    {.name = "CONCAT_WS",
     .args = "xxx+",
     .bind = bind_concat,
     .sql = "ms_concat_ws",
     .flavors = SINCE_2017},
    {.name = "STUFF", .args = "sbbs", .result = "smax", .sql = "ms_stuff"},
    {.name = "REVERSE", .args = "s", .result = "0", .sql = "ms_reverse"},
    {.name = "REPLICATE", .args = "sb", .result = "smax", .sql = "ms_replicate"},
    {.name = "SPACE", .args = "b", .result = "s4000", .sql = "ms_space"},
    {.name = "CHAR", .args = "i", .result = "s1", .sql = "ms_char"},
    {.name = "NCHAR", .args = "i", .result = "s2", .sql = "ms_nchar"},
    {.name = "ASCII", .args = "s", .result = "i", .sql = "ms_unicode"},
    {.name = "UNICODE", .args = "s", .result = "i", .sql = "ms_unicode"},
    {.name = "QUOTENAME", .args = "s[s", .result = "s258", .sql = "ms_quotename"},
    /* numbers */
    {.name = "ABS", .args = "n", .bind = bind_number, .sql = "ms_abs", .emit = emit_number},
    {.name = "CEILING", .args = "n", .bind = bind_number, .sql = "ms_ceiling", .emit = emit_number},
    {.name = "FLOOR", .args = "n", .bind = bind_number, .sql = "ms_floor", .emit = emit_number},
    {.name = "ROUND", .args = "ni[i", .bind = bind_number, .sql = "ms_round", .emit = emit_number},
    {.name = "SIGN", .args = "n", .bind = bind_number, .sql = "ms_sign", .emit = emit_number},
    {.name = "POWER", .args = "nf", .bind = bind_number, .sql = "ms_power", .emit = emit_number},
    {.name = "SQRT", .args = "f", .result = "f", .sql = "ms_sqrt"},
    {.name = "EXP", .args = "f", .result = "f", .sql = "ms_exp"},
    {.name = "LOG", .args = "f", .result = "f", .sql = "ms_log"},
    /* time */
    {.name = "DATEADD", .args = "pix", .bind = bind_dateadd, .emit = emit_dateadd},
    {.name = "DATEDIFF", .args = "pxx", .bind = bind_datediff, .sql = "ms_datediff"},
    {.name = "DATEDIFF_BIG",
     .args = "pxx",
     .bind = bind_datediff,
     .sql = "ms_datediff_big",
     .flavors = SINCE_2017},
    {.name = "DATEPART", .args = "px", .bind = bind_datepart, .sql = "ms_datepart"},
    {.name = "DATENAME", .args = "px", .bind = bind_datepart, .sql = "ms_datename"},
    {.name = "YEAR", .args = "t", .result = "i", .sql = "ms_year"},
    {.name = "MONTH", .args = "t", .result = "i", .sql = "ms_month"},
    {.name = "DAY", .args = "t", .result = "i", .sql = "ms_day"},
    {.name = "SWITCHOFFSET", .args = "ox", .result = "0", .sql = "ms_switchoffset"},
    {.name = "TODATETIMEOFFSET", .args = "tx", .result = "dto", .sql = "ms_todatetimeoffset"},
    {.name = "SYSDATETIMEOFFSET",
     .args = "",
     .result = "dto",
     .sql = "ms_now_offset",
     .is_never_null = true},
    {.name = "SYSUTCDATETIME",
     .args = "",
     .result = "dt2",
     .sql = "ms_now_utc",
     .is_never_null = true},
    {.name = "SYSDATETIME",
     .args = "",
     .result = "dt2",
     .sql = "ms_now_local",
     .is_never_null = true},
    {.name = "GETUTCDATE",
     .args = "",
     .result = "dt",
     .sql = "ms_now_utc_ms",
     .is_never_null = true},
    {.name = "GETDATE",
     .args = "",
     .result = "dt",
     .sql = "ms_now_local_ms",
     .is_never_null = true},
    {.name = "CURRENT_TIMESTAMP",
     .args = "",
     .result = "dt",
     .sql = "ms_now_local_ms",
     .is_never_null = true},
    /* the server, the database, the login */
    {.name = "NEWID", .args = "", .result = "guid", .sql = "ms_newid", .is_never_null = true},
    {.name = "HASHBYTES", .args = "sx", .result = "bin", .sql = "ms_hashbytes"},
    {.name = "DB_NAME", .args = "[i", .result = "s128", .sql = "ms_db_name"},
    {.name = "DB_ID", .args = "[s", .result = "i", .sql = "ms_db_id"},
    {.name = "OBJECT_ID", .args = "s[s", .result = "i", .sql = "ms_object_id"},
    {.name = "OBJECT_NAME", .args = "i[i", .result = "s128", .sql = "ms_object_name"},
    {.name = "OBJECT_SCHEMA_NAME", .args = "i[i", .result = "s128", .sql = "ms_object_schema_name"},
    {.name = "SCHEMA_NAME", .args = "[i", .result = "s128", .sql = "ms_schema_name"},
    {.name = "SCHEMA_ID", .args = "[s", .result = "i", .sql = "ms_schema_id"},
    {.name = "TYPE_NAME", .args = "i", .result = "s128", .sql = "ms_type_name"},
    {.name = "COL_LENGTH", .args = "ss", .result = "i", .sql = "ms_col_length"},
    {.name = "SERVERPROPERTY", .args = "s", .result = "v", .sql = "ms_serverproperty"},
    {.name = "DATABASEPROPERTYEX", .args = "ss", .result = "v", .sql = "ms_databasepropertyex"},
    {.name = "FILEPROPERTY", .args = "ss", .result = "i", .sql = "ms_fileproperty"},
    {.name = "SUSER_SNAME", .args = "[x", .result = "s128", .sql = "ms_suser_sname"},
    {.name = "SUSER_NAME", .args = "[x", .result = "s128", .sql = "ms_suser_sname"},
    {.name = "SUSER_SID", .args = "[s", .result = "bin", .sql = "ms_suser_sid"},
    {.name = "ORIGINAL_LOGIN", .args = "", .result = "s128", .sql = "ms_original_login"},
    {.name = "SYSTEM_USER", .args = "", .result = "s128", .sql = "ms_suser_sname"},
    {.name = "USER_NAME", .args = "[i", .result = "s128", .sql = "ms_user_name"},
    {.name = "USER", .args = "", .result = "s128", .sql = "ms_user_name"},
    {.name = "CURRENT_USER", .args = "", .result = "s128", .sql = "ms_user_name"},
    {.name = "SESSION_USER", .args = "", .result = "s128", .sql = "ms_user_name"},
    {.name = "USER_ID", .args = "[s", .result = "i", .sql = "ms_user_id"},
    {.name = "DATABASE_PRINCIPAL_ID", .args = "[s", .result = "i", .sql = "ms_user_id"},
    {.name = "IS_MEMBER", .args = "s", .bind = bind_role, .sql = "ms_is_member"},
    {.name = "IS_ROLEMEMBER", .args = "s[s", .bind = bind_role, .sql = "ms_is_member"},
    {.name = "IS_SRVROLEMEMBER", .args = "s[s", .bind = bind_role, .sql = "ms_is_srvrolemember"},
    {.name = "HAS_PERMS_BY_NAME", .args = "sss[ss", .result = "i", .sql = "ms_has_perms"},
    {.name = "HAS_DBACCESS", .args = "s", .result = "i", .sql = "ms_has_dbaccess"},
    {.name = "APP_NAME", .args = "", .result = "s128", .sql = "ms_app_name"},
    {.name = "HOST_NAME", .args = "", .result = "s128", .sql = "ms_host_name"},
    {.name = "APPLOCK_MODE", .args = "sss", .result = "s32", .sql = "ms_applock_mode"},
    {.name = "SCOPE_IDENTITY", .args = "", .result = "d38", .sql = "ms_scope_identity"},
    {.name = "IDENT_CURRENT", .args = "s", .result = "d38", .sql = "ms_ident_current"},
    {.name = "XACT_STATE", .args = "", .result = "i", .sql = "ms_xact_state"},
    {.name = "ROWCOUNT_BIG", .args = "", .result = "b", .sql = "ms_rowcount_big"},
    {.name = "ERROR_NUMBER", .args = "", .result = "i", .sql = "ms_error_number"},
    {.name = "ERROR_SEVERITY", .args = "", .result = "i", .sql = "ms_error_severity"},
    {.name = "ERROR_STATE", .args = "", .result = "i", .sql = "ms_error_state"},
    {.name = "ERROR_LINE", .args = "", .result = "i", .sql = "ms_error_line"},
    {.name = "ERROR_MESSAGE", .args = "", .result = "s4000", .sql = "ms_error_message"},
    {.name = "ERROR_PROCEDURE", .args = "", .result = "s128", .sql = "ms_error_procedure"},
    /* aggregates and windows */
    {.name = "COUNT",
     .args = "x",
     .sql = "count",
     .kind = FUNCTION_AGGREGATE,
     .bind = bind_aggregate},
    {.name = "COUNT_BIG",
     .args = "x",
     .sql = "count",
     .kind = FUNCTION_AGGREGATE,
     .bind = bind_aggregate},
    {.name = "SUM", .args = "n", .sql = "sum", .kind = FUNCTION_AGGREGATE, .bind = bind_aggregate},
    {.name = "AVG", .args = "n", .sql = "avg", .kind = FUNCTION_AGGREGATE, .bind = bind_aggregate},
    {.name = "MIN", .args = "x", .sql = "min", .kind = FUNCTION_AGGREGATE, .bind = bind_aggregate},
    {.name = "MAX", .args = "x", .sql = "max", .kind = FUNCTION_AGGREGATE, .bind = bind_aggregate},
    {.name = "STRING_AGG",
     .args = "ss",
     .sql = "group_concat",
     .kind = FUNCTION_AGGREGATE,
     .bind = bind_aggregate,
     .flavors = SINCE_2017},
    {.name = "ROW_NUMBER",
     .args = "",
     .result = "b",
     .sql = "row_number",
     .kind = FUNCTION_WINDOW,
     .bind = bind_window},
    {.name = "RANK",
     .args = "",
     .result = "b",
     .sql = "rank",
     .kind = FUNCTION_WINDOW,
     .bind = bind_window},
    {.name = "DENSE_RANK",
     .args = "",
     .result = "b",
     .sql = "dense_rank",
     .kind = FUNCTION_WINDOW,
     .bind = bind_window},
    {.name = "NTILE",
     .args = "b",
     .result = "b",
     .sql = "ntile",
     .kind = FUNCTION_WINDOW,
     .bind = bind_window},
    {.name = "LAG",
     .args = "x[xx",
     .result = "0",
     .sql = "lag",
     .kind = FUNCTION_WINDOW,
     .bind = bind_window},
    {.name = "LEAD",
     .args = "x[xx",
     .result = "0",
     .sql = "lead",
     .kind = FUNCTION_WINDOW,
     .bind = bind_window},
    {.name = "FIRST_VALUE",
     .args = "x",
     .result = "0",
     .sql = "first_value",
     .kind = FUNCTION_WINDOW,
     .bind = bind_window},
    {.name = "LAST_VALUE",
     .args = "x",
     .result = "0",
     .sql = "last_value",
     .kind = FUNCTION_WINDOW,
     .bind = bind_window},
    {.name = "PERCENTILE_CONT",
     .args = "n",
     .kind = FUNCTION_WINDOW,
     .bind = bind_percentile,
     .emit = emit_percentile},
};

/* Real functions that the sandbox does not do: refused, not called unknown. */
static const char *const not_here[] = {
    "FORMAT",
    "CHECKSUM",
    "BINARY_CHECKSUM",
    "CHECKSUM_AGG",
    "JSON_VALUE",
    "JSON_QUERY",
    "ISJSON",
    "TRANSLATE",
    "SOUNDEX",
    "DIFFERENCE",
    "STR",
    "PARSE",
    "TRY_PARSE",
    "PARSENAME",
    "CHOOSE",
    "GREATEST",
    "LEAST",
    "RAND",
    "EOMONTH",
    "DATEFROMPARTS",
    "DATETIME2FROMPARTS",
    "DATETIMEOFFSETFROMPARTS",
    "ISDATE",
    "ISNUMERIC",
    "GROUPING",
    "GROUPING_ID",
    "STDEV",
    "STDEVP",
    "VAR",
    "VARP",
    "PERCENTILE_DISC",
    "CUME_DIST",
    "PERCENT_RANK",
    "SESSION_CONTEXT",
    "CONTEXT_INFO",
    "COLUMNPROPERTY",
    "OBJECTPROPERTY",
    "OBJECTPROPERTYEX",
    "INDEXPROPERTY",
    "COL_NAME",
    "TYPE_ID",
    "SUSER_ID",
    "NEWSEQUENTIALID",
    "CONNECTIONPROPERTY",
    "SQL_VARIANT_PROPERTY",
    "DATETRUNC",
    "DATE_BUCKET",
    "COMPRESS",
    "DECOMPRESS",
    "CERT_ID",
    "KEY_GUID",
    "KEY_ID",
    "ENCRYPTBYKEY",
    "DECRYPTBYKEY",
    "PI",
    "SIN",
    "COS",
    "TAN",
    "LOG10",
    "SQUARE",
    "RADIANS",
    "DEGREES",
    "STRING_ESCAPE",
    "APPLOCK_TEST",
    "FILEGROUP_NAME",
    "FILE_ID",
    "FILE_NAME",
    "INDEX_COL",
    "STATS_DATE",
    "CURRENT_TRANSACTION_ID",
    "NEXT",
    "APPROX_COUNT_DISTINCT",
    "DATEFROMPARTS",
    "GETANSINULL",
    "HOST_ID",
    "PERMISSIONS",
    "FORMATMESSAGE",
};

const Function *function_find(Str name)
{
    for (size_t i = 0; i < ARRAY_LEN(functions); i++)
        if (str_equal_fold(name, str_of(functions[i].name)))
            return &functions[i];
    return NULL;
}

/* ---- signatures -------------------------------------------------------------------------- */

static void count_args(const char *args, size_t *ret_least, size_t *ret_most)
{
    size_t least = 0, count = 0;
    bool optional = false;
    *ret_most = 0;
    for (const char *at = args; *at; at++) {
        if (*at == '[') {
            optional = true;
        } else if (*at == '+') {
            *ret_most = 254;
        } else {
            count++;
            least += !optional;
        }
    }
    *ret_least = least;
    if (*ret_most < count)
        *ret_most = count;
}

static bool check_count(Binder *binder, const Expr *expr)
{
    size_t least, most;
    count_args(expr->function->args, &least, &most);
    if (expr->arg_count >= least && expr->arg_count <= most)
        return true;
    if (least == most)
        return fault_set(binder->fault, 174, expr->line,
                         "The %.*s function requires %zu argument(s).", STR_FMT(expr->text), least);
    return fault_set(binder->fault, 189, expr->line,
                     "The %.*s function requires %zu to %zu arguments.", STR_FMT(expr->text), least,
                     most);
}

static void bind_arg(Binder *binder, Expr **arg, char letter)
{
    bind_value(binder, arg);
    if (bind_failed(binder))
        return;
    SbTypeId id = (*arg)->type.id;
    switch (letter) {
    case 's':
        if (id != SB_NVARCHAR)
            bind_convert(binder, arg, type_text(id == SB_SQL_VARIANT ? 4000 : -1, false), false);
        return;
    case 'i':
        bind_convert(binder, arg, type_of(SB_INT), false);
        return;
    case 'b':
        bind_convert(binder, arg, type_of(SB_BIGINT), false);
        return;
    case 'f':
        bind_convert(binder, arg, type_of(SB_FLOAT), false);
        return;
    case 't':
        if (!type_is_time(id))
            bind_convert(binder, arg, type_of(SB_DATETIMEOFFSET), false);
        return;
    case 'o':
        if (id != SB_DATETIMEOFFSET)
            bind_convert(binder, arg, type_of(SB_DATETIMEOFFSET), false);
        return;
    default:
        return;
    }
}

static void bind_signature(Binder *binder, Expr *expr)
{
    const char *at = expr->function->args;
    char letter = 'x';
    for (size_t i = 0; i < expr->arg_count && !bind_failed(binder); i++) {
        while (*at == '[')
            at++;
        if (*at && *at != '+')
            letter = *at++;
        bind_arg(binder, &expr->args[i], letter);
        expr->is_nullable = expr->is_nullable || expr->args[i]->is_nullable;
    }
}

static void bind_result(Expr *expr)
{
    static const struct {
        const char *name;
        SbTypeId id;
    } results[] = {{"i", SB_INT},
                   {"b", SB_BIGINT},
                   {"f", SB_FLOAT},
                   {"bit", SB_BIT},
                   {"guid", SB_UNIQUEIDENTIFIER},
                   {"v", SB_SQL_VARIANT},
                   {"dto", SB_DATETIMEOFFSET},
                   {"dt2", SB_DATETIME2},
                   {"dt", SB_DATETIME}};
    const char *result = expr->function->result;

    if (result[0] >= '0' && result[0] <= '9') {
        expr->type = expr->args[result[0] - '0']->type;
        return;
    }
    expr->is_nullable = !expr->function->is_never_null;
    if (str_same(result, "bin")) {
        expr->type = (SbType){.id = SB_VARBINARY, .max_chars = 85};
        return;
    }
    if (str_same(result, "d38")) {
        expr->type = (SbType){.id = SB_DECIMAL, .precision = 38};
        return;
    }
    if (result[0] == 's') {
        int64_t length = -1;
        expr->type = type_text(str_to_i64(str_of(result + 1), &length) ? (int)length : -1, false);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(results); i++)
        if (str_same(result, results[i].name))
            expr->type = type_of(results[i].id);
}

static void unknown_function(Binder *binder, const Expr *expr)
{
    for (size_t i = 0; i < ARRAY_LEN(not_here); i++)
        if (str_equal_fold(expr->text, str_of(not_here[i]))) {
            bind_refuse(binder, expr, "the sandbox does not know this function");
            return;
        }
    fault_set(binder->fault, 195, expr->line, "'%.*s' is not a recognized built-in function name.",
              STR_FMT(expr->text));
}

void bind_call(Binder *binder, Expr **place)
{
    Expr *expr = *place;
    expr->function = function_find(expr->text);
    unsigned mask = 1u << binder->session->engine->flavor;
    if (expr->function && expr->function->flavors && !(expr->function->flavors & mask))
        expr->function = NULL;
    if (!expr->function) {
        unknown_function(binder, expr);
        return;
    }
    if (!check_count(binder, expr))
        return;
    bool takes_over = expr->function->kind != FUNCTION_SCALAR;
    if ((expr->over && !takes_over) || (expr->within_count && !takes_over) ||
        (expr->distinct && expr->function->kind != FUNCTION_AGGREGATE)) {
        bind_refuse(binder, expr, NULL);
        return;
    }
    for (size_t i = 0; i < expr->arg_count; i++)
        if (expr->args[i]->kind == EXPR_STAR && expr->function->kind != FUNCTION_AGGREGATE) {
            fault_refuse(binder->fault, expr->line, "*", 1, NULL);
            return;
        }
    if (expr->function->bind) {
        expr->function->bind(binder, place);
        return;
    }
    bind_signature(binder, expr);
    if (!bind_failed(binder))
        bind_result(expr);
}
