-- The shipped purge of Scale Out workers that were not seen for a week.
EXECUTE internal.cleanup_expired_worker;
