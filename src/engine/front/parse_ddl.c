/* CREATE, ALTER, DROP, GRANT: what schema files and setups need. */
#include "parser.h"

/* ---- tables ---------------------------------------------------------------------------------- */

static void need_foreign(Parser *parser, ConstraintDef *constraint)
{
    p_need(parser, "REFERENCES");
    constraint->target = p_need_name(parser);
    constraint->target_columns = p_need_columns(parser, &constraint->target_column_count, NULL);
    constraint->on_delete_cascade = p_take(parser, "ON DELETE CASCADE");
}

/* [CONSTRAINT name] PRIMARY KEY | UNIQUE | FOREIGN KEY | CHECK; of a table, column is empty. */
static bool take_constraint(Parser *parser, TableDef *table, Str column)
{
    ConstraintDef constraint = {.line = p_peek(parser)->line};
    bool on_table = column.len == 0, *directions = NULL; // which mean nothing here

    if (p_take(parser, "CONSTRAINT"))
        constraint.name = p_need_identifier(parser);
    if (!on_table && !p_is_any(parser, "PRIMARY UNIQUE REFERENCES CHECK FOREIGN"))
        return false;
    if (!on_table)
        *PUSH(parser, constraint.columns, constraint.column_count) = column;
    if (p_take(parser, "PRIMARY KEY"))
        constraint.kind = CONSTRAINT_PRIMARY;
    else if (p_take(parser, "UNIQUE"))
        constraint.kind = CONSTRAINT_UNIQUE;
    else if (p_take(parser, "FOREIGN KEY") || p_is(parser, "REFERENCES"))
        constraint.kind = CONSTRAINT_FOREIGN;
    else
        p_refuse(parser, "CHECK constraints are not known here");
    bool is_foreign = constraint.kind == CONSTRAINT_FOREIGN;
    if (!is_foreign)
        (void)p_take_any(parser, "CLUSTERED NONCLUSTERED");
    if (on_table)
        constraint.columns = p_need_columns(parser, &constraint.column_count, &directions);
    if (is_foreign)
        need_foreign(parser, &constraint);
    *PUSH(parser, table->constraints, table->constraint_count) = constraint;
    return true;
}

static void need_identity(Parser *parser, ColumnDef *column)
{
    column->is_identity = true;
    column->seed = column->increment = 1;
    if (!p_take(parser, "("))
        return;
    column->seed = p_need_integer(parser);
    p_need(parser, ",");
    column->increment = p_need_integer(parser);
    p_need(parser, ")");
}

static bool take_default(Parser *parser, ColumnDef *column)
{
    if (!p_take(parser, "DEFAULT"))
        return false;
    size_t first = parser->at;
    column->default_value = p_need_expr(parser);
    column->default_text = p_text_from(parser, first);
    return true;
}

static void need_column_def(Parser *parser, TableDef *table)
{
    ColumnDef column = {
        .line = p_peek(parser)->line, .name = p_need_identifier(parser), .is_nullable = true};

    p_refuse_if(parser, "AS", "computed columns are not known here");
    column.type = p_need_type(parser);
    while (!p_failed(parser)) {
        if (p_take(parser, "IDENTITY")) {
            need_identity(parser, &column);
            column.is_nullable = column.is_nullable && column.has_null_word;
        } else if (p_is(parser, "NULL") || p_is(parser, "NOT NULL")) {
            column.is_nullable = !p_take(parser, "NOT");
            column.has_null_word = p_take(parser, "NULL");
        } else if (!p_take_any(parser, "SPARSE ROWGUIDCOL") && !take_default(parser, &column) &&
                   !take_constraint(parser, table, column.name)) {
            break;
        }
    }
    *PUSH(parser, table->columns, table->column_count) = column;
}

TableDef *p_need_table_def(Parser *parser)
{
    TableDef *table = arena_alloc(parser->arena, sizeof *table);

    p_need(parser, "(");
    do {
        p_refuse_if(parser, "INDEX", "indexes inside CREATE TABLE are not known here");
        if (p_is_any(parser, "CONSTRAINT PRIMARY UNIQUE FOREIGN CHECK"))
            (void)take_constraint(parser, table, str_of(""));
        else
            need_column_def(parser, table);
    } while (p_take(parser, ","));
    p_need(parser, ")");
    return table;
}

static Stmt *need_create_table(Parser *parser)
{
    Stmt *stmt = p_begin_stmt(parser, STMT_CREATE_TABLE);
    stmt->name = p_need_name(parser);
    stmt->table = p_need_table_def(parser);
    return stmt;
}

/* ---- indexes --------------------------------------------------------------------------------- */

