-- The parameters and property overrides that the suspected executions were given (an override has
-- object_type 0, its path for a name). The ids come as one text of numbers with 19 digits each, cut
-- up by a table of numbers (no function of newer servers does it). Each execution whose parameters
-- may be read has a LOGGING_LEVEL, so that one without parameters differs from one that this login
-- may not read; CALLER_INFO says who started it, if anybody wrote it down. A value comes as text:
-- numbers with a fraction in full, times to the last digit.
-- carried by: internal.execution_parameter_values (execution_id)
-- carried by: internal.execution_property_override_values (execution_id)
-- param: ids nvarchar(max)
-- param: id_count int
-- column: execution_id bigint
-- column: object_type int
-- column: parameter_name nvarchar
-- column: parameter_data_type nvarchar
-- column: sensitive bit
-- column: runtime_override bit
-- column: parameter_value nvarchar
DECLARE @least_id bigint = CAST(SUBSTRING(@ids, 1, 19) AS bigint);
DECLARE @most_id bigint = CAST(SUBSTRING(@ids, @id_count * 19 - 18, 19) AS bigint);
SELECT
    p.execution_id,
    p.object_type,
    p.parameter_name,
    p.parameter_data_type,
    p.sensitive,
    p.runtime_override,
    CASE
        WHEN p.parameter_data_type IN (N'Double', N'Single') THEN CONVERT(nvarchar(4000), CAST(p.parameter_value AS float), 2)
        WHEN p.parameter_data_type = N'DateTime' THEN CONVERT(nvarchar(4000), CAST(p.parameter_value AS datetime2(7)), 126)
        ELSE CONVERT(nvarchar(4000), p.parameter_value)
    END AS parameter_value
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
INNER JOIN catalog.execution_parameter_values AS p ON p.execution_id = wanted.execution_id
WHERE
    p.execution_id BETWEEN @least_id AND @most_id
    AND (
        (p.object_type IN (20, 30) AND p.value_set = 1)
        OR (p.object_type = 50 AND p.parameter_name IN (N'LOGGING_LEVEL', N'CALLER_INFO'))
    )
UNION ALL
SELECT
    o.execution_id,
    0 AS object_type,
    o.property_path AS parameter_name,
    N'String' AS parameter_data_type,
    o.sensitive,
    CAST(1 AS bit) AS runtime_override,
    CAST(o.property_value AS nvarchar(4000)) AS parameter_value
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
INNER JOIN catalog.execution_property_override_values AS o ON o.execution_id = wanted.execution_id
WHERE o.execution_id BETWEEN @least_id AND @most_id
OPTION (RECOMPILE);
