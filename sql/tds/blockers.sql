-- Which session of this database has held locks for longest that others may wait for, and since when: after a
-- lock time-out nobody waits any more, so that it is looked for among those who hold.
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
    DATEDIFF(second, s.last_request_start_time, GETDATE()) AS seconds
FROM sys.dm_exec_sessions AS s
WHERE
    s.session_id <> @@SPID
    AND EXISTS (
        SELECT 1
        FROM sys.dm_tran_locks AS l
        WHERE
            l.request_session_id = s.session_id
            AND l.resource_database_id = DB_ID()
            AND l.request_status = N'GRANT'
            AND l.resource_type <> N'DATABASE'
            AND l.resource_type <> N'APPLICATION'
            AND l.request_mode IN (N'X', N'IX', N'SIX', N'UIX', N'U', N'Sch-M', N'BU')
    )
ORDER BY s.last_request_start_time;
