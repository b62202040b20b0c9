/* Queries: row sets of FROM, select lists, grouping, set operations. */
#include "bind.h"
#include "func.h"

#include "../front/parse.h"

#include <stdio.h>
#include <string.h>

enum { VIEW_DEPTH_MAX = 32, VALUES_MAX = 1000 };

/* ---- scopes and sources ------------------------------------------------------------------ */

Scope *bind_push(Binder *binder, Select *select)
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
        bool same =
            source->alias.len
                ? other->alias.len && str_equal_fold(other->alias, source->alias)
                : !other->alias.len && other->object == source->object && !source->is_hidden;
        if (same && !other->is_hidden)
            fault_set(binder->fault, 0, MSG(1011),
                      STR_FMT(source->alias.len ? source->alias : str_of(source->object->name)));
    }
    scope->sources = arena_grow(binder->arena, scope->sources, scope->count, scope->count + 1,
                                &scope->capacity, sizeof(Source *));
    scope->sources[scope->count++] = source;
}

Source *bind_source(Binder *binder, Str alias, const Object *object)
{
    Source *source = arena_alloc(binder->arena, sizeof *source);
    source->alias = alias;
    source->object = object;
    source->number = ++binder->next_number;
    source->column_count = object->column_count;
    source->columns =
        arena_alloc_array(binder->arena, object->column_count + 1, sizeof *source->columns);
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
static Source *source_of_query(Binder *binder, const Query *query, Str alias, const Str *names,
                               size_t name_count, int line)
{
    Source *source = arena_alloc(binder->arena, sizeof *source);
    source->alias = alias;
    source->number = ++binder->next_number;
    source->column_count = query->column_count;
    source->columns =
        arena_alloc_array(binder->arena, query->column_count + 1, sizeof *source->columns);
    if (names && name_count != query->column_count)
        fault_set(binder->fault, line, name_count < query->column_count ? 8158 : 8159,
                  "'%.*s' has %s columns than were specified in the column list.", STR_FMT(alias),
                  name_count < query->column_count ? "more" : "fewer");
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

/* Its columns by position: for whoever puts the rows elsewhere and needs no names. */
Source *bind_query_source(Binder *binder, const Query *query, Str alias)
{
    Str *names = arena_alloc_array(binder->arena, query->column_count + 1, sizeof *names);
    for (size_t i = 0; i < query->column_count; i++)
        names[i] = str_of(column_name(binder, i));
    return source_of_query(binder, query, alias, names, query->column_count, query->line);
}

/* ---- objects ----------------------------------------------------------------------------- */

bool bind_may(Binder *binder, const char *permission, const Object *object)
{
    const World *world = binder->world;
    if (binder->in_view || world->is_definer || world->may(world->who, permission, object))
        return true;
    return fault_set(binder->fault, 0, MSG(229), permission, object->name, world->database,
                     object->schema);
}

const Object *bind_object(Binder *binder, const Name *name, int32_t missing_number)
{
    const World *world = binder->world;
    Str object = name->parts[name->count - 1];
    Str schema = name->count > 1 ? name->parts[name->count - 2] : str_of("dbo");
    const Object *found = NULL;
    char text[400];

    bind_full_name(name, text, sizeof text);
    if (object.len && object.at[0] == '#')
        found = world->temp(world->who, object);
    else if (name->count < 3 || str_equal_fold(name->parts[0], str_of(world->database)))
        found = catalog_find(world->catalog, schema, object);
    if (!found)
        fault_set(binder->fault, name->line, missing_number, "Invalid object name '%s'.", text);
    return found;
}

static Cte *find_cte(const Binder *binder, const Name *name)
{
    if (name->count != 1)
        return NULL;
    for (CteScope *scope = binder->ctes; scope; scope = scope->outer) {
        if (scope->binding && str_equal_fold(scope->binding->name, name->parts[0]))
            fault_refuse(binder->fault, name->line, name->parts[0].at, name->parts[0].len,
                         "recursive common table expressions are not known here");
        for (size_t i = scope->count; i-- > 0;)
            if (str_equal_fold(scope->list[i].name, name->parts[0]))
                return &scope->list[i];
    }
    return NULL;
}

static Source *source_of_cte(Binder *binder, const Cte *cte, Str alias)
{
    Source *source = arena_alloc(binder->arena, sizeof *source);
    *source = *cte->shape;
    source->alias = alias.len ? alias : cte->name;
    source->number = ++binder->next_number;
    source->cte = cte->number;
    return source;
}

/* A view stands for its query; names inside it mean what they meant to its owner. */
static Query *query_of_view(Binder *binder, const Object *view, Str **ret_names,
                            size_t *ret_name_count)
{
    Query *query = NULL;
    Binder outer = *binder;
    if (binder->depth >= VIEW_DEPTH_MAX) {
        fault_set(binder->fault, 0, MSG(217));
        return NULL;
    }
    if (!parse_view(str_of(view->definition), binder->arena, &query, ret_names, ret_name_count,
                    binder->fault))
        return NULL;
    binder->scope = NULL;
    binder->ctes = NULL;
    binder->has_variables = false;
    binder->in_view = true;
    binder->in_aggregate = false;
    binder->clause = CLAUSE_NONE;
    binder->depth++;
    bind_query(binder, query);
    int next = binder->next_number;
    uint64_t reads_system = binder->reads_system;
    *binder = outer;
    binder->next_number = next;
    binder->reads_system = reads_system;
    return query;
}

static void name_columns(Source *source, const Object *object)
{
    for (size_t i = 0; i < source->column_count && i < object->column_count; i++)
        source->columns[i].name = str_of(object->columns[i].name);
}

static void use_system_view(Binder *binder, const Object *object)
{
    const World *world = binder->world;
    if (object->system)
        binder->reads_system |= UINT64_C(1) << (object->system - 1);
    if (object->is_state && !binder->in_view)
        (void)world->may_state(world->who, binder->fault);
}

static void bind_table(Binder *binder, From *from)
{
    const Cte *cte = find_cte(binder, &from->name);
    if (cte) {
        from->source = source_of_cte(binder, cte, from->alias);
        bind_add_source(binder, from->source);
        return;
    }
    const Object *object = bind_object(binder, &from->name, 208);
    if (!object || !bind_may(binder, "SELECT", object))
        return;
    if (object->kind == OBJECT_PROCEDURE) {
        fault_set(binder->fault, from->line, MSG(2809), object->name, object->name);
        return;
    }
    if (object->kind == OBJECT_VIEW) {
        use_system_view(binder, object);
        Str *names = NULL;
        size_t name_count = 0;
        from->query = query_of_view(binder, object, &names, &name_count);
        if (!from->query)
            return;
        from->kind = FROM_QUERY;
        from->source =
            source_of_query(binder, from->query, from->alias, names, name_count, from->line);
        from->source->object = object;
        if (!bind_failed(binder))
            name_columns(from->source, object);
    } else {
        from->source = bind_source(binder, from->alias, object);
        if (object->kind == OBJECT_SYSTEM)
            use_system_view(binder, object);
    }
    bind_add_source(binder, from->source);
}

static void bind_from_variable(Binder *binder, From *from)
{
    const Object *table = bind_table_variable(binder, from->name.parts[0], from->line);
    if (!table)
        return;
    from->source = bind_source(binder, from->alias.len ? from->alias : from->name.parts[0], table);
    from->kind = FROM_TABLE;
    bind_add_source(binder, from->source);
}

void bind_inner_order(Fault *fault, const Query *query, int line)
{
    bool has_top = query->body->kind == BODY_SELECT && query->body->select->top;
    if (query->order_count && !has_top)
        fault_set(fault, line, MSG(1033));
}

static void bind_derived(Binder *binder, From *from)
{
    Scope *scope = binder->scope;
    binder->scope = scope->outer; // a derived table does not see its neighbours
    bind_query(binder, from->query);
    binder->scope = scope;
    if (bind_failed(binder))
        return;
    bind_inner_order(binder->fault, from->query, from->line);
    from->source =
        source_of_query(binder, from->query, from->alias, from->column_count ? from->columns : NULL,
                        from->column_count, from->line);
    bind_add_source(binder, from->source);
}

/* The types of the columns of a table value constructor, so far as the row knows them. */
static void bind_values_row(Binder *binder, const ValuesRow *row, OutColumn *columns)
{
    for (size_t i = 0; i < row->count; i++) {
        Expr **value = &row->values[i];
        if ((*value)->kind == EXPR_DEFAULT)
            bind_refuse(binder, *value, "DEFAULT stands here in single-row VALUES of INSERT only");
        bind_value(binder, value);
        if (bind_failed(binder))
            return;
        bool is_null = (*value)->kind == EXPR_NULL, is_first = columns[i].is_null_literal;
        columns[i].is_nullable = columns[i].is_nullable || is_null || (*value)->is_nullable;
        if (is_null)
            continue;
        columns[i].type = is_first ? (*value)->type : type_unify(columns[i].type, (*value)->type);
        columns[i].is_null_literal = false;
    }
}

static void check_values(Binder *binder, const From *from)
{
    if (from->row_count > VALUES_MAX)
        fault_set(binder->fault, from->line, MSG(10738));
    for (size_t r = 1; r < from->row_count; r++)
        if (from->rows[r].count != from->rows[0].count)
            fault_set(binder->fault, from->line, MSG(10709));
}

static void bind_values(Binder *binder, From *from)
{
    size_t width = from->rows[0].count;
    OutColumn *columns = arena_alloc_array(binder->arena, width + 1, sizeof *columns);
    Query shape = {.columns = columns, .column_count = width};

    check_values(binder, from);
    for (size_t i = 0; i < width; i++)
        columns[i] = (OutColumn){.type = type_of(SB_INT), .is_null_literal = true};
    for (size_t r = 0; r < from->row_count && !bind_failed(binder); r++)
        bind_values_row(binder, &from->rows[r], columns);
    for (size_t r = 0; r < from->row_count; r++)
        for (size_t i = 0; i < width && !bind_failed(binder); i++)
            bind_convert(binder, &from->rows[r].values[i], columns[i].type, false);
    for (size_t i = 0; i < width && !from->column_count; i++) // INSERT: nobody asks for the names
        columns[i].name = str_of(column_name(binder, i));
    if (from->alias.len && !from->column_count)
        fault_set(binder->fault, from->line, MSG(8155), (size_t)1, STR_FMT(from->alias));
    if (bind_failed(binder))
        return;
    from->source =
        source_of_query(binder, &shape, from->alias, from->column_count ? from->columns : NULL,
                        from->column_count, from->line);
    for (size_t i = 0; i < from->source->column_count; i++)
        from->source->columns[i].sql = arena_printf(binder->arena, "column%zu", i + 1);
    bind_add_source(binder, from->source);
}

static void make_nullable(From *from)
{
    if (!from)
        return;
    if (from->kind == FROM_JOIN) {
        make_nullable(from->left);
        make_nullable(from->right);
        return;
    }
    for (size_t i = 0; from->source && i < from->source->column_count; i++)
        from->source->columns[i].is_nullable = true;
}

void bind_from(Binder *binder, From *from)
{
    if (bind_failed(binder))
        return;
    switch (from->kind) {
    case FROM_TABLE:
        bind_table(binder, from);
        return;
    case FROM_VARIABLE:
        bind_from_variable(binder, from);
        return;
    case FROM_QUERY:
        bind_derived(binder, from);
        return;
    case FROM_VALUES:
        bind_values(binder, from);
        return;
    case FROM_JOIN:
        break;
    }
    bind_from(binder, from->left);
    bind_from(binder, from->right);
    if (bind_failed(binder))
        return;
    if (from->join == JOIN_LEFT)
        make_nullable(from->right);
    if (from->on) {
        binder->clause = CLAUSE_ON;
        bind_condition(binder, &from->on);
    }
}

/* ---- CTEs -------------------------------------------------------------------------------- */

static void bind_ctes(Binder *binder, CteScope *scope, Cte *list, size_t count)
{
    *scope = (CteScope){.outer = binder->ctes, .list = list};
    binder->ctes = scope;
    for (size_t i = 0; i < count && !bind_failed(binder); i++) {
        Cte *cte = &list[i];
        Scope *outer = binder->scope;
        binder->scope = NULL;
        cte->number = ++binder->next_number;
        scope->binding = cte;
        bind_query(binder, cte->query);
        scope->binding = NULL;
        binder->scope = outer;
        if (bind_failed(binder))
            return;
        bind_inner_order(binder->fault, cte->query, cte->line);
        cte->shape =
            source_of_query(binder, cte->query, cte->name, cte->column_count ? cte->columns : NULL,
                            cte->column_count, cte->line);
        scope->count++;
    }
}

/* ---- select lists ------------------------------------------------------------------------ */

Expr *bind_column_of(Binder *binder, Source *source, size_t column, const Expr *star)
{
    Expr *expr = bind_new(binder, EXPR_COLUMN, star);
    expr->name.parts[0] = source->columns[column].name;
    expr->name.count = 1;
    expr->source = source;
    expr->column = column;
    expr->type = source->columns[column].type;
    expr->is_nullable = source->columns[column].is_nullable;
    return expr;
}

static bool star_means(const Expr *star, const Source *source)
{
    if (star->name.count == 0)
        return !source->is_hidden;
    Str last = star->name.parts[star->name.count - 1];
    if (source->alias.len)
        return star->name.count == 1 && str_equal_fold(source->alias, last);
    return source->object && str_equal_fold(str_of(source->object->name), last);
}

static void expand_star(Binder *binder, const Expr *star, Item **list, size_t *count,
                        size_t *capacity)
{
    bool found = false;
    const Scope *scope = binder->scope;
    for (size_t s = 0; s < scope->count; s++) {
        if (!star_means(star, scope->sources[s]))
            continue;
        found = true;
        for (size_t i = 0; i < scope->sources[s]->column_count; i++) {
            *list = arena_grow(binder->arena, *list, *count, *count + 1, capacity, sizeof **list);
            (*list)[(*count)++] =
                (Item){.expr = bind_column_of(binder, scope->sources[s], i, star)};
        }
    }
    if (!found && star->name.count)
        fault_set(binder->fault, star->line, MSG(107),
                  STR_FMT(star->name.parts[star->name.count - 1]));
    else if (!found)
        fault_set(binder->fault, star->line, MSG(263));
}

static void bind_items(Binder *binder, Select *select)
{
    Item *list = NULL;
    size_t count = 0, capacity = 0, assignments = 0;

    for (size_t i = 0; i < select->item_count && !bind_failed(binder); i++) {
        Item item = select->items[i];
        if (item.expr->kind == EXPR_STAR) {
            expand_star(binder, item.expr, &list, &count, &capacity);
            continue;
        }
        if (item.variable.len) {
            SbType type;
            ptrdiff_t at = bind_variable(binder, item.variable, item.expr->line, &type);
            if (at < 0)
                return;
            item.variable_index = (size_t)at;
            bind_variable_value(binder, &item.expr, type);
            assignments++;
        } else {
            bind_value(binder, &item.expr);
        }
        list = arena_grow(binder->arena, list, count, count + 1, &capacity, sizeof *list);
        list[count++] = item;
    }
    select->items = list;
    select->item_count = count;
    select->is_assignment = assignments > 0;
    if (assignments && assignments < count)
        fault_set(binder->fault, select->line, MSG(141));
}

static bool reads_variable(const Expr *expr, size_t variable)
{
    if (expr->kind == EXPR_VARIABLE && expr->variable == variable)
        return true;
    for (size_t i = 0; i < expr->arg_count; i++)
        if (reads_variable(expr->args[i], variable))
            return true;
    return false;
}

/* SELECT @s = @s + name FROM t adds row by row, in an order the server does not promise. */
static void refuse_running_sum(Binder *binder, const Select *select)
{
    bool one_row = !select->from || (select->has_aggregates && !select->group_count);
    for (size_t i = 0; select->is_assignment && !one_row && i < select->item_count; i++)
        for (size_t j = 0; j < select->item_count; j++)
            if (reads_variable(select->items[i].expr, select->items[j].variable_index))
                bind_refuse(binder, select->items[i].expr,
                            "a variable that changes from row to row is not known here");
}

static Str item_name(const Item *item)
{
    if (item->alias.len)
        return item->alias;
    if (item->expr->kind == EXPR_COLUMN)
        return item->expr->source->columns[item->expr->column].name;
    return str_of("");
}

/* ---- GROUP BY ---------------------------------------------------------------------------- */

typedef struct GroupCheck {
    Binder *binder;
    const Select *select;
} GroupCheck;

static void check_query_grouped(const GroupCheck *check, const Query *query);

static bool owns(const Select *select, const Source *source)
{
    for (size_t i = 0; i < select->source_count; i++)
        if (select->sources[i] == source)
            return true;
    return false;
}

static void check_grouped(const GroupCheck *check, const Expr *expr)
{
    if (bind_failed(check->binder))
        return;
    for (size_t i = 0; i < check->select->group_count; i++)
        if (expr_same(expr, check->select->group[i]))
            return;
    if (expr->is_aggregate && !expr->over)
        return;
    if (expr->kind == EXPR_COLUMN && owns(check->select, expr->source)) {
        const Source *source = expr->source;
        Str alias = source->alias.len ? source->alias
                    : source->object  ? str_of(source->object->name)
                                      : str_of("");
        fault_set(check->binder->fault, expr->line, MSG(8120), STR_FMT(alias),
                  STR_FMT(source->columns[expr->column].name));
        return;
    }
    for (size_t i = 0; i < expr->arg_count; i++)
        check_grouped(check, expr->args[i]);
    if (expr->query)
        check_query_grouped(check, expr->query);
    for (size_t i = 0; expr->over && i < expr->over->partition_count; i++)
        check_grouped(check, expr->over->partition[i]);
    for (size_t i = 0; expr->over && i < expr->over->order_count; i++)
        check_grouped(check, expr->over->order[i].expr);
}

static void check_from_grouped(const GroupCheck *check, const From *from)
{
    if (!from)
        return;
    if (from->kind == FROM_JOIN) {
        check_from_grouped(check, from->left);
        check_from_grouped(check, from->right);
        if (from->on)
            check_grouped(check, from->on);
    }
}

static void check_body_grouped(const GroupCheck *check, const Body *body)
{
    if (body->kind == BODY_UNION) {
        check_body_grouped(check, body->left);
        check_body_grouped(check, body->right);
        return;
    }
    if (body->kind == BODY_NESTED) {
        check_query_grouped(check, body->nested);
        return;
    }
    const Select *select = body->select;
    for (size_t i = 0; i < select->item_count; i++)
        check_grouped(check, select->items[i].expr);
    check_from_grouped(check, select->from);
    if (select->where)
        check_grouped(check, select->where);
    if (select->having)
        check_grouped(check, select->having);
}

static void check_query_grouped(const GroupCheck *check, const Query *query)
{
    check_body_grouped(check, query->body);
}

static void bind_group(Binder *binder, Select *select)
{
    binder->clause = CLAUSE_GROUP;
    for (size_t i = 0; i < select->group_count; i++) {
        bind_value(binder, &select->group[i]);
        if (bind_failed(binder))
            return;
        ExprKind kind = select->group[i]->kind;
        if (kind == EXPR_INTEGER || kind == EXPR_STRING || kind == EXPR_NULL ||
            kind == EXPR_DECIMAL)
            fault_set(binder->fault, select->group[i]->line, MSG(164));
    }
}

static void check_groups(Binder *binder, const Select *select)
{
    if (!select->group_count && !select->has_aggregates && !select->having)
        return;
    GroupCheck check = {binder, select};
    for (size_t i = 0; i < select->item_count; i++)
        check_grouped(&check, select->items[i].expr);
    if (select->having)
        check_grouped(&check, select->having);
}

/* ---- SELECT ------------------------------------------------------------------------------ */

static void bind_top(Binder *binder, Expr **top)
{
    if (!*top)
        return;
    bind_value(binder, top);
    bind_convert(binder, top, type_of(SB_BIGINT), false);
}

/* The select item that an ORDER BY names by its place or its name; 0: none, an expression. */
static int named_item(Binder *binder, const Query *query, const Expr *expr)
{
    int64_t at = 0;
    if (expr->kind == EXPR_INTEGER) {
        if (!str_to_i64(expr->text, &at) || at < 1 || at > (int64_t)query->column_count)
            fault_set(binder->fault, expr->line, MSG(108), STR_FMT(expr->text));
        return (int)at;
    }
    for (size_t c = 0; c < query->column_count && expr->kind == EXPR_COLUMN; c++)
        if (expr->name.count == 1 && str_equal_fold(query->columns[c].name, expr->name.parts[0]))
            return (int)c + 1;
    return 0;
}

/* An expression of its own: it may still be that of a select item. */
static void bind_order_expr(Binder *binder, OrderItem *order, const Select *select)
{
    bind_value(binder, &order->expr);
    if (bind_failed(binder))
        return;
    for (size_t c = 0; c < select->item_count && !order->item; c++)
        if (expr_same(order->expr, select->items[c].expr))
            order->item = (int)c + 1;
    if (!order->item && select->is_distinct)
        fault_set(binder->fault, order->expr->line, MSG(145));
    if (!order->item && (select->group_count || select->has_aggregates))
        check_grouped(&(GroupCheck){binder, select}, order->expr);
}

static void bind_order(Binder *binder, Query *query, const Select *select)
{
    binder->clause = CLAUSE_ORDER;
    for (size_t i = 0; i < query->order_count && !bind_failed(binder); i++) {
        OrderItem *order = &query->order[i];
        order->item = named_item(binder, query, order->expr);
        if (!order->item && select)
            bind_order_expr(binder, order, select);
        else if (!order->item)
            fault_set(binder->fault, order->expr->line, MSG(104));
    }
}

static void columns_of_select(Binder *binder, const Select *select, OutColumn **ret_columns,
                              size_t *ret_count)
{
    OutColumn *columns = arena_alloc_array(binder->arena, select->item_count + 1, sizeof *columns);
    for (size_t i = 0; i < select->item_count; i++) {
        const Expr *expr = select->items[i].expr;
        columns[i] = (OutColumn){.name = item_name(&select->items[i]),
                                 .type = expr->type,
                                 .is_nullable = expr->is_nullable || expr->kind == EXPR_NULL,
                                 .is_null_literal = expr->kind == EXPR_NULL};
    }
    *ret_columns = columns;
    *ret_count = select->item_count;
}

static bool is_all_null(const From *values, size_t column)
{
    for (size_t r = 0; r < values->row_count; r++)
        if (values->rows[r].values[column]->kind != EXPR_NULL)
            return false;
    return true;
}

/* A column that is NULL in every row has no type of its own: it fits any column it is inserted
 * into. */
static void values_items(Binder *binder, Select *select)
{
    const Source *source = select->from->source;
    Expr near_expr = {.line = select->line, .near = str_of("VALUES")};
    select->items = arena_alloc_array(binder->arena, source->column_count, sizeof *select->items);
    select->item_count = source->column_count;
    for (size_t i = 0; i < source->column_count; i++)
        select->items[i].expr = is_all_null(select->from, i)
                                    ? bind_new(binder, EXPR_NULL, &near_expr)
                                    : bind_column_of(binder, select->from->source, i, &near_expr);
}

/* Leaves the scope pushed: ORDER BY still looks into it. */
static void bind_select(Binder *binder, Select *select)
{
    Scope *scope = bind_push(binder, select);
    if (select->from)
        bind_from(binder, select->from);
    if (bind_failed(binder))
        return;
    select->sources = scope->sources;
    select->source_count = scope->count;
    if (select->where) {
        binder->clause = CLAUSE_WHERE;
        bind_condition(binder, &select->where);
    }
    bind_group(binder, select);
    binder->clause = CLAUSE_SELECT;
    if (!bind_failed(binder) && select->item_count == 0 && select->from &&
        select->from->kind == FROM_VALUES)
        values_items(binder, select);
    bind_items(binder, select);
    if (select->having) {
        binder->clause = CLAUSE_HAVING;
        bind_condition(binder, &select->having);
    }
    if (bind_failed(binder))
        return;
    check_groups(binder, select);
    refuse_running_sum(binder, select);
    bind_top(binder, &select->top);
    for (size_t i = 0; select->is_distinct && i < select->item_count; i++)
        if (select->items[i].expr->type.id == SB_DATETIMEOFFSET)
            fault_refuse(binder->fault, select->line, "DISTINCT", 8,
                         "rows with datetimeoffset are not made distinct here: two offsets may be "
                         "one instant");
}

/* ---- set operations ---------------------------------------------------------------------- */

static void coerce_body(Binder *binder, Body *body, const OutColumn *columns)
{
    if (bind_failed(binder))
        return;
    if (body->kind == BODY_UNION) {
        coerce_body(binder, body->left, columns);
        coerce_body(binder, body->right, columns);
    } else if (body->kind == BODY_NESTED) {
        coerce_body(binder, body->nested->body, columns);
    } else {
        for (size_t i = 0; i < body->select->item_count; i++)
            bind_convert(binder, &body->select->items[i].expr, columns[i].type, false);
    }
    for (size_t i = 0; i < body->column_count; i++)
        body->columns[i].type = columns[i].type;
}

static void bind_body(Binder *binder, Body *body);

static void bind_union(Binder *binder, Body *body)
{
    bind_body(binder, body->left);
    bind_body(binder, body->right);
    if (bind_failed(binder))
        return;
    if (body->left->column_count != body->right->column_count) {
        fault_set(binder->fault, body->line, MSG(205));
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

static void bind_body(Binder *binder, Body *body)
{
    if (bind_failed(binder) || body->columns)
        return;
    Scope *scope = binder->scope;
    switch (body->kind) {
    case BODY_SELECT:
        bind_select(binder, body->select);
        if (!bind_failed(binder))
            columns_of_select(binder, body->select, &body->columns, &body->column_count);
        break;
    case BODY_UNION:
        bind_union(binder, body);
        break;
    case BODY_NESTED:
        bind_query(binder, body->nested);
        body->columns = body->nested->columns;
        body->column_count = body->nested->column_count;
        break;
    }
    binder->scope = scope;
}

static void bind_whole(Binder *binder, Query *query)
{
    CteScope ctes;
    Scope *scope = binder->scope;
    const Select *select = NULL;

    if (query->cte_count)
        bind_ctes(binder, &ctes, query->ctes, query->cte_count);
    if (bind_failed(binder))
        return;
    if (query->body->kind == BODY_SELECT && !query->body->columns) {
        bind_select(binder, query->body->select);
        select = query->body->select;
        if (!bind_failed(binder))
            columns_of_select(binder, select, &query->body->columns, &query->body->column_count);
    } else {
        bind_body(binder, query->body);
    }
    if (bind_failed(binder))
        return;
    query->columns = query->body->columns;
    query->column_count = query->body->column_count;
    bind_order(binder, query, select);
    binder->scope = scope;
    binder->clause = CLAUSE_NONE;
}

void bind_query(Binder *binder, Query *query)
{
    if (bind_failed(binder) || query->columns)
        return;
    Scope *scope = binder->scope;
    CteScope *ctes = binder->ctes;
    Clause clause = binder->clause;
    bool in_aggregate = binder->in_aggregate;

    binder->in_aggregate = false;
    bind_whole(binder, query);
    binder->scope = scope;
    binder->ctes = ctes;
    binder->clause = clause;
    binder->in_aggregate = in_aggregate;
}
