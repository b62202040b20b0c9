/* Queries: row sets of FROM, select lists, grouping, set operations. */
#include "bind.h"
#include "func.h"

#include "../front/parse.h"

enum { VIEW_DEPTH_MAX = 32, VALUES_MAX = 1000 };

/* ---- scopes and sources ---------------------------------------------------------------------- */

Scope *bind_push(Binder *binder, BoundSelect *select)
{
    Scope *scope = arena_alloc(binder->arena, sizeof *scope);
    scope->outer = binder->scope;
    scope->select = select;
    binder->scope = scope;
    return scope;
}

void bind_add_source(Binder *binder, Source *source)
{
    Scope *scope = binder->scope;
    for (size_t i = 0; i < scope->count; i++) {
        const Source *other = scope->sources[i];
        bool same = source->alias.len
                        ? other->alias.len && str_equal_fold(other->alias, source->alias)
                        : !other->alias.len && other->object == source->object;
        if (same)
            fault_set(binder->fault, 0, MSG(1011),
                      STR_FMT(source->alias.len ? source->alias : str_of(source->object->name)));
    }
    *ARENA_PUSH(binder->arena, scope->sources, scope->count) = source;
}

static Source *new_source(Binder *binder, Str alias, size_t column_count)
{
    Source *source = arena_alloc(binder->arena, sizeof *source);
    source->alias = alias;
    source->number = ++binder->next_number;
    source->column_count = column_count;
    source->columns = arena_alloc_array(binder->arena, column_count + 1, sizeof *source->columns);
    return source;
}

Source *bind_source(Binder *binder, Str alias, const Object *object)
{
    Source *source = new_source(binder, alias, object->column_count);
    source->object = object;
    for (size_t i = 0; i < object->column_count; i++) {
        const Column *column = &object->columns[i];
        source->columns[i] = (SourceColumn){.name = str_of(column->name),
                                            .type = column->type,
                                            .is_nullable = column->is_nullable,
                                            .sql = column->name};
    }
    return source;
}

static const char *column_name(Binder *binder, size_t index)
{
    return arena_printf(binder->arena, "c%zu", index);
}

/* The shape of a query as a row set; names from the list of aliases where there is one. */
static Source *source_of_query(Binder *binder, const BoundQuery *query, Str alias, const Str *names,
                               size_t name_count, int line)
{
    Source *source = new_source(binder, alias, query->column_count);
    bool has_more = name_count < query->column_count;
    if (names && name_count != query->column_count)
        fault_set(binder->fault, line, has_more ? 8158 : 8159,
                  "'%.*s' has %s columns than were specified in the column list.", STR_FMT(alias),
                  has_more ? "more" : "fewer");
    for (size_t i = 0; i < query->column_count && !bind_failed(binder); i++) {
        const OutColumn *column = &query->columns[i];
        Str name = names ? names[i] : column->name;
        if (!name.len)
            fault_set(binder->fault, line, MSG(8155), i + 1, STR_FMT(alias));
        for (size_t j = 0; j < i; j++)
            if (str_equal_fold(source->columns[j].name, name))
                fault_set(binder->fault, line, MSG(8156), STR_FMT(name), STR_FMT(alias));
        source->columns[i] = (SourceColumn){.name = name,
                                            .type = column->type,
                                            .is_nullable = column->is_nullable,
                                            .sql = column_name(binder, i)};
    }
    return source;
}

Source *bind_query_source(Binder *binder, const BoundQuery *query, Str alias, int line)
{
    Str *names = arena_alloc_array(binder->arena, query->column_count + 1, sizeof *names);
    for (size_t i = 0; i < query->column_count; i++)
        names[i] = str_of(column_name(binder, i));
    return source_of_query(binder, query, alias, names, query->column_count, line);
}

/* ---- objects --------------------------------------------------------------------------------- */

bool bind_may(Binder *binder, const char *permission, const Object *object)
{
    const World *world = binder->world;
    if (binder->in_view || world->is_definer || world->may(world->who, permission, object))
        return true;
    return fault_set(binder->fault, 0, MSG(229), permission, object->name, world->database,
                     object->schema);
}

