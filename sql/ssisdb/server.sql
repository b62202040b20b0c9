-- What the server, the database and the login are. Functions only: nothing here needs a right.
-- What an edition does not know comes as NULL (roles that are not there, sysadmin on Azure).
-- carried by: nothing
-- column: server_name nvarchar
-- column: database_name nvarchar
-- column: product_version nvarchar
-- column: engine_edition int
-- column: login_name nvarchar
-- column: user_name nvarchar
-- column: server_now datetimeoffset
-- column: is_sysadmin int
-- column: is_db_owner int
-- column: is_ssis_admin int
-- column: is_logreader int
-- column: updateability nvarchar
-- column: may_read_tables int
SELECT
    CONVERT(nvarchar(256), SERVERPROPERTY('ServerName')) AS server_name,
    DB_NAME() AS database_name,
    CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS product_version,
    CONVERT(int, SERVERPROPERTY('EngineEdition')) AS engine_edition,
    SUSER_SNAME() AS login_name,
    USER_NAME() AS user_name,
    SYSDATETIMEOFFSET() AS server_now,
    IS_SRVROLEMEMBER('sysadmin') AS is_sysadmin,
    IS_MEMBER('db_owner') AS is_db_owner,
    IS_MEMBER('ssis_admin') AS is_ssis_admin,
    IS_MEMBER('ssis_logreader') AS is_logreader,
    CONVERT(nvarchar(60), DATABASEPROPERTYEX(DB_NAME(), 'Updateability')) AS updateability,
    CASE
        WHEN
            HAS_PERMS_BY_NAME(N'internal.operations', N'OBJECT', N'SELECT') = 1
            AND HAS_PERMS_BY_NAME(N'internal.executions', N'OBJECT', N'SELECT') = 1
            AND HAS_PERMS_BY_NAME(N'internal.operation_messages', N'OBJECT', N'SELECT') = 1
            AND HAS_PERMS_BY_NAME(N'internal.event_messages', N'OBJECT', N'SELECT') = 1
            AND HAS_PERMS_BY_NAME(N'internal.executables', N'OBJECT', N'SELECT') = 1
            AND HAS_PERMS_BY_NAME(N'internal.executable_statistics', N'OBJECT', N'SELECT') = 1
            AND HAS_PERMS_BY_NAME(N'internal.execution_parameter_values', N'OBJECT', N'SELECT') = 1
            AND HAS_PERMS_BY_NAME(N'internal.execution_property_override_values', N'OBJECT', N'SELECT') = 1
            AND HAS_PERMS_BY_NAME(N'internal.execution_component_phases', N'OBJECT', N'SELECT') = 1
            AND HAS_PERMS_BY_NAME(N'internal.execution_data_statistics', N'OBJECT', N'SELECT') = 1
            THEN 1
        ELSE 0
    END AS may_read_tables;
