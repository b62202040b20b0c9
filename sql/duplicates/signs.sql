-- Signs of life of the suspected executions, and what else is shown of them: when they first worked
-- (before that they stood in a queue), and of those that are live or ended unexpectedly when they
-- last did. The ids come as one text of numbers with 19 digits each, as in parameters.sql. An
-- execution that ended in order has a row of executable statistics for its package, which is cheap
-- to find; of the others the messages tell.
-- carried by: internal.executions (execution_id)
-- carried by: internal.executable_statistics (execution_id)
-- carried by: internal.operation_messages (operation_id)
-- param: ids nvarchar(max)
-- param: id_count int
-- column: execution_id bigint
-- column: executed_as_name nvarchar
-- column: machine_name nvarchar
-- column: first_executable datetimeoffset
-- column: first_message datetimeoffset
-- column: last_executable datetimeoffset
-- column: last_message datetimeoffset
DECLARE @least_id bigint = CAST(SUBSTRING(@ids, 1, 19) AS bigint);
DECLARE @most_id bigint = CAST(SUBSTRING(@ids, @id_count * 19 - 18, 19) AS bigint);
SELECT
    x.execution_id,
    x.executed_as_name,
    x.machine_name,
    (
        SELECT MIN(s.start_time)
        FROM catalog.executable_statistics AS s
        WHERE s.execution_id = x.execution_id
    ) AS first_executable,
    CASE
        WHEN x.status IN (2, 6, 8) THEN (
            SELECT MIN(m.message_time)
            FROM catalog.event_messages AS m
            WHERE m.operation_id = x.execution_id AND m.message_source_type >= 30
        )
    END AS first_message,
    CASE
        WHEN x.status IN (2, 6, 8) THEN (
            SELECT MAX(COALESCE(s.end_time, s.start_time))
            FROM catalog.executable_statistics AS s
            WHERE s.execution_id = x.execution_id
        )
    END AS last_executable,
    CASE
        WHEN x.status IN (2, 6, 8) THEN (
            SELECT MAX(m.message_time)
            FROM catalog.event_messages AS m
            WHERE m.operation_id = x.execution_id
        )
    END AS last_message
FROM (
    SELECT TOP (@id_count) CAST(SUBSTRING(@ids, n.place * 19 + 1, 19) AS bigint) AS execution_id
    FROM (
        SELECT a.d * 10000 + b.d * 1000 + c.d * 100 + d.d * 10 + e.d AS place
        FROM (VALUES (0), (1), (2), (3), (4)) AS a (d)
        CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS b (d)
        CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS c (d)
        CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d (d)
        CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS e (d)
    ) AS n
    WHERE n.place < @id_count
) AS wanted
INNER JOIN catalog.executions AS x ON x.execution_id = wanted.execution_id
WHERE x.execution_id BETWEEN @least_id AND @most_id
OPTION (RECOMPILE);
