-- The executions that lived between two instants, with their first sign of work: what the server
-- writes when a worker, not a queue, has them. An execution that ended in order has a row of
-- executable statistics for its package, which is cheap to find; of the others the messages tell
-- (message_source_type 30 and above: the package and what is in it).
-- carried by: internal.operations (operation_id)
-- carried by: internal.executions (execution_id)
-- carried by: internal.executable_statistics (execution_id)
-- carried by: internal.operation_messages (operation_id)
-- param: since datetimeoffset
-- param: until datetimeoffset
-- param: first_id bigint
-- param: last_id bigint
-- parts: first_id last_id
-- column: execution_id bigint
-- column: folder_name nvarchar
-- column: project_name nvarchar
-- column: package_name nvarchar
-- column: environment_folder_name nvarchar
-- column: environment_name nvarchar
-- column: caller_name nvarchar
-- column: machine_name nvarchar
-- column: status int
-- column: created_time datetimeoffset
-- column: start_time datetimeoffset
-- column: end_time datetimeoffset
-- column: first_executable datetimeoffset
-- column: first_message datetimeoffset
DECLARE @least_id bigint = (
    SELECT MIN(o.operation_id)
    FROM catalog.operations AS o
    WHERE
        o.operation_id >= @first_id
        AND o.operation_id <= @last_id
        AND (@since IS NULL OR o.end_time >= @since OR o.start_time >= @since OR o.created_time >= @since)
);
SELECT
    r.execution_id,
    r.folder_name,
    r.project_name,
    r.package_name,
    r.environment_folder_name,
    r.environment_name,
    r.caller_name,
    r.machine_name,
    r.status,
    r.created_time,
    r.start_time,
    r.end_time,
    r.first_executable,
    CASE
        WHEN r.start_time IS NOT NULL AND (r.first_executable IS NULL OR r.status NOT IN (3, 4, 7, 9)) THEN (
            SELECT MIN(m.message_time)
            FROM catalog.event_messages AS m
            WHERE m.operation_id = r.execution_id AND m.message_source_type >= 30
        )
    END AS first_message
FROM (
    SELECT
        e.execution_id,
        e.folder_name,
        e.project_name,
        e.package_name,
        e.environment_folder_name,
        e.environment_name,
        e.caller_name,
        e.machine_name,
        e.status,
        e.created_time,
        e.start_time,
        e.end_time,
        CASE
            WHEN p.first_executable IS NOT NULL THEN p.first_executable
            ELSE (
                SELECT MIN(s.start_time)
                FROM catalog.executable_statistics AS s
                WHERE s.execution_id = e.execution_id
            )
        END AS first_executable
    FROM catalog.executions AS e
    LEFT JOIN (
        SELECT
            s.execution_id,
            MIN(s.start_time) AS first_executable
        FROM catalog.executable_statistics AS s
        WHERE
            s.execution_id >= @least_id
            AND s.execution_id <= @last_id
            AND s.execution_path NOT LIKE N'\%\%'
        GROUP BY s.execution_id
    ) AS p ON p.execution_id = e.execution_id
    WHERE
        (e.status IN (2, 5, 8) OR COALESCE(e.end_time, e.start_time, e.created_time) >= @since OR e.created_time >= @since)
        AND (@until IS NULL OR COALESCE(e.created_time, e.start_time, e.end_time) < @until)
        AND e.execution_id >= @first_id
        AND e.execution_id <= @last_id
        AND (
            e.execution_id >= @least_id
            OR e.execution_id IN (
                SELECT o.operation_id
                FROM catalog.operations AS o
                WHERE o.operation_id >= @first_id AND o.operation_id <= @last_id AND o.status IN (2, 5, 8)
            )
        )
) AS r
OPTION (RECOMPILE);
