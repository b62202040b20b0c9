-- Tables of the schema internal as the server's own views show them: tests/integration/compare-schema reads the rows.
SELECT N'column' AS kind, t.name AS table_name, c.name AS column_name, c.system_type_id, c.max_length, c.precision, c.scale,
       c.is_nullable, c.is_identity
FROM sys.tables AS t
INNER JOIN sys.schemas AS s ON s.schema_id = t.schema_id
INNER JOIN sys.columns AS c ON c.object_id = t.object_id
WHERE s.name = N'internal';
SELECT N'fk' AS kind, t.name AS table_name, c.name AS column_name, p.name AS parent_name, r.name AS parent_column,
       k.delete_referential_action_desc
FROM sys.foreign_keys AS k
INNER JOIN sys.foreign_key_columns AS f ON f.constraint_object_id = k.object_id
INNER JOIN sys.tables AS t ON t.object_id = f.parent_object_id
INNER JOIN sys.schemas AS s ON s.schema_id = t.schema_id
INNER JOIN sys.columns AS c ON c.object_id = f.parent_object_id AND c.column_id = f.parent_column_id
INNER JOIN sys.tables AS p ON p.object_id = f.referenced_object_id
INNER JOIN sys.columns AS r ON r.object_id = f.referenced_object_id AND r.column_id = f.referenced_column_id
WHERE s.name = N'internal';
SELECT N'index' AS kind, t.name AS table_name, i.name AS index_name, i.type_desc, i.is_unique, i.is_primary_key,
       i.is_unique_constraint, c.name AS column_name, x.key_ordinal, x.is_included_column
FROM sys.indexes AS i
INNER JOIN sys.tables AS t ON t.object_id = i.object_id
INNER JOIN sys.schemas AS s ON s.schema_id = t.schema_id
INNER JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id
INNER JOIN sys.columns AS c ON c.object_id = x.object_id AND c.column_id = x.column_id
WHERE s.name = N'internal' AND i.index_id > 0
ORDER BY t.name, i.name, x.is_included_column, x.key_ordinal, x.index_column_id;
