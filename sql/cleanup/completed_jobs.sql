-- The shipped purge of finished Scale Out jobs and their tasks.
-- carried by: nothing
EXECUTE internal.cleanup_completed_jobs_exclusive;
