-- Which session holds the lock that lets one cleanup run at a time, and for how long it is logged in.
-- The description of an application lock is "0:[name]:(hash)", its name cut after 32 characters.
-- carried by: nothing
-- column: session_id int
-- column: host_name nvarchar
-- column: program_name nvarchar
-- column: login_name nvarchar
-- column: seconds bigint
SELECT TOP (1)
    s.session_id,
    s.host_name,
    s.program_name,
    s.login_name,
    DATEDIFF(second, s.login_time, GETDATE()) AS seconds
FROM sys.dm_tran_locks AS l
INNER JOIN sys.dm_exec_sessions AS s ON s.session_id = l.request_session_id
WHERE
    l.resource_type = N'APPLICATION'
    AND l.resource_database_id = DB_ID()
    AND l.request_status = N'GRANT'
    AND l.resource_description LIKE N'%ssisminer cleanup%'
ORDER BY s.login_time;
