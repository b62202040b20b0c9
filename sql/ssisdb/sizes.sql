-- Rows and space of the tables of schema internal, as the server keeps count: approximate, and at no cost.
-- carried by: nothing
-- column: table_name nvarchar
-- column: row_count bigint
-- column: used_kb bigint
-- column: heap_kb bigint
SELECT
    t.name AS table_name,
    SUM(CASE WHEN p.index_id IN (0, 1) THEN p.row_count ELSE 0 END) AS row_count,
    SUM(p.used_page_count) * 8 AS used_kb,
    SUM(CASE WHEN p.index_id = 0 THEN p.used_page_count ELSE 0 END) * 8 AS heap_kb
FROM sys.dm_db_partition_stats AS p
INNER JOIN sys.tables AS t ON t.object_id = p.object_id
INNER JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE s.name = N'internal'
GROUP BY t.name;
