/*
 * Fills a sandbox with a believable history, and knows the truth about it.
 *
 * Deterministic: the same options give the same rows. Everything is placed relative to `now`.
 */
#ifndef SSISMINER_SANDBOX_GENERATE_H
#define SSISMINER_SANDBOX_GENERATE_H

#include "ssisminer/base/err.h"
#include "ssisminer/base/time.h"
#include "ssisminer/sandbox/engine.h"

#include <stdint.h>
#include <stdio.h>

typedef struct GenerateOptions {
    uint64_t seed;
    int days;        // the history's length
    int64_t executions;
    Instant now;     // end of the history
    int64_t messages_per_execution; // 0: realistic
    int64_t failures; // planted failures; -1: realistic share
} GenerateOptions;

/* truth may be NULL; else one JSON object (format: sql/sandbox/README.md). */
Rc generate(Engine *engine, const GenerateOptions *options, FILE *truth, Err *err) MUST_CHECK;

/* Schema and data as T-SQL batches separated by GO. */
Rc dump_tsql(Engine *engine, FILE *out, Err *err) MUST_CHECK;

#endif
