/* Compiled into a room whose changes are tried (tests/mutants/README.md): each change asks whether
 * it is the one. */
#ifndef SSISMINER_TESTS_MUTANTS_H
#define SSISMINER_TESTS_MUTANTS_H

#include <stdbool.h>

/* True for the number in MUTANT. Notes in the file MUTANT_SEEN, if that is set, that it was asked.
 */
bool mutant_is(unsigned number);

#endif
