-- The names that a filter can mean: what the log has, and what is deployed.
-- carried by: scan of internal.executions
-- column: folder_name nvarchar
-- column: project_name nvarchar
-- column: package_name nvarchar
SELECT
    e.folder_name,
    e.project_name,
    e.package_name
FROM internal.executions AS e
GROUP BY e.folder_name, e.project_name, e.package_name
UNION ALL
SELECT
    f.name AS folder_name,
    p.name AS project_name,
    k.name AS package_name
FROM catalog.folders AS f
LEFT OUTER JOIN catalog.projects AS p ON f.folder_id = p.folder_id
LEFT OUTER JOIN catalog.packages AS k ON p.project_id = k.project_id;
