/* What the func_*.c share: SQL functions on SQLite's side, and how they fail. */
#ifndef ENGINE_CALL_H
#define ENGINE_CALL_H

#include "ssisminer/engine/decimal.h"
#include "state.h"

typedef void SqlCall(sqlite3_context *context, int count, sqlite3_value **values);

/* The head of one: not every call looks at its arguments. */
#define SQL_CALL(name)                                                                             \
    static void name(sqlite3_context *context, int count __attribute__((unused)),                  \
                     sqlite3_value **values __attribute__((unused)))

typedef struct SqlFunction {
    const char *name;
    int args;       // -1: any
    bool is_steady; // the same arguments give the same result within one statement
    SqlCall *call;
} SqlFunction;

extern const SqlFunction text_functions[], math_functions[], time_functions[], system_functions[];

Session *call_session(sqlite3_context *context); // NULL on the engine's own connection
Fault *call_fault(sqlite3_context *context);     // to set; then call_fail
void call_fail(sqlite3_context *context);
#define call_refuse(context, ...)                                                                  \
    ((void)fault_set(call_fault(context), 0, __VA_ARGS__), call_fail(context))
bool call_has_null(int count, sqlite3_value **values); // a call that then gives nothing is NULL
Str call_text(sqlite3_value *value);
void call_return_text(sqlite3_context *context, Str text);

/* Between SQLite's values and ours. */
void call_return_number(sqlite3_context *context, Decimal value);
Decimal call_number(sqlite3_value *value); // of a decimal or an integer

int math_register_sum(sqlite3 *db, Session *session); // SUM of decimals

#endif
