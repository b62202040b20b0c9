-- Deletes some operations of a range, those that are doomed at this very moment (judged under the
-- lock that the delete takes). What is left of their children goes by cascade: of one that was
-- never started nothing went before, so that it can be started, whole, until it is gone.
-- param: rows bigint
-- param: first_id bigint
-- param: last_id bigint
-- param: cutoff datetimeoffset
-- param: failed_cutoff datetimeoffset
-- param: with_created bit
-- param: lock_timeout int literal
-- set: LOCK_TIMEOUT @lock_timeout
-- set: DEADLOCK_PRIORITY LOW
DELETE TOP (@rows) FROM internal.operations
WHERE
    operation_id BETWEEN @first_id AND @last_id
    AND (status IN (3, 4, 6, 7, 9) OR (status = 1 AND @with_created = 1))
    AND COALESCE(end_time, start_time, created_time)
    <= CASE WHEN status IN (4, 6) THEN @failed_cutoff ELSE @cutoff END
    AND COALESCE(start_time, @cutoff) <= @cutoff
    AND COALESCE(created_time, @cutoff) <= @cutoff;
