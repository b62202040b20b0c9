/* Parts of an answer that the server broke off: left out and told. */
#include "ssisminer/ssisdb/missing.h"

#include "ssisminer/tds/tds.h"
#include "ssisminer/tds/transient.h"

Rc missing_record(Missing *missing, const Ssisdb *db, const char *what, Rc rc, const Err *own,
                  Arena *arena, Err *err)
{
    if (rc == RC_OK)
        return rc;
    if (rc != RC_QUERY || tds_remedy(own->number) == TDS_HOPELESS || tds_may_reread(db->tds)) {
        *err = *own;
        return err_note(err, "reading %s", what);
    }
    if (missing->count < MISSING_PARTS)
        missing->list[missing->count++] =
            (MissingPart){arena_text(arena, what), arena_text(arena, own->text)};
    return RC_OK;
}

Rc missing_check(const Missing *missing, const char *answer, Err *err)
{
    if (missing->count == 0)
        return RC_OK;
    (void)FAIL(err, RC_QUERY, "%s incomplete: %s could not be read: %s", answer,
               missing->list[0].what, missing->list[0].why);
    return err_hint(err, "what could be read stands in it; run it again later, or ask for less "
                         "with --since, --package or --execution");
}
