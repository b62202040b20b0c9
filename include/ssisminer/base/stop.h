/*
 * The wish to stop: set by SIGINT, SIGTERM or SIGHUP (unless that was ignored from the start, as
 * nohup does it), seen by every loop that waits or reads. Whatever other signal ends the program,
 * and the second of these, removes what base/guard.h has first.
 */
#ifndef SSISMINER_BASE_STOP_H
#define SSISMINER_BASE_STOP_H

#include "ssisminer/base/err.h"

#include <stdbool.h>

void stop_install(void); // handlers; a second signal of the same kind ends the program at once
bool stop_wanted(void);
int stop_signal(void);  // 0, SIGINT, SIGTERM or SIGHUP
int stop_fd(void);      // becomes readable when a stop is wanted: for poll()
void stop_forked(void); // in a child that goes on: a signal to one of the two is none to the other
void stop_request(int signal_number); // as if the signal had come (tests)
void stop_reset(void);                // tests only

/* Ends the program from any thread, when a call into a library does not come back: says why on
 * stderr and leaves with the exit code of `rc`, or of the signal that came. Nothing is undone. */
_Noreturn void stop_hard(Rc rc, const char *words);

/* Waits; RC_STOPPED when the wish came meanwhile. */
Rc stop_sleep_ms(long ms, Err *err) MUST_CHECK;

#endif
