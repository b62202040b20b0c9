-- The executions of the window that failed, as asked for: failed (4), ended unexpectedly (6),
-- canceled (3). Its columns are those of every statement that lists executions (ssisdb.h).
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
-- column: execution_id bigint
-- column: folder_name nvarchar
-- column: project_name nvarchar
-- column: package_name nvarchar
-- column: environment_folder_name nvarchar
-- column: environment_name nvarchar
-- column: reference_id bigint
-- column: caller_name nvarchar
-- column: executed_as_name nvarchar
-- column: stopped_by_name nvarchar
-- column: status int
-- column: created_time datetimeoffset
-- column: start_time datetimeoffset
-- column: end_time datetimeoffset
-- column: server_name nvarchar
-- column: machine_name nvarchar
-- column: process_id bigint
-- column: use32bitruntime bit
-- column: worker_agent_id uniqueidentifier optional
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
    e.folder_name,
    e.project_name,
    e.package_name,
    e.environment_folder_name,
    e.environment_name,
    e.reference_id,
    e.caller_name,
    e.executed_as_name,
    e.stopped_by_name,
    e.status,
    e.created_time,
    e.start_time,
    e.end_time,
    e.server_name,
    e.machine_name,
    e.process_id,
    e.use32bitruntime
    , e.worker_agent_id -- needs: catalog.executions.worker_agent_id
    , e.executed_count -- needs: catalog.executions.executed_count
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
    AND (
        (e.status = 4 AND @failed = 1)
        OR (e.status = 6 AND @unexpected = 1)
        OR (e.status = 3 AND @canceled = 1)
    )
OPTION (RECOMPILE);
