/*
 * The tree of a batch: what the parser builds, the binder types and the emitter prints.
 *
 * Ownership: everything lives in the batch's arena.
 */
#ifndef ENGINE_AST_H
#define ENGINE_AST_H

#include "ssisminer/base/str.h"
#include "ssisminer/engine/engine.h"

#include "lex.h"

#include <stdbool.h>

typedef struct Expr Expr;
typedef struct Query Query;
typedef struct Select Select;
typedef struct Body Body;
typedef struct From From;
typedef struct Source Source;
typedef struct Stmt Stmt;
typedef struct Function Function;
typedef struct Object Object;

typedef struct Name { // [database.]schema.object, or a column with its qualifiers
    Str parts[4];
    int count;
    int line;
} Name;

/* ---- expressions ------------------------------------------------------------------------ */

typedef enum ExprKind {
#define EXPR(kind, ...) EXPR_##kind,
#include "expr.def"
#undef EXPR
    EXPR_KINDS
} ExprKind;

typedef struct OrderItem {
    Expr *expr;
    bool is_descending;
    int item; // binder: 1-based select item it names, 0: an expression of its own
} OrderItem;

typedef struct Over {
    Expr **partition;
    size_t partition_count;
    OrderItem *order;
    size_t order_count;
} Over;

typedef enum Truth { TRUTH_UNKNOWN, TRUTH_TRUE, TRUTH_FALSE } Truth;

struct Expr {
    ExprKind kind;
    int op;
    int line;
    int depth; // of the tree below
    Str near;  // token to name in a syntax error
    Str text;
    Name name;
    Expr **args;
    size_t arg_count;
    Query *query;
    Over *over;
    SbType cast_type;
    bool negated, distinct, has_base, has_else, is_try;

    /* binder */
    SbType type;
    bool is_nullable, is_bound;
    bool is_aggregate; // this very node is an aggregate or window call
    Truth truth;       // known before any row is read
    const Function *function;
    Source *source;
    size_t column;
    size_t variable;
    bool is_assign;
    int64_t constant; // of a call folded to a number
    bool is_folded;
};

/* ---- queries ---------------------------------------------------------------------------- */

typedef struct Item { // of a select list
    Expr *expr;
    Str alias;    // empty: none
    Str variable; // SELECT @v = expr
    size_t variable_index;
} Item;

typedef enum JoinKind { JOIN_INNER, JOIN_LEFT, JOIN_CROSS } JoinKind;

typedef enum FromKind { FROM_TABLE, FROM_QUERY, FROM_JOIN, FROM_VALUES, FROM_VARIABLE } FromKind;

typedef struct ValuesRow {
    Expr **values;
    size_t count;
} ValuesRow;

struct From {
    FromKind kind;
    JoinKind join;
    int line;
    Name name; // TABLE; VARIABLE in parts[0]
    Str alias;
    Str *columns; // aliases of columns
    size_t column_count;
    Query *query;
    ValuesRow *rows;
    size_t row_count;
    From *left, *right;
    Expr *on;
    Source *source; // binder
};

typedef struct Cte {
    Str name;
    Str *columns;
    size_t column_count;
    Query *query;
    int line;
    /* binder */
    Source *shape; // columns and types
    int number;    // "qN"
} Cte;

struct Select {
    int line;
    bool is_distinct;
    Expr *top;
    Item *items;
    size_t item_count;
    From *from;
    Expr *where;
    Expr **group;
    size_t group_count;
    Expr *having;
    /* binder */
    bool has_aggregates, is_assignment;
    Source **sources;
    size_t source_count;
};

typedef enum BodyKind { BODY_SELECT, BODY_UNION, BODY_NESTED } BodyKind; // UNION: ALL

struct Body {
    BodyKind kind;
    int line;
    Select *select;
    Body *left, *right;
    Query *nested; // a parenthesised query in a set operation
    /* binder */
    struct OutColumn *columns;
    size_t column_count;
};

typedef struct OutColumn {
    Str name;
    SbType type;
    bool is_nullable;
    bool is_null_literal;
} OutColumn;

struct Query {
    int line;
    Cte *ctes;
    size_t cte_count;
    Body *body;
    OrderItem *order;
    size_t order_count;
    /* binder */
    OutColumn *columns;
    size_t column_count;
};

/* ---- statements ------------------------------------------------------------------------- */

typedef enum StmtKind {
#define STMT(kind, ...) STMT_##kind,
#include "stmt.def"
#undef STMT
} StmtKind;

typedef struct ColumnDef {
    Str name;
    SbType type;
    bool is_nullable, has_null_word;
    bool is_identity;
    int64_t seed, increment;
    Expr *default_value;
    Str default_text, default_name;
    int line;
} ColumnDef;

typedef enum ConstraintKind {
    CONSTRAINT_PRIMARY,
    CONSTRAINT_UNIQUE,
    CONSTRAINT_FOREIGN
} ConstraintKind;

typedef struct ConstraintDef {
    ConstraintKind kind;
    Str name;
    Str *columns;
    size_t column_count;
    Name target;
    Str *target_columns;
    size_t target_column_count;
    bool on_delete_cascade;
    int line;
} ConstraintDef;

typedef struct TableDef {
    ColumnDef *columns;
    size_t column_count;
    ConstraintDef *constraints;
    size_t constraint_count;
} TableDef;

typedef struct Declaration {
    Str name;
    SbType type;
    Expr *value;
    TableDef *table; // @t TABLE (…)
} Declaration;

typedef struct Argument { // of EXEC
    Str name;             // empty: by position
    Expr *value;
    bool is_output;
} Argument;

typedef struct ParamDef { // of CREATE PROCEDURE and of sp_executesql's declaration
    Str name;
    SbType type;
    Expr *default_value;
    bool is_output;
} ParamDef;

typedef struct Assignment {
    Name column;
    Expr *value;
    size_t index; // binder: of the column
} Assignment;

typedef struct Dml {
    Expr *top;
    Name target;
    bool is_variable; // @t
    Str *columns;
    size_t column_count;
    Query *query; // INSERT … SELECT / VALUES
    Assignment *set;
    size_t set_count;
    From *from;
    Expr *where;
    /* binder */
    Source *source;       // the target, as the statement's expressions see it
    Source *rows;         // INSERT: the query's rows
    size_t *column_index; // INSERT: columns that get a value
    Expr **values;        // and the values, one per column
    size_t value_count;
} Dml;

struct Stmt {
    StmtKind kind;
    int line;
    Str near;
    Stmt **list; // BLOCK; TRY: list[0] try, list[1] catch
    size_t count;
    Expr *cond;
    Stmt *then, *otherwise;
    Query *query;
    Dml *dml;
    Declaration *declarations;
    size_t declaration_count;
    Str variable; // SET @v, EXEC @rc =
    Expr **exprs; // RAISERROR, THROW, PRINT, RETURN, EXEC (text)
    size_t expr_count;
    bool flag;        // RAISERROR: NOWAIT · GRANT: deny · CREATE INDEX: unique ·
                      // ROLE_MEMBER: drop · CREATE_PRINCIPAL: without login
    bool is_external; // CREATE_PRINCIPAL: of Microsoft Entra
    bool is_revoke;
    Name name, target;
    Str text; // SET option, kind of object, definition, permission list
    Str value;
    Argument *arguments;
    size_t argument_count;
    TableDef *table;
    Str *columns;
    size_t column_count;
    bool *descending;
    Str *included;
    size_t included_count;
    Str *words; // permissions, options
    size_t word_count;
    ParamDef *params;
    size_t param_count;
    Name *names; // GRANT … TO
    size_t name_count;
};

#endif
