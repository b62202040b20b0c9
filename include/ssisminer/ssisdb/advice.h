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
/* "GRANT what TO [user];" for this login's user. */
const char *advice_grant(const Ssisdb *db, const char *what, Arena *arena);
/* "ALTER ROLE [ssis_logreader] ADD MEMBER [user];", or what stands in its way. */
const char *advice_reading_role(const Ssisdb *db, Arena *arena);
/* "USE master; GRANT what TO [login]; -- …": rights of a server belong to logins, and are granted
 * in master by its administrator. */
const char *advice_server_grant(const Ssisdb *db, const char *what, Arena *arena);

#endif
