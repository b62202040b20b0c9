/* CREATE, ALTER, DROP, GRANT: what schema files and setups need. */
#include "parser.h"

/* ---- tables ------------------------------------------------------------------------------ */

static void need_foreign(Parser *parser, ConstraintDef *constraint)
{
    p_need_word(parser, "REFERENCES");
    constraint->target = p_need_name(parser);
    if (p_is_sign(parser, '('))
        constraint->target_columns = p_need_columns(parser, &constraint->target_column_count);
    while (p_take_word(parser, "ON")) {
        bool is_delete = p_take_word(parser, "DELETE");
        if (!is_delete)
            p_need_word(parser, "UPDATE");
        if (p_take_word(parser, "CASCADE")) {
            constraint->on_delete_cascade = is_delete;
            if (!is_delete)
                p_refuse(parser, "ON UPDATE CASCADE is not known here");
        } else {
            p_need_word(parser, "NO");
            p_need_word(parser, "ACTION");
        }
    }
}

static void need_key_columns(Parser *parser, ConstraintDef *constraint)
{
    size_t capacity = 0;
    p_need_sign(parser, '(');
    do {
        Str column = p_need_identifier(parser);
        *PUSH(parser, constraint->columns, constraint->column_count, capacity) = column;
        if (!p_take_word(parser, "ASC"))
            (void)p_take_word(parser, "DESC");
    } while (p_take_sign(parser, ','));
    p_need_sign(parser, ')');
}

static void skip_index_options(Parser *parser)
{
    if (p_is_word(parser, "WITH") && p_is_sign_at(parser, 1, '(')) {
        p_take(parser);
        int depth = 0;
        do {
            depth += p_is_sign(parser, '(') - p_is_sign(parser, ')');
            if (p_peek(parser)->kind == TOKEN_END) {
                p_refuse(parser, NULL);
                return;
            }
            p_take(parser);
        } while (depth > 0);
    }
    if (p_is_word(parser, "ON") &&
        (p_is_word_at(parser, 1, "PRIMARY") || p_peek_at(parser, 1)->kind == TOKEN_QUOTED)) {
        p_take(parser); // ON [PRIMARY]
        p_take(parser);
    }
}

/* [CONSTRAINT name] PRIMARY KEY | UNIQUE | FOREIGN KEY | CHECK; column empty for one of the table.
 */
static bool take_constraint(Parser *parser, TableDef *table, size_t *capacity, Str column)
{
    ConstraintDef constraint = {.line = p_peek(parser)->line};
    bool on_table = column.len == 0;

    if (p_take_word(parser, "CONSTRAINT"))
        constraint.name = p_need_identifier(parser);
    if (!on_table && !p_is_any(parser, "PRIMARY UNIQUE REFERENCES CHECK FOREIGN"))
        return false;
    if (!on_table) {
        constraint.columns = arena_alloc(parser->arena, sizeof column);
        constraint.columns[0] = column;
        constraint.column_count = 1;
    }
    if (p_take_words(parser, "PRIMARY KEY"))
        constraint.kind = CONSTRAINT_PRIMARY;
    else if (p_take_word(parser, "UNIQUE"))
        constraint.kind = CONSTRAINT_UNIQUE;
    else if (p_take_words(parser, "FOREIGN KEY") || p_is_word(parser, "REFERENCES"))
        constraint.kind = CONSTRAINT_FOREIGN;
    else
        p_refuse(parser, "CHECK constraints are not known here");
    bool is_foreign = constraint.kind == CONSTRAINT_FOREIGN;
    if (!is_foreign && !p_take_word(parser, "CLUSTERED"))
        (void)p_take_word(parser, "NONCLUSTERED");
    if (on_table)
        need_key_columns(parser, &constraint);
    if (is_foreign)
        need_foreign(parser, &constraint);
    else
        skip_index_options(parser);
    *PUSH(parser, table->constraints, table->constraint_count, *capacity) = constraint;
    return true;
}

static void need_identity(Parser *parser, ColumnDef *column)
{
    column->is_identity = true;
    column->seed = column->increment = 1;
    if (!p_take_sign(parser, '('))
        return;
    column->seed = p_need_integer(parser);
    p_need_sign(parser, ',');
    column->increment = p_need_integer(parser);
    p_need_sign(parser, ')');
}

static bool take_default(Parser *parser, ColumnDef *column)
{
    if (p_is_word(parser, "CONSTRAINT") && p_is_word_at(parser, 2, "DEFAULT")) {
        p_take(parser);
        column->default_name = p_need_identifier(parser);
    }
    if (!p_take_word(parser, "DEFAULT"))
        return false;
    size_t first = parser->at;
    column->default_value = p_need_expr(parser);
    column->default_text = p_text_from(parser, first);
    return true;
}

