/*
 * Tokens to tree: recursive descent over the T-SQL that the sandbox takes.
 *
 * Errors:  anything else is 102 (or 156 near a keyword) with the token and its line.
 * Limits:  nesting is bounded (191), so no input can exhaust the stack.
 */
#ifndef ENGINE_PARSE_H
#define ENGINE_PARSE_H

#include "ast.h"

bool parse_batch(Str text, Arena *arena, const Stmt **ret_block, Fault *fault);

/* "@a int, @b nvarchar(20) OUTPUT", as sp_executesql takes it. */
bool parse_declaration(Str text, Arena *arena, const ParamDef **ret_params, size_t *ret_count,
                       Fault *fault);

/* One expression, as a stored DEFAULT or CHECK. */
bool parse_expression(Str text, Arena *arena, const Expr **ret_expr, Fault *fault);

/* The SELECT of a view's definition. */
bool parse_view(Str text, Arena *arena, const Query **ret_query, Fault *fault);

#endif
