/* Shared by the parse_*.c files: the state and its small steps. */
#ifndef ENGINE_PARSER_H
#define ENGINE_PARSER_H

#include "parse.h"

/* Once a fault is set, every token reads as the end and every loop stops by itself. */
typedef struct Parser {
    Tokens tokens;
    size_t at;
    Arena *arena;
    Fault *fault;
    Str batch;
    int depth, loops; // loops: of WHILE, around what is read
} Parser;

#define PUSH(parser, array, count) ARENA_PUSH((parser)->arena, array, count)

const Token *p_peek(const Parser *parser);
const Token *p_peek_at(const Parser *parser, size_t ahead);
const Token *p_next(Parser *parser);
bool p_failed(const Parser *parser);
#define p_fault(parser, ...) fault_set((parser)->fault, p_peek(parser)->line, __VA_ARGS__)
void p_refuse(Parser *parser, const char *reason); // 102 or 156 near the next token
void p_refuse_at(Parser *parser, const Token *token, const char *reason);

/* `what` is unquoted words and signs of one character, blanks between them: "WITH (". All of them
 * come next, in this order; are taken, or none; are taken, or it is an error. */
bool p_is(const Parser *parser, const char *what);
bool p_take(Parser *parser, const char *what);
void p_need(Parser *parser, const char *what);
bool p_is_at(const Parser *parser, size_t ahead, const char *what);
bool p_is_any(const Parser *parser, const char *words); // one of these
bool p_take_any(Parser *parser, const char *words);
/* Of two: which; false for neither, an error where one is needed. */
bool p_take_either(Parser *parser, const char *yes, const char *no);
bool p_need_either(Parser *parser, const char *yes, const char *no);
/* What a server takes and the sandbox does not. */
void p_refuse_if(Parser *parser, const char *what, const char *reason);
bool p_is_end(const Parser *parser);
bool p_is_kind(const Parser *parser, TokenKind kind);
bool p_is_string(const Parser *parser);
bool p_is_identifier(const Parser *parser);
Str p_need_identifier(Parser *parser);
Name p_need_name(Parser *parser);
Name p_name_of(const Parser *parser, Str part); // of one part
Str p_need_variable(Parser *parser);
int64_t p_need_integer(Parser *parser);
SbType p_need_type(Parser *parser);
/* (a, b DESC); ret_descending NULL: no direction may stand there. */
Str *p_need_columns(Parser *parser, size_t *ret_count, bool **ret_descending);
bool p_enter(Parser *parser); // one level deeper; false when too deep
void p_leave(Parser *parser);
/* As written, up to the token before the next. */
Str p_text_from(const Parser *parser, size_t first_token);

Expr *p_new_expr(Parser *parser, ExprKind kind);
ExprKind p_literal_kind(const Token *token);
Expr *p_take_star(Parser *parser);                   // NULL: something else comes
Expr *p_need_literal(Parser *parser, ExprKind kind); // the next token, taken
void p_add_arg(Parser *parser, Expr *expr, const Expr *arg);
Expr *p_need_expr(Parser *parser); // value or predicate; the binder tells them apart
const Expr **p_need_exprs(Parser *parser, size_t *ret_count); // a, b
OrderItem *p_need_order(Parser *parser, size_t *ret_count);
Query *p_need_query(Parser *parser); // [WITH …] SELECT …
bool p_starts_query(const Parser *parser);
From *p_need_from(Parser *parser);
void p_skip_options(Parser *parser); // OPTION (…)
void p_refuse_hints(Parser *parser); // WITH (NOLOCK)
Query *p_query_of_values(Parser *parser);
Expr *p_need_top(Parser *parser); // after TOP

Stmt *p_need_statement(Parser *parser);
Stmt *p_new_stmt(Parser *parser, StmtKind kind);   // at the next token
Stmt *p_begin_stmt(Parser *parser, StmtKind kind); // and past it
Stmt *p_create(Parser *parser);
Stmt *p_alter(Parser *parser);
Stmt *p_drop(Parser *parser);
Stmt *p_grant(Parser *parser);
TableDef *p_need_table_def(Parser *parser);
ParamDef *p_need_params(Parser *parser, size_t *ret_count);

#endif
