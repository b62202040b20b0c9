-- What the log says of itself: how far back it goes, and how its purges went (operation type 2).
-- column: operations bigint
-- column: oldest datetimeoffset
-- column: newest_purge datetimeoffset
-- column: newest_success datetimeoffset
-- column: newest_status int
SELECT
    COUNT_BIG(*) AS operations,
    MIN(CASE WHEN o.status IN (3, 4, 6, 7, 9) THEN o.end_time END) AS oldest,
    MAX(CASE WHEN o.operation_type = 2 THEN o.created_time END) AS newest_purge,
    MAX(CASE WHEN o.operation_type = 2 AND o.status = 7 THEN o.created_time END) AS newest_success,
    (
        SELECT TOP (1) p.status
        FROM catalog.operations AS p
        WHERE p.operation_type = 2
        ORDER BY p.created_time DESC, p.operation_id DESC
    ) AS newest_status
FROM catalog.operations AS o;
