/* Statements of a batch: control flow, data, transactions. DDL is in parse_ddl.c. */
#include "parser.h"

#include <string.h>

Stmt *p_new_stmt(Parser *parser, StmtKind kind)
{
    Stmt *stmt = arena_alloc(parser->arena, sizeof *stmt);
    stmt->kind = kind;
    stmt->line = p_peek(parser)->line;
    stmt->near = p_peek(parser)->text;
    return stmt;
}

static void add_expr(Parser *parser, Stmt *stmt, Expr *expr, size_t *capacity)
{
    *PUSH(parser, stmt->exprs, stmt->expr_count, *capacity) = expr;
}

static bool ends_block(const Parser *parser)
{
    return p_peek(parser)->kind == TOKEN_END || p_is_word(parser, "END");
}

static Stmt *need_list(Parser *parser, int line)
{
    Stmt *block = p_new_stmt(parser, STMT_BLOCK);
    size_t capacity = 0;
    bool is_ended = true; // by a semicolon: WITH can only begin a statement behind one

    block->line = line;
    while (!ends_block(parser)) {
        if (p_take_sign(parser, ';')) {
            is_ended = true;
            continue;
        }
        if (!is_ended && p_is_word(parser, "WITH"))
            fault_set(parser->fault, p_peek(parser)->line, MSG(319));
        Stmt *stmt = p_need_statement(parser);
        *PUSH(parser, block->list, block->count, capacity) = stmt;
        is_ended = false;
    }
    return block;
}

/* ---- control flow ------------------------------------------------------------------------ */

static Stmt *need_try(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_TRY);
    p_take(parser);
    p_take(parser);
    stmt->list = arena_alloc_array(parser->arena, 2, sizeof *stmt->list);
    stmt->list[0] = need_list(parser, stmt->line);
    p_need_word(parser, "END");
    p_need_word(parser, "TRY");
    (void)p_take_sign(parser, ';');
    p_need_word(parser, "BEGIN");
    p_need_word(parser, "CATCH");
    stmt->list[1] = need_list(parser, stmt->line);
    p_need_word(parser, "END");
    p_need_word(parser, "CATCH");
    stmt->count = 2;
    return stmt;
}

static Stmt *need_tran_name(Parser *parser, Stmt *stmt)
{
    if (!p_take_word(parser, "TRAN") && !p_take_word(parser, "TRANSACTION")) {
        (void)p_take_word(parser, "WORK");
        return stmt;
    }
    if (p_peek(parser)->kind == TOKEN_VARIABLE)
        stmt->text = p_take(parser)->text;
    else if (p_is_identifier(parser))
        stmt->text = p_take(parser)->value;
    return stmt;
}

static Stmt *need_begin(Parser *parser)
{
    if (p_is_word_at(parser, 1, "TRY"))
        return need_try(parser);
    if (p_is_word_at(parser, 1, "TRAN") || p_is_word_at(parser, 1, "TRANSACTION")) {
        Stmt *stmt = p_new_stmt(parser, STMT_BEGIN_TRAN);
        p_take(parser);
        return need_tran_name(parser, stmt);
    }
    int line = p_take(parser)->line;
    Stmt *block = need_list(parser, line);
    if (block->count == 0)
        p_refuse(parser, NULL);
    p_need_word(parser, "END");
    return block;
}

static Stmt *need_if(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_IF);
    p_take(parser);
    stmt->cond = p_need_expr(parser);
    stmt->then = p_need_statement(parser);
    while (p_is_sign(parser, ';') && p_is_word_at(parser, 1, "ELSE"))
        p_take(parser);
    if (p_take_word(parser, "ELSE"))
        stmt->otherwise = p_need_statement(parser);
    return stmt;
}

static Stmt *need_while(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_WHILE);
    p_take(parser);
    stmt->cond = p_need_expr(parser);
    parser->loops++;
    stmt->then = p_need_statement(parser);
    parser->loops--;
    return stmt;
}

static bool ends_statement(const Parser *parser)
{
    return p_peek(parser)->kind == TOKEN_END || p_is_sign(parser, ';') ||
           p_is_any(parser, "SELECT INSERT UPDATE DELETE IF ELSE WHILE BEGIN END SET EXEC EXECUTE "
                            "PRINT RETURN DECLARE ROLLBACK COMMIT RAISERROR CREATE DROP WITH");
}

