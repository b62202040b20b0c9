-- Which of the operations asked for there are, and the first and the last that the log has. The ids
-- come as one text of numbers with 19 digits each, cut up by a table of numbers. One row at least.
-- carried by: internal.operations (operation_id)
-- carried by: scan of internal.operations
-- param: ids nvarchar(max)
-- param: id_count int
-- column: first_id bigint
-- column: last_id bigint
-- column: first_time datetimeoffset
-- column: operation_id bigint
-- column: operation_type int
-- column: status int
SELECT
    ends.first_id,
    ends.last_id,
    ends.first_time,
    o.operation_id,
    o.operation_type,
    o.status
FROM (
    SELECT
        MIN(a.operation_id) AS first_id,
        MAX(a.operation_id) AS last_id,
        MIN(a.created_time) AS first_time
    FROM catalog.operations AS a
) AS ends
LEFT OUTER JOIN (
    SELECT TOP (@id_count) CAST(SUBSTRING(@ids, n.place * 19 + 1, 19) AS bigint) AS operation_id
    FROM (
        SELECT a.d * 1000 + b.d * 100 + c.d * 10 + d.d AS place
        FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS a (d)
        CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS b (d)
        CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS c (d)
        CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d (d)
    ) AS n
    WHERE n.place < @id_count
) AS wanted ON 1 = 1
LEFT OUTER JOIN catalog.operations AS o ON wanted.operation_id = o.operation_id
OPTION (RECOMPILE);
