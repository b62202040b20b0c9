-- The versions of the projects, without what was deployed.
-- carried by: scan of internal.object_versions
-- column: object_version_lsn bigint
-- column: object_id bigint
-- column: object_type int
-- column: created_by nvarchar as login
-- column: created_time datetimeoffset
-- column: restored_by nvarchar as login
-- column: last_restored_time datetimeoffset
SELECT
    r.object_version_lsn,
    r.object_id,
    r.object_type,
    r.created_by,
    r.created_time,
    r.restored_by,
    r.last_restored_time
FROM catalog.object_versions AS r;
