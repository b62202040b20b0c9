-- Operations in a live state (running, pending, stopping) that began long ago, with the last message
-- that they wrote.
-- param: before datetimeoffset
-- param: row_limit bigint
-- column: operation_id bigint
-- column: operation_type int
-- column: status int
-- column: object_name nvarchar
-- column: began datetimeoffset
-- column: last_message datetimeoffset
SELECT TOP (@row_limit)
    o.operation_id,
    o.operation_type,
    o.status,
    o.object_name,
    COALESCE(o.start_time, o.created_time) AS began,
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
