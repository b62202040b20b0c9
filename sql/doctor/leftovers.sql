-- What Scale Out left behind: messages of operations that are gone (its tables have no foreign key),
-- and jobs that nobody archived.
-- carried by: internal.operations (operation_id)
-- carried by: internal.operation_messages_scaleout (operation_id)
-- column: first_operation bigint
-- column: messages bigint
-- column: jobs bigint
SELECT
    f.first_operation,
    (
        SELECT COUNT_BIG(*)
        FROM internal.operation_messages_scaleout AS m
        WHERE m.operation_id < f.first_operation
    ) AS messages,
    (
        SELECT COUNT_BIG(*)
        FROM internal.jobs AS j
    ) AS jobs
FROM (
    SELECT MIN(o.operation_id) AS first_operation
    FROM internal.operations AS o
) AS f;