static void need_column_def(Parser *parser, TableDef *table, size_t *columns_capacity,
                            size_t *constraints_capacity)
{
    ColumnDef column = {
        .line = p_peek(parser)->line, .name = p_need_identifier(parser), .is_nullable = true};

    if (p_is_word(parser, "AS"))
        p_refuse(parser, "computed columns are not known here");
    column.type = p_need_type(parser);
    for (;;) {
        if (p_is_word(parser, "IDENTITY")) {
            p_take(parser);
            need_identity(parser, &column);
            column.is_nullable = column.is_nullable && column.has_null_word;
        } else if (p_take_words(parser, "NOT NULL")) {
            column.is_nullable = false;
            column.has_null_word = true;
        } else if (p_take_word(parser, "NULL")) {
            column.is_nullable = column.has_null_word = true;
        } else if (p_take_word(parser, "SPARSE") || p_take_word(parser, "ROWGUIDCOL")) {
            continue;
        } else if (p_is_word(parser, "COLLATE")) {
            p_take(parser);
            if (!p_take_word(parser, "DATABASE_DEFAULT"))
                p_need_word(parser, "SQL_Latin1_General_CP1_CI_AS");
        } else if (!take_default(parser, &column) &&
                   !take_constraint(parser, table, constraints_capacity, column.name)) {
            break;
        }
        if (p_failed(parser))
            return;
    }
    *PUSH(parser, table->columns, table->column_count, *columns_capacity) = column;
}

static bool starts_constraint(const Parser *parser)
{
    return p_is_any(parser, "CONSTRAINT PRIMARY UNIQUE FOREIGN CHECK");
}

TableDef *p_need_table_def(Parser *parser)
{
    TableDef *table = arena_alloc(parser->arena, sizeof *table);
    size_t columns = 0, constraints = 0;

    p_need_sign(parser, '(');
    do {
        if (p_is_word(parser, "INDEX"))
            p_refuse(parser, "indexes inside CREATE TABLE are not known here");
        if (starts_constraint(parser))
            (void)take_constraint(parser, table, &constraints, str_of(""));
        else
            need_column_def(parser, table, &columns, &constraints);
        if (p_is_sign(parser, ',') && p_is_sign_at(parser, 1, ')'))
            p_take(parser); // a comma after the last one is allowed
    } while (p_take_sign(parser, ','));
    p_need_sign(parser, ')');
    return table;
}

static Stmt *need_create_table(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_CREATE_TABLE);
    p_take(parser);
    stmt->name = p_need_name(parser);
    stmt->table = p_need_table_def(parser);
    skip_index_options(parser);
    return stmt;
}

/* ---- indexes ----------------------------------------------------------------------------- */

static Stmt *need_create_index(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_CREATE_INDEX);
    size_t columns = 0, directions = 0, count = 0;

    stmt->flag = p_take_word(parser, "UNIQUE");
    if (!p_take_word(parser, "CLUSTERED"))
        (void)p_take_word(parser, "NONCLUSTERED");
    p_need_word(parser, "INDEX");
    stmt->text = p_need_identifier(parser);
    p_need_word(parser, "ON");
    stmt->name = p_need_name(parser);
    p_need_sign(parser, '(');
    do {
        Str column = p_need_identifier(parser);
        bool descending = p_take_word(parser, "DESC");
        if (!descending)
            (void)p_take_word(parser, "ASC");
        *PUSH(parser, stmt->columns, stmt->column_count, columns) = column;
        *PUSH(parser, stmt->descending, count, directions) = descending;
    } while (p_take_sign(parser, ','));
    p_need_sign(parser, ')');
    if (p_take_word(parser, "INCLUDE"))
        stmt->included = p_need_columns(parser, &stmt->included_count);
    if (p_is_word(parser, "WHERE"))
        p_refuse(parser, "filtered indexes are not known here");
    skip_index_options(parser);
    return stmt;
}

/* ---- views and procedures: the definition is kept as text -------------------------------- */

static Stmt *need_create_view(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_CREATE_VIEW);
    p_take(parser);
    stmt->name = p_need_name(parser);
    if (p_is_sign(parser, '('))
        stmt->columns = p_need_columns(parser, &stmt->column_count);
    if (p_is_word(parser, "WITH"))
        p_refuse(parser, "options of a view are not known here");
    p_need_word(parser, "AS");
    stmt->query = p_need_query(parser);
    (void)p_take_sign(parser, ';');
    if (p_peek(parser)->kind != TOKEN_END)
        p_refuse(parser, NULL); // a view is alone in its batch
    stmt->text = parser->batch;
    return stmt;
}

