-- What this login may do here, 1 or 0; NULL where the server has no such thing.
-- carried by: nothing
-- column: may_select int
-- column: may_delete int
-- column: may_retention_exclusive int
-- column: may_retention int
-- column: may_jobs int
-- column: may_workers int
-- column: may_versions int
-- column: may_view_definition int
-- column: may_view_state int
-- column: may_view_performance int
-- column: may_view_server_state int
-- column: may_view_server_performance int
-- column: service_objective nvarchar
SELECT
    HAS_PERMS_BY_NAME(N'internal', N'SCHEMA', N'SELECT') AS may_select,
    HAS_PERMS_BY_NAME(N'internal', N'SCHEMA', N'DELETE') AS may_delete,
    HAS_PERMS_BY_NAME(N'internal.cleanup_server_retention_window_exclusive', N'OBJECT', N'EXECUTE') AS may_retention_exclusive,
    HAS_PERMS_BY_NAME(N'internal.cleanup_server_retention_window', N'OBJECT', N'EXECUTE') AS may_retention,
    HAS_PERMS_BY_NAME(N'internal.cleanup_completed_jobs_exclusive', N'OBJECT', N'EXECUTE') AS may_jobs,
    HAS_PERMS_BY_NAME(N'internal.cleanup_expired_worker', N'OBJECT', N'EXECUTE') AS may_workers,
    HAS_PERMS_BY_NAME(N'internal.cleanup_server_project_version', N'OBJECT', N'EXECUTE') AS may_versions,
    HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'VIEW DEFINITION') AS may_view_definition,
    HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'VIEW DATABASE STATE') AS may_view_state,
    HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'VIEW DATABASE PERFORMANCE STATE') AS may_view_performance,
    HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER STATE') AS may_view_server_state,
    HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER PERFORMANCE STATE') AS may_view_server_performance,
    CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), 'ServiceObjective')) AS service_objective;
