-- The files of the database.
-- carried by: nothing
-- column: file_id int
-- column: type int
-- column: name nvarchar as object
-- column: size int
-- column: max_size int
SELECT
    r.file_id,
    r.type,
    r.name,
    r.size,
    r.max_size
FROM sys.database_files AS r;
