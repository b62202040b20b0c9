-- The shipped purge, guarded so that it runs once at a time (Azure).
-- carried by: nothing
EXECUTE internal.cleanup_server_retention_window_exclusive;
