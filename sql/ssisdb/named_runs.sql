-- The executions that somebody outside knows by another name: the run of a pipeline or of an activity,
-- a job, the operation's own guid. Looked for in the guid of the operation, and in what was given to
-- the execution: CALLER_INFO, parameters, property overrides. The patterns take letters in either case
-- ([aA]), whatever the collation. An identifier comes as two, with hyphens and without; a name as one
-- that the whole value must be, and as one that CALLER_INFO may contain. A NULL matches nothing.
-- carried by: scan of internal.operations
-- carried by: scan of internal.execution_parameter_values
-- carried by: scan of internal.execution_property_override_values
-- param: guid nvarchar
-- param: value nvarchar
-- param: value_too nvarchar
-- param: within nvarchar
-- column: operation_id bigint
-- column: object_type int
-- column: found_in nvarchar
SELECT -- needs: catalog.operations.operation_guid
    o.operation_id, -- needs: catalog.operations.operation_guid
    0 AS object_type, -- needs: catalog.operations.operation_guid
    N'operation_guid' AS found_in -- needs: catalog.operations.operation_guid
FROM catalog.operations AS o -- needs: catalog.operations.operation_guid
WHERE o.operation_guid = CAST(@guid AS uniqueidentifier) -- needs: catalog.operations.operation_guid
UNION ALL -- needs: catalog.operations.operation_guid
SELECT
    p.execution_id AS operation_id,
    p.object_type,
    p.parameter_name AS found_in
FROM catalog.execution_parameter_values AS p
WHERE
    p.object_type IN (20, 30, 50)
    AND p.parameter_data_type = N'String'
    AND (
        CONVERT(nvarchar(4000), p.parameter_value) LIKE @value
        OR CONVERT(nvarchar(4000), p.parameter_value) LIKE @value_too
        OR (p.parameter_name = N'CALLER_INFO' AND CONVERT(nvarchar(4000), p.parameter_value) LIKE @within)
    )
UNION ALL
SELECT
    v.execution_id AS operation_id,
    1 AS object_type,
    v.property_path AS found_in
FROM catalog.execution_property_override_values AS v
WHERE
    CAST(v.property_value AS nvarchar(4000)) LIKE @value
    OR CAST(v.property_value AS nvarchar(4000)) LIKE @value_too
OPTION (RECOMPILE);
