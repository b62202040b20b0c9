/* Statements of a batch: control flow, data, transactions. DDL is in parse_ddl.c. */
#include "parser.h"

Stmt *p_new_stmt(Parser *parser, StmtKind kind)
{
    Stmt *stmt = arena_alloc(parser->arena, sizeof *stmt);
    stmt->kind = kind;
    stmt->line = p_peek(parser)->line;
    stmt->near = p_peek(parser)->text;
    return stmt;
}

Stmt *p_begin_stmt(Parser *parser, StmtKind kind)
{
    Stmt *stmt = p_new_stmt(parser, kind);
    p_next(parser);
    return stmt;
}

static Stmt *add_expr(Parser *parser, Stmt *stmt)
{
    *PUSH(parser, stmt->exprs, stmt->expr_count) = p_need_expr(parser);
    return stmt;
}

static bool ends_block(const Parser *parser)
{
    return p_is_end(parser) || p_is(parser, "END");
}

static Stmt *need_list(Parser *parser, int line)
{
    Stmt *block = p_new_stmt(parser, STMT_BLOCK);
    bool is_ended = true; // by a semicolon: WITH can only begin a statement behind one

    block->line = line;
    while (!ends_block(parser)) {
        if (p_take(parser, ";")) {
            is_ended = true;
            continue;
        }
        if (!is_ended && p_is(parser, "WITH"))
            p_fault(parser, MSG(319));
        *PUSH(parser, block->list, block->count) = p_need_statement(parser);
        is_ended = false;
    }
    return block;
}

/* ---- control flow ---------------------------------------------------------------------------- */

static Stmt *need_try(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_TRY);
    p_need(parser, "BEGIN TRY");
    *PUSH(parser, stmt->list, stmt->count) = need_list(parser, stmt->line);
    p_need(parser, "END TRY");
    (void)p_take(parser, ";");
    p_need(parser, "BEGIN CATCH");
    *PUSH(parser, stmt->list, stmt->count) = need_list(parser, stmt->line);
    p_need(parser, "END CATCH");
    return stmt;
}

static Stmt *need_tran_name(Parser *parser, Stmt *stmt)
{
    if (!p_take_any(parser, "TRAN TRANSACTION"))
        (void)p_take(parser, "WORK");
    else if (p_is_kind(parser, TOKEN_VARIABLE) || p_is_identifier(parser))
        stmt->text = p_next(parser)->value;
    return stmt;
}

static Stmt *need_begin(Parser *parser)
{
    if (p_is_at(parser, 1, "TRY"))
        return need_try(parser);
    if (p_is_at(parser, 1, "TRAN") || p_is_at(parser, 1, "TRANSACTION"))
        return need_tran_name(parser, p_begin_stmt(parser, STMT_BEGIN_TRAN));
    int line = p_next(parser)->line;
    Stmt *block = need_list(parser, line);
    if (block->count == 0)
        p_refuse(parser, NULL);
    p_need(parser, "END");
    return block;
}

static Stmt *need_if(Parser *parser)
{
    Stmt *stmt = p_begin_stmt(parser, STMT_IF);
    stmt->cond = p_need_expr(parser);
    stmt->then = p_need_statement(parser);
    if (p_is(parser, "; ELSE"))
        p_next(parser);
    if (p_take(parser, "ELSE"))
        stmt->otherwise = p_need_statement(parser);
    return stmt;
}

static Stmt *need_while(Parser *parser)
{
    Stmt *stmt = p_begin_stmt(parser, STMT_WHILE);
    stmt->cond = p_need_expr(parser);
    parser->loops++;
    stmt->then = p_need_statement(parser);
    parser->loops--;
    return stmt;
}

static bool ends_statement(const Parser *parser)
{
    return p_is_end(parser) ||
           p_is_any(parser,
                    "; SELECT INSERT UPDATE DELETE IF ELSE WHILE BEGIN END SET EXEC EXECUTE "
                    "PRINT RETURN DECLARE ROLLBACK COMMIT RAISERROR CREATE DROP WITH");
}

