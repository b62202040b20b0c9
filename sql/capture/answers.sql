-- What the functions say that our statements ask: what the server, the database and the login are.
-- carried by: nothing
-- column: question nvarchar
-- column: number bigint
-- column: text nvarchar
SELECT
    N'SERVERPROPERTY(ServerName)' AS question,
    CAST(NULL AS bigint) AS number,
    CONVERT(nvarchar(256), SERVERPROPERTY('ServerName')) AS text
UNION ALL
SELECT
    N'SERVERPROPERTY(ProductVersion)' AS question,
    CAST(NULL AS bigint) AS number,
    CONVERT(nvarchar(256), SERVERPROPERTY('ProductVersion')) AS text
UNION ALL
SELECT
    N'SERVERPROPERTY(EngineEdition)' AS question,
    CONVERT(bigint, SERVERPROPERTY('EngineEdition')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'DATABASEPROPERTYEX(' + DB_NAME() + N',Updateability)' AS question,
    CAST(NULL AS bigint) AS number,
    CONVERT(nvarchar(256), DATABASEPROPERTYEX(DB_NAME(), 'Updateability')) AS text
UNION ALL
SELECT
    N'DATABASEPROPERTYEX(' + DB_NAME() + N',ServiceObjective)' AS question,
    CAST(NULL AS bigint) AS number,
    CONVERT(nvarchar(256), DATABASEPROPERTYEX(DB_NAME(), 'ServiceObjective')) AS text
UNION ALL
SELECT
    N'DATABASEPROPERTYEX(' + DB_NAME() + N',MaxSizeInBytes)' AS question,
    CONVERT(bigint, DATABASEPROPERTYEX(DB_NAME(), 'MaxSizeInBytes')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'SUSER_SNAME()' AS question,
    CAST(NULL AS bigint) AS number,
    CONVERT(nvarchar(256), SUSER_SNAME()) AS text
UNION ALL
SELECT
    N'USER_NAME()' AS question,
    CAST(NULL AS bigint) AS number,
    CONVERT(nvarchar(256), USER_NAME()) AS text
UNION ALL
SELECT
    N'IS_SRVROLEMEMBER(sysadmin)' AS question,
    CONVERT(bigint, IS_SRVROLEMEMBER('sysadmin')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'IS_MEMBER(db_owner)' AS question,
    CONVERT(bigint, IS_MEMBER('db_owner')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'IS_MEMBER(ssis_admin)' AS question,
    CONVERT(bigint, IS_MEMBER('ssis_admin')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'IS_MEMBER(ssis_logreader)' AS question,
    CONVERT(bigint, IS_MEMBER('ssis_logreader')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'IS_MEMBER(ssis_cluster_executor)' AS question,
    CONVERT(bigint, IS_MEMBER('ssis_cluster_executor')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(internal,SCHEMA,SELECT)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(N'internal', N'SCHEMA', N'SELECT')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(internal,SCHEMA,DELETE)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(N'internal', N'SCHEMA', N'DELETE')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(internal.operations,OBJECT,SELECT)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(N'internal.operations', N'OBJECT', N'SELECT')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(internal.executions,OBJECT,SELECT)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(N'internal.executions', N'OBJECT', N'SELECT')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(internal.operation_messages,OBJECT,SELECT)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(N'internal.operation_messages', N'OBJECT', N'SELECT')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(internal.event_messages,OBJECT,SELECT)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(N'internal.event_messages', N'OBJECT', N'SELECT')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(internal.executables,OBJECT,SELECT)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(N'internal.executables', N'OBJECT', N'SELECT')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(internal.executable_statistics,OBJECT,SELECT)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(N'internal.executable_statistics', N'OBJECT', N'SELECT')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(internal.execution_parameter_values,OBJECT,SELECT)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(N'internal.execution_parameter_values', N'OBJECT', N'SELECT')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(internal.execution_property_override_values,OBJECT,SELECT)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(N'internal.execution_property_override_values', N'OBJECT', N'SELECT')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(internal.execution_component_phases,OBJECT,SELECT)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(N'internal.execution_component_phases', N'OBJECT', N'SELECT')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(internal.execution_data_statistics,OBJECT,SELECT)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(N'internal.execution_data_statistics', N'OBJECT', N'SELECT')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(internal.cleanup_server_retention_window_exclusive,OBJECT,EXECUTE)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(N'internal.cleanup_server_retention_window_exclusive', N'OBJECT', N'EXECUTE')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(internal.cleanup_server_retention_window,OBJECT,EXECUTE)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(N'internal.cleanup_server_retention_window', N'OBJECT', N'EXECUTE')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(internal.cleanup_completed_jobs_exclusive,OBJECT,EXECUTE)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(N'internal.cleanup_completed_jobs_exclusive', N'OBJECT', N'EXECUTE')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(internal.cleanup_expired_worker,OBJECT,EXECUTE)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(N'internal.cleanup_expired_worker', N'OBJECT', N'EXECUTE')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(internal.cleanup_server_project_version,OBJECT,EXECUTE)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(N'internal.cleanup_server_project_version', N'OBJECT', N'EXECUTE')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME([' + DB_NAME() + N'],DATABASE,VIEW DEFINITION)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'VIEW DEFINITION')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME([' + DB_NAME() + N'],DATABASE,VIEW DATABASE STATE)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'VIEW DATABASE STATE')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME([' + DB_NAME() + N'],DATABASE,VIEW DATABASE PERFORMANCE STATE)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'VIEW DATABASE PERFORMANCE STATE')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(,,VIEW SERVER STATE)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER STATE')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'HAS_PERMS_BY_NAME(,,VIEW SERVER PERFORMANCE STATE)' AS question,
    CONVERT(bigint, HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER PERFORMANCE STATE')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
UNION ALL
SELECT
    N'FILEPROPERTY(' + f.name + N',SpaceUsed)' AS question,
    CONVERT(bigint, FILEPROPERTY(f.name, 'SpaceUsed')) AS number,
    CAST(NULL AS nvarchar(256)) AS text
FROM sys.database_files AS f
WHERE f.type = 0;