const char *name_full(const Name *name, Arena *arena)
{
    const char *full = "";
    for (int i = 0; i < name->count; i++)
        full = arena_printf(arena, "%s%s%.*s", full, i ? "." : "", STR_FMT(name->parts[i]));
    return full;
}

const Object *bind_object(Binder *binder, const Name *name, int32_t missing_number)
{
    const World *world = binder->world;
    Str object = name_last(name);
    const Object *found = NULL;

    if (object.len && object.at[0] == '#')
        found = world->temp(world->who, object);
    else if (name->count < 3 || str_equal_fold(name->parts[0], str_of(world->database)))
        found = catalog_find(world->catalog, name_schema(name), object);
    if (!found)
        bind_fault(binder, name, missing_number, says_208, name_full(name, binder->arena));
    return found;
}

static const BoundCte *find_cte(const Binder *binder, const Name *name)
{
    Str wanted = name->parts[0];
    for (const CteScope *scope = name->count == 1 ? binder->ctes : NULL; scope;
         scope = scope->outer) {
        for (size_t i = scope->count; i-- > 0;)
            if (str_equal_fold(scope->list[i].said->name, wanted))
                return &scope->list[i];
    }
    return NULL;
}

static Source *source_of_cte(Binder *binder, const BoundCte *cte, Str alias)
{
    Source *source = arena_alloc(binder->arena, sizeof *source);
    *source = *cte->shape;
    source->alias = alias.len ? alias : cte->said->name;
    source->number = ++binder->next_number;
    source->cte = cte->number;
    return source;
}

/* A view stands for its query; names inside it mean what they meant to its owner. */
static BoundQuery *query_of_view(Binder *binder, const Object *view)
{
    const Query *query = NULL;
    Binder inner = {.world = binder->world,
                    .arena = binder->arena,
                    .fault = binder->fault,
                    .in_view = true,
                    .depth = binder->depth + 1,
                    .next_number = binder->next_number,
                    .reads_system = binder->reads_system};
    if (binder->depth >= VIEW_DEPTH_MAX)
        fault_set(binder->fault, 0, MSG(217));
    if (bind_failed(binder) ||
        !parse_view(str_of(view->definition), binder->arena, &query, binder->fault))
        return NULL;
    BoundQuery *bound = bind_query(&inner, query);
    binder->next_number = inner.next_number;
    binder->reads_system = inner.reads_system;
    return bound;
}

static void use_view(Binder *binder, const Object *object)
{
    if (object->system)
        binder->reads_system |= UINT64_C(1) << (object->system - 1);
    if (!binder->in_view)
        binder->world->see(binder->world->who, object, binder->fault);
}

static void bind_view(Binder *binder, BoundFrom *from, const Object *view)
{
    from->query = query_of_view(binder, view);
    if (bind_failed(binder))
        return;
    from->kind = FROM_QUERY;
    from->source =
        source_of_query(binder, from->query, from->said->alias, NULL, 0, from->said->line);
    from->source->object = view;
}

static void bind_table(Binder *binder, BoundFrom *from)
{
    const From *said = from->said;
    const BoundCte *cte = find_cte(binder, &said->name);
    const Object *object = cte ? NULL : bind_object(binder, &said->name, 208);

    if (cte)
        from->source = source_of_cte(binder, cte, said->alias);
    else if (!object || !bind_may(binder, "SELECT", object))
        return;
    else if (object->kind == OBJECT_PROCEDURE)
        bind_fault(binder, said, MSG(2809), object->name, object->name);
    else if (object->kind == OBJECT_VIEW)
        bind_view(binder, from, object);
    else
        from->source = bind_source(binder, said->alias, object);
    if (object)
        use_view(binder, object);
}

static void bind_from_variable(Binder *binder, BoundFrom *from)
{
    const From *said = from->said;
    const Object *table = bind_table_variable(binder, said->name.parts[0], said->line);
    from->kind = FROM_TABLE;
    if (table)
        from->source =
            bind_source(binder, said->alias.len ? said->alias : said->name.parts[0], table);
}

void bind_inner_order(Fault *fault, const Query *query, int line)
{
    bool has_top = query->body->kind == BODY_SELECT && query->body->select->top;
    if (query->order_count && !has_top)
        fault_set(fault, line, MSG(1033));
}

