-- The columns of those foreign keys.
-- carried by: nothing
-- column: constraint_object_id int
-- column: constraint_column_id int
-- column: parent_object_id int
-- column: parent_column_id int
-- column: referenced_object_id int
-- column: referenced_column_id int
SELECT
    r.constraint_object_id,
    r.constraint_column_id,
    r.parent_object_id,
    r.parent_column_id,
    r.referenced_object_id,
    r.referenced_column_id
FROM sys.foreign_key_columns AS r
INNER JOIN sys.tables AS t ON t.object_id = r.referenced_object_id
INNER JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE s.name IN (N'catalog', N'internal');