ParamDef *p_need_params(Parser *parser, size_t *ret_count)
{
    ParamDef *list = NULL;
    size_t count = 0, capacity = 0;
    do {
        ParamDef param = {.name = p_need_variable(parser)};
        (void)p_take_word(parser, "AS");
        param.type = p_need_type(parser);
        if (p_take_sign(parser, '='))
            param.default_value = p_need_expr(parser);
        param.is_output = p_take_word(parser, "OUTPUT") || p_take_word(parser, "OUT");
        if (p_is_word(parser, "READONLY"))
            p_refuse(parser, "table-valued parameters are not known here");
        *PUSH(parser, list, count, capacity) = param;
    } while (p_take_sign(parser, ','));
    *ret_count = count;
    return list;
}

static Stmt *need_create_procedure(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_CREATE_PROCEDURE);
    p_take(parser);
    stmt->name = p_need_name(parser);
    bool parenthesis = p_is_sign(parser, '(') && p_take_sign(parser, '(');
    if (p_peek(parser)->kind == TOKEN_VARIABLE)
        stmt->params = p_need_params(parser, &stmt->param_count);
    if (parenthesis)
        p_need_sign(parser, ')');
    if (p_is_word(parser, "WITH"))
        p_refuse(parser, "options of a procedure are not known here");
    p_need_word(parser, "AS");
    Stmt *body = p_new_stmt(parser, STMT_BLOCK);
    size_t capacity = 0;
    while (p_peek(parser)->kind != TOKEN_END) {
        if (p_take_sign(parser, ';'))
            continue;
        Stmt *statement = p_need_statement(parser);
        *PUSH(parser, body->list, body->count, capacity) = statement;
    }
    stmt->then = body;
    stmt->text = parser->batch;
    return stmt;
}

/* ---- principals and keys ----------------------------------------------------------------- */

static void skip_to_end(Parser *parser)
{
    while (p_peek(parser)->kind != TOKEN_END && !p_is_sign(parser, ';'))
        p_take(parser);
}

/* "FROM EXTERNAL PROVIDER", "WITHOUT LOGIN", "FOR LOGIN l" */
static void need_origin(Parser *parser, Stmt *stmt)
{
    stmt->flag = p_is_word(parser, "WITHOUT");
    p_take(parser);
    stmt->is_external = !stmt->flag && p_take_word(parser, "EXTERNAL");
    if (stmt->is_external) {
        p_need_word(parser, "PROVIDER");
        return;
    }
    p_need_word(parser, "LOGIN");
    if (!stmt->flag)
        stmt->target = p_need_name(parser);
}

/* CREATE ROLE r [AUTHORIZATION x] · CREATE USER u [FOR LOGIN l | WITHOUT LOGIN | FROM EXTERNAL
 * PROVIDER] [WITH …] */
static Stmt *need_create_principal(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_CREATE_PRINCIPAL);
    stmt->text = p_take(parser)->text;
    stmt->name = p_need_name(parser);
    if (p_take_word(parser, "AUTHORIZATION")) {
        (void)p_need_identifier(parser);
    } else if (p_is_word(parser, "WITHOUT") || p_is_word(parser, "FOR") ||
               p_is_word(parser, "FROM")) {
        need_origin(parser, stmt);
    }
    if (p_is_word(parser, "WITH"))
        skip_to_end(parser);
    return stmt;
}

/* CREATE LOGIN l WITH PASSWORD = N'…' [, …] */
static Stmt *need_create_login(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_CREATE_LOGIN);
    p_take(parser);
    stmt->name = p_need_name(parser);
    p_need_word(parser, "WITH");
    p_need_word(parser, "PASSWORD");
    p_need_sign(parser, '=');
    if (p_peek(parser)->kind != TOKEN_STRING && p_peek(parser)->kind != TOKEN_NSTRING)
        p_refuse(parser, NULL);
    stmt->value = p_take(parser)->value;
    skip_to_end(parser);
    return stmt;
}

static Stmt *need_create_schema(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_CREATE_SCHEMA);
    p_take(parser);
    stmt->text = p_need_identifier(parser);
    if (p_take_word(parser, "AUTHORIZATION"))
        (void)p_need_identifier(parser);
    return stmt;
}

static Stmt *need_create_key(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_CREATE_KEY);
    stmt->text = p_take(parser)->text; // SYMMETRIC or CERTIFICATE
    if (str_equal_fold(stmt->text, str_of("SYMMETRIC")))
        p_need_word(parser, "KEY");
    stmt->name = p_need_name(parser);
    skip_to_end(parser);
    return stmt;
}

