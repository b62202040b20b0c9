/*
 * Whether a text reports a failure, now.
 *
 * Logs speak of failures that are none: counts of zero, retries that went well, settings ("command
 * timeout 30"), names of columns and files, what is to be done on error, comments, manuals. One
 * notion for all forms of logs, where no level says what a line is.
 *
 * A text is looked at clause by clause, the first TELLS_REACH bytes of it. It reports a failure
 * when a word of trouble stands in one without another word that takes it back. English; of other
 * languages the words of trouble alone.
 */
#ifndef SSISMINER_DIAGNOSE_TELLS_H
#define SSISMINER_DIAGNOSE_TELLS_H

#include "ssisminer/base/str.h"

#include <stdbool.h>

enum { TELLS_REACH = 4096 };

typedef enum Tells {
    TELLS_NOTHING, // no word of trouble
    TELLS_FAILURE,
    TELLS_OTHERWISE // of a failure that did not happen, or is over, or is only spoken of
} Tells;

Tells tells_of(Str text);
bool tells_failure(Str text); // the same as tells_of(text) == TELLS_FAILURE, sooner

#endif