static Stmt *need_raiserror(Parser *parser)
{
    Stmt *stmt = p_begin_stmt(parser, STMT_RAISERROR);
    p_need(parser, "(");
    stmt->exprs = p_need_exprs(parser, &stmt->expr_count);
    p_need(parser, ")");
    if (stmt->expr_count < 3)
        p_refuse(parser, NULL);
    stmt->flag = p_take(parser, "WITH");
    if (stmt->flag)
        p_need(parser, "NOWAIT");
    return stmt;
}

static Stmt *need_throw(Parser *parser)
{
    Stmt *stmt = p_begin_stmt(parser, STMT_THROW);
    if (!ends_statement(parser))
        p_refuse(parser, "THROW stands alone here: RAISERROR makes an error");
    return stmt;
}

static Stmt *need_return(Parser *parser)
{
    Stmt *stmt = p_begin_stmt(parser, STMT_RETURN);
    return ends_statement(parser) ? stmt : add_expr(parser, stmt);
}

/* PRINT x, WAITFOR DELAY x */
static Stmt *need_print(Parser *parser)
{
    Stmt *stmt = p_begin_stmt(parser, p_is(parser, "PRINT") ? STMT_PRINT : STMT_WAITFOR);
    if (stmt->kind == STMT_WAITFOR)
        p_need(parser, "DELAY");
    return add_expr(parser, stmt);
}

static Stmt *need_use(Parser *parser)
{
    Stmt *stmt = p_begin_stmt(parser, STMT_USE);
    stmt->text = p_need_identifier(parser);
    return stmt;
}

/* ---- variables ------------------------------------------------------------------------------- */

static Stmt *need_declare(Parser *parser)
{
    Stmt *stmt = p_begin_stmt(parser, STMT_DECLARE);
    do {
        Declaration declaration = {.name = p_need_variable(parser)};
        (void)p_take(parser, "AS");
        p_refuse_if(parser, "CURSOR", "cursors are not known here");
        if (p_take(parser, "TABLE"))
            declaration.table = p_need_table_def(parser);
        else
            declaration.type = p_need_type(parser);
        if (!declaration.table && p_take(parser, "="))
            declaration.value = p_need_expr(parser);
        *PUSH(parser, stmt->declarations, stmt->declaration_count) = declaration;
    } while (p_take(parser, ","));
    return stmt;
}

static Stmt *need_set_variable(Parser *parser)
{
    Stmt *stmt = p_new_stmt(parser, STMT_SET_VARIABLE);
    stmt->variable = p_need_variable(parser);
    p_need(parser, "=");
    return add_expr(parser, stmt);
}

/* SET options, by what stands behind them: ON or OFF; a number as it stands, since T-SQL takes no
 * variable there; one value, a variable too. */
static const char switch_options[] =
    "NOCOUNT XACT_ABORT ANSI_NULLS ANSI_NULL_DFLT_ON ANSI_PADDING ANSI_WARNINGS ANSI_DEFAULTS "
    "ARITHABORT ARITHIGNORE CONCAT_NULL_YIELDS_NULL NUMERIC_ROUNDABORT QUOTED_IDENTIFIER "
    "CURSOR_CLOSE_ON_COMMIT IMPLICIT_TRANSACTIONS FMTONLY NOEXEC PARSEONLY "
    "REMOTE_PROC_TRANSACTIONS NO_BROWSETABLE FORCEPLAN";
static const char number_options[] = "TEXTSIZE LOCK_TIMEOUT";
static const char value_options[] = "DEADLOCK_PRIORITY DATEFIRST DATEFORMAT LANGUAGE ROWCOUNT "
                                    "QUERY_GOVERNOR_COST_LIMIT CONTEXT_INFO";

