-- The shipped purge.
-- carried by: nothing
EXECUTE internal.cleanup_server_retention_window;
