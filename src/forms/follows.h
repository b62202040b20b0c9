/* In a text without times: does a line hang on what was said before it? */
#ifndef SSISMINER_FORMS_FOLLOWS_H
#define SSISMINER_FORMS_FOLLOWS_H

#include "ssisminer/base/str.h"

#include <stdbool.h>

/* The entry is open; the line is not empty, and not indented. */
bool follows(Str entry, Str line);
/* "Exception: …", "Error Code: …": a field of the report before it. */
bool follows_as_field(Str line);
/* Nothing does: the entry has its tail, "End Error". */
bool follows_not(Str entry);

#endif
