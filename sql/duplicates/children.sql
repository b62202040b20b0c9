-- Packages that ran as a child of another one in the window: an execution has the name of the
-- package that was started, its executables those of the packages they stand in.
-- param: since datetimeoffset
-- param: until datetimeoffset
-- column: execution_id bigint
-- column: package_name nvarchar
-- column: start_time datetimeoffset
-- column: end_time datetimeoffset
SELECT
    s.execution_id,
    x.package_name,
    MIN(s.start_time) AS start_time,
    MAX(s.end_time) AS end_time
FROM catalog.executable_statistics AS s
INNER JOIN catalog.executables AS x
    ON x.execution_id = s.execution_id AND x.executable_id = s.executable_id
INNER JOIN catalog.executions AS e ON e.execution_id = s.execution_id
WHERE
    x.package_name <> e.package_name
    AND (e.end_time IS NULL OR e.end_time >= @since)
    AND (@until IS NULL OR e.created_time < @until)
GROUP BY s.execution_id, x.package_name
OPTION (RECOMPILE);
