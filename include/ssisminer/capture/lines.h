/*
 * Records as lines of JSON, for what loads them elsewhere (docs/capture.md, "A stream").
 *
 * A line is one flat object. It begins with its table and with what is the same in all of a
 * stream's lines; then the values, in the order in which they are put, each under its column's
 * name: whole numbers and floats as numbers, true and false, null, and all else as texts that no
 * terminal obeys. Times are ISO 8601 with seven digits and an offset:
 * "2026-03-02T08:00:00.0000000+02:00".
 *
 * Ownership: the stream is the caller's; lines_done frees the rest.
 * Errors:    RC_USAGE with the system's reason when a line cannot be written.
 */
#ifndef SSISMINER_CAPTURE_LINES_H
#define SSISMINER_CAPTURE_LINES_H

#include "ssisminer/base/buf.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/time.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct Lines {
    FILE *stream;
    Buf line, same;
    int64_t count; // lines that were written
} Lines;

void lines_init(Lines *lines, FILE *stream);
void lines_done(Lines *lines);
/* What follows the table in each line from now on. */
void lines_set_same(Lines *lines, const char *server, const char *database, Instant captured_at);

void lines_begin(Lines *lines, const char *table);
void lines_null(Lines *lines, const char *column);
void lines_i64(Lines *lines, const char *column, int64_t value);
void lines_f64(Lines *lines, const char *column, double value); // null when it is no number
void lines_bit(Lines *lines, const char *column, bool value);
void lines_text(Lines *lines, const char *column, Str text);     // at NULL: null
void lines_time(Lines *lines, const char *column, Instant time); // unset: null
Rc lines_end(Lines *lines, Err *err) MUST_CHECK;
/* As if nothing had been written: of a regular file alone. */
Rc lines_restart(Lines *lines, Err *err) MUST_CHECK;
/* What is still in memory goes out, and on to the disk where it is a file. */
Rc lines_flush(Lines *lines, Err *err) MUST_CHECK;

#endif
