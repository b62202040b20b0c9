-- Every execution that was created in the window or in the look-back before it: what tells one
-- trigger from another, and nothing else, since there may be a million. What is shown of suspects
-- alone is read with their signs of life. The names, the project version and the runtime come as one
-- text: of the many rows few have others, and a column costs its reader more than its bytes.
-- carried by: internal.operations (operation_id)
-- carried by: internal.executions (execution_id)
-- param: since datetimeoffset
-- param: until datetimeoffset
-- param: first_id bigint
-- param: last_id bigint
-- parts: first_id last_id
-- column: execution_id bigint
-- column: names nvarchar
-- column: status int
-- column: created_time datetimeoffset
-- column: start_time datetimeoffset
-- column: end_time datetimeoffset
-- column: executed_count bigint optional
DECLARE @least_id bigint = (
    SELECT MIN(o.operation_id)
    FROM catalog.operations AS o
    WHERE
        o.operation_id >= @first_id
        AND o.operation_id <= @last_id
        AND (@since IS NULL OR o.end_time >= @since OR o.start_time >= @since OR o.created_time >= @since)
);
SELECT
    e.execution_id,
    COALESCE(e.folder_name, N'') + NCHAR(31)
    + COALESCE(e.project_name, N'') + NCHAR(31)
    + COALESCE(e.package_name, N'') + NCHAR(31)
    + COALESCE(e.environment_folder_name, N'') + NCHAR(31)
    + COALESCE(e.environment_name, N'') + NCHAR(31)
    + COALESCE(e.caller_name, N'') + NCHAR(31)
    + COALESCE(CONVERT(nvarchar(20), e.project_lsn), N'') + NCHAR(31)
    + COALESCE(CONVERT(nvarchar(1), e.use32bitruntime), N'') AS names,
    e.status,
    e.created_time,
    e.start_time,
    e.end_time
    , e.executed_count -- needs: catalog.executions.executed_count
FROM catalog.executions AS e
WHERE
    COALESCE(e.created_time, e.start_time, e.end_time) >= @since
    AND (@until IS NULL OR COALESCE(e.created_time, e.start_time, e.end_time) < @until)
    AND e.execution_id >= @least_id
    AND e.execution_id <= @last_id
OPTION (RECOMPILE);
