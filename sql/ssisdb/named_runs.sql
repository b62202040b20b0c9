-- The executions that somebody outside knows by another name: the run of a pipeline or of an activity,
-- a job, the operation's own guid. Looked for in the guid of the operation, and in what was given to
-- the execution: CALLER_INFO, parameters, property overrides. Of an identifier @hex has the 32 digits,
-- in lower case: a value that holds them matches, whatever stands around or between them. Of a name
-- @name is in lower case, and @like the same with what is wild escaped: CALLER_INFO may contain it, any
-- other value must be it.
-- param: guid nvarchar
-- param: hex nvarchar
-- param: name nvarchar
-- param: like nvarchar
-- column: operation_id bigint
-- column: object_type int
-- column: found_in nvarchar
SELECT
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
        LOWER(REPLACE(CONVERT(nvarchar(4000), p.parameter_value), N'-', N'')) LIKE N'%' + @hex + N'%'
        OR LOWER(CONVERT(nvarchar(4000), p.parameter_value)) = @name
        OR (p.parameter_name = N'CALLER_INFO' AND LOWER(CONVERT(nvarchar(4000), p.parameter_value)) LIKE N'%' + @like + N'%' ESCAPE N'\')
    )
UNION ALL
SELECT
    v.execution_id AS operation_id,
    1 AS object_type,
    v.property_path AS found_in
FROM catalog.execution_property_override_values AS v
WHERE
    LOWER(REPLACE(CAST(v.property_value AS nvarchar(4000)), N'-', N'')) LIKE N'%' + @hex + N'%'
    OR LOWER(CAST(v.property_value AS nvarchar(4000))) = @name
OPTION (RECOMPILE);