static Stmt *need_isolation(Parser *parser, Stmt *stmt)
{
    p_need(parser, "TRANSACTION ISOLATION LEVEL");
    stmt->text = str_of("ISOLATION");
    stmt->value = p_peek(parser)->text;
    if (!p_take_any(parser, "SNAPSHOT SERIALIZABLE")) {
        p_need(parser, "READ");
        (void)p_need_either(parser, "COMMITTED", "UNCOMMITTED");
    }
    return stmt;
}

static Stmt *need_switch(Parser *parser, Stmt *stmt)
{
    stmt->value = p_peek(parser)->text;
    (void)p_need_either(parser, "ON", "OFF");
    return stmt;
}

static Stmt *need_identity_insert(Parser *parser, Stmt *stmt)
{
    stmt->text = p_next(parser)->text;
    stmt->name = p_need_name(parser);
    return need_switch(parser, stmt);
}

static Stmt *need_option_value(Parser *parser, Stmt *stmt, bool is_number)
{
    if (p_is_kind(parser, TOKEN_WORD))
        stmt->value = p_next(parser)->text;
    else if (is_number && p_is_kind(parser, TOKEN_VARIABLE))
        p_refuse(parser, NULL);
    else
        return add_expr(parser, stmt);
    return stmt;
}

static Stmt *need_set(Parser *parser)
{
    p_next(parser);
    if (p_is_kind(parser, TOKEN_VARIABLE))
        return need_set_variable(parser);

    Stmt *stmt = p_new_stmt(parser, STMT_SET_OPTION);
    if (p_is(parser, "TRANSACTION"))
        return need_isolation(parser, stmt);
    if (p_is(parser, "IDENTITY_INSERT"))
        return need_identity_insert(parser, stmt);
    size_t first = parser->at;
    bool is_switch, is_number;
    do { // SET ANSI_NULLS, ANSI_PADDING ON
        is_switch = p_is_any(parser, switch_options);
        is_number = p_is_any(parser, number_options);
        if (!is_switch && !is_number && !p_is_any(parser, value_options))
            p_refuse(parser, NULL);
        p_next(parser);
    } while (p_take(parser, ","));
    stmt->text = p_text_from(parser, first);
    return is_switch ? need_switch(parser, stmt) : need_option_value(parser, stmt, is_number);
}

/* ---- EXEC ------------------------------------------------------------------------------------ */

/* A constant, with its sign. T-SQL takes no expression here. */
static Expr *need_constant(Parser *parser)
{
    if (p_is(parser, "-")) {
        Expr *minus = p_new_expr(parser, EXPR_UNARY);
        minus->op = p_next(parser)->sign;
        p_add_arg(parser, minus, need_constant(parser));
        return minus;
    }
    ExprKind kind = p_is(parser, "NULL") ? EXPR_NULL : p_literal_kind(p_peek(parser));
    if (kind == EXPR_KINDS)
        p_refuse(parser, NULL);
    return p_need_literal(parser, kind);
}

static Argument need_argument(Parser *parser)
{
    Argument argument = {0};
    if (p_is_kind(parser, TOKEN_VARIABLE) && p_is_at(parser, 1, "=")) {
        argument.name = p_next(parser)->text;
        p_next(parser);
    }
    argument.value = need_constant(parser);
    argument.is_output = p_take_any(parser, "OUTPUT OUT");
    return argument;
}

static Stmt *need_call_of(Parser *parser, Stmt *stmt)
{
    stmt->name = p_need_name(parser);
    stmt->near = stmt->name.parts[0];
    bool is_argument = p_literal_kind(p_peek(parser)) != EXPR_KINDS || p_is_any(parser, "- NULL");
    if (!is_argument)
        return stmt;
    do {
        *PUSH(parser, stmt->arguments, stmt->argument_count) = need_argument(parser);
    } while (p_take(parser, ","));
    return stmt;
}

