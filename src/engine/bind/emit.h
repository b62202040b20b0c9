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

typedef struct EmitUnion {     // a UNION ALL in a FROM
    const Source *source;      // of its rows
    const BoundSelect *select; // whose FROM it is in
} EmitUnion;

typedef struct Emitter {
    Buf *out;
    size_t *variables; // of the frame, in the order of ?1, ?2, …
    size_t variable_count;
    Arena *arena;
    const BoundSelect *select; // whose FROM is being printed
    EmitUnion whole;           // whose halves are next
    const BoundSelect *half;   // stands for the columns of half_of
    const Source *half_of;
} Emitter;

/* SQL with parts in it: $e a Bound · $a its arguments · $q a BoundQuery · $n a name, quoted · $s
 * text as it is · $d int · $y an SbType, packed. What the text does not name may be given all the
 * same. */
void emit(Emitter *emitter, const char *sql, ...);
void emit_expr(Emitter *emitter, const Bound *expr);
void emit_args(Emitter *emitter, const Bound *expr); // a, b
void emit_query(Emitter *emitter, const BoundQuery *query);
void emit_session(Emitter *emitter, const Bound *expr); // what a name tells of the session
void emit_table(Emitter *emitter, const Object *object);
void emit_as(Emitter *emitter, const Source *source); // AS tN
void emit_order(Emitter *emitter, const Bound *expr, bool is_descending);
void emit_from(Emitter *emitter, const BoundFrom *from);
void emit_where(Emitter *emitter, const Bound *where); // NULL: none
/* What the conditions on the whole let one of its halves look for. */
void emit_pushed(Emitter *emitter, const EmitUnion *whole, const BoundSelect *half);
void emit_limit(Emitter *emitter, const Bound *top);

/* dml.c: INSERT, UPDATE, DELETE, names bound, then printed. */
BoundDml *dml_bind(Binder *binder, const Stmt *stmt);
void dml_emit(Emitter *emitter, StmtKind kind, const BoundDml *dml);

#endif
