-- How much of each data file is in use, as FILEPROPERTY says it.
-- carried by: nothing
-- column: question nvarchar as plain
-- column: answer bigint
SELECT
    N'FILEPROPERTY(' + f.name + N',SpaceUsed)' AS question,
    CONVERT(bigint, FILEPROPERTY(f.name, 'SpaceUsed')) AS answer
FROM sys.database_files AS f
WHERE f.type = 0;
