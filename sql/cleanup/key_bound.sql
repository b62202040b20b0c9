-- Up to which id a key without an operation belongs to an execution that is gone: the newest
-- operation from before the cutoff or, without one, whatever came before the oldest.
-- carried by: scan of internal.operations
-- param: cutoff datetimeoffset
-- column: last_id bigint
SELECT
    COALESCE(
        MAX(CASE WHEN o.created_time <= @cutoff THEN o.operation_id END),
        MIN(o.operation_id) - 1
    ) AS last_id
FROM internal.operations AS o;