static Stmt *need_exec(Parser *parser)
{
    Stmt *stmt = p_begin_stmt(parser, STMT_EXEC);

    if (p_take(parser, "(")) {
        stmt->kind = STMT_EXEC_TEXT;
        add_expr(parser, stmt);
        p_need(parser, ")");
        return stmt;
    }
    if (p_is_kind(parser, TOKEN_VARIABLE)) {
        stmt->variable = p_next(parser)->text;
        p_need(parser, "=");
    }
    return need_call_of(parser, stmt);
}

/* ---- INSERT, UPDATE, DELETE ------------------------------------------------------------------ */

static void need_target(Parser *parser, Dml *dml)
{
    dml->is_variable = p_is_kind(parser, TOKEN_VARIABLE);
    dml->target =
        dml->is_variable ? p_name_of(parser, p_need_variable(parser)) : p_need_name(parser);
    p_refuse_hints(parser);
}

static void need_insert(Parser *parser, Dml *dml)
{
    p_refuse_if(parser, "TOP", "INSERT TOP is not known here");
    (void)p_take(parser, "INTO");
    need_target(parser, dml);
    if (p_is(parser, "(") && !p_is_at(parser, 1, "SELECT"))
        dml->columns = p_need_columns(parser, &dml->column_count, NULL);
    p_refuse_if(parser, "OUTPUT", "OUTPUT is not known here");
    if (p_is_any(parser, "EXEC EXECUTE"))
        p_refuse(parser, "INSERT … EXEC is not known here");
    dml->query = p_is(parser, "VALUES") ? p_query_of_values(parser) : p_need_query(parser);
}

static Assignment need_assignment(Parser *parser)
{
    Assignment set = {0};
    if (p_is_kind(parser, TOKEN_VARIABLE))
        p_refuse(parser, "UPDATE … SET @variable is not known here");
    set.column = p_need_name(parser);
    p_need(parser, "=");
    set.value = p_need_expr(parser);
    return set;
}

static void need_where(Parser *parser, Dml *dml)
{
    if (!p_take(parser, "WHERE"))
        return;
    p_refuse_if(parser, "CURRENT", "cursors are not known here");
    dml->where = p_need_expr(parser);
}

static void need_update(Parser *parser, Dml *dml)
{
    p_refuse_if(parser, "TOP", "UPDATE TOP is not known here");
    need_target(parser, dml);
    p_need(parser, "SET");
    do {
        *PUSH(parser, dml->set, dml->set_count) = need_assignment(parser);
    } while (p_take(parser, ","));
    p_refuse_if(parser, "OUTPUT", "OUTPUT is not known here");
    p_refuse_if(parser, "FROM", "UPDATE … FROM is not known here");
    need_where(parser, dml);
}

static void need_delete(Parser *parser, Dml *dml)
{
    if (p_take(parser, "TOP")) {
        if (!p_is(parser, "("))
            p_refuse(parser, NULL);
        dml->top = p_need_top(parser);
    }
    (void)p_take(parser, "FROM");
    need_target(parser, dml);
    p_refuse_if(parser, "OUTPUT", "OUTPUT is not known here");
    if (p_take(parser, "FROM"))
        dml->from = p_need_from(parser);
    need_where(parser, dml);
}