static void bind_derived(Binder *binder, BoundFrom *from)
{
    const From *said = from->said;
    Scope *scope = binder->scope;
    binder->scope = scope->outer; // a derived table does not see its neighbors
    from->query = bind_query(binder, said->query);
    binder->scope = scope;
    if (bind_failed(binder))
        return;
    bind_inner_order(binder->fault, said->query, said->line);
    from->source = source_of_query(binder, from->query, said->alias, said->columns,
                                   said->column_count, said->line);
}

Bound *bind_default(Binder *binder, const Column *column, const Expr *near_expr)
{
    const Expr *said = NULL;
    Binder alone = *binder;
    if (!column->default_text ||
        !parse_expression(str_of(column->default_text), binder->arena, &said, binder->fault))
        return bind_new(binder, EXPR_NULL, near_expr);
    alone.has_variables = false;
    alone.scope = NULL;
    return bind_value(&alone, said);
}

/* The types of the columns of a table value constructor, so far as the row knows them. */
static void bind_values_row(Binder *binder, const From *said, size_t row, Bound **values,
                            OutColumn *columns)
{
    for (size_t i = 0; i < said->rows[row].count && !bind_failed(binder); i++) {
        const Bound *value = values[i] = bind_value(binder, said->rows[row].values[i]);
        bool is_null = value->kind == EXPR_NULL, is_first = columns[i].is_null_literal;
        columns[i].is_nullable = columns[i].is_nullable || is_null || value->is_nullable;
        if (is_null)
            continue;
        columns[i].type = is_first ? value->type : type_unify(columns[i].type, value->type);
        columns[i].is_null_literal = false;
    }
}

static void check_values(Binder *binder, const From *said)
{
    if (said->row_count > VALUES_MAX)
        bind_fault(binder, said, MSG(10738));
    for (size_t r = 1; r < said->row_count; r++)
        if (said->rows[r].count != said->rows[0].count)
            bind_fault(binder, said, MSG(10709));
}

static void bind_values(Binder *binder, BoundFrom *from)
{
    const From *said = from->said;
    size_t width = said->rows[0].count;
    OutColumn *columns = arena_alloc_array(binder->arena, width + 1, sizeof *columns);
    BoundQuery shape = {.columns = columns, .column_count = width};

    check_values(binder, said);
    from->row_count = said->row_count;
    from->values = arena_alloc_array(binder->arena, width * said->row_count, sizeof(Bound *));
    for (size_t i = 0; i < width; i++)
        columns[i] = (OutColumn){.type = type_of(SB_INT), .is_null_literal = true};
    for (size_t r = 0; r < said->row_count && !bind_failed(binder); r++)
        bind_values_row(binder, said, r, &from->values[r * width], columns);
    for (size_t i = 0; i < width * said->row_count && !bind_failed(binder); i++)
        bind_convert(binder, &from->values[i], columns[i % width].type, false);
    for (size_t i = 0; i < width && !said->columns; i++) // INSERT: nobody asks for the names
        columns[i].name = str_of(column_name(binder, i));
    if (said->alias.len && !said->columns)
        bind_fault(binder, said, MSG(8155), (size_t)1, STR_FMT(said->alias));
    from->source =
        source_of_query(binder, &shape, said->alias, said->columns, said->column_count, said->line);
    for (size_t i = 0; i < width; i++)
        from->source->columns[i].sql = arena_printf(binder->arena, "column%zu", i + 1);
}

static void bind_join(Binder *binder, BoundFrom *from)
{
    from->left = bind_from(binder, from->said->left);
    from->right = bind_from(binder, from->said->right);
    if (bind_failed(binder))
        return;
    const Source *right = from->right->source;
    for (size_t i = 0; from->join == JOIN_LEFT && i < right->column_count; i++)
        right->columns[i].is_nullable = true;
    if (from->said->on) {
        binder->clause = CLAUSE_ON;
        from->on = bind_condition(binder, from->said->on);
    }
}

