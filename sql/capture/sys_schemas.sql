-- The schemas, as far as this login may know of them.
-- carried by: nothing
-- column: name nvarchar as plain
-- column: schema_id int
SELECT
    r.name,
    r.schema_id
FROM sys.schemas AS r
WHERE r.name IN (N'catalog', N'internal');
