-- Operations in the order of their ids, each judged: does it go (by status and age), and if not,
-- why it stays. Names come only when a filter needs them.
-- param: after_id bigint
-- param: row_limit bigint
-- param: cutoff datetimeoffset
-- param: failed_cutoff datetimeoffset
-- param: with_names bit
-- column: operation_id bigint
-- column: operation_type int
-- column: status int
-- column: is_doomed bit
-- column: last_time datetimeoffset
-- column: is_execution bit
-- column: folder_name nvarchar
-- column: project_name nvarchar
-- column: package_name nvarchar
SELECT TOP (@row_limit)
    o.operation_id,
    o.operation_type,
    o.status,
    CASE
        WHEN
            o.status IN (1, 3, 4, 6, 7, 9)
            AND COALESCE(o.end_time, o.start_time, o.created_time)
            <= CASE WHEN o.status IN (4, 6) THEN @failed_cutoff ELSE @cutoff END
            AND COALESCE(o.start_time, @cutoff) <= @cutoff
            AND COALESCE(o.created_time, @cutoff) <= @cutoff
            THEN 1
        ELSE 0
    END AS is_doomed,
    COALESCE(o.end_time, o.start_time, o.created_time) AS last_time,
    CASE WHEN e.execution_id IS NULL THEN 0 ELSE 1 END AS is_execution,
    CASE WHEN @with_names = 1 THEN e.folder_name END AS folder_name,
    CASE WHEN @with_names = 1 THEN e.project_name END AS project_name,
    CASE WHEN @with_names = 1 THEN e.package_name END AS package_name
FROM internal.operations AS o
LEFT JOIN internal.executions AS e ON e.execution_id = o.operation_id
WHERE o.operation_id > @after_id
ORDER BY o.operation_id;
