-- Deletes some phases of data flow components, of operations of a range that are doomed at this very moment.
-- param: rows bigint
-- param: first_id bigint
-- param: last_id bigint
-- param: cutoff datetimeoffset
-- param: failed_cutoff datetimeoffset
-- param: with_created bit
-- param: lock_timeout int literal
-- set: LOCK_TIMEOUT @lock_timeout
-- set: DEADLOCK_PRIORITY LOW
DELETE TOP (@rows) FROM internal.execution_component_phases
WHERE
    execution_id BETWEEN @first_id AND @last_id
    AND execution_id IN (
        SELECT o.operation_id
        FROM internal.operations AS o
        WHERE
            o.operation_id BETWEEN @first_id AND @last_id
            AND (o.status IN (3, 4, 6, 7, 9) OR (o.status = 1 AND @with_created = 1))
            AND COALESCE(o.end_time, o.start_time, o.created_time)
            <= CASE WHEN o.status IN (4, 6) THEN @failed_cutoff ELSE @cutoff END
            AND COALESCE(o.start_time, @cutoff) <= @cutoff
            AND COALESCE(o.created_time, @cutoff) <= @cutoff
    );
