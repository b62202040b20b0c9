-- Messages of Scale Out whose operation is gone, without their texts.
-- carried by: internal.operations (operation_id)
-- carried by: internal.operation_messages_scaleout (operation_id)
-- column: event_message_guid uniqueidentifier
-- column: operation_id bigint
-- column: message_time datetimeoffset
-- column: message_type int
SELECT
    r.event_message_guid,
    r.operation_id,
    r.message_time,
    r.message_type
FROM internal.operation_messages_scaleout AS r
WHERE r.operation_id < (SELECT MIN(o.operation_id) FROM internal.operations AS o);
