-- Operations in a live state (running, pending, stopping) that began long ago, with their last signs of life:
-- as far as the views show them. silent.sql is the same for a login that may read the tables.
-- param: before datetimeoffset
-- param: row_limit bigint
-- column: operation_id bigint
-- column: operation_type int
-- column: status int
-- column: object_name nvarchar
-- column: caller_name nvarchar
-- column: logging_level nvarchar
-- column: began datetimeoffset
-- column: last_executable datetimeoffset
-- column: last_message datetimeoffset
-- column: last_scaleout_message datetimeoffset optional
SELECT TOP (@row_limit)
    o.operation_id,
    o.operation_type,
    o.status,
    o.object_name,
    o.caller_name,
    (
        SELECT MAX(CONVERT(nvarchar(4000), p.parameter_value))
        FROM catalog.execution_parameter_values AS p
        WHERE p.execution_id = o.operation_id AND p.object_type = 50 AND p.parameter_name = N'LOGGING_LEVEL'
    ) AS logging_level,
    COALESCE(o.start_time, o.created_time) AS began,
    (
        SELECT MAX(COALESCE(s.end_time, s.start_time))
        FROM catalog.executable_statistics AS s
        WHERE s.execution_id = o.operation_id
    ) AS last_executable,
    (
        SELECT MAX(m.message_time)
        FROM catalog.event_messages AS m
        WHERE m.operation_id = o.operation_id
    ) AS last_message
FROM catalog.operations AS o
WHERE
    o.status IN (2, 5, 8)
    AND COALESCE(o.start_time, o.created_time) <= @before
ORDER BY o.operation_id;
