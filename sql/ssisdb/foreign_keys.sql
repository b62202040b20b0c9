-- Every foreign key into schema internal, with its first column and whether an index
-- that is in use for every row begins with it.
-- What the login may not see is not there.
-- carried by: nothing
-- column: child_schema nvarchar
-- column: child_table nvarchar
-- column: parent_table nvarchar
-- column: key_name nvarchar
-- column: column_name nvarchar
-- column: cascades bit
-- column: has_index bit
SELECT
    cs.name AS child_schema,
    ct.name AS child_table,
    pt.name AS parent_table,
    fk.name AS key_name,
    cc.name AS column_name,
    CASE WHEN fk.delete_referential_action = 1 THEN 1 ELSE 0 END AS cascades,
    CASE
        WHEN EXISTS (
            SELECT ic.index_id
            FROM sys.index_columns AS ic
            INNER JOIN sys.indexes AS i ON i.object_id = ic.object_id AND i.index_id = ic.index_id
            WHERE
                ic.object_id = fkc.parent_object_id
                AND ic.column_id = fkc.parent_column_id
                AND ic.key_ordinal = 1
                AND i.is_disabled = 0
                AND i.is_hypothetical = 0
                AND i.has_filter = 0
        ) THEN 1
        ELSE 0
    END AS has_index
FROM sys.foreign_keys AS fk
INNER JOIN sys.foreign_key_columns AS fkc ON fkc.constraint_object_id = fk.object_id
INNER JOIN sys.tables AS ct ON ct.object_id = fk.parent_object_id
INNER JOIN sys.schemas AS cs ON cs.schema_id = ct.schema_id
INNER JOIN sys.columns AS cc ON cc.object_id = fkc.parent_object_id AND cc.column_id = fkc.parent_column_id
INNER JOIN sys.tables AS pt ON pt.object_id = fk.referenced_object_id
INNER JOIN sys.schemas AS ps ON ps.schema_id = pt.schema_id
WHERE
    fkc.constraint_column_id = 1
    AND ps.name = N'internal'
ORDER BY cs.name, ct.name, fk.name;
