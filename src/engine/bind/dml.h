/* INSERT, UPDATE, DELETE: names bound, then printed as SQLite's SQL. */
#ifndef ENGINE_DML_H
#define ENGINE_DML_H

#include "emit.h"

BoundDml *dml_bind(Binder *binder, const Stmt *stmt);
void dml_emit(Emitter *emitter, StmtKind kind, const BoundDml *dml);

#endif
