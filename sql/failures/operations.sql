-- The failed operations of the window that are no executions: deploy, restore, validate, purge,
-- configure, and a create_execution (type 200) that never became an execution.
-- carried by: internal.operations (operation_id)
-- carried by: internal.executions (execution_id)
-- param: since datetimeoffset
-- param: until datetimeoffset
-- param: latest datetimeoffset
-- param: first_id bigint
-- param: last_id bigint
-- param: failed bit
-- param: unexpected bit
-- param: canceled bit
-- parts: first_id last_id
-- column: operation_id bigint
-- column: operation_type int
-- column: object_type int
-- column: object_name nvarchar
-- column: status int
-- column: caller_name nvarchar
-- column: created_time datetimeoffset
-- column: start_time datetimeoffset
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
    o.operation_id,
    o.operation_type,
    o.object_type,
    o.object_name,
    o.status,
    o.caller_name,
    o.created_time,
    o.start_time,
    o.end_time
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
    AND (
        o.operation_type <> 200
        OR NOT EXISTS (
            SELECT 1
            FROM catalog.executions AS e
            WHERE e.execution_id = o.operation_id AND e.execution_id >= @least_id
        )
    )
OPTION (RECOMPILE);
