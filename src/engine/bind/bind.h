/*
 * Names to objects and columns, expressions to types: from the parse tree to one of the binder's
 * own (tree.h).
 *
 * Errors:  SQL Server's own (207, 208, 209, 4104, 206, 257, 402, 8120, …) in binder->fault; once
 * one is set the rest is skipped, and what is returned is of no use, though never NULL where an
 * expression was asked for.
 */
#ifndef ENGINE_BIND_H
#define ENGINE_BIND_H

#include "tree.h"
#include "types.h"

/* What the binder asks of whoever runs the statement: the catalog, rights, and the names that
 * belong to a session or a batch alone. The interpreter answers (run/world.c). */
typedef struct World {
    Catalog *catalog;
    const char *database;
    const char *identity_insert; // store name of the table, NULL: none
    bool is_definer;             // inside a procedure: reads and writes with its owner's rights
    void *who;
    bool (*may)(void *who, const char *permission, const Object *object);
    const Object *(*temp)(void *who, Str name); // a temporary table; NULL: none
    /* Is who asks a member of this role of the database, or of the server? */
    bool (*has_role)(void *who, Str role, bool of_server, bool *ret_exists);
    void (*see)(void *who, const Object *view, Fault *fault); // a fault where it is not shown
    /* A variable of the batch, -1: none; a table variable has a table. */
    ptrdiff_t (*variable)(void *who, Str name, SbType *ret_type, const Object **ret_table);
} World;

typedef struct Scope {
    struct Scope *outer;
    Source **sources;
    size_t count;
    BoundSelect *select; // NULL: of UPDATE or DELETE
} Scope;

typedef struct CteScope {
    struct CteScope *outer;
    BoundCte *list;
    size_t count; // visible so far
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
Bound *bind_value(Binder *binder, const Expr *said);
Bound *bind_condition(Binder *binder, const Expr *said);
/* Into a variable: what is too long is cut without a word, unlike into a column. */
Bound *bind_variable_value(Binder *binder, const Expr *said, SbType to);
/* Wraps unless it is that type already; a conversion that is not allowed is 206 or 257. */
void bind_convert(Binder *binder, Bound **expr, SbType to, bool is_assign);

BoundQuery *bind_query(Binder *binder, const Query *query);
/* 1033: inside another query an order means something under TOP alone. */
void bind_inner_order(Fault *fault, const Query *query, int line);

/* For the other bind_*.c. */
#define bind_fault(binder, said, ...) fault_set((binder)->fault, (said)->line, __VA_ARGS__) // false
bool bind_failed(const Binder *binder);
void bind_refuse(Binder *binder, const Expr *at, const char *reason);
Bound *bind_new(Binder *binder, int kind, const Expr *said);
/* An expression that nobody wrote, for those that want one to point to. */
const Expr *bind_near(Binder *binder, int line, Str near);
Bound *bind_wrap(Binder *binder, int kind, Bound *inner, SbType to, int flags);
Bound *bind_arg(Binder *binder, Bound *expr, size_t index); // a value
void bind_args(Binder *binder, Bound *expr);                // all of them
void bind_call(Binder *binder, Bound *expr);                // func.c
/* The default of a column, NULL where it has none. */
Bound *bind_default(Binder *binder, const Column *column, const Expr *near_expr);
Bound *bind_top(Binder *binder, const Expr *top); // NULL for none
BoundFrom *bind_from(Binder *binder, const From *from);
Scope *bind_push(Binder *binder, BoundSelect *select);
Source *bind_source(Binder *binder, Str alias, const Object *object);
/* Its columns by position: for whoever puts the rows elsewhere and needs no names. */
Source *bind_query_source(Binder *binder, const BoundQuery *query, Str alias, int line);
void bind_add_source(Binder *binder, Source *source);
Bound *bind_column_of(Binder *binder, Source *source, size_t column, const Expr *near_expr);
const Object *bind_object(Binder *binder, const Name *name, int32_t missing_number);
bool bind_may(Binder *binder, const char *permission, const Object *object);
const char *name_full(const Name *name, Arena *arena); // "a.b.c"
bool bound_same(const Bound *a, const Bound *b);
Str arena_str(Arena *arena, Str text);
/* Of a scalar variable; -1 with 137. */
ptrdiff_t bind_variable(Binder *binder, Str name, int line, SbType *ret_type);
/* Of a table variable; NULL with 1087. */
const Object *bind_table_variable(Binder *binder, Str name, int line);

/* One of the six comparisons. */
typedef struct Comparison {
    int op;
    const char *sql;
    bool holds[3]; // where the left side is less, equal, greater
} Comparison;
const Comparison *comparison_of(int op);

#endif
