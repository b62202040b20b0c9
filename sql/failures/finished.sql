-- What had finished well in the failed executions of the window before they failed: tasks, and the
-- containers around them. A task in a loop is one row. The package's path is long text: it is read of
-- what is left when that is known.
-- carried by: internal.executable_statistics (execution_id)
-- carried by: internal.executions (execution_id)
-- carried by: internal.executables (executable_id)
-- param: since datetimeoffset
-- param: until datetimeoffset
-- param: latest datetimeoffset
-- param: first_id bigint
-- param: last_id bigint
-- param: failed bit
-- param: unexpected bit
-- param: canceled bit
-- parts: first_id last_id
-- column: execution_id bigint
-- column: package_name nvarchar
-- column: package_path nvarchar
-- column: end_time datetimeoffset
SELECT
    f.execution_id,
    x.package_name,
    CONVERT(nvarchar(4000), x.package_path) AS package_path,
    f.end_time
FROM (
    SELECT
        s.execution_id,
        s.executable_id,
        MAX(s.end_time) AS end_time
    FROM catalog.executable_statistics AS s
    WHERE
        s.execution_result = 0
        AND s.execution_id IN (
            SELECT e.execution_id
            FROM catalog.executions AS e
            WHERE
                (@since IS NULL OR COALESCE(
                    CASE WHEN e.end_time < e.created_time OR e.end_time > @latest THEN NULL ELSE e.end_time END, e.start_time, e.created_time
                ) >= @since)
                AND (@until IS NULL OR COALESCE(
                    CASE WHEN e.end_time < e.created_time OR e.end_time > @latest THEN NULL ELSE e.end_time END, e.start_time, e.created_time
                ) < @until)
                AND e.execution_id >= @first_id
                AND e.execution_id <= @last_id
                AND (
                    (e.status = 4 AND @failed = 1)
                    OR (e.status = 6 AND @unexpected = 1)
                    OR (e.status = 3 AND @canceled = 1)
                )
        )
    GROUP BY s.execution_id, s.executable_id
) AS f
INNER JOIN catalog.executables AS x ON x.execution_id = f.execution_id AND x.executable_id = f.executable_id
OPTION (RECOMPILE);
