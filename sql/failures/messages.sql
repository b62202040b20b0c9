-- What the failed operations of the window said: errors, warnings, failed tasks and query
-- cancels, or everything. One statement, however many failed; unsorted, since a sort of long
-- texts is the server's dearest work. The view also holds the scale-out rows, whose id is NULL.
-- carried by: internal.operations (operation_id)
-- carried by: internal.operation_messages (operation_id)
-- carried by: internal.event_messages (event_message_id)
-- param: since datetimeoffset
-- param: until datetimeoffset
-- param: latest datetimeoffset
-- param: first_id bigint
-- param: last_id bigint
-- param: failed bit
-- param: unexpected bit
-- param: canceled bit
-- param: all_types bit
-- parts: first_id last_id
-- column: operation_id bigint
-- column: event_message_id bigint
-- column: message_time datetimeoffset
-- column: message_type int
-- column: message_source_type int
-- column: message_code bigint
-- column: package_name nvarchar
-- column: event_name nvarchar
-- column: message_source_name nvarchar
-- column: subcomponent_name nvarchar
-- column: package_path nvarchar
-- column: execution_path nvarchar
-- column: message nvarchar
DECLARE @least_id bigint = (
    SELECT MIN(o.operation_id)
    FROM catalog.operations AS o
    WHERE
        o.operation_id >= @first_id
        AND o.operation_id <= @last_id
        AND (@since IS NULL OR o.end_time >= @since OR o.start_time >= @since OR o.created_time >= @since)
);
SELECT
    m.operation_id,
    m.event_message_id,
    m.message_time,
    m.message_type,
    m.message_source_type,
    m.message_code,
    m.package_name,
    m.event_name,
    m.message_source_name,
    m.subcomponent_name,
    CONVERT(nvarchar(4000), m.package_path) AS package_path,
    CONVERT(nvarchar(4000), m.execution_path) AS execution_path,
    m.message
FROM catalog.event_messages AS m
WHERE
    (@all_types = 1 OR m.message_type IN (100, 110, 120, 130))
    AND m.operation_id >= @least_id
    AND m.operation_id <= @last_id
    AND m.operation_id IN (
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
