/*
 * What the login may do in the database, beside reading the catalog's views, and what it would
 * take to see the rest.
 *
 * The server's own figures ask for different rights: those of the database (sizes, load) for VIEW
 * DATABASE STATE, since 2022 VIEW DATABASE PERFORMANCE STATE; other sessions on an instance for
 * VIEW SERVER STATE, since 2022 VIEW SERVER PERFORMANCE STATE, and without it they are left out
 * without an error. Azure SQL Database has no rights of the server: there both take the one of the
 * database, and on its small tiers and in pools membership of ##MS_ServerStateReader##.
 * (Microsoft's pages on sys.dm_exec_requests, sys.dm_db_partition_stats, sys.dm_db_resource_stats.)
 */
#ifndef SSISMINER_SSISDB_RIGHTS_H
#define SSISMINER_SSISDB_RIGHTS_H

#include "ssisminer/ssisdb/ssisdb.h"

typedef struct Rights {           // false too where the build has no such procedure
    bool may_select, may_delete;  // in schema internal
    bool may_retention_exclusive; // EXECUTE, here and below
    bool may_retention;
    bool may_jobs, may_workers, may_versions;
    bool may_view_definition; // of the database
    bool may_view_state;      // sizes and load
    bool sees_sessions;       // other than its own
    /* The T-SQL that a database owner, or as it says itself a server's administrator, has to run;
     * NULL where nothing is missing. */
    const char *state_grant, *sessions_grant;
} Rights;

/* One statement; any login may send it. */
Rc rights_read(const Ssisdb *db, Arena *arena, Rights *ret_rights, Err *err) MUST_CHECK;

#endif
