-- Rows that went along each path of the data flows of the executions wanted: the server keeps a row
-- for each buffer that was sent.
-- carried by: scan of internal.execution_data_statistics
-- param: ids nvarchar(max)
-- param: id_count int
-- column: execution_id bigint
-- column: task_name nvarchar
-- column: source_name nvarchar
-- column: destination_name nvarchar
-- column: rows_sent bigint
DECLARE @least_id bigint = CAST(SUBSTRING(@ids, 1, 19) AS bigint);
DECLARE @most_id bigint = CAST(SUBSTRING(@ids, @id_count * 19 - 18, 19) AS bigint);
SELECT
    d.execution_id,
    d.task_name,
    d.source_component_name AS source_name,
    d.destination_component_name AS destination_name,
    SUM(d.rows_sent) AS rows_sent
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
INNER JOIN catalog.execution_data_statistics AS d ON d.execution_id = wanted.execution_id
WHERE d.execution_id BETWEEN @least_id AND @most_id
GROUP BY d.execution_id, d.task_name, d.source_component_name, d.destination_component_name
ORDER BY d.execution_id, d.task_name, d.source_component_name, d.destination_component_name
OPTION (RECOMPILE);
