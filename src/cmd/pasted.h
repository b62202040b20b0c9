/*
 * A text that somebody pasted, read as a log is: a message, blocks of dtexec, a job step, an
 * activity's output.
 */
#ifndef SSISMINER_CMD_PASTED_H
#define SSISMINER_CMD_PASTED_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/signature/signature.h"

enum { PASTED_MAX = 16 };

typedef struct Pasted {
    SigMatch matches[PASTED_MAX]; // the root causes first, of the runs in their order
    size_t match_count, root_count;
    const char *unknown[PASTED_MAX]; // root errors that nothing knows, in their own words
    size_t unknown_count;
} Pasted;

/* What it keeps lives in the arena. */
Rc pasted_read(const SigSet *set, Str text, Arena *arena, Pasted *ret_pasted, Err *err) MUST_CHECK;

#endif
