/* The table of functions, and how a call gets its types. */
#include "func.h"

#include <string.h>

/* ---- date parts ------------------------------------------------------------------------------ */

/* Each with its abbreviations: those of a fixed length that somebody asks for. */
static const struct {
    const char *part, *words;
} date_parts[] = {{"day", "day dd d"},
                  {"hour", "hour hh"},
                  {"minute", "minute mi n"},
                  {"second", "second ss s"},
                  {"millisecond", "millisecond ms"}};

static const char *date_part(Str word)
{
    for (size_t i = 0; i < ARRAY_LEN(date_parts); i++) {
        Str rest = str_of(date_parts[i].words), one;
        while (str_split(&rest, ' ', &one))
            if (str_equal_fold(word, one))
                return date_parts[i].part;
    }
    return NULL;
}

/* ---- calls with rules of their own ----------------------------------------------------------- */

/* ISNULL takes the first one's type, and cuts the second to it. */
static void bind_isnull(Binder *binder, Bound *expr)
{
    bind_args(binder, expr);
    if (bind_failed(binder))
        return;
    const Bound *first = expr->args[0], *second = expr->args[1];
    expr->type = first->kind == EXPR_NULL ? second->type : first->type;
    expr->is_nullable = first->is_nullable && second->is_nullable;
    bind_convert(binder, &expr->args[1], expr->type, false);
    second = expr->args[1];
    if (!bind_failed(binder) && expr->type.id == SB_NVARCHAR && second->type.id == SB_NVARCHAR &&
        expr->type.max_chars >= 0 &&
        (second->type.max_chars < 0 || second->type.max_chars > expr->type.max_chars))
        expr->args[1] = bind_wrap(binder, EXPR_CAST, expr->args[1], expr->type, 0);
}

static void bind_coalesce(Binder *binder, Bound *expr)
{
    bool has_type = false;
    bind_args(binder, expr);
    expr->is_nullable = true;
    for (size_t i = 0; i < expr->arg_count && !bind_failed(binder); i++) {
        const Bound *arg = expr->args[i];
        if (arg->kind == EXPR_NULL)
            continue;
        expr->type = has_type ? type_unify(expr->type, arg->type) : arg->type;
        has_type = true;
        expr->is_nullable = expr->is_nullable && arg->is_nullable;
    }
    if (!has_type)
        bind_fault(binder, expr->said, MSG(4127));
    for (size_t i = 0; i < expr->arg_count; i++)
        bind_convert(binder, &expr->args[i], expr->type, false);
}

static bool take_part(Binder *binder, Bound *expr)
{
    const Expr *said = expr->said, *word = said->args[0];
    bool is_word = word->kind == EXPR_COLUMN;
    const char *part = is_word && word->name.count == 1 ? date_part(word->name.parts[0]) : NULL;
    if (!is_word)
        return bind_fault(binder, said, MSG(1023), STR_FMT(said->text));
    if (!part) {
        bind_refuse(binder, word, "day, hour, minute, second and millisecond are known here");
        return false;
    }
    Bound *literal = expr->args[0] = bind_new(binder, EXPR_STRING, word);
    literal->text = str_of(part);
    literal->type = type_text((int)literal->text.len, true);
    return true;
}

static void need_time(Binder *binder, Bound *expr, size_t index, SbTypeId for_text)
{
    if (!type_is_time(bind_arg(binder, expr, index)->type.id))
        bind_convert(binder, &expr->args[index], type_of(for_text), false);
}

static void bind_dateadd(Binder *binder, Bound *expr)
{
    if (!take_part(binder, expr))
        return;
    bind_arg(binder, expr, 1);
    bind_convert(binder, &expr->args[1], type_of(SB_INT), false);
    need_time(binder, expr, 2, SB_DATETIME);
    expr->type = expr->args[2]->type;
    if (expr->type.id == SB_DATE && !str_equal(expr->args[0]->text, str_of("day")))
        bind_fault(binder, expr->said, MSG(9810), STR_FMT(expr->args[0]->text),
                   type_name(expr->type));
}

static void emit_dateadd(Emitter *emitter, const Bound *expr)
{
    emit(emitter, "ms_dateadd($a, $y)", expr, expr->type);
}

static void bind_datediff(Binder *binder, Bound *expr)
{
    if (!take_part(binder, expr))
        return;
    need_time(binder, expr, 1, SB_DATETIMEOFFSET);
    need_time(binder, expr, 2, SB_DATETIMEOFFSET);
}

