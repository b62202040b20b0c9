-- The newest of the purges that ship with the catalog, of operations (type 2) and of project versions
-- (documented as type 3, written as 2 without a name). An open one has no end.
-- carried by: scan of internal.operations
-- column: operation_type int
-- column: status int
-- column: has_name bit
-- column: created_time datetimeoffset
-- column: end_time datetimeoffset
SELECT TOP (500)
    o.operation_type,
    o.status,
    CASE WHEN o.object_name IS NULL THEN 0 ELSE 1 END AS has_name,
    o.created_time,
    o.end_time
FROM catalog.operations AS o
WHERE o.operation_type IN (2, 3)
ORDER BY o.created_time DESC, o.operation_id DESC;
