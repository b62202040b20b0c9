/* What goes wrong on request, and a result at memory speed: the hooks of a server for tests,
 * demonstrations and benches (ssisminer/loopback/hooks.h). */
#ifndef SSISMINER_SRC_SANDBOX_WIRE_HOOKS_H
#define SSISMINER_SRC_SANDBOX_WIRE_HOOKS_H

#include "ssisminer/base/err.h"
#include "ssisminer/loopback/hooks.h"

/* faults: the text of "--fault"; replay: the number of rows; either NULL: none. RC_USAGE. */
Rc hooks_make(const char *faults, const char *replay, WireHooks *ret_hooks, Err *err) MUST_CHECK;
void hooks_done(WireHooks *hooks); // when the server is gone

extern const char hooks_fault_help[]; // what --fault takes, as lines of help

#endif
