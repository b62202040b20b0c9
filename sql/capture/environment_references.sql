-- Which environments the projects refer to.
-- carried by: scan of internal.environment_references
-- column: reference_id bigint
-- column: project_id bigint
-- column: reference_type nvarchar
-- column: environment_folder_name nvarchar
-- column: environment_name nvarchar
SELECT
    r.reference_id,
    r.project_id,
    r.reference_type,
    r.environment_folder_name,
    r.environment_name
FROM catalog.environment_references AS r;
