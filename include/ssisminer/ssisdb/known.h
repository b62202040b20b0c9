/*
 * Whether what a filter asks for can be at all: names that nobody has, ids that the log does not
 * hold, and what is meant by the name that somebody outside has for a run. Without it a slip of the
 * keyboard is an empty answer, which looks like a good one.
 *
 * Ownership: texts live in the arena given.
 * Errors:    RC_USAGE with the names or ids that there are; RC_RIGHTS instead where the login sees
 * its own executions only, and there may be more.
 */
#ifndef SSISMINER_SSISDB_KNOWN_H
#define SSISMINER_SSISDB_KNOWN_H

#include "ssisminer/ssisdb/ssisdb.h"

typedef struct Notes { // what is no error and yet to be said with the answer; {0} is empty
    const char **at;
    size_t count, capacity;
} Notes;

/* Folders, projects, packages and callers. Looks at the catalog's own tables first, and at the
 * log only when they do not have it: two statements at most, none without such a filter. Of a list
 * with one name that nobody has and one that somebody has, a note names the former. */
Rc known_names(const Ssisdb *db, const ExecutionFilter *filter, Arena *arena, Notes *notes,
               Err *err) MUST_CHECK;

/* The ids of the filter, at most KNOWN_IDS of them: one statement. Some missing: a note. */
enum { KNOWN_IDS = 10000 };
Rc known_ids(const Ssisdb *db, const ExecutionFilter *filter, Arena *arena, Notes *notes,
             Err *err) MUST_CHECK;

/* The executions that go by that name: an id of the log, or an identifier (in braces or without,
 * in either case, inside a link) or a name, which is looked for in operation_guid, CALLER_INFO,
 * parameters and property overrides. One statement. `ret_found_in` says where, for people. */
enum { KNOWN_RUNS = 1000 }; // more executions have no name of a run in common
typedef struct KnownRun {
    const int64_t *ids; // ascending, each once
    size_t count;
    const char *found_in;
} KnownRun;
Rc known_run(const Ssisdb *db, const char *name, Arena *arena, KnownRun *ret_run,
             Err *err) MUST_CHECK;

/* The last time that any execution which passes the filter is known of; unset if there is none. One
 * statement. */
Rc known_last(const Ssisdb *db, const ExecutionFilter *filter, Instant *ret_last,
              Err *err) MUST_CHECK;

#endif
