/* Whether what a filter leaves out is there at all: a name misspelt behind a '!' protects nothing.
 */
#ifndef SSISMINER_SRC_CLEANUP_NAMES_H
#define SSISMINER_SRC_CLEANUP_NAMES_H

#include "ssisminer/base/nearest.h"
#include "ssisminer/ssisdb/ssisdb.h"

typedef struct Exclusion {
    const char *option;   // "folder"
    const char *glob;     // without its '!'
    ExecutionFilter only; // passes what the glob matches
    bool is_met;
    Nearest nearest;
} Exclusion;

typedef struct Exclusions {
    Exclusion *list;
    size_t count;
    Arena *arena;
} Exclusions;

/* Borrows the filter, and lives in the arena. */
Exclusions exclusions_of(const ExecutionFilter *filter, Arena *arena);
/* A folder, project and package that there are; project and package may be NULL. */
void exclusions_meet(Exclusions *exclusions, const Execution *names);
/* RC_USAGE names the first glob that met nothing, and the nearest name. */
Rc exclusions_check(const Exclusions *exclusions, Err *err) MUST_CHECK;

#endif