static Stmt *need_raiserror(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_RAISERROR);
    size_t capacity = 0;
    p_take(parser);
    p_need_sign(parser, '(');
    do {
        add_expr(parser, stmt, p_need_expr(parser), &capacity);
    } while (p_take_sign(parser, ','));
    p_need_sign(parser, ')');
    if (stmt->expr_count < 3)
        p_refuse(parser, NULL);
    if (p_take_word(parser, "WITH"))
        do {
            if (!p_take_word(parser, "NOWAIT") && !p_take_word(parser, "LOG"))
                p_need_word(parser, "SETERROR");
            stmt->flag = true;
        } while (p_take_sign(parser, ','));
    return stmt;
}

static Stmt *need_simple(Parser *parser, StmtKind kind)
{
    Stmt *stmt = p_new_stmt(parser, kind);
    p_take(parser);
    return stmt;
}

static Stmt *need_throw(Parser *parser)
{
    Stmt *stmt = need_simple(parser, STMT_THROW);
    if (!ends_statement(parser))
        p_refuse(parser, "THROW stands alone here: RAISERROR makes an error");
    return stmt;
}

static Stmt *need_print(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_PRINT);
    size_t capacity = 0;
    p_take(parser);
    add_expr(parser, stmt, p_need_expr(parser), &capacity);
    return stmt;
}

static Stmt *need_return(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_RETURN);
    size_t capacity = 0;
    p_take(parser);
    if (!ends_statement(parser))
        add_expr(parser, stmt, p_need_expr(parser), &capacity);
    return stmt;
}

static Stmt *need_waitfor(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_WAITFOR);
    size_t capacity = 0;
    p_take(parser);
    p_need_word(parser, "DELAY");
    add_expr(parser, stmt, p_need_expr(parser), &capacity);
    return stmt;
}

static Stmt *need_use(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_USE);
    p_take(parser);
    stmt->text = p_need_identifier(parser);
    return stmt;
}

/* ---- variables --------------------------------------------------------------------------- */

static Stmt *need_declare(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_DECLARE);
    size_t capacity = 0;
    p_take(parser);
    do {
        Declaration declaration = {.name = p_need_variable(parser)};
        (void)p_take_word(parser, "AS");
        if (p_is_word(parser, "CURSOR"))
            p_refuse(parser, "cursors are not known here");
        if (p_take_word(parser, "TABLE"))
            declaration.table = p_need_table_def(parser);
        else
            declaration.type = p_need_type(parser);
        if (!declaration.table && p_take_sign(parser, '='))
            declaration.value = p_need_expr(parser);
        *PUSH(parser, stmt->declarations, stmt->declaration_count, capacity) = declaration;
    } while (p_take_sign(parser, ','));
    return stmt;
}

static Stmt *need_set_variable(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_SET_VARIABLE);
    size_t capacity = 0;
    stmt->variable = p_need_variable(parser);
    p_need_sign(parser, '=');
    add_expr(parser, stmt, p_need_expr(parser), &capacity);
    return stmt;
}

typedef enum OptionKind {
    OPTION_SWITCH, // ON or OFF
    OPTION_NUMBER, // a number as it stands; T-SQL takes no variable here
    OPTION_VALUE   // one value, a variable too
} OptionKind;

