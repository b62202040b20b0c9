/*
 * What becomes of a row's values in a capture that is made anonymous. (Within the room.)
 *
 * A message is anonymised so that the catalog of signatures says of it what it said before: what
 * a signature looks for stays, and where that is not enough, less of the text is replaced.
 */
#ifndef SSISMINER_CAPTURE_ANONYMISED_INTERNAL_H
#define SSISMINER_CAPTURE_ANONYMISED_INTERNAL_H

#include "ssisminer/anonymise/anonymise.h"
#include "ssisminer/asset/sql.h"
#include "ssisminer/tds/tds.h"

typedef struct Anonymised Anonymised; // NULL: nothing is made anonymous

Rc anonymised_new(Anonymiser *anonymiser, Anonymised **ret_anonymised, Err *err) MUST_CHECK;
void anonymised_free_at(Anonymised **anonymised);

/* The value of the row's column for the file, valid for the 15 calls after it: a row. Names are
 * learnt on the way.
 */
Rc anonymised_value(Anonymised *anonymised, const SqlAsset *asset, const TdsRows *rows,
                    size_t column, Str *ret_value, Err *err) MUST_CHECK;
/* Of what is no row's; lives in the arena. */
const char *anonymised_name(Anonymised *anonymised, const char *name, Arena *arena);
const char *anonymised_text(Anonymised *anonymised, const char *text, Arena *arena);
/* "DATABASEPROPERTYEX(SSISDB,Updateability)", and what the server said. */
Str anonymised_question(Anonymised *anonymised, Str question);
Str anonymised_answer(Anonymised *anonymised, Str question, Str answer);

#endif
