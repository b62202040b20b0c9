/* The schema of sql/schema and what the engine adds to it (sql/engine), as a database opens. */
#ifndef ENGINE_SCHEMA_H
#define ENGINE_SCHEMA_H

#include "state.h"

void schema_read(Engine *engine);                    // its batches for the engine's flavour
Rc schema_make(Engine *engine, Err *err) MUST_CHECK; // runs them; logins' users and rights

#endif