static Stmt *need_dml(Parser *parser)
{
    static const struct {
        const char *word;
        StmtKind kind;
        void (*need)(Parser *parser, Dml *dml); // the rest
    } kinds[] = {{"INSERT", STMT_INSERT, need_insert},
                 {"UPDATE", STMT_UPDATE, need_update},
                 {"DELETE", STMT_DELETE, need_delete}};
    Stmt *stmt = p_new_stmt(parser, STMT_NOTHING);
    Dml *dml = arena_alloc(parser->arena, sizeof *dml);

    stmt->dml = dml;
    p_refuse_if(parser, "MERGE", "MERGE is not known here");
    for (size_t i = 0; i < ARRAY_LEN(kinds) && stmt->kind == STMT_NOTHING; i++)
        if (p_take(parser, kinds[i].word)) {
            stmt->kind = kinds[i].kind;
            kinds[i].need(parser, dml);
        }
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

/* ---- the list of statements ------------------------------------------------------------------ */

static Stmt *need_jump(Parser *parser)
{
    bool is_break = p_is(parser, "BREAK");
    if (parser->loops == 0)
        p_fault(parser, is_break ? 135 : 136,
                "Cannot use a %s statement outside the scope of a WHILE statement.",
                is_break ? "BREAK" : "CONTINUE");
    return p_begin_stmt(parser, is_break ? STMT_BREAK : STMT_CONTINUE);
}

static Stmt *need_tran_end(Parser *parser)
{
    bool is_commit = p_is(parser, "COMMIT");
    return need_tran_name(parser, p_begin_stmt(parser, is_commit ? STMT_COMMIT : STMT_ROLLBACK));
}

static const struct {
    const char *word;
    Stmt *(*parse)(Parser *parser);
} statements[] = {
    {"SELECT", query_stmt},    {"WITH", query_stmt},      {"INSERT", need_dml},
    {"UPDATE", need_dml},      {"DELETE", need_dml},      {"MERGE", need_dml},
    {"DECLARE", need_declare}, {"SET", need_set},         {"IF", need_if},
    {"WHILE", need_while},     {"BREAK", need_jump},      {"CONTINUE", need_jump},
    {"BEGIN", need_begin},     {"THROW", need_throw},     {"RAISERROR", need_raiserror},
    {"PRINT", need_print},     {"RETURN", need_return},   {"EXEC", need_exec},
    {"EXECUTE", need_exec},    {"COMMIT", need_tran_end}, {"ROLLBACK", need_tran_end},
    {"USE", need_use},         {"WAITFOR", need_print},   {"CREATE", p_create},
    {"ALTER", p_alter},        {"DROP", p_drop},          {"GRANT", p_grant},
};

static Stmt *dispatch(Parser *parser)
{
    for (size_t i = 0; i < ARRAY_LEN(statements); i++)
        if (p_is(parser, statements[i].word))
            return statements[i].parse(parser);
    p_refuse(parser, NULL);
    return p_new_stmt(parser, STMT_NOTHING);
}

Stmt *p_need_statement(Parser *parser)
{
    while (p_take(parser, ";"))
        continue;
    Stmt *stmt = p_enter(parser) ? dispatch(parser) : p_new_stmt(parser, STMT_NOTHING);
    p_leave(parser);
    return stmt;
}

/* ---- entries --------------------------------------------------------------------------------- */

static bool start(Parser *parser, Str text, Arena *arena, Fault *fault)
{
    *parser = (Parser){.arena = arena, .fault = fault, .batch = text};
    return lex(text, arena, &parser->tokens, fault);
}

/* Nothing may stand behind what was read. */
static bool end(Parser *parser)
{
    if (!p_is_end(parser))
        p_refuse(parser, NULL);
    return !p_failed(parser);
}

bool parse_batch(Str text, Arena *arena, const Stmt **ret_block, Fault *fault)
{
    Parser parser;
    if (!start(&parser, text, arena, fault))
        return false;
    *ret_block = need_list(&parser, 1);
    return end(&parser);
}

bool parse_declaration(Str text, Arena *arena, const ParamDef **ret_params, size_t *ret_count,
                       Fault *fault)
{
    Parser parser;
    *ret_count = 0;
    if (!start(&parser, text, arena, fault))
        return false;
    if (!p_is_end(&parser))
        *ret_params = p_need_params(&parser, ret_count);
    return end(&parser);
}

bool parse_expression(Str text, Arena *arena, const Expr **ret_expr, Fault *fault)
{
    Parser parser;
    if (!start(&parser, text, arena, fault))
        return false;
    *ret_expr = p_need_expr(&parser);
    return end(&parser);
}

bool parse_view(Str text, Arena *arena, const Query **ret_query, Fault *fault)
{
    const Stmt *block = NULL;
    if (!parse_batch(text, arena, &block, fault))
        return false;
    *ret_query = block->list[0]->query;
    return true;
}
