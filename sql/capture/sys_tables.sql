-- The tables of the catalog that this login may know of.
-- carried by: nothing
-- column: name nvarchar as plain
-- column: object_id int
-- column: schema_id int
-- column: type nvarchar as plain
SELECT
    r.name,
    r.object_id,
    r.schema_id,
    r.type
FROM sys.tables AS r
INNER JOIN sys.schemas AS s ON s.schema_id = r.schema_id
WHERE s.name IN (N'catalog', N'internal');
