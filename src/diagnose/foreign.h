/* Other languages than English: no clauses, but pieces of words, and what stands around them. */
#ifndef SSISMINER_DIAGNOSE_FOREIGN_H
#define SSISMINER_DIAGNOSE_FOREIGN_H

#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* The words of trouble, one after the other; NULL behind the last. */
const char *foreign_word(size_t index);
/* One of them stands there, and neither counts nothing nor is a part of a name ("error table"). */
bool foreign_tells_trouble(Str line);
/* It explains, or tells what happens in general: "… bedeutet, dass", "… faz com que". */
/* Whatever it cites: a note of what was mended. */
bool foreign_is_mended(Str line);
bool foreign_is_talk(Str line);

#endif
