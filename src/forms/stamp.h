/* Times as logs write them. */
#ifndef SSISMINER_FORMS_STAMP_INTERNAL_H
#define SSISMINER_FORMS_STAMP_INTERNAL_H

#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a time that begins at `at` ends; `at` if there is none: a date with a clock in any of the
 * usual orders, or a clock with seconds. */
size_t stamp_end(Str text, size_t at);

/* Ticks of the time that the text begins with, in the zone in use where it has
 * none; 0 if it has no date.
 * Of d/m/y and m/d/y, below 13 in both places, it is m/d/y, but with dots d.m.y. */
int64_t stamp_ticks(Str text);

#endif
