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

typedef struct Contexts { // by number, each once; 0 is the empty one
    DuplicateContext *list;
    size_t count, capacity;
    uint32_t *slots; // open addressing; a number plus 1, 0 is empty
    size_t slot_count;
} Contexts;

enum { SEEN_PLACES = 4096 };

typedef struct Seen { // names of a row, as they came
    char *bytes;
    size_t len;
    uint32_t key, context;
} Seen;

typedef struct SeenNames { // by their hash; a later one takes the place of another
    Seen places[SEEN_PLACES];
} SeenNames;

void seen_done(SeenNames *seen);

typedef struct DuplicatesStore {
    Arena arena;
    SeenNames seen;
    Names names;
    Contexts contexts;
    DuplicateRun *runs;
    size_t count, capacity;
    int64_t now;    // of the server: until then a live execution runs
    int64_t latest; // end that is believed (ssisdb/ends.h)
    size_t doubted_count;
    Missing missing;
    ParameterSet *sets; // by number - 2: see PARAMETERS_NONE
    size_t set_count, set_capacity;
    DuplicateSign *signs; // by execution_id
    size_t sign_count, sign_capacity;
    DuplicateChild *children;
    size_t child_count, child_capacity;
} DuplicatesStore;

/* read_*.c: each sends one statement; the first may send three. */
Rc store_read_runs(DuplicatesStore *store, const Ssisdb *db, const DuplicatesQuestion *question,
                   const DuplicateRules *rules, Err *err) MUST_CHECK;
Rc store_read_signs(DuplicatesStore *store, const Ssisdb *db, Err *err) MUST_CHECK;
Rc store_read_parameters(DuplicatesStore *store, const Ssisdb *db,
                         const DuplicatesQuestion *question, Err *err) MUST_CHECK;
Rc store_read_children(DuplicatesStore *store, const Ssisdb *db, const DuplicatesQuestion *question,
                       Err *err) MUST_CHECK;

/* The parameters of the suspects as bytes, and taken from those of several catalogs, whose runs
 * this store holds: `find` knows them by catalog and id. */
typedef DuplicateRun *FindRun(void *context, size_t part, int64_t id);
Rc store_put_parameters(DuplicatesStore *store, const Ssisdb *db,
                        const DuplicatesQuestion *question, Buf *out, Err *err) MUST_CHECK;
Rc store_take_parameters(DuplicatesStore *store, const DuplicatesQuestion *question,
                         const Str *parts, size_t count, FindRun *find, void *context,
                         Err *err) MUST_CHECK;
DuplicatesStore *store_new(void);
void store_free(DuplicatesStore *store);

enum { ASKED_DIGITS = 19 }; // of an id, in a text of many

/* asked.c: the latest suspects, for the statements that are about them. */
typedef struct Asked {
    DuplicateRun **runs; // by id
    size_t count;
    Buf ids; // ASKED_DIGITS each
} Asked;

/* With `witnesses`, a few other runs of each suspect's key too: what tells whether a value ever
 * repeats. */
Rc asked_choose(DuplicatesStore *store, bool witnesses, Asked *ret_asked, Err *err) MUST_CHECK;
DuplicateRun *asked_find(const Asked *asked, int64_t id);
void asked_done(Asked *asked);

/* values.c: values as the server compares them. */
uint64_t value_hash(uint64_t hash, const DuplicateParameter *parameter);
bool value_is_same(const DuplicateParameter *a, const DuplicateParameter *b);

DuplicateKey store_key(const DuplicatesStore *store, uint32_t key);
const char *store_text(const DuplicatesStore *store, uint32_t number);
/* The set of a run; NULL when it is unread or empty. */
const ParameterSet *store_set(const DuplicatesStore *store, const DuplicateRun *run);

/* duplicates.c: by the filter, and by one of the entries of --allow that have not expired. */
bool store_passes(const DuplicatesStore *store, const DuplicatesQuestion *question,
                  const DuplicateRun *run);
bool store_is_allowed(const DuplicatesStore *store, const DuplicatesQuestion *question,
                      const DuplicateRun *run, Instant now);

/* contexts.c */
uint32_t contexts_number(Contexts *contexts, const DuplicateContext *context);
void contexts_done(Contexts *contexts);
/* By the caller and by what CALLER_INFO holds; either may be NULL. */
DuplicateStarter starter_of(const char *caller, const char *caller_info);

/* The totals of the packages and callers of the list. */
void store_add_totals(Duplicates *out, DuplicatesStore *store);

/* Of a child overlap the package is the one that ran by itself, the last to start. */
const DuplicateRun *duplicates_namesake(const Duplicates *duplicates, const DuplicateGroup *group);
const char *duplicates_finding_key(const Duplicates *duplicates, const DuplicateGroup *group,
                                   Arena *arena);

#endif
