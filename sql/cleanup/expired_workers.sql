-- The shipped purge of Scale Out workers that were not seen for a week.
-- carried by: nothing
EXECUTE internal.cleanup_expired_worker;