/* IS_MEMBER and its like are known now: the row filters of the views then cost nothing. */
static void bind_role(Binder *binder, Bound *expr)
{
    const World *world = binder->world;
    bool of_server = str_equal_fold(expr->text, str_of("IS_SRVROLEMEMBER"));
    if (bind_arg(binder, expr, 0)->kind != EXPR_STRING) {
        bind_refuse(binder, expr->said, "name the role by a constant here");
        return;
    }
    expr->constant = world->has_role(world->who, expr->args[0]->text, of_server, &expr->is_folded);
    expr->is_nullable = true;
    if (!expr->is_folded)
        expr->kind = EXPR_NULL;
}

static void bind_datalength(Binder *binder, Bound *expr)
{
    expr->type = type_of(bind_arg(binder, expr, 0)->type.max_chars < 0 ? SB_BIGINT : SB_INT);
}

static void emit_datalength(Emitter *emitter, const Bound *expr)
{
    emit(emitter, "ms_datalength($e, $y)", expr->args[0], expr->args[0]->type);
}

/* ---- aggregates and ROW_NUMBER --------------------------------------------------------------- */

static const char aggregate_in_where[] =
    "An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a "
    "HAVING clause or a select list, and the column being aggregated is an outer reference.";

/* Where no aggregate may stand, and what a server says of it. */
static const struct {
    Clause clause;
    int32_t number;
    const char *text;
} misplaced[] = {
    {CLAUSE_NONE, 147, aggregate_in_where},
    {CLAUSE_WHERE, 147, aggregate_in_where},
    {CLAUSE_ON, 1015, "An aggregate cannot appear in an ON clause."},
    {CLAUSE_GROUP, 144,
     "Cannot use an aggregate or a subquery in an expression used for the group by list of a GROUP "
     "BY clause."},
};

static void enter_aggregate(Binder *binder, Bound *expr)
{
    int line = expr->said->line;
    expr->is_aggregate = true;
    if (binder->in_aggregate)
        fault_set(binder->fault, line, MSG(130));
    for (size_t i = 0; i < ARRAY_LEN(misplaced); i++)
        if (misplaced[i].clause == binder->clause)
            fault_set(binder->fault, line, misplaced[i].number, "%s", misplaced[i].text);
    if (binder->scope && binder->scope->select)
        binder->scope->select->has_aggregates = true;
}

static void type_sum(Bound *expr)
{
    if (expr->type.id < SB_INT)
        expr->type = type_of(SB_INT);
    if (expr->type.id == SB_DECIMAL)
        expr->type.precision = 38;
}

static void bind_aggregate(Binder *binder, Bound *expr)
{
    const char *sql = expr->function->sql;
    const Expr *arg = expr->said->args[0];
    bool is_count = str_same(sql, "count"), is_sum = str_same(sql, "sum"),
         was_inside = binder->in_aggregate;

    enter_aggregate(binder, expr);
    binder->in_aggregate = true;
    if (is_count && arg->kind == EXPR_STAR && arg->name.count == 0)
        expr->args[0] = bind_new(binder, EXPR_STAR, arg);
    else
        expr->type = bind_arg(binder, expr, 0)->type;
    binder->in_aggregate = was_inside;
    if (bind_failed(binder))
        return;
    bool is_wrong = is_sum ? !type_is_number(expr->type.id) || expr->type.id == SB_BIT
                           : expr->type.id == SB_BIT || expr->args[0]->kind == EXPR_NULL;
    if (is_wrong && !is_count)
        bind_fault(binder, expr->said, MSG(8117), type_name(expr->type), STR_FMT(expr->text));
    expr->is_nullable = !is_count;
    if (is_sum)
        type_sum(expr);
    else if (is_count)
        expr->type = expr->function->type;
}

static BoundOver *bind_over(Binder *binder, const Over *said, int line)
{
    BoundOver *over = arena_alloc(binder->arena, sizeof *over);
    over->partition_count = said->partition_count;
    over->partition =
        arena_alloc_array(binder->arena, said->partition_count + 1, sizeof *over->partition);
    for (size_t i = 0; i < said->partition_count; i++)
        over->partition[i] = bind_value(binder, said->partition[i]);
    over->order_count = said->order_count;
    over->order = arena_alloc_array(binder->arena, said->order_count, sizeof *over->order);
    for (size_t i = 0; i < said->order_count; i++) {
        over->order[i] = (BoundOrder){.expr = bind_value(binder, said->order[i].expr),
                                      .is_descending = said->order[i].is_descending};
        if (over->order[i].expr->kind == EXPR_INTEGER)
            fault_set(binder->fault, line, MSG(5308));
    }
    return over;
}

