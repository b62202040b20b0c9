-- Which environments the projects refer to.
-- carried by: scan of internal.environment_references
-- column: reference_id bigint
-- column: project_id bigint
-- column: reference_type nvarchar as plain
-- column: environment_folder_name nvarchar as name
-- column: environment_name nvarchar as name
SELECT
    r.reference_id,
    r.project_id,
    r.reference_type,
    r.environment_folder_name,
    r.environment_name
FROM catalog.environment_references AS r;
