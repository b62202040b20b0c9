/*
 * The functions of T-SQL that the sandbox knows: one row each, with the types of its arguments
 * and of its result, and the SQLite function that does the work (func_*.c).
 */
#ifndef ENGINE_FUNC_H
#define ENGINE_FUNC_H

#include "bind.h"
#include "emit.h"

typedef enum FunctionKind { FUNCTION_SCALAR, FUNCTION_AGGREGATE, FUNCTION_WINDOW } FunctionKind;

struct Function {
    const char *name;
    /* s text, i int, b bigint, f float, n number as it is, t time, p date part, x any, w bare word;
     * [ the rest may be left out, + the last repeats. */
    const char *args;
    /* i b f bit guid v(ariant) dto dt2 dt · s<n> text of n, smax · 0…9 the type of that argument */
    const char *result;
    const char *sql; // in SQLite; NULL: printed by emit
    FunctionKind kind;
    unsigned flavors; // 0: all, else a mask of 1 << Flavor
    bool is_never_null;
    void (*bind)(Binder *binder, Expr **expr);        // instead of args and result
    void (*emit)(Emitter *emitter, const Expr *expr); // instead of sql(args)
};

const Function *function_find(Str name);
/* "day", "dd", "d" to the one name; NULL if it is none. */
const char *function_date_part(Str word);

#endif
