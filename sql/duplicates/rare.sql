-- Earlier executions of packages that seldom run: weekly, monthly and rarer ones have no cadence in
-- a look-back of days. One execution of each such package is given, as one text of numbers with 19
-- digits each (see parameters.sql). Columns are those of triggers.sql.
-- carried by: scan of internal.executions
-- carried by: internal.operations (operation_id)
-- param: since datetimeoffset
-- param: until datetimeoffset
-- param: ids nvarchar(max)
-- param: id_count int
-- column: execution_id bigint
-- column: names nvarchar
-- column: status int
-- column: created_time datetimeoffset
-- column: start_time datetimeoffset
-- column: end_time datetimeoffset
-- column: executed_count bigint optional
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
INNER JOIN (
    SELECT DISTINCT
        x.folder_name,
        x.project_name,
        x.package_name
    FROM (
        SELECT TOP (@id_count) CAST(SUBSTRING(@ids, n.place * 19 + 1, 19) AS bigint) AS execution_id
        FROM (
            SELECT a.d * 10000 + b.d * 1000 + c.d * 100 + d.d * 10 + e.d AS place
            FROM (VALUES (0), (1), (2), (3), (4)) AS a (d)
            CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS b (d)
            CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS c (d)
            CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d (d)
            CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS e (d)
        ) AS n
        WHERE n.place < @id_count
    ) AS wanted
    INNER JOIN catalog.executions AS x ON x.execution_id = wanted.execution_id
) AS r ON r.folder_name = e.folder_name AND r.project_name = e.project_name AND r.package_name = e.package_name
WHERE
    e.created_time >= @since
    AND e.created_time < @until
OPTION (RECOMPILE);