/* A view, procedure or schema is the first of its batch. */
static void need_first(Parser *parser, const char *what)
{
    for (size_t i = 0; i + 1 < parser->at; i++)
        if (parser->tokens.list[i].sign != ';') {
            fault_set(parser->fault, p_peek(parser)->line, MSG(111), what);
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

    p_take(parser);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (!p_is_any(parser, kinds[i].words))
            continue;
        if (kinds[i].first)
            need_first(parser, kinds[i].first);
        return kinds[i].parse(parser);
    }
    p_refuse(parser,
             p_is_word(parser, "OR") ? "CREATE OR ALTER is not in every supported server" : NULL);
    return p_new_stmt(parser, STMT_NOTHING);
}

static Stmt *need_alter_role(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_ROLE_MEMBER);
    if (p_is_word(parser, "SERVER"))
        stmt->text = p_take(parser)->text;
    p_need_word(parser, "ROLE");
    stmt->name = p_need_name(parser);
    stmt->flag = p_take_word(parser, "DROP");
    if (!stmt->flag)
        p_need_word(parser, "ADD");
    p_need_word(parser, "MEMBER");
    stmt->target = p_need_name(parser);
    return stmt;
}

/* REBUILD, or REBUILD WITH (ONLINE = ON | OFF). */
static Stmt *need_rebuild(Parser *parser, Stmt *stmt)
{
    if (!p_take_word(parser, "WITH"))
        return stmt;
    p_need_sign(parser, '(');
    p_need_word(parser, "ONLINE");
    p_need_sign(parser, '=');
    stmt->flag = p_take_word(parser, "ON");
    if (!stmt->flag)
        p_need_word(parser, "OFF");
    p_need_sign(parser, ')');
    return stmt;
}

static Stmt *need_alter_table(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_ALTER_TABLE_REBUILD);

    p_take(parser);
    stmt->name = p_need_name(parser);
    if (!p_is_word(parser, "REBUILD"))
        p_refuse(parser, "ALTER TABLE does REBUILD alone here");
    p_take(parser);
    return need_rebuild(parser, stmt);
}

Stmt *p_alter(Parser *parser)
{
    p_take(parser);
    if (p_is_word(parser, "ROLE") || p_is_word(parser, "SERVER"))
        return need_alter_role(parser);
    if (p_is_word(parser, "TABLE"))
        return need_alter_table(parser);
    p_refuse(parser, NULL);
    return p_new_stmt(parser, STMT_NOTHING);
}

Stmt *p_drop(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_DROP);

    p_take(parser);
    stmt->text = p_peek(parser)->text;
    if (p_take_words(parser, "SYMMETRIC KEY") || p_take_word(parser, "CERTIFICATE")) {
        stmt->kind = STMT_DROP_KEY;
        stmt->name = p_need_name(parser);
        return stmt;
    }
    if (!p_is_any(parser, "TABLE VIEW PROCEDURE PROC SCHEMA ROLE"))
        p_refuse(parser, NULL);
    p_take(parser);
    if (p_is_word(parser, "IF"))
        p_refuse(parser, "DROP … IF EXISTS came with SQL Server 2016");
    stmt->name = p_need_name(parser);
    return stmt;
}

/* GRANT a, b [ON [SCHEMA::|OBJECT::]name] TO role. */
Stmt *p_grant(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_GRANT);
    size_t capacity = 0, names = 0;

    stmt->flag = p_is_word(parser, "DENY");
    stmt->is_revoke = p_is_word(parser, "REVOKE");
    p_take(parser);
    do {
        size_t first = parser->at;
        while (p_peek(parser)->kind == TOKEN_WORD && !p_is_word(parser, "ON") &&
               !p_is_word(parser, "TO") && !p_is_word(parser, "FROM"))
            p_take(parser);
        if (parser->at == first) {
            p_refuse(parser, NULL);
            return stmt;
        }
        *PUSH(parser, stmt->words, stmt->word_count, capacity) = p_text_from(parser, first);
    } while (p_take_sign(parser, ','));
    if (p_take_word(parser, "ON")) {
        stmt->text = str_of("OBJECT");
        if (p_is_sign_at(parser, 1, SIGN_DOUBLE_COLON)) {
            stmt->text = p_take(parser)->text;
            p_take(parser);
        }
        stmt->name = p_need_name(parser);
    }
    if (!(stmt->is_revoke && p_take_word(parser, "FROM")))
        p_need_word(parser, "TO");
    do {
        Name name = {.line = stmt->line, .count = 1};
        name.parts[0] =
            p_is_word(parser, "PUBLIC") ? p_take(parser)->text : p_need_identifier(parser);
        *PUSH(parser, stmt->names, stmt->name_count, names) = name;
    } while (p_take_sign(parser, ','));
    return stmt;
}
