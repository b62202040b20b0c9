/*
 * T-SQL that an answer advises: whole, quoted, and fit for whoever has to run it.
 *
 * Rights go to the user of the database. A login may be mapped to one of another name, and GRANT
 * to a login's name is refused then (15151).
 */
#ifndef SSISMINER_SSISDB_ADVICE_H
#define SSISMINER_SSISDB_ADVICE_H

#include "ssisminer/ssisdb/ssisdb.h"

/* "[name]", every ] in it doubled. */
const char *advice_identifier(const char *name, Arena *arena);

#endif
