-- Rows and pages of the tables of the catalog, as the server keeps count.
-- carried by: nothing
-- column: object_id int
-- column: index_id int
-- column: used_page_count bigint
-- column: row_count bigint
SELECT
    r.object_id,
    r.index_id,
    r.used_page_count,
    r.row_count
FROM sys.dm_db_partition_stats AS r
INNER JOIN sys.tables AS t ON t.object_id = r.object_id
INNER JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE s.name IN (N'catalog', N'internal');
