-- The columns of those indexes.
-- carried by: nothing
-- column: object_id int
-- column: index_id int
-- column: index_column_id int
-- column: column_id int
-- column: key_ordinal int
SELECT
    r.object_id,
    r.index_id,
    r.index_column_id,
    r.column_id,
    r.key_ordinal
FROM sys.index_columns AS r
INNER JOIN sys.objects AS o ON o.object_id = r.object_id
INNER JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE s.name IN (N'catalog', N'internal');
