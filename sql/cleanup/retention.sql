-- The shipped purge.
EXECUTE internal.cleanup_server_retention_window;
