-- Earlier executions of packages that seldom run: weekly, monthly and rarer ones have no cadence in
-- a look-back of days. Packages that run often are left out, so that this stays a few rows each.
-- param: since datetimeoffset
-- param: until datetimeoffset
-- param: most int
-- column: execution_id bigint
-- column: folder_name nvarchar
-- column: project_name nvarchar
-- column: package_name nvarchar
-- column: environment_folder_name nvarchar
-- column: environment_name nvarchar
-- column: caller_name nvarchar
-- column: project_lsn bigint
-- column: use32bitruntime bit
-- column: status int
-- column: created_time datetimeoffset
-- column: start_time datetimeoffset
-- column: end_time datetimeoffset
-- column: executed_count bigint optional
SELECT
    e.execution_id,
    e.folder_name,
    e.project_name,
    e.package_name,
    e.environment_folder_name,
    e.environment_name,
    e.caller_name,
    e.project_lsn,
    e.use32bitruntime,
    e.status,
    e.created_time,
    e.start_time,
    e.end_time
    , e.executed_count -- needs: catalog.executions.executed_count
FROM catalog.executions AS e
INNER JOIN (
    SELECT
        x.folder_name,
        x.project_name,
        x.package_name
    FROM catalog.executions AS x
    WHERE x.created_time >= @since
    GROUP BY x.folder_name, x.project_name, x.package_name
    HAVING COUNT(*) BETWEEN 3 AND @most
) AS r ON r.folder_name = e.folder_name AND r.project_name = e.project_name AND r.package_name = e.package_name
WHERE
    e.created_time >= @since
    AND e.created_time < @until
OPTION (RECOMPILE);
