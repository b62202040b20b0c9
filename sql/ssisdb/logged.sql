-- The names that the log has, each once, with the last time that an execution of that name is known
-- of: its end, else its start, else its creation. A package outside the catalogue (Data Factory runs
-- some from files) has neither folder nor project. An end before the creation, or after @latest, is
-- none (ssisdb/ends.h).
-- carried by: scan of internal.executions
-- carried by: internal.operations (operation_id)
-- param: latest datetimeoffset
-- column: folder_name nvarchar
-- column: project_name nvarchar
-- column: package_name nvarchar
-- column: caller_name nvarchar
-- column: executions bigint
-- column: last_time datetimeoffset
SELECT
    e.folder_name,
    e.project_name,
    e.package_name,
    e.caller_name,
    COUNT_BIG(*) AS executions,
    MAX(COALESCE(
        CASE WHEN e.end_time < e.created_time OR e.end_time > @latest THEN NULL ELSE e.end_time END, e.start_time, e.created_time
    )) AS last_time
FROM catalog.executions AS e
GROUP BY e.folder_name, e.project_name, e.package_name, e.caller_name
UNION ALL
SELECT
    NULL AS folder_name,
    NULL AS project_name,
    o.object_name AS package_name,
    o.caller_name,
    COUNT_BIG(*) AS executions,
    MAX(COALESCE(o.start_time, o.created_time)) AS last_time
FROM catalog.operations AS o
WHERE
    o.operation_type = 200
    AND NOT EXISTS (SELECT e.execution_id FROM catalog.executions AS e WHERE e.execution_id = o.operation_id)
GROUP BY o.object_name, o.caller_name;