static Stmt *need_create_index(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_CREATE_INDEX);

    stmt->flag = p_take(parser, "UNIQUE");
    (void)p_take_any(parser, "CLUSTERED NONCLUSTERED");
    p_need(parser, "INDEX");
    stmt->text = p_need_identifier(parser);
    p_need(parser, "ON");
    stmt->name = p_need_name(parser);
    stmt->columns = p_need_columns(parser, &stmt->column_count, &stmt->descending);
    if (p_take(parser, "INCLUDE"))
        stmt->included = p_need_columns(parser, &stmt->included_count, NULL);
    p_refuse_if(parser, "WHERE", "filtered indexes are not known here");
    return stmt;
}

/* ---- views and procedures: the definition is kept as text ------------------------------------ */

static Stmt *need_create_view(Parser *parser)
{
    Stmt *stmt = p_begin_stmt(parser, STMT_CREATE_VIEW);
    stmt->name = p_need_name(parser);
    p_refuse_if(parser, "(", "columns of a view have the names of its query here");
    p_refuse_if(parser, "WITH", "options of a view are not known here");
    p_need(parser, "AS");
    stmt->query = p_need_query(parser);
    (void)p_take(parser, ";");
    if (!p_is_end(parser))
        p_refuse(parser, NULL); // a view is alone in its batch
    stmt->text = parser->batch;
    return stmt;
}

ParamDef *p_need_params(Parser *parser, size_t *ret_count)
{
    ParamDef *list = NULL;

    *ret_count = 0;
    do {
        ParamDef param = {.name = p_need_variable(parser)};
        (void)p_take(parser, "AS");
        param.type = p_need_type(parser);
        if (p_take(parser, "="))
            param.default_value = p_need_expr(parser);
        param.is_output = p_take_any(parser, "OUTPUT OUT");
        p_refuse_if(parser, "READONLY", "table-valued parameters are not known here");
        *PUSH(parser, list, *ret_count) = param;
    } while (p_take(parser, ","));
    return list;
}

static Stmt *need_create_procedure(Parser *parser)
{
    Stmt *stmt = p_begin_stmt(parser, STMT_CREATE_PROCEDURE);
    stmt->name = p_need_name(parser);
    if (p_is_kind(parser, TOKEN_VARIABLE))
        stmt->params = p_need_params(parser, &stmt->param_count);
    p_refuse_if(parser, "WITH", "options of a procedure are not known here");
    p_need(parser, "AS");
    Stmt *body = p_new_stmt(parser, STMT_BLOCK);
    while (!p_is_end(parser))
        if (!p_take(parser, ";"))
            *PUSH(parser, body->list, body->count) = p_need_statement(parser);
    stmt->then = body;
    stmt->text = parser->batch;
    return stmt;
}

/* ---- principals and keys --------------------------------------------------------------------- */

static void skip_to_end(Parser *parser)
{
    while (!p_is_end(parser) && !p_is(parser, ";"))
        p_next(parser);
}

/* "FROM EXTERNAL PROVIDER", "WITHOUT LOGIN", "FOR LOGIN l" */
static void need_origin(Parser *parser, Stmt *stmt)
{
    stmt->flag = p_is(parser, "WITHOUT");
    p_next(parser);
    stmt->is_external = !stmt->flag && p_take(parser, "EXTERNAL");
    p_need(parser, stmt->is_external ? "PROVIDER" : "LOGIN");
    if (!stmt->flag && !stmt->is_external)
        stmt->target = p_need_name(parser);
}

/* CREATE ROLE r · CREATE USER u [FOR LOGIN l | WITHOUT LOGIN | FROM EXTERNAL PROVIDER] */
static Stmt *need_create_principal(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_CREATE_PRINCIPAL);
    stmt->text = p_next(parser)->text;
    stmt->name = p_need_name(parser);
    if (p_is_any(parser, "WITHOUT FOR FROM"))
        need_origin(parser, stmt);
    return stmt;
}

/* CREATE LOGIN l WITH PASSWORD = N'…' [, …] */
static Stmt *need_create_login(Parser *parser)
{
    Stmt *stmt = p_begin_stmt(parser, STMT_CREATE_LOGIN);
    stmt->name = p_need_name(parser);
    p_need(parser, "WITH PASSWORD =");
    if (!p_is_string(parser))
        p_refuse(parser, NULL);
    stmt->value = p_next(parser)->value;
    skip_to_end(parser);
    return stmt;
}

static Stmt *need_create_schema(Parser *parser)
{
    Stmt *stmt = p_begin_stmt(parser, STMT_CREATE_SCHEMA);
    stmt->text = p_need_identifier(parser);
    return stmt;
}

/* SYMMETRIC KEY k … · CERTIFICATE c … */
static Stmt *need_key(Parser *parser, Stmt *stmt)
{
    stmt->text = p_peek(parser)->text;
    if (!p_take(parser, "CERTIFICATE"))
        p_need(parser, "SYMMETRIC KEY");
    stmt->name = p_need_name(parser);
    return stmt;
}