/* SET options: a name of one or more words, then its value. */
static const struct {
    const char *words;
    OptionKind kind;
} options[] = {
    {"NOCOUNT", OPTION_SWITCH},
    {"XACT_ABORT", OPTION_SWITCH},
    {"ANSI_NULLS", OPTION_SWITCH},
    {"ANSI_NULL_DFLT_ON", OPTION_SWITCH},
    {"ANSI_PADDING", OPTION_SWITCH},
    {"ANSI_WARNINGS", OPTION_SWITCH},
    {"ANSI_DEFAULTS", OPTION_SWITCH},
    {"ARITHABORT", OPTION_SWITCH},
    {"ARITHIGNORE", OPTION_SWITCH},
    {"CONCAT_NULL_YIELDS_NULL", OPTION_SWITCH},
    {"NUMERIC_ROUNDABORT", OPTION_SWITCH},
    {"QUOTED_IDENTIFIER", OPTION_SWITCH},
    {"CURSOR_CLOSE_ON_COMMIT", OPTION_SWITCH},
    {"IMPLICIT_TRANSACTIONS", OPTION_SWITCH},
    {"FMTONLY", OPTION_SWITCH},
    {"NOEXEC", OPTION_SWITCH},
    {"PARSEONLY", OPTION_SWITCH},
    {"REMOTE_PROC_TRANSACTIONS", OPTION_SWITCH},
    {"NO_BROWSETABLE", OPTION_SWITCH},
    {"FORCEPLAN", OPTION_SWITCH},
    {"TEXTSIZE", OPTION_NUMBER},
    {"LOCK_TIMEOUT", OPTION_NUMBER},
    {"DEADLOCK_PRIORITY", OPTION_VALUE},
    {"DATEFIRST", OPTION_VALUE},
    {"DATEFORMAT", OPTION_VALUE},
    {"LANGUAGE", OPTION_VALUE},
    {"ROWCOUNT", OPTION_VALUE},
    {"QUERY_GOVERNOR_COST_LIMIT", OPTION_VALUE},
    {"CONTEXT_INFO", OPTION_VALUE},
};

static Stmt *need_isolation(Parser *parser, Stmt *stmt)
{
    p_take(parser);
    p_need_word(parser, "ISOLATION");
    p_need_word(parser, "LEVEL");
    stmt->text = str_of("ISOLATION");
    stmt->value = p_peek(parser)->text;
    if (p_take_word(parser, "READ")) {
        if (!p_take_word(parser, "COMMITTED"))
            p_need_word(parser, "UNCOMMITTED");
    } else if (p_take_word(parser, "REPEATABLE")) {
        p_need_word(parser, "READ");
    } else if (!p_take_word(parser, "SNAPSHOT")) {
        p_need_word(parser, "SERIALIZABLE");
    }
    return stmt;
}

static Stmt *need_identity_insert(Parser *parser, Stmt *stmt)
{
    p_take(parser);
    stmt->text = str_of("IDENTITY_INSERT");
    stmt->name = p_need_name(parser);
    stmt->value = p_peek(parser)->text;
    if (!p_take_word(parser, "ON"))
        p_need_word(parser, "OFF");
    return stmt;
}

static void need_option_value(Parser *parser, Stmt *stmt, size_t option)
{
    size_t capacity = 0;
    if (options[option].kind == OPTION_SWITCH) {
        stmt->value = p_peek(parser)->text;
        if (!p_take_word(parser, "ON"))
            p_need_word(parser, "OFF");
        return;
    }
    if (p_peek(parser)->kind == TOKEN_WORD) {
        stmt->value = p_take(parser)->text;
        return;
    }
    if (options[option].kind == OPTION_NUMBER && p_peek(parser)->kind == TOKEN_VARIABLE) {
        p_refuse(parser, NULL);
        return;
    }
    add_expr(parser, stmt, p_need_expr(parser), &capacity);
}

Stmt *p_set(Parser *parser)
{
    p_take(parser);
    if (p_peek(parser)->kind == TOKEN_VARIABLE)
        return need_set_variable(parser);

    Stmt *stmt = p_new_stmt(parser, STMT_SET_OPTION);
    if (p_is_word(parser, "TRANSACTION"))
        return need_isolation(parser, stmt);
    if (p_is_word(parser, "IDENTITY_INSERT"))
        return need_identity_insert(parser, stmt);
    size_t first = parser->at, found = ARRAY_LEN(options);
    do { // SET ANSI_NULLS, ANSI_PADDING ON
        found = ARRAY_LEN(options);
        for (size_t i = 0; i < ARRAY_LEN(options); i++)
            if (p_is_word(parser, options[i].words))
                found = i;
        if (found == ARRAY_LEN(options)) {
            p_refuse(parser, NULL);
            return stmt;
        }
        p_take(parser);
    } while (p_take_sign(parser, ','));
    stmt->text = p_text_from(parser, first);
    need_option_value(parser, stmt, found);
    return stmt;
}

/* ---- EXEC -------------------------------------------------------------------------------- */

/* A constant, with its sign; a bare word is a string (EXEC p Transaction). T-SQL takes no
 * expression here. */