BoundFrom *bind_from(Binder *binder, const From *said)
{
    static void (*const binds[])(Binder * binder,
                                 BoundFrom * from) = {[FROM_TABLE] = bind_table,
                                                      [FROM_QUERY] = bind_derived,
                                                      [FROM_JOIN] = bind_join,
                                                      [FROM_VALUES] = bind_values,
                                                      [FROM_VARIABLE] = bind_from_variable};
    BoundFrom *from = arena_alloc(binder->arena, sizeof *from);

    *from = (BoundFrom){.kind = said->kind, .join = said->join, .said = said};
    if (!bind_failed(binder))
        binds[said->kind](binder, from);
    if (!bind_failed(binder) && from->source)
        bind_add_source(binder, from->source);
    return from;
}

/* ---- CTEs ------------------------------------------------------------------------------------ */

static void bind_ctes(Binder *binder, CteScope *scope, const Query *query)
{
    Scope *outer = binder->scope;
    *scope =
        (CteScope){.outer = binder->ctes,
                   .list = arena_alloc_array(binder->arena, query->cte_count, sizeof *scope->list)};
    binder->ctes = scope;
    binder->scope = NULL;
    for (size_t i = 0; i < query->cte_count && !bind_failed(binder); i++) {
        const Cte *said = &query->ctes[i];
        BoundCte *cte = &scope->list[i];
        *cte = (BoundCte){.said = said, .number = ++binder->next_number};
        cte->query = bind_query(binder, said->query);
        if (bind_failed(binder))
            return;
        bind_inner_order(binder->fault, said->query, said->line);
        cte->shape = source_of_query(binder, cte->query, said->name, NULL, 0, said->line);
        scope->count++;
    }
    binder->scope = outer;
}

/* ---- select lists ---------------------------------------------------------------------------- */

static bool star_means(const Name *star, const Source *source)
{
    if (star->count == 0)
        return true;
    if (source->alias.len)
        return star->count == 1 && str_equal_fold(source->alias, name_last(star));
    return source->object && str_equal_fold(str_of(source->object->name), name_last(star));
}

static BoundItem *add_item(Binder *binder, BoundSelect *select, Bound *expr)
{
    BoundItem *item = ARENA_PUSH(binder->arena, select->items, select->item_count);
    item->expr = expr;
    return item;
}

static void expand_star(Binder *binder, const Expr *star, BoundSelect *select)
{
    bool found = false;
    const Scope *scope = binder->scope;
    for (size_t s = 0; s < scope->count; s++) {
        Source *source = scope->sources[s];
        if (!star_means(&star->name, source))
            continue;
        found = true;
        for (size_t i = 0; i < source->column_count; i++)
            add_item(binder, select, bind_column_of(binder, source, i, star));
    }
    if (!found && star->name.count)
        bind_fault(binder, star, MSG(107), STR_FMT(name_last(&star->name)));
    else if (!found)
        bind_fault(binder, star, MSG(263));
}

static void bind_assigned(Binder *binder, const Item *said, BoundSelect *select)
{
    SbType type = type_of(SB_INT);
    ptrdiff_t at = bind_variable(binder, said->variable, said->expr->line, &type);
    Bound *value = bind_variable_value(binder, said->expr, type);
    add_item(binder, select, value)->variable = at < 0 ? 0 : (size_t)at;
}

static void bind_items(Binder *binder, BoundSelect *select)
{
    size_t assignments = 0;

    for (size_t i = 0; i < select->said->item_count && !bind_failed(binder); i++) {
        const Item *said = &select->said->items[i];
        assignments += said->variable.len > 0;
        if (said->expr->kind == EXPR_STAR)
            expand_star(binder, said->expr, select);
        else if (said->variable.len)
            bind_assigned(binder, said, select);
        else
            add_item(binder, select, bind_value(binder, said->expr))->alias = said->alias;
    }
    select->is_assignment = assignments > 0;
    if (assignments && assignments < select->item_count)
        bind_fault(binder, select->said, MSG(141));
}

static bool reads_variable(const Bound *expr, size_t variable)
{
    if (expr->kind == EXPR_VARIABLE && expr->variable == variable)
        return true;
    for (size_t i = 0; i < expr->arg_count; i++)
        if (reads_variable(expr->args[i], variable))
            return true;
    return false;
}

