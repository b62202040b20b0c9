-- Who is connected to the database.
-- carried by: nothing
-- column: session_id int
-- column: host_name nvarchar as host
-- column: program_name nvarchar as host
-- column: login_name nvarchar as login
-- column: last_request_start_time datetimeoffset
SELECT
    r.session_id,
    r.host_name,
    r.program_name,
    r.login_name,
    CAST(r.last_request_start_time AS datetimeoffset(7)) AS last_request_start_time
FROM sys.dm_exec_sessions AS r;
