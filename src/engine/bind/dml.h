/* INSERT, UPDATE, DELETE: names bound, then printed as SQLite's SQL. */
#ifndef ENGINE_DML_H
#define ENGINE_DML_H

#include "emit.h"

/* The table that is changed goes to ret_target. */
void dml_bind(Binder *binder, Stmt *stmt, const Object **ret_target);
void dml_emit(Emitter *emitter, const Stmt *stmt, const Object *target);

#endif
