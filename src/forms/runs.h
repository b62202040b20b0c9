/*
 * Runs that are open while a file is read, and what was said in each.
 *
 * What cannot tell of a failure (information, progress) is not kept. A run of more than
 * LOG_RUN_BYTES is told in parts; when all together keep more than LOG_RUNS_BYTES, the one that
 * was silent longest is told.
 *
 * Ownership: what is added is copied; a Run lives until it is told.
 */
#ifndef SSISMINER_FORMS_RUNS_INTERNAL_H
#define SSISMINER_FORMS_RUNS_INTERNAL_H

#include "internal.h"

typedef struct Runs Runs;

typedef struct Run {
    int status;           // operations.status; 0 unknown
    int64_t operation_id; // 0 unknown
    struct RunKept *kept; // private
} Run;

Runs *runs_new(Reader *reader);
void runs_free_at(Runs **runs);

/* The open run of this key, or a new one; an empty key always gives a new one. */
Rc runs_find(Runs *runs, Str key, size_t line, Run **ret_run, Err *err) MUST_CHECK;
Rc runs_add(Runs *runs, Run *run, const DiagMessage *message, Err *err) MUST_CHECK;
size_t run_message_count(const Run *run); // kept so far, told parts included
/* Tells it, and forgets it. */
Rc runs_close(Runs *runs, Run *run, Err *err) MUST_CHECK;
/* All of them, in the order in which they began. */
Rc runs_close_all(Runs *runs, Err *err) MUST_CHECK;

#endif
