/* What changed before the packages of an answer failed, beside an answer that stands without it. */
#include "changed.h"

#include "filter.h"
#include "ssisminer/base/log.h"

Rc changes_beside(const Ssisdb *db, const Failures *failures, Changes **ret_changes, Err *err)
{
    Err own = {0};

    if (filter_lacks_successes())
        return RC_OK;
    Rc rc = changes_read(db, failures, ret_changes, &own);

    if (rc == RC_STOPPED) {
        *err = own;
        return rc;
    }
    if (rc != RC_OK)
        log_warning("what changed before is not known: %s", own.text);
    return RC_OK;
}
