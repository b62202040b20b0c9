-- Projects with more versions than the catalog is to keep.
-- carried by: scan of internal.object_versions
-- param: most bigint
-- column: project_id bigint
-- column: project_name nvarchar
-- column: versions bigint
SELECT TOP (20)
    v.object_id AS project_id,
    MAX(v.object_name) AS project_name,
    COUNT_BIG(*) AS versions
FROM catalog.object_versions AS v
WHERE v.object_type = 20
GROUP BY v.object_id
HAVING COUNT_BIG(*) > @most
ORDER BY COUNT_BIG(*) DESC, v.object_id;
