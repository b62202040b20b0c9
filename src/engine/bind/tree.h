/*
 * What the binder makes of the parse tree: names found, types known, conversions put in. The
 * emitter prints it without another look at the catalog.
 *
 * Ownership: everything lives in the binder's arena; `said` points into the parse tree, which is
 * left as it is.
 */
#ifndef ENGINE_TREE_H
#define ENGINE_TREE_H

#include "catalog.h"

typedef struct Bound Bound;
typedef struct BoundQuery BoundQuery;
typedef struct BoundFrom BoundFrom;
typedef struct Function Function;

/* ---- row sets -------------------------------------------------------------------------------- */

typedef struct SourceColumn {
    Str name;
    SbType type;
    bool is_nullable;
    const char *sql; // its name in the SQL that is sent to SQLite
} SourceColumn;

typedef struct Source { // one row set in a FROM
    Str alias;
    const Object *object; // NULL: derived
    int number;           // "tN"
    int cte;              // "qN" it reads; 0: a table or a query
    SourceColumn *columns;
    size_t column_count;
} Source;

typedef struct OutColumn { // of a result
    Str name;
    SbType type;
    bool is_nullable, is_null_literal;
} OutColumn;

/* ---- expressions ----------------------------------------------------------------------------- */

enum { BOUND_CONVERT = EXPR_KINDS }; // a conversion that nobody wrote: args[0] to type

typedef enum Truth { TRUTH_UNKNOWN, TRUTH_TRUE, TRUTH_FALSE } Truth;

typedef struct BoundOrder {
    Bound *expr;
    bool is_descending;
    int item; // 1-based select item that it names, 0: an expression of its own
} BoundOrder;

typedef struct BoundOver {
    Bound **partition;
    size_t partition_count;
    BoundOrder *order;
    size_t order_count;
} BoundOver;

struct Bound {
    const Expr *said; // of what the binder put in: the expression that it serves
    int kind;         // an ExprKind, or BOUND_CONVERT
    Str text;         // of a literal
    Bound **args;
    size_t arg_count;
    BoundQuery *query;
    BoundOver *over;
    SbType type;
    bool is_nullable;
    bool is_aggregate; // this very node is an aggregate or window call
    bool is_folded;    // to a number:
    int64_t constant;  //
    Truth truth;       // known before any row is read
    const Function *function;
    Source *source;
    size_t column, variable;
    int flags; // of a conversion: CONVERT_…
};

/* ---- queries --------------------------------------------------------------------------------- */

struct BoundFrom {
    FromKind kind; // a view is a QUERY, a table variable a TABLE
    JoinKind join;
    const From *said;
    BoundQuery *query;
    Bound **values; // VALUES: row after row, as wide as the source
    size_t row_count;
    BoundFrom *left, *right;
    Bound *on;
    Source *source;
};

typedef struct BoundItem {
    Bound *expr;
    Str alias;       // empty: none
    size_t variable; // of an assignment
} BoundItem;

typedef struct BoundSelect {
    const Select *said;
    Bound *top;
    BoundItem *items;
    size_t item_count;
    BoundFrom *from;
    Bound *where;
    Bound **group;
    size_t group_count;
    Bound *having;
    bool has_aggregates, is_assignment;
    Source **sources;
    size_t source_count;
} BoundSelect;

typedef struct BoundBody {
    BodyKind kind;
    BoundSelect *select;
    struct BoundBody *left, *right;
    OutColumn *columns;
    size_t column_count;
} BoundBody;

typedef struct BoundCte {
    const Cte *said;
    BoundQuery *query;
    Source *shape; // columns and types
    int number;    // "qN"
} BoundCte;

struct BoundQuery {
    BoundCte *ctes;
    size_t cte_count;
    BoundBody *body;
    BoundOrder *order;
    size_t order_count;
    OutColumn *columns; // the body's
    size_t column_count;
};

/* ---- INSERT, UPDATE, DELETE ------------------------------------------------------------------ */

typedef struct BoundSet { // a column and what it gets
    size_t column;
    Bound *value;
} BoundSet;

typedef struct BoundDml {
    const Object *target;
    Source *source; // the target, as the statement's expressions see it
    BoundFrom *from;
    Bound *top, *where;
    BoundQuery *query; // INSERT
    Source *rows;      // the query's rows
    BoundSet *set;
    size_t set_count;
} BoundDml;

#endif
