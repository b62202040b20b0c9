/*
 * What a capture holds, as lines of JSON while it is read (capture/lines.h), for DuckDB,
 * ClickHouse, Azure Data Explorer and what else takes more than one machine holds. Memory does not
 * grow with it.
 *
 * First comes a line of the table "capture_begin"; then, a table after the other, a line a row of
 * what the server answered, under the names of the catalog's views (parts.def); then a line of
 * "capture_tables" for each table, with its count of rows and why it was left out; and, as the last
 * of all, one of "capture_end" with the sums. A stream without that line is not whole, whatever
 * ended it.
 *
 * Errors: those of tds and of capture/lines.h; RC_NOTHING when operations stayed locked.
 */
#ifndef SSISMINER_CAPTURE_STREAM_H
#define SSISMINER_CAPTURE_STREAM_H

#include "ssisminer/capture/capture.h"
#include "ssisminer/capture/lines.h"

enum { STREAM_LAYOUT = 1 }; // of "capture_begin": another one when names or types change

/* Called again it begins its lines anew (lines_restart). */
Rc capture_stream(const Ssisdb *db, const CaptureQuestion *question, Lines *lines, Arena *arena,
                  Captured *ret_captured, Err *err) MUST_CHECK;

#endif
