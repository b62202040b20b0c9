-- The projects of the catalog.
-- carried by: scan of internal.projects
-- column: project_id bigint
-- column: folder_id bigint
-- column: name nvarchar as name
-- column: last_deployed_time datetimeoffset
-- column: created_time datetimeoffset
-- column: object_version_lsn bigint
SELECT
    r.project_id,
    r.folder_id,
    r.name,
    r.last_deployed_time,
    r.created_time,
    r.object_version_lsn
FROM catalog.projects AS r;
