/* What the login may do in the database, beside reading the catalogue's views. */
#ifndef SSISMINER_SSISDB_RIGHTS_H
#define SSISMINER_SSISDB_RIGHTS_H

#include "ssisminer/ssisdb/ssisdb.h"

typedef struct Rights {           // false too where the build has no such procedure
    bool may_select, may_delete;  // in schema internal
    bool may_retention_exclusive; // EXECUTE, here and below
    bool may_retention;
    bool may_jobs, may_workers, may_versions;
    bool may_view_definition, may_view_state; // of the database
} Rights;

/* One statement; any login may send it. */
Rc rights_read(const Ssisdb *db, Rights *ret_rights, Err *err) MUST_CHECK;

#endif
