-- The greatest id of an operation: where a range of ids ends that was asked for without an end.
-- carried by: internal.operations (operation_id)
-- column: newest bigint
SELECT MAX(o.operation_id) AS newest FROM catalog.operations AS o;
