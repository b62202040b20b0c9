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

#define PUSH(parser, array, count, capacity)                                                       \
    ((array) =                                                                                     \
         arena_grow((parser)->arena, (array), (count), (count) + 1, &(capacity), sizeof *(array)), \
     &(array)[(count)++])

const Token *p_peek(const Parser *parser);
const Token *p_peek_at(const Parser *parser, size_t ahead);
const Token *p_take(Parser *parser);
bool p_failed(const Parser *parser);
void p_refuse(Parser *parser, const char *reason); // 102 or 156 near the next token
void p_refuse_at(Parser *parser, const Token *token, const char *reason);

bool p_is_word(const Parser *parser, const char *word); // next token is this unquoted word
bool p_is_word_at(const Parser *parser, size_t ahead, const char *word);
bool p_is_any(const Parser *parser, const char *words); // one of these, blanks between them
bool p_is_any_at(const Parser *parser, size_t ahead, const char *words);
bool p_take_words(Parser *parser, const char *words); // all of them, in this order, or none
bool p_take_word(Parser *parser, const char *word);
void p_need_word(Parser *parser, const char *word);
bool p_is_sign(const Parser *parser, int sign);
bool p_is_sign_at(const Parser *parser, size_t ahead, int sign);
bool p_take_sign(Parser *parser, int sign);
void p_need_sign(Parser *parser, int sign);
bool p_is_identifier(const Parser *parser);
Str p_need_identifier(Parser *parser);
Name p_need_name(Parser *parser);
Str p_need_variable(Parser *parser);
int64_t p_need_integer(Parser *parser);
SbType p_need_type(Parser *parser);
Str *p_need_columns(Parser *parser, size_t *ret_count); // (a, b)
bool p_enter(Parser *parser);                           // one level deeper; false when too deep
void p_leave(Parser *parser);
Str p_text_from(const Parser *parser,
                size_t first_token); // as written, up to the token before the next

Expr *p_new_expr(Parser *parser, ExprKind kind);
ExprKind p_literal_kind(const Token *token);
Expr *p_need_literal(Parser *parser, ExprKind kind); // the next token, taken
void p_add_arg(Parser *parser, Expr *expr, Expr *arg);
Expr *p_need_expr(Parser *parser); // value or predicate; the binder tells them apart
OrderItem *p_need_order(Parser *parser, size_t *ret_count);
Query *p_need_query(Parser *parser); // [WITH …] SELECT …
bool p_starts_query(const Parser *parser);
From *p_need_from(Parser *parser);
Item *p_need_items(Parser *parser, size_t *ret_count);
ValuesRow *p_need_values(Parser *parser, size_t *ret_count);
void p_skip_options(Parser *parser); // OPTION (…)
void p_refuse_hints(Parser *parser); // WITH (NOLOCK)
Query *p_query_of_values(Parser *parser);
Expr *p_need_top(Parser *parser); // after TOP

Stmt *p_need_statement(Parser *parser);
Stmt *p_new_stmt(Parser *parser, StmtKind kind);
Stmt *p_create(Parser *parser);
Stmt *p_alter(Parser *parser);
Stmt *p_drop(Parser *parser);
Stmt *p_grant(Parser *parser);
Stmt *p_set(Parser *parser);
TableDef *p_need_table_def(Parser *parser);
ParamDef *p_need_params(Parser *parser, size_t *ret_count);

#endif
