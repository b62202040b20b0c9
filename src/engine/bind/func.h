/* The functions of T-SQL that the sandbox knows: one row each, with the types of its arguments
 * and of its result, and the SQLite function that does the work (func_*.c). */
#ifndef ENGINE_FUNC_H
#define ENGINE_FUNC_H

#include "bind.h"
#include "emit.h"

typedef enum FunctionKind { FUNCTION_SCALAR, FUNCTION_AGGREGATE, FUNCTION_WINDOW } FunctionKind;

struct Function {
    const char *name;
    /* s text, i int, b bigint, n number as it is, p date part, x any;
     * [ the rest may be left out, + the last repeats. */
    const char *args;
    const char *sql; // in SQLite; NULL: printed by emit
    SbType type;     // of the result
    FunctionKind kind;
    bool keeps_type; // the result has the type of the first argument
    bool is_never_null;
    void (*bind)(Binder *binder, Bound *expr);         // instead of args and type
    void (*emit)(Emitter *emitter, const Bound *expr); // instead of sql(args)
};

#endif
