-- Packages that Data Factory ran from a file share, a package store or embedded in the activity:
-- operations without a row in catalog.executions. One that never started may be a failed
-- create_execution, and is left out.
-- carried by: internal.operations (operation_id)
-- carried by: internal.executions (execution_id)
-- param: since datetimeoffset
-- param: until datetimeoffset
-- param: first_id bigint
-- param: last_id bigint
-- parts: first_id last_id
-- column: operation_id bigint
-- column: object_name nvarchar
-- column: caller_name nvarchar
-- column: status int
-- column: created_time datetimeoffset
-- column: start_time datetimeoffset
-- column: end_time datetimeoffset
SELECT
    o.operation_id,
    o.object_name,
    o.caller_name,
    o.status,
    o.created_time,
    o.start_time,
    o.end_time
FROM catalog.operations AS o
WHERE
    o.operation_type = 200
    AND o.object_name IS NOT NULL
    AND o.start_time IS NOT NULL
    AND o.created_time >= @since
    AND (@until IS NULL OR o.created_time < @until)
    AND o.operation_id >= @first_id
    AND o.operation_id <= @last_id
    AND NOT EXISTS (SELECT e.execution_id FROM catalog.executions AS e WHERE e.execution_id = o.operation_id)
OPTION (RECOMPILE);