static Stmt *need_create_key(Parser *parser)
{
    Stmt *stmt = need_key(parser, p_new_stmt(parser, STMT_CREATE_KEY));
    skip_to_end(parser);
    return stmt;
}

/* A view, procedure or schema is the first of its batch. */
static void need_first(Parser *parser, const char *what)
{
    for (size_t i = 0; i + 1 < parser->at; i++)
        if (parser->tokens.list[i].sign != ';') {
            p_fault(parser, MSG(111), what);
            return;
        }
}

Stmt *p_create(Parser *parser)
{
    static const struct {
        const char *words;
        const char *first; // what has to begin its batch
        Stmt *(*parse)(Parser *parser);
    } kinds[] = {
        {"TABLE", NULL, need_create_table},
        {"UNIQUE CLUSTERED NONCLUSTERED INDEX", NULL, need_create_index},
        {"VIEW", "VIEW", need_create_view},
        {"PROCEDURE PROC", "PROCEDURE", need_create_procedure},
        {"SCHEMA", "SCHEMA", need_create_schema},
        {"ROLE USER", NULL, need_create_principal},
        {"LOGIN", NULL, need_create_login},
        {"SYMMETRIC CERTIFICATE", NULL, need_create_key},
    };

    p_next(parser);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (!p_is_any(parser, kinds[i].words))
            continue;
        if (kinds[i].first)
            need_first(parser, kinds[i].first);
        return kinds[i].parse(parser);
    }
    p_refuse(parser,
             p_is(parser, "OR") ? "CREATE OR ALTER is not in every supported server" : NULL);
    return p_new_stmt(parser, STMT_NOTHING);
}

static Stmt *need_alter_role(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_ROLE_MEMBER);
    if (p_is(parser, "SERVER"))
        stmt->text = p_next(parser)->text;
    p_need(parser, "ROLE");
    stmt->name = p_need_name(parser);
    stmt->flag = p_need_either(parser, "DROP", "ADD");
    p_need(parser, "MEMBER");
    stmt->target = p_need_name(parser);
    return stmt;
}

/* REBUILD, or REBUILD WITH (ONLINE = ON | OFF). */
static Stmt *need_alter_table(Parser *parser)
{
    Stmt *stmt = p_begin_stmt(parser, STMT_ALTER_TABLE_REBUILD);

    stmt->name = p_need_name(parser);
    if (!p_take(parser, "REBUILD"))
        p_refuse(parser, "ALTER TABLE does REBUILD alone here");
    if (p_take(parser, "WITH")) {
        p_need(parser, "( ONLINE =");
        stmt->flag = p_need_either(parser, "ON", "OFF");
        p_need(parser, ")");
    }
    return stmt;
}

Stmt *p_alter(Parser *parser)
{
    p_next(parser);
    if (p_is_any(parser, "ROLE SERVER"))
        return need_alter_role(parser);
    if (p_is(parser, "TABLE"))
        return need_alter_table(parser);
    p_refuse(parser, NULL);
    return p_new_stmt(parser, STMT_NOTHING);
}

Stmt *p_drop(Parser *parser)
{
    Stmt *stmt = p_begin_stmt(parser, STMT_DROP);

    if (p_is(parser, "SYMMETRIC KEY") || p_is(parser, "CERTIFICATE")) {
        stmt->kind = STMT_DROP_KEY;
        return need_key(parser, stmt);
    }
    stmt->text = p_peek(parser)->text;
    if (!p_take_any(parser, "TABLE VIEW PROCEDURE SCHEMA ROLE"))
        p_refuse(parser, NULL);
    p_refuse_if(parser, "IF", "DROP … IF EXISTS came with SQL Server 2016");
    stmt->name = p_need_name(parser);
    return stmt;
}

/* GRANT a, b [ON [SCHEMA::|OBJECT::]name] TO role. */
Stmt *p_grant(Parser *parser)
{
    Stmt *stmt = p_begin_stmt(parser, STMT_GRANT);

    do {
        size_t first = parser->at;
        while (p_is_kind(parser, TOKEN_WORD) && !p_is_any(parser, "ON TO"))
            p_next(parser);
        if (parser->at == first) {
            p_refuse(parser, NULL);
            return stmt;
        }
        *PUSH(parser, stmt->words, stmt->word_count) = p_text_from(parser, first);
    } while (p_take(parser, ","));
    if (p_take(parser, "ON")) {
        stmt->text = str_of("OBJECT");
        if (p_is_at(parser, 1, "::")) {
            stmt->text = p_next(parser)->text;
            p_next(parser);
        }
        stmt->name = p_need_name(parser);
    }
    p_need(parser, "TO");
    do {
        *PUSH(parser, stmt->names, stmt->name_count) =
            p_is(parser, "PUBLIC") ? p_next(parser)->text : p_need_identifier(parser);
    } while (p_take(parser, ","));
    return stmt;
}
