-- How many sessions of this database wait for a lock right now.
-- carried by: nothing
-- column: sessions bigint
SELECT COUNT_BIG(*) AS sessions
FROM sys.dm_exec_requests AS r
WHERE
    r.database_id = DB_ID()
    AND r.session_id <> @@SPID
    AND r.blocking_session_id <> 0
    AND r.wait_type LIKE N'LCK[_]%';
