-- The indexes of the catalog that this login may know of.
-- carried by: nothing
-- column: object_id int
-- column: name nvarchar as object
-- column: index_id int
-- column: type int
-- column: is_unique bit
-- column: is_disabled bit
-- column: has_filter bit
-- column: is_hypothetical bit
SELECT
    r.object_id,
    r.name,
    r.index_id,
    r.type,
    r.is_unique,
    r.is_disabled,
    r.has_filter,
    r.is_hypothetical
FROM sys.indexes AS r
INNER JOIN sys.objects AS o ON o.object_id = r.object_id
INNER JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE s.name IN (N'catalog', N'internal');
