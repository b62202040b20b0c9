-- The executions whose messages may lie in the window: what they run, and what the filters look at.
-- carried by: internal.operations (operation_id)
-- carried by: internal.executions (execution_id)
-- param: since datetimeoffset
-- param: until datetimeoffset
-- param: first_id bigint
-- param: last_id bigint
-- parts: first_id last_id
-- column: execution_id bigint
-- column: folder_name nvarchar
-- column: project_name nvarchar
-- column: package_name nvarchar
-- column: caller_name nvarchar
SELECT
    e.execution_id,
    e.folder_name,
    e.project_name,
    e.package_name,
    e.caller_name
FROM catalog.executions AS e
WHERE
    (e.end_time IS NULL OR e.end_time >= @since OR e.created_time >= @since)
    AND (e.created_time IS NULL OR e.created_time < @until)
    AND e.execution_id >= @first_id
    AND e.execution_id <= @last_id
OPTION (RECOMPILE);
