/*
 * Whether a text reports a failure, now.
 *
 * Logs speak of failures that are none: counts of zero, retries that went well, settings ("command
 * timeout 30"), names of columns and files, what is to be done on error, comments, manuals. One
 * notion for all forms of logs, where no level says what a line is.
 *
 * A text is looked at line by line, and each line clause by clause, the first TELLS_REACH bytes. It
 * reports a failure when a word of trouble stands in a clause without another word that takes it
 * back, or when a line has the frame of a report ("Msg n, Level n", a driver's brackets, an
 * exception's type). It does not where the line was written for a program or a reader (code,
 * settings, tables and headings of manuals, texts with gaps), nor where it asks, advises, or tells
 * of failures in general. Names that hold such a word (OnError, dbo.LoadErrors, failed.csv) say
 * nothing. English; of other languages the words of trouble, and few that take them back.
 *
 * tests/corpus/kinds.tsv has the kinds of texts, those that look alike side by side.
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
/* "* ORA-12541: …", one of a list of codes. Several of them in a text tell what may happen. */
bool tells_listed(Str line, Str *ret_code);
bool tells_failure(Str text); // the same as tells_of(text) == TELLS_FAILURE, sooner

#endif
