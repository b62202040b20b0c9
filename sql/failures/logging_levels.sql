-- The logging level each failed execution of the window ran with: why it said little, or much.
-- carried by: internal.operations (operation_id)
-- carried by: internal.execution_parameter_values (execution_id)
-- param: since datetimeoffset
-- param: until datetimeoffset
-- param: latest datetimeoffset
-- param: first_id bigint
-- param: last_id bigint
-- param: failed bit
-- param: unexpected bit
-- param: canceled bit
-- parts: first_id last_id
-- column: execution_id bigint
-- column: logging_level nvarchar
DECLARE @least_id bigint = (
    SELECT MIN(o.operation_id)
    FROM catalog.operations AS o
    WHERE
        o.operation_id >= @first_id
        AND o.operation_id <= @last_id
        AND (@since IS NULL OR o.end_time >= @since OR o.start_time >= @since OR o.created_time >= @since)
);
SELECT
    p.execution_id,
    CONVERT(nvarchar(4000), p.parameter_value) AS logging_level
FROM catalog.execution_parameter_values AS p
WHERE
    p.object_type = 50
    AND p.parameter_name = N'LOGGING_LEVEL'
    AND p.execution_id >= @least_id
    AND p.execution_id <= @last_id
    AND p.execution_id IN (
        SELECT o.operation_id
        FROM catalog.operations AS o
        WHERE
            (@since IS NULL OR COALESCE(
                CASE WHEN o.end_time < o.created_time OR o.end_time > @latest THEN NULL ELSE o.end_time END, o.start_time, o.created_time
            ) >= @since)
            AND (@until IS NULL OR COALESCE(
                CASE WHEN o.end_time < o.created_time OR o.end_time > @latest THEN NULL ELSE o.end_time END, o.start_time, o.created_time
            ) < @until)
            AND o.operation_id >= @least_id
            AND o.operation_id <= @last_id
            AND (
                (o.status = 4 AND @failed = 1)
                OR (o.status = 6 AND @unexpected = 1)
                OR (o.status = 3 AND @canceled = 1)
            )
    )
OPTION (RECOMPILE);