static Expr *need_constant(Parser *parser)
{
    const Token *token = p_peek(parser);
    ExprKind literal = p_literal_kind(token);

    if (p_is_sign(parser, '-')) {
        Expr *minus = p_new_expr(parser, EXPR_UNARY);
        minus->op = p_take(parser)->sign;
        TokenKind kind = p_peek(parser)->kind;
        if (kind != TOKEN_INTEGER && kind != TOKEN_DECIMAL && kind != TOKEN_FLOAT)
            p_refuse(parser, NULL);
        else
            p_add_arg(parser, minus, p_need_literal(parser, p_literal_kind(p_peek(parser))));
        return minus;
    }
    if (literal != EXPR_KINDS)
        return p_need_literal(parser, literal);
    if (p_is_word(parser, "DEFAULT"))
        return p_need_literal(parser, EXPR_DEFAULT);
    if (token->kind == TOKEN_WORD && !token->is_reserved) {
        Expr *word = p_need_literal(parser, EXPR_STRING);
        word->op = 'N';
        return word;
    }
    if (!p_is_word(parser, "NULL"))
        p_refuse(parser, NULL);
    return p_need_literal(parser, EXPR_NULL);
}

static Argument need_argument(Parser *parser)
{
    Argument argument = {0};
    if (p_peek(parser)->kind == TOKEN_VARIABLE && p_is_sign_at(parser, 1, '=')) {
        argument.name = p_take(parser)->text;
        p_take(parser);
    }
    argument.value = need_constant(parser);
    argument.is_output = p_take_word(parser, "OUTPUT") || p_take_word(parser, "OUT");
    return argument;
}

static void need_arguments(Parser *parser, Stmt *stmt)
{
    size_t capacity = 0;
    do {
        Argument argument = need_argument(parser);
        *PUSH(parser, stmt->arguments, stmt->argument_count, capacity) = argument;
    } while (p_take_sign(parser, ','));
    if (p_is_word(parser, "WITH") && p_is_word_at(parser, 1, "RECOMPILE")) {
        p_take(parser);
        p_take(parser);
    }
}

static Stmt *need_call_of(Parser *parser, Stmt *stmt)
{
    stmt->name = p_need_name(parser);
    stmt->near = stmt->name.parts[0];
    bool more = p_peek(parser)->kind != TOKEN_END && !p_is_sign(parser, ';') &&
                (p_peek(parser)->kind != TOKEN_WORD || p_is_word(parser, "NULL") ||
                 p_is_word(parser, "DEFAULT") || !p_peek(parser)->is_reserved);
    if (more && !(p_peek(parser)->kind == TOKEN_WORD && p_is_word(parser, "THROW")))
        need_arguments(parser, stmt);
    return stmt;
}

static Stmt *need_exec(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_EXEC);
    size_t capacity = 0;

    p_take(parser);
    if (p_take_sign(parser, '(')) {
        stmt->kind = STMT_EXEC_TEXT;
        add_expr(parser, stmt, p_need_expr(parser), &capacity);
        p_need_sign(parser, ')');
        return stmt;
    }
    if (p_peek(parser)->kind == TOKEN_VARIABLE) {
        stmt->variable = p_take(parser)->text;
        p_need_sign(parser, '=');
    }
    return need_call_of(parser, stmt);
}

/* ---- INSERT, UPDATE, DELETE -------------------------------------------------------------- */

static void refuse_output(Parser *parser)
{
    if (p_is_word(parser, "OUTPUT"))
        p_refuse(parser, "OUTPUT is not known here");
}

static void need_target(Parser *parser, Dml *dml)
{
    if (p_peek(parser)->kind == TOKEN_VARIABLE) {
        dml->is_variable = true;
        dml->target =
            (Name){.parts = {p_need_variable(parser)}, .count = 1, .line = p_peek(parser)->line};
    } else {
        dml->target = p_need_name(parser);
    }
    p_refuse_hints(parser);
}

