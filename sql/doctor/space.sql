-- The data files, and how large they may become. Azure SQL Database knows a limit of the database,
-- other servers one of each file (-1: none).
-- carried by: nothing
-- column: max_bytes bigint
-- column: file_max_bytes bigint
-- column: allocated_bytes bigint
-- column: used_bytes bigint
SELECT
    CONVERT(bigint, DATABASEPROPERTYEX(DB_NAME(), 'MaxSizeInBytes')) AS max_bytes,
    CASE WHEN MIN(f.max_size) > 0 THEN SUM(CAST(f.max_size AS bigint)) * 8192 END AS file_max_bytes,
    SUM(CAST(f.size AS bigint)) * 8192 AS allocated_bytes,
    SUM(CAST(FILEPROPERTY(f.name, 'SpaceUsed') AS bigint)) * 8192 AS used_bytes
FROM sys.database_files AS f
WHERE f.type = 0;
