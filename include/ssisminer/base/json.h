/* A text as a JSON string, for lines that are written without a report. */
#ifndef SSISMINER_BASE_JSON_H
#define SSISMINER_BASE_JSON_H

#include "ssisminer/base/buf.h"
#include "ssisminer/base/str.h"

/* Appends it with its quotes: controls, byte order marks and all that a terminal would obey
 * (base/term.h), as
 * an escape; what is no UTF-8 as U+FFFD. The bytes are safe to look at and parse back to the text.
 */
void json_put_text(Buf *out, Str text);

#endif
