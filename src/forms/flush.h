/* Where the next line begins that is not indented. */
#ifndef SSISMINER_FORMS_FLUSH_INTERNAL_H
#define SSISMINER_FORMS_FLUSH_INTERNAL_H

#include <stddef.h>

/* `at` stands within a line or at its beginning. Adds to lines the line ends that were passed;
 * NULL if there is no such line before `end`, or nothing is known of its first character. */
const char *flush_line(const char *at, const char *end, size_t *lines);
/* The same, without short cuts. */
const char *flush_line_plain(const char *at, const char *end, size_t *lines);

#endif
