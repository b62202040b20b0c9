/*
 * Names to objects and columns, expressions to types: after binding, a tree can be printed as
 * SQLite's SQL without another look at the catalogue.
 *
 * Errors:  SQL Server's own (207, 208, 209, 4104, 206, 257, 402, 8120, …) in binder->fault; once
 * one is set the rest is skipped.
 */
#ifndef ENGINE_BIND_H
#define ENGINE_BIND_H

#include "types.h"
#include "world.h"

typedef struct SourceColumn {
    Str name;
    SbType type;
    bool is_nullable;
    const char *sql; // its name in the SQL that is sent to SQLite
} SourceColumn;

struct Source { // one row set in a FROM
    Str alias;
    const Object *object; // NULL: derived
    int number;           // "tN"
    int cte;              // "qN" it reads; 0: a table or a query
    SourceColumn *columns;
    size_t column_count;
    bool is_hidden; // inserted/deleted: only by its qualifier
};

typedef struct Scope {
    struct Scope *outer;
    Source **sources;
    size_t count, capacity;
    Select *select;
} Scope;

typedef struct CteScope {
    struct CteScope *outer;
    Cte *list;
    size_t count;       // visible so far
    const Cte *binding; // the one at work
} CteScope;

typedef enum Clause {
    CLAUSE_NONE,
    CLAUSE_SELECT,
    CLAUSE_ON,
    CLAUSE_WHERE,
    CLAUSE_GROUP,
    CLAUSE_HAVING,
    CLAUSE_ORDER
} Clause;

typedef struct Binder {
    const World *world;
    bool has_variables; // not in views and defaults
    Arena *arena;
    Fault *fault;
    Scope *scope;
    CteScope *ctes;
    Clause clause;
    bool in_view; // an ownership chain: rights were checked at its entry
    bool in_aggregate;
    int next_number; // of sources and CTEs
    int depth;
    uint64_t reads_system; // sys views that were named: to refresh before the statement runs
} Binder;

/* Value, or condition; the other kind is an error. */
void bind_value(Binder *binder, Expr **expr);
void bind_condition(Binder *binder, Expr **expr);
/* A value converted to a type as an assignment does it. */
void bind_assign(Binder *binder, Expr **expr, SbType to);
void bind_variable_value(Binder *binder, Expr **expr, SbType to);
/* Wraps unless it is that type already; a conversion that is not allowed is 206 or 257. */
void bind_convert(Binder *binder, Expr **expr, SbType to, bool is_assign);
/* Brings both to one type. */
void bind_unify(Binder *binder, Expr **left, Expr **right);

void bind_query(Binder *binder, Query *query);
/* 1033: inside another query an order means something under TOP alone. */
void bind_inner_order(Fault *fault, const Query *query, int line);

/* For the other bind_*.c. */
Expr *bind_new(Binder *binder, ExprKind kind, const Expr *near_expr);
bool bind_failed(const Binder *binder);
void bind_expr(Binder *binder, Expr **expr);
void bind_call(Binder *binder, Expr *expr); // func.c
Scope *bind_push(Binder *binder, Select *select);
void bind_from(Binder *binder, From *from);
Source *bind_source(Binder *binder, Str alias, const Object *object);
const Object *bind_object(Binder *binder, const Name *name, int32_t missing_number);
bool bind_may(Binder *binder, const char *permission, const Object *object);
Source *bind_query_source(Binder *binder, const Query *query, Str alias);
void bind_add_source(Binder *binder, Source *source);
Expr *bind_column_of(Binder *binder, Source *source, size_t column, const Expr *near_expr);
void bind_full_name(const Name *name, char *text, size_t size); // "a.b.c"
bool expr_same(const Expr *a, const Expr *b);
Str arena_str(Arena *arena, Str text);
/* Of a scalar variable; -1 with 137. */
ptrdiff_t bind_variable(Binder *binder, Str name, int line, SbType *ret_type);
/* Of a table variable; NULL with 1087. */
const Object *bind_table_variable(Binder *binder, Str name, int line);
void bind_refuse(Binder *binder, const Expr *at, const char *reason);

#endif