/* SELECT @s = @s + name FROM t adds row by row, in an order the server does not promise. */
static void refuse_running_sum(Binder *binder, const BoundSelect *select)
{
    bool one_row = !select->from || (select->has_aggregates && !select->group_count);
    for (size_t i = 0; select->is_assignment && !one_row && i < select->item_count; i++)
        for (size_t j = 0; j < select->item_count; j++)
            if (reads_variable(select->items[i].expr, select->items[j].variable))
                bind_refuse(binder, select->items[i].expr->said,
                            "a variable that changes from row to row is not known here");
}

static Str item_name(const BoundItem *item)
{
    if (item->alias.len)
        return item->alias;
    if (item->expr->kind == EXPR_COLUMN)
        return item->expr->source->columns[item->expr->column].name;
    return str_of("");
}

/* ---- GROUP BY -------------------------------------------------------------------------------- */

static void check_body_grouped(Binder *binder, const BoundSelect *of, const BoundBody *body);

static bool owns(const BoundSelect *select, const Source *source)
{
    for (size_t i = 0; i < select->source_count; i++)
        if (select->sources[i] == source)
            return true;
    return false;
}

static void column_not_grouped(Binder *binder, const Bound *expr)
{
    const Source *source = expr->source;
    Str alias = source->alias.len ? source->alias
                : source->object  ? str_of(source->object->name)
                                  : str_of("");
    bind_fault(binder, expr->said, MSG(8120), STR_FMT(alias),
               STR_FMT(source->columns[expr->column].name));
}

static void check_grouped(Binder *binder, const BoundSelect *of, const Bound *expr)
{
    if (!expr || bind_failed(binder))
        return;
    for (size_t i = 0; i < of->group_count; i++)
        if (bound_same(expr, of->group[i]))
            return;
    if (expr->is_aggregate && !expr->over)
        return;
    if (expr->kind == EXPR_COLUMN && owns(of, expr->source)) {
        column_not_grouped(binder, expr);
        return;
    }
    for (size_t i = 0; i < expr->arg_count; i++)
        check_grouped(binder, of, expr->args[i]);
    if (expr->query)
        check_body_grouped(binder, of, expr->query->body);
    for (size_t i = 0; expr->over && i < expr->over->partition_count; i++)
        check_grouped(binder, of, expr->over->partition[i]);
    for (size_t i = 0; expr->over && i < expr->over->order_count; i++)
        check_grouped(binder, of, expr->over->order[i].expr);
}

static void check_from_grouped(Binder *binder, const BoundSelect *of, const BoundFrom *from)
{
    if (!from || from->kind != FROM_JOIN)
        return;
    check_from_grouped(binder, of, from->left);
    check_from_grouped(binder, of, from->right);
    check_grouped(binder, of, from->on);
}

static void check_select_grouped(Binder *binder, const BoundSelect *of, const BoundSelect *select)
{
    for (size_t i = 0; i < select->item_count; i++)
        check_grouped(binder, of, select->items[i].expr);
    if (select != of) {
        check_from_grouped(binder, of, select->from);
        check_grouped(binder, of, select->where);
    }
    check_grouped(binder, of, select->having);
}

static void check_body_grouped(Binder *binder, const BoundSelect *of, const BoundBody *body)
{
    if (body->kind == BODY_UNION) {
        check_body_grouped(binder, of, body->left);
        check_body_grouped(binder, of, body->right);
    } else {
        check_select_grouped(binder, of, body->select);
    }
}

static void bind_group(Binder *binder, BoundSelect *select)
{
    const Select *said = select->said;
    binder->clause = CLAUSE_GROUP;
    select->group = arena_alloc_array(binder->arena, said->group_count, sizeof *select->group);
    for (size_t i = 0; i < said->group_count && !bind_failed(binder); i++) {
        int kind = (select->group[i] = bind_value(binder, said->group[i]))->kind;
        select->group_count++;
        if (kind == EXPR_INTEGER || kind == EXPR_STRING || kind == EXPR_NULL ||
            kind == EXPR_DECIMAL)
            fault_set(binder->fault, said->group[i]->line, MSG(164));
    }
}

static bool is_grouped(const BoundSelect *select)
{
    return select->group_count || select->has_aggregates;
}

/* ---- SELECT ---------------------------------------------------------------------------------- */

