-- How many executions of the window ended (or stand) how, by what the filters look at.
-- An execution belongs to the window by its end, or its start, or its creation: the last it has.
-- An end before the creation, or after @latest, is none (ssisdb/ends.h).
-- carried by: internal.operations (operation_id)
-- carried by: internal.executions (execution_id)
-- param: since datetimeoffset
-- param: until datetimeoffset
-- param: latest datetimeoffset
-- param: first_id bigint
-- param: last_id bigint
-- parts: first_id last_id
-- column: folder_name nvarchar
-- column: project_name nvarchar
-- column: package_name nvarchar
-- column: caller_name nvarchar
-- column: status int
-- column: executions bigint
DECLARE @least_id bigint = (
    SELECT MIN(o.operation_id)
    FROM catalog.operations AS o
    WHERE
        o.operation_id >= @first_id
        AND o.operation_id <= @last_id
        AND (@since IS NULL OR o.end_time >= @since OR o.start_time >= @since OR o.created_time >= @since)
);
SELECT
    e.folder_name,
    e.project_name,
    e.package_name,
    e.caller_name,
    e.status,
    COUNT_BIG(DISTINCT e.execution_id) AS executions
FROM catalog.executions AS e
WHERE
    (@since IS NULL OR COALESCE(
        CASE WHEN e.end_time < e.created_time OR e.end_time > @latest THEN NULL ELSE e.end_time END, e.start_time, e.created_time
    ) >= @since)
    AND (@until IS NULL OR COALESCE(
        CASE WHEN e.end_time < e.created_time OR e.end_time > @latest THEN NULL ELSE e.end_time END, e.start_time, e.created_time
    ) < @until)
    AND e.execution_id >= @least_id
    AND e.execution_id <= @last_id
GROUP BY e.folder_name, e.project_name, e.package_name, e.caller_name, e.status
OPTION (RECOMPILE);
