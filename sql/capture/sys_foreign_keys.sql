-- The foreign keys of the catalog, and those of other schemas into it.
-- carried by: nothing
-- column: name nvarchar as object
-- column: object_id int
-- column: schema_id int
-- column: parent_object_id int
-- column: referenced_object_id int
-- column: delete_referential_action int
SELECT
    r.name,
    r.object_id,
    r.schema_id,
    r.parent_object_id,
    r.referenced_object_id,
    r.delete_referential_action
FROM sys.foreign_keys AS r
INNER JOIN sys.tables AS t ON t.object_id = r.referenced_object_id
INNER JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE s.name IN (N'catalog', N'internal');
