-- What had finished well in the failed executions of the window before they failed: tasks, and the
-- containers around them. A task in a loop is one row. The package's path is long text: it is read of
-- what is left when that is known.
-- carried by: internal.executable_statistics (execution_id)
-- carried by: internal.operations (operation_id)
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
DECLARE @least_id bigint = (
    SELECT MIN(o.operation_id)
    FROM catalog.operations AS o
    WHERE
        o.operation_id >= @first_id
        AND o.operation_id <= @last_id
        AND (@since IS NULL OR o.end_time >= @since OR o.start_time >= @since OR o.created_time >= @since)
);
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
        AND s.execution_id >= @least_id
        AND s.execution_id <= @last_id
        AND s.execution_id IN (
            SELECT o.operation_id
            FROM catalog.operations AS o
            WHERE
                (@since IS NULL OR COALESCE(
                    CASE WHEN o.end_time < o.created_time OR o.end_time > @latest THEN NULL ELSE o.end_time END, o.start_time, o.created_time
                ) >= @since)
                AND (@until IS NULL OR COALESCE(
                    CASE WHEN o.end_time < o.created_time OR o.end_time > @latest THEN NULL ELSE o.end_time END, o.start_time, o.created_time
                ) < @until)
                AND o.operation_id >= @least_id
                AND o.operation_id <= @last_id
                AND (
                    (o.status = 4 AND @failed = 1)
                    OR (o.status = 6 AND @unexpected = 1)
                    OR (o.status = 3 AND @canceled = 1)
                )
        )
    GROUP BY s.execution_id, s.executable_id
) AS f
INNER JOIN catalog.executables AS x ON x.execution_id = f.execution_id AND x.executable_id = f.executable_id
WHERE x.execution_id >= @least_id AND x.execution_id <= @last_id
OPTION (RECOMPILE);