static void need_insert(Parser *parser, Stmt *stmt, Dml *dml)
{
    stmt->kind = STMT_INSERT;
    p_take(parser);
    if (p_is_word(parser, "TOP"))
        p_refuse(parser, "INSERT TOP is not known here");
    (void)p_take_word(parser, "INTO");
    need_target(parser, dml);
    if (p_is_sign(parser, '(') && !p_is_word_at(parser, 1, "SELECT"))
        dml->columns = p_need_columns(parser, &dml->column_count);
    refuse_output(parser);
    if (p_is_word(parser, "EXEC") || p_is_word(parser, "EXECUTE"))
        p_refuse(parser, "INSERT … EXEC is not known here");
    dml->query = p_is_word(parser, "VALUES") ? p_query_of_values(parser) : p_need_query(parser);
}

static Assignment need_assignment(Parser *parser)
{
    Assignment set = {0};
    if (p_peek(parser)->kind == TOKEN_VARIABLE)
        p_refuse(parser, "UPDATE … SET @variable is not known here");
    set.column = p_need_name(parser);
    p_need_sign(parser, '=');
    set.value = p_need_expr(parser);
    return set;
}

static void need_where(Parser *parser, Dml *dml)
{
    if (!p_take_word(parser, "WHERE"))
        return;
    if (p_is_word(parser, "CURRENT"))
        p_refuse(parser, "cursors are not known here");
    dml->where = p_need_expr(parser);
}

static void need_update(Parser *parser, Stmt *stmt, Dml *dml)
{
    size_t capacity = 0;
    stmt->kind = STMT_UPDATE;
    p_take(parser);
    if (p_is_word(parser, "TOP"))
        p_refuse(parser, "UPDATE TOP is not known here");
    need_target(parser, dml);
    p_need_word(parser, "SET");
    do {
        Assignment set = need_assignment(parser);
        *PUSH(parser, dml->set, dml->set_count, capacity) = set;
    } while (p_take_sign(parser, ','));
    refuse_output(parser);
    if (p_is_word(parser, "FROM"))
        p_refuse(parser, "UPDATE … FROM is not known here");
    need_where(parser, dml);
}

static void need_delete(Parser *parser, Stmt *stmt, Dml *dml)
{
    stmt->kind = STMT_DELETE;
    p_take(parser);
    if (p_take_word(parser, "TOP")) {
        if (!p_is_sign(parser, '('))
            p_refuse(parser, NULL);
        dml->top = p_need_top(parser);
    }
    (void)p_take_word(parser, "FROM");
    need_target(parser, dml);
    refuse_output(parser);
    if (p_take_word(parser, "FROM"))
        dml->from = p_need_from(parser);
    need_where(parser, dml);
}

static Stmt *need_dml(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_NOTHING);
    Dml *dml = stmt->dml = arena_alloc(parser->arena, sizeof *dml);

    if (p_is_word(parser, "INSERT"))
        need_insert(parser, stmt, dml);
    else if (p_is_word(parser, "UPDATE"))
        need_update(parser, stmt, dml);
    else if (p_is_word(parser, "DELETE"))
        need_delete(parser, stmt, dml);
    else
        p_refuse(parser, "MERGE is not known here");
    p_skip_options(parser);
    return stmt;
}

static Stmt *query_stmt(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_QUERY);
    stmt->query = p_need_query(parser);
    p_skip_options(parser);
    return stmt;
}

/* ---- the list of statements -------------------------------------------------------------- */

static Stmt *need_in_loop(Parser *parser, StmtKind kind, int32_t number, const char *word)
{
    if (parser->loops == 0)
        fault_set(parser->fault, p_peek(parser)->line, number,
                  "Cannot use a %s statement outside the scope of a WHILE statement.", word);
    return need_simple(parser, kind);
}

static Stmt *need_break(Parser *parser)
{
    return need_in_loop(parser, STMT_BREAK, 135, "BREAK");
}

static Stmt *need_continue(Parser *parser)
{
    return need_in_loop(parser, STMT_CONTINUE, 136, "CONTINUE");
}

static Stmt *need_commit(Parser *parser)
{
    return need_tran_name(parser, need_simple(parser, STMT_COMMIT));
}

static Stmt *need_rollback(Parser *parser)
{
    return need_tran_name(parser, need_simple(parser, STMT_ROLLBACK));
}

