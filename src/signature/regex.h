/* PCRE2 behind a small door: compiled once, matched under limits. */
#ifndef SSISMINER_SIGNATURE_REGEX_INTERNAL_H
#define SSISMINER_SIGNATURE_REGEX_INTERNAL_H

#include "ssisminer/base/err.h"
#include "ssisminer/signature/signature.h"

typedef struct Regex Regex;
typedef struct RegexScratch RegexScratch;

Rc regex_compile(const char *source, Regex **ret_regex, Err *err) MUST_CHECK;
/* Makes it quicker, before it is matched with often; accepts NULL. */
void regex_prepare(Regex *regex);
void regex_free(Regex *regex); // accepts NULL

RegexScratch *regex_scratch_new(void);
void regex_scratch_free(RegexScratch *scratch);

/* Named groups become captures. A text that is too much for the expression is no match, and the
 * first one is told in a warning that names ret_match's signature. */
Rc regex_find(Regex *regex, RegexScratch *scratch, Str text, bool *ret_found, SigMatch *ret_match,
              Err *err) MUST_CHECK;

#endif
