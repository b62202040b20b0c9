-- The logging level each failed execution of the window ran with: why it said little, or much.
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
SELECT
    p.execution_id,
    CONVERT(nvarchar(4000), p.parameter_value) AS logging_level
FROM catalog.execution_parameter_values AS p
WHERE
    p.object_type = 50
    AND p.parameter_name = N'LOGGING_LEVEL'
    AND p.execution_id IN (
        SELECT e.execution_id
        FROM catalog.executions AS e
        WHERE
            (@since IS NULL OR COALESCE(
                CASE WHEN e.end_time < e.created_time OR e.end_time > @latest THEN NULL ELSE e.end_time END, e.start_time, e.created_time
            ) >= @since)
            AND (@until IS NULL OR COALESCE(
                CASE WHEN e.end_time < e.created_time OR e.end_time > @latest THEN NULL ELSE e.end_time END, e.start_time, e.created_time
            ) < @until)
            AND e.execution_id >= @first_id
            AND e.execution_id <= @last_id
            AND (
                (e.status = 4 AND @failed = 1)
                OR (e.status = 6 AND @unexpected = 1)
                OR (e.status = 3 AND @canceled = 1)
            )
    )
OPTION (RECOMPILE);
