/*
 * The tree of a batch as it was parsed. Nobody changes it afterwards: what the binder finds out is
 * in a tree of its own (bind/tree.h), and whoever runs it holds it const (tests/lint/engine).
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
typedef struct Stmt Stmt;

typedef struct Name { // [database.]schema.object, or a column with its qualifiers
    Str parts[4];
    int count;
    int line;
} Name;

static inline Str name_last(const Name *name)
{
    return name->parts[name->count - 1];
}

static inline Str name_schema(const Name *name)
{
    return name->count > 1 ? name->parts[name->count - 2] : str_of("dbo");
}

/* ---- expressions ----------------------------------------------------------------------------- */

typedef enum ExprKind {
#define EXPR(kind, ...) EXPR_##kind,
#include "expr.def"
#undef EXPR
    EXPR_KINDS
} ExprKind;

typedef struct OrderItem {
    const Expr *expr;
    bool is_descending;
} OrderItem;

typedef struct Over {
    const Expr **partition;
    size_t partition_count;
    const OrderItem *order;
    size_t order_count;
} Over;

struct Expr {
    ExprKind kind;
    int op;
    int line;
    int depth; // of the tree below
    Str near;  // token to name in a syntax error
    Str text;
    Name name;
    const Expr **args;
    size_t arg_count;
    const Query *query;
    const Over *over;
    SbType cast_type;
    bool negated, distinct, has_base, has_else, is_try;
};

/* ---- queries --------------------------------------------------------------------------------- */

typedef struct Item { // of a select list
    const Expr *expr;
    Str alias;    // empty: none
    Str variable; // SELECT @v = expr
} Item;

typedef enum JoinKind { JOIN_INNER, JOIN_LEFT, JOIN_CROSS } JoinKind;

typedef enum FromKind { FROM_TABLE, FROM_QUERY, FROM_JOIN, FROM_VALUES, FROM_VARIABLE } FromKind;

typedef struct ValuesRow {
    const Expr **values;
    size_t count;
} ValuesRow;

struct From {
    FromKind kind;
    JoinKind join;
    int line;
    Name name; // TABLE; VARIABLE in parts[0]
    Str alias;
    const Str *columns; // aliases of columns
    size_t column_count;
    const Query *query;
    const ValuesRow *rows;
    size_t row_count;
    const From *left, *right;
    const Expr *on;
};

typedef struct Cte {
    Str name;
    const Query *query;
    int line;
} Cte;

struct Select {
    int line;
    bool is_distinct;
    const Expr *top;
    const Item *items;
    size_t item_count;
    const From *from;
    const Expr *where;
    const Expr **group;
    size_t group_count;
    const Expr *having;
};

typedef enum BodyKind { BODY_SELECT, BODY_UNION } BodyKind; // UNION: ALL

struct Body {
    BodyKind kind;
    int line;
    const Select *select;
    const Body *left, *right;
};

struct Query {
    int line;
    const Cte *ctes;
    size_t cte_count;
    const Body *body;
    const OrderItem *order;
    size_t order_count;
};

/* ---- statements ------------------------------------------------------------------------------ */

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
    const Expr *default_value;
    Str default_text;
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
    const Expr *value;
    const TableDef *table; // @t TABLE (…)
} Declaration;

typedef struct Argument { // of EXEC
    Str name;             // empty: by position
    const Expr *value;
    bool is_output;
} Argument;

typedef struct ParamDef { // of CREATE PROCEDURE and of sp_executesql's declaration
    Str name;
    SbType type;
    const Expr *default_value;
    bool is_output;
} ParamDef;

typedef struct Assignment {
    Name column;
    const Expr *value;
} Assignment;

typedef struct Dml {
    const Expr *top;
    Name target;
    bool is_variable; // @t
    const Str *columns;
    size_t column_count;
    const Query *query; // INSERT … SELECT / VALUES
    Assignment *set;
    size_t set_count;
    const From *from;
    const Expr *where;
} Dml;

struct Stmt {
    StmtKind kind;
    int line;
    Str near;
    const Stmt **list; // BLOCK; TRY: list[0] try, list[1] catch
    size_t count;
    const Expr *cond;
    const Stmt *then, *otherwise;
    const Query *query;
    const Dml *dml;
    Declaration *declarations;
    size_t declaration_count;
    Str variable;       // SET @v, EXEC @rc =
    const Expr **exprs; // RAISERROR, THROW, PRINT, RETURN, EXEC (text)
    size_t expr_count;
    bool flag;        // RAISERROR: WITH NOWAIT · CREATE INDEX: unique ·
                      // ROLE_MEMBER: drop · CREATE_PRINCIPAL: without login
    bool is_external; // CREATE_PRINCIPAL: of Microsoft Entra
    Name name, target;
    Str text; // SET option, kind of object, definition, permission list
    Str value;
    Argument *arguments;
    size_t argument_count;
    const TableDef *table;
    Str *columns;
    size_t column_count;
    bool *descending;
    Str *included;
    size_t included_count;
    Str *words; // permissions, options
    size_t word_count;
    const ParamDef *params;
    size_t param_count;
    Str *names; // GRANT … TO
    size_t name_count;
};

#endif
