/* `catalog suggest` of whole logs: an entry for each error that nothing knows. */
#ifndef SSISMINER_SRC_CMD_SUGGEST_H
#define SSISMINER_SRC_CMD_SUGGEST_H

#include "ssisminer/base/buf.h"
#include "ssisminer/forms/forms.h"
#include "ssisminer/signature/signature.h"

/* Is each of them a file or a folder? */
bool suggest_are_files(const char *const *args, size_t count);

/* The most frequent unknown errors of the files, the most frequent first, as one YAML list. */
Rc suggest_files(const SigSet *set, const LogRequest *how, const char *const *paths,
                 size_t path_count, Buf *ret_yaml, Err *err) MUST_CHECK;

#endif
