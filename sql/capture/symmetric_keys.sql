-- The keys that were made for executions.
-- carried by: nothing
-- column: name nvarchar as plain
SELECT DISTINCT r.name
FROM sys.symmetric_keys AS r
WHERE r.name LIKE N'MS[_]Enckey[_]Exec[_]%';
