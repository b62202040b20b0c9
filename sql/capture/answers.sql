-- What the functions say that our statements ask: what the server, the database and the login are.
-- carried by: nothing
-- column: question nvarchar as plain
-- column: number bigint
-- column: text nvarchar as plain
SELECT
    a.question,
    a.number,
    a.text
FROM (
    VALUES
    (N'SERVERPROPERTY(ServerName)', CAST(NULL AS bigint), CONVERT(nvarchar(256), SERVERPROPERTY('ServerName'))),
    (N'SERVERPROPERTY(ProductVersion)', NULL, CONVERT(nvarchar(256), SERVERPROPERTY('ProductVersion'))),
    (N'DATABASEPROPERTYEX(' + DB_NAME() + N',Updateability)', NULL, CONVERT(nvarchar(256), DATABASEPROPERTYEX(DB_NAME(), 'Updateability'))),
    (N'DATABASEPROPERTYEX(' + DB_NAME() + N',ServiceObjective)', NULL, CONVERT(nvarchar(256), DATABASEPROPERTYEX(DB_NAME(), 'ServiceObjective'))),
    (N'SUSER_SNAME()', NULL, CONVERT(nvarchar(256), SUSER_SNAME())),
    (N'USER_NAME()', NULL, CONVERT(nvarchar(256), USER_NAME())),
    (N'SERVERPROPERTY(EngineEdition)', CONVERT(bigint, SERVERPROPERTY('EngineEdition')), NULL),
    (N'DATABASEPROPERTYEX(' + DB_NAME() + N',MaxSizeInBytes)', CONVERT(bigint, DATABASEPROPERTYEX(DB_NAME(), 'MaxSizeInBytes')), NULL),
    (N'IS_SRVROLEMEMBER(sysadmin)', IS_SRVROLEMEMBER('sysadmin'), NULL),
    (N'IS_MEMBER(db_owner)', IS_MEMBER('db_owner'), NULL),
    (N'IS_MEMBER(ssis_admin)', IS_MEMBER('ssis_admin'), NULL),
    (N'IS_MEMBER(ssis_logreader)', IS_MEMBER('ssis_logreader'), NULL),
    (N'IS_MEMBER(ssis_cluster_executor)', IS_MEMBER('ssis_cluster_executor'), NULL)
) AS a (question, number, text)
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(' + p.securable + N',' + p.class + N',' + p.permission + N')' AS question,
    HAS_PERMS_BY_NAME(p.securable, p.class, p.permission) AS number,
    NULL AS text
FROM (
    VALUES
    (N'internal', N'SCHEMA', N'SELECT'),
    (N'internal', N'SCHEMA', N'DELETE'),
    (N'internal.operations', N'OBJECT', N'SELECT'),
    (N'internal.executions', N'OBJECT', N'SELECT'),
    (N'internal.operation_messages', N'OBJECT', N'SELECT'),
    (N'internal.event_messages', N'OBJECT', N'SELECT'),
    (N'internal.executables', N'OBJECT', N'SELECT'),
    (N'internal.executable_statistics', N'OBJECT', N'SELECT'),
    (N'internal.execution_parameter_values', N'OBJECT', N'SELECT'),
    (N'internal.execution_property_override_values', N'OBJECT', N'SELECT'),
    (N'internal.execution_component_phases', N'OBJECT', N'SELECT'),
    (N'internal.execution_data_statistics', N'OBJECT', N'SELECT'),
    (N'internal.cleanup_server_retention_window_exclusive', N'OBJECT', N'EXECUTE'),
    (N'internal.cleanup_server_retention_window', N'OBJECT', N'EXECUTE'),
    (N'internal.cleanup_completed_jobs_exclusive', N'OBJECT', N'EXECUTE'),
    (N'internal.cleanup_expired_worker', N'OBJECT', N'EXECUTE'),
    (N'internal.cleanup_server_project_version', N'OBJECT', N'EXECUTE'),
    (QUOTENAME(DB_NAME()), N'DATABASE', N'VIEW DEFINITION'),
    (QUOTENAME(DB_NAME()), N'DATABASE', N'VIEW DATABASE STATE'),
    (QUOTENAME(DB_NAME()), N'DATABASE', N'VIEW DATABASE PERFORMANCE STATE')
) AS p (securable, class, permission)
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(,,' + s.permission + N')' AS question,
    HAS_PERMS_BY_NAME(NULL, NULL, s.permission) AS number,
    NULL AS text
FROM (
    VALUES
    (N'VIEW SERVER STATE'),
    (N'VIEW SERVER PERFORMANCE STATE')
) AS s (permission);
