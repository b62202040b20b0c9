-- Packages that ran as a child of another one in the window: an execution has the name of the
-- package that was started, its executables those of the packages they stand in. Those of children
-- are few, so they are found first, and only then when they ran; the range of ids spares the server
-- the executables of all other executions.
-- carried by: internal.operations (operation_id)
-- carried by: internal.executions (execution_id)
-- carried by: internal.executable_statistics (execution_id)
-- carried by: internal.executables (executable_id)
-- param: since datetimeoffset
-- param: until datetimeoffset
-- param: first_id bigint
-- param: last_id bigint
-- parts: first_id last_id
-- column: execution_id bigint
-- column: package_name nvarchar
-- column: start_time datetimeoffset
-- column: end_time datetimeoffset
DECLARE @least_id bigint = (
    SELECT MIN(o.operation_id)
    FROM catalog.operations AS o
    WHERE o.operation_id BETWEEN @first_id AND @last_id AND o.end_time >= @since
);
SELECT
    s.execution_id,
    c.package_name,
    MIN(s.start_time) AS start_time,
    MAX(s.end_time) AS end_time
FROM (
    SELECT
        x.execution_id,
        x.executable_id,
        x.package_name
    FROM catalog.executables AS x
    INNER JOIN catalog.executions AS e ON e.execution_id = x.execution_id
    WHERE
        x.execution_id BETWEEN @first_id AND @last_id
        AND e.execution_id BETWEEN @first_id AND @last_id
        AND x.package_name <> e.package_name
        AND (e.end_time IS NULL OR e.end_time >= @since)
        AND (@until IS NULL OR e.created_time < @until)
) AS c
INNER JOIN catalog.executable_statistics AS s ON s.execution_id = c.execution_id AND s.executable_id = c.executable_id
WHERE
    s.execution_id BETWEEN @first_id AND @last_id
    AND (
        s.execution_id >= @least_id
        OR s.execution_id IN (
            SELECT o.operation_id
            FROM catalog.operations AS o
            WHERE o.operation_id BETWEEN @first_id AND @last_id AND o.end_time IS NULL
        )
    )
GROUP BY s.execution_id, c.package_name
OPTION (RECOMPILE);
