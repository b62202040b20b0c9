/*
 * What the last run of a command found, in a SQLite file: so that the next one can tell what is
 * new, what goes on, and what is gone.
 *
 * A scope is one question to one server: its own runs are compared with each other, and several
 * scopes share a file. A finding is new when the last run of its scope did not have it.
 *
 * Nothing is held open between comparing and saving: an answer may wait long in a pager. Each of
 * them is one transaction, which waits for another process, and which a kill leaves done or undone.
 *
 * Ownership: a State is closed by state_close; texts read live in the arena given.
 * Errors:    RC_USAGE, with what to do: no such folder, no right, no space, another kind of file,
 * one of a newer program. A file that is refused is left as it is. Limits:    of a scope the
 * STATE_FINDINGS last seen are kept, STATE_SCOPES scopes, and nothing that was not seen for
 * STATE_DAYS days.
 */
#ifndef SSISMINER_STORE_STATE_H
#define SSISMINER_STORE_STATE_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/time.h"

#include <stdbool.h>
#include <stddef.h>

enum { STATE_FINDINGS = 10000, STATE_SCOPES = 1000, STATE_DAYS = 400 };

typedef struct State State;

typedef struct StateScope { // texts; NULL is empty
    const char *server, *database, *command;
    const char *question; // filters and what else makes runs comparable
} StateScope;

typedef struct StateFinding {
    const char *key; // within the scope
    const char *title;
    bool is_unseen; // nobody could look: never new, never gone, and saved as it was
    bool is_new;    // by state_compare
    Instant since;  // likewise: first seen without a gap; `now` for a new one
} StateFinding;

typedef struct StateGone {
    const char *key, *title;
    Instant since, last; // first and last seen
} StateGone;

typedef struct StateBefore {
    Instant last_run; // unset: there was none, so that nothing is new
    const StateGone *gone;
    size_t gone_count;
} StateBefore;

/* Where --state auto keeps it: $XDG_STATE_HOME, or .local/state in $HOME; makes the folders (0700).
 * NULL where neither is set to an absolute path. */
Rc state_auto_path(Arena *arena, const char **ret_path, Err *err) MUST_CHECK;

/* Makes the file (0600) where there is none. */
Rc state_open(const char *path, State **ret_state, Err *err) MUST_CHECK;
Rc state_compare(State *state, const StateScope *scope, Instant now, StateFinding *findings,
                 size_t count, Arena *arena, StateBefore *ret_before, Err *err) MUST_CHECK;
/* `is_whole`: what is not among the findings is gone; else it stays as it was. */
Rc state_save(State *state, const StateScope *scope, Instant now, const StateFinding *findings,
              size_t count, bool is_whole, Err *err) MUST_CHECK;
void state_close(State *state); // accepts NULL
void state_close_at(State **state);

#endif