static const struct {
    const char *word;
    Stmt *(*parse)(Parser *parser);
} statements[] = {
    {"SELECT", query_stmt},
    {"WITH", query_stmt},
    {"INSERT", need_dml},
    {"UPDATE", need_dml},
    {"DELETE", need_dml},
    {"MERGE", need_dml},
    {"DECLARE", need_declare},
    {"SET", p_set},
    {"IF", need_if},
    {"WHILE", need_while},
    {"BREAK", need_break},
    {"CONTINUE", need_continue},
    {"BEGIN", need_begin},
    {"THROW", need_throw},
    {"RAISERROR", need_raiserror},
    {"PRINT", need_print},
    {"RETURN", need_return},
    {"EXEC", need_exec},
    {"EXECUTE", need_exec},
    {"COMMIT", need_commit},
    {"ROLLBACK", need_rollback},
    {"USE", need_use},
    {"WAITFOR", need_waitfor},
    {"CREATE", p_create},
    {"ALTER", p_alter},
    {"DROP", p_drop},
    {"GRANT", p_grant},
    {"DENY", p_grant},
    {"REVOKE", p_grant},
};

static Stmt *dispatch(Parser *parser)
{
    for (size_t i = 0; i < ARRAY_LEN(statements); i++)
        if (p_is_word(parser, statements[i].word))
            return statements[i].parse(parser);
    if (p_is_sign(parser, '('))
        return query_stmt(parser);
    p_refuse(parser, NULL);
    return p_new_stmt(parser, STMT_NOTHING);
}

Stmt *p_need_statement(Parser *parser)
{
    while (p_take_sign(parser, ';'))
        continue;
    Stmt *stmt = p_enter(parser) ? dispatch(parser) : p_new_stmt(parser, STMT_NOTHING);
    p_leave(parser);
    return stmt;
}

/* ---- entries ----------------------------------------------------------------------------- */

static bool start(Parser *parser, Str text, Arena *arena, Fault *fault)
{
    *parser = (Parser){.arena = arena, .fault = fault, .batch = text};
    return lex(text, arena, &parser->tokens, fault);
}

/* A batch may begin with a procedure's name and its arguments, without EXEC. */
static bool is_bare_exec(const Parser *parser)
{
    if (!p_is_identifier(parser))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(statements); i++)
        if (p_is_word(parser, statements[i].word))
            return false;
    return true;
}

bool parse_batch(Str text, Arena *arena, Stmt **ret_block, Fault *fault)
{
    Parser parser;
    if (!start(&parser, text, arena, fault))
        return false;
    Stmt *first = NULL;
    if (is_bare_exec(&parser))
        first = need_call_of(&parser, p_new_stmt(&parser, STMT_EXEC));
    Stmt *block = need_list(&parser, 1);
    if (p_peek(&parser)->kind != TOKEN_END)
        p_refuse(&parser, NULL);
    if (first) {
        Stmt *both = p_new_stmt(&parser, STMT_BLOCK);
        both->list = arena_alloc_array(arena, 2, sizeof *both->list);
        both->list[0] = first;
        both->list[1] = block;
        both->count = 2;
        block = both;
    }
    *ret_block = block;
    return fault->number == 0;
}

bool parse_declaration(Str text, Arena *arena, ParamDef **ret_params, size_t *ret_count,
                       Fault *fault)
{
    Parser parser;
    *ret_count = 0;
    if (!start(&parser, text, arena, fault))
        return false;
    if (p_peek(&parser)->kind != TOKEN_END)
        *ret_params = p_need_params(&parser, ret_count);
    if (p_peek(&parser)->kind != TOKEN_END)
        p_refuse(&parser, NULL);
    return fault->number == 0;
}

bool parse_expression(Str text, Arena *arena, Expr **ret_expr, Fault *fault)
{
    Parser parser;
    if (!start(&parser, text, arena, fault))
        return false;
    *ret_expr = p_need_expr(&parser);
    if (p_peek(&parser)->kind != TOKEN_END)
        p_refuse(&parser, NULL);
    return fault->number == 0;
}

bool parse_view(Str text, Arena *arena, Query **ret_query, Str **ret_columns,
                size_t *ret_column_count, Fault *fault)
{
    Stmt *block = NULL;
    if (!parse_batch(text, arena, &block, fault))
        return false;
    const Stmt *view = block->list[0];
    *ret_query = view->query;
    *ret_columns = view->columns;
    *ret_column_count = view->column_count;
    return true;
}
