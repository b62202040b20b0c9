-- Keys that were made for one execution each, and those of them whose execution is gone.
-- carried by: internal.operations (operation_id)
-- column: key_count bigint
-- column: orphans bigint
-- column: first_orphan bigint
-- column: last_orphan bigint
SELECT
    COUNT_BIG(*) AS key_count,
    SUM(CAST(k.is_orphan AS bigint)) AS orphans,
    MIN(CASE WHEN k.is_orphan = 1 THEN k.execution_id END) AS first_orphan,
    MAX(CASE WHEN k.is_orphan = 1 THEN k.execution_id END) AS last_orphan
FROM (
    SELECT
        n.execution_id,
        CASE
            WHEN EXISTS (
                SELECT o.operation_id
                FROM catalog.operations AS o
                WHERE o.operation_id = n.execution_id
            ) THEN 0
            ELSE 1
        END AS is_orphan
    FROM (
        SELECT TRY_CAST(SUBSTRING(s.name, 16, 20) AS bigint) AS execution_id
        FROM sys.symmetric_keys AS s
        WHERE s.name LIKE N'MS[_]Enckey[_]Exec[_]%'
    ) AS n
    WHERE n.execution_id IS NOT NULL
) AS k;