Bound *bind_top(Binder *binder, const Expr *said)
{
    Bound *top = said ? bind_value(binder, said) : NULL;
    if (top)
        bind_convert(binder, &top, type_of(SB_BIGINT), false);
    return top;
}

/* The select item that an ORDER BY names by its place or its name; 0: none, an expression. */
static int named_item(Binder *binder, const BoundQuery *query, const Expr *expr)
{
    int64_t at = 0;
    if (expr->kind == EXPR_INTEGER) {
        if (!str_to_i64(expr->text, &at) || at < 1 || at > (int64_t)query->column_count)
            bind_fault(binder, expr, MSG(108), STR_FMT(expr->text));
        return (int)at;
    }
    for (size_t c = 0; c < query->column_count && expr->kind == EXPR_COLUMN; c++)
        if (expr->name.count == 1 && str_equal_fold(query->columns[c].name, expr->name.parts[0]))
            return (int)c + 1;
    return 0;
}

/* An expression of its own: it may still be that of a select item. */
static void bind_order_expr(Binder *binder, BoundOrder *order, const Expr *said,
                            const BoundSelect *select)
{
    order->expr = bind_value(binder, said);
    if (bind_failed(binder))
        return;
    for (size_t c = 0; c < select->item_count && !order->item; c++)
        if (bound_same(order->expr, select->items[c].expr))
            order->item = (int)c + 1;
    if (!order->item && select->said->is_distinct)
        bind_fault(binder, said, MSG(145));
    if (!order->item && is_grouped(select))
        check_grouped(binder, select, order->expr);
}

static void bind_order(Binder *binder, BoundQuery *query, const Query *said)
{
    binder->clause = CLAUSE_ORDER;
    query->order = arena_alloc_array(binder->arena, said->order_count, sizeof *query->order);
    query->order_count = said->order_count;
    for (size_t i = 0; i < said->order_count && !bind_failed(binder); i++) {
        const OrderItem *item = &said->order[i];
        BoundOrder *order = &query->order[i];
        *order = (BoundOrder){.is_descending = item->is_descending,
                              .item = named_item(binder, query, item->expr)};
        if (!order->item && query->body->kind == BODY_SELECT)
            bind_order_expr(binder, order, item->expr, query->body->select);
        else if (!order->item)
            bind_fault(binder, item->expr, MSG(104));
    }
}

static void columns_of_select(Binder *binder, BoundBody *body)
{
    const BoundSelect *select = body->select;
    body->column_count = select->item_count;
    body->columns = arena_alloc_array(binder->arena, select->item_count + 1, sizeof *body->columns);
    for (size_t i = 0; i < select->item_count; i++) {
        const Bound *expr = select->items[i].expr;
        body->columns[i] = (OutColumn){.name = item_name(&select->items[i]),
                                       .type = expr->type,
                                       .is_nullable = expr->is_nullable || expr->kind == EXPR_NULL,
                                       .is_null_literal = expr->kind == EXPR_NULL};
    }
}

static bool is_all_null(const BoundFrom *values, size_t column)
{
    for (size_t r = 0; r < values->row_count; r++)
        if (values->values[r * values->source->column_count + column]->kind != EXPR_NULL)
            return false;
    return true;
}

/* A column that is NULL in every row has no type: it fits any column it is inserted into. */
static void values_items(Binder *binder, BoundSelect *select)
{
    Source *source = select->from->source;
    const Expr *near_expr = bind_near(binder, select->said->line, str_of("VALUES"));
    for (size_t i = 0; i < source->column_count; i++)
        add_item(binder, select,
                 is_all_null(select->from, i) ? bind_new(binder, EXPR_NULL, near_expr)
                                              : bind_column_of(binder, source, i, near_expr));
}

static void refuse_distinct_offsets(Binder *binder, const BoundSelect *select)
{
    for (size_t i = 0; select->said->is_distinct && i < select->item_count; i++)
        if (select->items[i].expr->type.id == SB_DATETIMEOFFSET)
            fault_refuse(binder->fault, select->said->line, "DISTINCT", 8,
                         "rows with datetimeoffset are not made distinct here: two offsets may be "
                         "one instant");
}

