/*
 * Reports of several targets as one: each crosses from its process as bytes, and all are put under
 * one another so that every row names its target.
 *
 * Ownership: what is read or combined lives in the arena given; combining borrows the parts.
 * Errors:    RC_QUERY for bytes that are no whole report.
 */
#ifndef SSISMINER_REPORT_COMBINE_H
#define SSISMINER_REPORT_COMBINE_H

#include "ssisminer/base/buf.h"
#include "ssisminer/base/str.h"
#include "ssisminer/report/report.h"

void report_put(const Report *report, Buf *out);
Rc report_get(Str bytes, Arena *arena, Report **ret_report, Err *err) MUST_CHECK;

typedef struct ReportPart {
    const char *target;
    Report *report;     // NULL: it gave none
    const char *result; // "done", "findings", "could not connect", …
    const char *error;  // NULL for none
    int64_t exit_code;
    int64_t taken_ticks;
    bool is_joint; // what several targets tell together: no target of its own
} ReportPart;

/*
 * A section "targets" with a row a part (result, error, its counts), facts that are counts summed
 * up over all, then the sections of the parts by their keys, each with a first column "target". A
 * part's warnings begin with its name. `command` and titles are those of the parts.
 *
 * A joint part has no row in "targets"; its facts are the answer's own, and its rows come first.
 * Without a target its warnings stand as they are.
 */
Report *report_combine(const char *command, const ReportPart *parts, size_t count, Arena *arena);

#endif
