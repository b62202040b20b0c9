-- The names of the catalog: folders, the projects in them, their packages. A folder without projects
-- has a row, and so has a project without packages.
-- carried by: scan of internal.folders
-- carried by: scan of internal.projects
-- carried by: scan of internal.packages
-- column: folder_name nvarchar
-- column: project_name nvarchar
-- column: package_name nvarchar
SELECT
    f.name AS folder_name,
    p.name AS project_name,
    k.name AS package_name
FROM catalog.folders AS f
LEFT OUTER JOIN catalog.projects AS p ON f.folder_id = p.folder_id
LEFT OUTER JOIN catalog.packages AS k ON p.project_id = k.project_id;
