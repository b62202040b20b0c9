-- Keys and certificates that were made for one execution each, of executions that are gone.
-- carried by: internal.operations (operation_id)
-- param: after_id bigint
-- param: last_id bigint
-- param: row_limit bigint
-- column: execution_id bigint
SELECT TOP (@row_limit) k.execution_id
FROM (
    SELECT TRY_CAST(SUBSTRING(s.name, 16, 20) AS bigint) AS execution_id
    FROM sys.symmetric_keys AS s
    WHERE s.name LIKE N'MS[_]Enckey[_]Exec[_]%'
    UNION ALL
    SELECT TRY_CAST(SUBSTRING(c.name, 14, 20) AS bigint) AS execution_id
    FROM sys.certificates AS c
    WHERE c.name LIKE N'MS[_]Cert[_]Exec[_]%'
) AS k
WHERE
    k.execution_id > @after_id
    AND k.execution_id <= @last_id
    AND NOT EXISTS (
        SELECT o.operation_id
        FROM internal.operations AS o
        WHERE o.operation_id = k.execution_id
    )
GROUP BY k.execution_id
ORDER BY k.execution_id;