/* Leaves the scope pushed: ORDER BY still looks into it. */
static BoundSelect *bind_select(Binder *binder, const Select *said)
{
    BoundSelect *select = arena_alloc(binder->arena, sizeof *select);
    Scope *scope = bind_push(binder, select);
    select->said = said;
    if (said->from)
        select->from = bind_from(binder, said->from);
    if (bind_failed(binder))
        return select;
    select->sources = scope->sources;
    select->source_count = scope->count;
    binder->clause = CLAUSE_WHERE;
    if (said->where)
        select->where = bind_condition(binder, said->where);
    bind_group(binder, select);
    binder->clause = CLAUSE_SELECT;
    if (said->items)
        bind_items(binder, select);
    else if (!bind_failed(binder))
        values_items(binder, select);
    if (said->having) {
        binder->clause = CLAUSE_HAVING;
        select->having = bind_condition(binder, said->having);
    }
    if (bind_failed(binder))
        return select;
    if (is_grouped(select) || select->having)
        check_select_grouped(binder, select, select);
    refuse_running_sum(binder, select);
    select->top = bind_top(binder, said->top);
    refuse_distinct_offsets(binder, select);
    return select;
}

/* ---- set operations -------------------------------------------------------------------------- */

static void coerce_body(Binder *binder, BoundBody *body, const OutColumn *columns)
{
    if (bind_failed(binder))
        return;
    if (body->kind == BODY_UNION) {
        coerce_body(binder, body->left, columns);
        coerce_body(binder, body->right, columns);
    } else {
        for (size_t i = 0; i < body->select->item_count; i++)
            bind_convert(binder, &body->select->items[i].expr, columns[i].type, false);
    }
    for (size_t i = 0; i < body->column_count; i++)
        body->columns[i].type = columns[i].type;
}

static BoundBody *bind_body(Binder *binder, const Body *said);

static void bind_union(Binder *binder, BoundBody *body, const Body *said)
{
    Scope *scope = binder->scope;
    body->left = bind_body(binder, said->left);
    binder->scope = scope;
    body->right = bind_body(binder, said->right);
    binder->scope = scope;
    if (bind_failed(binder))
        return;
    if (body->left->column_count != body->right->column_count) {
        bind_fault(binder, said, MSG(205));
        return;
    }
    body->column_count = body->left->column_count;
    body->columns = arena_alloc_array(binder->arena, body->column_count + 1, sizeof *body->columns);
    for (size_t i = 0; i < body->column_count; i++) {
        const OutColumn *left = &body->left->columns[i], *right = &body->right->columns[i];
        body->columns[i] = *left;
        body->columns[i].is_nullable = left->is_nullable || right->is_nullable;
        body->columns[i].is_null_literal = left->is_null_literal && right->is_null_literal;
        if (left->is_null_literal)
            body->columns[i].type = right->type;
        else if (!right->is_null_literal)
            body->columns[i].type = type_unify(left->type, right->type);
    }
    coerce_body(binder, body->left, body->columns);
    coerce_body(binder, body->right, body->columns);
}

static BoundBody *bind_body(Binder *binder, const Body *said)
{
    BoundBody *body = arena_alloc(binder->arena, sizeof *body);
    body->kind = said->kind;
    if (bind_failed(binder))
        return body;
    if (said->kind == BODY_UNION) {
        bind_union(binder, body, said);
        return body;
    }
    body->select = bind_select(binder, said->select);
    if (!bind_failed(binder))
        columns_of_select(binder, body);
    return body;
}

BoundQuery *bind_query(Binder *binder, const Query *said)
{
    BoundQuery *query = arena_alloc(binder->arena, sizeof *query);
    const Binder outer = *binder;
    CteScope ctes;

    if (bind_failed(binder))
        return query;
    binder->in_aggregate = false;
    if (said->cte_count) {
        bind_ctes(binder, &ctes, said);
        query->ctes = ctes.list;
        query->cte_count = ctes.count;
    }
    query->body = bind_body(binder, said->body);
    if (!bind_failed(binder)) {
        query->columns = query->body->columns;
        query->column_count = query->body->column_count;
        bind_order(binder, query, said);
    }
    binder->scope = outer.scope;
    binder->ctes = outer.ctes;
    binder->clause = outer.clause;
    binder->in_aggregate = outer.in_aggregate;
    return query;
}