/* ROW_NUMBER() OVER ([PARTITION BY …] ORDER BY …) */
static void bind_row_number(Binder *binder, Bound *expr)
{
    const Over *over = expr->said->over;
    int line = expr->said->line;
    expr->is_aggregate = true;
    if (!over || !over->order_count) {
        fault_set(binder->fault, line, over ? 4112 : 10753,
                  "The function '%.*s' must have an OVER clause%s.", STR_FMT(expr->text),
                  over ? " with ORDER BY" : "");
        return;
    }
    expr->over = bind_over(binder, over, line);
    if (binder->clause != CLAUSE_SELECT && binder->clause != CLAUSE_ORDER)
        fault_set(binder->fault, line, MSG(4108));
    expr->type = expr->function->type;
}

/* ---- the table ------------------------------------------------------------------------------- */

/* Types of results. */
/* clang-format off */
#define INT      {.id = SB_INT}
#define BIGINT   {.id = SB_BIGINT}
#define TEXT(n)  {.id = SB_NVARCHAR, .max_chars = (n)}
#define BYTES    {.id = SB_VARBINARY, .max_chars = 85}
#define NUMBER   {.id = SB_DECIMAL, .precision = 38}
#define VARIANT  {.id = SB_SQL_VARIANT}
#define DATETIME {.id = SB_DATETIME, .scale = 3}
#define NOW      {.id = SB_DATETIMEOFFSET, .scale = 7}
/* clang-format on */

static const Function functions[] = {
    /* NULL and choice */
    {"ISNULL", "xx", .bind = bind_isnull, .sql = "coalesce"},
    {"COALESCE", "xx+", .bind = bind_coalesce, .sql = "coalesce"},
    /* text */
    {"DATALENGTH", "x", .bind = bind_datalength, .emit = emit_datalength},
    {"SUBSTRING", "sbb", "ms_substring", .keeps_type = true},
    {"UPPER", "s", "ms_upper", .keeps_type = true},
    {"NCHAR", "i", "ms_nchar", .type = TEXT(2)},
    {"QUOTENAME", "s", "ms_quotename", .type = TEXT(258)},
    /* time */
    {"DATEADD", "pix", .bind = bind_dateadd, .emit = emit_dateadd},
    {"DATEDIFF", "pxx", "ms_datediff", .bind = bind_datediff},
    {"SYSDATETIMEOFFSET", "", "ms_now_offset", .type = NOW, .is_never_null = true},
    {"GETDATE", "", "ms_now_local_ms", .type = DATETIME, .is_never_null = true},
    {"GETUTCDATE", "", "ms_now_utc_ms", .type = DATETIME, .is_never_null = true},
    /* the server, the database, the login */
    {"NEWID", "", "ms_newid", .type = {.id = SB_UNIQUEIDENTIFIER}, .is_never_null = true},
    {"HASHBYTES", "sx", "ms_hashbytes", .type = BYTES},
    {"DB_NAME", "", .emit = emit_session, .type = TEXT(128)},
    {"DB_ID", "", .emit = emit_session, .type = INT},
    {"OBJECT_ID", "s", "ms_object_id", .type = INT},
    {"SCHEMA_ID", "[s", "ms_schema_id", .type = INT},
    {"SERVERPROPERTY", "s", "ms_serverproperty", .type = VARIANT},
    {"DATABASEPROPERTYEX", "ss", "ms_databasepropertyex", .type = VARIANT},
    {"FILEPROPERTY", "ss", "ms_fileproperty", .type = INT},
    {"SUSER_SNAME", "", .emit = emit_session, .type = TEXT(128)},
    {"SUSER_SID", "[s", "ms_suser_sid", .type = BYTES},
    {"USER_NAME", "", .emit = emit_session, .type = TEXT(128)},
    {"IS_MEMBER", "s", .bind = bind_role},
    {"IS_SRVROLEMEMBER", "s", .bind = bind_role},
    {"HAS_PERMS_BY_NAME", "sss[ss", "ms_has_perms", .type = INT},
    {"HOST_NAME", "", .emit = emit_session, .type = TEXT(128)},
    {"SCOPE_IDENTITY", "", "ms_scope_identity", .type = NUMBER},
    {"XACT_STATE", "", .emit = emit_session, .type = INT},
    {"ERROR_MESSAGE", "", .emit = emit_session, .type = TEXT(4000)},
    {"ERROR_NUMBER", "", .emit = emit_session, .type = INT},
    /* aggregates and windows */
    {"COUNT", "x", "count", .type = INT, .kind = FUNCTION_AGGREGATE, .bind = bind_aggregate},
    {"COUNT_BIG", "x", "count", .type = BIGINT, .kind = FUNCTION_AGGREGATE, .bind = bind_aggregate},
    {"SUM", "n", "sum", .kind = FUNCTION_AGGREGATE, .bind = bind_aggregate},
    {"MIN", "x", "min", .kind = FUNCTION_AGGREGATE, .bind = bind_aggregate},
    {"MAX", "x", "max", .kind = FUNCTION_AGGREGATE, .bind = bind_aggregate},
    {"ROW_NUMBER", "", "row_number", .type = BIGINT, .kind = FUNCTION_WINDOW,
     .bind = bind_row_number},
};

