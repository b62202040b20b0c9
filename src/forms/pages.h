/* Windows' ANSI and OEM pages: which one some bytes are in. */
#ifndef SSISMINER_FORMS_PAGES_INTERNAL_H
#define SSISMINER_FORMS_PAGES_INTERNAL_H

#include <stddef.h>

/* iconv's name of the page in which these bytes, which are no UTF-8, read most like words: 1252,
 * 850, 437, 1251, 866, 932, 949, 936 or 950. */
const char *page_of(const char *bytes, size_t len);

#endif
