-- Every run of every executable of the executions wanted, one execution after the other. The ids come
-- as one text of numbers with 19 digits each, cut up by a table of numbers.
-- carried by: internal.executable_statistics (execution_id)
-- carried by: internal.executables (executable_id)
-- param: ids nvarchar(max)
-- param: id_count int
-- column: execution_id bigint
-- column: package_name nvarchar
-- column: executable_name nvarchar
-- column: start_time datetimeoffset
-- column: end_time datetimeoffset
-- column: execution_path nvarchar
DECLARE @least_id bigint = CAST(SUBSTRING(@ids, 1, 19) AS bigint);
DECLARE @most_id bigint = CAST(SUBSTRING(@ids, @id_count * 19 - 18, 19) AS bigint);
SELECT
    s.execution_id,
    x.package_name,
    x.executable_name,
    s.start_time,
    s.end_time,
    s.execution_path
FROM (
    SELECT TOP (@id_count) CAST(SUBSTRING(@ids, n.place * 19 + 1, 19) AS bigint) AS execution_id
    FROM (
        SELECT a.d * 100 + b.d * 10 + c.d AS place
        FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS a (d)
        CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS b (d)
        CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS c (d)
    ) AS n
    WHERE n.place < @id_count
) AS wanted
INNER JOIN catalog.executable_statistics AS s ON s.execution_id = wanted.execution_id
INNER JOIN catalog.executables AS x ON x.execution_id = s.execution_id AND x.executable_id = s.executable_id
WHERE
    s.execution_id BETWEEN @least_id AND @most_id
    AND x.execution_id BETWEEN @least_id AND @most_id
ORDER BY s.execution_id, s.start_time, s.statistics_id
OPTION (RECOMPILE);
