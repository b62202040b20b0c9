/*
 * A bound tree to SQLite's SQL.
 *
 * Instants compare as instants: the stored form keeps the offset in its low seven bits, so the
 * right side of a comparison is masked and the left stays bare for an index.
 * Text compares under the collation TSQL, whatever the expression.
 */
#ifndef ENGINE_EMIT_H
#define ENGINE_EMIT_H

#include "bind.h"

enum { EMIT_VARIABLES_MAX = 2100 }; // SQL Server's own limit for parameters

typedef struct EmitUnion { // a UNION ALL in a FROM
    const Source *source;  // of its rows
    const Select *select;  // whose FROM it is in
} EmitUnion;

typedef struct Emitter {
    Buf *out;
    size_t *variables; // of the frame, in the order of ?1, ?2, …
    size_t variable_count, variable_capacity;
    Arena *arena;
    const Select *select; // whose FROM is being printed
    EmitUnion whole;      // whose halves are next
    const Select *half;   // stands for the columns of half_of
    const Source *half_of;
} Emitter;

void emit_expr(Emitter *emitter, const Expr *expr);
void emit_query(Emitter *emitter, const Query *query);
void emit_name(Emitter *emitter, const char *name); // "quoted"
void emit_table(Emitter *emitter, const Object *object);
void emit_source_rowid(Emitter *emitter, const Source *source);
void emit_order(Emitter *emitter, const OrderItem *order, size_t count);
void emit_from(Emitter *emitter, const From *from);
void emit_where(Emitter *emitter, const Expr *where);
/* What the conditions on the whole let one of its halves look for. */
void emit_pushed(Emitter *emitter, const EmitUnion *whole, const Select *half);
void emit_limit(Emitter *emitter, const Expr *top);

#endif