static const Function *function_find(Str name)
{
    for (size_t i = 0; i < ARRAY_LEN(functions); i++)
        if (str_equal_fold(name, str_of(functions[i].name)))
            return &functions[i];
    return NULL;
}

/* ---- signatures ------------------------------------------------------------------------------ */

/* How many there may be: [ the rest may be left out, + the last repeats. */
static bool check_count(Binder *binder, const Bound *expr)
{
    const char *args = expr->function->args;
    size_t least = strcspn(args, "[+"), most = strlen(args) - (strchr(args, '[') != NULL);
    if (strchr(args, '+'))
        most = 254;
    if (expr->arg_count >= least && expr->arg_count <= most)
        return true;
    if (least == most)
        return bind_fault(binder, expr->said, MSG(174), STR_FMT(expr->text), least);
    return bind_fault(binder, expr->said, MSG(189), STR_FMT(expr->text), least, most);
}

static void bind_typed_arg(Binder *binder, Bound *expr, size_t index, char letter)
{
    SbTypeId id = bind_arg(binder, expr, index)->type.id;
    Bound **arg = &expr->args[index];
    if (letter == 's' && id != SB_NVARCHAR)
        bind_convert(binder, arg, type_text(id == SB_SQL_VARIANT ? 4000 : -1, false), false);
    else if (letter == 'i' || letter == 'b')
        bind_convert(binder, arg, type_of(letter == 'i' ? SB_INT : SB_BIGINT), false);
}

static void bind_signature(Binder *binder, Bound *expr)
{
    const char *at = expr->function->args;
    char letter = 'x';
    for (size_t i = 0; i < expr->arg_count && !bind_failed(binder); i++) {
        while (*at == '[')
            at++;
        if (*at && *at != '+')
            letter = *at++;
        bind_typed_arg(binder, expr, i, letter);
    }
}

/* OVER belongs to ROW_NUMBER alone here, DISTINCT and * to aggregates. */
static bool check_form(Binder *binder, const Bound *expr)
{
    FunctionKind kind = expr->function->kind;
    const Expr *said = expr->said;
    if ((said->over && kind != FUNCTION_WINDOW) || (said->distinct && kind != FUNCTION_AGGREGATE))
        bind_refuse(binder, said, NULL);
    for (size_t i = 0; i < said->arg_count; i++)
        if (said->args[i]->kind == EXPR_STAR && kind != FUNCTION_AGGREGATE)
            fault_refuse(binder->fault, said->line, "*", 1, NULL);
    return !bind_failed(binder);
}

void bind_call(Binder *binder, Bound *expr)
{
    const Function *function = expr->function = function_find(expr->text);
    if (!function) {
        bind_refuse(binder, expr->said, "the sandbox does not know this function");
        return;
    }
    if (!check_count(binder, expr) || !check_form(binder, expr))
        return;
    if (function->bind) {
        function->bind(binder, expr);
        return;
    }
    bind_signature(binder, expr);
    if (bind_failed(binder))
        return;
    expr->type = function->keeps_type ? expr->args[0]->type : function->type;
    if (!function->keeps_type)
        expr->is_nullable = !function->is_never_null;
}
