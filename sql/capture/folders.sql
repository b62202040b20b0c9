-- The folders of the catalog.
-- carried by: scan of internal.folders
-- column: folder_id bigint
-- column: name nvarchar as name
-- column: created_time datetimeoffset
SELECT
    r.folder_id,
    r.name,
    r.created_time
FROM catalog.folders AS r;
