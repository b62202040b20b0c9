-- How much the log holds, and how far back it goes.
-- carried by: scan of internal.operations
-- column: operations bigint
-- column: oldest datetimeoffset
SELECT
    COUNT_BIG(*) AS operations,
    MIN(CASE WHEN o.status IN (3, 4, 6, 7, 9) THEN o.end_time END) AS oldest
FROM catalog.operations AS o;
