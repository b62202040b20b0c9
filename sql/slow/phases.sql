-- Time in the phases of data flow components of the executions wanted. Some builds show members of
-- ssis_logreader the end of a phase as one that begins, with the times the wrong way round; and a
-- phase may be there twice: only times that run forward count, each once.
-- carried by: internal.execution_component_phases (execution_id, sequence_id)
-- param: ids nvarchar(max)
-- param: id_count int
-- column: execution_id bigint
-- column: task_name nvarchar
-- column: component_name nvarchar
-- column: phase nvarchar
-- column: duration_ms bigint
DECLARE @least_id bigint = CAST(SUBSTRING(@ids, 1, 19) AS bigint);
DECLARE @most_id bigint = CAST(SUBSTRING(@ids, @id_count * 19 - 18, 19) AS bigint);
SELECT
    p.execution_id,
    p.task_name,
    p.component_name,
    p.phase,
    SUM(
        CASE
            WHEN DATEDIFF(DAY, p.start_time, p.end_time) > 20 THEN CAST(DATEDIFF(SECOND, p.start_time, p.end_time) AS bigint) * 1000
            ELSE CAST(DATEDIFF(MILLISECOND, p.start_time, p.end_time) AS bigint)
        END
    ) AS duration_ms
FROM (
    SELECT
        f.execution_id,
        f.task_name,
        f.subcomponent_name AS component_name,
        f.phase,
        f.execution_path,
        f.start_time,
        f.end_time
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
    INNER JOIN catalog.execution_component_phases AS f ON f.execution_id = wanted.execution_id
    WHERE f.execution_id BETWEEN @least_id AND @most_id AND f.end_time > f.start_time
    GROUP BY f.execution_id, f.task_name, f.subcomponent_name, f.phase, f.execution_path, f.start_time, f.end_time
) AS p
GROUP BY p.execution_id, p.task_name, p.component_name, p.phase
ORDER BY p.execution_id, p.task_name, p.component_name, p.phase
OPTION (RECOMPILE);
