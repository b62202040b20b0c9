-- The columns of the catalog that this login may know of.
-- carried by: nothing
-- column: object_id int
-- column: name nvarchar as plain
-- column: column_id int
SELECT
    r.object_id,
    r.name,
    r.column_id
FROM sys.columns AS r
INNER JOIN sys.objects AS o ON o.object_id = r.object_id
INNER JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE s.name IN (N'catalog', N'internal');
