-- Every object of the catalog that this login may know of, with its columns: what a build has
-- and what it lacks. An object without columns (a procedure) gives one row with a NULL.
-- carried by: nothing
-- column: schema_name nvarchar
-- column: object_name nvarchar
-- column: column_name nvarchar
SELECT
    s.name AS schema_name,
    o.name AS object_name,
    c.name AS column_name
FROM sys.schemas AS s
INNER JOIN sys.objects AS o ON o.schema_id = s.schema_id
LEFT JOIN sys.columns AS c ON c.object_id = o.object_id
WHERE
    s.name IN (N'catalog', N'internal')
    AND o.type IN (N'U', N'V', N'P', N'PC', N'FN', N'IF', N'TF', N'FS', N'FT');
