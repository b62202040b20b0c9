-- Every message of the window, of the types asked for, with what counting them needs and no more;
-- the text last. One statement; unsorted. A message can only be of an operation that had not
-- ended before the window and was created before its end: that leads the server to the messages
-- by operation, which is what the log is indexed by.
-- carried by: internal.operation_messages (operation_id)
-- carried by: internal.event_messages (event_message_id)
-- carried by: internal.operations (operation_id)
-- param: since datetimeoffset
-- param: until datetimeoffset
-- param: first_id bigint
-- param: last_id bigint
-- param: errors bit
-- param: warnings bit
-- param: tasks_failed bit
-- param: query_cancels bit
-- param: information bit
-- param: others bit
-- parts: first_id last_id
-- column: operation_id bigint
-- column: message_time datetimeoffset
-- column: message_type int
-- column: message_code bigint
-- column: package_name nvarchar
-- column: message nvarchar
SELECT
    m.operation_id,
    m.message_time,
    m.message_type,
    m.message_code,
    m.package_name,
    m.message
FROM catalog.event_messages AS m
WHERE
    m.message_time >= @since
    AND m.message_time < @until
    AND m.operation_id >= @first_id
    AND m.operation_id <= @last_id
    AND (
        (m.message_type = 120 AND @errors = 1)
        OR (m.message_type = 110 AND @warnings = 1)
        OR (m.message_type = 130 AND @tasks_failed = 1)
        OR (m.message_type = 100 AND @query_cancels = 1)
        OR (m.message_type = 70 AND @information = 1)
        OR (m.message_type NOT IN (70, 100, 110, 120, 130) AND @others = 1)
    )
    AND m.operation_id IN (
        SELECT o.operation_id
        FROM catalog.operations AS o
        WHERE
            (o.end_time IS NULL OR o.end_time >= @since OR o.created_time >= @since)
            AND (o.created_time IS NULL OR o.created_time < @until)
    )
OPTION (RECOMPILE);
