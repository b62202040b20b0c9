/* Private to duplicates: what an answer is made of. */
#ifndef DUPLICATES_STORE_H
#define DUPLICATES_STORE_H

#include "ssisminer/ssisdb/package_names.h"

#include "ssisminer/duplicates/duplicates.h"

typedef struct ParameterSet {
    const DuplicateParameter *list; // sorted by type and name
    size_t count;
    uint64_t hash;
} ParameterSet;

typedef struct DuplicatesStore {
    Arena arena;
    Names names;
    DuplicateRun *runs;
    size_t count, capacity;
    ParameterSet *sets; // by number - 2: see PARAMETERS_NONE
    size_t set_count, set_capacity;
    DuplicateChild *children;
    size_t child_count, child_capacity;
} DuplicatesStore;

/* read_*.c: each sends one statement. */
Rc store_read_runs(DuplicatesStore *store, const Ssisdb *db, const DuplicatesQuestion *question,
                   Err *err) MUST_CHECK;
Rc store_read_parameters(DuplicatesStore *store, const Ssisdb *db, Err *err) MUST_CHECK;
Rc store_read_children(DuplicatesStore *store, const Ssisdb *db, const DuplicatesQuestion *question,
                       Err *err) MUST_CHECK;

DuplicateKey store_key(const DuplicatesStore *store, uint32_t key);
const char *store_text(const DuplicatesStore *store, uint32_t number);
/* The set of a run; NULL when it is unread or empty. */
const ParameterSet *store_set(const DuplicatesStore *store, const DuplicateRun *run);

#endif
