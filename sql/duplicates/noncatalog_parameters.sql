-- What packages outside the catalog were given: Data Factory writes it into tables of its own, which
-- no view shows (SELECT on schema internal). All between two ids; the columns are those of the
-- statement of parameters. Each execution has a LOGGING_LEVEL, so that one without parameters differs
-- from one that is not there. Which indexes these tables have is not known; they are small.
-- carried by: nothing
-- param: first_id bigint
-- param: last_id bigint
-- column: execution_id bigint
-- column: object_type int
-- column: parameter_name nvarchar
-- column: parameter_data_type nvarchar
-- column: sensitive bit
-- column: runtime_override bit
-- column: parameter_value nvarchar
SELECT
    p.execution_id,
    p.object_type,
    p.parameter_name,
    N'String' AS parameter_data_type,
    p.sensitive,
    CAST(1 AS bit) AS runtime_override,
    CONVERT(nvarchar(4000), p.parameter_value) AS parameter_value
FROM internal.execution_parameter_values_noncatalog AS p
WHERE p.execution_id BETWEEN @first_id AND @last_id
UNION ALL
SELECT
    o.execution_id,
    0 AS object_type,
    o.property_path AS parameter_name,
    N'String' AS parameter_data_type,
    o.sensitive,
    CAST(1 AS bit) AS runtime_override,
    CAST(o.property_value AS nvarchar(4000)) AS parameter_value
FROM internal.execution_property_override_values_noncatalog AS o
WHERE o.execution_id BETWEEN @first_id AND @last_id
UNION ALL
SELECT
    e.execution_id,
    50 AS object_type,
    N'LOGGING_LEVEL' AS parameter_name,
    N'Int32' AS parameter_data_type,
    CAST(0 AS bit) AS sensitive,
    CAST(1 AS bit) AS runtime_override,
    NULL AS parameter_value
FROM internal.executions_noncatalog AS e
WHERE e.execution_id BETWEEN @first_id AND @last_id
OPTION (RECOMPILE);
