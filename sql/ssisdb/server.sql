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
    CONVERT(nvarchar(60), DATABASEPROPERTYEX(DB_NAME(), 'Updateability')) AS updateability;
