-- How many rows of each table belong to the doomed operations of a range, counted.
-- param: first_id bigint
-- param: last_id bigint
-- param: cutoff datetimeoffset
-- param: failed_cutoff datetimeoffset
-- column: table_name nvarchar
-- column: row_count bigint
WITH doomed AS (
    SELECT o.operation_id
    FROM internal.operations AS o
    WHERE
        o.operation_id BETWEEN @first_id AND @last_id
        AND o.status IN (1, 3, 4, 6, 7, 9)
        AND COALESCE(o.end_time, o.start_time, o.created_time)
        <= CASE WHEN o.status IN (4, 6) THEN @failed_cutoff ELSE @cutoff END
        AND COALESCE(o.start_time, @cutoff) <= @cutoff
        AND COALESCE(o.created_time, @cutoff) <= @cutoff
)

SELECT N'operations' AS table_name, COUNT_BIG(*) AS row_count FROM doomed
UNION ALL
SELECT N'event_message_context', COUNT_BIG(*) FROM internal.event_message_context WHERE operation_id IN (SELECT d.operation_id FROM doomed AS d)
UNION ALL
SELECT N'event_messages', COUNT_BIG(*) FROM internal.event_messages WHERE operation_id IN (SELECT d.operation_id FROM doomed AS d)
UNION ALL
SELECT N'operation_messages', COUNT_BIG(*) FROM internal.operation_messages WHERE operation_id IN (SELECT d.operation_id FROM doomed AS d)
UNION ALL
SELECT N'executable_statistics', COUNT_BIG(*) FROM internal.executable_statistics WHERE execution_id IN (SELECT d.operation_id FROM doomed AS d)
UNION ALL
SELECT N'execution_component_phases', COUNT_BIG(*) FROM internal.execution_component_phases WHERE execution_id IN (SELECT d.operation_id FROM doomed AS d)
UNION ALL
SELECT N'execution_data_statistics', COUNT_BIG(*) FROM internal.execution_data_statistics WHERE execution_id IN (SELECT d.operation_id FROM doomed AS d)
UNION ALL
SELECT N'execution_data_taps', COUNT_BIG(*) FROM internal.execution_data_taps WHERE execution_id IN (SELECT d.operation_id FROM doomed AS d)
UNION ALL
SELECT N'execution_parameter_values', COUNT_BIG(*) FROM internal.execution_parameter_values WHERE execution_id IN (SELECT d.operation_id FROM doomed AS d)
UNION ALL
SELECT N'execution_property_override_values', COUNT_BIG(*) FROM internal.execution_property_override_values WHERE execution_id IN (SELECT d.operation_id FROM doomed AS d)
UNION ALL -- needs: internal.event_message_context_scaleout.operation_id
SELECT N'event_message_context_scaleout', COUNT_BIG(*) FROM internal.event_message_context_scaleout WHERE operation_id IN (SELECT d.operation_id FROM doomed AS d) -- needs: internal.event_message_context_scaleout.operation_id
UNION ALL -- needs: internal.event_messages_scaleout.operation_id
SELECT N'event_messages_scaleout', COUNT_BIG(*) FROM internal.event_messages_scaleout WHERE operation_id IN (SELECT d.operation_id FROM doomed AS d) -- needs: internal.event_messages_scaleout.operation_id
UNION ALL -- needs: internal.operation_messages_scaleout.operation_id
SELECT N'operation_messages_scaleout', COUNT_BIG(*) FROM internal.operation_messages_scaleout WHERE operation_id IN (SELECT d.operation_id FROM doomed AS d) -- needs: internal.operation_messages_scaleout.operation_id
UNION ALL -- needs: internal.execution_parameter_values_noncatalog.execution_id
SELECT N'execution_parameter_values_noncatalog', COUNT_BIG(*) FROM internal.execution_parameter_values_noncatalog WHERE execution_id IN (SELECT d.operation_id FROM doomed AS d) -- needs: internal.execution_parameter_values_noncatalog.execution_id
UNION ALL -- needs: internal.execution_property_override_values_noncatalog.execution_id
SELECT N'execution_property_override_values_noncatalog', COUNT_BIG(*) FROM internal.execution_property_override_values_noncatalog WHERE execution_id IN (SELECT d.operation_id FROM doomed AS d) -- needs: internal.execution_property_override_values_noncatalog.execution_id
UNION ALL -- needs: internal.executions_noncatalog.execution_id
SELECT N'executions_noncatalog', COUNT_BIG(*) FROM internal.executions_noncatalog WHERE execution_id IN (SELECT d.operation_id FROM doomed AS d) -- needs: internal.executions_noncatalog.execution_id
UNION ALL
SELECT N'extended_operation_info', COUNT_BIG(*) FROM internal.extended_operation_info WHERE operation_id IN (SELECT d.operation_id FROM doomed AS d)
UNION ALL
SELECT N'operation_os_sys_info', COUNT_BIG(*) FROM internal.operation_os_sys_info WHERE operation_id IN (SELECT d.operation_id FROM doomed AS d)
UNION ALL
SELECT N'operation_permissions', COUNT_BIG(*) FROM internal.operation_permissions WHERE object_id IN (SELECT d.operation_id FROM doomed AS d)
UNION ALL
SELECT N'validations', COUNT_BIG(*) FROM internal.validations WHERE validation_id IN (SELECT d.operation_id FROM doomed AS d)
UNION ALL
SELECT N'executions', COUNT_BIG(*) FROM internal.executions WHERE execution_id IN (SELECT d.operation_id FROM doomed AS d);
