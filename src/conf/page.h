/* Shared by the pages that options.def and the command table make. */
#ifndef SSISMINER_CONF_PAGE_H
#define SSISMINER_CONF_PAGE_H

#include "internal.h"

enum { PAGE_COLUMNS = 80 };

/* Appends words, broken before `columns`; the text starts in column `at`, further lines in
 * column `indent`. Every line after the first begins with `margin` when given ("# "). */
void page_put_wrapped(Buf *out, const char *text, size_t at, size_t indent, size_t columns,
                      const char *margin);

/* The help sentence with choices and default added. */
void page_put_meaning(Buf *out, const OptSpec *spec);

/* "--server <host>" with the value's place, or only the name for a flag. */
void page_put_usage(Buf *out, const OptSpec *spec);
/* The same after its letter, if it has one: "-S, --server <host>". */
void page_put_names(Buf *out, const OptSpec *spec);

/* Which commands take the option: "all", or their names. */
void page_put_takers(Buf *out, const OptSpec *spec);

/* Next paragraph of a command's details; false when none is left. */
bool page_paragraph(Str *rest, Str *ret_paragraph, bool *ret_is_verbatim);

typedef struct PageExitCode {
    int code;
    const char *meaning;
} PageExitCode;

const PageExitCode *page_exit_codes(size_t *ret_count);
const char *page_purpose(void);
const char *page_values(size_t index); // how values are written, in sentences; NULL after the last

#endif
