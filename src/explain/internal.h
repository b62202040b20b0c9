/* Between the files of this room. */
#ifndef SSISMINER_EXPLAIN_INTERNAL_H
#define SSISMINER_EXPLAIN_INTERNAL_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/str.h"
#include "ssisminer/signature/signature.h"

#include <stdbool.h>
#include <stdint.h>

/* Does it say, before a number, of what that is? "exit code", "Msg", "HRESULT" */
bool is_word_of_number(Str word);

/* What is known here by a code, and by name, of `codes.def`; NULL behind the last. */
const char *code_def_at(size_t index, uint32_t *ret_code);

/* The number or the name that is nearest to one that nobody knows, written as that one is; NULL
 * where nothing is near. */
const char *nearest_to(const SigSet *set, Str text, Arena *arena);

#endif
