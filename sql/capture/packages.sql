-- The packages of the projects as they are now.
-- carried by: scan of internal.packages
-- column: package_id bigint
-- column: project_version_lsn bigint
-- column: name nvarchar as name
-- column: package_guid uniqueidentifier
-- column: version_major int
-- column: version_minor int
-- column: version_build int
-- column: project_id bigint
SELECT
    r.package_id,
    p.object_version_lsn AS project_version_lsn,
    r.name,
    r.package_guid,
    r.version_major,
    r.version_minor,
    r.version_build,
    r.project_id
FROM catalog.packages AS r
INNER JOIN catalog.projects AS p ON p.project_id = r.project_id;
