/* INSERT, UPDATE, DELETE: names bound, then printed as SQLite's SQL. */
#ifndef ENGINE_DML_H
#define ENGINE_DML_H

#include "emit.h"

/* The table that is changed; its output columns in ret_columns (OUTPUT …). */
void dml_bind(Binder *binder, Stmt *stmt, const Object **ret_target, OutColumn **ret_columns,
              size_t *ret_column_count);
void dml_emit(Emitter *emitter, const Stmt *stmt, const Object *target);

#endif
